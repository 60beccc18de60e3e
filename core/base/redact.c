/*
 * The one redactor: a scanner that walks over the text once, copies it, and leaves out the values
 * of secret keys. It knows no format; it knows how keys and values look in all of them (JSON at any
 * level of quoting, YAML, properties, shell words, Java's toString(), URLs, HTTP headers, XML).
 *
 * Where the end of a value is in doubt it takes too much rather than too little, but never past the
 * line (a bracketed JSON value excepted). Texts that only look like keys (exceptions, classes,
 * stack frames, paths before a colon) stay: they are what an operator reads.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/redact_scan.h"

/* Does `pattern` begin at text[0..len)? Its '-' is one of .-_ or nothing. */
static bool pattern_at(const char *text, size_t len, const char *pattern)
{
	size_t i = 0;

	for (; *pattern; pattern++) {
		if (*pattern == '-') {
			i += i < len && is_one_of(text[i], ".-_");
			continue;
		}
		if (i >= len || (text[i] | 0x20) != *pattern)
			return false;
		i++;
	}
	return true;
}

#define LETTER(c) (1u << ((c) - 'a'))
#define FIRST_LETTERS                                                                              \
	(LETTER('p') | LETTER('s') | LETTER('t') | LETTER('a') | LETTER('c') | LETTER('j'))

static bool is_secret_key(const char *text, size_t len)
{
	static const char *const patterns[] = {"password", "passwd", "secret", "token",
		"access-key", "credential", "jaas", "sasl", "api-key"};

	for (size_t i = 0; i < len; i++) {
		char first = (char)(text[i] | 0x20);
		/* Most letters begin none: every request's words come through here. */
		if (first < 'a' || first > 't' || !(FIRST_LETTERS >> (first - 'a') & 1))
			continue;
		for (size_t p = 0; p < ARRAY_SIZE(patterns); p++) {
			if (patterns[p][0] == first && pattern_at(text + i, len - i, patterns[p]))
				return true;
		}
	}
	return false;
}

bool redact_key(const char *key)
{
	return is_secret_key(key, strlen(key));
}

bool redact_flag(const char *arg)
{
	return arg[0] == '-' && !strchr(arg, '=') && redact_key(arg + strspn(arg, "-"));
}

/* "--key value", also as items of a JSON, Java or YAML list. */
static bool dash_value(const struct scan *sc, struct key *key, size_t i)
{
	size_t from = i;
	bool lines = key->is_closed;

	if (at(sc, i) == ',')
		i++;
	i = skip_space(sc, i, lines);
	if (at(sc, i) == '\\' && is_line_end(at(sc, i + 1))) {
		i = skip_space(sc, i + 1, true);
	} else if (is_line_end(at(sc, i))) {
		i = skip_space(sc, i, true);
		if (at(sc, i) != '-' || !is_space(at(sc, i + 1)))
			return false;
		i = skip_space(sc, i + 1, false);
	}
	if (i == from || i >= sc->len || has_prefix(sc, i, "--") || is_one_of(sc->s[i], "|<>&;])}"))
		return false;
	struct quote quote = scan_quote_opens(sc, i);
	if (quote.mark &&
		(has_prefix(sc, i + quote.slashes + 1, "--") ||
			(!key->is_closed && scan_quote_at(sc, i, sc->open))))
		return false;
	key->separator = '-';
	key->value = i;
	return true;
}

/* {"key": "s3.secret-key", "value": "…"}: how Flink's REST API lists a configuration. */
static bool listed_value(const struct scan *sc, struct key *key, size_t i)
{
	if (!key->is_closed || at(sc, i) != ',')
		return false;
	i = skip_space(sc, i + 1, true);
	if (!scan_quote_at(sc, i, key->around))
		return false;
	i += key->around.slashes + 1;
	if (!has_prefix(sc, i, "value") || !scan_quote_at(sc, i + 5, key->around))
		return false;
	i = skip_space(sc, i + 5 + key->around.slashes + 1, true);
	if (at(sc, i) != ':')
		return false;
	key->separator = ':';
	key->value = skip_space(sc, i + 1, true);
	return true;
}

/* Finds the separator behind the key and the start of its value. False: it has none. */
static bool find_value(const struct scan *sc, struct key *key)
{
	size_t i = key->end, before;

	if (scan_quote_at(sc, i, key->around)) {
		key->is_closed = true;
		i += key->around.slashes + 1;
	}
	while (at(sc, i) == ']')
		i++;
	before = i;
	i = skip_space(sc, i, false);
	if (at(sc, i) == '=' && at(sc, i + 1) != '=') {
		key->separator = '=';
		key->is_spaced = i > before;
		i += at(sc, i + 1) == '>' ? 2 : 1;
	} else if (at(sc, i) == ':' && at(sc, i + 1) != ':' && !has_prefix(sc, i, "://")) {
		i += at(sc, i + 1) == '=' ? 2 : 1;
		key->separator = ':';
		key->is_spaced = is_space(at(sc, i));
	} else {
		return listed_value(sc, key, i) ||
			(sc->s[key->start] == '-' && dash_value(sc, key, before));
	}
	key->value = skip_space(sc, i, key->is_closed);
	return key->value < sc->len && !is_line_end(sc->s[key->value]);
}

