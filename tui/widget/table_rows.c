/*
 * The rows of a table, their order, and which of them the filter lets through.
 *
 * All are sorted and searched once; from then on only those that were told of: the key of a row is
 * made anew, and only when it is another one, the row is taken out and put in where it belongs
 * (all that move at once: the few are sorted and merged into the rest). A key is the value of the
 * sorting column in bytes or as a number, so that nothing is asked of an item while it is
 * compared, and what an item was is known when it has changed. The text that the filter looks in
 * is kept until its row is told of; a longer filter looks only at what the shorter one let through.
 *
 * What moves by time alone (ages) is compared as it was when the keys were made, and all of it is
 * made anew once a second (column.is_restless).
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/widget/table_private.h"

/* -- keys -- */

static struct value value_of(const struct table *table, const void *item)
{
	struct value value = {.type = VALUE_NULL};

	if (table->sort)
		value = table->sort->get(item, &table->sort_env);
	return value;
}

static void key_release(struct table_key *key)
{
	if (key->type == VALUE_TEXT)
		free(key->bytes);
	*key = (struct table_key){.type = VALUE_NULL};
}

static struct table_key key_of(const struct table *table, const void *item, struct buf *scratch)
{
	struct value value = value_of(table, item);
	struct table_key key = {.type = (uint8_t)value.type};
	const char *text = value.text;

	switch (value.type) {
	case VALUE_NULL: return key;
	case VALUE_REAL: key.real = value.real; return key;
	case VALUE_TEXTS:
		text = value.texts.count ? value.texts.items[0] : NULL;
		key.type = VALUE_TEXT;
		break;
	case VALUE_TEXT: break;
	default: key.number = value.number; return key;
	}
	if (!text) { /* an empty list, behind all others */
		key.type = VALUE_TEXTS;
		return key;
	}
	buf_reset(scratch);
	key.is_lossy = str_natural_key(text, scratch);
	key.len = (uint32_t)scratch->len;
	key.bytes = xmalloc(scratch->len + 1);
	memcpy(key.bytes, buf_str(scratch), scratch->len);
	return key;
}

static bool is_unknown(const struct table_key *key)
{
	return key->type == VALUE_NULL;
}

