/*
 * address 1 → GET /config → (address 2 …) → forward → browser. The question goes the way that the
 * relayed connections will go, through the same SOCKS end.
 */
#include "core/cli/open_ui.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/command_log.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/access.h"
#include "core/loop/proc.h"
#include "core/net/http.h"

#define CONFIG_BYTES ((size_t)256 << 10)
#define ANSWER_MS 10000
#define BROWSER_MS 10000
#define WORDS_MAX 8
#define LOCAL_PORT 8081 /* what a forward's ssh line names */

/* In the background and a session of its own, so that it outlives weir. 127: no such program. */
#define BROWSER_SCRIPT                                                                             \
	"command -v \"$1\" >/dev/null 2>&1 || exit 127; "                                          \
	"if command -v setsid >/dev/null 2>&1; then set -- setsid \"$@\"; fi; "                    \
	"\"$@\" </dev/null >/dev/null 2>&1 &"

struct open_ui {
	struct session *session;
	struct session_context *context;
	const struct cluster_config *cluster;
	char *job_id, *url, *browsers, *browsers_left, *problem;
	bool has_ended, only_url;
	size_t address;
	struct http_transfer *transfer;
	struct proc *proc;
	struct loop_timer *timer; /* what could not even be begun is told from here */
	struct forward *forward;
	uint64_t log_number;
	struct err err;
	open_ui_fn done;
	void *data;
};

bool open_ui_is_remote(void)
{
	return !str_empty(getenv("SSH_CONNECTION")) || !str_empty(getenv("SSH_TTY"));
}

/* The same routes in Flink 1.16 to 2.2. */
char *open_ui_url(const char *base, const char *job_id, bool has_ended)
{
	if (!job_id)
		return xasprintf("%s/#/overview", base);
	return xasprintf(
		"%s/#/job/%s/%s/overview", base, has_ended ? "completed" : "running", job_id);
}

static void open_free(struct open_ui *open)
{
	http_cancel(open->transfer);
	proc_cancel(open->proc);
	loop_timer_cancel(open->timer);
	loop_unhold(open->session->loop);
	free(open->job_id);
	free(open->url);
	free(open->browsers);
	free(open->problem);
	free(open);
}

void open_ui_cancel(struct open_ui *open)
{
	if (open)
		open_free(open);
}

static void finish(struct open_ui *open, bool was_opened)
{
	struct open_ui_result result = {.url = open->url,
		.forward = open->forward,
		.command = open->forward ? forward_info(open->forward)->command : NULL,
		.was_opened = was_opened,
		.problem = was_opened ? NULL : open->problem};

	open->done(open->data, &result, open->err.code ? &open->err : NULL);
	open_free(open);
}

static void on_timer(void *data)
{
	finish(data, false);
}

/* From where done may not be called at once. */
static void finish_soon(struct open_ui *open)
{
	open->timer = loop_timer(open->session->loop, 0, 0, on_timer, open);
}

/* ---- a browser ---- */

static void next_browser(struct open_ui *open);

static void on_browser(void *data, const struct proc_result *result, const struct err *err)
{
	struct open_ui *open = data;

	open->proc = NULL;
	command_log_end(open->session->log, open->log_number,
		&(struct command_end){.status = err ? -1 : result->exit_status, .bytes = -1}, err);
	if (!err && result->exit_status == 0)
		finish(open, true);
	else
		next_browser(open);
}

/* The words of one entry of $BROWSER; "%s" stands for the URL, else it comes last. */
static void start_browser(struct open_ui *open, char *entry)
{
	const char *argv[4 + WORDS_MAX + 2] = {"sh", "-c", BROWSER_SCRIPT, "sh"};
	size_t count = 4;
	bool has_url = false;
	char *shown;

	for (char *word; count < 4 + WORDS_MAX && (word = strsep(&entry, " "));) {
		if (!*word)
			continue;
		has_url |= str_eq(word, "%s");
		argv[count++] = str_eq(word, "%s") ? open->url : word;
	}
	if (!has_url)
		argv[count++] = open->url;
	shown = xasprintf("%s %s", argv[4], open->url);
	open->log_number = command_log_begin(open->session->log, COMMAND_PROGRAM, "local", shown);
	free(shown);
	open->proc = proc_start(open->session->loop,
		&(struct proc_options){.argv = argv, .timeout_ms = BROWSER_MS}, on_browser, open);
}

