/*
 * A poll is up to six requests to one address, and one snapshot at the end:
 *
 *	asked ──all answered──▶ read (at once, or on the pool when large) ──▶ done
 *	  │  └─a needed one refused, or no sense in it───────────────────────▶ done (err)
 *	  └─nobody there, or nobody leads──▶ asked (next address) … none left ▶ done (err)
 *
 * They are sent one after the other over one connection while each is answered at once, all that are
 * left together when one was not. Far away that costs one round trip; nearby it keeps one connection to
 * each of thousands of JobManagers, instead of as many as a poll has requests.
 *
 * Each address gets its share of the time that is left, so that a silent first one does not eat it
 * all. What is away on the pool never touches the source (poll_life.h).
 *
 * It does not retry, keep state between polls (but the address that answered), or judge what an
 * answer means for a job.
 */
#include "core/source/flink/flink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/flink/answer.h"
#include "core/source/flink/logs.h"
#include "core/source/flink/operate.h"
#include "core/source/flink/parse.h"

#define TIMEOUT_MS 10000
#define AT_ONCE_MS 50
/* Larger bodies are read on the pool: 64 KiB of JSON cost about a millisecond. */
#define POOL_BYTES ((size_t)64 << 10)

struct request {
	struct source_poll *poll;
	struct http_transfer *transfer;
	struct flink_answer answer;
	int64_t elapsed_ms;
};

struct source_poll {
	struct poll_life life;
	struct flink_source *source;
	struct request requests[FLINK_QUESTION_MAX];
	char *lag_source; /* NULL = its lag is not asked */
	size_t count, started, pending;
	int64_t spent_ms;      /* of this attempt, by those that were sent alone */
	size_t first, attempt; /* the address asked first; how many were in vain */
	int64_t left_ms, share_ms, attempt_ms;
	struct ssh_op *connecting; /* NULL = does not wait for SSH */
	struct err refusal;        /* the first of a part that was left out */
	struct err vain;           /* what the last address in vain said */
	struct buf reasons;        /* "http://a:8081: connection refused; …" of all in vain */
	bool is_rare;
	bool all_timed_out, any_answered;
	bool any_gone, any_hung, says_leaderless; /* of the addresses in vain */
};

static void attempt_start(struct source_poll *poll);
static void requests_send(struct source_poll *poll, bool together);

/* ---- the end of a poll ---- */

/* Cancels what is under way and forgets what was answered. */
static void requests_reset(struct source_poll *poll)
{
	for (size_t i = 0; i < poll->count; i++) {
		struct request *request = &poll->requests[i];

		http_cancel(request->transfer);
		free(request->answer.what);
		free(request->answer.body);
		request->transfer = NULL;
		request->answer.what = request->answer.body = NULL;
		request->answer.len = 0;
	}
	poll->pending = poll->started = 0;
	poll->spent_ms = 0;
	ssh_cancel(poll->connecting);
	poll->connecting = NULL;
}

static void poll_release(struct poll_life *life)
{
	struct source_poll *poll = (struct source_poll *)life;

	requests_reset(poll);
	buf_release(&poll->reasons);
	free(poll->lag_source);
	free(poll);
}

static void poll_ends(struct poll_life *life)
{
	struct source_poll *poll = (struct source_poll *)life;
	struct snapshot *snap = life->snap;

	if (snap->cluster.flink_version &&
		!str_eq(snap->cluster.flink_version, poll->source->version)) {
		free(poll->source->version);
		poll->source->version = xstrdup(snap->cluster.flink_version);
	}
	snap->is_leaderless =
		life->err.code && (poll->says_leaderless || (poll->any_gone && poll->any_hung));
}

static void poll_fail(struct source_poll *poll, const struct err *err)
{
	poll->life.err = *err;
	poll_end(&poll->life);
}

/* ---- answers ---- */

static void poll_read(void *data)
{
	struct source_poll *poll = data;
	struct flink_answer answers[FLINK_QUESTION_MAX];

	for (size_t i = 0; i < poll->count; i++)
		answers[i] = poll->requests[i].answer;
	flink_fill(poll->life.snap, answers, poll->count, &poll->life.err);
}

static size_t address_index(const struct source_poll *poll)
{
	return (poll->first + poll->attempt) % poll->source->address_count;
}

