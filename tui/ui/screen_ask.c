/*
 * One dialog at a time. Verbs open theirs by a key; what the world wants to know (a password) waits
 * in line until no prompt and no dialog is open, so that nothing comes between a person and what he
 * is typing.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tui/ui/screen_private.h"

struct question {
	struct question *next;
	struct screen_question question; /* its texts: owned */
	char *title, *body, *warnings, *text, *refused;
};

static void question_free(struct question *question)
{
	free(question->title);
	free(question->body);
	free(question->warnings);
	free(question->text);
	free(question->refused);
	free(question);
}

void screen_dialog(struct screen *screen, const struct dialog_options *options,
	screen_dialog_fn done, void *data)
{
	dialog_open(screen->dialog, options);
	screen->dialog_done = done;
	screen->dialog_data = data;
	screen->mode = PROMPT_DIALOG;
}

void screen_dialog_key(struct screen *screen, const struct key *key)
{
	enum dialog_event event = dialog_key(screen->dialog, key);

	if (event == DIALOG_OPEN)
		return;
	screen->mode = PROMPT_NONE;
	screen->dialog_done(screen->dialog_data, event, screen->dialog);
	/* Unless that has opened the next one. */
	if (screen->mode != PROMPT_DIALOG)
		dialog_close(screen->dialog);
}

/* -- what the world asks -- */

static void on_answer(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct question *question = screen->questions;
	const struct screen_question *asked = &question->question;
	bool is_yes = event == DIALOG_YES;

	screen->questions = question->next;
	screen->is_asking = false;
	if (!is_yes && question->refused)
		screen_toast(screen, STYLE_WARN, question->refused);
	asked->done(asked->data, is_yes ? dialog_text(dialog) : NULL);
	question_free(question);
}

void screen_ask_next(struct screen *screen)
{
	static const enum dialog_kind kinds[] = {
		[SCREEN_ASK_TEXT] = DIALOG_TEXT,
		[SCREEN_ASK_SECRET] = DIALOG_PASSWORD,
		[SCREEN_ASK_YES] = DIALOG_CONFIRM,
		[SCREEN_ASK_CONFIRM] = DIALOG_CONFIRM,
	};
	const struct question *question = screen->questions;

	if (!question || screen->mode != PROMPT_NONE)
		return;
	screen->is_asking = true;
	screen_dialog(screen,
		&(struct dialog_options){
			.kind = kinds[question->question.kind],
			.title = question->title,
			.body = question->body,
			/* It comes unasked: a `y` that was meant for the list must not be it. */
			.name = question->question.kind != SCREEN_ASK_YES ? NULL
				: question->text                          ? question->text
									  : "yes",
			.text = question->text,
			.warnings = question->warnings,
			.needs_text = question->question.needs_text,
		},
		on_answer, screen);
}

void screen_ask(struct screen *screen, const struct screen_question *asked)
{
	struct question *question = xcalloc(1, sizeof(*question)), **last = &screen->questions;

	question->question = *asked;
	question->title = xstrdup(asked->title);
	question->body = xstrdup_null(asked->body);
	question->warnings = xstrdup_null(asked->warnings);
	question->text = xstrdup_null(asked->text);
	question->refused = xstrdup_null(asked->refused);
	while (*last)
		last = &(*last)->next;
	*last = question;
	screen_ask_next(screen);
	if (screen->backend.wake)
		screen->backend.wake(screen->backend.data);
}

void screen_unask(struct screen *screen, const void *data)
{
	bool is_first = true;

	for (struct question **at = &screen->questions; *at; at = &(*at)->next, is_first = false) {
		struct question *question = *at;
		if (question->question.data != data)
			continue;
		*at = question->next;
		question_free(question);
		if (!is_first || !screen->is_asking)
			return;
		screen->is_asking = false;
		screen->mode = PROMPT_NONE;
		dialog_close(screen->dialog);
		screen_ask_next(screen);
		if (screen->backend.wake)
			screen->backend.wake(screen->backend.data);
		return;
	}
}

void screen_ask_release(struct screen *screen)
{
	while (screen->questions) {
		struct question *question = screen->questions;
		screen->questions = question->next;
		question->question.done(question->question.data, NULL);
		question_free(question);
	}
}
