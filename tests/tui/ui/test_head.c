/*
 * The first frame of a large fleet is, cell by cell, the one that is drawn when all of it is loaded; where
 * that is not sure, there is none.
 */
#include "core/cli/session_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
#include "tui/ui/screen.h"

#define CONTEXT "prod"
#define CLUSTERS 7
#define DEADLINE_MS 60000
#define DAY_MS ((int64_t)24 * 3600 * 1000)

static uint32_t seed = 5;

static int any(int below)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 8) % (uint32_t)below);
}

/* ---- a store, as a weir leaves it that has asked its clusters ---- */

static const char *any_name(struct arena *arena, int i)
{
	static const char *const words[] = {"orders", "Orders", "订单", "a", "zeta-2", "zeta-10"};

	return arena_printf(arena, "%s-%03d", words[any(6)], any(3) ? i : i / 9);
}

static struct snapshot *workspace(int apps, int64_t now_ms)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_WORKSPACE, CONTEXT, "workspace", NULL);
	struct arena *arena = snapshot->arena;
	struct team_decl *teams = arena_calloc(arena, 3, sizeof(*teams));
	struct app_decl *decls = arena_calloc(arena, (size_t)apps + 1, sizeof(*decls));

	for (int i = 0; i < 3; i++)
		teams[i].name = arena_printf(arena, "team%d", i);
	for (int i = 0; i < apps; i++) {
		struct app_decl *decl = &decls[i];

		*decl = (struct app_decl){.team = teams[i % 3].name,
			.name = arena_printf(arena, "%s.%d", any_name(arena, i), i),
			.job_name = arena_printf(arena, "job-%d", i),
			.cluster = arena_printf(arena, "c%d", any(CLUSTERS + 1)),
			.parallelism = -1,
			.text = "type: jar\n",
			.path = arena_printf(arena, "team%d/%d.yaml", i % 3, i)};
		if (!any(40))
			decl->error = "x.yaml:1:1: broken";
	}
	snapshot->asked_ms = snapshot->observed_ms = now_ms;
	snapshot->teams = teams;
	snapshot->team_count = 3;
	snapshot->apps = decls;
	snapshot->app_count = (size_t)apps;
	return snapshot;
}

/* begun_ms: jobs are at least so old. One that restarts again and again is well in an hour. */
static int64_t begun_ms = DAY_MS;

/* Some of what was declared runs there, and something that nobody declared. */
static struct snapshot *answer(int cluster, int apps, int64_t now_ms)
{
	static const enum job_status statuses[] = {JOB_RUNNING, JOB_RUNNING, JOB_RUNNING,
		JOB_RUNNING, JOB_FAILED, JOB_FINISHED, JOB_RESTARTING, JOB_CANCELED, JOB_CREATED};
	char name[8];
	struct snapshot *snapshot;
	struct job_summary *jobs;

	snprintf(name, sizeof(name), "c%d", cluster);
	snapshot = snapshot_new(SNAPSHOT_CLUSTER, CONTEXT, name, NULL);
	jobs = arena_calloc(snapshot->arena, (size_t)apps + 1, sizeof(*jobs));
	snapshot->asked_ms = snapshot->observed_ms = now_ms;
	snapshot->latency_ms = 3;
	snapshot->cluster =
		(struct cluster_status){"http://127.0.0.1:1", "1.20.5", 2, 8, 3, apps, 0, 0, 0};
	for (int i = cluster; i < apps; i += CLUSTERS) {
		struct job_summary *job = &jobs[snapshot->job_count++];

		snprintf(job->id, sizeof(job->id), "%032x", (unsigned)i);
		job->name = any(4) ? arena_printf(snapshot->arena, "job-%d", i)
				   : any_name(snapshot->arena, i);
		job->status = statuses[any(ARRAY_SIZE(statuses))];
		job->start_ms = now_ms - begun_ms - any(1000000);
		job->end_ms = job_status_is_terminal(job->status) ? now_ms - 5 : -1;
		job->duration_ms = now_ms - job->start_ms;
		job->modified_ms = job->start_ms + 10;
		job->tasks = (struct task_counts){4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0};
	}
	snapshot->jobs = jobs;
	return snapshot;
}

