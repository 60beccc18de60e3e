#include "tests/core/source/flink/fixture.h"

#include "core/base/str.h"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

typedef int (*detail_parser)(
	const struct flink_parse *, const json_t *, struct job_detail *, struct err *);

static struct job_detail parsed(const struct flink_parse *parse, detail_parser parser, json_t *root)
{
	struct job_detail detail = {.parallelism = -1};
	struct err err = {0};

	if (parser(parse, root, &detail, &err))
		fail_msg("%s", err.text);
	json_decref(root);
	return detail;
}

static void vertices_of_three_versions(void **state)
{
	static const struct {
		const char *version, *job_type;
		int64_t busy_ms;
	} rows[] = {{"1.16.3", NULL, 88}, {"1.20.5", "STREAMING", 79}, {"2.2.1", "STREAMING", 67}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job_detail job = parsed(
			*state, flink_parse_job, fixture(rows[i].version, "job-backpressured"));

		print_message("  %s\n", rows[i].version);
		assert_int_equal(job.parts, JOB_PART_VERTICES);
		assert_int_equal(strlen(job.id), JOB_ID_LEN);
		assert_text(job.job_type, rows[i].job_type);
		assert_int_equal(job.parallelism, 1);
		assert_int_equal(job.vertex_count, 2);
		assert_string_equal(job.vertices[0].id, "5e695f00738be66c275f8a96a14aa10e");
		assert_string_equal(job.vertices[0].name, "Source: Sequence Source -> Throttle");
		assert_string_equal(job.vertices[0].status, "RUNNING");
		assert_int_equal(job.vertices[0].max_parallelism, 128);
		assert_int_equal(job.vertices[0].tasks.running, 1);
		assert_int_equal(job.vertices[0].tasks.total, 1);
		assert_int_equal(job.vertices[0].tasks.failed, 0);
		assert_int_equal(job.vertices[0].write_bytes, 294924);
		assert_int_equal(job.vertices[0].write_records, 14044);
		assert_int_equal(job.vertices[0].busy_ms, rows[i].busy_ms);
		assert_true(job.vertices[0].backpressured_ms > 0);
		assert_true(job.vertices[0].is_source && !job.vertices[0].is_sink);
		assert_true(job.vertices[1].is_sink && !job.vertices[1].is_source);
		assert_true(job.vertices[0].start_ms > 1795248000000);
		assert_true(job.vertices[0].duration_ms > 0);
	}
}

static void failed_jobs_of_three_versions(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct job_detail job =
			parsed(*state, flink_parse_job, fixture(versions[i], "job-failed"));

		print_message("  %s\n", versions[i]);
		assert_int_equal(job.vertex_count, 2);
		assert_string_equal(job.vertices[0].status, "CANCELED");
		assert_int_equal(job.vertices[0].tasks.canceled, 1);
		assert_string_equal(job.vertices[1].status, "FAILED");
		assert_int_equal(job.vertices[1].tasks.failed, 1);
	}
}

/* When it began to restart last; 0 in the answer is never. */
static void the_last_restart_has_its_time(void **state)
{
	struct job_detail job =
		parsed(*state, flink_parse_job, fixture("1.20.5", "job-sql-failed"));

	assert_int_equal(job.restarting_ms, 1795249214800);
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		job = parsed(*state, flink_parse_job, fixture(versions[i], "job"));
		assert_int_equal(job.restarting_ms, 0);
	}
}

static void the_string_nan_is_unknown(void **state)
{
	struct job_detail job =
		parsed(*state, flink_parse_job, fixture("1.20.5", "job-sql-failed"));

	assert_int_equal(job.vertices[0].busy_ms, -1);
	assert_int_equal(job.vertices[0].idle_ms, 0);
	assert_int_equal(job.vertices[1].busy_ms, 0);
	assert_int_equal(job.vertices[1].idle_ms, 14);
}

#define ID "0123456789abcdef0123456789abcdef"

