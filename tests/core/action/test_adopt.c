/*
 * adopt: which job may be whose run, what is written, what the fleet makes of it, and the way back.
 * Nothing is sent to a cluster, whatever it comes to.
 */
#include "core/base/str.h"
#include "core/query/query_record.h"
#include "tests/core/action/stage.h"

#define A "a0000000000000000000000000000000"
#define B "b0000000000000000000000000000000"
#define C "c0000000000000000000000000000000"
#define D "d0000000000000000000000000000000"

struct town {
	struct stage *s;
	struct fleet *fleet;
	struct record_feed *feed;
};

static void apply(struct town *t, struct snapshot *snapshot)
{
	snapshot->asked_ms = snapshot->observed_ms = clock_wall_ms();
	fleet_apply(t->fleet, snapshot, snapshot->observed_ms);
	snapshot_unref(snapshot);
}

static void declare(struct town *t)
{
	struct snapshot *w = snapshot_new(SNAPSHOT_WORKSPACE, "prod", "workspace", NULL);
	struct team_decl *team = arena_alloc(w->arena, sizeof(*team));
	struct app_decl *apps = arena_calloc(w->arena, 4, sizeof(*apps));
	static const char *const names[] = {"orders", "users", "nowhere"};

	team->name = "ods";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		apps[i] = (struct app_decl){.team = "ods",
			.name = names[i],
			.job_name = names[i],
			.cluster = i < 2 ? "sessions" : NULL,
			.parallelism = -1,
			.path = names[i],
			.text = names[i]};
	w->teams = team;
	w->team_count = 1;
	w->apps = apps;
	w->app_count = ARRAY_SIZE(names);
	apply(t, w);
}

/* "id name STATUS" each. */
static void answer(struct town *t, const char *cluster, const char *const (*jobs)[3], size_t count)
{
	struct snapshot *c = snapshot_new(SNAPSHOT_CLUSTER, "prod", cluster, NULL);
	struct job_summary *list = arena_calloc(c->arena, count + 1, sizeof(*list));

	c->cluster = (struct cluster_status){.address = "http://jm", .taskmanagers = 1};
	for (size_t i = 0; i < count; i++) {
		memcpy(list[i].id, jobs[i][0], JOB_ID_LEN + 1);
		list[i].name = jobs[i][1];
		list[i].status = job_status_parse(jobs[i][2]);
		list[i].start_ms = clock_wall_ms() - 60000 + (int64_t)i;
		list[i].end_ms = -1;
		list[i].tasks = (struct task_counts){.total = 1, .running = 1};
	}
	c->jobs = list;
	c->job_count = count;
	apply(t, c);
}
#define ANSWER(t, cluster, ...)                                                                    \
	answer(t, cluster, (const char *const[][3]){__VA_ARGS__},                                  \
		ARRAY_SIZE(((const char *const[][3]){__VA_ARGS__})))

static struct app *app_named(struct town *t, const char *word)
{
	struct app *found[2] = {NULL, NULL};

	check_int(word, (int64_t)fleet_find_apps(t->fleet, word, found, 2), 1);
	return found[0];
}

static void on_read(void *data)
{
	struct stage *s = data;

	s->is_back = true;
}

static void read_registry(struct town *t)
{
	record_feed_ask(t->feed, on_read, t->s);
	wait(t->s, "registry");
}

static void adopt(struct town *t, const char *word, const char *job_id)
{
	t->s->options.app = app_named(t, word);
	t->s->options.fleet = t->fleet;
	t->s->options.source = NULL;
	t->s->options.args = (struct action_args){.job_id = job_id};
	act(t->s, word, &act_adopt);
}

static void open_town(struct town *t, struct stage *s)
{
	*t = (struct town){.s = s, .fleet = fleet_new()};
	fleet_add_cluster(t->fleet, "prod", "sessions", "standalone", "http://jm");
	fleet_add_cluster(t->fleet, "prod", "other", "standalone", "http://jm2");
	t->feed = record_feed_new(s->loop, s->store, t->fleet, "prod");
	declare(t);
}

static void close_town(struct town *t)
{
	check_int("nothing was sent", sent(t->s), 0);
	record_feed_free(t->feed);
	fleet_free(t->fleet);
}

