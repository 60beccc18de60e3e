/* What the card gets from elsewhere: events out of a real store, and the file that is written
 * first. */
#include "core/base/file.h"
#include "core/store/store.h"
#include "tests/tui/ui/drive.h"
#include "tui/ui/first_config.h"

#define DEADLINE_MS 60000

static void no_problem(void *data, const struct err *err)
{
	(void)data;
	if (err)
		fail_msg("store: %s", err->text);
}

static void events_come_from_the_store(void **state)
{
	(void)state;
	struct loop *loop;
	struct err err = {0};
	struct drive drive;
	char *dir = temp_dir();

	check_ok("loop", loop_open(&loop, &err), &err);
	drive_open(&drive, fixture_fleet(), 40, 120);
	store_open(&drive.store, loop, dir, FIXTURE_CONTEXT, no_problem, NULL);
	fleet_subscribe(drive.fleet, store_note, drive.store);
	fixture_next_poll(drive.fleet, FIXTURE_NOW_MS + 2000, true);
	store_flush(drive.store);
	check_bool("written", loop_run_until_idle(loop, DEADLINE_MS), true);

	drive_keys(&drive, "/ u s e r - s y n c enter enter");
	check_has("before the answer", drive_frame(&drive, false), "not read yet");
	check_bool("read", loop_run_until_idle(loop, DEADLINE_MS), true);
	check_int("the screen was told of events and samples", drive.wakes, 2);
	screen_draw(drive.screen, drive.canvas);
	check_has("the change of state", drive_frame(&drive, false), "RUNNING → FAILED");

	/* Left while the question is under way: the answer must find nobody. */
	drive_keys(&drive, "q esc / o r d e r enter enter q");
	drive_keys(&drive, "? q enter");
	screen_free(drive.screen);
	drive.screen = NULL;
	check_bool("idle", loop_run_until_idle(loop, DEADLINE_MS), true);
	store_close(drive.store);
	drive_close(&drive);
	loop_close(loop);
	temp_dir_remove(dir);
}

/* The name of a job is foreign text: it must not make up lines of the card. */
static void a_line_end_in_a_job_name_makes_no_line(void **state)
{
	(void)state;
	struct drive drive;
	struct fleet *fleet = fleet_new();
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, FIXTURE_CONTEXT, "c", NULL);
	struct job_summary *job = arena_alloc(s->arena, sizeof(*job));

	memset(job->id, 'a', JOB_ID_LEN);
	job->name = "orders\nJob status      FINISHED";
	job->status = JOB_RUNNING;
	s->jobs = job;
	s->job_count = 1;
	s->observed_ms = FIXTURE_NOW_MS;
	fleet_add_cluster(fleet, FIXTURE_CONTEXT, "c", "standalone", "http://c");
	fleet_apply(fleet, s, FIXTURE_NOW_MS);
	snapshot_unref(s);
	drive_open(&drive, fleet, 40, 120);
	drive_keys(&drive, "enter");
	check_has("one line", drive_frame(&drive, false),
		"Job name        orders Job status      FINISHED");
	drive_close(&drive);
}

/* A path is an offer to start from it. */
static void a_checkpoint_that_went_with_its_job_is_not_offered(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 40, 120);
	drive_keys(&drive, "/ d a i l y enter enter");
	check_has("ended", drive_frame(&drive, false), "it was deleted when the job ended");
	check_bool("ended", strstr(drive_frame(&drive, false), "chk-213"), false);
	drive_keys(&drive, "esc esc / o r d e r enter enter");
	check_has("of one that runs it is told", drive_frame(&drive, false), "chk-213");
	drive_close(&drive);
}

static void a_failed_release_is_told_beside_the_one_that_is_active(void **state)
{
	(void)state;
	struct drive drive;
	struct fleet *fleet = fixture_fleet();
	struct snapshot *s = snapshot_new(SNAPSHOT_REGISTRY, FIXTURE_CONTEXT, "registry", NULL);
	struct record *record = arena_calloc(s->arena, 1, sizeof(*record));

	*record = (struct record){.app = FIXTURE_CONTEXT "/workspace/app/ods/payment-loop",
		.released = {.id = 12,
			.verb = "release",
			.state = RUN_FAILED,
			.ended_ms = FIXTURE_NOW_MS - 180000,
			.outcome = "upload: no space left on gw1"},
		.active = {.number = 3, .run = 9, .digest = "d"}};
	s->records = record;
	s->record_count = 1;
	fixture_apply(fleet, s, FIXTURE_NOW_MS);
	drive_open(&drive, fleet, 40, 160);
	check_has("the list", drive_frame(&drive, false), "#3 !");
	drive_keys(&drive, "/ p a y m e n t enter enter");
	check_has("active", drive_frame(&drive, false), "FAILED  #3 is active");
	check_has("why and when", drive_frame(&drive, false),
		"release failed 3m00s ago, run 12: upload: no space left on gw1");
	drive_close(&drive);
}

struct written {
	int calls;
	enum err_code code;
};

static void on_written(void *data, const char *path, const struct err *err)
{
	struct written *written = data;

	(void)path;
	written->calls++;
	written->code = err ? err->code : E_OK;
}

static void first_config_never_replaces_a_file(void **state)
{
	(void)state;
	const char *url = "http://[::1]:8081/flink";
	struct config *config = config_from_rest(&url, 1), *read = NULL;
	struct written written = {0};
	struct loop *loop;
	struct err err = {0};
	char *dir = temp_dir(), *path = temp_path(dir, "a/b/config.yaml");

	check_ok("loop", loop_open(&loop, &err), &err);
	first_config_write(loop, path, config, on_written, &written);
	check_bool("idle", loop_run_until_idle(loop, DEADLINE_MS), true);
	check_int("written", written.code, E_OK);
	check_ok("read", config_read(&read, path, &err), &err);
	config_free(read);
	first_config_write(loop, path, config, on_written, &written);
	check_bool("idle", loop_run_until_idle(loop, DEADLINE_MS), true);
	check_int("not again", written.code, E_CONFLICT);
	check_int("each told once", written.calls, 2);
	loop_close(loop);
	config_free(config);
	free(path);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_from_the_store),
		cmocka_unit_test(a_line_end_in_a_job_name_makes_no_line),
		cmocka_unit_test(a_checkpoint_that_went_with_its_job_is_not_offered),
		cmocka_unit_test(a_failed_release_is_told_beside_the_one_that_is_active),
		cmocka_unit_test(first_config_never_replaces_a_file),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
