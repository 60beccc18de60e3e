/*
 * What the files hold, as plain structs, and one column table for each: the same table makes the
 * SQL, binds, reads, and packs a copy. Words are stored as words (a status, a type), never as enum
 * numbers.
 */
#ifndef WEIR_STORE_ROW_H
#define WEIR_STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/history.h"
#include "core/model/job.h"
#include "core/model/snapshot.h"
#include "core/store/db/db.h"

enum column_type { COLUMN_TEXT /* const char * */, COLUMN_INT, COLUMN_INT64, COLUMN_TASKS };
struct column {
	const char *name;
	enum column_type type;
	size_t offset;
};

#define COLUMN_AT(type_, struct_, field_)                                                          \
	{                                                                                          \
#field_, type_, offsetof(struct struct_, field_)                                   \
	}

/* The first column of a table is its ref. */
struct table {
	const char *name;
	const struct column *columns;
	size_t count, size;
	/* Of the history (history.h): its column of time, and what is behind VALUES; NULL: there is one
	 * row for each ref, the last one. */
	const char *time, *put_tail;
};

struct team_row {
	const char *ref, *name, *title, *owner, *members, *path, *error; /* members: JSON array */
	const char *variables; /* JSON object, secrets masked; or NULL */
};

/* spec: JSON of the rest of the declaration, secrets masked (decl.h). text: the file, masked. */
struct app_row {
	const char *ref, *team, *name, *job_name, *type, *cluster, *flink_env, *owner, *path,
		*error, *text, *spec;
};

struct cluster_row {
	const char *ref, *name, *type, *address, *flink_version;
	int taskmanagers, slots_total, slots_free;
	int jobs_running, jobs_finished, jobs_canceled, jobs_failed;
	int64_t observed_ms, latency_ms;
	/* Of the last poll: for those who follow who polls. */
	int64_t asked_ms, asked_mono_ms, observed_mono_ms, leaderless_ms, led_ms;
	int misses;
	const char *error_code, *error; /* err_code_name(), secrets masked; or NULL */
};

/* Times 0 or -1 as in the model. */
struct job_row {
	const char *ref, *cluster, *id, *name, *status;
	int64_t start_ms, end_ms, duration_ms, modified_ms;
	struct task_counts tasks;
	/* 0 = listed in the last answer: then seen at its cluster's observed_ms, else at seen_ms */
	int64_t missing_ms;
	int settled_without;
	int64_t seen_ms; /* when this row was true */
	int64_t detail_ms;
	int parallelism;
	int64_t restarts, restarts_before;
	const char *said_by;   /* how it ended; NULL = the JobManager */
	int64_t checkpoint_id; /* the last completed; -1 = none */
	int is_savepoint, is_discarded;
	int64_t trigger_ms, ack_ms, checkpoint_duration_ms;
	int64_t state_bytes, checkpointed_bytes, processed_bytes, persisted_bytes, alignment_bytes;
	int subtasks, acknowledged;
	const char *checkpoint_path;
	int64_t checkpoints_failed;
	const char *exception; /* one line, secrets masked */
	int64_t exception_ms;
	int recent_restarts;
	int64_t restart_gap_ms, restarted_ms;
	int64_t restarts_per_1000_hours; /* -1 = unknown */
	int lacks_slots;
	const char *detail; /* detail_text.h, while another weir shows its card; or NULL */
};

extern const struct table team_rows, app_rows, cluster_rows, job_rows;
/* Of the structs of core/model/history.h: history_rows.c */
extern const struct table event_rows, checkpoint_rows, exception_rows, sample_rows;
/* All that grows old: what is counted and exported as history. */
extern const struct table *const history_tables[];
extern const size_t history_table_count;

/*
 * One row to be written or removed. Either packed (`data` is the table's struct, its texts behind
 * it), or a declaration, which stays where it is (immutable, in `source`) until the lane turns it
 * into a row.
 */
struct row {
	const struct table *table;
	const char *ref; /* inside this row */
	bool is_removed;
	const void *decl; /* struct team_decl / app_decl *; or NULL */
	/* Holds decl, or is the detail of a job, of which the lane makes the text: a reference of the
	 * loop's thread. */
	struct snapshot *source;
	void *data;
};

/* Copies the struct and its texts; one free() through row_free(). */
struct row *row_new(const struct table *table, const void *data);
struct row *row_new_decl(
	const struct table *table, const char *ref, const void *decl, struct snapshot *source);
struct row *row_new_removed(const struct table *table, const char *ref);
void row_free(struct row *row); /* on the loop's thread; NULL-safe */

/* Texts are borrowed from the statement until its next step. */
void row_read(sqlite3_stmt *stmt, const struct table *table, void *data);
/* "INSERT … ON CONFLICT …", "DELETE …", "SELECT <columns> FROM <table> <tail>"; malloc'd. */
char *row_sql_put(const struct table *table);
char *row_sql_remove(const struct table *table);
char *row_sql_select(const struct table *table, const char *tail);
/* stmt: of row_sql_put(), of row_sql_remove(). */
int row_put(struct db *db, sqlite3_stmt *stmt, const struct table *table, const void *data,
	struct err *err);
int row_remove(struct db *db, sqlite3_stmt *stmt, const char *ref, struct err *err);

#endif
