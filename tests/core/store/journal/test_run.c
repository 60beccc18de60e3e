/* The journal and its leases: one run at a time, orphans, and who may still write. */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/query/query.h"
#include "core/store/journal/release.h"
#include "core/store/journal/run.h"
#include "core/store/lease/owner.h"
#include "tests/core/store/kit.h"

#define APP "prod/workspace/app/ods/order-sync"
#define JOB "11111111111111111111111111111111"
#define TRIGGER "22222222222222222222222222222222"

struct said {
	struct kit kit;
	int calls, code;
	char text[1024];
	struct run *run; /* of the last call; or NULL */
	size_t count;
};

static void on_run(void *data, const struct run *run, const struct err *err)
{
	struct said *said = data;

	said->calls++;
	said->code = err ? (int)err->code : 0;
	snprintf(said->text, sizeof(said->text), "%s", err ? err->text : "");
	free(said->run);
	said->run = run ? run_dup(run) : NULL;
}

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct said *said = data;

	said->calls++;
	said->code = err ? (int)err->code : 0;
	said->count = count;
	free(said->run);
	said->run = count ? run_dup(runs[0]) : NULL;
}

static void idle(struct said *said, const char *row)
{
	int before = said->calls;

	kit_idle(&said->kit);
	check_int(row, said->calls, before + 1);
}

static struct run a_run(const char *verb)
{
	return (struct run){.app = APP,
		.context = KIT_CONTEXT,
		.team = "ods",
		.name = "order-sync",
		.cluster = "a",
		.verb = verb,
		.arguments = "{}",
		.job_id = JOB,
		.trigger_id = TRIGGER,
		.state = RUN_PLANNED,
		.created_ms = KIT_NOW,
		.plan = "POST …\n"};
}

static void begin(struct said *said, const char *row, const char *verb)
{
	struct run run = a_run(verb);

	run_begin(said->kit.store, &run, on_run, said);
	idle(said, row);
}

static void newest(struct said *said, const char *row)
{
	query_runs(said->kit.store, APP, false, 10, on_runs, said);
	idle(said, row);
	check_int(row, said->code, 0);
}

static void said_close(struct said *said)
{
	kit_close(&said->kit);
	free(said->run);
}

/* Writes into the file behind the store's back, as another process would. */
static void sql(const char *dir, const char *text)
{
	char *path = temp_path(dir, "registry.db"), *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_close(db);
	free(path);
}

/* What another process reads of the newest run at this moment. */
static char *sql_state(const char *dir)
{
	char *path = temp_path(dir, "registry.db"), *state;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT state FROM run ORDER BY id DESC LIMIT 1",
				 -1, &stmt, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	state = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	return state;
}

static void run_is_on_the_disk_when_begin_is_told(void **state)
{
	char *dir = temp_dir(), *word;
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	begin(&said, "begin", "stop");
	check_int("code", said.code, 0);
	assert_true(said.run->id > 0);
	check_bool("ours", said.run->is_orphan, false);
	word = sql_state(dir);
	check_str("on the disk", word, "PLANNED");
	free(word);

	struct run run = *said.run;
	run.state = RUN_SENT;
	run.sent_ms = KIT_NOW + 1;
	struct run *copy = run_dup(&run);
	run_update(said.kit.store, copy, on_run, &said);
	idle(&said, "update");
	check_int("update", said.code, 0);
	word = sql_state(dir);
	check_str("on the disk", word, "SENT");
	free(word);

	copy->state = RUN_DONE;
	copy->result = "file:/sp/1";
	copy->outcome = "savepoint at file:/sp/1";
	copy->ended_ms = KIT_NOW + 2;
	run_end(said.kit.store, copy, on_run, &said);
	idle(&said, "end");
	check_int("end", said.code, 0);
	free(copy);
	said_close(&said);

	/* All of it is there in the next process. */
	said = (struct said){0};
	kit_open(&said.kit, dir);
	newest(&said, "read");
	check_int("runs", (int64_t)said.count, 1);
	check_int("state", said.run->state, RUN_DONE);
	check_str("result", said.run->result, "file:/sp/1");
	check_str("plan", said.run->plan, "POST …\n");
	check_str("job", said.run->job_id, JOB);
	check_str("trigger", said.run->trigger_id, TRIGGER);
	check_int("ended", said.run->ended_ms, KIT_NOW + 2);
	check_bool("orphan", said.run->is_orphan, false);
	said_close(&said);
	temp_dir_remove(dir);
}

