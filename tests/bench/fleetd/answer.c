/* From a request to an answer: which question it is, of which job; and what POST and PATCH do. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/fleetd/sim.h"

const char *const sim_path_names[PATH_MAX] = {
	[PATH_CONFIG] = "/config",
	[PATH_OVERVIEW] = "/overview",
	[PATH_JOBS] = "/jobs/overview",
	[PATH_TASKMANAGERS] = "/taskmanagers",
	[PATH_TASKMANAGER] = "/taskmanagers/:id",
	[PATH_LOGS] = "logs",
	[PATH_JOB] = "/jobs/:id",
	[PATH_STATUS] = "/jobs/:id/status",
	[PATH_CHECKPOINTS] = "/jobs/:id/checkpoints",
	[PATH_CHECKPOINT_CONFIG] = "/jobs/:id/checkpoints/config",
	[PATH_EXCEPTIONS] = "/jobs/:id/exceptions",
	[PATH_METRICS] = "/jobs/:id/metrics",
	[PATH_JOB_CONFIG] = "/jobs/:id/config",
	[PATH_VERTEX_METRICS] = "/jobs/:id/vertices/:id/subtasks/metrics",
	[PATH_TRIGGER] = "/jobs/:id/savepoints/:id",
	[PATH_ACT] = "POST, PATCH",
	[PATH_JARS] = "/jars",
	[PATH_OTHER] = "other",
};

/* What stands behind "/jobs/<id>". */
static const struct {
	const char *rest;
	enum sim_path path;
} of_job[] = {
	{"", PATH_JOB},
	{"/status", PATH_STATUS},
	{"/checkpoints", PATH_CHECKPOINTS},
	{"/checkpoints/config", PATH_CHECKPOINT_CONFIG},
	{"/exceptions", PATH_EXCEPTIONS},
	{"/metrics", PATH_METRICS},
	{"/config", PATH_JOB_CONFIG},
};

#define TRIGGERS_MAX 1000
/* A savepoint takes so long. */
#define SAVEPOINT_MS 500

static int refuse(struct buf *out, int status, const char *text)
{
	buf_addf(out, "{\"errors\":[\"%s\"]}", text);
	return status;
}

/* As each path of a job says it; the status of one does it in its own way. */
static int unknown_job(struct buf *out, const char *id, enum sim_path path)
{
	char text[300];

	if (path == PATH_STATUS)
		snprintf(text, sizeof(text),
			"Internal server error.\",\"<Exception on server side:\\norg.apache.flink."
			"runtime.messages.FlinkJobNotFoundException: Could not find Flink job (%s)",
			id);
	else
		snprintf(text, sizeof(text),
			"org.apache.flink.runtime.rest.NotFoundException: Job %s not found\\n\\tat "
			"org.apache.flink.runtime.rest.handler.job.AbstractExecutionGraphHandler."
			"lambda$handleRequest$1(AbstractExecutionGraphHandler.java:99)",
			id);
	return refuse(out, path == PATH_STATUS ? 500 : 404, text);
}

/* ---- what acts ---- */

/* "triggerId":"…" of a body, else one by the seed. */
static void read_trigger_id(const struct sim *sim, const char *body, char id[JOB_ID_LEN + 1])
{
	const char *at = strstr(body, "\"triggerId\"");
	uint64_t h = sim_hash(sim, 'T', sim->triggers.len, 0);

	at = at ? strchr(at + strlen("\"triggerId\""), '"') : NULL;
	if (at && strspn(at + 1, "0123456789abcdef") == JOB_ID_LEN)
		snprintf(id, JOB_ID_LEN + 1, "%s", at + 1);
	else
		snprintf(id, JOB_ID_LEN + 1, "%016llx%016llx", (unsigned long long)h,
			(unsigned long long)~h);
}

static const struct trigger *find_trigger(const struct sim *sim, int job, const char *id)
{
	const struct trigger *it;

	vec_each (it, &sim->triggers)
		if (it->job == job && str_eq(it->id, id))
			return it;
	return NULL;
}

/* The same trigger once more is the same operation. */
static int take(struct sim *sim, const struct sim_job *job, enum trigger_kind kind,
	const char *body, struct buf *out)
{
	struct trigger trigger = {.job = job->index, .kind = kind, .at_ms = sim_now_ms(sim)};

	if (job_status_is_terminal(job->status) || sim->triggers.len >= TRIGGERS_MAX)
		return unknown_job(out, job->id, PATH_TRIGGER);
	read_trigger_id(sim, body, trigger.id);
	if (!find_trigger(sim, job->index, trigger.id)) {
		vec_push(&sim->triggers, trigger);
		if (kind == TRIGGER_STOP)
			sim_change(sim, job->index, JOB_FINISHED);
	}
	buf_addf(out, "{\"request-id\":\"%s\"}", trigger.id);
	return 202;
}

static int cancel(struct sim *sim, const struct sim_job *job, struct buf *out)
{
	if (job_status_is_terminal(job->status))
		return refuse(out, 409,
			"org.apache.flink.runtime.rest.handler.RestHandlerException: Job "
			"cancellation failed because the job has already reached another terminal "
			"state.");
	sim_change(sim, job->index, JOB_CANCELED);
	buf_adds(out, "{}");
	return 202;
}

static int act(struct sim *sim, const struct sim_request *request, const struct sim_job *job,
	const char *rest, struct buf *out)
{
	bool is_post = str_eq(request->method, "POST");

	if (str_eq(request->method, "PATCH") && str_eq(rest, ""))
		return cancel(sim, job, out);
	if (is_post && str_eq(rest, "/stop"))
		return take(sim, job, TRIGGER_STOP, request->body, out);
	if (is_post && str_eq(rest, "/savepoints"))
		return take(sim, job, TRIGGER_SAVEPOINT, request->body, out);
	if (is_post && str_eq(rest, "/checkpoints") && sim_is_since(sim, job->manager, "1.17"))
		return take(sim, job, TRIGGER_CHECKPOINT, request->body, out);
	return refuse(out, 404, "Not found.");
}

