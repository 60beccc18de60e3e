/*
 * The console of 10,000 applications in a hundred session clusters at the far end of a bad line: 5 kB/s, a round
 * trip of 300 ms, and room for a megabyte between the two that the console cannot see (tests/bench/line). A letter
 * is there when the prompt shows it. Least is what a frame of nothing takes: the round trip.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/scale.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

#define JOBS 10000
#define MANAGERS 100
#define NO_BUDGET 100000
#define ROWS 50
#define COLS 200
#define ROUNDS 5
#define LETTER_MS 125
#define PAGE_DOWN "\x1b[6~"
#define PAGES 40
#define PAGE_MS 33
#define WATCH_MS 10000
#define DEADLINE_MS 60000

static struct {
	struct scale scale;
	char *log;
	struct screen *screen;
} b = {.scale = {0}};

static struct screen *start(void)
{
	return screen_start(&(struct screen_setup){.home = b.scale.home,
		.line = (const char *[]){"--log", b.log, NULL},
		.words = (const char *[]){"--config", b.scale.config, "--store", b.scale.store,
			"--no-session", NULL},
		.rows = ROWS,
		.cols = COLS});
}

static bool shows(struct screen *screen, void *text)
{
	return screen_shows(screen, text);
}

/* ms from `since_ns` until then. */
static double until(const char *text, int64_t since_ns)
{
	if (!screen_until(b.screen, shows, (void *)text, DEADLINE_MS)) {
		char *seen = screen_text(b.screen);

		fprintf(stderr, "%s: never shown:\n%s\n", text, seen);
		exit(1);
	}
	return (double)(screen_read_ns(b.screen) - since_ns) / 1e6;
}

static bool never(struct screen *screen, void *data)
{
	(void)screen;
	(void)data;
	return false;
}

static void watch(int64_t for_ms)
{
	screen_until(b.screen, never, NULL, for_ms);
}

static void open_fleet(void)
{
	struct program *program;

	scale_open(&b.scale, JOBS, MANAGERS, NO_BUDGET);
	b.log = temp_path(b.scale.home, "line.log");
	program = program_run(&(struct program_setup){.home = b.scale.home,
		.words = (const char *[]){"get", "apps", "-o", "name", "--timeout", "60",
			"--no-details", "--config", b.scale.config, "--store", b.scale.store, NULL},
		.deadline_ms = 120000});
	program_free(program);
}

/* A letter each LETTER_MS, and for each how long until it, or more, stands in the prompt. */
static void type_filter(samples_vec *letters, samples_vec *found)
{
	static const char word[] = "-0500", prompt[] = "/";
	size_t seen = 0, typed = 0;
	int64_t at_ns[sizeof(word)] = {0};

	screen_type(b.screen, "/");
	watch(2000);
	while (seen < strlen(word)) {
		int64_t next_ns = typed ? at_ns[typed - 1] + LETTER_MS * 1000000LL : now_ns();

		if (typed < strlen(word) && now_ns() >= next_ns) {
			at_ns[typed] = now_ns();
			screen_type(b.screen, (char[]){word[typed], '\0'});
			typed++;
		}
		watch(5);
		for (size_t n = typed; n > seen; n--) {
			char *text = xasprintf("%s%.*s", prompt, (int)n, word);
			bool is_there = screen_shows(b.screen, text);

			free(text);
			for (; is_there && seen < n; seen++)
				vec_push(letters,
					(double)(screen_read_ns(b.screen) - at_ns[seen]) / 1e6);
		}
	}
	vec_push(found, until("10 of 10000", at_ns[typed - 1]));
	screen_type(b.screen, "\x1b");
	until("45/10000", 0);
	watch(3000);
}

static void round_of(samples_vec *letters, samples_vec *found, samples_vec *pages)
{
	int64_t at_ns;

	type_filter(letters, found);
	for (int i = 0; i < PAGES; i++) {
		screen_type(b.screen, PAGE_DOWN);
		watch(PAGE_MS);
	}
	at_ns = now_ns();
	screen_type(b.screen, "G");
	vec_push(pages, until("-10000/10000", at_ns));
	screen_type(b.screen, "\x1b[H");
	until(" 1-45/10000", 0);
	watch(3000);
}

static double rate_over(int64_t for_ms)
{
	long bytes = screen_bytes(b.screen);
	int64_t began_ns = now_ns();

	watch(for_ms);
	return (double)(screen_bytes(b.screen) - bytes) / ((double)(now_ns() - began_ns) / 1e9);
}

int main(void)
{
	samples_vec letters = {0}, found = {0}, pages = {0};
	int64_t began_ns;
	long first_bytes;
	struct buf said;

	check_locale();
	figures_open("bench_line");
	open_fleet();
	began_ns = now_ns();
	b.screen = start();
	until("-45/10000", 0);
	figure_value("exec to first full frame", "ms", until("q quit", began_ns));
	first_bytes = screen_bytes(b.screen);
	figure_value("the first frame", "bytes", (double)first_bytes);
	watch(WATCH_MS);
	figure_value("to the terminal, idle", "bytes/s", rate_over(WATCH_MS));
	scale_order(&b.scale, "churn 1%");
	figure_value(
		"to the terminal, 1 % of rows change in a second", "bytes/s", rate_over(WATCH_MS));
	for (int i = figures_rounds(ROUNDS); i > 0; i--)
		round_of(&letters, &found, &pages);
	figure_samples("filter, a letter each 125 ms: key to letter", "ms", &letters);
	figure_value("the same, most", "ms", samples_at(&letters, 1));
	figure_samples("filter, last key to its list", "ms", &found);
	figure_samples("end of the list, after 40 pages at 30 a second", "ms", &pages);
	screen_type(b.screen, "\x03");
	screen_end(b.screen);
	screen_free(b.screen);
	buf_init(&said, 0);
	if (file_read(b.log, &said, NULL) == 0)
		figures_title(buf_str(&said));
	buf_release(&said);
	figures_close();
	scale_close(&b.scale);
	return 0;
}
