/* The loop's side and the transaction around each write; the SQL is in release_disk.c. */
#include "core/store/journal/keep.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/lease/owner_row.h"
#include "core/store/store_internal.h"

struct keep_op {
	struct store *store;
	struct disk *disk;
	struct arena *arena;
	const void *value; /* in the arena */
	keep_write_fn write;
	int64_t number;
	struct err err;    /* code 0 = fine */
	keep_done_fn done; /* NULL = not wanted */
	void *data;
};

static int write_once(struct keep_op *op, struct err *err)
{
	struct db *db = op->disk->files[FILE_REGISTRY];
	int rc = disk_open(op->disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = db_begin(db, err);
	if (rc == E_CONFLICT)
		rc = err->code =
			E_TIMEOUT; /* locked: nothing that the application has to do with */
	if (rc < 0)
		return rc;
	op->number = 0;
	rc = op->write(op->disk, op->value, &op->number, err);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

static void op_run(void *data)
{
	struct keep_op *op = data;
	int rc = write_once(op, &op->err);

	if (rc < 0 && rc != E_CONFLICT && db_repair(op->disk->files[FILE_REGISTRY]))
		rc = write_once(op, &op->err);
	if (rc == 0)
		op->err.code = E_OK;
	else
		op->number = 0;
}

static void op_done(void *data)
{
	struct keep_op *op = data;

	if (op->done && !store_is_closing(op->store))
		op->done(op->data, op->number, op->err.code ? &op->err : NULL);
	arena_free(op->arena);
	free(op);
}

struct keep_op *keep_start(struct store *store, struct arena *arena, const void *value,
	keep_write_fn write, keep_done_fn done, void *data)
{
	struct keep_op *op = xcalloc(1, sizeof(*op));

	op->store = store;
	op->disk = store_disk(store);
	op->arena = arena;
	op->value = value;
	op->write = write;
	op->done = done;
	op->data = data;
	store_read(store, op_run, op_done, op);
	return op;
}

void keep_op_cancel(struct keep_op *op)
{
	if (op)
		op->done = NULL; /* the lane still has it; freed when it comes back */
}

void *keep_copy(struct arena *arena, const void *value, size_t size)
{
	void *copy = arena_alloc(arena, size);

	memcpy(copy, value, size);
	return copy;
}

int keep_check_lease(struct disk *disk, const char *app, int64_t run, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	struct owner owner = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (!run)
		return 0;
	stmt = db_stmt(db, "SELECT " OWNER_COLUMNS " FROM lease WHERE app = ?1 AND run = ?2", err);
	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, app);
	sqlite3_bind_int64(stmt, 2, run);
	rc = db_step(db, stmt, err);
	if (rc < 0)
		return rc;
	if (rc == 1)
		owner_read(stmt, 0, &owner);
	sqlite3_reset(stmt);
	if (!owner_is(&owner, &disk->self))
		return err_set(err, E_CONFLICT,
			_("run %lld was taken over by another process, or is over"),
			(long long)run);
	return 0;
}
