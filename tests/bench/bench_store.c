/*
 * What a day leaves in the store: weir's core with its store, and a fleet of forty applications (fleetd) of which 1 %
 * changes each second, both by a clock that is set a minute ahead after each round: all lists, and the row's details of each
 * application, as a poller without a budget would have them. Its history may have a 250th of what ten thousand
 * have. Rows and bytes are those of the history; "written" is measured while nothing else runs.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/history/trimmer.h"
#include "tests/bench/console.h"
#include "tests/bench/figures.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

#define JOBS 40
#define PART (10000 / JOBS) /* of the fleet that is meant */
#define STEP_MS 60000
#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define EPOCH_MS ((int64_t)1795300000000)
#define DEADLINE_MS 60000

static char *home, *config, *store;
static struct fleetd *fleetd;

static void start_fleet(void)
{
	char *jobs = xasprintf("%d", JOBS);
	char *managers = xasprintf("%d", JOBS / 10);
	char *epoch = xasprintf("%lld", (long long)EPOCH_MS);

	fleetd = fleetd_start_at(home,
		(const char *[]){"--jobs", jobs, "--managers", managers, "--churn", "1", "--at",
			"0", "--epoch", epoch, "--budget", "100000", NULL});
	free(epoch);
	free(managers);
	free(jobs);
}

/* The first number that it says. */
static int64_t sql(const char *text)
{
	char *path = xasprintf("%s/fleet/cache.db", store);
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t value;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK ||
		sqlite3_step(stmt) != SQLITE_ROW) {
		fprintf(stderr, "%s: %s: %s\n", path, text, sqlite3_errmsg(db));
		exit(1);
	}
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	return value;
}

static int64_t file_bytes(void)
{
	char *path = xasprintf("%s/fleet/cache.db", store);
	struct stat info = {0};

	if (stat(path, &info))
		exit(1);
	free(path);
	return info.st_size;
}

static void idle(struct console *console)
{
	if (!loop_run_until_idle(console->session->loop, DEADLINE_MS)) {
		fprintf(stderr, "the store does not come to rest\n");
		exit(1);
	}
}

static void step(struct console *console, int64_t at_ms, double *written_s)
{
	char *order = xasprintf("clock %d", STEP_MS);
	int64_t began_ns;

	free(fleetd_say(fleetd, order));
	free(order);
	clock_fix(EPOCH_MS + at_ms, at_ms + 1000000);
	console_ask_all(console);
	began_ns = now_ns();
	store_flush(console->session->contexts[0].store);
	idle(console);
	*written_s += (double)(now_ns() - began_ns) / 1e9;
}

static void tell_day(double written_s)
{
	int64_t events = sql("SELECT count(*) FROM event"),
		points = sql("SELECT count(*) FROM checkpoint");
	int64_t samples = sql("SELECT count(*) FROM sample_row");
	double rows = (double)(events + points + samples);

	figure_value("events kept of a day", "rows for each application", (double)events / JOBS);
	figure_value("checkpoints", "rows for each application", (double)points / JOBS);
	figure_value("samples", "rows for each application", (double)samples / JOBS);
	figure_value("kept of ten thousand applications", "rows a second",
		rows * PART / ((double)DAY_MS / 1000));
	figure_value("written, while nothing else runs (one batch a round)", "rows a second",
		rows / written_s);
}

int main(void)
{
	struct console console;
	double written_s = 0;
	int64_t cap = HISTORY_BYTES / PART, at_ms = 0;

	check_locale();
	figures_open("bench_store");
	home = temp_dir();
	config = temp_path(home, "config.yaml");
	store = temp_path(home, "store");
	start_fleet();
	clock_fix(EPOCH_MS, 1000000);
	console_open(&console, config, store);
	figures_title("a day at forty applications, by a clock that is set");
	while (at_ms < DAY_MS)
		step(&console, at_ms += STEP_MS, &written_s);
	console_close(&console);
	tell_day(written_s);
	figure_value("cache.db after it", "MiB", (double)file_bytes() / (1 << 20));
	/* As it is when it is opened: what is too much goes. */
	console_open(&console, config, store);
	store_limit_history(console.session->contexts[0].store, HISTORY_KEPT_MS, cap);
	idle(&console);
	console_close(&console);
	figure_goal("cache.db under a 250th of the cap", "MiB", (double)file_bytes() / (1 << 20),
		"<=", (double)cap / (1 << 20));
	clock_fix(0, 0);
	fleetd_stop(fleetd);
	figures_close();
	temp_dir_remove(home);
	free(config);
	free(store);
	return 0;
}
