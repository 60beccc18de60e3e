/* All Flink envs of a session at once, each looked at on its host; shared by get and doctor. */
#ifndef WEIR_CLI_ENVS_H
#define WEIR_CLI_ENVS_H

#include "core/cli/session.h"
#include "core/model/env_state.h"

/* The applications of the fleet that name it, into its arena. */
void env_state_apps(struct env_state *state, const struct fleet *fleet);

#endif
