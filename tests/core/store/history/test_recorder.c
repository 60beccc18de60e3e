/* What the flight recorder takes down of what the fleet tells, and what it keeps quiet about. */
#include "core/query/query_history.h"
#include "tests/core/store/kit.h"

#define CACHE "cache.db"
#define MINUTE 60000

static int64_t events(const struct kit *kit, const char *where)
{
	char *sql = xasprintf("SELECT count(*) FROM event WHERE %s", where);
	int64_t count = kit_sql(kit->dir, CACHE, sql);

	free(sql);
	return count;
}

/* Job `number`, under the name of the declared application. */
static struct snapshot *running(int64_t observed_ms, int number, int64_t start_ms)
{
	struct snapshot *snapshot = kit_answer("a", observed_ms, number, 1, JOB_RUNNING);
	struct job_summary *job = (struct job_summary *)(uintptr_t)snapshot->jobs;

	job->name = "订单 job 1";
	job->start_ms = start_ms;
	return snapshot;
}

#define OF_APP "ref = 'prod/workspace/app/ods/orders' AND "
#define ID_1 "00000000000000000000000000000001"
#define ID_2 "00000000000000000000000000000002"

static void recorder_first_sight_is_told_once(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_flush(&kit);
	check_int("nobody vouches for it yet", kit_count(dir, CACHE, "event"), 0);
	kit_apply(&kit, running(KIT_NOW + 1000, 1, KIT_NOW - MINUTE));
	kit_apply(&kit, running(KIT_NOW + 2000, 1, KIT_NOW - MINUTE));
	kit_flush(&kit);
	check_int("first sight",
		events(&kit, OF_APP "kind = 'first-seen' AND to_state = 'RUNNING'"), 1);
	check_int("no more", kit_count(dir, CACHE, "event"), 1);
	kit_close(&kit);
	/* Another weir remembers that it was seen. */
	kit_open(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, kit_declared(KIT_NOW + 9000));
	kit_apply(&kit, running(KIT_NOW + 9000, 1, KIT_NOW - MINUTE));
	kit_flush(&kit);
	check_int("once in its life", kit_count(dir, CACHE, "event"), 1);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void recorder_follows_an_application_across_jobs(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	kit_apply(&kit, running(KIT_NOW + 1000, 2, KIT_NOW));
	kit_flush(&kit);
	check_int("the new job",
		events(&kit,
			OF_APP "kind = 'job' AND from_state = '" ID_1 "' AND to_state = '" ID_2
			       "' AND job_id = '" ID_2 "'"),
		1);
	/* The same job, begun anew under another JobManager. */
	kit_apply(&kit, running(KIT_NOW + 3000, 2, KIT_NOW + 2000));
	kit_flush(&kit);
	check_int("failover", events(&kit, OF_APP "kind = 'failover' AND job_id = '" ID_2 "'"), 1);
	kit_close(&kit);
	/* What happened while no weir ran is told by the first answer. */
	kit_open(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, running(KIT_NOW + 90000, 3, KIT_NOW + 80000));
	kit_flush(&kit);
	check_int("the job after", events(&kit, OF_APP "kind = 'job'"), 2);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* What the next leader tells of it: nothing of what was before, and checkpoints by ids that go on. */
static struct snapshot *taken_over(int64_t observed_ms, int64_t restarts, int64_t checkpoint)
{
	struct snapshot *snapshot = kit_detail("a", observed_ms, 1, restarts, NULL);
	struct checkpoint *list = arena_calloc(snapshot->arena, 1, sizeof(*list));

	*list = (struct checkpoint){.id = checkpoint,
		.status = CHECKPOINT_COMPLETED,
		.trigger_ms = KIT_NOW + checkpoint * 1000,
		.ack_ms = KIT_NOW + checkpoint * 1000 + 300};
	snapshot->detail.checkpoints.last_completed = NULL;
	snapshot->detail.checkpoints.history = list;
	snapshot->detail.checkpoints.history_count = checkpoint > 0;
	return snapshot;
}

static void recorder_goes_on_across_a_failover(void **state)
{
	char *dir = temp_dir();
	struct snapshot *away;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	fleet_set_cluster_addresses(kit.fleet, KIT_CONTEXT, "a", 2);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - 60 * MINUTE));
	kit_apply(&kit, taken_over(KIT_NOW, 3, 8));
	kit_apply(&kit, taken_over(KIT_NOW + MINUTE, 4, 9));
	away = kit_failure("a", KIT_NOW + 2 * MINUTE, "HTTP 503: leader election");
	away->is_leaderless = true;
	kit_apply(&kit, snapshot_ref(away));
	kit_apply(&kit, snapshot_ref(away));
	kit_apply(&kit, away);
	away = running(KIT_NOW + 3 * MINUTE, 1, KIT_NOW + 3 * MINUTE - 100);
	away->cluster.address = "http://standby:8081";
	kit_apply(&kit, away);
	kit_apply(&kit, taken_over(KIT_NOW + 3 * MINUTE, 0, 0));
	kit_apply(&kit, taken_over(KIT_NOW + 4 * MINUTE, 1, 10));
	kit_flush(&kit);
	check_int("failover",
		events(&kit, OF_APP "kind = 'failover' AND text = 'http://standby:8081'"), 1);
	check_int("why it was away",
		events(&kit,
			"kind = 'state' AND from_state = 'RUNNING' AND to_state = 'RESTARTING' AND "
			"text LIKE 'leader changing: %election'"),
		1);
	check_int("and back", events(&kit, "kind = 'state' AND to_state = 'RUNNING'"), 1);
	check_int("no other state", events(&kit, "kind = 'state'"), 2);
	check_int("another of several has not moved", events(&kit, "kind = 'address'"), 0);
	check_int("restarts", events(&kit, "kind = 'restart'"), 2);
	check_int("count on",
		events(&kit, "kind = 'restart' AND from_state = '4' AND to_state = '5'"), 1);
	check_int("checkpoints go on", kit_count(dir, CACHE, "checkpoint"), 3);
	kit_close(&kit);
	/* Another weir knows all that, and tells nothing twice. */
	kit_open(&kit, dir);
	fleet_set_cluster_addresses(kit.fleet, KIT_CONTEXT, "a", 2);
	kit_load(&kit);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, running(KIT_NOW + 9 * MINUTE, 1, KIT_NOW + 3 * MINUTE - 100));
	kit_apply(&kit, taken_over(KIT_NOW + 9 * MINUTE, 2, 10));
	kit_flush(&kit);
	check_int("still one failover", events(&kit, "kind = 'failover'"), 1);
	check_int("counts on",
		events(&kit, "kind = 'restart' AND from_state = '5' AND to_state = '6'"), 1);
	check_int("no checkpoint twice", kit_count(dir, CACHE, "checkpoint"), 3);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* In application mode an id may be the same for ever. */
