/*
 * From the key that confirms to the first byte on the wire, connections warm: relays stand between
 * weir and a real Flink, and between weir and a real sshd, and note when a byte arrives. Nothing leaves
 * that changes anything before the run's row is on the disk, so its commits are part of those figures, and
 * are reported apart; a savepoint first asks whether the job runs, which needs no row.
 * "Console": the session and the action of the console without its screen. "Pseudo-terminal": the real
 * console, from the byte of the key on its terminal.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/journal/run.h"
#include "tests/bench/console.h"
#include "tests/bench/figures.h"
#include "tests/bench/relay.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

#define VERSION "1.20.5"
#define SAVEPOINTS 100
#define BUILDS 50
#define KEYS 50
#define COMMITS 200
#define BEGINNINGS 30
#define GOAL_MS 5

static struct {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
	struct relay *rest, *ssh;
	char *config, *job_id, *status;
} b;

/* ---- what is there ---- */

static void set_number(const char *name, int number)
{
	char *text = xasprintf("%d", number);

	bench_set(b.bench, name, text);
	free(text);
}

/* A program that has to do well; what it said, malloc'd. */
static char *shell(const char *text)
{
	char *line = bench_expand(b.bench, text), *out;
	struct program *p = program_run(&(struct program_setup){
		.file = "/bin/sh", .words = (const char *[]){"-c", line, NULL}});

	if (p->exit_code) {
		fprintf(stderr, "%s: %s\n", line, buf_str(&p->err));
		exit(1);
	}
	out = buf_detach(&p->out);
	program_free(p);
	free(line);
	return out;
}

static void configure(void)
{
	char *url = xasprintf("http://127.0.0.1:%d", relay_port(b.rest));

	b.bench = bench_new();
	bench_set(b.bench, "url", url);
	free(url);
	bench_set(b.bench, "key", sshd_file(b.servers, "id_ed25519"));
	set_number("gw", relay_port(b.ssh));
	bench_file(b.bench, "config.yaml",
		"contexts:\n- name: bench\n  workspace: ws\n  known-hosts: known_hosts\n  hosts:\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: "
		"[key]}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	bench_file(b.bench, "ws/teams/t/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ntype: jar\n"
		"cluster: sessions\nartifact: build\n"
		"build: {git: {home}/project, ref: main, host: gw, command: \"true\", artifact: "
		"a.jar}\n");
	free(shell("ssh-keyscan -p {gw} 127.0.0.1 >{home}/known_hosts 2>/dev/null"));
	free(shell("git init -q -b main {home}/project && cd {home}/project && echo a >a.jar && "
		   "git add . && git -c user.name=b -c user.email=b@example commit -qm a"));
	b.config = bench_expand(b.bench, "{home}/config.yaml");
}

static bool all_run(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview");
	const json_t *tasks =
		json_object_get(json_array_get(json_object_get(overview, "jobs"), 0), "tasks");
	json_int_t total = json_integer_value(json_object_get(tasks, "total"));
	bool is_so = total > 0 && json_integer_value(json_object_get(tasks, "running")) == total;

	(void)data;
	json_decref(overview);
	return is_so;
}

static void set_up(void)
{
	b.servers = sshd_up();
	if (!b.servers)
		exit(1);
	b.flink = flink_start(VERSION, "bench");
	b.rest = relay_start(b.flink->port, 0);
	b.ssh = relay_start(sshd_port(b.servers, "gw"), 0);
	b.job_id = flink_submit(b.flink,
		(const char *const[]){
			"--mode", "count", "--name", "orders", "--interval", "0", NULL});
	b.status = xasprintf("/jobs/%s/status", b.job_id);
	flink_until(b.flink, "all tasks run", all_run, NULL);
	configure();
}

static void tear_down(void)
{
	flink_stop(b.flink);
	relay_stop(b.rest);
	relay_stop(b.ssh);
	sshd_down(b.servers);
	bench_free(b.bench);
	free(b.config);
	free(b.job_id);
	free(b.status);
}

