/*
 * The first rows of a large fleet before all of it is loaded, for the first frame (store/head.h). Who they are
 * is found out by who asked the clusters last, at his end, by loading the store as the next one will.
 */
#ifndef WEIR_CLI_SESSION_HEAD_H
#define WEIR_CLI_SESSION_HEAD_H

#include "core/cli/session.h"

/*
 * done: on the loop, at most once, not after session_close(): the rows as they are in the store now, tied and derived as
 * they will be when all is loaded, and the numbers of all (fleet_apps_left_out()); the receiver's. NULL: not
 * known; so it is for a small fleet, or when somebody else has written since. False: it is not called, several
 * contexts have none.
 */
typedef void (*session_head_fn)(void *data, struct fleet *head);
bool session_head(struct session *session, session_head_fn done, void *data);
/* session_open()'s, with session_options.wants_head: reading begins as soon as it is known where. */
void session_head_begin(struct session *session);
void session_head_cancel(struct session *session);

/* session_close()'s: the folder of the store, where there is something to be kept; malloc'd, or NULL. */
char *session_head_dir(const struct session *session);
/* Once nobody writes there any more. Blocking: as long as loading it, and up to 20 ms. */
void session_head_keep(const struct context_config *config, const char *dir);

#endif
