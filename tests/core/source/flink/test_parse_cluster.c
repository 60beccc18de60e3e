#include "tests/core/source/flink/fixture.h"

#include "core/base/clock.h"
#include "core/base/str.h"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

static void overview_of_three_versions(void **state)
{
	static const struct {
		const char *version;
		int slots_free, running;
	} rows[] = {{"1.16.3", 5, 3}, {"1.20.5", 3, 4}, {"2.2.1", 5, 3}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *root = fixture(rows[i].version, "overview");
		struct cluster_status status = {.address = "http://jm"};

		print_message("  %s\n", rows[i].version);
		assert_int_equal(flink_parse_overview(*state, root, &status, NULL), 0);
		json_decref(root);
		assert_string_equal(status.address, "http://jm");
		assert_string_equal(status.flink_version, rows[i].version);
		assert_int_equal(status.taskmanagers, 1);
		assert_int_equal(status.slots_total, 8);
		assert_int_equal(status.slots_free, rows[i].slots_free);
		assert_int_equal(status.jobs_running, rows[i].running);
		assert_int_equal(status.jobs_finished, 0);
		assert_int_equal(status.jobs_canceled, 0);
		assert_int_equal(status.jobs_failed, 1);
	}
}

static const struct job_summary *find_job(
	const struct job_summary *jobs, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(jobs[i].id, id))
			return &jobs[i];
	fail_msg("no job %s", id);
	return NULL;
}

static void jobs_of_three_versions(void **state)
{
	static const struct {
		const char *version;
		size_t count;
		const char *id, *name;
		enum job_status status;
		int64_t start_ms, end_ms, duration_ms;
		int running, total, failed;
	} rows[] = {
		{"1.16.3", 4, "b0702312641b23bca494dfa8536ec2a8", "backpressured", JOB_RUNNING,
			1795248406068, -1, 11156, 2, 2, 0},
		{"1.16.3", 4, "561b45a9023e7c4426b8529c36f41d14", "fails-no-restart", JOB_FAILED,
			1795248407608, 1795248408272, 664, 0, 2, 1},
		{"1.20.5", 5, "9d182f1f3ab247de0793a067ace9d9d9", "orders pipeline", JOB_RUNNING,
			1795249163373, -1, 18774, 4, 4, 0},
		{"2.2.1", 4, "8f871d9c94a56c04c316bf5b8e444f2b", "fails-fixed-delay",
			JOB_RESTARTING, 1795248615907, -1, 8771, 0, 2, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *root = fixture(rows[i].version, "jobs-overview");
		const struct job_summary *jobs, *job;
		size_t count;

		print_message("  %s %s\n", rows[i].version, rows[i].name);
		assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, NULL), 0);
		json_decref(root);
		assert_int_equal(count, rows[i].count);
		job = find_job(jobs, count, rows[i].id);
		assert_string_equal(job->name, rows[i].name);
		assert_int_equal(job->status, rows[i].status);
		assert_int_equal(job->start_ms, rows[i].start_ms);
		assert_int_equal(job->end_ms, rows[i].end_ms);
		assert_int_equal(job->duration_ms, rows[i].duration_ms);
		assert_true(job->modified_ms >= rows[i].start_ms);
		assert_int_equal(job->tasks.running, rows[i].running);
		assert_int_equal(job->tasks.total, rows[i].total);
		assert_int_equal(job->tasks.failed, rows[i].failed);
		assert_int_equal(job->tasks.scheduled, 0);
	}
}

#define ID "0123456789abcdef0123456789abcdef"
#define ROW(fields) "{\"jobs\":[{\"jid\":\"" ID "\"," fields "}]}"