static void one_run_at_a_time(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};
	struct run *first;

	(void)state;
	kit_open(&said.kit, dir);
	begin(&said, "first", "savepoint");
	first = run_dup(said.run);
	begin(&said, "second", "stop");
	check_int("second", said.code, E_CONFLICT);
	check_has("names it", said.text, "(savepoint) of ods/order-sync is in progress");
	check_int("is that one", said.run->id, first->id);
	check_bool("alive", said.run->is_orphan, false);
	newest(&said, "no row");
	check_int("no row", (int64_t)said.count, 1);

	first->state = RUN_FAILED;
	run_end(said.kit.store, first, on_run, &said);
	idle(&said, "end");
	begin(&said, "third", "stop");
	check_int("third", said.code, 0);
	free(first);
	said_close(&said);
	temp_dir_remove(dir);
}

/* What makes an owner gone, and what does not. */
static void owner_is_gone_or_not(void **state)
{
	static const struct {
		const char *name, *set;
		bool gone;
	} rows[] = {
		{"as it is", NULL, false},
		{"let go", "host = ''", true},
		{"a later process with its number", "pid_start = '1'", true},
		{"started anew", "boot = 'another'", true},
		{"another machine, heard of", "boot = 'another', host = 'another'", false},
		{"another machine, silent", "boot = 'another', host = 'another', beat_wall_ms = 1",
			true},
		{"another container, heard of", "pid_space = 'another', pid = 1", false},
		{"stopped for long", "beat_boot_ms = beat_boot_ms - 60000", true},
		{"busy for a while", "beat_boot_ms = beat_boot_ms - 10000", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = temp_dir();
		struct said said = {0};

		kit_open(&said.kit, dir);
		begin(&said, rows[i].name, "stop");
		if (rows[i].set) {
			char *text = xasprintf("UPDATE lease SET %s", rows[i].set);
			sql(dir, text);
			free(text);
		}
		newest(&said, rows[i].name);
		check_bool(rows[i].name, said.run->is_orphan, rows[i].gone);
		run_adopt(said.kit.store, said.run->id, on_run, &said);
		idle(&said, rows[i].name);
		check_int(rows[i].name, said.code, rows[i].gone ? 0 : E_CONFLICT);
		said_close(&said);
		temp_dir_remove(dir);
	}
}

/* A child begins a run and is killed: its run is there, and can be taken over. */
static void killed_process_leaves_an_orphan(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};
	int status, ready[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		kit_open(&said.kit, dir);
		begin(&said, "child", "stop");
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	kit_open(&said.kit, dir);
	newest(&said, "alive");
	check_bool("alive", said.run->is_orphan, false);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	begin(&said, "conflict", "savepoint");
	check_int("in the way", said.code, E_CONFLICT);
	check_bool("orphan", said.run->is_orphan, true);
	check_has("says so", said.text, "is not settled");

	run_adopt(said.kit.store, said.run->id, on_run, &said);
	idle(&said, "adopt");
	check_int("adopt", said.code, 0);
	check_int("epoch", said.run->epoch, 2);
	check_str("what it was", said.run->trigger_id, TRIGGER);
	said_close(&said);
	temp_dir_remove(dir);
}

/* Stopped, taken over, and back: it must not write, so it will not send. */
static void former_owner_writes_nothing(void **state)
{
	char *dir = temp_dir(), *word;
	struct said said = {0};
	struct run *mine;

	(void)state;
	kit_open(&said.kit, dir);
	begin(&said, "begin", "stop");
	mine = run_dup(said.run);
	sql(dir, "UPDATE lease SET epoch = epoch + 1");
	mine->state = RUN_SENT;
	run_update(said.kit.store, mine, on_run, &said);
	idle(&said, "update");
	check_int("refused", said.code, E_CONFLICT);
	check_has("says why", said.text, "taken over");
	word = sql_state(dir);
	check_str("nothing written", word, "PLANNED");
	free(word);
	run_end(said.kit.store, mine, on_run, &said);
	idle(&said, "end");
	check_int("refused too", said.code, E_CONFLICT);
	free(mine);
	said_close(&said);
	temp_dir_remove(dir);
}

static void let_go_is_an_orphan_at_once(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};
	struct run *mine;

	(void)state;
	kit_open(&said.kit, dir);
	begin(&said, "begin", "stop");
	mine = run_dup(said.run);
	mine->state = RUN_WATCHING;
	run_let_go(said.kit.store, mine, on_run, &said);
	idle(&said, "let go");
	newest(&said, "read");
	check_bool("orphan", said.run->is_orphan, true);
	check_int("shown", run_shown_state(said.run), RUN_UNKNOWN);
	query_runs(said.kit.store, NULL, true, 10, on_runs, &said);
	idle(&said, "open ones");
	check_int("open ones", (int64_t)said.count, 1);
	run_adopt(said.kit.store, mine->id, on_run, &said);
	idle(&said, "adopt");
	check_int("adopt", said.code, 0);
	run_adopt(said.kit.store, 4711, on_run, &said);
	idle(&said, "no such run");
	check_int("no such run", said.code, E_NOTFOUND);
	free(mine);
	said_close(&said);
	temp_dir_remove(dir);
}

