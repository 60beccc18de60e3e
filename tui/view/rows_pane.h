/*
 * Rows that no fleet has (runs, builds, releases, restore points, the command log) as a table that
 * keeps itself up to date: a list of its own (rows.c) and tabs of the card show it. What a kind is
 * made of is data and one function that asks (rows_kinds.c).
 *
 *	pane = rows_pane_new(host, &run_rows, "prod", app_ref);
 *	rows_pane_draw(pane, canvas, rect);          asks when it has to
 *	rows_pane_command(pane, CMD_DOWN, NULL);
 */
#ifndef WEIR_TUI_ROWS_PANE_H
#define WEIR_TUI_ROWS_PANE_H

#include "core/model/run.h"
#include "tui/view/view.h"
#include "tui/widget/table.h"

struct arena;
struct query;
struct rows;

struct rows_kind {
	const struct column_table *table;
	const char *name;      /* of the view: "runs" */
	const char *title;     /* N_() */
	const char *empty;     /* N_(): there is none at all */
	const char *empty_app; /* N_(): none of this application */
	const char *sort;      /* key of a column; the highest first */
	bool is_ascending;     /* no: the lowest */
	bool of_program;       /* no store is asked: the program itself has them */
	/*
	 * Ends in rows_begin(), rows_add() of each, rows_end(): by the query that it returns, or
	 * from inside (NULL). store: NULL of_program; app: a ref (of a cluster, where rows are a
	 * cluster's), or NULL = of all.
	 */
	struct query *(*ask)(struct rows *rows, const struct view_host *host, struct store *store,
		const char *app);
	/* Has anything changed since then? NULL: it is asked again each second. */
	uint64_t (*changes)(const struct view_host *host, const char *owner);
	/* Enter and `l` open the log of a row of a cluster: which process it is; NULL member: none has
	 * one. */
	void (*log)(const void *item, struct view_log_what *out);
	/* The ref of its application, or NULL; NULL member: of none. */
	const char *(*app)(const void *item);
};
extern const struct rows_kind run_rows, build_rows, release_rows, point_rows, env_rows,
	command_rows, taskmanager_rows;
extern const struct rows_kind history_rows;

/* For ask(): what was known before is forgotten. err: it stays, and this is told. */
void rows_begin(struct rows *rows, const struct err *err);
struct arena *rows_arena(struct rows *rows);  /* where items are copied to */
void rows_own(struct rows *rows, void *copy); /* or is malloc'd, and handed over */
/* key: unlike all others of these rows. */
void rows_add(struct rows *rows, const void *item, const char *key);
void rows_end(struct rows *rows);

struct rows_pane;
/* app_ref NULL = all applications of all contexts; context is then not asked. Both are copied. */
struct rows_pane *rows_pane_new(const struct view_host *host, const struct rows_kind *kind,
	const char *context, const char *app_ref);
void rows_pane_free(struct rows_pane *pane); /* NULL-safe */
/* Ask again at the next drawing: a run of this program has changed. */
void rows_pane_changed(struct rows_pane *pane);
void rows_pane_draw(struct rows_pane *pane, struct canvas *canvas, struct rect rect);
/* Moving, filter, order, CMD_OPEN of the selected row. False: not one of these. */
bool rows_pane_command(struct rows_pane *pane, enum command_id id, const char *arg);
/* NULL when there is none; borrowed until the next drawing. */
const void *rows_pane_selected(struct rows_pane *pane);
const struct run *rows_pane_run(struct rows_pane *pane); /* the same, of run_rows; else NULL */
void rows_pane_offer(struct rows_pane *pane, struct offers *offers); /* the selected row */
const struct rows_kind *rows_pane_kind(const struct rows_pane *pane);
struct table *rows_pane_table(struct rows_pane *pane);

/* Why that run cannot be canceled (translated), or NULL. */
const char *run_cancel_disabled(const struct run *run);

#endif