static void one_of_two_jobs_of_a_name_is_chosen_and_let_go_again(void **state)
{
	struct town t;
	const struct app *app;

	open_town(&t, *state);
	ANSWER(&t, "sessions", {A, "orders", "RUNNING"}, {B, "orders", "RUNNING"});
	adopt(&t, "ods/orders", NULL);
	check_err("which?", t.s->err.code, &t.s->err, E_CONFLICT, A ", " B);
	check_bool("no row", t.s->run == NULL, true);

	adopt(&t, "ods/orders", "B0000000000000000000000000000000");
	check_int("adopted", t.s->err.code, 0);
	check_has("plan", t.s->calls, "job " B " (orders) on cluster sessions is the run of");
	check_str("row", t.s->run->start_job_id, B);
	check_str("verb", t.s->run->verb, "adopt");
	check_bool("its former job is left alone", t.s->run->job_id == NULL, true);
	check_has("arguments", t.s->run->arguments, "\"jobId\"");
	read_registry(&t);
	app = app_named(&t, "ods/orders");
	check_str("its run", app->job->summary.id, B);
	check_str("state", app_state_name(app->state), "RUNNING");
	check_str("the alarm stays", state_detail_name(app->detail), "DUPLICATE");

	adopt(&t, "ods/orders", B);
	check_err("twice", t.s->err.code, &t.s->err, E_CONFLICT, "is its own already");

	t.s->options.args = (struct action_args){.lets_go = true};
	t.s->options.app = app_named(&t, "ods/orders");
	act(t.s, "undo", &act_adopt);
	check_int("let go", t.s->err.code, 0);
	read_registry(&t);
	app = app_named(&t, "ods/orders");
	check_bool("none is its own", app->job == NULL, true);
	check_str("as before", app_state_name(app->state), "UNKNOWN");
	t.s->options.app = app;
	act(t.s, "undo twice", &act_adopt);
	check_err("undo twice", t.s->err.code, &t.s->err, E_CONFLICT, "has adopted no job");

	adopt(&t, "ods/orders", A);
	read_registry(&t);
	check_str("the other one", app_named(&t, "ods/orders")->job->summary.id, A);
	close_town(&t);
}

static void a_job_of_another_name_is_adopted_and_followed_to_its_end(void **state)
{
	struct town t;

	open_town(&t, *state);
	ANSWER(&t, "sessions", {C, "by hand", "RUNNING"});
	adopt(&t, "ods/users", NULL);
	check_err(
		"no such name", t.s->err.code, &t.s->err, E_NOTFOUND, "by --job-id: " C " by hand");
	adopt(&t, "ods/users", C);
	check_int("adopted", t.s->err.code, 0);
	check_has("a name that is not the file's", t.s->warnings, "known by the name 'by hand'");
	read_registry(&t);
	check_str("its run", app_named(&t, "ods/users")->job->name, "by hand");
	ANSWER(&t, "sessions", {C, "by hand", "FAILED"});
	check_str("its end", app_state_name(app_named(&t, "ods/users")->state), "FAILED");
	/* Started again under the name that the file says: it is followed. */
	ANSWER(&t, "sessions", {C, "by hand", "FAILED"}, {A, "users", "RUNNING"});
	check_str("followed", app_named(&t, "ods/users")->job->summary.id, A);
	close_town(&t);
}

/* Restarted outside, it has another id. */
static void who_was_adopted_is_followed_by_its_name(void **state)
{
	struct town t;
	const struct app *app;

	open_town(&t, *state);
	ANSWER(&t, "sessions", {A, "by hand", "RUNNING"});
	adopt(&t, "ods/users", A);
	check_str("its name is in the row", t.s->run->result, "by hand");
	read_registry(&t);
	ANSWER(&t, "sessions", {A, "by hand", "CANCELED"}, {B, "by hand", "RUNNING"});
	app = app_named(&t, "ods/users");
	check_str("followed", app->job->summary.id, B);
	check_str("state", app_state_name(app->state), "RUNNING");
	check_int("one of that name", app->duplicates, 0);
	/* A JobManager and a weir that know no more of the first one. */
	ANSWER(&t, "sessions", {B, "by hand", "RUNNING"});
	ANSWER(&t, "sessions", {B, "by hand", "FAILED"});
	check_str("its end", app_state_name(app_named(&t, "ods/users")->state), "FAILED");

	/* Two of that name: whose they are nobody knows. */
	ANSWER(&t, "sessions", {A, "by hand", "RUNNING"}, {B, "by hand", "FAILED"},
		{C, "by hand", "RUNNING"});
	check_str("known by its id", app_named(&t, "ods/users")->job->summary.id, A);
	ANSWER(&t, "sessions", {B, "by hand", "RUNNING"}, {C, "by hand", "RUNNING"});
	app = app_named(&t, "ods/users");
	check_bool("neither", !app->job || str_eq(app->job->summary.id, A), true);
	ANSWER(&t, "sessions", {C, "by hand", "RUNNING"}, {D, "users", "RUNNING"});
	check_str("the adopted name counts", app_named(&t, "ods/users")->job->summary.id, C);
	ANSWER(&t, "sessions", {D, "users", "RUNNING"});
	check_str("else the file's", app_named(&t, "ods/users")->job->summary.id, D);

	t.s->options.args = (struct action_args){.lets_go = true};
	t.s->options.app = app_named(&t, "ods/users");
	act(t.s, "undo", &act_adopt);
	read_registry(&t);
	ANSWER(&t, "sessions", {B, "by hand", "RUNNING"});
	app = app_named(&t, "ods/users");
	check_bool("let go", !app->job || str_eq(app->job->summary.id, D), true);
	close_town(&t);
}

