/*
 * Nothing here waits: a look asks for what is due, and an answer for what is due then, while somebody still looks.
 * A TaskManager that is not in a list any more is gone with its load.
 */
#include "core/watch/taskmanagers.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

/* Loads a second at most. */
#define LOADS_PER_SECOND 10
#define MINUTE_MS 60000

struct member {
	struct taskmanager_item item; /* first; texts are the list's */
	struct taskmanagers *owner;
	struct source_poll *under_way;
	int64_t asked_mono_ms; /* 0 = never */
	int64_t told_mono_ms;
};

struct taskmanagers {
	struct taskmanagers_options options;
	struct source_poll *list_under_way;
	struct snapshot *list; /* the last good one, or NULL */
	struct err err;
	VEC(struct member *) members;
	int64_t listed_mono_ms; /* when a list was asked for last; 0 = never */
	int64_t looked_mono_ms;
	size_t next, in_flight;
	uint64_t changes;
	bool has_listed;
};

struct taskmanagers *taskmanagers_new(const struct taskmanagers_options *options)
{
	struct taskmanagers *taskmanagers = xcalloc(1, sizeof(*taskmanagers));

	taskmanagers->options = *options;
	return taskmanagers;
}

static void member_free(struct member *member)
{
	struct taskmanagers *owner = member->owner;

	if (member->under_way) {
		source_poll_cancel(owner->options.source, member->under_way);
		owner->in_flight--;
	}
	free(member->item.ref);
	free(member);
}

void taskmanagers_free(struct taskmanagers *taskmanagers)
{
	if (!taskmanagers)
		return;
	source_poll_cancel(taskmanagers->options.source, taskmanagers->list_under_way);
	for (size_t i = 0; i < taskmanagers->members.len; i++)
		member_free(taskmanagers->members.data[i]);
	vec_release(&taskmanagers->members);
	snapshot_unref(taskmanagers->list);
	free(taskmanagers);
}

static void told(struct taskmanagers *taskmanagers)
{
	taskmanagers->changes++;
	taskmanagers->options.changed(taskmanagers->options.data);
}

static bool is_looked_at(const struct taskmanagers *taskmanagers)
{
	return clock_mono_ms() - taskmanagers->looked_mono_ms < TASKMANAGERS_LOOK_MS;
}

static bool may_spend(const struct taskmanagers *taskmanagers, int requests)
{
	const struct taskmanagers_options *options = &taskmanagers->options;

	return !options->may_spend || options->may_spend(options->data, options->source, requests);
}

static void ask_due(struct taskmanagers *taskmanagers);

/* -- the load of one -- */

static void load_take(
	struct member *member, const struct taskmanager_load *load, int64_t now_ms, int64_t mono_ms)
{
	struct taskmanager_item *item = &member->item;
	int64_t passed_ms = mono_ms - member->told_mono_ms, gc_ms = load->gc_ms - item->load.gc_ms;

	item->gc_ms_a_minute = -1;
	/* Flink's metrics are up to ten seconds old: of less than that nothing can be told. */
	if (member->told_mono_ms && item->load.gc_ms >= 0 && gc_ms >= 0 &&
		passed_ms >= TASKMANAGERS_LOAD_MS / 2)
		item->gc_ms_a_minute = (double)gc_ms * MINUTE_MS / (double)passed_ms;
	item->load = *load;
	item->load_ms = now_ms;
	member->told_mono_ms = load->heap_used_bytes >= 0 ? mono_ms : 0;
}

static void on_load(void *data, struct snapshot *snapshot)
{
	struct member *member = data;
	struct taskmanagers *taskmanagers = member->owner;

	member->under_way = NULL;
	taskmanagers->in_flight--;
	if (!snapshot->err.code)
		load_take(member, &snapshot->load, snapshot->observed_ms, clock_mono_ms());
	snapshot_unref(snapshot);
	told(taskmanagers);
	if (is_looked_at(taskmanagers))
		ask_due(taskmanagers);
}

static void loads_ask(struct taskmanagers *taskmanagers, int64_t now)
{
	size_t count = taskmanagers->members.len;
	int64_t every_ms = (int64_t)count * 1000 / LOADS_PER_SECOND;

	if (every_ms < TASKMANAGERS_LOAD_MS)
		every_ms = TASKMANAGERS_LOAD_MS;
	for (size_t i = 0; i < count && taskmanagers->in_flight < TASKMANAGERS_SLOTS; i++) {
		struct member *member = taskmanagers->members.data[taskmanagers->next % count];

		if (!member->under_way &&
			(!member->asked_mono_ms || now - member->asked_mono_ms >= every_ms)) {
			if (!may_spend(taskmanagers, 1))
				return;
			member->asked_mono_ms = now;
			taskmanagers->in_flight++;
			member->under_way = source_poll(taskmanagers->options.source,
				&(struct poll){.what = SNAPSHOT_TASKMANAGER,
					.taskmanager = member->item.told.id},
				on_load, member);
		}
		taskmanagers->next++;
	}
}

