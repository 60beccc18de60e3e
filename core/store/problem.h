/* What is wrong with one file of the store, as it was told: once for each cause. On the loop. */
#ifndef WEIR_STORE_PROBLEM_H
#define WEIR_STORE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/store/disk.h"
#include "core/store/store.h"

#define PROBLEM_CAUSES_MAX 4

struct problem {
	bool is_refused;                /* written by a newer program: for good */
	bool is_frozen;                 /* it can be read only, for now */
	char *told[PROBLEM_CAUSES_MAX]; /* causes, since it last worked */
	size_t told_count;
};

void problem_forget(struct problem *problem);

/* Those of all files, and to whom they are told. */
struct problems {
	struct problem files[FILE_MAX];
	store_problem_fn fn; /* may be NULL */
	void *data;
};
/* err NULL: that file works. */
void problems_hear(struct problems *problems, enum store_file file, const struct err *err);
/* When nothing is wrong any more, and something was: is_failing before. */
bool problems_are_open(const struct problems *problems);
void problems_end(struct problems *problems, bool were_open);
void problems_notice(struct problems *problems, const struct err *notice);

#endif
