/*
 * What the registry remembers of the way from source code to a running job: builds, releases, and
 * the points a job can be started from. Times are epoch milliseconds; texts NULL where said.
 */
#ifndef WEIR_MODEL_RELEASE_H
#define WEIR_MODEL_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

/* A build that went well. */
struct build {
	int64_t id;
	const char *app;                /* ref */
	const char *host;               /* NULL = this machine */
	const char *git, *ref, *commit; /* git, ref, commit NULL: built without git */
	const char *artifact;           /* absolute path on `host` */
	const char *sha256;
	int64_t size, duration_ms, built_ms;
	int64_t run; /* its run: log */
};

/* Numbered from 1 in each application; the active one is what a start runs. */
struct release {
	const char *app;
	int64_t number;
	bool is_active;
	const char *host;     /* NULL = this machine */
	const char *dir;      /* absolute, on `host`: <release-dir>/<team>/<app>/<number> */
	const char *digest;   /* of its deployment: against today's, for "need release" */
	const char *manifest; /* deployment_json() of the masked deployment, compact */
	const char *commit;   /* of the build it took; or NULL */
	int64_t created_ms, activated_ms;
	int64_t run;
};

enum restore_kind { RESTORE_SAVEPOINT, RESTORE_CHECKPOINT };
extern const char *const restore_kind_words[]; /* "savepoint" "checkpoint" NULL */

/* Ordered by completion time, never by checkpoint number. */
struct restore_point {
	const char *app;
	const char *path; /* URI, of the folder that holds _metadata */
	const char *job_id;
	enum restore_kind kind;
	int64_t completed_ms;
	int64_t size;        /* -1 = not known */
	int64_t verified_ms; /* when its _metadata was last seen; 0 = not verified */
	bool is_gone;        /* looked for, and not there */
};

/* NONE NEED_RELEASE RELEASING RELEASED FAILED NEED_RESTART: the design's section 4. */
enum release_state {
	RELEASE_NONE,
	RELEASE_NEED_RELEASE, /* file, variable or build differ from the active release */
	RELEASE_RELEASING,
	RELEASE_RELEASED,
	RELEASE_FAILED,       /* the last release run failed; an earlier one may be active */
	RELEASE_NEED_RESTART, /* the job that runs was started from another release */
	RELEASE_STATE_MAX
};
const char *release_state_name(enum release_state state);

struct release_input {
	bool is_releasing; /* a run is at it */
	bool has_active;
	/* The newest release run, and it came after the one that made the active release. */
	bool has_failed;
	bool is_changed;      /* today's deployment has another digest */
	bool has_newer_build; /* than the one it took, of an application that takes builds */
	/* A job lives that was started from another release, or before the active one was made so. */
	bool runs_other;
};
enum release_state release_derive(const struct release_input *in);

#endif