/* ---- questions ---- */

static int say_trigger(
	const struct sim *sim, const struct sim_job *job, const char *id, struct buf *out)
{
	const struct trigger *trigger = find_trigger(sim, job->index, id);

	if (!trigger)
		return refuse(out, 404,
			"org.apache.flink.runtime.rest.handler.RestHandlerException: There is no "
			"savepoint operation with this triggerId.");
	if (sim_now_ms(sim) - trigger->at_ms < SAVEPOINT_MS && sim->options.frozen_ms < 0)
		buf_adds(out, "{\"status\":{\"id\":\"IN_PROGRESS\"},\"operation\":null}");
	else if (trigger->kind == TRIGGER_CHECKPOINT)
		buf_adds(out,
			"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"checkpointId\":1}}");
	else
		buf_addf(out,
			"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":"
			"\"hdfs://nn/flink/savepoints/savepoint-%.6s-%.12s\"}}",
			job->id, trigger->id);
	return 200;
}

static int most_of(const char *query)
{
	const char *at = strstr(query, "maxExceptions=");
	int most = SIM_FAILURES_MAX;

	if (at)
		sscanf(at, "maxExceptions=%d", &most);
	return most < 0 ? 0 : most;
}

static enum sim_path job_path(const char *rest)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_job); i++)
		if (str_eq(rest, of_job[i].rest))
			return of_job[i].path;
	if (str_starts(rest, "/vertices/") && str_ends(rest, "/subtasks/metrics"))
		return PATH_VERTEX_METRICS;
	if (str_starts(rest, "/savepoints/") || str_starts(rest, "/checkpoints/"))
		return PATH_TRIGGER;
	return PATH_OTHER;
}

static int say_of_job(struct sim *sim, const struct sim_request *request, const struct sim_job *job,
	enum sim_path path, struct buf *out)
{
	switch (path) {
	case PATH_JOB: say_job(sim, job, out); break;
	case PATH_STATUS: buf_addf(out, "{\"status\":\"%s\"}", job_status_name(job->status)); break;
	case PATH_CHECKPOINTS: say_checkpoints(sim, job, out); break;
	case PATH_CHECKPOINT_CONFIG: say_checkpoint_config(job, out); break;
	case PATH_EXCEPTIONS: say_exceptions(sim, job, most_of(request->query), out); break;
	case PATH_METRICS: say_metrics(job, request->query, out); break;
	case PATH_JOB_CONFIG: say_job_config(sim, job, out); break;
	case PATH_VERTEX_METRICS: say_vertex_metrics(sim, job, request->query, out); break;
	case PATH_TRIGGER: return say_trigger(sim, job, strrchr(request->path, '/') + 1, out);
	default: return refuse(out, 404, "Not found.");
	}
	return 200;
}

static int answer_of_job(
	struct sim *sim, const struct sim_request *request, struct buf *out, enum sim_path *path)
{
	const char *at = request->path + strlen("/jobs/"), *rest = at + strcspn(at, "/");
	bool is_question = str_eq(request->method, "GET");
	char id[JOB_ID_LEN + 1];
	struct sim_job job;

	snprintf(id, sizeof(id), "%.*s", (int)(rest - at), at);
	*path = is_question ? job_path(rest) : PATH_ACT;
	if (strspn(id, "0123456789abcdef") != JOB_ID_LEN || rest - at != JOB_ID_LEN)
		return refuse(out, 400,
			"org.apache.flink.runtime.rest.handler.RestHandlerException: Bad request, "
			"could not parse parameters: Cannot resolve path parameter (jobid).");
	if (!sim_find(sim, request->manager, id, &job))
		return unknown_job(out, id, *path);
	return is_question ? say_of_job(sim, request, &job, *path, out)
			   : act(sim, request, &job, rest, out);
}

int sim_answer(
	struct sim *sim, const struct sim_request *request, struct buf *out, enum sim_path *path)
{
	static const struct {
		const char *path;
		enum sim_path is;
		void (*say)(const struct sim *sim, int manager, struct buf *out);
	} of_cluster[] = {
		{"/config", PATH_CONFIG, say_config},
		{"/overview", PATH_OVERVIEW, say_overview},
		{"/jobs/overview", PATH_JOBS, say_jobs},
		{"/taskmanagers", PATH_TASKMANAGERS, say_taskmanagers},
	};
	bool is_question = str_eq(request->method, "GET");
	char text[200];

	for (size_t i = 0; is_question && i < ARRAY_SIZE(of_cluster); i++)
		if (str_eq(request->path, of_cluster[i].path)) {
			*path = of_cluster[i].is;
			of_cluster[i].say(sim, request->manager, out);
			return 200;
		}
	if (str_starts(request->path, "/jobs/"))
		return answer_of_job(sim, request, out, path);
	if (is_question && str_starts(request->path, "/taskmanagers/"))
		return say_of_taskmanager(sim, request->manager,
			request->path + strlen("/taskmanagers/"), request->query, out, path);
	if (is_question && str_starts(request->path, "/jobmanager/"))
		return say_of_jobmanager(
			sim, request->manager, request->path + strlen("/jobmanager/"), out, path);
	if (str_starts(request->path, "/jars")) {
		*path = PATH_JARS;
		return sim_answer_jars(sim, request, out);
	}
	*path = PATH_OTHER;
	snprintf(text, sizeof(text), "Unable to load requested file %.100s.", request->path);
	return refuse(out, 404, text);
}
