/*
 * Starts on real Flink: a jar by REST, by `flink run` over SSH, SQL by a real SQL Gateway and by
 * sql-client.sh, from a savepoint, and every refusal with its words. Each job is then asked for by
 * a client that is not weir's.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/live.h"
#include "tests/e2e/starting.h"
#include "tests/support/check.h"

static const char *version;
static struct starting *s;

/* For 1.16 there is none on the Pythons of today. */
static bool has_pyflink(void)
{
	return !str_starts(version, "1.16");
}

/* What goes one way through every version is shown on the first one, and on each in the full run. */
static bool is_in_full(void)
{
	return str_eq(version, flink_versions()[0]) || !str_empty(getenv("WEIR_TEST_FULL"));
}

static json_t *job(void)
{
	char *path = xasprintf("/jobs/%s", s->job_id);
	json_t *answer = flink_get(s->flink, path);

	free(path);
	return answer;
}

/* The job with our id runs, and is called `name`. */
static void check_runs(const char *what, const char *name)
{
	json_t *answer;

	if (s->err.code)
		fail_msg("%s: %s\n%s", what, s->err.text, buf_str(&s->output));
	check_int(what, starting_settled(s), JOB_RUNNING);
	answer = job();
	check_str(what, json_string_value(json_object_get(answer, "name")), name);
	json_decref(answer);
}

static void check_refused(const char *what, int code, const char *text)
{
	if (s->err.code != code || !strstr(s->err.text, text))
		fail_msg("%s: code %d, not %d: '%s' has no '%s'\n%s", what, s->err.code, code,
			s->err.text, text, buf_str(&s->output));
}

static size_t jars(void)
{
	json_t *answer = flink_get(s->flink, "/jars");
	size_t count = json_array_size(json_object_get(answer, "files"));

	json_decref(answer);
	return count;
}

static void a_jar_by_rest_is_uploaded_once(void **state)
{
	static const struct setting checkpoints[] = {{"execution.checkpointing.interval", "700ms"}};
	struct deployment deployment = starting_jar(s, "orders 订单");

	(void)state;
	deployment.env.home = NULL;
	starting_go(s, &deployment, NULL, NULL);
	check_runs("first", "orders 订单");
	check_has("log", buf_str(&s->output), "uploading");
	starting_cancel(s);
	if (!str_starts(version, "1.16")) {
		deployment.properties = checkpoints;
		deployment.property_count = 1;
	}
	starting_go(s, &deployment, NULL, NULL);
	check_runs("second", "orders 订单");
	check_has("log", buf_str(&s->output), "is there already");
	check_int("one jar", (int64_t)jars(), 1);
	starting_cancel(s);
	if (str_starts(version, "1.16")) {
		deployment.properties = checkpoints;
		deployment.property_count = 1;
		starting_go(s, &deployment, NULL, NULL);
		check_refused("1.16", E_UNSUPPORTED, "takes no properties");
	}
}

static void from_a_savepoint(void **state)
{
	static const char *const other[] = {"--sql",
		"CREATE TABLE a (id BIGINT) WITH ('connector'='datagen');\n"
		"CREATE TABLE b (id BIGINT) WITH ('connector'='blackhole');\n"
		"INSERT INTO b SELECT id FROM a;\n"};
	struct deployment deployment = starting_jar(s, "orders");
	char *savepoint, *path;
	json_t *answer;

	(void)state;
	starting_go(s, &deployment, NULL, NULL);
	check_runs("first", "orders");
	savepoint = starting_stop(s);
	starting_go(s, &deployment, savepoint, "NO_CLAIM");
	check_runs("again", "orders");
	path = xasprintf("/jobs/%s/checkpoints", s->job_id);
	answer = flink_get(s->flink, path);
	check_str("restored",
		json_string_value(json_object_get(
			json_object_get(json_object_get(answer, "latest"), "restored"),
			"external_path")),
		savepoint);
	json_decref(answer);
	free(path);
	starting_cancel(s);
	/* Another program cannot take that state. */
	deployment.main_class = "weir.demo.DemoSql";
	deployment.args = other;
	deployment.arg_count = ARRAY_SIZE(other);
	starting_go(s, &deployment, savepoint, NULL);
	check_refused("incompatible", E_REMOTE, "Cannot map checkpoint/savepoint state");
	check_refused("incompatible", E_REMOTE, "--allow-non-restored-state");
	free(savepoint);
}

