/* A file of the person beside config.yaml: keymap.yaml, filters.yaml. None is as good as an empty one. */
#ifndef WEIR_TUI_OWN_FILE_H
#define WEIR_TUI_OWN_FILE_H

#include "core/base/err.h"

struct buf;

/* What the environment's variable of that name says, or the name beside config.yaml. malloc'd. */
char *own_file_path(const char *env, const char *name);
/* Adds its text, as much as has room in it. E_NOTFOUND: there is none (err: unset) · E_CONFIG: it cannot be read. */
int own_file_read(const char *path, struct buf *text, struct err *err);

#endif
