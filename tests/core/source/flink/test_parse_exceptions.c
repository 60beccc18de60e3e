#include "tests/core/source/flink/fixture.h"

#include "core/base/str.h"

static struct job_detail parsed(const struct flink_parse *parse, json_t *root)
{
	struct job_detail detail = {0};
	struct err err = {0};

	if (flink_parse_exceptions(parse, root, &detail, &err))
		fail_msg("%s", err.text);
	json_decref(root);
	assert_int_equal(detail.parts, JOB_PART_EXCEPTIONS);
	return detail;
}

#define TASK "Count per key -> Drop all -> Sink: Print (1/1) - execution #"
#define BY_ZERO "java.lang.ArithmeticException: / by zero (cause)"

static void newest_exception_of_each_recording(void **state)
{
	static const struct {
		const char *version, *file;
		size_t count;
		int64_t time_ms;
		const char *name, *cause, *task, *location, *taskmanager;
		bool is_truncated;
	} rows[] = {
		/* given up: the failure is below the wrapper, and so is its task */
		{"1.16.3", "job-exceptions-failed", 1, 1795248408272,
			"org.apache.flink.runtime.JobException", BY_ZERO, TASK "0",
			"localhost:18185", NULL, false},
		{"1.20.5", "job-exceptions-failed", 1, 1795249172265,
			"org.apache.flink.runtime.JobException", BY_ZERO, TASK "0",
			"localhost:18085", "tm-s120", false},
		{"2.2.1", "job-exceptions-failed", 1, 1795248613476,
			"org.apache.flink.runtime.JobException", BY_ZERO, TASK "0",
			"localhost:18285", "tm-s22", false},
		/* one restart after the other */
		{"1.16.3", "job-exceptions-restarting", 2, 1795248412813,
			"java.lang.IllegalStateException", BY_ZERO, TASK "1", "localhost:18185",
			NULL, false},
		{"1.20.5", "job-exceptions-restarting", 3, 1795249181590,
			"java.lang.IllegalStateException", BY_ZERO, TASK "2", "localhost:18085",
			"tm-s120", false},
		{"2.2.1", "job-exceptions-restarting", 3, 1795248623492,
			"java.lang.IllegalStateException", BY_ZERO, TASK "2", "localhost:18285",
			"tm-s22", false},
		{"1.20.5", "errors/user-exception-fixed-delay-2.exceptions", 3, 1795253597945,
			"org.apache.flink.runtime.JobException",
			"java.lang.NumberFormatException: For input string: \"abc\"",
			"Source: Sequence Source -> Work (1/1) - execution #2", "localhost:21404",
			"tm-err", false},
		{"1.20.5", "errors/not-enough-slots.exceptions", 1, 1795253612376,
			"org.apache.flink.runtime.JobException",
			"org.apache.flink.runtime.jobmanager.scheduler."
			"NoResourceAvailableException: Could not acquire the minimum required "
			"resources.",
			"Source: Sequence Source -> Work (19/20) - execution #0", NULL, NULL,
			false},
		{"1.20.5", "errors/tm-killed-9.exceptions", 10, 1795253633434,
			"java.util.concurrent.CompletionException",
			"org.apache.flink.runtime.jobmanager.scheduler."
			"NoResourceAvailableException: Could not acquire the minimum required "
			"resources.",
			"Source: Sequence Source -> Work (2/2) - execution #10", NULL, NULL, true},
		/* a wrapper without anything below it: its own "Caused by" */
		{"1.20.5", "errors/checkpoint-dir-vanished-tolerable-2.exceptions", 1,
			1795253908121, "org.apache.flink.runtime.JobException",
			"org.apache.flink.util.FlinkRuntimeException: Exceeded checkpoint "
			"tolerable "
			"failure threshold. The latest checkpoint failed due to An Exception "
			"occurred while triggering the checkpoint. IO-problem detected., view the "
			"Checkpoint History tab or the Job Manager log to find out why continuous "
			"checkpoints failed.",
			NULL, NULL, NULL, false},
		{"1.20.5", "errors/jdbc-unreachable.exceptions", 1, 1795253598696,
			"org.apache.flink.runtime.JobException",
			"java.net.ConnectException: Connection refused",
			"Source: Sequence Source -> Work (1/1) - execution #0", "localhost:21404",
			"tm-err", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job_detail got = parsed(*state, fixture(rows[i].version, rows[i].file));
		const struct exception *first = &got.exceptions[0];

		print_message("  %s %s\n", rows[i].version, rows[i].file);
		assert_int_equal(got.exception_count, rows[i].count);
		assert_int_equal(first->time_ms, rows[i].time_ms);
		assert_string_equal(first->name, rows[i].name);
		assert_string_equal(first->cause, rows[i].cause);
		assert_true(str_starts(first->text, rows[i].name));
		assert_int_equal(first->lacks_slots,
			strstr(rows[i].cause, "NoResourceAvailableException") != NULL);
		assert_text(first->task, rows[i].task);
		assert_text(first->location, rows[i].location);
		assert_text(first->taskmanager, rows[i].taskmanager);
		assert_int_equal(got.exceptions_truncated, rows[i].is_truncated);
		for (size_t k = 0; k + 1 < got.exception_count; k++)
			assert_true(got.exceptions[k].time_ms >= got.exceptions[k + 1].time_ms);
	}
}

static void no_exception_is_no_error(void **state)
{
	static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct job_detail got =
			parsed(*state, fixture(versions[i], "job-exceptions-empty"));

		print_message("  %s\n", versions[i]);
		assert_int_equal(got.exception_count, 0);
		assert_false(got.exceptions_truncated);
	}
}

