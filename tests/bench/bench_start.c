/*
 * From the wish to "the JobManager has it": `weir start` beside bare `flink run -d` by a shell, the
 * same jar, the same real Flink 1.20.5 and the same real sshd on loopback, in turn, ROUNDS each.
 * Bare `flink run -d` ends when the JobManager has taken the job, so weir is measured to that moment,
 * read from the steps of its run; then it goes on until all tasks run. Beside ssh that connects anew
 * stands `weir start`, which does so too; beside ssh with a kept connection (ControlMaster) a start in
 * the console, from the key that confirms it. "Within one run" needs no second measurement: all that is
 * not the command on the host, over the command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/console.h"
#include "tests/bench/figures.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

#define VERSION "1.20.5"
#define ROUNDS 10
#define WEIR "--config {home}/config.yaml --store {home}/store "

static struct {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
	struct console console;
	char *flink_home, *jar;
	samples_vec here, cold, warm;       /* bare flink run: by the shell, over ssh */
	samples_vec far, near, console_far; /* weir, until the JobManager has the job */
	samples_vec far_all, near_all;      /* … until all tasks run, and weir has ended */
	samples_vec begin, check, send, exec, run_wait, end, apart;
} b;

/* ---- what is there ---- */

static void set_number(const char *name, int number)
{
	char *text = xasprintf("%d", number);

	bench_set(b.bench, name, text);
	free(text);
}

static void declare(const char *name)
{
	char *file = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ntype: jar\n"
			       "flink-env: %s\ncluster: sessions\nartifact: {jar}\n"
			       "main-class: weir.demo.DemoJob\nparallelism: 1\n"
			       "args: [--mode, count, --name, %s]\n",
		name, name, name);

	bench_file(b.bench, file, text);
	free(file);
	free(text);
}

static void weir(const char *words)
{
	struct program *p = bench_run(b.bench, words);

	if (p->exit_code) {
		fprintf(stderr, "weir %s: %s\n", words, buf_str(&p->err));
		exit(1);
	}
	program_free(p);
}

