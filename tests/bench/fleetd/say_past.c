/* What a JobManager remembers of a job: its checkpoints and exceptions. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/bench/fleetd/sim.h"

/* Flink's own default. */
#define HISTORY 10
/* One in so many fails. */
#define FAILS_EACH 97

/* ---- checkpoints ---- */

struct point {
	int64_t id, trigger_ms, duration_ms, bytes;
	bool has_failed;
};

static bool has_failed(const struct sim_job *job, int64_t id, int64_t newest)
{
	return id % FAILS_EACH == FAILS_EACH - 1 || (job->fails_checkpoints && newest - id < 4);
}

static struct point point_of(
	const struct sim *sim, const struct sim_job *job, int64_t id, int64_t newest)
{
	uint64_t h = sim_hash(sim, 'c', (uint64_t)job->index, (uint64_t)id);
	int64_t megabyte = 1 << 20;

	return (struct point){
		.id = id,
		.trigger_ms = job->start_wall_ms + id * job->checkpoint_ms + (int64_t)(h % 40),
		.duration_ms = 150 + (int64_t)((h >> 8) % (uint64_t)(job->checkpoint_ms / 8)),
		.bytes = (1 + (int64_t)(job->index % 400)) * megabyte + (int64_t)(h % 900000),
		.has_failed = has_failed(job, id, newest),
	};
}

/* The newest that has ended: none is taken while the job is down. */
static int64_t newest_of(const struct sim_job *job)
{
	int64_t until_ms = job->end_wall_ms >= 0 ? job->end_wall_ms : job->now_wall_ms;

	if (job->status == JOB_RESTARTING || job->is_deploying)
		until_ms = job->modified_wall_ms;
	until_ms -= job->start_wall_ms + job->checkpoint_ms / 4;
	return until_ms < 0 ? 0 : until_ms / job->checkpoint_ms;
}

static int64_t failed_until(const struct sim_job *job, int64_t newest)
{
	int64_t count = 0;

	for (int64_t id = newest; id > 0 && id > newest - 4; id--)
		count += has_failed(job, id, newest);
	return newest < 4 ? count : count + (newest - 3) / FAILS_EACH;
}

static void say_point(const struct sim *sim, const struct sim_job *job, const struct point *point,
	bool is_discarded, struct buf *out)
{
	int tasks = job->parallelism * job->vertices;

	buf_addf(out,
		"{\"className\":\"%s\",\"id\":%lld,\"status\":\"%s\",\"is_savepoint\":false,%s"
		"\"trigger_timestamp\":%lld,\"latest_ack_timestamp\":%lld,\"checkpointed_size\":%"
		"lld,"
		"\"state_size\":%lld,\"end_to_end_duration\":%lld,\"alignment_buffered\":0,"
		"\"processed_data\":0,\"persisted_data\":0,\"num_subtasks\":%d,"
		"\"num_acknowledged_subtasks\":%d,\"checkpoint_type\":\"CHECKPOINT\",\"tasks\":{},",
		point->has_failed ? "failed" : "completed", (long long)point->id,
		point->has_failed ? "FAILED" : "COMPLETED",
		sim_is_since(sim, job->manager, "1.17") ? "\"savepointFormat\":null," : "",
		(long long)point->trigger_ms, (long long)(point->trigger_ms + point->duration_ms),
		(long long)point->bytes / 10, (long long)point->bytes,
		(long long)point->duration_ms, tasks, point->has_failed ? tasks - 1 : tasks);
	if (point->has_failed)
		buf_addf(out,
			"\"failure_timestamp\":%lld,\"failure_message\":\"Checkpoint expired "
			"before "
			"completing.\"}",
			(long long)(point->trigger_ms + point->duration_ms));
	else
		buf_addf(out,
			"\"external_path\":\"hdfs://nn/flink/checkpoints/%s/chk-%lld\","
			"\"discarded\":%s}",
			job->id, (long long)point->id, is_discarded ? "true" : "false");
}

/* value: -1 = there was none. */
static void say_sums(const char *name, int64_t value, struct buf *out)
{
	static const char *const parts[] = {"p50", "p90", "p95", "p99", "p999"};
	long long v = value < 0 ? 0 : (long long)value;

	buf_addf(out, "\"%s\":{\"min\":%lld,\"max\":%lld,\"avg\":%lld", name, v, v, v);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (value < 0)
			buf_addf(out, ",\"%s\":\"NaN\"", parts[i]);
		else
			buf_addf(out, ",\"%s\":%lld.0", parts[i], v);
	buf_addc(out, '}');
}

