/*
 * Several stores on one folder, as several processes have them: each with a loop and a fleet of its
 * own. One that is stopped is one whose loop is not turned. Time is the test's own.
 */
#include "tests/core/store/kit.h"

#include <time.h>
#include <unistd.h>

#include "core/store/history/trimmer.h"
#include "core/store/lease/poll_lease.h"
#include "core/store/lease/poll_lease_disk.h"
#include "core/store/store_internal.h"

#define CACHE "cache.db"
#define DEADLINE_S 120
#define TURN_MS 10

struct weir {
	struct kit kit;
	int roles, refreshes, followed, partial, jobs;
	char *focus, *line; /* the first that others want */
};

static int64_t test_mono_ms, test_wall_ms;

static void set_clock(int64_t passed_ms)
{
	test_mono_ms += passed_ms;
	test_wall_ms += passed_ms;
	clock_fix(test_wall_ms, test_mono_ms);
}

static void on_follow(void *data, struct snapshot *const *snapshots, size_t count)
{
	struct weir *weir = data;

	weir->followed += (int)count;
	weir->partial = weir->jobs = 0;
	for (size_t i = 0; i < count; i++) {
		weir->partial += snapshots[i]->is_partial;
		weir->jobs += (int)snapshots[i]->job_count;
		fleet_apply(weir->kit.fleet, snapshots[i], clock_wall_ms());
	}
}

static void on_role(void *data, const struct poll_state *state)
{
	(void)state;
	((struct weir *)data)->roles++;
}

static void on_wants(void *data, const struct poll_wants *wants)
{
	struct weir *weir = data;

	free(weir->focus);
	free(weir->line);
	weir->focus = wants->focus_count ? xstrdup(wants->focus[0]) : NULL;
	weir->line = wants->ref_count ? xstrdup(wants->refs[0]) : NULL;
}

static void on_refresh(void *data)
{
	((struct weir *)data)->refreshes++;
}

static void weir_open(struct weir *weir, const char *dir)
{
	*weir = (struct weir){0};
	kit_open(&weir->kit, dir);
	kit_load(&weir->kit);
}

static void weir_share(struct weir *weir)
{
	store_share(weir->kit.store,
		&(struct store_share){on_follow, on_role, on_wants, on_refresh, weir});
}

static void weir_close(struct weir *weir)
{
	kit_close(&weir->kit);
	free(weir->focus);
	free(weir->line);
}

static enum poll_role role_of(const struct weir *weir)
{
	return store_poll_state(weir->kit.store)->role;
}

static void turn(struct weir *a, struct weir *b)
{
	loop_turn(a->kit.loop, TURN_MS);
	if (b)
		loop_turn(b->kit.loop, TURN_MS);
}

