/* How far behind a job is: what its sources told last, as a number of the application and in its filter. */
#include "tests/core/fleet/kit.h"

#include "core/base/buf.h"
#include "core/present/column.h"
#include "core/present/filter.h"

#define MINUTE 60000

static void tell(struct world *world, const char *vertex, int64_t records, int64_t ms)
{
	struct snapshot *s = detail(world, 0, 0, 0);

	s->detail.parts |= JOB_PART_LAG;
	s->detail.lag_vertex = vertex;
	s->detail.lag_records = records;
	s->detail.lag_ms = ms;
	apply(world, s);
}

static bool passes(struct world *world, const char *text)
{
	struct present_env env = {.now_ms = world->now};
	struct filter *filter;
	struct err err = {0};
	bool is_so;

	check_ok(text, filter_parse(&filter, text, &app_table, true, NULL, &err), &err);
	is_so = filter_match(filter, app_named(world, "orders"), NULL, &env);
	filter_free(filter);
	return is_so;
}

static void lag_is_that_of_all_sources(void **state)
{
	struct world *world = *state;
	int64_t records, ms;

	ANSWER(world, 1, {"a", "orders", "RUNNING"});
	struct job *job = app_named(world, "orders")->job;
	assert_false(job_lag(job, world->now, &records, &ms));
	check_bool("not known is not more", passes(world, "lag>10k"), false);
	check_bool("nor less", passes(world, "lag<10k"), false);
	check_bool("but there is none", passes(world, "lag:-"), true);

	tell(world, "v1", 8000, 100);
	check_bool("of one", passes(world, "lag>10k"), false);
	tell(world, "v2", 3000, 7000);
	assert_true(job_lag(job, world->now, &records, &ms));
	check_int("records", records, 11000);
	check_int("ms", ms, 7000);
	check_bool("of both", passes(world, "lag>10k"), true);
	check_bool("in time", passes(world, "behind>5s"), true);

	/* Told anew: instead of what it said; a source that does not say adds nothing. */
	tell(world, "v1", -1, -1);
	job_lag(job, world->now, &records, &ms);
	check_int("of the other", records, 3000);

	/* An answer without it leaves it; ten minutes later nobody knows. */
	apply(world, detail(world, 0, 0, 0));
	fleet_forget_detail(world->fleet, job->ref);
	assert_true(job_lag(job, world->now, &records, &ms));
	world->now += 10 * MINUTE;
	assert_false(job_lag(job, world->now, &records, &ms));
	check_bool("too long ago", passes(world, "lag>1"), false);
}

static void lag_is_of_what_runs(void **state)
{
	struct world *world = *state;
	int64_t records, ms;

	ANSWER(world, 1, {"a", "orders", "RUNNING"});
	tell(world, "v1", 20000, -1);
	check_bool("runs", passes(world, "lag>10k"), true);
	ANSWER(world, 1, {"a", "orders", "RESTARTING"});
	assert_false(job_lag(app_named(world, "orders")->job, world->now, &records, &ms));
}

static void lag_keeps_its_age_when_the_clock_is_set(void **state)
{
	struct world *world = *state;
	int64_t records, ms;

	ANSWER(world, 1, {"a", "orders", "RUNNING"});
	tell(world, "v1", 20000, -1);
	world->now += 60 * MINUTE;
	fleet_clock_set(world->fleet, 60 * MINUTE);
	assert_true(job_lag(app_named(world, "orders")->job, world->now, &records, &ms));
}

static void filter_names_what_few_items_have(void **state)
{
	static const struct {
		const char *text, *column;
	} rows[] = {{"", NULL}, {"ckpt>5m orders", NULL}, {"lag>10k", "lagRecords"},
		{"a or !(team:ods behind>1m)", "lagMs"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter *filter;
		const struct column *column;

		check_int(rows[i].text,
			filter_parse(&filter, rows[i].text, &app_table, true, NULL, NULL), 0);
		column = filter_sparse(filter);
		check_str(rows[i].text, column ? column->key : NULL, rows[i].column);
		filter_free(filter);
	}
}

/* Before it is asked nobody can be left out for it; for the rest of the filter one can. */
static void what_is_not_known_yet_may_pass(void **state)
{
	static const struct {
		const char *text;
		bool may;
	} rows[] = {
		{"lag>10k", true},
		{"lag<10k", true},
		{"!lag>10k", true},
		{"lag>10k users", false},
		{"lag<10k or orders", true},
		{"!(lag<10k users)", true},
		{"state:RUNNING behind>1m", true},
		{"orders", true},
		{"!orders", false},
	};
	struct world *world = *state;

	for (int told = 0; told < 2; told++) {
		ANSWER(world, 1, {"a", "orders", "RUNNING"});
		if (told)
			tell(world, "v1", 20000, -1);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			struct present_env env = {.now_ms = world->now};
			struct filter *filter;

			check_int(rows[i].text,
				filter_parse(&filter, rows[i].text, &app_table, false, NULL, NULL),
				0);
			check_bool(rows[i].text,
				filter_may_match(filter, app_named(world, "orders"), NULL, &env),
				rows[i].may);
			filter_free(filter);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(lag_is_that_of_all_sources),
		CASE(lag_is_of_what_runs),
		CASE(lag_keeps_its_age_when_the_clock_is_set),
		CASE(filter_names_what_few_items_have),
		CASE(what_is_not_known_yet_may_pass),
	};

	check_locale();
	return cmocka_run_group_tests_name("fleet lag", tests, NULL, NULL);
}
