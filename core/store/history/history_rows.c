/*
 * The tables of the history. What is seen again renews its row or is counted in it, by the file itself
 * and not by what a process remembers: the same answer written twice, by two processes or after a
 * kill, changes nothing.
 */
#include "core/base/mem.h"
#include "core/store/row.h"

#define TEXT(s, field) COLUMN_AT(COLUMN_TEXT, s, field)
#define INT(s, field) COLUMN_AT(COLUMN_INT, s, field)
#define INT64(s, field) COLUMN_AT(COLUMN_INT64, s, field)

static const struct column event_columns[] = {
	TEXT(event, ref),
	INT64(event, time_ms),
	TEXT(event, kind),
	TEXT(event, job_id),
	{"from_state", COLUMN_TEXT, offsetof(struct event, from)},
	{"to_state", COLUMN_TEXT, offsetof(struct event, to)},
	TEXT(event, text),
};

static const struct column checkpoint_columns[] = {
	TEXT(seen_checkpoint, ref),
	TEXT(seen_checkpoint, job_id),
	INT64(seen_checkpoint, id),
	INT64(seen_checkpoint, trigger_ms),
	INT64(seen_checkpoint, time_ms),
	TEXT(seen_checkpoint, status),
	TEXT(seen_checkpoint, kind),
	INT(seen_checkpoint, is_discarded),
	INT64(seen_checkpoint, duration_ms),
	INT64(seen_checkpoint, state_bytes),
	INT64(seen_checkpoint, checkpointed_bytes),
	INT64(seen_checkpoint, processed_bytes),
	INT64(seen_checkpoint, persisted_bytes),
	INT(seen_checkpoint, subtasks),
	INT(seen_checkpoint, acknowledged),
	TEXT(seen_checkpoint, path),
	TEXT(seen_checkpoint, failure),
};

static const struct column exception_columns[] = {
	TEXT(seen_exception, ref),
	TEXT(seen_exception, fingerprint),
	INT64(seen_exception, first_ms),
	INT64(seen_exception, last_ms),
	INT64(seen_exception, count),
	TEXT(seen_exception, job_id),
	TEXT(seen_exception, name),
	TEXT(seen_exception, cause),
	TEXT(seen_exception, text),
	TEXT(seen_exception, task),
	TEXT(seen_exception, location),
};

static const struct column sample_columns[] = {
	TEXT(sample, ref),
	INT64(sample, time_ms),
	INT64(sample, span_ms),
	INT64(sample, records_in),
	INT64(sample, in_of_ms),
	INT64(sample, records_out),
	INT64(sample, out_of_ms),
	INT64(sample, busy_ms),
	INT64(sample, busy_of_ms),
	INT64(sample, backpressured_ms),
	INT64(sample, backpressured_of_ms),
	INT64(sample, lag_records),
	INT64(sample, lag_ms),
	INT64(sample, state_bytes),
	INT64(sample, checkpoint_ms),
};

const struct table event_rows = {
	.name = "event",
	.columns = event_columns,
	.count = ARRAY_SIZE(event_columns),
	.size = sizeof(struct event),
	.time = "time_ms",
	.put_tail = "",
};

const struct table checkpoint_rows = {
	.name = "checkpoint",
	.columns = checkpoint_columns,
	.count = ARRAY_SIZE(checkpoint_columns),
	.size = sizeof(struct seen_checkpoint),
	.time = "time_ms",
	.put_tail = "ON CONFLICT (ref, job_id, id, trigger_ms) DO UPDATE SET"
		    " is_discarded = max(is_discarded, excluded.is_discarded),"
		    " path = coalesce(excluded.path, path)",
};

const struct table exception_rows = {
	.name = "exception",
	.columns = exception_columns,
	.count = ARRAY_SIZE(exception_columns),
	.size = sizeof(struct seen_exception),
	.time = "last_ms",
	.put_tail = "ON CONFLICT (ref, fingerprint) DO UPDATE SET count = count + excluded.count,"
		    " last_ms = excluded.last_ms, job_id = excluded.job_id, name = excluded.name,"
		    " cause = excluded.cause, text = excluded.text, task = excluded.task,"
		    " location = excluded.location WHERE excluded.last_ms > exception.last_ms",
};

/* A view: its rows go to sample_row, and from there into the coarser spans (schema.c). */
const struct table sample_rows = {
	.name = "sample",
	.columns = sample_columns,
	.count = ARRAY_SIZE(sample_columns),
	.size = sizeof(struct sample),
	.time = "time_ms",
	.put_tail = "",
};

const struct table *const history_tables[] = {
	&event_rows, &checkpoint_rows, &exception_rows, &sample_rows};
const size_t history_table_count = ARRAY_SIZE(history_tables);
