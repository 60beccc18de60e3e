/* The writers. Foreign text is neutralised on its way into a table; JSON escapes by itself. */
#include "core/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/fleet/fleet.h"

#define CELL_COLS_MAX 80 /* of -o table */
#define STALE_MS 10000   /* older than this is told to be old */

enum output_format output_parse(const char *word)
{
	static const char *const words[OUT_MAX] = {
		"table", "wide", "json", "yaml", "name", "csv", "text"};
	for (int i = 0; i < OUT_MAX; i++)
		if (str_eq(word, words[i]))
			return (enum output_format)i;
	return OUT_MAX;
}

/* `weir get apps | head` is no failure. */
static int not_written(struct err *err)
{
	return errno == EPIPE ? 0 : err_errno(err, E_INTERNAL, "write to the standard output");
}

int output_text(const char *text, size_t len, struct err *err)
{
	bool is_out = fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;

	return is_out ? 0 : not_written(err);
}

/*
 * Text on its way to stdout: written in large pieces, so that a list of ten thousand is never held
 * whole. A closed pipe ends it quietly.
 */
#define PIECE_BYTES ((size_t)64 << 10)

struct sink {
	struct buf text;
	struct err *err;
	bool is_closed;
	int rc; /* then */
};

static void sink_init(struct sink *sink, struct err *err)
{
	*sink = (struct sink){.err = err};
	buf_init(&sink->text, (size_t)1 << 30);
}

/* After each item: what is enough for a piece goes out. False: nobody takes it any more. */
static bool sink_pass(struct sink *sink)
{
	size_t len = sink->text.len;

	if (len < PIECE_BYTES || sink->text.overflow)
		return true;
	if (fwrite(buf_str(&sink->text), 1, len, stdout) != len) {
		sink->is_closed = true;
		sink->rc = not_written(sink->err);
	}
	buf_reset(&sink->text);
	return !sink->is_closed;
}

static int sink_end(struct sink *sink)
{
	if (!sink->is_closed && sink->text.overflow)
		sink->rc = err_set(sink->err, E_INTERNAL, "an item is too large to be written");
	else if (!sink->is_closed)
		sink->rc = output_text(buf_str(&sink->text), sink->text.len, sink->err);
	buf_release(&sink->text);
	return sink->rc;
}

int output_tree(const json_t *tree, enum output_format format, struct err *err)
{
	struct sink sink;
	struct json_out json = {.out = &sink.text};

	sink_init(&sink, err);
	if (format == OUT_YAML) {
		doc_dump_yaml(&sink.text, tree);
	} else {
		json_out_tree(&json, tree);
		buf_addc(&sink.text, '\n');
	}
	return sink_end(&sink);
}

static int output_json(const struct output *output, struct err *err)
{
	struct sink sink;
	struct json_out json = {.out = &sink.text};

	sink_init(&sink, err);
	json_out_open(&json, '{');
	json_out_key(&json, "apiVersion"), json_out_text(&json, "weir/v1");
	json_out_key(&json, "kind"), json_out_text(&json, output->table->kind);
	json_out_key(&json, "items"), json_out_open(&json, '[');
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++)
		column_item_write(output->table, output->items[i], &output->env, &json);
	json_out_close(&json, ']');
	json_out_key(&json, "errors"), json_out_tree(&json, output->errors);
	json_out_close(&json, '}');
	buf_addc(&sink.text, '\n');
	return sink_end(&sink);
}

/* A list in the list of the whole: each item stands as it would alone. */
static int output_yaml(const struct output *output, struct err *err)
{
	json_t *head =
		json_pack("{s:s, s:s}", "apiVersion", "weir/v1", "kind", output->table->kind);
	json_t *tail = json_pack("{s:O}", "errors", output->errors);
	struct sink sink;

	sink_init(&sink, err);
	doc_dump_yaml(&sink.text, head);
	buf_adds(&sink.text, output->count ? "items:\n" : "items: []\n");
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++) {
		json_t *list = json_array();

		json_array_append_new(
			list, column_item_json(output->table, output->items[i], &output->env));
		doc_dump_yaml(&sink.text, list);
		json_decref(list);
	}
	doc_dump_yaml(&sink.text, tail);
	json_decref(head);
	json_decref(tail);
	return sink_end(&sink);
}

