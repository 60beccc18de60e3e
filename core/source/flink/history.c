/*
 * One poll is one job: a file read as a whole by a command (the same here and on a host), or some
 * requests to a HistoryServer, one after the other, after its /config has said what it is. What came
 * is read on the pool.
 */
#include "core/source/flink/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/source/flink/archive.h"
#include "core/source/flink/parse.h"
#include "core/source/flink/poll_life.h"

#define TIMEOUT_MS 10000
#define ARCHIVE_BYTES_MAX ((size_t)32 << 20)
/* Exit codes of the command that reads a file. */
#define NO_FOLDER 43
#define NO_FILE 44

struct history {
	struct source base;
	struct loop *loop;
	struct http *http;
	struct ssh *ssh;
	char *dir, *host, *server, *via, *unsupported;
	char *place; /* for people: "gw1:/data/archive", or the URL */
	struct http_access *access;
	bool is_known; /* it has said that it is a HistoryServer */
	struct poll_life *polls;
};

struct source_poll {
	struct poll_life life;
	struct history *history;
	int64_t timeout_ms;
	struct http_transfer *transfer;
	struct ssh_op *op;
	struct flink_answer answers[FLINK_QUESTION_MAX];
	size_t count, at;
	struct buf file;
};

/* ---- the end of a poll ---- */

static void poll_release(struct poll_life *life)
{
	struct source_poll *poll = (struct source_poll *)life;

	http_cancel(poll->transfer);
	ssh_cancel(poll->op);
	for (size_t i = 0; i < poll->count; i++) {
		free(poll->answers[i].what);
		free(poll->answers[i].body);
	}
	buf_release(&poll->file);
	free(poll);
}

static void poll_read(void *data)
{
	struct source_poll *poll = data;

	if (poll->file.len)
		flink_archive_read(buf_str(&poll->file), poll->file.len, poll->answers[0].what,
			poll->life.snap->key, poll->answers, poll->count, &poll->life.err);
	if (!poll->life.err.code)
		flink_fill(poll->life.snap, poll->answers, poll->count, &poll->life.err);
}

static void all_told(struct source_poll *poll)
{
	poll->life.snap->cluster.address =
		arena_strdup(poll->life.snap->arena, poll->history->place);
	poll_end_after_work(&poll->life, poll_read);
}

/* ---- a HistoryServer ---- */

static void ask_next(struct source_poll *poll);

static int check_server(const char *what, const struct http_response *res, struct err *err)
{
	json_t *root = doc_parse_json(buf_str(res->body), res->body->len, what, err);
	const json_t *features = json_object_get(root, "features");
	int rc = root ? 0 : E_PROTO;

	/* A JobManager would answer as well, and forget as ever. */
	if (root && !json_is_true(json_object_get(features, "web-history")))
		rc = err_set(err, E_PROTO, _("%s: this is no HistoryServer"), what);
	json_decref(root);
	return rc;
}

static void on_config(void *data, const struct http_response *res, const struct err *err)
{
	struct source_poll *poll = data;

	poll->transfer = NULL;
	if (err)
		poll->life.err = *err;
	else if (!http_status_error(res, &poll->life.err))
		check_server(poll->answers[0].what, res, &poll->life.err);
	poll->history->is_known = !poll->life.err.code;
	if (poll->life.err.code)
		poll_end(&poll->life);
	else
		ask_next(poll);
}

static void on_answer(void *data, const struct http_response *res, const struct err *err)
{
	struct source_poll *poll = data;
	struct flink_answer *answer = &poll->answers[poll->at];

	poll->transfer = NULL;
	if (err) {
		poll->life.err = *err;
	} else if (res->status >= 300) {
		http_status_error(res, &poll->life.err);
		/* A part that was never archived. */
		if (poll->life.err.code == E_NOTFOUND &&
			flink_question_is_optional(answer->question))
			poll->life.err = (struct err){0};
	} else {
		answer->len = res->body->len;
		answer->body = buf_detach(res->body);
	}
	poll->at++;
	if (poll->life.err.code)
		poll_end(&poll->life);
	else if (poll->at == poll->count)
		all_told(poll);
	else
		ask_next(poll);
}

static void ask_next(struct source_poll *poll)
{
	const struct history *history = poll->history;
	char *path = history->is_known
		? flink_history_path(poll->answers[poll->at].question, poll->life.snap->key)
		: xstrdup("/config");
	char *url = xasprintf("%s%s", history->server, path), *shown = http_url_display(url);

	free(poll->answers[poll->at].what);
	poll->answers[poll->at].what = xasprintf("GET %s", shown);
	poll->transfer = http_start(history->http,
		&(struct http_request){
			.where = history->base.name,
			.url = url,
			.timeout_ms = poll->timeout_ms,
			.access = history->access,
		},
		history->is_known ? on_answer : on_config, poll);
	free(shown);
	free(url);
	free(path);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct source_poll *poll = data;

	(void)result;
	poll->op = NULL;
	if (err) {
		poll->life.err = *err;
		poll_end(&poll->life);
	} else {
		ask_next(poll);
	}
}

/* ---- a folder ---- */

