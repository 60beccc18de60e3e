/* Shared by session.c (one run, from its start to its end) and session_context.c (what each context of it has). */
#ifndef WEIR_CLI_SESSION_PRIVATE_H
#define WEIR_CLI_SESSION_PRIVATE_H

#include "core/cli/session.h"

/* The poller, and of each chosen context all but its sources. */
int session_open_contexts(struct session *session, struct err *err);

#endif
