/*
 * /jobs/:id/checkpoints without a tree: tables say which keys there are and where their values go. As in
 * scan_jobs.c whatever Flink does not write like this ends it, and the tree's reader has the word.
 */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/source/flink/scan_table.h"

static bool status_read(struct doc_scan *scan, const struct flink_parse *parse, void *out);
static bool checkpoint_read(struct doc_scan *scan, const struct flink_parse *parse, void *out);
static bool history_read(struct doc_scan *scan, const struct flink_parse *parse, void *out);

#define AT(member) offsetof(struct checkpoint, member)
static const struct scan_field checkpoint_fields[] = {
	{"status", SCAN_BY, AT(status), NULL, status_read},
	{"id", SCAN_AMOUNT, AT(id), NULL, NULL},
	{"is_savepoint", SCAN_FLAG, AT(is_savepoint), NULL, NULL},
	{"trigger_timestamp", SCAN_TIME, AT(trigger_ms), NULL, NULL},
	{"latest_ack_timestamp", SCAN_TIME, AT(ack_ms), NULL, NULL},
	{"checkpointed_size", SCAN_AMOUNT, AT(checkpointed_bytes), NULL, NULL},
	{"state_size", SCAN_AMOUNT, AT(state_bytes), NULL, NULL},
	{"end_to_end_duration", SCAN_AMOUNT, AT(duration_ms), NULL, NULL},
	{"alignment_buffered", SCAN_AMOUNT, AT(alignment_bytes), NULL, NULL},
	{"processed_data", SCAN_AMOUNT, AT(processed_bytes), NULL, NULL},
	{"persisted_data", SCAN_AMOUNT, AT(persisted_bytes), NULL, NULL},
	{"num_subtasks", SCAN_COUNT, AT(subtasks), NULL, NULL},
	{"num_acknowledged_subtasks", SCAN_COUNT, AT(acknowledged), NULL, NULL},
	{"checkpoint_type", SCAN_TEXT, AT(type), NULL, NULL},
	{"external_path", SCAN_TEXT, AT(path), NULL, NULL},
	{"discarded", SCAN_FLAG, AT(is_discarded), NULL, NULL},
	{"failure_message", SCAN_MASKED, AT(failure), NULL, NULL},
};
#undef AT
static const struct scan_table checkpoint_table = SCAN_TABLE(checkpoint_fields, 1);

#define AT(member) offsetof(struct checkpoint_stats, member)
static const struct scan_field count_fields[] = {
	{"restored", SCAN_AMOUNT, AT(restored), NULL, NULL},
	{"total", SCAN_AMOUNT, AT(total), NULL, NULL},
	{"in_progress", SCAN_AMOUNT, AT(in_progress), NULL, NULL},
	{"completed", SCAN_AMOUNT, AT(completed), NULL, NULL},
	{"failed", SCAN_AMOUNT, AT(failed), NULL, NULL},
};
static const struct scan_table counts_table = SCAN_TABLE(count_fields, 0);
static const struct scan_field restored_fields[] = {
	{"id", SCAN_AMOUNT, AT(restored_id), NULL, NULL},
	{"restore_timestamp", SCAN_TIME, AT(restored_ms), NULL, NULL},
	{"is_savepoint", SCAN_FLAG, AT(restored_is_savepoint), NULL, NULL},
	{"external_path", SCAN_TEXT, AT(restored_path), NULL, NULL},
};
static const struct scan_table restored_table = SCAN_TABLE(restored_fields, 0);
static const struct scan_field latest_fields[] = {
	{"completed", SCAN_BY, AT(last_completed), NULL, checkpoint_read},
	{"savepoint", SCAN_BY, AT(last_savepoint), NULL, checkpoint_read},
	{"failed", SCAN_BY, AT(last_failed), NULL, checkpoint_read},
	{"restored", SCAN_OBJECT, 0, &restored_table, NULL},
};
static const struct scan_table latest_table = SCAN_TABLE(latest_fields, 0);
static const struct scan_field root_fields[] = {
	{"counts", SCAN_OBJECT, 0, &counts_table, NULL},
	{"history", SCAN_BY, 0, NULL, history_read},
	{"latest", SCAN_OBJECT, 0, &latest_table, NULL},
};
static const struct scan_table root_table = SCAN_TABLE(root_fields, 2);
#undef AT

static const struct checkpoint unknown = {-1, CHECKPOINT_IN_PROGRESS, false, false, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, NULL, NULL, NULL};

static bool status_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct doc_piece piece = doc_scan_text(scan);
	const char *name;

	(void)parse;
	for (int i = CHECKPOINT_IN_PROGRESS;
		(name = checkpoint_status_name((enum checkpoint_status)i)); i++)
		if (doc_piece_is(piece, name)) {
			*(enum checkpoint_status *)out = (enum checkpoint_status)i;
			return true;
		}
	doc_scan_fail(scan);
	return false;
}

/* One that is pointed to; null = none. */
static bool checkpoint_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct checkpoint *checkpoint;

	if (doc_scan_null(scan))
		return false;
	checkpoint = arena_alloc(parse->arena, sizeof(*checkpoint));
	*checkpoint = unknown;
	scan_table(scan, parse, &checkpoint_table, checkpoint);
	*(const struct checkpoint **)out = checkpoint;
	return true;
}

static bool history_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct checkpoint_stats *stats = out;
	VEC(struct checkpoint) rows = {0};
	struct checkpoint *list;

	doc_scan_enter(scan, '[');
	while (doc_scan_item(scan)) {
		vec_push(&rows, unknown);
		scan_table(scan, parse, &checkpoint_table, &rows.data[rows.len - 1]);
	}
	list = arena_calloc(parse->arena, rows.len + 1, sizeof(*list));
	if (rows.len)
		memcpy(list, rows.data, rows.len * sizeof(*list));
	flink_sort_checkpoints(list, rows.len);
	stats->history = list;
	stats->history_count = rows.len;
	vec_release(&rows);
	return true;
}

bool flink_scan_checkpoints(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	struct checkpoint_stats stats = {-1, -1, -1, -1, -1, .restored_id = -1, .restored_ms = -1};

	scan_table(&scan, parse, &root_table, &stats);
	if (!doc_scan_ended(&scan))
		return false;
	stats.last_failed = flink_last_failed(&stats, stats.last_failed);
	out->checkpoints = stats;
	out->parts |= JOB_PART_CHECKPOINTS;
	return true;
}
