/*
 * The console on real Flink, as a person sees and uses it: rows in their true states, filter, card,
 * help, a JobManager that dies and comes back, windows of all sizes, and a terminal that is sane
 * after every kind of end.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/live.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define ESC "\x1b"
/* From the first frame to the truth about all jobs. */
#define TRUTH_MS 2000

/* One cluster after the other: the first case of a version starts its cluster. */
static struct live live;
static struct screen *shown; /* the case's console */

static int enter(void **state)
{
	live_enter(&live, "console", *state);
	return 0;
}

/* Also after a case that failed half way. */
static int leave_case(void **state)
{
	(void)state;
	screen_free(shown);
	shown = NULL;
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	live_leave(&live);
	return 0;
}

static struct screen *start(const char *config, int rows, int cols)
{
	char *path = bench_expand(live.bench, config);

	shown = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words = (const char *[]){"--config", path, NULL},
		.rows = rows,
		.cols = cols});
	free(path);
	return shown;
}

static void check_end(const char *row, int exit_code)
{
	check_int(row, screen_end(shown), exit_code);
	screen_check_sane(row, shown);
	screen_free(shown);
	shown = NULL;
}

/* ---- what is shown ---- */

static const struct {
	const char *name, *state;
} truth[] = {
	{"order-sync", "RUNNING"},
	{"user-profile", "RUNNING"},
	{"page-views", "RUNNING"},
	{"clickstream", "RUNNING"},
	{"fraud-score", "RESTARTING"},
	{"limit-check", "ADDED"},
	{"backfill", "FINISHED"},
	{"daily-report", "FAILED"},
};

static bool shows_line(struct screen *screen, const char *a, const char *b)
{
	char *line = screen_line_with(screen, a, b);

	free(line);
	return line != NULL;
}

static bool shows_truth(struct screen *screen, void *data)
{
	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(truth); i++)
		if (!shows_line(screen, truth[i].name, truth[i].state))
			return false;
	return true;
}

/* The footer is painted last: what is above it is a whole frame. */
static bool shows_frame(struct screen *screen, void *data)
{
	(void)data;
	return screen_shows(screen, "tab lists");
}

static void await(struct screen *screen, bool (*is_so)(struct screen *, void *), const char *what)
{
	if (screen_until(screen, is_so, NULL, SCREEN_DEADLINE_MS))
		return;
	char *text = screen_text(screen);
	print_error("%s\n", text);
	free(text);
	fail_msg("not seen: %s", what);
}

static void all_jobs_are_shown_as_they_are(void **state)
{
	struct screen *screen = start("{home}/config.yaml", 40, 120);
	int64_t began_ms;

	(void)state;
	await(screen, shows_frame, "a first frame");
	began_ms = program_now_ms();
	await(screen, shows_truth, "all applications in their states");
	int64_t took_ms = program_now_ms() - began_ms;
	print_message("the truth was there after %lld ms\n", (long long)took_ms);
	if (took_ms > TRUTH_MS)
		fail_msg("the truth took %lld ms", (long long)took_ms);
	screen_wait(screen, "Applications 8");
	screen_wait_line(screen, "order-sync", "4/4");
	screen_wait_line(screen, "backfill", "unmanaged");
	screen_wait(screen, "as of ");
	screen_type(screen, "\t");
	screen_wait(screen, "Clusters 1");
	screen_wait_line(screen, "sessions", "RUNNING");
	screen_type(screen, ":teams\r");
	screen_wait(screen, "Teams 3");
	screen_wait_line(screen, "growth", "wang");
	screen_type(screen, ":jobs\r");
	screen_wait_line(screen, "订单同步", "order-sync");
	screen_type(screen, ":apps\r");
	screen_wait(screen, "Applications 8");
	screen_type(screen, "\x03");
	check_end("Ctrl-C", 0);
}

