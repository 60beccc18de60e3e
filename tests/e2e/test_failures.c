/*
 * What goes wrong when it is done for real, at the command line: each with its exit code and with a
 * line that says what to do. What the layers below say is tested beside them; tests/README.md has
 * the table.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/life.h"
#include "tests/e2e/live.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define HOSTS "--config {home}/hosts.yaml --store {home}/hosts "

static struct life life;
static struct screen *shown; /* the case's terminal */

static void set_port(const char *name)
{
	bench_set_int(life.bench, name, sshd_port(life.servers, name));
}

/* Flink is asked directly: what fails is what is done on the hosts. */
static int enter(void **state)
{
	life_enter(&life, *state, "fail");
	set_port("pw");
	set_port("code");
	bench_set(life.bench, "rsa", sshd_file(life.servers, "id_rsa"));
	bench_file(life.bench, "hosts.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/small\n  known-hosts: known_hosts\n"
		"  hosts:\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, "
		"auth: [key]}\n"
		"  - {name: old, address: 127.0.0.1, port: {gw}, user: root, key: {rsa}, "
		"auth: [key]}\n"
		"  - {name: pw, address: 127.0.0.1, port: {pw}, user: root, auth: [password]}\n"
		"  - {name: code, address: 127.0.0.1, port: {code}, user: root, auth: [otp]}\n"
		"  - {name: down, address: 127.0.0.1, port: 1, user: root, key: {key}, "
		"auth: [key]}\n"
		"  flink-envs:\n  - {name: f, home: {flink}, host: gw}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	return 0;
}

static int leave_case(void **state)
{
	(void)state;
	screen_free(shown);
	shown = NULL;
	life_end_jobs(&life);
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	life_leave(&life);
	return 0;
}

/* ---- hosts ---- */

static void hosts_that_cannot_be_used_say_why(void **state)
{
	static const struct {
		const char *name, *host, *known;
		int exit_code;
		const char *part;
	} rows[] = {
		{"unknown key", "gw", "known_hosts.empty", 7, "is not known (ssh-ed25519 SHA256:"},
		{"changed key", "gw", "known_hosts.changed", 7, "has changed (now ssh-ed25519"},
		{"RSA key", "old", "known_hosts", 7,
			"RSA keys are refused when libssh2 1.10 signs"},
		{"RSA key's cure", "old", "known_hosts", 7, "transport: openssh"},
		{"down", "down", "known_hosts", 6, "host down: 127.0.0.1 port 1: "},
		{"nobody to ask", "pw", "known_hosts", 7, "run it on a terminal"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		life_known_hosts(&life, rows[i].known);
		life_declare(&life, &(struct life_app){.name = "hosted", .host = rows[i].host});
		life_refused(&life, rows[i].name, HOSTS "build hosted" LIFE_AGREED,
			rows[i].exit_code, rows[i].part);
	}
	life_known_hosts(&life, "known_hosts");
}

struct asked {
	const char *prompt;
	int times;
};

static bool is_asked_or_over(struct screen *screen, void *data)
{
	const struct asked *asked = data;
	char *text = screen_text(screen), *at = text;
	int times = 0;

	for (; (at = strstr(at, asked->prompt)); at++)
		times++;
	free(text);
	return times >= asked->times || screen_pid(screen) == 0;
}

/* Types "wrong" as often as it is asked. */
static void answers_that_are_wrong_are_refused(void **state)
{
	static const struct {
		const char *host, *part;
	} rows[] = {
		{"pw", "user root was not let in (password: wrong"},
		{"code", "the answers were wrong"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *config = bench_expand(life.bench, "{home}/hosts.yaml");
		char *store = bench_expand(life.bench, "{home}/hosts");
		char *prompt = xasprintf("host %s:", rows[i].host), *text;
		struct asked asked = {.prompt = prompt};

		life_declare(&life, &(struct life_app){.name = "hosted", .host = rows[i].host});
		shown = screen_start(&(struct screen_setup){.home = life.bench->home,
			.words = WORDS("--config", config, "--store", store, "build", "hosted",
				"--agree-command", "--yes", "--wait"),
			.rows = 60,
			.cols = 240});
		do {
			asked.times++;
			assert_true(asked.times < 12);
			screen_until(shown, is_asked_or_over, &asked, SCREEN_DEADLINE_MS);
			if (screen_pid(shown) && !screen_shows(shown, "was not let in"))
				screen_type(shown, "wrong\r");
		} while (screen_pid(shown) && !screen_shows(shown, "was not let in"));
		check_int(rows[i].host, screen_end(shown), 7);
		text = screen_text(shown);
		check_has(rows[i].host, text, rows[i].part);
		assert_null(strstr(text, "wrong\r"));
		free(text);
		screen_free(shown);
		shown = NULL;
		free(prompt);
		free(store);
		free(config);
	}
}

static bool has_begun(struct program *program, void *data)
{
	(void)data;
	return strstr(buf_str(&program->err), "has begun") != NULL;
}

/* The command waits at a pipe that nobody writes into, until the link is gone. */
static void a_link_that_is_cut_ends_a_build_that_may_be_repeated(void **state)
{
	char *pipe = bench_expand(life.bench, "{home}/pipe");
	struct program *p;
	int fd;

	(void)state;
	check_int("pipe", mkfifo(pipe, 0600), 0);
	bench_file(life.bench, "ws/teams/t/apps/cut.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: cut\ntype: jar\nflink-env: f\n"
		"cluster: sessions\nartifact: build\n"
		"build:\n  git: {home}/project\n  ref: main\n  host: gw\n"
		"  command: echo it has begun; cat {home}/pipe; touch it.jar\n"
		"  artifact: it.jar\n");
	p = bench_start(life.bench, HOSTS "build cut" LIFE_AGREED);
	assert_true(program_until(p, has_begun, NULL, PROGRAM_DEADLINE_MS));
	sshd_do(life.servers, "cut", "gw");
	check_int("cut", program_wait(p, PROGRAM_DEADLINE_MS), 6);
	check_has("cut", buf_str(&p->err), "command on gw: ");
	program_free(p);
	/* What still waits over there is let go; the next one finds a file. */
	fd = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	check_int("pipe", unlink(pipe), 0);
	bench_file(life.bench, "pipe", "");
	if (fd >= 0)
		close(fd);
	life_ok(&life, "again", HOSTS "build cut" LIFE_GO);
	free(pipe);
}

/* ---- files ---- */

static void declare_file(const char *artifact)
{
	char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: filed\ntype: jar\n"
			       "flink-env: f\ncluster: sessions\nartifact: \"%s\"\n",
		artifact);

	bench_file(life.bench, "ws/teams/t/apps/filed.yaml", text);
	free(text);
}

static void files_that_are_not_there_or_do_not_fit_say_so(void **state)
{
	static const char words[] = HOSTS "release filed" LIFE_GO;
	char *small = bench_expand(life.bench, "{home}/small");
	char *big = bench_expand(life.bench, "{home}/big.jar");
	int fd;

	(void)state;
	declare_file("{home}/nope.jar");
	life_refused(&life, "not here", words, 4, "nope.jar");
	declare_file("gw:/nope.jar");
	life_refused(&life, "not there", words, 10, "/nope.jar: no such file");

	fd = open(big, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && ftruncate(fd, 4 << 20) == 0);
	close(fd);
	declare_file("{home}/big.jar");
	mkdir(small, 0700);
	check_int("tmpfs", mount("weir-test", small, "tmpfs", 0, "size=1m"), 0);
	struct program *p = bench_run(life.bench, words);
	check_int("unmounted", umount2(small, MNT_DETACH), 0);
	bench_check("disk full", p, 10, "upload");
	check_has("disk full", buf_str(&p->err), "space left");
	program_free(p);
	life_ok(&life, "with room", words);
	free(big);
	free(small);
}

/* ---- builds and starts ---- */

static void builds_that_fail_say_why(void **state)
{
	static const struct {
		const char *name, *ref, *part;
	} rows[] = {
		{"does not compile", "broken", "cannot find symbol"},
		{"no such branch", "no-such-branch",
			"there is no branch, tag or commit 'no-such-branch'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		life_declare(&life, &(struct life_app){.name = "unbuilt", .ref = rows[i].ref});
		life_refused(&life, rows[i].name, LIFE_DIRECT "build unbuilt" LIFE_AGREED, 10,
			rows[i].part);
	}
}

static void starts_that_fail_say_why(void **state)
{
	(void)state;
	life_declare(&life, &(struct life_app){.name = "headless", .ref = "no-main"});
	life_go(&life, LIFE_DIRECT, "headless", WORDS("build", "release"));
	life_refused(&life, "no main class", LIFE_DIRECT "start headless" LIFE_GO, 10,
		"say main-class:");

	life_declare(&life, &(struct life_app){.name = "greedy", .more = "parallelism: 100\n"});
	life_go(&life, LIFE_DIRECT, "greedy", WORDS("build", "release"));
	life_refused(&life, "too many", LIFE_DIRECT "start greedy --timeout 10" LIFE_GO, 9,
		"it waits for slots: none is free");
	life_refused(&life, "none left", LIFE_DIRECT "start headless" LIFE_GO, 8,
		"cluster sessions has no free slot");
}

static void mistakes_in_sql_are_told_with_line_and_column(void **state)
{
	char *gateway = flink_script(
		"tests/testbed/flink", WORDS("gateway", life.flink->name, "auto"), FLINK_START_MS);

	(void)state;
	bench_set(life.bench, "gateway", gateway);
	bench_file(life.bench, "sql.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n"
		"  flink-envs:\n  - {name: f, home: {flink}, sql-gateway: \"{gateway}\"}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	bench_file(life.bench, "ws/teams/t/apps/asked.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: asked\ntype: sql\nflink-env: f\n"
		"cluster: sessions\nsql: |\n"
		"  CREATE TEMPORARY TABLE a (id BIGINT) WITH ('connector'='datagen');\n"
		"  CREATE TEMPORARY TABLE b (id BIGINT) WITH ('connector'='blackhole');\n"
		"  INSERT INTO b\n"
		"    SELECT nope FROM a;\n");
	life_ok(&life, "release",
		"--config {home}/sql.yaml --store {home}/sql release asked" LIFE_GO);
	life_refused(&life, "start",
		"--config {home}/sql.yaml --store {home}/sql start asked" LIFE_GO, 10,
		str_starts(life.flink->version, "1.16")
			? "takes no job id" /* before it sees any SQL */
			: "SQL line 4, column 10: Column 'nope' not found");
	free(gateway);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"hosts that cannot be used say why", hosts_that_cannot_be_used_say_why, "1.20.5"},
		{"answers that are wrong are refused", answers_that_are_wrong_are_refused,
			"1.20.5"},
		{"a link that is cut ends a build, which may be repeated",
			a_link_that_is_cut_ends_a_build_that_may_be_repeated, "1.20.5"},
		{"files that are not there or do not fit say so",
			files_that_are_not_there_or_do_not_fit_say_so, "1.20.5"},
		{"builds that fail say why", builds_that_fail_say_why, ""},
		{"starts that fail say why", starts_that_fail_say_why, "1.20.5"},
		{"mistakes in SQL are told with line and column",
			mistakes_in_sql_are_told_with_line_and_column, ""},
	};

	return live_run("failures", cases, ARRAY_SIZE(cases), enter, leave_case, leave_group);
}
