/* weir get … --watch: the list, then a line for each change; how it ends; and who asks meanwhile. */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

#define JOBS 20

static struct bench *bench;
static struct fleetd *fleetd;

static int setup(void **state)
{
	(void)state;
	bench = bench_new();
	fleetd = fleetd_start_at(bench->home,
		(const char *[]){"--jobs", "20", "--managers", "2", "--sick", "0", "--churn", "0",
			"--at", "600000", NULL});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	return 0;
}

static void order(const char *text)
{
	char *said = fleetd_say(fleetd, text);

	check_has(text, said, "ok");
	free(said);
}

struct wanted {
	const char *text;
	size_t times;
};

static bool has(struct program *p, void *data)
{
	const struct wanted *wanted = data;
	const char *at = buf_str(&p->out);
	size_t times = 0;

	while ((at = strstr(at, wanted->text))) {
		times++;
		at++;
	}
	return times >= wanted->times;
}

static void wait_for(const char *row, struct program *p, const char *text, size_t times)
{
	struct wanted wanted = {text, times};

	if (!program_until(p, has, &wanted, PROGRAM_DEADLINE_MS))
		fail_msg("%s: never said %zu x '%s':\n%s\n%s", row, times, text, buf_str(&p->out),
			buf_str(&p->err));
}

/* Nothing moves there, so nothing is printed but what was changed. */
static void a_change_is_one_line_and_ctrl_c_is_130(void **state)
{
	struct program *p = bench_start(bench,
		"get jobs --config {home}/config.yaml --watch -o json --columns name,jobStatus");
	char *text, *rest, *line;
	size_t lines = 0, failed = 0;

	(void)state;
	wait_for("first list", p, "\n", JOBS);
	order("change 7 FAILED");
	wait_for("change", p, "FAILED", 1);
	program_signal(p, SIGINT);
	check_int("exit", program_wait(p, PROGRAM_DEADLINE_MS), 130);
	check_str("stderr", buf_str(&p->err), "");
	text = rest = xstrdup(buf_str(&p->out));
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *item = json_loads(line, 0, NULL);

		check_int(line, (int64_t)json_object_size(item), 2);
		failed += str_eq(bench_text(item, "jobStatus"), "FAILED");
		json_decref(item);
		lines++;
	}
	check_int("failed", (int64_t)failed, 1);
	check_int("lines", (int64_t)lines, JOBS + 1);
	free(text);
	program_free(p);
}

/* What is in the store, or asked of one cluster, is no part of the fleet: its list is made anew. */
static void every_other_kind_is_watched_too(void **state)
{
	static const struct {
		const char *words;
		const char *first; /* there before anything happens */
		const char *then;  /* and what comes; NULL = nothing does */
	} rows[] = {
		{"get history --columns of,kind,to", ",first-seen,", ",FAILED\n"},
		{"get checkpoints checkout/payments-export-00003 --columns status,kind",
			"COMPLETED,checkpoint", "COMPLETED,savepoint"},
		{"get exceptions billing/shipments-ingest-00001 --columns count,name", "\n1,",
			NULL},
		{"get taskmanagers jm-00001 --columns id,slotsFree", ",0\n", ",4\n"},
		{"get runs --columns verb,state", "verb,state\n", "savepoint,DONE\n"},
		{"get restore-points checkout/payments-export-00003 --columns kind", "kind\n",
			"\nsavepoint\n"},
		{"get samples", "spanMs", NULL},
		{"get builds", "commit", NULL},
		{"get releases --sort-by number", "number", NULL},
	};
	struct program *watching[ARRAY_SIZE(rows)], *p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *words =
			xasprintf("%s --config {home}/config.yaml --watch -o csv", rows[i].words);

		watching[i] = bench_start(bench, words);
		wait_for(rows[i].words, watching[i], rows[i].first, 1);
		free(words);
	}
	p = bench_run(bench,
		"savepoint checkout/payments-export-00003 --yes --wait --config "
		"{home}/config.yaml");
	bench_check("savepoint", p, 0, "run 1: savepoint");
	program_free(p);
	order("change 7 FAILED");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].then)
			wait_for(rows[i].words, watching[i], rows[i].then, 1);
		program_signal(watching[i], SIGINT);
		check_int(rows[i].words, program_wait(watching[i], PROGRAM_DEADLINE_MS), 130);
		check_str(rows[i].words, buf_str(&watching[i]->err), "");
		program_free(watching[i]);
	}
	p = bench_run(bench, "get flink-envs --config {home}/config.yaml --watch");
	bench_check("flink-envs", p, 2, "--watch is not for flink-envs");
	program_free(p);
	p = bench_run(bench, "get history no-such --config {home}/config.yaml --watch");
	bench_check("no such", p, 4, "no-such");
	program_free(p);
}

static void a_filter_lets_a_line_in_when_it_passes(void **state)
{
	struct program *p = bench_start(bench,
		"get jobs --config {home}/config.yaml --watch "
		"--columns name,jobStatus --filter jobStatus:failed");

	(void)state;
	wait_for("titles", p, "NAME", 1);
	check_bool("nobody", strstr(buf_str(&p->out), "FAILED") != NULL, false);
	order("change 3 FAILED");
	wait_for("change", p, "FAILED\n", 1);
	program_signal(p, SIGTERM);
	check_int("exit", program_wait(p, PROGRAM_DEADLINE_MS), 128 + SIGTERM);
	program_free(p);
}

static void who_reads_no_more_ends_it_quietly(void **state)
{
	struct program *p = bench_run_as(bench, "get apps --config {home}/config.yaml --watch",
		&(struct program_setup){.has_no_reader = true});

	(void)state;
	check_int("exit", p->exit_code, 0);
	check_str("stderr", buf_str(&p->err), "");
	program_free(p);
}

static void a_name_that_is_not_there_is_not_waited_for(void **state)
{
	struct program *p =
		bench_run(bench, "get apps no-such-app --config {home}/config.yaml --watch");

	(void)state;
	bench_check("no such", p, 4, "no-such-app");
	program_free(p);
}

/* A terminal gets colours and lines of its width; --no-color and NO_COLOR take the colours. */
static void a_terminal_is_fitted(void **state)
{
	static const struct {
		const char *name, *option, *env;
		bool is_colored;
	} rows[] = {
		{"plain terminal", NULL, NULL, true},
		{"--no-color", "--no-color", NULL, false},
		{"NO_COLOR", NULL, "NO_COLOR=1", false},
	};
	char *config = bench_expand(bench, "{home}/config.yaml");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct screen *screen = screen_start(&(struct screen_setup){.home = bench->home,
			.words = WORDS("get", "apps", "--config", config, rows[i].option),
			.env = (const char *[]){"TERM=xterm-256color", rows[i].env, NULL},
			.rows = 40,
			.cols = 72});

		check_int(rows[i].name, screen_end(screen), 0);
		char *said = screen_said(screen), *rest = said, *line;
		check_bool(rows[i].name, strstr(said, "\033[32m") != NULL, rows[i].is_colored);
		while (!rows[i].is_colored && (line = strsep(&rest, "\r\n")))
			check_bool(line, utf8_width(line) <= 72, true);
		free(said);
		screen_free(screen);
	}
	free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_change_is_one_line_and_ctrl_c_is_130, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_filter_lets_a_line_in_when_it_passes, setup, teardown),
		cmocka_unit_test_setup_teardown(every_other_kind_is_watched_too, setup, teardown),
		cmocka_unit_test_setup_teardown(who_reads_no_more_ends_it_quietly, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_not_there_is_not_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(a_terminal_is_fitted, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
