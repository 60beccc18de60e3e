/* Teams: how many of its applications are in each state, who is in it, and Enter for these applications. Jobs: what runs twice. */
#include "tests/tui/ui/drive.h"

#include <ctype.h>

#include "core/present/column.h"

static void a_team_counts_each_state(void **state)
{
	struct drive drive;
	struct present_env env = {.now_ms = FIXTURE_NOW_MS};
	size_t team_count, app_count;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	struct team *const *teams = fleet_teams(drive.fleet, &team_count);
	struct app *const *apps = fleet_apps(drive.fleet, &app_count);
	assert_true(team_count > 1);
	for (size_t i = 0; i < team_count; i++) {
		int64_t sum = 0;

		for (int s = 0; s < STATE_MAX; s++) {
			char key[32];
			int64_t want = 0;
			size_t k = 0;

			for (const char *p = app_state_name((enum app_state)s); *p; p++)
				key[k++] = (char)tolower((unsigned char)*p);
			key[k] = '\0';
			for (k = 0; k < app_count; k++)
				want += apps[k]->decl && apps[k]->state == (enum app_state)s &&
					str_eq(apps[k]->decl->team, teams[i]->decl->name);
			const struct column *column = column_find(&team_table, key);
			check_bool(key, column != NULL && column->title, true);
			check_int(key, column->get(teams[i], &env).number, want);
			sum += want;
		}
		check_int(teams[i]->decl->name, sum, teams[i]->apps);
	}
	drive_close(&drive);
}

static void enter_on_a_team_is_its_applications(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	drive_keys(&drive, "tab tab");
	check_has("members", drive_frame(&drive, false), "OWNER");
	drive_type(&drive, "/lost>0");
	check_has("found by a count", drive_frame(&drive, false), "1 of 3");
	drive_keys(&drive, "enter enter");
	check_has("its applications", drive_frame(&drive, false), "/team:dwd");
	drive_keys(&drive, "q");
	check_has("and back", drive_frame(&drive, false), "Teams  1 of 3");
	drive_close(&drive);
}

static void what_runs_twice_is_marked_among_jobs(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	drive_keys(&drive, "tab tab tab");
	check_bool("none at first", strstr(drive_frame(&drive, false), " x2") != NULL, false);
	fixture_twin(drive.fleet, FIXTURE_NOW_MS);
	screen_draw(drive.screen, drive.canvas);
	drive_type(&drive, "/copies>1");
	drive_keys(&drive, "enter");
	check_has("both of them", drive_frame(&drive, false), "Jobs  2 of ");
	check_has("marked", drive_frame(&drive, false), "RUNNING x2");
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_team_counts_each_state),
		cmocka_unit_test(enter_on_a_team_is_its_applications),
		cmocka_unit_test(what_runs_twice_is_marked_among_jobs),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("teams and jobs", tests, NULL, NULL);
}
