/*
 * weir logs APP: the end of a log of the JobManager or a TaskManager that runs the application, and
 * with -f what is added. --run: the log of one of weir's own runs on it (run_log.c).
 */
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/gather.h"
#include "core/cli/logs.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/source/log_tail.h"

#define LINES_MOST 1000000
#define LINE_BYTES 300 /* of a usual log, generously */
/* Of a large cluster not every TaskManager is asked. */
#define TASKMANAGERS_MOST 100

struct logs {
	struct gather gather;
	struct cli *cli;
	struct source *source;
	struct log_tail *tail;
	int64_t lines;     /* to begin with; -1 = what is there */
	json_t *processes; /* of --list: taskmanager id, or null */
	json_t *items;
	const char *taskmanager; /* whose list is awaited */
	bool is_back;
	struct err err; /* code 0 = well */
};

static void back(struct logs *logs)
{
	logs->is_back = true;
	loop_stop(logs->gather.session->loop);
}

static void wait_for_it(struct logs *logs)
{
	while (!logs->is_back)
		loop_run(logs->gather.session->loop);
	logs->is_back = false;
}

/* ---- shared with run_log.c ---- */

const char *log_last_lines(const char *text, size_t len, int64_t lines)
{
	const char *at = text + len;

	if (lines < 0)
		return text;
	for (int64_t seen = 0; at > text; at--)
		if (at < text + len && at[-1] == '\n' && ++seen == lines)
			break;
	return lines == 0 ? text + len : at;
}

int log_lines(const struct cli *cli, int64_t *lines, struct err *err)
{
	const char *word = cli_option(cli, "tail");

	*lines = -1;
	if (word && (!str_to_int64(word, lines) || *lines < 0 || *lines > LINES_MOST))
		return err_set(
			err, E_ARG, _("--tail takes a number of lines, at most %d"), LINES_MOST);
	return 0;
}

/* ---- one log ---- */

static void on_text(void *data, const char *text, size_t len)
{
	struct logs *logs = data;
	const char *from = log_last_lines(text, len, logs->lines);

	logs->lines = -1; /* of what comes after, all */
	if (output_text(from, len - (size_t)(from - text), &logs->err) || ferror(stdout))
		back(logs); /* nobody reads any more */
}

static void on_note(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "weir: %s\n", text);
}

static void on_done(void *data, const struct err *err)
{
	struct logs *logs = data;

	logs->tail = NULL;
	logs->err = err ? *err : (struct err){0};
	back(logs);
}

static void show(struct logs *logs)
{
	struct log_tail_options options = {
		.loop = logs->gather.session->loop,
		.source = logs->source,
		.taskmanager = cli_option(logs->cli, "tm"),
		.file = cli_option(logs->cli, "file"),
		.follow = cli_option(logs->cli, "follow") != NULL,
		.on_text = on_text,
		.on_note = on_note,
		.done = on_done,
		.data = logs,
	};

	if (logs->lines > (int64_t)(LOG_KEEP_BYTES / LINE_BYTES))
		options.keep_bytes = (size_t)logs->lines * LINE_BYTES;
	logs->tail = log_tail_start(&options);
	wait_for_it(logs);
	log_tail_cancel(logs->tail);
}

/* ---- which there are ---- */

static void on_taskmanagers(void *data, struct snapshot *snap)
{
	struct logs *logs = data;

	if (snap->err.code)
		kept_err_get(&snap->err, &logs->err);
	for (size_t i = 0; i < snap->taskmanager_count && i < TASKMANAGERS_MOST; i++)
		json_array_append_new(logs->processes, json_string(snap->taskmanagers[i].id));
	if (snap->taskmanager_count > TASKMANAGERS_MOST)
		fprintf(stderr, _("weir: %zu TaskManagers; the first %d are asked\n"),
			snap->taskmanager_count, TASKMANAGERS_MOST);
	snapshot_unref(snap);
	back(logs);
}

static void on_list(void *data, const struct source_log_answer *answer, const struct err *err)
{
	struct logs *logs = data;
	const struct log_file *current =
		log_current(answer->files, answer->file_count, logs->taskmanager != NULL);

	if (err)
		logs->err = *err;
	for (size_t i = 0; i < answer->file_count; i++) {
		const struct log_file *file = &answer->files[i];
		json_t *item = json_object();

		json_object_set_new(item, "process",
			json_string(logs->taskmanager ? "TaskManager" : "JobManager"));
		json_object_set_new(item, "taskmanager",
			logs->taskmanager ? json_string(logs->taskmanager) : json_null());
		json_object_set_new(item, "file", json_string(file->name));
		json_object_set_new(item, "size", json_integer(file->size));
		json_object_set_new(item, "modifiedTime",
			file->modified_ms < 0 ? json_null() : json_integer(file->modified_ms));
		json_object_set_new(item, "isCurrent", json_boolean(file == current));
		json_array_append_new(logs->items, item);
	}
	back(logs);
}

