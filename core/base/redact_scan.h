/*
 * Private to redact*.c: the state of the walk, and the small questions all three parts ask.
 * redact.c finds keys, redact_value.c knows where their values end, redact_http.c knows URLs and
 * headers. Every part only moves forward, so the walk is linear in the text.
 */
#ifndef WEIR_BASE_REDACT_SCAN_H
#define WEIR_BASE_REDACT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct buf;

struct quote {
	char mark;      /* '"' or '\''; 0 = none */
	size_t slashes; /* backslashes before it: the level of quoting inside other quotes */
};

struct scan {
	const char *s;
	size_t len, i;
	size_t done; /* all before it is in `out` */
	struct buf *out;
	size_t no_sign; /* from here back to the last URL there is no '@' */
	/* Of the line that `i` is in: */
	size_t line;       /* its start */
	int depth;         /* braces open */
	struct quote open; /* the quote that is open */
};

/* A key that was found, and how it meets its value. */
struct key {
	size_t start, end;   /* without quotes */
	struct quote around; /* the quote right before the key */
	bool is_closed;      /* that quote ends right after the key: "key": … */
	bool is_jaas;
	char separator; /* '=', ':', or '-' for "--key value" */
	bool is_spaced; /* "key = value", "key: value" */
	size_t value;   /* where the value begins */
};

/* Leaves [from, to) out and goes on at `to`. */
void scan_mask(struct scan *sc, size_t from, size_t to);
/* Backslashes right before i, not before `from`. */
size_t scan_slashes(const struct scan *sc, size_t i, size_t from);
/*
 * The end of what the quote before `from` holds: where its closing mark (with its backslashes)
 * stands, or the end of the line.
 */
size_t scan_quote_end(const struct scan *sc, size_t from, struct quote quote);
/* Is there a mark of `quote` at i, with its backslashes? */
bool scan_quote_at(const struct scan *sc, size_t i, struct quote quote);
/* The quote that opens at i; mark 0 when none does. */
struct quote scan_quote_opens(const struct scan *sc, size_t i);

/* The value of a secret key. */
void redact_value(struct scan *sc, const struct key *key);
/* "Bearer ..." and "Basic ..." in [start, end) where no header's name stands before. */
bool redact_scheme(struct scan *sc, size_t start, size_t end);
/* "Authorization: <scheme> <credentials>" and cookies. The scheme stays. */
void redact_header(struct scan *sc, const struct key *key);
/* At "://": user:password@, and a bare token in the place of the user. */
void redact_url(struct scan *sc);

static inline char at(const struct scan *sc, size_t i)
{
	return i < sc->len ? sc->s[i] : '\0';
}

static inline bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_key_char(char c)
{
	return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '$';
}

static inline bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static inline bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

static inline bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline bool has_prefix(const struct scan *sc, size_t i, const char *word)
{
	size_t len = strlen(word);

	return i <= sc->len && len <= sc->len - i && !strncasecmp(sc->s + i, word, len);
}

static inline bool is_word(const struct scan *sc, size_t start, size_t end, const char *word)
{
	return end - start == strlen(word) && has_prefix(sc, start, word);
}

static inline size_t skip_space(const struct scan *sc, size_t i, bool lines)
{
	while (i < sc->len && (is_space(sc->s[i]) || (lines && is_line_end(sc->s[i]))))
		i++;
	return i;
}

static inline size_t line_end(const struct scan *sc, size_t i)
{
	while (i < sc->len && !is_line_end(sc->s[i]))
		i++;
	return i;
}

#endif
