/* Reads of builds, releases and restore points; newest first, borrowed for the call. */
#ifndef WEIR_QUERY_QUERY_RELEASE_H
#define WEIR_QUERY_QUERY_RELEASE_H

#include "core/model/release.h"
#include "core/query/query.h"

typedef void (*query_builds_fn)(
	void *data, const struct build *const *builds, size_t count, const struct err *err);
typedef void (*query_releases_fn)(
	void *data, const struct release *const *releases, size_t count, const struct err *err);
typedef void (*query_points_fn)(
	void *data, const struct restore_point *const *points, size_t count, const struct err *err);
typedef void (*query_consent_fn)(void *data, bool is_given, const struct err *err);
/*
 * text: a part of a run's log, whole lines (a piece of one that is longer than what was asked);
 * size: of the whole, up to its last whole line: where the next text starts when this one is the
 * end. A run that printed nothing: "", 0.
 */
typedef void (*query_log_fn)(
	void *data, const char *text, size_t len, int64_t size, const struct err *err);

/* app: its ref; NULL = of all. Done and cancel as in query.h. */
struct query *query_builds(
	struct store *store, const char *app, size_t max, query_builds_fn done, void *data);
struct query *query_releases(
	struct store *store, const char *app, size_t max, query_releases_fn done, void *data);
struct query *query_points(
	struct store *store, const char *app, size_t max, query_points_fn done, void *data);
/* With what the fleet knows now on top: what a person chooses from. fleet: until `done`. */
struct query *query_app_points(struct store *store, const struct fleet *fleet, const char *app,
	size_t max, query_points_fn done, void *data);
struct query *query_consent(struct store *store, const char *app, const char *digest,
	query_consent_fn done, void *data);
/* From byte `from` on, at most `cap` bytes; from -1: the last `cap`. */
struct query *query_run_log(
	struct store *store, int64_t run, int64_t from, size_t cap, query_log_fn done, void *data);

#endif
