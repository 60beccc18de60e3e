/*
 * Application files as text: one key set, everything else (comments, order, blanks) left as it is.
 * Pure.
 */
#ifndef WEIR_SOURCE_WORKSPACE_REWRITE_H
#define WEIR_SOURCE_WORKSPACE_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/model/app.h"

/*
 * `key` is one of the file's, or "build.KEY", "properties.KEY". value: a text, or a list or a quoted
 * text as YAML writes them ("[a, b]"); NULL or "" takes the key out. *text is replaced (malloc'd).
 * E_CONFIG the text is no mapping, or what would come out cannot be read; E_ARG no such place.
 */
int rewrite_set(const char *path, char **text, const char *key, const char *value, struct err *err);
bool rewrite_has(const char *path, const char *text, const char *key);
/* A first file of this type, with its comments; cluster, flink_env may be NULL. malloc'd. */
char *rewrite_template(
	enum app_type type, const char *name, const char *cluster, const char *flink_env);

#endif
