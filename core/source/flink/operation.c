/*
 * Source: Flink REST API 1.16 to 2.2 (tried): savepoint and stop take our `triggerId`; a repeated
 * POST with the same one makes one savepoint. A failure comes as COMPLETED without a location, so
 * only a location is success.
 */
#include "core/source/flink/operation.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/source/flink/parse.h"

bool flink_verb_acts(enum source_verb verb)
{
	return verb < SOURCE_TRIGGER;
}

const char *flink_operation_method(const struct source_request *request)
{
	if (request->verb == SOURCE_CANCEL)
		return "PATCH";
	return flink_verb_acts(request->verb) ? "POST" : "GET";
}

char *flink_operation_path(const struct source_request *request)
{
	const char *id = request->job_id;

	switch (request->verb) {
	case SOURCE_SAVEPOINT: return xasprintf("/jobs/%s/savepoints", id);
	case SOURCE_STOP: return xasprintf("/jobs/%s/stop", id);
	case SOURCE_CANCEL: return xasprintf("/jobs/%s?mode=cancel", id);
	case SOURCE_CHECKPOINT: return xasprintf("/jobs/%s/checkpoints", id);
	case SOURCE_TRIGGER:
		return xasprintf("/jobs/%s/%s/%s", id,
			request->of == SOURCE_CHECKPOINT ? "checkpoints" : "savepoints",
			request->trigger_id);
	/* Not /jobs/:id, which is kept for three seconds over there. */
	case SOURCE_JOB: return xasprintf("/jobs/%s/status", id);
	case SOURCE_STOPPED: return xasprintf("/jobs/%s/checkpoints", id);
	/* The only one that counts tasks and is not kept. */
	case SOURCE_TASKS:
	case SOURCE_BEFORE: return xstrdup("/jobs/overview");
	case SOURCE_START:
	case SOURCE_VERB_MAX: break;
	}
	return xstrdup("/");
}

char *flink_operation_body(const struct source_request *request)
{
	json_t *body;
	char *text;

	switch (request->verb) {
	case SOURCE_SAVEPOINT:
		body = json_pack("{s:b, s:s*, s:s}", "cancel-job", 0, "target-directory",
			request->target_dir, "triggerId", request->trigger_id);
		break;
	case SOURCE_STOP:
		body = json_pack("{s:b, s:s*, s:s}", "drain", request->drain, "targetDirectory",
			request->target_dir, "triggerId", request->trigger_id);
		break;
	case SOURCE_CHECKPOINT:
		body = json_pack("{s:s, s:s}", "checkpointType", "CONFIGURED", "triggerId",
			request->trigger_id);
		break;
	default: return NULL;
	}
	text = json_dumps(body, JSON_PRESERVE_ORDER);
	json_decref(body);
	return text;
}

static bool is_id(const char *text)
{
	return text && strlen(text) == JOB_ID_LEN && strspn(text, "0123456789abcdef") == JOB_ID_LEN;
}

char *flink_operation_more(const struct source_request *request, const struct source_answer *first)
{
	if (request->verb == SOURCE_BEFORE)
		return xstrdup("/overview");
	if (request->verb == SOURCE_TASKS &&
		(first->job_status == JOB_FAILED || first->job_status == JOB_FAILING ||
			first->job_status == JOB_RESTARTING))
		return xasprintf("/jobs/%s/exceptions?maxExceptions=%d", request->job_id,
			FLINK_EXCEPTIONS_MAX);
	return NULL;
}

