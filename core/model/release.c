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
