/*
 * Entries stand one behind the other in the order of insertion; a table of their places, open addressed
 * with linear probing, finds them by hash. So an entry takes about 35 bytes beside its key, and its
 * memory is in two pieces however many there are. One that is deleted leaves a hole among the entries
 * (so that a loop over them goes on), which is gone when they next need room.
 */
#include "core/base/map.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define ENTRIES_MIN 6

struct map_entry {
	const char *key; /* NULL: deleted; `behind`: none follow */
	void *value;
};
static const char behind[] = "";

struct slot {
	uint32_t hash;
	uint32_t place; /* of its entry, from 1; 0 = free */
};

struct map {
	struct map_entry *entries; /* NULL: none yet; one more than `alloc`, for `behind` */
	struct slot *slots;
	uint32_t alloc, len, count; /* of entries: room, used, without holes */
	uint32_t mask;              /* slots - 1 */
	bool borrows;
};

struct map *map_new(void)
{
	return xcalloc(1, sizeof(struct map));
}

struct map *map_new_of_borrowed(void)
{
	struct map *map = map_new();

	map->borrows = true;
	return map;
}

static void key_free(const struct map *map, struct map_entry *entry)
{
	if (!map->borrows)
		free((char *)(uintptr_t)entry->key);
	entry->key = NULL;
}

void map_free(struct map *map)
{
	if (!map)
		return;
	for (uint32_t i = 0; i < map->len; i++)
		key_free(map, &map->entries[i]);
	free(map->entries);
	free(map->slots);
	free(map);
}

static uint32_t hash_of(const char *key)
{
	const uint64_t factor = 0x9e3779b97f4a7c15U;
	size_t len = strlen(key);
	uint64_t hash = len * factor, word;

	for (; len >= sizeof(word); len -= sizeof(word), key += sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = (hash ^ word) * factor;
		hash ^= hash >> 29;
	}
	word = 0;
	memcpy(&word, key, len);
	hash = (hash ^ word) * factor;
	return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of this key, or the free one where it would be. */
static struct slot *find(const struct map *map, const char *key, uint32_t hash)
{
	for (uint32_t i = hash & map->mask;; i = (i + 1) & map->mask) {
		struct slot *slot = &map->slots[i];

		if (!slot->place ||
			(slot->hash == hash && strcmp(map->entries[slot->place - 1].key, key) == 0))
			return slot;
	}
}

static struct map_entry *map_find(const struct map *map, const char *key)
{
	const struct slot *slot = map->count ? find(map, key, hash_of(key)) : NULL;

	return slot && slot->place ? &map->entries[slot->place - 1] : NULL;
}

void *map_get(const struct map *map, const char *key)
{
	const struct map_entry *entry = map_find(map, key);

	return entry ? entry->value : NULL;
}

/* Without holes, and with room for half as many again. */
static void make_room(struct map *map)
{
	uint32_t alloc = map->count + map->count / 2, slots = 8;
	struct map_entry *former = map->entries;

	assert(map->count < UINT32_MAX / 4);
	if (alloc < ENTRIES_MIN)
		alloc = ENTRIES_MIN;
	while (slots / 4 * 3 < alloc)
		slots *= 2;
	map->entries = xcalloc(alloc + 1, sizeof(*map->entries));
	free(map->slots);
	map->slots = xcalloc(slots, sizeof(*map->slots));
	map->mask = slots - 1;
	map->alloc = alloc;
	uint32_t len = 0;
	for (uint32_t i = 0; i < map->len; i++) {
		if (!former[i].key)
			continue;
		uint32_t hash = hash_of(former[i].key), at = hash & map->mask;
		while (map->slots[at].place)
			at = (at + 1) & map->mask;
		map->entries[len++] = former[i];
		map->slots[at] = (struct slot){hash, len};
	}
	map->len = len;
	map->entries[len].key = behind;
	free(former);
}

void *map_put(struct map *map, const char *key, void *value)
{
	struct map_entry *entry = map_find(map, key);

	assert(value);
	if (entry) {
		void *former = entry->value;
		if (map->borrows)
			entry->key = key;
		entry->value = value;
		return former;
	}
	if (map->len == map->alloc)
		make_room(map);
	uint32_t hash = hash_of(key);
	struct slot *slot = find(map, key, hash);
	map->entries[map->len++] = (struct map_entry){map->borrows ? key : xstrdup(key), value};
	map->entries[map->len].key = behind;
	*slot = (struct slot){hash, map->len};
	map->count++;
	return NULL;
}

/* What was probed beyond a slot that becomes free moves up, so that it is found without it. */
static void slot_free(struct map *map, struct slot *slot)
{
	uint32_t hole = (uint32_t)(slot - map->slots);

	for (uint32_t i = (hole + 1) & map->mask; map->slots[i].place; i = (i + 1) & map->mask) {
		uint32_t wanted = map->slots[i].hash & map->mask;
		if (((i - wanted) & map->mask) < ((i - hole) & map->mask))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole].place = 0;
}

void *map_del(struct map *map, const char *key)
{
	struct slot *slot = map->count ? find(map, key, hash_of(key)) : NULL;

	if (!slot || !slot->place)
		return NULL;
	struct map_entry *entry = &map->entries[slot->place - 1];
	void *value = entry->value;
	slot_free(map, slot);
	key_free(map, entry);
	map->count--;
	return value;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

/* From there on; NULL behind the last. */
static const struct map_entry *present(const struct map_entry *entry)
{
	while (!entry->key)
		entry++;
	return entry->key == behind ? NULL : entry;
}

const struct map_entry *map_first(const struct map *map)
{
	return map->entries ? present(map->entries) : NULL;
}

const struct map_entry *map_next(const struct map_entry *entry)
{
	return present(entry + 1);
}

const char *map_key(const struct map_entry *entry)
{
	return entry->key;
}

void *map_value(const struct map_entry *entry)
{
	return entry->value;
}
