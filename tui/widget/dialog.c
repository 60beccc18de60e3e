/* Keys of a dialog; those of a FORM are in dialog_form.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/widget/dialog_private.h"

struct dialog *dialog_new(void)
{
	struct dialog *dialog = xcalloc(1, sizeof(*dialog));

	dialog->prompt = prompt_new();
	return dialog;
}

static void texts_free(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void dialog_close(struct dialog *dialog)
{
	struct prompt *prompt = dialog->prompt;

	free(dialog->title);
	free(dialog->body);
	free(dialog->warnings);
	free(dialog->name);
	free(dialog->empty);
	free(dialog->keys);
	free(dialog->link);
	free(dialog->enter);
	free(dialog->esc);
	free(dialog->letters);
	texts_free(dialog->titles, dialog->titles ? dialog->column_count : 0);
	texts_free(dialog->cells, dialog->row_count * dialog->column_count);
	free(dialog->shown);
	form_close(dialog);
	mem_wipe(dialog, sizeof(*dialog));
	dialog->prompt = prompt;
	prompt_forget(prompt);
}

void dialog_free(struct dialog *dialog)
{
	if (!dialog)
		return;
	dialog_close(dialog);
	prompt_free(dialog->prompt);
	free(dialog);
}

/* Made harmless here, because it is measured before it is drawn; its line ends stay. */
char *dialog_clean(const char *text)
{
	struct buf out;

	if (!text)
		return NULL;
	buf_init(&out, 0);
	while (*text) {
		size_t len = strcspn(text, "\n");
		utf8_neutralise(&out, text, len);
		text += len;
		if (*text) {
			buf_addc(&out, '\n');
			text++;
		}
	}
	return buf_detach(&out);
}

/* A cell is one line. */
static char *clean_cell(const char *text)
{
	struct buf out;

	if (!text)
		return NULL;
	buf_init(&out, 0);
	utf8_neutralise(&out, text, strlen(text));
	return buf_detach(&out);
}

static char **texts_dup(const char *const *texts, size_t count)
{
	char **copy = texts ? xcalloc(count + 1, sizeof(*copy)) : NULL;

	for (size_t i = 0; texts && i < count; i++)
		copy[i] = clean_cell(texts[i]);
	return copy;
}

/* -- rows -- */

/* All words of the filter, each in one of the row's cells. */
static bool row_passes(const struct dialog *dialog, size_t row, const char *filter)
{
	char *copy = xstrdup(filter), *rest = copy, *word;
	bool passes = true;

	while (passes && (word = strsep(&rest, " "))) {
		bool found = !*word;
		for (size_t i = 0; !found && i < dialog->column_count; i++) {
			const char *cell = dialog->cells[row * dialog->column_count + i];
			found = cell && str_contains_fold(cell, word);
		}
		passes = found;
	}
	free(copy);
	return passes;
}

/* The selected row stays selected as long as it is there. */
static void rows_filter(struct dialog *dialog)
{
	size_t chosen = dialog_chosen(dialog), count = 0;

	dialog->selected = 0;
	for (size_t i = 0; i < dialog->row_count; i++) {
		if (!row_passes(dialog, i, prompt_text(dialog->prompt)))
			continue;
		if (i == chosen)
			dialog->selected = count;
		dialog->shown[count++] = i;
	}
	dialog->shown_count = count;
}

static void rows_move(struct dialog *dialog, long step)
{
	long to = (long)dialog->selected + step, last = (long)dialog->shown_count - 1;

	to = to > last ? last : to;
	dialog->selected = to > 0 ? (size_t)to : 0;
}

static bool rows_key(struct dialog *dialog, const struct key *key)
{
	long page = dialog->list_rows > 1 ? dialog->list_rows - 1 : 1;

	switch (key->sym) {
	case KEY_SYM_UP: rows_move(dialog, -1); return true;
	case KEY_SYM_DOWN: rows_move(dialog, 1); return true;
	case KEY_SYM_PGUP: rows_move(dialog, -page); return true;
	case KEY_SYM_PGDN: rows_move(dialog, page); return true;
	default: return false;
	}
}

size_t dialog_chosen(const struct dialog *dialog)
{
	return dialog->selected < dialog->shown_count ? dialog->shown[dialog->selected] : 0;
}

const char *dialog_cell(const struct dialog *dialog, size_t column)
{
	const char *cell = column < dialog->column_count && dialog->shown_count
		? dialog->cells[dialog_chosen(dialog) * dialog->column_count + column]
		: NULL;

	return cell ? cell : "";
}