/* The real time: clock_mono_ms() stands still here. */
static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Turns both (b may be NULL) until the condition holds. */
#define UNTIL(a, b, condition)                                                                     \
	do {                                                                                       \
		time_t end_ = now_s() + DEADLINE_S;                                                \
		while (!(condition) && now_s() < end_)                                             \
			turn(a, b);                                                                \
		check_bool(#condition, (condition), true);                                         \
	} while (0)

/* So much time, in steps that a running process would see, while these run. */
static void pass(int64_t passed_ms, struct weir *a, struct weir *b)
{
	while (passed_ms > 0) {
		set_clock(passed_ms < 500 ? passed_ms : 500);
		passed_ms -= 500;
		/* Long enough for a look: its timer is real. */
		for (int i = 0; i < POLL_LOOK_MS / TURN_MS + 5; i++)
			turn(a, b);
	}
}

static const struct job *job_of(const struct weir *weir, const char *cluster, int number)
{
	char id[JOB_ID_LEN + 1];
	const struct job *job;
	char *ref;

	snprintf(id, sizeof(id), "%032x", (unsigned)number);
	ref = ref_job(KIT_CONTEXT, cluster, id);
	job = fleet_job(weir->kit.fleet, ref);
	free(ref);
	return job;
}

static const struct cluster *cluster_of(const struct weir *weir, const char *name)
{
	char *ref = ref_cluster(KIT_CONTEXT, name);
	const struct cluster *cluster = fleet_cluster(weir->kit.fleet, ref);

	free(ref);
	return cluster;
}

static enum app_state state_of(const struct weir *weir, const char *cluster, int number)
{
	const struct job *job = job_of(weir, cluster, number);

	return job ? job->app->state : STATE_MAX;
}

static void begin(void)
{
	test_wall_ms = KIT_NOW;
	test_mono_ms = 1000000;
	set_clock(0);
}

static void two_open(struct weir *a, struct weir *b, const char *dir)
{
	begin();
	weir_open(a, dir);
	weir_share(a);
	UNTIL(a, NULL, role_of(a) == POLL_OURS);
	weir_open(b, dir);
	weir_share(b);
	UNTIL(a, b, role_of(b) == POLL_FOLLOWED);
	check_int("pid", store_poll_state(b->kit.store)->pid, getpid());
	check_bool("here", store_poll_state(b->kit.store)->is_here, true);
}

static void two_close(struct weir *a, struct weir *b, char *dir)
{
	weir_close(a);
	weir_close(b);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

/* ---- cases ---- */

static void lease_others_see_what_the_poller_sees(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	check_bool("polls", store_may_poll(a.kit.store), true);
	check_bool("polls not", store_may_poll(b.kit.store), false);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 5, JOB_RUNNING));
	UNTIL(&a, &b, state_of(&b, "a", 4) == STATE_RUNNING);
	check_bool("counts as answered", cluster_of(&b, "a")->has_answered, true);
	check_int("live", cluster_of(&b, "a")->live_jobs, 5);
	/* One changes: no more than that is read. */
	kit_apply(&a.kit, kit_detail("a", KIT_NOW + 100, 2, 7, "boom"));
	UNTIL(&a, &b, job_of(&b, "a", 2)->restarts == 7);
	check_int("jobs read", b.jobs, 1);
	check_bool("partial", b.partial > 0, true);
	check_str("exception", job_of(&b, "a", 2)->last_exception, "boom");
	check_int(
		"recent", job_of(&b, "a", 2)->recent_restarts, job_of(&a, "a", 2)->recent_restarts);
	check_int("restarted", job_of(&b, "a", 2)->restarted_ms, job_of(&a, "a", 2)->restarted_ms);
	check_bool("its own", job_of(&b, "a", 2)->lacks_slots, false);
	kit_apply(&a.kit, kit_detail("a", KIT_NOW + 150, 2, 8, "boom"));
	UNTIL(&a, &b, job_of(&b, "a", 2)->restart_gap_ms == 50);
	kit_apply(&a.kit, kit_detail("a", KIT_NOW + 160, 2, 9, "no slots"));
	UNTIL(&a, &b, job_of(&b, "a", 2)->lacks_slots);
	/* Silence is told as such. */
	kit_apply(&a.kit, kit_failure("a", KIT_NOW + 200, "refused"));
	kit_apply(&a.kit, kit_failure("a", KIT_NOW + 300, "refused"));
	UNTIL(&a, &b, state_of(&b, "a", 4) == STATE_UNREACHABLE);
	check_int("misses", cluster_of(&b, "a")->misses, 2);
	check_str("why", cluster_of(&b, "a")->last_err.text, "refused");
	check_int("code", cluster_of(&b, "a")->last_err.code, E_NET);
	/* Never answered: that is known too. */
	kit_apply(&a.kit, kit_failure("b", KIT_NOW + 200, "no route"));
	UNTIL(&a, &b, cluster_of(&b, "b")->misses == 1);
	check_bool("never", cluster_of(&b, "b")->has_answered, false);
	/* LOST rests on two answers, which only one process has seen. */
	kit_apply(&a.kit, kit_answer("a", KIT_NOW + 400, 0, 4, JOB_RUNNING));
	kit_apply(&a.kit, kit_answer("a", KIT_NOW + 500, 0, 4, JOB_RUNNING));
	UNTIL(&a, &b, state_of(&b, "a", 4) == STATE_LOST);
	check_int("back", cluster_of(&b, "a")->misses, 0);
	/* Each change is written once, by one of them. */
	int64_t events = kit_count(dir, CACHE, "event WHERE kind = 'state' AND to_state = 'LOST'");
	check_int("events", events, 1);
	two_close(&a, &b, dir);
}