static void jobs_with_odd_fields_keep_what_is_sound(void **state)
{
	static const struct {
		const char *name, *json, *job_name;
		enum job_status status;
		int64_t start_ms, duration_ms;
		int running, total;
	} rows[] = {
		{"nothing but the id", "{\"jobs\":[{\"jid\":\"" ID "\"}]}", NULL, JOB_STATUS_NONE,
			-1, -1, -1, -1},
		{"numbers as strings",
			ROW("\"start-time\":\"5\",\"duration\":\"7\",\"tasks\":{\"running\":"
			    "\"2\"}"),
			NULL, JOB_STATUS_NONE, 5, 7, 2, 2},
		{"NaN and null",
			ROW("\"start-time\":\"NaN\",\"duration\":null,\"tasks\":{\"running\":"
			    "\"NaN\"}"),
			NULL, JOB_STATUS_NONE, -1, -1, -1, -1},
		{"negative", ROW("\"start-time\":-5,\"duration\":-7,\"tasks\":{\"total\":-2}"),
			NULL, JOB_STATUS_NONE, -1, -1, -1, -1},
		{"zero is never", ROW("\"start-time\":0,\"duration\":0"), NULL, JOB_STATUS_NONE, -1,
			0, -1, -1},
		{"absurd",
			ROW("\"start-time\":9223372036854775807,\"duration\":1e300,"
			    "\"tasks\":{\"running\":99999999999,\"total\":3}"),
			NULL, JOB_STATUS_NONE, -1, -1, -1, 3},
		{"wrong types", ROW("\"name\":7,\"state\":[],\"tasks\":[1],\"start-time\":{}"),
			NULL, JOB_STATUS_NONE, -1, -1, -1, -1},
		{"unknown state", ROW("\"name\":\"x\",\"state\":\"MELTING\""), "x", JOB_STATUS_NONE,
			-1, -1, -1, -1},
		{"floats", ROW("\"start-time\":5.0,\"duration\":7.0,\"state\":\"RUNNING\""), NULL,
			JOB_RUNNING, 5, 7, -1, -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *root = json_of(rows[i].json);
		const struct job_summary *jobs;
		size_t count;

		print_message("  %s\n", rows[i].name);
		assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, NULL), 0);
		json_decref(root);
		assert_int_equal(count, 1);
		assert_string_equal(jobs->id, ID);
		assert_text(jobs->name, rows[i].job_name);
		assert_int_equal(jobs->status, rows[i].status);
		assert_int_equal(jobs->start_ms, rows[i].start_ms);
		assert_int_equal(jobs->duration_ms, rows[i].duration_ms);
		assert_int_equal(jobs->tasks.running, rows[i].running);
		assert_int_equal(jobs->tasks.total, rows[i].total);
	}
}

static void a_job_without_an_id_leaves_its_neighbours(void **state)
{
	static const char text[] =
		"{\"jobs\":[{\"name\":\"no id\"},7,null,"
		"{\"jid\":\"short\"},{\"jid\":\"../../../../../../../../etc/passwd\"},"
		"{\"jid\":\"0123456789ABCDEF0123456789ABCDEF\",\"name\":\"b\xff\xfe\x80"
		"d\"},{\"jid\":\"0123456789abcdef0123456789abcde0\",\"name\":\"good\"}]}";
	json_t *root = json_of(text);
	const struct job_summary *jobs;
	size_t count;

	assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, NULL), 0);
	json_decref(root);
	assert_int_equal(count, 2);
	assert_string_equal(jobs[0].id, ID);
	assert_int_equal(jobs[0].name[0], 'b');
	assert_string_equal(jobs[1].name, "good");
}

static void a_long_name_stays_whole(void **state)
{
	char *name = xmalloc(10001), *text;
	const struct job_summary *jobs;
	size_t count;
	json_t *root;

	memset(name, 'n', 10000);
	name[10000] = '\0';
	text = xasprintf(ROW("\"name\":\"%s\""), name);
	root = json_of(text);
	assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, NULL), 0);
	assert_string_equal(jobs->name, name);
	json_decref(root);
	free(text);
	free(name);
}

static void five_thousand_jobs_are_parsed_fast(void **state)
{
	struct buf text;
	const struct job_summary *jobs;
	int64_t start;
	size_t count;
	json_t *root;

	buf_init(&text, 0);
	buf_adds(&text, "{\"jobs\":[");
	for (int i = 0; i < 5000; i++)
		buf_addf(&text,
			"%s{\"jid\":\"%032x\",\"name\":\"job %d\",\"state\":\"RUNNING\","
			"\"start-time\":1795248406068,\"end-time\":-1,\"duration\":11156,"
			"\"last-modification\":1795248406406,\"tasks\":{\"total\":2,\"created\":0,"
			"\"scheduled\":0,\"deploying\":0,\"running\":2,\"finished\":0,"
			"\"canceling\":0,"
			"\"canceled\":0,\"failed\":0,\"reconciling\":0,\"initializing\":0}}",
			i ? "," : "", i, i);
	buf_adds(&text, "]}");
	start = clock_mono_ms();
	root = json_of(buf_str(&text));
	assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, NULL), 0);
	print_message("  %zu bytes in %d ms\n", text.len, (int)(clock_mono_ms() - start));
	/* Some 50 ms; sanitisers and a busy machine are allowed much more. */
	assert_true(clock_mono_ms() - start < 2000);
	assert_int_equal(count, 5000);
	assert_string_equal(jobs[4999].name, "job 4999");
	json_decref(root);
	buf_release(&text);
}

