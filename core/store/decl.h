/*
 * Declarations as rows of registry.db and back. What is written is for reading: the values of
 * secrets are masked, so a remembered declaration is shown and never acted on.
 */
#ifndef WEIR_STORE_DECL_H
#define WEIR_STORE_DECL_H

#include "core/base/arena.h"
#include "core/model/app.h"
#include "core/store/row.h"

/* The texts made live in `arena`, the others in the declaration. */
void decl_app_to_row(
	struct arena *arena, const char *ref, const struct app_decl *decl, struct app_row *row);
void decl_team_to_row(
	struct arena *arena, const char *ref, const struct team_decl *decl, struct team_row *row);
/* All texts are copied into `arena`. False: the row cannot be understood. */
bool decl_app_from_row(struct arena *arena, const struct app_row *row, struct app_decl *out);
bool decl_team_from_row(struct arena *arena, const struct team_row *row, struct team_decl *out);

#endif