static void refusals_by_rest(void **state)
{
	struct deployment deployment = starting_jar(s, "orders");

	(void)state;
	deployment.main_class = NULL;
	starting_go(s, &deployment, NULL, NULL);
	check_refused("no main class", E_REMOTE, "say main-class:");
	deployment.main_class = "weir.demo.Nope";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("bad class", E_REMOTE, "weir.demo.Nope");
	deployment = starting_jar(s, "orders");
	starting_go(s, &deployment, "file:///nonexistent/savepoint", NULL);
	check_refused("no savepoint", E_REMOTE, "Cannot find checkpoint or savepoint");
	deployment.artifact = "/nonexistent/x.jar";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("no jar", E_NOTFOUND, "/nonexistent/x.jar");
	deployment = starting_jar(s, "orders");
	deployment.artifact_sha256 =
		"0000000000000000000000000000000000000000000000000000000000000000";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("another jar", E_CONFLICT, "is not what was released");
	deployment = starting_jar(s, "orders");
	/* Taken; a young cluster waits whether more slots come. */
	deployment.parallelism = 99;
	starting_go(s, &deployment, NULL, NULL);
	check_ok("no slots", s->err.code, &s->err);
	starting_ask(s, &(struct source_request){.verb = SOURCE_TASKS});
	check_int("no slots", s->answer.job_status, JOB_RUNNING);
	check_int("no slots", s->answer.tasks_running, 0);
	starting_cancel(s);
}

static void by_flink_run_over_ssh(void **state)
{
	struct deployment deployment = starting_jar(s, "by ssh");

	(void)state;
	deployment.env.host = "gw";
	starting_go(s, &deployment, NULL, NULL);
	check_runs("run", "by ssh");
	check_has("log", buf_str(&s->output), "Job has been submitted with JobID");
	starting_cancel(s);
	deployment.main_class = "weir.demo.Nope";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("bad class", E_REMOTE, "weir.demo.Nope");
	deployment = starting_jar(s, "by ssh");
	deployment.env.host = "gw";
	starting_go(s, &deployment, "file:///nonexistent/savepoint", NULL);
	check_refused("no savepoint", E_REMOTE, "Cannot find checkpoint or savepoint");
	deployment.env.home = "/nonexistent";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("no flink", E_REMOTE, "/nonexistent");
}

#define TABLES                                                                                     \
	"CREATE TEMPORARY TABLE src (id BIGINT) WITH ('connector'='datagen',\n"                    \
	"  'rows-per-second'='5'); -- a comment; with a semicolon\n"                               \
	"CREATE TEMPORARY TABLE `b;h` (id BIGINT) WITH ('connector'='blackhole');\n"               \
	"SET 'table.exec.mini-batch.enabled' = 'false';\n"

static struct deployment sql(const char *text)
{
	struct deployment deployment = starting_jar(s, "by sql");

	deployment.type = APP_SQL;
	deployment.artifact = deployment.main_class = NULL;
	deployment.arg_count = 0;
	deployment.sql = text;
	return deployment;
}

static void sql_cases(const char *gateway, const char *host)
{
	struct deployment deployment = sql(TABLES "INSERT INTO `b;h` SELECT id FROM src;\n");

	deployment.env.sql_gateway = gateway;
	deployment.env.host = host;
	starting_go(s, &deployment, NULL, NULL);
	check_runs("insert", "by sql");
	starting_cancel(s);
	if (!is_in_full())
		return;
	deployment.sql = TABLES "BEGIN STATEMENT SET;\nINSERT INTO `b;h` SELECT id FROM src;\n"
				"INSERT INTO `b;h` SELECT id + 1 FROM src;\nEND;\n";
	starting_go(s, &deployment, NULL, NULL);
	check_runs("statement set", "by sql");
	starting_cancel(s);
	deployment.sql = TABLES "INSERT INTO `b;h`\n  SELECT nope FROM src;\n";
	starting_go(s, &deployment, NULL, NULL);
	/* The client of 1.16 does not say where: then it is where the statement begins. */
	check_refused("no column", E_REMOTE,
		str_starts(version, "1.16") ? "SQL line 5: "
					    : "SQL line 6, column 10: Column 'nope' not found");
	deployment.sql = TABLES "INSERT INTO `b;h`\n  SELECT id FORM src;\n";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("syntax", E_REMOTE, "SQL line 6, column 18: ");
	deployment.sql = "CREATE TEMPORARY TABLE x (id BIGINT) WITH ('connector'='nosuch');\n"
			 "CREATE TEMPORARY TABLE y (id BIGINT) WITH ('connector'='blackhole');\n"
			 "INSERT INTO y SELECT id FROM x";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("no connector", E_REMOTE, "nosuch");
}