/* Another application says that name in its file. */
static void a_name_that_is_declared_is_followed_by_who_declares_it(void **state)
{
	struct town t;

	open_town(&t, *state);
	ANSWER(&t, "sessions", {A, "orders", "RUNNING"}, {B, "orders", "RUNNING"});
	adopt(&t, "ods/users", B);
	read_registry(&t);
	check_str("its own", app_named(&t, "ods/users")->job->summary.id, B);
	ANSWER(&t, "sessions", {C, "orders", "RUNNING"});
	check_str("orders", app_named(&t, "ods/orders")->job->summary.id, C);
	check_bool(
		"users", app_named(&t, "ods/users")->job != app_named(&t, "ods/orders")->job, true);
	close_town(&t);
}

static void what_cannot_be_a_run_is_refused(void **state)
{
	static const struct {
		const char *app, *job_id;
		enum err_code code;
		const char *text;
	} rows[] = {
		{"ods/users", "12ab", E_ARG, "a job id is 32 hexadecimal digits"},
		{"ods/users", "d0000000000000000000000000000000", E_NOTFOUND,
			"cluster sessions does not list a job d0"},
		{"ods/users", C, E_CONFLICT, "runs on cluster other, and the file of users says"},
		{"ods/users", B, E_CONFLICT, "does not run any more (CANCELED)"},
		{"ods/users", A, E_CONFLICT, "is the run of ods/orders"},
		{"ods/nowhere", A, E_CONFLICT, "names no cluster"},
		{B, A, E_CONFLICT, "weir adopt APP --job-id " B},
	};
	struct town t;
	struct snapshot *silent;

	open_town(&t, *state);
	ANSWER(&t, "sessions", {A, "orders", "RUNNING"}, {B, "gone", "CANCELED"});
	ANSWER(&t, "other", {C, "far", "RUNNING"});
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		adopt(&t, rows[i].app, rows[i].job_id);
		check_err(rows[i].text, t.s->err.code, &t.s->err, (int)rows[i].code, rows[i].text);
	}
	silent = snapshot_new(SNAPSHOT_CLUSTER, "prod", "sessions", NULL);
	snapshot_fail(silent, E_NET, "connection refused");
	apply(&t, silent);
	adopt(&t, "ods/orders", NULL);
	check_err("silent", t.s->err.code, &t.s->err, E_NET, "connection refused");
	t.s->config.readonly = true;
	adopt(&t, "ods/orders", A);
	check_err("read-only", t.s->err.code, &t.s->err, E_DENIED, "adopt is not allowed");
	newest(t.s, "rows");
	check_int("no row was written", (int64_t)t.s->rows, 0);
	close_town(&t);
}

static void verbs_refuse_where_two_jobs_have_the_name(void **state)
{
	static const struct act *const acts[] = {
		&act_stop, &act_cancel, &act_savepoint, &act_start, &act_restart};
	struct town t;

	open_town(&t, *state);
	ANSWER(&t, "sessions", {A, "orders", "RUNNING"}, {B, "orders", "RUNNING"});
	t.s->options.fleet = t.fleet;
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		t.s->options.app = app_named(&t, "ods/orders");
		act(t.s, acts[i]->name, acts[i]);
		check_err(acts[i]->name, t.s->err.code, &t.s->err, E_CONFLICT,
			"2 live jobs have its name: " A ", " B ". Which one is its run says weir "
			"adopt ods/orders --job-id ID");
	}
	adopt(&t, "ods/orders", A);
	read_registry(&t);
	t.s->options.app = app_named(&t, "ods/orders");
	act(t.s, "start", &act_start);
	check_err("a third one", t.s->err.code, &t.s->err, E_CONFLICT, "Its own is " A);
	/* Which one is chosen: what is for one job is for that one. */
	t.s->options.source = t.s->source;
	t.s->waits = true;
	act(t.s, "stop", &act_stop);
	check_int("planned", t.s->err.code, 0);
	check_has("its own", t.s->calls, "/jobs/" A "/stop");
	check_has("and says so", t.s->warnings, "2 live jobs have its name: this is for job " A);
	action_drop(t.s->action);
	close_town(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_of_two_jobs_of_a_name_is_chosen_and_let_go_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_job_of_another_name_is_adopted_and_followed_to_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_was_adopted_is_followed_by_its_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_declared_is_followed_by_who_declares_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_a_run_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			verbs_refuse_where_two_jobs_have_the_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
