/*
 * Plain JSON, quickly: for answers that come many times a second, which are read without a tree. "Plain" is
 * what nearly all of them are: UTF-8 texts without escapes, whole numbers of at most 18 digits, true, false,
 * null; what is skipped may hold reals and escapes, too. Anything else, and each mistake, only sets `failed`: the text
 * then belongs to doc_parse_json(), which repairs, judges and reports. What is read here means the same
 * there.
 *
 *	struct doc_scan scan = {text, text + len};
 *	doc_scan_enter(&scan, '{');
 *	while (doc_scan_key(&scan, &key))
 *		... doc_scan_text(), doc_scan_int() ..., doc_scan_enter() or doc_scan_skip() ...
 *	if (!doc_scan_ended(&scan)) ... nothing that was read counts ...
 *
 * After a failure all of these do nothing, and loops end.
 */
#ifndef WEIR_BASE_DOC_SCAN_H
#define WEIR_BASE_DOC_SCAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct doc_scan {
	const char *at, *end;
	bool is_behind; /* what comes next follows a value of its list: a comma stands before it */
	bool failed;    /* doc_scan_fail() */
};
/* Borrowed from the text; not ended by NUL, and holds none. */
struct doc_piece {
	const char *text;
	size_t len;
};
static inline bool doc_piece_is(struct doc_piece piece, const char *word)
{
	return piece.len && *piece.text == *word && strncmp(piece.text, word, piece.len) == 0 &&
		!word[piece.len];
}

void doc_scan_enter(struct doc_scan *scan, char bracket); /* '{' or '[' */
/* The next key of this object; false behind its last, which leaves the object. */
bool doc_scan_key(struct doc_scan *scan, struct doc_piece *key);
/* Is there another item in this array? False leaves it. */
bool doc_scan_item(struct doc_scan *scan);
struct doc_piece doc_scan_text(struct doc_scan *scan);
int64_t doc_scan_int(struct doc_scan *scan);
double doc_scan_real(struct doc_scan *scan); /* of a whole number too */
bool doc_scan_bool(struct doc_scan *scan);
/* Takes it where it is one. */
bool doc_scan_null(struct doc_scan *scan);
/* Takes nothing. */
bool doc_scan_is_text(struct doc_scan *scan);
void doc_scan_skip(struct doc_scan *scan);
/* To whoever reads it, it is not plain. */
void doc_scan_fail(struct doc_scan *scan);
/* Nothing is left but blanks, and nothing failed. */
bool doc_scan_ended(struct doc_scan *scan);

/*
 * The tree that json_loadb() makes, in a quarter of the time; NULL when that has to be asked. Here texts may
 * have escapes of one byte. For doc_parse_json(); owned.
 */
json_t *doc_scan_tree(const char *text, size_t len);

#endif
