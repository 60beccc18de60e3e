/* Several addresses of one cluster: who is asked, and what the change of a leader looks like. */
#include "tests/core/source/flink/jobmanager.h"

static const char version[] = "1.20.5", job_id[] = "9d182f1f3ab247de0793a067ace9d9d9";
#define CLUSTER (&(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 5000})

#define ELECTION                                                                                   \
	"{\"errors\":[\"Service temporarily unavailable due to an ongoing leader election.\"]}"
#define DEAD_LEADER                                                                                \
	"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\norg.apache.flink." \
	"runtime.rpc.exceptions.RecipientUnreachableException: Could not send message [x]\"]}"

static void the_second_address_takes_over(void **state)
{
	static const struct {
		const char *name;
		int status; /* of the first; 0 = silent, -1 = refused */
		const char *body;
	} rows[] = {
		{"refused", -1, NULL},
		{"silent", 0, NULL},
		{"an election", 503, ELECTION},
		{"a dead leader", 500, DEAD_LEADER},
		{"a gateway without anything behind", 502, "<html>"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snapshot *snap;

		bench_serve_recordings(b, version, job_id);
		if (rows[i].status > 0)
			bench_other(b,
				&(struct httpd_answer){
					.status = rows[i].status, .body = rows[i].body});
		else
			bench_other(b, &(struct httpd_answer){.fault = HTTPD_SILENT});
		bench_addresses(b, 2, rows[i].status < 0 ? b->dead_url : b->other_url, b->url);
		snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 6000});
		check_str(rows[i].name, snap->err.text, "");
		check_str(rows[i].name, snap->cluster.address, b->url);
		check_int(rows[i].name, (int64_t)snap->job_count, 5);
		snapshot_unref(snap);

		/* It answered last, so it is asked first now: what the other one would say to it is
		 * an error. (Not counted: what was canceled may reach the other one late.) */
		bench_other(b, &(struct httpd_answer){.status = 401, .body = "asked first"});
		snap = bench_poll(b, CLUSTER);
		check_str(rows[i].name, snap->err.text, "");
		check_str(rows[i].name, snap->cluster.address, b->url);
		check_int(rows[i].name, bench_requests(b), 2);
		snapshot_unref(snap);
	}
}

static void all_addresses_fail(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	bench_addresses(b, 2, b->dead_url, b->dead_url);
	snap = bench_poll(b, CLUSTER);
	check_kept_err("refused twice", &snap->err, E_NET,
		"no JobManager of sessions answered at 2 of 2 addresses: ");
	check_has("each reason", strstr(snap->err.text, "; "), "connection refused");
	check_bool("short", strstr(snap->err.text, "/jobs/overview") == NULL, true);
	snapshot_unref(snap);

	bench_serve_silence(b, "/jobs/overview");
	bench_serve_silence(b, "/overview");
	bench_other(b, &(struct httpd_answer){.fault = HTTPD_SILENT});
	bench_addresses(b, 2, b->url, b->other_url);
	snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 200});
	check_kept_err("silent twice", &snap->err, E_TIMEOUT, "2 of 2 addresses");
	snapshot_unref(snap);

	bench_other(b, &(struct httpd_answer){.status = 503, .body = ELECTION});
	bench_addresses(b, 2, b->dead_url, b->other_url);
	snap = bench_poll(b, CLUSTER);
	check_kept_err("an election", &snap->err, E_REMOTE, "leader election");
	snapshot_unref(snap);

	bench_addresses(b, 0);
	snap = bench_poll(b, CLUSTER);
	check_kept_err("none", &snap->err, E_CONFIG, "sessions has no address");
	snapshot_unref(snap);
}

/* What is seen of a group of JobManagers whose leader was killed, and of other outages. */
static void a_change_of_the_leader_is_told_from_an_outage(void **state)
{
	enum { DEAD, HANGS, DEAD_LEADER_500, ELECTION_503, GATEWAY_503, FINE };
	static const struct httpd_answer answers[] = {
		[HANGS] = {.fault = HTTPD_SILENT},
		[DEAD_LEADER_500] = {.status = 500, .body = DEAD_LEADER},
		[ELECTION_503] = {.status = 503, .body = ELECTION},
		[GATEWAY_503] = {.status = 503, .body = "<html><title>no backend</title></html>"},
		[FINE] = {.status = 404, .body = "{\"errors\":[\"Not found: /x\"]}"},
	};
	static const struct {
		const char *name;
		int first, second; /* second < 0: there is none */
		bool want;
	} rows[] = {
		{"the leader is gone, the standby hangs", DEAD, HANGS, true},
		{"the standby hangs, the leader is gone", HANGS, DEAD, true},
		{"gone, and the standby still knows it as its leader", DEAD, DEAD_LEADER_500, true},
		{"gone, and an election", DEAD, ELECTION_503, true},
		{"one address before all of them, an election", ELECTION_503, -1, true},
		{"one address, its leader is dead", DEAD_LEADER_500, -1, true},
		{"all are gone", DEAD, DEAD, false},
		{"all hang", HANGS, HANGS, false},
		{"the only one is gone", DEAD, -1, false},
		{"the only one hangs", HANGS, -1, false},
		{"a gateway finds nobody behind it", GATEWAY_503, -1, false},
		{"gone, and a gateway that finds nobody", DEAD, GATEWAY_503, false},
		{"gone, and somebody else answers", DEAD, FINE, false},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const int kinds[2] = {rows[i].first, rows[i].second};
		const char *urls[2] = {b->other_url, b->url};
		struct snapshot *snap;

		bench_forget(b);
		for (int k = 0; k < 2 && kinds[k] >= 0; k++) {
			if (kinds[k] == DEAD)
				urls[k] = b->dead_url;
			else if (k == 0)
				bench_other(b, &answers[kinds[k]]);
			else
				httpd_on(b->server, "*", &answers[kinds[k]]);
		}
		bench_addresses(b, rows[i].second < 0 ? 1 : 2, urls[0], urls[1]);
		snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 1000});
		check_bool(rows[i].name, snap->err.code != 0, true);
		check_bool(rows[i].name, snap->is_leaderless, rows[i].want);
		snapshot_unref(snap);
	}
}

#define test_on_bench(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_bench(the_second_address_takes_over),
		test_on_bench(all_addresses_fail),
		test_on_bench(a_change_of_the_leader_is_told_from_an_outage),
	};

	check_locale();
	return cmocka_run_group_tests_name("source/flink/leader", tests, NULL, NULL);
}
