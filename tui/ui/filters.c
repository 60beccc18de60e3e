/* A change is made in the text, by the places that the parser saw, and what comes out is read again before it counts. */
#include "tui/ui/filters.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/present/filter.h"
#include "tui/ui/own_file.h"

#define FILE_BYTES ((size_t)64 << 10)
#define FILTERS_MOST 200
#define NAME_COLS 24

static const struct column_table *const tables[] = {
	&app_table, &cluster_table, &team_table, &job_table};

static const struct column_table *table_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (str_eq(tables[i]->name, name))
			return tables[i];
	return NULL;
}

/* -- reading -- */

static int unknown_list(
	const struct doc *doc, const json_t *root, const char *name, struct err *err)
{
	const char *names[ARRAY_SIZE(tables)], *near;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		names[i] = tables[i]->name;
	near = str_suggest(name, names, ARRAY_SIZE(names));
	if (near)
		return doc_key_error(doc, root, name, err,
			_("no list is called \"%.60s\": did you mean \"%s\"?"), name, near);
	return doc_key_error(doc, root, name, err,
		_("no list is called \"%.60s\": apps, clusters, teams or jobs"), name);
}

/* The column in the file where a filter goes wrong, where that can be told. */
static int wrong_filter(const struct doc *doc, const json_t *value, const char *text, size_t at,
	const struct err *why, struct err *err)
{
	struct doc_place place = doc_place(doc, value);
	int before = 0;

	for (size_t i = 0; i < at; i++)
		before += ((unsigned char)text[i] & 0xc0) != 0x80;
	return err_set(err, E_CONFIG, "%s:%d:%d: %s", doc->path, place.line,
		place.column + before + !place.plain, why->text);
}

static int read_one(struct saved_filters *out, const struct doc *doc,
	const struct column_table *table, const json_t *section, const char *name,
	const json_t *value, struct err *err)
{
	const char *text = json_string_value(value);
	struct filter *filter;
	struct err why;
	size_t at = 0;

	if (!*name || utf8_width(name) > NAME_COLS || strchr(name, ' '))
		return doc_key_error(doc, section, name, err,
			_("a filter's name is a word of at most %d characters"), NAME_COLS);
	if (!json_is_string(value))
		return doc_key_error(doc, section, name, err,
			_("\"%s\" needs a filter, e.g. %s: state:failed,lost"), name, name);
	if (filter_parse(&filter, text, table, true, &at, &why))
		return wrong_filter(doc, value, text, at, &why, err);
	filter_free(filter);
	if (out->count == FILTERS_MOST)
		return doc_key_error(
			doc, section, name, err, _("more than %d filters"), FILTERS_MOST);
	out->items = xrealloc(out->items, (out->count + 1) * sizeof(*out->items));
	out->items[out->count++] = (struct saved_filter){table, xstrdup(name), xstrdup(text)};
	return 0;
}

static int read_section(struct saved_filters *out, const struct doc *doc, const char *list,
	json_t *section, struct err *err)
{
	const struct column_table *table = table_named(list);
	const char *name;
	json_t *value;
	int rc = 0;

	if (!table)
		return unknown_list(doc, doc->root, list, err);
	if (json_is_null(section))
		return 0;
	if (!json_is_object(section))
		return doc_error(
			doc, section, err, _("filters are lines of a name, a colon and a filter"));
	json_object_foreach (section, name, value) {
		rc = read_one(out, doc, table, section, name, value, err);
		if (rc)
			break;
	}
	return rc;
}

static int read_doc(struct saved_filters *out, const struct doc *doc, struct err *err)
{
	const char *list;
	json_t *section;
	int rc = 0;

	if (!doc->root)
		return 0;
	if (!json_is_object(doc->root))
		return doc_error(doc, doc->root, err,
			_("filters stand below the name of their list: apps, clusters, teams or "
			  "jobs"));
	json_object_foreach (doc->root, list, section) {
		rc = read_section(out, doc, list, section, err);
		if (rc)
			break;
	}
	return rc;
}

int filters_parse(
	struct saved_filters **out, const char *path, const char *text, size_t len, struct err *err)
{
	struct doc *doc = doc_parse_yaml(path, text, len, err);
	struct saved_filters *filters;
	int rc;

	if (!doc)
		return E_CONFIG;
	filters = xcalloc(1, sizeof(*filters));
	rc = read_doc(filters, doc, err);
	doc_free(doc);
	if (rc)
		filters_free(filters);
	else
		*out = filters;
	return rc;
}

void filters_free(struct saved_filters *filters)
{
	if (!filters)
		return;
	for (size_t i = 0; i < filters->count; i++) {
		free(filters->items[i].name);
		free(filters->items[i].text);
	}
	free(filters->items);
	free(filters);
}

const struct saved_filter *filters_at(
	const struct saved_filters *filters, const struct column_table *table, size_t n)
{
	for (size_t i = 0; filters && i < filters->count; i++)
		if (filters->items[i].table == table && --n == 0)
			return &filters->items[i];
	return NULL;
}

const struct saved_filter *filters_named(
	const struct saved_filters *filters, const struct column_table *table, const char *name)
{
	for (size_t i = 0; filters && i < filters->count; i++)
		if (filters->items[i].table == table && str_eq(filters->items[i].name, name))
			return &filters->items[i];
	return NULL;
}