static void next_browser(struct open_ui *open)
{
	char *entry;

	while ((entry = strsep(&open->browsers_left, ":"))) {
		if (!entry[strspn(entry, " ")])
			continue;
		free(open->problem);
		open->problem = xasprintf(_("no program %s"), entry);
		start_browser(open, entry);
		return;
	}
	finish(open, false);
}

/* $BROWSER says more than what a desktop has; without a screen nobody would see one. */
static void find_browser(struct open_ui *open)
{
	const char *named = getenv("BROWSER");
	bool has_screen = !str_empty(getenv("DISPLAY")) || !str_empty(getenv("WAYLAND_DISPLAY"));

	if (open->only_url || open_ui_is_remote())
		named = "";
	else if (str_empty(named))
		named = has_screen ? "xdg-open:open" : "";
	open->browsers = xstrdup(named);
	open->browsers_left = open->browsers;
	next_browser(open);
}

/* ---- the address ---- */

static void ask(struct open_ui *open);

/* The base as the browser is to see it. */
static char *base_through(const struct open_ui *open, const char *base)
{
	const char *authority = strstr(base, "://") + 3, *path = strchr(authority, '/');
	int port = forward_info(open->forward)->port;

	return xasprintf("%.*s%s:%d%s", (int)(authority - base), base,
		port ? "127.0.0.1" : "localhost", port ? port : LOCAL_PORT, path ? path : "");
}

static void way_found(struct open_ui *open, const char *base)
{
	char *seen;

	if (!open->cluster->via) {
		open->url = open_ui_url(base, open->job_id, open->has_ended);
		find_browser(open);
		return;
	}
	open->forward = forward_open(
		open->session->forwards, open->context->ssh, open->cluster->via, base, &open->err);
	if (!open->forward) {
		finish(open, false);
		return;
	}
	seen = base_through(open, base);
	open->url = open_ui_url(seen, open->job_id, open->has_ended);
	free(seen);
	find_browser(open);
}

static const char *base_of(const struct open_ui *open)
{
	return json_string_value(json_array_get(open->cluster->rest, open->address));
}

static bool is_jobmanager(const struct http_response *res)
{
	json_t *tree = json_loadb(buf_str(res->body), res->body->len, 0, NULL);
	bool is_one = json_is_string(json_object_get(tree, "flink-version"));

	json_decref(tree);
	return is_one;
}

static void on_config(void *data, const struct http_response *res, const struct err *err)
{
	struct open_ui *open = data;

	open->transfer = NULL;
	if (err) {
		open->err = *err;
	} else if (http_status_error(res, &open->err) == 0) {
		if (is_jobmanager(res)) {
			open->err.code = E_OK;
			way_found(open, base_of(open));
			return;
		}
		err_set(&open->err, E_PROTO, _("%s: what answers there is no JobManager"),
			base_of(open));
	}
	if (++open->address < json_array_size(open->cluster->rest))
		ask(open);
	else
		finish(open, false);
}

static void ask(struct open_ui *open)
{
	char *url = xasprintf("%s/config", base_of(open));
	struct http_access *access = access_of(open->context->accesses, open->cluster, &open->err);

	if (!access)
		finish_soon(open);
	else
		open->transfer = http_start(open->session->http,
			&(struct http_request){.url = url,
				.where = open->cluster->name,
				.access = access,
				.cap_bytes = CONFIG_BYTES,
				.timeout_ms = ANSWER_MS},
			on_config, open);
	free(url);
}

struct open_ui *open_ui_start(
	struct session *session, const struct open_ui_request *request, open_ui_fn done, void *data)
{
	struct open_ui *open = xcalloc(1, sizeof(*open));

	open->session = session;
	open->job_id = xstrdup_null(request->job_id);
	open->has_ended = request->has_ended;
	open->only_url = request->only_url;
	open->done = done;
	open->data = data;
	loop_hold(session->loop);
	for (size_t i = 0; i < session->context_count; i++)
		if (str_eq(session->contexts[i].config->name, request->context))
			open->context = &session->contexts[i];
	for (size_t i = 0; open->context && i < open->context->config->cluster_count; i++)
		if (str_eq(open->context->config->clusters[i].name, request->cluster))
			open->cluster = &open->context->config->clusters[i];
	if (open->cluster) {
		ask(open);
	} else {
		err_set(&open->err, E_NOTFOUND, _("no cluster \"%s\" in the configuration"),
			request->cluster ? request->cluster : "");
		finish_soon(open);
	}
	return open;
}
