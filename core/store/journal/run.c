/* The loop's side: a run is copied, written on the lane (run_disk.c), and what came of it told. */
#include "core/store/journal/run.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/store/journal/run_disk.h"
#include "core/store/journal/run_log.h"
#include "core/store/store_internal.h"

struct run_op {
	struct store *store;
	struct disk *disk;
	enum run_write what;
	struct run *run, *out; /* out: NULL until written */
	struct err err;        /* code 0 = fine */
	run_done_fn done;      /* NULL = not wanted */
	void *data;
};

static void op_run(void *data)
{
	struct run_op *op = data;

	/* First: who sees the end of the run finds all of its log. */
	if (op->what == RUN_WRITE_END || op->what == RUN_WRITE_LET_GO)
		disk_log_end(op->disk, op->run->id);
	if (disk_run_write(op->disk, op->what, op->run, &op->out, &op->err) == 0)
		op->err.code = E_OK;
	if (op->what == RUN_WRITE_END && !op->err.code)
		disk_runs_trim(op->disk, op->run->app);
}

static void op_done(void *data)
{
	struct run_op *op = data;

	if (op->done && !store_is_closing(op->store))
		op->done(op->data, op->out, op->err.code ? &op->err : NULL);
	free(op->run);
	free(op->out);
	free(op);
}

static struct run_op *op_start(struct store *store, enum run_write what, const struct run *run,
	run_done_fn done, void *data)
{
	struct run_op *op = xcalloc(1, sizeof(*op));

	op->store = store;
	op->disk = store_disk(store);
	op->what = what;
	op->run = run_dup(run);
	op->done = done;
	op->data = data;
	store_read(store, op_run, op_done, op);
	return op;
}

struct run_op *run_begin(struct store *store, const struct run *run, run_done_fn done, void *data)
{
	return op_start(store, RUN_WRITE_BEGIN, run, done, data);
}

struct run_op *run_adopt(struct store *store, int64_t id, run_done_fn done, void *data)
{
	return op_start(store, RUN_WRITE_ADOPT, &(struct run){.id = id}, done, data);
}

struct run_op *run_update(struct store *store, const struct run *run, run_done_fn done, void *data)
{
	return op_start(store, RUN_WRITE_UPDATE, run, done, data);
}

struct run_op *run_let_go(struct store *store, const struct run *run, run_done_fn done, void *data)
{
	return op_start(store, RUN_WRITE_LET_GO, run, done, data);
}

struct run_op *run_end(struct store *store, const struct run *run, run_done_fn done, void *data)
{
	return op_start(store, RUN_WRITE_END, run, done, data);
}

void run_op_cancel(struct run_op *op)
{
	if (op)
		op->done = NULL; /* the lane still has it; freed when it comes back */
}
