/*
 * What weir leaves when it goes in the middle of a build, a release or a rollback: asked to end,
 * killed, or with its link cut; on this machine and on a real SSH server behind another one. What
 * the build had started has to end by itself, and the next verb finds nothing half done.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

#define CONF "--config {home}/config.yaml --store {home}/store "
#define GO " --yes --wait"
#define AGREED " --agree-command" GO

static struct sshd *servers;
static struct bench *bench;

/* ---- set-up ---- */

static void git(const char *words)
{
	char *command = bench_expand(bench, words);
	struct program *p = program_run(&(struct program_setup){
		.file = "sh", .words = (const char *[]){"-c", command, NULL}});

	if (p->exit_code)
		fail_msg("%s: %s", command, buf_str(&p->err));
	program_free(p);
	free(command);
}

static int enter_group(void **state)
{
	(void)state;
	servers = sshd_up();
	assert_non_null(servers);
	bench = bench_new();
	bench_copy(bench, "known_hosts", sshd_file(servers, "known_hosts"));
	bench_set(bench, "key", sshd_file(servers, "id_ed25519"));
	bench_set_int(bench, "bastion", sshd_port(servers, "bastion"));
	bench_set_int(bench, "gw", sshd_port(servers, "gw"));
	bench_file(bench, "config.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n  known-hosts: known_hosts\n"
		"  hosts:\n"
		"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: {key}, "
		"auth: [key]}\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, "
		"auth: [key], jump: bastion}\n"
		"  flink-envs:\n  - {name: far, home: /opt/flink, host: gw}\n"
		"  - {name: here, home: /opt/flink}\n"
		"  clusters: []\n");
	bench_file(bench, "ws/teams/t/team.yaml", "apiVersion: weir/v1\nkind: Team\nname: t\n");
	bench_file(bench, "repo/it.jar", "one");
	git("cd {home}/repo && git init -q -b main && git add . && "
	    "git -c user.name=t -c user.email=t@localhost commit -q -m one");
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	bench_free(bench);
	sshd_down(servers);
	return 0;
}

static void declare(const char *name, const char *host, const char *command)
{
	char *file = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text = xasprintf(
		"apiVersion: weir/v1\nkind: Application\nname: %s\ntype: jar\nflink-env: %s\n"
		"cluster: none\nartifact: build\n"
		"build:\n  git: {home}/repo\n  ref: main\n  host: %s\n"
		"  command: %s\n  artifact: it.jar\n",
		name, str_eq(host, "local") ? "here" : "far", host, command);

	bench_file(bench, file, text);
	free(text);
	free(file);
}

static char *weir(const char *row, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(bench, words);
	char *said = xstrdup(buf_str(&p->out));

	if (p->exit_code != exit_code)
		print_error("%s: %s%s\n", words, buf_str(&p->out), buf_str(&p->err));
	check_int(row, p->exit_code, exit_code);
	if (part)
		check_has(row, buf_str(exit_code ? &p->err : &p->out), part);
	program_free(p);
	return said;
}

/* "verb NAME …", to its end. */
static void go(const char *row, const char *verb, const char *name, const char *more)
{
	char *words = xasprintf(CONF "%s %s%s", verb, name, more);

	free(weir(row, words, 0, NULL));
	free(words);
}

/* The newest run of that application. Owned. */
static json_t *newest_run(const char *row, const char *name)
{
	char *words = xasprintf(CONF "get runs %s -o json", name);
	struct program *p = bench_run(bench, words);
	json_t *list, *item;

	bench_check(row, p, 0, NULL);
	list = bench_json(row, p);
	item = json_incref(json_array_get(json_object_get(list, "items"), 0));
	assert_non_null(item);
	json_decref(list);
	program_free(p);
	free(words);
	return item;
}

static const char *field(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

/* ---- what a build has started ---- */

/* Holds the file's lock as long as it lives, whoever its parent is by then. */
#define HELD "exec 8>{home}/held-%s && flock 8 && echo up >&8 && exec tail -f /dev/null"

static char *held_path(const char *name)
{
	char *file = xasprintf("held-%s", name), *path = temp_path(bench->home, file);

	free(file);
	return path;
}

/* Also for weir: its script is ahead of what it has written down. */
static bool is_up(struct program *program, void *name)
{
	char *path = held_path(name);
	struct buf text;
	bool is;

	buf_init(&text, 0);
	is = strstr(buf_str(&program->err), "step command") && file_read(path, &text, NULL) == 0 &&
		str_starts(buf_str(&text), "up");
	buf_release(&text);
	free(path);
	return is;
}

static void await_end(const char *row, const char *name)
{
	char *path = held_path(name);
	int64_t end_ms = program_now_ms() + 20000;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (program_now_ms() > end_ms)
			fail_msg("%s: what the build has started goes on", row);
		poll(NULL, 0, 50);
	}
	close(fd);
	free(path);
}

enum { CUT = -1 };

static const struct loss {
	const char *name, *host;
	int signal; /* CUT: the link */
	int exit_code;
	const char *state, *outcome;
} losses[] = {
	{"int-here", "local", SIGINT, 130, "CANCELED", "called off"},
	{"term-here", "local", SIGTERM, 130, "CANCELED", "called off"},
	{"kill-here", "local", SIGKILL, -SIGKILL, "FAILED", "weir ended before step command"},
	{"int-far", "gw", SIGINT, 130, "CANCELED", "called off"},
	{"hup-far", "gw", SIGHUP, 130, "CANCELED", "called off"},
	{"kill-far", "gw", SIGKILL, -SIGKILL, "FAILED", "weir ended before step command"},
	{"cut-far", "gw", CUT, 6, "FAILED", "command on gw"},
};

static void lose(const struct loss *loss)
{
	char *command = xasprintf(HELD, loss->name), *words;
	struct program *p;
	json_t *run;

	declare(loss->name, loss->host, command);
	words = xasprintf(CONF "build %s" AGREED, loss->name);
	p = bench_start(bench, words);
	if (!program_until(p, is_up, (void *)loss->name, PROGRAM_DEADLINE_MS))
		fail_msg("%s: no build: %s", loss->name, buf_str(&p->err));
	if (loss->signal == CUT)
		sshd_do(servers, "cut", "gw");
	else
		program_signal(p, loss->signal);
	program_wait(p, PROGRAM_DEADLINE_MS);
	if (p->exit_code != loss->exit_code)
		print_error("%s\n", buf_str(&p->err));
	check_int(loss->name, p->exit_code, loss->exit_code);
	await_end(loss->name, loss->name);
	program_free(p);
	free(words);
	free(command);

	/* The next one has the project at once, and settles what was left. */
	declare(loss->name, loss->host, "'true'");
	if (loss->signal == SIGKILL)
		go(loss->name, "settle", loss->name, "");
	run = newest_run(loss->name, loss->name);
	check_str(loss->name, field(run, "state"), loss->state);
	check_has(loss->name, field(run, "outcome"), loss->outcome);
	json_decref(run);
	go(loss->name, "build", loss->name, AGREED);
}

static void what_a_build_has_started_ends_with_weir_and_with_the_link(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++)
		lose(&losses[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_build_has_started_ends_with_weir_and_with_the_link),
	};

	check_locale();
	return cmocka_run_group_tests_name("left", tests, enter_group, leave_group);
}
