/*
 * What a person, a file or the system may do to weir: wrong words, wrong files, a folder that
 * cannot be written, a reader that has gone, no terminal. Each row: exit code, and what is said.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define JOBS_FILE "tests/fixtures/flink-1.20.5/jobs-overview.json"
#define OVERVIEW_FILE "tests/fixtures/flink-1.20.5/overview.json"
#define KNOWN_JOB "State machine job"

struct fixture {
	struct bench *bench;
	struct httpd *server;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *jobs = fixture_read(JOBS_FILE, NULL), *overview = fixture_read(OVERVIEW_FILE, NULL);
	char *url;

	f->bench = bench_new();
	f->server = httpd_start("127.0.0.1");
	httpd_on(f->server, "GET /jobs/overview", &(struct httpd_answer){.body = jobs});
	httpd_on(f->server, "GET /overview", &(struct httpd_answer){.body = overview});
	url = httpd_url(f->server, "");
	bench_set(f->bench, "url", url);
	free(url);
	free(jobs);
	free(overview);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	httpd_stop(f->server);
	bench_free(f->bench);
	free(f);
	return 0;
}

/* ---- words ---- */

static void wrong_words(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *words, *part;
	} rows[] = {
		{"gte apps", "unknown command 'gte'; did you mean 'get'?"},
		{"frobnicate", "unknown command 'frobnicate'"},
		{"--jsn", "unknown option --jsn"},
		{"-Z", "unknown option -Z"},
		{"get apps --oputput json", "unknown option --oputput; did you mean --output?"},
		{"get apps -o", "option -o needs a value"},
		{"get apps --rest", "option --rest needs a value"},
		{"get apps -o jsn", "unknown format 'jsn': table, wide, json, yaml, name or csv"},
		{"get apps -o text", "unknown format 'text'"},
		{"get", "get what? apps, clusters, teams, jobs, taskmanagers, runs, "},
		{"get appz", "unknown kind 'appz'; did you mean 'apps'?"},
		{"get apps --timeout x", "--timeout takes a number of seconds above 0"},
		{"get apps --timeout 0", "--timeout takes a number of seconds above 0"},
		{"get apps --timeout -1", "--timeout takes a number of seconds above 0"},
		{"get apps --timeout nan", "--timeout takes a number of seconds above 0"},
		{"get apps --timeout 1e99", "--timeout takes a number of seconds above 0"},
		{"describe", "describe takes: app NAME"},
		{"describe app", "describe takes: app NAME"},
		{"describe app a b", "describe takes: app NAME"},
		{"describe job a", "describe takes: app NAME"},
		{"describe app a -o csv", "unknown format 'csv': text, json or yaml"},
		{"config", "config takes one of: view, check, path, contexts"},
		{"config chek", "config takes one of: view, check, path, contexts"},
		{"store", "store takes one of: check, compact, export [FILE], import FILE"},
		{"store import", "store takes one of: check, compact, export [FILE], import FILE"},
		{"store check x", "store takes one of: check, compact, export [FILE], import FILE"},
		{"store check -o text", "unknown format 'text': table, wide, json, yaml or csv"},
		{"watch apps", "watch takes no words"},
		{"version x", "version takes no words"},
		{"help gett", "no help on 'gett'; did you mean 'get'?"},
		{"get apps --rest jm:8081", "it does not start with http:// or https://"},
		{"get apps --rest ftp://jm:8081", "it does not start with http:// or https://"},
		{"get apps --rest http://", "no host"},
		{"get apps --rest http://jm:99999", "the port is not from 1 to 65535"},
		{"get apps --rest http://jm:http", "the port is not a number"},
		{"get apps --rest 'http://a b'", "no address has"},
		{"get apps --rest http://ops:s3cret@jm:8081", "a user or password"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p = bench_run(f->bench, rows[i].words);

		bench_check(rows[i].words, p, 2, rows[i].part);
		check_str(rows[i].words, buf_str(&p->out), "");
		if (strstr(buf_str(&p->err), "s3cret"))
			fail_msg("a password was shown");
		program_free(p);
	}
}

static void hostile_words_are_shown_harmless(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[] = {"get \x1b[31mapps", "\x1b]0;title\a", "--\x1b[2J=1",
		"get apps -o \x1b[0m", "get apps --rest http://\x1b[31mjm", "help \x1b[31m",
		"get apps --config {home}/\x1b[31m.yaml", "describe app \x1b[31m --rest {url}",
		"get apps \x1b[31m --no-details --rest {url}",
		"get apps --context \x1b[31m --rest {url}"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p = bench_run(f->bench, rows[i]);

		assert_int_not_equal(p->exit_code, 0);
		bench_check_harmless(rows[i], buf_str(&p->err), p->err.len);
		bench_check_harmless(rows[i], buf_str(&p->out), p->out.len);
		program_free(p);
	}
}

