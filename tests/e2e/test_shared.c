/*
 * Twenty real processes on one store: consoles and `weir watch`. Who polls is seen where it arrives: the
 * JobManager here counts what it is asked, and each process that begins to ask begins with
 * GET /jobs/overview over a connection of its own. And a few on a real cluster, each with a way of its own
 * to it, where what it asks is counted.
 */
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/cutter.h"
#include "tests/support/httpd.h"
#include "tests/support/program.h"

#define WATCHERS 18
#define CONSOLES 2
#define COMMANDS 3
#define JOB_ID "9d182f1f3ab247de0793a067ace9d9d9"
#define PATIENCE_MS 60000

struct fixture {
	struct bench *bench;
	const char *home;
	char *store, *cache, *url;
	struct httpd *server;
	struct flink *flink;
	struct cutter *ways[CONSOLES], *way_of_commands;
	struct program *watchers[WATCHERS];
	struct screen *consoles[CONSOLES];
};

/* The job as the JobManager tells it. */
static void serve_job(const struct fixture *f, const char *state, int number)
{
	char *body = xasprintf("{\"jobs\":[{\"jid\":\"" JOB_ID "\",\"name\":\"orders\","
			       "\"state\":\"%s\",\"start-time\":1700000000000,\"end-time\":%s,"
			       "\"duration\":1000,\"last-modification\":%lld,\"tasks\":"
			       "{\"total\":1,\"%s\":1}}]}",
		state, strcmp(state, "RUNNING") == 0 ? "-1" : "1700000001000",
		1700000001000LL + number, strcmp(state, "RUNNING") == 0 ? "running" : "failed");

	httpd_on(f->server, "GET /jobs/overview", &(struct httpd_answer){.body = body});
	free(body);
}

static void serve(const struct fixture *f, const char *route, const char *body)
{
	httpd_on(f->server, route, &(struct httpd_answer){.body = body});
}

static struct fixture *fixture_new(const char *context)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->bench = bench_new();
	f->home = f->bench->home;
	f->store = temp_path(f->home, "store");
	f->cache = xasprintf("%s/%s/cache.db", f->store, context);
	return f;
}

static int setup(void **state)
{
	struct fixture *f = fixture_new("default");

	f->server = httpd_start("127.0.0.1");
	f->url = httpd_url(f->server, "");
	serve(f, "GET /config", "{\"flink-version\":\"1.20.5\"}");
	serve(f, "GET /overview",
		"{\"taskmanagers\":1,\"slots-total\":4,\"slots-available\":3,\"jobs-running\":1,"
		"\"jobs-finished\":0,\"jobs-cancelled\":0,\"jobs-failed\":0,"
		"\"flink-version\":\"1.20.5\"}");
	serve_job(f, "RUNNING", 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < WATCHERS; i++)
		program_free(f->watchers[i]);
	for (int i = 0; i < CONSOLES; i++)
		screen_free(f->consoles[i]);
	for (int i = 0; i < CONSOLES; i++)
		cutter_stop(f->ways[i]);
	cutter_stop(f->way_of_commands);
	flink_stop(f->flink);
	httpd_stop(f->server);
	bench_free(f->bench);
	free(f->store);
	free(f->cache);
	free(f->url);
	free(f);
	return 0;
}

static void start_watchers(struct fixture *f, int from, int to)
{
	for (int i = from; i < to; i++)
		f->watchers[i] = program_start(&(struct program_setup){.home = f->home,
			.words = (const char *[]){
				"watch", "--rest", f->url, "--store", f->store, NULL}});
}

static void start_consoles(struct fixture *f, int count)
{
	for (int i = 0; i < count; i++) {
		f->consoles[i] = screen_start(&(struct screen_setup){.home = f->home,
			.rows = 24,
			.cols = 120,
			.words = (const char *[]){"--rest", f->url, "--store", f->store, NULL}});
		screen_wait_line(f->consoles[i], "orders", "RUNNING");
	}
}

/* -1: not there yet. */
static int64_t number(const struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (sqlite3_open_v2(f->cache, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, 5000);
		if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
			sqlite3_step(stmt) == SQLITE_ROW)
			value = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return value;
}

#define POLLER "SELECT pid FROM poller WHERE host IS NOT NULL"
#define WANTS "SELECT count(*) FROM want"

static bool never(struct screen *screen, void *data)
{
	(void)screen;
	(void)data;
	return false;
}

/* Reads what the consoles write meanwhile, so that none waits for its terminal. */
static void turn(struct fixture *f)
{
	for (int i = 0; i < CONSOLES; i++)
		if (f->consoles[i])
			screen_until(f->consoles[i], never, NULL, 10);
	poll(NULL, 0, 10);
}

