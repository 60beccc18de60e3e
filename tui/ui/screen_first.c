/*
 * The first run, in three questions at most: where is a JobManager (with what was found as the answer), does
 * it answer (else the question again, with why not), and may the file be written. Esc ends it anywhere, and
 * nothing is lost: :write-config begins it again.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/config.h"
#include "core/net/http.h"
#include "tui/ui/screen_private.h"

static void give_up(struct screen *screen)
{
	if (screen->backend.first_cancel)
		screen->backend.first_cancel(screen->backend.data);
	screen_toast(screen, STYLE_DIM, _("nothing was written; :write-config asks again"));
}

/* "jm1" and "jm1:8081" are what a person types. malloc'd. */
static char *whole_url(const char *typed)
{
	size_t len = strlen(typed);
	bool has_scheme = strstr(typed, "://") != NULL;
	const char *host = has_scheme ? strstr(typed, "://") + 3 : typed;
	bool has_port = strchr(host, ':') || str_starts(typed, "https:");

	while (len && (typed[len - 1] == '/' || typed[len - 1] == ' '))
		len--;
	return xasprintf(
		"%s%.*s%s", has_scheme ? "" : "http://", (int)len, typed, has_port ? "" : ":8081");
}

static void add_tried(struct buf *out, const struct screen_tried *tried)
{
	if (tried->err)
		buf_adds(out, tried->err->text);
	else
		buf_addf(out, _("%s: Flink %s, running jobs: %lld"), tried->address, tried->version,
			(long long)tried->jobs);
}

/* ---- the address ---- */

static void on_address(void *data, const char *answer)
{
	struct screen *screen = data;
	const char *problem;
	char *url, *text;

	if (!answer) {
		give_up(screen);
		return;
	}
	url = whole_url(answer);
	problem = config_rest_problem(url);
	if (problem) {
		struct err err;
		text = http_url_display(url);
		err_set(&err, E_ARG, "%s: %s", text, problem);
		free(text);
		screen_first_tried(screen, &(struct screen_tried){.address = url, .err = &err});
	} else {
		text = xasprintf(_("asking %s …"), url);
		screen_pending(screen, text, give_up);
		free(text);
		screen->backend.first_try(screen->backend.data, url);
	}
	free(url);
}

static void ask_address(
	struct screen *screen, const char *text, const char *body, const char *warnings)
{
	screen_ask(screen,
		&(struct screen_question){
			.kind = SCREEN_ASK_TEXT,
			.title = _("Where is a JobManager?"),
			.body = body,
			.warnings = warnings,
			.text = text,
			.needs_text = true,
			.done = on_address,
			.data = screen,
		});
}

void screen_first_begin(struct screen *screen)
{
	const struct screen_backend *backend = &screen->backend;

	if (!backend->unconfigured_path || !backend->first_find) {
		screen_toast(screen, STYLE_INFO, _("there is a configuration already"));
		return;
	}
	screen_pending(screen, _("looking for a JobManager …"), give_up);
	backend->first_find(backend->data);
}

void screen_first_found(struct screen *screen, const struct screen_tried *tried, size_t count)
{
	const char *text = count ? tried[0].address : "";
	bool any = false;
	struct buf body;

	screen_pending_end(screen);
	buf_init(&body, 0);
	buf_adds(&body, _("Its REST address, e.g. jm1 or https://jm1.example:8443; asked now:"));
	for (size_t i = 0; i < count; i++) {
		buf_adds(&body, "\n  ");
		add_tried(&body, &tried[i]);
		if (!tried[i].err && !any)
			text = tried[i].address;
		any |= !tried[i].err;
	}
	ask_address(screen, text, buf_str(&body), NULL);
	buf_release(&body);
}

/* ---- and the file ---- */

static void on_yes(void *data, const char *answer)
{
	struct screen *screen = data;

	if (answer)
		screen->backend.write_config(screen->backend.data, screen->first_address);
	else
		give_up(screen);
}

void screen_first_tried(struct screen *screen, const struct screen_tried *tried)
{
	struct buf body;

	screen_pending_end(screen);
	if (tried->err) {
		ask_address(screen, tried->address,
			_("Its REST address, e.g. jm1 or https://jm1.example:8443"),
			tried->err->text);
		return;
	}
	free(screen->first_address);
	screen->first_address = xstrdup(tried->address);
	buf_init(&body, 0);
	add_tried(&body, tried);
	buf_addf(&body, _("\nto be written, readable by you only: %s"),
		screen->backend.unconfigured_path);
	screen_ask(screen,
		&(struct screen_question){
			.kind = SCREEN_ASK_CONFIRM,
			.title = _("Keep it as the configuration?"),
			.body = buf_str(&body),
			.done = on_yes,
			.data = screen,
		});
	buf_release(&body);
}
