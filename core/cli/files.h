/* Applications' files, for both clients: what may be done to them, and a person's editor. */
#ifndef WEIR_CLI_FILES_H
#define WEIR_CLI_FILES_H

#include "core/cli/session.h"

/*
 * May its file be changed at all? E_DENIED the context is read-only · E_UNSUPPORTED nobody declared
 * it, or not as a file · 0 and the source that does it.
 */
int file_may_change(const struct session_context *context, const struct app *app,
	struct source **source, struct err *err);
/* May it be deleted, as far as its cluster says? E_CONFLICT it runs, or that is not known. Open runs
 * of it are the caller's question. */
int file_may_delete(const struct app *app, struct err *err);
/*
 * $VISUAL, $EDITOR or vi on a file, in the terminal that weir runs in; returns when it has ended.
 * Blocking: the console gives the terminal away before and takes it back behind. E_NOTFOUND no such
 * program · E_REMOTE it failed.
 */
int editor_run(const char *path, struct err *err);

#endif