static int bytes_compare(const struct table_key *a, const struct table_key *b)
{
	int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Of two that are known. */
static int key_compare(const struct table_key *a, const struct table_key *b)
{
	if (a->type == VALUE_TEXTS || b->type == VALUE_TEXTS)
		return (a->type == VALUE_TEXTS) - (b->type == VALUE_TEXTS);
	if (a->type == VALUE_TEXT && b->type == VALUE_TEXT)
		return bytes_compare(a, b);
	if (a->type == VALUE_REAL && b->type == VALUE_REAL)
		return (a->real > b->real) - (a->real < b->real);
	return (a->number > b->number) - (a->number < b->number);
}

static bool key_same(const struct table_key *a, const struct table_key *b)
{
	return a->type == b->type && !a->is_lossy && !b->is_lossy &&
		(is_unknown(a) || !key_compare(a, b));
}

int table_row_compare(const struct table *table, uint32_t a, uint32_t b)
{
	const struct table_row *x = &table->rows.data[a], *y = &table->rows.data[b];
	bool is_known = !is_unknown(&x->key);
	int order;

	if (table->group_by && x->group != y->group)
		return table->groups.data[x->group].rank < table->groups.data[y->group].rank ? -1
											     : 1;
	if (is_known == is_unknown(&y->key))
		return is_known ? -1 : 1;
	order = is_known ? key_compare(&x->key, &y->key) : 0;
	/* Told apart by capitals or by zeros before a number only. */
	if (is_known && !order && (x->key.is_lossy || y->key.is_lossy)) {
		struct value one = value_of(table, x->item), other = value_of(table, y->item);
		order = value_compare(&one, &other);
	}
	if (order)
		return table->is_descending ? -order : order;
	return strcmp(x->ref, y->ref);
}

static int id_compare(const void *a, const void *b, void *data)
{
	return table_row_compare(data, *(const uint32_t *)a, *(const uint32_t *)b);
}

/* -- rows by ref -- */

static void index_add(struct table *table, uint32_t id)
{
	struct table_row *row = &table->rows.data[id];
	uint32_t *bucket = &table->buckets[row->hash & (table->bucket_count - 1)];

	row->next = *bucket;
	*bucket = id;
}

static void index_make(struct table *table)
{
	table->bucket_count = 64;
	while (table->bucket_count < table->rows.len)
		table->bucket_count *= 2;
	table->buckets = xrealloc(table->buckets, table->bucket_count * sizeof(*table->buckets));
	memset(table->buckets, 0xff, table->bucket_count * sizeof(*table->buckets));
	for (uint32_t id = 0; id < table->rows.len; id++) {
		if (table->flags[id] & ROW_GONE || !table->rows.data[id].item)
			continue;
		table->rows.data[id].hash = str_hash(table->rows.data[id].ref, 0);
		index_add(table, id);
	}
}

uint32_t table_row_find(struct table *table, const char *ref)
{
	uint32_t hash = str_hash(ref, 0), id;

	if (!table->buckets)
		index_make(table);
	id = table->buckets[hash & (table->bucket_count - 1)];
	while (id != TABLE_NONE &&
		(table->rows.data[id].hash != hash || strcmp(table->rows.data[id].ref, ref) != 0))
		id = table->rows.data[id].next;
	return id;
}

static void index_remove(struct table *table, uint32_t id)
{
	uint32_t *at = &table->buckets[table->rows.data[id].hash & (table->bucket_count - 1)];

	while (*at != id)
		at = &table->rows.data[*at].next;
	*at = table->rows.data[id].next;
}

/* -- what is told of one row -- */

static void row_release(struct table_row *row)
{
	key_release(&row->key);
	free(row->hay);
	row->hay = NULL;
}

static uint32_t row_add(struct table *table, const void *item, const char *ref)
{
	struct table_row row = {
		.item = item, .ref = ref, .key.type = VALUE_NULL, .next = TABLE_NONE};
	uint32_t id = (uint32_t)table->rows.len;

	if (table->free_ids.len) {
		id = table->free_ids.data[--table->free_ids.len];
		table->rows.data[id] = row;
	} else {
		vec_push(&table->rows, row);
	}
	if (table->rows.len > table->flags_size) {
		table->flags_size = table->flags_size ? table->flags_size * 2 : 64;
		table->flags = xrealloc(table->flags, table->flags_size);
	}
	table->flags[id] = ROW_NEW;
	return id;
}

static void row_tell(struct table *table, uint32_t id)
{
	if (table->flags[id] & ROW_DRAWN)
		table->drawn.is_void = true;
	if (table->flags[id] & ROW_TOLD)
		return;
	table->flags[id] |= ROW_TOLD;
	vec_push(&table->told, id);
}

void table_item_changed(struct table *table, const char *ref, const void *item)
{
	uint32_t id;

	if (table->items_dirty)
		return;
	id = table_row_find(table, ref);
	if (id == TABLE_NONE && !item)
		return;
	if (id == TABLE_NONE) {
		id = row_add(table, item, column_ref(item));
		table->rows.data[id].hash = str_hash(ref, 0);
		if (table->rows.len > table->bucket_count)
			index_make(table);
		else
			index_add(table, id);
	} else if (item) {
		table->rows.data[id].item = item;
		table->rows.data[id].ref = column_ref(item);
		free(table->rows.data[id].hay);
		table->rows.data[id].hay = NULL;
	} else {
		/* Its key is still where it stands, but its item is asked nothing any more. */
		marks_forget(table, ref);
		index_remove(table, id);
		row_release(&table->rows.data[id]);
		table->rows.data[id].item = NULL;
		table->flags[id] |= ROW_GONE;
	}
	row_tell(table, id);
}

/* -- the filter -- */

bool table_is_filtered(const struct table *table)
{
	return table->accept || !filter_is_empty(table->filter);
}

static const char *row_hay(const struct table *table, struct table_row *row, struct buf *scratch)
{
	if (!row->hay) {
		buf_reset(scratch);
		table->columns->filter_text(row->item, scratch);
		row->hay = xstrndup(buf_str(scratch), scratch->len);
	}
	return row->hay;
}

static bool row_passes(struct table *table, struct table_row *row, struct buf *scratch)
{
	if (table->accept && !table->accept(row->item))
		return false;
	if (filter_is_empty(table->filter))
		return true;
	return filter_match(table->filter, row->item, row_hay(table, row, scratch), &table->env);
}

static void row_try(struct table *table, uint32_t id, struct buf *scratch)
{
	table->flags[id] &= (uint8_t)~ROW_PASSES;
	if (row_passes(table, &table->rows.data[id], scratch))
		table->flags[id] |= ROW_PASSES;
}

/* With the rest of a restless filter, each second: of how many that may pass is known what it compares. */
static void count_known(struct table *table, struct buf *scratch)
{
	table->sparse = filter_sparse(table->filter);
	table->known = table->may_pass = 0;
	for (size_t i = 0; table->sparse && i < table->order.len; i++) {
		struct table_row *row = &table->rows.data[table->order.data[i]];

		if ((table->accept && !table->accept(row->item)) ||
			!filter_may_match(table->filter, row->item, row_hay(table, row, scratch),
				&table->env))
			continue;
		table->may_pass++;
		table->known += table->sparse->get(row->item, &table->env).type != VALUE_NULL;
	}
}

static void lines_filter(struct table *table, struct buf *scratch)
{
	bool is_narrower = table->is_narrower;
	size_t count = is_narrower ? table->passed.len : table->order.len, kept = 0;

	table->lines_dirty = table->is_narrower = false;
	table->filtered_ms = table->env.now_ms;
	count_known(table, scratch);
	if (!table_is_filtered(table)) {
		vec_release(&table->passed);
		return;
	}
	if (!is_narrower) {
		table->passed.len = 0;
		for (size_t i = 0; i < count; i++)
			vec_push(&table->passed, table->order.data[i]);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t id = table->passed.data[i];
		row_try(table, id, scratch);
		if (table->flags[id] & ROW_PASSES)
			table->passed.data[kept++] = id;
	}
	table->passed.len = kept;
}

const uint32_t *table_passed(const struct table *table)
{
	return table_is_filtered(table) ? table->passed.data : table->order.data;
}

size_t table_passed_count(const struct table *table)
{
	return table_is_filtered(table) ? table->passed.len : table->order.len;
}

/* -- from nothing -- */

static void rows_clear(struct table *table)
{
	for (size_t i = 0; i < table->rows.len; i++)
		row_release(&table->rows.data[i]);
	table->rows.len = table->free_ids.len = table->told.len = 0;
	table->order.len = table->passed.len = 0;
	free(table->buckets);
	table->buckets = NULL;
	table->drawn.is_void = true;
}

void table_rows_release(struct table *table)
{
	rows_clear(table);
	vec_release(&table->rows);
	vec_release(&table->free_ids);
	vec_release(&table->told);
	vec_release(&table->order);
	vec_release(&table->passed);
	free(table->flags);
	free(table->drawn.ids);
}

static void rows_gather(struct table *table)
{
	bool is_given = !table->columns->items;
	size_t count = table->given_count;
	void *const *items = !is_given
		? table->columns->items(table->fleet, table->columns->item_kind, &count)
		: (void *const *)table->given;

	rows_clear(table);
	for (size_t i = 0; i < count; i++) {
		uint32_t id = row_add(
			table, items[i], is_given ? table->given_refs[i] : column_ref(items[i]));
		table->flags[id] = 0;
		vec_push(&table->order, id);
	}
	marks_prune(table);
}

static void rows_sort(struct table *table, struct buf *scratch)
{
	table->sort_env = table->env;
	for (size_t i = 0; i < table->order.len; i++) {
		struct table_row *row = &table->rows.data[table->order.data[i]];
		key_release(&row->key);
		row->key = key_of(table, row->item, scratch);
		if (table->group_by)
			groups_note(table, table->order.data[i]);
	}
	groups_rank(table);
	table_sort_ids(table, table->order.data, table->order.len);
}

/* -- by what was told -- */

/* Without those that have one of the flags. */
static size_t ids_without(const struct table *table, uint32_t *ids, size_t count, uint8_t flags)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!(table->flags[ids[i]] & flags))
			ids[kept++] = ids[i];
	return kept;
}