static void recorder_takes_a_new_run_of_an_id_for_no_failover(void **state)
{
	char *dir = temp_dir();
	struct snapshot *ended;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	ended = kit_answer("a", KIT_NOW + 1000, 1, 1, JOB_CANCELED);
	kit_apply(&kit, ended);
	kit_apply(&kit, running(KIT_NOW + MINUTE, 1, KIT_NOW + 50000));
	kit_flush(&kit);
	check_int("none", events(&kit, "kind = 'failover'"), 0);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void recorder_tells_restarts_once_a_minute(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	kit_apply(&kit, kit_detail("a", KIT_NOW, 1, 5, "IOException: password=hunter2"));
	kit_flush(&kit);
	check_int("before it was looked at", events(&kit, "kind = 'restart'"), 0);
	for (int i = 1; i <= 24; i++)
		kit_apply(&kit,
			kit_detail("a", KIT_NOW + i * 5000, 1, 5 + i,
				"IOException: password=hunter2\n\x1b[2J"));
	kit_flush(&kit);
	check_int("once a minute", events(&kit, "kind = 'restart'"), 2);
	check_int("none is left out", events(&kit, "kind = 'restart' AND from_state = '6'"), 1);
	check_int("up to then", events(&kit, "kind = 'restart' AND to_state = '18'"), 1);
	check_int("no secret", events(&kit, "text LIKE '%hunter2%'"), 0);
	check_int("no escape", events(&kit, "instr(text, char(27)) OR instr(text, char(10))"), 0);
	/* A counter that begins anew is no restart; what was not told before it did still is. */
	kit_apply(&kit, kit_detail("a", KIT_NOW + 10 * MINUTE, 1, 0, NULL));
	kit_apply(&kit, kit_detail("a", KIT_NOW + 12 * MINUTE, 1, 0, NULL));
	kit_flush(&kit);
	check_int("begun anew", events(&kit, "kind = 'restart'"), 3);
	check_int("the rest", events(&kit, "kind = 'restart' AND to_state = '29'"), 1);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void recorder_watches_the_cluster(void **state)
{
	char *dir = temp_dir();
	struct snapshot *snapshot;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 1, 1, JOB_RUNNING));
	kit_apply(&kit, kit_failure("a", KIT_NOW + 1000, "refused"));
	kit_flush(&kit);
	check_int("an error is no change", events(&kit, "ref LIKE '%/cluster/a'"), 0);
	snapshot = kit_answer("a", KIT_NOW + 2000, 1, 1, JOB_RUNNING);
	snapshot->cluster.taskmanagers = 1;
	snapshot->cluster.address = "http://standby:8081";
	kit_apply(&kit, snapshot);
	kit_flush(&kit);
	check_int("gone",
		events(&kit, "kind = 'taskmanagers' AND from_state = '2' AND to_state = '1'"), 1);
	check_int(
		"moved", events(&kit, "kind = 'address' AND to_state = 'http://standby:8081'"), 1);
	kit_close(&kit);
	kit_open(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 9000, 1, 1, JOB_RUNNING));
	kit_flush(&kit);
	check_int("come back while nobody looked",
		events(&kit, "kind = 'taskmanagers' AND from_state = '1' AND to_state = '2'"), 1);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* first … last, but for `without`. */
