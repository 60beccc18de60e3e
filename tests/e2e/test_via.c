/*
 * A real JobManager behind two real SSH hops: the same answers as without them, no port that
 * listens, and every reason why it cannot be had. What moves between two direct answers is not
 * compared.
 */
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
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

static struct {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
	char *job_id;
} live;

static void known_hosts(const char *file)
{
	bench_copy(live.bench, ".ssh/known_hosts", sshd_file(live.servers, file));
}

#define HOSTS                                                                                      \
	"  hosts:\n"                                                                               \
	"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: {key}, "        \
	"auth: [key]}\n"                                                                           \
	"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: [key], "     \
	"jump: bastion}\n"                                                                         \
	"  - {name: coded, address: 127.0.0.1, port: {otp}, user: root, key: {key}, "              \
	"auth: [key, otp]}\n"                                                                      \
	"  - {name: inner, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: [key], "  \
	"jump: coded}\n"                                                                           \
	"  - {name: down, address: 127.0.0.1, port: 1, user: root, auth: [key]}\n"                 \
	"  - {name: closed, address: 127.0.0.1, port: {noforward}, user: root, key: {key}, "       \
	"auth: [key]}\n"

static void declare(const char *name, const char *via, const char *rest)
{
	char *text = xasprintf("contexts:\n- name: live\n" HOSTS
			       "  clusters:\n  - {name: sessions, rest: \"%s\"%s%s}\n",
		rest, via ? ", via: " : "", via ? via : "");

	bench_file(live.bench, name, text);
	free(text);
}