static void names_that_mean_nothing_or_too_much(void **state)
{
	struct fixture *f = *state;
	struct program *p =
		bench_run(f->bench, "get apps nothing --no-details --rest {url} -o json");
	json_t *list = bench_json("unknown", p);

	bench_check("unknown", p, 4, "there is no application 'nothing'");
	check_str("unknown", json_string_value(json_object_get(bench_error(list, NULL), "code")),
		"NOTFOUND");
	check_int("unknown", (int64_t)json_array_size(json_object_get(list, "items")), 0);
	json_decref(list);
	program_free(p);

	p = bench_run(f->bench, "describe app nothing --rest {url} -o json");
	list = bench_json("describe", p);
	bench_check("describe", p, 4, "there is no application 'nothing'");
	check_str("describe", json_string_value(json_object_get(bench_error(list, NULL), "code")),
		"NOTFOUND");
	json_decref(list);
	program_free(p);

	/* The same JobManager under two names: each job is there twice. */
	bench_file(f->bench, "two.yaml",
		"contexts:\n- name: c\n  clusters:\n  - {name: one, rest: \"{url}\"}\n"
		"  - {name: two, rest: \"{url}\"}\n");
	p = bench_run(
		f->bench, "get apps '" KNOWN_JOB "' --no-details -o json --config {home}/two.yaml");
	list = bench_json("ambiguous", p);
	bench_check("ambiguous", p, 2, "'" KNOWN_JOB "' may be any of: ");
	check_has("ambiguous", buf_str(&p->err), "one/5857087f0e75fe4340604b02a725c83e");
	check_has("ambiguous", buf_str(&p->err), "two/5857087f0e75fe4340604b02a725c83e");
	check_str("ambiguous", json_string_value(json_object_get(bench_error(list, NULL), "code")),
		"ARG");
	json_decref(list);
	program_free(p);
	p = bench_run(f->bench,
		"get apps 'two/" KNOWN_JOB "' --no-details -o json --config {home}/two.yaml");
	list = bench_json("told apart", p);
	bench_check("told apart", p, 0, NULL);
	check_int("told apart", (int64_t)json_array_size(json_object_get(list, "items")), 1);
	bench_item("told apart", list, "cluster", "two");
	json_decref(list);
	program_free(p);
	p = bench_run(f->bench, "describe app '" KNOWN_JOB "' --config {home}/two.yaml");
	bench_check("describe ambiguous", p, 2, "means 2 applications");
	program_free(p);
}

/* ---- configuration ---- */

/* As the column calls what nobody declared. */
static void the_team_of_what_has_none_is_unmanaged(void **state)
{
	struct fixture *f = *state;
	struct program *p =
		bench_run(f->bench, "get apps --team unmanaged --no-details --rest {url} -o json");
	json_t *list = bench_json("team", p);

	bench_check("team", p, 0, NULL);
	bench_item("team", list, "jobName", KNOWN_JOB);
	json_decref(list);
	program_free(p);
	p = bench_run(f->bench, "get apps --team unmanage --no-details --rest {url} -o json");
	list = bench_json("another", p);
	check_int("another", (int64_t)json_array_size(json_object_get(list, "items")), 0);
	json_decref(list);
	program_free(p);
}