int flink_operation_check(const struct source_request *request, struct err *err)
{
	enum source_verb verb = request->verb;
	bool has_trigger = verb == SOURCE_SAVEPOINT || verb == SOURCE_STOP ||
		verb == SOURCE_CHECKPOINT || verb == SOURCE_TRIGGER;

	if ((unsigned)verb >= SOURCE_VERB_MAX || verb == SOURCE_START)
		return err_set(err, E_UNSUPPORTED, _("a JobManager cannot be told to do that"));
	if (verb == SOURCE_BEFORE && !request->deployment)
		return err_set(err, E_ARG, _("no deployment was named"));
	if (verb == SOURCE_BEFORE)
		return 0;
	if (!is_id(request->job_id))
		return err_set(err, E_ARG, _("not a Flink job id: '%.64s'"),
			request->job_id ? request->job_id : "");
	if (has_trigger && !is_id(request->trigger_id))
		return err_set(err, E_ARG, _("not a trigger id: '%.64s'"),
			request->trigger_id ? request->trigger_id : "");
	if (request->target_dir && !utf8_valid(request->target_dir, strlen(request->target_dir)))
		return err_set(err, E_ARG, _("the target directory is not UTF-8"));
	return 0;
}

/* {"status":{"id":"COMPLETED"},"operation":{"location":…} | {"failure-cause":{…}} | null} */
static int read_trigger(const struct source_request *request, const char *what, const json_t *root,
	struct arena *arena, struct source_answer *out, struct err *err)
{
	const char *id = doc_str(json_object_get(root, "status"), "id");
	const json_t *operation = json_object_get(root, "operation");
	/* Flink spells it in two ways. */
	const json_t *cause = json_object_get(
		operation, request->of == SOURCE_CHECKPOINT ? "failureCause" : "failure-cause");
	const char *location = doc_str(operation, "location");

	if (!id)
		return err_set(err, E_PROTO, _("%s: no status: is this a Flink JobManager?"), what);
	out->is_over = str_eq(id, "COMPLETED");
	if (!out->is_over)
		return 0;
	if (request->of == SOURCE_CHECKPOINT) {
		out->checkpoint_id = doc_int(operation, "checkpointId", -1);
		if (!cause && out->checkpoint_id >= 0)
			return 0;
	} else if (!cause && !str_empty(location)) {
		out->location = arena_strdup(arena, location);
		return 0;
	}
	out->checkpoint_id = -1;
	if (doc_str(cause, "stack-trace")) {
		char *reason = flink_stack_reason(doc_str(cause, "stack-trace"));

		out->failure = arena_strdup(arena, reason);
		free(reason);
	} else if (doc_str(cause, "class")) {
		out->failure = arena_strdup(arena, doc_str(cause, "class"));
	} else {
		out->failure =
			arena_strdup(arena, _("the JobManager names neither a result nor a cause"));
	}
	return 0;
}

/* The row of our job; of BEFORE, of a live job with that name. */
static int read_jobs(const struct source_request *request, const struct flink_parse *parse,
	const json_t *root, struct source_answer *out, struct err *err)
{
	const struct job_summary *jobs;
	size_t count;
	int rc = flink_parse_jobs(parse, root, &jobs, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct job_summary *job = &jobs[i];

		if (request->verb == SOURCE_BEFORE) {
			if (!out->job_id && !job_status_is_terminal(job->status) &&
				str_eq(job->name, request->deployment->job_name))
				out->job_id = arena_strdup(parse->arena, job->id);
		} else if (str_eq(job->id, request->job_id)) {
			out->job_status = job->status;
			/* A source that has come to its end is no trouble. */
			out->tasks_running = job->tasks.running;
			if (job->tasks.finished > 0)
				out->tasks_running += job->tasks.finished;
			out->tasks_total = job->tasks.total;
			return 0;
		}
	}
	if (rc == 0 && request->verb == SOURCE_TASKS)
		return err_set(err, E_NOTFOUND, _("%s: job %s is not known there"), parse->what,
			request->job_id);
	return rc;
}

/* Flink forgets triggers after five minutes, but not what became of the last savepoint. */
static int read_stopped(const struct flink_parse *parse, const json_t *root,
	struct source_answer *out, struct err *err)
{
	struct job_detail detail = {0};
	int rc = flink_parse_checkpoints(parse, root, &detail, err);
	const struct checkpoint *last = detail.checkpoints.last_savepoint;