#define UNTIL(f, condition)                                                                        \
	do {                                                                                       \
		int64_t end_ = program_now_ms() + PATIENCE_MS;                                     \
		while (!(condition) && program_now_ms() < end_)                                    \
			turn(f);                                                                   \
		check_bool(#condition, (condition), true);                                         \
	} while (0)

static bool says_failed(struct program *program, void *data)
{
	(void)data;
	return strstr(buf_str(&program->out), "RUNNING -> FAILED") != NULL;
}

static int64_t take_over_ms(struct fixture *f, int64_t former, int signal)
{
	int64_t began_ms = program_now_ms();

	kill((pid_t)former, signal);
	UNTIL(f, number(f, POLLER) > 0 && number(f, POLLER) != former);
	return program_now_ms() - began_ms;
}

/* ---- cases ---- */

static void twenty_processes_ask_as_one(void **state)
{
	struct fixture *f = *state;

	start_watchers(f, 0, 1);
	UNTIL(f, number(f, POLLER) == f->watchers[0]->pid);
	UNTIL(f, number(f, "SELECT count(*) FROM job") == 1);
	int before = httpd_counts(f->server).connections;
	start_consoles(f, CONSOLES);
	start_watchers(f, 1, WATCHERS);
	UNTIL(f, number(f, WANTS) == WATCHERS + CONSOLES - 1);
	/* Each console names the process that polls. */
	char *named = xasprintf("polled by process %d", (int)f->watchers[0]->pid);
	for (int i = 0; i < CONSOLES; i++)
		screen_wait(f->consoles[i], named);
	free(named);
	serve_job(f, "FAILED", 1);
	for (int i = 0; i < CONSOLES; i++)
		screen_wait_line(f->consoles[i], "orders", "FAILED");
	for (int i = 0; i < WATCHERS; i++)
		check_bool("told", program_until(f->watchers[i], says_failed, NULL, PATIENCE_MS),
			true);
	/* Nobody else has connected: what is new are the poller's own, for the card. */
	int more = httpd_counts(f->server).connections - before;
	print_message("             %d connections more\n", more);
	check_bool("one asks", more < 8, true);
	check_int("events", number(f, "SELECT count(*) FROM event WHERE to_state = 'FAILED'"), 1);
}

static void a_killed_and_a_stopped_poller_are_replaced(void **state)
{
	struct fixture *f = *state;

	start_watchers(f, 0, 1);
	UNTIL(f, number(f, "SELECT count(*) FROM job") == 1);
	start_watchers(f, 1, 6);
	UNTIL(f, number(f, WANTS) == 5);
	int64_t former = number(f, POLLER);
	print_message(
		"             killed: %lld ms\n", (long long)take_over_ms(f, former, SIGKILL));
	former = number(f, POLLER);
	int64_t epoch = number(f, "SELECT epoch FROM poller");
	print_message(
		"             stopped: %lld ms\n", (long long)take_over_ms(f, former, SIGSTOP));
	check_int("one step", number(f, "SELECT epoch FROM poller"), epoch + 1);
	serve_job(f, "FAILED", 1);
	UNTIL(f, number(f, "SELECT count(*) FROM job WHERE status = 'FAILED'") == 1);
	/* It wakes, finds its epoch lost, and follows. */
	kill((pid_t)former, SIGCONT);
	char *its = xasprintf("SELECT count(*) FROM want WHERE pid = %lld", (long long)former);
	UNTIL(f, number(f, its) == 1);
	free(its);
	check_int("stays", number(f, "SELECT epoch FROM poller"), epoch + 1);
	check_int("events", number(f, "SELECT count(*) FROM event WHERE to_state = 'FAILED'"), 1);
	for (int i = 0; i < 6; i++)
		if (f->watchers[i]->pid == former &&
			!program_until(f->watchers[i], says_failed, NULL, PATIENCE_MS))
			fail_msg("it follows nobody: %s", buf_str(&f->watchers[i]->out));
}

/* A process of its own, stopped with the lock in its hands. */
static pid_t stop_in_transaction(const struct fixture *f)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		sqlite3 *db = NULL;

		if (sqlite3_open(f->cache, &db) != SQLITE_OK)
			_exit(1);
		sqlite3_busy_timeout(db, 20000);
		if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		raise(SIGSTOP);
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void a_process_stopped_in_a_transaction_is_named_and_polled_around(void **state)
{
	struct fixture *f = *state;
	char *named;

	start_consoles(f, CONSOLES);
	pid_t pid = stop_in_transaction(f);
	named = xasprintf("locked by process %d, which is stopped", (int)pid);
	/* Who polls has something to write. */
	serve_job(f, "FAILED", 1);
	for (int i = 0; i < CONSOLES; i++) {
		screen_wait(f->consoles[i], named);
		screen_wait_line(f->consoles[i], "orders", "FAILED");
	}
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < CONSOLES; i++)
		screen_wait_gone(f->consoles[i], named);
	UNTIL(f, number(f, "SELECT count(*) FROM job WHERE status = 'FAILED'") == 1);
	UNTIL(f, number(f, WANTS) == 1);
	check_int("events", number(f, "SELECT count(*) FROM event WHERE to_state = 'FAILED'"), 1);
	free(named);
}

/* ---- on a real cluster ---- */

static void configure(struct fixture *f, const char *file, const struct cutter *way)
{
	bench_set_int(f->bench, "port", cutter_port(way));
	bench_file(f->bench, file,
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, rest: \"http://127.0.0.1:{port}\"}]\n");
}

