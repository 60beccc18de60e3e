/*
 * What a Flink home says of itself: folders as installations look, on this machine. The Java that
 * is found there is a script that says a version, for several at once cannot be installed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/action/env_check.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define DEADLINE_MS 60000

struct kit {
	struct loop *loop;
	struct http *http;
	struct ssh *ssh;
	char *dir, *home;
	struct env_state *state;
};

static int up(void **state)
{
	struct kit *k = xcalloc(1, sizeof(*k));
	struct err err = {0};

	check_ok("loop", loop_open(&k->loop, &err), &err);
	check_ok("http", http_open(&k->http, k->loop, &(struct http_options){0}, &err), &err);
	check_ok("ssh", ssh_open(&k->ssh, &(struct ssh_options){.loop = k->loop}, &err), &err);
	k->dir = temp_dir();
	k->home = temp_path(k->dir, "it's a flink");
	unsetenv("JAVA_HOME");
	*state = k;
	return 0;
}

static int down(void **state)
{
	struct kit *k = *state;

	env_state_free(k->state);
	http_close(k->http);
	ssh_close(k->ssh);
	loop_close(k->loop);
	temp_dir_remove(k->dir);
	free(k->home);
	free(k);
	return 0;
}

static void on_checked(void *data, struct env_state *state)
{
	struct kit *k = data;

	k->state = state;
}

static void look(struct kit *k, const char *gateway)
{
	struct flink_env_config env = {
		.name = (char *)"it", .home = k->home, .sql_gateway = (char *)gateway};
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	env_state_free(k->state);
	k->state = NULL;
	env_check_start(&(struct env_check_options){.loop = k->loop,
				.hosts = k->ssh,
				.http = k->http,
				.context = "test",
				.env = &env},
		on_checked, k);
	while (!k->state && clock_mono_ms() < until)
		loop_turn(k->loop, 100);
	if (!k->state)
		fail_msg("the check did not end");
}

static void put(struct kit *k, const char *name, const char *text, mode_t mode)
{
	char *path = xasprintf("%s/%s", k->home, name);

	temp_file(path, text);
	check_int(path, chmod(path, mode), 0);
	free(path);
}

static void put_java(struct kit *k, const char *version)
{
	char *text =
		xasprintf("#!/bin/sh\necho 'openjdk version \"%s\" 2024-04-16' >&2\n", version);

	put(k, "jdk/bin/java", text, 0755);
	free(text);
}

static void version_and_java_are_read_from_the_home(void **state)
{
	static const struct {
		const char *name, *jar, *conf, *text, *jdk, *java, *version;
		enum env_found found;
		const char *part;
	} rows[] = {
		{"today's", "lib/flink-dist-1.20.5.jar", "conf/config.yaml",
			"env:\n  java:\n    home: ", "/jdk", "17.0.11", "1.20.5", ENV_OK, NULL},
		{"flat key", "lib/flink-dist-2.2.1.jar", "conf/config.yaml",
			"env.java.home: ", "/jdk", "11.0.2", "2.2.1", ENV_OK, NULL},
		{"with Scala's version", "lib/flink-dist_2.12-1.14.6.jar", "conf/flink-conf.yaml",
			"env.java.home: ", "/jdk", "1.8.0_402", "1.14.6", ENV_OK, NULL},
		{"a vendor's", "lib/flink-dist-1.16.3-vendor-7.jar", "conf/flink-conf.yaml",
			"# a comment\nenv.java.home: ", "/jdk", "11.0.2", "1.16.3-vendor-7", ENV_OK,
			NULL},
		{"Flink 2 on Java 8", "lib/flink-dist-2.0.0.jar", "conf/config.yaml",
			"env:\n  java:\n    home: ", "/jdk", "1.8.0_402", "2.0.0", ENV_INCOMPLETE,
			"Flink 2.0.0 does not run on Java 1.8.0_402"},
		{"its Java is not there", "lib/flink-dist-1.20.5.jar", "conf/config.yaml",
			"env.java.home: ", "/nowhere", "17", "1.20.5", ENV_INCOMPLETE,
			"set env.java.home"},
		{"no version in the name", "lib/flink-dist.jar", "conf/config.yaml",
			"env.java.home: ", "/jdk", "17", "1.99.1", ENV_OK, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kit *k;
		char *conf;

		up((void **)&k);
		(void)state;
		conf = xasprintf("%s%s%s\n", rows[i].text, k->home, rows[i].jdk);
		put(k, rows[i].jar, "", 0644);
		put(k, rows[i].conf, conf, 0644);
		put(k, "bin/flink", "#!/bin/sh\necho 'Version: 1.99.1, Commit ID: abc'\n", 0755);
		put_java(k, rows[i].java);
		look(k, NULL);
		check_int(rows[i].name, k->state->found, rows[i].found);
		check_str(rows[i].name, k->state->version, rows[i].version);
		if (rows[i].part)
			check_has(rows[i].name, k->state->problem, rows[i].part);
		else
			check_str(rows[i].name, k->state->java, rows[i].java);
		assert_true(k->state->checked_ms > 0);
		free(conf);
		down((void **)&k);
	}
}

static void what_is_missing_is_named(void **state)
{
	struct kit *k = *state;

	look(k, NULL);
	check_int("nothing", k->state->found, ENV_MISSING);
	check_has("nothing", k->state->problem, "there is no folder ");
	put(k, "lib/other.jar", "", 0644);
	look(k, NULL);
	check_int("no Flink", k->state->found, ENV_NO_FLINK);
	put(k, "lib/flink-dist-1.20.5.jar", "", 0644);
	look(k, NULL);
	check_int("no client", k->state->found, ENV_INCOMPLETE);
	check_has("no client", k->state->problem, "bin/flink cannot be run");
	put(k, "lib/flink-dist-1.19.1.jar", "", 0644);
	look(k, NULL);
	check_int("two of them", k->state->found, ENV_INCOMPLETE);
	check_has("two of them", k->state->problem, "2 flink-dist jars");
}

static void a_gateway_is_told_from_what_else_answers(void **state)
{
	static const struct {
		const char *name;
		struct httpd_answer answer;
		enum gateway_found found;
	} rows[] = {
		{"a gateway", {.body = "{\"productName\":\"Apache Flink\",\"version\":\"1.20.5\"}"},
			GATEWAY_OK},
		{"another product", {.body = "{\"productName\":\"Else\",\"version\":\"1\"}"},
			GATEWAY_WRONG},
		{"a web page", {.body = "<html>hello</html>"}, GATEWAY_WRONG},
		{"404", {.status = 404, .body = "{\"errors\":[\"Not found.\"]}"}, GATEWAY_WRONG},
	};
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct httpd *server = httpd_start("127.0.0.1");
		char *url = httpd_url(server, "");

		httpd_on(server, "GET /v1/info", &rows[i].answer);
		look(k, url);
		check_int(rows[i].name, k->state->gateway, rows[i].found);
		check_str(rows[i].name, k->state->gateway_version,
			rows[i].found == GATEWAY_OK ? "1.20.5" : NULL);
		check_bool(rows[i].name, k->state->gateway_problem != NULL,
			rows[i].found != GATEWAY_OK);
		httpd_stop(server);
		free(url);
	}
	look(k, "http://127.0.0.1:1");
	check_int("nobody", k->state->gateway, GATEWAY_SILENT);
}

static void a_host_that_is_not_there_is_unreachable(void **state)
{
	struct kit *k = *state;
	struct flink_env_config env = {
		.name = (char *)"it", .home = k->home, .host = (char *)"gone"};
	struct env_check *check;

	env_check_start(&(struct env_check_options){.loop = k->loop,
				.hosts = k->ssh,
				.http = k->http,
				.context = "test",
				.env = &env},
		on_checked, k);
	loop_run_until_idle(k->loop, DEADLINE_MS);
	assert_non_null(k->state);
	check_int("found", k->state->found, ENV_UNREACHABLE);
	check_int("why", k->state->err.code, E_NOTFOUND);

	env_state_free(k->state);
	k->state = NULL;
	env.host = NULL;
	check = env_check_start(&(struct env_check_options){.loop = k->loop,
					.hosts = k->ssh,
					.http = k->http,
					.context = "test",
					.env = &env},
		on_checked, k);
	env_check_cancel(check);
	loop_run_until_idle(k->loop, DEADLINE_MS);
	assert_null(k->state); /* canceled: nobody is told */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_and_java_are_read_from_the_home),
		cmocka_unit_test_setup_teardown(what_is_missing_is_named, up, down),
		cmocka_unit_test_setup_teardown(a_gateway_is_told_from_what_else_answers, up, down),
		cmocka_unit_test_setup_teardown(a_host_that_is_not_there_is_unreachable, up, down),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
