/*
 * weir is killed, or its link is cut, in every step of what it does to a real job. After that the
 * journal is settled and the next verb is used, as a person would; held against the JobManager:
 * there is never a second job, a job that was stopped goes on from its savepoint, and what the
 * journal says is what happened.
 */
#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/live.h"
#include "tests/support/check.h"
#include "tests/support/cutter.h"
#include "tests/support/sshd.h"

#define CONF "--config {home}/config.yaml --store {home}/store "
#define FAR "--config {home}/far.yaml --store {home}/store "
#define GO " --yes --wait"

static struct {
	struct flink *flink;
	struct bench *bench;
	struct cutter *cutter;
	struct sshd *servers;
	const char *failed;
	int apps; /* declared so far: each case has one of its own */
	char app[16];
} live;

static void upload(void);

static void leave(void)
{
	flink_stop(live.flink);
	live.flink = NULL;
	cutter_stop(live.cutter);
	live.cutter = NULL;
	bench_free(live.bench);
	live.bench = NULL;
}

static int enter(void **state)
{
	const char *version = *state;
	char *jar, *home, *url;

	if (!flink_must_start(live.flink, &live.failed, version))
		return 0;
	leave();
	live.bench = bench_new();
	live.flink = flink_start(version, "kill");
	live.cutter = cutter_start(live.flink->port);
	jar = flink_script("tests/testbed/jobs/build", (const char *const[]){NULL}, FLINK_START_MS);
	home = flink_script("tests/testbed/flink", (const char *const[]){"home", version, NULL},
		FLINK_START_MS);
	url = xasprintf("http://127.0.0.1:%d", cutter_port(live.cutter));
	bench_set(live.bench, "jar", jar);
	bench_set(live.bench, "flink", home);
	bench_set(live.bench, "url", url);
	bench_file(live.bench, "config.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n"
		"  flink-envs:\n  - {name: f, home: {flink}}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	bench_file(
		live.bench, "ws/teams/t/team.yaml", "apiVersion: weir/v1\nkind: Team\nname: t\n");
	free(url);
	free(home);
	free(jar);
	upload();
	live.failed = NULL;
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	leave();
	sshd_down(live.servers);
	live.servers = NULL;
	return 0;
}

/* ---- what is there ---- */