static void keys_filter_sort_open_and_help(void **state)
{
	struct screen *screen = start("{home}/config.yaml", 40, 120);

	(void)state;
	await(screen, shows_truth, "all applications in their states");
	screen_type(screen, "/order");
	screen_wait(screen, "Applications 1 of 8");
	screen_wait_gone(screen, "clickstream");
	screen_type(screen, "\r");
	screen_wait_line(screen, "order-sync", "RUNNING");

	screen_type(screen, "\r");
	screen_wait(screen, "ods/order-sync");
	screen_wait_line(screen, "1 overview", "4 exceptions");
	screen_wait_line(screen, "Last checkpoint", "#");
	screen_wait_line(screen, "Job id", live.jobs.count);
	screen_wait_line(screen, "Job name", "订单同步");
	screen_type(screen, "v");
	screen_wait(screen, "Count per key");
	screen_type(screen, "c");
	screen_wait_line(screen, "COMPLETED", "checkpoint");
	screen_type(screen, "q");
	screen_wait(screen, "Applications 1 of 8");
	screen_type(screen, ESC);
	screen_wait(screen, "Applications 8");

	screen_type(screen, "/daily\r");
	screen_wait(screen, "Applications 1 of 8");
	screen_type(screen, "\r");
	screen_wait_line(screen, "Last exception", "ago");
	screen_wait(screen, "db.risk.internal");
	screen_type(screen, "x");
	screen_wait(screen, "IllegalStateException");
	screen_type(screen, "q");
	screen_wait(screen, "Applications 1 of 8");
	screen_type(screen, ESC);
	screen_wait(screen, "Applications 8");

	screen_wait(screen, "NAME↑");
	screen_type(screen, "i");
	screen_wait(screen, "NAME↓");
	screen_type(screen, "s");
	screen_wait_gone(screen, "NAME↓");
	screen_type(screen, "?");
	screen_wait(screen, "Only rows that pass: words");
	screen_type(screen, "q");
	screen_wait_gone(screen, "Only rows that pass: words");
	screen_type(screen, "!");
	screen_wait_gone(screen, "limit-check");
	screen_wait_line(screen, "daily-report", "FAILED");
	screen_type(screen, ESC);
	screen_wait(screen, "Applications 8");
	screen_type(screen, "q");
	check_end("q", 0);
}

static void every_size_of_window(void **state)
{
	struct screen *screen = start("{home}/config.yaml", 40, 120);

	(void)state;
	await(screen, shows_truth, "all applications in their states");
	screen_resize(screen, 15, 60);
	screen_wait_line(screen, "order-sync", "RUNNING");
	screen_wait(screen, "columns ›");
	screen_resize(screen, 50, 200);
	screen_wait_line(screen, "order-sync", live.flink->version);
	await(screen, shows_truth, "all applications at 200x50");
	screen_resize(screen, 10, 40);
	screen_wait(screen, "too small");
	screen_resize(screen, 24, 80);
	await(screen, shows_truth, "all applications at 80x24");
	/* A storm of sizes, as a window manager sends it. */
	for (int i = 0; i < 50; i++)
		screen_resize(screen, 15 + i % 30, 60 + i * 2);
	screen_resize(screen, 40, 120);
	await(screen, shows_truth, "all applications at 120x40");
	screen_type(screen, "q");
	check_end("q", 0);
}

