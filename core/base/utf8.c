/*
 * Two jobs that must agree: making foreign bytes harmless, and measuring text as the terminal will
 * advance. A cluster that terminals draw differently wide is cut down to what all agree on.
 * It does not shape, reorder or normalise.
 */
#include "core/base/utf8.h"

#include <langinfo.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#include "core/base/buf.h"

#define STAND_IN "\xEF\xBF\xBD" /* U+FFFD */
/* What a curses cell holds: a base character and four marks. */
#define CELL_CHARS 5

/*
 * The character at text[0..len). Returns its bytes; 0 when invalid, with *bad = the bytes of the
 * longest wrong start, which one U+FFFD stands for (Unicode, "maximal subpart").
 */
static size_t utf8_decode(const char *text, size_t len, uint32_t *out, size_t *bad)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned low = 0x80, high = 0xBF;
	size_t need;

	*bad = 1;
	if (s[0] < 0x80) {
		*out = s[0];
		return 1;
	}
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 0;
	need = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	switch (s[0]) {
	case 0xE0: low = 0xA0; break;  /* overlong below */
	case 0xED: high = 0x9F; break; /* surrogates above */
	case 0xF0: low = 0x90; break;
	case 0xF4: high = 0x8F; break; /* past U+10FFFF */
	}
	uint32_t c = s[0] & (0xFF >> (need + 1));
	for (size_t i = 1; i < need; i++) {
		if (i >= len || s[i] < low || s[i] > high)
			return 0;
		c = c << 6 | (s[i] & 0x3F);
		low = 0x80;
		high = 0xBF;
		*bad = i + 1;
	}
	*out = c;
	return need;
}

size_t utf8_encode(uint32_t ch, char out[5])
{
	utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)ch, (utf8proc_uint8_t *)out);

	out[len] = '\0';
	return (size_t)len;
}

bool utf8_valid(const char *text, size_t len)
{
	uint32_t c;
	size_t bad;

	for (size_t i = 0; i < len;) {
		uint64_t bytes;

		/* ASCII, as nearly all of it is. */
		if (len - i >= sizeof(bytes)) {
			memcpy(&bytes, text + i, sizeof(bytes));
			if (!(bytes & 0x8080808080808080U)) {
				i += sizeof(bytes);
				continue;
			}
		}
		size_t used = utf8_decode(text + i, len - i, &c, &bad);
		if (!used)
			return false;
		i += used;
	}
	return true;
}

void utf8_repair(struct buf *out, const char *text, size_t len)
{
	size_t good = 0, i = 0, bad;
	uint32_t c;

	while (i < len) {
		size_t used = utf8_decode(text + i, len - i, &c, &bad);
		if (!used) {
			buf_add(out, text + good, i - good);
			buf_adds(out, STAND_IN);
			good = i + bad;
		}
		i += used ? used : bad;
	}
	buf_add(out, text + good, i - good);
}

/* Would a terminal obey, or text around it change its order or its line? */
static bool is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
		(c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void utf8_neutralise(struct buf *out, const char *text, size_t len)
{
	const char *stand_in = utf8_locale() ? STAND_IN : "?";
	size_t good = 0, i = 0, bad;
	uint32_t c;

	while (i < len) {
		size_t used = utf8_decode(text + i, len - i, &c, &bad);
		if (used && !is_harmful(c)) {
			i += used;
			continue;
		}
		buf_add(out, text + good, i - good);
		if (used && c == '\r' && i + 1 < len && text[i + 1] == '\n')
			used = 2, c = '\n';
		buf_adds(out, used && (c == '\t' || c == '\n') ? " " : stand_in);
		i += used ? used : bad;
		good = i;
	}
	buf_add(out, text + good, i - good);
}

/* Followers that some terminals fuse with the base and others do not. */
static bool is_disputed(uint32_t c)
{
	return c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F1E6 && c <= 0x1F1FF) ||
		(c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0020 && c <= 0xE01EF);
}

static bool utf8_stand_in(struct utf8_cluster *out, size_t advance)
{
	const char *text = utf8_locale() ? STAND_IN : "?";

	*out = (struct utf8_cluster){
		.text = text, .len = strlen(text), .advance = advance, .width_cols = 1};
	return true;
}

