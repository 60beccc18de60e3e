/*
 * /jobs/:id/checkpoints without a tree: tables say which keys there are and where their values go. As in
 * scan_jobs.c whatever Flink does not write like this ends it, and the tree's reader has the word.
 */
#include <string.h>

#include "core/base/doc_scan.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/source/flink/parse.h"

enum kind {
	AMOUNT,
	TIME,
	COUNT,
	FLAG,
	TEXT,
	MASKED,
	STATUS,
	OBJECT,     /* of another table; its offsets are of the same struct */
	CHECKPOINT, /* one that is pointed to; null = none */
	HISTORY
};
struct table;
struct field {
	const char *key;
	enum kind kind;
	size_t offset;
	const struct table *table;
};
/* `needed`: the first so many have to be there, and not null. */
struct table {
	const struct field *fields;
	size_t count, needed;
};
#define TABLE(list, needed)                                                                        \
	{                                                                                          \
		list, ARRAY_SIZE(list), needed                                                     \
	}

#define AT(member) offsetof(struct checkpoint, member)
static const struct field checkpoint_fields[] = {
	{"status", STATUS, AT(status), NULL},
	{"id", AMOUNT, AT(id), NULL},
	{"is_savepoint", FLAG, AT(is_savepoint), NULL},
	{"trigger_timestamp", TIME, AT(trigger_ms), NULL},
	{"latest_ack_timestamp", TIME, AT(ack_ms), NULL},
	{"checkpointed_size", AMOUNT, AT(checkpointed_bytes), NULL},
	{"state_size", AMOUNT, AT(state_bytes), NULL},
	{"end_to_end_duration", AMOUNT, AT(duration_ms), NULL},
	{"alignment_buffered", AMOUNT, AT(alignment_bytes), NULL},
	{"processed_data", AMOUNT, AT(processed_bytes), NULL},
	{"persisted_data", AMOUNT, AT(persisted_bytes), NULL},
	{"num_subtasks", COUNT, AT(subtasks), NULL},
	{"num_acknowledged_subtasks", COUNT, AT(acknowledged), NULL},
	{"checkpoint_type", TEXT, AT(type), NULL},
	{"external_path", TEXT, AT(path), NULL},
	{"discarded", FLAG, AT(is_discarded), NULL},
	{"failure_message", MASKED, AT(failure), NULL},
};
#undef AT
static const struct table checkpoint_table = TABLE(checkpoint_fields, 1);

#define AT(member) offsetof(struct checkpoint_stats, member)
static const struct field count_fields[] = {
	{"restored", AMOUNT, AT(restored), NULL},
	{"total", AMOUNT, AT(total), NULL},
	{"in_progress", AMOUNT, AT(in_progress), NULL},
	{"completed", AMOUNT, AT(completed), NULL},
	{"failed", AMOUNT, AT(failed), NULL},
};
static const struct table counts_table = TABLE(count_fields, 0);
static const struct field restored_fields[] = {
	{"id", AMOUNT, AT(restored_id), NULL},
	{"restore_timestamp", TIME, AT(restored_ms), NULL},
	{"is_savepoint", FLAG, AT(restored_is_savepoint), NULL},
	{"external_path", TEXT, AT(restored_path), NULL},
};
static const struct table restored_table = TABLE(restored_fields, 0);
static const struct field latest_fields[] = {
	{"completed", CHECKPOINT, AT(last_completed), NULL},
	{"savepoint", CHECKPOINT, AT(last_savepoint), NULL},
	{"failed", CHECKPOINT, AT(last_failed), NULL},
	{"restored", OBJECT, 0, &restored_table},
};
static const struct table latest_table = TABLE(latest_fields, 0);
static const struct field root_fields[] = {
	{"counts", OBJECT, 0, &counts_table},
	{"history", HISTORY, 0, NULL},
	{"latest", OBJECT, 0, &latest_table},
};
static const struct table root_table = TABLE(root_fields, 2);
#undef AT

static const struct checkpoint unknown = {-1, CHECKPOINT_IN_PROGRESS, false, false, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, NULL, NULL, NULL};

static void table_scan(struct doc_scan *scan, const struct flink_parse *parse,
	const struct table *table, void *out);

