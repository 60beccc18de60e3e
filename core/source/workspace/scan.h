/* What a scan holds; for scan.c and fill.c only. */
#ifndef WEIR_SOURCE_WORKSPACE_SCAN_H
#define WEIR_SOURCE_WORKSPACE_SCAN_H

#include "core/source/workspace/parts.h"

struct stamp {
	uint64_t dev, ino;
	int64_t size, mtime_s, mtime_ns, ctime_s, ctime_ns;
};

enum entry_kind { ENTRY_FOLDER /* of a team */, ENTRY_TEAM, ENTRY_APP };

struct entry {
	enum entry_kind kind;
	char *team, *path;     /* path: relative to the workspace */
	struct parsed *parsed; /* NULL: a team's folder in which nothing is wrong */
	struct stamp stamp;    /* all 0: not read */
	uint64_t hash;
	bool is_racy; /* changed so shortly before it was read that its stamp may lie */
	unsigned seen;
};

struct scan {
	char *path, *real;   /* as configured; without links, of the last turn */
	struct map *entries; /* path → struct entry */
	uint64_t generation;
	size_t files_read;
	unsigned turn;
	bool changed; /* in this turn */
};

#endif