/* ---- the console without its screen ---- */

struct watch {
	struct relay *relay;
	const char *text;
};

static void arm(void *data)
{
	const struct watch *watch = data;

	relay_arm(watch->relay, watch->text);
}

static void act(struct console *console, enum command_id command, const struct watch *watch,
	int rounds, samples_vec *samples)
{
	for (int i = 0; i < rounds; i++) {
		int64_t seen_ns;

		console_act(console, "t/orders", command, NULL, arm, (void *)watch);
		seen_ns = relay_seen_ns(watch->relay);
		if (i) /* the first one opens what stays open */
			vec_push(samples, (double)(seen_ns - console->key_ns) / 1e6);
	}
}

static void on_row(void *data, const struct run *run, const struct err *err)
{
	struct console *console = data;

	console->err = err ? *err : (struct err){0};
	free(console->run);
	console->run = run ? run_dup(run) : NULL;
	console->is_back = true;
	loop_stop(console->session->loop);
}

static void wait_row(struct console *console)
{
	while (!console->is_back)
		loop_run(console->session->loop);
	console->is_back = false;
	if (console->err.code) {
		fprintf(stderr, "row: %s\n", console->err.text);
		exit(1);
	}
}

/* Row and lease; and the row once more, as before each order. */
static void commits(struct console *console, samples_vec *begins, samples_vec *updates)
{
	struct store *store = console->session->contexts[0].store;

	for (int i = 0; i < COMMITS; i++) {
		struct run_step step = {.name = "savepoint"};
		struct run run = {.app = "bench|app|commit",
			.context = "bench",
			.name = "commit",
			.verb = "savepoint",
			.arguments = "{}",
			.plan = "POST http://127.0.0.1:8081/jobs/0/savepoints",
			.steps = &step,
			.step_count = 1,
			.state = RUN_PLANNED,
			.created_ms = clock_wall_ms()};
		int64_t began_ns = now_ns();

		run_begin(store, &run, on_row, console);
		wait_row(console);
		vec_push(begins, (double)(now_ns() - began_ns) / 1e6);
		run.id = console->run->id;
		run.epoch = console->run->epoch;
		run.state = step.state = RUN_SENT;
		began_ns = now_ns();
		run_update(store, &run, on_row, console);
		wait_row(console);
		vec_push(updates, (double)(now_ns() - began_ns) / 1e6);
		run.state = step.state = RUN_DONE;
		run.ended_ms = clock_wall_ms();
		run_end(store, &run, on_row, console);
		wait_row(console);
	}
}

static void by_console(void)
{
	char *store = bench_expand(b.bench, "{home}/console");
	samples_vec first = {0}, order = {0}, build = {0}, begins = {0}, updates = {0};
	struct console console;
	double rows_ms;

	console_open(&console, b.config, store);
	console_connect(&console, "gw");
	commits(&console, &begins, &updates);
	act(&console, CMD_SAVEPOINT, &(struct watch){b.rest, b.status}, SAVEPOINTS, &first);
	act(&console, CMD_SAVEPOINT, &(struct watch){b.rest, "POST /jobs/"}, SAVEPOINTS, &order);
	act(&console, CMD_BUILD, &(struct watch){b.ssh, NULL}, BUILDS, &build);
	console_close(&console);
	free(store);

	figures_title("the run's row, on the disk (SQLite, FULL)");
	figure_samples("row and lease: a commit", "ms", &begins);
	figure_samples("the row as SENT: a commit", "ms", &updates);
	figures_title("console, from the key");
	figure_samples("savepoint: first byte (is the job there?)", "ms", &first);
	figure_samples("savepoint: the order, 2 answers and 3 commits later", "ms", &order);
	figure_samples("build on a host: first byte by SSH, 2 commits later", "ms", &build);
	rows_ms = samples_median(&begins) + samples_median(&updates);
	figure_goal("savepoint, first byte", "ms", samples_median(&first), "<=", GOAL_MS);
	figure_goal("build by SSH, first byte", "ms", samples_median(&build), "<=", GOAL_MS);
	figure_value("build by SSH, first byte, without its commits", "ms",
		samples_median(&build) - rows_ms);
	figure_value("savepoint, the order, without its commits", "ms",
		samples_median(&order) - rows_ms - samples_median(&updates));
}

