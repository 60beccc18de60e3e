/*
 * The box is as high as its content. When that does not fit, the body gives way first and scrolls;
 * what is asked is always seen whole.
 *
 *	┌ title ──────────┐
 *	│ warnings, body  │  scrolls
 *	│                 │
 *	│ rows            │  CHOICE, PICKER
 *	│ of the selected │  PICKER: what its cells could not show whole
 *	│ label  text     │  FORM
 *	│ > text          │  a name, TEXT, PASSWORD, the filter of PICKER
 *	│ y yes  n no     │
 *	└─────────────────┘
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/widget/dialog_private.h"
#include "tui/widget/footer.h"

#define COLS_MAX 100
#define LIST_ROWS_MIN 3
#define CELL_COLS_MAX 40
#define DETAIL_ROWS 2
#define GAP 2

/* -- lines of text -- */

int dialog_lines(
	const char *text, enum style style, struct canvas *canvas, struct rect rect, int from)
{
	int count = 0;

	while (text && *text) {
		size_t len = strcspn(text, "\n");
		char *line = xstrndup(text, len);
		const char *rest = line;

		/* What is broken goes on below its beginning. */
		int indent = (int)strspn(line, " "), at = 0;
		indent = indent < rect.cols / 2 ? indent : 0;
		do {
			size_t fits = utf8_break(rest, utf8_fit(rest, rect.cols - at, NULL));
			char *part = xstrndup(rest, fits - (fits && rest[fits - 1] == ' '));
			if (canvas && count >= from && count - from < rect.rows)
				canvas_put(canvas, rect.row + count - from, rect.col + at,
					rect.cols - at, style, part);
			at = indent;
			free(part);
			count++;
			if (!fits)
				break; /* a character wider than the box */
			rest += fits;
			rest += *rest == ' ';
		} while (*rest);
		free(line);
		text += len + (text[len] == '\n');
	}
	return count;
}

/* Warnings, a blank line, body. */
static int text_draw(const struct dialog *dialog, struct canvas *canvas, struct rect rect, int from)
{
	struct rect rest = rect;
	int used = dialog_lines(dialog->warnings, STYLE_WARN, canvas, rect, from), gone;

	if (used && dialog->body)
		used++;
	gone = used < from ? used : from;
	rest.row += used - gone;
	rest.rows -= used - gone;
	return used + dialog_lines(dialog->body, STYLE_TEXT, canvas, rest, from - gone);
}

/* -- rows -- */

static void widths(const struct dialog *dialog, int inner, int *cols)
{
	size_t last = dialog->column_count - 1;
	int used = 0;

	for (size_t k = 0; k <= last; k++) {
		cols[k] = dialog->titles && dialog->titles[k]
			? utf8_width(dialog->titles[k] + (*dialog->titles[k] == '>'))
			: 0;
		for (size_t i = 0; i < dialog->row_count; i++) {
			const char *cell = dialog->cells[i * dialog->column_count + k];
			int width = cell ? utf8_width(cell) : 1;
			cols[k] = width > cols[k] ? width : cols[k];
		}
		if (k < last && cols[k] > CELL_COLS_MAX)
			cols[k] = CELL_COLS_MAX;
		if (k == last && cols[k] > inner - used)
			cols[k] = inner - used;
		used += cols[k] + GAP;
	}
}

static void row_draw(const struct dialog *dialog, struct canvas *canvas, struct rect line,
	const int *cols, const char *const *cells, enum style style)
{
	int col = line.col, end = line.col + line.cols;

	for (size_t k = 0; k < dialog->column_count && col < end; k++) {
		const char *cell = cells[k] ? cells[k] : "-";
		bool right = dialog->titles && dialog->titles[k] && *dialog->titles[k] == '>';
		int room = cols[k] < end - col ? cols[k] : end - col;
		if (style == STYLE_HEADER && *cell == '>')
			cell++;
		if (room <= 0)
			break;
		if (right)
			canvas_put_right(canvas, line.row, col, room, style, cell);
		else
			canvas_put_cut(canvas, line.row, col, room, style, cell);
		col += cols[k] + GAP;
	}
}

static void rows_draw(struct dialog *dialog, struct canvas *canvas, struct rect rect)
{
	size_t rows = (size_t)rect.rows, columns = dialog->column_count;
	bool has_digits = dialog->kind == DIALOG_CHOICE;
	int cols[DIALOG_COLUMNS_MAX];

	if (!dialog->shown_count && dialog->kind == DIALOG_PICKER) {
		const char *why = dialog->row_count ? _("nothing here holds that text")
			: dialog->empty             ? dialog->empty
						    : _("there is nothing to choose from");
		dialog_lines(why, STYLE_DIM, canvas, rect, 0);
		return;
	}
	if (!columns || !rows)
		return;
	if (dialog->selected < dialog->top)
		dialog->top = dialog->selected;
	if (dialog->selected >= dialog->top + rows)
		dialog->top = dialog->selected - rows + 1;
	if (dialog->top + rows > dialog->shown_count)
		dialog->top = dialog->shown_count > rows ? dialog->shown_count - rows : 0;
	widths(dialog, rect.cols - (has_digits ? 3 : 0), cols);
	for (size_t i = 0; i < rows && dialog->top + i < dialog->shown_count; i++) {
		size_t at = dialog->top + i;
		struct rect line = {rect.row + (int)i, rect.col, 1, rect.cols};
		struct rect cells = line;
		if (has_digits) {
			char digit[2] = {dialog->letters ? dialog->letters[at]
					: at < 9         ? (char)('1' + at)
							 : ' ',
				0};
			canvas_put(canvas, line.row, line.col, 1, STYLE_KEY, digit);
			cells.col += 3;
			cells.cols -= 3;
		}
		row_draw(dialog, canvas, cells, cols,
			(const char *const *)&dialog->cells[dialog->shown[at] * columns],
			STYLE_TEXT);
		if (at == dialog->selected)
			canvas_overlay(canvas, line, STYLE_SELECTED);
	}
}

