/* A jar on a fleet that is not there (tests/bench/fleetd): its answers are those that were recorded, and weir starts by them. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/loop.h"
#include "tests/e2e/bench.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"
#include "tests/support/shape.h"

#define APP "checkout/payments-export-00003"
#define MANAGER 1 /* of its cluster */

static struct loop *loop;
static struct http *http;
static struct bench *bench;
static struct fleetd *fleetd;

static int setup(void **state)
{
	struct err err = {0};

	(void)state;
	check_ok("loop", loop_open(&loop, &err), &err);
	check_ok("http", http_open(&http, loop, &(struct http_options){0}, &err), &err);
	bench = bench_new();
	fleetd = fleetd_start_at(bench->home,
		WORDS("--jobs", "20", "--managers", "2", "--sick", "0", "--churn", "0", "--at",
			"600000"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	http_close(http);
	loop_close(loop);
	return 0;
}

/* The body; malloc'd. */
static char *ask(const char *method, const char *path, const char *body,
	const struct http_upload *upload, int status)
{
	struct asking ask = {0};
	char *url = fleetd_url(fleetd, MANAGER, path), *said;

	asking_start(&ask, http,
		&(struct http_request){.method = method,
			.url = url,
			.body = body,
			.body_len = body ? strlen(body) : 0,
			.upload = upload});
	assert_true(loop_run_until_idle(loop, ASKING_DEADLINE_MS));
	check_str(url, ask.err.code ? ask.err.text : NULL, NULL);
	check_int(url, ask.status, status);
	said = xstrdup(ask.body);
	asking_release(&ask);
	free(url);
	return said;
}

static json_t *answer(const char *method, const char *path, const char *body,
	const struct http_upload *upload, int status)
{
	char *said = ask(method, path, body, upload, status);
	json_t *root = json_loads(said, 0, NULL);

	assert_non_null(root);
	free(said);
	return root;
}

static void check_recorded(const char *name, const json_t *got)
{
	char *path = xasprintf("tests/fixtures/flink-1.20.5/%s.json", name);
	json_t *want = json_load_file(path, 0, NULL);

	assert_non_null(want);
	check_shape(path, got, want);
	json_decref(want);
	free(path);
}

static void check_refused(const char *name, const char *method, const char *path,
	const struct http_upload *upload, int status)
{
	json_t *got = answer(method, path, upload ? NULL : "{}", upload, status);

	check_recorded(name, got);
	json_decref(got);
}

static void a_jar_answers_as_it_was_recorded(void **state)
{
	static const char body[] = "{\"entryClass\": \"com.example.Main\", \"parallelism\": 2, "
				   "\"programArgsList\": [\"--x\"],"
				   " \"jobId\": \"00112233445566778899aabbccddeeff\"}";
	char *jar = temp_path(bench->home, "a.jar"), *path;
	struct http_upload upload = {.path = jar,
		.field = "jarfile",
		.name = "a.jar",
		.content_type = "application/x-java-archive"};
	json_t *got, *file;

	(void)state;
	temp_file(jar, "PK");
	got = answer("POST", "/jars/upload", NULL, &upload, 200);
	check_recorded("jars-upload", got);
	json_decref(got);
	upload.name = "a.txt";
	check_refused("err-upload-notjar", "POST", "/jars/upload", &upload, 400);
	got = answer("GET", "/jars", NULL, NULL, 200);
	check_recorded("jars", got);
	file = json_array_get(json_object_get(got, "files"), 0);
	check_str("name", bench_text(file, "name"), "a.jar");
	path = xasprintf("/jars/%s/run", bench_text(file, "id"));
	json_decref(got);
	check_refused("err-run-unknown-jar", "POST", "/jars/nope.jar/run", NULL, 500);

	got = answer("POST", path, body, NULL, 200);
	check_recorded("jar-run", got);
	check_str("as it was asked", bench_text(got, "jobid"), "00112233445566778899aabbccddeeff");
	json_decref(got);
	free(ask("POST", path, body, NULL, 500)); /* once */
	got = answer("GET", "/jobs/00112233445566778899aabbccddeeff", NULL, NULL, 200);
	check_recorded("job", got);
	check_str("name", bench_text(got, "name"), "com.example.Main");
	check_str("state", bench_text(got, "state"), "RUNNING");
	json_decref(got);
	free(ask("PATCH", "/jobs/00112233445566778899aabbccddeeff", "{}", NULL, 202));
	got = answer("GET", "/jobs/00112233445566778899aabbccddeeff/status", NULL, NULL, 200);
	check_str("ended", bench_text(got, "status"), "CANCELED");
	json_decref(got);

	*strrchr(path, '/') = '\0';
	free(ask("DELETE", path, NULL, NULL, 200));
	got = answer("GET", "/jars", NULL, NULL, 200);
	check_int("gone", (int64_t)json_array_size(json_object_get(got, "files")), 0);
	json_decref(got);
	free(path);
	free(jar);
}

static void verb(const char *words, const char *says)
{
	char *all = xasprintf("%s --config {home}/config.yaml", words);
	struct program *p = bench_run(bench, all);

	check_int(words, p->exit_code, 0);
	check_has(words, buf_str(&p->err), says);
	program_free(p);
	free(all);
}

/* From nothing, and again from where it stopped. */
static void weir_starts_a_jar(void **state)
{
	char *said = fleetd_say(fleetd, "change 3 CANCELED");
	struct program *p;
	json_t *item;

	(void)state;
	check_has("change", said, "ok");
	free(said);
	bench_file(bench, "orders.jar", "PK");
	bench_file(bench, "apps/teams/checkout/apps/payments-export-00003.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: payments-export-00003\ntype: jar\n"
		"cluster: jm-00001\ntarget: remote\nartifact: \"{home}/orders.jar\"\n"
		"main-class: com.example.Main\nargs: [--topic, payments-export-00003]\n");
	verb("release " APP " --yes", "step activate");
	verb("start " APP " --from none --yes --wait", "uploading");
	verb("stop " APP " --yes --wait", "stop");
	verb("start " APP " --yes --wait", "is there already");
	p = bench_run(bench, "get apps " APP " -o json --config {home}/config.yaml");
	bench_check("get", p, 0, NULL);
	item = json_loads(buf_str(&p->out), 0, NULL);
	assert_non_null(item);
	check_str("state", bench_text(json_array_get(json_object_get(item, "items"), 0), "state"),
		"RUNNING");
	json_decref(item);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_jar_answers_as_it_was_recorded, setup, teardown),
		cmocka_unit_test_setup_teardown(weir_starts_a_jar, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests_name("fleet start", tests, NULL, NULL);
}
