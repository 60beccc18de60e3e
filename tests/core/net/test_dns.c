/* Names: answers, cache and its ends, joined questions, cancel and free at every moment. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/dns.h"
#include "tests/support/check.h"
#include "tests/support/names.h"

#define DEADLINE_MS 60000

struct answer {
	struct fixture *f;
	struct dns_query *query;
	int done, number;
	char *addresses;
	struct err err;
};

struct fixture {
	struct loop *loop;
	struct dns *dns;
	struct answer answers[8];
	int order[8], count;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = {0};

	check_ok("loop_open", loop_open(&f->loop, &err), &err);
	f->dns = dns_new(f->loop);
	for (int i = 0; i < 8; i++)
		f->answers[i] = (struct answer){.f = f, .number = i};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	clock_fix(0, 0);
	dns_free(f->dns);
	loop_close(f->loop);
	for (int i = 0; i < 8; i++)
		free(f->answers[i].addresses);
	free(f);
	return 0;
}

static void on_done(void *data, const char *addresses, const struct err *err)
{
	struct answer *a = data;

	a->done++;
	a->query = NULL;
	free(a->addresses);
	a->addresses = xstrdup_null(addresses);
	assert_true(!addresses == !!err);
	if (err)
		a->err = *err;
	a->f->order[a->f->count++] = a->number;
}

static void start(struct fixture *f, int i, const char *host)
{
	f->answers[i].query = dns_start(f->dns, host, on_done, &f->answers[i]);
}

static void settle(struct fixture *f)
{
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
}

static void localhost_is_found_and_kept(void **state)
{
	struct fixture *f = *state;

	assert_null(dns_cached(f->dns, "localhost"));
	start(f, 0, "localhost");
	assert_int_equal(0, f->answers[0].done);
	settle(f);
	assert_int_equal(1, f->answers[0].done);
	check_has("addresses", f->answers[0].addresses, "127.0.0.1");
	check_str("cached", dns_cached(f->dns, "localhost"), f->answers[0].addresses);
	/* From the cache, and still never from inside. */
	start(f, 1, "localhost");
	assert_int_equal(0, f->answers[1].done);
	assert_false(loop_run_until_idle(f->loop, 0) && !f->answers[1].done);
	settle(f);
	check_str("again", f->answers[1].addresses, f->answers[0].addresses);
}

static void good_answers_live_60_s(void **state)
{
	struct fixture *f = *state;

	clock_fix(1, 1000000);
	start(f, 0, "localhost");
	settle(f);
	clock_fix(1, 1000000 + 59999);
	assert_non_null(dns_cached(f->dns, "localhost"));
	clock_fix(1, 1000000 + 60000);
	assert_null(dns_cached(f->dns, "localhost"));
	start(f, 1, "localhost");
	settle(f);
	check_has("asked again", f->answers[1].addresses, "127.0.0.1");
	assert_non_null(dns_cached(f->dns, "localhost"));
}

static void failures_are_told_and_live_5_s(void **state)
{
	struct fixture *f = *state;

	clock_fix(1, 1000000);
	start(f, 0, "no-such-host.invalid");
	settle(f);
	check_err("unknown", f->answers[0].err.code, &f->answers[0].err, E_NET,
		"host name 'no-such-host.invalid' not found");
	assert_null(dns_cached(f->dns, "no-such-host.invalid"));
	/* The failure is remembered: while no lookup ends, the answer still comes. */
	names_hold("");
	start(f, 1, "no-such-host.invalid");
	while (!f->answers[1].done)
		loop_turn(f->loop, 100);
	check_str("same", f->answers[1].err.text, f->answers[0].err.text);
	/* After 5 s it is asked for again, which now must wait. */
	clock_fix(1, 1005000);
	start(f, 2, "no-such-host.invalid");
	assert_false(loop_run_until_idle(f->loop, 20));
	assert_int_equal(0, f->answers[2].done);
	names_release();
	settle(f);
	assert_int_equal(1, f->answers[2].done);
}

static void words_that_are_no_names_fail_at_once(void **state)
{
	struct fixture *f = *state;
	char *name = xmalloc(2001);

	memset(name, 'a', 2000);
	name[2000] = 0;
	start(f, 0, name);
	start(f, 1, "");
	start(f, 2, "localhost");
	settle(f);
	check_err("long", f->answers[0].err.code, &f->answers[0].err, E_NET, "host name 'aaaa");
	check_err("empty", f->answers[1].err.code, &f->answers[1].err, E_NET, "not found");
	assert_int_equal(1, f->answers[2].done);
	free(name);
}

static void questions_for_one_name_are_joined_and_answered_in_order(void **state)
{
	struct fixture *f = *state;

	names_hold("");
	for (int i = 0; i < 6; i++)
		start(f, i, "localhost");
	dns_cancel(f->answers[2].query);
	dns_cancel(f->answers[0].query);
	names_release();
	settle(f);
	assert_int_equal(4, f->count);
	assert_int_equal(1, f->order[0]);
	assert_int_equal(3, f->order[1]);
	assert_int_equal(4, f->order[2]);
	assert_int_equal(5, f->order[3]);
}

