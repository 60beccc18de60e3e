/*
 * What a JobManager, or whatever else listens there, may do to weir: each fault has one exit code,
 * one text that says what to do or what was said, the same in `errors`, and what was remembered
 * before is still there after it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tests/e2e/bench.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define JOBS_FILE "tests/fixtures/flink-1.20.5/jobs-overview.json"
#define OVERVIEW_FILE "tests/fixtures/flink-1.20.5/overview.json"
#define REMEMBERED "State machine job" /* a job in JOBS_FILE */
#define BIG_BYTES ((uint64_t)200 << 20)
/* Far below the 200 MB that were offered, far above what weir and its libraries need. */
#define RSS_MOST_KIB (160 * 1024)

struct fixture {
	struct bench *bench;
	struct httpd *server;
	char *jobs, *overview;
};

static void serve_well(struct fixture *f)
{
	httpd_forget(f->server);
	httpd_on(f->server, "GET /jobs/overview", &(struct httpd_answer){.body = f->jobs});
	httpd_on(f->server, "GET /overview", &(struct httpd_answer){.body = f->overview});
}

static void serve_all(struct fixture *f, const struct httpd_answer *answer)
{
	httpd_forget(f->server);
	httpd_on(f->server, "*", answer);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *url;

	f->bench = bench_new();
	f->server = httpd_start("127.0.0.1");
	f->jobs = fixture_read(JOBS_FILE, NULL);
	f->overview = fixture_read(OVERVIEW_FILE, NULL);
	url = httpd_url(f->server, "");
	bench_set(f->bench, "url", url);
	free(url);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	httpd_stop(f->server);
	bench_free(f->bench);
	free(f->jobs);
	free(f->overview);
	free(f);
	return 0;
}

/* A good answer is remembered; the number of applications. */
static size_t remember(struct fixture *f, const char *row)
{
	serve_well(f);
	struct program *p = bench_run(f->bench, "get apps -o json --rest {url} --no-details");
	json_t *list = bench_json(row, p);
	size_t count = json_array_size(json_object_get(list, "items"));

	bench_check(row, p, 0, NULL);
	check_int(row, (int64_t)json_array_size(json_object_get(list, "errors")), 0);
	bench_item(row, list, "name", REMEMBERED);
	json_decref(list);
	program_free(p);
	return count;
}

static void check_text(const char *row, const json_t *object, const char *key, const char *want)
{
	check_str(row, json_string_value(json_object_get(object, key)), want);
}

/* All is still there without the network, and as it was. */
static void check_nothing_lost(struct fixture *f, const char *row, size_t count)
{
	struct program *p = bench_run(f->bench, "get apps -o json --rest {url} --cached");
	json_t *list = bench_json(row, p);

	bench_check(row, p, 0, NULL);
	check_int(row, (int64_t)json_array_size(json_object_get(list, "items")), (int64_t)count);
	check_text(row, bench_item(row, list, "name", REMEMBERED), "jobStatus", "RUNNING");
	json_decref(list);
	program_free(p);
}

struct bad_answer {
	const char *name;
	struct httpd_answer answer;
	const char *words; /* besides those that all rows have */
	const char *code;  /* of the JSON error */
	const char *part;  /* of its message, and of stderr */
	const char *not_part;
};

#define HTML                                                                                       \
	"<!DOCTYPE html>\n<html><head><title>Sign in - Corp "                                      \
	"SSO</title></head><body>x</body></html>"

#define BLANKS "                                                                                "
#define BLANKS4 BLANKS BLANKS BLANKS BLANKS

