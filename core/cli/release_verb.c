/* weir get builds, weir get releases, weir diff: what the registry keeps of the way to a job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/release_diff.h"
#include "core/base/arena.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/gather.h"
#include "core/cli/get_again.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/query/query_release.h"

#define ROWS_SHOWN 200

/* ---- get builds, get releases ---- */

struct kept {
	const struct cli *cli;
	struct session *session;
	const struct column_table *table;
	const char *team;
	const char *const *names;
	size_t name_count;
	struct arena *arena;
	VEC(const void *) rows;
	const void **items; /* those of them that are listed */
	bool is_back;
	struct err err; /* code 0 = fine */
};

static void back(struct kept *kept, const struct err *err)
{
	if (err)
		kept->err = *err;
	kept->is_back = true;
	loop_stop(kept->session->loop);
}

static void on_builds(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct kept *kept = data;

	for (size_t i = 0; i < count; i++) {
		struct build *build = arena_alloc(kept->arena, sizeof(*build));

		*build = *builds[i];
		build->app = arena_strdup(kept->arena, build->app);
		build->host = arena_strdup(kept->arena, build->host);
		build->git = arena_strdup(kept->arena, build->git);
		build->ref = arena_strdup(kept->arena, build->ref);
		build->commit = arena_strdup(kept->arena, build->commit);
		build->artifact = arena_strdup(kept->arena, build->artifact);
		build->sha256 = arena_strdup(kept->arena, build->sha256);
		vec_push(&kept->rows, build);
	}
	back(kept, err);
}

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct kept *kept = data;

	for (size_t i = 0; i < count; i++) {
		struct release *release = arena_alloc(kept->arena, sizeof(*release));

		*release = *releases[i];
		release->manifest = NULL; /* secrets: not for showing */
		release->app = arena_strdup(kept->arena, release->app);
		release->host = arena_strdup(kept->arena, release->host);
		release->dir = arena_strdup(kept->arena, release->dir);
		release->digest = arena_strdup(kept->arena, release->digest);
		release->commit = arena_strdup(kept->arena, release->commit);
		vec_push(&kept->rows, release);
	}
	back(kept, err);
}

static void ask_stores(struct kept *kept)
{
	for (size_t i = 0; i < kept->session->context_count && !kept->err.code; i++) {
		struct store *store = kept->session->contexts[i].store;

		kept->is_back = false;
		if (kept->table == &build_table)
			query_builds(store, NULL, ROWS_SHOWN, on_builds, kept);
		else
			query_releases(store, NULL, ROWS_SHOWN, on_releases, kept);
		while (!kept->is_back)
			loop_run(kept->session->loop);
	}
}

/* NAME or TEAM/NAME. */
static bool passes(const struct kept *kept, const void *row)
{
	struct present_env env = {0};
	const char *app = column_find(kept->table, "application")->get(row, &env).text;
	const char *slash = strchr(app, '/'), *name = slash ? slash + 1 : app;
	bool ok = kept->name_count == 0;

	for (size_t i = 0; i < kept->name_count && !ok; i++)
		ok = str_eq(kept->names[i], app) || str_eq(kept->names[i], name);
	if (kept->team)
		ok = ok && slash && strlen(kept->team) == (size_t)(slash - app) &&
			str_starts(app, kept->team);
	return ok && listing_passes(kept->cli, row);
}

/* Of those that were read; borrowed until the next call. */
static struct output listed(struct kept *kept, enum output_format format, json_t *errors)
{
	size_t count = 0;

	kept->items = xrealloc(kept->items, (kept->rows.len + 1) * sizeof(*kept->items));
	for (size_t i = 0; i < kept->rows.len; i++)
		if (passes(kept, kept->rows.data[i]))
			kept->items[count++] = kept->rows.data[i];
	return listing_output(kept->cli, format, kept->table, kept->items, count, errors);
}

static int ask_again(void *data, struct output *out, struct err *err)
{
	struct kept *kept = data;

	arena_free(kept->arena);
	kept->arena = arena_new();
	kept->rows.len = 0;
	kept->err.code = E_OK;
	ask_stores(kept);
	if (kept->err.code) {
		*err = kept->err;
		return err->code;
	}
	*out = listed(kept, OUT_TABLE, NULL);
	return 0;
}

