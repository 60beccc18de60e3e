/* What a JobManager says of itself and of a job, in the shape of its version. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/fleetd/sim.h"

/* ---- tasks ---- */

struct tasks {
	int total, running, canceled, failed, finished, initializing;
};

static struct tasks tasks_of(const struct sim_job *job)
{
	int total = job->parallelism * job->vertices;
	struct tasks tasks = {.total = total};

	switch (job->status) {
	case JOB_RUNNING:
		tasks.initializing = job->is_deploying ? (total + 1) / 2 : 0;
		tasks.running = total - tasks.initializing;
		break;
	case JOB_FINISHED: tasks.finished = total; break;
	case JOB_CANCELED: tasks.canceled = total; break;
	default:
		tasks.failed = 1;
		tasks.canceled = total - 1;
		break;
	}
	return tasks;
}

static void say_tasks(const struct tasks *tasks, struct buf *out)
{
	buf_addf(out,
		"{\"total\":%d,\"created\":0,\"scheduled\":0,\"deploying\":0,\"running\":%d,"
		"\"finished\":%d,\"canceling\":0,\"canceled\":%d,\"failed\":%d,\"reconciling\":0,"
		"\"initializing\":%d}",
		tasks->total, tasks->running, tasks->finished, tasks->canceled, tasks->failed,
		tasks->initializing);
}

/* The same as ExecutionStates of a vertex, or of all of them. */
static void say_states(const struct tasks *tasks, struct buf *out)
{
	buf_addf(out,
		"{\"CREATED\":0,\"SCHEDULED\":0,\"DEPLOYING\":0,\"RUNNING\":%d,\"FINISHED\":%d,"
		"\"CANCELING\":0,\"CANCELED\":%d,\"FAILED\":%d,\"RECONCILING\":0,"
		"\"INITIALIZING\":%d}",
		tasks->running, tasks->finished, tasks->canceled, tasks->failed,
		tasks->initializing);
}

static int64_t duration_ms(const struct sim_job *job)
{
	return (job->end_wall_ms >= 0 ? job->end_wall_ms : job->now_wall_ms) - job->start_wall_ms;
}

/* ---- the cluster ---- */

static const char *commit_of(const char *version)
{
	return version[0] == '2' ? "450c63e" : str_starts(version, "1.16") ? "5df8156" : "0980485";
}

void say_overview(const struct sim *sim, int manager, struct buf *out)
{
	struct sim_census census = sim_census(sim, manager);
	int slots = census.taskmanagers * census.slots_each;
	const char *version = sim_version(sim, manager);

	buf_addf(out,
		"{\"taskmanagers\":%d,\"slots-total\":%d,\"slots-available\":%d,\"jobs-running\":%"
		"d,"
		"\"jobs-finished\":%d,\"jobs-cancelled\":%d,\"jobs-failed\":%d,"
		"\"flink-version\":\"%s\",\"flink-commit\":\"%s\"}",
		census.taskmanagers, slots, slots - census.slots_used, census.running,
		census.finished, census.canceled, census.failed, version, commit_of(version));
}

void say_config(const struct sim *sim, int manager, struct buf *out)
{
	const char *version = sim_version(sim, manager);

	buf_addf(out,
		"{\"refresh-interval\":3000,\"timezone-name\":\"Coordinated Universal Time\","
		"\"timezone-offset\":0,\"flink-version\":\"%s\",\"flink-revision\":\"%s @ "
		"2026-01-01T00:00:00Z\",\"features\":{\"web-submit\":true,\"web-cancel\":true,%s"
		"\"web-history\":false}}",
		version, commit_of(version),
		sim_is_since(sim, manager, "1.17") ? "\"web-rescale\":false," : "");
}

