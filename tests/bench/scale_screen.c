/*
 * The console as a person has it, 200×50. A key's frame is there when the line that tells the key's effect
 * has changed, and its time is when its last byte came, before it was drawn by the terminal here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/scale.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define ROWS 50
#define COLS 200
#define BEGINNINGS 10
#define STEADY_MS 10000
#define MOVING_MS 5000
#define PRESSES 100
#define CHANGES 20
#define INTERVAL_S 5.0
#define DEADLINE_MS 120000
#define PAGE_DOWN "\x1b[6~"

/* ---- help ---- */

static struct screen *start(struct scale *scale)
{
	return screen_start(&(struct screen_setup){.home = scale->home,
		.words = (const char *[]){"--config", scale->config, "--store", scale->store,
			"--no-session", NULL},
		.rows = ROWS,
		.cols = COLS});
}

static void until(struct screen *screen, bool (*is_so)(struct screen *screen, void *data),
	void *data, const char *what)
{
	if (!screen_until(screen, is_so, data, DEADLINE_MS)) {
		char *text = screen_text(screen);

		fprintf(stderr, "%s: never so:\n%s", what, text);
		exit(1);
	}
}

/* As many rows as fit, of as many as there are. */
static bool is_whole(struct screen *screen, void *data)
{
	char *place = xasprintf("-%d/%d", ROWS - 5, *(int *)data);
	bool is_so = screen_shows(screen, place) && screen_shows(screen, "q quit");

	free(place);
	return is_so;
}

static bool never(struct screen *screen, void *data)
{
	(void)screen;
	(void)data;
	return false;
}

/* Reads what comes for so long. */
static void watch(struct screen *screen, int64_t for_ms)
{
	screen_until(screen, never, NULL, for_ms);
}

struct effect {
	const char *line; /* what stands in the line that changes, or that comes */
	char *before;     /* NULL = it comes */
	int64_t pressed_ns;
};

static bool is_there(struct screen *screen, void *data)
{
	const struct effect *effect = data;
	char *now = screen_line_with(screen, effect->line, NULL);
	bool is_so = effect->before ? !now || !str_eq(now, effect->before) : now != NULL;

	free(now);
	return is_so && screen_read_ns(screen) > effect->pressed_ns;
}

static double press(struct screen *screen, const char *key, const char *line, bool comes)
{
	struct effect effect = {.line = line};

	watch(screen, 15); /* people are slower */
	effect.before = comes ? NULL : screen_line_with(screen, line, NULL);
	effect.pressed_ns = now_ns();
	screen_type(screen, key);
	until(screen, is_there, &effect, line);
	free(effect.before);
	return (double)(screen_read_ns(screen) - effect.pressed_ns) / 1e6;
}

/* ---- figures ---- */

static void beginnings(struct scale *scale)
{
	samples_vec samples = {0};

	for (int i = 0; i < BEGINNINGS; i++) {
		int64_t began_ns = now_ns();
		struct screen *screen = start(scale);

		until(screen, is_whole, &scale->jobs, "the first frame");
		vec_push(&samples, (double)(screen_read_ns(screen) - began_ns) / 1e6);
		screen_free(screen);
	}
	figure_samples(scale_name(scale, "exec to first full frame"), "ms", &samples);
	if (scale->jobs == 10000)
		figure_goal(scale_name(scale, "exec to first full frame, median"), "ms",
			samples_median(&samples), "<=", 30);
	vec_release(&samples);
}

struct asked {
	struct scale *scale;
	int64_t before;
	int64_t told, counted_ns; /* jobs asked in detail, when that was counted last */
};

static bool were_asked_twice(struct screen *screen, void *data)
{
	const struct asked *asked = data;

	(void)screen;
	return scale_count(asked->scale, "/jobs/overview") - asked->before >=
		2 * (int64_t)asked->scale->managers;
}

/* Jobs asked for all of their details in a second by what moves, is sick or is seen. */
#define TOLD_A_SECOND 60

/* Each job is asked for its details once, which takes a while: from then on it is as it stays. */
static bool are_all_told(struct screen *screen, void *data)
{
	struct asked *asked = data;
	int64_t now = now_ns(), told;
	bool is_calm;

	if (!were_asked_twice(screen, data) || now - asked->counted_ns < 2000000000)
		return false;
	told = scale_count(asked->scale, "/jobs/:id/exceptions");
	is_calm = asked->counted_ns &&
		(double)(told - asked->told) * 1e9 / (double)(now - asked->counted_ns) <
			TOLD_A_SECOND;
	asked->told = told;
	asked->counted_ns = now;
	return is_calm;
}

/* With its goal, where the fleet has one. */
static void figure_of(
	struct scale *scale, const char *what, const char *unit, double value, double goal)
{
	if (scale->jobs == 10000 && goal > 0)
		figure_goal(scale_name(scale, what), unit, value, "<=", goal);
	else
		figure_value(scale_name(scale, what), unit, value);
}

