/*
 * The whole way, from the schedule to what JobManagers receive: 80 of them (doubles, for scale) are
 * polled over HTTP with the clock held by the test, and the requests that arrive in each of its
 * seconds are counted against the budget.
 */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/source/flink/flink.h"
#include "core/watch/poller_internal.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define CLUSTERS 80
#define BUDGET 50
#define SECONDS 60
#define DEADLINE_MS 60000
#define WALL_MS 1763719200000

#define JOBS                                                                                       \
	"{\"jobs\":[{\"jid\":\"5fa00000000000000000000000000001\",\"name\":\"orders\","            \
	"\"state\":\"RUNNING\",\"start-time\":1763700000000,\"end-time\":-1,"                      \
	"\"duration\":19200000,\"last-modification\":1763700001000,\"tasks\":{\"total\":1,"        \
	"\"created\":0,\"scheduled\":0,\"deploying\":0,\"running\":1,\"finished\":0,"              \
	"\"canceling\":0,\"canceled\":0,\"failed\":0,\"reconciling\":0,\"initializing\":0}}]}"
#define JOB                                                                                        \
	"{\"jid\":\"5fa00000000000000000000000000001\",\"name\":\"orders\",\"state\":\"RUNNING\"," \
	"\"start-time\":1763700000000,\"end-time\":-1,\"duration\":19200000,\"vertices\":[],"      \
	"\"timestamps\":{},\"status-counts\":{},\"plan\":{}}"
#define OVERVIEW                                                                                   \
	"{\"taskmanagers\":1,\"slots-total\":4,\"slots-available\":3,\"jobs-running\":1,"          \
	"\"jobs-finished\":0,\"jobs-cancelled\":0,\"jobs-failed\":0,\"flink-version\":\"1.20.5\"," \
	"\"flink-commit\":\"a\"}"

struct fleet_of_doubles {
	struct loop *loop;
	struct http *http;
	struct httpd *server; /* on all of 127.x.y.z: each cluster has an address of its own */
	struct fleet *fleet;
	struct poller *poller;
	struct source *sources[CLUSTERS];
	int64_t mono_ms;
	int by_tick[SECONDS * 10];
};

static void hold_clock(struct fleet_of_doubles *f, int64_t pass_ms)
{
	f->mono_ms += pass_ms;
	clock_fix(WALL_MS + f->mono_ms, f->mono_ms);
}

static void add_cluster(struct fleet_of_doubles *f, int i)
{
	char *name = xasprintf("jm%d", i);
	char *url = xasprintf("http://127.0.%d.%d:%d", i / 100, 1 + i % 100, httpd_port(f->server));

	fleet_add_cluster(f->fleet, "prod", name, "standalone", url);
	f->sources[i] = flink_source_new(&(struct flink_source_options){.loop = f->loop,
		.http = f->http,
		.context = "prod",
		.cluster = name,
		.addresses = (const char *const[]){url},
		.address_count = 1});
	poller_add(f->poller, f->sources[i], SNAPSHOT_CLUSTER);
	free(url);
	free(name);
}

static int setup(void **state)
{
	struct fleet_of_doubles *f = xcalloc(1, sizeof(*f));
	struct err err = {0};

	check_ok("loop", loop_open(&f->loop, &err), &err);
	check_ok("http", http_open(&f->http, f->loop, &(struct http_options){0}, &err), &err);
	f->server = httpd_start("0.0.0.0");
	httpd_on(f->server, "GET /jobs/overview", &(struct httpd_answer){.body = JOBS});
	/* Nothing is canceled: what leaves arrives. */
	httpd_on(f->server, "GET /jobs/5fa00000000000000000000000000001",
		&(struct httpd_answer){.body = JOB});
	httpd_on(f->server, "GET /overview", &(struct httpd_answer){.body = OVERVIEW});
	f->mono_ms = 5000000;
	hold_clock(f, 0);
	f->fleet = fleet_new();
	f->poller = poller_new(&(struct poller_options){.loop = f->loop, .fleet = f->fleet});
	poller_budget(f->poller, "prod", BUDGET, BUDGET);
	for (int i = 0; i < CLUSTERS; i++)
		add_cluster(f, i);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fleet_of_doubles *f = *state;

	poller_free(f->poller);
	for (int i = 0; i < CLUSTERS; i++)
		source_close(f->sources[i]);
	http_close(f->http);
	fleet_free(f->fleet);
	loop_close(f->loop);
	httpd_stop(f->server);
	clock_fix(0, 0);
	free(f);
	return 0;
}

/* What leaves in a tick is answered before the next. */
static void pass(struct fleet_of_doubles *f)
{
	for (int tick = 0; tick < SECONDS * 10; tick++) {
		int before = httpd_counts(f->server).requests;
		hold_clock(f, 100);
		poller_tick(f->poller);
		assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
		f->by_tick[tick] = httpd_counts(f->server).requests - before;
	}
}

static int most_in_a_second(const struct fleet_of_doubles *f)
{
	int most = 0;

	for (int first = 0; first + 10 <= SECONDS * 10; first++) {
		int second = 0;
		for (int i = 0; i < 10; i++)
			second += f->by_tick[first + i];
		most = second > most ? second : most;
	}
	return most;
}

static int in_all(const struct fleet_of_doubles *f)
{
	int all = 0;

	for (int i = 0; i < SECONDS * 10; i++)
		all += f->by_tick[i];
	return all;
}

static void jobmanagers_receive_what_the_budget_allows(void **state)
{
	struct fleet_of_doubles *f = *state;
	size_t count;

	pass(f);
	/* A poll of a job is four requests, and the last one may overdraw. */
	assert_true(most_in_a_second(f) <= BUDGET + 3);
	assert_true(in_all(f) <= BUDGET * SECONDS + BUDGET / 2 + 3);
	/* It is used: less than 80 lists each 5 s would take is left for the details. */
	assert_true(in_all(f) >= BUDGET * SECONDS / 2);
	struct cluster *const *clusters = fleet_clusters(f->fleet, &count);
	assert_int_equal(count, CLUSTERS);
	for (size_t i = 0; i < count; i++) {
		check_bool(clusters[i]->name, clusters[i]->has_answered, true);
		check_int(clusters[i]->name, clusters[i]->misses, 0);
		/* None older than twice what its list is said to wait. */
		check_bool(clusters[i]->name,
			clock_wall_ms() - clusters[i]->observed_ms <=
				2 * clusters[i]->polling.interval_ms,
			true);
	}
	/* One list for all jobs of a cluster, whatever runs there; where it is calm, most of them alone. */
	int lists = httpd_requests(f->server, "GET /jobs/overview");
	int overviews = httpd_requests(f->server, "GET /overview");
	print_message("             %d lists, %d overviews\n", lists, overviews);
	assert_true(overviews >= CLUSTERS && overviews <= lists / 3);
}

static void refresh_and_a_sleep_stay_within_it(void **state)
{
	struct fleet_of_doubles *f = *state;

	pass(f);
	poller_refresh(f->poller);
	pass(f);
	assert_true(most_in_a_second(f) <= BUDGET + 3);
	clock_fix_slept(7200000);
	hold_clock(f, 7200000);
	pass(f);
	clock_fix_slept(0);
	assert_true(most_in_a_second(f) <= BUDGET + 3);
	/* And nobody is left out: each list each 5 s. */
	assert_true(in_all(f) >= CLUSTERS * SECONDS / 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			jobmanagers_receive_what_the_budget_allows, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refresh_and_a_sleep_stay_within_it, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
