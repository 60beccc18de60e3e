/* Times are given as ages before "now", so that rows read like what they show. */
#include "tests/support/fleet_fixture.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

#define S(n) ((int64_t)(n)*1000)
#define M(n) (S(n) * 60)
#define H(n) (M(n) * 60)
#define JOBS_MAX 64

enum { ORDERS = 1, USERS, LOOP, AGG, LOST, WAITING, EDGE, LONG, ESCAPE, LAKE, DONE, STOPPED, TWIN };

const char *fixture_job_id(int n)
{
	static char ids[8][JOB_ID_LEN + 1];
	static int next;
	char *id = ids[next++ % 8];

	snprintf(id, sizeof(ids[0]), "5fa0%028x", (unsigned)n);
	return id;
}

struct snapshot *fixture_cluster(const char *cluster, const char *version, int64_t observed_ms)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_CLUSTER, FIXTURE_CONTEXT, cluster, NULL);

	snapshot->asked_ms = observed_ms - 12;
	snapshot->observed_ms = observed_ms;
	snapshot->latency_ms = 12;
	snapshot->cluster = (struct cluster_status){
		.address = arena_printf(snapshot->arena, "http://%s.example:8081", cluster),
		.flink_version = version,
		.taskmanagers = 2,
		.slots_total = 8,
		.slots_free = 1,
		.jobs_running = 4,
		.jobs_finished = 1,
		.jobs_canceled = 1,
		.jobs_failed = 1,
	};
	snapshot->jobs = arena_calloc(snapshot->arena, JOBS_MAX, sizeof(*snapshot->jobs));
	return snapshot;
}

struct job_summary *fixture_job(struct snapshot *snapshot, int id, const char *name,
	enum job_status status, int running, int total)
{
	struct job_summary *job = (struct job_summary *)&snapshot->jobs[snapshot->job_count++];

	snprintf(job->id, sizeof(job->id), "%s", fixture_job_id(id));
	job->name = arena_strdup(snapshot->arena, name);
	job->status = status;
	job->start_ms = FIXTURE_NOW_MS - H(5) - S(id);
	job->modified_ms = FIXTURE_NOW_MS - M(30);
	job->end_ms = job_status_is_terminal(status) ? FIXTURE_NOW_MS - M(30) : -1;
	job->duration_ms = job_status_is_terminal(status) ? job->end_ms - job->start_ms
							  : snapshot->observed_ms - job->start_ms;
	job->tasks = (struct task_counts){.total = total, .running = running};
	if (status == JOB_FAILED)
		job->tasks.failed = total - running;
	else if (job_status_is_terminal(status))
		job->tasks.finished = total - running;
	else
		job->tasks.scheduled = total - running;
	return job;
}

struct snapshot *fixture_failure(
	const char *cluster, enum err_code code, const char *text, int64_t asked_ms)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_CLUSTER, FIXTURE_CONTEXT, cluster, NULL);

	snapshot->asked_ms = asked_ms;
	snapshot->observed_ms = asked_ms + 3;
	snapshot_fail(snapshot, code, "%s", text);
	return snapshot;
}

void fixture_apply(struct fleet *fleet, struct snapshot *snapshot, int64_t now_ms)
{
	fleet_apply(fleet, snapshot, now_ms);
	snapshot_unref(snapshot);
}

/* -- one job in detail -- */

static const struct vertex vertices[] = {
	{.id = "v1",
		.name = "Source: orders_src -> Map -> Timestamps/Watermarks",
		.status = "RUNNING",
		.parallelism = 2,
		.tasks = {.total = 2, .running = 2},
		.read_bytes = -1,
		.read_records = -1,
		.write_bytes = 5767168,
		.write_records = 48211},
	{.id = "v2",
		.name = "KeyedProcess -> Sink: ods.orders 订单",
		.status = "RUNNING",
		.parallelism = 2,
		.tasks = {.total = 2, .running = 2},
		.read_bytes = 5767000,
		.read_records = 48200,
		.write_bytes = 0,
		.write_records = 0},
};