static int enter(void **state)
{
	static const char *const submit[] = {"--mode", "count", "--name", "orders", NULL};

	(void)state;
	live.servers = sshd_up();
	if (!live.servers)
		return -1;
	live.bench = bench_new();
	live.flink = flink_start("1.20.5", "via");
	live.job_id = flink_submit(live.flink, submit);
	bench_set_int(live.bench, "bastion", sshd_port(live.servers, "bastion"));
	bench_set_int(live.bench, "gw", sshd_port(live.servers, "gw"));
	bench_set_int(live.bench, "otp", sshd_port(live.servers, "otp"));
	bench_set_int(live.bench, "noforward", sshd_port(live.servers, "noforward"));
	bench_set(live.bench, "key", sshd_file(live.servers, "id_ed25519"));
	known_hosts("known_hosts");
	declare("direct.yaml", NULL, live.flink->url);
	declare("via.yaml", "gw", live.flink->url);
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

static json_t *apps(const char *config)
{
	char *words = xasprintf(
		"get apps -o json --config {home}/%s --store {home}/store-%s", config, config);
	struct program *p = bench_run(live.bench, words);
	json_t *list;

	bench_check(config, p, 0, NULL);
	list = bench_json(config, p);
	program_free(p);
	free(words);
	return list;
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

static void the_same_as_direct(void **state)
{
	json_t *before, *via, *after;
	const json_t *a, *b, *c;
	const char *key;
	json_t *value;
	int same = 0;

	(void)state;
	flink_until(live.flink, "the job runs", is_running, live.job_id);
	before = apps("direct.yaml");
	via = apps("via.yaml");
	after = apps("direct.yaml");
	check_int("items", (int64_t)json_array_size(json_object_get(via, "items")),
		(int64_t)json_array_size(json_object_get(after, "items")));
	a = bench_item("direct", before, "name", "orders");
	b = bench_item("via", via, "name", "orders");
	c = bench_item("direct again", after, "name", "orders");
	check_str("state", json_string_value(json_object_get(b, "jobStatus")), "RUNNING");
	json_object_foreach ((json_t *)c, key, value) {
		if (!json_equal(json_object_get(a, key), value))
			continue; /* it moves */
		same++;
		if (!json_equal(json_object_get(b, key), value))
			fail_msg("\"%s\" differs through SSH", key);
	}
	assert_true(same > 10);
	json_decref(before);
	json_decref(via);
	json_decref(after);
}

static void reasons_are_told(void **state)
{
	static const struct {
		const char *name, *via, *rest, *known;
		int exit_code;
		const char *code, *part;
	} rows[] = {
		{"host down", "down", NULL, NULL, 6, "NET", "host down: 127.0.0.1 port 1: "},
		{"nobody there", "gw", "http://127.0.0.1:1", NULL, 6, "NET",
			"host gw cannot connect"},
		{"forbidden", "closed", NULL, NULL, 6, "DENIED", "AllowTcpForwarding"},
		{"unknown key", "gw", NULL, "known_hosts.empty", 6, "AUTH",
			"is not known (ssh-ed25519"},
		{"changed key", "gw", NULL, "known_hosts.changed", 6, "AUTH", "has changed"},
		{"nobody to ask", "inner", NULL, NULL, 6, "AUTH", "run it on a terminal"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p;
		json_t *list;
		const json_t *error;

		declare("row.yaml", rows[i].via, rows[i].rest ? rows[i].rest : live.flink->url);
		known_hosts(rows[i].known ? rows[i].known : "known_hosts");
		p = bench_run(live.bench,
			"get apps -o json --config {home}/row.yaml --store {home}/store-row");
		bench_check(rows[i].name, p, rows[i].exit_code, rows[i].part);
		list = bench_json(rows[i].name, p);
		error = bench_error(list, "sessions");
		check_str(rows[i].name, json_string_value(json_object_get(error, "code")),
			rows[i].code);
		check_has(rows[i].name, json_string_value(json_object_get(error, "message")),
			rows[i].part);
		json_decref(list);
		program_free(p);
	}
	known_hosts("known_hosts");
}

/* The second question is there when its line is: before that, the terminal echoes what is typed. */
static bool is_asked_twice(struct screen *screen, void *data)
{
	char *text = screen_text(screen);
	const char *first = strstr(text, data), *second = first ? strstr(first + 1, data) : NULL;
	bool twice = second != NULL;

	free(text);
	return twice;
}

static void a_code_is_asked_on_the_terminal_and_not_shown(void **state)
{
	char *config, *store, *text;
	struct screen *screen;

	(void)state;
	declare("coded.yaml", "inner", live.flink->url);
	config = bench_expand(live.bench, "{home}/coded.yaml");
	store = bench_expand(live.bench, "{home}/store-coded");
	screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words =
			(const char *[]){"get", "apps", "--config", config, "--store", store, NULL},
		.rows = 40,
		.cols = 160});
	screen_wait(screen, "host coded:");
	screen_type(screen, "wrong\r");
	assert_true(
		screen_until(screen, is_asked_twice, (void *)"host coded:", SCREEN_DEADLINE_MS));
	screen_type(screen, SSHD_SECRET "\r");
	screen_wait_line(screen, "orders", "RUNNING");
	text = screen_text(screen);
	assert_null(strstr(text, SSHD_SECRET));
	assert_null(strstr(text, "wrong"));
	check_int("exit", screen_end(screen), 0);
	free(text);
	screen_free(screen);
	free(config);
	free(store);
}

static void the_console_asks_for_a_code_by_a_dialog(void **state)
{
	char *config, *store, *text;
	struct screen *screen;

	(void)state;
	declare("coded.yaml", "inner", live.flink->url);
	config = bench_expand(live.bench, "{home}/coded.yaml");
	store = bench_expand(live.bench, "{home}/store-dialog");
	screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words = (const char *[]){"--config", config, "--store", store, NULL},
		.rows = 40,
		.cols = 120});
	/* Refused: the reason is on the screen, and `r` asks again. */
	screen_wait(screen, "host coded: it asks");
	screen_type(screen, "\x1b");
	screen_wait_gone(screen, "host coded: it asks");
	screen_wait(screen, "r asks again");
	screen_wait(screen, "was not let in");
	text = screen_text(screen);
	assert_null(strstr(text, "run it on a terminal"));
	free(text);
	screen_type(screen, "r");
	screen_wait(screen, "host coded: it asks");
	screen_type(screen, SSHD_SECRET);
	text = screen_text(screen);
	assert_null(strstr(text, SSHD_SECRET));
	free(text);
	screen_type(screen, "\r");
	screen_wait_line(screen, "orders", "RUNNING");
	screen_type(screen, "q");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	free(config);
	free(store);
}

