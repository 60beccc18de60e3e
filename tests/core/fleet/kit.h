/* A fleet of one cluster: what is said to it, and what it tells. One test program includes it once. */
#ifndef WEIR_TEST_FLEET_KIT_H
#define WEIR_TEST_FLEET_KIT_H

#include "core/fleet/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

#define T0 1800000000000
#define POLL 2000

struct world {
	struct fleet *fleet;
	int64_t now;
	struct change last[64]; /* of the last apply; refs are not to be read later */
	char refs[64][128];
	size_t count;
};

static inline void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct world *world = data;
	(void)cause;
	world->count = count < 64 ? count : 64;
	for (size_t i = 0; i < world->count; i++) {
		world->last[i] = changes[i];
		snprintf(world->refs[i], sizeof(world->refs[i]), "%s", changes[i].ref);
	}
}

static inline int setup(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	world->fleet = fleet_new();
	world->now = T0;
	fleet_add_cluster(world->fleet, "prod", "s1", "standalone", "http://jm:8081");
	fleet_subscribe(world->fleet, on_changes, world);
	*state = world;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *world = *state;
	fleet_free(world->fleet);
	free(world);
	return 0;
}

/* Whatever was applied: the list of those that move or are sick is what a walk over all finds. */
static inline void check_urgent(const struct fleet *fleet)
{
	size_t count, urgent_count, wanted = 0, found = 0;
	struct app *const *apps = fleet_apps(fleet, &count);
	struct app *const *urgent = fleet_urgent_apps(fleet, &urgent_count);

	for (size_t i = 0; i < count; i++) {
		if (!app_state_is_moving(apps[i]->state) && !app_state_is_sick(apps[i]->state))
			continue;
		wanted++;
		for (size_t k = 0; k < urgent_count; k++)
			found += urgent[k] == apps[i];
	}
	assert_int_equal(wanted, urgent_count);
	assert_int_equal(found, urgent_count);
}

static inline void apply(struct world *world, struct snapshot *snapshot)
{
	world->count = 0;
	if (!snapshot->observed_ms)
		snapshot->observed_ms = world->now;
	snapshot->asked_ms = snapshot->observed_ms;
	fleet_apply(world->fleet, snapshot, world->now);
	snapshot_unref(snapshot);
	check_urgent(world->fleet);
	world->now += POLL;
}

/* "id name STATUS" each; ids are padded to 32. */
static inline struct snapshot *cluster_answer(
	const char *const (*jobs)[3], size_t count, int taskmanagers)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);
	s->cluster = (struct cluster_status){.address = "http://jm:8081",
		.flink_version = "1.20.5",
		.taskmanagers = taskmanagers,
		.slots_total = 8,
		.slots_free = 4};
	struct job_summary *list = arena_calloc(s->arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		snprintf(list[i].id, sizeof(list[i].id), "%-32s", jobs[i][0]);
		for (char *c = list[i].id; *c; c++)
			if (*c == ' ')
				*c = '0';
		list[i].name = arena_strdup(s->arena, jobs[i][1]);
		list[i].status = job_status_parse(jobs[i][2]);
		list[i].start_ms = T0 - 1000 * 3600 + (int64_t)i;
		list[i].end_ms = -1;
		list[i].modified_ms = T0 - 1000 * 3600;
		list[i].tasks = (struct task_counts){.total = 2, .running = 2};
	}
	s->jobs = list;
	s->job_count = count;
	return s;
}
#define JOBS(...)                                                                                  \
	(const char *const[][3])                                                                   \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define ANSWER(world, n, ...) apply(world, cluster_answer(JOBS(__VA_ARGS__), n, 1))

static inline void no_answer(struct world *world)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);
	snapshot_fail(s, E_NET, "GET http://jm:8081/jobs/overview: connection refused");
	apply(world, s);
}

/* "name" each, in team ods, on cluster s1, job name = name. */
static inline void declare(struct world *world, const char *const *names, size_t count)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_WORKSPACE, "prod", "workspace", NULL);
	struct team_decl *team = arena_alloc(s->arena, sizeof(*team));
	team->name = "ods";
	struct app_decl *apps = arena_calloc(s->arena, count + 1, sizeof(*apps));
	for (size_t i = 0; i < count; i++)
		apps[i] = (struct app_decl){.team = "ods",
			.name = names[i],
			.job_name = names[i],
			.cluster = "s1",
			.parallelism = -1,
			.path = "x.yaml",
			.text = names[i]};
	s->teams = team;
	s->team_count = 1;
	s->apps = apps;
	s->app_count = count;
	apply(world, s);
}
#define DECLARE(world, ...)                                                                        \
	declare(world, (const char *const[]){__VA_ARGS__},                                         \
		ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

static inline struct app *app_named(struct world *world, const char *word)
{
	struct app *found[2];
	size_t count = fleet_find_apps(world->fleet, word, found, 2);
	return count == 1 ? found[0] : NULL;
}

static inline size_t app_count(struct world *world)
{
	size_t count;
	fleet_apps(world->fleet, &count);
	return count;
}

static inline struct snapshot *detail(
	struct world *w, int64_t restarts, int failures, int64_t apart_ms)
{
	struct snapshot *s =
		snapshot_new(SNAPSHOT_JOB, "prod", "s1", "a0000000000000000000000000000000");
	struct job_detail *d = &s->detail;
	d->parts = JOB_PARTS_ROW;
	d->parallelism = 2;
	d->restarts = restarts;
	struct exception *e = arena_calloc(s->arena, (size_t)failures + 1, sizeof(*e));
	for (int i = 0; i < failures; i++)
		e[i] = (struct exception){.name = "X",
			.text = "X",
			.cause = "X: boom",
			.time_ms = w->now - i * apart_ms};
	d->exceptions = e;
	d->exception_count = (size_t)failures;
	return s;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
