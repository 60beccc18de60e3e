/*
 * The writers of lines. Foreign text is neutralised on its way into a table; JSON escapes by itself.
 *
 * A table on a terminal fits its width: first columns go, those of the least priority, then the widest
 * texts are cut. What a person chose by --columns stays; -o wide and pipes are never cut.
 */
#include "core/cli/output_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/fleet/fleet.h"
#include "core/model/run.h"

#define GAP_COLS 2
/* A text may take so much before columns go for its sake; no text is cut to less than the other. */
#define TEXT_COLS 32
#define CUT_COLS 8

static bool is_table(const struct rows *rows)
{
	return rows->output.format == OUT_TABLE || rows->output.format == OUT_WIDE;
}

/* ---- columns ---- */

static bool is_usual(const struct rows *rows, const struct column *column)
{
	if (!is_table(rows))
		return !column->is_json_hidden;
	return column->title && (rows->output.format == OUT_WIDE || !column->is_wide);
}

static void choose_columns(struct rows *rows)
{
	const struct output *output = &rows->output;
	const struct column_table *table = output->table;

	rows->columns = xcalloc(output->column_count + table->count + 1, sizeof(*rows->columns));
	for (size_t i = 0; i < output->column_count; i++)
		rows->columns[rows->count++] = output->columns[i];
	for (size_t i = 0; i < table->count && !output->column_count; i++)
		if (is_usual(rows, &table->columns[i]))
			rows->columns[rows->count++] = &table->columns[i];
}

/* One that is in JSON only is called by its key. */
static const char *title_of(const struct column *column)
{
	return column->title ? _(column->title) : column->key;
}

/* One cell as a clean string; malloc'd. */
static char *cell_text(const struct rows *rows, const struct column *column, const void *item)
{
	struct buf raw, clean;

	buf_init(&raw, 0);
	buf_init(&clean, 0);
	column_text(column, item, &rows->output.env, &raw);
	utf8_neutralise(&clean, buf_str(&raw), raw.len);
	buf_release(&raw);
	return buf_detach(&clean);
}

static int total_cols(const struct rows *rows, int text_cols)
{
	int total = 0;

	for (size_t i = 0; i < rows->count; i++) {
		bool is_long = text_cols && rows->widths[i] > text_cols;

		total += (is_long ? text_cols : rows->widths[i]) + (i ? GAP_COLS : 0);
	}
	return total;
}

/* The one that is dropped first; rows->count: none is. */
static size_t least_column(const struct rows *rows)
{
	size_t least = rows->count;

	for (size_t i = 0; i < rows->count; i++)
		if (rows->columns[i]->priority > 1 &&
			(least == rows->count ||
				rows->columns[i]->priority >= rows->columns[least]->priority))
			least = i;
	return least;
}

static void drop_column(struct rows *rows, size_t at)
{
	rows->count--;
	for (size_t i = at; i < rows->count; i++) {
		rows->columns[i] = rows->columns[i + 1];
		rows->widths[i] = rows->widths[i + 1];
	}
}

/* Numbers are never cut: half of one is another one. */
static size_t widest_text(const struct rows *rows)
{
	size_t widest = rows->count;

	for (size_t i = 0; i < rows->count; i++)
		if (!rows->columns[i]->is_right && rows->widths[i] > CUT_COLS &&
			(widest == rows->count || rows->widths[i] > rows->widths[widest]))
			widest = i;
	return widest;
}

static void fit(struct rows *rows)
{
	int cols = rows->output.cols;
	size_t at;

	while (!rows->output.column_count && total_cols(rows, TEXT_COLS) > cols &&
		(at = least_column(rows)) < rows->count)
		drop_column(rows, at);
	while (total_cols(rows, 0) > cols && (at = widest_text(rows)) < rows->count)
		rows->widths[at]--;
}

static void measure(struct rows *rows)
{
	const struct output *output = &rows->output;

	for (size_t c = 0; c < rows->count; c++) {
		rows->widths[c] = utf8_width(title_of(rows->columns[c]));
		for (size_t i = 0; i < output->count; i++) {
			char *text = cell_text(rows, rows->columns[c], output->items[i]);
			int width = utf8_width(text);

			rows->widths[c] = width > rows->widths[c] ? width : rows->widths[c];
			free(text);
		}
	}
	if (output->format == OUT_TABLE && output->cols > 0)
		fit(rows);
}

