/* Memory that is freed all at once: one for each snapshot. Not thread-safe; hand it over whole. */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL-safe */
/* One more owner: it is gone when each has freed it, on whatever thread. */
struct arena *arena_ref(struct arena *arena);
/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));
/* count * size with overflow checked. */
void *arena_calloc(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *arena, const char *text, size_t len);
/* NULL stays NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * `other` lives on as long as `arena` does, also when it is freed before: what is in it may be pointed
 * to from there. Nothing is added to it from then on. Either may be freed on any thread.
 */
void arena_share(struct arena *arena, struct arena *other);
size_t arena_bytes(const struct arena *arena); /* what it holds from the system */

#endif