/* <password>…</password>, <name>…password</name> <value>…</value> */
static bool mask_element(struct scan *sc, const struct key *key)
{
	size_t i = key->end;

	if (has_prefix(sc, i, "</name>")) {
		i = skip_space(sc, i + 7, true);
		if (!has_prefix(sc, i, "<value>"))
			return false;
		i += 7;
	} else if (key->start && sc->s[key->start - 1] == '<' && at(sc, i) == '>') {
		i++;
	} else {
		return false;
	}
	size_t end = i;
	while (end < sc->len && sc->s[end] != '<' && !is_line_end(sc->s[end]))
		end++;
	scan_mask(sc, i, end);
	return true;
}

static bool ends_in(const struct scan *sc, size_t start, size_t end, const char *tail)
{
	size_t len = strlen(tail);

	return end - start >= len && !memcmp(sc->s + end - len, tail, len);
}

/* "SaslException: …", "(Token.java:57)", "a.b.TokenManager: …", "/run/secret: No such file" */
static bool is_name_before_colon(const struct scan *sc, const struct key *key)
{
	static const char *const tails[] = {"Exception", "Error", "Failure", ".java", ".scala",
		".kt", ".py", ".go", ".c", ".h", ".js", ".txt", ".yaml", ".yml", ".json"};
	size_t start = key->start, last = start;
	int dots = 0, capitals = 0;

	if (key->separator != ':' || key->is_closed)
		return false;
	if (start && sc->s[start - 1] == '/')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
		if (ends_in(sc, start, key->end, tails[i]))
			return true;
	}
	for (size_t i = start; i < key->end; i++) {
		char c = sc->s[i];
		if (c == '.') {
			dots++;
			last = i + 1;
			capitals = 0;
		}
		capitals += c >= 'A' && c <= 'Z';
		if (c == '$' && i > start && at(sc, i + 1) >= 'A' && at(sc, i + 1) <= 'Z')
			return true;
	}
	return dots >= 2 && capitals >= 2 && at(sc, last) >= 'A' && at(sc, last) <= 'Z';
}

/* A word of key characters begins at sc->i. */
static void scan_word(struct scan *sc)
{
	struct key key = {.start = sc->i, .end = sc->i};
	size_t name;

	while (key.end < sc->len && is_key_char(sc->s[key.end]))
		key.end++;
	sc->i = key.end;
	for (name = key.start; name < key.end && sc->s[name] == '-'; name++)
		;
	if (key.start && is_quote(sc->s[key.start - 1])) {
		key.around.mark = sc->s[key.start - 1];
		key.around.slashes = scan_slashes(sc, key.start - 1, 0);
	}
	if (redact_scheme(sc, key.start, key.end))
		return;
	if (is_word(sc, name, key.end, "authorization") ||
		is_word(sc, name, key.end, "proxy-authorization") ||
		is_word(sc, name, key.end, "cookie") || is_word(sc, name, key.end, "set-cookie")) {
		if (find_value(sc, &key)) {
			if (key.is_closed)
				sc->open.mark = 0;
			redact_header(sc, &key);
		}
		return;
	}
	if (!is_secret_key(sc->s + key.start, key.end - key.start) || mask_element(sc, &key))
		return;
	for (size_t i = key.start; i < key.end; i++)
		key.is_jaas = key.is_jaas || has_prefix(sc, i, "jaas");
	if (find_value(sc, &key) && !is_name_before_colon(sc, &key)) {
		if (key.is_closed)
			sc->open.mark = 0; /* the walk jumps over the mark that closes it */
		redact_value(sc, &key);
	}
}

/* A quote mark at sc->i opens or closes. An apostrophe inside a word does neither. */
static void scan_quote(struct scan *sc)
{
	struct quote quote = {sc->s[sc->i], scan_slashes(sc, sc->i, sc->line)};
	char before = sc->i > sc->line ? sc->s[sc->i - 1] : ' ';

	if (!sc->open.mark) {
		if (quote.mark == '"' || (!is_alpha(before) && !is_digit(before)))
			sc->open = quote;
	} else if (quote.mark == sc->open.mark && quote.slashes <= sc->open.slashes) {
		sc->open.mark = 0;
	}
	sc->i++;
}

void redact(struct buf *out, const char *text, size_t len)
{
	struct scan sc = {.s = text, .len = len, .out = out};

	while (sc.i < len) {
		char c = text[sc.i];
		if (c == '\n') {
			sc.line = ++sc.i;
			sc.depth = 0;
			sc.open.mark = 0;
		} else if (is_quote(c)) {
			scan_quote(&sc);
		} else if (is_key_char(c)) {
			scan_word(&sc);
		} else if (c == ':' && has_prefix(&sc, sc.i, "://")) {
			redact_url(&sc);
		} else {
			sc.depth += c == '{';
			sc.depth -= c == '}' && sc.depth > 0;
			sc.i++;
		}
	}
	buf_add(out, text + sc.done, len - sc.done);
}

char *redact_dup(const char *text)
{
	struct buf out;

	buf_init(&out, SIZE_MAX / 4);
	redact(&out, text, strlen(text));
	return buf_detach(&out);
}
