/*
 * Clusters as a table: what a fleet of thousands is kept in. Commas, double quotes with "" inside,
 * one row a line (no line end inside quotes: a forgotten quote would swallow the rest of the file).
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/config/parts.h"

#define FIELDS_MAX 16

struct row {
	struct origin origin; /* its columns are unused until the header is known */
	size_t count;
	struct buf fields[FIELDS_MAX];
	int columns[FIELDS_MAX];
};

static int row_error(const struct row *row, int column, struct err *err, const char *text)
{
	struct origin origin = {.path = row->origin.path, .line = row->origin.line};

	origin.columns[KEY_NAME] = column;
	return origin_error(&origin, KEY_NAME, err, "%s", text);
}

/* Columns count characters. */
static int column_of(const char *line, size_t at)
{
	int column = 1;

	for (size_t i = 0; i < at; i++)
		column += ((unsigned char)line[i] & 0xc0) != 0x80;
	return column;
}

/* One field from *at on, without the blanks around it; *at ends at the comma or the end. */
static int split_field(
	struct row *row, struct buf *out, const char *line, size_t len, size_t *at, struct err *err)
{
	size_t i = *at, end;

	buf_reset(out);
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	row->columns[row->count] = column_of(line, i);
	if (i < len && line[i] == '"') {
		for (i++; i < len && (line[i] != '"' || (i + 1 < len && line[i + 1] == '"')); i++) {
			buf_addc(out, line[i]);
			i += line[i] == '"';
		}
		if (i == len)
			return row_error(row, row->columns[row->count], err,
				_("the '\"' is not closed in this line"));
		for (i++; i < len && (line[i] == ' ' || line[i] == '\t'); i++)
			;
		if (i < len && line[i] != ',')
			return row_error(row, column_of(line, i), err,
				_("expected ',' after the closing '\"'"));
	} else {
		for (end = i; end < len && line[end] != ','; end++)
			;
		*at = end;
		while (end > i && (line[end - 1] == ' ' || line[end - 1] == '\t'))
			end--;
		buf_add(out, line + i, end - i);
		return 0;
	}
	*at = i;
	return 0;
}

static int split_row(struct row *row, const char *line, size_t len, struct err *err)
{
	size_t at = 0;

	for (row->count = 0;; at++) {
		if (row->count == FIELDS_MAX)
			return row_error(row, column_of(line, at), err, _("too many fields"));
		int rc = split_field(row, &row->fields[row->count], line, len, &at, err);
		if (rc)
			return rc;
		row->count++;
		if (at == len)
			return 0;
	}
}

/* Which field holds which key; -1 = none. */
static int read_header(const struct row *row, int fields[CLUSTER_KEY_MAX], struct err *err)
{
	for (int key = 0; key < CLUSTER_KEY_MAX; key++)
		fields[key] = -1;
	for (size_t i = 0; i < row->count; i++) {
		const char *word = buf_str(&row->fields[i]);
		int key = 0;

		while (cluster_key_words[key] && !str_eq(cluster_key_words[key], word))
			key++;
		if (key < CLUSTER_KEY_MAX && fields[key] < 0) {
			fields[key] = (int)i;
			continue;
		}
		const char *near = str_suggest(word, cluster_key_words, CLUSTER_KEY_MAX);
		char *text = key < CLUSTER_KEY_MAX
			? xasprintf(_("column \"%s\" is there twice"), word)
			: near
			? xasprintf(
				  _("unknown column \"%.60s\" (did you mean \"%s\"?)"), word, near)
			: xasprintf(_("unknown column \"%.60s\" (known: name, type, rest, via, "
				      "flink-env)"),
				  word);
		row_error(row, row->columns[i], err, text);
		free(text);
		return E_CONFIG;
	}
	if (fields[KEY_NAME] < 0 || fields[KEY_REST] < 0)
		return row_error(row, 1, err,
			_("the first line must name the columns, \"name\" and \"rest\" among "
			  "them"));
	return 0;
}