static bool is_shown(const struct output *output, const struct column *column)
{
	return column->title && (output->format == OUT_WIDE || !column->is_wide);
}

/* One cell as a clean string; malloc'd. */
static char *cell_text(const struct output *output, const struct column *column, const void *item)
{
	struct buf raw, clean;
	buf_init(&raw, 0);
	buf_init(&clean, 0);
	column_text(column, item, &output->env, &raw);
	utf8_neutralise(&clean, buf_str(&raw), raw.len);
	buf_release(&raw);
	/* One name of ten thousand letters must not push all rows apart; wide shows it whole. */
	if (output->format == OUT_TABLE && utf8_width(buf_str(&clean)) > CELL_COLS_MAX) {
		utf8_pad(&raw, buf_str(&clean), CELL_COLS_MAX, !utf8_locale());
		buf_release(&clean);
		return buf_detach(&raw);
	}
	return buf_detach(&clean);
}

static void add_cell(struct buf *out, const char *text, int cols, bool is_right, bool is_last)
{
	int pad = cols - utf8_width(text);
	if (is_right)
		buf_addf(out, "%*s", pad > 0 ? pad : 0, "");
	buf_adds(out, text);
	if (!is_right && !is_last)
		buf_addf(out, "%*s", pad > 0 ? pad : 0, "");
	buf_adds(out, is_last ? "\n" : "  ");
}

static int output_table(const struct output *output, struct err *err)
{
	const struct column_table *table = output->table;
	int *widths = xcalloc(table->count, sizeof(*widths));
	char **cells = xcalloc(output->count * table->count + 1, sizeof(*cells));
	size_t last = 0;
	struct sink sink;
	sink_init(&sink, err);

	for (size_t c = 0; c < table->count; c++) {
		if (!is_shown(output, &table->columns[c]))
			continue;
		last = c;
		widths[c] = utf8_width(_(table->columns[c].title));
		for (size_t i = 0; i < output->count; i++) {
			char *text = cell_text(output, &table->columns[c], output->items[i]);
			int width = utf8_width(text);
			cells[i * table->count + c] = text;
			if (width > widths[c])
				widths[c] = width;
		}
	}
	for (size_t c = 0; c < table->count; c++)
		if (is_shown(output, &table->columns[c]))
			add_cell(&sink.text, _(table->columns[c].title), widths[c],
				table->columns[c].is_right, c == last);
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++)
		for (size_t c = 0; c < table->count; c++)
			if (is_shown(output, &table->columns[c]))
				add_cell(&sink.text, cells[i * table->count + c], widths[c],
					table->columns[c].is_right, c == last);
	for (size_t i = 0; i < output->count * table->count; i++)
		free(cells[i]);
	free(cells);
	free(widths);
	return sink_end(&sink);
}

