/*
 * A chain of blocks; only the first is filled. Blocks grow with the arena, so that a snapshot of
 * one job, of which as many are kept as there are jobs, costs 1 or 2 KiB, and one of ten thousand
 * few calls. What is larger than a block gets one of its own behind the first, so that no room is
 * lost. No single free: that is the point.
 */
#include "core/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/vec.h"

#define BLOCK_MIN ((size_t)1 << 10)
#define BLOCK_MAX ((size_t)256 << 10)

struct block {
	struct block *next;
	size_t size, used; /* of data */
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *first;
	size_t bytes;
	atomic_size_t owners;
	VEC(struct arena *) shared;
};

struct arena *arena_new(void)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	arena->bytes = sizeof(*arena);
	atomic_init(&arena->owners, 1);
	return arena;
}

struct arena *arena_ref(struct arena *arena)
{
	atomic_fetch_add(&arena->owners, 1);
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena || atomic_fetch_sub(&arena->owners, 1) > 1)
		return;
	for (size_t i = 0; i < arena->shared.len; i++)
		arena_free(arena->shared.data[i]);
	vec_release(&arena->shared);
	for (struct block *block = arena->first, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static struct block *arena_block(struct arena *arena, size_t size)
{
	size_t data = arena->bytes < BLOCK_MIN ? BLOCK_MIN : arena->bytes;

	if (data > BLOCK_MAX)
		data = BLOCK_MAX;
	bool alone = size > data / 4 && arena->first;
	if (alone || size > data)
		data = size;
	struct block *block = xcalloc(1, sizeof(*block) + data);
	block->size = data;
	arena->bytes += sizeof(*block) + data;
	if (alone) {
		block->next = arena->first->next;
		arena->first->next = block;
	} else {
		block->next = arena->first;
		arena->first = block;
	}
	return block;
}

static void *arena_take(struct arena *arena, size_t size, size_t align)
{
	struct block *block = arena->first;
	size_t at = block ? (block->used + align - 1) / align * align : 0;

	if (size > SIZE_MAX / 2)
		return xmalloc(SIZE_MAX); /* dies */
	if (!block || at > block->size || block->size - at < size) {
		block = arena_block(arena, size);
		at = 0;
	}
	block->used = at + size;
	return block->data + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return arena_take(arena, size ? size : 1, alignof(max_align_t));
}

void *arena_calloc(struct arena *arena, size_t count, size_t size)
{
	return arena_alloc(arena, size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	size_t used = strnlen(text, len);

	return memcpy(arena_take(arena, used + 1, 1), text, used);
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	size_t size = len < 0 ? 1 : (size_t)len + 1;
	char *text = arena_take(arena, size, 1);
	va_start(ap, fmt);
	vsnprintf(text, size, fmt, ap);
	va_end(ap);
	return text;
}

void arena_share(struct arena *arena, struct arena *other)
{
	struct arena *owned = arena_ref(other);
	vec_push(&arena->shared, owned);
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}