static void lease_forgotten_jobs_are_forgotten_by_all(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 2, JOB_FINISHED));
	UNTIL(&a, &b, job_of(&b, "a", 1) != NULL);
	/* An ended job that is listed no more is history. */
	kit_apply(&a.kit, kit_answer("a", KIT_NOW + 100, 0, 1, JOB_FINISHED));
	UNTIL(&a, &b, !job_of(&a, "a", 1) && !job_of(&b, "a", 1));
	check_bool("the other", job_of(&b, "a", 0) != NULL, true);
	two_close(&a, &b, dir);
}

static void lease_a_card_is_asked_for_through_the_store(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 1, JOB_RUNNING));
	UNTIL(&a, &b, job_of(&b, "a", 0) != NULL);
	const char *ref = job_of(&b, "a", 0)->app->ref;
	store_want(b.kit.store, &ref, 1, ref);
	UNTIL(&a, &b, a.focus && a.line);
	check_str("card", a.focus, ref);
	check_str("line", a.line, ref);
	kit_apply(&a.kit, kit_detail("a", KIT_NOW + 100, 0, 0, "a password=hunter2 that leaks"));
	UNTIL(&a, &b, job_of(&b, "a", 0)->detail != NULL);
	const struct job_detail *detail = &job_of(&b, "a", 0)->detail->detail;
	check_int("parts", detail->parts, JOB_PARTS_ROW);
	check_int("checkpoint", detail->checkpoints.last_completed->id, 41);
	check_str("path", detail->checkpoints.last_completed->path, "s3://状态/chk-41");
	check_bool("secret", strstr(detail->exceptions[0].text, "hunter2") == NULL, true);
	check_int("text", kit_count(dir, CACHE, "job WHERE detail LIKE '%hunter2%'"), 0);
	store_want_refresh(b.kit.store);
	UNTIL(&a, &b, a.refreshes == 1);
	/* Who has left wants nothing. */
	weir_close(&b);
	set_clock(POLL_BEAT_MS);
	UNTIL(&a, NULL, !a.focus && !a.line);
	weir_close(&a);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

static void lease_who_leaves_hands_over(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	int64_t epoch = store_poll_state(b.kit.store)->epoch;
	weir_close(&a);
	UNTIL(&b, NULL, role_of(&b) == POLL_OURS);
	check_int("epoch", store_poll_state(b.kit.store)->epoch, epoch + 1);
	check_bool("polls", store_may_poll(b.kit.store), true);
	weir_close(&b);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

static void lease_a_stopped_poller_is_replaced_and_writes_nothing(void **state)
{
	char *dir = temp_dir();
	struct weir a, b, c;

	(void)state;
	two_open(&a, &b, dir);
	weir_open(&c, dir);
	weir_share(&c);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 2, JOB_RUNNING));
	UNTIL(&a, &b, job_of(&b, "a", 1) != NULL);
	UNTIL(&a, &c, job_of(&c, "a", 1) != NULL);
	/* `a` is stopped; two others see it. */
	pass(POLL_STALE_MS - 1500, &b, &c);
	check_int("not yet", role_of(&b), POLL_FOLLOWED);
	pass(5000, &b, &c);
	UNTIL(&b, &c, role_of(&b) == POLL_OURS || role_of(&c) == POLL_OURS);
	check_int("one of them", kit_sql(dir, CACHE, "SELECT epoch FROM poller"), 2);
	weir_close(&c);
	UNTIL(&b, NULL, role_of(&b) == POLL_OURS);
	kit_apply(&b.kit, kit_answer("a", KIT_NOW + 9000, 0, 2, JOB_FAILED));
	kit_flush(&b.kit);
	/* It wakes with an old answer in its hands. */
	check_bool("asks nothing", store_may_poll(a.kit.store), false);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW + 1000, 0, 3, JOB_RUNNING));
	kit_flush(&a.kit);
	UNTIL(&a, &b, role_of(&a) == POLL_FOLLOWED);
	check_int("writes nothing", kit_count(dir, CACHE, "job WHERE status = 'RUNNING'"), 0);
	check_int("rows", kit_count(dir, CACHE, "job"), 2);
	UNTIL(&a, &b, state_of(&a, "a", 1) == STATE_FAILED && !job_of(&a, "a", 2));
	check_int("stays", role_of(&b), POLL_OURS);
	check_int("quiet", a.kit.problems, 0);
	two_close(&a, &b, dir);
}

