/* Changes of a workspace's files; see core/source/change.h. Blocking: on the pool. */
#ifndef WEIR_SOURCE_WORKSPACE_EDIT_H
#define WEIR_SOURCE_WORKSPACE_EDIT_H

#include "core/loop/loop.h"
#include "core/source/source.h"

struct changed_file {
	char *path;      /* absolute; malloc'd, or NULL */
	char digest[65]; /* of a draft's file */
	bool is_same;
};
/* workspace: its folder. *out is filled on success, and with the draft's path where that stays. */
int workspace_change(const char *workspace, const struct source_change *change,
	struct changed_file *out, struct err *err);

/* The same on the pool: the source's operation. */
struct source_change_op *workspace_change_start(struct loop *loop, const char *workspace,
	const struct source_change *change, source_change_fn done, void *data);
void workspace_change_cancel(struct source_change_op *op);

#endif