static void all_answered(struct source_poll *poll)
{
	struct flink_source *source = poll->source;
	size_t bytes = 0, answered = 0;
	char *address;

	source->preferred = address_index(poll);
	for (size_t i = 0; i < poll->count; i++) {
		bytes += poll->requests[i].answer.len;
		answered += poll->requests[i].answer.body != NULL;
	}
	if (answered == 0) {
		poll_fail(poll, &poll->refusal); /* all was optional, and all was refused */
		return;
	}
	poll->life.snap->latency_ms = poll->requests[0].elapsed_ms;
	address = http_url_display(source->addresses[source->preferred]);
	poll->life.snap->cluster.address = arena_strdup(poll->life.snap->arena, address);
	free(address);
	if (bytes > POOL_BYTES) {
		poll_end_after_work(&poll->life, poll_read);
		return;
	}
	poll_read(poll);
	poll_end(&poll->life);
}

/* One more is answered, or not needed. */
static void go_on(struct source_poll *poll, const struct request *request)
{
	if (poll->pending == 0) {
		all_answered(poll);
	} else if (poll->started < poll->count) {
		poll->spent_ms += request->elapsed_ms;
		requests_send(poll, request->elapsed_ms > AT_ONCE_MS);
	}
}

/* Nobody answered at this address, or nobody leads there. */
static void attempt_failed(
	struct source_poll *poll, const struct request *request, const struct err *err)
{
	struct flink_source *source = poll->source;
	size_t what_len = strlen(request->answer.what);
	const char *reason = err->text;
	char *address = http_url_display(source->addresses[address_index(poll)]);

	if (strncmp(reason, request->answer.what, what_len) == 0 &&
		str_starts(reason + what_len, ": "))
		reason += what_len + 2;
	buf_addf(&poll->reasons, "%s%s: %s", poll->reasons.len ? "; " : "", address, reason);
	free(address);
	poll->all_timed_out = poll->all_timed_out && err->code == E_TIMEOUT;
	poll->any_answered = poll->any_answered || err->code == E_REMOTE;
	poll->left_ms -=
		err->code == E_TIMEOUT ? poll->attempt_ms : poll->spent_ms + request->elapsed_ms;
	poll->vain = *err;
	requests_reset(poll);

	if (poll->attempt + 1 < source->address_count && poll->left_ms > 0) {
		poll->attempt++;
		attempt_start(poll);
		return;
	}
	if (source->address_count > 1)
		err_set(&poll->vain,
			poll->any_answered            ? E_REMOTE
				: poll->all_timed_out ? E_TIMEOUT
						      : E_NET,
			_("no JobManager of %s answered at %zu of %zu addresses: %s"),
			source->base.name, poll->attempt + 1, source->address_count,
			buf_str(&poll->reasons));
	poll_fail(poll, &poll->vain);
}

/* An answer that is none: the status says no. */
static void refused(
	struct source_poll *poll, struct request *request, const struct http_response *res)
{
	const char *body = buf_str(res->body), *what = request->answer.what;
	size_t len = res->body->len;
	char *text = flink_error_text(body, len);
	struct err err = {0};

	http_status_error(res, &err);
	if (text)
		err_set(&err, err.code, "%s: HTTP %d: %s", what, res->status, text);
	if (flink_error_is_leaderless(res->status, body, len)) {
		err.code = E_REMOTE;
		poll->says_leaderless |= flink_error_says_leaderless(res->status, body, len);
		attempt_failed(poll, request, &err);
	} else if (poll->life.snap->kind == SNAPSHOT_JOB && flink_error_is_unknown_job(body, len)) {
		err.code = E_NOTFOUND;
		poll_fail(poll, &err);
	} else if (flink_question_is_optional(request->answer.question) &&
		(err.code == E_NOTFOUND || err.code == E_REMOTE)) {
		if (!poll->refusal.code)
			poll->refusal = err;
		/* Only a JobManager that says so does not know a job. */
		if (poll->refusal.code == E_NOTFOUND)
			poll->refusal.code = E_REMOTE;
		go_on(poll, request);
	} else {
		if (err.code == E_NOTFOUND) {
			if (!text)
				err_set(&err, E_NOTFOUND,
					_("%s: HTTP 404: is this a Flink JobManager?"), what);
			if (poll->life.snap->kind == SNAPSHOT_JOB)
				err.code = E_REMOTE;
		}
		poll_fail(poll, &err);
	}
	free(text);
}