static void say_row(const struct sim_job *job, bool is_2, struct buf *out)
{
	struct tasks tasks = tasks_of(job);

	buf_addf(out,
		"{\"jid\":\"%s\",\"name\":\"%s\",\"state\":\"%s\",\"start-time\":%lld,"
		"\"end-time\":%lld,\"duration\":%lld,\"last-modification\":%lld,\"tasks\":",
		job->id, job->name, job_status_name(job->status), (long long)job->start_wall_ms,
		(long long)job->end_wall_ms, (long long)duration_ms(job),
		(long long)job->modified_wall_ms);
	say_tasks(&tasks, out);
	buf_adds(out, is_2 ? ",\"pending-operators\":0}" : "}");
}

void say_jobs(const struct sim *sim, int manager, struct buf *out)
{
	bool is_2 = sim_is_since(sim, manager, "2");
	int64_t now_ms = sim_now_ms(sim);
	const char *between = "";

	buf_adds(out, "{\"jobs\":[");
	for (int i = sim_first(sim, manager); i >= 0; i = sim_next(sim, manager, i)) {
		struct sim_job job;

		sim_job(sim, i, now_ms, &job);
		buf_adds(out, between);
		say_row(&job, is_2, out);
		between = ",";
	}
	buf_adds(out, "]}");
}

/* ---- one job ---- */

const char *say_vertex_name(const struct sim_job *job, int vertex)
{
	static const char *const middle[] = {"Filter -> Map", "KeyedProcess"};

	if (vertex == 0)
		return "Source: Kafka Source -> Deserialize";
	return vertex == job->vertices - 1 ? "Window(Tumbling) -> Sink: Writer -> Sink: Committer"
					   : middle[(vertex - 1) % (int)ARRAY_SIZE(middle)];
}

void say_vertex_id(
	const struct sim *sim, const struct sim_job *job, int vertex, char id[JOB_ID_LEN + 1])
{
	uint64_t h = sim_hash(sim, 'v', (uint64_t)job->index, (uint64_t)vertex);

	snprintf(id, JOB_ID_LEN + 1, "%016llx%016llx", (unsigned long long)h,
		(unsigned long long)~h);
}

/* So many in a second come out of the source; of a job that is up. */
static int64_t records_of(const struct sim_job *job)
{
	int64_t up_ms =
		(job->end_wall_ms >= 0 ? job->end_wall_ms : job->now_wall_ms) - job->up_wall_ms;

	if (job->is_deploying || job->status == JOB_RESTARTING || up_ms < 0)
		return 0;
	return up_ms / 1000 * (int64_t)(50 + strlen(job->name) * 40) * job->parallelism;
}

static void say_vertex(
	const struct sim *sim, const struct sim_job *job, int vertex, struct buf *out)
{
	struct sim_job alone = *job;
	struct tasks tasks;
	int64_t records = records_of(job), read = vertex ? records : 0;
	int64_t written = vertex == job->vertices - 1 ? 0 : records;
	bool is_over = job->end_wall_ms >= 0;
	const char *state = job->status == JOB_RUNNING
		? job->is_deploying ? "INITIALIZING" : "RUNNING"
		: job->status == JOB_FINISHED ? "FINISHED"
		: job->status == JOB_CANCELED ? "CANCELED"
					      : "FAILED";
	const char *full = is_over ? "true" : "false";
	char id[JOB_ID_LEN + 1];

	alone.vertices = 1;
	tasks = tasks_of(&alone);
	if (tasks.failed && vertex != job->vertices - 1) {
		state = "CANCELED";
		tasks.canceled = tasks.total;
		tasks.failed = 0;
	}
	say_vertex_id(sim, job, vertex, id);
	buf_addf(out, "{\"id\":\"%s\",", id);
	if (sim_is_since(sim, job->manager, "1.18"))
		buf_adds(out, "\"slotSharingGroupId\":\"bedd67346d76b56bb346706af100be99\",");
	buf_addf(out,
		"\"name\":\"%s\",\"maxParallelism\":128,\"parallelism\":%d,\"status\":\"%s\","
		"\"start-time\":%lld,\"end-time\":%lld,\"duration\":%lld,\"tasks\":",
		say_vertex_name(job, vertex), job->parallelism, state, (long long)job->up_wall_ms,
		(long long)job->end_wall_ms,
		(long long)((is_over ? job->end_wall_ms : job->now_wall_ms) - job->up_wall_ms));
	say_states(&tasks, out);
	buf_addf(out,
		",\"metrics\":{\"read-bytes\":%lld,\"read-bytes-complete\":%s,\"write-bytes\":%lld,"
		"\"write-bytes-complete\":%s,\"read-records\":%lld,\"read-records-complete\":%s,"
		"\"write-records\":%lld,\"write-records-complete\":%s,"
		"\"accumulated-backpressured-time\":0,\"accumulated-idle-time\":%lld,"
		"\"accumulated-busy-time\":%lld.0}}",
		(long long)read * 112, full, (long long)written * 112, full, (long long)read, full,
		(long long)written, full, (long long)records / 100, (long long)records / 400);
}