static void taskmanagers_of_three_versions(void **state)
{
	static const struct {
		const char *id, *host;
		int64_t heartbeat_ms;
		int slots_free;
	} rows[] = {{"tm-s116", "127.0.0.1:18185", 1795248418259, 5},
		{"tm-s120", "127.0.0.1:18085", 1795249186688, 3},
		{"tm-s22", "127.0.0.1:18285", 1795248626477, 5}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *root = fixture(versions[i], "taskmanagers");
		const struct taskmanager *tm;
		size_t count;

		print_message("  %s\n", versions[i]);
		assert_int_equal(flink_parse_taskmanagers(*state, root, &tm, &count, NULL), 0);
		json_decref(root);
		assert_int_equal(count, 1);
		assert_string_equal(tm->id, rows[i].id);
		assert_string_equal(tm->host, rows[i].host);
		assert_int_equal(tm->heartbeat_ms, rows[i].heartbeat_ms);
		assert_int_equal(tm->slots_total, 8);
		assert_int_equal(tm->slots_free, rows[i].slots_free);
		assert_true(tm->cpu_cores == 2.0);
		assert_int_equal(tm->physical_bytes, 25276502016);
		assert_int_equal(tm->heap_bytes, 67108864 + 268435456);
		assert_int_equal(tm->managed_bytes, 67108864);
		assert_int_equal(tm->network_bytes, 67108864);
	}
}

/* What a TaskManager says of its JVM; newer versions have a collector "All" that sums up the others. */
static void loads_of_three_versions(void **state)
{
	static const struct {
		int64_t heap_bytes, gc_count, gc_ms;
	} rows[] = {{64369808, 4, 447}, {42595608, 5, 418}, {86796928, 4, 271}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *root = fixture(versions[i], "taskmanager");
		struct taskmanager_load load;

		print_message("  %s\n", versions[i]);
		assert_int_equal(flink_parse_taskmanager(*state, root, &load, NULL), 0);
		json_decref(root);
		assert_int_equal(load.heap_used_bytes, rows[i].heap_bytes);
		assert_int_equal(load.heap_max_bytes, 324403200);
		assert_int_equal(load.gc_count, rows[i].gc_count);
		assert_int_equal(load.gc_ms, rows[i].gc_ms);
		assert_true(load.nonheap_used_bytes > 0 && load.direct_used_bytes > 0);
	}
}

