/* The readers of answers without a tree, held against those with: on what was recorded, and on that with
 * each thing in turn broken. */
#include "tests/core/source/flink/fixture.h"

#include "core/source/flink/answer.h"
#include "tests/support/same_scan.h"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

/* As Flink sends it: what is recorded was made readable. */
static char *as_sent(const char *version, const char *name)
{
	json_t *root = fixture(version, name);
	char *text = json_dumps(root, JSON_COMPACT);

	json_decref(root);
	return text;
}

typedef bool (*same_fn)(const char *text, size_t len, bool *scanned);

static bool scanned_by(same_fn same, const char *text)
{
	bool scanned;

	if (!same(text, strlen(text), &scanned))
		fail_msg("the two readers differ: %s", text);
	return scanned;
}

static bool is_scanned(const char *text)
{
	return scanned_by(same_jobs, text);
}

static void what_three_versions_send_is_read_without_a_tree(void **state)
{
	static const struct {
		const char *name;
		same_fn same;
	} answers[] = {
		{"jobs-overview", same_jobs},
		{"checkpoints", same_checkpoints},
		{"checkpoints-resumed", same_checkpoints},
		{"overview", same_overview},
		{"job", same_job_detail},
		{"job-backpressured", same_job_detail},
		{"job-failed", same_job_detail},
		{"job-metrics-get", same_restarts},
		{"job-exceptions-empty", same_exceptions},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions) * ARRAY_SIZE(answers); i++) {
		const char *version = versions[i / ARRAY_SIZE(answers)];
		const char *name = answers[i % ARRAY_SIZE(answers)].name;
		char *readable = fixture_text(version, name), *text = as_sent(version, name);

		print_message("  %s %s\n", version, name);
		assert_true(scanned_by(answers[i % ARRAY_SIZE(answers)].same, readable));
		assert_true(scanned_by(answers[i % ARRAY_SIZE(answers)].same, text));
		free(readable);
		free(text);
	}
	assert_true(is_scanned("{\"jobs\":[]}"));
}

#define ID "0123456789abcdef0123456789abcdef"
#define ROW(fields) "{\"jobs\":[{\"jid\":\"" ID "\"," fields "}]}"

