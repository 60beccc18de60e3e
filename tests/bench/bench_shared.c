/*
 * Two real consoles on one store, each on a pseudo-terminal, before a real Flink: one polls, the other
 * follows; both have the application's card in front. Its job is canceled by another client, and started
 * again, in turn. Noted is when the JobManager says so itself (asked every 10 ms), when the row is in the store
 * (a third connection looks at it every other millisecond), and when it stands on each screen.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/figures.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define VERSION "1.20.5"
#define ROUNDS 50
#define GOAL_MS 1000
#define ASK_EVERY_NS 10000000

static char canceled[] = "CANCELED";

enum { TOLD, STORED, HOLDER, FOLLOWER, SEEN_MAX };

static struct {
	struct flink *flink;
	struct bench *bench;
	struct screen *holder, *follower;
	sqlite3 *cache;
	sqlite3_stmt *status;
} b;

/* ---- what is there ---- */

static char *submit(void)
{
	return flink_submit(
		b.flink, WORDS("--mode", "count", "--name", "orders", "--interval", "0"));
}

static struct screen *console(const char *config, const char *poller)
{
	struct screen *screen = screen_start(&(struct screen_setup){.home = b.bench->home,
		.words = WORDS("--config", config, "--no-session"),
		.rows = 24,
		.cols = 120});

	screen_wait_long(screen, "orders", "RUNNING", FLINK_DEADLINE_MS);
	if (poller)
		screen_wait(screen, poller);
	screen_type(screen, "\r");
	screen_wait_line(screen, "t/orders", "RUNNING");
	return screen;
}

static void open_cache(void)
{
	char *path = bench_expand(b.bench, "{home}/.local/state/weir/bench/cache.db");

	if (sqlite3_open_v2(path, &b.cache, SQLITE_OPEN_READWRITE, NULL) ||
		sqlite3_prepare_v2(
			b.cache, "SELECT status FROM job WHERE id = ?", -1, &b.status, NULL)) {
		fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(b.cache));
		exit(1);
	}
	sqlite3_busy_timeout(b.cache, SCREEN_DEADLINE_MS);
	free(path);
}

/* The job that runs, malloc'd. */
static char *set_up(void)
{
	char *config, *poller, *id;

	b.flink = flink_start(VERSION, "bench");
	b.bench = bench_new();
	bench_set(b.bench, "url", b.flink->url);
	bench_file(b.bench, "config.yaml",
		"contexts:\n- name: bench\n  workspace: ws\n"
		"  clusters: [{name: s, rest: \"{url}\"}]\n");
	bench_declare(b.bench, "orders");
	config = bench_expand(b.bench, "{home}/config.yaml");
	id = submit();
	b.holder = console(config, NULL);
	poller = xasprintf("polled by process %d", (int)screen_pid(b.holder));
	b.follower = console(config, poller);
	open_cache();
	free(poller);
	free(config);
	return id;
}

static void tear_down(void)
{
	sqlite3_finalize(b.status);
	sqlite3_close(b.cache);
	screen_free(b.holder);
	screen_free(b.follower);
	bench_free(b.bench);
	flink_stop(b.flink);
}

/* ---- who knows it ---- */

static bool is_shown(struct screen *screen, void *data)
{
	char *line = screen_line_with(screen, "t/orders", data);

	free(line);
	return line != NULL;
}

static bool is_told(const char *id)
{
	char *path = xasprintf("/jobs/%s/status", id);
	json_t *answer = flink_get(b.flink, path);
	bool is_so = str_eq(bench_text(answer, "status"), canceled);

	json_decref(answer);
	free(path);
	return is_so;
}

static bool is_stored(const char *id)
{
	bool is_so;

	sqlite3_bind_text(b.status, 1, id, -1, SQLITE_STATIC);
	is_so = sqlite3_step(b.status) == SQLITE_ROW &&
		str_eq((const char *)sqlite3_column_text(b.status, 0), canceled);
	sqlite3_reset(b.status);
	return is_so;
}

static void note(int64_t *seen_ns, bool is_so)
{
	if (!*seen_ns && is_so)
		*seen_ns = now_ns();
}

static void note_screen(int64_t *seen_ns, struct screen *screen)
{
	if (screen_until(screen, is_shown, canceled, 1) && !*seen_ns)
		*seen_ns = screen_read_ns(screen);
}

static void cancel(const char *id, int64_t seen_ns[SEEN_MAX])
{
	int64_t end_ms = program_now_ms() + SCREEN_DEADLINE_MS, asked_ns = 0;

	flink_cancel(b.flink, id);
	while (!seen_ns[TOLD] || !seen_ns[STORED] || !seen_ns[HOLDER] || !seen_ns[FOLLOWER]) {
		if (program_now_ms() > end_ms) {
			char *text = screen_text(b.follower);

			fprintf(stderr, "told %d, stored %d, not shown:\n%s\n", seen_ns[TOLD] != 0,
				seen_ns[STORED] != 0, text);
			exit(1);
		}
		if (!seen_ns[TOLD] && now_ns() - asked_ns >= ASK_EVERY_NS) {
			note(&seen_ns[TOLD], is_told(id));
			asked_ns = now_ns();
		}
		note(&seen_ns[STORED], seen_ns[STORED] || is_stored(id));
		note_screen(&seen_ns[HOLDER], b.holder);
		note_screen(&seen_ns[FOLLOWER], b.follower);
	}
}

static void push(samples_vec *samples, const int64_t seen_ns[SEEN_MAX], int from, int to)
{
	vec_push(samples, (double)(seen_ns[to] - seen_ns[from]) / 1e6);
}

int main(void)
{
	samples_vec stored = {0}, holder = {0}, follower = {0}, behind = {0}, read = {0};
	int rounds = figures_rounds(ROUNDS);
	char *id;

	check_locale();
	figures_open("bench_shared");
	id = set_up();
	for (int i = 0; i < rounds; i++) {
		int64_t seen_ns[SEEN_MAX] = {0};

		cancel(id, seen_ns);
		push(&stored, seen_ns, TOLD, STORED);
		push(&holder, seen_ns, TOLD, HOLDER);
		push(&follower, seen_ns, TOLD, FOLLOWER);
		push(&behind, seen_ns, HOLDER, FOLLOWER);
		push(&read, seen_ns, STORED, FOLLOWER);
		free(id);
		id = submit();
		screen_wait_long(b.follower, "t/orders", "RUNNING", FLINK_DEADLINE_MS);
		screen_wait_long(b.holder, "t/orders", "RUNNING", FLINK_DEADLINE_MS);
	}
	free(id);
	figures_title("a job canceled by somebody else, from the JobManager's own word");
	figure_samples("who polls shows it", "ms", &holder);
	figure_samples("it is in the store", "ms", &stored);
	figure_samples("who follows shows it", "ms", &follower);
	figures_title("who follows");
	figure_samples("shows it behind who polls", "ms", &behind);
	figure_samples("shows it behind the commit", "ms", &read);
	figure_goal("behind who polls, 99 of 100", "ms", samples_at(&behind, 0.99), "<=", GOAL_MS);
	figure_goal("behind the commit, 99 of 100", "ms", samples_at(&read, 0.99), "<=", GOAL_MS);
	figures_close();
	tear_down();
	return 0;
}
