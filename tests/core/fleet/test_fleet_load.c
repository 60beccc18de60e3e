/* What is loaded at once is what would be known of it piece by piece. */
#include "core/base/vec.h"
#include "tests/core/fleet/kit.h"

#define CLUSTERS 3
#define ROUNDS 300

static uint32_t seed = 11;

static unsigned any(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Few names, so that they meet. */
static char *any_name(struct arena *arena)
{
	return arena_printf(arena, "name-%u", any(6));
}

static struct snapshot *any_workspace(void)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_WORKSPACE, "prod", "workspace", NULL);
	size_t count = any(8);
	struct team_decl *teams = arena_calloc(s->arena, 2, sizeof(*teams));
	struct app_decl *apps = arena_calloc(s->arena, count + 1, sizeof(*apps));

	teams[0].name = "ods";
	teams[1].name = "dwd";
	for (size_t i = 0; i < count; i++)
		apps[i] = (struct app_decl){.team = teams[any(2)].name,
			.name = arena_printf(s->arena, "app-%zu", i),
			.job_name = any_name(s->arena),
			.cluster = any(8) ? arena_printf(s->arena, "c%u", any(CLUSTERS + 1)) : NULL,
			.error = any(10) ? NULL : "x.yaml:1:1: broken",
			.parallelism = -1,
			.path = "x.yaml",
			.text = "x"};
	s->observed_ms = T0 - 5000;
	s->teams = teams;
	s->team_count = 2;
	s->apps = apps;
	s->app_count = count;
	return s;
}

static struct snapshot *any_cluster(unsigned at)
{
	static const enum job_status statuses[] = {JOB_RUNNING, JOB_RUNNING, JOB_RESTARTING,
		JOB_FAILING, JOB_CANCELED, JOB_FAILED, JOB_FINISHED, JOB_CREATED};
	char name[8];
	size_t count = any(5);

	snprintf(name, sizeof(name), "c%u", at);
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", name, NULL);
	struct job_summary *jobs = arena_calloc(s->arena, count + 1, sizeof(*jobs));
	for (size_t i = 0; i < count; i++) {
		snprintf(jobs[i].id, sizeof(jobs[i].id), "%032zu", i);
		jobs[i].name = any_name(s->arena);
		jobs[i].status = statuses[any(ARRAY_SIZE(statuses))];
		jobs[i].start_ms = T0 - 3600000 + any(5);
		jobs[i].end_ms = job_status_is_terminal(jobs[i].status) ? T0 - 9000 : -1;
		jobs[i].duration_ms = 1000;
		jobs[i].modified_ms = T0 - 1000 * (int64_t)any(4000);
		jobs[i].tasks = (struct task_counts){.total = 2, .running = (int)any(3)};
		if (any(4))
			continue;
		jobs[i].seen_ms = T0 - 1000 * (int64_t)any(100000);
		jobs[i].missing_ms = jobs[i].seen_ms + 2000;
		jobs[i].settled_without = (int)any(3);
	}
	s->cluster = (struct cluster_status){.address = "http://other:8081",
		.flink_version = "1.20.5",
		.taskmanagers = (int)any(3),
		.slots_total = 8,
		.slots_free = 4};
	s->observed_ms = T0 - 4000;
	s->jobs = jobs;
	s->job_count = count;
	return s;
}

static struct snapshot *any_detail(const char *cluster, const char *id)
{
	static const unsigned parts[] = {
		JOB_PART_VERTICES, JOB_PART_CHECKPOINTS, JOB_PART_RESTARTS, JOB_PART_EXCEPTIONS};
	struct snapshot *s = snapshot_new(SNAPSHOT_JOB, "prod", cluster, id);
	struct checkpoint *last = arena_calloc(s->arena, 1, sizeof(*last));
	struct exception *exception = arena_calloc(s->arena, 1, sizeof(*exception));

	snprintf(s->detail.id, sizeof(s->detail.id), "%s", id);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		s->detail.parts |= any(2) ? parts[i] : 0;
	s->detail.parallelism = (int)any(5);
	s->detail.restarts = any(40);
	s->detail.restarts_before = any(2);
	last->id = any(9);
	last->status = CHECKPOINT_COMPLETED;
	last->path = "hdfs://nn/chk";
	s->detail.checkpoints.last_completed = last;
	s->detail.checkpoints.failed = any(3);
	exception->cause = exception->text = "java.lang.Boom";
	exception->time_ms = T0 - 1000 * (int64_t)any(900);
	exception->lacks_slots = any(3) == 0;
	s->detail.exceptions = exception;
	s->detail.exception_count = 1;
	s->observed_ms = T0 - 4000;
	return s;
}

static struct fleet *new_fleet(void)
{
	struct fleet *fleet = fleet_new();
	char name[8];

	for (unsigned i = 0; i < CLUSTERS; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		fleet_add_cluster(fleet, "prod", name, "standalone", "http://jm:8081");
	}
	return fleet;
}