/* -- the list -- */

static void since_find(const struct taskmanagers *taskmanagers, struct taskmanager_item *item)
{
	const struct source *source = taskmanagers->options.source;
	char *ref = ref_cluster(source->context, source->name);
	const struct cluster *cluster = taskmanagers->options.fleet
		? fleet_cluster(taskmanagers->options.fleet, ref)
		: NULL;

	free(ref);
	item->since_ms = item->observed_ms;
	item->was_there_earlier = !taskmanagers->list;
	for (size_t i = 0; cluster && i < cluster->taskmanager_count; i++) {
		if (!str_eq(cluster->taskmanagers[i].id, item->told.id))
			continue;
		item->since_ms = cluster->taskmanagers[i].since_ms;
		item->was_there_earlier = cluster->taskmanagers[i].was_there_earlier;
	}
}

static struct member *member_new(
	struct taskmanagers *taskmanagers, const struct taskmanager *told, int64_t observed_ms)
{
	const struct source *source = taskmanagers->options.source;
	struct member *member = xcalloc(1, sizeof(*member));

	member->owner = taskmanagers;
	member->item.ref = xasprintf("%s/%s/%s", source->context, source->name, told->id);
	member->item.context = source->context;
	member->item.cluster = source->name;
	member->item.gc_ms_a_minute = -1;
	member->item.load = (struct taskmanager_load){-1, -1, -1, -1, -1, -1};
	member->item.told = *told;
	member->item.observed_ms = observed_ms;
	since_find(taskmanagers, &member->item);
	return member;
}

static void list_take(struct taskmanagers *taskmanagers, struct snapshot *list)
{
	struct map *former = map_new();
	struct member *twin;

	for (size_t i = 0; i < taskmanagers->members.len; i++) {
		twin = map_put(former, taskmanagers->members.data[i]->item.told.id,
			taskmanagers->members.data[i]);
		if (twin)
			member_free(twin);
	}
	taskmanagers->members.len = 0;
	for (size_t i = 0; i < list->taskmanager_count; i++) {
		const struct taskmanager *told = &list->taskmanagers[i];
		struct member *member = map_del(former, told->id);

		if (!member)
			member = member_new(taskmanagers, told, list->observed_ms);
		member->item.told = *told;
		member->item.observed_ms = list->observed_ms;
		vec_push(&taskmanagers->members, member);
	}
	map_each (it, former)
		member_free(map_value(it));
	map_free(former);
	snapshot_unref(taskmanagers->list);
	taskmanagers->list = snapshot_ref(list);
}

static void on_list(void *data, struct snapshot *snapshot)
{
	struct taskmanagers *taskmanagers = data;

	taskmanagers->list_under_way = NULL;
	taskmanagers->has_listed = true;
	kept_err_get(&snapshot->err, &taskmanagers->err);
	if (!snapshot->err.code)
		list_take(taskmanagers, snapshot);
	snapshot_unref(snapshot);
	told(taskmanagers);
	if (is_looked_at(taskmanagers))
		ask_due(taskmanagers);
}

static void ask_due(struct taskmanagers *taskmanagers)
{
	int64_t now = clock_mono_ms();
	bool is_due = !taskmanagers->listed_mono_ms ||
		now - taskmanagers->listed_mono_ms >= TASKMANAGERS_LIST_MS;

	if (!taskmanagers->list_under_way && is_due && may_spend(taskmanagers, 1)) {
		taskmanagers->listed_mono_ms = now;
		taskmanagers->list_under_way = source_poll(taskmanagers->options.source,
			&(struct poll){.what = SNAPSHOT_TASKMANAGERS}, on_list, taskmanagers);
	}
	if (!taskmanagers->options.list_only)
		loads_ask(taskmanagers, now);
}

void taskmanagers_look(struct taskmanagers *taskmanagers)
{
	taskmanagers->looked_mono_ms = clock_mono_ms();
	ask_due(taskmanagers);
}

/* -- what came -- */

const struct taskmanager_item *const *taskmanagers_items(
	const struct taskmanagers *taskmanagers, size_t *count)
{
	*count = taskmanagers->members.len;
	return (const struct taskmanager_item *const *)taskmanagers->members.data;
}

uint64_t taskmanagers_changes(const struct taskmanagers *taskmanagers)
{
	return taskmanagers->changes;
}

const struct err *taskmanagers_error(const struct taskmanagers *taskmanagers)
{
	return &taskmanagers->err;
}

bool taskmanagers_are_told(const struct taskmanagers *taskmanagers)
{
	if (!taskmanagers->has_listed)
		return false;
	for (size_t i = 0; !taskmanagers->options.list_only && i < taskmanagers->members.len; i++) {
		const struct member *member = taskmanagers->members.data[i];
		if (!member->asked_mono_ms || member->under_way)
			return false;
	}
	return true;
}