static void the_largest_vertex_tells_the_parallelism(void **state)
{
	static const struct {
		const char *name, *vertices;
		int want;
		size_t count;
	} rows[] = {
		{"no vertices", "", -1, 0},
		{"one in the middle",
			"{\"parallelism\":1},{\"parallelism\":12},{\"parallelism\":3}", 12, 3},
		{"not told", "{},{}", -1, 2},
		{"rows that are none", "7,null,[],{\"parallelism\":\"4\"}", 4, 1},
		{"absurd", "{\"parallelism\":99999999999},{\"parallelism\":-1}", -1, 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xasprintf("{\"vertices\":[%s],\"jid\":\"" ID "\"}", rows[i].vertices);
		struct job_detail job = parsed(*state, flink_parse_job, json_of(text));

		print_message("  %s\n", rows[i].name);
		assert_int_equal(job.parallelism, rows[i].want);
		assert_int_equal(job.vertex_count, rows[i].count);
		free(text);
	}
}

static void lag_is_what_sources_tell(void **state)
{
	static const struct {
		const char *name, *json;
		int64_t records, ms;
	} rows[] = {
		{"Kafka",
			"[{\"id\":\"Source__orders.pendingRecords\",\"max\":70.0,\"sum\":120.0},"
			"{\"id\":\"Source__orders.currentEmitEventTimeLag\",\"max\":812.0,"
			"\"sum\":900.0}]",
			120, 812},
		{"nothing waits",
			"[{\"id\":\"S.pendingRecords\",\"sum\":0.0},"
			"{\"id\":\"S.currentEmitEventTimeLag\",\"max\":159000.0}]",
			0, 0},
		{"no event time: -1", "[{\"id\":\"S.currentEmitEventTimeLag\",\"max\":-1.0}]", -1,
			-1},
		{"a year of nought", "[{\"id\":\"S.currentEmitEventTimeLag\",\"max\":9.2e18}]", -1,
			-1},
		{"NaN", "[{\"id\":\"S.pendingRecords\",\"sum\":\"NaN\"}]", -1, -1},
		{"none", "[]", -1, -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job_detail job = parsed(*state, flink_parse_lag, json_of(rows[i].json));

		print_message("  %s\n", rows[i].name);
		assert_int_equal(job.parts, JOB_PART_LAG);
		assert_int_equal(job.lag_records, rows[i].records);
		assert_int_equal(job.lag_ms, rows[i].ms);
	}
}

static void restarts_are_a_string_or_not_there(void **state)
{
	static const struct {
		const char *name, *json;
		int64_t want;
	} rows[] = {
		{"string", "[{\"id\":\"numRestarts\",\"value\":\"17\"}]", 17},
		{"number", "[{\"id\":\"numRestarts\",\"value\":17}]", 17},
		{"among others",
			"[{\"id\":\"a\",\"value\":\"1\"},{\"value\":\"2\",\"id\":\"numRestarts\"}]",
			2},
		{"no metric yet", "[]", -1},
		{"another metric", "[{\"id\":\"uptime\",\"value\":\"9\"}]", -1},
		{"NaN", "[{\"id\":\"numRestarts\",\"value\":\"NaN\"}]", -1},
		{"negative", "[{\"id\":\"numRestarts\",\"value\":\"-1\"}]", -1},
		{"no value", "[{\"id\":\"numRestarts\"}]", -1},
		{"rows that are none", "[7,null,[]]", -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job_detail job = parsed(*state, flink_parse_restarts, json_of(rows[i].json));

		print_message("  %s\n", rows[i].name);
		assert_int_equal(job.restarts, rows[i].want);
		assert_int_equal(job.parts, JOB_PART_RESTARTS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct job_detail job = parsed(
			*state, flink_parse_restarts, fixture(versions[i], "job-metrics-get"));

		assert_int_equal(job.restarts, 0);
	}
}

static void configuration_of_three_versions(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct job_detail job =
			parsed(*state, flink_parse_config, fixture(versions[i], "job-config"));

		print_message("  %s\n", versions[i]);
		assert_int_equal(job.setting_count, 0);
		assert_string_equal(job.restart_strategy, "Cluster level default restart strategy");
		assert_int_equal(job.parallelism, i == 1 ? 2 : 1);
		assert_int_equal(job.parts, JOB_PART_CONFIG);
	}
}

static void settings_are_sorted_and_secrets_masked(void **state)
{
	static const char text[] =
		"{\"jid\":\"x\",\"execution-config\":{\"job-parallelism\":-1,\"user-config\":{"
		"\"zone\":\"eu\",\"db.password\":\"hunter2\",\"brokers\":\"k1:9092\",\"n\":5,"
		"\"url\":\"jdbc://app:hunter2@db/x\",\"nested\":{\"a\":[1]},\"none\":null,"
		"\"args\":\"--name x --api-key hunter2\"}}}";
	static const struct setting want[] = {
		{"args", NULL},
		{"brokers", "k1:9092"},
		{"db.password", "******"},
		{"n", "5"},
		{"nested", "{\"a\":[1]}"},
		{"none", "null"},
		{"url", NULL},
		{"zone", "eu"},
	};
	struct job_detail job = parsed(*state, flink_parse_config, json_of(text));

	assert_int_equal(job.setting_count, ARRAY_SIZE(want));
	assert_null(job.restart_strategy);
	assert_int_equal(job.parallelism, -1);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		print_message("  %s\n", want[i].key);
		assert_string_equal(job.settings[i].key, want[i].key);
		if (want[i].value)
			assert_string_equal(job.settings[i].value, want[i].value);
		assert_null(strstr(job.settings[i].value, "hunter2"));
	}
}

static void vertices_outrank_the_configured_parallelism(void **state)
{
	struct job_detail job =
		parsed(*state, flink_parse_job, fixture("1.20.5", "job-backpressured"));
	json_t *config = fixture("1.20.5", "job-config");

	assert_int_equal(flink_parse_config(*state, config, &job, NULL), 0);
	json_decref(config);
	assert_int_equal(job.parallelism, 1);
	assert_int_equal(job.parts, JOB_PART_VERTICES | JOB_PART_CONFIG);
}

static void checkpoints_of_three_versions(void **state)
{
	static const struct {
		const char *version;
		int64_t total, completed, last_id;
	} rows[] = {{"1.16.3", 7, 6, 6}, {"1.20.5", 10, 9, 9}, {"2.2.1", 10, 9, 9}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct checkpoint_stats got = parsed(
			*state, flink_parse_checkpoints, fixture(rows[i].version, "checkpoints"))
						      .checkpoints;

		print_message("  %s\n", rows[i].version);
		assert_int_equal(got.total, rows[i].total);
		assert_int_equal(got.completed, rows[i].completed);
		assert_int_equal(got.failed, 1);
		assert_int_equal(got.in_progress, 0);
		assert_int_equal(got.restored, 0);
		assert_int_equal(got.restored_id, -1);
		assert_null(got.restored_path);
		assert_null(got.last_savepoint);
		assert_null(got.last_failed);
		assert_int_equal(got.last_completed->id, rows[i].last_id);
		assert_int_equal(got.history_count, rows[i].last_id);
		for (size_t k = 0; k + 1 < got.history_count; k++)
			assert_true(got.history[k].id > got.history[k + 1].id);
		assert_int_equal(got.history[0].status, CHECKPOINT_COMPLETED);
		assert_false(got.history[0].is_discarded);
		assert_true(got.history[got.history_count - 1].is_discarded);
		assert_true(got.last_completed->state_bytes > 1000);
		assert_true(got.last_completed->duration_ms > 0);
		assert_true(got.last_completed->ack_ms >= got.last_completed->trigger_ms);
		assert_int_equal(got.last_completed->subtasks, got.last_completed->acknowledged);
		assert_string_equal(got.last_completed->type, "CHECKPOINT");
		assert_true(str_starts(got.last_completed->path, "file:/"));
		assert_null(got.last_completed->failure);
	}
}

static void restored_jobs_tell_from_where(void **state)
{
	static const struct {
		const char *version;
		int64_t id, ms;
	} rows[] = {{"1.16.3", 15, 1795248429749}, {"1.20.5", 20, 1795249195951},
		{"2.2.1", 20, 1795248639065}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct checkpoint_stats got = parsed(*state, flink_parse_checkpoints,
			fixture(rows[i].version, "checkpoints-resumed"))
						      .checkpoints;

		print_message("  %s\n", rows[i].version);
		assert_int_equal(got.restored, 1);
		assert_int_equal(got.restored_id, rows[i].id);
		assert_int_equal(got.restored_ms, rows[i].ms);
		assert_true(got.restored_is_savepoint);
		assert_non_null(strstr(got.restored_path, "/sp/savepoint-"));
	}
}

static void failed_checkpoints(void **state)
{
	struct checkpoint_stats got = parsed(*state, flink_parse_checkpoints,
		fixture("1.20.5", "errors/checkpoint-timeout-tolerated.checkpoints"))
					      .checkpoints;

	assert_int_equal(got.history_count, 4);
	assert_int_equal(got.history[0].status, CHECKPOINT_IN_PROGRESS);
	assert_int_equal(got.history[0].ack_ms, -1);
	assert_int_equal(got.history[1].status, CHECKPOINT_FAILED);
	assert_string_equal(got.history[1].failure, "Checkpoint expired before completing.");
	assert_int_equal(got.history[1].duration_ms, 3001);
	assert_int_equal(got.last_failed->id, 3);
	assert_int_equal(got.last_failed->acknowledged, 0);
	assert_null(got.last_completed);

	/* latest.failed is a savepoint there; no checkpoint failed. */
	got = parsed(*state, flink_parse_checkpoints,
		fixture("1.20.5", "errors/savepoint-dir-not-writable.checkpoints"))
		      .checkpoints;
	assert_true(got.history[0].is_savepoint);
	assert_int_equal(got.history[0].status, CHECKPOINT_FAILED);
	assert_null(got.last_failed);
	assert_int_equal(got.last_completed->id, 1);
}

static void checkpoints_in_any_order_with_odd_rows(void **state)
{
	static const char text[] =
		"{\"history\":[{\"id\":2,\"status\":\"FAILED\"},7,{\"id\":9,\"status\":\"MELTED\"},"
		"{\"id\":4,\"status\":\"FAILED\",\"is_savepoint\":true},{\"status\":\"COMPLETED\","
		"\"id\":\"3\",\"state_size\":-1,\"end_to_end_duration\":\"NaN\","
		"\"trigger_timestamp\":0,\"external_path\":\"\"}],\"latest\":{\"failed\":{\"id\":4,"
		"\"status\":\"FAILED\",\"is_savepoint\":true},\"savepoint\":{\"id\":1,"
		"\"status\":\"COMPLETED\",\"is_savepoint\":true}},\"counts\":{\"failed\":-7}}";
	struct checkpoint_stats got =
		parsed(*state, flink_parse_checkpoints, json_of(text)).checkpoints;

	assert_int_equal(got.history_count, 3);
	assert_int_equal(got.history[0].id, 4);
	assert_int_equal(got.history[1].id, 3);
	assert_int_equal(got.history[2].id, 2);
	assert_int_equal(got.history[1].state_bytes, -1);
	assert_int_equal(got.history[1].duration_ms, -1);
	assert_int_equal(got.history[1].trigger_ms, -1);
	assert_null(got.history[1].path);
	assert_int_equal(got.failed, -1);
	assert_int_equal(got.total, -1);
	assert_int_equal(got.last_failed->id, 2);
	assert_int_equal(got.last_savepoint->id, 1);
	assert_int_equal(got.restored_id, -1);
}

static void a_job_without_checkpoints_has_none(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct checkpoint_stats got = parsed(*state, flink_parse_checkpoints,
			fixture(versions[i], "job-checkpoints-failed"))
						      .checkpoints;

		assert_int_equal(got.total, 0);
		assert_int_equal(got.history_count, 0);
		assert_null(got.last_completed);
	}
}

static void checkpoint_configuration(void **state)
{
	static const char off[] =
		"{\"mode\":\"exactly_once\",\"interval\":9223372036854775807,"
		"\"externalization\":{\"enabled\":true,"
		"\"delete_on_cancellation\":true},\"unaligned_checkpoints\":true}";
	struct checkpoint_config got;

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		got = parsed(*state, flink_parse_checkpoint_config,
			fixture(versions[i], "checkpoints-config"))
			      .checkpoint_config;
		print_message("  %s\n", versions[i]);
		assert_string_equal(got.mode, "exactly_once");
		assert_int_equal(got.interval_ms, 2000);
		assert_int_equal(got.timeout_ms, 600000);
		assert_int_equal(got.min_pause_ms, 0);
		assert_int_equal(got.max_concurrent, 1);
		assert_int_equal(got.tolerable_failures, 0);
		assert_string_equal(got.state_backend, "HashMapStateBackend");
		assert_string_equal(got.storage, "FileSystemCheckpointStorage");
		assert_true(got.is_retained);
		assert_false(got.is_unaligned);
	}
	got = parsed(*state, flink_parse_checkpoint_config, json_of(off)).checkpoint_config;
	assert_int_equal(got.interval_ms, -1);
	assert_int_equal(got.timeout_ms, -1);
	assert_false(got.is_retained);
	assert_true(got.is_unaligned);
}