static void lease_clocks_that_jump_change_nothing(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	for (int i = 0; i < 2; i++) {
		test_wall_ms += i ? -7200000 : 3600000;
		pass(POLL_STALE_MS + 2000, &a, &b);
		check_int("ours", role_of(&a), POLL_OURS);
		check_int("others", role_of(&b), POLL_FOLLOWED);
	}
	/* The machine slept: all wake at once, the follower first. */
	set_clock(3600000);
	pass(1000, &b, NULL);
	check_int("asleep", role_of(&b), POLL_FOLLOWED);
	pass(POLL_STALE_MS + 2000, &a, &b);
	check_int("ours", role_of(&a), POLL_OURS);
	check_int("others", role_of(&b), POLL_FOLLOWED);
	check_int("epoch", store_poll_state(b.kit.store)->epoch, 1);
	two_close(&a, &b, dir);
}

/* Whoever writes at that moment is waited for. */
static sqlite3 *lock(const char *path)
{
	sqlite3 *handle = NULL;

	check_int("open", sqlite3_open(path, &handle), SQLITE_OK);
	sqlite3_busy_timeout(handle, 60000);
	check_int("lock", sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return handle;
}

static void lease_a_locked_file_is_named_and_polled_around(void **state)
{
	char *dir = temp_dir(), *path, *pid = xasprintf("process %d", (int)getpid());
	sqlite3 *handle;
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 1, JOB_RUNNING));
	UNTIL(&a, &b, job_of(&b, "a", 0) != NULL);
	path = temp_path(dir, CACHE);
	handle = lock(path);
	pass(POLL_STALE_MS + 2000, &a, &b);
	UNTIL(&a, &b, role_of(&b) == POLL_ALONE);
	check_bool("polls for itself", store_may_poll(b.kit.store), true);
	check_has("who", b.kit.problem.text, pid);
	check_int("once", b.kit.problems, 1);
	/* What is seen meanwhile waits, and is written once. */
	kit_apply(&a.kit, kit_answer("a", KIT_NOW + 5000, 0, 1, JOB_FAILED));
	kit_apply(&b.kit, kit_answer("a", KIT_NOW + 5000, 0, 1, JOB_FAILED));
	check_int("both see it", state_of(&b, "a", 0), STATE_FAILED);
	check_int("unlock", sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	pass(6000, &a, &b);
	UNTIL(&a, &b,
		(role_of(&a) == POLL_OURS && role_of(&b) == POLL_FOLLOWED) ||
			(role_of(&b) == POLL_OURS && role_of(&a) == POLL_FOLLOWED));
	UNTIL(&a, &b, kit_count(dir, CACHE, "job WHERE status = 'FAILED'") == 1);
	check_int("told once", kit_count(dir, CACHE, "event WHERE to_state = 'FAILED'"), 1);
	check_bool("over", b.kit.recoveries > 0, true);
	free(path);
	free(pid);
	two_close(&a, &b, dir);
}