static const struct bad_answer bad_answers[] = {
	{"401", {.status = 401, .body = "{\"errors\":[\"Unauthorized\"]}"}, "", "AUTH", "HTTP 401",
		NULL},
	{"401 with a challenge",
		{.status = 401,
			.headers = "WWW-Authenticate: Basic realm=\"flink\"\r\n",
			.content_type = "text/html",
			.body = HTML},
		"", "AUTH", "HTTP 401", "<html"},
	{"403", {.status = 403, .body = "no"}, "", "DENIED", "HTTP 403", NULL},
	{"404", {.status = 404, .content_type = "text/plain", .body = "404 page not found\n"}, "",
		"NOTFOUND", "is this a Flink JobManager?", NULL},
	{"500",
		{.status = 500,
			.body = "{\"errors\":[\"Internal server error.\",\"<Exception on server "
				"side:\\njava.lang.OutOfMemoryError: Metaspace\\n\\tat "
				"x.y(Z.java:1)\\n\\nEnd of exception on server side>\"]}"},
		"", "REMOTE", "Metaspace", "\tat"},
	{"500 that tells a secret",
		{.status = 500, .body = "{\"errors\":[\"jdbc password=hunter2 refused\"]}"}, "",
		"REMOTE", "HTTP 500", "hunter2"},
	{"503 of a proxy", {.status = 503, .content_type = "text/html", .body = HTML}, "", "REMOTE",
		"Sign in - Corp SSO", "<html"},
	{"a redirect to a login page",
		{.status = 302, .headers = "Location: http://127.0.0.1:1/login\r\n", .body = ""},
		"", "REMOTE", "HTTP 302", NULL},
	{"HTML instead of JSON", {.content_type = "text/html", .body = HTML}, "", "PROTO", "JSON",
		NULL},
	{"truncated JSON", {.body = "{\"jobs\":[{\"jid\":\"5857087f0e75fe43"}, "", "PROTO",
		"overview: ", NULL},
	{"a header that breaks off", {.body = "{}", .fault = HTTPD_CUT, .cut_bytes = 30}, "",
		"PROTO", "overview: ", NULL},
	{"a body that breaks off",
		{.body = "{\"jobs\":[]}" BLANKS4, .fault = HTTPD_CUT, .cut_bytes = 300}, "", "NET",
		"overview: ", NULL},
	{"{} from a proxy", {.body = "{}"}, "", "PROTO", "overview: ", NULL},
	{"[] from something else", {.body = "[]"}, "", "PROTO", "overview: ", NULL},
	{"an empty body", {.body = ""}, "", "PROTO", "overview: ", NULL},
	{"not HTTP at all", {.body = "SSH-2.0-OpenSSH_9.2\r\n", .fault = HTTPD_RAW}, "", "PROTO",
		"overview: ", NULL},
	{"closes without a byte", {.fault = HTTPD_CLOSE}, "", "NET", "overview: ", NULL},
	{"resets", {.fault = HTTPD_RESET}, "", "NET", "overview: ", NULL},
	{"accepts and says nothing", {.fault = HTTPD_SILENT}, "--timeout 0.5", "TIMEOUT", "", NULL},
	{"one byte at a time", {.body = "{\"jobs\":[]}", .fault = HTTPD_DRIP, .drip_ms = 100},
		"--timeout 0.5", "TIMEOUT", "", NULL},
	{"headers without end", {.fault = HTTPD_HEADER_FLOOD}, "--timeout 5", "PROTO", "", NULL},
	{"200 MB", {.stream_bytes = BIG_BYTES}, "", "PROTO", "larger than the cap",
		"xxxxxxxxxxxxxxxx"},
	{"200 MB in chunks", {.stream_bytes = BIG_BYTES, .chunked = true}, "", "PROTO",
		"larger than the cap", "xxxxxxxxxxxxxxxx"},
	{"200 MB that come with 500", {.status = 500, .stream_bytes = BIG_BYTES}, "", "PROTO",
		"larger than the cap", NULL},
};