static void wrong_shapes_say_what_was_expected(void **state)
{
	static const struct {
		const char *name, *json, *want;
		detail_parser parser;
	} rows[] = {
		{"job: empty", "{}", "no \"jid\"", flink_parse_job},
		{"job: an array", "[]", "no \"jid\"", flink_parse_job},
		{"job: no vertices", "{\"jid\":\"" ID "\"}", "no \"vertices\" array",
			flink_parse_job},
		{"job: vertices an object", "{\"jid\":\"" ID "\",\"vertices\":{}}",
			"no \"vertices\" array", flink_parse_job},
		{"metrics: an object", "{}", "not an array of metrics", flink_parse_restarts},
		{"config: empty", "{}", "no \"jid\"", flink_parse_config},
		{"checkpoints: empty", "{}", "no \"counts\" object", flink_parse_checkpoints},
		{"checkpoints: counts an array", "{\"counts\":[]}", "no \"counts\" object",
			flink_parse_checkpoints},
		{"checkpoints: no history", "{\"counts\":{}}", "no \"history\" array",
			flink_parse_checkpoints},
		{"checkpoint configuration: empty", "{}", "no \"mode\"",
			flink_parse_checkpoint_config},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const struct job_detail untouched;
		struct job_detail job = {0};
		json_t *root = json_of(rows[i].json);
		struct err err = {0};

		print_message("  %s\n", rows[i].name);
		assert_int_equal(rows[i].parser(*state, root, &job, &err), E_PROTO);
		assert_true(str_starts(err.text, "GET http://jm/x: "));
		assert_non_null(strstr(err.text, rows[i].want));
		assert_memory_equal(&job, &untouched, sizeof(job));
		json_decref(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_arena(vertices_of_three_versions),
		test_in_arena(failed_jobs_of_three_versions),
		test_in_arena(the_last_restart_has_its_time),
		test_in_arena(the_string_nan_is_unknown),
		test_in_arena(the_largest_vertex_tells_the_parallelism),
		test_in_arena(lag_is_what_sources_tell),
		test_in_arena(restarts_are_a_string_or_not_there),
		test_in_arena(configuration_of_three_versions),
		test_in_arena(settings_are_sorted_and_secrets_masked),
		test_in_arena(vertices_outrank_the_configured_parallelism),
		test_in_arena(checkpoints_of_three_versions),
		test_in_arena(restored_jobs_tell_from_where),
		test_in_arena(failed_checkpoints),
		test_in_arena(checkpoints_in_any_order_with_odd_rows),
		test_in_arena(a_job_without_checkpoints_has_none),
		test_in_arena(checkpoint_configuration),
		test_in_arena(wrong_shapes_say_what_was_expected),
	};

	return cmocka_run_group_tests_name("source/flink/parse_job", tests, NULL, NULL);
}