static void sql_by_a_gateway(void **state)
{
	char *gateway = flink_script("tests/testbed/flink",
		(const char *const[]){"gateway", s->flink->name, "auto", NULL}, FLINK_START_MS);
	struct deployment deployment = sql(TABLES "INSERT INTO `b;h` SELECT id FROM src;");

	(void)state;
	if (str_starts(version, "1.16")) {
		deployment.env.sql_gateway = gateway;
		starting_go(s, &deployment, NULL, NULL);
		check_refused("1.16", E_UNSUPPORTED, "takes no job id");
		free(gateway);
		return;
	}
	sql_cases(gateway, NULL);
	if (is_in_full())
		sql_cases(gateway, "gw"); /* behind a host */
	deployment.env.sql_gateway = "http://127.0.0.1:1";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("nobody there", E_NET, "127.0.0.1:1");
	deployment.sql = TABLES "INSERT INTO `b;h` SELECT 1;\nINSERT INTO `b;h` SELECT 2;";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("two jobs", E_ARG, "each makes a job of its own");
	free(gateway);
}

static void sql_by_the_client(void **state)
{
	(void)state;
	sql_cases(NULL, "gw");
}

static void python_by_flink_run(void **state)
{
	static const char *const args[] = {"--rate", "5"}, *const wrong[] = {"--nope"};
	struct setting python = {"python.client.executable", NULL};
	struct deployment deployment = starting_jar(s, "by python 订单");
	char *artifact = realpath("tests/testbed/jobs/python/count.py", NULL);
	char *nowhere = xasprintf("%s/none.py", s->dir), *executable;

	(void)state;
	if (!has_pyflink() || !is_in_full())
		goto out;
	executable = flink_script("tests/testbed/flink",
		(const char *const[]){"python", version, NULL}, FLINK_START_MS);
	python.value = executable;
	deployment.type = APP_PYFLINK;
	deployment.env.host = "gw";
	deployment.artifact = artifact;
	deployment.main_class = NULL;
	deployment.args = args;
	deployment.arg_count = 2;
	deployment.properties = &python;
	deployment.property_count = 1;
	starting_go(s, &deployment, NULL, NULL);
	check_runs("python", "by python 订单");
	starting_cancel(s);
	deployment.args = wrong;
	deployment.arg_count = 1;
	starting_go(s, &deployment, NULL, NULL);
	check_refused("wrong argument", E_REMOTE, "unrecognized arguments: --nope");
	deployment.artifact = nowhere;
	starting_go(s, &deployment, NULL, NULL);
	check_refused("no file", E_REMOTE, "none.py");
	deployment.artifact = artifact;
	python.value = "/nonexistent/python";
	starting_go(s, &deployment, NULL, NULL);
	check_refused("no python", E_REMOTE, "/nonexistent/python");
	free(executable);
out:
	free(nowhere);
	free(artifact);
}

static int leave_group(void **state)
{
	(void)state;
	if (s)
		starting_close(s);
	s = NULL;
	return 0;
}

static int enter(void **state)
{
	static const char *failed;
	const char *wanted = *state;

	if (!flink_must_start(s ? s->flink : NULL, &failed, wanted))
		return 0;
	leave_group(NULL);
	version = wanted;
	s = starting_open(version, "start");
	failed = NULL;
	return 0;
}

int main(void)
{
	static const struct live_case cases[] = {
		{"a jar by rest is uploaded once", a_jar_by_rest_is_uploaded_once, NULL},
		{"from a savepoint", from_a_savepoint, NULL},
		{"refusals by rest", refusals_by_rest, NULL},
		{"by flink run over ssh", by_flink_run_over_ssh, NULL},
		{"sql by a gateway", sql_by_a_gateway, NULL},
		{"sql by the client", sql_by_the_client, NULL},
		{"python by flink run", python_by_flink_run, NULL},
	};

	return live_run("start", cases, ARRAY_SIZE(cases), enter, NULL, leave_group);
}