static void a_first_line_without_cause_is_the_cause(void **state)
{
	struct job_detail got =
		parsed(*state, fixture("1.20.5", "errors/tm-metaspace-oom.exceptions"));

	assert_string_equal(got.exceptions[0].name, "java.lang.OutOfMemoryError");
	assert_true(str_starts(got.exceptions[0].cause,
		"java.lang.OutOfMemoryError: Metaspace. The metaspace out-of-memory error"));
	assert_null(strchr(got.exceptions[0].cause, '\n'));
	assert_string_equal(got.exceptions[0].taskmanager, "tm-err");
}

static void the_root_exception_serves_where_the_history_is_empty(void **state)
{
	static const char text[] =
		"{\"root-exception\":\"a.B: boom\\n\\tat x\\nCaused by: c.D: deep\\n\\tat y\","
		"\"timestamp\":1795248408223,\"truncated\":false,\"all-exceptions\":[{"
		"\"task\":\"Map (1/2)\",\"location\":\"h:1\"}],"
		"\"exceptionHistory\":{\"entries\":[],\"truncated\":false}}";
	struct job_detail got = parsed(*state, json_of(text));

	assert_int_equal(got.exception_count, 1);
	assert_string_equal(got.exceptions[0].name, "a.B");
	assert_string_equal(got.exceptions[0].cause, "c.D: deep");
	assert_string_equal(got.exceptions[0].task, "Map (1/2)");
	assert_string_equal(got.exceptions[0].location, "h:1");
	assert_int_equal(got.exceptions[0].time_ms, 1795248408223);
	assert_false(got.exceptions_truncated);
}

