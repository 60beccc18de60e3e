/* A change as an operation of the source: a value that goes to the pool and comes back. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/loop/work.h"
#include "core/source/workspace/edit.h"

struct source_change_op {
	char *workspace;
	struct source_change change; /* texts owned */
	char **sets;
	source_change_fn done; /* NULL: canceled; what was begun is done all the same */
	void *data;
	struct changed_file out;
	struct err err;
};

static void op_run(void *data)
{
	struct source_change_op *op = data;

	op->err.code = E_OK;
	workspace_change(op->workspace, &op->change, &op->out, &op->err);
}

static void op_done(void *data)
{
	struct source_change_op *op = data;
	struct source_changed changed = {op->out.path, op->out.digest, op->out.is_same};

	if (op->done)
		op->done(op->data, &changed, op->err.code ? &op->err : NULL);
	for (size_t i = 0; i < op->change.set_count; i++)
		free(op->sets[i]);
	free(op->sets);
	free((char *)op->change.team);
	free((char *)op->change.name);
	free((char *)op->change.cluster);
	free((char *)op->change.flink_env);
	free((char *)op->change.path);
	free((char *)op->change.draft);
	free((char *)op->change.digest);
	free(op->workspace);
	free(op->out.path);
	free(op);
}

struct source_change_op *workspace_change_start(struct loop *loop, const char *workspace,
	const struct source_change *change, source_change_fn done, void *data)
{
	struct source_change_op *op = xcalloc(1, sizeof(*op));

	op->workspace = xstrdup(workspace);
	op->change = *change;
	op->change.team = xstrdup_null(change->team);
	op->change.name = xstrdup_null(change->name);
	op->change.cluster = xstrdup_null(change->cluster);
	op->change.flink_env = xstrdup_null(change->flink_env);
	op->change.path = xstrdup_null(change->path);
	op->change.draft = xstrdup_null(change->draft);
	op->change.digest = xstrdup_null(change->digest);
	op->sets = xcalloc(change->set_count + 1, sizeof(*op->sets));
	for (size_t i = 0; i < change->set_count; i++)
		op->sets[i] = xstrdup(change->sets[i]);
	op->change.sets = (const char *const *)op->sets;
	op->done = done;
	op->data = data;
	work_start(loop, op_run, op_done, op);
	return op;
}

void workspace_change_cancel(struct source_change_op *op)
{
	op->done = NULL;
}