/* ---- the real console on a pseudo-terminal ---- */

static bool asks(struct screen *screen, void *data)
{
	(void)data;
	return screen_shows(screen, "savepoint: t/orders");
}

static bool is_told(struct screen *screen, void *data)
{
	(void)data;
	return relay_seen_ns(b.rest) != 0 && !screen_shows(screen, "savepoint: t/orders");
}

/* A run that is under way refuses the next one: the key again, until it asks. */
static void ask(struct screen *screen)
{
	int tries = 100;

	do {
		screen_type(screen, "V");
	} while (!screen_until(screen, asks, NULL, 300) && --tries);
	if (!tries) {
		char *text = screen_text(screen);

		fprintf(stderr, "it does not ask:\n%s\n", text);
		exit(1);
	}
}

static void by_terminal(void)
{
	samples_vec keys = {0};
	struct screen *screen = screen_start(&(struct screen_setup){.home = b.bench->home,
		.words = (const char *[]){"--config", b.config, NULL},
		.rows = 40,
		.cols = 120});

	screen_wait_line(screen, "orders", "RUNNING");
	for (int i = 0; i < KEYS; i++) {
		int64_t key_ns;

		ask(screen);
		relay_arm(b.rest, b.status);
		key_ns = now_ns();
		screen_type(screen, "y");
		if (!screen_until(screen, is_told, NULL, SCREEN_DEADLINE_MS)) {
			fprintf(stderr, "nothing was sent\n");
			exit(1);
		}
		vec_push(&keys, (double)(relay_seen_ns(b.rest) - key_ns) / 1e6);
	}
	screen_type(screen, "\x03");
	screen_free(screen);
	figures_title("the real console in a pseudo-terminal, polling all the while");
	figure_samples("savepoint: from the key's byte to the first byte", "ms", &keys);
	figure_goal("savepoint, first byte", "ms", samples_median(&keys), "<=", GOAL_MS);
}

/* ---- how it begins ---- */

static bool shows_frame(struct screen *screen, void *data)
{
	(void)data;
	return screen_shows(screen, "tab lists");
}

/* What was kept is in the store by now. */
static void beginnings(void)
{
	samples_vec cached = {0}, frame = {0};
	char *words = bench_expand(b.bench, "get apps --cached --config {home}/config.yaml");

	for (int i = 0; i < BEGINNINGS; i++) {
		int64_t began_ns = now_ns();
		struct program *p = bench_run(b.bench, words);

		vec_push(&cached, (double)(now_ns() - began_ns) / 1e6);
		check_int(words, p->exit_code, 0);
		program_free(p);
	}
	for (int i = 0; i < BEGINNINGS; i++) {
		int64_t began_ns = now_ns();
		struct screen *screen = screen_start(&(struct screen_setup){.home = b.bench->home,
			.words = (const char *[]){"--config", b.config, NULL},
			.rows = 40,
			.cols = 120});

		if (!screen_until(screen, shows_frame, NULL, SCREEN_DEADLINE_MS))
			exit(1);
		vec_push(&frame, (double)(now_ns() - began_ns) / 1e6);
		screen_free(screen);
	}
	figures_title("beginnings");
	figure_samples("weir get apps --cached, the whole process", "ms", &cached);
	figure_samples("console: from its start to the first whole frame", "ms", &frame);
	free(words);
}

int main(void)
{
	check_locale();
	unsetenv("SSH_AUTH_SOCK");
	figures_open("bench_key");
	set_up();
	by_console();
	by_terminal();
	beginnings();
	figures_close();
	tear_down();
	return 0;
}
