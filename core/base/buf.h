/*
 * A growing byte buffer with a cap: anything read from a wire has a limit. Always NUL-terminated.
 * Once an addition would pass the cap nothing of it is added, `overflow` stays set, and whatever
 * follows is refused too (until buf_reset): no text with a hole in it.
 */
#ifndef WEIR_BASE_BUF_H
#define WEIR_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* never NULL after the first addition; "" via buf_str() before */
	size_t len, alloc, cap_bytes;
	bool overflow;
};

#define BUF_CAP_DEFAULT ((size_t)64 << 20)

void buf_init(struct buf *buf, size_t cap_bytes); /* 0 = BUF_CAP_DEFAULT */
void buf_release(struct buf *buf);
void buf_wipe(struct buf *buf);  /* buf_release(), its memory overwritten before: secrets */
void buf_reset(struct buf *buf); /* empty, keeps the memory */
/* 0, or E_PROTO when the cap would be passed. */
int buf_add(struct buf *buf, const void *data, size_t len);
int buf_adds(struct buf *buf, const char *text);
int buf_addc(struct buf *buf, char c);
int buf_addf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int buf_addv(struct buf *buf, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/*
 * Room for `more` bytes behind what is there, to be written in place; buf_end() says where they end.
 * NULL when the cap would be passed.
 */
char *buf_reserve(struct buf *buf, size_t more);
static inline void buf_end(struct buf *buf, char *end)
{
	*end = '\0';
	buf->len = (size_t)(end - buf->data);
}
/* In double quotes, with a backslash before quotes and backslashes: a scalar of YAML, a word of a filter. */
void buf_add_quoted(struct buf *buf, const char *text);
const char *buf_str(const struct buf *buf);
/* Gives the string away (never NULL); the buffer is empty after. Free with free(). */
char *buf_detach(struct buf *buf);

#endif
