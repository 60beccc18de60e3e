/* Which jobs run twice: the same name on the same or on another cluster of the context. */
#include "tests/core/fleet/kit.h"

#include "core/base/buf.h"
#include "core/present/column.h"

static void answer_of(
	struct world *world, const char *cluster, const char *const (*jobs)[3], size_t count)
{
	struct snapshot *s = cluster_answer(jobs, count, 1);

	s->source = arena_strdup(s->arena, cluster);
	apply(world, s);
}
#define ANSWER_OF(world, cluster, n, ...) answer_of(world, cluster, JOBS(__VA_ARGS__), n)

static const struct job *job_on(struct world *world, const char *cluster, const char *letter)
{
	char id[JOB_ID_LEN + 1], *ref;
	const struct job *job;

	snprintf(id, sizeof(id), "%s0000000000000000000000000000000", letter);
	ref = ref_job("prod", cluster, id);
	job = fleet_job(world->fleet, ref);
	free(ref);
	return job;
}

static void check_text(
	struct world *world, const char *cluster, const char *letter, const char *want)
{
	struct present_env env = {.now_ms = world->now};
	struct buf text;

	buf_init(&text, 0);
	column_text(
		column_find(&job_table, "jobStatus"), job_on(world, cluster, letter), &env, &text);
	check_str(cluster, buf_str(&text), want);
	buf_release(&text);
}

static void same_name_on_two_clusters_runs_twice(void **state)
{
	struct world *world = *state;

	fleet_add_cluster(world->fleet, "prod", "s2", "standalone", "http://jm2:8081");
	fleet_add_cluster(world->fleet, "test", "s1", "standalone", "http://jm3:8081");
	DECLARE(world, "orders");
	ANSWER_OF(world, "s1", 2, {"a", "orders", "RUNNING"}, {"b", "users", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING");
	ANSWER_OF(world, "s2", 2, {"c", "orders", "RESTARTING"}, {"d", "other", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING x2");
	check_text(world, "s2", "c", "RESTARTING x2");
	check_text(world, "s1", "b", "RUNNING");
	/* On its way out it is no second one; ended neither. */
	ANSWER_OF(world, "s2", 1, {"c", "orders", "CANCELLING"});
	check_text(world, "s1", "a", "RUNNING");
	check_text(world, "s2", "c", "CANCELLING");
	ANSWER_OF(world, "s2", 2, {"c", "orders", "CANCELED"}, {"e", "orders", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING x2");
	/* Nobody lists it any more. */
	ANSWER_OF(world, "s2", 1, {"d", "other", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING");
}

static void same_name_on_one_cluster_runs_twice(void **state)
{
	struct world *world = *state;

	ANSWER(world, 3, {"a", "orders", "RUNNING"}, {"b", "orders", "RUNNING"},
		{"c", "orders", "CREATED"});
	check_text(world, "s1", "a", "RUNNING x3");
	check_text(world, "s1", "c", "CREATED x3");
	DECLARE(world, "orders");
	check_text(world, "s1", "b", "RUNNING x3");
	ANSWER(world, 1, {"b", "orders", "RUNNING"});
	check_text(world, "s1", "b", "RUNNING");
}

/* Another name of the same job, and a cluster that leaves with its jobs. */
static void what_is_gone_is_not_counted(void **state)
{
	struct world *world = *state;

	fleet_add_cluster(world->fleet, "prod", "s2", "standalone", "http://jm2:8081");
	ANSWER_OF(world, "s1", 1, {"a", "orders", "RUNNING"});
	ANSWER_OF(world, "s2", 1, {"b", "orders", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING x2");
	ANSWER_OF(world, "s2", 1, {"b", "users", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING");
	ANSWER_OF(world, "s1", 1, {"a", "users", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING x2");
	fleet_remove_cluster(world->fleet, "prod", "s2");
	ANSWER_OF(world, "s1", 1, {"a", "users", "RUNNING"});
	check_text(world, "s1", "a", "RUNNING");
}

static uint32_t seed = 7;

static size_t pick(size_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Whatever was listed, wherever: what is kept up is what a walk over all jobs counts. */
static void numbers_are_those_of_a_walk(void **state)
{
	static const char *const statuses[] = {
		"RUNNING", "RUNNING", "RESTARTING", "CANCELLING", "FAILED"};
	static const char *const names[] = {"orders", "users", "订单", "x", "y"};
	static const char *const ids[] = {"a", "b", "c", "d"};
	struct world *world = *state;
	size_t marked = 0;

	fleet_add_cluster(world->fleet, "prod", "s2", "standalone", "http://jm2:8081");
	DECLARE(world, "orders", "users");
	for (int round = 0; round < 300; round++) {
		const char *list[4][3];
		size_t len = pick(5), count;

		for (size_t i = 0; i < len; i++) {
			list[i][0] = ids[i];
			list[i][1] = names[pick(ARRAY_SIZE(names))];
			list[i][2] = statuses[pick(ARRAY_SIZE(statuses))];
		}
		answer_of(world, pick(2) ? "s1" : "s2", (const char *const(*)[3])list, len);
		struct job *const *jobs = fleet_jobs(world->fleet, &count);
		for (size_t i = 0; i < count; i++) {
			int live = 0, own = 0;
			bool is_one = false;

			for (size_t k = 0; k < count; k++) {
				if (!job_is_live(jobs[k]) ||
					!str_eq(jobs[k]->name, jobs[i]->name) ||
					job_status_parse("CANCELLING") == jobs[k]->summary.status)
					continue;
				live++;
				own += jobs[k]->app->decl && jobs[k]->app->job == jobs[k];
				is_one = is_one || k == i;
			}
			check_int(jobs[i]->name, job_copies(jobs[i]),
				is_one && live > own ? live : 1);
			marked += job_copies(jobs[i]) > 1;
		}
	}
	assert_true(marked > 100);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(same_name_on_two_clusters_runs_twice),
		CASE(same_name_on_one_cluster_runs_twice),
		CASE(what_is_gone_is_not_counted),
		CASE(numbers_are_those_of_a_walk),
	};

	check_locale();
	return cmocka_run_group_tests_name("fleet names", tests, NULL, NULL);
}
