/*
 * The buffer doubles. An addition that would pass the cap is refused whole, and so is all that
 * follows until buf_reset(): a text with a hole in its middle would be worse than a short one.
 */
#include "core/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/mem.h"

void buf_init(struct buf *buf, size_t cap_bytes)
{
	*buf = (struct buf){.cap_bytes = cap_bytes ? cap_bytes : BUF_CAP_DEFAULT};
}

void buf_release(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.cap_bytes = buf->cap_bytes};
}

void buf_wipe(struct buf *buf)
{
	if (buf->data)
		mem_wipe(buf->data, buf->alloc);
	buf_release(buf);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->data)
		buf->data[0] = '\0';
}

/* Room for `more` bytes and the NUL. */
static int buf_room(struct buf *buf, size_t more)
{
	size_t cap = buf->cap_bytes ? buf->cap_bytes : BUF_CAP_DEFAULT;

	if (buf->overflow || more > cap || buf->len > cap - more) {
		buf->overflow = true;
		return E_PROTO;
	}
	size_t need = buf->len + more + 1;
	if (need > buf->alloc) {
		size_t alloc = buf->alloc ? buf->alloc : 64;
		while (alloc < need)
			alloc = alloc > SIZE_MAX / 2 ? need : alloc * 2;
		buf->data = xrealloc(buf->data, alloc);
		buf->alloc = alloc;
	}
	return E_OK;
}

int buf_add(struct buf *buf, const void *data, size_t len)
{
	int rc = buf_room(buf, len);

	if (rc < 0)
		return rc;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return E_OK;
}

char *buf_reserve(struct buf *buf, size_t more)
{
	return buf_room(buf, more) < 0 ? NULL : buf->data + buf->len;
}

int buf_adds(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

int buf_addc(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int rc = buf_addv(buf, fmt, ap);
	va_end(ap);
	return rc;
}

int buf_addv(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	char small[256];

	va_copy(again, ap);
	int len = vsnprintf(small, sizeof(small), fmt, ap);
	int rc = E_PROTO;
	if (len < 0) { /* longer than INT_MAX: over every cap */
		buf->overflow = true;
	} else if ((size_t)len < sizeof(small)) {
		rc = buf_add(buf, small, (size_t)len);
	} else {
		rc = buf_room(buf, (size_t)len);
		if (rc == E_OK) {
			vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
			buf->len += (size_t)len;
		}
	}
	va_end(again);
	return rc;
}

void buf_add_quoted(struct buf *buf, const char *text)
{
	buf_addc(buf, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(buf, '\\');
		buf_addc(buf, *text);
	}
	buf_addc(buf, '"');
}

const char *buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_detach(struct buf *buf)
{
	char *text = buf->data ? buf->data : xstrdup("");

	*buf = (struct buf){.cap_bytes = buf->cap_bytes};
	return text;
}
