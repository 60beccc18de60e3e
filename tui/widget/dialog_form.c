/*
 * A form: each field is one line, its label before it. That of the keys has a '>' before its text; what a
 * word of a choice means stands below the choice, what is wrong with a field below the field:
 *
 *	Type    jar  [sql]  pyflink
 *	          statements in the file itself, or in one beside it
 *	Team  > ods
 *	Name    Orders
 *	          small letters, digits, '.', '_' and '-'
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/widget/dialog_private.h"

/* Behind the label. */
#define MARK_COLS 2
#define NOTE_INDENT 2
#define NOTE_ROWS_MAX 4
#define CHOICE_GAP 2

struct form_field {
	char *label, *wrong;
	bool is_needed;
	struct prompt *prompt; /* NULL: a choice */
	char **choices;        /* a word and what it means, each */
	size_t choice_count, chosen;
};

void form_open(struct dialog *dialog, const struct dialog_options *options)
{
	size_t count = options->kind == DIALOG_FORM ? options->field_count : 0;
	bool has_wrong = false;

	dialog->field_count = count < DIALOG_FIELDS_MAX ? count : DIALOG_FIELDS_MAX;
	dialog->fields = xcalloc(dialog->field_count + 1, sizeof(*dialog->fields));
	dialog->field = options->selected < dialog->field_count ? options->selected : 0;
	for (size_t i = 0; i < dialog->field_count; i++) {
		const struct dialog_field *from = &options->fields[i];
		struct form_field *field = &dialog->fields[i];

		field->label = dialog_clean(from->label);
		field->wrong = dialog_clean(from->wrong);
		field->is_needed = from->is_needed;
		if (field->wrong && !has_wrong)
			dialog->field = i;
		has_wrong |= field->wrong != NULL;
		if (!from->choices) {
			field->prompt = prompt_new();
			prompt_open(field->prompt, "", from->text);
			continue;
		}
		field->choice_count = from->choice_count;
		field->choices = xcalloc(2 * from->choice_count + 1, sizeof(char *));
		for (size_t k = 0; k < 2 * from->choice_count; k++)
			field->choices[k] = dialog_clean(from->choices[k]);
		for (size_t k = 0; k < from->choice_count; k++)
			if (str_eq(from->choices[2 * k], from->text))
				field->chosen = k;
	}
}

void form_close(struct dialog *dialog)
{
	for (size_t i = 0; i < dialog->field_count; i++) {
		struct form_field *field = &dialog->fields[i];

		free(field->label);
		free(field->wrong);
		prompt_free(field->prompt);
		for (size_t k = 0; k < 2 * field->choice_count; k++)
			free(field->choices[k]);
		free(field->choices);
	}
	free(dialog->fields);
}

const char *dialog_field_text(const struct dialog *dialog, size_t at)
{
	const struct form_field *field = at < dialog->field_count ? &dialog->fields[at] : NULL;

	if (!field)
		return "";
	if (field->prompt)
		return prompt_text(field->prompt);
	return field->choice_count ? field->choices[2 * field->chosen] : "";
}

/* -- keys -- */

static void go(struct dialog *dialog, size_t step)
{
	dialog->field = (dialog->field + step) % dialog->field_count;
}

static void right_again(struct form_field *field)
{
	free(field->wrong);
	field->wrong = NULL;
}

/* A yes, unless something is missing: then that is where the keys go. */
static enum dialog_event accept(struct dialog *dialog)
{
	for (size_t i = 0; i < dialog->field_count; i++) {
		struct form_field *field = &dialog->fields[i];
		if (!field->is_needed || *dialog_field_text(dialog, i))
			continue;
		free(field->wrong);
		field->wrong = xstrdup(_("this is needed"));
		dialog->field = i;
		return DIALOG_OPEN;
	}
	return DIALOG_YES;
}

/* By arrows, or by the word's first letter. */
static void choose(struct form_field *field, const struct key *key)
{
	size_t count = field->choice_count, former = field->chosen;
	bool is_char = key->sym == KEY_SYM_CHAR && !key->mods;

	if (!count)
		return;
	if (key->sym == KEY_SYM_LEFT)
		field->chosen = (field->chosen + count - 1) % count;
	else if (key->sym == KEY_SYM_RIGHT || (is_char && key->ch == ' '))
		field->chosen = (field->chosen + 1) % count;
	for (size_t i = 1; is_char && key->ch != ' ' && i <= count; i++) {
		size_t at = (former + i) % count;
		if (tolower((unsigned char)*field->choices[2 * at]) != (int)key->ch)
			continue;
		field->chosen = at;
		break;
	}
	if (field->chosen != former)
		right_again(field);
}

enum dialog_event form_key(struct dialog *dialog, const struct key *key)
{
	struct form_field *field = &dialog->fields[dialog->field];
	size_t last = dialog->field_count ? dialog->field_count - 1 : 0;
	bool is_ctrl = key->sym == KEY_SYM_CHAR && key->mods == KEY_CTRL;