static const struct checkpoint history[] = {
	{.id = 214,
		.status = CHECKPOINT_IN_PROGRESS,
		.trigger_ms = FIXTURE_NOW_MS - S(2),
		.ack_ms = -1,
		.duration_ms = -1,
		.state_bytes = -1,
		.checkpointed_bytes = -1,
		.subtasks = 4,
		.acknowledged = 3},
	{.id = 213,
		.status = CHECKPOINT_COMPLETED,
		.trigger_ms = FIXTURE_NOW_MS - S(33),
		.ack_ms = FIXTURE_NOW_MS - S(32),
		.duration_ms = 840,
		.state_bytes = 5632000,
		.checkpointed_bytes = 61440,
		.subtasks = 4,
		.acknowledged = 4,
		.path = "hdfs:///flink/checkpoints/5fa0/chk-213"},
	{.id = 212,
		.status = CHECKPOINT_FAILED,
		.trigger_ms = FIXTURE_NOW_MS - S(63),
		.ack_ms = -1,
		.duration_ms = 10000,
		.state_bytes = -1,
		.checkpointed_bytes = -1,
		.subtasks = 4,
		.acknowledged = 1,
		.failure = "Checkpoint expired before completing."},
	{.id = 211,
		.status = CHECKPOINT_COMPLETED,
		.is_savepoint = true,
		.trigger_ms = FIXTURE_NOW_MS - S(93),
		.ack_ms = FIXTURE_NOW_MS - S(92),
		.duration_ms = 1200,
		.state_bytes = 5500000,
		.checkpointed_bytes = 5500000,
		.subtasks = 4,
		.acknowledged = 4,
		.path = "hdfs:///flink/savepoints/sp-1"},
};

static const struct setting settings[] = {
	{"pipeline.name", "订单同步"},
	{"s3.secret-key", "******"},
	{"taskmanager.host\x1b[31m", "tm\x07 with controls"},
};

static char trace[2048];

static void trace_write(void)
{
	size_t len = (size_t)snprintf(trace, sizeof(trace),
		"org.apache.flink.runtime.JobException: Recovery is suppressed\n");

	for (int i = 0; i < 9; i++)
		len += (size_t)snprintf(trace + len, sizeof(trace) - len,
			"\tat org.apache.flink.runtime.Some$Class.method%d(Some.java:%d)\n", i,
			100 + i);
	snprintf(trace + len, sizeof(trace) - len,
		"Caused by: java.net.ConnectException: Connection refused: mysql-1/10.0.0.7:3306\n"
		"\tat com.mysql.cj.NativeSession.connect(NativeSession.java:121)\n"
		"\t... 12 more\n");
}

static void detail_exceptions(struct snapshot *snapshot, size_t count)
{
	struct exception *list = arena_calloc(snapshot->arena, count + 1, sizeof(*list));

	trace_write();
	for (size_t i = 0; i < count; i++)
		list[i] = (struct exception){
			.name = "org.apache.flink.runtime.JobException",
			.text = trace,
			.cause = "java.net.ConnectException: Connection refused: "
				 "mysql-1/10.0.0.7:3306",
			.task = "Source: payments (1/2) - execution #3",
			.location = "tm-2.example:41235",
			.time_ms = snapshot->observed_ms - S(20) - M(2) * (int64_t)i,
		};
	snapshot->detail.exceptions = list;
	snapshot->detail.exception_count = count;
}

