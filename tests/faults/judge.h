/*
 * Whether what a screen shows is true, sample by sample: the states that it must come to show, and
 * those that it must never show. Pure.
 *
 *	struct judge judge;
 *	judge_begin(&judge, "UNREACHABLE", "LOST|FAILED|CANCELED");
 *	verdict = judge_take(&judge, "RUNNING", now_ms, true);       JUDGE_NOT_YET
 *
 * A list of states is separated by '|'. "UNKNOWN" is every cell that begins with that word, "UNKNOWN
 * duplicate" one that goes on so.
 */
#ifndef WEIR_TESTS_FAULTS_JUDGE_H
#define WEIR_TESTS_FAULTS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"

/* What must be shown must stay for so many samples: it was no accident. */
#define JUDGE_HOLD 5

struct judge {
	const char *want, *never;
	int64_t true_ms; /* of the first of the samples that hold */
	int held;
	char wrong[80]; /* the state that must not have been shown */
};

enum verdict {
	JUDGE_NOT_YET,
	JUDGE_TRUE, /* it has come to that, and it stayed */
	JUDGE_WRONG
};

/* never may be NULL. Texts are borrowed. */
void judge_begin(struct judge *judge, const char *want, const char *never);
/*
 * cell: what is shown ("" = nothing, no row there: never what is wanted, never wrong).
 * may_end: has all that the step waits for besides happened? What was shown before that counts for
 * nothing, but must not be wrong. After it, a wanted state that is left again is wrong.
 */
enum verdict judge_take(struct judge *judge, const char *cell, int64_t now_ms, bool may_end);

bool judge_matches(const char *cell, const char *states);
/* Adds " > cell" unless it is the last one there: what was shown, in short. */
void judge_trail(struct buf *trail, const char *cell);
/* From a line of the list of applications, the text before the name: "● RUNNING   orders" →
 * "RUNNING"; "" when that is no state. A rate is left out: "RESTARTING 12/h" → "RESTARTING loop".
 * malloc'd. */
char *judge_cell(const char *line, const char *name);

#endif
