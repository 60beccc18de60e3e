/* weir describe app NAME: one tree of everything known; text is the same tree laid out for eyes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/gather.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/present/witness.h"

#define MASK "******"
#define LABEL_COLS 12

struct describe {
	struct gather gather; /* first: `wanted` gets it as its data */
	const char *word;
};

static json_t *text_or_null(const char *text)
{
	json_t *node = text ? json_string(text) : NULL;
	return node ? node : json_null();
}

static json_t *number_or_null(int64_t number)
{
	return number >= 0 ? json_integer(number) : json_null();
}

static json_t *settings_tree(const struct setting *settings, size_t count)
{
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++) {
		const char *value = settings[i].value;
		char *masked = !value || redact_key(settings[i].key) ? NULL : redact_dup(value);
		json_object_set_new(
			object, settings[i].key, text_or_null(masked || !value ? masked : MASK));
		free(masked);
	}
	return object;
}

static json_t *vertices_tree(const struct job_detail *detail)
{
	json_t *list = json_array();
	for (size_t i = 0; i < detail->vertex_count; i++) {
		const struct vertex *v = &detail->vertices[i];
		json_array_append_new(list,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
				text_or_null(v->id), "name", text_or_null(v->name), "status",
				text_or_null(v->status), "parallelism",
				number_or_null(v->parallelism), "tasksRunning",
				number_or_null(v->tasks.running), "readRecords",
				number_or_null(v->read_records), "writeRecords",
				number_or_null(v->write_records), "busyMs",
				number_or_null(v->busy_ms), "backPressuredMs",
				number_or_null(v->backpressured_ms), "idleMs",
				number_or_null(v->idle_ms)));
	}
	return list;
}

static json_t *checkpoints_tree(const struct job_detail *detail)
{
	json_t *list = json_array();
	for (size_t i = 0; i < detail->checkpoints.history_count; i++) {
		const struct checkpoint *c = &detail->checkpoints.history[i];
		json_array_append_new(list,
			json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "id",
				number_or_null(c->id), "status",
				text_or_null(checkpoint_status_name(c->status)), "savepoint",
				c->is_savepoint, "triggerTimeMs", number_or_null(c->trigger_ms),
				"durationMs", number_or_null(c->duration_ms), "stateBytes",
				number_or_null(c->state_bytes), "path", text_or_null(c->path),
				"failure", text_or_null(c->failure)));
	}
	return list;
}

static json_t *exceptions_tree(const struct job_detail *detail)
{
	json_t *list = json_array();
	for (size_t i = 0; i < detail->exception_count; i++) {
		const struct exception *e = &detail->exceptions[i];
		json_array_append_new(list,
			json_pack("{s:o, s:o, s:o, s:o, s:o}", "timeMs", number_or_null(e->time_ms),
				"name", text_or_null(e->name), "cause", text_or_null(e->cause),
				"task", text_or_null(e->task), "text", text_or_null(e->text)));
	}
	return list;
}

static json_t *configuration_tree(const struct job_detail *detail)
{
	const struct checkpoint_config *c = &detail->checkpoint_config;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "restartStrategy",
		text_or_null(detail->restart_strategy), "checkpointIntervalMs",
		number_or_null(c->interval_ms), "checkpointTimeoutMs",
		number_or_null(c->timeout_ms), "checkpointMode", text_or_null(c->mode),
		"stateBackend", text_or_null(c->state_backend), "checkpointsRetained",
		c->is_retained, "user", settings_tree(detail->settings, detail->setting_count));
}

static json_t *app_tree(const struct app *app, const struct present_env *env, json_t *errors)
{
	json_t *tree = column_item_json(&app_table, app, env);
	json_object_set_new(tree, "apiVersion", json_string("weir/v1"));
	json_object_set_new(tree, "kind", json_string("App"));
	json_object_set_new(tree, "file", text_or_null(app->decl ? app->decl->path : NULL));
	const struct job *job = app->job;
	if (app->decl)
		json_object_set_new(tree, "properties",
			settings_tree(app->decl->properties, app->decl->property_count));
	if (job && job->detail) {
		const struct job_detail *detail = &job->detail->detail;
		json_object_set_new(tree, "vertices", vertices_tree(detail));
		json_object_set_new(tree, "checkpoints", checkpoints_tree(detail));
		json_object_set_new(tree, "exceptions", exceptions_tree(detail));
	}
	if (job && job->config)
		json_object_set_new(
			tree, "configuration", configuration_tree(&job->config->detail));
	json_object_set(tree, "errors", errors);
	return tree;
}

