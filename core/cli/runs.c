/* weir get runs, and weir settle: the journal, and how the runs ended that nobody watched. */
#include <stdio.h>
#include <stdlib.h>

#include "core/action/action.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/get_again.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/query/query.h"

#define RUNS_SHOWN 200

struct runs {
	const struct cli *cli;
	struct session *session;
	const char *team, *cluster;
	const char *const *names;
	size_t name_count;
	VEC(struct run *) runs;
	const void **items; /* those of them that are listed */
	bool is_back;
	struct err err; /* code 0 = fine */
	int code;       /* the worst exit code of what was settled */
};

static void on_runs(void *data, const struct run *const *list, size_t count, const struct err *err)
{
	struct runs *runs = data;

	for (size_t i = 0; i < count; i++)
		vec_push(&runs->runs, run_dup(list[i]));
	if (err)
		runs->err = *err;
	runs->is_back = true;
	loop_stop(runs->session->loop);
}

/* "name", "team/name", a job id, or the number of a run. */
static bool is_named(const struct run *run, const char *word)
{
	char id[32], *pair = xasprintf("%s/%s", run->team ? run->team : "", run->name);
	bool named = str_eq(word, run->name) || str_eq(word, pair) || str_eq(word, run->job_id);

	snprintf(id, sizeof(id), "%lld", (long long)run->id);
	free(pair);
	return named || str_eq(word, id);
}

static bool passes(const struct runs *runs, const struct run *run)
{
	bool ok = runs->name_count == 0;

	for (size_t i = 0; i < runs->name_count && !ok; i++)
		ok = is_named(run, runs->names[i]);
	if (runs->team && !str_eq(runs->team, run->team))
		return false;
	if (runs->cluster && !str_eq(runs->cluster, run->cluster))
		return false;
	return ok && listing_passes(runs->cli, run);
}

static int ask_store(struct runs *runs, bool open_only)
{
	struct session *session = runs->session;

	for (size_t i = 0; i < session->context_count && !runs->err.code; i++) {
		runs->is_back = false;
		query_runs(session->contexts[i].store, NULL, open_only,
			open_only ? SIZE_MAX : RUNS_SHOWN, on_runs, runs);
		while (!runs->is_back)
			loop_run(session->loop);
	}
	return runs->err.code;
}

static void forget_runs(struct runs *runs)
{
	while (runs->runs.len)
		free(runs->runs.data[--runs->runs.len]);
}

/* Of those that were read; borrowed until the next call. */
static struct output listed(struct runs *runs, enum output_format format, json_t *errors)
{
	size_t kept = 0;

	runs->items = xrealloc(runs->items, (runs->runs.len + 1) * sizeof(*runs->items));
	for (size_t i = 0; i < runs->runs.len; i++)
		if (passes(runs, runs->runs.data[i]))
			runs->items[kept++] = runs->runs.data[i];
	return listing_output(runs->cli, format, &run_table, runs->items, kept, errors);
}

static int ask_again(void *data, struct output *out, struct err *err)
{
	struct runs *runs = data;

	forget_runs(runs);
	runs->err.code = E_OK;
	if (ask_store(runs, false)) {
		*err = runs->err;
		return err->code;
	}
	*out = listed(runs, OUT_TABLE, NULL);
	return 0;
}

static void id_of(const void *item, struct buf *out)
{
	const struct run *run = item;

	buf_addf(out, "%s %lld", run->context, (long long)run->id);
}

static int print_runs(struct runs *runs, enum output_format format, json_t *errors)
{
	struct output output = listed(runs, format, errors);

	return get_again(&(struct get_again){.cli = runs->cli,
		.session = runs->session,
		.first = &output,
		.is_newest_first = true,
		.ask = ask_again,
		.id = id_of,
		.data = runs});
}

static void runs_release(struct runs *runs)
{
	forget_runs(runs);
	vec_release(&runs->runs);
	free(runs->items);
	session_close(runs->session);
}

int verb_get_runs(struct cli *cli)
{
	struct runs runs = {.cli = cli,
		.names = cli->args + 1,
		.name_count = cli->arg_count - 1,
		.team = cli_option(cli, "team"),
		.cluster = cli_option(cli, "cluster")};
	enum output_format format;
	json_t *errors;
	struct err err;
	int code = 0;

	if (listing_read(cli, &run_table, false, &format, &err) ||
		session_open(&runs.session, &cli->session, &err))
		return cli_fail(&err);
	errors = json_array();
	if (ask_store(&runs, false)) {
		output_error(errors, "store", &runs.err);
		code = err_exit_code(runs.err.code);
	}
	int rc = print_runs(&runs, format, errors);
	json_decref(errors);
	runs_release(&runs);
	return rc ? rc : code;
}

/* ---- settle ---- */

static void on_settled(void *data, const struct run *run, const struct err *err)
{
	struct runs *runs = data;
	int code = err ? err_exit_code(err->code) : 0;

	/* A run that is found to have failed is settled: that is what was asked for. */
	if (run && run->ended_ms)
		code = run->state == RUN_UNKNOWN ? err_exit_code(E_UNKNOWN) : 0;
	else if (err)
		fprintf(stderr, "weir: %s\n", err->text);
	runs->code = code > runs->code ? code : runs->code;
	if (run)
		vec_push(&runs->runs, run_dup(run));
	runs->is_back = true;
	loop_stop(runs->session->loop);
}

