/* The JSON of application.spec → the rest of a declaration. */
#ifndef WEIR_STORE_SPEC_H
#define WEIR_STORE_SPEC_H

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/model/app.h"

/* Fills what `spec` holds; texts live in `arena`. False when it is no JSON object; `out` may be
 * half filled. */
bool spec_read(struct arena *arena, const char *spec, struct app_decl *out);

#endif
