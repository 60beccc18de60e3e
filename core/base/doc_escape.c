/* JSON that may be looked at on a terminal. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/utf8.h"

/* Length of the UTF-8 character at `text`, and what it is; JSON text of ours is valid. */
static size_t character(const char *text, unsigned *code)
{
	unsigned char lead = (unsigned char)*text;
	size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

	*code = len == 1 ? lead : lead & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		*code = *code << 6 | ((unsigned char)text[i] & 0x3F);
	return len;
}

/*
 * JSON must escape what is below a blank only. Terminals also obey DEL, C1 and bidi controls, and
 * people look at JSON on terminals: what would be neutralised in a table is written as \u here.
 */
void doc_escape_json(struct buf *out, const char *text)
{
	struct buf clean;
	unsigned code;

	buf_init(&clean, 0);
	while (*text) {
		size_t plain = 0;
		while (text[plain] && (unsigned char)text[plain] < 0x7F)
			plain++;
		buf_add(out, text, plain);
		text += plain;
		if (!*text)
			break;
		size_t len = character(text, &code);
		buf_reset(&clean);
		utf8_neutralise(&clean, text, len);
		if (code > 0xFFFF || (clean.len == len && !memcmp(clean.data, text, len)))
			buf_add(out, text, len);
		else
			buf_addf(out, "\\u%04x", code);
		text += len;
	}
	buf_release(&clean);
}
