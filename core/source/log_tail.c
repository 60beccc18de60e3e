/*
 *	LIST → READ → (follow) WAIT → LIST → READ when it has grown → WAIT …
 *
 * `told` counts the bytes of the file that were handed on, or are kept as the beginning of a line
 * whose end has not come. Which file "/log" is, is not said; its entry in the list is the one of
 * the role's name and, once it was read, of the nearest size not below. What is read is made
 * harmless and masked on the pool.
 */
#include "core/source/log_tail.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clean.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"

#define EVERY_MS 2000
#define RETRY_MOST_MS 30000
#define KEEP_MOST ((size_t)16 << 20)
#define SLACK ((size_t)64 << 10)
#define BYTES_A_SECOND (2 << 20)
#define LARGE_BYTES ((int64_t)16 << 20)

/* What goes to the pool and comes back. */
struct piece {
	struct log_tail *tail; /* NULL: canceled meanwhile */
	struct clean *clean;
	char *raw;
	size_t len;
	bool is_end;
	struct buf text;
};

struct log_tail {
	struct log_tail_options options; /* texts owned */
	struct source_log_op *op;
	struct loop_timer *timer;
	struct piece *piece;
	char *name;         /* in the list; NULL = not known */
	int64_t told, read; /* bytes; read: as large it was when it was last read; -1 = not yet */
	int64_t wait_ms, retry_ms;
	bool in_call, is_canceled;
	struct clean *clean; /* holds a line whose end has not come; NULL while a piece is out */
};

static void list(void *data);

static void tail_free(struct log_tail *tail)
{
	source_log_cancel(tail->options.source, tail->op);
	loop_timer_cancel(tail->timer);
	if (tail->piece)
		tail->piece->tail = NULL;
	free((char *)tail->options.taskmanager);
	free((char *)tail->options.file);
	free(tail->name);
	clean_free(tail->clean);
	free(tail);
}

void log_tail_cancel(struct log_tail *tail)
{
	if (!tail)
		return;
	tail->is_canceled = true;
	if (!tail->in_call)
		tail_free(tail);
}

/* A call out; false: it was canceled in it, and is gone. */
static bool say(struct log_tail *tail, const char *text, size_t len, bool is_note)
{
	bool alive;

	tail->in_call = true;
	if (is_note && tail->options.on_note)
		tail->options.on_note(tail->options.data, text);
	else if (!is_note && len)
		tail->options.on_text(tail->options.data, text, len);
	tail->in_call = false;
	alive = !tail->is_canceled;
	if (!alive)
		tail_free(tail);
	return alive;
}

