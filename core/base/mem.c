/*
 * Allocation that never returns NULL. A program that shows a fleet has nothing sensible to do
 * without memory, so it says so and aborts; what comes from a wire is capped long before.
 */
#include "core/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define MMAP_BYTES (512 << 10)
#define PAGE_BYTES ((uintptr_t)2 << 20) /* a large one */

static _Noreturn void mem_die(size_t size)
{
	fprintf(stderr, "weir: out of memory (%zu bytes wanted)\n", size);
	abort();
}

/*
 * By itself glibc gives each thread of the pool a heap of its own, up to eight for each processor.
 * Answers are read there and kept by the loop's thread for as long as a job lives, so each of these
 * heaps stays as large as the most that was ever read in it, nearly empty: measured 65 MB for 13 MB in
 * use. In one heap the next answer takes the room that the last one left; its lock is held for so
 * short a time that no frame waits. Large blocks are mapped alone, also after the first was freed, so
 * that they go back to the system at once.
 */
void mem_setup(void)
{
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
#endif
}

/*
 * Page by page for the first time, the memory of ten thousand applications is a quarter of what loading
 * them costs. The pad is also what free() leaves at the end of the heap; mem_trim() does not.
 */
void mem_expect(size_t bytes)
{
#ifdef __GLIBC__
	uintptr_t from = (uintptr_t)sbrk(0), to;
	void *volatile room; /* else the compiler sees no use in it */

	mallopt(M_TOP_PAD, (int)bytes);
	room = malloc(MMAP_BYTES / 2); /* more than is left, so that the heap grows */
	free(room);
	to = (uintptr_t)sbrk(0) / PAGE_BYTES * PAGE_BYTES;
	from = (from + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	if (to > from)
		madvise((void *)from, to - from, MADV_HUGEPAGE); /* or it is slower */
#else
	(void)bytes;
#endif
}

void mem_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void *xmalloc(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		mem_die(size);
	return ptr;
}

void *xcalloc(size_t count, size_t size)
{
	void *ptr = calloc(count ? count : 1, size ? size : 1);

	if (!ptr)
		mem_die(size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
	return ptr;
}

void *xrealloc(void *ptr, size_t size)
{
	void *moved = realloc(ptr, size ? size : 1);

	if (!moved)
		mem_die(size);
	return moved;
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

char *xstrndup(const char *text, size_t len)
{
	size_t used = strnlen(text, len);
	char *copy = xmalloc(used + 1);

	memcpy(copy, text, used);
	copy[used] = '\0';
	return copy;
}

char *xstrdup_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

char *xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	int len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		mem_die(strlen(fmt));
	return text;
}

void mem_wipe(void *ptr, size_t size)
{
	if (ptr && size)
		explicit_bzero(ptr, size);
}