static void row_titles_draw(const struct dialog *dialog, struct canvas *canvas, struct rect line)
{
	int cols[DIALOG_COLUMNS_MAX];

	if (!dialog->column_count)
		return;
	widths(dialog, line.cols, cols);
	row_draw(dialog, canvas, line, cols, (const char *const *)dialog->titles, STYLE_HEADER);
}

/* The longest cell of the selected row (a path), whole. */
static void detail_draw(const struct dialog *dialog, struct canvas *canvas, struct rect rect)
{
	size_t columns = dialog->column_count;
	const char *widest = NULL;

	if (!dialog->shown_count)
		return;
	for (size_t k = 0; k < columns; k++) {
		const char *cell = dialog->cells[dialog_chosen(dialog) * columns + k];
		if (dialog->detail && k + 1 != dialog->detail)
			continue;
		if (cell && (!widest || utf8_width(cell) > utf8_width(widest)))
			widest = cell;
	}
	if (widest)
		dialog_lines(widest, STYLE_DIM, canvas, rect, 0);
}

/* -- what is asked -- */

static size_t further_hints(
	const struct dialog *dialog, struct footer_item *items, char (*texts)[48], size_t max)
{
	size_t count = 0;

	for (const char *p = dialog->keys; p && *p && count < max; count++) {
		size_t len = strcspn(p, "\n"), hint = len > 2 ? len - 2 : 0;
		char *text = texts[count];
		text[0] = *p;
		text[1] = '\0';
		hint = hint < 45 ? hint : 45;
		memcpy(text + 2, p + (len > 2 ? 2 : len), hint);
		text[2 + hint] = '\0';
		items[count] = (struct footer_item){.key = *p == '\t' ? "tab"
				: *p == ' '                           ? "space"
								      : text,
			.hint = text + 2};
		p += len + (p[len] == '\n');
	}
	return count;
}

static void hints_draw(const struct dialog *dialog, struct canvas *canvas, struct rect line)
{
	struct footer_item items[8];
	char texts[4][48];
	size_t count = 0;

	switch (dialog->kind) {
	case DIALOG_CONFIRM:
		if (dialog->name) {
			items[count++] = (struct footer_item){.key = "enter", .hint = _("yes")};
			items[count++] = (struct footer_item){.key = "esc", .hint = _("no")};
		} else {
			items[count++] = (struct footer_item){
				.key = dialog->enter_is_yes ? "enter" : "y", .hint = _("yes")};
			items[count++] = (struct footer_item){.key = "n", .hint = _("no")};
		}
		break;
	case DIALOG_CHOICE:
	case DIALOG_PICKER:
		items[count++] = (struct footer_item){
			.key = "enter", .hint = dialog->enter ? dialog->enter : _("take it")};
		items[count++] = (struct footer_item){
			.key = "esc", .hint = dialog->esc ? dialog->esc : _("cancel")};
		break;
	case DIALOG_TEXT:
	case DIALOG_PASSWORD:
		items[count++] = (struct footer_item){.key = "enter", .hint = _("ok")};
		items[count++] = (struct footer_item){.key = "esc", .hint = _("cancel")};
		break;
	case DIALOG_FORM:
		if (dialog->field + 1 < dialog->field_count) {
			items[count++] =
				(struct footer_item){.key = "enter", .hint = _("next field")};
			items[count++] = (struct footer_item){.key = "ctrl-s", .hint = _("ok")};
		} else {
			items[count++] = (struct footer_item){.key = "enter", .hint = _("ok")};
			items[count++] =
				(struct footer_item){.key = "tab", .hint = _("first field")};
		}
		items[count++] = (struct footer_item){.key = "esc", .hint = _("cancel")};
		break;
	case DIALOG_SHOW:
		items[count++] = (struct footer_item){.key = "q", .hint = _("close")};
		break;
	}
	count += further_hints(dialog, items + count, texts, 4);
	footer_draw(canvas, line, items, count);
}