static void wrong_configurations(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name, *text, *part;
	} rows[] = {
		{"not YAML", "contexts: [a, b\nfoo: x\n", "c.yaml:2:4: "},
		{"a tab", "contexts:\n\t- name: x\n", "c.yaml:2:1: "},
		{"unknown key", "contexts:\n- name: prod\n  workspce: /tmp\n",
			"c.yaml:3:3: unknown key \"workspce\" (did you mean \"workspace\"?)"},
		{"unknown key on top", "curent-context: prod\n",
			"did you mean \"current-context\"?"},
		{"wrong type", "contexts: yes\n", "c.yaml:1:11: \"contexts\" must be a list"},
		{"wrong bool", "contexts:\n- {name: p, readonly: maybe}\n",
			"must be true or false"},
		{"wrong number", "contexts:\n- {name: p, budget: {requests-per-second: many}}\n",
			"c.yaml:2:"},
		{"no such context", "current-context: a\ncontexts:\n- {name: b}\n",
			"c.yaml:1:18: "},
		{"a name twice", "contexts:\n- {name: b}\n- {name: b}\n", "c.yaml:3:"},
		{"bad URL",
			"contexts:\n- name: b\n  clusters:\n  - {name: jm, rest: \"jm:8081\"}\n",
			"it does not start with http:// or https://"},
		{"no URL", "contexts:\n- name: b\n  clusters:\n  - {name: jm}\n", "c.yaml:4:"},
		{"no CSV", "contexts:\n- name: b\n  clusters: {csv: none.csv}\n", "none.csv"},
		{"not UTF-8", "contexts:\n- name: \xff\xfe\n", "c.yaml:"},
		{"escape sequences", "\x1b[31mred: 1\n", "c.yaml:1:1: "},
		{"a secret is not quoted", "contexts:\n- {name: p, password: hunter2}\n",
			"c.yaml:2:"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bench_file(f->bench, "c.yaml", rows[i].text);
		struct program *p = bench_run(f->bench, "get apps --config {home}/c.yaml -o json");
		json_t *list = bench_json(rows[i].name, p);
		const json_t *error = bench_error(list, NULL);

		bench_check(rows[i].name, p, 3, rows[i].part);
		check_str(
			rows[i].name, json_string_value(json_object_get(error, "code")), "CONFIG");
		check_has(rows[i].name, json_string_value(json_object_get(error, "message")),
			rows[i].part);
		bench_check_harmless(rows[i].name, buf_str(&p->err), p->err.len);
		if (strstr(buf_str(&p->err), "hunter2"))
			fail_msg("%s", buf_str(&p->err));
		json_decref(list);
		program_free(p);

		/* The other commands say the same. */
		static const char *const others[] = {
			"config check", "config view", "watch", "describe app x"};
		for (size_t k = 0; k < ARRAY_SIZE(others); k++) {
			char *words = xasprintf("%s --config {home}/c.yaml", others[k]);
			p = bench_run(f->bench, words);
			bench_check(others[k], p, 3, rows[i].part);
			check_str(others[k], buf_str(&p->out), "");
			program_free(p);
			free(words);
		}
	}
}

static void missing_configurations(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[] = {"get apps --config {home}/none.yaml",
		"watch --config {home}/none.yaml", "config check --config {home}/none.yaml",
		"config view --config {home}/none.yaml", "get apps --config {home}"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p = bench_run(f->bench, rows[i]);

		bench_check(rows[i], p, 3, f->bench->home);
		program_free(p);
	}
	bench_file(f->bench, "c.yaml",
		"contexts:\n- {name: prod}\n- {name: dev}\ncurrent-context: dev\n");
	struct program *p = bench_run(f->bench, "get apps --config {home}/c.yaml --context prd");
	bench_check("context", p, 3, "prod");
	program_free(p);
}

/* ---- workspace ---- */

#define CONFIG                                                                                     \
	"contexts:\n- name: c\n  workspace: {home}/ws\n  clusters:\n  - {name: s, rest: "          \
	"\"{url}\"}\n"
#define APP "apiVersion: weir/v1\nkind: Application\ntype: jar\ntarget: remote\n"

static void one_broken_file_hides_no_other(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name, *text, *part;
	} rows[] = {
		{"not YAML", "name: [x\n", "teams/ods/apps/broken.yaml:2:1: "},
		{"unknown key", APP "name: broken\ncluster: s\nparalelism: 2\n",
			"teams/ods/apps/broken.yaml:7:1: unknown key \"paralelism\" (did you mean "
			"\"parallelism\"?)"},
		{"wrong type", APP "name: broken\ncluster: s\nparallelism: many\n",
			"teams/ods/apps/broken.yaml:7:14: "},
		{"bad name", APP "name: ../../etc\ncluster: s\n",
			"teams/ods/apps/broken.yaml:5:7: "},
		{"empty", "", "teams/ods/apps/broken.yaml:1:1: "},
		{"binary",
			"\x7f"
			"ELF\x02\x01\xff\xfe",
			"teams/ods/apps/broken.yaml:1:"},
	};

	bench_file(f->bench, "c.yaml", CONFIG);
	bench_file(f->bench, "ws/teams/ods/team.yaml",
		"apiVersion: weir/v1\nkind: Team\nname: ods\nowner: li\n");
	bench_file(f->bench, "ws/teams/ods/apps/good.yaml",
		APP "name: good\njobName: " KNOWN_JOB "\ncluster: s\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bench_file(f->bench, "ws/teams/ods/apps/broken.yaml", rows[i].text);
		struct program *p =
			bench_run(f->bench, "get apps -o json --no-details --config {home}/c.yaml");
		json_t *list = bench_json(rows[i].name, p);
		const json_t *error = bench_error(list, "workspace");

		bench_check(rows[i].name, p, 0, rows[i].part);
		check_str(
			rows[i].name, json_string_value(json_object_get(error, "code")), "CONFIG");
		check_has(rows[i].name, json_string_value(json_object_get(error, "message")),
			rows[i].part);
		check_str(rows[i].name,
			json_string_value(json_object_get(
				bench_item(rows[i].name, list, "name", "broken"), "stateDetail")),
			"INVALID");
		check_str(rows[i].name,
			json_string_value(json_object_get(
				bench_item(rows[i].name, list, "name", "good"), "state")),
			"RUNNING");
		bench_check_harmless(rows[i].name, buf_str(&p->err), p->err.len);
		json_decref(list);
		program_free(p);

		p = bench_run(f->bench, "config check --config {home}/c.yaml");
		bench_check(rows[i].name, p, 3, rows[i].part);
		program_free(p);
	}
}