static void set_up(void)
{
	char *config, *store;

	b.servers = sshd_up();
	if (!b.servers)
		exit(1);
	b.flink = flink_start(VERSION, "bench");
	b.jar = flink_script("tests/testbed/jobs/build", (const char *[]){NULL}, FLINK_START_MS);
	b.flink_home = flink_script(
		"tests/testbed/flink", (const char *[]){"home", VERSION, NULL}, FLINK_START_MS);
	b.bench = bench_new();
	bench_set(b.bench, "url", b.flink->url);
	bench_set(b.bench, "jar", b.jar);
	bench_set(b.bench, "flink", b.flink_home);
	bench_set(b.bench, "key", sshd_file(b.servers, "id_ed25519"));
	bench_set(b.bench, "known", sshd_file(b.servers, "known_hosts"));
	set_number("gw", sshd_port(b.servers, "gw"));
	set_number("port", b.flink->port);
	bench_file(b.bench, "config.yaml",
		"contexts:\n- name: bench\n  workspace: ws\n  release-dir: {home}/releases\n"
		"  known-hosts: {known}\n  hosts:\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: "
		"[key]}\n"
		"  flink-envs:\n  - {name: far, home: {flink}, host: gw}\n"
		"  - {name: near, home: {flink}}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	declare("far");
	declare("near");
	weir(WEIR "release far --yes --wait");
	weir(WEIR "release near --yes --wait");
	config = bench_expand(b.bench, "{home}/config.yaml");
	store = bench_expand(b.bench, "{home}/console");
	console_open(&b.console, config, store);
	console_connect(&b.console, "gw");
	console_act(&b.console, "t/far", CMD_RELEASE, NULL, NULL, NULL);
	free(config);
	free(store);
}

/* ---- the jobs go away again ---- */

static bool none_lives(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview"), *job;
	bool lives = !overview;
	size_t i;

	(void)data;
	json_array_foreach (json_object_get(overview, "jobs"), i, job) {
		const char *state = json_string_value(json_object_get(job, "state"));

		if (str_eq(state, "RUNNING") || str_eq(state, "CREATED"))
			flink_cancel(flink, json_string_value(json_object_get(job, "jid")));
		lives = lives ||
			!(str_eq(state, "CANCELED") || str_eq(state, "FINISHED") ||
				str_eq(state, "FAILED"));
	}
	json_decref(overview);
	return !lives;
}

static void clear(void)
{
	flink_until(b.flink, "the jobs have ended", none_lives, NULL);
}

/* ---- bare ---- */

#define FLINK_RUN                                                                                  \
	"{flink}/bin/flink run -d -t remote -Drest.address=127.0.0.1 -Drest.port={port} "          \
	"-Dpipeline.name=bare -p 1 -c weir.demo.DemoJob {jar} --mode count --name bare"
#define SSH                                                                                        \
	"-F none -p {gw} -i {key} -o UserKnownHostsFile={known} -o IdentityAgent=none "            \
	"-o BatchMode=yes "
#define MASTER "-o ControlPath={home}/master "

/* The words of a shell, without the screen of one. */
static double shell(const char *text)
{
	char *line = bench_expand(b.bench, text);
	int64_t began_ns = now_ns();
	struct program *p = program_run(&(struct program_setup){
		.file = "/bin/sh", .words = (const char *[]){"-c", line, NULL}});
	int64_t took_ns = now_ns() - began_ns;

	if (p->exit_code) {
		fprintf(stderr, "%s: %s\n", line, buf_str(&p->err));
		exit(1);
	}
	program_free(p);
	free(line);
	return (double)took_ns / 1e6;
}

/* ---- weir ---- */

static double number(const json_t *object, const char *key)
{
	return (double)json_integer_value(json_object_get(object, key));
}

/* "… exec /…/flink run …: 0 8336 ms" in what --verbose said; -1 = none. */
static double exec_ms(const char *said)
{
	const char *line = strstr(said, ": exec "), *end = line ? strchr(line, '\n') : NULL,
		   *at = end;
	int spaces = 0;

	while (at && at > line && spaces < 2)
		spaces += *--at == ' ';
	return at && at > line ? strtod(at, NULL) : -1;
}

struct start_times {
	double taken_ms, all_ms; /* since the program was started */
};

static struct start_times weir_start(const char *name)
{
	char *words = xasprintf(WEIR "--verbose start %s --yes --wait --from none -o json", name);
	double began_ms = (double)clock_wall_ms();
	struct program *p = bench_run(b.bench, words);
	json_t *root = bench_json(words, p);
	const json_t *run = json_object_get(root, "item"), *steps = json_object_get(run, "steps");
	const json_t *check = json_array_get(steps, 0), *start = json_array_get(steps, 1),
		     *running = json_array_get(steps, 2);
	struct start_times times = {.all_ms = (double)p->elapsed_ms};
	double exec = exec_ms(buf_str(&p->err)), taken_ms = number(start, "endedMs");

	bench_check(words, p, 0, "");
	times.taken_ms = taken_ms - began_ms;
	if (exec >= 0) {
		vec_push(&b.begin, number(run, "createdMs") - began_ms);
		vec_push(&b.check, number(start, "startedMs") - number(run, "createdMs"));
		vec_push(&b.send, taken_ms - number(start, "startedMs") - exec);
		vec_push(&b.exec, exec);
		vec_push(&b.run_wait, number(running, "endedMs") - taken_ms);
		vec_push(&b.end, (double)p->elapsed_ms + began_ms - number(running, "endedMs"));
		vec_push(&b.apart, 100 * (times.taken_ms - exec) / exec);
	}
	(void)check;
	json_decref(root);
	program_free(p);
	free(words);
	return times;
}

/* From the key to "the JobManager has it". */
static double console_start(void)
{
	double key_ms;

	console_ask(&b.console);
	key_ms = (double)clock_wall_ms();
	console_act(&b.console, "t/far", CMD_START, "none", NULL, NULL);
	return (double)b.console.run->steps[1].ended_ms - key_ms;
}

/* ---- all in turn ---- */

static void measure(int what)
{
	struct start_times times;

	switch (what) {
	case 0: vec_push(&b.cold, shell("exec ssh " SSH "root@127.0.0.1 '" FLINK_RUN "'")); break;
	case 1:
		times = weir_start("far");
		vec_push(&b.far, times.taken_ms);
		vec_push(&b.far_all, times.all_ms);
		break;
	case 2:
		vec_push(&b.warm, shell("exec ssh " SSH MASTER "root@127.0.0.1 '" FLINK_RUN "'"));
		break;
	case 3: vec_push(&b.console_far, console_start()); break;
	case 4: vec_push(&b.here, shell("exec " FLINK_RUN)); break;
	default:
		times = weir_start("near");
		vec_push(&b.near, times.taken_ms);
		vec_push(&b.near_all, times.all_ms);
		break;
	}
	clear();
}

static double more_percent(samples_vec *ours, samples_vec *bare)
{
	return 100 * (samples_median(ours) / samples_median(bare) - 1);
}

static void tell(void)
{
	figures_title("flink run -d, bare, until it has ended");
	figure_samples("over ssh, connecting anew", "ms", &b.cold);
	figure_samples("over ssh, connection kept", "ms", &b.warm);
	figure_samples("on this machine", "ms", &b.here);
	figures_title("weir start, by flink run on a host, until the JobManager has the job");
	figure_samples("weir start, connecting anew", "ms", &b.far);
	figure_samples("console, connection kept, from the key", "ms", &b.console_far);
	figure_samples("weir start --wait, all tasks run, ended", "ms", &b.far_all);
	figures_title("its parts (weir start, connecting anew)");
	figure_samples("process, store, cluster, plan, run row", "ms", &b.begin);
	figure_samples("check: no such job, slots", "ms", &b.check);
	figure_samples("start, but for the command: row SENT, address", "ms", &b.send);
	figure_samples("start: the command, with the connection", "ms", &b.exec);
	figure_samples("until all tasks run", "ms", &b.run_wait);
	figure_samples("last row, leaving", "ms", &b.end);
	figures_title("weir start on this machine (by REST: no client JVM)");
	figure_samples("weir start, until the JobManager has the job", "ms", &b.near);
	figure_samples("weir start --wait, all tasks run, ended", "ms", &b.near_all);
	figures_title("overhead");
	figure_goal("weir start over ssh flink run, both connecting", "%",
		more_percent(&b.far, &b.cold), "<=", 5);
	figure_goal("console over ssh flink run, both connected", "%",
		more_percent(&b.console_far, &b.warm), "<=", 5);
	figure_goal("within one run: all but the command, over it", "%", samples_median(&b.apart),
		"<=", 5);
	figure_goal("weir start here over flink run here", "%", more_percent(&b.near, &b.here),
		"<=", 5);
}

int main(void)
{
	int rounds = figures_rounds(ROUNDS);

	check_locale();
	unsetenv("SSH_AUTH_SOCK");
	figures_open("bench_start");
	set_up();
	shell("exec ssh " SSH MASTER "-o ControlPersist=yes -o ControlMaster=yes -N -f "
	      "root@127.0.0.1 >/dev/null 2>&1 </dev/null");
	for (int i = 0; i < 6; i++) /* caches and JITs of the JobManager get warm */
		measure(i);
	for (samples_vec *all = &b.here; all <= &b.apart; all++)
		all->len = 0;
	/* Forwards, then backwards: what changes in between falls on both. */
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < 6; i++)
			measure(round % 2 ? 5 - i : i);
	tell();
	figures_close();
	shell("ssh " SSH MASTER "-O exit root@127.0.0.1 >/dev/null 2>&1 || true");
	console_close(&b.console);
	flink_stop(b.flink);
	sshd_down(b.servers);
	bench_free(b.bench);
	free(b.flink_home);
	free(b.jar);
	return 0;
}
