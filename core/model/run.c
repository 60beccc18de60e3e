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

/* The texts of a run, to be walked by number. */
static const char **text_at(struct run *run, size_t i)
{
	const char **texts[] = {&run->app, &run->context, &run->team, &run->name, &run->cluster,
		&run->verb, &run->arguments, &run->job_id, &run->trigger_id, &run->plan,
		&run->outcome, &run->result, &run->code, &run->log};

	return i < ARRAY_SIZE(texts) ? texts[i] : NULL;
}

struct run *run_dup(const struct run *run)
{
	struct run source = *run, *copy;
	size_t bytes = sizeof(*copy);
	const char **text;
	char *at;

	for (size_t i = 0; (text = text_at(&source, i)); i++)
		bytes += *text ? strlen(*text) + 1 : 0;
	copy = xmalloc(bytes);
	*copy = source;
	at = (char *)(copy + 1);
	for (size_t i = 0; (text = text_at(copy, i)); i++) {
		if (*text) {
			size_t len = strlen(*text) + 1;

			memcpy(at, *text, len);
			*text = at;
			at += len;
		}
	}
	return copy;
}