static void check_bad_answer(struct fixture *f, const struct bad_answer *row)
{
	size_t remembered = remember(f, row->name);
	char *words = xasprintf("get apps -o json --rest {url} %s", row->words);

	serve_all(f, &row->answer);
	if (!*row->words)
		words[strlen(words) - 1] = '\0';
	struct program *p = bench_run(f->bench, words);
	json_t *list = bench_json(row->name, p);
	const json_t *error = bench_error(list, NULL);

	bench_check(row->name, p, 6, row->part);
	check_int(row->name, (int64_t)json_array_size(json_object_get(list, "errors")), 1);
	check_text(row->name, error, "code", row->code);
	check_has(row->name, json_string_value(json_object_get(error, "message")), row->part);
	check_has(row->name, json_string_value(json_object_get(error, "source")), "127.0.0.1:");
	bench_check_harmless(row->name, buf_str(&p->err), p->err.len);
	check_int(row->name, (int64_t)json_array_size(json_object_get(list, "items")),
		(int64_t)remembered);
	check_text(
		row->name, bench_item(row->name, list, "name", REMEMBERED), "jobStatus", "RUNNING");
	if (row->not_part &&
		(strstr(buf_str(&p->err), row->not_part) ||
			strstr(buf_str(&p->out), row->not_part)))
		fail_msg("%s: %s was shown", row->name, row->not_part);
	if (!bench_is_sanitized() && p->max_rss_kib > RSS_MOST_KIB)
		fail_msg("%s: took %lld KiB", row->name, (long long)p->max_rss_kib);
	json_decref(list);
	program_free(p);
	free(words);
	check_nothing_lost(f, row->name, remembered);
}

static void every_bad_answer_is_told_and_nothing_is_lost(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_answers); i++)
		check_bad_answer(*state, &bad_answers[i]);
}

/* Nobody there, or no such place: without a server. */
static void nobody_answers(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name, *url, *code, *part;
	} rows[] = {
		{"refused", "http://127.0.0.1:1", "NET", "refused"},
		{"unknown host", "http://no-such-host.invalid:8081", "NET", "no-such-host.invalid"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bench_set(f->bench, "nobody", rows[i].url);
		struct program *p = bench_run(f->bench, "get jobs -o json --rest {nobody}");
		json_t *list = bench_json(rows[i].name, p);

		bench_check(rows[i].name, p, 6, rows[i].part);
		check_text(rows[i].name, bench_error(list, NULL), "code", rows[i].code);
		check_int(
			rows[i].name, (int64_t)json_array_size(json_object_get(list, "items")), 0);
		json_decref(list);
		program_free(p);

		/* "Not found" would be a guess. */
		p = bench_run(f->bench, "describe app x --rest {nobody}");
		bench_check(rows[i].name, p, 6, rows[i].part);
		program_free(p);
	}
}

/* The deadline is kept although the server keeps the connection, for whole seconds too. */
static void the_deadline_is_kept(void **state)
{
	struct fixture *f = *state;

	serve_all(f, &(struct httpd_answer){.fault = HTTPD_SILENT});
	struct program *p = bench_run(f->bench, "get clusters --rest {url} --timeout 1");
	bench_check("silent", p, 6, "127.0.0.1:");
	assert_true(p->elapsed_ms >= 900);
	assert_true(p->elapsed_ms < 10000);
	program_free(p);

	/* The server's queue takes the connection, nobody reads from it. */
	httpd_accept(f->server, false);
	p = bench_run(f->bench, "get clusters --rest {url} --timeout 1");
	bench_check("not accepted", p, 6, "127.0.0.1:");
	assert_true(p->elapsed_ms < 10000);
	program_free(p);
	httpd_accept(f->server, true);
}

