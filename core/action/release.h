/* The steps of release and rollback: render · upload · verify · activate · tidy. */
#ifndef WEIR_ACTION_RELEASE_H
#define WEIR_ACTION_RELEASE_H

#include "core/action/action_internal.h"

extern const struct part part_release, part_rollback;

/* Where an artifact comes from. */
struct artifact_source {
	enum {
		ARTIFACT_NONE, /* SQL without one */
		ARTIFACT_URI, /* "hdfs://…", "local:///…": Flink fetches it; nothing is copied */
		ARTIFACT_BUILD, /* the last build: host, path and sha256 are of its row */
		ARTIFACT_FILE,
	} kind;
	const char *host;   /* NULL = this machine */
	const char *path;   /* absolute here; on a host also relative to the home folder */
	const char *sha256; /* what it has to be; NULL = what it is */
};
/*
 * What the application's "artifact" means. All in `arena`. E_CONFIG: a jar without one, a host that
 * is not known, a name that cannot be a file.
 */
int artifact_source(struct arena *arena, const struct deployment *wish,
	const struct context_config *config, struct artifact_source *out, struct err *err);

struct release_work {
	struct action *action;
	const char *host; /* where it is released; NULL = this machine */
	const char *root; /* as configured: absolute, or relative to the home folder there */
	struct artifact_source source;
	int64_t number;
	char *base, *dir;        /* on `host`: <root>/<team>/<app>, and its folder */
	char *target;            /* the artifact in it; NULL = none */
	struct deployment *made; /* the wish with its artifact */
	char *manifest;          /* of `made`, as it lies in its folder */
	char *digest, *commit;   /* commit: of the build; or NULL */
	int64_t created_ms;
	bool is_rollback;

	struct query *query;
	struct keep_op *keep;
	struct ssh_op *op;
	void (*then)(struct action *action, char *out); /* after release_exec() */
	int tries;
	int64_t told_mono_ms;
	char *transfer; /* a copy on this machine, between two hosts; or NULL */
	bool is_here;   /* that copy is whole */
	int64_t used;   /* the release that the running job was started from; 0 */
	struct victim {
		int64_t number;
		char *host, *dir;
	} * victims;
	size_t victim_count, victim_at, removed;
	char *kept_back; /* why one could not be removed */
};
struct release_work *release_work_new(struct action *action);

/*
 * Runs a script of release_script.c on `host` with words; then `then` with what it printed (in
 * which it may be changed). Where it fails the step does, with what it said.
 */
void release_exec(struct action *action, const char *host, const char *script,
	const char *const *words, size_t count, const char *input,
	void (*then)(struct action *action, char *out));
/* action->err from `err`, with step and host before it; the step has failed. */
void release_fail(struct action *action, const char *host, const struct err *err);
/* A copy of the application's artifact into its folder; then `then`, with sum and size. */
void release_copy(struct action *action,
	void (*then)(struct action *action, const char *sha256, int64_t size));
void release_cancel(struct action *action);

/*
 * What was released, whole: of its row, or where that has masks of its folder, which has to be what
 * was released. `then` comes once, perhaps from inside; whole: its own from then on; manifest: its
 * text, borrowed; NULL with err.
 */
typedef void (*release_read_fn)(struct action *action, struct deployment *whole,
	const char *manifest, const struct err *err);
void release_read(struct action *action, const struct release *release, release_read_fn then);

extern const struct step step_upload, step_verify, step_activate, step_tidy;

/* POSIX sh; words are $1, $2, … Failures say why on stderr. */
extern const char release_script_place[];    /* root team app → "base DIR", "last N" */
extern const char release_script_folder[];   /* dir: made, and nobody made it before */
extern const char release_script_copy[];     /* from to → "sha256 SUM", "size N" */
extern const char release_script_manifest[]; /* path; its stdin */
extern const char release_script_sums[];     /* path… → "sha256 SUM" each */
extern const char release_script_activate[]; /* base number */
extern const char release_script_remove[];   /* path… */
/* The line for ssh_exec(). */
void release_command(struct buf *out, const char *script, const char *const *words, size_t count);
/* The value of a line "key value" of such an output, its end cut off; NULL = not there. */
char *release_line(char *out, const char *key);

#endif
