/* Where the values of secret keys end: quoted, bare, bracketed, or in a block of YAML. */
#include "core/base/redact_scan.h"

#include "core/base/buf.h"

#define MASK "******"
/* Nobody quotes deeper; it keeps a run of backslashes from being counted again and again. */
#define SLASHES_MAX 255

/* Leaves [from, to) out. */
void scan_mask(struct scan *sc, size_t from, size_t to)
{
	if (to > from) {
		buf_add(sc->out, sc->s + sc->done, from - sc->done);
		buf_adds(sc->out, MASK);
		sc->done = to;
	}
	sc->i = to;
}

size_t scan_slashes(const struct scan *sc, size_t i, size_t from)
{
	size_t count = 0;

	while (count < SLASHES_MAX && i - count > from && sc->s[i - count - 1] == '\\')
		count++;
	return count;
}

/*
 * The end of what the quote before `from` holds: where its closing mark (with its backslashes)
 * stands, or the end of the line. Inside a string of n backslashes, a mark closes after
 * n of them, or n more than whole pairs of such a level.
 */
size_t scan_quote_end(const struct scan *sc, size_t from, struct quote quote)
{
	for (size_t i = from; i < sc->len && !is_line_end(sc->s[i]); i++) {
		if (sc->s[i] != quote.mark)
			continue;
		size_t slashes = scan_slashes(sc, i, from);
		if (slashes < quote.slashes)
			return i - slashes; /* an outer string ends */
		if (slashes % (2 * (quote.slashes + 1)) != quote.slashes)
			continue;
		if (quote.slashes == 0 && quote.mark == '\'' && has_prefix(sc, i, "'\\''"))
			i += 3; /* how a shell word holds one */
		else if (quote.slashes == 0 && i > from && at(sc, i + 1) == quote.mark)
			i++; /* doubled, as in SQL */
		else if (!is_alpha(at(sc, i + 1)) && !is_digit(at(sc, i + 1)))
			return i - quote.slashes;
	}
	return line_end(sc, from);
}

/* Is there a mark of `quote` at i, with its backslashes? */
bool scan_quote_at(const struct scan *sc, size_t i, struct quote quote)
{
	if (!quote.mark)
		return false;
	for (size_t n = 0; n < quote.slashes; n++) {
		if (at(sc, i + n) != '\\')
			return false;
	}
	return at(sc, i + quote.slashes) == quote.mark;
}

/* The quote that opens at i; mark 0 when none does. */
struct quote scan_quote_opens(const struct scan *sc, size_t i)
{
	struct quote quote = {0};

	while (quote.slashes < SLASHES_MAX && at(sc, i + quote.slashes) == '\\')
		quote.slashes++;
	if (is_quote(at(sc, i + quote.slashes)))
		quote.mark = at(sc, i + quote.slashes);
	return quote;
}

/* "[…]" or "{…}" at i: behind its end; where it never ends, `limit`. */
static size_t bracket_end(const struct scan *sc, size_t i, size_t limit)
{
	int depth = 0;

	for (; i < limit; i++) {
		if (sc->s[i] == '"' && !scan_slashes(sc, i, 0)) {
			i = scan_quote_end(sc, i + 1, (struct quote){.mark = '"'});
		} else if (is_one_of(sc->s[i], "[{")) {
			depth++;
		} else if (is_one_of(sc->s[i], "]}") && --depth == 0) {
			return i + 1;
		}
	}
	return limit;
}

/* Does a new "key=" or "key:" begin at i? Then the value before it is over. */
static bool key_follows(const struct scan *sc, size_t i)
{
	struct quote quote = scan_quote_opens(sc, i = skip_space(sc, i, false));

	if (quote.mark)
		i += quote.slashes + 1;
	size_t start = i;
	while (i < sc->len && is_key_char(sc->s[i]))
		i++;
	if (i == start)
		return false;
	if (scan_quote_at(sc, i, quote))
		i += quote.slashes + 1;
	return is_one_of(at(sc, i), "=:");
}

enum extent { TO_SPACE, TO_COMMA, TO_LINE };

