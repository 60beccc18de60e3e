/* weir get apps|clusters|teams|jobs [NAME…] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/gather.h"
#include "core/cli/get_watch.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"

struct get {
	struct gather gather; /* first: `wanted` gets it as its data */
	const struct column_table *table;
	const char *const *names;
	size_t name_count;
	const char *team, *cluster;
	int watched; /* the exit code of --watch */
};

/* Does a word name this item? Applications: name, team/name, job id, cluster/jobName. */
static bool is_named(const struct get *get, const void *item, const char *word)
{
	struct present_env env = {0};
	if (get->table == &job_table) {
		const struct job *job = item;
		char *pair = xasprintf("%s/%s", job->cluster->name, job->name);
		bool named = str_eq(word, job->summary.id) || str_eq(word, job->name) ||
			str_eq(word, pair);
		free(pair);
		return named;
	}
	struct value name = column_find(get->table, "name")->get(item, &env);
	return name.type == VALUE_TEXT && str_eq(name.text, word);
}

static bool app_is_among(const struct get *get, const struct app *app)
{
	for (size_t i = 0; i < get->name_count; i++) {
		struct app *found[32];
		size_t count = fleet_find_apps(
			get->gather.session->fleet, get->names[i], found, ARRAY_SIZE(found));
		for (size_t k = 0; k < count && k < ARRAY_SIZE(found); k++)
			if (found[k] == app)
				return true;
	}
	return get->name_count == 0;
}

static bool is_among(const struct get *get, const void *item)
{
	if (get->table == &app_table)
		return app_is_among(get, item);
	for (size_t i = 0; i < get->name_count; i++)
		if (is_named(get, item, get->names[i]))
			return true;
	return get->name_count == 0;
}

static bool column_is(const struct get *get, const void *item, const char *key, const char *want)
{
	struct present_env env = {0};
	const struct column *column = column_find(get->table, key);
	if (!column && str_eq(key, get->table == &team_table ? "team" : "cluster"))
		column = column_find(get->table, "name");
	if (!column)
		return true; /* this kind has no such thing to choose by */
	struct value value = column->get(item, &env);
	if (value.type == VALUE_TEXT || !column->text)
		return value.type == VALUE_TEXT && str_eq(value.text, want);
	/* What has none is called by the word in its cell: "unmanaged". */
	struct buf cell;
	buf_init(&cell, 0);
	column_text(column, item, &env, &cell);
	bool is = str_eq(buf_str(&cell), want);
	buf_release(&cell);
	return is;
}

static bool is_meant(const struct get *get, const void *item)
{
	if (get->team && !column_is(get, item, "team", get->team))
		return false;
	if (get->cluster && !column_is(get, item, "cluster", get->cluster))
		return false;
	return is_among(get, item);
}

static bool passes(const struct get *get, const void *item)
{
	return is_meant(get, item) && listing_passes(get->gather.cli, item);
}

static bool app_wanted(void *gather, const struct app *app)
{
	const struct get *get = gather;
	const void *item = get->table == &job_table ? (const void *)app->job : (const void *)app;

	return item && is_meant(get, item) && listing_may_pass(get->gather.cli, item);
}

static void *const *all_items(const struct get *get, size_t *count)
{
	return get->table->items(get->gather.session->fleet, get->table->item_kind, count);
}

/* By context, team, name: the same order whatever answered first; what nobody declared comes last.
 */
struct order {
	const struct column *columns[3];
};

static int compare_items(const void *a, const void *b, void *data)
{
	const struct order *by = data;
	const struct present_env env = {0};
	const void *x = *(const void *const *)a, *y = *(const void *const *)b;
	for (size_t i = 0; i < ARRAY_SIZE(by->columns); i++) {
		if (!by->columns[i])
			continue;
		struct value vx = by->columns[i]->get(x, &env);
		struct value vy = by->columns[i]->get(y, &env);
		int order = value_compare(&vx, &vy);
		if (order)
			return order;
	}
	return strcmp(column_ref(x), column_ref(y));
}

/* Each NAME must mean something, and an application's only one thing. */
static int check_names(const struct get *get, struct err *err)
{
	for (size_t i = 0; i < get->name_count; i++) {
		const char *word = get->names[i];
		size_t count = 0;
		void *const *items = all_items(get, &count);
		size_t found = 0;
		struct buf candidates;
		buf_init(&candidates, 0);
		struct app *apps[8];
		if (get->table == &app_table) {
			found = fleet_find_apps(
				get->gather.session->fleet, word, apps, ARRAY_SIZE(apps));
			for (size_t k = 0; found > 1 && k < found && k < ARRAY_SIZE(apps); k++)
				buf_addf(&candidates, "%s%s/%s", k ? ", " : "",
					apps[k]->decl ? apps[k]->decl->team
						      : apps[k]->cluster->name,
					apps[k]->decl ? apps[k]->decl->name
						      : apps[k]->job->summary.id);
		} else {
			for (size_t k = 0; k < count; k++)
				found += is_named(get, items[k], word);
		}
		int rc = 0;
		if (found == 0)
			rc = err_set(err, E_NOTFOUND, _("there is no %s '%s'"),
				_(get->table->item_name), word);
		else if (get->table == &app_table && found > 1)
			rc = err_set(err, E_ARG, _("'%s' may be any of: %s"), word,
				buf_str(&candidates));
		buf_release(&candidates);
		if (rc)
			return rc;
	}
	return 0;
}

static bool passes_watch(void *data, const void *item)
{
	return passes(data, item);
}

