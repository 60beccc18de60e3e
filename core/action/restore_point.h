/*
 * What a start restores: the newest point that is there, a path that a person named, or nothing.
 * Pure.
 *
 *	rc = restore_choose(&choice, args->from, points, count, &err);
 *	if (!choice.path && choice.had_state) …      it must be asked for in so many words
 *	restore_choice_release(&choice);
 */
#ifndef WEIR_ACTION_RESTORE_POINT_H
#define WEIR_ACTION_RESTORE_POINT_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/model/release.h"

struct restore_choice {
	const struct restore_point
		*point; /* of the list; NULL: a path that is not in it, or nothing */
	const char *
		path; /* what is restored; NULL = it starts from nothing. Borrowed from point or `from` */
	bool had_state; /* there is, or was, a point: starting from nothing loses it */
	char *reason;   /* why this one, and what was passed over: lines; malloc'd, never NULL */
};

/*
 * from: NULL or "latest" · "none" · a URI or an absolute path. points: in any order; those that are
 * gone are passed over. No point at all is no error: path NULL, had_state false. E_ARG: `from` is none of
 * these · E_CONFLICT: "latest", and every point that is known is gone (then a path or "none" must be
 * said).
 */
int restore_choose(struct restore_choice *out, const char *from,
	const struct restore_point *const *points, size_t count, struct err *err);
void restore_choice_release(struct restore_choice *choice);

/* Where can its _metadata be looked for? */
enum restore_place {
	RESTORE_ON_FILES, /* "file:" or a plain path: on this machine, or on the host of the Flink env */
	RESTORE_ELSEWHERE /* hdfs, s3, …: not looked for */
};
/* Of RESTORE_ON_FILES: the plain path of the folder, malloc'd; else NULL. */
enum restore_place restore_place_of(const char *path, char **folder);
/* "test -f <folder>/_metadata", quoted for a remote shell. malloc'd; NULL where it cannot be looked
 * for. */
char *restore_test_command(const char *path);

#endif
