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

static inline bool same_vertices(const struct job_detail *a, const struct job_detail *b)
{
	bool same = a->vertex_count == b->vertex_count && str_eq(a->id, b->id) &&
		a->parallelism == b->parallelism && str_eq(a->job_type, b->job_type) &&
		a->restarting_ms == b->restarting_ms;

	for (size_t i = 0; same && i < a->vertex_count; i++) {
		const struct vertex *x = &a->vertices[i], *y = &b->vertices[i];

		same = str_eq(x->id, y->id) && str_eq(x->name, y->name) &&
			str_eq(x->status, y->status) && x->parallelism == y->parallelism &&
			x->max_parallelism == y->max_parallelism && x->start_ms == y->start_ms &&
			x->duration_ms == y->duration_ms &&
			memcmp(&x->tasks, &y->tasks, sizeof(x->tasks)) == 0 &&
			x->read_bytes == y->read_bytes && x->read_records == y->read_records &&
			x->write_bytes == y->write_bytes && x->write_records == y->write_records &&
			x->busy_ms == y->busy_ms && x->backpressured_ms == y->backpressured_ms &&
			x->idle_ms == y->idle_ms && x->is_source == y->is_source &&
			x->is_sink == y->is_sink;
	}
	return same;
}

typedef bool (*scan_detail_fn)(
	const struct flink_parse *, const char *text, size_t len, struct job_detail *);
typedef int (*parse_detail_fn)(
	const struct flink_parse *, const json_t *, struct job_detail *, struct err *);

static inline bool same_detail(
	scan_detail_fn scan, parse_detail_fn read, const char *text, size_t len, bool *scanned)
{
	struct flink_parse parse = {.what = "test", .arena = arena_new()};
	struct job_detail one = {.parts = 0}, two = {.parts = 0};
	bool same = true;

	*scanned = scan(&parse, text, len, &one);
	if (*scanned) {
		json_t *root = doc_parse_json(text, len, "test", NULL);
		same = root && read(&parse, root, &two, NULL) == 0 && one.parts == two.parts &&
			same_vertices(&one, &two) && one.restarts == two.restarts &&
			one.exception_count == two.exception_count &&
			one.exceptions_truncated == two.exceptions_truncated;
		json_decref(root);
	} else {
		same = !one.parts && !one.vertices;
	}
	arena_free(parse.arena);
	return same;
}

static inline bool same_job_detail(const char *text, size_t len, bool *scanned)
{
	return same_detail(flink_scan_job, flink_parse_job, text, len, scanned);
}

static inline bool same_restarts(const char *text, size_t len, bool *scanned)
{
	return same_detail(flink_scan_restarts, flink_parse_restarts, text, len, scanned);
}

static inline bool same_exceptions(const char *text, size_t len, bool *scanned)
{
	return same_detail(flink_scan_no_exceptions, flink_parse_exceptions, text, len, scanned);
}

static inline bool same_overview(const char *text, size_t len, bool *scanned)
{
	struct flink_parse parse = {.what = "test", .arena = arena_new()};
	struct cluster_status one = {.address = "a"}, two = {.address = "a"};
	bool same = true;

	*scanned = flink_scan_overview(&parse, text, len, &one);
	if (*scanned) {
		json_t *root = doc_parse_json(text, len, "test", NULL);
		same = root && flink_parse_overview(&parse, root, &two, NULL) == 0 &&
			str_eq(one.address, two.address) &&
			str_eq(one.flink_version, two.flink_version) &&
			one.taskmanagers == two.taskmanagers &&
			one.slots_total == two.slots_total && one.slots_free == two.slots_free &&
			one.jobs_running == two.jobs_running &&
			one.jobs_finished == two.jobs_finished &&
			one.jobs_canceled == two.jobs_canceled &&
			one.jobs_failed == two.jobs_failed;
		json_decref(root);
	} else {
		same = !one.taskmanagers && !one.flink_version;
	}
	arena_free(parse.arena);
	return same;
}

#endif