	if (dialog_is_refusal(key) || !dialog->field_count)
		return DIALOG_NO;
	if (is_ctrl && key->ch == 's')
		return accept(dialog);
	if (dialog_is_enter(key)) {
		if (dialog->field == last)
			return accept(dialog);
		go(dialog, 1);
	} else if (key->sym == KEY_SYM_TAB || key->sym == KEY_SYM_DOWN ||
		(is_ctrl && key->ch == 'n')) {
		go(dialog, 1);
	} else if (key->sym == KEY_SYM_BACKTAB || key->sym == KEY_SYM_UP ||
		(is_ctrl && key->ch == 'p')) {
		go(dialog, last);
	} else if (!field->prompt) {
		choose(field, key);
	} else if (key->sym == KEY_SYM_BACKSPACE && !*prompt_text(field->prompt)) {
		; /* a slip, no refusal */
	} else if (prompt_key(field->prompt, key) == PROMPT_CHANGED) {
		right_again(field);
	}
	return DIALOG_OPEN;
}

/* -- drawing -- */

/* What stands below a field. */
static const char *note(const struct form_field *field)
{
	if (field->wrong)
		return field->wrong;
	return field->choice_count ? field->choices[2 * field->chosen + 1] : NULL;
}

static int label_cols(const struct dialog *dialog, int cols)
{
	int most = 0;

	for (size_t i = 0; i < dialog->field_count; i++) {
		int width = utf8_width(dialog->fields[i].label);
		most = width > most ? width : most;
	}
	return most < cols / 3 ? most : cols / 3;
}

/* Where it stands, on a canvas that is so wide. */
static struct rect note_place(const struct dialog *dialog, int cols)
{
	int indent = label_cols(dialog, cols) + 1 + MARK_COLS + NOTE_INDENT;

	return (struct rect){.col = indent, .rows = NOTE_ROWS_MAX, .cols = cols - indent};
}

static int rows_of(const struct dialog *dialog, size_t at, int cols)
{
	int rows = dialog_lines(
		note(&dialog->fields[at]), STYLE_NONE, NULL, note_place(dialog, cols), 0);

	return 1 + (rows < NOTE_ROWS_MAX ? rows : NOTE_ROWS_MAX);
}

int form_rows(const struct dialog *dialog, int cols)
{
	int rows = 0;

	for (size_t i = 0; i < dialog->field_count; i++)
		rows += rows_of(dialog, i, cols);
	return rows;
}

/* The chosen one in brackets: seen without colours, too. From the first that there is room for. */
static void choices_draw(const struct form_field *field, struct canvas *canvas, struct rect line)
{
	int col = line.col, end = line.col + line.cols, used = 0;
	size_t first = 0;

	for (size_t i = 0; i <= field->chosen; i++)
		used += utf8_width(field->choices[2 * i]) + CHOICE_GAP;
	while (first < field->chosen && used > line.cols)
		used -= utf8_width(field->choices[2 * first++]) + CHOICE_GAP;
	for (size_t i = first; i < field->choice_count && col + 2 < end; i++) {
		bool is_chosen = i == field->chosen;
		char *text = xasprintf(is_chosen ? "[%s]" : " %s ", field->choices[2 * i]);

		col += canvas_put_cut(canvas, line.row, col, end - col,
			is_chosen ? STYLE_STRONG : STYLE_DIM, text);
		free(text);
	}
}

static void field_draw(
	const struct dialog *dialog, size_t at, struct canvas *canvas, struct rect line, int label)
{
	const struct form_field *field = &dialog->fields[at];
	bool is_at = at == dialog->field;
	struct rect value = {
		line.row, line.col + label + 1 + MARK_COLS, 1, line.cols - label - 1 - MARK_COLS};

	canvas_put_cut(
		canvas, line.row, line.col, label, is_at ? STYLE_KEY : STYLE_HEADER, field->label);
	if (is_at)
		canvas_put(canvas, line.row, line.col + label + 1, 1, STYLE_PROMPT, ">");
	if (!field->prompt) {
		choices_draw(field, canvas, value);
		if (is_at) {
			canvas->cursor_row = -1;
			canvas->cursor_col = -1;
		}
	} else if (is_at) {
		prompt_draw(field->prompt, canvas, value);
	} else {
		canvas_put_cut(canvas, value.row, value.col, value.cols, STYLE_TEXT,
			prompt_text(field->prompt));
	}
}

void form_draw(const struct dialog *dialog, struct canvas *canvas, struct rect rect)
{
	int label = label_cols(dialog, rect.cols), row = 0, top = 0;

	for (size_t i = 0; i < dialog->field; i++)
		row += rows_of(dialog, i, rect.cols);
	/* What stands below the field of the keys is seen, too, where there is room. */
	top = row + rows_of(dialog, dialog->field, rect.cols) - rect.rows;
	top = top > row ? row : top > 0 ? top : 0;
	row = -top;
	for (size_t i = 0; i < dialog->field_count && row < rect.rows; i++) {
		const struct form_field *field = &dialog->fields[i];
		struct rect below = note_place(dialog, rect.cols);
		int rows = rows_of(dialog, i, rect.cols), gone = row + 1 < 0 ? -row - 1 : 0;

		if (row >= 0)
			field_draw(dialog, i, canvas,
				(struct rect){rect.row + row, rect.col, 1, rect.cols}, label);
		below.row = rect.row + row + 1 + gone;
		below.col += rect.col;
		below.rows = rows - 1 - gone < rect.rows - row - 1 - gone
			? rows - 1 - gone
			: rect.rows - row - 1 - gone;
		if (below.rows > 0)
			dialog_lines(note(field), field->wrong ? STYLE_ERROR : STYLE_DIM, canvas,
				below, gone);
		row += rows;
	}
}