static const char *field(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

static bool is_live(const char *state)
{
	return !str_eq(state, "FINISHED") && !str_eq(state, "CANCELED") && !str_eq(state, "FAILED");
}

/* Jobs of the case's name over there; the live one's id into *id (malloc'd) where there is one. */
static int count_jobs(bool live_only, char **id)
{
	json_t *overview = flink_get(live.flink, "/jobs/overview");
	const json_t *job;
	int count = 0;
	size_t i;

	assert_non_null(overview);
	json_array_foreach (json_object_get(overview, "jobs"), i, job) {
		if (!str_eq(field(job, "name"), live.app) ||
			(live_only && !is_live(field(job, "state"))))
			continue;
		count++;
		if (id && is_live(field(job, "state"))) {
			free(*id);
			*id = xstrdup(field(job, "jid"));
		}
	}
	json_decref(overview);
	return count;
}

/* From which the live job was restored; malloc'd, NULL = from nothing. */
static char *restored_from(const char *row)
{
	char *id = NULL, *path, *from;
	json_t *answer;

	check_int(row, count_jobs(true, &id), 1);
	path = xasprintf("/jobs/%s/checkpoints", id);
	answer = flink_get(live.flink, path);
	assert_non_null(answer);
	from = xstrdup_null(field(
		json_object_get(json_object_get(answer, "latest"), "restored"), "external_path"));
	json_decref(answer);
	free(path);
	free(id);
	return from;
}

/* The newest run of the case's application. Owned. */
static json_t *newest_run(const char *row)
{
	struct program *p = bench_run(live.bench, CONF "get runs {app} -o json");
	json_t *list, *item;

	bench_check(row, p, 0, NULL);
	list = bench_json(row, p);
	item = json_incref(json_array_get(json_object_get(list, "items"), 0));
	assert_non_null(item);
	json_decref(list);
	program_free(p);
	return item;
}

static void weir(const char *row, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(live.bench, words);

	if (p->exit_code != exit_code)
		print_error("%s: %s%s\n", words, buf_str(&p->out), buf_str(&p->err));
	check_int(row, p->exit_code, exit_code);
	if (part)
		check_has(row, buf_str(&p->err), part);
	program_free(p);
}

static void declare_app(void)
{
	char *file;

	snprintf(live.app, sizeof(live.app), "app-%d", ++live.apps);
	bench_set(live.bench, "app", live.app);
	file = xasprintf("ws/teams/t/apps/%s.yaml", live.app);
	bench_file(live.bench, file,
		"apiVersion: weir/v1\nkind: Application\nname: {app}\ntype: jar\nflink-env: f\n"
		"cluster: sessions\nartifact: {jar}\nmain-class: weir.demo.DemoJob\n"
		"args: [--mode, count, --name, {app}, --interval, 0]\n");
	free(file);
	cutter_arm(live.cutter, NULL);
}

static void new_app(bool runs)
{
	declare_app();
	weir("release", CONF "release {app}" GO, 0, NULL);
	if (runs)
		weir("first start", CONF "start {app}" GO, 0, NULL);
}

/* The jar is over there from now on: what is posted to /jars/ is a start. */
static void upload(void)
{
	char *id = NULL;

	new_app(true);
	assert_int_equal(count_jobs(true, &id), 1);
	flink_cancel(live.flink, id);
	free(id);
}

static void end_app(void)
{
	char *id = NULL;

	if (count_jobs(true, &id))
		flink_cancel(live.flink, id);
	free(id);
}

/* The journal believes that so much time has passed since it was sent. */
static void age_runs(int64_t ms)
{
	char *path = temp_path(live.bench->home, "store/live/registry.db"), *why = NULL;
	char *sql = xasprintf(
		"UPDATE run SET sent_ms = sent_ms - %lld WHERE sent_ms > 0", (long long)ms);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", path, why);
	sqlite3_close(db);
	free(sql);
	free(path);
}

/* ---- killed ---- */

#define STOP "POST /jobs/"
#define RUN "POST /jars/"
#define TASKS "GET /jobs/overview"

static const struct death {
	const char *name;
	bool runs; /* a job runs before */
	const char *verb;
	struct cutter_fault at;
	const char *state, *outcome; /* of the run, once settled */
	bool is_stopped;   /* the job that ran is, by then; the next start takes its savepoint */
	bool lives;        /* a job of that name does */
	int stops, starts; /* that were passed on, in all */
	bool is_fixed_share;
} deaths[] = {
	{"start: before it leaves", false, "start", {.request = RUN, .after = "GET /jars"},
		"FAILED", "never arrived", .starts = 0},
	{"start: in the middle of the request", false, "start",
		{.request = RUN, .after = "GET /jars", .cut_request = 60}, "FAILED",
		"never arrived", .starts = 1},
	{"start: before its answer", false, "start",
		{.request = RUN, .after = "GET /jars", .cut_request = CUTTER_ALL}, "DONE", "runs",
		.lives = true, .starts = 1, .is_fixed_share = true},
	{"start: while it comes up", false, "start", {.request = TASKS, .after = RUN}, "DONE",
		"runs", .lives = true, .starts = 1},
	{"start: before anything", false, "start", {.request = "GET /jars"}, "FAILED",
		"never arrived", .starts = 0},
	{"stop: before it leaves", true, "stop", {.request = STOP}, "FAILED", "never arrived",
		.lives = true},
	{"stop: before its answer", true, "stop", {.request = STOP, .cut_request = CUTTER_ALL},
		"DONE", "stopped, savepoint at", .is_stopped = true, .stops = 1},
	{"restart: before the stop leaves", true, "restart", {.request = STOP}, "FAILED",
		"never arrived", .lives = true},
	{"restart: before the answer to the stop", true, "restart",
		{.request = STOP, .cut_request = CUTTER_ALL}, "FAILED", "not started. To start it",
		.is_stopped = true, .stops = 1, .is_fixed_share = true},
	{"restart: while it stops", true, "restart", {.request = "GET /jobs/", .after = STOP},
		"FAILED", "not started. To start it", .is_stopped = true, .stops = 1},
	{"restart: in the check", true, "restart", {.request = TASKS, .after = STOP}, "FAILED",
		"not started. To start it", .is_stopped = true, .stops = 1},
	{"restart: before the start leaves", true, "restart", {.request = RUN, .after = STOP},
		"FAILED", "the former one is stopped, its savepoint is", .is_stopped = true,
		.stops = 1},
	{"restart: before the answer to the start", true, "restart",
		{.request = RUN, .after = STOP, .cut_request = CUTTER_ALL}, "DONE", "runs, from",
		.is_stopped = true, .lives = true, .stops = 1, .starts = 1},
	{"restart: while it comes up", true, "restart", {.request = TASKS, .after = RUN}, "DONE",
		"runs, from", .is_stopped = true, .lives = true, .stops = 1, .starts = 1},
	{"ship: before the answer to the stop", true, "ship",
		{.request = STOP, .cut_request = CUTTER_ALL}, "FAILED", "not started. To start it",
		.is_stopped = true, .stops = 1},
	{"ship: before the answer to the start", true, "ship",
		{.request = RUN, .after = STOP, .cut_request = CUTTER_ALL}, "DONE", "runs, from",
		.is_stopped = true, .lives = true, .stops = 1, .starts = 1},
};

static void kill_it(const struct death *death)
{
	struct cutter_fault fault = death->at;
	char *words = xasprintf(CONF "%s {app}" GO, death->verb);
	struct program *p = bench_start(live.bench, words);

	fault.kill = p->pid;
	cutter_arm(live.cutter, &fault);
	check_int(death->name, program_wait(p, FLINK_DEADLINE_MS), -SIGKILL);
	check_int(death->name, cutter_met(live.cutter), 1);
	check_int(death->name, cutter_passed(live.cutter, STOP), death->stops);
	check_int(death->name, cutter_passed(live.cutter, RUN), death->starts);
	program_free(p);
	free(words);
}

/* Settled in time, or by the next one who asks when enough time has passed. */
static json_t *settled(const struct death *death)
{
	json_t *run;

	cutter_arm(live.cutter, NULL);
	age_runs(200000);
	weir(death->name, CONF "settle {app}", 0, NULL);
	run = newest_run(death->name);
	check_str(death->name, field(run, "verb"), death->verb);
	check_str(death->name, field(run, "state"), death->state);
	check_has(death->name, field(run, "outcome"), death->outcome);
	check_int(death->name, cutter_passed(live.cutter, "POST "), 0);
	check_int(death->name, cutter_passed(live.cutter, "PATCH "), 0);
	check_int(death->name, count_jobs(true, NULL), death->lives);
	return run;
}

/* The next verb: never a second job, and from where the first one stopped. */
static void go_on(const struct death *death, int jobs)
{
	char *from;

	weir(death->name, CONF "start {app}" GO, death->lives ? 8 : 0, NULL);
	check_int(death->name, count_jobs(false, NULL), jobs + !death->lives);
	from = restored_from(death->name);
	if (death->is_stopped)
		check_has(death->name, from, "savepoint-");
	else
		check_str(death->name, from, NULL);
	free(from);
}

static void die_and_go_on(const struct death *death)
{
	json_t *run;
	int jobs;

	new_app(death->runs);
	kill_it(death);
	run = settled(death);
	jobs = count_jobs(false, NULL);
	check_int(death->name, jobs, death->runs + (death->lives && death->starts));
	go_on(death, jobs);
	json_decref(run);
	end_app();
}

static bool is_full(void)
{
	return getenv("WEIR_TEST_FULL") != NULL;
}

static void killed_anywhere_it_is_settled_by_asking(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(deaths); i++)
		if (deaths[i].is_fixed_share || is_full())
			die_and_go_on(&deaths[i]);
}