static void steady(struct scale *scale, struct screen *screen)
{
	pid_t pid = screen_pid(screen);
	int64_t requests = scale_count(scale, "requests"), began_ns = now_ns();
	long bytes = screen_bytes(screen);
	double cpu = cpu_s(pid), seconds;
	bool is_alone = scale->managers == scale->jobs;

	watch(screen, STEADY_MS);
	seconds = (double)(now_ns() - began_ns) / 1e9;
	cpu = (cpu_s(pid) - cpu) / seconds * 100;
	figure_value(scale_name(scale, "requests in a second"), "",
		(double)(scale_count(scale, "requests") - requests) / seconds);
	figure_of(scale, "steady CPU", "% of a core", cpu, is_alone ? 13 : 3);
	figure_of(scale, "RSS, console open", "MiB", rss_mib(pid), is_alone ? 96 : 64);
	figure_of(scale, "to the terminal, idle", "bytes/s",
		(double)(screen_bytes(screen) - bytes) / seconds, 200);
}

static void moving(struct scale *scale, struct screen *screen)
{
	long bytes = screen_bytes(screen);
	int64_t began_ns = now_ns();
	double rate;

	scale_order(scale, "churn 1%");
	watch(screen, MOVING_MS);
	rate = (double)(screen_bytes(screen) - bytes) / ((double)(now_ns() - began_ns) / 1e9);
	figure_of(scale, "to the terminal, 1 % of rows change in a second", "bytes/s", rate, 4096);
}

struct presses {
	const char *what;
	const char *keys[5]; /* in turn, NULL-ended */
	/* lines[0] changes; or, with has_lines, each key's own comes. */
	const char *lines[5];
	bool has_lines;
	int count;
	double part, goal_ms; /* so many of all within that */
	const char *goal;     /* its name */
};

static void press_all(struct scale *scale, struct screen *screen, const struct presses *presses)
{
	samples_vec samples = {0};
	size_t at = 0;

	for (int i = 0; i < presses->count; i++) {
		vec_push(&samples,
			press(screen, presses->keys[at],
				presses->lines[presses->has_lines ? at : 0], presses->has_lines));
		at = presses->keys[at + 1] ? at + 1 : 0;
	}
	figure_samples(scale_name(scale, presses->what), "ms", &samples);
	if (scale->jobs == 10000)
		figure_goal(scale_name(scale, presses->goal), "ms",
			samples_at(&samples, presses->part), "<=", presses->goal_ms);
	vec_release(&samples);
}

/* While 1 % changes in a second. */
static void keys(struct scale *scale, struct screen *screen)
{
	int pages = scale->jobs / (ROWS - 5) - 2;
	const struct presses cursor = {.what = "cursor, key to frame",
		.keys = {"j"},
		.lines = {"Applications"},
		.count = PRESSES,
		.part = 0.99,
		.goal_ms = 5,
		.goal = "cursor, key to frame, p99"};
	const struct presses page = {.what = "page, key to frame",
		.keys = {PAGE_DOWN},
		.lines = {"Applications"},
		.count = pages < PRESSES ? pages : PRESSES,
		.part = 0.99,
		.goal_ms = 5,
		.goal = "page, key to frame, p99"};
	const struct presses filter = {.what = "filter, key to frame",
		.keys = {"o", "r", "\x7f", "\x7f"},
		.lines = {"Applications"},
		.count = PRESSES,
		.part = 0.99,
		.goal_ms = 10,
		.goal = "filter, key to frame, p99"};
	const struct presses sort = {.what = "sort, key to frame",
		.keys = {"s"},
		.lines = {"STATE"},
		.count = PRESSES / 2,
		.part = 1,
		.goal_ms = 33,
		.goal = "sort, key to frame, most"};
	const struct presses view = {.what = "view, key to frame",
		.keys = {"\t", "\t", "\t", "\t"},
		.lines = {"Clusters ", "Teams ", "Jobs ", "Applications "},
		.has_lines = true,
		.count = PRESSES / 2,
		.part = 1,
		.goal_ms = 33,
		.goal = "view, key to frame, most"};

	/* From the last line on, each step moves the list. */
	for (int i = 0; i < ROWS; i++)
		screen_type(screen, "j");
	watch(screen, 500);
	press_all(scale, screen, &cursor);
	press_all(scale, screen, &page);
	screen_type(screen, "/");
	watch(screen, 500);
	press_all(scale, screen, &filter);
	screen_type(screen, "\x1b");
	watch(screen, 500);
	press_all(scale, screen, &sort);
	press_all(scale, screen, &view);
}

struct change {
	const char *name, *state;
};

static bool is_shown(struct screen *screen, void *data)
{
	const struct change *change = data;
	char *line = screen_line_with(screen, change->name, change->state);
	bool is_so = line != NULL;

	free(line);
	return is_so;
}

