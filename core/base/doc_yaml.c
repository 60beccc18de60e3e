/*
 * YAML → json_t of strings, by libyaml's events. The tree keeps no types: "1.20" and "no" stay as
 * they were written, and who reads a field knows its type (doc_fields.c).
 *
 * json_t has no room for a position, so places live beside the tree, found by the node's address,
 * and for keys by the object's address and the key. json null is one static node and has no place
 * of its own.
 */
#include "core/base/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <yaml.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define DEPTH_MAX 64

struct doc_marks {
	struct map *index; /* "node" or "object/key" → 1 + position in places */
	VEC(struct doc_place) places;
	struct map *span_index; /* "object/key" → 1 + position in spans */
	VEC(struct doc_span) spans;
};

/* ---- places ---- */

static void mark_put(struct doc *doc, const char *id, yaml_mark_t mark, bool plain)
{
	struct doc_marks *marks = doc->marks;
	struct doc_place place = {(int)mark.line + 1, (int)mark.column + 1, plain};

	vec_push(&marks->places, place);
	map_put(marks->index, id, (void *)(uintptr_t)marks->places.len);
}

static void node_id(char out[32], const json_t *node)
{
	snprintf(out, 32, "%p", (const void *)node);
}

static void mark_node(struct doc *doc, const json_t *node, const yaml_event_t *event)
{
	char id[32];

	node_id(id, node);
	mark_put(doc, id, event->start_mark,
		event->type == YAML_SCALAR_EVENT &&
			event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static void mark_key(struct doc *doc, const json_t *object, const char *key, yaml_mark_t mark)
{
	char *id = xasprintf("%p/%s", (const void *)object, key);

	mark_put(doc, id, mark, false);
	free(id);
}

static void mark_span(
	struct doc *doc, const json_t *object, const char *key, const struct doc_span *span)
{
	char *id = xasprintf("%p/%s", (const void *)object, key);

	vec_push(&doc->marks->spans, *span);
	map_put(doc->marks->span_index, id, (void *)(uintptr_t)doc->marks->spans.len);
	free(id);
}

bool doc_span(const struct doc *doc, const json_t *object, const char *key, struct doc_span *out)
{
	char *id = xasprintf("%p/%s", (const void *)object, key);
	uintptr_t index = (uintptr_t)map_get(doc->marks->span_index, id);

	if (index)
		*out = doc->marks->spans.data[index - 1];
	free(id);
	return index != 0;
}

static bool mark_get(const struct doc *doc, const char *id, struct doc_place *out)
{
	uintptr_t index = (uintptr_t)map_get(doc->marks->index, id);

	if (index)
		*out = doc->marks->places.data[index - 1];
	return index != 0;
}

struct doc_place doc_place(const struct doc *doc, const json_t *node)
{
	struct doc_place place = {1, 1, false};
	char id[32];

	if (node && !json_is_null(node)) {
		node_id(id, node);
		mark_get(doc, id, &place);
	}
	return place;
}

struct doc_place doc_key_place(const struct doc *doc, const json_t *object, const char *key)
{
	struct doc_place place;
	char *id = xasprintf("%p/%s", (const void *)object, key);

	if (!mark_get(doc, id, &place))
		place = doc_place(doc, object);
	free(id);
	return place;
}

/* ---- errors ---- */

static int error_at(const char *path, struct doc_place place, struct err *err, const char *fmt,
	va_list ap) __attribute__((format(printf, 4, 0)));
static int error_at(
	const char *path, struct doc_place place, struct err *err, const char *fmt, va_list ap)
{
	struct buf text, clean;

	buf_init(&text, 0);
	buf_init(&clean, 0);
	buf_addf(&text, "%s:%d:%d: ", path, place.line, place.column);
	buf_addv(&text, fmt, ap);
	utf8_neutralise(&clean, buf_str(&text), text.len);
	err_set(err, E_CONFIG, "%s", buf_str(&clean));
	buf_release(&text);
	buf_release(&clean);
	return E_CONFIG;
}

int doc_error(const struct doc *doc, const json_t *node, struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_at(doc->path, doc_place(doc, node), err, fmt, ap);
	va_end(ap);
	return E_CONFIG;
}

int doc_key_error(const struct doc *doc, const json_t *object, const char *key, struct err *err,
	const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_at(doc->path, doc_key_place(doc, object, key), err, fmt, ap);
	va_end(ap);
	return E_CONFIG;
}

/* ---- reading ---- */

struct reader {
	yaml_parser_t parser;
	struct doc *doc;
	const char *text;
	size_t len;
	size_t last_end; /* of the last text or bracket that was read: index of libyaml */
	struct err *err;
};

static int fail(struct reader *reader, yaml_mark_t mark, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int fail(struct reader *reader, yaml_mark_t mark, const char *fmt, ...)
{
	struct doc_place place = {(int)mark.line + 1, (int)mark.column + 1, false};
	va_list ap;

	va_start(ap, fmt);
	error_at(reader->doc->path, place, reader->err, fmt, ap);
	va_end(ap);
	return E_CONFIG;
}

/* Line and column of a byte; for what libyaml reports as an offset, or not at all. */
static yaml_mark_t mark_at(const char *text, size_t len, size_t offset)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset && i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '\n' || (c == '\r' && (i + 1 == len || text[i + 1] != '\n'))) {
			mark.line++;
			mark.column = 0;
		} else if ((c & 0xc0) != 0x80 && c != '\r') {
			mark.column++;
		}
	}
	return mark;
}

