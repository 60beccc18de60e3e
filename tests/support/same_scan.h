/* Do two readers of an answer, without a tree and with one, tell the same? For the test of both, and for the
 * fuzzer. */
#ifndef WEIR_TESTS_SAME_SCAN_H
#define WEIR_TESTS_SAME_SCAN_H

#include <string.h>

#include "core/base/doc.h"
#include "core/base/str.h"
#include "core/source/flink/parse.h"

static inline bool same_job(const struct job_summary *a, const struct job_summary *b)
{
	return str_eq(a->id, b->id) && str_eq(a->name, b->name) && a->status == b->status &&
		a->start_ms == b->start_ms && a->end_ms == b->end_ms &&
		a->duration_ms == b->duration_ms && a->modified_ms == b->modified_ms &&
		memcmp(&a->tasks, &b->tasks, sizeof(a->tasks)) == 0 && a->seen_ms == b->seen_ms &&
		a->missing_ms == b->missing_ms && a->settled_without == b->settled_without &&
		a->said_by == b->said_by;
}

/* *scanned: was it plain? What is not is left to the tree, so both tell the same. */
static inline bool same_jobs(const char *text, size_t len, bool *scanned)
{
	struct flink_parse parse = {.what = "test", .arena = arena_new()};
	const struct job_summary *one = NULL, *two = NULL;
	size_t count = 0, of_tree = 0;
	bool same = true;
	json_t *root;

	*scanned = flink_scan_jobs(parse.arena, text, len, &one, &count);
	if (*scanned) {
		root = doc_parse_json(text, len, "test", NULL);
		same = root && flink_parse_jobs(&parse, root, &two, &of_tree, NULL) == 0 &&
			count == of_tree;
		for (size_t i = 0; same && i < count; i++)
			same = same_job(&one[i], &two[i]);
		json_decref(root);
	} else {
		same = !one && !count;
	}
	arena_free(parse.arena);
	return same;
}

static inline bool same_checkpoint(const struct checkpoint *a, const struct checkpoint *b)
{
	if (!a || !b)
		return a == b;
	return a->id == b->id && a->status == b->status && a->is_savepoint == b->is_savepoint &&
		a->is_discarded == b->is_discarded && a->trigger_ms == b->trigger_ms &&
		a->ack_ms == b->ack_ms && a->duration_ms == b->duration_ms &&
		a->state_bytes == b->state_bytes &&
		a->checkpointed_bytes == b->checkpointed_bytes &&
		a->processed_bytes == b->processed_bytes &&
		a->persisted_bytes == b->persisted_bytes &&
		a->alignment_bytes == b->alignment_bytes && a->subtasks == b->subtasks &&
		a->acknowledged == b->acknowledged && str_eq(a->path, b->path) &&
		str_eq(a->failure, b->failure) && str_eq(a->type, b->type);
}

static inline bool same_stats(const struct checkpoint_stats *a, const struct checkpoint_stats *b)
{
	bool same = a->restored == b->restored && a->total == b->total &&
		a->in_progress == b->in_progress && a->completed == b->completed &&
		a->failed == b->failed && a->history_count == b->history_count &&
		a->restored_id == b->restored_id && a->restored_ms == b->restored_ms &&
		str_eq(a->restored_path, b->restored_path) &&
		a->restored_is_savepoint == b->restored_is_savepoint &&
		same_checkpoint(a->last_completed, b->last_completed) &&
		same_checkpoint(a->last_failed, b->last_failed) &&
		same_checkpoint(a->last_savepoint, b->last_savepoint);

	for (size_t i = 0; same && i < a->history_count; i++)
		same = same_checkpoint(&a->history[i], &b->history[i]);
	return same;
}

static inline bool same_checkpoints(const char *text, size_t len, bool *scanned)
{
	struct flink_parse parse = {.what = "test", .arena = arena_new()};
	struct job_detail one = {.parts = 0}, two = {.parts = 0};
	bool same = true;

	*scanned = flink_scan_checkpoints(&parse, text, len, &one);
	if (*scanned) {
		json_t *root = doc_parse_json(text, len, "test", NULL);
		same = root && flink_parse_checkpoints(&parse, root, &two, NULL) == 0 &&
			one.parts == two.parts && same_stats(&one.checkpoints, &two.checkpoints);
		json_decref(root);
	} else {
		same = !one.parts && !one.checkpoints.history;
	}
	arena_free(parse.arena);
	return same;
}

#endif