/* The newest of a kind, or "null"; it looks back a little further than the history. */
static void say_latest(const struct sim *sim, const struct sim_job *job, int64_t newest,
	bool failed, struct buf *out)
{
	for (int64_t id = newest; id > 0 && id > newest - 2 * HISTORY; id--) {
		struct point point = point_of(sim, job, id, newest);

		if (point.has_failed == failed) {
			say_point(sim, job, &point, false, out);
			return;
		}
	}
	buf_adds(out, "null");
}

static const struct trigger *savepoint_of(const struct sim *sim, int job)
{
	const struct trigger *found = NULL, *it;

	vec_each (it, &sim->triggers)
		if (it->job == job && it->kind != TRIGGER_CHECKPOINT)
			found = it;
	return found;
}

static void say_savepoint(const struct sim *sim, const struct sim_job *job, struct buf *out)
{
	const struct trigger *trigger = savepoint_of(sim, job->index);
	long long at_ms;
	int tasks = job->parallelism * job->vertices;

	if (!trigger) {
		buf_adds(out, "null");
		return;
	}
	at_ms = (long long)(sim->options.epoch_ms + trigger->at_ms);
	buf_addf(out,
		"{\"className\":\"completed\",\"id\":%lld,\"status\":\"COMPLETED\",\"is_"
		"savepoint\":"
		"true,%s\"trigger_timestamp\":%lld,\"latest_ack_timestamp\":%lld,"
		"\"checkpointed_size\":1048576,\"state_size\":1048576,\"end_to_end_duration\":500,"
		"\"alignment_buffered\":0,\"processed_data\":0,\"persisted_data\":0,"
		"\"num_subtasks\":%d,\"num_acknowledged_subtasks\":%d,\"checkpoint_type\":\"%s\","
		"\"tasks\":{},\"external_path\":\"hdfs://nn/flink/savepoints/"
		"savepoint-%.6s-%.12s\","
		"\"discarded\":false}",
		(long long)newest_of(job) + 1,
		sim_is_since(sim, job->manager, "1.17") ? "\"savepointFormat\":\"CANONICAL\"," : "",
		at_ms, at_ms + 500, tasks, tasks,
		trigger->kind == TRIGGER_STOP ? "SYNC_SAVEPOINT" : "SAVEPOINT", job->id,
		trigger->id);
}

void say_checkpoints(const struct sim *sim, const struct sim_job *job, struct buf *out)
{
	int64_t newest = newest_of(job), failed = failed_until(job, newest);
	struct point last = point_of(sim, job, newest, newest);
	const char *between = "";

	buf_addf(out,
		"{\"counts\":{\"restored\":%d,\"total\":%lld,\"in_progress\":0,\"completed\":%lld,"
		"\"failed\":%lld},\"summary\":{",
		(int)job->restarts, (long long)newest, (long long)(newest - failed),
		(long long)failed);
	say_sums("checkpointed_size", newest ? last.bytes / 10 : -1, out);
	buf_addc(out, ',');
	say_sums("state_size", newest ? last.bytes : -1, out);
	buf_addc(out, ',');
	say_sums("end_to_end_duration", newest ? last.duration_ms : -1, out);
	buf_addc(out, ',');
	say_sums("alignment_buffered", 0, out);
	buf_addc(out, ',');
	say_sums("processed_data", newest ? 0 : -1, out);
	buf_addc(out, ',');
	say_sums("persisted_data", newest ? 0 : -1, out);
	buf_adds(out, "},");
	buf_adds(out, "\"latest\":{\"completed\":");
	say_latest(sim, job, newest, false, out);
	buf_adds(out, ",\"savepoint\":");
	say_savepoint(sim, job, out);
	buf_adds(out, ",\"failed\":");
	say_latest(sim, job, newest, true, out);
	buf_adds(out, ",\"restored\":null},\"history\":[");
	for (int64_t id = newest; id > 0 && id > newest - HISTORY; id--) {
		struct point point = point_of(sim, job, id, newest);

		buf_adds(out, between);
		say_point(sim, job, &point, newest - id >= 3, out);
		between = ",";
	}
	buf_adds(out, "]}");
}

