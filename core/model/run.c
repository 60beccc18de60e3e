/* The words of a run's states, and copies. */
#include "core/model/run.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

static const char *const words[RUN_STATE_MAX] = {
	[RUN_PLANNED] = "PLANNED",
	[RUN_SENT] = "SENT",
	[RUN_WATCHING] = "WATCHING",
	[RUN_DONE] = "DONE",
	[RUN_FAILED] = "FAILED",
	[RUN_CANCELED] = "CANCELED",
	[RUN_UNKNOWN] = "UNKNOWN",
};

const char *run_state_name(enum run_state state)
{
	return (unsigned)state < RUN_STATE_MAX ? words[state] : "UNKNOWN";
}

enum run_state run_state_parse(const char *name)
{
	for (int i = 0; i < RUN_STATE_MAX; i++)
		if (str_eq(words[i], name))
			return (enum run_state)i;
	return RUN_UNKNOWN;
}

bool run_state_is_end(enum run_state state)
{
	return state == RUN_DONE || state == RUN_FAILED || state == RUN_CANCELED;
}

enum run_state run_shown_state(const struct run *run)
{
	if (run->is_orphan && (run->state == RUN_SENT || run->state == RUN_WATCHING))
		return RUN_UNKNOWN;
	return run->state;
}

/* The texts of a run, to be walked by number: its own, then those of its steps. */
static const char **text_at(struct run *run, struct run_step *steps, size_t i)
{
	const char **texts[] = {&run->app, &run->context, &run->team, &run->name, &run->cluster,
		&run->verb, &run->arguments, &run->job_id, &run->trigger_id, &run->start_job_id,
		&run->restore_path, &run->application_id, &run->address, &run->plan, &run->outcome,
		&run->result, &run->code, &run->log};

	if (i < ARRAY_SIZE(texts))
		return texts[i];
	i -= ARRAY_SIZE(texts);
	if (i >= 2 * run->step_count)
		return NULL;
	return i % 2 ? &steps[i / 2].text : &steps[i / 2].name;
}

struct run *run_dup(const struct run *run)
{
	struct run source = *run, *copy;
	struct run_step *steps;
	size_t steps_bytes = run->step_count * sizeof(*steps);
	size_t bytes = sizeof(*copy) + steps_bytes;
	const char **text;
	char *at;

	for (size_t i = 0; (text = text_at(&source, (struct run_step *)run->steps, i)); i++)
		bytes += *text ? strlen(*text) + 1 : 0;
	copy = xmalloc(bytes);
	*copy = source;
	steps = (struct run_step *)(copy + 1);
	if (steps_bytes)
		memcpy(steps, run->steps, steps_bytes);
	copy->steps = steps_bytes ? steps : NULL;
	at = (char *)steps + steps_bytes;
	for (size_t i = 0; (text = text_at(copy, steps, i)); i++) {
		if (*text) {
			size_t len = strlen(*text) + 1;

			memcpy(at, *text, len);
			*text = at;
			at += len;
		}
	}
	return copy;
}

const struct run_step *run_current_step(const struct run *run)
{
	const struct run_step *step = NULL;

	for (size_t i = 0; i < run->step_count; i++)
		if (run->steps[i].started_ms)
			step = &run->steps[i];
	return step;
}
