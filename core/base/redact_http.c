/* Secrets that stand in URLs and HTTP headers rather than behind a key. */
#include "core/base/redact_scan.h"

#include <stdint.h>

#include "core/base/mem.h"

static bool is_base64(char c)
{
	return is_alpha(c) || is_digit(c) || is_one_of(c, "+/=-_.~");
}

/* Is it base64 of "user:password"? So that "Basic authentication" stays. */
static bool is_basic_credential(const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int count = 0;
	bool colon = false;

	for (size_t i = 0; i < len && text[i] != '='; i++) {
		const char *digit = strchr(digits, text[i]);
		if (!digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		count += 6;
		if (count >= 8) {
			count -= 8;
			unsigned char c = (unsigned char)(bits >> count);
			if (c < 0x20 || c == 0x7F)
				return false;
			colon = colon || c == ':';
		}
	}
	return colon && len >= 4;
}

/* "Bearer …" and "Basic …" where no header's name stands before. */
bool redact_scheme(struct scan *sc, size_t start, size_t end)
{
	bool basic = is_word(sc, start, end, "basic"), digit = false;

	if ((!basic && !is_word(sc, start, end, "bearer")) || at(sc, end) != ' ')
		return false;
	size_t from = skip_space(sc, end, false), to = from;
	for (; to < sc->len && is_base64(sc->s[to]); to++)
		digit = digit || is_digit(sc->s[to]);
	if (basic ? !is_basic_credential(sc->s + from, to - from)
		  : to - from < 8 || (!digit && to - from < 24))
		return false;
	scan_mask(sc, from, to);
	return true;
}

/* "Authorization: <scheme> <credentials>" and cookies. The scheme stays. */
void redact_header(struct scan *sc, const struct key *key)
{
	static const char *const schemes[] = {
		"bearer", "basic", "negotiate", "token", "digest", "ntlm", "aws4-hmac-sha256"};
	bool inside = key->around.mark && !key->is_closed;
	struct quote outer = inside ? key->around : sc->open;
	struct quote quote = scan_quote_opens(sc, key->value);
	size_t v = key->value, end, i;

	if (quote.mark && !scan_quote_at(sc, v, key->is_closed ? (struct quote){0} : outer)) {
		v += quote.slashes + 1;
		end = scan_quote_end(sc, v, quote);
	} else {
		end = outer.mark && !key->is_closed ? scan_quote_end(sc, v, outer)
						    : line_end(sc, v);
		quote = outer;
	}
	for (i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t len = strlen(schemes[i]);
		if (!has_prefix(sc, v, schemes[i]) || !is_space(at(sc, v + len)))
			continue;
		v = skip_space(sc, v + len, false);
		/* The first four have one word; text may follow it in a line of a log. */
		for (size_t word = v; i < 4 && !quote.mark && word < end; word++) {
			if (is_space(sc->s[word]) || is_one_of(sc->s[word], ",;]})"))
				end = word;
		}
		break;
	}
	scan_mask(sc, v, end);
}

/* At "://": user:password@, and a bare token in the place of the user. */
void redact_url(struct scan *sc)
{
	size_t start = sc->i + 3, end = start, whole, colon, sign;
	bool is_http = sc->i >= 4 &&
		(!strncasecmp(sc->s + sc->i - 4, "http", 4) ||
			!strncasecmp(sc->s + sc->i - 4, "ttps", 4));
	bool is_port = true;

	while (end < sc->len && (unsigned char)sc->s[end] > ' ' &&
		!is_one_of(sc->s[end], "/?#\"'<>"))
		end++;
	for (colon = start; colon < end && sc->s[colon] != ':'; colon++)
		;
	for (sign = end; sign > start && sc->s[sign - 1] != '@'; sign--)
		;
	for (size_t i = colon + 1; i < end; i++)
		is_port = is_port && is_digit(sc->s[i]);
	if (sign == start && colon < end && !is_port && at(sc, start) != '[') {
		/* A '/', '?' or '#' of the password was not escaped. */
		if (sc->no_sign > end)
			end = sc->no_sign;
		for (whole = end; whole < sc->len && (unsigned char)sc->s[whole] > ' ' &&
			!is_quote(sc->s[whole]);)
			whole++;
		for (sign = whole; sign > end && sc->s[sign - 1] != '@'; sign--)
			;
		if (sign == end) {
			sc->no_sign = whole;
			sign = start;
		}
	}
	sc->i = start;
	if (sign == start)
		return;
	sign--;
	if (colon < sign)
		scan_mask(sc, colon + 1, sign);
	else if (is_http && sign - start >= 16)
		scan_mask(sc, start, sign);
}