/* NULL when the row has no such field, or it is empty. */
static const char *field_of(
	const struct row *row, const int fields[CLUSTER_KEY_MAX], enum cluster_key key)
{
	int i = fields[key];

	return i < 0 || (size_t)i >= row->count || !row->fields[i].len ? NULL
								       : buf_str(&row->fields[i]);
}

static json_t *split_addresses(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t len = strcspn(text, " \t");
		if (len)
			json_array_append_new(list, json_stringn(text, len));
		text += len;
		text += strspn(text, " \t");
	}
	return list;
}

static int add_row(struct cluster_reader *reader, struct row *row,
	const int fields[CLUSTER_KEY_MAX], size_t width, struct err *err)
{
	struct cluster_config cluster = {0};
	const char *name = field_of(row, fields, KEY_NAME);
	const char *rest = field_of(row, fields, KEY_REST);
	const char *type = field_of(row, fields, KEY_TYPE);

	if (row->count > width)
		return row_error(row, row->columns[width], err, _("more fields than columns"));
	for (int key = 0; key < CLUSTER_KEY_MAX; key++)
		row->origin.columns[key] = fields[key] >= 0 && (size_t)fields[key] < row->count
			? row->columns[fields[key]]
			: 0;
	if (!name || !str_is_name(name))
		return origin_error(&row->origin, KEY_NAME, err,
			_("\"name\" must be a name (small letters, digits, '.', '_', '-'; at most "
			  "63, a "
			  "letter or digit first), found \"%.60s\""),
			name ? name : "");
	while (type && cluster.type < CLUSTER_TYPE_MAX &&
		!str_eq(type, cluster_type_words[cluster.type]))
		cluster.type++;
	if (cluster.type == CLUSTER_TYPE_MAX)
		return origin_error(&row->origin, KEY_TYPE, err,
			_("\"type\" must be standalone, yarn or kubernetes, found \"%.60s\""),
			type);
	cluster.name = xstrdup(name);
	cluster.rest = split_addresses(rest ? rest : "");
	cluster.via = xstrdup_null(field_of(row, fields, KEY_VIA));
	cluster.flink_env = xstrdup_null(field_of(row, fields, KEY_FLINK_ENV));
	return cluster_add(reader, &cluster, &row->origin, err);
}

static int parse_lines(struct cluster_reader *reader, struct row *row, const char *text, size_t len,
	struct err *err)
{
	int fields[CLUSTER_KEY_MAX];
	size_t width = 0; /* 0: the header is still to come */

	for (size_t at = 0; at < len;) {
		const char *line = text + at;
		const char *newline = memchr(line, '\n', len - at);
		size_t size = newline ? (size_t)(newline - line) : len - at;
		int rc;

		at += size + 1;
		row->origin.line++;
		if (size && line[size - 1] == '\r')
			size--;
		if (!utf8_valid(line, size) || memchr(line, 0, size))
			return row_error(row, 1, err, _("this line is not UTF-8 text"));
		if (!size || line[0] == '#')
			continue;
		rc = split_row(row, line, size, err);
		if (!rc && row->count == 1 && !row->fields[0].len)
			continue;
		if (!rc && !width) {
			rc = read_header(row, fields, err);
			width = row->count;
		} else if (!rc) {
			rc = add_row(reader, row, fields, width, err);
		}
		if (rc)
			return rc;
	}
	if (!width) {
		row->origin.line = 1;
		return row_error(row, 1, err,
			_("the first line must name the columns, \"name\" and \"rest\" among "
			  "them"));
	}
	return 0;
}

int csv_parse(struct cluster_reader *reader, const char *path, const char *text, size_t len,
	struct err *err)
{
	struct row row = {.origin = {.path = path}};
	int rc;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	for (size_t i = 0; i < FIELDS_MAX; i++)
		buf_init(&row.fields[i], 0);
	rc = parse_lines(reader, &row, text, len, err);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		buf_release(&row.fields[i]);
	return rc;
}
