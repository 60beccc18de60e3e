/* String key to pointer; the value is not owned. Iteration is in order of insertion. */
#ifndef WEIR_BASE_MAP_H
#define WEIR_BASE_MAP_H

#include <stddef.h>

struct map;
struct map_entry;

struct map *map_new(void); /* keys are copied */
/*
 * Keys are not: each has to live, unchanged, as long as its entry. Of things that hold their own key
 * (a put in place of another takes the new one's): with it an entry takes a third of the memory.
 */
struct map *map_new_of_borrowed(void);
void map_free(struct map *map);                        /* values are the caller's; NULL-safe */
void *map_get(const struct map *map, const char *key); /* NULL = absent */
/* value must not be NULL. Returns the former value, or NULL. */
void *map_put(struct map *map, const char *key, void *value);
/* Returns the removed value, or NULL. */
void *map_del(struct map *map, const char *key);
size_t map_count(const struct map *map);

const struct map_entry *map_first(const struct map *map);
const struct map_entry *map_next(const struct map_entry *entry);
const char *map_key(const struct map_entry *entry);
void *map_value(const struct map_entry *entry);
/* The current entry may be deleted inside the loop; no other change. */
/* NOLINTBEGIN(bugprone-macro-parentheses): `entry` is declared here */
#define map_each(entry, map)                                                                       \
	for (const struct map_entry *entry = map_first(map), *entry##_next;                        \
		entry && (entry##_next = map_next(entry), 1); entry = entry##_next)
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
