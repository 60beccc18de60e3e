/*
 * A name that means another address than before, and a machine that slept: what is asked then goes
 * to whom the name means now, over connections made since. What names mean is said by the test.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define NAME "jobmanager.test"
#define WALL_MS 1763719200000

/* Addresses with commas; NULL = the name server says nothing. */
static const char *_Atomic meaning;
static atomic_int lookups;

typedef int (*lookup_fn)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int look_up(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
	lookup_fn real;

	memcpy(&real, &symbol, sizeof(real));
	return real(host, service, hints, out);
}

/* In the place of the C library's. */
int told_addresses(const char *host, const char *service, const struct addrinfo *hints,
	struct addrinfo **out) __asm__("getaddrinfo");
int told_addresses(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	char *list, *rest, *address;
	int rc = EAI_AGAIN;

	if (!str_eq(host, NAME))
		return look_up(host, service, hints, out);
	lookups++;
	if (!meaning)
		return rc;
	list = rest = xstrdup(meaning);
	*out = NULL;
	while ((address = strsep(&rest, ","))) {
		rc = look_up(address, service, hints, out);
		while (!rc && *out)
			out = &(*out)->ai_next;
	}
	free(list);
	return rc;
}

struct fixture {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
	struct asking ask;
	int64_t mono_ms;
	const char *method; /* NULL = GET, which goes without libcurl */
};

static void serve(struct fixture *f, const char *address)
{
	struct err err = {0};

	check_ok("loop_open", loop_open(&f->loop, &err), &err);
	check_ok("http_open", http_open(&f->http, f->loop, &(struct http_options){0}, &err), &err);
	f->server = httpd_start(address);
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	lookups = 0;
}

static void hold_clock(struct fixture *f, int64_t pass_ms)
{
	f->mono_ms += pass_ms;
	clock_fix(WALL_MS + f->mono_ms, f->mono_ms);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->mono_ms = 5000000;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	clock_fix(0, 0);
	asking_release(&f->ask);
	http_close(f->http);
	loop_close(f->loop);
	httpd_stop(f->server);
	free(f);
	return 0;
}

static int get(struct fixture *f)
{
	char *url = xasprintf("http://" NAME ":%d/overview", httpd_port(f->server));

	asking_release(&f->ask);
	f->ask = (struct asking){0};
	asking_start(&f->ask, f->http,
		&(struct http_request){.url = url,
			.method = f->method,
			.timeout_ms = ASKING_DEADLINE_MS,
			.connect_timeout_ms = ASKING_DEADLINE_MS});
	free(url);
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
	assert_int_equal(f->ask.done, 1);
	return (int)f->ask.err.code;
}

static void expect(struct fixture *f, const char *name, int code, int asked, int connections)
{
	check_int(name, get(f), code);
	check_int(name, lookups, asked);
	check_int(name, httpd_counts(f->server).connections, connections);
}

static void a_name_that_moved_is_followed(void **state)
{
	struct fixture *f = *state;

	meaning = "127.0.0.1";
	serve(f, "0.0.0.0");
	hold_clock(f, 0);
	expect(f, "first", E_OK, 1, 1);
	hold_clock(f, 59000);
	expect(f, "known, and kept", E_OK, 1, 1);
	hold_clock(f, 2000);
	expect(f, "asked anew, the same", E_OK, 2, 1);
	meaning = "127.0.0.9";
	hold_clock(f, 59000);
	expect(f, "not asked yet", E_OK, 2, 1);
	hold_clock(f, 2000);
	expect(f, "elsewhere: not over what is open", E_OK, 3, 2);
}

static void the_order_of_addresses_is_no_move(void **state)
{
	struct fixture *f = *state;

	meaning = "127.0.0.1,127.0.0.9";
	serve(f, "0.0.0.0");
	hold_clock(f, 0);
	expect(f, "first", E_OK, 1, 1);
	meaning = "127.0.0.9,127.0.0.1";
	hold_clock(f, 61000);
	expect(f, "turned round", E_OK, 2, 1);
	meaning = "127.0.0.9,127.0.0.8";
	hold_clock(f, 61000);
	expect(f, "one is another", E_OK, 3, 2);
}