static void add_clean(struct buf *out, const char *text)
{
	utf8_neutralise(out, text, strlen(text));
}

static void add_label(struct buf *out, const char *label)
{
	utf8_fill(out, label, LABEL_COLS);
	buf_addc(out, ' ');
}

static void add_facts(struct buf *out, const struct app *app, const struct present_env *env)
{
	for (size_t i = 0; i < app_table.count; i++) {
		const struct column *column = &app_table.columns[i];
		if (!column->title)
			continue;
		struct buf text;
		buf_init(&text, 0);
		column_text(column, app, env, &text);
		if (!str_eq(buf_str(&text), "-")) {
			add_label(out, _(column->title));
			add_clean(out, buf_str(&text));
			buf_addc(out, '\n');
		}
		buf_release(&text);
	}
	if (app->decl) {
		add_label(out, _("FILE"));
		add_clean(out, app->decl->path);
		buf_addc(out, '\n');
	}
}

/* "JobManager    RUNNING  4 of 4 tasks run, 2s ago, http://jm1:8081" */
static void add_statement(
	struct buf *out, const struct statement *said, const struct present_env *env)
{
	int64_t age = said_age_ms(&said->said, env);

	buf_addf(out, "%c ", said->is_believed ? '*' : ' ');
	add_label(out, witness_title(said->who));
	if (said->word)
		add_label(out, said->word);
	if (age >= 0) {
		format_age(env->now_ms - age, env->now_ms, out);
		buf_adds(out, _(" ago  "));
	}
	if (said->text) {
		add_clean(out, said->text);
		buf_adds(out, "  ");
	}
	add_clean(out, said->where ? said->where : "");
	buf_addc(out, '\n');
	if (said->trouble) {
		buf_adds(out, "  ");
		add_label(out, "");
		buf_addf(out, _("polls without an answer: %d; "), said->misses);
		add_clean(out, said->trouble);
		buf_addc(out, '\n');
	}
}

static void add_witnesses(struct buf *out, const struct app *app, const struct present_env *env)
{
	struct arena *arena = arena_new();
	struct statement all[STATEMENTS_MAX];
	size_t count = app_statements(app, arena, all);
	struct buf why;

	buf_init(&why, 0);
	app_reason(app, env, &why);
	add_label(out, _("WHY"));
	add_clean(out, buf_str(&why));
	buf_addf(out, "\n\n%s\n", _("WITNESSES"));
	for (size_t i = 0; i < count; i++)
		add_statement(out, &all[i], env);
	buf_release(&why);
	arena_free(arena);
}

static void add_vertices(struct buf *out, const struct job_detail *detail)
{
	buf_addf(out, "\n%s\n", _("VERTICES"));
	for (size_t i = 0; i < detail->vertex_count; i++) {
		const struct vertex *v = &detail->vertices[i];
		buf_addf(out, "  %-10s %3d/%-3d  ", v->status ? v->status : "-", v->tasks.running,
			v->parallelism);
		add_clean(out, v->name ? v->name : "-");
		buf_addc(out, '\n');
	}
}

static void add_checkpoints(
	struct buf *out, const struct job_detail *detail, const struct present_env *env)
{
	buf_addf(out, "\n%s\n", _("CHECKPOINTS"));
	for (size_t i = 0; i < detail->checkpoints.history_count; i++) {
		const struct checkpoint *c = &detail->checkpoints.history[i];
		buf_addf(out, "  %-6lld %-11s ", (long long)c->id,
			checkpoint_status_name(c->status));
		format_age(c->trigger_ms, env->now_ms, out);
		buf_adds(out, "  ");
		format_duration(c->duration_ms, out);
		buf_adds(out, "  ");
		format_bytes(c->state_bytes, out);
		buf_adds(out, "  ");
		add_clean(out, c->failure ? c->failure : c->path ? c->path : "");
		buf_addc(out, '\n');
	}
}

