/*
 * Which columns, how wide, and what stands in the cells.
 *
 * Widths are measured on the titles and the cells in the window, never on lines that nobody sees;
 * they only grow (until the width of the screen or the set of columns changes), so that a live
 * value does not make the columns dance. A column is on the screen when there is room for it at a
 * width at which it reads well (the whole cell if that is not much more than its least width; of
 * the columns of priority 1, a name for one, up to a third of the screen); they are tried in the
 * order of priority. What is left over is handed out in the same order, and the rest to the last
 * column without a limit. Panned to the right, the columns of priority 1 stay and the others are
 * skipped from the left.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/widget/glyph.h"
#include "tui/widget/table_private.h"

#define NATURAL_MAX 200 /* cells; nothing wider is measured */
#define GLYPH_COLS 2    /* a state's mark and a blank */
#define COMFORT_COLS 4  /* more than its least width, to be read without a cut */
#define PRIORITY_MAX 100
#define MARKS_MAX 16
#define AGES_MS 2000 /* how often ages are others */

struct slot {
	const struct column *column;
	int index; /* in the column table */
	int priority;
	int wished;  /* a width that somebody chose; 0 = none */
	int natural; /* cells it would like */
	int width, x;
	bool is_shown;
};

struct layout {
	struct slot slots[TABLE_COLUMNS_MAX];
	int count, gap;
};

/* The texts of the window's cells: one buffer, offsets by line and column. */
struct cells {
	struct buf text;
	size_t *at; /* [line * columns + index] */
	size_t columns;
};

/* -- styles -- */

static const struct {
	const char *name;
	enum style style;
	enum app_state as; /* whose glyph */
} state_styles[] = {
	{"RUNNING", STYLE_STATE_RUNNING, STATE_RUNNING},
	{"UP", STYLE_STATE_RUNNING, STATE_RUNNING},
	{"STARTING", STYLE_STATE_MOVING, STATE_STARTING},
	{"STOPPING", STYLE_STATE_MOVING, STATE_STOPPING},
	{"INITIALIZING", STYLE_STATE_MOVING, STATE_STARTING},
	{"CREATED", STYLE_STATE_MOVING, STATE_STARTING},
	{"RECONCILING", STYLE_STATE_MOVING, STATE_STARTING},
	{"CANCELLING", STYLE_STATE_MOVING, STATE_STOPPING},
	{"RESTARTING", STYLE_STATE_WARNING, STATE_RESTARTING},
	{"FAILING", STYLE_STATE_WARNING, STATE_RESTARTING},
	{"UNREACHABLE", STYLE_STATE_WARNING, STATE_UNREACHABLE},
	{"DOWN", STYLE_STATE_WARNING, STATE_UNREACHABLE},
	{"FAILED", STYLE_STATE_FAILED, STATE_FAILED},
	{"LOST", STYLE_STATE_FAILED, STATE_LOST},
	{"FINISHED", STYLE_STATE_ENDED, STATE_FINISHED},
	{"CANCELED", STYLE_STATE_ENDED, STATE_CANCELED},
	{"SUSPENDED", STYLE_STATE_ENDED, STATE_SUSPENDED},
	{"ADDED", STYLE_STATE_UNKNOWN, STATE_ADDED},
};

static size_t state_row(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(state_styles) && !str_eq(state_styles[i].name, name))
		i++;
	return i;
}

enum style table_state_style(const char *name)
{
	size_t i = state_row(name);

	return i < ARRAY_SIZE(state_styles) ? state_styles[i].style : STYLE_STATE_UNKNOWN;
}

static const char *state_mark(const char *name, bool ascii)
{
	size_t i = state_row(name);

	return state_glyph(
		i < ARRAY_SIZE(state_styles) ? state_styles[i].as : STATE_UNKNOWN, ascii);
}