static void one_of_two_is_dead(void **state)
{
	struct fixture *f = *state;

	serve_well(f);
	struct program *p =
		bench_run(f->bench, "get apps -o json --rest {url} --rest http://127.0.0.1:1");
	json_t *list = bench_json("one dead", p);

	bench_check("one dead", p, 5, "127.0.0.1:1: ");
	bench_item("one dead", list, "name", REMEMBERED);
	check_text("one dead", bench_error(list, "127.0.0.1:1"), "code", "NET");
	check_int("one dead", (int64_t)json_array_size(json_object_get(list, "errors")), 1);
	json_decref(list);
	program_free(p);

	p = bench_run(f->bench, "get clusters -o json --rest {url} --rest http://127.0.0.1:1");
	list = bench_json("one dead", p);
	bench_check("one dead", p, 5, "refused");
	check_text("dead", bench_item("dead", list, "name", "127.0.0.1:1"), "state", "UNREACHABLE");
	check_text("dead", bench_item("live", list, "flinkVersion", "1.20.5"), "state", "RUNNING");
	json_decref(list);
	program_free(p);

	/* Both dead: 6, and what was remembered is listed. */
	serve_all(f, &(struct httpd_answer){.fault = HTTPD_CLOSE});
	p = bench_run(f->bench, "get apps -o json --rest {url} --rest http://127.0.0.1:1");
	list = bench_json("both dead", p);
	bench_check("both dead", p, 6, "127.0.0.1:1: ");
	check_text("both dead", bench_item("both dead", list, "name", REMEMBERED), "state",
		"UNREACHABLE");
	check_int("both dead", (int64_t)json_array_size(json_object_get(list, "errors")), 2);
	json_decref(list);
	program_free(p);
}

/* Details that cannot be had are null, never a guess, and somebody says so. */
static void only_the_cluster_of_an_application_is_asked(void **state)
{
	static const struct {
		const char *words;
		int exit_code, requests; /* of those that are there: is the other one asked? */
	} rows[] = {
		{"describe app orders", 0, 0},
		{"stop t/orders --dry-run", 8, 0}, /* no job: what it says then is no matter here */
		{"describe app nobody", 5, 1},
	};
	struct fixture *f = *state;
	struct httpd *silent = httpd_start("127.0.0.1");
	char *url = httpd_url(silent, "");

	serve_well(f);
	httpd_on(silent, "*", &(struct httpd_answer){.fault = HTTPD_SILENT});
	bench_set(f->bench, "silent", url);
	bench_file(f->bench, "two.yaml",
		"contexts:\n- name: live\n  workspace: ws\n  clusters:\n"
		"  - {name: here, rest: \"{url}\"}\n  - {name: silent, rest: \"{silent}\"}\n");
	bench_file(f->bench, "ws/teams/t/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ntype: jar\ncluster: here\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *words = xasprintf("%s --config {home}/two.yaml --timeout 2", rows[i].words);
		struct program *p = bench_run(f->bench, words);

		check_int(rows[i].words, p->exit_code, rows[i].exit_code);
		check_int(rows[i].words, httpd_counts(silent).requests > 0, rows[i].requests);
		program_free(p);
		free(words);
	}
	httpd_stop(silent);
	free(url);
}

static void details_are_refused(void **state)
{
	struct fixture *f = *state;

	serve_well(f);
	httpd_on(f->server, "GET /jobs/*", &(struct httpd_answer){.status = 500, .body = "{}"});
	struct program *p = bench_run(f->bench, "get apps -o json --rest {url}");
	json_t *list = bench_json("details", p);
	const json_t *item = bench_item("details", list, "name", REMEMBERED);

	assert_true(json_is_null(json_object_get(item, "lastCheckpointId")));
	assert_true(json_is_null(json_object_get(item, "restarts")));
	assert_true(json_is_null(json_object_get(item, "parallelism")));
	check_text("details", item, "jobStatus", "RUNNING");
	json_decref(list);
	program_free(p);
}

/* ---- names ---- */

#define NAME_LEN 10000