/* A JobManager that came up elsewhere is found within seconds, not when its name is a minute old. */
static void a_name_where_nobody_answers_is_doubted(void **state)
{
	struct fixture *f = *state;

	meaning = "127.0.0.2";
	serve(f, "127.0.0.1");
	hold_clock(f, 0);
	expect(f, "refused", E_NET, 1, 0);
	meaning = "127.0.0.1";
	hold_clock(f, 1000);
	expect(f, "name servers are not flooded", E_NET, 1, 0);
	hold_clock(f, 4100);
	expect(f, "found", E_OK, 2, 1);
	/* And a name server that says nothing meanwhile is no reason to forget it for long. */
	meaning = NULL;
	hold_clock(f, 61000);
	expect(f, "no name server", E_NET, 3, 1);
	meaning = "127.0.0.1";
	hold_clock(f, 5100);
	expect(f, "it is back", E_OK, 4, 1);
}

static void after_a_sleep_nothing_old_is_used(void **state)
{
	struct fixture *f = *state;

	meaning = "127.0.0.1";
	serve(f, "0.0.0.0");
	expect(f, "first", E_OK, 1, 1);
	expect(f, "kept", E_OK, 1, 1);
	http_renew(f->http);
	expect(f, "anew", E_OK, 2, 2);
	expect(f, "kept again", E_OK, 2, 2);
}

static void after_a_sleep_libcurl_uses_nothing_old(void **state)
{
	struct fixture *f = *state;
	int64_t until_ms;

	f->method = "HEAD";
	meaning = "127.0.0.1";
	serve(f, "0.0.0.0");
	expect(f, "first", E_OK, 1, 1);
	expect(f, "kept", E_OK, 1, 1);
	http_renew(f->http);
	until_ms = clock_awake_ms() + 2100;
	expect(f, "anew", E_OK, 2, 2);
	/* Libcurl counts the age of its connections in seconds, by a clock of its own. */
	while (clock_awake_ms() < until_ms)
		loop_turn(f->loop, until_ms - clock_awake_ms());
	expect(f, "not the one from before, though it is open", E_OK, 2, 3);
	expect(f, "kept again", E_OK, 2, 3);
}

/* Links that were well go dead without a word: only the first of them costs a time-out. */
static void after_a_silence_no_older_link_is_used(void **state)
{
	struct fixture *f = *state;
	struct asking asks[3] = {0};
	char *url;

	serve(f, "127.0.0.1");
	url = httpd_url(f->server, "/overview");
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++)
		asking_start(&asks[i], f->http,
			&(struct http_request){.url = url, .timeout_ms = ASKING_DEADLINE_MS});
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
	int kept = httpd_counts(f->server).connections;
	check_int("links side by side", kept, ARRAY_SIZE(asks));

	httpd_forget(f->server);
	httpd_on(f->server, "*", &(struct httpd_answer){.fault = HTTPD_SILENT});
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	asking_release(&asks[0]);
	asks[0] = (struct asking){0};
	asking_start(&asks[0], f->http, &(struct http_request){.url = url, .timeout_ms = 300});
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
	check_int("silent", asks[0].err.code, E_TIMEOUT);
	check_int("on a link that was there", httpd_counts(f->server).connections, kept);

	asking_release(&asks[0]);
	asks[0] = (struct asking){0};
	asking_start(&asks[0], f->http,
		&(struct http_request){.url = url, .timeout_ms = ASKING_DEADLINE_MS});
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
	check_int("answered", asks[0].err.code, E_OK);
	check_int("on a new one", httpd_counts(f->server).connections, kept + 1);
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++)
		asking_release(&asks[i]);
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_that_moved_is_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_order_of_addresses_is_no_move, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_where_nobody_answers_is_doubted, setup, teardown),
		cmocka_unit_test_setup_teardown(after_a_sleep_nothing_old_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(
			after_a_sleep_libcurl_uses_nothing_old, setup, teardown),
		cmocka_unit_test_setup_teardown(
			after_a_silence_no_older_link_is_used, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