static void build_id_of(const void *item, struct buf *out)
{
	const struct build *build = item;

	buf_addf(out, "%s %lld", build->app, (long long)build->id);
}

static void release_id_of(const void *item, struct buf *out)
{
	const struct release *release = item;

	buf_addf(out, "%s %lld", release->app, (long long)release->number);
}

static int print_rows(struct kept *kept, enum output_format format, json_t *errors)
{
	struct output output = listed(kept, format, errors);

	return get_again(&(struct get_again){.cli = kept->cli,
		.session = kept->session,
		.first = &output,
		.is_newest_first = true,
		.ask = ask_again,
		.id = kept->table == &build_table ? build_id_of : release_id_of,
		.data = kept});
}

int verb_get_kept(struct cli *cli, const struct column_table *table)
{
	enum output_format format;
	struct kept kept = {.cli = cli,
		.table = table,
		.names = cli->args + 1,
		.name_count = cli->arg_count - 1,
		.team = cli_option(cli, "team")};
	json_t *errors;
	struct err err;
	int code = 0, rc;

	if (listing_read(cli, table, false, &format, &err))
		return cli_fail(&err);
	if (session_open(&kept.session, &cli->session, &err))
		return cli_fail(&err);
	kept.arena = arena_new();
	errors = json_array();
	ask_stores(&kept);
	if (kept.err.code) {
		output_error(errors, "store", &kept.err);
		code = err_exit_code(kept.err.code);
	}
	rc = print_rows(&kept, format, errors);
	json_decref(errors);
	vec_release(&kept.rows);
	free(kept.items);
	session_close(kept.session);
	arena_free(kept.arena);
	return rc ? rc : code;
}

/* ---- diff ---- */

struct diff {
	struct gather gather;
	char *text;
	int64_t number;
	bool is_back;
	struct err err;
};

static void on_diff(void *data, const char *text, int64_t number, const struct err *err)
{
	struct diff *diff = data;

	diff->text = xstrdup_null(text);
	diff->number = number;
	if (err)
		diff->err = *err;
	diff->is_back = true;
	loop_stop(diff->gather.session->loop);
}

static int print_diff(const struct diff *diff, enum output_format format, struct err *err)
{
	json_t *tree;
	int rc;

	if (format == OUT_TEXT && !*diff->text)
		printf(_("nothing differs from release %lld\n"), (long long)diff->number);
	if (format == OUT_TEXT)
		return output_text(diff->text, strlen(diff->text), err);
	tree = json_pack("{s:s, s:s, s:I, s:b, s:s}", "apiVersion", "weir/v1", "kind",
		"ReleaseDiff", "release", (json_int_t)diff->number, "differs", *diff->text != '\0',
		"diff", diff->text);
	rc = output_tree(tree, format, err);
	json_decref(tree);
	return rc;
}

int verb_diff(struct cli *cli)
{
	const char *word = cli_option(cli, "output");
	enum output_format format = word ? output_parse(word) : OUT_TEXT;
	struct diff diff = {.gather = {.cli = cli, .local_only = true}};
	struct action_options options;
	struct err *err = &diff.err;
	struct app *app = NULL;
	int64_t number = 0;

	if (format != OUT_TEXT && format != OUT_JSON && format != OUT_YAML)
		err_set(err, E_ARG, _("unknown format '%s': text, json or yaml"), word);
	else if (cli->arg_count < 1 || cli->arg_count > 2)
		err_set(err, E_ARG, _("diff takes an application, and a release"));
	else if (cli->arg_count == 2 && (!str_to_int64(cli->args[1], &number) || number < 1))
		err_set(err, E_ARG, _("'%s' is not the number of a release"), cli->args[1]);
	if (err->code)
		return cli_fail(err);
	if (gather_run(&diff.gather, err) == 0 &&
		gather_find_app(&diff.gather, cli->args[0], &app, NULL, err) == 0) {
		session_action_options(diff.gather.session, app, &options);
		release_diff(&options, number, on_diff, &diff);
		while (!diff.is_back)
			loop_run(diff.gather.session->loop);
	}
	if (!err->code)
		print_diff(&diff, format, err);
	free(diff.text);
	gather_release(&diff.gather);
	return err->code ? cli_fail(err) : 0;
}
