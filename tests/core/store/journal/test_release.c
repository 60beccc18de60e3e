/* Builds, releases and consent as they are kept and read again, and who may write them. */
#include "core/query/query_release.h"
#include "core/store/journal/release.h"
#include "core/store/journal/run.h"
#include "tests/core/store/kit.h"

#define APP "prod/workspace/app/ods/order-sync"
#define OTHER "prod/workspace/app/ods/other"

struct said {
	struct kit kit;
	int calls, code;
	int64_t number;
	char text[1024];
	size_t count;
	bool is_given;
	struct run *run;
	/* the first three rows, in one word each */
	char rows[3][256];
};

static void on_kept(void *data, int64_t number, const struct err *err)
{
	struct said *said = data;

	said->calls++;
	said->number = number;
	said->code = err ? (int)err->code : 0;
	snprintf(said->text, sizeof(said->text), "%s", err ? err->text : "");
}

static void on_run(void *data, const struct run *run, const struct err *err)
{
	struct said *said = data;

	on_kept(data, 0, err);
	free(said->run);
	said->run = run ? run_dup(run) : NULL;
}

static void on_builds(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct said *said = data;

	on_kept(data, 0, err);
	said->count = count;
	for (size_t i = 0; i < count && i < ARRAY_SIZE(said->rows); i++)
		snprintf(said->rows[i], sizeof(said->rows[i]),
			"%s %s %s %s %s %s %s %lld %lld %lld", builds[i]->app,
			builds[i]->host ? builds[i]->host : "-",
			builds[i]->git ? builds[i]->git : "-",
			builds[i]->ref ? builds[i]->ref : "-",
			builds[i]->commit ? builds[i]->commit : "-", builds[i]->artifact,
			builds[i]->sha256, (long long)builds[i]->size,
			(long long)builds[i]->duration_ms, (long long)builds[i]->built_ms);
}

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct said *said = data;

	on_kept(data, 0, err);
	said->count = count;
	for (size_t i = 0; i < count && i < ARRAY_SIZE(said->rows); i++)
		snprintf(said->rows[i], sizeof(said->rows[i]), "%lld %s %s %s %s",
			(long long)releases[i]->number, releases[i]->is_active ? "active" : "-",
			releases[i]->host ? releases[i]->host : "-", releases[i]->dir,
			releases[i]->manifest);
}

static void on_consent(void *data, bool is_given, const struct err *err)
{
	struct said *said = data;

	on_kept(data, 0, err);
	said->is_given = is_given;
}

static void idle(struct said *said, const char *row)
{
	int before = said->calls;

	kit_idle(&said->kit);
	check_int(row, said->calls, before + 1);
}

/* A run of the application, so that there is a lease; its number. */
static int64_t begin(struct said *said)
{
	struct run run = {.app = APP,
		.context = KIT_CONTEXT,
		.name = "order-sync",
		.verb = "release",
		.state = RUN_PLANNED,
		.created_ms = KIT_NOW};

	run_begin(said->kit.store, &run, on_run, said);
	idle(said, "begin");
	check_str("begin", said->text, "");
	return said->run->id;
}

static void end(struct said *said)
{
	struct run *run = run_dup(said->run);

	run->state = RUN_DONE;
	run_end(said->kit.store, run, on_run, said);
	idle(said, "end");
	check_int("end", said->code, 0);
	free(run);
}

static struct release a_release(int64_t run, const char *dir)
{
	return (struct release){.app = APP,
		.host = "gw1",
		.dir = dir,
		.digest = "d1",
		.manifest = "{\"a\":1}",
		.created_ms = KIT_NOW,
		.run = run};
}

static void said_close(struct said *said)
{
	kit_close(&said->kit);
	free(said->run);
}

static void builds_are_read_newest_first_in_the_next_life(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	int64_t run = begin(&said);
	keep_build(said.kit.store,
		&(struct build){.app = APP,
			.host = "gw1",
			.git = "https://git/x.git",
			.ref = "main",
			.commit = "abc",
			.artifact = "/c/x.jar",
			.sha256 = "s1",
			.size = 12,
			.duration_ms = 34,
			.built_ms = KIT_NOW,
			.run = run},
		on_kept, &said);
	idle(&said, "first");
	check_int("kept", said.code, 0);
	keep_build(said.kit.store,
		&(struct build){.app = APP, .artifact = "/订单/y.jar", .sha256 = "s2", .run = run},
		on_kept, &said);
	idle(&said, "without git");
	keep_build(said.kit.store,
		&(struct build){.app = OTHER, .artifact = "/z.jar", .sha256 = "s3"}, on_kept,
		&said);
	idle(&said, "of another");
	said_close(&said);

	said = (struct said){0};
	kit_open(&said.kit, dir);
	query_builds(said.kit.store, APP, 10, on_builds, &said);
	idle(&said, "read");
	check_int("of one application", (int64_t)said.count, 2);
	check_str("newest", said.rows[0], APP " - - - - /订单/y.jar s2 0 0 0");
	check_str("oldest", said.rows[1],
		APP " gw1 https://git/x.git main abc /c/x.jar s1 12 34 1795000000000");
	query_builds(said.kit.store, NULL, 10, on_builds, &said);
	idle(&said, "read all");
	check_int("of all", (int64_t)said.count, 3);
	query_builds(said.kit.store, APP, 1, on_builds, &said);
	idle(&said, "read one");
	check_int("at most", (int64_t)said.count, 1);
	query_cancel(query_builds(said.kit.store, APP, 1, on_builds, &said));
	int before = said.calls;
	kit_idle(&said.kit);
	check_int("canceled", said.calls, before);
	said_close(&said);
	temp_dir_remove(dir);
}