/* The next verb without a settling between, and right after. */
static void next_verb_after_a_kill_settles_first(void **state)
{
	static const struct death death = {"restart killed, then start", true, "restart",
		{.request = STOP, .cut_request = CUTTER_ALL}, "FAILED", "", .is_stopped = true,
		.stops = 1};

	(void)state;
	new_app(true);
	kill_it(&death);
	cutter_arm(live.cutter, NULL);
	/* The stop may still be at its savepoint: then it is refused, and nothing is done. */
	for (int tries = 0; count_jobs(true, NULL) && tries < 1000; tries++)
		;
	go_on(&death, 1);
	end_app();
}

/* ---- cut ---- */

/* `weir start` through a link that is cut at this byte; what it says at the end. */
static void cut_start(const struct cutter_fault *fault, bool arrives)
{
	char *row = xasprintf("cut at byte %zd of the request, %zd of the answer",
		(ssize_t)fault->cut_request, (ssize_t)fault->cut_answer);
	struct program *p;
	json_t *run;
	bool is_met;

	new_app(false);
	cutter_arm(live.cutter, fault);
	p = bench_run(live.bench, CONF "start {app} --yes --wait --timeout 4");
	is_met = cutter_met(live.cutter);
	run = newest_run(row);
	/* A byte of it may be all of it. */
	arrives = arrives || !is_met;
	if (p->exit_code != (arrives ? 0 : 11))
		print_error("%s\n", buf_str(&p->err));
	check_int(row, p->exit_code, arrives ? 0 : 11);
	check_str(row, field(run, "state"), arrives ? "DONE" : "UNKNOWN");
	check_int(row, cutter_passed(live.cutter, RUN), fault->cut_request > 0);
	json_decref(run);
	program_free(p);
	check_int(row, count_jobs(false, NULL), arrives);
	if (!arrives) {
		cutter_arm(live.cutter, NULL);
		/* Asked too early, nobody says that it failed, and nothing is started. */
		weir(row, CONF "start {app}" GO " --timeout 1", 8, "settled first");
		check_int(row, count_jobs(false, NULL), 0);
		age_runs(200000);
		weir(row, CONF "start {app}" GO, 0, NULL);
		check_int(row, count_jobs(false, NULL), 1);
	}
	end_app();
	free(row);
}

