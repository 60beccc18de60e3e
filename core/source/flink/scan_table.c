/* One pass over an object; the order of its keys is that of the table, mostly. */
#include "core/source/flink/scan_table.h"

static const char *text_of(struct doc_scan *scan, const struct flink_parse *parse)
{
	struct doc_piece piece = {"", 0};

	if (!doc_scan_null(scan))
		piece = doc_scan_text(scan);
	return piece.len ? arena_strndup(parse->arena, piece.text, piece.len) : NULL;
}

/* Whether it is there: null is not. */
static bool field_scan(struct doc_scan *scan, const struct flink_parse *parse,
	const struct scan_field *field, void *out)
{
	void *at = (char *)out + field->offset;
	const char *text;
	int64_t value;

	switch (field->kind) {
	case SCAN_AMOUNT:
		value = doc_scan_int(scan);
		*(int64_t *)at = value < 0 ? -1 : value;
		break;
	case SCAN_TIME: *(int64_t *)at = flink_as_time(doc_scan_int(scan)); break;
	case SCAN_COUNT: *(int *)at = flink_as_count(doc_scan_int(scan)); break;
	case SCAN_FLAG: *(bool *)at = doc_scan_bool(scan); break;
	case SCAN_TEXT: *(const char **)at = text_of(scan, parse); break;
	case SCAN_MASKED:
		text = text_of(scan, parse);
		*(const char **)at = text ? flink_masked(parse, text) : NULL;
		break;
	case SCAN_OBJECT:
		if (doc_scan_null(scan))
			return false;
		scan_table(scan, parse, field->table, out);
		break;
	case SCAN_BY: return field->read(scan, parse, at);
	}
	return true;
}

void scan_table(struct doc_scan *scan, const struct flink_parse *parse,
	const struct scan_table *table, void *out)
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

void scan_tasks(struct doc_scan *scan, struct task_counts *tasks, bool capitals)
{
	struct doc_piece key;
	unsigned seen = 0;
	size_t at = 0; /* they come in the same order from row to row, if not in this one */

	doc_scan_enter(scan, '{');
	while (doc_scan_key(scan, &key)) {
		size_t tried = 0;
		const char *name;
		while (tried < FLINK_TASK_FIELDS &&
			((name = capitals ? flink_task_fields[at].upper
					  : flink_task_fields[at].lower) == NULL ||
				!doc_piece_is(key, name))) {
			at = (at + 1) % FLINK_TASK_FIELDS;
			tried++;
		}
		/* One that is not known may be one of them as the others write it. */
		if (tried == FLINK_TASK_FIELDS || (seen & 1u << at))
			doc_scan_fail(scan);
		seen |= 1u << at;
		*flink_task_count(tasks, at) = flink_as_count(doc_scan_int(scan));
	}
	flink_tasks_complete(tasks);
}