	/* Only a stop takes a synchronous one. */
	if (rc == 0 && last && last->status == CHECKPOINT_COMPLETED && !str_empty(last->path) &&
		str_eq(last->type, "SYNC_SAVEPOINT")) {
		out->location = last->path;
		out->completed_ms = last->ack_ms;
	}
	return rc;
}

static bool is_want_of_slots(const struct exception *exception)
{
	return strstr(exception->cause, "NoResourceAvailableException") != NULL;
}

/*
 * Newest first. Without a TaskManager each restart adds that there are no slots, which buries why it
 * went away: then the newest one that says something else.
 */
static int read_failure(const struct flink_parse *parse, const json_t *root,
	struct source_answer *out, struct err *err)
{
	struct job_detail detail = {0};
	int rc = flink_parse_exceptions(parse, root, &detail, err);
	size_t at = 0;
	char *reason;

	if (rc || detail.exception_count == 0)
		return rc;
	for (size_t i = 0; i < detail.exception_count; i++)
		out->failures += !is_want_of_slots(&detail.exceptions[i]);
	while (at < detail.exception_count && is_want_of_slots(&detail.exceptions[at]))
		at++;
	if (at == detail.exception_count)
		at = 0;
	reason = flink_stack_reason(detail.exceptions[at].cause);
	out->failure = arena_strdup(parse->arena, reason);
	free(reason);
	return 0;
}

static int read_more(const struct source_request *request, const struct flink_parse *parse,
	const json_t *root, struct source_answer *out, struct err *err)
{
	struct cluster_status status = {0};
	int rc;

	if (request->verb == SOURCE_TASKS)
		return read_failure(parse, root, out, err);
	rc = flink_parse_overview(parse, root, &status, err);
	/* Elsewhere slots are made when they are needed. */
	if (rc == 0 && request->deployment->target == TARGET_REMOTE)
		out->slots_free = status.slots_free;
	return rc;
}

int flink_operation_read(const struct source_request *request,
	const struct flink_operation_body *in, struct arena *arena, struct source_answer *out,
	struct err *err)
{
	struct flink_parse parse = {in->what, arena};
	const char *what = in->what;
	json_t *root;
	int rc = 0;

	root = doc_parse_json(in->body, in->len, what, err);
	if (!root)
		return E_PROTO;
	if (in->is_more) {
		rc = read_more(request, &parse, root, out, err);
		json_decref(root);
		return rc;
	}
	switch (request->verb) {
	case SOURCE_TRIGGER: rc = read_trigger(request, what, root, arena, out, err); break;
	case SOURCE_JOB:
		out->job_status = job_status_parse(doc_str(root, "status"));
		if (out->job_status == JOB_STATUS_NONE)
			rc = err_set(err, E_PROTO,
				_("%s: no job status: is this a Flink JobManager?"), what);
		break;
	case SOURCE_STOPPED: rc = read_stopped(&parse, root, out, err); break;
	case SOURCE_TASKS:
	case SOURCE_BEFORE: rc = read_jobs(request, &parse, root, out, err); break;
	case SOURCE_SAVEPOINT:
	case SOURCE_STOP:
	case SOURCE_CHECKPOINT:
		if (!str_eq(doc_str(root, "request-id"), request->trigger_id))
			rc = err_set(err, E_PROTO, _("%s: the answer is not about trigger %s"),
				what, request->trigger_id);
		break;
	default: break; /* cancel answers {} */
	}
	json_decref(root);
	return rc;
}

int flink_operation_probe(const char *what, const char *body, size_t len, struct err *err)
{
	json_t *root = doc_parse_json(body, len, what, err);
	int rc = 0;

	if (!root)
		return E_PROTO;
	if (!doc_str(root, "flink-version"))
		rc = err_set(
			err, E_PROTO, _("%s: no Flink version: is this a Flink JobManager?"), what);
	else if (json_is_true(json_object_get(json_object_get(root, "features"), "web-history")))
		rc = err_set(err, E_UNSUPPORTED,
			_("%s: this is a HistoryServer: it only tells what was, and takes no "
			  "orders"),
			what);
	json_decref(root);
	return rc;
}
