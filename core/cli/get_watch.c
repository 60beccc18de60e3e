/*
 * Changes are gathered for PAUSE_MS, so that an answer with a thousand of them is one write. A line is
 * printed when what it shows, but for what time alone moves, differs from what was printed last.
 */
#include "core/cli/get_watch.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/cli/lines.h"

#define PAUSE_MS 100
/* So many are asked for their details as if they were on a screen. */
#define DETAILED_MAX 256

struct watching {
	const struct get_watch *watch;
	struct session *session;
	const struct column_table *table;
	struct lines lines; /* by ref */
	struct map *told;   /* refs that changed; the value is no matter */
	bool is_all_told, is_waiting;
	struct loop_timer *pause;
};

/* ---- what is printed ---- */

/* Rows want what a screen wants: the first ones in detail. */
static void show(struct watching *watching)
{
	const struct fleet *fleet = watching->session->fleet;
	const char *refs[DETAILED_MAX];
	size_t count = 0;

	map_each (entry, watching->lines.printed) {
		const char *ref = map_key(entry);
		const struct job *job =
			watching->table == &job_table ? fleet_job(fleet, ref) : NULL;

		if (count == DETAILED_MAX)
			break;
		if (watching->table == &app_table || watching->table == &cluster_table)
			refs[count++] = ref;
		else if (job && job->app)
			refs[count++] = job->app->ref;
	}
	session_show(watching->session, refs, count, NULL);
}

static void print(struct watching *watching, const void *const *items, size_t count)
{
	size_t known = map_count(watching->lines.printed);

	lines_print(&watching->lines, items, count);
	if (map_count(watching->lines.printed) != known)
		show(watching);
}

/* ---- what the fleet tells ---- */

static void on_pause(void *data)
{
	struct watching *watching = data;
	const struct fleet *fleet = watching->session->fleet;
	const struct column_table *table = watching->table;
	VEC(const void *) items = {0};
	size_t count = 0;
	void *const *all =
		watching->is_all_told ? table->items(fleet, table->item_kind, &count) : NULL;

	for (size_t i = 0; i < count; i++)
		map_put(watching->told, column_ref(all[i]), watching);
	map_each (entry, watching->told) {
		const void *item = table->find(fleet, table->item_kind, map_key(entry));

		if (item && watching->watch->passes(watching->watch->data, item))
			vec_push(&items, item);
		else
			lines_forget(&watching->lines, map_key(entry));
	}
	map_free(watching->told);
	watching->told = map_new();
	watching->is_all_told = watching->is_waiting = false;
	print(watching, items.data, items.len);
	vec_release(&items);
}

static void tell(struct watching *watching, const char *ref)
{
	map_put(watching->told, ref, watching);
}

/* An application shows its job, and a job its application. */
static void tell_twin(struct watching *watching, const struct change *change)
{
	const struct app *app = change->kind == KIND_APP ? change->item : NULL;
	const struct job *job = change->kind == KIND_JOB ? change->item : NULL;

	if (app && app->job && watching->table == &job_table)
		tell(watching, app->job->ref);
	if (job && job->app && watching->table == &app_table)
		tell(watching, job->app->ref);
}

static void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct watching *watching = data;

	/* Files and runs change what many show. */
	if (!cause || cause->kind == SNAPSHOT_WORKSPACE || cause->kind == SNAPSHOT_REGISTRY)
		watching->is_all_told = true;
	for (size_t i = 0; i < count; i++) {
		/* Of a team that is its numbers. */
		if (changes[i].what == CHANGE_SEEN && changes[i].kind != KIND_TEAM)
			continue;
		if (changes[i].kind == watching->table->item_kind && changes[i].ref)
			tell(watching, changes[i].ref);
		else
			tell_twin(watching, &changes[i]);
	}
	if (watching->is_waiting || (!watching->is_all_told && !map_count(watching->told)))
		return;
	watching->is_waiting = true;
	loop_timer_set(watching->pause, PAUSE_MS, 0);
}

int get_watch(const struct get_watch *watch)
{
	struct watching watching = {.watch = watch,
		.session = watch->session,
		.table = watch->first->table,
		.told = map_new()};
	struct loop *loop = watch->session->loop;

	watching.pause = loop_timer(loop, PAUSE_MS, 0, on_pause, &watching);
	loop_timer_stop(watching.pause);
	lines_open(&watching.lines, watch->session, watch->first, NULL);
	print(&watching, watch->first->items, watch->first->count);
	if (watching.lines.code < 0) {
		fleet_subscribe(watching.session->fleet, on_changes, &watching);
		session_start(watching.session, NULL, NULL);
		show(&watching);
		loop_run(loop);
	}
	loop_timer_cancel(watching.pause);
	map_free(watching.told);
	return lines_close(&watching.lines);
}