void dialog_open(struct dialog *dialog, const struct dialog_options *options)
{
	dialog_close(dialog);
	dialog->kind = options->kind;
	dialog->needs_text = options->needs_text;
	dialog->is_wrong = false;
	dialog->title = xstrdup(options->title);
	dialog->body = dialog_clean(options->body);
	dialog->warnings = dialog_clean(options->warnings);
	dialog->name = xstrdup_null(options->name);
	dialog->empty = dialog_clean(options->empty);
	dialog->keys = xstrdup_null(options->keys);
	dialog->link = xstrdup_null(options->link);
	dialog->enter = xstrdup_null(options->enter);
	dialog->esc = xstrdup_null(options->esc);
	dialog->letters = xstrdup_null(options->letters);
	dialog->enter_is_yes = options->enter_is_yes;
	dialog->column_count = options->column_count < DIALOG_COLUMNS_MAX ? options->column_count
									  : DIALOG_COLUMNS_MAX;
	dialog->row_count = options->row_count;
	dialog->detail = options->detail < dialog->column_count + 1 ? options->detail : 0;
	dialog->titles = texts_dup(options->titles, dialog->column_count);
	dialog->cells = texts_dup(options->cells, dialog->row_count * dialog->column_count);
	dialog->shown = xcalloc(dialog->row_count + 1, sizeof(*dialog->shown));
	if (options->kind == DIALOG_PASSWORD)
		prompt_open_secret(dialog->prompt, "> ", DIALOG_PASSWORD_MAX - 1);
	else
		prompt_open(
			dialog->prompt, "> ", options->kind == DIALOG_TEXT ? options->text : NULL);
	form_open(dialog, options);
	rows_filter(dialog);
	rows_move(dialog, (long)options->selected);
}

/* -- keys -- */

static bool is_char(const struct key *key, uint32_t ch)
{
	return key->sym == KEY_SYM_CHAR && !key->mods && key->ch == ch;
}

static bool is_ctrl(const struct key *key, uint32_t ch)
{
	return key->sym == KEY_SYM_CHAR && key->mods == KEY_CTRL && key->ch == ch;
}

bool dialog_is_refusal(const struct key *key)
{
	return key->sym == KEY_SYM_ESC || is_ctrl(key, 'c') || is_ctrl(key, 'g');
}

bool dialog_is_enter(const struct key *key)
{
	return key->sym == KEY_SYM_ENTER || is_ctrl(key, 'm') || is_ctrl(key, 'j');
}

/* The drawing knows how far it can go. */
static bool body_scroll(struct dialog *dialog, const struct key *key)
{
	int page = dialog->line_rows > 1 ? dialog->line_rows - 1 : 1;

	switch (key->sym) {
	case KEY_SYM_UP: dialog->scroll--; return true;
	case KEY_SYM_DOWN: dialog->scroll++; return true;
	case KEY_SYM_PGUP: dialog->scroll -= page; return true;
	case KEY_SYM_PGDN: dialog->scroll += page; return true;
	default: return false;
	}
}

static void body_letters(struct dialog *dialog, const struct key *key)
{
	if (is_char(key, 'k'))
		dialog->scroll--;
	else if (is_char(key, 'j'))
		dialog->scroll++;
	else if (is_char(key, 'g') || key->sym == KEY_SYM_HOME)
		dialog->scroll = 0;
	else if (is_char(key, 'G') || key->sym == KEY_SYM_END)
		dialog->scroll = dialog->lines;
	else if (is_char(key, ' '))
		dialog->scroll += dialog->line_rows;
}

