/*
 * What was asked of others: each REST call, command, copy and connection, with its times and how it
 * ended, in a ring of the last ones. Secrets are masked and foreign bytes made harmless on the way
 * in; what goes by stdin never comes here. For the command log of the console and for --verbose.
 * The loop's thread only. Every call takes log NULL, which is no log.
 *
 *	uint64_t n = command_log_begin(log, COMMAND_EXEC, "gw1", "mvn -q package");
 *	command_log_end(log, n, &(struct command_end){.status = 0, .bytes = -1}, NULL);
 */
#ifndef WEIR_BASE_COMMAND_LOG_H
#define WEIR_BASE_COMMAND_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define COMMAND_LOG_ENTRIES ((size_t)4096)

enum command_kind {
	COMMAND_REST,
	COMMAND_CONNECT,
	COMMAND_EXEC, /* a line for a shell, on a host or here */
	COMMAND_PUT,
	COMMAND_GET,
	COMMAND_PROGRAM, /* a child of weir: a browser */
	COMMAND_KIND_MAX
};

struct command_entry {
	char *ref; /* its number as text: first, as in all items of column tables */
	uint64_t number;
	enum command_kind kind;
	int64_t began_ms;    /* wall */
	int64_t duration_ms; /* -1 = under way */
	char *where;         /* cluster or host */
	char *what;          /* method and URL, command line, "from -> to" */
	int status;          /* HTTP status, exit status; -1 = none */
	int64_t bytes;       /* of the answer or the file; -1 = not known */
	enum err_code code;
	char *error; /* NULL = none */
	int64_t mono_began_ms;
};

struct command_end {
	int status;
	int64_t bytes;
};

struct command_log;

struct command_log *command_log_new(size_t capacity); /* 0 = COMMAND_LOG_ENTRIES */
void command_log_free(struct command_log *log);
/* Its number; 0 without a log. where NULL = "". */
uint64_t command_log_begin(
	struct command_log *log, enum command_kind kind, const char *where, const char *what);
/* A number that has left the ring, or 0, is nothing. err NULL = it ended as it should. */
void command_log_end(struct command_log *log, uint64_t number, const struct command_end *end,
	const struct err *err);
/* Begun earlier, ended now; for what is many: it takes its place only now. */
void command_log_add(struct command_log *log, enum command_kind kind, const char *where,
	const char *what, int64_t duration_ms, const struct command_end *end,
	const struct err *err);

size_t command_log_count(const struct command_log *log);
/* i: 0 = the oldest. Borrowed until the next begin or end; NULL past the end. */
const struct command_entry *command_log_at(const struct command_log *log, size_t i);
/* Grows with each begin and end: has anything changed? */
uint64_t command_log_changes(const struct command_log *log);
/* Called at each end, on the loop; NULL = nobody. One slot. */
void command_log_watch(struct command_log *log,
	void (*fn)(void *data, const struct command_entry *entry), void *data);
/* "REST", "exec", … */
const char *command_kind_name(enum command_kind kind);

#endif
