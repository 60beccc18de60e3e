/*
 * A real job's life: built from a real git repository by Maven, released, started, stopped with a
 * savepoint and started from it. The job counts events in its state and says in a file what it
 * found there and what it came to: that the state went on is read there, not in weir.
 *
 * Direct: Flink and build on this machine, the JobManager asked by REST. Far: the same behind two
 * real SSH servers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/live.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

#define PROJECT "tests/testbed/project"
#define DIRECT "--config {home}/direct.yaml --store {home}/store "
#define FAR "--config {home}/far.yaml --store {home}/far "
#define GO " --yes --wait"

static struct {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
	const char *failed;
	struct screen *screen;
} live;

/* ---- what is declared ---- */

static char *script(const char *file, const char *const *words)
{
	struct program *p = program_run(&(struct program_setup){
		.file = file, .words = words, .deadline_ms = FLINK_START_MS});
	char *out;

	if (p->exit_code != 0)
		fail_msg("%s %s: %s", file, words[0], buf_str(&p->err));
	out = buf_detach(&p->out);
	out[strcspn(out, "\n")] = '\0';
	program_free(p);
	return out;
}

/* An application of this name that is built from that branch or tag of the project. */
static void declare(const char *name, const char *ref, const char *more)
{
	char *file = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ntype: jar\n"
			       "flink-env: f\ncluster: sessions\nartifact: build\n"
			       "args: [--name, %s, --rate, 50, --interval, 1000, --out, "
			       "{home}/count-%s]\n"
			       "build:\n  git: {home}/project\n  ref: %s\n"
			       "  command: mvn -B -q package\n  artifact: target/counter-*.jar\n%s",
		name, name, name, ref, more ? more : "");

	bench_file(live.bench, file, text);
	free(file);
	free(text);
}

static void set_number(const char *name, int number)
{
	char *text = xasprintf("%d", number);

	bench_set(live.bench, name, text);
	free(text);
}

static void known_hosts(const char *file)
{
	struct buf text;

	buf_init(&text, 0);
	check_int(file, file_read(sshd_file(live.servers, file), &text, NULL), 0);
	bench_file(live.bench, "known_hosts", buf_str(&text));
	buf_release(&text);
}

