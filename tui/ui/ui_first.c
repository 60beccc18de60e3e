/*
 * What the first run asks of the world (screen_first.c asks the person): Flink's own configuration, read on the
 * pool, then each address for its version and its jobs. When the file is written the console begins anew with it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/net/http.h"
#include "tui/ui/first_config.h"
#include "tui/ui/first_find.h"
#include "tui/ui/ui_private.h"

#define ANSWER_BYTES ((size_t)256 << 10)
#define ANSWER_MS 4000
#define TRIED_MAX 2

static const char *const near_address = "http://localhost:8081";

struct trying {
	struct ui_first *first;
	char *address, *version;
	int64_t jobs;
	struct http_transfer *transfer;
	struct err err;
};

struct ui_first {
	struct ui *ui;
	bool is_finding; /* else one address was typed */
	bool is_asked;
	struct trying tried[TRIED_MAX];
	size_t count, left;
};

static void first_free(struct ui_first *first)
{
	if (!first)
		return;
	for (size_t i = 0; i < first->count; i++) {
		http_cancel(first->tried[i].transfer);
		free(first->tried[i].address);
		free(first->tried[i].version);
	}
	free(first);
}

void ui_first_cancel(void *data)
{
	struct ui *ui = data;
	struct ui_first *first = ui->first;

	ui->first = NULL;
	first_free(first);
}

/* ---- asking ---- */

static void tell(struct ui_first *first)
{
	struct screen_tried tried[TRIED_MAX];
	struct ui *ui = first->ui;

	for (size_t i = 0; i < first->count; i++)
		tried[i] = (struct screen_tried){
			.address = first->tried[i].address,
			.version = first->tried[i].version,
			.jobs = first->tried[i].jobs,
			.err = first->tried[i].err.code ? &first->tried[i].err : NULL,
		};
	ui->first = NULL;
	if (first->is_finding)
		screen_first_found(ui->screen, tried, first->count);
	else
		screen_first_tried(ui->screen, &tried[0]);
	first_free(first);
	ui_wake(ui);
}

static void on_overview(void *data, const struct http_response *res, const struct err *err)
{
	struct trying *trying = data;
	struct ui_first *first = trying->first;
	json_t *root;

	trying->transfer = NULL;
	if (err) {
		trying->err = *err;
	} else if (!http_status_error(res, &trying->err)) {
		root = doc_parse_json(buf_str(res->body), res->body->len, "overview", NULL);
		trying->version =
			xstrdup_null(json_string_value(json_object_get(root, "flink-version")));
		trying->jobs = json_integer_value(json_object_get(root, "jobs-running"));
		json_decref(root);
		if (!trying->version)
			err_set(&trying->err, E_PROTO,
				_("%s: what answers there is no JobManager (rest.port, 8081 by "
				  "default)"),
				trying->address);
	}
	if (--first->left == 0)
		tell(first);
}

static void ask(struct ui_first *first)
{
	first->is_asked = true;
	first->left = first->count;
	for (size_t i = 0; i < first->count; i++) {
		struct trying *trying = &first->tried[i];
		char *url = xasprintf("%s/overview", trying->address);

		trying->first = first;
		trying->transfer = http_start(first->ui->session->http,
			&(struct http_request){.url = url,
				.cap_bytes = ANSWER_BYTES,
				.timeout_ms = ANSWER_MS,
				.is_rare = true},
			on_overview, trying);
		free(url);
	}
}

static struct ui_first *begin(struct ui *ui, bool is_finding)
{
	struct ui_first *first = xcalloc(1, sizeof(*first));

	ui_first_cancel(ui);
	first->ui = ui;
	first->is_finding = is_finding;
	ui->first = first;
	return first;
}

static void add(struct ui_first *first, const char *address)
{
	for (size_t i = 0; i < first->count; i++)
		if (str_eq(first->tried[i].address, address))
			return;
	first->tried[first->count++].address = xstrdup(address);
}

void ui_first_try(void *data, const char *address)
{
	struct ui_first *first = begin(data, false);

	add(first, address);
	ask(first);
}

/* ---- finding ---- */

struct finding_job {
	struct ui *ui;
	struct ui_first *first; /* that wants it: another one, or none, when it was given up */
	char *address;
};

static void find_run(void *data)
{
	struct finding_job *job = data;

	job->address = first_find();
}

static void find_done(void *data)
{
	struct finding_job *job = data;

	if (job->ui->screen && job->ui->first == job->first && !job->first->is_asked) {
		if (job->address && !config_rest_problem(job->address))
			add(job->first, job->address);
		add(job->first, near_address);
		ask(job->first);
	}
	free(job->address);
	free(job);
}

void ui_first_find(void *data)
{
	struct ui *ui = data;
	struct finding_job *job = xcalloc(1, sizeof(*job));

	job->ui = ui;
	job->first = begin(ui, true);
	work_start(ui->session->loop, find_run, find_done, job);
}

/* ---- the file ---- */

static void on_written(void *data, const char *path, const struct err *err)
{
	struct ui *ui = data;

	(void)path;
	if (!ui->screen)
		return;
	if (err) {
		screen_toast(ui->screen, STYLE_ERROR, err->text);
		ui_wake(ui);
		return;
	}
	ui->is_again = true;
	ui_stop(ui, 0);
}

void ui_first_write(void *data, const char *address)
{
	struct ui *ui = data;
	struct config *config = config_from_rest(&address, 1);

	first_config_write(ui->session->loop, ui->config_path, config, on_written, ui);
	config_free(config);
}