static void link_cut_at_any_byte_of_a_start_is_a_question(void **state)
{
	static const size_t at[] = {0, 1, 20, 90, 130, 170, 200, 230, 260, 300, 340, 400};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		if (i == 6 || is_full())
			cut_start(
				&(struct cutter_fault){
					.request = RUN, .after = "GET /jars", .cut_request = at[i]},
				false);
	for (size_t i = 0; i < 3; i++)
		if (i == 1 || is_full())
			cut_start(&(struct cutter_fault){.request = RUN,
					  .after = "GET /jars",
					  .cut_request = CUTTER_ALL,
					  .cut_answer = at[i]},
				true);
}

/* ---- over SSH ---- */

static void configure_far(void)
{
	bench_copy(live.bench, "known_hosts", sshd_file(live.servers, "known_hosts"));
	bench_set(live.bench, "key", sshd_file(live.servers, "id_ed25519"));
	bench_set_int(live.bench, "gw", sshd_port(live.servers, "gw"));
	bench_file(live.bench, "far.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/far\n  known-hosts: known_hosts\n"
		"  hosts:\n  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, "
		"auth: [key]}\n"
		"  flink-envs:\n  - {name: f, home: {flink}, host: gw}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
}

/* Is `flink run` of the case's application under way over there (which is this machine)? */
static bool client_runs(struct flink *flink, void *data)
{
	DIR *proc = opendir("/proc");
	bool runs = false;

	(void)flink;
	(void)data;
	assert_non_null(proc);
	for (struct dirent *entry; !runs && (entry = readdir(proc));) {
		char path[300], words[16384];
		size_t len;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		file = *entry->d_name > '0' && *entry->d_name <= '9' ? fopen(path, "re") : NULL;
		if (!file)
			continue;
		len = fread(words, 1, sizeof(words), file);
		fclose(file);
		runs = memmem(words, len, "CliFrontend", 11) &&
			memmem(words, len, live.app, strlen(live.app) + 1);
	}
	closedir(proc);
	return runs;
}

/*
 * A client that goes on over there starts the job, which is found by the id that was sent along; one
 * that was ended with the link starts nothing, and nobody says that before it is sure. Then the next
 * start is the only one.
 */
static void link_or_weir_lost_while_flink_runs_over_there(void **state)
{
	static const char *const names[] = {"link cut", "weir killed"};

	(void)state;
	if (!live.servers)
		live.servers = sshd_up();
	assert_non_null(live.servers);
	configure_far();
	for (size_t i = is_full() ? 0 : 1; i < ARRAY_SIZE(names); i++) {
		struct program *p;
		json_t *run;

		declare_app();
		weir(names[i], FAR "release {app}" GO, 0, NULL);
		p = bench_start(live.bench, FAR "start {app} --timeout 15" GO);
		flink_until(live.flink, "the client runs", client_runs, NULL);
		if (i)
			program_signal(p, SIGKILL);
		else
			sshd_do(live.servers, "cut", "gw");
		program_wait(p, FLINK_DEADLINE_MS);
		if (i)
			weir(names[i], FAR "settle {app} --timeout 60", 0, NULL);
		else
			check_bool(
				"DONE or UNKNOWN", p->exit_code == 0 || p->exit_code == 11, true);
		if (p->exit_code == 11) {
			age_runs(200000);
			weir(names[i], FAR "start {app}" GO, 0, NULL);
		}
		run = newest_run(names[i]);
		check_str(names[i], field(run, "state"), "DONE");
		check_has(names[i], field(run, "outcome"), field(run, "startJobId"));
		check_int(names[i], count_jobs(false, NULL), 1);
		json_decref(run);
		program_free(p);
		end_app();
	}
}

int main(void)
{
	static const struct live_case cases[] = {
		{"killed anywhere, it is settled by asking",
			killed_anywhere_it_is_settled_by_asking, NULL},
		{"the next verb after a kill settles first", next_verb_after_a_kill_settles_first,
			NULL},
		{"a link cut at any byte of a start is a question",
			link_cut_at_any_byte_of_a_start_is_a_question, NULL},
		{"link or weir lost while flink runs over there",
			link_or_weir_lost_while_flink_runs_over_there, NULL},
	};

	/* What differs between versions is in the tests of the verbs. */
	static const char *const one[] = {"1.20.5", NULL};

	return live_run_on(is_full() ? flink_versions() : one, "kill", cases, ARRAY_SIZE(cases),
		enter, NULL, leave_group);
}