static void a_variable_that_nobody_defines(void **state)
{
	struct fixture *f = *state;
	struct program *p;

	bench_file(f->bench, "c.yaml", CONFIG);
	bench_file(f->bench, "ws/teams/ods/apps/good.yaml",
		APP "name: good\ncluster: s\nargs: [--rate, \"${rate}\"]\n");
	p = bench_run(f->bench, "config check --config {home}/c.yaml");
	bench_check("undefined", p, 3, "good.yaml:7:");
	check_has("which", buf_str(&p->err), "${rate}");
	program_free(p);
	bench_file(f->bench, "ws/teams/ods/team.yaml",
		"apiVersion: weir/v1\nkind: Team\nname: ods\nvariables: {rate: \"5\"}\n");
	p = bench_run(f->bench, "config check --config {home}/c.yaml");
	bench_check("defined", p, 0, NULL);
	program_free(p);
}

static void two_of_one_name_on_one_cluster(void **state)
{
	struct fixture *f = *state;
	struct program *p;

	bench_file(f->bench, "c.yaml", CONFIG);
	bench_file(f->bench, "ws/teams/ods/apps/one.yaml",
		APP "name: one\njobName: orders\ncluster: s\n");
	bench_file(f->bench, "ws/teams/ods/apps/two.yaml",
		APP "name: two\njobName: orders\ncluster: s\n");
	p = bench_run(f->bench, "config check --config {home}/c.yaml");
	bench_check("one name", p, 3, "two.yaml");
	check_has("the other", buf_str(&p->err), "ods/one");
	program_free(p);
}

static void a_workspace_that_is_not_there(void **state)
{
	struct fixture *f = *state;

	bench_file(f->bench, "c.yaml", CONFIG);
	struct program *p =
		bench_run(f->bench, "get apps -o json --no-details --config {home}/c.yaml");
	json_t *list = bench_json("no workspace", p);

	/* The JobManager answered, the workspace did not. */
	bench_check("no workspace", p, 5, "ws");
	bench_item("no workspace", list, "name", KNOWN_JOB);
	assert_non_null(bench_error(list, "workspace"));
	json_decref(list);
	program_free(p);
	p = bench_run(f->bench, "config check --config {home}/c.yaml");
	bench_check("check", p, 3, "ws");
	program_free(p);
}

/* ---- store ---- */

static void a_store_that_cannot_be_written(void **state)
{
	struct fixture *f = *state;

	/* Tests may run as root, whom no mode stops: a folder below a file stops everybody. */
	bench_file(f->bench, "file", "x");
	struct program *p = bench_run(
		f->bench, "get apps -o json --no-details --rest {url} --store {home}/file/store");
	json_t *list = bench_json("store", p);
	const json_t *error = bench_error(list, "store");

	bench_check("store", p, 0, "store: ");
	check_has("store", json_string_value(json_object_get(error, "message")), "file/store");
	check_str("store", json_string_value(json_object_get(error, "code")), "INTERNAL");
	bench_item("store", list, "name", KNOWN_JOB);
	json_decref(list);
	program_free(p);

	p = bench_run(f->bench, "get apps --cached --rest {url} --store {home}/file/store");
	bench_check("cached", p, 1, "store: ");
	program_free(p);
}

static size_t count_items(
	const struct fixture *f, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(f->bench, words);
	json_t *list = bench_json(words, p);
	size_t count = json_array_size(json_object_get(list, "items"));

	bench_check(words, p, exit_code, part);
	json_decref(list);
	program_free(p);
	return count;
}

