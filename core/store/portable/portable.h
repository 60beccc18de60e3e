/*
 * What weir remembers, as one file of JSON lines that any later weir takes up: the registry and the
 * history, without what only holds here (leases, agreements to build commands) or comes again by itself
 * (what clusters say now), and without the logs of runs, which are files. No secret is in it and nothing that a terminal would obey.
 *
 *	{"apiVersion":"weir/v1","kind":"StoreExport","context":"prod","exportedAt":"…","schemas":{…}}
 *	{"table":"run","row":{"id":42,"app":"prod/workspace/app/ods/orders",…}}
 *	…
 *	{"kind":"StoreExportEnd","rows":1234}
 *
 * Blocking; consoles go on meanwhile.
 */
#ifndef WEIR_STORE_PORTABLE_PORTABLE_H
#define WEIR_STORE_PORTABLE_PORTABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/err.h"

/* Told the rows so far now and then; may be NULL. */
typedef void (*portable_step_fn)(void *data, int64_t rows);

struct exported {
	int64_t rows;
	int64_t logs, log_bytes; /* files of run logs there: they are not in it */
};

/*
 * E_NOTFOUND: nothing is remembered there · E_UNSUPPORTED: written by a newer weir · E_INTERNAL: it
 * cannot be read (damaged: nothing is repaired here), or `file` not be written.
 */
int store_export(const char *dir, const char *context, FILE *file, portable_step_fn on_step,
	void *data, struct exported *out, struct err *err);

struct import_options {
	const char *name; /* of the file, for errors */
	bool dry_run;     /* nothing is written */
	bool keeps_ours;  /* what is otherwise here stays as it is, and is no conflict */
	portable_step_fn on_step;
	void (*on_notice)(void *data, const struct err *notice); /* of a repair; may be NULL */
	void *data;
};

#define IMPORT_NOTES_MAX 50
struct imported {
	int64_t added, known;          /* rows */
	int64_t conflicts;             /* said otherwise here */
	int64_t left_out;              /* kept from here, or not over when it was exported */
	char *notes[IMPORT_NOTES_MAX]; /* the first ones of both, in words */
	size_t note_count;
};

/*
 * Merges the file (it can be read twice) into the store, which is made when there is none: the
 * registry at once or not at all, behind a backup; the history by and by, twice changes nothing.
 * E_CONFLICT: *out says what; nothing was written · E_CONFIG "NAME:LINE: …": no export, cut off, of another
 * context or of a newer weir · E_TIMEOUT: another process keeps a file locked · E_INTERNAL.
 */
int store_import(const char *dir, const char *context, FILE *in,
	const struct import_options *options, struct imported *out, struct err *err);
void imported_release(struct imported *imported);

#endif
