/* Small text helpers. Case folding is ASCII unless said otherwise. */
#ifndef WEIR_BASE_STR_H
#define WEIR_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

bool str_eq(const char *a, const char *b); /* NULL equals NULL only */
bool str_empty(const char *text);          /* NULL or "" */
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
/* Does `text` hold `part`, upper and lower case alike (Unicode simple folding)? "" is in all. */
bool str_contains_fold(const char *text, const char *part);
/* Order for people: "job-9" before "job-10", case folded; falls back to strcmp. */
int str_cmp_natural(const char *a, const char *b);
/*
 * Adds bytes that memcmp() (and then the length) orders as str_cmp_natural() orders the texts. True:
 * capitals or zeros before a number were left out, so that texts with the same bytes may differ.
 */
bool str_natural_key(const char *text, struct buf *out);
/* For buckets, and for spreading things in time; `seed`: other numbers for the same texts. */
uint32_t str_hash(const char *text, uint32_t seed);
/* Whole of `text` as a base-10 number; false on anything else, or overflow. */
bool str_to_int64(const char *text, int64_t *out);
bool str_to_double(const char *text, double *out);
/* The candidate nearest to `word` (at most a third of its letters wrong), or NULL: "did you mean".
 */
const char *str_suggest(const char *word, const char *const *candidates, size_t count);
/* Matches [a-z0-9][a-z0-9._-]{0,62}: names of teams, applications, contexts; they become paths. */
bool str_is_name(const char *text);

#endif