/* What could not be written is the next one's: nobody tries it any more, so nothing else would say that it is over. */
static void lease_who_lost_it_forgets_that_it_was_locked(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, CACHE);
	sqlite3 *handle;
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	handle = lock(path);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 1, JOB_RUNNING));
	UNTIL(&a, &b, a.kit.problems > 0);
	pass(POLL_STALE_MS + 2000, &a, &b);
	UNTIL(&a, &b, role_of(&b) == POLL_ALONE);
	check_int("waits", role_of(&a), POLL_OURS);
	check_int("is told", a.kit.recoveries, 0);
	check_int("unlock", sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	/* The other one is first. */
	pass(POLL_STALE_MS + 2000, &b, NULL);
	UNTIL(&b, NULL, role_of(&b) == POLL_OURS);
	UNTIL(&a, &b, role_of(&a) == POLL_FOLLOWED);
	UNTIL(&a, &b, a.kit.recoveries > 0);
	free(path);
	two_close(&a, &b, dir);
}

static void lease_a_command_records_only_where_nobody_polls(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;
	struct kit c, d;

	(void)state;
	two_open(&a, &b, dir);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 1, JOB_RUNNING));
	kit_flush(&a.kit);
	kit_open(&c, dir);
	kit_load(&c);
	kit_apply(&c, kit_answer("a", KIT_NOW + 100, 0, 1, JOB_FAILED));
	kit_flush(&c);
	check_int("dropped", kit_count(dir, CACHE, "job WHERE status = 'FAILED'"), 0);
	check_int("no problem", c.problems, 0);
	weir_close(&a);
	weir_close(&b);
	/* Nobody polls: of two that saw the same, one tells it. */
	kit_open(&d, dir);
	kit_load(&d);
	kit_apply(&c, kit_answer("a", KIT_NOW + 200, 0, 1, JOB_CANCELED));
	kit_apply(&d, kit_answer("a", KIT_NOW + 200, 0, 1, JOB_CANCELED));
	kit_flush(&c);
	kit_flush(&d);
	check_int("rows", kit_count(dir, CACHE, "job WHERE status = 'CANCELED'"), 1);
	check_int("events", kit_count(dir, CACHE, "event WHERE to_state = 'CANCELED'"), 1);
	kit_close(&c);
	kit_close(&d);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

struct trim_ask {
	struct disk *disk;
	int rc;
};

static void trim_run(void *data)
{
	struct trim_ask *ask = data;
	struct err err = {0};

	check_ok("open", disk_open(ask->disk, FILE_CACHE, &err), &err);
	do {
		ask->rc = trimmer_step(
			ask->disk, &(struct history_limits){1000, HISTORY_BYTES}, KIT_NOW, &err);
	} while (ask->rc > 0);
	disk_tidy(ask->disk, clock_wall_ms() + TIDY_EVERY_MS);
}

static void trim_done(void *data)
{
	(void)data;
}

/* What a minute of its trimmer would do. */
static int trim(struct kit *kit)
{
	struct trim_ask ask = {.disk = store_disk(kit->store)};

	store_read(kit->store, trim_run, trim_done, &ask);
	kit_idle(kit);
	return ask.rc;
}

static void command_trims(const char *dir)
{
	struct kit command;

	kit_open(&command, dir);
	store_limit_history(command.store, 1000, HISTORY_BYTES);
	kit_load(&command);
	check_int("quiet", command.problems, 0);
	kit_close(&command);
}

