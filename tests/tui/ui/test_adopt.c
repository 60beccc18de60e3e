/* Two jobs of one name are an alarm; `m` says which one is whose. */
#include "tests/tui/ui/drive.h"

#define USERS "5fa00000000000000000000000000002"
#define TWIN "5fa0000000000000000000000000000d"
#define USER_SYNC FIXTURE_CONTEXT "/workspace/app/ods/user-sync"

static void plans(struct drive *drive)
{
	drive->plan = (struct screen_plan){.calls = "job … is the run of ods/user-sync\n"};
}

static void adopted(struct fleet *fleet, const char *job_id)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_REGISTRY, FIXTURE_CONTEXT, "registry", NULL);
	struct record *record = arena_calloc(s->arena, 1, sizeof(*record));

	*record = (struct record){.app = USER_SYNC,
		.started = {.id = 21,
			.verb = "adopt",
			.state = RUN_DONE,
			.start_job_id = arena_strdup(s->arena, job_id),
			.created_ms = FIXTURE_NOW_MS - 90000,
			.ended_ms = FIXTURE_NOW_MS - 90000}};
	s->records = record;
	s->record_count = 1;
	s->observed_ms = FIXTURE_NOW_MS;
	fixture_apply(fleet, s, FIXTURE_NOW_MS);
}

static void a_second_job_of_a_name_is_an_alarm(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 40, 120);
	fixture_twin(drive.fleet, FIXTURE_NOW_MS);
	screen_draw(drive.screen, drive.canvas);
	check_has("the list", drive_frame(&drive, false), "UNKNOWN duplicate");
	drive_keys(&drive, "!");
	check_has("needs attention", drive_frame(&drive, false), "UNKNOWN duplicate");
	drive_keys(&drive, "! : m e s s a g e s enter");
	check_has("the messages", drive_frame(&drive, false),
		"ods/user-sync: duplicate: 2 live jobs (or applications) have its name");
	drive_keys(&drive, "q");
	fixture_next_poll(drive.fleet, FIXTURE_NOW_MS, false);
	drive_keys(&drive, ": m e s s a g e s enter");
	check_has("its end", drive_frame(&drive, false), "ods/user-sync: no duplicate any more");
	drive_close(&drive);
}

static const struct {
	const char *name;
	int rows, cols;
} sizes[] = {{"80x24", 24, 80}, {"120x40", 40, 120}, {"60x15", 15, 60}};

static void cards_tell_the_alarm_and_the_adoption(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct drive drive;
		char name[64];

		drive_open(&drive, fixture_fleet(), sizes[i].rows, sizes[i].cols);
		fixture_twin(drive.fleet, FIXTURE_NOW_MS);
		drive_keys(&drive, ":");
		drive_type(&drive, "open ods/user-sync");
		drive_keys(&drive, "enter");
		snprintf(name, sizeof(name), "card-duplicate-%s", sizes[i].name);
		drive_golden(&drive, name);
		adopted(drive.fleet, TWIN);
		screen_draw(drive.screen, drive.canvas);
		snprintf(name, sizeof(name), "card-adopted-%s", sizes[i].name);
		drive_golden(&drive, name);
		drive_close(&drive);
	}
}

static void an_application_chooses_its_job(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	plans(&drive);
	fixture_twin(drive.fleet, FIXTURE_NOW_MS);
	drive_keys(&drive, ":");
	drive_type(&drive, "adopt ods/user-sync");
	drive_keys(&drive, "enter");
	drive_golden(&drive, "adopt-job-100x24");
	check_int("not planned yet", drive.plans, 0);
	drive_type(&drive, TWIN);
	drive_keys(&drive, "enter");
	check_int("planned", drive.plans, 1);
	check_int("verb", drive.asked, CMD_ADOPT);
	check_str("for", drive.asked_app, USER_SYNC);
	check_str("job", drive.args_job, TWIN);
	drive_keys(&drive, "y");
	check_int("done", drive.acts, 1);
	/* What it has adopted it can let go again. */
	adopted(drive.fleet, TWIN);
	drive_keys(&drive, ":");
	drive_type(&drive, "adopt ods/user-sync");
	drive_keys(&drive, "enter");
	check_has("the way back", drive_frame(&drive, false), "let the job go that it has adopted");
	check_bool("its own is not offered", strstr(drive_frame(&drive, false), TWIN), false);
	drive_keys(&drive, "pgdn enter");
	check_bool("lets go", drive.args.lets_go, true);
	check_bool("no job", drive.args_job == NULL, true);
	drive_keys(&drive, "esc");
	check_int("not confirmed", drive.acts, 1);
	drive_close(&drive);
}

static void a_job_that_nobody_declared_chooses_its_application(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	plans(&drive);
	drive_keys(&drive, "/ l o n g - enter");
	check_has("offered", drive_frame(&drive, false), "m adopt");
	drive_keys(&drive, "m");
	check_has("asked", drive_frame(&drive, false), "by which application?");
	drive_type(&drive, "fresh");
	drive_keys(&drive, "enter");
	check_str("for", drive.asked_app, FIXTURE_CONTEXT "/workspace/app/ml/fresh");
	check_str("job", drive.args_job, fixture_job_id(8));
	drive_keys(&drive, "n");
	check_int("no", drive.acts, 0);
	/* Nothing is chosen: nothing is asked. */
	drive_keys(&drive, "m esc");
	check_int("given up", drive.plans, 1);
	check_has("said so", drive_frame(&drive, false), "nothing was chosen");
	drive_close(&drive);
}

static void nothing_to_adopt_says_so(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	drive_keys(&drive, "/ n o w h e r e enter m");
	check_has("why", drive_frame(&drive, false), "there is nothing to adopt");
	check_int("nothing was asked", drive.plans, 0);
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_job_of_a_name_is_an_alarm),
		cmocka_unit_test(cards_tell_the_alarm_and_the_adoption),
		cmocka_unit_test(an_application_chooses_its_job),
		cmocka_unit_test(a_job_that_nobody_declared_chooses_its_application),
		cmocka_unit_test(nothing_to_adopt_says_so),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