/* The end of a value without quotes. */
static size_t bare_end(const struct scan *sc, const struct key *key, enum extent extent)
{
	size_t i = key->value, end;
	int depth = 0;

	for (; i < sc->len && !is_line_end(sc->s[i]); i++) {
		char c = sc->s[i];
		if (extent == TO_SPACE && is_space(c) && !scan_slashes(sc, i, key->value))
			break;
		if (scan_quote_at(sc, i, sc->open))
			break;
		if (key->is_jaas)
			continue;
		/* A line end inside a JSON string. */
		if (c == '\\' && sc->open.mark == '"' && is_one_of(at(sc, i + 1), "nrt"))
			break;
		if (extent != TO_LINE && is_quote(c)) {
			i = scan_quote_end(sc, i + 1, (struct quote){.mark = c});
			if (i >= sc->len || is_line_end(sc->s[i]))
				break;
		}
		depth += c == '{';
		depth -= c == '}';
		if (depth < 0 && sc->depth > 0)
			break;
		if (is_one_of(c, ",;&") && key_follows(sc, i + 1))
			break;
		if (c == ',' && extent == TO_COMMA && is_space(at(sc, i + 1)))
			break;
	}
	for (end = i; end > key->value && is_space(sc->s[end - 1]);)
		end--;
	if (extent != TO_LINE) {
		while (end > key->value && is_one_of(sc->s[end - 1], ",;)]>"))
			end--;
	}
	return end;
}

/* Is there nothing but indentation and list or comment marks before the key in its line? */
static bool is_first_in_line(const struct scan *sc, const struct key *key)
{
	for (size_t i = sc->line; i < key->start; i++) {
		if (!is_one_of(sc->s[i], " \t-#\"'?"))
			return false;
	}
	return true;
}

/* YAML "key: |" and the deeper lines below it. */
static bool mask_block(struct scan *sc, const struct key *key)
{
	size_t i = key->value, indent = 0;

	if (key->separator != ':' || !is_one_of(at(sc, i), "|>"))
		return false;
	for (i++; is_one_of(at(sc, i), "+-0123456789 \t"); i++)
		;
	if (i >= sc->len || !is_line_end(sc->s[i]))
		return false;
	while (at(sc, sc->line + indent) == ' ')
		indent++;
	while (i < sc->len) {
		i += at(sc, i) == '\r' && at(sc, i + 1) == '\n' ? 2 : 1;
		size_t text = skip_space(sc, i, false);
		if (text < sc->len && !is_line_end(sc->s[text]) && text - i <= indent)
			break;
		scan_mask(sc, text, line_end(sc, text));
		i = sc->i;
	}
	sc->i = i < sc->len ? i - 1 : sc->len; /* at the line end, which the walk has to see */
	return true;
}

/* Words that say what a key is and hold nothing. */
static bool is_plain_word(const struct scan *sc, size_t start, size_t end)
{
	return is_word(sc, start, end, "null") || is_word(sc, start, end, "true") ||
		is_word(sc, start, end, "false");
}

void redact_value(struct scan *sc, const struct key *key)
{
	size_t v = key->value, end;
	struct quote quote = scan_quote_opens(sc, v);
	bool inside = key->around.mark && !key->is_closed; /* "key=value" as a whole is quoted */
	struct quote outer = inside ? key->around : sc->open;

	if (quote.mark && scan_quote_at(sc, v, outer) && quote.slashes == outer.slashes &&
		!key->is_closed && key->separator != '-') {
		char next = at(sc, v + quote.slashes + 1);
		if (!is_alpha(next) && !is_digit(next)) {
			sc->i = v; /* the quote around it ends: nothing there */
			return;
		}
	}
	if (quote.mark) {
		v += quote.slashes + 1;
		end = scan_quote_end(sc, v, quote);
		if (is_plain_word(sc, v, end))
			end = v;
		scan_mask(sc, v, end);
		if (scan_quote_at(sc, end, quote))
			sc->i = end + quote.slashes + 1;
		return;
	}
	if (mask_block(sc, key))
		return;
	if (is_one_of(at(sc, v), "[{") && !inside) {
		end = bracket_end(sc, v, key->is_closed ? sc->len : line_end(sc, v));
		scan_mask(sc, v, end - v > 2 ? end : v);
		return;
	}
	if (inside) {
		end = scan_quote_end(sc, v, key->around);
	} else {
		bool to_line = key->is_jaas ||
			(key->is_spaced && key->separator != '-' && is_first_in_line(sc, key));
		enum extent extent = to_line              ? TO_LINE
			: sc->depth > 0 && !sc->open.mark ? TO_COMMA
							  : TO_SPACE;
		end = bare_end(sc, key, extent);
	}
	scan_mask(sc, v, is_plain_word(sc, v, end) ? v : end);
}