static const struct {
	enum style style;
	const char *mark, *ascii;
} run_looks[RUN_STATE_MAX] = {
	[RUN_PLANNED] = {STYLE_DIM, "·", "."},
	[RUN_SENT] = {STYLE_STATE_MOVING, "▷", ">"},
	[RUN_WATCHING] = {STYLE_STATE_MOVING, "▷", ">"},
	[RUN_DONE] = {STYLE_OK, "✓", "+"},
	[RUN_FAILED] = {STYLE_ERROR, "✗", "x"},
	[RUN_CANCELED] = {STYLE_STATE_ENDED, "⊘", "-"},
	[RUN_UNKNOWN] = {STYLE_WARN, "?", "?"},
};

enum style table_run_style(enum run_state state)
{
	return run_looks[state].style;
}

const char *table_run_mark(enum run_state state, bool ascii)
{
	return ascii ? run_looks[state].ascii : run_looks[state].mark;
}

enum style table_state_look(
	const struct table *table, const char *name, bool ascii, const char **mark)
{
	if (table->columns != &run_table) {
		*mark = state_mark(name, ascii);
		return table_state_style(name);
	}
	*mark = table_run_mark(run_state_parse(name), ascii);
	return table_run_style(run_state_parse(name));
}

static enum tone cell_tone(const struct table *table, const struct column *column, const void *item)
{
	if (columns_is_state(table, column))
		return TONE_STATE;
	return column->tone ? column->tone(item, &table->env) : TONE_NORMAL;
}

static const char *state_word(
	const struct table *table, const struct column *column, const void *item)
{
	struct value value = column->get(item, &table->env);

	return value.type == VALUE_TEXT ? value.text : NULL;
}

static enum style tone_style(enum tone tone)
{
	switch (tone) {
	case TONE_DIM: return STYLE_DIM;
	case TONE_STRONG: return STYLE_STRONG;
	case TONE_OK: return STYLE_OK;
	case TONE_INFO: return STYLE_INFO;
	case TONE_WARN: return STYLE_WARN;
	case TONE_ERROR:
	case TONE_ALARM: return STYLE_ERROR;
	case TONE_NORMAL:
	case TONE_STATE: break;
	}
	return STYLE_TEXT;
}

/* -- the texts that can be seen -- */

static int text_cols(const char *text)
{
	int cols;

	utf8_fit(text, NATURAL_MAX, &cols);
	return cols;
}

static void cells_fill(struct cells *cells, struct table *table, size_t count)
{
	const struct column *columns = table->columns->columns;

	cells->columns = table->columns->count;
	cells->at = xcalloc(count * cells->columns + 1, sizeof(*cells->at));
	buf_init(&cells->text, 0);
	buf_addc(&cells->text, '\0');
	for (size_t i = 0; i < count; i++) {
		const struct table_row *row = table_row_at(table, table->top + i);
		const void *item = row ? row->item : NULL;
		for (size_t k = 0; item && k < cells->columns; k++) {
			if (!columns_shows(table, k))
				continue;
			size_t at = cells->text.len;
			cells->at[i * cells->columns + k] = at;
			column_text(&columns[k], item, &table->env, &cells->text);
			buf_addc(&cells->text, '\0');
			int cols = text_cols(cells->text.data + at);
			if (cell_tone(table, &columns[k], item) == TONE_STATE)
				cols += GLYPH_COLS;
			if (cols > table->widths[k])
				table->widths[k] = cols;
		}
	}
}

static const char *cell(const struct cells *cells, size_t line, int index)
{
	return cells->text.data + cells->at[line * cells->columns + (size_t)index];
}

static void cells_release(struct cells *cells)
{
	buf_release(&cells->text);
	free(cells->at);
}

/* -- columns -- */

/* The width at which a column reads well. */
static int slot_comfort(const struct slot *slot, int cols)
{
	int least = slot->column->min_cols ? slot->column->min_cols : 1;
	int most = least + COMFORT_COLS;

	if (slot->priority == 1)
		most = cols < 80 ? cols * 3 / 10 : 24 + (cols - 80) / 10;

	if (slot->natural <= least || most <= least)
		return least;
	return slot->natural < most ? slot->natural : most;
}

