/*
 * Changes are gathered for PAUSE_MS, so that an answer with a thousand of them is one write. A line is
 * printed when what it shows, but for what time alone moves, differs from what was printed last.
 */
#include "core/cli/get_watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define PAUSE_MS 100
#define LOOK_MS 500
/* So many are asked for their details as if they were on a screen. */
#define DETAILED_MAX 256

struct watching {
	const struct get_watch *watch;
	struct session *session;
	const struct column_table *table;
	struct output_stream *stream;
	struct map *printed; /* ref → char *: what was said of it */
	struct map *told;    /* refs that changed; the value is no matter */
	bool is_all_told, is_waiting;
	struct loop_timer *pause, *look;
	int code;
};

static void end(struct watching *watching, int code)
{
	watching->code = code;
	loop_stop(watching->session->loop);
}

/* ---- what is printed ---- */

static bool is_news(struct watching *watching, const void *item, struct present_env env)
{
	const char *ref = column_ref(item);
	char *former = map_get(watching->printed, ref);
	struct buf key;

	buf_init(&key, 0);
	output_stream_key(watching->stream, item, env, &key);
	if (str_eq(former, buf_str(&key))) {
		buf_release(&key);
		return false;
	}
	free(map_put(watching->printed, ref, buf_detach(&key)));
	return true;
}

/* Rows want what a screen wants: the first ones in detail. */
static void show(struct watching *watching)
{
	const struct fleet *fleet = watching->session->fleet;
	const char *refs[DETAILED_MAX];
	size_t count = 0;

	map_each (entry, watching->printed) {
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
	struct present_env env = watching->watch->first->env;
	const void **news = xcalloc(count + 1, sizeof(*news));
	size_t known = map_count(watching->printed), kept = 0;
	struct err err;

	env.now_ms = clock_wall_ms();
	env.mono_ms = clock_mono_ms();
	for (size_t i = 0; i < count; i++)
		if (is_news(watching, items[i], env))
			news[kept++] = items[i];
	if (output_stream_write(watching->stream, news, kept, env, &err))
		end(watching, cli_fail(&err));
	if (map_count(watching->printed) != known)
		show(watching);
	free(news);
}

/* ---- what the fleet tells ---- */

static void forget(struct watching *watching, const char *ref)
{
	free(map_del(watching->printed, ref));
}

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
			forget(watching, map_key(entry));
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

static void on_problem(void *data, const struct err *err)
{
	(void)data;
	fprintf(stderr, "weir: store: %s\n", err ? err->text : _("writes again"));
}

/* ---- its end ---- */

static void on_interrupt(void *data)
{
	end(data, 128 + SIGINT);
}

static void on_terminate(void *data)
{
	end(data, 128 + SIGTERM);
}

static void on_hangup(void *data)
{
	end(data, 128 + SIGHUP);
}

/* `… --watch | head -3`: nobody reads any more, also while nothing is written. */
static void on_look(void *data)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	if (poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)))
		end(data, 0);
}

static int listen(struct watching *watching, struct err *err)
{
	static const struct {
		int signum;
		loop_fn fn;
	} signals[] = {{SIGINT, on_interrupt}, {SIGTERM, on_terminate}, {SIGHUP, on_hangup}};
	struct loop *loop = watching->session->loop;
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(signals); i++)
		rc = loop_signal(loop, signals[i].signum, signals[i].fn, watching, err);
	if (rc)
		return rc;
	watching->pause = loop_timer(loop, PAUSE_MS, 0, on_pause, watching);
	loop_timer_stop(watching->pause);
	watching->look = loop_timer(loop, LOOK_MS, LOOK_MS, on_look, watching);
	watching->session->on_problem = on_problem;
	watching->session->problem_data = watching;
	return 0;
}

int get_watch(const struct get_watch *watch)
{
	struct watching watching = {.watch = watch,
		.session = watch->session,
		.table = watch->first->table,
		.stream = output_stream_new(watch->first),
		.printed = map_new(),
		.told = map_new(),
		.code = -1};
	struct err err;

	if (listen(&watching, &err))
		watching.code = cli_fail(&err);
	else
		print(&watching, watch->first->items, watch->first->count);
	if (watching.code < 0) {
		fleet_subscribe(watching.session->fleet, on_changes, &watching);
		session_start(watching.session, NULL, NULL);
		show(&watching);
		loop_run(watching.session->loop);
	}
	watching.session->on_problem = NULL;
	loop_timer_cancel(watching.pause);
	loop_timer_cancel(watching.look);
	output_stream_free(watching.stream);
	map_each (entry, watching.printed)
		free(map_value(entry));
	map_free(watching.printed);
	map_free(watching.told);
	return watching.code;
}