static void print_table(const json_t *items)
{
	size_t i, width[2] = {strlen("PROCESS"), strlen("SIZE")};
	const json_t *item;
	struct buf out;

	for (int pass = 0; pass < 2; pass++) {
		buf_init(&out, 0);
		if (pass)
			buf_addf(&out, "%-*s  %*s  %s\n", (int)width[0], "PROCESS", (int)width[1],
				"SIZE", "FILE");
		json_array_foreach ((json_t *)items, i, item) {
			const char *tm = json_string_value(json_object_get(item, "taskmanager"));
			const char *file = json_string_value(json_object_get(item, "file"));
			struct buf who, size;

			buf_init(&who, 0);
			buf_init(&size, 0);
			utf8_neutralise(
				&who, tm ? tm : "JobManager", strlen(tm ? tm : "JobManager"));
			buf_addf(&size, "%lld",
				(long long)json_integer_value(json_object_get(item, "size")));
			width[0] = who.len > width[0] ? who.len : width[0];
			width[1] = size.len > width[1] ? size.len : width[1];
			buf_addf(&out, "%-*s  %*s  ", (int)width[0], buf_str(&who), (int)width[1],
				buf_str(&size));
			utf8_neutralise(&out, file, strlen(file));
			buf_addc(&out, '\n');
			buf_release(&who);
			buf_release(&size);
		}
		if (pass) {
			struct err err;
			output_text(buf_str(&out), out.len, &err);
		}
		buf_release(&out);
	}
}

static void show_list(struct logs *logs, enum output_format format)
{
	const char *only = cli_option(logs->cli, "tm");
	json_t *errors = json_array(), *tree;
	struct err first = {0};
	size_t i;

	logs->processes = json_array();
	logs->items = json_array();
	if (only) {
		json_array_append_new(logs->processes, json_string(only));
	} else {
		json_array_append_new(logs->processes, json_null());
		source_poll(logs->source, &(struct poll){.what = SNAPSHOT_TASKMANAGERS},
			on_taskmanagers, logs);
		wait_for_it(logs);
	}
	for (i = 0; i < json_array_size(logs->processes); i++) {
		if (logs->err.code) {
			output_error(errors, logs->source->name, &logs->err);
			first = first.code ? first : logs->err;
			logs->err = (struct err){0};
		}
		logs->taskmanager = json_string_value(json_array_get(logs->processes, i));
		source_log(logs->source,
			&(struct source_log_request){
				.taskmanager = logs->taskmanager, .is_list = true},
			on_list, logs);
		wait_for_it(logs);
	}
	if (!logs->err.code)
		logs->err = first;
	if (format == OUT_TABLE) {
		if (json_array_size(logs->items))
			print_table(logs->items);
	} else {
		if (logs->err.code && json_array_size(errors) == 0)
			output_error(errors, logs->source->name, &logs->err);
		tree = json_pack("{s:s, s:s, s:O, s:O}", "apiVersion", "weir/v1", "kind", "LogList",
			"items", logs->items, "errors", errors);
		output_tree(tree, format, &first);
		json_decref(tree);
	}
	json_decref(errors);
	json_decref(logs->processes);
	json_decref(logs->items);
}

/* ---- the verb ---- */

static int find_source(struct logs *logs, struct err *err)
{
	const char *word = logs->cli->args[0], *cluster;
	struct session_context *context = NULL;
	struct app *app;
	int rc = gather_find_app(&logs->gather, word, &app, &context, err);

	if (rc)
		return rc;
	cluster = app->job ? app->job->cluster->name : app->cluster ? app->cluster->name : NULL;
	for (size_t i = 0; context && i < context->cluster_count; i++)
		if (str_eq(context->clusters[i]->name, cluster))
			logs->source = context->clusters[i];
	if (!logs->source)
		return err_set(err, E_NOTFOUND,
			_("%s has no cluster whose logs could be read (its runs have: --run)"),
			word);
	if (!source_has_logs(logs->source))
		return err_set(err, E_UNSUPPORTED, _("%s gives no logs"), cluster);
	return 0;
}

static int read_words(const struct logs *logs, enum output_format *format, struct err *err)
{
	const struct cli *cli = logs->cli;
	const char *word = cli_option(cli, "output");
	bool is_list = cli_option(cli, "list") != NULL;

	*format = word ? output_parse(word) : OUT_TABLE;
	if (cli->arg_count != 1)
		return err_set(
			err, E_ARG, _("logs takes one application: name, team/name or job id"));
	if (*format != OUT_TABLE && *format != OUT_JSON && *format != OUT_YAML)
		return err_set(err, E_ARG, _("unknown format '%s': table, json or yaml"), word);
	if (word && !is_list)
		return err_set(err, E_ARG, _("--output goes with --list: a log is text"));
	if (is_list && (cli_option(cli, "follow") || cli_option(cli, "file")))
		return err_set(err, E_ARG, _("--list shows no log: leave out --follow and --file"));
	if (cli_option(cli, "run") && (is_list || cli_option(cli, "tm") || cli_option(cli, "file")))
		return err_set(
			err, E_ARG, _("a run has one log: leave out --list, --tm and --file"));
	return 0;
}

int verb_logs(struct cli *cli)
{
	struct logs logs = {.gather = {.cli = cli, .local_only = true}, .cli = cli};
	enum output_format format;
	struct err *err = &logs.err;
	int rc;

	if (read_words(&logs, &format, err) || log_lines(cli, &logs.lines, err))
		return cli_fail(err);
	if (cli_option(cli, "run"))
		return log_of_run(cli, logs.lines);
	if (gather_run(&logs.gather, err))
		return cli_fail(err);
	rc = find_source(&logs, err);
	if (rc == E_NOTFOUND) { /* a job that nobody declared: its JobManager knows it */
		gather_again(&logs.gather);
		rc = find_source(&logs, err);
	}
	if (rc == 0) {
		*err = (struct err){0};
		if (cli_option(cli, "list"))
			show_list(&logs, format);
		else
			show(&logs);
	}
	rc = err->code ? cli_fail(err) : 0;
	gather_release(&logs.gather);
	return rc;
}