static void every_end_leaves_the_terminal_sane(void **state)
{
	static const struct {
		const char *name;
		int signal, exit_code;
	} rows[] = {
		{"SIGTERM", SIGTERM, 143},
		{"SIGHUP", SIGHUP, 129},
		{"SIGINT", SIGINT, 130},
		{"SIGSEGV", SIGSEGV, -SIGSEGV},
		{"SIGABRT", SIGABRT, -SIGABRT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct screen *screen = start("{home}/config.yaml", 24, 80);

		await(screen, shows_frame, rows[i].name);
		screen_signal(screen, rows[i].signal);
		/* A sanitizer reports a crash in its own way and exits. */
		bool is_reported = bench_is_sanitized() && rows[i].signal == SIGSEGV;
		check_end(rows[i].name, is_reported ? 1 : rows[i].exit_code);
	}
}

/* ---- what is remembered, and a JobManager that dies ---- */

static void the_first_frame_shows_what_is_remembered(void **state)
{
	struct httpd *server = httpd_start("127.0.0.1");
	char *url = httpd_url(server, "");

	(void)state;
	/* The same context and cluster, but whoever is asked never answers. */
	httpd_on(server, "*", &(struct httpd_answer){.fault = HTTPD_SILENT});
	bench_set(live.bench, "silent", url);
	bench_file(live.bench, "silent.yaml",
		"contexts:\n- name: live\n  workspace: {home}/ws\n"
		"  clusters:\n  - {name: sessions, type: standalone, rest: \"{silent}\"}\n");
	struct screen *screen = start("{home}/silent.yaml", 40, 120);
	await(screen, shows_frame, "a first frame");
	/* It is drawn without waiting for a slow disk; nobody but the store answers here. */
	screen_wait_gone(screen, "Reading what is remembered");
	for (size_t i = 0; i < ARRAY_SIZE(truth); i++)
		if (!shows_line(screen, truth[i].name, truth[i].state)) {
			char *text = screen_text(screen);
			print_error("%s\n", text);
			free(text);
			fail_msg("%s is not in the first frame", truth[i].name);
		}
	screen_type(screen, "\x03");
	check_end("Ctrl-C", 0);
	httpd_stop(server);
	free(url);
}

static bool job_is_running(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview");
	const json_t *job = overview ? jobs_entry(overview, data) : NULL;
	bool running = str_eq(json_string_value(json_object_get(job, "state")), "RUNNING");

	json_decref(overview);
	return running;
}

static void a_jobmanager_dies_and_comes_back(void **state)
{
	struct screen *screen = start("{home}/config.yaml", 40, 120);

	(void)state;
	await(screen, shows_truth, "all applications in their states");
	flink_kill(live.flink, "jm");
	screen_wait_line(screen, "order-sync", "UNREACHABLE");
	screen_wait_line(screen, "limit-check", "ADDED");
	screen_wait_line(screen, "offline, as of", "refused");
	/* What had ended stays what it was; the last values of the others stay to be seen. */
	screen_wait_line(screen, "daily-report", "FAILED");
	screen_wait_line(screen, "backfill", "FINISHED");
	screen_wait_line(screen, "order-sync", "4/4");
	screen_type(screen, "/order\r");
	screen_wait(screen, "Applications 1 of 8");
	screen_type(screen, "\r");
	screen_wait_line(screen, "nobody answers at", live.flink->url);
	screen_wait(screen, "last seen");
	screen_wait_line(screen, "JobManager", "RUNNING");
	screen_type(screen, "q");
	screen_wait(screen, "Applications 1 of 8");
	screen_type(screen, ESC);
	screen_wait(screen, "Applications 8");

	/* Without high availability the new JobManager knows none of the jobs: that is LOST. */
	flink_start_again(live.flink, "jm");
	screen_wait_gone(screen, "offline, as of");
	screen_wait_line(screen, "order-sync", "LOST");
	screen_wait_line(screen, "limit-check", "ADDED");
	free(live.jobs.count);
	live.jobs.count = flink_submit(live.flink,
		(const char *[]){
			"--parallelism", "2", "--", "--mode", "count", "--name", "订单同步", NULL});
	flink_until(live.flink, "the job runs again", job_is_running, live.jobs.count);
	screen_wait_line(screen, "order-sync", "RUNNING");
	screen_type(screen, "q");
	check_end("q", 0);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"all jobs are shown as they are", all_jobs_are_shown_as_they_are, NULL},
		{"keys filter, sort, open and help", keys_filter_sort_open_and_help, NULL},
		{"every size of window", every_size_of_window, NULL},
		{"every end leaves the terminal sane", every_end_leaves_the_terminal_sane, NULL},
		{"the first frame shows what is remembered",
			the_first_frame_shows_what_is_remembered, NULL},
		{"a JobManager dies and comes back", a_jobmanager_dies_and_comes_back, NULL},
	};

	return live_run(
		"console on real Flink", cases, ARRAY_SIZE(cases), enter, leave_case, leave_group);
}
