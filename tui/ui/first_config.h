/* A first configuration file, for those who came without one. */
#ifndef WEIR_TUI_FIRST_CONFIG_H
#define WEIR_TUI_FIRST_CONFIG_H

#include "core/config/config.h"
#include "core/loop/loop.h"

/* path is borrowed for the call; err NULL = written. */
typedef void (*first_config_fn)(void *data, const char *path, const struct err *err);

/*
 * Writes what is in use now, with the other keys as comments, on the pool. Never over a file that
 * is there. done: once, on the loop. Errors: E_CONFLICT there is one already · E_INTERNAL it cannot
 * be written.
 */
void first_config_write(struct loop *loop, const char *path, const struct config *config,
	first_config_fn done, void *data);
/* The text, for tests. */
struct buf;
void first_config_text(const struct config *config, struct buf *out);

#endif