/* Everything but since when, which for what was loaded nobody saw. */
static char *told(const struct app *app)
{
	const struct job *job = app->job;
	char *text = xasprintf(
		"%s %s, by %s, of %s, %d alike, cluster %s, job %s %s %d %lld %lld %lld %s",
		app_state_name(app->state), state_detail_name(app->detail),
		witness_name(app->witness), app->source, app->duplicates,
		app->cluster ? app->cluster->ref : "-", job ? job->ref : "-",
		job ? job_status_name(job->summary.status) : "-", job ? job->recent_restarts : 0,
		(long long)(job ? job->restarts : 0),
		(long long)(job ? job->last_checkpoint.id : 0),
		(long long)(job ? job->last_exception_ms : 0),
		job && job->app == app ? "its own" : "not its own");

	return text;
}

static void check_same(const struct fleet *got, const struct fleet *want)
{
	int got_counts[STATE_MAX], want_counts[STATE_MAX];
	size_t count, other;
	struct app *const *apps = fleet_apps(want, &count);

	fleet_apps(got, &other);
	check_int("applications", (int)other, (int)count);
	for (size_t i = 0; i < count; i++) {
		const struct app *app = fleet_app(got, apps[i]->ref);

		assert_non_null(app);
		char *a = told(app), *b = told(apps[i]);
		check_str(apps[i]->ref, a, b);
		check_int("since", app->state_since_ms, 0);
		free(a);
		free(b);
	}
	fleet_jobs(want, &count);
	fleet_jobs(got, &other);
	check_int("jobs", (int)other, (int)count);
	fleet_count_states(got, got_counts);
	fleet_count_states(want, want_counts);
	assert_memory_equal(got_counts, want_counts, sizeof(got_counts));
	struct team *const *teams = fleet_teams(want, &count);
	for (size_t i = 0; i < count; i++)
		assert_memory_equal(fleet_team(got, teams[i]->ref)->counts, teams[i]->counts,
			sizeof(teams[i]->counts));
	struct cluster *const *clusters = fleet_clusters(want, &count);
	for (size_t i = 0; i < count; i++) {
		const struct cluster *cluster = fleet_cluster(got, clusters[i]->ref);
		check_int("live", cluster->live_jobs, clusters[i]->live_jobs);
		check_int("doubtful", cluster->doubtful_jobs, clusters[i]->doubtful_jobs);
		check_str("address", cluster->address, clusters[i]->address);
	}
}

static void loaded_at_once_is_what_it_is_piece_by_piece(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct fleet *pieces = new_fleet(), *loaded = new_fleet();
		VEC(struct snapshot *) all = {0};

		if (any(4))
			vec_push(&all, any_workspace());
		for (unsigned c = 0; c < CLUSTERS; c++)
			if (any(4))
				vec_push(&all, any_cluster(c));
		for (size_t i = 0, clusters = all.len; i < clusters; i++)
			for (size_t k = 0; k < all.data[i]->job_count; k++)
				if (any(2))
					vec_push(&all,
						any_detail(all.data[i]->source,
							all.data[i]->jobs[k].id));
		for (size_t i = 0; i < all.len; i++) {
			all.data[i]->from_store = true;
			fleet_apply(pieces, all.data[i], T0);
		}
		size_t first = all.len ? any((unsigned)all.len) : 0, hidden;
		fleet_load_begin(loaded);
		fleet_load(loaded, all.data, first, T0);
		fleet_apps(loaded, &hidden);
		check_int("a half of it is not seen", (int)hidden, 0);
		fleet_load(loaded, all.data + first, all.len - first, T0);
		fleet_load_end(loaded, "prod", T0);
		check_same(loaded, pieces);
		for (size_t i = 0; i < all.len; i++)
			snapshot_unref(all.data[i]);
		vec_release(&all);
		fleet_free(pieces);
		fleet_free(loaded);
	}
}

struct heard {
	int calls;
	size_t count;
	bool has_cause;
};

static void on_load(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct heard *heard = data;

	heard->calls++;
	heard->count = count;
	heard->has_cause = cause != NULL;
	check_int("the lists as a whole", changes[0].kind, KIND_MAX);
}

static void nobody_is_told_of_each(void **state)
{
	struct fleet *fleet = new_fleet();
	struct heard heard = {0};
	struct snapshot *all[] = {any_cluster(0), any_cluster(1)};

	(void)state;
	fleet_subscribe(fleet, on_load, &heard);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		all[i]->from_store = true;
	fleet_load_begin(fleet);
	fleet_load(fleet, all, ARRAY_SIZE(all), T0);
	check_int("before its end", heard.calls, 0);
	fleet_load_end(fleet, "prod", T0);
	check_int("calls", heard.calls, 1);
	check_int("changes", (int)heard.count, 1);
	check_bool("cause", heard.has_cause, false);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		snapshot_unref(all[i]);
	fleet_free(fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loaded_at_once_is_what_it_is_piece_by_piece),
		cmocka_unit_test(nobody_is_told_of_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
