/* Memory: dies when there is none. Sizes from a wire are capped before they come here. */
#ifndef WEIR_BASE_MEM_H
#define WEIR_BASE_MEM_H

#include <stddef.h>

/* Once, before there is a second thread: how the C library's allocator keeps what is freed. */
void mem_setup(void);
/*
 * So much will be wanted soon, in many small pieces: the heap grows to it at once (as an address, not yet as
 * memory), and is filled in large pages where the system has them.
 */
void mem_expect(size_t bytes);
/* Gives back to the system what is free: some ms of a large process. */
void mem_trim(void);

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *ptr, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t len) __attribute__((malloc, returns_nonnull));
/* NULL stays NULL. */
char *xstrdup_null(const char *text);
/* Printf into a new string. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
/* Overwrite with zeros in a way that no optimiser removes: for secrets before free(). */
void mem_wipe(void *ptr, size_t size);

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