#define GET "get apps -o json --no-details --rest {url} --store {home}/store"

static void a_damaged_store(void **state)
{
	struct fixture *f = *state;
	size_t count = count_items(f, GET, 0, NULL);

	assert_true(count >= 4);
	check_int("cached", (int64_t)count_items(f, GET " --cached", 0, NULL), (int64_t)count);
	bench_file(
		f->bench, "store/default/cache.db", "this is no database, it was a disk's mistake");
	check_int("damaged", (int64_t)count_items(f, GET, 0, "was damaged"), (int64_t)count);
	check_int("filled anew", (int64_t)count_items(f, GET " --cached", 0, NULL), (int64_t)count);
}

/* ---- standard output ---- */

static void a_reader_that_has_gone(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[] = {"get apps --no-details --rest {url}",
		"get apps --no-details -o json --rest {url}",
		"get apps --no-details -o csv --rest {url}", "help", "help --man", "version"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p = bench_run_as(
			f->bench, rows[i], &(struct program_setup){.has_no_reader = true});

		bench_check(rows[i], p, 0, NULL);
		program_free(p);
	}
	/* What was asked is remembered all the same. */
	assert_true(count_items(f, "get apps -o json --rest {url} --cached", 0, NULL) >= 4);
}

/* The next file opened would be number 1: it must not become the output. */
static void a_closed_stdout(void **state)
{
	struct fixture *f = *state;
	const char *words[] = {"-c", "\"$0\" get apps -o json --no-details --rest \"$1\" >&- 2>&-",
		program_path(), NULL, NULL};
	char *url = bench_expand(f->bench, "{url}");

	words[3] = url;
	struct program *p = program_run(
		&(struct program_setup){.file = "sh", .home = f->bench->home, .words = words});
	check_int("exit", p->exit_code, 0);
	program_free(p);
	free(url);
}

static void a_full_disk_behind_stdout(void **state)
{
	struct fixture *f = *state;
	static const char *const rows[] = {"get apps --no-details --rest {url}",
		"get apps --no-details -o json --rest {url}", "help", "version", "config path"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p = bench_run_as(
			f->bench, rows[i], &(struct program_setup){.stdout_path = "/dev/full"});

		bench_check(rows[i], p, 1, "standard output");
		program_free(p);
	}
}

/* ---- terminals ---- */

static void a_console_without_a_terminal(void **state)
{
	struct fixture *f = *state;
	struct program *p = bench_run(f->bench, "--rest {url}");

	bench_check("no terminal", p, 2, "weir get apps");
	check_str("no terminal", buf_str(&p->out), "");
	program_free(p);
}

static void a_terminal_of_an_unknown_type(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *term;
		int exit_code;
		const char *part;
	} rows[] = {
		{"TERM=no-such-terminal", 2, "no-such-terminal"},
		{"TERM=", 2, "TERM"},
		{"TERM=dumb", 2, "dumb"},
		{"TERM=../../../etc/passwd", 2, "TERM"},
	};
	char *url = bench_expand(f->bench, "{url}");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct screen *screen = screen_start(&(struct screen_setup){.home = f->bench->home,
			.words = (const char *[]){"--rest", url, NULL},
			.env = (const char *[]){rows[i].term, NULL},
			.rows = 24,
			.cols = 80});

		check_int(rows[i].term, screen_end(screen), rows[i].exit_code);
		char *said = screen_said(screen);
		check_has(rows[i].term, said, "weir: ");
		check_has(rows[i].term, said, rows[i].part);
		free(said);
		screen_check_sane(rows[i].term, screen);
		screen_free(screen);
	}
	free(url);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(wrong_words),
		CASE(hostile_words_are_shown_harmless),
		CASE(names_that_mean_nothing_or_too_much),
		CASE(the_team_of_what_has_none_is_unmanaged),
		CASE(wrong_configurations),
		CASE(missing_configurations),
		CASE(one_broken_file_hides_no_other),
		CASE(a_variable_that_nobody_defines),
		CASE(two_of_one_name_on_one_cluster),
		CASE(a_workspace_that_is_not_there),
		CASE(a_store_that_cannot_be_written),
		CASE(a_damaged_store),
		CASE(a_reader_that_has_gone),
		CASE(a_closed_stdout),
		CASE(a_full_disk_behind_stdout),
		CASE(a_console_without_a_terminal),
		CASE(a_terminal_of_an_unknown_type),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
