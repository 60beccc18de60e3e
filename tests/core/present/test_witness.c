/* Who says what of an application, how old that is, and in one sentence why it is in its state. */
#include "core/present/witness.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "tests/core/fleet/kit.h"

static json_t *witnesses_of(const struct app *app, const struct present_env *env)
{
	struct buf text;
	struct json_out out = {.out = &text};
	json_t *list;

	buf_init(&text, 0);
	app_witnesses_json(app, env, &out);
	list = json_loadb(buf_str(&text), text.len, 0, NULL);
	buf_release(&text);
	return list;
}

static struct present_env env_of(const struct world *w)
{
	return (struct present_env){.now_ms = w->now, .stale_ms = 5000};
}

static json_t *witness(json_t *list, const char *name)
{
	size_t i;
	json_t *item;

	json_array_foreach (list, i, item)
		if (str_eq(doc_str(item, "witness"), name))
			return item;
	fail_msg("no witness '%s'", name);
	return NULL;
}

/* "says text at" of one witness. */
static void check_words(
	json_t *list, const char *name, const char *says, const char *text, const char *at)
{
	json_t *item = witness(list, name);

	check_str(name, doc_str(item, "says"), says);
	check_str(name, doc_str(item, "text"), text);
	check_str(name, doc_str(item, "at"), at);
}

static void check_reason(const struct app *app, const struct present_env *env, const char *want)
{
	struct buf text;

	buf_init(&text, 0);
	app_reason(app, env, &text);
	check_str("why", buf_str(&text), want);
	buf_release(&text);
}

static void record(struct world *w, const struct record *row)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_REGISTRY, "prod", "registry", NULL);
	struct record *copy = arena_calloc(s->arena, 1, sizeof(*copy));

	*copy = *row;
	copy->app = arena_strdup(s->arena, app_named(w, "ods/orders")->ref);
	s->records = copy;
	s->record_count = 1;
	apply(w, s);
}

static void the_witnesses_stand_side_by_side(void **state)
{
	struct world *w = *state;
	json_t *list;
	struct present_env env;

	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	record(w,
		&(struct record){.started = {.id = 12,
					 .verb = "start",
					 .state = RUN_DONE,
					 .start_job_id = "a0000000000000000000000000000000",
					 .ended_ms = T0 - 60000}});
	env = env_of(w);
	list = witnesses_of(app_named(w, "orders"), &env);
	check_int("three", (int64_t)json_array_size(list), 3);
	check_words(list, "jobmanager", "RUNNING", NULL, "http://jm:8081");
	check_words(list, "workspace", "DECLARED", NULL, "x.yaml");
	check_words(
		list, "run", "STARTED", "job a0000000000000000000000000000000", "run 12, start");
	check_int("age", doc_int(witness(list, "jobmanager"), "ageMs", -1), 2 * POLL);
	check_int("age", doc_int(witness(list, "workspace"), "ageMs", -1), 3 * POLL);
	check_int("age", doc_int(witness(list, "run"), "ageMs", -1), 60000 + 3 * POLL);
	check_bool("believed",
		json_is_true(json_object_get(witness(list, "jobmanager"), "believed")), true);
	check_bool(
		"believed", json_is_true(json_object_get(witness(list, "run"), "believed")), false);
	check_reason(app_named(w, "orders"), &env,
		"the JobManager at http://jm:8081 said RUNNING, 4s ago");
	json_decref(list);
}

static void silence_leaves_the_last_word_with_its_age(void **state)
{
	struct world *w = *state;
	struct present_env env;
	json_t *list, *item;

	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	no_answer(w);
	no_answer(w);
	env = env_of(w);
	list = witnesses_of(app_named(w, "orders"), &env);
	item = witness(list, "jobmanager");
	check_str("its last word", doc_str(item, "says"), "RUNNING");
	check_int("polls", doc_int(item, "missedPolls", -1), 2);
	check_has("why", doc_str(item, "trouble"), "connection refused");
	check_int("age", doc_int(item, "ageMs", -1), 3 * POLL);
	check_bool(
		"its silence is believed", json_is_true(json_object_get(item, "believed")), true);
	json_decref(list);
}