static void judge_file(struct source_poll *poll, const struct ssh_result *result)
{
	const char *place = poll->history->place, *said = buf_str(result->err);
	char *line = xstrndup(said, strcspn(said, "\r\n")), *masked = redact_dup(line);

	if (result->exit_status == NO_FILE)
		err_set(&poll->life.err, E_NOTFOUND, _("job archive %s: no job %s"), place,
			poll->life.snap->key);
	else if (result->exit_status == NO_FOLDER)
		err_set(&poll->life.err, E_CONFIG, _("job archive %s: cannot look into it: %s"),
			place, masked);
	else if (result->exit_status)
		err_set(&poll->life.err, E_DENIED, _("job archive %s: cannot read job %s: %s"),
			place, poll->life.snap->key, masked);
	else if (result->is_cut)
		err_set(&poll->life.err, E_PROTO,
			_("job archive %s: the file of job %s is larger than %zu MiB"), place,
			poll->life.snap->key, ARCHIVE_BYTES_MAX >> 20);
	else if (!result->out->len)
		err_set(&poll->life.err, E_NOTFOUND,
			_("job archive %s: the file of job %s is empty yet"), place,
			poll->life.snap->key);
	free(masked);
	free(line);
}

static void on_file(void *data, const struct ssh_result *result, const struct err *err)
{
	struct source_poll *poll = data;

	poll->op = NULL;
	if (err)
		poll->life.err = *err;
	else
		judge_file(poll, result);
	if (poll->life.err.code) {
		poll_end(&poll->life);
		return;
	}
	poll->file.len = result->out->len;
	poll->file.data = buf_detach(result->out);
	all_told(poll);
}

static void read_file(struct source_poll *poll)
{
	const struct history *history = poll->history;
	struct buf command;

	for (size_t i = 0; i < poll->count; i++)
		poll->answers[i].what = xasprintf("%s/%s", history->place, poll->life.snap->key);
	buf_init(&command, 0);
	buf_adds(&command, "cd -- ");
	sh_quote(&command, history->dir);
	buf_addf(&command, " || exit %d; [ -e %s ] || exit %d; exec cat -- %s", NO_FOLDER,
		poll->life.snap->key, NO_FILE, poll->life.snap->key);
	poll->op = ssh_exec(history->ssh,
		&(struct ssh_exec_options){
			.host = history->host,
			.command = buf_str(&command),
			.cap_bytes = ARCHIVE_BYTES_MAX,
			.timeout_ms = poll->timeout_ms,
		},
		on_file, poll);
	buf_release(&command);
}

/* ---- the source ---- */

static int poll_check(
	const struct history *history, const struct poll *ask, char *job_id, struct err *err)
{
	if (history->unsupported)
		return err_set(err, E_UNSUPPORTED, "%s", history->unsupported);
	if (ask->what != SNAPSHOT_ENDED)
		return err_set(err, E_UNSUPPORTED,
			_("%s: only jobs that have ended are known there"), history->place);
	if (!flink_job_id(ask->job_id, job_id))
		return err_set(err, E_ARG, _("not a Flink job id: '%.64s'"),
			ask->job_id ? ask->job_id : "");
	return 0;
}

static struct source_poll *history_poll(
	struct source *base, const struct poll *ask, source_done_fn done, void *data)
{
	struct history *history = (struct history *)base;
	struct source_poll *poll = xcalloc(1, sizeof(*poll));
	enum flink_question list[FLINK_QUESTION_MAX];
	char job_id[JOB_ID_LEN + 1] = "";
	int rc = poll_check(history, ask, job_id, &poll->life.err);

	poll->history = history;
	poll_begin(&poll->life,
		&(struct poll_start){
			.list = &history->polls,
			.loop = history->loop,
			.source = base,
			.ask = ask,
			.key = rc ? ask->job_id : job_id,
			.done = done,
			.data = data,
			.release = poll_release,
		});
	buf_init(&poll->file, 0);
	poll->timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : TIMEOUT_MS;
	poll->count = flink_history_questions(list);
	for (size_t i = 0; i < poll->count; i++)
		poll->answers[i].question = list[i];
	if (rc) {
		poll_end_soon(&poll->life);
	} else if (history->dir) {
		read_file(poll);
	} else if (history->via && !ssh_is_up(history->ssh, history->via)) {
		poll->op = ssh_connect(history->ssh, history->via, on_connected, poll);
	} else {
		ask_next(poll);
	}
	return poll;
}

static void history_cancel(struct source_poll *poll)
{
	poll_drop(&poll->life);
}

static int history_cost(const struct source *base, const struct poll *ask)
{
	enum flink_question list[FLINK_QUESTION_MAX];

	(void)ask;
	return ((const struct history *)base)->server ? (int)flink_history_questions(list) : 1;
}

static void history_close(struct source *base)
{
	struct history *history = (struct history *)base;

	polls_drop(&history->polls);
	free(history->dir);
	free(history->host);
	free(history->server);
	free(history->via);
	free(history->unsupported);
	free(history->place);
	free(base->context);
	free(base->name);
	free(history);
}

static const struct source_ops history_ops = {
	.kind = "history",
	.poll = history_poll,
	.cancel = history_cancel,
	.close = history_close,
	.cost = history_cost,
};

struct source *flink_history_new(const struct flink_history_options *options)
{
	struct history *history = xcalloc(1, sizeof(*history));

	history->base.ops = &history_ops;
	history->base.context = xstrdup(options->context);
	history->base.name = xstrdup(options->cluster);
	history->loop = options->loop;
	history->http = options->http;
	history->ssh = options->ssh;
	history->dir = xstrdup_null(options->dir);
	history->host = xstrdup_null(options->host);
	history->server = xstrdup_null(options->server);
	history->via = xstrdup_null(options->via);
	history->access = options->access;
	history->unsupported = xstrdup_null(options->unsupported);
	if (options->server)
		history->place = http_url_display(options->server);
	else if (options->host)
		history->place = xasprintf("%s:%s", options->host, options->dir);
	else
		history->place = xstrdup(options->dir);
	return &history->base;
}
