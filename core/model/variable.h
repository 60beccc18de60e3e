/*
 * "${name}" in a text: filled in from lists of variables, the first list that has the name wins.
 * "$${" is a literal "${"; a value is not looked at again. Pure.
 */
#ifndef WEIR_MODEL_VARIABLE_H
#define WEIR_MODEL_VARIABLE_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/model/job.h"

/* Of one text, filled in. */
#define VARIABLE_TEXT_BYTES_MAX ((size_t)4 << 20)

struct variables {
	const struct setting *team, *context; /* team before context */
	size_t team_count, context_count;
};

struct buf;

/* NULL = nobody defines it. */
const char *variable_find(const struct variables *variables, const char *name);
/*
 * Appends `text` to `out` (whose cap is the limit). E_CONFIG: a name that nobody defines (with the
 * nearest one there is), no name, no end, or too long; nothing of a value is in the error. *at: the
 * offset in `text` of the "${" that is wrong; may be NULL.
 */
int variables_fill(const struct variables *variables, const char *text, struct buf *out, size_t *at,
	struct err *err);

#endif