static bool note(struct log_tail *tail, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool note(struct log_tail *tail, const char *fmt, ...)
{
	struct buf text;
	struct err line;
	va_list ap;

	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	err_set(&line, E_OK, "%s", buf_str(&text));
	buf_release(&text);
	return say(tail, line.text, 0, true);
}

static void finish(struct log_tail *tail, const struct err *err)
{
	void (*done)(void *, const struct err *) = tail->options.done;
	void *data = tail->options.data;
	struct err told = {0};

	if (err)
		told = *err;
	tail_free(tail);
	done(data, err ? &told : NULL);
}

static void wait_for(struct log_tail *tail, int64_t delay_ms)
{
	if (!tail->timer)
		tail->timer = loop_timer(tail->options.loop, delay_ms, 0, list, tail);
	else
		loop_timer_set(tail->timer, delay_ms, 0);
}

/* ---- which file ---- */

static bool is_of(const char *name, bool of_taskmanager)
{
	static const char *const words[2][4] = {
		{"jobmanager", "standalonesession", "standalonejob", "application"},
		{"taskmanager", "taskexecutor"},
	};

	for (size_t i = 0; i < 4; i++)
		if (words[of_taskmanager][i] && strstr(name, words[of_taskmanager][i]))
			return true;
	return false;
}

const struct log_file *log_current(const struct log_file *files, size_t count, bool of_taskmanager)
{
	const struct log_file *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (str_ends(files[i].name, ".log") && is_of(files[i].name, of_taskmanager) &&
			(!best || files[i].modified_ms > best->modified_ms))
			best = &files[i];
	return best;
}

/* What was read without a name is the file of its role that has grown least since. */
static void find_name(struct log_tail *tail, const struct source_log_answer *answer)
{
	const struct log_file *best = NULL;

	for (size_t i = 0; i < answer->file_count; i++) {
		const struct log_file *file = &answer->files[i];

		if (file->size >= tail->read && is_of(file->name, tail->options.taskmanager) &&
			(!best || file->size < best->size))
			best = file;
	}
	tail->name = best ? xstrdup(best->name) : NULL;
}

/* The entry of the file that is followed; NULL = it is not there. */
static const struct log_file *entry_of(
	struct log_tail *tail, const struct source_log_answer *answer)
{
	const char *name;

	if (!tail->options.file && !tail->name && tail->read >= 0)
		find_name(tail, answer);
	name = tail->options.file ? tail->options.file : tail->name;
	for (size_t i = 0; name && i < answer->file_count; i++)
		if (str_eq(answer->files[i].name, name))
			return &answer->files[i];
	return name ? NULL
		    : log_current(answer->files, answer->file_count, tail->options.taskmanager);
}

/* ---- what came ---- */

static void clean(void *data)
{
	struct piece *piece = data;

	clean_add(piece->clean, piece->raw, piece->len, &piece->text);
	if (piece->is_end)
		clean_end(piece->clean, &piece->text);
}

static void cleaned(void *data)
{
	struct piece *piece = data;
	struct log_tail *tail = piece->tail;
	bool alive = tail != NULL;

	if (tail) {
		tail->piece = NULL;
		tail->clean = piece->clean;
		piece->clean = NULL;
		alive = say(tail, buf_str(&piece->text), piece->text.len, false);
	}
	clean_free(piece->clean);
	buf_release(&piece->text);
	free(piece->raw);
	free(piece);
	if (!alive)
		return;
	if (tail->options.follow)
		wait_for(tail, tail->wait_ms);
	else
		finish(tail, NULL);
}

/* anew: what was kept of a line is not the beginning of this. */
static void hand_on(struct log_tail *tail, const char *text, size_t len, bool anew)
{
	struct piece *piece = xcalloc(1, sizeof(*piece));

	if (anew) {
		clean_free(tail->clean);
		tail->clean = clean_new();
	}
	piece->tail = tail;
	piece->clean = tail->clean;
	tail->clean = NULL;
	piece->is_end = !tail->options.follow;
	piece->len = len;
	piece->raw = xmalloc(len + 1);
	memcpy(piece->raw, text, len);
	buf_init(&piece->text, 0);
	tail->piece = piece;
	work_start(tail->options.loop, clean, cleaned, piece);
}

static void try_again(struct log_tail *tail, const struct err *err)
{
	bool is_first;

	if (tail->read < 0 || !tail->options.follow || err->code == E_PROTO ||
		err->code == E_UNSUPPORTED) {
		finish(tail, err);
		return;
	}
	is_first = tail->retry_ms == 0;
	tail->retry_ms = tail->retry_ms ? tail->retry_ms * 2 : tail->options.every_ms;
	if (tail->retry_ms > RETRY_MOST_MS)
		tail->retry_ms = RETRY_MOST_MS;
	if (!is_first || note(tail, _("%s; trying on"), err->text))
		wait_for(tail, tail->retry_ms);
}

static void on_file(void *data, const struct source_log_answer *answer, const struct err *err)
{
	struct log_tail *tail = data;
	int64_t from = answer->size - (int64_t)answer->len, begin = tail->told;
	const char *text = answer->text, *end = answer->text + answer->len;
	bool anew = tail->read < 0;

	tail->op = NULL;
	if (err) {
		try_again(tail, err);
		return;
	}
	tail->retry_ms = 0;
	tail->wait_ms = answer->size * 1000 / BYTES_A_SECOND;
	if (tail->wait_ms < tail->options.every_ms)
		tail->wait_ms = tail->options.every_ms;
	if (answer->size < tail->told) { /* rotated, or its process is new */
		begin = 0;
		anew = true;
		if (!note(tail, _("the log was begun anew")))
			return;
	}
	if (begin >= from) {
		text += begin - from;
	} else { /* in the middle of a line */
		const char *line = memchr(text, '\n', answer->len);

		if (tail->read >= 0 && !anew &&
			!note(tail, _("%lld bytes in between were not read"),
				(long long)(from - begin)))
			return;
		anew = true;
		text = line ? line + 1 : text;
	}
	tail->told = tail->read = answer->size;
	hand_on(tail, text, (size_t)(end - text), anew);
}

static void on_list(void *data, const struct source_log_answer *answer, const struct err *err)
{
	struct log_tail *tail = data;
	const struct log_file *entry = err ? NULL : entry_of(tail, answer);
	size_t keep = tail->options.keep_bytes;

	tail->op = NULL;
	if (err) {
		try_again(tail, err);
		return;
	}
	if (!entry && tail->options.file) {
		struct err gone;

		err_set(&gone, E_NOTFOUND, _("there is no log file '%s'"), tail->options.file);
		try_again(tail, &gone);
		return;
	}
	tail->retry_ms = 0;
	if (entry && tail->read >= 0 && entry->size == tail->read) {
		wait_for(tail, tail->options.every_ms);
		return;
	}
	if (entry && entry->size > LOG_TRANSFER_BYTES) {
		struct err large;

		err_set(&large, E_PROTO,
			_("%s has %lld MB, and Flink gives a log only as a whole: more than %lld "
			  "MB "
			  "are not read; look at it on its host"),
			entry->name, (long long)entry->size / 1000000,
			(long long)LOG_TRANSFER_BYTES / 1000000);
		finish(tail, &large);
		return;
	}
	if (entry && tail->read < 0 && entry->size > LARGE_BYTES &&
		!note(tail, _("%s is read as a whole, %lld MB: Flink gives no part of a log"),
			entry->name, (long long)entry->size / 1000000))
		return;
	if (entry && tail->read >= 0 && entry->size > tail->told)
		keep = (size_t)(entry->size - tail->told) + SLACK;
	tail->op = source_log(tail->options.source,
		&(struct source_log_request){.taskmanager = tail->options.taskmanager,
			.file = tail->options.file,
			.keep_bytes = keep < KEEP_MOST ? keep : KEEP_MOST},
		on_file, tail);
}

static void list(void *data)
{
	struct log_tail *tail = data;

	tail->op = source_log(tail->options.source,
		&(struct source_log_request){
			.taskmanager = tail->options.taskmanager, .is_list = true},
		on_list, tail);
}

struct log_tail *log_tail_start(const struct log_tail_options *options)
{
	struct log_tail *tail = xcalloc(1, sizeof(*tail));

	tail->options = *options;
	tail->options.taskmanager = xstrdup_null(options->taskmanager);
	tail->options.file = xstrdup_null(options->file);
	if (!tail->options.keep_bytes)
		tail->options.keep_bytes = LOG_KEEP_BYTES;
	if (tail->options.keep_bytes > KEEP_MOST)
		tail->options.keep_bytes = KEEP_MOST;
	if (tail->options.every_ms <= 0)
		tail->options.every_ms = EVERY_MS;
	tail->read = -1;
	list(tail);
	return tail;
}
