/*
 * What the lists make of the fleet's changes, one by one, is what they show when they look at the
 * whole fleet anew; and what is said to be nothing to draw is nothing.
 */
#include "tests/tui/ui/drive.h"

static uint32_t seed;

static uint32_t some(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* The second screen is told of everything at once. */
static void changed_wholly(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	(void)cause;
	screen_changed(data, NULL, changes, count);
}

/* Names that are declared and that are not, now here, now there. */
static const char *const names[] = {"订单同步", "user-sync", "payment-loop", "daily-agg",
	"lost-one", "waiting", "edge-score", "nobody-1", "Nobody-01", "nobody-2", "twin", "twin"};
static const char *const clusters[] = {"sessions", "batch", "edge"};
static const char *const versions[] = {"1.20.5", "2.2.1"};
static const enum job_status statuses[] = {JOB_RUNNING, JOB_RUNNING, JOB_RUNNING, JOB_RESTARTING,
	JOB_FAILING, JOB_CANCELLING, JOB_FAILED, JOB_FINISHED, JOB_CANCELED};

#define CLUSTERS 3
#define JOBS 12

/* What each cluster lists now. */
struct world {
	struct fleet *fleet;
	const char *version[CLUSTERS];
	bool is_listed[CLUSTERS][JOBS];
	enum job_status status[CLUSTERS][JOBS];
	int running[CLUSTERS][JOBS];
};

static void world_change(struct world *world, uint32_t cluster)
{
	uint32_t job = some(JOBS);

	if (!some(15))
		world->version[cluster] = versions[some(ARRAY_SIZE(versions))];
	world->is_listed[cluster][job] = some(4) > 0;
	world->status[cluster][job] = statuses[some(ARRAY_SIZE(statuses))];
	world->running[cluster][job] = some(5) ? 4 : 2;
}

static void world_answer(struct world *world, uint32_t cluster)
{
	struct snapshot *snapshot =
		fixture_cluster(clusters[cluster], world->version[cluster], FIXTURE_NOW_MS);

	for (int i = 0; i < JOBS; i++)
		if (world->is_listed[cluster][i])
			fixture_job(snapshot, i, names[i], world->status[cluster][i],
				world->running[cluster][i], 4);
	fixture_apply(world->fleet, snapshot, FIXTURE_NOW_MS);
}

static void world_init(struct world *world, struct fleet *fleet)
{
	*world = (struct world){.fleet = fleet};
	for (uint32_t i = 0; i < CLUSTERS; i++) {
		world->version[i] = versions[0];
		for (int k = 0; k < 20; k++)
			world_change(world, i);
	}
}

static void say_something(struct world *world)
{
	uint32_t cluster = some(CLUSTERS);
	struct snapshot *snapshot = NULL;

	if (!some(20))
		snapshot = fixture_failure(
			clusters[cluster], E_NET, "connection refused", FIXTURE_NOW_MS);
	else if (!some(3))
		snapshot =
			fixture_detail(clusters[cluster], (int)some(JOBS), FIXTURE_NOW_MS, some(2));
	if (snapshot) {
		fixture_apply(world->fleet, snapshot, FIXTURE_NOW_MS);
		return;
	}
	for (uint32_t n = some(3); n > 0; n--)
		world_change(world, cluster);
	world_answer(world, cluster);
}

/* Widths only grow while a screen keeps its size. */
static const char *frame_anew(struct drive *drive)
{
	for (int cols = 159; cols <= 160; cols++) {
		canvas_resize(drive->canvas, 40, cols);
		screen_draw(drive->screen, drive->canvas);
	}
	return drive_frame(drive, true);
}

static void check_list(const char *keys)
{
	struct fleet *fleet = fixture_fleet();
	struct drive told, anew;
	struct world world;
	struct buf before;
	int quiet = 0;

	buf_init(&before, 0);
	world_init(&world, fleet);
	drive_open(&told, fleet, 40, 160);
	drive_open(&anew, fleet, 40, 160);
	fleet_subscribe(fleet, changed_wholly, anew.screen);
	drive_keys(&told, keys);
	drive_keys(&anew, keys);
	for (int round = 0; round < 300; round++) {
		buf_reset(&before);
		buf_adds(&before, frame_anew(&told));
		say_something(&world);
		bool is_other = screen_other(told.screen) != SCREEN_SAME;
		const char *frame = frame_anew(&told), *want = frame_anew(&anew);
		if (!str_eq(frame, want))
			fail_msg(
				"%s, round %d:\n%s\nlooked at anew:\n%s", keys, round, frame, want);
		if (!is_other && !str_eq(buf_str(&before), frame))
			fail_msg("%s, round %d, was said to be the same:\n%s\nbut is:\n%s", keys,
				round, buf_str(&before), frame);
		quiet += !is_other;
	}
	check_bool("now and then there was nothing to draw", quiet > 0, true);
	buf_release(&before);
	anew.fleet = NULL;
	screen_free(told.screen);
	told.screen = NULL;
	drive_close(&anew);
	drive_close(&told);
}

static void lists_follow_what_they_are_told(void **state)
{
	static const char *const keys[] = {
		"", /* applications by name */
		": s o r t space s t a t e enter",
		": s o r t space c l u s t e r enter",
		": s o r t space l a s t C h e c k p o i n t A g e M s enter",
		": s o r t space t a s k s R u n n i n g enter",
		"/ r u n n i n g enter",
		"/ 2 . 2 enter",
		": a t t e n t i o n enter",
		": c l u s t e r s enter",
		": c l u s t e r s enter : s o r t space s t a t e enter",
		": t e a m s enter",
		": j o b s enter",
		": j o b s enter : s o r t space s t a t u s enter",
		": j o b s enter / o d s enter",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		seed = (uint32_t)i + 1;
		check_list(keys[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_follow_what_they_are_told),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
