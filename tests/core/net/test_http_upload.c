/* A file as the body of a request: streamed as it is, refused where it cannot be, let go at any time. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

struct fixture {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
	struct asking ask;
	char *dir, *file, *url;
};

static int64_t told_done, told_total;

static void on_progress(void *data, int64_t done, int64_t total)
{
	(void)data;
	told_done = done;
	told_total = total;
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = {0};

	check_ok("loop_open", loop_open(&f->loop, &err), &err);
	check_ok("http_open", http_open(&f->http, f->loop, NULL, &err), &err);
	f->server = httpd_start("127.0.0.1");
	f->url = httpd_url(f->server, "/jars/upload");
	f->dir = temp_dir();
	f->file = temp_path(f->dir, "orders.jar");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	asking_release(&f->ask);
	http_close(f->http);
	loop_close(f->loop);
	httpd_stop(f->server);
	temp_dir_remove(f->dir);
	free(f->file);
	free(f->url);
	free(f);
	return 0;
}

/* Letters that differ from one place to another. malloc'd. */
static char *content(size_t len)
{
	char *text = xmalloc(len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = (char)('!' + (i * 7 + i / 251 + i / 65537) % 90);
	text[len] = 0;
	return text;
}

static void start(struct fixture *f, const char *path, int64_t cap, int64_t timeout_ms)
{
	told_done = told_total = -1;
	asking_release(&f->ask);
	asking_start(&f->ask, f->http,
		&(struct http_request){
			.method = "POST",
			.url = f->url,
			.upload = &(struct http_upload){.path = path,
				.field = "jarfile",
				.name = "orders.jar",
				.content_type = "application/x-java-archive",
				.cap_bytes = cap,
				.on_progress = on_progress},
			.timeout_ms = timeout_ms ? timeout_ms : ASKING_DEADLINE_MS,
		});
	check_int("not from inside", f->ask.done, 0);
}

static void settle(struct fixture *f)
{
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
	check_int("done once", f->ask.done, 1);
}

static void a_file_goes_as_it_is(void **state)
{
	static const size_t sizes[] = {
		0, 1, 255, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 512 * KIB, 3 * MIB + 17};
	struct fixture *f = *state;

	httpd_on(f->server, "POST /jars/upload", &(struct httpd_answer){.body = "{}"});
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *text = content(sizes[i]), *name = xasprintf("%zu bytes", sizes[i]);
		char *got, *boundary, *want, *body;

		temp_file(f->file, text);
		start(f, f->file, 0, 0);
		settle(f);
		check_int(name, f->ask.status, 200);
		check_int(name, told_total, sizes[i] ? (int64_t)sizes[i] : -1);
		check_int(name, told_done, sizes[i] ? (int64_t)sizes[i] : -1);
		got = httpd_last_request(f->server);
		boundary = strstr(got, "boundary=");
		assert_non_null(boundary);
		boundary = xstrndup(boundary + 9, strcspn(boundary + 9, "\r"));
		want = xasprintf("--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; "
				 "filename=\"orders.jar\"\r\n"
				 "Content-Type: application/x-java-archive\r\n\r\n%s\r\n--%s--\r\n",
			boundary, text, boundary);
		body = strstr(got, "\r\n\r\n") + 4;
		check_int(name, (int64_t)strlen(body), (int64_t)strlen(want));
		check_int(name, strcmp(body, want), 0);
		assert_null(strstr(got, "Expect:"));
		free(want);
		free(boundary);
		free(got);
		free(text);
		free(name);
	}
	check_int("sent once each", httpd_counts(f->server).requests, ARRAY_SIZE(sizes));
}

static void what_cannot_be_sent_is_not(void **state)
{
	struct fixture *f = *state;

	temp_file(f->file, "12345");
	start(f, "/nonexistent/x.jar", 0, 0);
	settle(f);
	check_err("none", f->ask.err.code, &f->ask.err, E_NOTFOUND, "/nonexistent/x.jar");
	start(f, f->dir, 0, 0);
	settle(f);
	check_err("folder", f->ask.err.code, &f->ask.err, E_ARG, "is not a file");
	start(f, f->file, 4, 0);
	settle(f);
	check_err("cap", f->ask.err.code, &f->ask.err, E_ARG, "5 bytes, more than 4");
	check_int("nothing sent", httpd_counts(f->server).connections, 0);
}

static bool is_stuck(void *data)
{
	static int64_t last;
	int64_t was = last;

	(void)data;
	last = told_done;
	return told_done > 0 && was == told_done;
}

/* The far side takes no byte for a while, and so does nobody else. */
static void a_file_that_changes_on_the_way_is_a_failure(void **state)
{
	struct fixture *f = *state;
	char *text = content(24 * MIB);

	temp_file(f->file, text);
	httpd_on(f->server, "POST /jars/upload", &(struct httpd_answer){.body = "{}"});
	httpd_accept(f->server, false);
	start(f, f->file, 0, 0);
	assert_true(asking_until(f->loop, is_stuck, NULL));
	check_int("cut", truncate(f->file, (off_t)told_done), 0);
	httpd_accept(f->server, true);
	settle(f);
	check_err("shorter", f->ask.err.code, &f->ask.err, E_INTERNAL, "became shorter");
	free(text);
}

static void standing_still_is_a_time_out(void **state)
{
	struct fixture *f = *state;
	char *text = content(24 * MIB);

	temp_file(f->file, text);
	httpd_accept(f->server, false);
	start(f, f->file, 0, 1000);
	settle(f);
	check_int("time-out", f->ask.err.code, E_TIMEOUT);
	httpd_accept(f->server, true);
	free(text);
}

static void an_answer_before_the_end_counts(void **state)
{
	struct fixture *f = *state;

	temp_file(f->file, "x");
	httpd_on(f->server, "POST /jars/upload",
		&(struct httpd_answer){.status = 400, .body = "{\"errors\":[\"no\"]}"});
	start(f, f->file, 0, 0);
	settle(f);
	check_int("status", f->ask.status, 400);
	httpd_forget(f->server);
	httpd_on(f->server, "POST /jars/upload", &(struct httpd_answer){.fault = HTTPD_RESET});
	start(f, f->file, 0, 0);
	settle(f);
	check_int("reset", f->ask.err.code, E_NET);
}

/* Under ASan: whatever is under way, nothing is leaked or touched after. */
static void canceled_at_any_time(void **state)
{
	struct fixture *f = *state;
	char *text = content(8 * MIB);

	temp_file(f->file, text);
	httpd_accept(f->server, false);
	for (int turns = 0; turns < 12; turns++) {
		start(f, f->file, 0, 0);
		for (int i = 0; i < turns; i++)
			loop_turn(f->loop, 1);
		http_cancel(f->ask.transfer);
		f->ask.transfer = NULL;
		check_int("not told", f->ask.done, 0);
	}
	start(f, f->file, 0, 0);
	loop_turn(f->loop, 1); /* closed under way, in teardown */
	httpd_accept(f->server, true);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_goes_as_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_sent_is_not, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_file_that_changes_on_the_way_is_a_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(standing_still_is_a_time_out, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_before_the_end_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(canceled_at_any_time, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