static void slots_collect(struct layout *layout, struct table *table, int cols)
{
	const struct column *columns = table->columns->columns;
	int skip = table->pan;

	for (size_t i = 0; i < table->columns->count; i++) {
		size_t k = table->column_order[i];
		if (!columns_shows(table, k))
			continue;
		if (columns_priority(table, k) > 1 && skip > 0) {
			skip--;
			continue;
		}
		struct slot *slot = &layout->slots[layout->count++];
		int title = text_cols(_(columns[k].title)) + (&columns[k] == table->sort);
		*slot = (struct slot){.column = &columns[k],
			.index = (int)k,
			.priority = columns_priority(table, k),
			.wished = table->wishes[k].width};
		slot->natural = title > table->widths[k] ? title : table->widths[k];
		int most = columns[k].max_cols +
			(columns_is_state(table, &columns[k]) ? GLYPH_COLS : 0);
		if (columns[k].max_cols && slot->natural > most)
			slot->natural = most;
		/* Never so wide that it is alone: panned, it stands beside the first. */
		slot->wished = slot->wished < cols / 2 ? slot->wished : cols / 2 - 1;
		slot->width = slot->wished ? slot->wished : slot_comfort(slot, cols);
		if (slot->natural < slot->width || slot->wished)
			slot->natural = slot->width;
	}
	/* Panned beyond the last: as if panned less. */
	table->pan -= skip;
}

static int slots_width(const struct layout *layout)
{
	int width = 0;

	for (int i = 0; i < layout->count; i++)
		width += layout->slots[i].width + (i ? layout->gap : 0);
	return width;
}

/* Marks a slot as shown when there is room for it. */
static void slot_try(struct slot *slot, int gap, int *left)
{
	int need = slot->width + gap;

	slot->is_shown = need <= *left;
	if (slot->is_shown)
		*left -= need;
}

static void slots_choose(struct layout *layout, struct table *table, int cols)
{
	int left = cols + layout->gap, shown = 0;

	for (int priority = 1; priority < PRIORITY_MAX; priority++)
		for (int i = 0; i < layout->count; i++)
			/* Panned: from the left on, until one does not fit. */
			if (table->pan && priority > 1
					? priority == 2 && layout->slots[i].priority > 1
					: layout->slots[i].priority == priority)
				slot_try(&layout->slots[i], layout->gap, &left);
	table->hidden = table->pan;
	for (int i = 0; i < layout->count; i++) {
		if (layout->slots[i].is_shown || (!shown && i + 1 == layout->count))
			layout->slots[shown++] = layout->slots[i];
		else
			table->hidden++;
	}
	layout->count = shown;
	table->can_pan = table->hidden > table->pan;
	/* More air where there is room for it. */
	if (!table->hidden && slots_width(layout) + layout->count <= cols)
		layout->gap = 2;
}

static void slots_grow(struct layout *layout, int cols)
{
	int left = cols - slots_width(layout), last_free = -1;

	for (int priority = 1; left > 0 && priority < PRIORITY_MAX; priority++) {
		for (int i = 0; i < layout->count; i++) {
			struct slot *slot = &layout->slots[i];
			if (slot->priority != priority)
				continue;
			int more = slot->natural - slot->width;
			more = more < left ? more : left;
			slot->width += more;
			left -= more;
		}
	}
	for (int i = 0; i < layout->count; i++)
		if (!layout->slots[i].column->max_cols && !layout->slots[i].wished)
			last_free = i;
	if (left > 0 && last_free >= 0)
		layout->slots[last_free].width += left;
}

static void slots_place(struct layout *layout, struct table *table, int x)
{
	for (int i = 0; i < layout->count; i++) {
		layout->slots[i].x = x;
		x += layout->slots[i].width + layout->gap;
		table->drawn_widths[layout->slots[i].index] = layout->slots[i].width;
	}
}

static void spots_note(struct table *table, const struct layout *layout, struct rect rect)
{
	table->spots.rect = rect;
	table->spots.count = layout->count;
	for (int i = 0; i < layout->count; i++) {
		table->spots.index[i] = layout->slots[i].index;
		table->spots.ends[i] = layout->slots[i].x + layout->slots[i].width + layout->gap;
	}
}

/* -- drawing -- */

