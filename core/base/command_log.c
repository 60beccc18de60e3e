/*
 * A ring: entry `number` lies at number % capacity, so an end finds its begin without a search, or
 * finds another's number there, when too much came between.
 */
#include "core/base/command_log.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

/* Cut before it is looked through, and as it is kept. */
#define READ_BYTES ((size_t)8 << 10)
#define KEPT_BYTES ((size_t)2 << 10)

struct command_log {
	struct command_entry *entries;
	size_t capacity;
	uint64_t last; /* number of the newest; 0 = none */
	uint64_t changes;
	void (*watch)(void *data, const struct command_entry *entry);
	void *watch_data;
};

const char *command_kind_name(enum command_kind kind)
{
	static const char *const names[COMMAND_KIND_MAX] = {
		"REST", "connect", "exec", "put", "get", "program"};

	return names[kind];
}

struct command_log *command_log_new(size_t capacity)
{
	struct command_log *log = xcalloc(1, sizeof(*log));

	log->capacity = capacity ? capacity : COMMAND_LOG_ENTRIES;
	log->entries = xcalloc(log->capacity, sizeof(*log->entries));
	return log;
}

static void entry_release(struct command_entry *entry)
{
	free(entry->ref);
	free(entry->where);
	free(entry->what);
	free(entry->error);
	memset(entry, 0, sizeof(*entry));
}

void command_log_free(struct command_log *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->capacity; i++)
		entry_release(&log->entries[i]);
	free(log->entries);
	free(log);
}

/* Masked, one line, at most KEPT_BYTES, never half a character. */
static char *safe(const char *text)
{
	struct buf masked, line;
	size_t len = strnlen(text, READ_BYTES);
	char *out;

	buf_init(&masked, 0);
	buf_init(&line, 0);
	redact(&masked, text, len);
	utf8_neutralise(&line, buf_str(&masked), masked.len);
	buf_release(&masked);
	len = line.len;
	out = buf_detach(&line);
	if (len > KEPT_BYTES) {
		len = KEPT_BYTES;
		while (len && ((unsigned char)out[len] & 0xc0) == 0x80)
			len--;
		out[len] = 0;
	}
	return out;
}

static struct command_entry *entry_of(const struct command_log *log, uint64_t number)
{
	struct command_entry *entry;

	if (!log || !number)
		return NULL;
	entry = &log->entries[number % log->capacity];
	return entry->number == number ? entry : NULL;
}

uint64_t command_log_begin(
	struct command_log *log, enum command_kind kind, const char *where, const char *what)
{
	struct command_entry *entry;

	if (!log)
		return 0;
	entry = &log->entries[++log->last % log->capacity];
	entry_release(entry);
	entry->number = log->last;
	entry->ref = xasprintf("%llu", (unsigned long long)log->last);
	entry->kind = kind;
	entry->began_ms = clock_wall_ms();
	entry->mono_began_ms = clock_mono_ms();
	entry->duration_ms = -1;
	entry->where = safe(where ? where : "");
	entry->what = safe(what);
	entry->status = -1;
	entry->bytes = -1;
	log->changes++;
	return log->last;
}

static void entry_end(struct command_log *log, struct command_entry *entry, int64_t duration_ms,
	const struct command_end *end, const struct err *err)
{
	entry->duration_ms = duration_ms > 0 ? duration_ms : 0;
	entry->status = end->status;
	entry->bytes = end->bytes;
	if (err && err->code) {
		entry->code = err->code;
		entry->error = safe(err->text);
	}
	log->changes++;
	if (log->watch)
		log->watch(log->watch_data, entry);
}

void command_log_end(struct command_log *log, uint64_t number, const struct command_end *end,
	const struct err *err)
{
	struct command_entry *entry = entry_of(log, number);

	if (entry && entry->duration_ms < 0)
		entry_end(log, entry, clock_mono_ms() - entry->mono_began_ms, end, err);
}

void command_log_add(struct command_log *log, enum command_kind kind, const char *where,
	const char *what, int64_t duration_ms, const struct command_end *end, const struct err *err)
{
	struct command_entry *entry = entry_of(log, command_log_begin(log, kind, where, what));

	if (!entry)
		return;
	entry->began_ms -= duration_ms;
	entry_end(log, entry, duration_ms, end, err);
}

size_t command_log_count(const struct command_log *log)
{
	if (!log)
		return 0;
	return log->last < log->capacity ? (size_t)log->last : log->capacity;
}

const struct command_entry *command_log_at(const struct command_log *log, size_t i)
{
	size_t count = command_log_count(log);

	return i < count ? entry_of(log, log->last - count + 1 + i) : NULL;
}

uint64_t command_log_changes(const struct command_log *log)
{
	return log ? log->changes : 0;
}

void command_log_watch(struct command_log *log,
	void (*fn)(void *data, const struct command_entry *entry), void *data)
{
	if (!log)
		return;
	log->watch = fn;
	log->watch_data = data;
}