/* The wall clock leaps by an hour; what was said two seconds ago is two seconds old. */
static void ages_do_not_follow_the_wall_clock(void **state)
{
	struct world *w = *state;
	struct snapshot *s = cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1);
	struct present_env env;
	json_t *list;

	DECLARE(w, "orders");
	s->mono_ms = 70000;
	apply(w, s);
	for (int sign = -1; sign <= 1; sign += 2) {
		env = env_of(w);
		env.now_ms += sign * 3600 * 1000LL;
		env.mono_ms = 72000;
		list = witnesses_of(app_named(w, "orders"), &env);
		check_int("age", doc_int(witness(list, "jobmanager"), "ageMs", -1), 2000);
		json_decref(list);
		check_reason(app_named(w, "orders"), &env,
			"the JobManager at http://jm:8081 said RUNNING, 2s ago");
		check_bool("stale", app_table.is_stale(app_named(w, "orders"), &env), false);
	}
}

static void two_jobs_of_a_name_are_told_by_their_ids(void **state)
{
	struct world *w = *state;
	struct present_env env;
	struct app *app;
	json_t *item, *list;

	DECLARE(w, "orders");
	ANSWER(w, 2, {"a", "orders", "RUNNING"}, {"b", "orders", "RUNNING"});
	env = env_of(w);
	app = app_named(w, "ods/orders");
	check_reason(app, &env,
		"2 live jobs have its name, and none is taken for its own: "
		"a0000000000000000000000000000000, b0000000000000000000000000000000");
	item = column_item_json(&app_table, app, &env);
	list = json_object_get(item, "duplicates");
	check_int("both", (int64_t)json_array_size(list), 2);
	check_str("one", json_string_value(json_array_get(list, 0)),
		"a0000000000000000000000000000000");
	check_str("state", doc_str(item, "stateDetail"), "DUPLICATE");
	check_words(json_object_get(item, "witnesses"), "jobmanager", "DUPLICATE",
		"lists 2 live jobs of its name", "http://jm:8081");
	json_decref(item);
	record(w,
		&(struct record){.started = {.id = 3,
					 .verb = "adopt",
					 .state = RUN_DONE,
					 .start_job_id = "b0000000000000000000000000000000",
					 .ended_ms = w->now}});
	env = env_of(w);
	app = app_named(w, "ods/orders");
	check_reason(app, &env,
		"the JobManager at http://jm:8081 said RUNNING, 4s ago; duplicate: 2 live jobs "
		"have its name, the other a0000000000000000000000000000000");
	list = witnesses_of(app, &env);
	check_words(list, "run", "ADOPTED", "job b0000000000000000000000000000000", "run 3, adopt");
	json_decref(list);
}

static void what_our_runs_did_is_said_before_what_the_jobmanager_knew(void **state)
{
	struct world *w = *state;
	struct present_env env;
	json_t *list;

	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "FINISHED"});
	record(w,
		&(struct record){.stopped = {.id = 13,
					 .verb = "stop",
					 .state = RUN_DONE,
					 .with_savepoint = true,
					 .job_id = "a0000000000000000000000000000000",
					 .ended_ms = T0 + POLL}});
	env = env_of(w);
	check_str("state", app_state_name(app_named(w, "orders")->state), "SUSPENDED");
	check_reason(app_named(w, "orders"), &env,
		"run 13 (stop), 4s ago, stopped it with a savepoint; the JobManager at "
		"http://jm:8081 said FINISHED, 4s ago");
	list = witnesses_of(app_named(w, "orders"), &env);
	check_words(
		list, "run", "SUSPENDED", "its job was stopped with a savepoint", "run 13, stop");
	check_bool(
		"believed", json_is_true(json_object_get(witness(list, "run"), "believed")), true);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_witnesses_stand_side_by_side),
		CASE(silence_leaves_the_last_word_with_its_age),
		CASE(ages_do_not_follow_the_wall_clock),
		CASE(two_jobs_of_a_name_are_told_by_their_ids),
		CASE(what_our_runs_did_is_said_before_what_the_jobmanager_knew),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