static int setup_real(void **state)
{
	struct fixture *f = fixture_new("live");

	*state = f;
	f->flink = flink_start("1.20.5", "shared");
	bench_declare(f->bench, "orders");
	for (int i = 0; i < CONSOLES; i++)
		f->ways[i] = cutter_start(f->flink->port);
	f->way_of_commands = cutter_start(f->flink->port);
	configure(f, "0.yaml", f->ways[0]);
	configure(f, "1.yaml", f->ways[1]);
	configure(f, "commands.yaml", f->way_of_commands);
	return 0;
}

static char *submit(struct fixture *f)
{
	return flink_submit(
		f->flink, WORDS("--", "--mode", "count", "--name", "orders", "--interval", "1000"));
}

static struct screen *console(struct fixture *f, int i, const char *state)
{
	char *config = xasprintf("%s/%d.yaml", f->home, i);

	f->consoles[i] = screen_start(&(struct screen_setup){.home = f->home,
		.rows = 40,
		.cols = 120,
		.words = WORDS("--config", config, "--store", f->store, "--no-session")});
	free(config);
	screen_wait_long(f->consoles[i], "orders t ", state, FLINK_DEADLINE_MS);
	return f->consoles[i];
}

static int asked(struct fixture *f, int i)
{
	return cutter_passed(f->ways[i], "");
}

static void names_poller(struct screen *screen, pid_t pid)
{
	char *named = xasprintf("polled by process %d", (int)pid);

	screen_wait(screen, named);
	free(named);
}

/* They ask for themselves, all at once, while somebody polls; one asks nobody. */
static void commands_say(struct fixture *f, const char *state)
{
	static const char *const words[COMMANDS] = {
		"get apps orders -o json --config {home}/commands.yaml --store {home}/store",
		"get apps orders -o json --config {home}/commands.yaml --store {home}/store",
		"get apps orders -o json --cached --config {home}/1.yaml --store {home}/store"};
	struct program *programs[COMMANDS];

	for (int i = 0; i < COMMANDS; i++)
		programs[i] = bench_start(f->bench, words[i]);
	for (int i = 0; i < COMMANDS; i++) {
		check_int(words[i], program_wait(programs[i], PROGRAM_DEADLINE_MS), 0);
		json_t *list = bench_json(words[i], programs[i]);
		check_str(words[i],
			bench_text(bench_item(words[i], list, "name", "orders"), "state"), state);
		json_decref(list);
		program_free(programs[i]);
	}
}

static void a_real_cluster_is_asked_by_one(void **state)
{
	struct fixture *f = *state;
	char *id = submit(f);
	struct screen *first = console(f, 0, "RUNNING");

	UNTIL(f, number(f, POLLER) == screen_pid(first));
	struct screen *second = console(f, 1, "RUNNING");
	names_poller(second, screen_pid(first));
	/* What a card shows is asked for through the store. */
	screen_type(second, "\r");
	screen_wait_long(second, "Last checkpoint", "#", FLINK_DEADLINE_MS);
	commands_say(f, "RUNNING");
	check_int("asked by who follows", asked(f, 1), 0);
	/* Who polls dies, and the job ends outside. */
	int64_t epoch = number(f, "SELECT epoch FROM poller"), began_ms = program_now_ms();
	screen_signal(first, SIGKILL);
	flink_cancel(f->flink, id);
	screen_wait_line(second, "t/orders", "CANCELED");
	print_message("             poller killed and job canceled: shown after %lld ms\n",
		(long long)(program_now_ms() - began_ms));
	check_int("polls", number(f, POLLER), screen_pid(second));
	check_int("one step", number(f, "SELECT epoch FROM poller"), epoch + 1);
	check_bool("asks now", asked(f, 1) > 0, true);
	UNTIL(f, number(f, "SELECT count(*) FROM job WHERE status = 'CANCELED'") == 1);
	commands_say(f, "CANCELED");
	/* The next one follows, and is shown what comes and goes. */
	screen_free(first);
	f->consoles[0] = NULL;
	cutter_arm(f->ways[0], NULL);
	first = console(f, 0, "CANCELED");
	names_poller(first, screen_pid(second));
	free(id);
	id = submit(f);
	screen_wait_long(first, "orders t ", "RUNNING", FLINK_DEADLINE_MS);
	began_ms = program_now_ms();
	flink_cancel(f->flink, id);
	screen_wait_line(first, "orders t ", "CANCELED");
	print_message("             job canceled: shown by who follows after %lld ms\n",
		(long long)(program_now_ms() - began_ms));
	check_int("asked by who follows", asked(f, 0), 0);
	UNTIL(f,
		number(f,
			"SELECT count(*) FROM event WHERE kind = 'state' AND to_state = "
			"'CANCELED'") == 2);
	free(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(twenty_processes_ask_as_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_killed_and_a_stopped_poller_are_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_process_stopped_in_a_transaction_is_named_and_polled_around, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_real_cluster_is_asked_by_one, setup_real, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