/* -- the file -- */

char *filters_path(void)
{
	return own_file_path("WEIR_FILTERS", "filters.yaml");
}

/* *out NULL: there is no such file. */
static int read_file(struct saved_filters **out, const char *path, struct err *err)
{
	struct buf text;
	int rc;

	*out = NULL;
	buf_init(&text, FILE_BYTES);
	rc = own_file_read(path, &text, err);
	if (!rc)
		rc = filters_parse(out, path, buf_str(&text), text.len, err);
	else if (rc == E_NOTFOUND)
		rc = 0;
	buf_release(&text);
	return rc;
}

int filters_load(struct saved_filters **out, struct err *err)
{
	char *path = filters_path();
	int rc = read_file(out, path, err);

	free(path);
	if (!*out)
		*out = xcalloc(1, sizeof(**out));
	return rc;
}

int filters_check(char **path, struct err *err)
{
	struct saved_filters *filters;
	int rc;

	*path = filters_path();
	rc = read_file(&filters, *path, err);
	if (!rc && !filters) {
		free(*path);
		*path = NULL;
	}
	filters_free(filters);
	return rc;
}

/* -- a change -- */

static size_t byte_of(const char *text, size_t characters)
{
	size_t at = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	for (; text[at] && characters; characters--)
		do
			at++;
		while (((unsigned char)text[at] & 0xc0) == 0x80);
	return at;
}

static void add_line(
	struct buf *out, const char *indent, size_t indent_len, const struct saved_filter *filter)
{
	buf_add(out, indent, indent_len);
	if (str_is_name(filter->name))
		buf_adds(out, filter->name);
	else
		buf_add_quoted(out, filter->name);
	buf_adds(out, ": ");
	buf_add_quoted(out, filter->text);
	buf_addc(out, '\n');
}

/* In the place of its value; false: it has none. */
static bool replace(struct buf *out, const struct doc *doc, const json_t *section, const char *text,
	const struct saved_filter *filter)
{
	struct doc_span span;
	size_t from, to;

	if (!section || !doc_span(doc, section, filter->name, &span))
		return false;
	from = byte_of(text, span.from);
	to = byte_of(text, span.to);
	while (to > from && strchr(" \t\r\n", text[to - 1]))
		to--;
	buf_add(out, text, from);
	buf_adds(out, from && text[from - 1] == ':' ? " " : "");
	buf_add_quoted(out, filter->text);
	buf_adds(out, text + to);
	return true;
}

/* Behind the last line of its list, as far to the right as that; false: the list has none. */
static bool append(struct buf *out, const struct doc *doc, json_t *section, const char *text,
	const struct saved_filter *filter)
{
	const char *name, *last = NULL;
	struct doc_span span;
	size_t key, line, end;
	json_t *value;

	json_object_foreach (section, name, value)
		last = name;
	if (!last || !doc_span(doc, section, last, &span))
		return false;
	key = line = byte_of(text, span.key);
	while (line > 0 && text[line - 1] != '\n')
		line--;
	end = byte_of(text, span.to);
	while (end > key && strchr(" \t\r\n", text[end - 1]))
		end--;
	end += strcspn(text + end, "\n");
	buf_add(out, text, end);
	buf_addc(out, '\n');
	add_line(out, text + line, key - line, filter);
	buf_adds(out, text[end] ? text + end + 1 : "");
	return true;
}

/* Nothing else may have changed by it. */
static int check_changed(const char *path, const struct buf *text,
	const struct saved_filters *before, const struct saved_filter *filter, struct err *err)
{
	struct saved_filters *after = NULL;
	const struct saved_filter *found;
	size_t expected = before->count + !filters_named(before, filter->table, filter->name);
	bool is_so;

	if (filters_parse(&after, path, buf_str(text), text->len, err))
		return E_CONFIG;
	found = filters_named(after, filter->table, filter->name);
	is_so = after->count == expected && found && str_eq(found->text, filter->text);
	filters_free(after);
	return is_so
		? 0
		: err_set(err, E_CONFIG,
			  _("%s: write the filters one in a line to have more saved here"), path);
}

int filters_add(struct buf *out, const char *path, const char *text, size_t len,
	const struct saved_filter *filter, struct err *err)
{
	const char *list = filter->table->name;
	struct saved_filters *before;
	struct doc *doc;
	json_t *section;
	int rc;

	if (!*filter->name || strchr(filter->name, ' ') || utf8_width(filter->name) > NAME_COLS ||
		strspn(filter->name, "0123456789") == strlen(filter->name))
		return err_set(err, E_ARG,
			_("a filter's name is a word of at most %d characters, and no number"),
			NAME_COLS);
	if (filters_parse(&before, path, text, len, err))
		return E_CONFIG;
	doc = doc_parse_yaml(path, text, len, err);
	section = json_object_get(doc->root, list);
	if (!replace(out, doc, section, text, filter) && !append(out, doc, section, text, filter)) {
		buf_addf(out, "%s%s%s:\n", text, len && text[len - 1] != '\n' ? "\n" : "", list);
		add_line(out, "  ", 2, filter);
	}
	rc = check_changed(path, out, before, filter, err);
	doc_free(doc);
	filters_free(before);
	return rc;
}
