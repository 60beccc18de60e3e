/*
 * Of an error's hundred lines one helps. In this order: what a known cure exists for; what the SQL
 * parser or validator says with its place; the last "Caused by:", which happened first; the end of
 * Python's traceback; the line that a program announces as its exception. Else the last line that says anything.
 */
#include "core/source/flink/said.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/source/flink/parse.h"

#define LINE_BYTES ((size_t)16 << 10)

enum rank { BY_CURE, BY_SQL, BY_CAUSE, BY_PYTHON, BY_ANNOUNCEMENT };

static const struct {
	const char *text, *cure; /* cure NULL: only the better line */
	bool is_common;          /* a cure for the line that is found, but no reason to take it */
} known[] = {
	{"Cannot map checkpoint/savepoint state",
		N_("--allow-non-restored-state starts without that state"), false},
	{"Max parallelism mismatch between checkpoint/savepoint state",
		N_("set the maximum parallelism that the state was written with"), false},
	{"Cannot find checkpoint or savepoint file", N_("choose another restore point"), false},
	{"Neither a 'Main-Class', nor a 'program-class' entry",
		N_("say main-class: in the application's file"), false},
	{"No ClusterClientFactory found",
		N_("Flink finds no Hadoop on that host: HADOOP_CLASSPATH must be set there"),
		false},
	{"No Executor found",
		N_("Flink finds no Hadoop on that host: HADOOP_CLASSPATH must be set there"),
		false},
	{"NoResourceAvailableException", N_("there are not enough free slots"), false},
	{"StateMigrationException", NULL, false},
	{"Cannot run program", N_("is it there, and may it be run?"), false},
	{"ClassNotFoundException",
		N_("it is neither in the jar nor in Flink's lib: is main-class: right?"), true},
	{"No module named 'pyflink'",
		N_("the property python.client.executable names a Python that has PyFlink"), true},
};

void flink_said_init(struct flink_said *said)
{
	*said = (struct flink_said){0};
	buf_init(&said->line, LINE_BYTES);
}

void flink_said_release(struct flink_said *said)
{
	for (size_t i = 0; i < ARRAY_SIZE(said->by_rank); i++)
		free(said->by_rank[i]);
	free(said->last);
	free(said->application_id);
	free(said->job_manager);
	free(said->cluster_id);
	buf_release(&said->line);
	*said = (struct flink_said){0};
}

static void keep(char **slot, const char *text, size_t len)
{
	free(*slot);
	*slot = xstrndup(text, len);
}

/* ---- ids and addresses ---- */

/* Up to a blank, a quote or a full stop at its end. */
static size_t token_len(const char *text)
{
	size_t len = strcspn(text, " \t'\",;()");

	while (len && text[len - 1] == '.')
		len--;
	return len;
}

static const char *behind(const char *line, const char *text)
{
	const char *found = strstr(line, text);

	return found ? found + strlen(text) : NULL;
}

static void read_address(struct flink_said *said, const char *text)
{
	size_t len = token_len(text);

	if (len == 0 || len > 300)
		return;
	free(said->job_manager);
	said->job_manager = strncmp(text, "http", 4) == 0
		? xstrndup(text, len)
		: xasprintf("http://%.*s", (int)len, text);
}

static void read_ids(struct flink_said *said, const char *line)
{
	const char *at, *application;
	char id[JOB_ID_LEN + 1];

	at = behind(line, "submitted with JobID ");
	if (!at && str_starts(line, "Job ID: "))
		at = line + strlen("Job ID: ");
	if (at && strspn(at, "0123456789abcdef") >= JOB_ID_LEN) {
		snprintf(id, sizeof(id), "%.32s", at);
		flink_job_id(id, said->job_id);
	}
	application = strstr(line, "application_");
	if (application && strspn(application + 12, "0123456789_") > 2 &&
		(strstr(line, "Submitted application ") || strstr(line, "of application") ||
			strstr(line, "YARN application")))
		keep(&said->application_id, application,
			12 + strspn(application + 12, "0123456789_"));
	at = behind(line, "Found Web Interface ");
	if (!at)
		at = behind(line, "JobManager Web Interface: ");
	if (at)
		read_address(said, at);
	at = behind(line, "Create flink session cluster ");
	if (!at)
		at = behind(line, "Create flink application cluster ");
	if (at && strstr(at, " successfully"))
		keep(&said->cluster_id, at, token_len(at));
}

/* ---- reasons ---- */

static bool is_of_sql(const char *text)
{
	return strstr(text, "SQL parse failed") || strstr(text, "SQL validation failed");
}

static void rate_cause(struct flink_said *said, const char *text)
{
	if (str_starts(text, "[CIRCULAR"))
		return;
	if (is_of_sql(text))
		keep(&said->by_rank[BY_SQL], text, strlen(text));
	keep(&said->by_rank[BY_CAUSE], text, strlen(text));
}

