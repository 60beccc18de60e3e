/*
 * JSON text, written as it comes: no tree is built, nothing but the text is kept. It looks as
 * json_dumps(…, JSON_INDENT(2)) and then doc_escape_json() would make it: what a terminal would obey
 * is written as \u.
 *
 *	struct json_out json = {.out = &buf};
 *	json_out_open(&json, '{');
 *	json_out_key(&json, "name"), json_out_text(&json, name);
 *	json_out_key(&json, "tags"), json_out_open(&json, '['), json_out_text(&json, "cdc"), json_out_close(&json, ']');
 *	json_out_close(&json, '}');
 *
 * Between two calls `out` may be emptied: what is in it was written to somewhere.
 */
#ifndef WEIR_BASE_JSON_OUT_H
#define WEIR_BASE_JSON_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct buf;

struct json_out {
	struct buf *out;
	/* private */
	int depth;
	bool is_filled; /* the object or array that is open holds something */
	bool has_key;   /* a value is to follow, on the same line */
};

void json_out_open(struct json_out *json, char bracket);  /* '{' or '[' */
void json_out_close(struct json_out *json, char bracket); /* '}' or ']' */
void json_out_key(struct json_out *json, const char *key);
/* NULL: null. Invalid UTF-8 is repaired. */
void json_out_text(struct json_out *json, const char *text);
void json_out_number(struct json_out *json, int64_t number);
void json_out_decimal(
	struct json_out *json, double number); /* null where JSON has no such number */
void json_out_word(struct json_out *json, const char *word); /* "true", "false", "null" */
void json_out_tree(struct json_out *json, const json_t *tree);

#endif