void say_checkpoint_config(const struct sim_job *job, struct buf *out)
{
	buf_addf(out,
		"{\"mode\":\"exactly_once\",\"interval\":%lld,\"timeout\":600000,\"min_pause\":0,"
		"\"max_concurrent\":1,\"externalization\":{\"enabled\":true,"
		"\"delete_on_cancellation\":false},\"state_backend\":"
		"\"EmbeddedRocksDBStateBackend\","
		"\"checkpoint_storage\":\"FileSystemCheckpointStorage\",\"unaligned_checkpoints\":"
		"false,\"tolerable_failed_checkpoints\":10,\"aligned_checkpoint_timeout\":0,"
		"\"checkpoints_after_tasks_finish\":true,\"state_changelog_enabled\":false,"
		"\"changelog_periodic_materialization_interval\":600000,\"changelog_storage\":"
		"\"memory\"}",
		(long long)job->checkpoint_ms);
}

/* ---- exceptions ---- */

/* A stack is some 2 KB, as those of Flink are. */
#define FRAMES 18

static void say_stack(uint64_t h, struct buf *out)
{
	static const char *const causes[] = {
		"java.net.SocketTimeoutException: Read timed out",
		"org.apache.kafka.common.errors.TimeoutException: no position for orders-3 in 60 s",
		"java.lang.IllegalStateException: no schema for id 4711",
		"java.sql.SQLTransientConnectionException: no connection within 30000 ms",
	};

	buf_adds(out, "\"java.lang.RuntimeException: failed to write batch");
	for (int i = 0; i < FRAMES; i++)
		buf_addf(out,
			"\\n\\tat org.apache.flink.streaming.runtime.tasks.Frame%02d.process("
			"Frame%02d.java:%d)",
			i, i, 40 + i * 7);
	buf_addf(out,
		"\\nCaused by: %s\\n\\tat com.example.jobs.Writer.flush(Writer.java:118)\\n\\t... "
		"%d "
		"more\\n\"",
		causes[h % ARRAY_SIZE(causes)], FRAMES);
}

static void say_place(
	const struct sim *sim, const struct sim_job *job, bool is_entry, int i, struct buf *out)
{
	bool has_endpoint = sim_is_since(sim, job->manager, "1.18");
	char id[64];
	int host = i % 4;

	say_taskmanager_id(sim, job->manager, host, id);
	buf_addf(out, "\"%s\":\"%s (1/%d)%s", is_entry ? "taskName" : "task",
		say_vertex_name(job, job->vertices - 1), job->parallelism,
		is_entry ? " - execution #" : "\"");
	if (is_entry)
		buf_addf(out, "%lld\"", (long long)(job->restarts > i ? job->restarts - i : 0));
	if (!sim_is_since(sim, job->manager, "2"))
		buf_addf(out, ",\"location\":\"10.0.0.%d:%d\"", host + 1, 41000 + host);
	if (has_endpoint)
		buf_addf(out, ",\"endpoint\":\"10.0.0.%d:%d\",\"taskManagerId\":\"%s\"", host + 1,
			41000 + host, id);
}

void say_exceptions(const struct sim *sim, const struct sim_job *job, int most, struct buf *out)
{
	bool is_2 = sim_is_since(sim, job->manager, "2");
	bool has_labels = sim_is_since(sim, job->manager, "1.18");
	uint64_t h = sim_hash(sim, 'x', (uint64_t)job->index, 0);
	int count = job->failures < most ? job->failures : most;

	buf_addc(out, '{');
	if (!is_2 && job->failures == 0)
		buf_adds(out,
			"\"root-exception\":null,\"timestamp\":null,\"all-exceptions\":[],"
			"\"truncated\":false,");
	if (!is_2 && job->failures > 0) {
		buf_adds(out, "\"root-exception\":");
		say_stack(h, out);
		buf_addf(out, ",\"timestamp\":%lld,\"all-exceptions\":[{\"exception\":",
			(long long)job->failed_wall_ms[0]);
		say_stack(h, out);
		buf_addc(out, ',');
		say_place(sim, job, false, 0, out);
		buf_addf(out, ",\"timestamp\":%lld}],\"truncated\":false,",
			(long long)job->failed_wall_ms[0]);
	}
	buf_adds(out, "\"exceptionHistory\":{\"entries\":[");
	for (int i = 0; i < count; i++) {
		buf_addf(out, "%s{\"exceptionName\":\"java.lang.RuntimeException\",\"stacktrace\":",
			i ? "," : "");
		say_stack(h + (uint64_t)i / 4, out);
		buf_addf(out, ",\"timestamp\":%lld,%s", (long long)job->failed_wall_ms[i],
			has_labels ? "\"failureLabels\":{}," : "");
		say_place(sim, job, true, i, out);
		buf_adds(out, ",\"concurrentExceptions\":[]}");
	}
	buf_addf(out, "],\"truncated\":%s}}", job->failures > count ? "true" : "false");
}