struct snapshot *fixture_detail(const char *cluster, int id, int64_t observed_ms, int64_t restarts)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_JOB, FIXTURE_CONTEXT, cluster, fixture_job_id(id));
	struct job_detail *detail = &snapshot->detail;

	snapshot->asked_ms = observed_ms - 8;
	snapshot->observed_ms = observed_ms;
	snapshot->latency_ms = 8;
	snprintf(detail->id, sizeof(detail->id), "%s", fixture_job_id(id));
	detail->parts = JOB_PARTS_ALL;
	detail->parallelism = 2;
	detail->job_type = "STREAMING";
	detail->vertices = vertices;
	detail->vertex_count = ARRAY_SIZE(vertices);
	detail->checkpoints = (struct checkpoint_stats){
		.restored = 1,
		.total = 214,
		.in_progress = 1,
		.completed = 211,
		.failed = 2,
		.history = history,
		.history_count = ARRAY_SIZE(history),
		.last_completed = &history[1],
		.last_failed = &history[2],
		.last_savepoint = &history[3],
		.restored_id = 90,
		.restored_ms = FIXTURE_NOW_MS - H(5),
		.restored_path = "hdfs:///flink/checkpoints/4e1b/chk-90",
	};
	detail->restarts = restarts;
	detail->checkpoint_config = (struct checkpoint_config){
		.mode = "exactly_once",
		.state_backend = "EmbeddedRocksDBStateBackend",
		.storage = "FileSystemCheckpointStorage",
		.interval_ms = 30000,
		.timeout_ms = 600000,
		.min_pause_ms = 0,
		.max_concurrent = 1,
		.tolerable_failures = 0,
	};
	detail->settings = settings;
	detail->setting_count = ARRAY_SIZE(settings);
	detail->restart_strategy =
		"Restart with fixed delay (1000 ms). #2147483647 restart attempts.";
	detail_exceptions(snapshot, restarts > 3 ? 5 : restarts > 0 ? 1 : 0);
	return snapshot;
}

/* -- the workspace -- */

static const char *const order_tags[] = {"cdc", "tier1"};
static const char *const order_args[] = {"--database", "orders"};
static const char *const members[] = {"li", "chen"};
static const struct setting order_properties[] = {
	{"execution.checkpointing.interval", "30s"},
};

static const struct team_decl teams[] = {
	{.name = "ods",
		.title = "贴源层",
		.owner = "li",
		.members = members,
		.member_count = 2,
		.path = "teams/ods/team.yaml"},
	{.name = "dwd", .owner = "chen", .path = "teams/dwd/team.yaml"},
	{.name = "ml"},
};

#define APP(team_, name_, job_, cluster_)                                                          \
	{                                                                                          \
		.team = team_, .name = name_, .job_name = job_, .type = APP_JAR,                   \
		.target = TARGET_REMOTE, .cluster = cluster_, .parallelism = 2,                    \
		.path = "teams/" team_ "/apps/" name_ ".yaml",                                     \
		.text = "apiVersion: weir/v1\nkind: Application\nname: " name_ "\n"                \
	}

static struct snapshot *workspace(int64_t observed_ms)
{
	static const struct app_decl rows[] = {
		APP("ods", "order-sync", "订单同步", "sessions"),
		APP("ods", "user-sync", "user-sync", "sessions"),
		APP("ods", "payment-loop", "payment-loop", "sessions"),
		APP("dwd", "daily-agg", "daily-agg", "batch"),
		APP("dwd", "lost-one", "lost-one", "batch"),
		APP("dwd", "waiting", "waiting", "batch"),
		APP("ml", "edge-score", "edge-score", "edge"),
		APP("ml", "fresh", "fresh", "sessions"),
		APP("ml", "nowhere", "nowhere", "gone"),
	};
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, FIXTURE_CONTEXT, "workspace", NULL);
	struct app_decl *apps = arena_calloc(snapshot->arena, ARRAY_SIZE(rows) + 1, sizeof(*apps));

	memcpy(apps, rows, sizeof(rows));
	apps[0].owner = "li";
	apps[0].tags = order_tags;
	apps[0].tag_count = ARRAY_SIZE(order_tags);
	apps[0].args = order_args;
	apps[0].arg_count = ARRAY_SIZE(order_args);
	apps[0].properties = order_properties;
	apps[0].property_count = ARRAY_SIZE(order_properties);
	apps[0].flink_env = "1.20";
	apps[0].main_class = "com.example.OrderSync";
	apps[3].type = APP_SQL;
	apps[ARRAY_SIZE(rows)] = (struct app_decl){
		.team = "ml",
		.name = "broken",
		.job_name = "broken",
		.type = APP_TYPE_NONE,
		.target = TARGET_NONE,
		.parallelism = -1,
		.path = "teams/ml/apps/broken.yaml",
		.error = "teams/ml/apps/broken.yaml:3:1: unknown key 'clutser': did you mean "
			 "'cluster'?",
	};
	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	snapshot->latency_ms = -1;
	snapshot->teams = teams;
	snapshot->team_count = ARRAY_SIZE(teams);
	snapshot->apps = apps;
	snapshot->app_count = ARRAY_SIZE(rows) + 1;
	return snapshot;
}

