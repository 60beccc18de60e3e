/*
 * What a run leaves in the registry beside its own row: a build, a release, a restore point, what a
 * person agreed to. Read again by core/query.
 *
 * done: once, on the loop, never from inside; NULL = not wanted; not after keep_op_cancel() or
 * store_close(). Everything is copied. Errors: E_TIMEOUT another process keeps the file locked ·
 * E_CONFLICT the run that says so (build->run, release->run; 0 = none) has lost its lease ·
 * E_INTERNAL it cannot be written.
 */
#ifndef WEIR_STORE_JOURNAL_RELEASE_H
#define WEIR_STORE_JOURNAL_RELEASE_H

#include "core/model/release.h"
#include "core/model/run.h"
#include "core/store/store.h"

struct keep_op;
/* number: of the release that was added, else 0. */
typedef void (*keep_done_fn)(void *data, int64_t number, const struct err *err);

struct keep_op *keep_build(
	struct store *store, const struct build *build, keep_done_fn done, void *data);
/* "I have seen this command": digest of git address and command. */
struct keep_op *keep_consent(
	struct store *store, const char *app, const char *digest, keep_done_fn done, void *data);
/*
 * Not active yet; its number is the next one of the application, but at least release->number (of
 * another console's folders over there), told by done, so that its folder can be named before
 * anything is copied.
 */
struct keep_op *keep_release(
	struct store *store, const struct release *release, keep_done_fn done, void *data);
/*
 * Makes it the active one, and no other: one transaction. manifest, digest, … are saved too.
 * release->run: who activates it (the lease); which run made it stays.
 */
struct keep_op *keep_release_active(
	struct store *store, const struct release *release, keep_done_fn done, void *data);
/* One whose folder is gone: not listed any more; its number is never given again. E_CONFLICT: it is
 * the active one. */
struct keep_op *keep_release_gone(
	struct store *store, const char *app, int64_t number, keep_done_fn done, void *data);
/* Adds it, or what is newly known of it (path is the key). */
struct keep_op *keep_restore_point(
	struct store *store, const struct restore_point *point, keep_done_fn done, void *data);
/* Where the start of an application runs, from now on. E_CONFLICT: cluster->run has its lease no
 * more. */
struct run_cluster;
struct keep_op *keep_run_cluster(
	struct store *store, const struct run_cluster *cluster, keep_done_fn done, void *data);
/* The write itself is not taken back. NULL-safe; not after `done` was called. */
void keep_op_cancel(struct keep_op *op);

/*
 * The log of a run: what its commands printed, as it comes. A file <store>/runs/<id>.log, 0600, in a
 * folder 0700; whole lines, cleaned (core/base/clean.h: secrets masked, harmless); at most
 * RUN_LOG_BYTES (then it says so and stops). Appended in the order of the calls; any process may
 * read it meanwhile. A last line without an end is written when the run ends (run_end(),
 * run_let_go()). Where it cannot be written the log of weir says so, and the run goes on.
 */
#define RUN_LOG_BYTES ((size_t)64 << 20)
void run_log_append(struct store *store, int64_t run, const char *bytes, size_t len);
char *run_log_path(const struct store *store, int64_t run); /* malloc'd */

#endif