static struct snapshot *detail(int cluster, int job, int64_t now_ms)
{
	char name[8], id[JOB_ID_LEN + 1];
	struct snapshot *snapshot;

	snprintf(name, sizeof(name), "c%d", cluster);
	snprintf(id, sizeof(id), "%032x", (unsigned)job);
	snapshot = snapshot_new(SNAPSHOT_JOB, CONTEXT, name, id);
	snapshot->asked_ms = snapshot->observed_ms = now_ms;
	memcpy(snapshot->detail.id, id, sizeof(id));
	snapshot->detail.parts = JOB_PART_VERTICES | JOB_PART_RESTARTS;
	snapshot->detail.parallelism = any(9);
	snapshot->detail.restarts = any(9);
	return snapshot;
}

struct place {
	char *dir, *config_path;
	struct config *config;
};

static void apply(struct fleet *fleet, struct snapshot *snapshot)
{
	fleet_apply(fleet, snapshot, snapshot->observed_ms);
	snapshot_unref(snapshot);
}

/* What comes on top of what is there. */
static void add_to(struct place *place, int apps)
{
	int64_t now_ms = clock_wall_ms() - 60000;
	char *dir = temp_path(place->dir, CONTEXT);
	struct fleet *fleet = fleet_new();
	struct loop *loop;
	struct store *store;
	struct err err = {0};

	check_ok("loop", loop_open(&loop, &err), &err);
	for (int i = 0; i < CLUSTERS; i++) {
		char name[8];

		snprintf(name, sizeof(name), "c%d", i);
		fleet_add_cluster(fleet, CONTEXT, name, "standalone", "http://127.0.0.1:1");
	}
	store_open(&store, loop, dir, CONTEXT, NULL, NULL);
	fleet_subscribe(fleet, store_note, store);
	if (apps)
		apply(fleet, workspace(apps, now_ms));
	for (int i = 0; i < CLUSTERS; i++)
		apply(fleet, answer(i, apps ? apps : 7, now_ms));
	for (int i = 0; i < apps / 4; i++) {
		int job = any(apps);

		apply(fleet, detail(job % CLUSTERS, job, now_ms));
	}
	store_flush(store);
	assert_true(loop_run_until_idle(loop, DEADLINE_MS));
	store_close(store);
	fleet_free(fleet);
	loop_close(loop);
	free(dir);
}

static struct place place_new(int apps)
{
	struct place place = {.dir = temp_dir()};
	struct buf text;
	struct err err = {0};

	buf_init(&text, 0);
	buf_adds(&text, "contexts:\n- name: " CONTEXT "\n  clusters:\n");
	for (int i = 0; i < CLUSTERS; i++)
		buf_addf(&text, "  - {name: c%d, rest: [\"http://127.0.0.1:1\"]}\n", i);
	place.config_path = temp_path(place.dir, "config.yaml");
	temp_file(place.config_path, buf_str(&text));
	buf_release(&text);
	check_ok("config", config_read(&place.config, place.config_path, &err), &err);
	add_to(&place, apps);
	return place;
}

static void place_free(struct place *place)
{
	config_free(place->config);
	free(place->config_path);
	temp_dir_remove(place->dir);
}

static void keep(const struct place *place)
{
	char *dir = temp_path(place->dir, CONTEXT);

	session_head_keep(&place->config->contexts[0], dir);
	free(dir);
}

/* ---- a start ---- */

struct start {
	struct session *session;
	struct screen *screen;
	struct canvas *canvas;
	struct buf head, whole; /* frames, both as of: */
	int64_t drawn_ms;
	size_t apps;
	bool is_loaded, has_answer;
};