static void what_is_odd_is_left_to_the_tree(void **state)
{
	static const struct {
		const char *name, *json;
		bool scanned;
	} rows[] = {
		{"names of all the world", ROW("\"name\":\"订单同步 ß\""), true},
		{"no name", ROW("\"name\":\"\""), true},
		{"an unknown state", ROW("\"state\":\"MELTING\""), true},
		{"a state as long as a book",
			ROW("\"state\":\"RUNNINGRUNNINGRUNNINGRUNNINGRUNNINGRUNNING\""), true},
		{"keys that nobody knows",
			ROW("\"x\":{\"a\":[1,-2,true,false,null,\"b\",{},[]]},\"y\":0"), true},
		{"capitals in the id",
			"{\"jobs\":[{\"jid\":\"0123456789ABCDEF0123456789ABCDEF\"}]}", true},
		{"times that cannot be", ROW("\"start-time\":0,\"end-time\":-7,\"duration\":-7"),
			true},
		{"a time behind all years", ROW("\"start-time\":999999999999999999"), true},
		{"many tasks", ROW("\"tasks\":{\"running\":99999999999,\"total\":3}"), true},
		{"tasks without a total", ROW("\"tasks\":{\"running\":2,\"failed\":1}"), true},
		{"tasks whose sum is too large",
			ROW("\"tasks\":{\"running\":2147483647,\"failed\":2147483647}"), true},
		{"no tasks at all", ROW("\"tasks\":{}"), true},
		{"an escape", ROW("\"name\":\"a\\\"b\""), false},
		{"bad UTF-8", ROW("\"name\":\"a\xff\""), false},
		{"a key twice", ROW("\"name\":\"a\",\"name\":\"b\""), false},
		{"a list twice", "{\"jobs\":[],\"jobs\":[]}", false},
		{"a task twice", ROW("\"tasks\":{\"total\":1,\"total\":2}"), false},
		{"tasks in capitals", ROW("\"tasks\":{\"RUNNING\":2}"), false},
		{"a row without an id", "{\"jobs\":[{\"name\":\"a\"}]}", false},
		{"a row that is none", "{\"jobs\":[7]}", false},
		{"a number as a text", ROW("\"start-time\":\"5\""), false},
		{"a real", ROW("\"duration\":7.0"), false},
		{"a real with an exponent", ROW("\"duration\":7e1"), false},
		{"a number of 19 digits", ROW("\"duration\":1234567890123456789"), false},
		{"a number that begins with 0", ROW("\"duration\":07"), false},
		{"a null", ROW("\"name\":null"), false},
		{"no list", "{}", false},
		{"another list", "{\"taskmanagers\":[]}", false},
		{"text behind it", "{\"jobs\":[]}x", false},
		{"a comma too many", "{\"jobs\":[],}", false},
		{"a row too few", "{\"jobs\":[,]}", false},
		{"two values in one", "{\"jobs\":[] []}", false},
		{"cut", "{\"jobs\":[", false},
		{"HTML", "<html>", false},
		{"nothing", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(is_scanned(rows[i].json), rows[i].scanned);
	}
}

#define COUNTS "\"counts\":{\"total\":3}"
#define HISTORY(fields) "{" COUNTS ",\"history\":[{\"status\":\"COMPLETED\"" fields "}]}"
#define LATEST(fields) "{" COUNTS ",\"history\":[],\"latest\":{" fields "}}"

static void odd_checkpoints_are_left_to_the_tree(void **state)
{
	static const struct {
		const char *name, *json;
		bool scanned;
	} rows[] = {
		{"none yet", "{" COUNTS ",\"history\":[]}", true},
		{"nothing is latest", LATEST("\"completed\":null,\"restored\":null"), true},
		{"latest is null", "{" COUNTS ",\"history\":[],\"latest\":null}", true},
		{"a failed savepoint is not the last failed one",
			"{" COUNTS ",\"latest\":{\"failed\":{\"status\":\"FAILED\","
			"\"is_savepoint\":true,\"id\":9}},\"history\":[{\"status\":\"FAILED\","
			"\"id\":7},{\"status\":\"FAILED\",\"id\":8,\"failure_message\":"
			"\"password=abc\"}]}",
			true},
		{"of no age", HISTORY(",\"trigger_timestamp\":0,\"state_size\":-1"), true},
		{"of no path", HISTORY(",\"external_path\":null,\"failure_message\":\"\""), true},
		{"out of order",
			"{" COUNTS ",\"history\":[{\"status\":\"COMPLETED\",\"id\":1},"
			"{\"status\":\"IN_PROGRESS\",\"id\":3},{\"status\":\"FAILED\","
			"\"id\":2}]}",
			true},
		{"restored",
			LATEST("\"restored\":{\"id\":4,\"restore_timestamp\":5,"
			       "\"is_savepoint\":true,\"external_path\":\"p\"}"),
			true},
		{"of no status", "{" COUNTS ",\"history\":[{\"id\":1}]}", false},
		{"of another status", "{" COUNTS ",\"history\":[{\"status\":\"MAYBE\"}]}", false},
		{"latest of another status", LATEST("\"failed\":{\"status\":\"MAYBE\"}"), false},
		{"not one", "{" COUNTS ",\"history\":[7]}", false},
		{"a number as a text", HISTORY(",\"id\":\"7\""), false},
		{"a word as a flag", HISTORY(",\"discarded\":\"true\""), false},
		{"a flag that is null", HISTORY(",\"discarded\":null"), false},
		{"a key twice", HISTORY(",\"id\":7,\"id\":8"), false},
		{"an escape", HISTORY(",\"failure_message\":\"a\\nb\""), false},
		{"no counts", "{\"history\":[]}", false},
		{"counts are null", "{\"counts\":null,\"history\":[]}", false},
		{"no history", "{" COUNTS "}", false},
		{"history is null", "{" COUNTS ",\"history\":null}", false},
		{"an error", "{\"errors\":[\"Checkpointing is off\"]}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(scanned_by(same_checkpoints, rows[i].json), rows[i].scanned);
	}
}

#define JOB(rest) "{\"jid\":\"" ID "\",\"vertices\":[{\"id\":\"v\"},{\"id\":\"w\"}]" rest "}"
#define VERTEX(fields) "{\"jid\":\"" ID "\",\"vertices\":[{\"id\":\"v\"," fields "}]}"
#define NODES(list) JOB(",\"plan\":{\"nodes\":[" list "]}")

static void odd_details_are_left_to_the_tree(void **state)
{
	static const struct {
		const char *name;
		same_fn same;
		const char *json;
		bool scanned;
	} rows[] = {
		{"no plan", same_job_detail, JOB(""), true},
		{"a plan that is null", same_job_detail, JOB(",\"plan\":null"), true},
		{"a plan that is a text", same_job_detail, JOB(",\"plan\":\"{}\""), false},
		{"who takes from whom", same_job_detail,
			NODES("{\"id\":\"v\"},{\"id\":\"w\",\"inputs\":[{\"id\":\"v\"}]}"), true},
		{"a plan before its vertices", same_job_detail,
			"{\"plan\":{\"nodes\":[{\"inputs\":[{\"id\":\"v\"}],\"id\":\"w\"}]},"
			"\"vertices\":[{\"id\":\"v\"},{\"id\":\"w\"}],\"jid\":\"" ID "\"}",
			true},
		{"of one that is none", same_job_detail,
			NODES("{\"id\":\"x\",\"inputs\":[{\"id\":\"y\"}]}"), true},
		{"a description with escapes", same_job_detail,
			NODES("{\"id\":\"v\",\"description\":\"a\\n\\u003cb\\ud83d\"}"), true},
		{"an escape that is none", same_job_detail,
			NODES("{\"id\":\"v\",\"description\":\"a\\x\"}"), false},
		{"an escape that is cut", same_job_detail,
			NODES("{\"id\":\"v\",\"description\":\"a\\u00\"}"), false},
		{"a node without an id", same_job_detail, NODES("{}"), false},
		{"a node with two", same_job_detail, NODES("{\"id\":\"v\",\"id\":\"w\"}"), false},
		{"an input that is none", same_job_detail, NODES("{\"id\":\"v\",\"inputs\":[7]}"),
			false},
		{"two of one id", same_job_detail,
			"{\"jid\":\"" ID "\",\"vertices\":[{\"id\":\"v\"},{\"id\":\"v\"}],"
			"\"plan\":{\"nodes\":[{\"id\":\"v\"}]}}",
			true},
		{"times that are not told", same_job_detail,
			VERTEX("\"metrics\":{\"accumulated-busy-time\":\"NaN\","
			       "\"accumulated-idle-time\":12.75,"
			       "\"accumulated-backpressured-time\":-3}"),
			true},
		{"a time as a text", same_job_detail,
			VERTEX("\"metrics\":{\"accumulated-busy-time\":\"12\"}"), false},
		{"a time with an exponent", same_job_detail,
			VERTEX("\"metrics\":{\"accumulated-busy-time\":1.2E7}"), false},
		{"tasks", same_job_detail, VERTEX("\"tasks\":{\"RUNNING\":2,\"FAILED\":1}"), true},
		{"tasks in small letters", same_job_detail, VERTEX("\"tasks\":{\"running\":2}"),
			false},
		{"tasks with a total", same_job_detail, VERTEX("\"tasks\":{\"total\":2}"), false},
		{"never restarted", same_job_detail, JOB(",\"timestamps\":{\"RESTARTING\":0}"),
			true},
		{"restarted", same_job_detail, JOB(",\"timestamps\":{\"RESTARTING\":7}"), true},
		{"no id", same_job_detail, "{\"vertices\":[]}", false},
		{"an id that is none", same_job_detail, "{\"jid\":\"x\",\"vertices\":[]}", false},
		{"no vertices", same_job_detail, "{\"jid\":\"" ID "\"}", false},
		{"no metric", same_restarts, "[]", true},
		{"restarts", same_restarts,
			"[{\"id\":\"x\",\"value\":\"4\"},{\"value\":\"12\",\"id\":\"numRestarts\"}"
			"]",
			true},
		{"restarts twice", same_restarts,
			"[{\"id\":\"numRestarts\",\"value\":\"1\"},"
			"{\"id\":\"numRestarts\",\"value\":\"2\"}]",
			true},
		{"restarts as a number", same_restarts, "[{\"id\":\"numRestarts\",\"value\":3}]",
			false},
		{"restarts below nought", same_restarts,
			"[{\"id\":\"numRestarts\",\"value\":\"-3\"}]", false},
		{"restarts that are not told", same_restarts, "[{\"id\":\"numRestarts\"}]", false},
		{"no array", same_restarts, "{}", false},
		{"an exception", same_exceptions,
			"{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"X\"}]}}", false},
		{"a root exception", same_exceptions,
			"{\"root-exception\":\"X\",\"exceptionHistory\":{\"entries\":[]}}", false},
		{"cut off", same_exceptions,
			"{\"exceptionHistory\":{\"entries\":[],\"truncated\":true}}", true},
		{"cut off elsewhere", same_exceptions,
			"{\"truncated\":true,\"exceptionHistory\":{\"entries\":[]}}", true},
		{"no history", same_exceptions, "{\"root-exception\":null}", false},
		{"a history that is null", same_exceptions, "{\"exceptionHistory\":null}", false},
		{"TaskManagers alone", same_overview, "{\"taskmanagers\":3}", true},
		{"no TaskManagers told", same_overview, "{\"slots-total\":3}", false},
		{"fewer than none", same_overview, "{\"taskmanagers\":-3}", false},
		{"more than a number holds", same_overview, "{\"taskmanagers\":3000000000}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(scanned_by(rows[i].same, rows[i].json), rows[i].scanned);
	}
}

/* Who takes from whom is a walk over the vertices for each. */
static void a_job_of_many_vertices_is_left_to_the_tree(void **state)
{
	struct buf text;
	bool scanned;

	(void)state;
	for (int count = 60; count < 70; count += 9) {
		buf_init(&text, 0);
		buf_adds(&text, "{\"jid\":\"" ID "\",\"vertices\":[");
		for (int i = 0; i < count; i++)
			buf_addf(&text, "%s{\"id\":\"v%d\"}", i ? "," : "", i);
		buf_adds(&text, "]}");
		assert_true(same_job_detail(buf_str(&text), text.len, &scanned));
		assert_int_equal(scanned, count <= 64);
		buf_release(&text);
	}
}

static void nesting_has_an_end(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 0);
	buf_adds(&text, "{\"jobs\":[],\"x\":");
	for (int i = 0; i < 100000; i++)
		buf_adds(&text, "[");
	assert_false(is_scanned(buf_str(&text)));
	buf_release(&text);
}

/* Each byte of `text` (of a long one, some), with others in its place, before it, without it, and nothing
 * behind it. */
static void break_everywhere(same_fn same, const char *text, size_t *plain, size_t *tried)
{
	static const char bytes[] = "\"\\{}[]:,0-9.eEtnaZ \n\x01\x80\xff";
	size_t len = strlen(text);
	char *broken = xmalloc(len + 2);
	bool scanned;

	for (size_t i = 0; i < len; i += len < 500 ? 1 : 5)
		for (size_t k = 0; k < 2 * sizeof(bytes) + 2; k++) {
			size_t rest = i + (k % 2 || k >= 2 * sizeof(bytes)), to = i;

			memcpy(broken, text, i);
			if (k < 2 * sizeof(bytes)) /* the last one is NUL */
				broken[to++] = bytes[k / 2];
			if (k != 2 * sizeof(bytes)) {
				memcpy(broken + to, text + rest, len - rest);
				to += len - rest;
			}
			if (!same(broken, to, &scanned))
				fail_msg("the two readers differ: %.*s", (int)to, broken);
			*plain += scanned;
			++*tried;
		}
	free(broken);
}

static void whatever_breaks_both_readers_tell_the_same(void **state)
{
	size_t plain = 0, tried = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		json_t *root = fixture(versions[i], "jobs-overview");
		json_t *jobs = json_object_get(root, "jobs");
		while (json_array_size(jobs) > 1)
			json_array_remove(jobs, 1);
		char *text = json_dumps(root, JSON_COMPACT);

		break_everywhere(same_jobs, text, &plain, &tried);
		free(text);
		json_decref(root);
		root = fixture(versions[i], "checkpoints-resumed");
		json_object_del(root, "summary");
		while (json_array_size(json_object_get(root, "history")) > 1)
			json_array_remove(json_object_get(root, "history"), 1);
		text = json_dumps(root, JSON_COMPACT);
		break_everywhere(same_checkpoints, text, &plain, &tried);
		free(text);
		json_decref(root);
	}
	static const struct {
		const char *name;
		same_fn same;
	} others[] = {
		{"job", same_job_detail},
		{"overview", same_overview},
		{"job-metrics-get", same_restarts},
		{"job-exceptions-empty", same_exceptions},
	};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		char *text = as_sent(versions[i % ARRAY_SIZE(versions)], others[i].name);

		break_everywhere(others[i].same, text, &plain, &tried);
		free(text);
	}
	print_message("  %zu texts, of which %zu without a tree\n", tried, plain);
	assert_true(plain > tried / 20 && plain < tried);
}