/* One of options.keys? */
static bool is_further(struct dialog *dialog, const struct key *key)
{
	for (const char *p = dialog->keys; p && *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (is_char(key, (uint32_t)(unsigned char)*p) ||
			(*p == '\t' && key->sym == KEY_SYM_TAB)) {
			dialog->pressed = *p;
			return true;
		}
	return false;
}

static enum dialog_event key_confirm(struct dialog *dialog, const struct key *key)
{
	if (is_char(key, 'y') || is_char(key, 'Y') ||
		(dialog->enter_is_yes && dialog_is_enter(key)))
		return DIALOG_YES;
	if (is_char(key, 'n') || is_char(key, 'N') || is_char(key, 'q') || dialog_is_refusal(key))
		return DIALOG_NO;
	if (is_further(dialog, key))
		return DIALOG_KEY;
	if (!body_scroll(dialog, key))
		body_letters(dialog, key);
	return DIALOG_OPEN;
}

static enum dialog_event key_show(struct dialog *dialog, const struct key *key)
{
	if (is_further(dialog, key))
		return DIALOG_KEY;
	if (is_char(key, 'q') || dialog_is_enter(key) || dialog_is_refusal(key))
		return DIALOG_NO;
	if (!body_scroll(dialog, key))
		body_letters(dialog, key);
	return DIALOG_OPEN;
}

/* A name, a text or a secret in the prompt. */
static enum dialog_event key_typed(struct dialog *dialog, const struct key *key)
{
	if (key->sym == KEY_SYM_TAB && is_further(dialog, key))
		return DIALOG_KEY;
	if (body_scroll(dialog, key))
		return DIALOG_OPEN;
	/* Nothing typed yet and Backspace: a slip, no refusal. */
	if (key->sym == KEY_SYM_BACKSPACE && !*prompt_text(dialog->prompt))
		return DIALOG_OPEN;
	switch (prompt_key(dialog->prompt, key)) {
	case PROMPT_CANCEL: return DIALOG_NO;
	case PROMPT_DONE:
		if (dialog->needs_text && !*prompt_text(dialog->prompt))
			return DIALOG_OPEN;
		if (!dialog->name || str_eq(prompt_text(dialog->prompt), dialog->name))
			return DIALOG_YES;
		dialog->is_wrong = true;
		return DIALOG_OPEN;
	default: dialog->is_wrong = false; return DIALOG_OPEN;
	}
}

/* One of options.letters: j and k are then letters like others. */
static bool is_letter(struct dialog *dialog, const struct key *key)
{
	const char *at = dialog->letters && key->sym == KEY_SYM_CHAR && !key->mods && key->ch &&
			key->ch < 0x80
		? strchr(dialog->letters, (int)key->ch)
		: NULL;

	if (at && (size_t)(at - dialog->letters) < dialog->shown_count)
		dialog->selected = (size_t)(at - dialog->letters);
	return at != NULL;
}

static enum dialog_event key_choice(struct dialog *dialog, const struct key *key)
{
	if (is_letter(dialog, key))
		return DIALOG_YES;
	if (dialog_is_refusal(key) || is_char(key, 'q'))
		return DIALOG_NO;
	if (dialog_is_enter(key))
		return dialog->shown_count ? DIALOG_YES : DIALOG_OPEN;
	if (is_further(dialog, key))
		return DIALOG_KEY;
	if (rows_key(dialog, key))
		return DIALOG_OPEN;
	if (is_char(key, 'k'))
		rows_move(dialog, -1);
	else if (is_char(key, 'j'))
		rows_move(dialog, 1);
	else if (is_char(key, 'g') || key->sym == KEY_SYM_HOME)
		dialog->selected = 0;
	else if (is_char(key, 'G') || key->sym == KEY_SYM_END)
		rows_move(dialog, (long)dialog->row_count);
	else if (key->sym == KEY_SYM_CHAR && !key->mods && key->ch >= '1' && key->ch <= '9' &&
		key->ch - '1' < dialog->shown_count)
		dialog->selected = key->ch - '1';
	return DIALOG_OPEN;
}

static enum dialog_event key_picker(struct dialog *dialog, const struct key *key)
{
	if (dialog_is_enter(key))
		return dialog->shown_count ? DIALOG_YES : DIALOG_OPEN;
	if (key->sym == KEY_SYM_TAB && is_further(dialog, key))
		return DIALOG_KEY;
	if (rows_key(dialog, key))
		return DIALOG_OPEN;
	if (is_ctrl(key, 'p') || is_ctrl(key, 'n')) {
		rows_move(dialog, key->ch == 'n' ? 1 : -1);
		return DIALOG_OPEN;
	}
	/* Esc first takes the filter away. */
	if (key->sym == KEY_SYM_ESC && *prompt_text(dialog->prompt)) {
		prompt_open(dialog->prompt, "> ", "");
		rows_filter(dialog);
		return DIALOG_OPEN;
	}
	if (key->sym == KEY_SYM_BACKSPACE && !*prompt_text(dialog->prompt))
		return DIALOG_OPEN;
	switch (prompt_key(dialog->prompt, key)) {
	case PROMPT_CANCEL: return DIALOG_NO;
	case PROMPT_CHANGED: rows_filter(dialog); break;
	default: break;
	}
	return DIALOG_OPEN;
}

enum dialog_event dialog_key(struct dialog *dialog, const struct key *key)
{
	switch (dialog->kind) {
	case DIALOG_CONFIRM:
		return dialog->name ? key_typed(dialog, key) : key_confirm(dialog, key);
	case DIALOG_TEXT:
	case DIALOG_PASSWORD: return key_typed(dialog, key);
	case DIALOG_FORM: return form_key(dialog, key);
	case DIALOG_CHOICE: return key_choice(dialog, key);
	case DIALOG_PICKER: return key_picker(dialog, key);
	case DIALOG_SHOW: return key_show(dialog, key);
	}
	return DIALOG_OPEN;
}

const char *dialog_text(const struct dialog *dialog)
{
	return prompt_text(dialog->prompt);
}

char dialog_pressed(const struct dialog *dialog)
{
	return dialog->pressed;
}