static void configure(void)
{
	bench_set(live.bench, "url", live.flink->url);
	bench_set(live.bench, "key", sshd_file(live.servers, "id_ed25519"));
	set_number("bastion", sshd_port(live.servers, "bastion"));
	set_number("gw", sshd_port(live.servers, "gw"));
	set_number("otp", sshd_port(live.servers, "otp"));
	known_hosts("known_hosts");
	bench_file(live.bench, "direct.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n"
		"  flink-envs:\n  - {name: f, home: {flink}}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
#define FAR_TEXT(gate)                                                                             \
	"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"                        \
	"  release-dir: {home}/far-releases\n  known-hosts: known_hosts\n"                         \
	"  hosts:\n"                                                                               \
	"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: {key}, "        \
	"auth: [key]}\n"                                                                           \
	"  - {name: coded, address: 127.0.0.1, port: {otp}, user: root, key: {key}, "              \
	"auth: [key, otp]}\n"                                                                      \
	"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: [key], "     \
	"jump: " gate "}\n"                                                                        \
	"  flink-envs:\n  - {name: f, home: {flink}, host: gw}\n"                                  \
	"  clusters:\n  - {name: sessions, rest: \"{url}\", via: gw}\n"
	bench_file(live.bench, "far.yaml", FAR_TEXT("bastion"));
	bench_file(live.bench, "coded.yaml", FAR_TEXT("coded"));
}

/* ---- set-up ---- */

static void leave(void)
{
	flink_stop(live.flink);
	live.flink = NULL;
	bench_free(live.bench);
	live.bench = NULL;
}

static int enter(void **state)
{
	const char *version = *state;
	char *project, *home;

	if (live.flink && str_eq(live.flink->version, version))
		return 0;
	if (str_eq(live.failed, version))
		fail_msg("no cluster of Flink %s", version);
	leave();
	live.failed = version;
	if (!live.servers)
		live.servers = sshd_up();
	assert_non_null(live.servers);
	live.bench = bench_new();
	live.flink = flink_start(version, "life");
	project = temp_path(live.bench->home, "project");
	free(script(PROJECT, (const char *[]){"make", project, NULL}));
	free(project);
	home = script("tests/testbed/flink", (const char *[]){"home", version, NULL});
	bench_set(live.bench, "flink", home);
	free(home);
	configure();
	live.failed = NULL;
	return 0;
}

static int leave_case(void **state)
{
	(void)state;
	screen_free(live.screen);
	live.screen = NULL;
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

/* ---- what the job says ---- */

struct count {
	const char *name;
	char release[16];
	long long restored, count;
	long long above; /* what is waited for */
};

static bool read_count(struct count *count)
{
	char *name = xasprintf("count-%s", count->name);
	char *path = temp_path(live.bench->home, name);
	FILE *file = fopen(path, "re");
	bool is_read = file &&
		fscanf(file, "release=%15s restored=%lld count=%lld", count->release,
			&count->restored, &count->count) == 3;

	if (file)
		fclose(file);
	free(path);
	free(name);
	return is_read;
}

static bool counts_above(struct flink *flink, void *data)
{
	struct count *count = data;

	(void)flink;
	return read_count(count) && count->count > count->above;
}

/* Of a start that was just made: the file of the one before is gone. */
static struct count counting(const char *name, long long above)
{
	struct count count = {.name = name, .above = above};

	flink_until(live.flink, "the job counts", counts_above, &count);
	return count;
}

static void forget_count(const char *name)
{
	char *file = xasprintf("count-%s", name), *path = temp_path(live.bench->home, file);

	unlink(path);
	free(path);
	free(file);
}

/* ---- verbs ---- */

/* exit_code 0: whatever is on stderr. Returns stdout, malloc'd. */
static char *verb(const char *row, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(live.bench, words);
	char *out;

	if (p->exit_code != exit_code)
		print_error("%s: %s\n%s\n", row, words, buf_str(&p->err));
	check_int(row, p->exit_code, exit_code);
	if (part)
		check_has(row, exit_code ? buf_str(&p->err) : buf_str(&p->out), part);
	out = buf_detach(&p->out);
	program_free(p);
	return out;
}

static void ok(const char *row, const char *words)
{
	free(verb(row, words, 0, NULL));
}

static void refused(const char *row, const char *words, int exit_code, const char *part)
{
	free(verb(row, words, exit_code, part));
}

/* The words after "weir" with the way (DIRECT, FAR) before them. */
static void go(const char *way, const char *name, const char *const *verbs)
{
	for (size_t i = 0; verbs[i]; i++) {
		char *words = xasprintf("%s%s %s" GO "%s", way, verbs[i], name,
			str_eq(verbs[i], "build") || str_eq(verbs[i], "ship") ? " --agree-command"
									      : "");
		ok(verbs[i], words);
		free(words);
	}
}
#define VERBS(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool takes_checkpoints(void)
{
	return !str_starts(live.flink->version, "1.16");
}

/* ---- cases ---- */

static void live_a_life(const char *way, const char *name)
{
	struct count first, second, third;
	char *next, *project;

	declare(name, "main", NULL);
	go(way, name, VERBS("build", "release", "start"));
	first = counting(name, 10);
	check_str("release", first.release, "1.1");
	check_int("a first start begins from nothing", first.restored, 0);
	if (takes_checkpoints())
		go(way, name, VERBS("checkpoint"));

	go(way, name, VERBS("stop"));
	assert_true(read_count(&first));
	forget_count(name);
	go(way, name, VERBS("start"));
	second = counting(name, 0);
	check_int("it goes on from what it had counted", second.restored, first.count);

	forget_count(name);
	go(way, name, VERBS("restart"));
	third = counting(name, 0);
	assert_true(third.restored >= second.restored);

	project = temp_path(live.bench->home, "project");
	next = script(PROJECT, (const char *[]){"next", project, NULL});
	forget_count(name);
	go(way, name, VERBS("ship"));
	second = counting(name, 0);
	check_str("what was shipped runs", second.release, next);
	assert_true(second.restored >= third.restored);
	free(next);

	forget_count(name);
	go(way, name, VERBS("rollback", "restart"));
	third = counting(name, 0);
	check_str("the release before runs again", third.release, "1.1");
	assert_true(third.restored >= second.restored);
	go(way, name, VERBS("cancel"));
	free(project);
}

static void built_released_started_stopped_and_shipped_directly(void **state)
{
	(void)state;
	live_a_life(DIRECT, "counter");
}

static void the_same_through_two_hosts(void **state)
{
	(void)state;
	live_a_life(FAR, "far");
}

/* A job that has counted. */
static void running_with_state(const char *name)
{
	declare(name, "main", NULL);
	go(DIRECT, name, VERBS("build", "release", "start"));
	counting(name, 10);
}

static void state_that_does_not_fit_is_said_and_the_release_before_goes_on(void **state)
{
	static const struct {
		const char *name, *ref, *part;
	} rows[] = {
		{"renamed", "renamed", "Cannot map checkpoint/savepoint state"},
		{"retyped", "retyped", "must not be incompatible with the old state serializer"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *name = rows[i].name;
		struct count before, after;
		char *words;

		running_with_state(name);
		go(DIRECT, name, VERBS("stop"));
		before = counting(name, 0);
		declare(name, rows[i].ref, NULL);
		go(DIRECT, name, VERBS("build", "release"));
		forget_count(name);
		words = xasprintf(DIRECT "start %s" GO, name);
		refused(name, words, 10, rows[i].part);
		free(words);
		go(DIRECT, name, VERBS("rollback", "start"));
		after = counting(name, 0);
		check_int(name, after.restored, before.count);
		go(DIRECT, name, VERBS("cancel"));
	}
}

static void builds_that_fail_say_why(void **state)
{
	static const struct {
		const char *name, *ref;
		int exit_code;
		const char *part;
	} rows[] = {
		{"broken", "broken", 10, "cannot find symbol"},
		{"lost", "no-such-branch", 4, "no-such-branch"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *words = xasprintf(DIRECT "build %s --agree-command" GO, rows[i].name);

		declare(rows[i].name, rows[i].ref, NULL);
		refused(rows[i].name, words, rows[i].exit_code, rows[i].part);
		free(words);
	}
}

static void starts_that_fail_say_why(void **state)
{
	static const struct {
		const char *name, *ref, *more;
		int exit_code;
		const char *part;
	} rows[] = {
		{"greedy", "main", "parallelism: 100\n", 10, "slots"},
		{"headless", "no-main", NULL, 10, "main"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *words = xasprintf(DIRECT "start %s" GO, rows[i].name);

		declare(rows[i].name, rows[i].ref, rows[i].more);
		go(DIRECT, rows[i].name, VERBS("build", "release"));
		refused(rows[i].name, words, rows[i].exit_code, rows[i].part);
		free(words);
	}
}

static void a_savepoint_that_cannot_be_written_leaves_the_job_running(void **state)
{
	struct count before, after;

	(void)state;
	running_with_state("held");
	before = counting("held", 0);
	refused("stop", DIRECT "stop held --target-directory file:///proc/nope" GO, 10,
		"Failed to create savepoint directory");
	refused("restart", DIRECT "restart held --target-directory file:///proc/nope" GO, 10,
		"Failed to create savepoint directory");
	after = counting("held", before.count);
	check_int("the same start", after.restored, before.restored);
	go(DIRECT, "held", VERBS("cancel"));
}

static void hosts_that_are_not_who_they_were_get_nothing(void **state)
{
	(void)state;
	declare("hosted", "main", NULL);
	known_hosts("known_hosts.empty");
	refused("unknown key", FAR "build hosted --agree-command" GO, 7, "is not known");
	known_hosts("known_hosts.changed");
	refused("changed key", FAR "build hosted --agree-command" GO, 7, "has changed");
	known_hosts("known_hosts");
}

static bool is_asked_again(struct screen *screen, void *data)
{
	char *text = screen_text(screen), *at = text;
	int asked = 0;

	for (; (at = strstr(at, "host coded:")); at++)
		asked++;
	free(text);
	return asked >= *(int *)data;
}

/* The code is typed on the terminal: a wrong one first. */
static void a_build_behind_a_code_asks_for_it(void **state)
{
	char *config = bench_expand(live.bench, "{home}/coded.yaml");
	char *store = bench_expand(live.bench, "{home}/coded");
	char *text;
	int twice = 2;

	(void)state;
	declare("coded", "main", NULL);
	live.screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words = (const char *[]){"--config", config, "--store", store, "build", "coded",
			"--agree-command", "--yes", "--wait", NULL},
		.rows = 40,
		.cols = 160});
	screen_wait(live.screen, "host coded:");
	screen_type(live.screen, "wrong\r");
	assert_true(screen_until(live.screen, is_asked_again, &twice, SCREEN_DEADLINE_MS));
	screen_type(live.screen, SSHD_SECRET "\r");
	screen_wait(live.screen, "DONE: built counter-");
	text = screen_text(live.screen);
	assert_null(strstr(text, SSHD_SECRET));
	check_int("exit", screen_end(live.screen), 0);
	free(text);
	free(config);
	free(store);
}

static bool has_said(struct program *program, void *text)
{
	return strstr(buf_str(&program->out), text) != NULL;
}

static void logs_are_read_and_followed(void **state)
{
	struct program *p;
	char *out;

	(void)state;
	running_with_state("logged");
	out = verb("JobManager", FAR "logs logged --tail 5000", 0, "switched from DEPLOYING");
	free(out);
	out = verb("list", DIRECT "logs logged --list", 0, "taskmanager.log");
	free(out);
	out = verb(
		"TaskManager", DIRECT "logs logged --tm tm-life --tail 5000", 0, "Received task");
	free(out);
	refused("no such TaskManager", DIRECT "logs logged --tm nope", 4, "no TaskManager 'nope'");
	p = bench_start(live.bench, DIRECT "logs logged -f --tail 1");
	assert_true(program_until(p, has_said, (void *)"\n", PROGRAM_DEADLINE_MS));
	ok("savepoint", DIRECT "savepoint logged" GO);
	assert_true(program_until(p, has_said, (void *)"SavepointType{", PROGRAM_DEADLINE_MS));
	program_free(p);
	go(DIRECT, "logged", VERBS("cancel"));
}

int main(void)
{
	static const struct live_case cases[] = {
		{"builds that fail say why", builds_that_fail_say_why},
		{"built, released, started, stopped and shipped, directly",
			built_released_started_stopped_and_shipped_directly},
		{"the same through two hosts", the_same_through_two_hosts},
		{"state that does not fit is said, and the release before goes on",
			state_that_does_not_fit_is_said_and_the_release_before_goes_on},
		{"starts that fail say why", starts_that_fail_say_why},
		{"a savepoint that cannot be written leaves the job running",
			a_savepoint_that_cannot_be_written_leaves_the_job_running},
		{"hosts that are not who they were get nothing",
			hosts_that_are_not_who_they_were_get_nothing},
		{"a build behind a code asks for it", a_build_behind_a_code_asks_for_it},
		{"logs are read and followed", logs_are_read_and_followed},
	};

	return live_run("lifecycle", cases, ARRAY_SIZE(cases), enter, leave_case, leave_group);
}