static void settle_one(struct runs *runs, const struct run *run)
{
	struct session *session = runs->session;
	struct session_context *context = session_context(session, run->context);
	struct err err;

	if (!context) {
		err_set(&err, E_CONFIG, _("run %lld: context %s is not in the configuration"),
			(long long)run->id, run->context);
		on_settled(runs, NULL, &err);
		return;
	}
	struct action_options options = {
		.loop = session->loop,
		.store = context->store,
		.config = context->config,
		.hosts = context->ssh,
		.sources = context->clusters,
		.source_count = context->cluster_count,
		.doubt_ms = session->timeout_ms,
		.timeout_ms = session->timeout_ms,
		.done = on_settled,
		.data = runs,
	};

	runs->is_back = false;
	action_settle(&options, run);
	while (!runs->is_back)
		loop_run(session->loop);
}

/* Shown is what was settled: those behind the first `open`. */
static void keep_settled(struct runs *runs, size_t open)
{
	for (size_t i = 0; i < open; i++)
		free(runs->runs.data[i]);
	for (size_t i = open; i < runs->runs.len; i++)
		runs->runs.data[i - open] = runs->runs.data[i];
	runs->runs.len -= open;
}

/* A word that is no run's, and no application's, is a mistake. runs: the last ones, over or not. */
static int check_names(const struct runs *runs, struct err *err)
{
	struct app *found[1];

	for (size_t i = 0; i < runs->name_count; i++) {
		const char *word = runs->names[i];
		bool known = fleet_find_apps(runs->session->fleet, word, found, 1) > 0;
		int64_t id = 0;

		str_to_int64(word, &id);
		for (size_t k = 0; k < runs->runs.len && !known; k++)
			known = is_named(runs->runs.data[k], word) ||
				(id > 0 && id <= runs->runs.data[k]->id);
		if (!known)
			return err_set(err, E_NOTFOUND,
				_("no application '%s' is known, and the journal has no run of "
				  "it: weir get runs"),
				word);
	}
	return 0;
}

static void on_loaded(void *data)
{
	loop_stop(((struct session *)data)->loop);
}

int verb_settle(struct cli *cli)
{
	struct runs runs = {.cli = cli, .names = cli->args, .name_count = cli->arg_count};
	enum output_format format;
	json_t *errors;
	struct err err;
	size_t open;

	if (listing_read_format(cli, false, &format, &err) ||
		session_open(&runs.session, &cli->session, &err))
		return cli_fail(&err);
	/* The clusters that starts made are asked too. */
	session_load(runs.session, on_loaded, runs.session);
	loop_run(runs.session->loop);
	errors = json_array();
	if (runs.name_count && !ask_store(&runs, false) && check_names(&runs, &err)) {
		output_error(errors, NULL, &err);
		runs.code = err_exit_code(err.code);
	}
	forget_runs(&runs);
	if (!runs.err.code)
		ask_store(&runs, true);
	if (runs.err.code) {
		output_error(errors, "store", &runs.err);
		runs.code = err_exit_code(runs.err.code);
	}
	open = runs.runs.len;
	for (size_t i = 0; i < open; i++)
		if (runs.runs.data[i]->is_orphan && passes(&runs, runs.runs.data[i]))
			settle_one(&runs, runs.runs.data[i]);
	keep_settled(&runs, open);
	int rc = print_runs(&runs, format, errors);
	json_decref(errors);
	runs_release(&runs);
	return rc ? rc : runs.code;
}

/* ---- abort ---- */

/*
 * A run belongs to the process that goes through its steps: only that one can end it. One whose
 * process is gone is settled, which does no further step.
 */
static int abort_one(struct runs *runs, const char *word, int64_t id, struct err *err)
{
	const struct run *run = NULL;

	for (size_t i = 0; i < runs->runs.len; i++)
		if (runs->runs.data[i]->id == id)
			run = runs->runs.data[i];
	if (!run)
		return err_set(err, E_NOTFOUND,
			_("there is no run %s that is not over: weir get runs"), word);
	if (!run->is_orphan)
		return err_set(err, E_CONFLICT,
			_("run %s (%s) goes on in another weir: end it there, by Ctrl-C or in its "
			  "runs view"),
			word, run->verb);
	settle_one(runs, run);
	return 0;
}

int verb_abort(struct cli *cli)
{
	struct runs runs = {.cli = cli};
	enum output_format format;
	json_t *errors;
	struct err err;
	int64_t id;
	int code = 0;

	if (cli->arg_count != 1 || !str_to_int64(cli->args[0], &id)) {
		err_set(&err, E_ARG, _("abort takes the number of one run: weir get runs"));
		return cli_fail(&err);
	}
	if (listing_read_format(cli, false, &format, &err) ||
		session_open(&runs.session, &cli->session, &err))
		return cli_fail(&err);
	errors = json_array();
	if (ask_store(&runs, true))
		err = runs.err;
	size_t open = runs.runs.len;
	if (runs.err.code || abort_one(&runs, cli->args[0], id, &err)) {
		output_error(errors, NULL, &err);
		code = err_exit_code(err.code);
	}
	keep_settled(&runs, open);
	if (runs.runs.len || format == OUT_JSON || format == OUT_YAML) {
		int rc = print_runs(&runs, format, errors);
		code = rc ? rc : code;
	}
	json_decref(errors);
	runs_release(&runs);
	return code ? code : runs.code;
}
