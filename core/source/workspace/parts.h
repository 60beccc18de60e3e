/* What the files of the workspace source share; nobody else includes it but their tests. */
#ifndef WEIR_SOURCE_WORKSPACE_PARTS_H
#define WEIR_SOURCE_WORKSPACE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/snapshot.h"

#define WORKSPACE_FILE_BYTES_MAX ((size_t)1 << 20)

/*
 * One file read into structs, in an arena of its own. A broken one has `error` set in its
 * declaration and only what the model promises then. Pure: text in, struct out.
 */
struct parsed {
	struct arena *arena;
	struct app_decl app;   /* of an application file */
	struct team_decl team; /* of a team.yaml */
	int name_line, name_column;
	int sql_line, sql_column; /* of the value of sql-file */
};
/* `path` relative to the workspace, as shown in errors: "teams/ods/apps/order-sync.yaml". */
struct parsed *parsed_app(const char *team, const char *path, const char *text, size_t len);
struct parsed *parsed_team(const char *team, const char *path, const char *text, size_t len);
/* One that could not be read at all; `error` already names the place. */
struct parsed *parsed_broken(const char *team, const char *path, const char *error);
void parsed_free(struct parsed *parsed); /* NULL-safe */

/*
 * Every file of the workspace with what it was when it was read. Belongs to one thread at a time.
 * generation grows with each scan that found a difference.
 */
struct scan;
struct scan *scan_new(const char *path);
void scan_free(struct scan *scan); /* NULL-safe */
/* Looks at all files, reads what changed. Blocking. Errors: the workspace as a whole cannot be
 * read. */
int scan_run(struct scan *scan, struct err *err);
uint64_t scan_generation(const struct scan *scan);
/* Files read (not only looked at) since scan_new(): for tests. */
size_t scan_files_read(const struct scan *scan);
/* Everything into the snapshot, sorted by team and path; it may outlive the scan. */
void scan_fill(const struct scan *scan, struct snapshot *snapshot);

#endif
