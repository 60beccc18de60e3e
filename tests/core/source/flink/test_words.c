/* A start as command line, settings and request body, for each target and each version. */
#include "tests/core/source/flink/fixture.h"

#include "core/base/str.h"
#include "core/source/flink/words.h"
#include "tests/support/check.h"

#define JOB "0123456789abcdef0123456789abcdef"
#define ID "'-D$internal.pipeline.job-id=" JOB "'"
#define NAMED_Q ID " '-Dpipeline.name=orders'"

static const char *const args[] = {"--mode", "count"};
static const struct setting parallel[] = {{"execution.checkpointing.interval", "60s"}};
static const struct setting yarn_session[] = {{"yarn.application.id", "application_1_0002"}};
static const struct setting k8s_session[] = {{"kubernetes.cluster-id", "sessions"}};
static const struct setting tagged[] = {{"yarn.tags", "team-a"}, {"yarn.application.name", "x"}};

static struct deployment deployment_of(enum deployment_target target)
{
	return (struct deployment){
		.context = "prod",
		.team = "ods",
		.name = "orders",
		.job_name = "orders",
		.type = APP_JAR,
		.target = target,
		.env = {.name = "x", .home = "/opt/flink"},
		.artifact = "/rel/orders.jar",
		.artifact_size = -1,
		.main_class = "com.example.Orders",
		.args = args,
		.arg_count = 2,
		.parallelism = 2,
	};
}

#define TAIL " -p 2 -c com.example.Orders /rel/orders.jar --mode count"

