/* A snapshot lives in its own arena: the last reference frees all of it at once. */
#include "core/model/snapshot.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* "Unknown numbers are -1" holds for what no answer has filled, too. */
static void set_unknown(struct snapshot *snap)
{
	snap->latency_ms = -1;
	snap->cluster = (struct cluster_status){
		.taskmanagers = -1,
		.slots_total = -1,
		.slots_free = -1,
		.jobs_running = -1,
		.jobs_finished = -1,
		.jobs_canceled = -1,
		.jobs_failed = -1,
	};
	snap->detail = (struct job_detail){
		.parallelism = -1,
		.restarts = -1,
		.checkpoints = {-1, -1, -1, -1, -1, .restored_id = -1, .restored_ms = -1},
		.checkpoint_config = {.interval_ms = -1,
			.timeout_ms = -1,
			.min_pause_ms = -1,
			.max_concurrent = -1,
			.tolerable_failures = -1},
	};
}

struct snapshot *snapshot_new(
	enum snapshot_kind kind, const char *context, const char *source, const char *key)
{
	struct arena *arena = arena_new();
	struct snapshot *snap = snapshot_new_in(arena, kind, context, source, key);

	arena_free(arena);
	return snap;
}

struct snapshot *snapshot_new_in(struct arena *arena, enum snapshot_kind kind, const char *context,
	const char *source, const char *key)
{
	struct snapshot *snap = arena_alloc(arena, sizeof(*snap));

	snap->arena = arena_ref(arena);
	snap->kind = kind;
	snap->context = arena_strdup(arena, context);
	snap->source = arena_strdup(arena, source);
	snap->key = arena_strdup(arena, key);
	snap->refs = 1;
	kept_err_init(&snap->err);
	set_unknown(snap);
	return snap;
}

void snapshot_fail(struct snapshot *snapshot, enum err_code code, const char *fmt, ...)
{
	struct err err;
	char text[2 * sizeof(err.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&err, code, "%s", text);
	snapshot->err = (struct kept_err){code, arena_strdup(snapshot->arena, err.text)};
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	assert(snapshot->refs > 0);
	snapshot->refs++;
	return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	assert(snapshot->refs > 0);
	if (--snapshot->refs == 0)
		arena_free(snapshot->arena);
}