static struct snapshot *listed(int64_t observed_ms, int first, int last, int without)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_TASKMANAGERS, KIT_CONTEXT, "a", NULL);
	struct taskmanager *list = arena_calloc(snapshot->arena, 400, sizeof(*list));
	size_t count = 0;

	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	for (int i = first; i <= last; i++) {
		if (i == without)
			continue;
		list[count].id = arena_printf(snapshot->arena, "tm-%d", i);
		list[count].slots_total = 4;
		list[count].slots_free = 1;
		list[count++].host = arena_printf(snapshot->arena, "host%d:6122", i);
	}
	snapshot->taskmanagers = list;
	snapshot->taskmanager_count = count;
	return snapshot;
}

static struct snapshot *counted(int64_t observed_ms, int taskmanagers)
{
	struct snapshot *snapshot = kit_answer("a", observed_ms, 1, 1, JOB_RUNNING);

	snapshot->cluster.taskmanagers = taskmanagers;
	return snapshot;
}

#define OF_CLUSTER "kind = 'taskmanagers' AND "

static void recorder_names_taskmanagers(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, counted(KIT_NOW, 2));
	kit_apply(&kit, listed(KIT_NOW, 1, 2, 0));
	/* Flink says which one it lost, and how. */
	kit_apply(&kit, counted(KIT_NOW + 2000, 1));
	kit_apply(&kit, listed(KIT_NOW + 2100, 1, 2, 2));
	kit_flush(&kit);
	check_int("waits for why", events(&kit, OF_CLUSTER "1"), 0);
	kit_apply(&kit,
		kit_detail("a", KIT_NOW + 3000, 1, 0,
			"org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager with id"
			" tm-2(host2:6122) is no longer reachable.\n\tat a.B.c(B.java:1)"));
	kit_apply(&kit, counted(KIT_NOW + 4000, 1));
	kit_flush(&kit);
	check_int("by name, with why",
		events(&kit,
			OF_CLUSTER "from_state = '2' AND to_state = '1' AND text LIKE"
				   " 'gone: tm-2 (host2:6122) is no longer reachable; 8"
				   " slots%'"),
		1);
	check_int("when it was seen",
		kit_sql(dir, CACHE, "SELECT time_ms FROM event WHERE kind = 'taskmanagers'"),
		KIT_NOW + 2000);
	/* One instead of the other: the number is the same. */
	kit_apply(&kit, listed(KIT_NOW + 10000, 1, 3, 2));
	kit_apply(&kit, counted(KIT_NOW + 10500, 2));
	kit_apply(&kit, listed(KIT_NOW + 70000, 3, 4, 0));
	kit_apply(&kit, counted(KIT_NOW + 78000, 2));
	kit_flush(&kit);
	check_int("come",
		events(&kit,
			OF_CLUSTER "from_state = '1' AND text LIKE 'come: tm-3 (host3:6122); 8%'"),
		1);
	check_int("changed",
		events(&kit,
			OF_CLUSTER "from_state = '2' AND to_state = '2' AND text LIKE"
				   " 'gone: tm-1 (host1:6122); come: tm-4 (host4:6122)%'"),
		1);
	check_int("no more", events(&kit, OF_CLUSTER "1"), 3);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* A rack goes: one line, not two hundred. */