static void cancel_in_every_state(void **state)
{
	struct fixture *f = *state;

	names_hold("");
	start(f, 0, "localhost");
	start(f, 1, "localhost.localdomain");
	start(f, 2, "ip6-localhost");
	for (int i = 0; i < 3; i++)
		dns_cancel(f->answers[i].query);
	start(f, 3, "ip6-localhost"); /* asked for again before its turn came */
	dns_cancel(f->answers[3].query);
	dns_cancel(NULL);
	names_release();
	settle(f);
	assert_int_equal(0, f->count);
	start(f, 4, "localhost");
	settle(f);
	start(f, 5, "localhost"); /* answered from the cache, not yet told */
	dns_cancel(f->answers[5].query);
	settle(f);
	assert_int_equal(1, f->answers[4].done);
	assert_int_equal(0, f->answers[5].done);
}

static void free_with_questions_everywhere(void **state)
{
	struct fixture *f = *state;

	start(f, 0, "localhost");
	settle(f);
	names_hold("");
	start(f, 1, "localhost");             /* in the cache */
	start(f, 2, "localhost.localdomain"); /* on its way */
	start(f, 3, "ip6-localhost");         /* on its way */
	start(f, 4, "ip6-loopback");          /* on its way */
	dns_free(f->dns);
	f->dns = NULL;
	names_release();
	settle(f);
	for (int i = 1; i < 5; i++)
		assert_int_equal(0, f->answers[i].done);
	dns_free(NULL);
}

static void free_inside(void *data, const char *addresses, const struct err *err)
{
	struct answer *a = data;

	on_done(a, addresses, err);
	dns_free(a->f->dns);
	a->f->dns = NULL;
}

static void done_may_free_the_resolver(void **state)
{
	struct fixture *f = *state;

	dns_start(f->dns, "localhost", free_inside, &f->answers[0]);
	for (int i = 1; i < 4; i++)
		start(f, i, "localhost");
	settle(f);
	assert_int_equal(1, f->answers[0].done);
	for (int i = 1; i < 4; i++)
		assert_int_equal(0, f->answers[i].done);
}

static void old_names_are_swept_and_fresh_ones_kept(void **state)
{
	struct fixture *f = *state;

	/* Names that cannot be: they fail at once, and are remembered for 5 s each. */
	for (int i = 0; i < 1000; i++) {
		char *name = xasprintf("%0300d", i);

		clock_fix(1, 1000000 + i * 1000);
		f->count = 0;
		if (i == 230)
			start(f, 1, "localhost");
		start(f, 0, name);
		settle(f);
		/* The first sweep comes at 256 names, inside these 60 s. */
		check_bool(name, dns_cached(f->dns, "localhost"), i >= 230 && i < 290);
		free(name);
	}
	assert_int_equal(1000, f->answers[0].done);
	assert_int_equal(1, f->answers[1].done);
}

struct tally {
	int found, failed;
};

static void on_tally(void *data, const char *addresses, const struct err *err)
{
	struct tally *tally = data;

	tally->found += addresses != NULL;
	tally->failed += err != NULL;
}

static void start_many(struct fixture *f, int count, const char *kind, struct tally *tally)
{
	for (int i = 0; i < count; i++) {
		char *name = xasprintf("jm-%d.%s.test", i, kind);

		dns_start(f->dns, name, on_tally, tally);
		free(name);
	}
}

/* A thousand, of which the name server says nothing about fifty, and of fifty that they are not. */
static void silent_names_hold_up_no_others(void **state)
{
	struct fixture *f = *state;
	struct tally silent = {0}, here = {0}, gone = {0};

	names_hold("silent");
	start_many(f, 50, "silent.here", &silent);
	start_many(f, 900, "here", &here);
	start_many(f, 50, "gone", &gone);
	while (here.found < 900 || gone.failed < 50)
		loop_turn(f->loop, DEADLINE_MS);
	assert_int_equal(0, silent.found + silent.failed);
	names_release();
	settle(f);
	assert_int_equal(50, silent.found);
}

static void lookups_have_a_limit(void **state)
{
	struct fixture *f = *state;
	struct tally silent = {0}, here = {0};

	names_hold("silent");
	start_many(f, 64, "silent.here", &silent);
	start_many(f, 10, "here", &here);
	while (names_waiting() < 64)
		loop_turn(f->loop, 20);
	assert_false(loop_run_until_idle(f->loop, 20));
	assert_int_equal(0, here.found);
	names_release();
	settle(f);
	assert_int_equal(64, silent.found);
	assert_int_equal(10, here.found);
}

static void literals(void **state)
{
	static const struct {
		const char *host;
		bool want;
	} rows[] = {
		{"127.0.0.1", true},
		{"::1", true},
		{"[::1]", true},
		{"[2001:db8::1]", true},
		{"localhost", false},
		{"[localhost]", false},
		{"[127.0.0.1]", false},
		{"1.2.3", false},
		{"1.2.3.4.5", false},
		{"[", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_bool(rows[i].host, dns_is_literal(rows[i].host), rows[i].want);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(localhost_is_found_and_kept),
		CASE(good_answers_live_60_s),
		CASE(failures_are_told_and_live_5_s),
		CASE(words_that_are_no_names_fail_at_once),
		CASE(questions_for_one_name_are_joined_and_answered_in_order),
		CASE(cancel_in_every_state),
		CASE(free_with_questions_everywhere),
		CASE(done_may_free_the_resolver),
		CASE(old_names_are_swept_and_fresh_ones_kept),
		CASE(silent_names_hold_up_no_others),
		CASE(lookups_have_a_limit),
		cmocka_unit_test(literals),
	};

	check_locale();
	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