static void lease_only_its_holder_trims(void **state)
{
	static const char old_event[] =
		"INSERT INTO event (ref, time_ms, kind, from_state, to_state)"
		" VALUES ('old', 1, 'state', 'RUNNING', 'FAILED')";
	char *dir = temp_dir(), *backup = temp_path(dir, "registry.db.bak");
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 2, JOB_RUNNING));
	kit_flush(&a.kit);
	check_int("backup", unlink(backup), 0);
	kit_sql(dir, CACHE, old_event);
	kit_sql(dir, CACHE, "UPDATE job SET missing_ms = 1, seen_ms = 1 WHERE id LIKE '%1'");
	check_int("follower", trim(&b.kit), E_CANCELED);
	command_trims(dir);
	check_int("events", kit_count(dir, CACHE, "event WHERE ref = 'old'"), 1);
	check_int("jobs", kit_count(dir, CACHE, "job"), 2);
	check_int("backup", access(backup, F_OK), -1);
	check_int("holder", trim(&a.kit), 0);
	check_int("events", kit_count(dir, CACHE, "event WHERE ref = 'old'"), 0);
	check_int("jobs", kit_count(dir, CACHE, "job"), 1);
	check_int("backup", access(backup, F_OK), 0);
	/* Nobody polls: who looks in does. */
	kit_sql(dir, CACHE, old_event);
	weir_close(&a);
	weir_close(&b);
	command_trims(dir);
	check_int("events", kit_count(dir, CACHE, "event WHERE ref = 'old'"), 0);
	free(backup);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

static void lease_who_slept_long_reads_everything_anew(void **state)
{
	char *dir = temp_dir();
	struct weir a, b;

	(void)state;
	two_open(&a, &b, dir);
	kit_apply(&a.kit, kit_answer("a", KIT_NOW, 0, 3, JOB_FINISHED));
	UNTIL(&a, &b, job_of(&b, "a", 2) != NULL);
	/* `b` sleeps: one job is forgotten, another one comes, and all of that is trimmed. */
	kit_apply(&a.kit, kit_answer("a", KIT_NOW + 100, 0, 2, JOB_FINISHED));
	kit_apply(&a.kit, kit_answer("b", KIT_NOW + 100, 7, 1, JOB_RUNNING));
	kit_flush(&a.kit);
	check_int("told", kit_count(dir, CACHE, "change"), 6);
	/* Nothing is trimmed that who looks now and then may need. */
	trim(&a.kit);
	check_int("told", kit_count(dir, CACHE, "change"), 6);
	char *sql = xasprintf("UPDATE poller SET seq = seq + %d", CHANGES_KEPT);
	kit_sql(dir, CACHE, sql);
	free(sql);
	set_clock(TIDY_EVERY_MS);
	trim(&a.kit);
	check_int("trimmed", kit_count(dir, CACHE, "change"), 0);
	check_int("holder", role_of(&a), POLL_OURS);
	UNTIL(&a, &b, !job_of(&b, "a", 2) && state_of(&b, "b", 7) == STATE_RUNNING);
	check_bool("the others", job_of(&b, "a", 0) && job_of(&b, "a", 1), true);
	/* From then on only what changes. */
	kit_apply(&a.kit, kit_detail("b", KIT_NOW + 200, 7, 3, NULL));
	UNTIL(&a, &b, job_of(&b, "b", 7)->restarts == 3);
	check_int("jobs read", b.jobs, 1);
	two_close(&a, &b, dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease_others_see_what_the_poller_sees),
		cmocka_unit_test(lease_forgotten_jobs_are_forgotten_by_all),
		cmocka_unit_test(lease_a_card_is_asked_for_through_the_store),
		cmocka_unit_test(lease_who_leaves_hands_over),
		cmocka_unit_test(lease_a_stopped_poller_is_replaced_and_writes_nothing),
		cmocka_unit_test(lease_clocks_that_jump_change_nothing),
		cmocka_unit_test(lease_a_locked_file_is_named_and_polled_around),
		cmocka_unit_test(lease_who_lost_it_forgets_that_it_was_locked),
		cmocka_unit_test(lease_a_command_records_only_where_nobody_polls),
		cmocka_unit_test(lease_only_its_holder_trims),
		cmocka_unit_test(lease_who_slept_long_reads_everything_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