static void draw_titles(const struct table *table, const struct layout *layout,
	struct canvas *canvas, struct rect rect)
{
	struct buf title;

	buf_init(&title, 0);
	canvas_fill(canvas, (struct rect){rect.row, rect.col, 1, rect.cols}, STYLE_HEADER, " ");
	for (int i = 0; i < layout->count; i++) {
		const struct slot *slot = &layout->slots[i];
		buf_reset(&title);
		buf_adds(&title, _(slot->column->title));
		if (slot->column == table->sort)
			buf_adds(&title,
				glyph(table->is_descending ? GLYPH_DOWN : GLYPH_UP, canvas->ascii));
		if (slot->column->is_right)
			canvas_put_right(canvas, rect.row, rect.col + slot->x, slot->width,
				STYLE_HEADER, buf_str(&title));
		else
			canvas_put_cut(canvas, rect.row, rect.col + slot->x, slot->width,
				STYLE_HEADER, buf_str(&title));
	}
	buf_release(&title);
}

/* What the filter found in the cell, in another style. */
static void draw_matches(const struct table *table, struct canvas *canvas, int row, int col,
	int cols, const char *text)
{
	struct filter_mark marks[MARKS_MAX];
	size_t count = filter_find(table->filter, text, 0, marks, MARKS_MAX);

	for (size_t i = 0; i < count; i++) {
		char *piece = xstrndup(text, marks[i].at + marks[i].len);
		char *head = xstrndup(text, marks[i].at);
		int before = text_cols(head), width = text_cols(piece) - before;

		/* The last cell may hold the mark of a cut. */
		if (before + width < cols || (before + width == cols && text_cols(text) <= cols))
			canvas_put(
				canvas, row, col + before, width, STYLE_MATCH, piece + marks[i].at);
		free(piece);
		free(head);
	}
}

static void draw_cell(const struct table *table, struct canvas *canvas, int row, int col,
	const struct slot *slot, const void *item, const char *text)
{
	enum tone tone = cell_tone(table, slot->column, item);
	enum style style = tone_style(tone);
	int cols = slot->width;

	if (tone == TONE_STATE) {
		const char *word = state_word(table, slot->column, item);
		const char *mark;
		style = table_state_look(table, word, canvas->ascii, &mark);
		/* What is worse than the state alone tells. */
		if (slot->column->tone && slot->column->tone(item, &table->env) == TONE_ALARM)
			style = STYLE_ERROR;
		canvas_put(canvas, row, col, cols, style, mark);
		col += GLYPH_COLS;
		cols -= GLYPH_COLS;
	}
	if (slot->column->is_right) {
		canvas_put_right(canvas, row, col, cols, style, text);
		return;
	}
	canvas_put_cut(canvas, row, col, cols, style, text);
	draw_matches(table, canvas, row, col, cols, text);
}

static void draw_scroll_bar(const struct table *table, struct canvas *canvas, struct rect body)
{
	int col = body.col + body.cols - 1;
	size_t height = (size_t)body.rows, lines = table_lines(table) + table->left_out;

	if (lines <= height || body.rows < 2)
		return;
	size_t thumb = height * height / lines;
	thumb = thumb ? thumb : 1;
	size_t range = lines - height;
	size_t at = (table->top * (height - thumb) + range / 2) / range;
	for (size_t i = 0; i < height; i++) {
		bool is_thumb = i >= at && i < at + thumb;
		canvas_put(canvas, body.row + (int)i, col, 1, STYLE_BORDER,
			glyph(is_thumb ? GLYPH_THUMB : GLYPH_TRACK, canvas->ascii));
	}
}