static void the_console_takes_a_host_key_by_a_typed_yes(void **state)
{
	char *config, *store, *path;
	struct screen *screen;
	struct buf text;

	(void)state;
	declare("via.yaml", "gw", live.flink->url);
	known_hosts("known_hosts.empty");
	config = bench_expand(live.bench, "{home}/via.yaml");
	store = bench_expand(live.bench, "{home}/store-key");
	screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words = (const char *[]){"--config", config, "--store", store, NULL},
		.rows = 40,
		.cols = 120});
	screen_wait(screen, "host bastion: unknown host key");
	screen_wait(screen, "SHA256:");
	screen_type(screen, "yes\r");
	screen_wait(screen, "host gw: unknown host key");
	screen_type(screen, "yes\r");
	screen_wait_line(screen, "orders", "RUNNING");
	screen_type(screen, "q");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	buf_init(&text, 0);
	path = bench_expand(live.bench, "{home}/.ssh/known_hosts");
	check_int("remembered", file_read(path, &text, NULL), 0);
	check_has("remembered", buf_str(&text), "ssh-ed25519");
	buf_release(&text);
	known_hosts("known_hosts");
	free(path);
	free(config);
	free(store);
}

/* Sockets of the process that listen on a port, in one of the kernel's tables. */
static int listening_in(const char *name, pid_t pid)
{
	int count = 0;
	FILE *table = fopen(name, "r");
	char line[512];

	while (table && fgets(line, sizeof(line), table)) {
		char state[3] = "", want[64];
		unsigned long inode = 0;

		if (sscanf(line, "%*d: %*s %*s %2s %*s %*s %*s %*s %*s %lu", state, &inode) != 2 ||
			strcmp(state, "0A") != 0)
			continue;
		snprintf(want, sizeof(want), "socket:[%lu]", inode);
		for (int fd = 0; fd < 1024; fd++) {
			char path[64], link[64] = "";
			snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
			if (readlink(path, link, sizeof(link) - 1) > 0 && !strcmp(link, want))
				count++;
		}
	}
	if (table)
		fclose(table);
	return count;
}

static int listening(pid_t pid)
{
	return listening_in("/proc/net/tcp", pid) + listening_in("/proc/net/tcp6", pid);
}

static void the_console_shows_it_and_opens_no_port(void **state)
{
	char *config, *store;
	struct screen *screen;

	(void)state;
	config = bench_expand(live.bench, "{home}/via.yaml");
	store = bench_expand(live.bench, "{home}/store-screen");
	screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words = (const char *[]){"--config", config, "--store", store, NULL},
		.rows = 40,
		.cols = 120});
	screen_wait_line(screen, "orders", "RUNNING");
	check_int("ports", listening(screen_pid(screen)), 0);
	/* The count works: the JobManager does listen. */
	assert_true(listening(flink_pid(live.flink, "jm")) > 0);
	screen_type(screen, "q");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	free(config);
	free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_as_direct),
		cmocka_unit_test(reasons_are_told),
		cmocka_unit_test(a_code_is_asked_on_the_terminal_and_not_shown),
		cmocka_unit_test(the_console_asks_for_a_code_by_a_dialog),
		cmocka_unit_test(the_console_takes_a_host_key_by_a_typed_yes),
		cmocka_unit_test(the_console_shows_it_and_opens_no_port),
	};

	check_locale();
	return cmocka_run_group_tests(tests, enter, leave);
}