bool utf8_next(const char *text, struct utf8_cluster *out)
{
	size_t room, used, bad;
	uint32_t c, next;

	if (!text[0])
		return false;
	if (text[0] >= 0x20 && text[0] < 0x7F && (unsigned char)text[1] < 0x80) {
		*out = (struct utf8_cluster){.text = text, .len = 1, .advance = 1, .width_cols = 1};
		return true;
	}
	room = strnlen(text, 4);
	used = utf8_decode(text, room, &c, &bad);
	if (!used)
		return utf8_stand_in(out, bad);
	int width = wcwidth((wchar_t)c);
	if (width < 1)
		return utf8_stand_in(out, used);

	size_t len = used;
	int chars = 1;
	bool drawn = true; /* is what comes next still part of what is drawn? */
	utf8proc_int32_t state = 0;
	utf8proc_int32_t before = (utf8proc_int32_t)c;
	for (;;) {
		room = strnlen(text + used, 4);
		size_t step = room ? utf8_decode(text + used, room, &next, &bad) : 0;
		if (!step ||
			utf8proc_grapheme_break_stateful(before, (utf8proc_int32_t)next, &state))
			break;
		bool disputed = is_disputed(next);
		/* A spacing vowel sign has a cell of its own: ncurses advances for it. */
		if (drawn && !disputed && wcwidth((wchar_t)next) != 0)
			break;
		if (disputed || chars == CELL_CHARS)
			drawn = false;
		used += step;
		if (drawn) {
			len = used;
			chars++;
		}
		before = (utf8proc_int32_t)next;
	}
	*out = (struct utf8_cluster){
		.text = text, .len = len, .advance = used, .width_cols = width > 1 ? 2 : 1};
	return true;
}

int utf8_width(const char *text)
{
	struct utf8_cluster cluster;
	int width = 0;

	for (; utf8_next(text, &cluster); text += cluster.advance)
		width += cluster.width_cols;
	return width;
}

size_t utf8_fit(const char *text, int max_cols, int *cols)
{
	struct utf8_cluster cluster;
	size_t len = 0;
	int width = 0;

	while (utf8_next(text + len, &cluster) && width + cluster.width_cols <= max_cols) {
		len += cluster.advance;
		width += cluster.width_cols;
	}
	if (cols)
		*cols = width;
	return len;
}

/* What is drawn of the first `len` bytes. */
static void utf8_draw(struct buf *out, const char *text, size_t len)
{
	struct utf8_cluster cluster;

	for (size_t i = 0; i < len && utf8_next(text + i, &cluster); i += cluster.advance)
		buf_add(out, cluster.text, cluster.len);
}

static bool is_one_of(const struct utf8_cluster *cluster, const char *list)
{
	for (struct utf8_cluster each; utf8_next(list, &each); list += each.advance)
		if (each.len == cluster->len && !memcmp(each.text, cluster->text, each.len))
			return true;
	return false;
}

size_t utf8_break(const char *text, size_t fits)
{
	struct utf8_cluster cluster, before = {.text = NULL};
	size_t best = 0;

	if (!text[fits] || text[fits] == ' ')
		return fits;
	for (size_t at = 0; at <= fits && utf8_next(text + at, &cluster); at += cluster.advance) {
		bool is_wide = before.text && (before.width_cols == 2 || cluster.width_cols == 2);

		if (at &&
			(text[at - 1] == ' ' ||
				(is_wide && text[at] != ' ' &&
					!is_one_of(&cluster, "，。、；：？！）」,.;:?!)") &&
					!is_one_of(&before, "（「("))))
			best = at;
		before = cluster;
	}
	return best > fits / 2 ? best : fits;
}

void utf8_fill(struct buf *out, const char *text, int cols)
{
	int width = utf8_width(text);

	buf_addf(out, "%s%*s", text, width < cols ? cols - width : 0, "");
}

void utf8_pad(struct buf *out, const char *text, int cols, bool ascii)
{
	int width;

	if (cols <= 0)
		return;
	size_t len = utf8_fit(text, cols, &width);
	if (text[len]) {
		len = utf8_fit(text, cols - 1, &width);
		utf8_draw(out, text, len);
		buf_adds(out, ascii ? "~" : "\xE2\x80\xA6");
		width++;
	} else {
		utf8_draw(out, text, len);
	}
	for (; width < cols; width++)
		buf_addc(out, ' ');
}

bool utf8_locale(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

const char *utf8_library(void)
{
	return utf8proc_version();
}