/* How many of the sorted ids stand before that one. */
size_t table_ids_before(const struct table *table, const uint32_t *ids, size_t count, uint32_t id)
{
	size_t from = 0;

	while (from < count) {
		size_t middle = from + (count - from) / 2;
		if (table_row_compare(table, ids[middle], id) < 0)
			from = middle + 1;
		else
			count = middle;
	}
	return from;
}

/* `ids` has room for both; `more` is sorted. From the end on, what stands behind moves up once. */
static void ids_merge(
	const struct table *table, uint32_t *ids, size_t count, const uint32_t *more, size_t added)
{
	while (added) {
		size_t before = table_ids_before(table, ids, count, more[added - 1]);
		memmove(&ids[before + added], &ids[before], (count - before) * sizeof(*ids));
		added--;
		ids[before + added] = more[added];
		count = before;
	}
}

/* What was told of one row: is it to be put elsewhere, or does it pass now and did not? */
static bool row_note(struct table *table, uint32_t id, struct buf *scratch, bool *passes_other)
{
	struct table_row *row = &table->rows.data[id];
	uint8_t flags = table->flags[id];
	struct table_key key;
	bool is_same;

	if (table->group_by)
		groups_uncount(table, id);
	if (flags & ROW_GONE)
		return true;
	key = key_of(table, row->item, scratch);
	is_same = !(flags & ROW_NEW) && key_same(&key, &row->key);
	key_release(&row->key);
	row->key = key;
	if (table_is_filtered(table)) {
		row_try(table, id, scratch);
		*passes_other = *passes_other || ((flags ^ table->flags[id]) & ROW_PASSES);
	}
	if (table->group_by) {
		is_same = !groups_note(table, id) && is_same;
		if (!table_is_filtered(table) || (table->flags[id] & ROW_PASSES))
			groups_count(table, id);
	}
	return !is_same;
}