static const char *text_of(struct doc_scan *scan, const struct flink_parse *parse)
{
	struct doc_piece piece = {"", 0};

	if (!doc_scan_null(scan))
		piece = doc_scan_text(scan);
	return piece.len ? arena_strndup(parse->arena, piece.text, piece.len) : NULL;
}

static enum checkpoint_status status_of(struct doc_scan *scan)
{
	struct doc_piece piece = doc_scan_text(scan);
	const char *name;

	for (int i = CHECKPOINT_IN_PROGRESS;
		(name = checkpoint_status_name((enum checkpoint_status)i)); i++)
		if (strlen(name) == piece.len && memcmp(name, piece.text, piece.len) == 0)
			return (enum checkpoint_status)i;
	doc_scan_fail(scan);
	return CHECKPOINT_IN_PROGRESS;
}

static struct checkpoint *checkpoint_scan(struct doc_scan *scan, const struct flink_parse *parse)
{
	struct checkpoint *out = arena_alloc(parse->arena, sizeof(*out));

	*out = unknown;
	table_scan(scan, parse, &checkpoint_table, out);
	return out;
}

static void history_scan(
	struct doc_scan *scan, const struct flink_parse *parse, struct checkpoint_stats *stats)
{
	VEC(struct checkpoint) rows = {0};
	struct checkpoint *list;

	doc_scan_enter(scan, '[');
	while (doc_scan_item(scan)) {
		vec_push(&rows, unknown);
		table_scan(scan, parse, &checkpoint_table, &rows.data[rows.len - 1]);
	}
	list = arena_calloc(parse->arena, rows.len + 1, sizeof(*list));
	if (rows.len)
		memcpy(list, rows.data, rows.len * sizeof(*list));
	flink_sort_checkpoints(list, rows.len);
	stats->history = list;
	stats->history_count = rows.len;
	vec_release(&rows);
}

/* Whether it is there: null is not. */
static bool field_scan(struct doc_scan *scan, const struct flink_parse *parse,
	const struct field *field, void *out)
{
	void *at = (char *)out + field->offset;
	const char *text;
	int64_t value;

	switch (field->kind) {
	case AMOUNT:
		value = doc_scan_int(scan);
		*(int64_t *)at = value < 0 ? -1 : value;
		break;
	case TIME: *(int64_t *)at = flink_as_time(doc_scan_int(scan)); break;
	case COUNT: *(int *)at = flink_as_count(doc_scan_int(scan)); break;
	case FLAG: *(bool *)at = doc_scan_bool(scan); break;
	case TEXT: *(const char **)at = text_of(scan, parse); break;
	case MASKED:
		text = text_of(scan, parse);
		*(const char **)at = text ? flink_masked(parse, text) : NULL;
		break;
	case STATUS: *(enum checkpoint_status *)at = status_of(scan); break;
	case OBJECT:
		if (doc_scan_null(scan))
			return false;
		table_scan(scan, parse, field->table, out);
		break;
	case CHECKPOINT:
		if (doc_scan_null(scan))
			return false;
		*(const struct checkpoint **)at = checkpoint_scan(scan, parse);
		break;
	case HISTORY: history_scan(scan, parse, out); break;
	}
	return true;
}

static void table_scan(struct doc_scan *scan, const struct flink_parse *parse,
	const struct table *table, void *out)
{
	struct doc_piece key;
	unsigned seen = 0;

	doc_scan_enter(scan, '{');
	while (doc_scan_key(scan, &key)) {
		size_t i = 0;
		while (i < table->count && !doc_piece_is(key, table->fields[i].key))
			i++;
		if (i == table->count)
			doc_scan_skip(scan);
		else if (seen & 1u << i)
			doc_scan_fail(scan);
		else if (field_scan(scan, parse, &table->fields[i], out))
			seen |= 1u << i;
	}
	for (size_t i = 0; i < table->needed; i++)
		if (!(seen & 1u << i))
			doc_scan_fail(scan);
}

bool flink_scan_checkpoints(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	struct checkpoint_stats stats = {-1, -1, -1, -1, -1, .restored_id = -1, .restored_ms = -1};

	table_scan(&scan, parse, &root_table, &stats);
	if (!doc_scan_ended(&scan))
		return false;
	stats.last_failed = flink_last_failed(&stats, stats.last_failed);
	out->checkpoints = stats;
	out->parts |= JOB_PART_CHECKPOINTS;
	return true;
}
