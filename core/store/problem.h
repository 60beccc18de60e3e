/* What is wrong with one file of the store, as it was told: once for each cause. On the loop. */
#ifndef WEIR_STORE_PROBLEM_H
#define WEIR_STORE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#define PROBLEM_CAUSES_MAX 4

struct problem {
	bool is_refused;                /* written by a newer program: for good */
	bool is_frozen;                 /* it can be read only, for now */
	char *told[PROBLEM_CAUSES_MAX]; /* causes, since it last worked */
	size_t told_count;
};

/* Something was told that may still be cured. */
bool problem_is_open(const struct problem *problem);
/* Is it a new cause? Then *told says it, with what it means. */
bool problem_add(struct problem *problem, const struct err *cause, struct err *told);
void problem_forget(struct problem *problem);

#endif
