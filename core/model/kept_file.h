/* One file of what weir remembers, as `weir store check` found it. */
#ifndef WEIR_MODEL_KEPT_FILE_H
#define WEIR_MODEL_KEPT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model/finding.h"

/* Texts are borrowed. Times are epoch milliseconds; -1 = not known, or there is none. */
struct kept_file {
	const char *ref; /* its path */
	const char *context;
	const char *name; /* in its folder; "." = the folder */
	const char *path;
	enum finding_status status;
	const char *found;      /* one line, in the user's language */
	const char *cure;       /* what to do; NULL when there is nothing to do */
	int64_t bytes;          /* of the folder: what is free on its disk */
	int64_t log_bytes;      /* its write-ahead log */
	int64_t free_bytes;     /* within it */
	int64_t schema, latest; /* latest: what this program writes */
	int64_t rows;           /* registry: runs; cache: of the history */
	int64_t oldest_ms;      /* of those */
	int64_t changed_ms;
	const char *mode; /* "0600"; NULL = not known */
	int owner;        /* user id; -1 = not known */
	bool is_newer;    /* written by a newer program: left as it is */
};

#endif