/* The byte at a mark; 0 at the end. libyaml's index counts characters. */
static char byte_at(const struct reader *reader, yaml_mark_t mark)
{
	size_t count = 0;

	for (size_t i = 0; i < reader->len; i++) {
		if (((unsigned char)reader->text[i] & 0xc0) == 0x80)
			continue;
		if (count++ == mark.index)
			return reader->text[i];
	}
	return 0;
}

/* libyaml's words, and for the mistakes people make what to do about them. */
static int syntax_error(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *problem = parser->problem ? parser->problem : _("cannot be read");
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error == YAML_READER_ERROR)
		return fail(reader, mark_at(reader->text, reader->len, parser->problem_offset),
			"%s", problem);
	if (str_starts(problem, "found character that cannot start any token")) {
		char c = byte_at(reader, mark);
		if (c == '\t')
			return fail(reader, mark, _("a tab cannot indent: use spaces"));
		return fail(reader, mark, _("a text cannot start with %c: put it in quotes"), c);
	}
	if (str_eq(problem, "mapping values are not allowed in this context"))
		return fail(reader, mark,
			_("unexpected ':': check the indentation, or put a text that holds ': ' in "
			  "quotes"));
	if (str_starts(problem, "could not find expected ':'"))
		return fail(reader, parser->context_mark, _("expected \"key: value\""));
	if (str_starts(problem, "did not find expected key"))
		return fail(reader, mark,
			_("expected a key at the indentation of line %zu: check the indentation"),
			parser->context_mark.line + 1);
	if (str_starts(problem, "did not find expected '-' indicator"))
		return fail(reader, mark,
			_("expected \"- \" as in line %zu: check the indentation"),
			parser->context_mark.line + 1);
	if (parser->context && parser->context_mark.line != mark.line)
		return fail(reader, mark, _("%s (%s that starts in line %zu)"), problem,
			parser->context, parser->context_mark.line + 1);
	return fail(reader, mark, "%s", problem);
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
	if (!yaml_parser_parse(&reader->parser, event))
		return syntax_error(reader);
	/* The end of a block has no characters of its own. */
	if ((event->type == YAML_SCALAR_EVENT || event->type == YAML_SEQUENCE_END_EVENT ||
		    event->type == YAML_MAPPING_END_EVENT) &&
		event->end_mark.index > event->start_mark.index)
		reader->last_end = event->end_mark.index;
	return 0;
}

/* Anchors, aliases and tags, on any kind of node. */
static int check_plain(struct reader *reader, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return fail(reader, event->start_mark, _("aliases (*%s) are not supported"),
			(const char *)event->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default: break;
	}
	if (anchor)
		return fail(reader, event->start_mark, _("anchors (&%s) are not supported"),
			(const char *)anchor);
	if (tag)
		return fail(reader, event->start_mark, _("tags (%s) are not supported"),
			(const char *)tag);
	if (event->type == YAML_SCALAR_EVENT &&
		memchr(event->data.scalar.value, 0, event->data.scalar.length))
		return fail(reader, event->start_mark, _("a text cannot hold a NUL character"));
	return 0;
}

static bool is_null(const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;

	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		(!*value || str_eq(value, "~") || str_eq(value, "null") || str_eq(value, "Null") ||
			str_eq(value, "NULL"));
}

static int read_node(struct reader *reader, const yaml_event_t *event, int depth, json_t **out);

static int read_list(struct reader *reader, json_t *list, int depth)
{
	for (;;) {
		yaml_event_t event;
		json_t *item = NULL;
		int rc = next_event(reader, &event);

		if (rc)
			return rc;
		bool end = event.type == YAML_SEQUENCE_END_EVENT;
		if (!end)
			rc = read_node(reader, &event, depth + 1, &item);
		yaml_event_delete(&event);
		if (rc || end)
			return rc;
		json_array_append_new(list, item);
	}
}

static int check_key(struct reader *reader, const json_t *object, const yaml_event_t *event)
{
	int rc = check_plain(reader, event);

	if (rc)
		return rc;
	if (event->type != YAML_SCALAR_EVENT)
		return fail(reader, event->start_mark, _("a key must be a text"));
	const char *key = (const char *)event->data.scalar.value;
	if (!*key)
		return fail(reader, event->start_mark, _("an empty key"));
	if (json_object_get(object, key))
		return fail(reader, event->start_mark, _("\"%.60s\" is there already, in line %d"),
			key, doc_key_place(reader->doc, object, key).line);
	return 0;
}