void rows_init(struct rows *rows, const struct output *output)
{
	*rows = (struct rows){.output = *output};
	choose_columns(rows);
	rows->widths = xcalloc(rows->count + 1, sizeof(*rows->widths));
	if (is_table(rows))
		measure(rows);
}

void rows_release(struct rows *rows)
{
	free(rows->columns);
	free(rows->widths);
}

/* ---- colours: the sixteen that every terminal's own theme has ---- */

#define SGR_BOLD "1"
#define SGR_DIM "2"
#define SGR_RED "31"
#define SGR_GREEN "32"
#define SGR_YELLOW "33"
#define SGR_CYAN "36"

static const char *state_sgr(enum app_state state)
{
	switch (state) {
	case STATE_RUNNING: return SGR_GREEN;
	case STATE_STARTING:
	case STATE_STOPPING: return SGR_CYAN;
	case STATE_RESTARTING:
	case STATE_UNREACHABLE: return SGR_YELLOW;
	case STATE_FAILED:
	case STATE_LOST: return SGR_RED;
	default: return SGR_DIM;
	}
}

static const char *run_sgr(enum run_state state)
{
	switch (state) {
	case RUN_DONE: return SGR_GREEN;
	case RUN_SENT:
	case RUN_WATCHING: return SGR_CYAN;
	case RUN_FAILED: return SGR_RED;
	case RUN_UNKNOWN: return SGR_YELLOW;
	default: return SGR_DIM;
	}
}

static const char *cell_sgr(const struct rows *rows, const struct column *column, const void *item)
{
	enum tone tone = column->tone ? column->tone(item, &rows->output.env) : TONE_NORMAL;
	bool is_run = rows->output.table == &run_table && str_eq(column->key, "state");
	struct value value = {.type = VALUE_NULL};

	if (!rows->output.is_colored)
		return NULL;
	if (tone == TONE_STATE || is_run)
		value = column->get(item, &rows->output.env);
	if (value.type == VALUE_TEXT)
		return is_run ? run_sgr(run_state_parse(value.text))
			      : state_sgr(app_state_parse(value.text));
	switch (tone) {
	case TONE_DIM: return SGR_DIM;
	case TONE_STRONG: return SGR_BOLD;
	case TONE_OK: return SGR_GREEN;
	case TONE_INFO: return SGR_CYAN;
	case TONE_WARN: return SGR_YELLOW;
	case TONE_ERROR:
	case TONE_ALARM: return SGR_RED;
	default: return NULL;
	}
}

/* ---- a table ---- */

static void add_cell(
	const struct rows *rows, size_t c, const char *text, const char *sgr, struct buf *out)
{
	int cols = rows->widths[c], width = utf8_width(text), pad = cols - width;
	bool is_last = c + 1 == rows->count, is_cut = rows->output.cols > 0 && pad < 0;

	if (pad > 0 && rows->columns[c]->is_right)
		buf_addf(out, "%*s", pad, "");
	if (sgr)
		buf_addf(out, "\033[%sm", sgr);
	if (is_cut && rows->output.format == OUT_TABLE)
		utf8_pad(out, text, cols, !utf8_locale());
	else
		buf_adds(out, text);
	if (sgr)
		buf_adds(out, "\033[0m");
	if (pad > 0 && !rows->columns[c]->is_right && !is_last)
		buf_addf(out, "%*s", pad, "");
	buf_adds(out, is_last ? "\n" : "  ");
}

static void add_row(const struct rows *rows, const void *item, struct buf *out)
{
	for (size_t c = 0; c < rows->count; c++) {
		char *text = cell_text(rows, rows->columns[c], item);

		add_cell(rows, c, text, cell_sgr(rows, rows->columns[c], item), out);
		free(text);
	}
}

/* ---- CSV ---- */

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
	struct buf *out, const struct rows *rows, const struct column *column, const void *item)
{
	struct value value = column->get(item, &rows->output.env);
	json_t *said = NULL;