static void on_response(void *data, const struct http_response *res, const struct err *err)
{
	struct request *request = data;
	struct source_poll *poll = request->poll;

	request->transfer = NULL;
	request->elapsed_ms = res->elapsed_ms;
	poll->pending--;
	poll->life.snap->observed_ms = clock_wall_ms();
	if (err && (err->code == E_NET || err->code == E_TIMEOUT)) {
		poll->any_gone |= err->code == E_NET;
		poll->any_hung |= err->code == E_TIMEOUT && res->was_sent;
		attempt_failed(poll, request, err);
	} else if (err) {
		poll_fail(poll, err);
	} else if (res->status >= 300) {
		refused(poll, request, res);
	} else {
		request->answer.len = res->body->len;
		request->answer.body = buf_detach(res->body);
		go_on(poll, request);
	}
}

/* ---- questions ---- */

static void request_send(struct source_poll *poll, struct request *request, bool is_last)
{
	const struct flink_source *source = poll->source;
	const char *base = source->addresses[address_index(poll)];
	char *path = flink_question_path(
		request->answer.question, poll->life.snap->key, poll->lag_source);
	char *url = xasprintf("%s%s", base, path), *shown = http_url_display(url);
	int64_t left_ms = poll->attempt_ms - poll->spent_ms;

	request->answer.what = xasprintf("GET %s", shown);
	request->transfer = http_start(source->http,
		&(struct http_request){
			.where = source->base.name,
			.url = url,
			.timeout_ms = left_ms > 0 ? left_ms : 1,
			.access = source->access,
			.is_rare = is_last && poll->is_rare,
		},
		on_response, request);
	free(shown);
	free(url);
	free(path);
}

/* The next one, or all that are left. */
static void requests_send(struct source_poll *poll, bool together)
{
	do {
		struct request *request = &poll->requests[poll->started++];
		request_send(poll, request, together || poll->started == poll->count);
	} while (together && poll->started < poll->count);
}

static void requests_start(struct source_poll *poll)
{
	const struct flink_source *source = poll->source;

	poll->attempt_ms = poll->left_ms / (int64_t)(source->address_count - poll->attempt);
	/* What others did not need is not waited for: a standby whose leader has died hangs. */
	if (poll->attempt_ms > poll->share_ms)
		poll->attempt_ms = poll->share_ms;
	if (poll->attempt_ms < 1)
		poll->attempt_ms = 1;
	poll->refusal.code = E_OK;
	poll->pending = poll->count;
	requests_send(poll, false);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct source_poll *poll = data;

	(void)result;
	poll->connecting = NULL;
	if (err)
		poll_fail(poll, err);
	else
		requests_start(poll);
}

static void attempt_start(struct source_poll *poll)
{
	struct flink_source *source = poll->source;

	if (source->via && !ssh_is_up(source->ssh, source->via))
		poll->connecting = ssh_connect(source->ssh, source->via, on_connected, poll);
	else
		requests_start(poll);
}

static int poll_check(
	const struct flink_source *source, const struct poll *ask, char *job_id, struct err *err)
{
	if (source->unsupported)
		return err_set(err, E_UNSUPPORTED, "%s", source->unsupported);
	if (ask->what != SNAPSHOT_CLUSTER && ask->what != SNAPSHOT_JOB &&
		ask->what != SNAPSHOT_TASKMANAGERS && ask->what != SNAPSHOT_TASKMANAGER)
		return err_set(err, E_UNSUPPORTED, _("%s: a JobManager cannot be asked for that"),
			source->base.name);
	if (ask->what == SNAPSHOT_JOB && !flink_job_id(ask->job_id, job_id))
		return err_set(err, E_ARG, _("not a Flink job id: '%.64s'"),
			ask->job_id ? ask->job_id : "");
	if (ask->what == SNAPSHOT_TASKMANAGER && str_empty(ask->taskmanager))
		return err_set(err, E_ARG, _("%s: no TaskManager was named"), source->base.name);
	if (ask->what == SNAPSHOT_JOB && !(ask->parts & JOB_PARTS_ALL))
		return err_set(err, E_ARG, _("job %s: no part of it was asked for"), job_id);
	if (source->address_count == 0)
		return err_set(err, E_CONFIG, _("cluster %s has no address"), source->base.name);
	return 0;
}