static void recorder_names_only_the_first_few(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, counted(KIT_NOW, 200));
	kit_apply(&kit, listed(KIT_NOW, 1, 200, 0));
	kit_apply(&kit, counted(KIT_NOW + 2000, 120));
	kit_apply(&kit, counted(KIT_NOW + 4000, 20));
	kit_apply(&kit, listed(KIT_NOW + 4500, 181, 200, 0));
	kit_apply(&kit, counted(KIT_NOW + 9000, 20));
	kit_flush(&kit);
	check_int("one event", events(&kit, OF_CLUSTER "1"), 1);
	check_int("of so many",
		events(&kit,
			OF_CLUSTER
			"from_state = '200' AND to_state = '20' AND text LIKE 'gone: tm-1"
			" (host1:6122), tm-2 (host2:6122), tm-3 (host3:6122) and 177 more; 8"
			" slots%'"),
		1);
	/* A list that never comes: the number alone. */
	kit_apply(&kit, counted(KIT_NOW + 60000, 19));
	kit_apply(&kit, counted(KIT_NOW + 62000, 19));
	kit_flush(&kit);
	check_int("waits for names", events(&kit, OF_CLUSTER "1"), 1);
	kit_apply(&kit, counted(KIT_NOW + 70000, 19));
	kit_flush(&kit);
	check_int(
		"without", events(&kit, OF_CLUSTER "to_state = '19' AND text LIKE '8 slots%'"), 1);
	/* Who leaves does not take it along. */
	kit_apply(&kit, counted(KIT_NOW + 80000, 18));
	kit_flush(&kit);
	check_int("waits for names", events(&kit, OF_CLUSTER "to_state = '18'"), 0);
	kit_close(&kit);
	check_int("told at the end", events(&kit, OF_CLUSTER "to_state = '18'"), 1);
	temp_dir_remove(dir);
}

