/* Shared by session.c (one run, from its start to its end) and session_context.c (what each context of it has). */
#ifndef WEIR_CLI_SESSION_PRIVATE_H
#define WEIR_CLI_SESSION_PRIVATE_H

#include "core/base/map.h"
#include "core/cli/session.h"

/* The poller, and of each chosen context all but its sources. */
int session_open_contexts(
	struct session *session, const struct session_options *options, struct err *err);
/* What the fleet is told of the configuration, before anything else. clusters: only those of these names;
 * NULL = all. */
void session_declare(
	struct fleet *fleet, const struct context_config *config, const struct map *clusters);

#endif
