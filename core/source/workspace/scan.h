/* What a scan holds; for scan.c, sql_file.c and fill.c only. */
#ifndef WEIR_SOURCE_WORKSPACE_SCAN_H
#define WEIR_SOURCE_WORKSPACE_SCAN_H

#include "core/source/workspace/parts.h"

struct stamp {
	uint64_t dev, ino;
	int64_t size, mtime_s, mtime_ns, ctime_s, ctime_ns;
};

enum entry_kind { ENTRY_FOLDER /* of a team */, ENTRY_TEAM, ENTRY_APP };

/* What an application's sql-file holds; all 0: it names none, or it was not read. */
struct sql_file {
	struct stamp stamp;
	bool is_racy;
	char *text;  /* NULL when it cannot be read: */
	char *error; /* "file:line:column: text", of the application */
};

struct entry {
	enum entry_kind kind;
	char *team, *path;     /* path: relative to the workspace */
	struct parsed *parsed; /* NULL: a team's folder in which nothing is wrong */
	struct stamp stamp;    /* all 0: not read */
	uint64_t hash;
	bool is_racy; /* changed so shortly before it was read that its stamp may lie */
	unsigned seen;
	struct sql_file sql;
};

struct scan {
	char *path, *real;   /* as configured; without links, of the last turn */
	struct map *entries; /* path → struct entry */
	uint64_t generation;
	size_t files_read;
	unsigned turn;
	bool changed; /* in this turn */
};

struct stat;
struct stamp stamp_of(const struct stat *st);
/* Changed so shortly ago that another change may leave the same times. */
bool stamp_is_racy(const struct stat *st);
/* Is what the path (relative to the workspace) leads to inside the workspace? Its real path, from
 * malloc; else NULL with errno, EXDEV when it is outside. */
char *scan_resolve(const struct scan *scan, const char *path);
/* Reads the sql-file of an application again where it changed. Blocking. */
void sql_file_look(struct scan *scan, struct entry *entry);
void sql_file_release(struct sql_file *sql);

#endif