/* RFC 4180. */
static void add_csv(struct buf *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_addc(out, '"');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

/*
 * Values as JSON has them, so that a spreadsheet can count with them; unknown is empty. CSV has no
 * escapes: what a terminal would obey is neutralised as in a table.
 */
static void add_csv_value(struct buf *out, const struct value *value)
{
	struct buf text, clean;
	buf_init(&text, 0);
	buf_init(&clean, 0);
	switch (value->type) {
	case VALUE_NULL: break;
	case VALUE_TEXT: buf_adds(&text, value->text); break;
	case VALUE_REAL: buf_addf(&text, "%.3f", value->real); break;
	case VALUE_BOOL: buf_adds(&text, value->number ? "true" : "false"); break;
	case VALUE_TEXTS:
		for (size_t i = 0; i < value->texts.count; i++)
			buf_addf(&text, "%s%s", i ? " " : "", value->texts.items[i]);
		break;
	default: buf_addf(&text, "%lld", (long long)value->number); break;
	}
	utf8_neutralise(&clean, buf_str(&text), text.len);
	add_csv(out, buf_str(&clean));
	buf_release(&clean);
	buf_release(&text);
}

/* What JSON says in one text CSV says too; what is a tree there is its nearest value here. */
static void add_csv_cell(
	struct buf *out, const struct output *output, const struct column *column, const void *item)
{
	struct value value = column->get(item, &output->env);
	json_t *said = NULL;

	if (column->json) {
		struct buf text;
		struct json_out json = {.out = &text};

		buf_init(&text, 0);
		column->json(item, &output->env, &json);
		said = json_loadb(buf_str(&text), text.len, JSON_DECODE_ANY, NULL);
		buf_release(&text);
	}
	if (json_is_string(said))
		value = (struct value){.type = VALUE_TEXT, .text = json_string_value(said)};
	add_csv_value(out, &value);
	json_decref(said);
}

static int output_csv(const struct output *output, struct err *err)
{
	const struct column_table *table = output->table;
	struct sink sink;
	sink_init(&sink, err);
	const char *comma = "";
	for (size_t c = 0; c < table->count; c++)
		if (!table->columns[c].is_json_hidden) {
			buf_addf(&sink.text, "%s%s", comma, table->columns[c].key);
			comma = ",";
		}
	buf_adds(&sink.text, "\n");
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++) {
		comma = "";
		for (size_t c = 0; c < table->count; c++) {
			const struct column *column = &table->columns[c];
			if (column->is_json_hidden)
				continue;
			buf_adds(&sink.text, comma);
			add_csv_cell(&sink.text, output, column, output->items[i]);
			comma = ",";
		}
		buf_adds(&sink.text, "\n");
	}
	return sink_end(&sink);
}

/* A word that this program takes back: team/name, cluster/jobName, or the plain name. */
static int output_names(const struct output *output, struct err *err)
{
	struct sink sink;
	struct buf clean;
	sink_init(&sink, err);
	buf_init(&clean, 0);
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++) {
		const void *item = output->items[i];
		buf_reset(&clean);
		if (output->table == &app_table) {
			const struct app *app = item;
			buf_addf(&clean, "%s/%s", app->decl ? app->decl->team : app->cluster->name,
				app->decl ? app->decl->name : app->job->name);
		} else if (output->table == &job_table) {
			const struct job *job = item;
			buf_adds(&clean, job->summary.id);
		} else {
			struct value name =
				column_find(output->table, "name")->get(item, &output->env);
			buf_adds(&clean, name.text);
		}
		utf8_neutralise(&sink.text, buf_str(&clean), clean.len);
		buf_addc(&sink.text, '\n');
	}
	buf_release(&clean);
	return sink_end(&sink);
}

struct output output_of(enum output_format format, const struct column_table *table,
	const void *const *items, size_t count, json_t *errors)
{
	return (struct output){
		.format = format,
		.table = table,
		.items = items,
		.count = count,
		.env = {.now_ms = clock_wall_ms(),
			.mono_ms = clock_mono_ms(),
			.stale_ms = STALE_MS},
		.errors = errors,
	};
}

static void tell_empty(const struct output *output)
{
	if (output->empty)
		fprintf(stderr, "weir: %s\n", output->empty);
	else
		fprintf(stderr, _("weir: no %s to show\n"), _(output->table->item_name));
}

int output_items(const struct output *output, struct err *err)
{
	int rc;

	switch (output->format) {
	case OUT_JSON: return output_json(output, err);
	case OUT_YAML: return output_yaml(output, err);
	case OUT_NAME: return output_names(output, err);
	case OUT_CSV: return output_csv(output, err);
	default: rc = output_table(output, err);
	}
	if (!rc && output->count == 0)
		tell_empty(output);
	return rc;
}

void output_complain(const char *source, const char *text)
{
	fprintf(stderr, "weir: %s%s%s\n", source ? source : "", source ? ": " : "", text);
}

void output_error_quiet(json_t *errors, const char *source, const struct err *err)
{
	json_t *item = json_pack("{s:s, s:s?, s:s}", "code", err_code_name(err->code), "source",
		source, "message", err->text);
	if (item)
		json_array_append_new(errors, item);
}

void output_error(json_t *errors, const char *source, const struct err *err)
{
	output_complain(source, err->text);
	output_error_quiet(errors, source, err);
}
