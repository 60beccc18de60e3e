/* The words of releases and restore points. */
#include "core/model/release.h"

#include <stddef.h>

const char *const restore_kind_words[] = {
	[RESTORE_SAVEPOINT] = "savepoint", [RESTORE_CHECKPOINT] = "checkpoint", NULL};

static const char *const state_names[RELEASE_STATE_MAX] = {
	[RELEASE_NONE] = "NONE",
	[RELEASE_NEED_RELEASE] = "NEED_RELEASE",
	[RELEASE_RELEASING] = "RELEASING",
	[RELEASE_RELEASED] = "RELEASED",
	[RELEASE_FAILED] = "FAILED",
	[RELEASE_NEED_RESTART] = "NEED_RESTART",
};

const char *release_state_name(enum release_state state)
{
	return state < RELEASE_STATE_MAX ? state_names[state] : "?";
}

enum release_state release_derive(const struct release_input *in)
{
	if (in->is_releasing)
		return RELEASE_RELEASING;
	if (in->has_failed)
		return RELEASE_FAILED;
	if (!in->has_active)
		return RELEASE_NONE;
	if (in->is_changed || in->has_newer_build)
		return RELEASE_NEED_RELEASE;
	return in->runs_other ? RELEASE_NEED_RESTART : RELEASE_RELEASED;
}