/* However it is read: an answer about another job is none. */
static void an_answer_about_another_job_is_refused(void **state)
{
	static char plain[] = JOB(""), odd[] = JOB(",\"plan\":\"{}\"");
	static char what[] = "GET http://jm/jobs/x";
	char *bodies[] = {plain, odd};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(bodies); i++) {
		const char *key = i < 2 ? ID : "1123456789abcdef0123456789abcdef";
		struct snapshot *snap = snapshot_new(SNAPSHOT_JOB, "c", "s", key);
		struct flink_answer answer = {.question = FLINK_JOB,
			.what = what,
			.body = bodies[i % 2],
			.len = strlen(bodies[i % 2])};

		assert_int_equal(flink_fill(snap, &answer, 1, NULL), i < 2 ? 0 : E_PROTO);
		snapshot_unref(snap);
	}
}

static void a_poll_reads_both_kinds(void **state)
{
	static char plain[] = ROW("\"name\":\"one\""), odd[] = ROW("\"name\":\"o\\u006ee\"");
	static char what[] = "GET http://jm/jobs/overview";
	char *bodies[] = {plain, odd};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct snapshot *snap = snapshot_new(SNAPSHOT_CLUSTER, "c", "s", NULL);
		struct flink_answer answer = {.question = FLINK_JOBS,
			.what = what,
			.body = bodies[i],
			.len = strlen(bodies[i])};

		assert_int_equal(flink_fill(snap, &answer, 1, NULL), 0);
		assert_int_equal(snap->job_count, 1);
		assert_string_equal(snap->jobs[0].name, "one");
		snapshot_unref(snap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_three_versions_send_is_read_without_a_tree),
		cmocka_unit_test(what_is_odd_is_left_to_the_tree),
		cmocka_unit_test(odd_checkpoints_are_left_to_the_tree),
		cmocka_unit_test(odd_details_are_left_to_the_tree),
		cmocka_unit_test(a_job_of_many_vertices_is_left_to_the_tree),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(whatever_breaks_both_readers_tell_the_same),
		cmocka_unit_test(an_answer_about_another_job_is_refused),
		cmocka_unit_test(a_poll_reads_both_kinds),
	};

	return cmocka_run_group_tests_name("source/flink/scan", tests, NULL, NULL);
}