static void release_is_numbered_first_and_active_alone(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	int64_t run = begin(&said);
	for (int i = 1; i <= 3; i++) {
		struct release release = a_release(run, "");
		char folder[32];

		keep_release(said.kit.store, &release, on_kept, &said);
		idle(&said, "new");
		check_int("number", said.number, i);
		snprintf(folder, sizeof(folder), "/r/%d", i);
		release.dir = folder;
		release.number = i;
		release.activated_ms = KIT_NOW + i;
		if (i == 2)
			continue; /* never came so far */
		keep_release_active(said.kit.store, &release, on_kept, &said);
		idle(&said, "active");
		check_int("active", said.code, 0);
		check_int("told", said.number, i);
	}
	query_releases(said.kit.store, APP, 10, on_releases, &said);
	idle(&said, "read");
	check_int("all", (int64_t)said.count, 3);
	check_str("3", said.rows[0], "3 active gw1 /r/3 {\"a\":1}");
	check_str("2", said.rows[1], "2 - gw1  {\"a\":1}");
	check_str("1", said.rows[2], "1 - gw1 /r/1 {\"a\":1}");

	/* Back to the first: which run made it stays. */
	end(&said);
	int64_t later = begin(&said);
	struct release back = a_release(later, "/r/1");
	back.number = 1;
	keep_release_active(said.kit.store, &back, on_kept, &said);
	idle(&said, "back");
	check_int("active",
		kit_sql(dir, "registry.db", "SELECT number FROM release WHERE is_active"), 1);
	check_int("made by",
		kit_sql(dir, "registry.db", "SELECT run FROM release WHERE number = 1"), run);

	/* A folder that was removed: not listed, and its number is not given again. */
	keep_release_gone(said.kit.store, APP, 1, on_kept, &said);
	idle(&said, "the active one");
	check_int("the active one stays", said.code, E_CONFLICT);
	keep_release_gone(said.kit.store, APP, 3, on_kept, &said);
	idle(&said, "gone");
	check_int("gone", said.code, 0);
	query_releases(said.kit.store, APP, 10, on_releases, &said);
	idle(&said, "read again");
	check_int("two left", (int64_t)said.count, 2);
	struct release next = a_release(later, "");
	keep_release(said.kit.store, &next, on_kept, &said);
	idle(&said, "next");
	check_int("a new number", said.number, 4);
	said_close(&said);
	temp_dir_remove(dir);
}

static void who_lost_the_lease_writes_nothing(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	int64_t run = begin(&said);
	struct release release = a_release(run, "/r/1");
	keep_release(said.kit.store, &release, on_kept, &said);
	idle(&said, "held");
	check_int("held", said.code, 0);
	/* As if another process had taken it over. */
	kit_sql(dir, "registry.db", "UPDATE lease SET pid = pid + 1");
	release.number = 1;
	keep_release_active(said.kit.store, &release, on_kept, &said);
	idle(&said, "lost");
	check_int("lost", said.code, E_CONFLICT);
	check_has("says so", said.text, "taken over");
	keep_release(said.kit.store, &release, on_kept, &said);
	idle(&said, "lost");
	check_int("no new one", said.code, E_CONFLICT);
	check_int("no number", said.number, 0);
	keep_build(said.kit.store,
		&(struct build){.app = APP, .artifact = "/x", .sha256 = "s", .run = run}, on_kept,
		&said);
	idle(&said, "lost");
	check_int("no build", said.code, E_CONFLICT);
	check_int("nothing written",
		kit_sql(dir, "registry.db",
			"SELECT (SELECT count(*) FROM build) + (SELECT sum(is_active) FROM "
			"release)"),
		0);
	said_close(&said);
	temp_dir_remove(dir);
}

static void consent_is_for_one_command_of_one_application(void **state)
{
	static const struct {
		const char *name, *app, *digest;
		bool want;
	} rows[] = {
		{"the same", APP, "d1", true},
		{"another command", APP, "d2", false},
		{"another application", OTHER, "d1", false},
	};
	char *dir = temp_dir();
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	for (int i = 0; i < 2; i++) {
		keep_consent(said.kit.store, APP, "d1", on_kept, &said);
		idle(&said, "given, also twice");
		check_int("kept", said.code, 0);
	}
	said_close(&said);
	said = (struct said){0};
	kit_open(&said.kit, dir);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		query_consent(said.kit.store, rows[i].app, rows[i].digest, on_consent, &said);
		idle(&said, rows[i].name);
		check_bool(rows[i].name, said.is_given, rows[i].want);
	}
	said_close(&said);
	temp_dir_remove(dir);
}

static void locked_file_is_a_timeout(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "registry.db");
	struct said said = {0};
	sqlite3 *other;

	(void)state;
	kit_open(&said.kit, dir);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	keep_consent(said.kit.store, APP, "d1", on_kept, &said);
	idle(&said, "locked");
	check_int("locked", said.code, E_TIMEOUT);
	sqlite3_close(other);
	keep_consent(said.kit.store, APP, "d1", on_kept, &said);
	idle(&said, "free again");
	check_int("free again", said.code, 0);
	said_close(&said);
	free(path);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_are_read_newest_first_in_the_next_life),
		cmocka_unit_test(release_is_numbered_first_and_active_alone),
		cmocka_unit_test(who_lost_the_lease_writes_nothing),
		cmocka_unit_test(consent_is_for_one_command_of_one_application),
		cmocka_unit_test(locked_file_is_a_timeout),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