static void load_traps(void **state)
{
	static const struct {
		const char *name, *text;
		int rc;
		int64_t heap_bytes, gc_ms;
	} rows[] = {
		{"nothing came yet", "{\"metrics\":{\"heapUsed\":0,\"garbageCollectors\":[]}}", 0,
			-1, -1},
		{"no collectors", "{\"metrics\":{\"heapUsed\":7}}", 0, 7, -1},
		{"collectors that do not tell",
			"{\"metrics\":{\"heapUsed\":7,\"garbageCollectors\":[{\"name\":\"G1\"},4,"
			"{\"name\":\"Old\",\"count\":1,\"time\":9}]}}",
			0, 7, 9},
		{"no metrics", "{\"id\":\"tm\"}", E_PROTO, 0, 0},
		{"metrics as a list", "{\"metrics\":[]}", E_PROTO, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *root = json_of(rows[i].text);
		struct taskmanager_load load = {0};

		print_message("  %s\n", rows[i].name);
		assert_int_equal(flink_parse_taskmanager(*state, root, &load, NULL), rows[i].rc);
		json_decref(root);
		assert_int_equal(load.heap_used_bytes, rows[i].heap_bytes);
		assert_int_equal(load.gc_ms, rows[i].gc_ms);
	}
}

static void taskmanager_traps(void **state)
{
	static const struct {
		const char *name, *row, *host;
		int64_t heap_bytes;
	} rows[] = {
		{"nothing told", "{\"id\":\"a\"}", NULL, -1},
		{"MiB when no configuration is told",
			"{\"id\":\"a\",\"memoryConfiguration\":{\"taskHeap\":null},"
			"\"totalResource\":{\"taskHeapMemory\":256}}",
			NULL, 268435456},
		{"MiB beyond reason",
			"{\"id\":\"a\",\"totalResource\":{\"taskHeapMemory\":9223372036854775807}}",
			NULL, -1},
		{"bytes beyond reason",
			"{\"id\":\"a\",\"memoryConfiguration\":{\"taskHeap\":9223372036854775807,"
			"\"frameworkHeap\":9}}",
			NULL, INT64_MAX},
		{"IPv6",
			"{\"id\":\"a\",\"dataPort\":7,\"path\":\"akka.tcp://flink@[::1]:99/user/"
			"x\"}",
			"[::1]:7", -1},
		{"IPv6 without a port", "{\"id\":\"a\",\"path\":\"akka.tcp://flink@[::1]/user/x\"}",
			"[::1]", -1},
		{"no data port", "{\"id\":\"a\",\"path\":\"akka://flink@h:99\"}", "h:99", -1},
		{"no user", "{\"id\":\"a\",\"path\":\"akka://h:99/x\",\"dataPort\":-1}", "h:99",
			-1},
		{"no path at all", "{\"id\":\"a\",\"path\":\"://\",\"dataPort\":1}", NULL, -1},
		{"only a colon", "{\"id\":\"a\",\"path\":\"://:\",\"dataPort\":1}", NULL, -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xasprintf("{\"taskmanagers\":[%s]}", rows[i].row);
		json_t *root = json_of(text);
		const struct taskmanager *tm;
		size_t count;

		print_message("  %s\n", rows[i].name);
		assert_int_equal(flink_parse_taskmanagers(*state, root, &tm, &count, NULL), 0);
		assert_int_equal(count, 1);
		assert_text(tm->host, rows[i].host);
		assert_int_equal(tm->heap_bytes, rows[i].heap_bytes);
		assert_int_equal(tm->heartbeat_ms, -1);
		json_decref(root);
		free(text);
	}
}

static void a_wrong_shape_is_no_empty_cluster(void **state)
{
	static const char *const shapes[] = {"{}", "[]", "{\"jobs\":{},\"taskmanagers\":{}}",
		"{\"status\":\"ok\"}", "{\"jobs\":null,\"taskmanagers\":null}",
		"{\"jobs\":[{\"a\":1}],\"taskmanagers\":[{\"a\":1}]}", "[[[]]]"};

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		json_t *root = json_of(shapes[i]);
		const struct job_summary *jobs = (void *)1;
		const struct taskmanager *tms = (void *)1;
		struct cluster_status status = {0};
		struct err err = {0};
		size_t count = 77;

		print_message("  %s\n", shapes[i]);
		assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, &err), E_PROTO);
		assert_non_null(strstr(err.text, "GET http://jm/x: no \"j"));
		assert_non_null(strstr(err.text, "is this a Flink JobManager?"));
		assert_int_equal(
			flink_parse_taskmanagers(*state, root, &tms, &count, &err), E_PROTO);
		assert_int_equal(count, 77);
		assert_ptr_equal(jobs, (void *)1);
		assert_ptr_equal(tms, (void *)1);
		assert_int_equal(flink_parse_overview(*state, root, &status, &err), E_PROTO);
		assert_null(status.flink_version);
		json_decref(root);
	}
}

static void an_empty_cluster_is_one(void **state)
{
	json_t *root = json_of("{\"jobs\":[],\"taskmanagers\":[]}");
	const struct job_summary *jobs;
	const struct taskmanager *tms;
	size_t count = 77;

	assert_int_equal(flink_parse_jobs(*state, root, &jobs, &count, NULL), 0);
	assert_int_equal(count, 0);
	count = 77;
	assert_int_equal(flink_parse_taskmanagers(*state, root, &tms, &count, NULL), 0);
	assert_int_equal(count, 0);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_arena(overview_of_three_versions),
		test_in_arena(jobs_of_three_versions),
		test_in_arena(jobs_with_odd_fields_keep_what_is_sound),
		test_in_arena(a_job_without_an_id_leaves_its_neighbours),
		test_in_arena(a_long_name_stays_whole),
		test_in_arena(five_thousand_jobs_are_parsed_fast),
		test_in_arena(taskmanagers_of_three_versions),
		test_in_arena(loads_of_three_versions),
		test_in_arena(load_traps),
		test_in_arena(taskmanager_traps),
		test_in_arena(a_wrong_shape_is_no_empty_cluster),
		test_in_arena(an_empty_cluster_is_one),
	};

	return cmocka_run_group_tests_name("source/flink/parse_cluster", tests, NULL, NULL);
}
