/* Checkpoints and their configuration. Counts and times only: the per-task tables stay with Flink.
 */
#include "core/source/flink/parse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/str.h"

/* What Flink writes for "no interval": checkpoints are off, or only taken by hand. */
#define INTERVAL_NONE_MS INT64_MAX

static bool checkpoint_parse(
	const struct flink_parse *parse, const json_t *row, struct checkpoint *out)
{
	const char *status = doc_str(row, "status");
	int i;

	for (i = CHECKPOINT_IN_PROGRESS; checkpoint_status_name((enum checkpoint_status)i); i++)
		if (str_eq(checkpoint_status_name((enum checkpoint_status)i), status))
			break;
	if (!checkpoint_status_name((enum checkpoint_status)i))
		return false;
	*out = (struct checkpoint){
		.id = flink_amount(row, "id"),
		.status = (enum checkpoint_status)i,
		.is_savepoint = json_is_true(json_object_get(row, "is_savepoint")),
		.is_discarded = json_is_true(json_object_get(row, "discarded")),
		.trigger_ms = flink_time(row, "trigger_timestamp"),
		.ack_ms = flink_time(row, "latest_ack_timestamp"),
		.duration_ms = flink_amount(row, "end_to_end_duration"),
		.state_bytes = flink_amount(row, "state_size"),
		.checkpointed_bytes = flink_amount(row, "checkpointed_size"),
		.processed_bytes = flink_amount(row, "processed_data"),
		.persisted_bytes = flink_amount(row, "persisted_data"),
		.alignment_bytes = flink_amount(row, "alignment_buffered"),
		.subtasks = flink_count(row, "num_subtasks"),
		.acknowledged = flink_count(row, "num_acknowledged_subtasks"),
		.path = flink_text(parse, row, "external_path"),
		.failure = flink_text_masked(parse, row, "failure_message"),
		.type = flink_text(parse, row, "checkpoint_type"),
	};
	return true;
}

static const struct checkpoint *latest_parse(
	const struct flink_parse *parse, const json_t *latest, const char *key)
{
	struct checkpoint *out = arena_alloc(parse->arena, sizeof(*out));

	return checkpoint_parse(parse, json_object_get(latest, key), out) ? out : NULL;
}

static int checkpoint_cmp_newest(const void *a, const void *b)
{
	const struct checkpoint *x = a, *y = b;

	return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

void flink_sort_checkpoints(struct checkpoint *list, size_t count)
{
	qsort(list, count, sizeof(*list), checkpoint_cmp_newest);
}

const struct checkpoint *flink_last_failed(
	const struct checkpoint_stats *stats, const struct checkpoint *told)
{
	if (!told || !told->is_savepoint)
		return told;
	for (size_t i = 0; i < stats->history_count; i++)
		if (stats->history[i].status == CHECKPOINT_FAILED &&
			!stats->history[i].is_savepoint)
			return &stats->history[i];
	return NULL;
}

int flink_parse_checkpoints(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err)
{
	const json_t *counts = json_object_get(root, "counts"), *row;
	const json_t *history = json_object_get(root, "history");
	const json_t *latest = json_object_get(root, "latest");
	const json_t *restored = json_object_get(latest, "restored");
	struct checkpoint *list;
	struct checkpoint_stats stats = {0};
	size_t i;

	if (!json_is_object(counts))
		return flink_expected(parse, err, "counts", _("object"));
	if (!json_is_array(history))
		return flink_expected(parse, err, "history", _("array"));
	list = arena_calloc(parse->arena, json_array_size(history) + 1, sizeof(*list));
	json_array_foreach (history, i, row) {
		if (checkpoint_parse(parse, row, &list[stats.history_count]))
			stats.history_count++;
	}
	flink_sort_checkpoints(list, stats.history_count);
	stats.history = list;
	stats.restored = flink_amount(counts, "restored");
	stats.total = flink_amount(counts, "total");
	stats.in_progress = flink_amount(counts, "in_progress");
	stats.completed = flink_amount(counts, "completed");
	stats.failed = flink_amount(counts, "failed");
	stats.last_completed = latest_parse(parse, latest, "completed");
	stats.last_savepoint = latest_parse(parse, latest, "savepoint");
	stats.last_failed = flink_last_failed(&stats, latest_parse(parse, latest, "failed"));
	stats.restored_id = flink_amount(restored, "id");
	stats.restored_ms = flink_time(restored, "restore_timestamp");
	stats.restored_path = flink_text(parse, restored, "external_path");
	stats.restored_is_savepoint = json_is_true(json_object_get(restored, "is_savepoint"));
	out->checkpoints = stats;
	out->parts |= JOB_PART_CHECKPOINTS;
	return 0;
}

int flink_parse_checkpoint_config(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err)
{
	const json_t *kept = json_object_get(root, "externalization");
	struct checkpoint_config config = {
		.mode = flink_text(parse, root, "mode"),
		.state_backend = flink_text(parse, root, "state_backend"),
		.storage = flink_text(parse, root, "checkpoint_storage"),
		.interval_ms = flink_amount(root, "interval"),
		.timeout_ms = flink_amount(root, "timeout"),
		.min_pause_ms = flink_amount(root, "min_pause"),
		.max_concurrent = flink_amount(root, "max_concurrent"),
		.tolerable_failures = flink_amount(root, "tolerable_failed_checkpoints"),
		.is_externalised = json_is_true(json_object_get(kept, "enabled")),
		.is_retained = json_is_true(json_object_get(kept, "enabled")) &&
			json_is_false(json_object_get(kept, "delete_on_cancellation")),
		.is_unaligned = json_is_true(json_object_get(root, "unaligned_checkpoints")),
	};

	if (!config.mode)
		return flink_expected(parse, err, "mode", _("text"));
	if (config.interval_ms == INTERVAL_NONE_MS)
		config.interval_ms = -1;
	out->checkpoint_config = config;
	return 0;
}
