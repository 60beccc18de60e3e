#include "core/source/flink/poll_life.h"

#include "core/base/clock.h"
#include "core/loop/work.h"
#include "core/model/snapshot.h"

void poll_begin(struct poll_life *life, const struct poll_start *start)
{
	const struct source *source = start->source;

	life->list = start->list;
	life->loop = start->loop;
	life->done = start->done;
	life->data = start->data;
	life->on_end = start->on_end;
	life->release = start->release;
	life->next = *life->list;
	if (life->next)
		life->next->prev = life;
	*life->list = life;
	life->snap = snapshot_new(start->ask->what, source->context, source->name, start->key);
	life->snap->asked_ms = clock_wall_ms();
}

static void unlist(struct poll_life *life)
{
	if (!life->list)
		return;
	if (life->prev)
		life->prev->next = life->next;
	else
		*life->list = life->next;
	if (life->next)
		life->next->prev = life->prev;
	life->list = NULL;
}

static void release(struct poll_life *life)
{
	snapshot_unref(life->snap);
	life->release(life);
}

/* Nothing of what was half read. */
static struct snapshot *failed(const struct snapshot *snap, const struct err *err)
{
	struct snapshot *failed = snapshot_new(snap->kind, snap->context, snap->source, snap->key);

	failed->asked_ms = snap->asked_ms;
	failed->observed_ms = snap->observed_ms;
	failed->is_leaderless = snap->is_leaderless;
	snapshot_fail(failed, err->code, "%s", err->text);
	return failed;
}

void poll_end(struct poll_life *life)
{
	source_done_fn done = life->done;
	void *data = life->data;
	struct snapshot *snap;

	if (life->on_end)
		life->on_end(life);
	if (!life->snap->observed_ms)
		life->snap->observed_ms = clock_wall_ms();
	snap = life->err.code ? failed(life->snap, &life->err) : snapshot_ref(life->snap);
	unlist(life);
	release(life); /* before `done`, which may close the source */
	done(data, snap);
}

static void come_back(void *data)
{
	struct poll_life *life = data;

	life->is_away = false;
	if (life->list)
		poll_end(life);
	else
		release(life);
}

void poll_end_soon(struct poll_life *life)
{
	life->is_away = true;
	loop_defer(life->loop, come_back, life);
}

void poll_end_after_work(struct poll_life *life, void (*run)(void *life))
{
	life->is_away = true;
	work_start(life->loop, run, come_back, life);
}

void poll_drop(struct poll_life *life)
{
	unlist(life);
	if (!life->is_away)
		release(life);
}

void polls_drop(struct poll_life **list)
{
	while (*list)
		poll_drop(*list);
}
