/*
 * A start by a command on the host of the Flink env. What it prints goes to the run's log as it
 * comes, line by line and with secrets masked, and is read for ids on the way. sql-client.sh gets its
 * script by stdin into a file that only its user can read, and that is gone when it ends.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/source/flink/start_internal.h"

#define LINE_BYTES ((size_t)64 << 10)

/* ---- what it prints ---- */

static void lines_flush(struct start *start, struct buf *lines)
{
	char *masked = redact_dup(buf_str(lines));

	if (start->on_output)
		start->on_output(start->output_data, masked, strlen(masked));
	free(masked);
	buf_reset(lines);
}

void start_output(struct start *start, int stream, const char *bytes, size_t len)
{
	struct buf *lines = &start->lines[stream == 2];

	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end ? (size_t)(end - bytes) + 1 : len;

		buf_add(lines, bytes, part);
		if (end || lines->len > LINE_BYTES) {
			flink_said_add(&start->said, lines->data, lines->len);
			lines_flush(start, lines);
		}
		bytes += part;
		len -= part;
	}
}

static void on_output(void *data, int stream, const char *bytes, size_t len)
{
	start_output(data, stream, bytes, len);
}

static void output_end(struct start *start)
{
	for (int i = 0; i < 2; i++) {
		if (!start->lines[i].len)
			continue;
		flink_said_add(&start->said, start->lines[i].data, start->lines[i].len);
		flink_said_end(&start->said);
		lines_flush(start, &start->lines[i]);
	}
	flink_said_end(&start->said);
}

/* ---- its end ---- */

/* Of the statement at which sql-client.sh stopped: its first prompts are for our SET lines. */
static char *sql_reason(const struct start *start, char *reason)
{
	json_t *settings;
	int ours, at;
	char *placed;

	if (start->way != WAY_CLIENT || !reason)
		return reason;
	settings = flink_start_settings(&start->value, true);
	ours = (int)json_object_size(settings) + 1;
	json_decref(settings);
	at = start->said.prompts - ours;
	if (at < 1 || (size_t)at > start->script.len)
		return reason;
	placed = flink_sql_reason(reason, &start->script.data[at - 1]);
	free(reason);
	return placed;
}

static void refused(struct start *start, const struct ssh_result *result)
{
	char *reason = sql_reason(start, flink_said_reason(&start->said)), *why;

	if (result->exit_status == 126 || result->exit_status == 127)
		why = xasprintf(_("%s cannot be run there: %s: check home: of flink-env %s"),
			start->deployment->env.home, reason ? reason : "",
			start->deployment->env.name ? start->deployment->env.name : "");
	else if (reason)
		why = xstrdup(reason);
	else
		why = xasprintf(_("it ended with %d and said nothing"), result->exit_status);
	if (result->exit_status < 0 || result->exit_status > 128) /* ended by a signal */
		start_lost(start, why);
	else if (start->address_count && result->exit_status != 126 && result->exit_status != 127)
		start_verify(start, why);
	else
		start_fail(start, E_REMOTE, "%s", why);
	free(why);
	free(reason);
}

static void on_command(void *data, const struct ssh_result *result, const struct err *err)
{
	struct start *start = data;
	const struct flink_said *said = &start->said;

	start->command = NULL;
	output_end(start);
	if (err && err->code == E_TIMEOUT) {
		start_lost(start, err->text);
	} else if (err) {
		start_fail_err(start, err);
	} else if (result->exit_status != 0 || said->has_failed) {
		refused(start, result);
	} else if (*said->job_id && !str_eq(said->job_id, start->value.job_id)) {
		start_fail(start, E_UNKNOWN, _("it was started as job %s, not as %s"), said->job_id,
			start->value.job_id);
	} else if (*said->job_id || said->application_id || said->cluster_id) {
		start_done(start);
	} else {
		start_verify(start,
			_("the command ended well, but named no job: does the program start "
			  "one?"));
	}
}

static void command_start(
	struct start *start, const char *command, const void *input, size_t input_len)
{
	start->command = ssh_exec(start->hosts,
		&(struct ssh_exec_options){.host = start_host(start->deployment),
			.command = command,
			.input = input,
			.input_len = input_len,
			.timeout_ms = START_COMMAND_TIMEOUT_MS,
			.on_output = on_output},
		on_command, start);
}

/* ---- flink run ---- */

void start_by_run(struct start *start)
{
	struct flink_words words = {0};
	struct err err = {0};
	char *line, *command, *shown;

	if (!start_may_leave(start))
		return;
	if (flink_words(&words, &start->value, &err)) {
		start_fail_err(start, &err);
		return;
	}
	line = flink_words_line(&words, false);
	shown = flink_words_line(&words, true);
	command = xasprintf(START_LOCALE "%s", line);
	start_say(start, "$ " START_LOCALE "%s", shown);
	command_start(start, command, NULL, 0);
	mem_wipe(command, strlen(command));
	mem_wipe(line, strlen(line));
	free(command);
	free(line);
	free(shown);
	flink_words_release(&words);
}

/* ---- sql-client.sh ---- */

static void add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (const char *p = text; *p; p++) {
		buf_addc(out, *p);
		if (*p == '\'')
			buf_addc(out, '\'');
	}
	buf_addc(out, '\'');
}

char *start_client_script(const struct start *start)
{
	json_t *settings = flink_start_settings(&start->value, true), *value;
	struct buf out;
	const char *key;

	buf_init(&out, 0);
	/* Else an error has no line and column. */
	buf_adds(&out, "SET 'sql-client.verbose' = 'true';\n");
	json_object_foreach (settings, key, value) {
		buf_adds(&out, "SET ");
		add_quoted(&out, key);
		buf_adds(&out, " = ");
		add_quoted(&out, json_string_value(value));
		buf_adds(&out, ";\n");
	}
	json_decref(settings);
	/* From the statements, so that none depends on how a version tells comments apart. */
	for (size_t i = 0; i < start->script.len; i++)
		buf_addf(&out, "%s\n;\n", start->script.data[i].text);
	return buf_detach(&out);
}

void start_by_client(struct start *start)
{
	char *script;
	struct buf command;

	if (!start_may_leave(start))
		return;
	script = start_client_script(start);
	buf_init(&command, 0);
	/* The id in its name: a client that is stuck is found by its words. */
	buf_addf(&command,
		"umask 077; f=$(mktemp \"${TMPDIR:-/tmp}/weir-sql-%s.XXXXXX\") || exit 125; "
		"trap 'rm -f \"$f\"' EXIT; trap 'exit 143' HUP INT TERM; cat >\"$f\" || exit 125; ",
		start->value.job_id);
	buf_adds(&command, START_LOCALE);
	sh_quote(&command, start->deployment->env.home);
	buf_adds(&command, "/bin/sql-client.sh -f \"$f\" </dev/null");
	start_say(start, "$ " START_LOCALE "%s/bin/sql-client.sh -f %s",
		start->deployment->env.home, _("<script>"));
	command_start(start, buf_str(&command), script, strlen(script));
	mem_wipe(script, strlen(script));
	free(script);
	buf_release(&command);
}