static void say_plan(const struct sim *sim, const struct sim_job *job, struct buf *out)
{
	buf_addf(out, "\"plan\":{\"jid\":\"%s\",\"name\":\"%s\",\"type\":\"STREAMING\",\"nodes\":[",
		job->id, job->name);
	for (int i = job->vertices - 1; i >= 0; i--) {
		char id[JOB_ID_LEN + 1], from[JOB_ID_LEN + 1];

		say_vertex_id(sim, job, i, id);
		buf_addf(out,
			"%s{\"id\":\"%s\",\"parallelism\":%d,\"operator\":\"\","
			"\"operator_strategy\":\"\",\"description\":\"%s<br/>\",",
			i < job->vertices - 1 ? "," : "", id, job->parallelism,
			say_vertex_name(job, i));
		if (i > 0) {
			say_vertex_id(sim, job, i - 1, from);
			buf_addf(out,
				"\"inputs\":[{\"num\":0,\"id\":\"%s\",\"ship_strategy\":\"HASH\","
				"\"exchange\":\"pipelined_bounded\"}],",
				from);
		}
		buf_adds(out, "\"optimizer_properties\":{}}");
	}
	buf_adds(out, "]}");
}

/* When it came into this state last; 0 = never, as Flink says it. */
static long long since(const struct sim_job *job, enum job_status status)
{
	return job->status == status ? (long long)job->modified_wall_ms : 0;
}

void say_job(const struct sim *sim, const struct sim_job *job, struct buf *out)
{
	struct tasks tasks = tasks_of(job);

	buf_addf(out, "{\"jid\":\"%s\",\"name\":\"%s\",\"isStoppable\":false,\"state\":\"%s\",",
		job->id, job->name, job_status_name(job->status));
	if (sim_is_since(sim, job->manager, "1.18"))
		buf_adds(out, "\"job-type\":\"STREAMING\",");
	buf_addf(out,
		"\"start-time\":%lld,\"end-time\":%lld,\"duration\":%lld,\"maxParallelism\":-1,"
		"\"now\":%lld,\"timestamps\":{\"SUSPENDED\":0,\"FAILING\":%lld,\"CANCELLING\":%lld,"
		"\"RECONCILING\":0,\"CREATED\":%lld,\"RESTARTING\":%lld,\"RUNNING\":%lld,"
		"\"CANCELED\":%lld,\"INITIALIZING\":%lld,\"FAILED\":%lld,\"FINISHED\":%lld},"
		"\"vertices\":[",
		(long long)job->start_wall_ms, (long long)job->end_wall_ms,
		(long long)duration_ms(job), (long long)job->now_wall_ms, since(job, JOB_FAILED),
		since(job, JOB_CANCELED), (long long)job->start_wall_ms,
		job->failures && job->status != JOB_FAILED ? (long long)job->failed_wall_ms[0] : 0,
		(long long)job->up_wall_ms, since(job, JOB_CANCELED), (long long)job->start_wall_ms,
		since(job, JOB_FAILED), since(job, JOB_FINISHED));
	for (int i = 0; i < job->vertices; i++) {
		buf_adds(out, i ? "," : "");
		say_vertex(sim, job, i, out);
	}
	buf_adds(out, "],\"status-counts\":");
	say_states(&tasks, out);
	buf_addc(out, ',');
	say_plan(sim, job, out);
	buf_adds(out, sim_is_since(sim, job->manager, "2") ? ",\"pending-operators\":0}" : "}");
}