static void each_target_and_version_has_its_words(void **state)
{
	static const struct {
		const char *name, *version;
		enum deployment_target target;
		const struct setting *properties;
		size_t property_count;
		const char *want; /* behind "/opt/flink/bin/flink " */
	} rows[] = {
		{"remote 1.16", "1.16.3", TARGET_REMOTE, parallel, 1,
			"run -d -t remote '-Drest.address=jm1' '-Drest.port=8081' " NAMED_Q
			" '-Dexecution.checkpointing.interval=60s'" TAIL},
		{"remote 1.20", "1.20.5", TARGET_REMOTE, NULL, 0,
			"run -d -t remote '-Drest.address=jm1' '-Drest.port=8081' " NAMED_Q TAIL},
		{"remote 2.2", "2.2.1", TARGET_REMOTE, NULL, 0,
			"run -d -t remote '-Drest.address=jm1' '-Drest.port=8081' " NAMED_Q TAIL},
		{"yarn-session 1.16", "1.16.3", TARGET_YARN_SESSION, yarn_session, 1,
			"run -d -t yarn-session " NAMED_Q
			" '-Dyarn.application.id=application_1_0002'" TAIL},
		{"yarn-session 2.2", "2.2.1", TARGET_YARN_SESSION, yarn_session, 1,
			"run -d -t yarn-session " NAMED_Q
			" '-Dyarn.application.id=application_1_0002'" TAIL},
		{"yarn-per-job 1.16", "1.16.3", TARGET_YARN_PER_JOB, NULL, 0,
			"run -d -t yarn-per-job '-Dyarn.application.name=orders' "
			"'-Dyarn.tags=weir-" JOB "' " NAMED_Q TAIL},
		{"yarn-per-job 1.20", "1.20.5", TARGET_YARN_PER_JOB, NULL, 0,
			"run -d -t yarn-per-job '-Dyarn.application.name=orders' "
			"'-Dyarn.tags=weir-" JOB "' " NAMED_Q TAIL},
		{"yarn-application 1.16", "1.16.3", TARGET_YARN_APPLICATION, tagged, 2,
			"run-application -d -t yarn-application " NAMED_Q
			" '-Dyarn.tags=team-a' '-Dyarn.application.name=x'" TAIL},
		{"yarn-application 1.20", "1.20.5", TARGET_YARN_APPLICATION, NULL, 0,
			"run-application -d -t yarn-application '-Dyarn.application.name=orders' "
			"'-Dyarn.tags=weir-" JOB "' " NAMED_Q TAIL},
		{"yarn-application 2.2", "2.2.1", TARGET_YARN_APPLICATION, NULL, 0,
			"run -d -t yarn-application '-Dyarn.application.name=orders' "
			"'-Dyarn.tags=weir-" JOB "' " NAMED_Q TAIL},
		{"kubernetes-session 1.20", "1.20.5", TARGET_KUBERNETES_SESSION, k8s_session, 1,
			"run -d -t kubernetes-session " NAMED_Q
			" '-Dkubernetes.cluster-id=sessions'" TAIL},
		{"kubernetes-application 1.16", "1.16.3", TARGET_KUBERNETES_APPLICATION, NULL, 0,
			"run-application -d -t kubernetes-application "
			"'-Dkubernetes.cluster-id=orders-01234567' " NAMED_Q
			" -p 2 -c com.example.Orders local:///rel/orders.jar --mode count"},
		{"kubernetes-application 2.2", "2.2.1", TARGET_KUBERNETES_APPLICATION, NULL, 0,
			"run -d -t kubernetes-application "
			"'-Dkubernetes.cluster-id=orders-01234567' " NAMED_Q
			" -p 2 -c com.example.Orders local:///rel/orders.jar --mode count"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct deployment deployment = deployment_of(rows[i].target);
		struct flink_start start = {.deployment = &deployment,
			.job_id = JOB,
			.version = rows[i].version,
			.address = "http://jm1:8081"};
		struct flink_words words = {0};
		struct err err = {0};
		char *line;

		deployment.properties = rows[i].properties;
		deployment.property_count = rows[i].property_count;
		check_ok(rows[i].name, flink_words(&words, &start, &err), &err);
		line = flink_words_line(&words, false);
		check_has(rows[i].name, line, "/opt/flink/bin/flink ");
		check_str(rows[i].name, line + strlen("/opt/flink/bin/flink "), rows[i].want);
		free(line);
		flink_words_release(&words);
	}
}

static void a_restore_point_by_version(void **state)
{
	static const struct {
		const char *version, *mode, *want;
		bool allow;
	} rows[] = {
		{"1.16.3", NULL, " -s file:///sp/x /rel/", false},
		{"1.16.3", "CLAIM", " -s file:///sp/x -n -rm CLAIM /rel/", true},
		{"1.20.5", "NO_CLAIM", " -s file:///sp/x -cm NO_CLAIM /rel/", false},
		{"2.2.1", "CLAIM", " -s file:///sp/x -n -cm CLAIM /rel/", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct deployment deployment = deployment_of(TARGET_REMOTE);
		struct flink_start start = {.deployment = &deployment,
			.job_id = JOB,
			.version = rows[i].version,
			.address = "http://jm1:8081",
			.restore_path = "file:///sp/x",
			.restore_mode = rows[i].mode,
			.allow_non_restored_state = rows[i].allow};
		struct flink_words words = {0};
		struct err err = {0};
		char *line;

		deployment.main_class = NULL;
		check_ok(rows[i].version, flink_words(&words, &start, &err), &err);
		line = flink_words_line(&words, false);
		check_has(rows[i].version, line, rows[i].want);
		free(line);
		flink_words_release(&words);
	}
}

static void python(void **state)
{
	struct deployment deployment = deployment_of(TARGET_REMOTE);
	struct flink_start start = {
		.deployment = &deployment, .job_id = JOB, .address = "https://[::1]:8081"};
	struct flink_words words = {0};
	struct err err = {0};
	char *line;

	(void)state;
	deployment.type = APP_PYFLINK;
	deployment.artifact = "/rel/orders.py";
	deployment.main_class = NULL;
	check_ok("py", flink_words(&words, &start, &err), &err);
	line = flink_words_line(&words, false);
	check_has("py", line, " -p 2 -py /rel/orders.py --mode count");
	check_has("address", line,
		"'-Drest.address=::1' '-Drest.port=8081' "
		"'-Dsecurity.ssl.rest.enabled=true'");
	free(line);
	flink_words_release(&words);
	deployment.artifact = "/rel/orders.zip";
	deployment.main_class = "orders.main";
	check_ok("pym", flink_words(&words, &start, &err), &err);
	line = flink_words_line(&words, false);
	check_has("pym", line, " -pyfs /rel/orders.zip -pym orders.main --mode count");
	free(line);
	flink_words_release(&words);
}

static void what_cannot_be_said(void **state)
{
	static const struct setting secrets[] = {{"fs.s3a.secret.key", "abc"}};
	static const char *const secret_args[] = {"--url", "x", "--password", "hunter2"};
	struct deployment deployment;
	struct flink_start start = {.deployment = &deployment,
		.job_id = JOB,
		.version = "2.2.1",
		.address = "http://jm1:8081"};
	struct flink_words words = {0};
	struct err err = {0};
	char *line;

	(void)state;
	deployment = deployment_of(TARGET_YARN_PER_JOB);
	check_err("per job", flink_words(&words, &start, &err), &err, E_UNSUPPORTED,
		"use yarn-application");
	deployment = deployment_of(TARGET_YARN_SESSION);
	check_err("no session", flink_words(&words, &start, &err), &err, E_ARG,
		"yarn.application.id");
	deployment = deployment_of(TARGET_KUBERNETES_SESSION);
	check_err("no session", flink_words(&words, &start, &err), &err, E_ARG,
		"kubernetes.cluster-id");
	deployment = deployment_of(TARGET_REMOTE);
	start.address = "http://gate/flink/one";
	check_err("a path", flink_words(&words, &start, &err), &err, E_UNSUPPORTED,
		"a host and a port");
	start.address = "http://jm1:8081";
	start.restore_mode = "LEGACY";
	check_err("legacy", flink_words(&words, &start, &err), &err, E_UNSUPPORTED,
		"no restore mode LEGACY");
	start.restore_mode = NULL;
	deployment.properties = secrets;
	deployment.property_count = 1;
	check_err("secret property", flink_words(&words, &start, &err), &err, E_DENIED,
		"fs.s3a.secret.key");
	assert_null(strstr(err.text, "abc"));
	deployment.property_count = 0;
	deployment.args = secret_args;
	deployment.arg_count = 4;
	check_err("secret argument", flink_words(&words, &start, &err), &err, E_DENIED,
		"argument --password");
	assert_null(strstr(err.text, "hunter2"));
	deployment.allow_secret_argv = true;
	check_ok("allowed", flink_words(&words, &start, &err), &err);
	line = flink_words_line(&words, true);
	assert_null(strstr(line, "hunter2"));
	free(line);
	flink_words_release(&words);
}

static void bodies_by_version(void **state)
{
	static const struct {
		const char *version, *mode, *want;
		size_t properties;
	} rows[] = {
		{"1.16.3", "CLAIM",
			"{\"entryClass\": \"com.example.Orders\", \"programArgsList\": "
			"[\"--mode\", "
			"\"count\"], \"jobId\": \"" JOB
			"\", \"parallelism\": 2, \"savepointPath\": \"file:///x\", "
			"\"allowNonRestoredState\": false, \"restoreMode\": \"CLAIM\"}",
			0},
		{"1.20.5", "CLAIM",
			"{\"entryClass\": \"com.example.Orders\", \"programArgsList\": "
			"[\"--mode\", "
			"\"count\"], \"jobId\": \"" JOB
			"\", \"parallelism\": 2, \"savepointPath\": \"file:///x\", "
			"\"allowNonRestoredState\": false, \"claimMode\": \"CLAIM\", "
			"\"flinkConfiguration\": {\"pipeline.name\": \"orders\", "
			"\"execution.checkpointing.interval\": \"60s\"}}",
			1},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct deployment deployment = deployment_of(TARGET_REMOTE);
		struct flink_start start = {.deployment = &deployment,
			.job_id = JOB,
			.version = rows[i].version,
			.restore_path = "file:///x",
			.restore_mode = rows[i].mode};
		char *body;

		deployment.properties = parallel;
		deployment.property_count = rows[i].properties;
		body = flink_start_body(&start, &err);
		check_str(rows[i].version, body, rows[i].want);
		free(body);
		if (i)
			continue;
		deployment.property_count = 1;
		body = flink_start_body(&start, &err);
		assert_null(body);
		check_err("1.16", err.code, &err, E_UNSUPPORTED, "takes no properties");
	}
}

static void versions_and_names(void **state)
{
	static const struct {
		const char *text, *version;
		int number;
	} rows[] = {
		{"flink-dist-1.20.5.jar\n", "1.20.5", 120},
		{"flink-dist_2.12-1.14.6.jar\n", "1.14.6", 114},
		{"/opt/flink-2.2.1", "2.2.1", 202},
		{"/opt/flink/1.16", "1.16", 116},
		{"1.20", "1.20", 120},
		{"/opt/flink", NULL, 0},
		{"", NULL, 0},
	};
	char *name;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *version = flink_version_in(rows[i].text);

		check_str(rows[i].text, version, rows[i].version);
		check_int(rows[i].text, flink_version_number(version), rows[i].number);
		free(version);
	}
	name = flink_jar_name("/a/b/or ders\"1.jar", "0123456789abcdef0123");
	check_str("jar", name, "0123456789abcdef-or_ders_1.jar");
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_target_and_version_has_its_words),
		cmocka_unit_test(a_restore_point_by_version),
		cmocka_unit_test(python),
		cmocka_unit_test(what_cannot_be_said),
		cmocka_unit_test(bodies_by_version),
		cmocka_unit_test(versions_and_names),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
