/* uthash behind a plain header: its macros stay in this file. It keeps the order of insertion. */
#include "core/base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define uthash_malloc(size) xmalloc(size)
#define uthash_fatal(msg) abort()
#include <uthash.h>

struct map_entry {
	void *value;
	UT_hash_handle hh;
	char key[];
};

struct map {
	struct map_entry *entries;
};

struct map *map_new(void)
{
	return xcalloc(1, sizeof(struct map));
}

void map_free(struct map *map)
{
	if (!map)
		return;
	struct map_entry *entry = map->entries;
	HASH_CLEAR(hh, map->entries);
	while (entry) {
		struct map_entry *next = entry->hh.next;
		free(entry);
		entry = next;
	}
	free(map);
}

static struct map_entry *map_find(const struct map *map, const char *key)
{
	struct map_entry *entry = NULL;

	HASH_FIND(hh, map->entries, key, strlen(key), entry);
	return entry;
}

void *map_get(const struct map *map, const char *key)
{
	struct map_entry *entry = map_find(map, key);

	return entry ? entry->value : NULL;
}

void *map_put(struct map *map, const char *key, void *value)
{
	struct map_entry *entry = map_find(map, key);

	assert(value);
	if (entry) {
		void *former = entry->value;
		entry->value = value;
		return former;
	}
	size_t len = strlen(key);
	entry = xcalloc(1, sizeof(*entry) + len + 1);
	entry->value = value;
	memcpy(entry->key, key, len);
	HASH_ADD(hh, map->entries, key[0], len, entry);
	return NULL;
}

void *map_del(struct map *map, const char *key)
{
	struct map_entry *entry = map_find(map, key);

	if (!entry)
		return NULL;
	void *value = entry->value;
	HASH_DELETE(hh, map->entries, entry);
	free(entry);
	return value;
}

size_t map_count(const struct map *map)
{
	return HASH_COUNT(map->entries);
}

const struct map_entry *map_first(const struct map *map)
{
	return map->entries;
}

const struct map_entry *map_next(const struct map_entry *entry)
{
	return entry->hh.next;
}

const char *map_key(const struct map_entry *entry)
{
	return entry->key;
}

void *map_value(const struct map_entry *entry)
{
	return entry->value;
}
