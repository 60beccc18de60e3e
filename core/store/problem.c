/* The words of a problem: its effect first, for a banner has one line. */
#include "core/store/problem.h"

#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* Something was told that may still be cured. */
static bool problem_is_open(const struct problem *problem)
{
	return problem->told_count && !problem->is_refused;
}

void problem_forget(struct problem *problem)
{
	for (size_t i = 0; i < problem->told_count; i++)
		free(problem->told[i]);
	problem->told_count = 0;
}

/* Is it a new cause? Then *told says it, with what it means. */
static bool problem_add(struct problem *problem, const struct err *cause, struct err *told)
{
	for (size_t i = 0; i < problem->told_count; i++)
		if (str_eq(problem->told[i], cause->text))
			return false;
	if (problem->told_count == PROBLEM_CAUSES_MAX)
		return false;
	problem->told[problem->told_count++] = xstrdup(cause->text);
	problem->is_refused = cause->code == E_UNSUPPORTED;
	*told = *cause;
	if (cause->code == E_CONFLICT)
		err_set(told, cause->code,
			_("%s. weir polls into memory and writes when the file is let go: "
			  "continue that process, or end it"),
			cause->text);
	else if (!problem->is_refused)
		err_set(told, cause->code,
			_("not remembered on disk: %s. weir goes on, keeps what changes in memory, "
			  "and tries again by itself. Cure that, or name another folder with "
			  "--store DIR"),
			cause->text);
	return true;
}

bool problems_are_open(const struct problems *problems)
{
	for (int file = 0; file < FILE_MAX; file++)
		if (problem_is_open(&problems->files[file]))
			return true;
	return false;
}

void problems_hear(struct problems *problems, enum store_file file, const struct err *err)
{
	struct problem *problem = &problems->files[file];
	struct err told;

	if (!err && !problem->is_refused)
		problem_forget(problem);
	if (!err || !problem_add(problem, err, &told))
		return;
	log_write(LOG_WARN, "store: %s", err->text);
	if (problems->fn)
		problems->fn(problems->data, &told);
}

void problems_end(struct problems *problems, bool were_open)
{
	if (!were_open || problems_are_open(problems))
		return;
	log_write(LOG_INFO, "store: writes again");
	if (problems->fn)
		problems->fn(problems->data, NULL);
}

void problems_notice(struct problems *problems, const struct err *notice)
{
	log_write(LOG_WARN, "store: %s", notice->text);
	if (problems->fn)
		problems->fn(problems->data, notice);
}