static void add_exceptions(
	struct buf *out, const struct job_detail *detail, const struct present_env *env)
{
	buf_addf(out, "\n%s\n", _("EXCEPTIONS"));
	for (size_t i = 0; i < detail->exception_count; i++) {
		const struct exception *e = &detail->exceptions[i];
		buf_adds(out, "  ");
		format_age(e->time_ms, env->now_ms, out);
		buf_addf(out, "  %s  ", e->task ? e->task : "-");
		add_clean(out, e->cause ? e->cause : e->name ? e->name : "-");
		buf_addc(out, '\n');
	}
}

static int print_text(const struct app *app, const struct present_env *env, struct err *err)
{
	struct buf out;
	buf_init(&out, 0);
	add_facts(&out, app, env);
	add_witnesses(&out, app, env);
	if (app->job && app->job->detail) {
		const struct job_detail *detail = &app->job->detail->detail;
		if (detail->vertex_count)
			add_vertices(&out, detail);
		if (detail->checkpoints.history_count)
			add_checkpoints(&out, detail, env);
		if (detail->exception_count)
			add_exceptions(&out, detail, env);
	}
	int rc = output_text(buf_str(&out), out.len, err);
	buf_release(&out);
	return rc;
}

static bool is_described(void *gather, const struct app *app)
{
	const struct describe *describe = gather;
	struct app *found[2];
	size_t count = fleet_find_apps(describe->gather.session->fleet, describe->word, found, 2);
	return count >= 1 && (found[0] == app || (count > 1 && found[1] == app));
}

static int describe_app(
	const struct describe *describe, enum output_format format, json_t *errors, struct err *err)
{
	struct app *found[2];
	size_t count = fleet_find_apps(describe->gather.session->fleet, describe->word, found, 2);
	if (count == 0)
		return err_set(err, E_NOTFOUND, _("there is no application '%s'"), describe->word);
	if (count > 1)
		return err_set(err, E_ARG,
			_("'%s' means %zu applications; say team/name or a job id"), describe->word,
			count);
	struct present_env env = {
		.now_ms = clock_wall_ms(), .mono_ms = clock_mono_ms(), .stale_ms = 10000};
	if (format == OUT_TEXT)
		return print_text(found[0], &env, err);
	json_t *tree = app_tree(found[0], &env, errors);
	int rc = output_tree(tree, format, err);
	json_decref(tree);
	return rc;
}

/* Who reads JSON gets JSON, with the reason in it. Takes the reference to `errors`. */
static int fail(enum output_format format, json_t *errors, const struct err *why)
{
	if (format == OUT_TEXT) {
		json_decref(errors);
		return cli_fail(why);
	}
	struct err err;
	output_error(errors, NULL, why);
	json_t *tree = json_pack(
		"{s:s, s:s, s:o}", "apiVersion", "weir/v1", "kind", "App", "errors", errors);
	if (output_tree(tree, format, &err))
		cli_fail(&err);
	json_decref(tree);
	return err_exit_code(why->code);
}

int verb_describe(struct cli *cli)
{
	struct err err = {0};
	const char *word = cli_option(cli, "output");
	enum output_format format = word ? output_parse(word) : OUT_TEXT;
	if (format != OUT_TEXT && format != OUT_JSON && format != OUT_YAML)
		err_set(&err, E_ARG, _("unknown format '%s': text, json or yaml"), word);
	else if (cli->arg_count != 2 || column_table_find(cli->args[0]) != &app_table)
		err_set(&err, E_ARG, _("describe takes: app NAME"));
	if (err.code)
		return cli_fail(&err);

	struct describe describe = {.gather = {.cli = cli,
					    .details = true,
					    .parts = JOB_PARTS_ALL,
					    .wanted = is_described,
					    .app = cli->args[1]},
		.word = cli->args[1]};
	describe.gather.cached = cli_option(cli, "cached") != NULL;
	if (gather_run(&describe.gather, &err))
		return fail(format, json_array(), &err);
	json_t *errors = gather_errors(&describe.gather);
	int code = gather_exit_code(&describe.gather);
	if (describe_app(&describe, format, errors, &err)) {
		int told = fail(format, json_incref(errors), &err);
		/* Who did not answer may know it: that is no "not found". */
		if (code == 0 || err.code != E_NOTFOUND)
			code = told;
	}
	json_decref(errors);
	gather_release(&describe.gather);
	return code;
}