/* A job that is on the screen. */
static void changes(struct scale *scale)
{
	struct screen *screen = start(scale);
	samples_vec samples = {0};
	int job = scale->jobs / 2;
	char *tail = xasprintf("-%05d", job), *filter = xasprintf("/%s\r", tail);

	scale_order(scale, "churn 0");
	until(screen, is_whole, &scale->jobs, "the console");
	screen_type(screen, filter);
	for (int i = 0; i < CHANGES; i++) {
		struct change change = {tail, i % 2 ? "RUNNING" : "FAILED"};
		char *order = xasprintf("change %d %s", job, change.state);
		char *said = fleetd_say(scale->fleetd, order);
		long long changed_ns = 0;

		sscanf(said, "ok %*d %*s %lld", &changed_ns);
		until(screen, is_shown, &change, order);
		vec_push(&samples, (double)(screen_read_ns(screen) - changed_ns) / 1e9);
		/* Not in step with its polls. */
		watch(screen, 100 + 370 * i % 1000);
		free(said);
		free(order);
	}
	figure_samples(scale_name(scale, "change to screen"), "s", &samples);
	figure_goal(scale_name(scale, "change to screen, p50"), "s", samples_at(&samples, 0.5),
		"<=", INTERVAL_S / 2 + 0.1);
	figure_goal(scale_name(scale, "change to screen, p99"), "s", samples_at(&samples, 0.99),
		"<=", INTERVAL_S + 0.1);
	vec_release(&samples);
	free(filter);
	free(tail);
	screen_free(screen);
}

static struct screen *start_asked(struct scale *scale)
{
	struct asked asked = {.scale = scale, .before = scale_count(scale, "/jobs/overview")};
	struct screen *screen = start(scale);

	until(screen, is_whole, &scale->jobs, "the console");
	until(screen, are_all_told, &asked, "all were asked twice, and in detail");
	return screen;
}

void scale_steady(struct scale *scale)
{
	struct screen *screen = start_asked(scale);

	steady(scale, screen);
	screen_free(screen);
}

/* The configuration without its line of a budget. */
static char *without_budget(const struct scale *scale)
{
	char *path = xasprintf("%s.default", scale->config), *line;
	struct buf text, out;

	buf_init(&text, 0);
	buf_init(&out, 0);
	file_read(scale->config, &text, NULL);
	for (char *rest = text.data; (line = strsep(&rest, "\n"));)
		if (!strstr(line, "budget:"))
			buf_addf(&out, "%s\n", line);
	temp_file(path, buf_str(&out));
	buf_release(&out);
	buf_release(&text);
	return path;
}

/* It takes its time to ask all of them; what it costs is the same from the beginning. */
void scale_default_budget(struct scale *scale)
{
	struct screen *screen;
	double cpu, seconds;
	char *config = scale->config;
	int64_t began_ns;

	scale->config = without_budget(scale);
	screen = start(scale);
	until(screen, is_whole, &scale->jobs, "the console");
	watch(screen, STEADY_MS / 2);
	began_ns = now_ns();
	cpu = cpu_s(screen_pid(screen));
	watch(screen, STEADY_MS);
	seconds = (double)(now_ns() - began_ns) / 1e9;
	figure_of(scale, "steady CPU with the default budget", "% of a core",
		(cpu_s(screen_pid(screen)) - cpu) / seconds * 100, 3);
	screen_free(screen);
	free(scale->config);
	scale->config = config;
}

/* ---- others ---- */

static bool has_text(struct screen *screen, void *data)
{
	return screen_shows(screen, data);
}

/* NULL = not installed; malloc'd. */
static char *in_path(const char *name)
{
	char *paths = xstrdup(getenv("PATH")), *rest = paths, *dir, *found = NULL;

	while (!found && (dir = strsep(&rest, ":"))) {
		found = xasprintf("%s/%s", dir, name);
		if (access(found, X_OK) != 0) {
			free(found);
			found = NULL;
		}
	}
	free(paths);
	return found;
}

static void beginnings_of(const char *name, const char *shows)
{
	char *file = in_path(name), *home = temp_dir(), *what;
	samples_vec samples = {0};

	for (int i = 0; file && i < BEGINNINGS; i++) {
		int64_t began_ns = now_ns();
		struct screen *screen = screen_start(&(struct screen_setup){
			.file = file, .home = home, .rows = ROWS, .cols = COLS});

		until(screen, has_text, (char *)shows, name);
		vec_push(&samples, (double)(screen_read_ns(screen) - began_ns) / 1e6);
		screen_free(screen);
	}
	what = xasprintf("%s, exec to first frame", name);
	if (file)
		figure_samples(what, "ms", &samples);
	else
		printf("  %s: not installed\n", name);
	vec_release(&samples);
	free(what);
	free(file);
	temp_dir_remove(home);
}

/* Of their own data: this machine's processes, this repository. */
void scale_others(void)
{
	beginnings_of("htop", "F10Quit");
	beginnings_of("tig", "[main]");
}

void scale_screens(struct scale *scale, bool has_keys)
{
	struct screen *screen;

	beginnings(scale);
	screen = start_asked(scale);
	steady(scale, screen);
	if (has_keys) {
		moving(scale, screen);
		keys(scale, screen);
	}
	screen_type(screen, "\x03");
	screen_free(screen);
	if (has_keys && scale->jobs == 10000)
		changes(scale);
}
