/* The words of a problem: its effect first, for a banner has one line. */
#include "core/store/problem.h"

#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

bool problem_is_open(const struct problem *problem)
{
	return problem->told_count && !problem->is_refused;
}

void problem_forget(struct problem *problem)
{
	for (size_t i = 0; i < problem->told_count; i++)
		free(problem->told[i]);
	problem->told_count = 0;
}

bool problem_add(struct problem *problem, const struct err *cause, struct err *told)
{
	for (size_t i = 0; i < problem->told_count; i++)
		if (str_eq(problem->told[i], cause->text))
			return false;
	if (problem->told_count == PROBLEM_CAUSES_MAX)
		return false;
	problem->told[problem->told_count++] = xstrdup(cause->text);
	problem->is_refused = cause->code == E_UNSUPPORTED;
	*told = *cause;
	if (!problem->is_refused)
		err_set(told, cause->code,
			_("not remembered on disk: %s. weir goes on, keeps what changes in memory, "
			  "and tries again by itself. Cure that, or name another folder with "
			  "--store DIR"),
			cause->text);
	return true;
}