static void recorder_tells_of_duplicates(void **state)
{
	char *dir = temp_dir();
	struct snapshot *snapshot;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	snapshot = kit_answer("a", KIT_NOW + 1000, 1, 2, JOB_RUNNING);
	((struct job_summary *)(uintptr_t)snapshot->jobs)[1].name = "订单 job 1";
	kit_apply(&kit, snapshot);
	kit_flush(&kit);
	check_int("two", events(&kit, OF_APP "kind = 'duplicate' AND to_state = '2'"), 1);
	kit_apply(&kit, running(KIT_NOW + 2000, 1, KIT_NOW - MINUTE));
	kit_flush(&kit);
	check_int("one again", events(&kit, OF_APP "kind = 'duplicate' AND to_state = '1'"), 1);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* ---- checkpoints ---- */

static struct snapshot *checkpoints(int64_t observed_ms, int first, int count)
{
	struct snapshot *snapshot = kit_detail("a", observed_ms, 1, 0, NULL);
	struct checkpoint *list = arena_calloc(snapshot->arena, (size_t)count, sizeof(*list));

	for (int i = 0; i < count; i++) {
		int id = first + count - 1 - i;

		list[i] = (struct checkpoint){.id = id,
			.status = i == 0      ? CHECKPOINT_IN_PROGRESS
				: id % 5 == 0 ? CHECKPOINT_FAILED
					      : CHECKPOINT_COMPLETED,
			.is_discarded = i > 1,
			.trigger_ms = KIT_NOW + id * 1000,
			.ack_ms = KIT_NOW + id * 1000 + 300,
			.duration_ms = 300,
			.state_bytes = id,
			.failure = id % 5 == 0 ? "secret=hunter2 expired" : NULL};
	}
	snapshot->detail.checkpoints.last_completed = NULL;
	snapshot->detail.checkpoints.history = list;
	snapshot->detail.checkpoints.history_count = (size_t)count;
	return snapshot;
}

/* Ten at a time, as Flink lists them; all are remembered, each once, also by another weir. */
static void recorder_remembers_all_checkpoints(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	for (int i = 0; i <= 30; i++)
		kit_apply(&kit, checkpoints(KIT_NOW + 10000 + i * 1000, 1 + i, 10));
	kit_flush(&kit);
	check_int("all that have ended", kit_count(dir, CACHE, "checkpoint"), 39);
	check_int("failed", kit_count(dir, CACHE, "checkpoint WHERE status = 'FAILED'"), 7);
	check_int("dropped", kit_count(dir, CACHE, "checkpoint WHERE is_discarded"), 38);
	check_int(
		"no secret", kit_count(dir, CACHE, "checkpoint WHERE failure LIKE '%hunter2%'"), 0);
	kit_close(&kit);
	kit_open(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, running(KIT_NOW + 60000, 1, KIT_NOW - MINUTE));
	kit_apply(&kit, checkpoints(KIT_NOW + 60000, 31, 10));
	kit_apply(&kit, checkpoints(KIT_NOW + 61000, 32, 10));
	kit_flush(&kit);
	check_int("one more", kit_count(dir, CACHE, "checkpoint"), 40);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* ---- exceptions ---- */

#define TRACE(line, id)                                                                            \
	"java.io.IOException: lost " id " token=hunter2\n"                                         \
	"\tat com.example.Sink.write(Sink.java:" line ")\n"                                        \
	"\tat com.example.Job$$Lambda$" line "/0x0000" id ".run(Unknown Source)\n"

static struct snapshot *exceptions(
	int64_t observed_ms, const char *const *texts, const int *at_s, size_t count)
{
	struct snapshot *snapshot = kit_detail("a", observed_ms, 1, 0, NULL);
	struct exception *list = arena_calloc(snapshot->arena, count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (struct exception){.name = "java.io.IOException",
			.text = texts[i],
			.cause = "java.io.IOException: lost",
			.time_ms = KIT_NOW + at_s[i] * 1000};
	snapshot->detail.exceptions = list;
	snapshot->detail.exception_count = count;
	return snapshot;
}

static int64_t told(const struct kit *kit, const char *what)
{
	char *sql = xasprintf("SELECT %s FROM exception WHERE text LIKE '%%Sink.write%%'", what);
	int64_t value = kit_sql(kit->dir, CACHE, sql);

	free(sql);
	return value;
}

static void recorder_counts_exceptions_once(void **state)
{
	static const char *const texts[] = {TRACE("12", "9f3c"), TRACE("15", "77aa"),
		"java.lang.Error: other\n\tat a.B.c(B.java:1)"};
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	/* Newest first; the same list at each poll. */
	for (int i = 0; i < 5; i++)
		kit_apply(&kit, exceptions(KIT_NOW + 9000 + i, texts, (int[]){7, 5, 3}, 3));
	kit_flush(&kit);
	check_int("two failures", kit_count(dir, CACHE, "exception"), 2);
	check_int("the one twice", told(&kit, "count"), 2);
	check_int("first", told(&kit, "first_ms"), KIT_NOW + 5000);
	check_int("last", told(&kit, "last_ms"), KIT_NOW + 7000);
	check_int("no secret", told(&kit, "text LIKE '%hunter2%'"), 0);
	kit_close(&kit);
	/* Another weir counts on, and not again what is counted. */
	kit_open(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, running(KIT_NOW + 20000, 1, KIT_NOW - MINUTE));
	kit_apply(&kit, exceptions(KIT_NOW + 20000, texts, (int[]){19, 7, 5}, 2));
	kit_flush(&kit);
	check_int("three times", told(&kit, "count"), 3);
	check_int("first", told(&kit, "first_ms"), KIT_NOW + 5000);
	check_int("last", told(&kit, "last_ms"), KIT_NOW + 19000);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* A large fleet is remembered a slice at a time (kit.h); none is left out, and none is news. */
static void recorder_remembers_in_slices(void **state)
{
	enum { JOBS = 300 };
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, JOBS, JOB_RUNNING));
	kit_flush(&kit);
	check_int("first seen", events(&kit, "kind = 'first-seen'"), JOBS);
	kit_close(&kit);
	kit_open(&kit, dir);
	kit_load(&kit);
	assert_true(kit.slices >= 2 * JOBS / 64);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 1000, 0, JOBS, JOB_RUNNING));
	kit_flush(&kit);
	check_int("after another start", events(&kit, "kind = 'first-seen'"), JOBS);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 2000, 0, JOBS, JOB_FAILED));
	kit_flush(&kit);
	check_int("what happens then", events(&kit, "kind = 'state'"), JOBS);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void on_count(void *data, const void *const *items, size_t count, const struct err *err)
{
	(void)items;
	check_ok("read", err ? -1 : 0, err);
	*(int64_t *)data = (int64_t)count;
}