static void read_reason(struct flink_said *said, const char *line)
{
	const char *text = line + strspn(line, " \t");
	bool is_stack = str_starts(text, "at ") || str_starts(text, "... ");

	/* Of Flink's wrapper around Python: what went wrong was said before. */
	if (!*text || strstr(line, "Python process exits with code"))
		return;
	if (str_starts(line, "Traceback (most recent call last):")) {
		said->in_traceback = true;
	} else if (said->in_traceback && text == line) {
		said->in_traceback = false;
		keep(&said->by_rank[BY_PYTHON], text, strlen(text));
	}
	for (size_t i = 0; i < ARRAY_SIZE(known) && !is_stack; i++)
		if (!known[i].is_common && strstr(line, known[i].text) && !said->by_rank[BY_CURE])
			keep(&said->by_rank[BY_CURE],
				str_starts(line, "Caused by: ") ? line + 11 : line,
				strlen(str_starts(line, "Caused by: ") ? line + 11 : line));
	if (said->is_next) {
		said->is_next = false;
		keep(&said->by_rank[BY_ANNOUNCEMENT], text, strlen(text));
	}
	if (str_starts(line, "Caused by: ")) /* indented ones happened while cleaning up */
		rate_cause(said, line + 11);
	if (strstr(line, "The program finished with the following exception:") ||
		strstr(line, "[ERROR] Could not execute SQL statement. Reason:")) {
		said->is_next = said->has_failed = true;
		for (size_t i = 0; i < ARRAY_SIZE(said->by_rank);
			i++) { /* what came before was another matter */
			free(said->by_rank[i]);
			said->by_rank[i] = NULL;
		}
	} else if (strstr(line, "[ERROR] ")) {
		said->has_failed = true;
		text = strstr(line, "[ERROR] ") + strlen("[ERROR] ");
		keep(&said->by_rank[BY_ANNOUNCEMENT], text, strlen(text));
	}
	if (!is_stack && strcspn(text, "-=*") > 0)
		keep(&said->last, text, strlen(text));
}

/* ---- lines ---- */

/* Colours and carriage returns out. */
static void clean(char *line)
{
	char *out = line;

	for (const char *p = line; *p;) {
		if (p[0] == '\033' && p[1] == '[') {
			p += 2;
			p += strspn(p, "0123456789;?");
			if (*p)
				p++;
		} else if (*p == '\r' || *p == '\033') {
			p++;
		} else {
			*out++ = *p++;
		}
	}
	*out = '\0';
}

static void line_read(struct flink_said *said)
{
	char *line = buf_detach(&said->line);
	char *text = line;

	buf_init(&said->line, LINE_BYTES);
	clean(line);
	while (str_starts(text, "Flink SQL> ")) {
		text += strlen("Flink SQL> ");
		said->prompts++;
	}
	read_ids(said, text);
	read_reason(said, text);
	free(line);
}

void flink_said_add(struct flink_said *said, const char *bytes, size_t len)
{
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end ? (size_t)(end - bytes) : len;
		size_t room = LINE_BYTES - said->line.len - 1;

		/* What is longer than any line of Flink's is cut. */
		buf_add(&said->line, bytes, part < room ? part : room);
		if (!end)
			return;
		line_read(said);
		bytes += part + 1;
		len -= part + 1;
	}
}

void flink_said_end(struct flink_said *said)
{
	if (said->line.len)
		line_read(said);
}

/* "org.apache.flink.util.FlinkException: text" → "FlinkException: text". */
static const char *without_package(const char *text)
{
	size_t len =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.");
	const char *simple = text;

	if (text[len] != ':')
		return text;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '.' || text[i] == '$')
			simple = text + i + 1;
	return *simple >= 'A' && *simple <= 'Z' ? simple : text;
}

/* "CompletionException: a.b.Real: text" → "Real: text": what only carries another one. */
static const char *without_carriers(const char *text)
{
	static const char *const carriers[] = {"CompletionException: ", "ExecutionException: ",
		"RestHandlerException: ", "RuntimeException: ", "ProgramAbortException: "};
	const char *simple = without_package(text), *rest;

	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		if (!str_starts(simple, carriers[i]))
			continue;
		rest = simple + strlen(carriers[i]);
		if (without_package(rest) != rest)
			return without_carriers(rest);
	}
	return simple;
}

char *flink_said_reason(const struct flink_said *said)
{
	const char *found = NULL, *cure = NULL;
	char *text, *masked;
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(said->by_rank) && !found; i++)
		found = said->by_rank[i];
	if (!found)
		found = said->last;
	if (!found)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!cure && strstr(found, known[i].text) && known[i].cure)
			cure = _(known[i].cure);
	found = without_carriers(found);
	for (len = strlen(found); cure && len && found[len - 1] == '.';)
		len--;
	text = xasprintf("%.*s%s%s", (int)len, found, cure ? ": " : "", cure ? cure : "");
	masked = redact_dup(text);
	free(text);
	return masked;
}

char *flink_reason(const char *text)
{
	struct flink_said said;
	char *reason;

	flink_said_init(&said);
	flink_said_add(&said, text, strlen(text));
	flink_said_end(&said);
	reason = flink_said_reason(&said);
	flink_said_release(&said);
	return reason;
}

char *flink_sql_reason(const char *reason, const struct script_statement *statement)
{
	static const char *const leads[] = {"SqlParserException: ", "ValidationException: ",
		"SqlGatewayException: ", "SQL parse failed. ", "SQL validation failed. "};
	const char *text = reason, *at, *end;
	int line = 0, column = 0, to_line, to_column, used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(leads); i++)
		while (str_starts(text, leads[i]))
			text += strlen(leads[i]);
	at = strstr(text, "rom line ");
	if (at &&
		sscanf(at, "rom line %9d, column %9d to line %9d, column %9d: %n", &line, &column,
			&to_line, &to_column, &used) >= 4 &&
		used > 0)
		text = at + used;
	else if (at && sscanf(at, "rom line %9d, column %9d", &line, &column) == 2)
		used = 0;
	else if ((at = strstr(text, " at line ")))
		sscanf(at, " at line %9d, column %9d", &line, &column);
	if (line < 1 || column < 1)
		return xasprintf(_("SQL line %d: %s"), statement->line, text);
	script_place(statement, line, column, &line, &column);
	end = at && str_starts(at, " at line ") ? at : text + strlen(text);
	return xasprintf(_("SQL line %d, column %d: %.*s"), line, column, (int)(end - text), text);
}