/* Who cannot write must not send. */
static void unwritable_store_begins_nothing(void **state)
{
	char *dir = temp_dir(), *inner = temp_path(dir, "no-folder");
	struct said said = {0};

	(void)state;
	temp_file(inner, "a file where the folder should be");
	kit_open(&said.kit, inner);
	begin(&said, "begin", "stop");
	assert_true(said.code < 0);
	assert_null(said.run);
	said_close(&said);
	free(inner);
	temp_dir_remove(dir);
}

static void canceled_op_is_not_told(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};
	struct run run = a_run("stop");

	(void)state;
	kit_open(&said.kit, dir);
	run_op_cancel(run_begin(said.kit.store, &run, on_run, &said));
	kit_idle(&said.kit);
	check_int("not told", said.calls, 0);
	said_close(&said);
	temp_dir_remove(dir);
}

static void steps_and_what_is_started_come_back(void **state)
{
	static const struct run_step steps[] = {
		{"stop", RUN_DONE, 1000, 2000, "stopped, savepoint at s3://b/\xe8\xae\xa2"},
		{"start", RUN_SENT, 2000, 0, NULL},
	};
	char *dir = temp_dir();
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	begin(&said, "begin", "restart");
	struct run run = *said.run;
	run.steps = steps;
	run.step_count = ARRAY_SIZE(steps);
	run.start_job_id = TRIGGER;
	run.restore_path = "s3://b/1";
	run.release = 4;
	run.application_id = "application_1_2";
	run.address = "http://jm:8081";
	run.state = RUN_SENT;
	run_let_go(said.kit.store, &run, on_run, &said);
	idle(&said, "let go");
	check_int("code", said.code, 0);
	newest(&said, "newest");
	check_int("steps", (int64_t)said.run->step_count, 2);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		check_str(steps[i].name, said.run->steps[i].name, steps[i].name);
		check_int(steps[i].name, said.run->steps[i].state, steps[i].state);
		check_int(steps[i].name, said.run->steps[i].started_ms, steps[i].started_ms);
		check_int(steps[i].name, said.run->steps[i].ended_ms, steps[i].ended_ms);
		check_str(steps[i].name, said.run->steps[i].text, steps[i].text);
	}
	check_str("current", run_current_step(said.run)->name, "start");
	check_str("job", said.run->start_job_id, TRIGGER);
	check_str("from", said.run->restore_path, "s3://b/1");
	check_int("release", said.run->release, 4);
	check_str("application", said.run->application_id, "application_1_2");
	check_str("address", said.run->address, "http://jm:8081");
	said_close(&said);
	temp_dir_remove(dir);
}

static void end(struct said *said, const char *row)
{
	struct run *run = said->run;

	said->run = NULL;
	run->state = RUN_DONE;
	run->ended_ms = KIT_NOW + 1;
	run_end(said->kit.store, run, on_run, said);
	idle(said, row);
	check_int(row, said->code, 0);
	free(run);
}

static void old_runs_go_with_their_logs(void **state)
{
	struct said said = {0};
	char *dir = temp_dir(), *log;
	int64_t second;

	(void)state;
	kit_open(&said.kit, dir);
	begin(&said, "a start", "start");
	said.run->start_job_id = JOB;
	end(&said, "a start");
	begin(&said, "the first savepoint", "savepoint");
	second = said.run->id;
	run_log_append(said.kit.store, second, "a line\n", 7);
	end(&said, "the first savepoint");
	log = run_log_path(said.kit.store, second);
	check_int("its log", access(log, F_OK), 0);
	for (int i = 0; i < RUNS_KEPT; i++) {
		begin(&said, "savepoint", "savepoint");
		end(&said, "savepoint");
	}
	query_runs(said.kit.store, APP, false, 1000, on_runs, &said);
	idle(&said, "runs");
	check_int("those that are kept, and the start", (int64_t)said.count, RUNS_KEPT + 1);
	check_int("the log is gone", access(log, F_OK), -1);
	check_int("the newest", said.run->id, second + RUNS_KEPT);
	free(log);
	said_close(&said);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_and_what_is_started_come_back),
		cmocka_unit_test(run_is_on_the_disk_when_begin_is_told),
		cmocka_unit_test(one_run_at_a_time),
		cmocka_unit_test(owner_is_gone_or_not),
		cmocka_unit_test(killed_process_leaves_an_orphan),
		cmocka_unit_test(former_owner_writes_nothing),
		cmocka_unit_test(let_go_is_an_orphan_at_once),
		cmocka_unit_test(unwritable_store_begins_nothing),
		cmocka_unit_test(canceled_op_is_not_told),
		cmocka_unit_test(old_runs_go_with_their_logs),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