/* What was noted is read, whatever is under way. */
static void recorder_is_read_behind_what_was_noted(void **state)
{
	struct history_ask ask = {.max = 100};
	char *dir = temp_dir();
	int64_t first = -1, second = -1;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, running(KIT_NOW, 1, KIT_NOW - MINUTE));
	kit_apply(&kit, checkpoints(KIT_NOW + 10000, 1, 10));
	query_history(kit.store, HISTORY_CHECKPOINTS, &ask, on_count, &first);
	kit_apply(&kit, checkpoints(KIT_NOW + 11000, 2, 10));
	query_history(kit.store, HISTORY_CHECKPOINTS, &ask, on_count, &second);
	kit_idle(&kit);
	check_int("nine have ended", first, 9);
	check_int("and one more", second, 10);
	kit_close(&kit);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorder_first_sight_is_told_once),
		cmocka_unit_test(recorder_follows_an_application_across_jobs),
		cmocka_unit_test(recorder_goes_on_across_a_failover),
		cmocka_unit_test(recorder_takes_a_new_run_of_an_id_for_no_failover),
		cmocka_unit_test(recorder_tells_restarts_once_a_minute),
		cmocka_unit_test(recorder_watches_the_cluster),
		cmocka_unit_test(recorder_names_taskmanagers),
		cmocka_unit_test(recorder_names_only_the_first_few),
		cmocka_unit_test(recorder_tells_of_duplicates),
		cmocka_unit_test(recorder_remembers_all_checkpoints),
		cmocka_unit_test(recorder_counts_exceptions_once),
		cmocka_unit_test(recorder_remembers_in_slices),
		cmocka_unit_test(recorder_is_read_behind_what_was_noted),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
