/* The detail of a job as the text that crosses from who polls to who follows. */
#include "core/store/detail_text.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"

static void detail_text_crosses_whole(void **state)
{
	struct arena *arena = arena_new();
	const struct vertex vertices[] = {
		{.id = "a", .name = "来源", .parallelism = 2, .busy_ms = -1, .is_source = true},
		{.id = "b", .status = "RUNNING", .tasks = {.total = 4, .reconciling = 1}},
	};
	const struct setting settings[] = {{"restart", "fixed"}, {"empty", NULL}};
	const struct checkpoint history[] = {
		{.id = 9, .status = CHECKPOINT_FAILED, .failure = "token=abcdef0123456789abcdef"}};
	const struct job_detail detail = {.parts = JOB_PARTS_ALL | JOB_PART_LAG,
		.parallelism = 2,
		.vertices = vertices,
		.vertex_count = 2,
		.checkpoints = {.completed = 7,
			.history = history,
			.history_count = 1,
			.last_failed = &history[0]},
		.checkpoint_config = {.interval_ms = 60000, .is_retained = true},
		.settings = settings,
		.setting_count = 2,
		.lag_vertex = "a",
		.lag_records = 12};
	struct job_detail got = {.id = "kept"}, bad = {.id = "kept"};
	char *text = detail_to_text(&detail), *again;

	(void)state;
	check_bool("understood", detail_from_text(arena, text, &got), true);
	check_str("id", got.id, "kept");
	check_str("name", got.vertices[0].name, "来源");
	check_int("tasks", got.vertices[1].tasks.reconciling, 1);
	check_bool("source", got.vertices[0].is_source, true);
	check_int("failed", got.checkpoints.last_failed->status, CHECKPOINT_FAILED);
	check_bool("none", got.checkpoints.last_completed == NULL, true);
	check_bool("null", got.settings[1].value == NULL, true);
	check_int("lag", got.lag_records, 12);
	check_bool("masked", strstr(text, "abcdef0123456789") == NULL, true);
	/* What was read makes the same text. */
	again = detail_to_text(&got);
	check_str("again", again, text);
	text[strlen(text) / 2] = '\0';
	check_bool("cut", detail_from_text(arena, text, &bad), false);
	check_bool("other", detail_from_text(arena, "[1,2]", &bad), false);
	check_int("untouched", bad.parts, 0);
	free(text);
	free(again);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detail_text_crosses_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