static void the_cause_of_a_stack_trace(void **state)
{
	static const struct {
		const char *name, *trace, *want;
	} rows[] = {
		{"one line", "a.B: x", "a.B: x"},
		{"no message", "a.B\\n\\tat y", "a.B"},
		{"last of three",
			"a.B: x\\n\\tat y\\nCaused by: c.D: y\\n\\t... 3 more\\nCaused by: e.F: "
			"z\\n",
			"e.F: z"},
		{"a suppressed one happened later",
			"a.B: x\\nCaused by: c.D: y\\n\\tSuppressed: s.S: t\\n\\tCaused by: u.U: v",
			"c.D: y"},
		{"circular", "a.B: x\\nCaused by: c.D: y\\nCaused by: [CIRCULAR REFERENCE: a.B: x]",
			"c.D: y"},
		{"words in the middle of a line", "a.B: this was Caused by: nothing\\n\\tat y",
			"a.B: this was Caused by: nothing"},
		{"Windows line ends", "a.B: x\\r\\nCaused by: c.D: y\\r\\n\\tat z", "c.D: y"},
		{"nothing after the words", "a.B: x\\nCaused by: \\n\\tat y", "a.B: x"},
		{"empty", "", "the.Name"},
		{"a secret", "a.B: login with password=hunter2 failed",
			"a.B: login with password=****** failed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xasprintf("{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"%s\","
				       "\"exceptionName\":\"the.Name\"}]}}",
			rows[i].trace);
		struct job_detail got = parsed(*state, json_of(text));

		print_message("  %s\n", rows[i].name);
		assert_string_equal(got.exceptions[0].cause, rows[i].want);
		assert_string_equal(got.exceptions[0].name, "the.Name");
		assert_int_equal(got.exceptions[0].time_ms, -1);
		free(text);
	}
}

/* Entries in the order of `times`, as a history. */
static json_t *history_of(const int *times, size_t count)
{
	struct buf text;
	json_t *root;

	buf_init(&text, 0);
	buf_adds(&text, "{\"exceptionHistory\":{\"entries\":[");
	for (size_t i = 0; i < count; i++)
		buf_addf(&text, "%s{\"stacktrace\":\"a.B: n%zu\",\"timestamp\":%d}", i ? "," : "",
			i, times[i]);
	buf_adds(&text, "],\"truncated\":false}}");
	root = json_of(buf_str(&text));
	buf_release(&text);
	return root;
}

static void the_newest_sixteen_are_kept_whatever_the_order(void **state)
{
	int times[50];
	struct job_detail got;

	for (int i = 0; i < 50; i++)
		times[i] = 1 + (i * 37) % 50; /* each of 1..50 once */
	got = parsed(*state, history_of(times, 50));
	assert_int_equal(got.exception_count, FLINK_EXCEPTIONS_MAX);
	assert_true(got.exceptions_truncated);
	for (int i = 0; i < FLINK_EXCEPTIONS_MAX; i++)
		assert_int_equal(got.exceptions[i].time_ms, 50 - i);

	/* The same time: the order of the answer, which is newest first. */
	for (int i = 0; i < 50; i++)
		times[i] = 7;
	got = parsed(*state, history_of(times, 20));
	assert_int_equal(got.exception_count, FLINK_EXCEPTIONS_MAX);
	assert_string_equal(got.exceptions[0].text, "a.B: n0");
	assert_string_equal(got.exceptions[15].text, "a.B: n15");
}

static void odd_entries_leave_their_neighbours(void **state)
{
	static const char text[] =
		"{\"exceptionHistory\":{\"truncated\":true,\"entries\":[7,null,[],{},{"
		"\"timestamp\":5,"
		"\"stacktrace\":\"x.Y: z\",\"location\":\"(unassigned)\",\"taskName\":7,"
		"\"concurrentExceptions\":{}},{\"timestamp\":4,\"stacktrace\":"
		"\"JobException: Recovery is suppressed by X\",\"concurrentExceptions\":[7]}]}}";
	struct job_detail got = parsed(*state, json_of(text));

	assert_int_equal(got.exception_count, 3);
	assert_string_equal(got.exceptions[0].cause, "x.Y: z");
	assert_string_equal(got.exceptions[0].name, "x.Y");
	assert_null(got.exceptions[0].location);
	assert_null(got.exceptions[0].task);
	assert_string_equal(got.exceptions[1].cause, "JobException: Recovery is suppressed by X");
	assert_string_equal(got.exceptions[2].text, "");
	assert_true(got.exceptions_truncated);
}

static void wrong_shapes_say_what_was_expected(void **state)
{
	static const char *const shapes[] = {"{}", "[]", "{\"exceptionHistory\":[]}",
		"{\"exceptionHistory\":{\"entries\":{}}}", "{\"errors\":[]}"};

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		static const struct job_detail untouched;
		struct job_detail job = {0};
		json_t *root = json_of(shapes[i]);
		struct err err = {0};

		print_message("  %s\n", shapes[i]);
		assert_int_equal(flink_parse_exceptions(*state, root, &job, &err), E_PROTO);
		assert_non_null(strstr(err.text, "no \"exceptionHistory\""));
		assert_memory_equal(&job, &untouched, sizeof(job));
		json_decref(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_arena(newest_exception_of_each_recording),
		test_in_arena(no_exception_is_no_error),
		test_in_arena(a_first_line_without_cause_is_the_cause),
		test_in_arena(the_root_exception_serves_where_the_history_is_empty),
		test_in_arena(the_cause_of_a_stack_trace),
		test_in_arena(the_newest_sixteen_are_kept_whatever_the_order),
		test_in_arena(odd_entries_leave_their_neighbours),
		test_in_arena(wrong_shapes_say_what_was_expected),
	};

	return cmocka_run_group_tests_name("source/flink/parse_exceptions", tests, NULL, NULL);
}
