/*
 * The text is valid UTF-8 without control characters at all times: keys bring code points, and what
 * is pasted is neutralised on its way in. The cursor is a byte offset at a cluster's edge; moving
 * asks base/utf8 where the clusters are, from the start of the line each time, which is short.
 *
 * It is edited where it stands, so that nothing of a secret is left behind in former buffers. A secret is
 * taken as it comes, never drawn, and kept neither when it is cut nor in a history.
 */
#include "tui/widget/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"

#define HISTORY_MAX 100

struct prompt {
	const char *label;
	bool is_secret;
	char text[PROMPT_BYTES_MAX + 1];
	size_t len, max;
	size_t cursor;
	char *killed; /* by Ctrl-U, K, W; put back by Ctrl-Y */
	VEC(char *) history;
	size_t at;   /* in the history; history.len = what is being typed */
	char *typed; /* that, while the history is looked through */
};

struct prompt *prompt_new(void)
{
	struct prompt *prompt = xcalloc(1, sizeof(*prompt));

	prompt->max = PROMPT_BYTES_MAX;
	prompt->label = "";
	return prompt;
}

static void wipe(char **text)
{
	if (*text)
		mem_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void prompt_forget(struct prompt *prompt)
{
	mem_wipe(prompt->text, sizeof(prompt->text));
	prompt->len = 0;
	prompt->is_secret = false;
	prompt->max = PROMPT_BYTES_MAX;
	wipe(&prompt->killed);
	wipe(&prompt->typed);
	for (size_t i = 0; i < prompt->history.len; i++)
		wipe(&prompt->history.data[i]);
	prompt->history.len = prompt->at = prompt->cursor = 0;
}

void prompt_free(struct prompt *prompt)
{
	if (!prompt)
		return;
	prompt_forget(prompt);
	vec_release(&prompt->history);
	free(prompt);
}

/* What stands from `from` to `to` is `with` from now on; false: that is too long, and nothing has changed. */
static bool put(struct prompt *prompt, size_t from, size_t to, const char *with, size_t len)
{
	size_t rest = prompt->len - to;

	if (len > prompt->max - from - rest)
		return false;
	memmove(prompt->text + from + len, prompt->text + to, rest);
	memcpy(prompt->text + from, with, len);
	if (from + len + rest < prompt->len)
		mem_wipe(prompt->text + from + len + rest, prompt->len - from - len - rest);
	prompt->len = from + len + rest;
	prompt->text[prompt->len] = '\0';
	prompt->cursor = from + len;
	return true;
}

void prompt_set(struct prompt *prompt, const char *text)
{
	struct buf clean;

	buf_init(&clean, PROMPT_BYTES_MAX);
	utf8_neutralise(&clean, text, strlen(text));
	put(prompt, 0, prompt->len, buf_str(&clean), clean.len);
	buf_wipe(&clean);
}

void prompt_open(struct prompt *prompt, const char *label, const char *text)
{
	prompt->label = label;
	prompt->at = prompt->history.len;
	prompt_set(prompt, text ? text : "");
}

void prompt_open_secret(struct prompt *prompt, const char *label, size_t max)
{
	prompt_forget(prompt);
	prompt->label = label;
	prompt->is_secret = true;
	prompt->max = max < PROMPT_BYTES_MAX ? max : PROMPT_BYTES_MAX;
}

const char *prompt_text(const struct prompt *prompt)
{
	return prompt->text;
}

/* -- places in the text -- */

static size_t cluster_after(const struct prompt *prompt, size_t at)
{
	struct utf8_cluster cluster;

	/* Bytes of any kind, and nobody sees what belongs together. */
	if (prompt->is_secret) {
		for (at += at < prompt->len; ((unsigned char)prompt->text[at] & 0xC0) == 0x80;)
			at++;
		return at;
	}
	return utf8_next(prompt_text(prompt) + at, &cluster) ? at + cluster.advance : at;
}

static size_t cluster_before(const struct prompt *prompt, size_t at)
{
	size_t before = 0;

	for (size_t i = 0; i < at; i = cluster_after(prompt, i))
		before = i;
	return before;
}

static bool is_blank(const struct prompt *prompt, size_t at)
{
	return prompt_text(prompt)[at] == ' ';
}

static size_t word_before(const struct prompt *prompt, size_t at)
{
	while (at && is_blank(prompt, at - 1))
		at--;
	while (at && !is_blank(prompt, at - 1))
		at--;
	return at;
}

static size_t word_after(const struct prompt *prompt, size_t at)
{
	while (at < prompt->len && is_blank(prompt, at))
		at++;
	while (at < prompt->len && !is_blank(prompt, at))
		at++;
	return at;
}

/* -- changes -- */

static enum prompt_event replace(struct prompt *prompt, size_t from, size_t to, const char *with)
{
	struct buf clean;
	bool is_put;

	/* Soon: somebody may paste megabytes as if they were typed. */
	if (prompt->len - (to - from) + strlen(with) > prompt->max || (from == to && !*with))
		return PROMPT_IGNORED;
	if (prompt->is_secret)
		return put(prompt, from, to, with, strlen(with)) ? PROMPT_CHANGED : PROMPT_IGNORED;
	buf_init(&clean, PROMPT_BYTES_MAX);
	utf8_neutralise(&clean, with, strlen(with));
	is_put = !clean.overflow && put(prompt, from, to, buf_str(&clean), clean.len);
	buf_wipe(&clean);
	return is_put ? PROMPT_CHANGED : PROMPT_IGNORED;
}

/* Line ends of a paste are no part of a password, and two lines are none. */
static enum prompt_event paste(struct prompt *prompt, const char *text)
{
	size_t len = strlen(text);
	enum prompt_event event;
	char *line;

	if (!prompt->is_secret)
		return replace(prompt, prompt->cursor, prompt->cursor, text);
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\t'))
		len--;
	if (!len || len > prompt->max || memchr(text, '\n', len))
		return PROMPT_IGNORED;
	line = xstrndup(text, len);
	event = replace(prompt, prompt->cursor, prompt->cursor, line);
	wipe(&line);
	return event;
}

static enum prompt_event cut(struct prompt *prompt, size_t from, size_t to)
{
	if (from == to)
		return PROMPT_MOVED;
	wipe(&prompt->killed);
	if (!prompt->is_secret)
		prompt->killed = xstrndup(prompt_text(prompt) + from, to - from);
	return replace(prompt, from, to, "");
}

static enum prompt_event insert(struct prompt *prompt, uint32_t ch)
{
	enum prompt_event event;
	char text[5];

	utf8_encode(ch, text);
	event = replace(prompt, prompt->cursor, prompt->cursor, text);
	mem_wipe(text, sizeof(text));
	return event;
}

static enum prompt_event move_to(struct prompt *prompt, size_t at)
{
	prompt->cursor = at;
	return PROMPT_MOVED;
}

/* -- history -- */

static enum prompt_event history_go(struct prompt *prompt, int step)
{
	size_t to = prompt->at + (size_t)step;

	if ((step < 0 && !prompt->at) || (step > 0 && prompt->at >= prompt->history.len))
		return PROMPT_MOVED;
	if (prompt->at == prompt->history.len) {
		free(prompt->typed);
		prompt->typed = xstrdup(prompt_text(prompt));
	}
	prompt->at = to;
	prompt_set(prompt, to == prompt->history.len ? prompt->typed : prompt->history.data[to]);
	return PROMPT_CHANGED;
}

void prompt_remember(struct prompt *prompt, const char *text)
{
	if (!*text || prompt->is_secret)
		return;
	for (size_t i = 0; i < prompt->history.len; i++) {
		if (!str_eq(prompt->history.data[i], text) &&
			(i || prompt->history.len < HISTORY_MAX))
			continue;
		free(prompt->history.data[i]);
		memmove(&prompt->history.data[i], &prompt->history.data[i + 1],
			(prompt->history.len - i - 1) * sizeof(char *));
		prompt->history.len--;
		break;
	}
	vec_push(&prompt->history, xstrdup(text));
	prompt->at = prompt->history.len;
}

/* -- keys -- */

static enum prompt_event key_ctrl(struct prompt *prompt, uint32_t ch)
{
	size_t at = prompt->cursor, end = prompt->len;

	switch (ch) {
	case 'a': return move_to(prompt, 0);
	case 'e': return move_to(prompt, end);
	case 'b': return move_to(prompt, cluster_before(prompt, at));
	case 'f': return move_to(prompt, cluster_after(prompt, at));
	case 'u': return cut(prompt, 0, at);
	case 'k': return cut(prompt, at, end);
	case 'w': return cut(prompt, word_before(prompt, at), at);
	case 'y': return replace(prompt, at, at, prompt->killed ? prompt->killed : "");
	case 'd': return replace(prompt, at, cluster_after(prompt, at), "");
	case 'h': return replace(prompt, cluster_before(prompt, at), at, "");
	case 'p': return history_go(prompt, -1);
	case 'n': return history_go(prompt, 1);
	case 'c':
	case 'g': return PROMPT_CANCEL;
	case 'j':
	case 'm': prompt_remember(prompt, prompt_text(prompt)); return PROMPT_DONE;
	}
	return PROMPT_IGNORED;
}

static enum prompt_event key_char(struct prompt *prompt, const struct key *key)
{
	size_t at = prompt->cursor;

	if (key->mods & KEY_CTRL)
		return key_ctrl(prompt, key->ch);
	if (!(key->mods & KEY_ALT))
		return insert(prompt, key->ch);
	switch (key->ch) {
	case 'b': return move_to(prompt, word_before(prompt, at));
	case 'f': return move_to(prompt, word_after(prompt, at));
	case 'd': return cut(prompt, at, word_after(prompt, at));
	}
	return PROMPT_IGNORED;
}

enum prompt_event prompt_key(struct prompt *prompt, const struct key *key)
{
	size_t at = prompt->cursor, end = prompt->len;
	bool by_word = key->mods & (KEY_CTRL | KEY_ALT);

	switch (key->sym) {
	case KEY_SYM_CHAR: return key_char(prompt, key);
	case KEY_SYM_PASTE: return paste(prompt, key->paste);
	case KEY_SYM_ENTER: prompt_remember(prompt, prompt_text(prompt)); return PROMPT_DONE;
	case KEY_SYM_ESC: return PROMPT_CANCEL;
	case KEY_SYM_BACKSPACE:
		if (by_word)
			return cut(prompt, word_before(prompt, at), at);
		return end ? replace(prompt, cluster_before(prompt, at), at, "") : PROMPT_CANCEL;
	case KEY_SYM_DELETE: return replace(prompt, at, cluster_after(prompt, at), "");
	case KEY_SYM_LEFT:
		return move_to(
			prompt, by_word ? word_before(prompt, at) : cluster_before(prompt, at));
	case KEY_SYM_RIGHT:
		return move_to(
			prompt, by_word ? word_after(prompt, at) : cluster_after(prompt, at));
	case KEY_SYM_HOME: return move_to(prompt, 0);
	case KEY_SYM_END: return move_to(prompt, end);
	case KEY_SYM_UP: return history_go(prompt, -1);
	case KEY_SYM_DOWN: return history_go(prompt, 1);
	default: return PROMPT_IGNORED;
	}
}

void prompt_draw(const struct prompt *prompt, struct canvas *canvas, struct rect rect)
{
	const char *text = prompt_text(prompt);
	int label = canvas_put(canvas, rect.row, rect.col, rect.cols, STYLE_PROMPT, prompt->label);
	int room = rect.cols - label, before;
	char *head;
	size_t from = 0;

	canvas->cursor_row = rect.row;
	canvas->cursor_col = rect.col + label;
	if (prompt->is_secret)
		return;
	head = xstrndup(text, prompt->cursor);

	/* One cell is kept for the cursor behind the text. */
	while ((before = utf8_width(head + from)) >= room && head[from])
		from += cluster_after(prompt, from) - from;
	canvas_put(canvas, rect.row, rect.col + label, room, STYLE_TEXT, text + from);
	canvas->cursor_col = rect.col + label + before;
	free(head);
}
