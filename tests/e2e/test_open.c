/*
 * weir open: the page of a real job, direct and behind two real SSH hops; what a browser is given,
 * what is printed where there is none, and that a shared machine gets no port.
 */
#include <poll.h>
#include <signal.h>
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
#include "tests/e2e/flink.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

static struct {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
	char *job_id;
} live;

static void declare(const char *name, const char *via, const char *rest)
{
	char *text =
		xasprintf("contexts:\n- name: live\n  hosts:\n"
			  "  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, "
			  "key: {key}, auth: [key]}\n"
			  "  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, "
			  "auth: [key], jump: bastion}\n"
			  "  clusters:\n  - {name: sessions, rest: [%s]%s%s}\n",
			rest, via ? ", via: " : "", via ? via : "");

	bench_file(live.bench, name, text);
	free(text);
}

static bool is_running(struct flink *flink, void *data)
{
	char *path = xasprintf("/jobs/%s", (const char *)data);
	json_t *job = flink_get(flink, path);
	bool running = str_eq(json_string_value(json_object_get(job, "state")), "RUNNING");

	free(path);
	json_decref(job);
	return running;
}

static int enter(void **state)
{
	static const char *const submit[] = {"--mode", "count", "--name", "orders", NULL};
	char *rest;

	(void)state;
	live.servers = sshd_up();
	if (!live.servers)
		return -1;
	live.bench = bench_new();
	live.flink = flink_start("1.20.5", "open");
	live.job_id = flink_submit(live.flink, submit);
	flink_until(live.flink, "the job runs", is_running, live.job_id);
	bench_set_int(live.bench, "bastion", sshd_port(live.servers, "bastion"));
	bench_set_int(live.bench, "gw", sshd_port(live.servers, "gw"));
	bench_set(live.bench, "key", sshd_file(live.servers, "id_ed25519"));
	bench_copy(live.bench, ".ssh/known_hosts", sshd_file(live.servers, "known_hosts"));
	/* What a browser is told, one line for each argument. */
	bench_file(live.bench, "browser",
		"#!/bin/sh\nfor a; do printf '%s\\n' \"$a\"; done >{home}/seen.new\n"
		"mv {home}/seen.new {home}/seen\n");
	char *browser = bench_expand(live.bench, "{home}/browser");
	chmod(browser, 0755);
	free(browser);
	rest = xasprintf("\"%s\"", live.flink->url);
	declare("direct.yaml", NULL, rest);
	declare("via.yaml", "gw", rest);
	free(rest);
	/* The first of two does not answer. */
	rest = xasprintf("\"http://127.0.0.1:1\", \"%s\"", live.flink->url);
	declare("second.yaml", NULL, rest);
	free(rest);
	declare("nobody.yaml", NULL, "\"http://127.0.0.1:1\"");
	return 0;
}

static int leave(void **state)
{
	(void)state;
	flink_stop(live.flink);
	sshd_down(live.servers);
	bench_free(live.bench);
	free(live.job_id);
	return 0;
}

static struct program *start(const char *config, const char *more, const char *const *env)
{
	char *words =
		xasprintf("open orders --config {home}/%s --store {home}/store%s", config, more);
	char *full = bench_expand(live.bench, words), *rest = full;
	const char *list[16];
	size_t count = 0;
	struct program *p;

	for (char *word; (word = strsep(&rest, " "));)
		list[count++] = word;
	list[count] = NULL;
	p = program_start(
		&(struct program_setup){.home = live.bench->home, .words = list, .env = env});
	free(full);
	free(words);
	return p;
}

static bool has_line(struct program *p, void *data)
{
	(void)data;
	return strchr(buf_str(&p->out), '\n') && strstr(buf_str(&p->err), "Ctrl-C");
}

static char *page(const char *base, const char *state)
{
	return xasprintf("%s/#/job/%s/%s/overview\n", base, state, live.job_id);
}

static void direct_it_is_printed(void **state)
{
	static const char *const configs[] = {"direct.yaml", "second.yaml"};
	char *want = page(live.flink->url, "running");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		struct program *p = start(configs[i], " --print", NULL);

		check_int(configs[i], program_wait(p, PROGRAM_DEADLINE_MS), 0);
		check_str(configs[i], buf_str(&p->out), want);
		program_free(p);
	}
	free(want);
}

/* weir may have ended before the browser has written. */
static char *seen(void)
{
	char *path = bench_expand(live.bench, "{home}/seen");
	int64_t until = program_now_ms() + PROGRAM_DEADLINE_MS;
	struct buf text;

	buf_init(&text, 0);
	while (access(path, R_OK) && program_now_ms() < until)
		poll(NULL, 0, 20);
	file_read(path, &text, NULL);
	unlink(path);
	free(path);
	return buf_detach(&text);
}

static void a_browser_gets_the_url_as_one_argument(void **state)
{
	static const char *const entries[] = {
		"BROWSER={home}/browser", "BROWSER=no-such-browser:{home}/browser %s"};
	char *want = page(live.flink->url, "running");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		char *browser = bench_expand(live.bench, entries[i]), *told;
		struct program *p = start("direct.yaml", "", (const char *[]){browser, NULL});

		check_int(entries[i], program_wait(p, PROGRAM_DEADLINE_MS), 0);
		check_str(entries[i], buf_str(&p->out), want);
		told = seen();
		check_str(entries[i], told, want);
		free(told);
		free(browser);
		program_free(p);
	}
	/* A browser that is not there: the URL is, and why. */
	struct program *p =
		start("direct.yaml", "", (const char *[]){"BROWSER=no-such-browser", NULL});
	check_int("no browser", program_wait(p, PROGRAM_DEADLINE_MS), 0);
	check_str("no browser", buf_str(&p->out), want);
	check_has("no browser", buf_str(&p->err), "no program no-such-browser");
	program_free(p);
	free(want);
}

