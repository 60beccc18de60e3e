/* Small and quick variants of the demo's jobs: states are reached within seconds. */
#include "tests/e2e/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

#define SQL                                                                                        \
	"CREATE TABLE clicks (user_id BIGINT, page INT) WITH ('connector' = 'datagen', "           \
	"'rows-per-second' = '20');\n"                                                             \
	"CREATE TABLE visits (page INT, n BIGINT) WITH ('connector' = 'blackhole');\n"             \
	"INSERT INTO visits SELECT page, COUNT(*) FROM clicks GROUP BY page;\n"

const json_t *jobs_entry(const json_t *overview, const char *job_id)
{
	const json_t *job;
	size_t i;

	json_array_foreach (json_object_get(overview, "jobs"), i, job)
		if (str_eq(json_string_value(json_object_get(job, "jid")), job_id))
			return job;
	fail_msg("the JobManager does not list job %s", job_id);
	return NULL;
}

json_t *jobs_get(const struct flink *flink, const char *job_id, const char *rest)
{
	char *path = xasprintf("/jobs/%s%s", job_id, rest);
	json_t *answer = flink_get(flink, path);

	if (!answer)
		fail_msg("GET %s was not answered", path);
	free(path);
	return answer;
}

/* ---- until each is in its state ---- */

static bool is_in_state(const json_t *overview, const char *job_id, const char *state)
{
	const json_t *job = jobs_entry(overview, job_id), *tasks = json_object_get(job, "tasks");

	if (!str_eq(json_string_value(json_object_get(job, "state")), state))
		return false;
	return !str_eq(state, "RUNNING") ||
		json_integer_value(json_object_get(tasks, "running")) ==
		json_integer_value(json_object_get(tasks, "total"));
}

static json_int_t completed_checkpoints(struct flink *flink, const char *job_id)
{
	json_t *answer = jobs_get(flink, job_id, "/checkpoints");
	json_int_t count =
		json_integer_value(json_object_get(json_object_get(answer, "counts"), "completed"));

	json_decref(answer);
	return count;
}

static size_t failures(struct flink *flink, const char *job_id)
{
	json_t *answer = jobs_get(flink, job_id, "/exceptions");
	size_t count = json_array_size(
		json_object_get(json_object_get(answer, "exceptionHistory"), "entries"));

	json_decref(answer);
	return count;
}

int64_t jobs_restarts(const struct flink *flink, const char *job_id)
{
	json_t *answer = jobs_get(flink, job_id, "/metrics?get=numRestarts");
	const char *value = json_string_value(json_object_get(json_array_get(answer, 0), "value"));
	int64_t count = -1;

	if (!value || !str_to_int64(value, &count))
		count = -1;
	json_decref(answer);
	return count;
}

static bool is_settled(struct flink *flink, void *data)
{
	const struct jobs *jobs = data;
	json_t *overview = flink_get(flink, "/jobs/overview");
	const char *const healthy[] = {jobs->count, jobs->plain, jobs->sql, jobs->slow};
	bool settled = overview != NULL;

	for (size_t i = 0; settled && i < ARRAY_SIZE(healthy); i++)
		settled = is_in_state(overview, healthy[i], "RUNNING") &&
			jobs_restarts(flink, healthy[i]) == 0;
	settled = settled && is_in_state(overview, jobs->finish, "FINISHED") &&
		is_in_state(overview, jobs->fail, "FAILED") &&
		completed_checkpoints(flink, jobs->count) >= 2 &&
		completed_checkpoints(flink, jobs->plain) >= 1 &&
		failures(flink, jobs->loop) >= JOBS_LOOP_RESTARTS &&
		jobs_restarts(flink, jobs->loop) >= 1;
	json_decref(overview);
	return settled;
}

void jobs_start(struct jobs *jobs, struct flink *flink)
{
	jobs->count = flink_submit(flink,
		WORDS("--parallelism", "2", "--", "--mode", "count", "--name", "订单同步", "--rate",
			"50", "--interval", "1000", "--state-kb", "256"));
	jobs->plain = flink_submit(flink,
		WORDS("--", "--mode", "count", "--name", "user-profile", "--rate", "20",
			"--interval", "3000", "--retain", "false"));
	jobs->sql = flink_submit(flink,
		WORDS("--class", "DemoSql", "--", "--name", "page-views-by-sql", "--sql", SQL));
	jobs->slow = flink_submit(flink,
		WORDS("--", "--mode", "backpressure", "--name", "clickstream", "--work", "20",
			"--sync", "1500", "--interval", "5000"));
	jobs->loop = flink_submit(flink,
		WORDS("--", "--mode", "loop", "--name", "fraud-score", "--rate", "20", "--after",
			"20", "--delay", "1500", "--interval", "5000"));
	jobs->finish = flink_submit(flink,
		WORDS("--", "--mode", "finish", "--name", "backfill", "--records", "50", "--rate",
			"100"));
	jobs->fail = flink_submit(flink,
		WORDS("--", "--mode", "fail", "--name", "daily-report", "--rate", "50", "--after",
			"20"));
	flink_until(flink, "all jobs are in their states", is_settled, jobs);
}

void jobs_release(struct jobs *jobs)
{
	char *const ids[] = {jobs->count, jobs->plain, jobs->sql, jobs->slow, jobs->loop,
		jobs->finish, jobs->fail};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		free(ids[i]);
	memset(jobs, 0, sizeof(*jobs));
}

/* ---- what is declared ---- */

static void declare_app(struct bench *bench, const char *team, const char *name, const char *more)
{
	char *path = xasprintf("ws/teams/%s/apps/%s.yaml", team, name);
	char *text =
		xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ncluster: sessions\n"
			  "target: remote\n%s\n",
			name, more);

	bench_file(bench, path, text);
	free(text);
	free(path);
}

void jobs_declare(struct bench *bench, const char *url)
{
	static const char *const teams[][2] = {
		{"ods", "li"}, {"growth", "wang"}, {"risk", "marta"}};

	bench_set(bench, "url", url);
	bench_file(bench, "config.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: {home}/ws\n"
		"  clusters:\n  - {name: sessions, type: standalone, rest: \"{url}\"}\n");
	for (size_t i = 0; i < ARRAY_SIZE(teams); i++) {
		char *path = xasprintf("ws/teams/%s/team.yaml", teams[i][0]);
		char *text = xasprintf("apiVersion: weir/v1\nkind: Team\nname: %s\nowner: %s\n",
			teams[i][0], teams[i][1]);

		bench_file(bench, path, text);
		free(text);
		free(path);
	}
	declare_app(bench, "ods", "order-sync",
		"type: jar\njobName: 订单同步\nparallelism: 2\nowner: li\ntags: [cdc, tier1]");
	declare_app(bench, "ods", "user-profile", "type: jar\nowner: chen");
	declare_app(bench, "growth", "page-views",
		"type: sql\njobName: page-views-by-sql\nsql: SELECT 1");
	declare_app(bench, "growth", "clickstream", "type: jar");
	declare_app(bench, "risk", "fraud-score", "type: jar\npriority: 10");
	declare_app(bench, "risk", "limit-check", "type: jar");
}
