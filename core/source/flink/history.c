/*
 * One poll is one job: a file read as a whole by a command (the same here and on a host), or some
 * requests to a HistoryServer, one after the other, after its /config has said what it is. What came
 * is read on the pool. A poll that is `away` there, or on its way through the loop, is only marked
 * when it is canceled, and freed when it is back.
 */
#include "core/source/flink/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/source/flink/archive.h"
#include "core/source/flink/parse.h"

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
	struct source_poll *polls;
};

struct source_poll {
	struct history *history; /* NULL once canceled */
	struct source_poll *prev, *next;
	source_done_fn done;
	void *data;
	struct snapshot *snap;
	int64_t timeout_ms;
	struct http_transfer *transfer;
	struct ssh_op *op;
	struct flink_answer answers[FLINK_QUESTION_MAX];
	size_t count, at;
	struct buf file;
	struct err err;
	bool is_away;
};

/* ---- the end of a poll ---- */

static void poll_unlink(struct source_poll *poll)
{
	struct history *history = poll->history;

	if (!history)
		return;
	if (poll->prev)
		poll->prev->next = poll->next;
	else
		history->polls = poll->next;
	if (poll->next)
		poll->next->prev = poll->prev;
	poll->history = NULL;
}

static void poll_free(struct source_poll *poll)
{
	http_cancel(poll->transfer);
	ssh_cancel(poll->op);
	for (size_t i = 0; i < poll->count; i++) {
		free(poll->answers[i].what);
		free(poll->answers[i].body);
	}
	buf_release(&poll->file);
	snapshot_unref(poll->snap);
	free(poll);
}

static void poll_finish(struct source_poll *poll)
{
	struct snapshot *from = poll->snap, *snap = snapshot_ref(from);
	source_done_fn done = poll->done;
	void *data = poll->data;

	if (poll->err.code) { /* nothing of what was half read */
		snapshot_unref(snap);
		snap = snapshot_new(from->kind, from->context, from->source, from->key);
		snap->asked_ms = from->asked_ms;
		snap->err = poll->err;
	}
	snap->observed_ms = clock_wall_ms();
	poll_unlink(poll);
	poll_free(poll); /* before `done`, which may close the source */
	done(data, snap);
}

static void poll_back(void *data)
{
	struct source_poll *poll = data;

	poll->is_away = false;
	if (poll->history)
		poll_finish(poll);
	else
		poll_free(poll);
}

static void poll_read(void *data)
{
	struct source_poll *poll = data;

	if (poll->file.len)
		flink_archive_read(buf_str(&poll->file), poll->file.len, poll->answers[0].what,
			poll->snap->key, poll->answers, poll->count, &poll->err);
	if (!poll->err.code)
		flink_fill(poll->snap, poll->answers, poll->count, &poll->err);
}

static void all_told(struct source_poll *poll)
{
	poll->snap->cluster.address = arena_strdup(poll->snap->arena, poll->history->place);
	poll->is_away = true;
	work_start(poll->history->loop, poll_read, poll_back, poll);
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
		poll->err = *err;
	else if (!http_status_error(res, &poll->err))
		check_server(poll->answers[0].what, res, &poll->err);
	poll->history->is_known = !poll->err.code;
	if (poll->err.code)
		poll_finish(poll);
	else
		ask_next(poll);
}

static void on_answer(void *data, const struct http_response *res, const struct err *err)
{
	struct source_poll *poll = data;
	struct flink_answer *answer = &poll->answers[poll->at];

	poll->transfer = NULL;
	if (err) {
		poll->err = *err;
	} else if (res->status >= 300) {
		http_status_error(res, &poll->err);
		/* A part that was never archived. */
		if (poll->err.code == E_NOTFOUND && flink_question_is_optional(answer->question))
			poll->err = (struct err){0};
	} else {
		answer->len = res->body->len;
		answer->body = buf_detach(res->body);
	}
	poll->at++;
	if (poll->err.code)
		poll_finish(poll);
	else if (poll->at == poll->count)
		all_told(poll);
	else
		ask_next(poll);
}

static void ask_next(struct source_poll *poll)
{
	const struct history *history = poll->history;
	char *path = history->is_known
		? flink_history_path(poll->answers[poll->at].question, poll->snap->key)
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
		poll->err = *err;
		poll_finish(poll);
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
		err_set(&poll->err, E_NOTFOUND, _("job archive %s: no job %s"), place,
			poll->snap->key);
	else if (result->exit_status == NO_FOLDER)
		err_set(&poll->err, E_CONFIG, _("job archive %s: cannot look into it: %s"), place,
			masked);
	else if (result->exit_status)
		err_set(&poll->err, E_DENIED, _("job archive %s: cannot read job %s: %s"), place,
			poll->snap->key, masked);
	else if (result->is_cut)
		err_set(&poll->err, E_PROTO,
			_("job archive %s: the file of job %s is larger than %zu MiB"), place,
			poll->snap->key, ARCHIVE_BYTES_MAX >> 20);
	else if (!result->out->len)
		err_set(&poll->err, E_NOTFOUND,
			_("job archive %s: the file of job %s is empty yet"), place,
			poll->snap->key);
	free(masked);
	free(line);
}

static void on_file(void *data, const struct ssh_result *result, const struct err *err)
{
	struct source_poll *poll = data;

	poll->op = NULL;
	if (err)
		poll->err = *err;
	else
		judge_file(poll, result);
	if (poll->err.code) {
		poll_finish(poll);
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
		poll->answers[i].what = xasprintf("%s/%s", history->place, poll->snap->key);
	buf_init(&command, 0);
	buf_adds(&command, "cd -- ");
	sh_quote(&command, history->dir);
	buf_addf(&command, " || exit %d; [ -e %s ] || exit %d; exec cat -- %s", NO_FOLDER,
		poll->snap->key, NO_FILE, poll->snap->key);
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
	int rc = poll_check(history, ask, job_id, &poll->err);

	poll->history = history;
	poll->done = done;
	poll->data = data;
	poll->next = history->polls;
	if (poll->next)
		poll->next->prev = poll;
	history->polls = poll;
	buf_init(&poll->file, 0);
	poll->timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : TIMEOUT_MS;
	poll->snap = snapshot_new(ask->what, base->context, base->name, rc ? ask->job_id : job_id);
	poll->snap->asked_ms = clock_wall_ms();
	poll->count = flink_history_questions(list);
	for (size_t i = 0; i < poll->count; i++)
		poll->answers[i].question = list[i];
	if (rc) { /* on the next turn */
		poll->is_away = true;
		loop_defer(history->loop, poll_back, poll);
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
	poll_unlink(poll);
	if (!poll->is_away)
		poll_free(poll);
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

	for (struct source_poll *poll = history->polls, *next; poll; poll = next) {
		next = poll->next;
		history_cancel(poll);
	}
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