/* Ages do not move between the two. */
static void dump(struct start *start, struct fleet *head, struct buf *out)
{
	clock_fix(start->drawn_ms, 77777777);
	if (!head)
		screen_draw(start->screen, start->canvas);
	if (!head || screen_draw_head(start->screen, head, start->canvas))
		canvas_dump(start->canvas, out, true);
	clock_fix(0, 0);
}

static void on_head(void *data, struct fleet *head)
{
	struct start *start = data;

	assert_false(start->has_answer);
	start->has_answer = true;
	if (head)
		dump(start, head, &start->head);
	fleet_free(head);
	loop_stop(start->session->loop);
}

static void on_loaded(void *data)
{
	struct start *start = data;

	screen_loaded(start->screen);
	fleet_apps(start->session->fleet, &start->apps);
	dump(start, NULL, &start->whole);
	start->is_loaded = true;
	loop_stop(start->session->loop);
}

static void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct start *start = data;

	if (start->screen)
		screen_changed(start->screen, cause, changes, count);
}

/* session_json: what a person left there, or NULL. */
static struct start start_at(const struct place *place, int rows, const char *session_json)
{
	static const char *const contexts[] = {CONTEXT};
	struct session_options options = {.config_path = place->config_path,
		.store_dir = place->dir,
		.sources_later = true,
		.wants_head = true};
	struct start start = {.canvas = canvas_new(rows, 160), .drawn_ms = clock_wall_ms()};
	struct err err = {0};

	buf_init(&start.head, 0);
	buf_init(&start.whole, 0);
	check_ok("session", session_open(&start.session, &options, &err), &err);
	check_ok("screen",
		screen_new(&start.screen,
			&(struct screen_backend){.fleet = start.session->fleet,
				.contexts = contexts,
				.context_count = 1},
			&err),
		&err);
	if (session_json)
		check_ok("session.json",
			screen_session_take(start.screen, session_json, strlen(session_json), &err),
			&err);
	fleet_subscribe(start.session->fleet, on_changes, &start);
	/* The head first, however the threads run. */
	session_head(start.session, on_head, &start);
	while (!start.has_answer)
		loop_run(start.session->loop);
	session_load(start.session, on_loaded, &start);
	while (!start.is_loaded)
		loop_run(start.session->loop);
	screen_free(start.screen);
	start.screen = NULL;
	session_close(start.session);
	canvas_free(start.canvas);
	return start;
}

/* The first line that differs. */
static void check_frames(const struct start *start)
{
	char *head = xstrdup(buf_str(&start->head)), *whole = xstrdup(buf_str(&start->whole));
	char *rest = head, *other = whole, *line;

	while ((line = strsep(&rest, "\n")))
		check_str("first frame", line, strsep(&other, "\n"));
	assert_null(other);
	free(head);
	free(whole);
}

/* Whether there was a head. */
static bool check_start(const struct place *place, int rows, const char *session_json)
{
	struct start start = start_at(place, rows, session_json);
	bool had_head = start.head.len > 0;

	if (had_head)
		check_frames(&start);
	buf_release(&start.head);
	buf_release(&start.whole);
	return had_head;
}

/* ---- tests ---- */

static void it_is_the_frame_of_all(void **state)
{
	int heads = 0;

	(void)state;
	for (int round = 0; round < 6; round++) {
		struct place place = place_new(500 + any(150));

		keep(&place);
		heads += check_start(&place, 15 + any(60), NULL);
		place_free(&place);
	}
	assert_in_range(heads, 3, 6);
}

static void what_was_written_since_is_seen(void **state)
{
	struct place place = place_new(520);

	(void)state;
	assert_false(check_start(&place, 40, NULL)); /* none was kept, as by an older weir */
	keep(&place);
	assert_true(check_start(&place, 40, NULL));
	assert_true(check_start(&place, 40, NULL)); /* to look is not to write */
	add_to(&place, 0);
	assert_false(check_start(&place, 40, NULL));
	keep(&place);
	assert_true(check_start(&place, 40, NULL));
	place_free(&place);
}