/* Those that were told of leave the sorted list; who is still there, and has the flags, comes back in its place. */
static void told_move(struct table *table, struct table_ids *list, uint8_t flags)
{
	size_t kept = ids_without(table, list->data, list->len, ROW_TOLD), count = 0;
	uint32_t *ids = xmalloc((table->told.len + 1) * sizeof(*ids));

	for (size_t i = 0; i < table->told.len; i++) {
		uint8_t has = table->flags[table->told.data[i]];
		if (!(has & ROW_GONE) && (has & flags) == flags)
			ids[count++] = table->told.data[i];
	}
	if (count)
		qsort_r(ids, count, sizeof(*ids), id_compare, table);
	vec_reserve(list, kept + count);
	ids_merge(table, list->data, kept, ids, count);
	list->len = kept + count;
	free(ids);
}

static void told_end(struct table *table)
{
	for (size_t i = 0; i < table->told.len; i++) {
		uint32_t id = table->told.data[i];
		if (table->flags[id] & ROW_GONE)
			vec_push(&table->free_ids, id);
		table->flags[id] &= (uint8_t) ~(ROW_TOLD | ROW_NEW);
	}
	table->told.len = 0;
}

static bool told_take(struct table *table, struct buf *scratch)
{
	bool moves = false, passes_other = false;

	for (size_t i = 0; i < table->told.len; i++)
		moves = row_note(table, table->told.data[i], scratch, &passes_other) || moves;
	groups_rank(table);
	if (moves)
		told_move(table, &table->order, 0);
	/* Else all that can pass is searched anew. */
	if (table_is_filtered(table) && (!table->lines_dirty || table->is_narrower) &&
		(moves || passes_other))
		told_move(table, &table->passed, ROW_PASSES);
	return moves || passes_other;
}

/* Who comes and goes, where everything is sorted anew anyway. */
static void told_join(struct table *table)
{
	table->order.len = ids_without(table, table->order.data, table->order.len, ROW_TOLD);
	for (size_t i = 0; i < table->told.len; i++)
		if (!(table->flags[table->told.data[i]] & ROW_GONE))
			vec_push(&table->order, table->told.data[i]);
}

bool table_rows_sync(struct table *table)
{
	bool is_other = table->items_dirty || table->order_dirty || table->lines_dirty;
	struct buf scratch;

	if (!is_other && !table->told.len)
		return false;
	buf_init(&scratch, 0);
	if (table->items_dirty || table->order_dirty) {
		if (table->items_dirty)
			rows_gather(table);
		else
			told_join(table);
		rows_sort(table, &scratch);
		table->lines_dirty = true;
		table->is_narrower = false;
	} else {
		is_other = told_take(table, &scratch) || is_other;
	}
	if (table->lines_dirty) {
		lines_filter(table, &scratch);
		groups_recount(table);
	}
	groups_lay(table);
	told_end(table);
	table->items_dirty = table->order_dirty = false;
	buf_release(&scratch);
	return is_other;
}
