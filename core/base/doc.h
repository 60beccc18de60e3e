/*
 * Text → json_t, one tree type for REST, configuration, workspace, themes and keys.
 *
 * JSON from outside is repaired first (doc_parse_json): invalid UTF-8, lone surrogates, \u0000,
 * bare NaN/Infinity (→ null), numbers beyond 64 bit (→ real) never drop a document; one bad name
 * never hides its neighbours. What cannot be repaired (truncated, HTML) is E_PROTO that shows the
 * first bytes, redacted and neutralised. The root is an object or an array.
 *
 * YAML (doc_parse_yaml) gives objects, arrays and *strings only*: scalars keep their raw text
 * ("1.20" stays "1.20"), a plain empty/null/~ scalar is json null. Errors: duplicate or empty keys,
 * anchors, aliases and tags (a file says each thing in one place), a second document, text that is
 * not UTF-8, more than 1 MiB, more than 64 deep. Every place is kept: of each node but null (one
 * json_t for all), and of each key.
 */
#ifndef WEIR_BASE_DOC_H
#define WEIR_BASE_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* Owned: json_decref(). `what` names the thing in errors ("GET http://…/overview"). */
json_t *doc_parse_json(const char *text, size_t len, const char *what, struct err *err);

/* A parsed YAML text with the place of each node. */
struct doc_marks;
struct doc {
	json_t *root;            /* owned; NULL for a file that is empty or one null */
	char *path;              /* as shown in errors */
	struct doc_marks *marks; /* private */
};

struct doc_place {
	int line, column; /* from 1; column counts characters */
	bool plain;       /* an unquoted scalar */
};

struct doc *doc_parse_yaml(const char *path, const char *text, size_t len, struct err *err);
/* Reads at most 1 MiB. E_NOTFOUND when there is no such file, E_CONFIG for anything else. */
struct doc *doc_read_yaml(const char *path, struct err *err);
void doc_free(struct doc *doc); /* NULL-safe */
/* Of a node of this doc; line 1, column 1 for NULL, null, or a node of another tree. */
struct doc_place doc_place(const struct doc *doc, const json_t *node);
/* Where `key` stands in `object`; the place of the object when it has no such key. */
struct doc_place doc_key_place(const struct doc *doc, const json_t *object, const char *key);
/*
 * Where a key of `object` and its value stand in the text, for who changes it in place: counted in
 * characters from 0 (a byte order mark is none). A value of nothing has from == to; behind a block
 * text `to` may stand after blanks and line ends. False when there is no such key.
 */
struct doc_span {
	size_t key, key_end, from, to;
};
bool doc_span(const struct doc *doc, const json_t *object, const char *key, struct doc_span *out);
/*
 * "path:line:column: text", code E_CONFIG; returned. What the text quotes may be foreign: it is
 * neutralised. node NULL = the file as a whole (line 1, column 1).
 */
int doc_error(const struct doc *doc, const json_t *node, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same at the place of a key. */
int doc_key_error(const struct doc *doc, const json_t *object, const char *key, struct err *err,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Checked reading of a YAML object by a table of its keys; every mistake is a doc_error() with
 * file:line:column. An unknown key names the nearest known one ("did you mean ..."). A key whose
 * value is null counts as absent. A value whose key speaks of a secret is never quoted.
 */
enum doc_type {
	DOC_STRING,  /* char *, malloc'd (freed first when set already) */
	DOC_NAME,    /* char *, str_is_name() */
	DOC_BOOL,    /* bool: true false yes no on off, any case */
	DOC_INT,     /* int64_t, within [min, max] when max > min */
	DOC_ENUM,    /* int: index into `words` (NULL-ended) */
	DOC_STRINGS, /* json_t * array of strings, owned; a single scalar is a list of one */
	DOC_MAP,     /* json_t * object of strings (null = ""), owned */
	DOC_NODE,    /* const json_t *, any shape, borrowed from the doc */
};
struct doc_field {
	const char *key;
	enum doc_type type;
	size_t offset; /* offsetof() in the struct filled */
	bool required;
	int64_t min, max;
	const char *const *words;
};
/*
 * Fills what is present; what is absent keeps its value. On failure the struct may be half filled:
 * release it.
 */
int doc_read_fields(const struct doc *doc, const json_t *object, const struct doc_field *fields,
	size_t count, void *out, struct err *err);

/* Lookups in answers: NULL, 0, or the default when absent or of another type; never an error. */
const char *doc_str(const json_t *object, const char *key);           /* NULL */
int64_t doc_int(const json_t *object, const char *key, int64_t dflt); /* also "12" and 12.0 */
double doc_real(const json_t *object, const char *key, double dflt);  /* "NaN" → dflt */

/*
 * json_t → YAML text (block style, quotes where needed), for `-o yaml` and `config view`. Any YAML
 * reader gives the same tree back; doc_parse_yaml() with each scalar as text.
 */
struct buf;
void doc_dump_yaml(struct buf *out, const json_t *node);
/* JSON text of ours → the same JSON with all that a terminal would obey written as \u. */
void doc_escape_json(struct buf *out, const char *text);
/* The version of libyaml. Static. */
const char *doc_library(void);

#endif