	if (column->json) {
		struct buf text;
		struct json_out json = {.out = &text};

		buf_init(&text, 0);
		column->json(item, &rows->output.env, &json);
		said = json_loadb(buf_str(&text), text.len, JSON_DECODE_ANY, NULL);
		buf_release(&text);
	}
	if (json_is_string(said))
		value = (struct value){.type = VALUE_TEXT, .text = json_string_value(said)};
	add_csv_value(out, &value);
	json_decref(said);
}

/* ---- JSON ---- */

void rows_json(const struct rows *rows, const void *item, struct json_out *json)
{
	json_out_open(json, '{');
	for (size_t c = 0; c < rows->count; c++) {
		json_out_key(json, rows->columns[c]->key);
		column_json(rows->columns[c], item, &rows->output.env, json);
	}
	json_out_close(json, '}');
}

json_t *rows_tree(const struct rows *rows, const void *item)
{
	struct buf text;
	struct json_out json = {.out = &text};
	json_t *tree;

	buf_init(&text, 0);
	rows_json(rows, item, &json);
	tree = json_loadb(buf_str(&text), text.len, 0, NULL);
	buf_release(&text);
	return tree;
}

static void add_json_line(const struct rows *rows, const void *item, struct buf *out)
{
	json_t *tree = rows_tree(rows, item);
	char *text = json_dumps(tree, JSON_COMPACT);

	doc_escape_json(out, text);
	buf_addc(out, '\n');
	free(text);
	json_decref(tree);
}

static void add_yaml_document(const struct rows *rows, const void *item, struct buf *out)
{
	json_t *tree = rows_tree(rows, item);

	buf_adds(out, "---\n");
	doc_dump_yaml(out, tree);
	json_decref(tree);
}

/* ---- names ---- */

/* A word that this program takes back: team/name, cluster/jobName, or the plain name. */
static void add_name(const struct rows *rows, const void *item, struct buf *out)
{
	struct buf name;

	buf_init(&name, 0);
	if (rows->output.table == &app_table) {
		const struct app *app = item;
		buf_addf(&name, "%s/%s", app->decl ? app->decl->team : app->cluster->name,
			app->decl ? app->decl->name : app->job->name);
	} else if (rows->output.table == &job_table) {
		const struct job *job = item;
		buf_adds(&name, job->summary.id);
	} else {
		struct value value =
			column_find(rows->output.table, "name")->get(item, &rows->output.env);
		buf_adds(&name, value.text);
	}
	utf8_neutralise(out, buf_str(&name), name.len);
	buf_addc(out, '\n');
	buf_release(&name);
}

/* ---- all of them ---- */

void rows_head(const struct rows *rows, struct buf *out)
{
	for (size_t c = 0; c < rows->count && is_table(rows); c++)
		add_cell(rows, c, title_of(rows->columns[c]),
			rows->output.is_colored ? SGR_BOLD : NULL, out);
	for (size_t c = 0; c < rows->count && rows->output.format == OUT_CSV; c++)
		buf_addf(out, "%s%s", c ? "," : "", rows->columns[c]->key);
	if (rows->output.format == OUT_CSV)
		buf_addc(out, '\n');
}

void rows_line(const struct rows *rows, const void *item, struct buf *out)
{
	switch (rows->output.format) {
	case OUT_JSON: add_json_line(rows, item, out); break;
	case OUT_YAML: add_yaml_document(rows, item, out); break;
	case OUT_NAME: add_name(rows, item, out); break;
	case OUT_CSV:
		for (size_t c = 0; c < rows->count; c++) {
			buf_adds(out, c ? "," : "");
			add_csv_cell(out, rows, rows->columns[c], item);
		}
		buf_addc(out, '\n');
		break;
	default: add_row(rows, item, out);
	}
}

void rows_key(const struct rows *rows, const void *item, struct buf *out)
{
	for (size_t c = 0; c < rows->count; c++) {
		const struct column *column = rows->columns[c];
		struct json_out json = {.out = out};

		if (column->is_restless)
			continue;
		/* Of a time the cell is an age, which moves by itself. */
		if (is_table(rows) && column->get(item, &rows->output.env).type != VALUE_TIME_MS)
			column_text(column, item, &rows->output.env, out);
		else
			column_json(column, item, &rows->output.env, &json);
		buf_addc(out, '\n');
	}
}
