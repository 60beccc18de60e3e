#include "tests/core/source/flink/fixture.h"

static void errors_in_one_line(void **state)
{
	static const struct {
		const char *name, *body, *want;
	} rows[] = {
		{"class without its package",
			"{\"errors\":[\"org.apache.flink.runtime.rest.NotFoundException: Job 00 "
			"not "
			"found\\n\\tat org.apache.X\"]}",
			"NotFoundException: Job 00 not found"},
		{"server side",
			"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n"
			"org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not "
			"find "
			"Flink job (x)\\n\\tat y\\nEnd of exception on server side>\"]}",
			"FlinkJobNotFoundException: Could not find Flink job (x)"},
		{"envelopes",
			"{\"errors\":[\"java.util.concurrent.CompletionException: "
			"java.util.concurrent.ExecutionException: a.b.Deep: x\"]}",
			"Deep: x"},
		{"an envelope around text",
			"{\"errors\":[\"java.util.concurrent."
			"CompletionException: it broke\"]}",
			"CompletionException: it broke"},
		{"an inner class", "{\"errors\":[\"a.b.Outer$Inner: x\"]}", "Inner: x"},
		{"plain text", "{\"errors\":[\"Unable to load requested file.\"]}",
			"Unable to load requested file."},
		{"a URL is no class", "{\"errors\":[\"http://a.b: broken\"]}",
			"http://a.b: broken"},
		{"only the useless line", "{\"errors\":[\"Internal server error.\"]}",
			"Internal server error."},
		{"empty strings", "{\"errors\":[\"x\",\"\",null,7]}", "x"},
		{"the last one", "{\"errors\":[\"first\",\"last\"]}", "last"},
		{"a secret", "{\"errors\":[\"a.B: password=hunter2\"]}", "B: password=******"},
		{"leading space", "  \n{\"errors\":[\" x\"]}", "x"},
		{"no array", "{\"errors\":\"x\"}", NULL},
		{"empty array", "{\"errors\":[]}", NULL},
		{"an object", "{}", NULL},
		{"an array", "[{\"errors\":[\"x\"]}]", NULL},
		{"HTML", "<html>{502} Bad Gateway</html>", NULL},
		{"cut off", "{\"errors\":[\"x", NULL},
		{"nothing", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = flink_error_text(rows[i].body, strlen(rows[i].body));

		print_message("  %s\n", rows[i].name);
		assert_text(got, rows[i].want);
		free(got);
	}
	assert_null(flink_error_text(NULL, 0));
}

static void recorded_errors(void **state)
{
	static const struct {
		const char *file, *want;
		bool is_unknown_job;
	} rows[] = {
		{"err-unknown-job",
			"NotFoundException: Job 00000000000000000000000000000000 not found", true},
		{"err-unknown-tm",
			"UnknownTaskExecutorException: No TaskExecutor registered under nope.",
			false},
		{"err-bad-jobid",
			"RestHandlerException: Bad request, could not parse parameters: Cannot "
			"resolve path parameter (jobid) from value \"xyz\".",
			false},
	};
	static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(versions); i++) {
		size_t row = i / ARRAY_SIZE(versions);
		const char *version = versions[i % ARRAY_SIZE(versions)];
		char *body = fixture_text(version, rows[row].file);
		char *got = flink_error_text(body, strlen(body));

		print_message("  %s %s\n", version, rows[row].file);
		assert_string_equal(got, rows[row].want);
		assert_int_equal(
			flink_error_is_unknown_job(body, strlen(body)), rows[row].is_unknown_job);
		assert_false(flink_error_is_leaderless(500, body, strlen(body)));
		free(got);
		free(body);
	}
}

static void who_does_not_know_the_job(void **state)
{
	static const struct {
		const char *name, *body;
		bool want;
	} rows[] = {
		{"status of a forgotten job",
			"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n"
			"org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not "
			"find "
			"Flink job (x)\\n\\tat y\"]}",
			true},
		{"checkpointing is off",
			"{\"errors\":[\"org.apache.flink.runtime.rest.handler.RestHandlerException:"
			" "
			"Checkpointing has not been enabled.\"]}",
			false},
		{"a file is missing",
			"{\"errors\":[\"org.apache.flink.runtime.rest.NotFoundException: File x "
			"not "
			"found\"]}",
			false},
		{"only in the stack trace",
			"{\"errors\":[\"a.B: x\\n\\tat FlinkJobNotFoundException\"]}", false},
		{"a proxy", "<html>404 Job not found</html>", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(flink_error_is_unknown_job(rows[i].body, strlen(rows[i].body)),
			rows[i].want);
	}
}

static void who_is_without_a_leader(void **state)
{
	static const char election[] = "{\"errors\":[\"Service temporarily unavailable due to an "
				       "ongoing leader election. Please refresh.\"]}";
	static const char dead[] =
		"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\norg.apache."
		"flink.runtime.rpc.exceptions.RecipientUnreachableException: Could not send "
		"message "
		"[RemoteFencedMessage(x)]\"]}";

	(void)state;
	assert_true(flink_error_is_leaderless(503, election, strlen(election)));
	assert_true(flink_error_is_leaderless(500, dead, strlen(dead)));
	assert_true(flink_error_is_leaderless(502, "<html>", 6));
	assert_false(flink_error_is_leaderless(500, election, strlen(election)));
	assert_true(flink_error_says_leaderless(503, election, strlen(election)));
	assert_true(flink_error_says_leaderless(500, dead, strlen(dead)));
	assert_false(flink_error_says_leaderless(503, "<html>", 6));
	assert_false(flink_error_says_leaderless(500, election, strlen(election)));
	assert_false(flink_error_is_leaderless(404, dead, strlen(dead)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_in_one_line),
		cmocka_unit_test(recorded_errors),
		cmocka_unit_test(who_does_not_know_the_job),
		cmocka_unit_test(who_is_without_a_leader),
	};

	return cmocka_run_group_tests_name("source/flink/parse_error", tests, NULL, NULL);
}
