/*
 * The head of the list of applications, for the first frame of a large fleet: who the first rows are, and the
 * numbers of all. It is a small file beside the two of the store, made from them when nobody writes any more
 * (cli/session_head.c), and holds only for these very files: it carries their stamp. The rows themselves are
 * not in it: they are read from the store, by their refs.
 */
#ifndef WEIR_STORE_HEAD_H
#define WEIR_STORE_HEAD_H

#include <jansson.h>

#include "core/model/snapshot.h"
#include "core/model/state.h"

#define HEAD_ROWS ((size_t)256) /* more than a terminal has */

struct head {
	int64_t until_ms; /* wall: from then on time alone may have changed it */
	size_t rows;      /* applications that `refs` names */
	size_t apps;      /* all there are, by state in `counts` */
	int counts[STATE_MAX];
	int64_t newest_ms; /* the last good answer of any cluster */
	json_t *refs; /* these applications, or their jobs, and what they need: texts, any order */
};
void head_release(struct head *head);

/*
 * What the two files are now, whatever was written and by whom, and who says so: this version, with a
 * configuration of which `others` is a digest. NULL: somebody else writes. May wait for a tick of the clock;
 * malloc'd.
 */
char *head_stamp(const char *dir, uint32_t others);
/* The same at once, for a comparison. */
char *head_stamp_now(const char *dir, uint32_t others);

int head_write(const char *dir, const char *stamp, const struct head *head, struct err *err);
/* Is there one, with this stamp? */
bool head_is_of(const char *dir, const char *stamp);
/*
 * Blocking, with connections of its own. refs NULL: everything, and nobody else has the files open. Appends the
 * registry's records first, then what disk_load() does.
 */
int head_load(const char *dir, const char *context, const json_t *refs, snapshot_vec *out,
	struct err *err);
/* The head and its rows, as they are in the store now; false: there is none that holds. */
bool head_read(const char *dir, const char *context, uint32_t others, int64_t now_ms,
	struct head *head, snapshot_vec *out);

#endif