static void behind_two_hops_it_is_a_port_of_this_machine(void **state)
{
	char *browser = bench_expand(live.bench, "BROWSER={home}/browser"), *told;
	struct program *p = start("via.yaml", "", (const char *[]){browser, NULL});
	struct flink through = *live.flink;
	json_t *direct, *relayed;

	(void)state;
	assert_true(program_until(p, has_line, NULL, PROGRAM_DEADLINE_MS));
	told = seen();
	check_str("browser", told, buf_str(&p->out));
	check_has("page", told, live.job_id);
	assert_int_equal(sscanf(told, "http://127.0.0.1:%d/#/job/running/", &through.port), 1);
	assert_true(through.port != live.flink->port);
	direct = flink_get(live.flink, "/config");
	relayed = flink_get(&through, "/config");
	assert_non_null(relayed);
	check_bool("the same", json_equal(direct, relayed), true);
	json_decref(direct);
	json_decref(relayed);
	program_signal(p, SIGINT);
	check_int("exit", program_wait(p, PROGRAM_DEADLINE_MS), 0);
	assert_null(flink_get(&through, "/config"));
	program_free(p);
	free(told);
	free(browser);
}

/* Sockets of the process that listen on a port. */
static int listening(pid_t pid)
{
	static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	int count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		FILE *table = fopen(tables[i], "r");
		char line[512];

		while (table && fgets(line, sizeof(line), table)) {
			char state[3] = "", want[64];
			unsigned long inode = 0;

			if (sscanf(line, "%*d: %*s %*s %2s %*s %*s %*s %*s %*s %lu", state,
				    &inode) != 2 ||
				strcmp(state, "0A") != 0)
				continue;
			snprintf(want, sizeof(want), "socket:[%lu]", inode);
			for (int fd = 0; fd < 256; fd++) {
				char path[64], link[64] = "";
				snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
				if (readlink(path, link, sizeof(link) - 1) > 0 &&
					!strcmp(link, want))
					count++;
			}
		}
		if (table)
			fclose(table);
	}
	return count;
}

static void reached_by_ssh_it_is_a_socket_and_no_browser(void **state)
{
	char *browser = bench_expand(live.bench, "BROWSER={home}/browser");
	char *path = bench_expand(live.bench, "{home}/seen"), *want, socket_path[128] = "";
	struct program *p = start("via.yaml", "",
		(const char *[]){browser, "SSH_CONNECTION=10.0.0.1 5000 10.0.0.2 22", NULL});
	const char *line;
	struct stat info;

	(void)state;
	assert_true(program_until(p, has_line, NULL, PROGRAM_DEADLINE_MS));
	check_int("ports", listening(p->pid), 0);
	assert_true(listening(flink_pid(live.flink, "jm")) > 0); /* the count works */
	want = page("http://localhost:8081", "running");
	check_str("url", buf_str(&p->out), want);
	line = strstr(buf_str(&p->err), "ssh -L 8081:");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "ssh -L 8081:%127s", socket_path), 1);
	check_int("socket", stat(socket_path, &info), 0);
	check_int("mode", info.st_mode & 07777, 0600);
	check_int("no browser", access(path, F_OK), -1);
	program_signal(p, SIGTERM);
	check_int("exit", program_wait(p, PROGRAM_DEADLINE_MS), 0);
	check_int("gone", stat(socket_path, &info), -1);
	program_free(p);
	free(want);
	free(path);
	free(browser);
}

static void who_cannot_be_opened_is_told(void **state)
{
	struct program *p;

	(void)state;
	p = bench_run(
		live.bench, "open orders --print --rest http://127.0.0.1:1 --store {home}/none");
	bench_check("nobody", p, 4, "there is no application 'orders'");
	program_free(p);
	p = bench_run(live.bench, "open");
	bench_check("no word", p, 2, "open takes one application");
	program_free(p);
	/* Remembered, but away now. */
	p = start("direct.yaml", " --print", NULL);
	check_int("remembered", program_wait(p, PROGRAM_DEADLINE_MS), 0);
	program_free(p);
	p = start("nobody.yaml", " --print", NULL);
	check_int("away", program_wait(p, PROGRAM_DEADLINE_MS), 6);
	check_has("away", buf_str(&p->err), "refused");
	check_str("away", buf_str(&p->out), "");
	program_free(p);
}

static bool has_ended(struct flink *flink, void *data)
{
	char *path = xasprintf("/jobs/%s", (const char *)data);
	json_t *job = flink_get(flink, path);
	bool ended = str_eq(json_string_value(json_object_get(job, "state")), "CANCELED");

	free(path);
	json_decref(job);
	return ended;
}

static void an_ended_job_has_its_own_page(void **state)
{
	char *want = page(live.flink->url, "completed");
	struct program *p;

	(void)state;
	flink_cancel(live.flink, live.job_id);
	flink_until(live.flink, "the job has ended", has_ended, live.job_id);
	p = start("direct.yaml", " --print", NULL);
	check_int("exit", program_wait(p, PROGRAM_DEADLINE_MS), 0);
	check_str("page", buf_str(&p->out), want);
	program_free(p);
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_it_is_printed),
		cmocka_unit_test(a_browser_gets_the_url_as_one_argument),
		cmocka_unit_test(behind_two_hops_it_is_a_port_of_this_machine),
		cmocka_unit_test(reached_by_ssh_it_is_a_socket_and_no_browser),
		cmocka_unit_test(who_cannot_be_opened_is_told),
		cmocka_unit_test(an_ended_job_has_its_own_page),
	};

	check_locale();
	return cmocka_run_group_tests(tests, enter, leave);
}
