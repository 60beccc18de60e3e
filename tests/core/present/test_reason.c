/* Every state has its own words, says who said so, and never claims more than is known. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/present/witness.h"
#include "tests/support/check.h"

#define NOW INT64_C(1763719200000)

static const struct present_env env = {.now_ms = NOW, .stale_ms = 5000};

static const struct app_decl decl = {.team = "ods",
	.name = "a",
	.job_name = "a",
	.cluster = "sessions",
	.error = "f.yaml:1:2: no"};

static const struct {
	const char *name;
	enum app_state state;
	enum state_detail detail;
	enum job_status status; /* NONE: no job */
	bool has_cluster, has_failed;
	const char *want;
} rows[] = {
	{"running", STATE_RUNNING, DETAIL_NONE, JOB_RUNNING, true, false,
		"the JobManager at http://jm:8081 said RUNNING, 4s ago"},
	{"missing in the last answer", STATE_UNKNOWN, DETAIL_MISSING, JOB_RUNNING, true, false,
		"the last answer did not list it; before, the JobManager at http://jm:8081 said "
		"RUNNING, 4s ago"},
	{"starting", STATE_STARTING, DETAIL_NONE, JOB_CREATED, true, false,
		"the JobManager at http://jm:8081 said CREATED, 4s ago"},
	{"no slots", STATE_STARTING, DETAIL_WAITING_FOR_SLOTS, JOB_RUNNING, true, false,
		"no slots: 2 of 4 tasks wait; the JobManager at http://jm:8081 said RUNNING, 4s "
		"ago"},
	{"looping", STATE_RESTARTING, DETAIL_LOOPING, JOB_RUNNING, true, false,
		"it restarts again and again, 12 times an hour; the JobManager at http://jm:8081 "
		"said RUNNING, 4s ago"},
	{"restarting without slots", STATE_RESTARTING, DETAIL_WAITING_FOR_SLOTS, JOB_RESTARTING,
		true, false,
		"it restarts and finds no free slots, 12 times an hour; the JobManager at "
		"http://jm:8081 said "
		"RESTARTING, 4s ago"},
	{"failed", STATE_FAILED, DETAIL_NONE, JOB_FAILED, true, false,
		"the JobManager at http://jm:8081 said FAILED, 4s ago"},
	{"finished", STATE_FINISHED, DETAIL_NONE, JOB_FINISHED, true, false,
		"the JobManager at http://jm:8081 said FINISHED, 4s ago"},
	{"lost", STATE_LOST, DETAIL_NONE, JOB_RUNNING, true, false,
		"the JobManager at http://jm:8081 answers and no longer knows the job; last listed "
		"4s ago"},
	{"unreachable", STATE_UNREACHABLE, DETAIL_NONE, JOB_RUNNING, true, true,
		"nobody answers at http://jm:8081: connection refused; last seen RUNNING 4s ago"},
	{"unreachable, nothing known", STATE_UNREACHABLE, DETAIL_NONE, JOB_STATUS_NONE, true, true,
		"nobody answers at http://jm:8081: connection refused"},
	{"no leader", STATE_RESTARTING, DETAIL_LEADER_CHANGING, JOB_RUNNING, true, true,
		"leader changing: no JobManager of 'sessions' leads; the next one takes its jobs "
		"up; last seen RUNNING 4s ago: connection refused"},
	{"added", STATE_ADDED, DETAIL_NONE, JOB_STATUS_NONE, true, false,
		"declared; the cluster 'sessions' answers and has no such job, 2s ago"},
	{"added, without a cluster", STATE_ADDED, DETAIL_NONE, JOB_STATUS_NONE, false, false,
		"declared; it names no cluster"},
	{"broken", STATE_UNKNOWN, DETAIL_INVALID, JOB_STATUS_NONE, true, false,
		"its file is broken: f.yaml:1:2: no"},
	{"no such cluster", STATE_UNKNOWN, DETAIL_NO_CLUSTER, JOB_STATUS_NONE, false, false,
		"its file names the cluster 'sessions', which context 'prod' does not have"},
	{"duplicate", STATE_UNKNOWN, DETAIL_DUPLICATE, JOB_STATUS_NONE, true, false,
		"2 applications share its job name; no job is taken for its own"},
	{"expired", STATE_UNKNOWN, DETAIL_EXPIRED, JOB_RUNNING, true, false,
		"it ended while nobody watched: Flink forgets ended jobs after a while; last "
		"listed "
		"4s ago"},
	{"never asked", STATE_UNKNOWN, DETAIL_NONE, JOB_STATUS_NONE, true, false,
		"the cluster 'sessions' has not answered yet"},
};

static void each_state_has_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cluster cluster = {
			.name = (char[]){"sessions"},
			.address = (char[]){"http://jm:8081"},
			.observed_ms = NOW - 2000,
		};
		struct job job = {
			.summary = {.status = rows[i].status,
				.tasks = {.total = 4, .running = 2, .scheduled = 2}},
			.seen_ms = NOW - 4000,
			.restarts_per_hour = 12,
		};
		struct app app = {
			.context = (char[]){"prod"},
			.decl = &decl,
			.job = rows[i].status ? &job : NULL,
			.cluster = rows[i].has_cluster ? &cluster : NULL,
			.state = rows[i].state,
			.detail = rows[i].detail,
			.duplicates = rows[i].detail == DETAIL_DUPLICATE ? 2 : 0,
		};
		struct buf text;
		if (rows[i].has_failed)
			cluster.last_err = (struct kept_err){E_NET, "connection refused"};
		buf_init(&text, 0);
		app_reason(&app, &env, &text);
		check_str(rows[i].name, buf_str(&text), rows[i].want);
		buf_release(&text);
	}
}

static void what_somebody_else_remembers_is_his_word(void **state)
{
	static const struct {
		char place[32];
		const char *want;
	} told[] = {
		{"gw:/past",
			"it ended while nobody watched; the job archive gw:/past said FAILED; it "
			"ended 9m00s ago"},
		{"http://hs:8082",
			"it ended while nobody watched; the HistoryServer at http://hs:8082 said "
			"FAILED; it ended 9m00s ago"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		struct job job = {.summary = {.status = JOB_FAILED, .end_ms = NOW - 540000},
			.said_by = (char *)(uintptr_t)told[i].place};
		struct app app = {.context = (char[]){"prod"}, .job = &job, .state = STATE_FAILED};
		struct buf text;
		buf_init(&text, 0);
		app_reason(&app, &env, &text);
		check_str(told[i].place, buf_str(&text), told[i].want);
		buf_release(&text);
	}
}

/* Whatever state comes to be, something is said. */
static void no_state_is_without_words(void **state)
{
	(void)state;
	for (int i = 0; i < STATE_MAX; i++) {
		for (int k = 0; k < DETAIL_MAX; k++) {
			struct app app = {.context = (char[]){"prod"},
				.state = (enum app_state)i,
				.detail = (enum state_detail)k};
			struct buf text;
			buf_init(&text, 0);
			app_reason(&app, &env, &text);
			check_bool(app_state_name(app.state), text.len > 0, true);
			buf_release(&text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_its_words),
		cmocka_unit_test(what_somebody_else_remembers_is_his_word),
		cmocka_unit_test(no_state_is_without_words),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
