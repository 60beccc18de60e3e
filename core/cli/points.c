/*
 * weir get restore-points APP: what a start of it can take up, newest first. With --verify each one
 * whose path is a file's is looked for: on the host of the application's Flink env, else on this
 * machine, where not to find it says nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/action/restore_point.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/gather.h"
#include "core/cli/get_again.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/net/ssh.h"
#include "core/query/query_release.h"
#include "core/store/journal/release.h"

#define POINTS_SHOWN 200
#define VERIFY_MS 10000

struct points {
	struct gather gather;
	struct app *app;
	struct session_context *context;
	struct arena *arena;
	char *ref; /* of the application, which the fleet may replace */
	VEC(struct restore_point *) points;
	const void **items; /* those of them that are listed */
	const char *host;   /* where files are looked for; NULL = here */
	bool knows_host;    /* then what is not there is gone */
	struct restore_point *looked_for;
	size_t waits;
	struct err err;
};

static bool is_it(void *data, const struct app *app)
{
	struct points *points = (struct points *)data;
	struct app *found[2];

	/* `wanted` is asked while the fleet grows: who is meant is looked up each time. */
	return fleet_find_apps(points->gather.session->fleet, points->gather.cli->args[1], found,
		       ARRAY_SIZE(found)) == 1 &&
		found[0] == app;
}

static void back(struct points *points)
{
	if (--points->waits == 0)
		loop_stop(points->gather.session->loop);
}

static void wait_for_all(struct points *points)
{
	while (points->waits)
		loop_run(points->gather.session->loop);
}

static void on_points(
	void *data, const struct restore_point *const *list, size_t count, const struct err *err)
{
	struct points *points = data;

	for (size_t i = 0; i < count; i++) {
		struct restore_point *copy = arena_alloc(points->arena, sizeof(*copy));
		*copy = *list[i];
		copy->app = arena_strdup(points->arena, list[i]->app);
		copy->path = arena_strdup(points->arena, list[i]->path);
		copy->job_id = arena_strdup(points->arena, list[i]->job_id);
		vec_push(&points->points, copy);
	}
	if (err)
		points->err = *err;
	back(points);
}

static void on_kept(void *data, int64_t number, const struct err *err)
{
	(void)number;
	if (err)
		fprintf(stderr, "weir: %s\n", err->text);
	back(data);
}

static void on_looked(void *data, const struct ssh_result *result, const struct err *err)
{
	struct points *points = data;
	struct restore_point *point = points->looked_for;

	if (err) {
		fprintf(stderr, "weir: %s: %s\n", point->path, err->text);
	} else if (result->exit_status == 0) {
		point->verified_ms = clock_wall_ms();
		point->is_gone = false;
	} else if (result->exit_status == 1 && points->knows_host) {
		point->is_gone = true;
	}
	back(points);
}

static void verify_one(struct points *points, struct restore_point *point)
{
	char *command = restore_test_command(point->path);
	struct restore_point before = *point;

	if (!command)
		return;
	points->looked_for = point;
	points->waits = 1;
	ssh_exec(points->context->ssh,
		&(struct ssh_exec_options){
			.host = points->host, .command = command, .timeout_ms = VERIFY_MS},
		on_looked, points);
	wait_for_all(points);
	free(command);
	if (before.verified_ms == point->verified_ms && before.is_gone == point->is_gone)
		return;
	points->waits = 1;
	keep_restore_point(points->context->store, point, on_kept, points);
	wait_for_all(points);
}

static void verify(struct points *points)
{
	const char *env = points->app->decl ? points->app->decl->flink_env : NULL;
	const struct context_config *config = points->context->config;

	for (size_t i = 0; i < config->flink_env_count; i++)
		if (str_eq(config->flink_envs[i].name, env)) {
			points->host = config->flink_envs[i].host;
			points->knows_host = true;
		}
	for (size_t i = 0; i < points->points.len; i++)
		verify_one(points, points->points.data[i]);
}

static void read_points(struct points *points)
{
	arena_free(points->arena);
	points->arena = arena_new();
	points->points.len = 0;
	points->err.code = E_OK;
	points->waits = 1;
	query_app_points(points->context->store, points->gather.session->fleet, points->ref,
		POINTS_SHOWN, on_points, points);
	wait_for_all(points);
}

/* Of those that were read; borrowed until the next call. */
static struct output listed(struct points *points, enum output_format format, json_t *errors)
{
	size_t kept = 0;

	points->items = xrealloc(points->items, (points->points.len + 1) * sizeof(*points->items));
	for (size_t i = 0; i < points->points.len; i++)
		if (listing_passes(points->gather.cli, points->points.data[i]))
			points->items[kept++] = points->points.data[i];
	return listing_output(
		points->gather.cli, format, &point_table, points->items, kept, errors);
}

static int ask_again(void *data, struct output *out, struct err *err)
{
	struct points *points = data;

	session_show(points->gather.session, (const char *[]){points->ref}, 1, points->ref);
	read_points(points);
	if (points->err.code) {
		*err = points->err;
		return err->code;
	}
	*out = listed(points, OUT_TABLE, NULL);
	return 0;
}

static void id_of(const void *item, struct buf *out)
{
	buf_adds(out, ((const struct restore_point *)item)->path);
}

static int print_points(struct points *points, enum output_format format)
{
	json_t *errors = gather_errors(&points->gather);
	struct output output;
	int rc;

	if (points->err.code)
		output_error(errors, "store", &points->err);
	output = listed(points, format, errors);
	output.empty = _("no restore point is known");
	rc = get_again(&(struct get_again){.cli = points->gather.cli,
		.session = points->gather.session,
		.first = &output,
		.is_newest_first = true,
		.polls = true,
		.ask = ask_again,
		.id = id_of,
		.data = points});
	json_decref(errors);
	return rc;
}

static int run(struct points *points, enum output_format format)
{
	struct err err;
	int rc = gather_run(&points->gather, &err);

	if (!rc)
		rc = gather_find_app(&points->gather, points->gather.cli->args[1], &points->app,
			&points->context, &err);
	if (rc)
		return cli_fail(&err);
	points->ref = xstrdup(points->app->ref);
	read_points(points);
	if (cli_option(points->gather.cli, "verify"))
		verify(points);
	rc = print_points(points, format);
	if (!rc && points->err.code)
		rc = err_exit_code(points->err.code);
	return rc;
}

int verb_get_points(struct cli *cli)
{
	enum output_format format;
	struct points points = {.arena = NULL};
	struct err err;

	if (listing_read(cli, &point_table, false, &format, &err))
		return cli_fail(&err);
	if (cli->arg_count != 2) {
		err_set(&err, E_ARG, _("get restore-points of which application? Name one"));
		return cli_fail(&err);
	}
	if (listing_watches(cli) && cli_option(cli, "verify")) {
		err_set(&err, E_ARG,
			_("--watch lists what becomes known, and --verify looks once: leave one "
			  "out"));
		return cli_fail(&err);
	}
	points.gather = (struct gather){.cli = cli,
		.cached = cli_option(cli, "cached") != NULL,
		.details = cli_option(cli, "no-details") == NULL,
		.parts = JOB_PARTS_ALL,
		.wanted = is_it};
	int rc = run(&points, format);
	gather_release(&points.gather);
	vec_release(&points.points);
	free(points.items);
	free(points.ref);
	arena_free(points.arena);
	return rc;
}
