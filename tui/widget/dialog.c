/* The box is as high as its text; what does not fit is cut at its lower end, never the question. */
#include "tui/widget/dialog.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/widget/prompt.h"

#define COLS_MAX 100
/* Above and below the body: border, the line to answer in with a blank one before it, border. */
#define ROWS_AROUND 4

struct dialog {
	char *title, *body, *name;
	struct prompt *prompt;
};

struct dialog *dialog_new(void)
{
	struct dialog *dialog = xcalloc(1, sizeof(*dialog));

	dialog->prompt = prompt_new();
	return dialog;
}

static void dialog_clear(struct dialog *dialog)
{
	free(dialog->title);
	free(dialog->body);
	free(dialog->name);
	dialog->title = dialog->body = dialog->name = NULL;
}

void dialog_free(struct dialog *dialog)
{
	if (!dialog)
		return;
	dialog_clear(dialog);
	prompt_free(dialog->prompt);
	free(dialog);
}

void dialog_open(struct dialog *dialog, const char *title, const char *body, const char *name)
{
	dialog_clear(dialog);
	dialog->title = xstrdup(title);
	dialog->body = xstrdup(body);
	dialog->name = xstrdup_null(name);
	prompt_open(dialog->prompt, "> ", "");
}

static bool is_char(const struct key *key, uint32_t ch)
{
	return key->sym == KEY_SYM_CHAR && !key->mods && key->ch == ch;
}

enum dialog_event dialog_key(struct dialog *dialog, const struct key *key)
{
	if (!dialog->name) {
		bool is_no = is_char(key, 'n') || is_char(key, 'N') || is_char(key, 'q') ||
			key->sym == KEY_SYM_ESC ||
			(key->sym == KEY_SYM_CHAR && key->mods == KEY_CTRL && key->ch == 'c');

		if (is_char(key, 'y') || is_char(key, 'Y'))
			return DIALOG_YES;
		return is_no ? DIALOG_NO : DIALOG_OPEN;
	}
	switch (prompt_key(dialog->prompt, key)) {
	case PROMPT_CANCEL: return DIALOG_NO;
	case PROMPT_DONE:
		if (str_eq(prompt_text(dialog->prompt), dialog->name))
			return DIALOG_YES;
		prompt_open(dialog->prompt, "> ", "");
		return DIALOG_OPEN;
	default: return DIALOG_OPEN;
	}
}

/* Lines of `text` in `cols` cells; drawn when there is a canvas. Returns their number. */
static int body_lines(const char *text, struct canvas *canvas, int row, int col, int cols, int max)
{
	int lines = 0;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		char *copy = xstrndup(line, len);

		for (const char *rest = copy; *rest || rest == copy; lines++) {
			size_t fits = utf8_fit(rest, cols, NULL);

			if (canvas && lines < max)
				canvas_put(canvas, row + lines, col, cols, STYLE_TEXT, rest);
			if (fits == 0) {
				lines++;
				break;
			}
			rest += fits;
		}
		free(copy);
		line += len + (line[len] == '\n');
	}
	return lines;
}

void dialog_draw(const struct dialog *dialog, struct canvas *canvas, struct rect rect)
{
	int cols = rect.cols - 4 < COLS_MAX ? rect.cols - 4 : COLS_MAX;
	int inner = cols - 4, lines = body_lines(dialog->body, NULL, 0, 0, inner, 0);
	int most = rect.rows - ROWS_AROUND, last;
	struct rect box;

	lines = lines < most ? lines : most;
	box = (struct rect){rect.row + (rect.rows - lines - ROWS_AROUND) / 2,
		rect.col + (rect.cols - cols) / 2, lines + ROWS_AROUND, cols};
	canvas_box(canvas, box, STYLE_BORDER, dialog->title);
	body_lines(dialog->body, canvas, box.row + 1, box.col + 2, inner, lines);
	last = box.row + box.rows - 2;
	if (dialog->name) {
		char *ask = xasprintf(_("type %s "), dialog->name);
		int used = canvas_put_cut(canvas, last, box.col + 2, inner - 12, STYLE_WARN, ask);

		prompt_draw(dialog->prompt, canvas,
			(struct rect){last, box.col + 2 + used, 1, inner - used});
		free(ask);
	} else {
		int used = canvas_put(canvas, last, box.col + 2, inner, STYLE_KEY, "y");

		used += canvas_put(
			canvas, last, box.col + 2 + used, inner - used, STYLE_HINT, _(" yes  "));
		used += canvas_put(canvas, last, box.col + 2 + used, inner - used, STYLE_KEY, "n");
		canvas_put(canvas, last, box.col + 2 + used, inner - used, STYLE_HINT, _(" no"));
	}
}