static void typed_draw(const struct dialog *dialog, struct canvas *canvas, struct rect line)
{
	int used = 0;

	if (dialog->kind == DIALOG_PASSWORD)
		canvas_put(canvas, line.row, line.col + 3, line.cols - 3, STYLE_DIM,
			_("(not shown while it is typed)"));
	if (dialog->name) {
		char *ask =
			xasprintf(dialog->is_wrong ? _("that was not it: type %s ") : _("type %s "),
				dialog->name);
		used = canvas_put_cut(canvas, line.row, line.col, line.cols - 12, STYLE_WARN, ask);
		free(ask);
	}
	prompt_draw(dialog->prompt, canvas,
		(struct rect){line.row, line.col + used, 1, line.cols - used});
}

/* Where the window over the body is, in the lower edge. */
static void position_draw(const struct dialog *dialog, struct canvas *canvas, struct rect box)
{
	char *text;
	int width;

	if (dialog->lines <= dialog->line_rows || !dialog->line_rows)
		return;
	text = xasprintf(_(" lines %d-%d of %d, up and down "), dialog->scroll + 1,
		dialog->scroll + dialog->line_rows, dialog->lines);
	width = utf8_width(text);
	if (width < box.cols - 4)
		canvas_put(canvas, box.row + box.rows - 1, box.col + box.cols - 2 - width, -1,
			STYLE_WARN, text);
	free(text);
}

/* -- the whole -- */

struct layout {
	int text, gap, titles, list, detail, form, typed, hints;
};

static int layout_rows(const struct layout *lay)
{
	return lay->text + lay->gap + lay->titles + lay->list + lay->detail + lay->form +
		lay->typed + lay->hints;
}

static struct layout layout(const struct dialog *dialog, int room, int cols)
{
	bool has_rows = dialog->kind == DIALOG_CHOICE || dialog->kind == DIALOG_PICKER;
	bool is_typed = dialog->kind == DIALOG_TEXT || dialog->kind == DIALOG_PASSWORD ||
		dialog->kind == DIALOG_PICKER || dialog->name;
	struct layout lay = {
		.text = dialog->lines,
		.gap = dialog->lines > 0,
		.titles = dialog->kind == DIALOG_PICKER && dialog->titles,
		.list = has_rows ? (int)dialog->row_count : 0,
		.detail = dialog->kind == DIALOG_PICKER ? DETAIL_ROWS : 0,
		.form = form_rows(dialog, cols),
		.typed = is_typed,
		/* With a name to be typed the line itself says what to do. */
		.hints = !dialog->name || dialog->keys,
	};

	if (dialog->kind == DIALOG_PICKER && lay.list < LIST_ROWS_MIN)
		lay.list = LIST_ROWS_MIN;
	while (layout_rows(&lay) > room) {
		if (lay.text > 1 && (lay.list <= LIST_ROWS_MIN || lay.text > lay.list))
			lay.text--;
		else if (lay.list > LIST_ROWS_MIN)
			lay.list--;
		else if (lay.detail)
			lay.detail--;
		else if (lay.gap)
			lay.gap = 0;
		else if (lay.text)
			lay.text--;
		else if (lay.form > 1)
			lay.form--;
		else
			break;
	}
	return lay;
}

static struct rect next(struct rect *at, int rows)
{
	struct rect part = {at->row, at->col, rows, at->cols};

	at->row += rows;
	return part;
}

void dialog_draw(struct dialog *dialog, struct canvas *canvas, struct rect rect)
{
	int most = dialog->kind == DIALOG_PICKER ? rect.cols - 4 : COLS_MAX;
	int cols = rect.cols - 4 < most ? rect.cols - 4 : most;
	struct rect at = {.cols = cols - 4}, box;
	struct layout lay;

	dialog->lines = text_draw(dialog, NULL, at, 0);
	lay = layout(dialog, rect.rows - 2, at.cols);
	dialog->line_rows = lay.text;
	dialog->list_rows = lay.list;
	if (dialog->scroll > dialog->lines - lay.text)
		dialog->scroll = dialog->lines - lay.text;
	if (dialog->scroll < 0)
		dialog->scroll = 0;
	box.rows = layout_rows(&lay) + 2;
	box.rows = box.rows < rect.rows ? box.rows : rect.rows;
	box.cols = cols;
	box.row = rect.row + (rect.rows - box.rows) / 2;
	box.col = rect.col + (rect.cols - cols) / 2;
	canvas_box(canvas, box, STYLE_BORDER, dialog->title);
	at.row = box.row + 1;
	at.col = box.col + 2;
	if (dialog->link && !dialog->scroll && utf8_width(dialog->link) <= at.cols) {
		canvas->link = dialog->link;
		canvas->link_row = at.row;
		canvas->link_col = at.col;
	}
	text_draw(dialog, canvas, next(&at, lay.text), dialog->scroll);
	next(&at, lay.gap);
	if (lay.titles)
		row_titles_draw(dialog, canvas, next(&at, 1));
	rows_draw(dialog, canvas, next(&at, lay.list));
	if (lay.detail)
		detail_draw(dialog, canvas, next(&at, lay.detail));
	if (lay.form)
		form_draw(dialog, canvas, next(&at, lay.form));
	if (lay.typed)
		typed_draw(dialog, canvas, next(&at, 1));
	if (lay.hints)
		hints_draw(dialog, canvas, next(&at, 1));
	position_draw(dialog, canvas, box);
}
