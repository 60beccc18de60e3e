/*
 * All rows put in order at once. Rows lie apart in memory, and so do the bytes of their keys, so each is first
 * given a few words that are sorted where they stand: the beginning of its key, turned into numbers of the same
 * order, and of its ref, which decides among those whose keys are the same. Only what these do not tell apart is
 * compared as always.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tui/widget/table_private.h"

struct place {
	uint64_t key[2], ref;
	uint32_t id;
	bool is_whole; /* keys that are the same in these words are the same */
};

static uint64_t word_of(const char *bytes, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < sizeof(word); i++)
		word = word << 8 | (i < len ? (unsigned char)bytes[i] : 0);
	return word;
}

#define SIGN (UINT64_C(1) << 63)

/* Behind all numbers: an empty list of texts. */
static void key_words(const struct table_key *key, struct place *out)
{
	size_t len = key->len;
	uint64_t bits;

	out->is_whole = !key->is_lossy;
	switch (key->type) {
	case VALUE_TEXTS: out->key[0] = out->key[1] = UINT64_MAX; return;
	case VALUE_REAL:
		/* No number is told as "not one"; of the two noughts none is the smaller one. */
		memcpy(&bits, &(double){key->real + 0.0}, sizeof(bits));
		out->key[0] = bits & SIGN ? ~bits : bits | SIGN;
		return;
	case VALUE_TEXT:
		/* Its length stands last: of two with the same bytes the shorter one is first. */
		out->key[0] = word_of(key->bytes, len);
		out->key[1] = len > 8 ? word_of(key->bytes + 8, len < 15 ? len - 8 : 7) : 0;
		out->key[1] = (out->key[1] & ~UINT64_C(0xff)) | (len < 16 ? len : 16);
		out->is_whole = out->is_whole && len < 16;
		return;
	default: out->key[0] = (uint64_t)key->number ^ SIGN; return;
	}
}

/* What the refs of all rows begin with tells none apart. */
static size_t common_len(const struct table *table, const uint32_t *ids, size_t count)
{
	const char *first = table->rows.data[ids[0]].ref;
	size_t len = strlen(first);

	for (size_t i = 1; i < count && len; i++) {
		const char *ref = table->rows.data[ids[i]].ref;
		size_t same = 0;

		while (same < len && ref[same] == first[same])
			same++;
		len = same;
	}
	return len;
}

static int place_compare(const void *a, const void *b, void *data)
{
	const struct place *x = a, *y = b;

	for (int i = 0; i < 2; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	if (x->is_whole && y->is_whole && x->ref != y->ref)
		return x->ref < y->ref ? -1 : 1;
	return table_row_compare(data, x->id, y->id);
}

/* Real and whole numbers in one column are compared as always. */
static bool are_alike(const struct table *table, const uint32_t *ids, size_t count)
{
	uint8_t type = VALUE_NULL;

	for (size_t i = 0; i < count; i++) {
		uint8_t own = table->rows.data[ids[i]].key.type;

		own = own == VALUE_TEXTS ? VALUE_TEXT : own;
		if (own != VALUE_NULL && type != VALUE_NULL && own != type)
			return false;
		type = own == VALUE_NULL ? type : own;
	}
	return true;
}

static int id_compare(const void *a, const void *b, void *data)
{
	return table_row_compare(data, *(const uint32_t *)a, *(const uint32_t *)b);
}

void table_sort_ids(struct table *table, uint32_t *ids, size_t count)
{
	struct place *places;
	size_t common;

	if (count < 2)
		return;
	if (table->group_by || !are_alike(table, ids, count)) {
		qsort_r(ids, count, sizeof(*ids), id_compare, table);
		return;
	}
	places = xcalloc(count, sizeof(*places));
	common = common_len(table, ids, count);
	for (size_t i = 0; i < count; i++) {
		const struct table_row *row = &table->rows.data[ids[i]];
		struct place *place = &places[i];

		place->id = ids[i];
		place->ref = word_of(row->ref + common, strlen(row->ref + common));
		place->is_whole = true;
		/* Who has none is last, whichever way. */
		if (row->key.type == VALUE_NULL) {
			place->key[0] = place->key[1] = UINT64_MAX;
			place->is_whole = false;
			continue;
		}
		key_words(&row->key, place);
		for (int k = 0; k < 2 && table->is_descending; k++)
			place->key[k] = ~place->key[k];
	}
	qsort_r(places, count, sizeof(*places), place_compare, table);
	for (size_t i = 0; i < count; i++)
		ids[i] = places[i].id;
	free(places);
}
