/*
 * Bytes are gathered into one line; at its end the line is masked and neutralised as a whole, so
 * that a secret is found wherever the pieces were cut. Escape sequences are taken out before that,
 * for a colour in the middle of a key would hide it. What a cut line is continued with is dropped:
 * a value whose key was cut away could not be told from harmless text.
 */
#include "core/base/clean.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

enum escape {
	ESC_NONE,
	ESC_BEGUN,  /* after ESC */
	ESC_CSI,    /* ESC [ … one of @ to ~ */
	ESC_STRING, /* ESC ] P X ^ _ … BEL or ESC \ */
	ESC_ENDING, /* an ESC inside of a string */
};

struct clean {
	struct buf line;
	enum escape escape;
	bool is_cut, is_returned; /* a carriage return came: the next byte begins the line anew */
};

struct clean *clean_new(void)
{
	struct clean *clean = xcalloc(1, sizeof(*clean));

	buf_init(&clean->line, CLEAN_LINE_BYTES);
	return clean;
}

void clean_free(struct clean *clean)
{
	if (!clean)
		return;
	if (clean->line.data)
		mem_wipe(clean->line.data, clean->line.alloc);
	buf_release(&clean->line);
	free(clean);
}

/* Tabs stay tabs; all else as on a screen. */
static void add_harmless(struct buf *out, const char *text, size_t len)
{
	while (len) {
		const char *tab = memchr(text, '\t', len);
		size_t part = tab ? (size_t)(tab - text) : len;

		utf8_neutralise(out, text, part);
		if (tab) {
			buf_addc(out, '\t');
			part++;
		}
		text += part;
		len -= part;
	}
}

static void line_out(struct clean *clean, struct buf *out)
{
	struct buf masked;

	buf_init(&masked, 8 * CLEAN_LINE_BYTES);
	redact(&masked, buf_str(&clean->line), clean->line.len);
	add_harmless(out, buf_str(&masked), masked.len);
	if (clean->is_cut)
		buf_adds(out, " …");
	buf_addc(out, '\n');
	buf_release(&masked);
	buf_reset(&clean->line);
	clean->is_cut = clean->is_returned = false;
	clean->escape = ESC_NONE;
}

/* Is `c` a part of an escape sequence? */
static bool is_escaped(struct clean *clean, unsigned char c)
{
	switch (clean->escape) {
	case ESC_NONE:
		if (c != 0x1b)
			return false;
		clean->escape = ESC_BEGUN;
		return true;
	case ESC_BEGUN:
		if (c == '[')
			clean->escape = ESC_CSI;
		else if (memchr("]PX^_", c, 5))
			clean->escape = ESC_STRING;
		else if (c < 0x20 || c > 0x2f) /* "ESC ( B": what is between stays inside */
			clean->escape = ESC_NONE;
		return true;
	case ESC_CSI:
		if (c >= 0x40 && c <= 0x7e)
			clean->escape = ESC_NONE;
		return true;
	case ESC_STRING:
		if (c == 0x07)
			clean->escape = ESC_NONE;
		else if (c == 0x1b)
			clean->escape = ESC_ENDING;
		return true;
	case ESC_ENDING: clean->escape = c == '\\' ? ESC_NONE : ESC_STRING; return true;
	}
	return false;
}

static void byte_add(struct clean *clean, char c)
{
	if (clean->is_returned) {
		buf_reset(&clean->line);
		clean->is_cut = clean->is_returned = false;
	}
	/* Of the other control characters only the tab means something in a line. */
	if ((unsigned char)c < 0x20 && c != '\t')
		return;
	if (!clean->is_cut && buf_addc(&clean->line, c) < 0)
		clean->is_cut = true;
}

void clean_add(struct clean *clean, const char *bytes, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '\n')
			line_out(clean, out);
		else if (c == '\r')
			clean->is_returned = true;
		else if (!is_escaped(clean, (unsigned char)c))
			byte_add(clean, c);
	}
}

void clean_end(struct clean *clean, struct buf *out)
{
	if (clean->line.len)
		line_out(clean, out);
}