static void draw_lines(const struct table *table, const struct layout *layout,
	const struct cells *cells, struct canvas *canvas, struct rect body, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at;
		const struct table_row *row = table_row_at(table, table->top + i);
		struct rect line = {body.row + (int)i, body.col, 1, body.cols};
		for (int k = 0; row && k < layout->count; k++) {
			const struct slot *slot = &layout->slots[k];
			draw_cell(table, canvas, line.row, line.col + slot->x, slot, row->item,
				cell(cells, i, slot->index));
		}
		if (!row)
			groups_draw_line(table, groups_line(table, table->top + i, &at), canvas,
				(struct rect){line.row, line.col, 1, line.cols - 1});
		if (row && map_get(table->marks, row->ref)) {
			canvas_put(canvas, line.row, line.col, 1, STYLE_KEY,
				glyph(GLYPH_MARK, canvas->ascii));
			canvas_overlay(canvas, line, STYLE_MARKED);
		}
		if (table->top + i == table->line)
			canvas_overlay(canvas, line, STYLE_SELECTED);
		if (row && table->columns->is_stale &&
			table->columns->is_stale(row->item, &table->env))
			canvas_overlay(canvas, line, STYLE_STALE);
	}
}

void table_draw(
	struct table *table, struct canvas *canvas, struct rect rect, const struct present_env *env)
{
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	struct layout layout = {.gap = 1};
	struct cells cells;
	size_t first, count;

	if (rect.rows < 2 || rect.cols < 2)
		return;
	table->env = *env;
	table->env.is_watched = true;
	/* Ages of a whole screen are half of what is written where nothing else changes. */
	table->env.now_ms -= env->now_ms % AGES_MS;
	table->env.mono_ms -= env->mono_ms ? env->now_ms % AGES_MS : 0;
	if (table->sort && table->sort->is_restless && table->env.now_ms != table->sort_env.now_ms)
		table->order_dirty = true;
	if (filter_is_restless(table->filter) && table->env.now_ms != table->filtered_ms) {
		table->lines_dirty = true;
		table->is_narrower = false;
	}
	if (table->height != (size_t)body.rows) {
		table->height = (size_t)body.rows;
		table->selection_dirty = true;
	}
	if (table->cols != rect.cols) {
		table->cols = rect.cols;
		memset(table->widths, 0, sizeof(table->widths));
	}
	table_window(table, &first, &count);
	cells_fill(&cells, table, count);
	/* The first cells are for marks and folds, where there are any. */
	int left = table->group_by || map_count(table->marks) ? GLYPH_COLS : 0;
	/* The last cell of each line is the scroll bar's, whether it is there or not. */
	int cols = rect.cols - left - 1;
	slots_collect(&layout, table, cols);
	slots_choose(&layout, table, cols);
	slots_grow(&layout, cols);
	slots_place(&layout, table, left);
	spots_note(table, &layout, rect);
	draw_titles(table, &layout, canvas, rect);
	draw_lines(table, &layout, &cells, canvas, body, count);
	draw_scroll_bar(table, canvas, body);
	cells_release(&cells);
	table_note_drawn(table);
}

int table_draw_filter(const struct table *table, struct canvas *canvas, int row, int col, int cols)
{
	int from = col, end = col + cols;

	if (cols < 4)
		return 0;
	if (table->group_by) {
		col += canvas_put(canvas, row, col, end - col, STYLE_DIM, _("  by "));
		col += canvas_put_cut(
			canvas, row, col, end - col, STYLE_TEXT, table_grouped_by(table));
	}
	if (map_count(table->marks)) {
		char *text = xasprintf(_("  %zu marked"), map_count(table->marks));
		col += canvas_put_cut(canvas, row, col, end - col, STYLE_KEY, text);
		free(text);
	}
	if (!*table->filter_text || end - col < 4)
		return col - from;
	col += canvas_put(canvas, row, col, end - col, STYLE_DIM, "  /");
	col += canvas_put_cut(canvas, row, col, end - col, STYLE_MATCH, table->filter_text);
	if (table->filter_error && end - col > 4) {
		col += 2 +
			canvas_put_cut(canvas, row, col + 2, end - col - 2, STYLE_ERROR,
				table->filter_error);
	} else if (table->sparse && end - col > 4) {
		char *text = xasprintf(_("%s known of %zu of %zu"), filter_key(table->sparse),
			table->known, table->may_pass);
		col += 2 + canvas_put_cut(canvas, row, col + 2, end - col - 2, STYLE_WARN, text);
		free(text);
	}
	return col - from;
}