static void another_configuration_or_a_broken_file_has_none(void **state)
{
	struct place place = place_new(520);
	char *dir = temp_path(place.dir, CONTEXT), *path = temp_path(dir, "head.json");

	(void)state;
	keep(&place);
	assert_true(check_start(&place, 40, NULL));
	temp_file(place.config_path,
		"contexts:\n- name: " CONTEXT
		"\n  clusters: [{name: c1, rest: [\"http://127.0.0.1:1\"]}]\n");
	assert_false(check_start(&place, 40, NULL));
	temp_file(path, "{\"version\": 1, \"stamp\"");
	assert_false(check_start(&place, 40, NULL));
	free(path);
	free(dir);
	place_free(&place);
}

/* It is the next start's to tell. */
static void who_keeps_it_repairs_nothing_and_leaves_nothing(void **state)
{
	static const char garbage[] = "this is no database, and longer than the head of one: "
				      "0123456789012345678901234567890123456789012345678901234567";
	struct place place = place_new(520);
	char *dir = temp_path(place.dir, CONTEXT);
	char *registry = temp_path(dir, "registry.db"), *head = temp_path(dir, "head.json");
	char *logs[] = {temp_path(dir, "registry.db-wal"), temp_path(dir, "cache.db-wal")};
	struct buf text;
	struct err err;

	(void)state;
	keep(&place);
	assert_int_equal(access(head, F_OK), 0);
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		assert_int_not_equal(access(logs[i], F_OK), 0);
		free(logs[i]);
	}
	unlink(head);
	temp_file(registry, garbage);
	keep(&place);
	buf_init(&text, 0);
	check_ok("registry", file_read(registry, &text, &err), &err);
	check_str("registry", buf_str(&text), garbage);
	assert_int_not_equal(access(head, F_OK), 0);
	buf_release(&text);
	free(registry);
	free(head);
	free(dir);
	place_free(&place);
}

static void what_time_alone_will_change_has_none(void **state)
{
	struct place place;

	(void)state;
	begun_ms = 0;
	place = place_new(520);
	begun_ms = DAY_MS;
	keep(&place);
	assert_false(check_start(&place, 40, NULL));
	place_free(&place);
}

static void a_small_fleet_needs_none(void **state)
{
	struct place place = place_new(100);

	(void)state;
	keep(&place);
	assert_false(check_start(&place, 40, NULL));
	place_free(&place);
}

static void where_somebody_was_elsewhere_all_is_waited_for(void **state)
{
	static const char *const elsewhere[] = {
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"sort\": "
		"\"state\"}}}",
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"descending\": true, "
		"\"sort\": \"name\"}}}",
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"filter\": \"a\"}}}",
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"group\": "
		"\"team\"}}}",
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"attention\": "
		"true}}}",
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"selected\": "
		"\"prod/x\"}}}",
		"{\"version\": 1, \"list\": \"clusters\", \"lists\": {}}",
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {}, \"card\": \"prod/x\"}",
	};
	struct place place = place_new(520);

	(void)state;
	keep(&place);
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		assert_false(check_start(&place, 40, elsewhere[i]));
	/* Columns do not change which rows there are. */
	assert_true(check_start(&place, 40,
		"{\"version\": 1, \"list\": \"apps\", \"lists\": {\"apps\": {\"wide\": true, "
		"\"columns\": \"name:40,-state\"}}}"));
	place_free(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_frame_of_all),
		cmocka_unit_test(what_was_written_since_is_seen),
		cmocka_unit_test(another_configuration_or_a_broken_file_has_none),
		cmocka_unit_test(who_keeps_it_repairs_nothing_and_leaves_nothing),
		cmocka_unit_test(what_time_alone_will_change_has_none),
		cmocka_unit_test(a_small_fleet_needs_none),
		cmocka_unit_test(where_somebody_was_elsewhere_all_is_waited_for),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
