/* weir doctor on this machine alone: files with secrets, the terminal, libraries, what was remembered. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

static struct bench *bench;

static int setup(void **state)
{
	(void)state;
	bench = bench_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_free(bench);
	return 0;
}

static void secret(const char *name, unsigned mode)
{
	char *path = temp_path(bench->home, name);

	bench_file(bench, name, "open sesame\n");
	check_int(name, chmod(path, mode), 0);
	free(path);
}

static json_t *ask(const char *row, const char *const *env, int exit_code)
{
	struct program *p = bench_run_as(bench,
		"doctor -o json --config {home}/config.yaml --store {home}/store --timeout 20",
		&(struct program_setup){.env = env});
	json_t *list;

	check_int(row, p->exit_code, exit_code);
	check_bool("a secret is told", strstr(buf_str(&p->out), "sesame") != NULL, false);
	list = bench_json(row, p);
	program_free(p);
	return list;
}

struct row {
	const char *name, *area, *check, *status, *found, *cure;
};

static void check_row(const struct row *row, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *found = bench_text(item, "found"), *cure = bench_text(item, "cure");

		if (!str_eq(bench_text(item, "area"), row->area) ||
			!str_eq(bench_text(item, "check"), row->check) ||
			!strstr(found, row->found))
			continue;
		check_str(row->name, bench_text(item, "status"), row->status);
		check_has(row->name, cure ? cure : "nothing is to be done", row->cure);
		return;
	}
	char *all = json_dumps(list, JSON_INDENT(1));
	fail_msg(
		"%s: %s %s never says '%s'\n%s", row->name, row->area, row->check, row->found, all);
}

static void each_file_with_a_secret_says_who_may_read_it(void **state)
{
	static const struct row rows[] = {
		{"fine", "secrets", "key", "ok", "id_fine, of h1: mode 600", "nothing"},
		{"others may read", "secrets", "password", "fail", "pw_open, of near: mode 644",
			"chmod 600"},
		{"others may write", "secrets", "token", "fail", "others may write", "chmod 600"},
		{"missing", "secrets", "token", "fail", "no-such, of gone: No such file",
			"correct its path"},
		{"variable", "secrets", "variable", "fail", "$NO_SUCH_TOKEN, of far: not set",
			"export it"},
		{"variable that is set", "secrets", "variable", "ok", "$A_TOKEN, of set: set",
			"nothing"},
	};
	json_t *list;

	(void)state;
	secret("id_fine", 0600);
	secret("pw_open", 0644);
	secret("written", 0622);
	bench_file(bench, "config.yaml",
		"contexts:\n- name: p\n  hosts:\n"
		"  - {name: h1, address: 127.0.0.1, port: 1, user: root, key: {home}/id_fine, "
		"auth: [key]}\n"
		"  clusters:\n"
		"  - {name: near, rest: \"https://127.0.0.1:1\", auth: {user: a, password-file: "
		"{home}/pw_open}}\n"
		"  - {name: free, rest: \"https://127.0.0.1:1\", auth: {token-file: "
		"{home}/written}}\n"
		"  - {name: gone, rest: \"https://127.0.0.1:1\", auth: {token-file: "
		"{home}/no-such}}\n"
		"  - {name: far, rest: \"https://127.0.0.1:1\", auth: {token-env: "
		"NO_SUCH_TOKEN}}\n"
		"  - {name: set, rest: \"https://127.0.0.1:1\", auth: {token-env: A_TOKEN}}\n");
	list = ask("secrets", WORDS("A_TOKEN=sesame"), 5);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i], list);
	json_decref(list);
}

static void the_terminal_is_told_by_its_environment(void **state)
{
	static const struct {
		const char *const env[6];
		struct row row;
	} rows[] = {
		{{"TERM=xterm-256color", NULL},
			{"256", "terminal", "colours", "ok", "256", "COLORTERM=truecolor"}},
		{{"TERM=xterm-256color", "NO_COLOR=1", NULL},
			{"NO_COLOR", "terminal", "colours", "ok", "none (NO_COLOR)", "unset"}},
		{{"TERM=xterm-direct", NULL},
			{"direct", "terminal", "colours", "ok", "24 bit", "nothing"}},
		{{"TERM=vt100", NULL},
			{"vt100", "terminal", "colours", "ok", "none", "xterm-256color"}},
		{{"TERM=xterm-kitty", NULL},
			{"kitty", "terminal", "clipboard", "ok", "probably: xterm-kitty",
				"nothing"}},
		{{"TERM=tmux-256color", "TMUX=/tmp/x,1,0", NULL},
			{"tmux", "terminal", "clipboard", "ok", "inside tmux", "set-clipboard"}},
		{{"TERM=screen", "STY=1.pts", NULL},
			{"screen", "terminal", "clipboard", "ok", "inside screen", "use tmux"}},
		{{"TERM=xterm-256color", "VTE_VERSION=7000", NULL},
			{"VTE", "terminal", "clipboard", "ok", "probably none", "mouse"}},
		{{"TERM=no-such-terminal", NULL},
			{"unknown", "terminal", "term", "warn", "no terminfo entry",
				"ncurses-term"}},
		{{"TERM=xterm", "LC_ALL=C", NULL},
			{"ASCII", "terminal", "locale", "warn", "characters", "C.UTF-8"}},
	};

	(void)state;
	bench_file(bench, "config.yaml", "contexts:\n- name: p\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *list = ask(rows[i].row.name, rows[i].env, 0);

		check_row(&rows[i].row, list);
		json_decref(list);
	}
}

static void libraries_say_what_is_known_of_them(void **state)
{
	static const char *const names[] = {"libssh2", "libcurl", "sqlite", "jansson", "libuv",
		"libyaml", "utf8proc", "ncurses", "weir"};
	json_t *list;

	(void)state;
	bench_file(bench, "config.yaml", "contexts:\n- name: p\n");
	list = ask("libraries", NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_row(&(struct row){names[i], "libraries", names[i], "ok", ".", ""}, list);
	json_decref(list);
}

/* One that answered once and is gone: since when is what a person asks. */
static void the_last_poll_of_a_cluster_is_told(void **state)
{
	char *jobs = fixture_read("tests/fixtures/flink-1.20.5/jobs-overview.json", NULL);
	char *overview = fixture_read("tests/fixtures/flink-1.20.5/overview.json", NULL);
	struct httpd *server = httpd_start("127.0.0.1");
	char *url = httpd_url(server, "");
	const struct row answered = {"answered", "cluster", "last-poll", "ok", "last answer: ", ""};
	json_t *list;

	(void)state;
	httpd_on(server, "GET /jobs/overview", &(struct httpd_answer){.body = jobs});
	httpd_on(server, "GET /overview", &(struct httpd_answer){.body = overview});
	bench_set(bench, "url", url);
	bench_file(bench, "config.yaml",
		"contexts:\n- name: p\n  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	program_free(bench_run(
		bench, "get jobs --no-details --config {home}/config.yaml --store {home}/store"));
	list = ask("answered", NULL, 5);
	check_row(&answered, list);
	json_decref(list);
	httpd_stop(server);
	program_free(bench_run(
		bench, "get jobs --no-details --config {home}/config.yaml --store {home}/store"));
	list = ask("gone", NULL, 5);
	check_row(&answered, list);
	json_decref(list);
	free(url);
	free(jobs);
	free(overview);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_file_with_a_secret_says_who_may_read_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_terminal_is_told_by_its_environment, setup, teardown),
		cmocka_unit_test_setup_teardown(
			libraries_say_what_is_known_of_them, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_last_poll_of_a_cluster_is_told, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