static unsigned parts_of(const struct poll *ask)
{
	bool has_vertex = ask->what == SNAPSHOT_JOB && ask->vertex_id && ask->vertex_name;

	if (ask->what == SNAPSHOT_CLUSTER)
		return ask->jobs_only ? 0 : FLINK_PART_STATUS;
	return has_vertex ? ask->parts : ask->parts & ~(unsigned)JOB_PART_LAG;
}

static struct source_poll *flink_poll(
	struct source *base, const struct poll *ask, source_done_fn done, void *data)
{
	struct flink_source *source = (struct flink_source *)base;
	struct source_poll *poll = xcalloc(1, sizeof(*poll));
	enum flink_question list[FLINK_QUESTION_MAX];
	char job_id[JOB_ID_LEN + 1] = "";
	int rc = poll_check(source, ask, job_id, &poll->life.err);

	poll->source = source;
	poll_begin(&poll->life,
		&(struct poll_start){
			.list = &source->polls,
			.loop = source->loop,
			.source = base,
			.ask = ask,
			.key = ask->what == SNAPSHOT_TASKMANAGER ? ask->taskmanager
				: ask->what != SNAPSHOT_JOB      ? NULL
				: rc                             ? ask->job_id
								 : job_id,
			.done = done,
			.data = data,
			.on_end = poll_ends,
			.release = poll_release,
		});
	buf_init(&poll->reasons, 0);
	poll->is_rare = ask->is_rare;
	poll->all_timed_out = true;
	poll->first = source->preferred;
	poll->left_ms = ask->timeout_ms > 0 ? ask->timeout_ms : TIMEOUT_MS;
	poll->share_ms =
		poll->left_ms / (int64_t)(source->address_count ? source->address_count : 1);
	if (rc) {
		poll_end_soon(&poll->life);
		return poll;
	}
	poll->count = flink_questions(ask->what, parts_of(ask), list);
	if (parts_of(ask) & JOB_PART_LAG) {
		poll->lag_source = flink_lag_source(ask->vertex_id, ask->vertex_name);
		poll->life.snap->detail.lag_vertex =
			arena_strdup(poll->life.snap->arena, ask->vertex_id);
	}
	for (size_t i = 0; i < poll->count; i++) {
		poll->requests[i].poll = poll;
		poll->requests[i].answer.question = list[i];
	}
	attempt_start(poll);
	return poll;
}

static void flink_cancel(struct source_poll *poll)
{
	poll_drop(&poll->life);
}

static int flink_cost(const struct source *source, const struct poll *ask)
{
	enum flink_question list[FLINK_QUESTION_MAX];

	(void)source;
	return (int)flink_questions(ask->what, parts_of(ask), list);
}

static void flink_close(struct source *base)
{
	struct flink_source *source = (struct flink_source *)base;

	polls_drop(&source->polls);
	flink_operate_close(source);
	flink_log_close(source);
	for (size_t i = 0; i < source->address_count; i++)
		free(source->addresses[i]);
	free(source->addresses);
	free(source->unsupported);
	free(source->version);
	free(source->via);
	free(base->context);
	free(base->name);
	free(source);
}

static const struct source_ops flink_ops = {
	.kind = "flink",
	.poll = flink_poll,
	.cancel = flink_cancel,
	.close = flink_close,
	.cost = flink_cost,
	.send = flink_operate,
	.send_cancel = flink_operate_cancel,
	.describe = flink_operate_describe,
	.check = flink_operate_check,
	.log = flink_log,
	.log_cancel = flink_log_cancel,
};

struct source *flink_source_new(const struct flink_source_options *options)
{
	struct flink_source *source = xcalloc(1, sizeof(*source));

	source->base.ops = &flink_ops;
	source->base.context = xstrdup(options->context);
	source->base.name = xstrdup(options->cluster);
	source->loop = options->loop;
	source->http = options->http;
	source->unsupported = xstrdup_null(options->unsupported);
	source->ssh = options->ssh;
	source->via = xstrdup_null(options->via);
	source->access = options->access;
	source->address_count = options->address_count;
	source->addresses = xcalloc(options->address_count + 1, sizeof(*source->addresses));
	for (size_t i = 0; i < options->address_count; i++)
		source->addresses[i] = xstrdup(options->addresses[i]);
	return &source->base;
}