/* -- clusters -- */

static struct snapshot *sessions(int64_t observed_ms, bool is_failed)
{
	struct snapshot *snapshot = fixture_cluster("sessions", "1.20.5", observed_ms);
	char *long_name = arena_alloc(snapshot->arena, FIXTURE_LONG_NAME_LEN + 1);

	memset(long_name, 'x', FIXTURE_LONG_NAME_LEN);
	memcpy(long_name, "long-", 5);
	fixture_job(snapshot, ORDERS, "订单同步", JOB_RUNNING, 4, 4);
	fixture_job(snapshot, USERS, "user-sync", is_failed ? JOB_FAILED : JOB_RUNNING,
		is_failed ? 0 : 4, 4);
	fixture_job(snapshot, LOOP, "payment-loop", JOB_RUNNING, 4, 4);
	fixture_job(snapshot, LONG, long_name, JOB_RUNNING, 1, 1);
	fixture_job(snapshot, ESCAPE,
		"evil \x1b[31mred\x1b[0m\x07 \xe2\x80\xae"
		"drow",
		JOB_RUNNING, 1, 1);
	return snapshot;
}

static struct snapshot *batch(int64_t observed_ms, bool has_lost)
{
	struct snapshot *snapshot = fixture_cluster("batch", "2.2.1", observed_ms);

	fixture_job(snapshot, AGG, "daily-agg", JOB_FAILED, 0, 3);
	if (has_lost)
		fixture_job(snapshot, LOST, "lost-one", JOB_RUNNING, 2, 2);
	fixture_job(snapshot, WAITING, "waiting", JOB_RUNNING, 0, 6);
	fixture_job(snapshot, LAKE, "Kafka → 湖仓入湖 (paimon)", JOB_RUNNING, 8, 8);
	fixture_job(snapshot, DONE, "backfill-2025-10", JOB_FINISHED, 0, 2);
	fixture_job(snapshot, STOPPED, "backfill-2025-09", JOB_CANCELED, 0, 2);
	return snapshot;
}

struct fleet *fixture_fleet_empty(void)
{
	struct fleet *fleet = fleet_new();

	fleet_add_cluster(
		fleet, FIXTURE_CONTEXT, "sessions", "standalone", "http://sessions.example:8081");
	fleet_add_cluster(
		fleet, FIXTURE_CONTEXT, "batch", "standalone", "http://batch.example:8081");
	fleet_add_cluster(fleet, FIXTURE_CONTEXT, "edge", "standalone", "http://edge.example:8081");
	return fleet;
}

static void polled(struct fleet *fleet, const char *cluster, int64_t interval_ms, int64_t requests)
{
	char *ref = ref_cluster(FIXTURE_CONTEXT, cluster);

	fleet_set_polling(fleet, ref, &(struct polling){interval_ms, requests, 100});
	free(ref);
}

struct fleet *fixture_fleet(void)
{
	struct fleet *fleet = fixture_fleet_empty();
	struct snapshot *edge = fixture_cluster("edge", "1.16.3", FIXTURE_NOW_MS - M(3));
	int64_t now = FIXTURE_NOW_MS;