/* A list that is short for want of answers must not look as if that were all. */
static void tell_known(const struct get *get, void *const *items, size_t count)
{
	const char *what = NULL;
	size_t known = 0, meant = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_meant(get, items[i]) || !listing_may_pass(get->gather.cli, items[i]))
			continue;
		meant++;
		known += listing_knows(get->gather.cli, items[i], &what);
	}
	if (meant)
		fprintf(stderr, _("weir: %s known of %zu of %zu\n"), what, known, meant);
}

static int print_items(struct get *get, enum output_format format, json_t *errors, struct err *err)
{
	size_t count, kept = 0;
	void *const *all = all_items(get, &count);
	const void **items = xcalloc(count + 1, sizeof(*items));
	for (size_t i = 0; i < count; i++)
		if (passes(get, all[i]))
			items[kept++] = all[i];
	struct order order = {
		.columns = {column_find(get->table, "context"), column_find(get->table, "team"),
			column_find(get->table, "name")}};
	qsort_r(items, kept, sizeof(*items), compare_items, &order);
	struct output output =
		listing_output(get->gather.cli, format, get->table, items, kept, errors);
	struct get_watch watch = {.session = get->gather.session,
		.first = &output,
		.passes = passes_watch,
		.data = get};
	int rc = 0;
	if (get->gather.lag)
		tell_known(get, all, count);
	if (listing_watches(get->gather.cli)) {
		poller_seek_lag(get->gather.session->poller, get->gather.lag);
		get->watched = get_watch(&watch);
	} else {
		rc = output_items(&output, err);
	}
	free(items);
	return rc;
}

static int parse_words(
	struct get *get, struct cli *cli, enum output_format *format, struct err *err)
{
	if (cli->arg_count == 0)
		return err_set(err, E_ARG,
			_("get what? apps, clusters, teams, jobs, taskmanagers, runs, builds, "
			  "releases, "
			  "restore-points, history, checkpoints, exceptions, samples or "
			  "flink-envs"));
	get->table = column_table_find(cli->args[0]);
	if (!get->table) {
		static const char *const kinds[] = {"apps", "clusters", "teams", "jobs",
			"taskmanagers", "runs", "builds", "releases", "restore-points", "history",
			"checkpoints", "exceptions", "samples", "flink-envs"};
		const char *near = str_suggest(cli->args[0], kinds, ARRAY_SIZE(kinds));
		return err_set(err, E_ARG,
			near ? _("unknown kind '%s'; did you mean '%s'?")
			     : _("unknown kind '%s': apps, clusters, teams, jobs, taskmanagers, "
				 "runs, builds, "
				 "releases, restore-points, history, checkpoints, exceptions, "
				 "samples or flink-envs%s"),
			cli->args[0], near ? near : "");
	}
	get->names = cli->args + 1;
	get->name_count = cli->arg_count - 1;
	get->team = cli_option(cli, "team");
	get->cluster = cli_option(cli, "cluster");
	return listing_read(cli, get->table, true, format, err);
}

/* Nobody was asked. Who reads JSON gets JSON: a list without items, and why. */
static int fail_before_start(
	const struct get *get, enum output_format format, const struct err *why)
{
	struct err err;
	json_t *errors = json_array();
	if (format == OUT_JSON || format == OUT_YAML) {
		output_error(errors, NULL, why);
		struct output output = {.format = format, .table = get->table, .errors = errors};
		if (output_items(&output, &err))
			cli_fail(&err);
	} else {
		cli_fail(why);
	}
	json_decref(errors);
	return err_exit_code(why->code);
}

int verb_get(struct cli *cli)
{
	struct get get = {.gather = {.cli = cli}};
	enum output_format format = OUT_TABLE;
	struct err err;
	if (cli->arg_count && (str_eq(cli->args[0], "runs") || str_eq(cli->args[0], "run")))
		return verb_get_runs(cli);
	if (cli->arg_count && (str_eq(cli->args[0], "builds") || str_eq(cli->args[0], "build")))
		return verb_get_kept(cli, &build_table);
	if (cli->arg_count && (str_eq(cli->args[0], "releases") || str_eq(cli->args[0], "release")))
		return verb_get_kept(cli, &release_table);
	if (cli->arg_count &&
		(str_eq(cli->args[0], "restore-points") || str_eq(cli->args[0], "restore-point")))
		return verb_get_points(cli);
	if (cli->arg_count &&
		(str_eq(cli->args[0], "flink-envs") || str_eq(cli->args[0], "flink-env")))
		return verb_get_envs(cli);
	if (cli->arg_count &&
		(str_eq(cli->args[0], "taskmanagers") || str_eq(cli->args[0], "taskmanager")))
		return verb_get_taskmanagers(cli);
	if (cli->arg_count && verb_is_history(cli->args[0]))
		return verb_get_history(cli);
	if (parse_words(&get, cli, &format, &err))
		return cli_fail(&err);
	get.gather.cached = cli_option(cli, "cached") != NULL;
	get.gather.details = !cli_option(cli, "no-details") &&
		(get.table == &app_table || get.table == &job_table);
	get.gather.parts = JOB_PARTS_ROW;
	get.gather.lag = listing_seeks(cli);
	get.gather.wanted = app_wanted;
	if (gather_run(&get.gather, &err))
		return fail_before_start(&get, format, &err);

	json_t *errors = gather_errors(&get.gather);
	struct err unnamed = {0};
	int named = check_names(&get, &unnamed);
	if (named)
		output_error(errors, NULL, &unnamed);
	/* What is not there cannot be waited for: a name may be a mistake. */
	int rc = named && listing_watches(cli) ? 0 : print_items(&get, format, errors, &err);
	int code = rc ? cli_fail(&err) : gather_exit_code(&get.gather);
	if (listing_watches(cli) && !named)
		code = get.watched;
	if (code == 0 && named)
		code = err_exit_code(unnamed.code);
	json_decref(errors);
	gather_release(&get.gather);
	return code;
}