static char *hostile_jobs(void)
{
	static const char *const names[] = {"plain", "\\u001b[31mred\\u001b[0m\\u0007",
		"csi \xC2\x9B"
		"31m c1",
		"bad \xff\xfe\xc3 bytes", "lone \\ud800 half", "nul \\u0000 inside",
		"line\\nfeed\\r\\ttab",
		"raw\x01\x02"
		"control",
		"bidi \\u202e txt.exe", "=cmd|' /C calc'!A1", "a,\\\"b\\\",c", "订单同步"};
	struct buf out;

	buf_init(&out, 0);
	buf_adds(&out, "{\"jobs\":[");
	for (size_t i = 0; i <= ARRAY_SIZE(names); i++) {
		buf_addf(&out, "%s{\"jid\":\"%032zx\",\"name\":\"", i ? "," : "", i + 1);
		if (i < ARRAY_SIZE(names))
			buf_adds(&out, names[i]);
		else
			for (size_t k = 0; k < NAME_LEN; k++)
				buf_addc(&out, (char)('a' + (char)(k % 26)));
		buf_adds(&out,
			"\",\"start-time\":1795249168428,\"end-time\":-1,\"duration\":1,"
			"\"state\":\"RUNNING\",\"last-modification\":1795249168707,\"tasks\":"
			"{\"running\":1,\"canceling\":0,\"canceled\":0,\"total\":1,"
			"\"created\":0,\"scheduled\":0,\"deploying\":0,\"reconciling\":0,"
			"\"finished\":0,\"initializing\":0,\"failed\":0}}");
	}
	buf_adds(&out, "]}");
	return buf_detach(&out);
}

#define HOSTILE_JOBS 13

static size_t lines_in(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

static void hostile_names_harm_neither_terminal_nor_neighbours(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = {"get apps", "get apps -o wide", "get apps -o csv",
		"get apps -o name", "get jobs", "get jobs -o csv", "get apps -o yaml"};
	char *jobs = hostile_jobs();

	serve_well(f);
	free(f->jobs);
	f->jobs = jobs;
	serve_well(f);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char *line = xasprintf("%s --no-details --rest {url}", words[i]);
		struct program *p = bench_run(f->bench, line);

		bench_check(words[i], p, 0, NULL);
		bench_check_harmless(words[i], buf_str(&p->out), p->out.len);
		check_has(words[i], buf_str(&p->out),
			strstr(words[i], "name") ? "/plain\n" : "plain");
		check_has(words[i], buf_str(&p->out), "订单同步");
		if (!strstr(words[i], "yaml"))
			check_int(words[i], (int64_t)lines_in(buf_str(&p->out)),
				HOSTILE_JOBS + !strstr(words[i], "-o name"));
		program_free(p);
		free(line);
	}
}

static void hostile_names_are_exact_in_json(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *id, *name;
	} rows[] = {
		{"00000000000000000000000000000001", "plain"},
		{"00000000000000000000000000000002", "\x1b[31mred\x1b[0m\a"},
		{"00000000000000000000000000000007", "line\nfeed\r\ttab"},
		{"0000000000000000000000000000000c", "订单同步"},
	};

	free(f->jobs);
	f->jobs = hostile_jobs();
	serve_well(f);
	struct program *p = bench_run(f->bench, "get apps -o json --no-details --rest {url}");
	json_t *list = bench_json("names", p);
	bench_check("names", p, 0, NULL);
	bench_check_harmless("names", buf_str(&p->out), p->out.len);
	check_int("names", (int64_t)json_array_size(json_object_get(list, "items")), HOSTILE_JOBS);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_text(rows[i].id, bench_item(rows[i].id, list, "jobId", rows[i].id), "name",
			rows[i].name);
	check_int("long",
		(int64_t)json_string_length(json_object_get(
			bench_item("long", list, "jobId", "0000000000000000000000000000000d"),
			"name")),
		NAME_LEN);
	json_decref(list);
	program_free(p);

	/* And they come back from the store as they went in. */
	p = bench_run(f->bench, "get apps -o json --cached --rest {url}");
	list = bench_json("cached", p);
	bench_check("cached", p, 0, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_text("cached", bench_item("cached", list, "jobId", rows[i].id), "name",
			rows[i].name);
	json_decref(list);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_bad_answer_is_told_and_nothing_is_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(the_deadline_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(one_of_two_is_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(
			only_the_cluster_of_an_application_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(details_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			hostile_names_harm_neither_terminal_nor_neighbours, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_names_are_exact_in_json, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