	fixture_apply(fleet, workspace(now - M(5)), now - M(5));
	fixture_job(edge, EDGE, "edge-score", JOB_RUNNING, 2, 2);
	fixture_apply(fleet, edge, now - M(3));
	fixture_apply(fleet, batch(now - M(2), true), now - M(2));
	fixture_apply(fleet, sessions(now - S(4), false), now - S(4));
	for (int i = 2; i > 0; i--) {
		fixture_apply(fleet, batch(now - S(2 * i), false), now - S(2 * i));
		fixture_apply(fleet,
			fixture_failure("edge", E_NET,
				"GET http://edge.example:8081/jobs/overview: connection refused",
				now - S(2 * i)),
			now - S(2 * i));
	}
	fixture_apply(fleet, sessions(now - S(2), false), now - S(2));
	fixture_apply(fleet, fixture_detail("sessions", ORDERS, now - S(2), 0), now - S(2));
	fixture_apply(fleet, fixture_detail("sessions", LOOP, now - S(2), 17), now - S(2));
	fixture_apply(fleet, fixture_detail("batch", AGG, now - S(2), 1), now - S(2));
	polled(fleet, "sessions", 1000, 46);
	polled(fleet, "batch", 5000, 2);
	polled(fleet, "edge", 4250, 0);
	return fleet;
}

static void remember(struct fleet *fleet, struct snapshot *snapshot)
{
	snapshot->from_store = true;
	fixture_apply(fleet, snapshot, FIXTURE_NOW_MS);
}

struct fleet *fixture_fleet_offline(bool after_polls)
{
	static const char *const clusters[] = {"sessions", "batch", "edge"};
	struct fleet *fleet = fixture_fleet_empty();
	int64_t then = FIXTURE_NOW_MS - M(20);
	struct snapshot *edge = fixture_cluster("edge", "1.16.3", then - M(3));

	remember(fleet, workspace(then));
	fixture_job(edge, EDGE, "edge-score", JOB_RUNNING, 2, 2);
	remember(fleet, edge);
	remember(fleet, batch(then, false));
	remember(fleet, sessions(then, false));
	for (int i = 2; after_polls && i > 0; i--) {
		fixture_apply(fleet, workspace(FIXTURE_NOW_MS - S(i)), FIXTURE_NOW_MS - S(i));
		for (size_t k = 0; k < ARRAY_SIZE(clusters); k++) {
			char *text = xasprintf("GET http://%s.example:8081/jobs/overview: no "
					       "route to host",
				clusters[k]);
			fixture_apply(fleet,
				fixture_failure(clusters[k], E_NET, text, FIXTURE_NOW_MS - S(i)),
				FIXTURE_NOW_MS - S(i));
			free(text);
		}
	}
	return fleet;
}

void fixture_next_poll(struct fleet *fleet, int64_t now_ms, bool is_failed)
{
	fixture_apply(fleet, sessions(now_ms, is_failed), now_ms);
}

void fixture_twin(struct fleet *fleet, int64_t now_ms)
{
	struct snapshot *snapshot = sessions(now_ms, false);

	fixture_job(snapshot, TWIN, "user-sync", JOB_RUNNING, 4, 4);
	fixture_apply(fleet, snapshot, now_ms);
}

struct fleet *fixture_fleet_large(size_t count)
{
	struct fleet *fleet = fixture_fleet_empty();
	struct snapshot *snapshot = fixture_cluster("sessions", "1.20.5", FIXTURE_NOW_MS);

	snapshot->jobs = arena_calloc(snapshot->arena, count, sizeof(*snapshot->jobs));
	for (size_t i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "sync-%zu", i);
		fixture_job(snapshot, (int)i, name, JOB_RUNNING, 1, 1);
	}
	fixture_apply(fleet, snapshot, FIXTURE_NOW_MS);
	return fleet;
}