void say_job_config(const struct sim *sim, const struct sim_job *job, struct buf *out)
{
	buf_addf(out,
		"{\"jid\":\"%s\",\"name\":\"%s\",\"execution-config\":{%s\"restart-strategy\":"
		"\"Cluster level default restart strategy\",\"job-parallelism\":%d,"
		"\"object-reuse-mode\":false,\"user-config\":{}}}",
		job->id, job->name,
		sim_is_since(sim, job->manager, "2") ? "" : "\"execution-mode\":\"PIPELINED\",",
		job->parallelism);
}

/* ---- metrics ---- */

/* Each name of get=a,b&… in turn; `at` is NULL at first. */
static bool next_name(const char *query, const char **at, char name[256])
{
	const char *end;
	size_t len;

	if (!*at) {
		*at = strstr(query, "get=");
		*at = *at ? *at + strlen("get=") : query + strlen(query);
	}
	if (!**at || **at == '&')
		return false;
	end = *at + strcspn(*at, ",&");
	len = (size_t)(end - *at);
	snprintf(name, 256, "%.*s", (int)len, *at);
	*at = *end == ',' ? end + 1 : end;
	return true;
}

void say_metrics(const struct sim_job *job, const char *query, struct buf *out)
{
	int64_t up_ms = job->now_wall_ms - job->up_wall_ms;
	const struct {
		const char *name;
		int64_t value;
	} known[] = {
		{"numRestarts", job->restarts},
		{"uptime", job->status == JOB_RUNNING ? up_ms : -1},
		{"runningTime", job->status == JOB_RUNNING ? up_ms : 0},
		{"downtime",
			job->status == JOB_RESTARTING ? job->now_wall_ms - job->modified_wall_ms
						      : 0},
	};
	const char *at = NULL, *between = "";
	char name[256];

	buf_addc(out, '[');
	while (next_name(query, &at, name))
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (str_eq(name, known[i].name)) {
				buf_addf(out, "%s{\"id\":\"%s\",\"value\":\"%lld\"}", between, name,
					(long long)known[i].value);
				between = ",";
			}
	buf_addc(out, ']');
}

void say_vertex_metrics(
	const struct sim *sim, const struct sim_job *job, const char *query, struct buf *out)
{
	/* It falls behind and catches up, each job in its own time. */
	uint64_t h = sim_hash(sim, 'l', (uint64_t)job->index, 0);
	double period_ms = 60000 + (double)(h % 600000),
	       worst = 20.0 * (double)(1 << (h >> 32) % 14);
	double part = 0.5 + 0.5 * sin((double)job->now_wall_ms / period_ms * 6.283);
	const char *at = NULL, *between = "";
	char name[256];

	buf_addc(out, '[');
	while (next_name(query, &at, name)) {
		double value = str_ends(name, ".pendingRecords") ? floor(worst * part)
			: str_ends(name, "EventTimeLag")         ? floor(worst * part * 3) + 40
								 : -1;

		if (value < 0)
			continue;
		buf_addf(out, "%s{\"id\":\"%s\",\"max\":%.1f,\"sum\":%.1f}", between, name,
			value / (str_ends(name, "Lag") ? 1 : job->parallelism), value);
		between = ",";
	}
	buf_addc(out, ']');
}