static int read_mapping(struct reader *reader, json_t *object, int depth)
{
	for (;;) {
		yaml_event_t key, event;
		json_t *value = NULL;
		int rc = next_event(reader, &key);

		if (rc)
			return rc;
		bool end = key.type == YAML_MAPPING_END_EVENT;
		if (!end)
			rc = check_key(reader, object, &key);
		if (!rc && !end)
			rc = next_event(reader, &event);
		if (rc || end) {
			yaml_event_delete(&key);
			return rc;
		}
		rc = read_node(reader, &event, depth + 1, &value);
		if (!rc) {
			const char *name = (const char *)key.data.scalar.value;
			struct doc_span span = {key.start_mark.index, key.end_mark.index,
				event.start_mark.index, event.start_mark.index};
			if (reader->last_end > span.from)
				span.to = reader->last_end;
			mark_key(reader->doc, object, name, key.start_mark);
			mark_span(reader->doc, object, name, &span);
			json_object_set_new(object, name, value);
		}
		yaml_event_delete(&event);
		yaml_event_delete(&key);
		if (rc)
			return rc;
	}
}

static int read_node(struct reader *reader, const yaml_event_t *event, int depth, json_t **out)
{
	json_t *node = NULL;
	int rc = check_plain(reader, event);

	if (rc)
		return rc;
	if (depth > DEPTH_MAX)
		return fail(reader, event->start_mark, _("nested more than %d deep"), DEPTH_MAX);
	if (event->type == YAML_SCALAR_EVENT)
		node = is_null(event) ? json_null()
				      : json_stringn((const char *)event->data.scalar.value,
						event->data.scalar.length);
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		node = json_array();
	else
		node = json_object();
	if (!node)
		return fail(reader, event->start_mark, _("a text that is not UTF-8"));
	mark_node(reader->doc, node, event);
	if (event->type == YAML_SEQUENCE_START_EVENT)
		rc = read_list(reader, node, depth);
	else if (event->type == YAML_MAPPING_START_EVENT)
		rc = read_mapping(reader, node, depth);
	if (rc)
		json_decref(node);
	else
		*out = node;
	return rc;
}

static int read_stream(struct reader *reader)
{
	bool end = false;
	int rc = 0;

	while (!rc && !end) {
		yaml_event_t event;
		rc = next_event(reader, &event);
		if (rc)
			break;
		switch (event.type) {
		case YAML_NO_EVENT:
		case YAML_STREAM_END_EVENT: end = true; break;
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT: break;
		case YAML_DOCUMENT_START_EVENT:
			if (reader->doc->root)
				rc = fail(reader, event.start_mark,
					_("a second document: only one is allowed"));
			break;
		default: rc = read_node(reader, &event, 1, &reader->doc->root); break;
		}
		yaml_event_delete(&event);
	}
	if (!rc && json_is_null(reader->doc->root))
		reader->doc->root = NULL;
	return rc;
}

static size_t first_invalid(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		utf8proc_int32_t code;
		utf8proc_ssize_t step = utf8proc_iterate(
			(const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(len - i), &code);
		if (step <= 0)
			break;
		i += (size_t)step;
	}
	return i;
}

struct doc *doc_parse_yaml(const char *path, const char *text, size_t len, struct err *err)
{
	struct doc *doc = xcalloc(1, sizeof(*doc));
	struct reader reader = {.doc = doc, .err = err};
	yaml_mark_t start = {0};
	int rc;

	doc->path = xstrdup(path);
	doc->marks = xcalloc(1, sizeof(*doc->marks));
	doc->marks->index = map_new();
	doc->marks->span_index = map_new();
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	reader.text = text;
	reader.len = len;
	if (len > FILE_BYTES_MAX) {
		rc = fail(&reader, start, _("larger than 1 MiB"));
	} else if (!utf8_valid(text, len)) {
		rc = fail(&reader, mark_at(text, len, first_invalid(text, len)), _("not UTF-8"));
	} else {
		if (!yaml_parser_initialize(&reader.parser))
			abort(); /* only without memory */
		yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
		rc = read_stream(&reader);
		yaml_parser_delete(&reader.parser);
	}
	if (rc) {
		doc_free(doc);
		return NULL;
	}
	return doc;
}

struct doc *doc_read_yaml(const char *path, struct err *err)
{
	struct err why = {0};
	struct buf text;
	struct doc *doc = NULL;

	buf_init(&text, FILE_BYTES_MAX);
	int rc = file_read(path, &text, &why);
	if (rc == E_NOTFOUND)
		err_set(err, E_NOTFOUND, "%s", why.text);
	else if (rc)
		err_set(err, E_CONFIG, "%s", why.text);
	else
		doc = doc_parse_yaml(path, buf_str(&text), text.len, err);
	buf_release(&text);
	return doc;
}

void doc_free(struct doc *doc)
{
	if (!doc)
		return;
	json_decref(doc->root);
	map_free(doc->marks->index);
	map_free(doc->marks->span_index);
	vec_release(&doc->marks->spans);
	vec_release(&doc->marks->places);
	free(doc->marks);
	free(doc->path);
	free(doc);
}

const char *doc_library(void)
{
	return yaml_get_version_string();
}
