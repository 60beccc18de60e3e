/* Small files and folders; blocking, so only on the worker or at start. */
#ifndef WEIR_BASE_FILE_H
#define WEIR_BASE_FILE_H

#include <stddef.h>

#include "core/base/err.h"

struct buf;

/* Appends the file to `out`; E_NOTFOUND when missing; E_CONFIG when over the buffer's cap. */
int file_read(const char *path, struct buf *out, struct err *err);
/* Whole file or nothing: temporary beside it, fsync, rename. Mode 0600. */
int file_write(const char *path, const char *data, size_t len, struct err *err);
/* mkdir -p with mode 0700 for what it makes. */
int file_mkdirs(const char *path, struct err *err);
/* A leading "~/" becomes $HOME/; a relative path is taken from `base` (NULL = as it is). malloc'd.
 */
char *file_expand(const char *path, const char *base);
/* $XDG_<kind>_HOME/weir or its default under $HOME. kind: "CONFIG", "STATE", "CACHE". malloc'd. */
char *file_xdg(const char *kind);

#endif
