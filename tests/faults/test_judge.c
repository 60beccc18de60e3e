/* The judge of the scenarios: what is right, what is wrong, and from when on it is true. */
#include "tests/faults/judge.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/support/check.h"

/* A letter a sample, 100 ms apart: R RUNNING, U UNREACHABLE, L LOST, D duplicate, - no row. Small: the
 * step may not end yet. */
static const struct {
	const char *name, *want, *never, *samples;
	enum verdict verdict;
	int at;      /* the sample that decided; -1 = none */
	int true_at; /* of JUDGE_TRUE */
	const char *wrong;
} rows[] = {
	{"comes true and stays", "UNREACHABLE", "LOST", "RRUUUUU", JUDGE_TRUE, 6, 2, ""},
	{"not yet", "UNREACHABLE", "LOST", "RRUUUU", JUDGE_NOT_YET, -1, 0, ""},
	{"wrong before", "UNREACHABLE", "LOST", "RLUUUUU", JUDGE_WRONG, 1, 0, "LOST"},
	{"wrong while it holds", "UNREACHABLE", "LOST", "RUUL", JUDGE_WRONG, 3, 0, "LOST"},
	{"left again", "UNREACHABLE", NULL, "RUUR", JUDGE_WRONG, 3, 0, "RUNNING"},
	{"shown before it may end", "RUNNING", "LOST", "rruurRRRRR", JUDGE_TRUE, 9, 5, ""},
	{"wrong before it may end", "RUNNING", "LOST", "rrlr", JUDGE_WRONG, 2, 0, "LOST"},
	{"one of two", "LOST|UNREACHABLE", NULL, "RULULU", JUDGE_TRUE, 5, 1, ""},
	{"a detail is wanted", "UNKNOWN duplicate", NULL, "DDDDD", JUDGE_TRUE, 4, 0, ""},
	{"any detail is wrong", "RUNNING", "UNKNOWN", "RD", JUDGE_WRONG, 1, 0, "UNKNOWN duplicate"},
	{"no row is nothing", "RUNNING", "LOST", "--RR-RRR", JUDGE_TRUE, 7, 2, ""},
};

static const char *cell_of(char letter)
{
	switch (letter) {
	case 'R':
	case 'r': return "RUNNING";
	case 'U':
	case 'u': return "UNREACHABLE";
	case 'L':
	case 'l': return "LOST";
	case 'D': return "UNKNOWN duplicate";
	default: return "";
	}
}

static void samples_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum verdict verdict = JUDGE_NOT_YET;
		struct judge judge;
		int at = -1;

		judge_begin(&judge, rows[i].want, rows[i].never);
		for (int n = 0; rows[i].samples[n] && verdict == JUDGE_NOT_YET; n++) {
			char letter = rows[i].samples[n];

			verdict = judge_take(
				&judge, cell_of(letter), n * 100, letter < 'a' || letter > 'z');
			at = verdict == JUDGE_NOT_YET ? -1 : n;
		}
		check_int(rows[i].name, verdict, rows[i].verdict);
		check_int(rows[i].name, at, rows[i].at);
		check_str(rows[i].name, judge.wrong, rows[i].wrong);
		if (verdict == JUDGE_TRUE)
			check_int(rows[i].name, judge.true_ms, rows[i].true_at * 100);
	}
}

static const struct {
	const char *line, *cell;
} lines[] = {
	{"● RUNNING             orders         shop   s   1/1", "RUNNING"},
	{"? UNKNOWN missing?    orders         shop", "UNKNOWN missing?"},
	{"↻ RESTARTING 3600/h   orders         shop", "RESTARTING loop"},
	{"↻ RESTARTING          orders         orders", "RESTARTING"},
	{"? UNKNOWN broken file orders         shop", "UNKNOWN broken file"},
	{"! LOST                reorders       orders", "LOST                reorders"},
	{"● RUNNINGABLE         orders         shop", ""},
	{"nothing", ""},
	{"", ""},
};

static void cells_are_cut_out_of_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *cell = judge_cell(lines[i].line, "orders");

		check_str(lines[i].line, cell, lines[i].cell);
		free(cell);
	}
}

static void a_trail_names_each_change(void **state)
{
	static const char *const cells[] = {
		"", "RUNNING", "RUNNING", "", "UNREACHABLE", "RUNNING", "RUNNING"};
	struct buf trail;

	(void)state;
	buf_init(&trail, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		judge_trail(&trail, cells[i]);
	check_str("trail", buf_str(&trail), "RUNNING > UNREACHABLE > RUNNING");
	buf_release(&trail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_judged),
		cmocka_unit_test(cells_are_cut_out_of_lines),
		cmocka_unit_test(a_trail_names_each_change),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
