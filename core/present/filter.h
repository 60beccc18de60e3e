/*
 * What narrows a list: one language for `/` in the console, `--filter` and saved filters.
 *
 *	orders              a word: the text of the item holds it; fuzzy: or its parts begin words of it, "osync": order-sync
 *	'orders  "a b"      holds exactly this
 *	~ord.*s$            a regular expression (POSIX extended)
 *	team:ods            a column: its text, upper and lower case alike; * and ? stand for any; 1.16 also for 1.16.3
 *	state:failed,restarting   one of them; owner:- where there is none
 *	ckpt>5m restarts/h>=3 size<10MiB age<1h     numbers, durations, sizes, ages; < <= > >= =
 *	!x  not x  x or y  ( )                      what stands side by side must all be so
 *
 * In a text (a log, a file) there are words, '…, ~…, ! and what joins them, and no columns.
 *
 *	filter_parse(&filter, "team:ods !state:running", &app_table, true, &at, &err);
 *	filter_match(filter, app, NULL, &env)
 *	filter_free(filter);
 */
#ifndef WEIR_PRESENT_FILTER_H
#define WEIR_PRESENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/present/column.h"

struct filter;
struct buf;

/*
 * table: borrowed; NULL = there are no columns: a word may hold ':' and the like, but what would be a column of
 * applications with its value is refused, for that is meant otherwise. fuzzy: of bare words. "" passes all.
 * E_ARG: text says what is wrong and in which column (from 1); *at (NULL = not wanted) is its offset in bytes.
 */
int filter_parse(struct filter **out, const char *text, const struct column_table *table,
	bool fuzzy, size_t *at, struct err *err);
void filter_free(struct filter *filter); /* NULL-safe */
/* The same filter as text: parsed again it is this one. */
void filter_print(const struct filter *filter, struct buf *out);
/* hay: what table->filter_text says of the item, where the caller has it; NULL = it is asked. */
bool filter_match(const struct filter *filter, const void *item, const char *hay,
	const struct present_env *env);
/* As filter_match(), whatever columns say that are known of few items only (column.sparse): they may yet be told. */
bool filter_may_match(const struct filter *filter, const void *item, const char *hay,
	const struct present_env *env);
bool filter_is_empty(const struct filter *filter);
/* Time alone may change who passes. */
bool filter_is_restless(const struct filter *filter);
/* The first column that it compares and that is known of few items only (column.sparse); NULL = none. */
const struct column *filter_sparse(const struct filter *filter);
/* Does only pass what also passes `former`? False where that is not known. */
bool filter_narrows(const struct filter *filter, const struct filter *former);
/*
 * What its words name in `text` at or behind `from`, for marks on the screen: of each word the first place, or where
 * it is only found by beginnings of parts, these. In their order, none over another; how many, at most `max`.
 */
struct filter_mark {
	size_t at, len;
};
size_t filter_find(const struct filter *filter, const char *text, size_t from,
	struct filter_mark *out, size_t max);
/* How a column is called in a filter. */
const char *filter_key(const struct column *column);
/*
 * What stands at the end of a filter that is being typed: a word that begins at `from`, and may become a column's name,
 * or one of the values of `column`. False: nothing that could be completed.
 */
struct filter_tail {
	size_t from;
	const struct column *column; /* NULL = a word */
};
bool filter_tail(const char *text, const struct column_table *table, struct filter_tail *out);
/* A value as it stands behind ':', in quotes where that has to be. */
void filter_print_value(const char *text, struct buf *out);

#endif
