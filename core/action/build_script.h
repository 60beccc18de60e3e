/*
 * What a build runs on its host, and what it says: pure.
 *
 *	rc = build_check(&spec, &err);
 *	build_script(&spec, &script);        for the stdin of BUILD_COMMAND, never an argument:
 *	                                     an address may hold a password
 *	build_said(&progress, bytes, len);   its standard output, as it comes
 *
 * One script makes all three steps, because it holds the lock of the project from the checkout to
 * the artifact. It prints lines of its own on its standard output only; all that git and the
 * command print goes to its standard error output.
 */
#ifndef WEIR_ACTION_BUILD_SCRIPT_H
#define WEIR_ACTION_BUILD_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/hash.h"

#define BUILD_COMMAND "exec sh -c 'eval \"$(cat)\"'"
#define BUILD_KEY_LEN 80

struct build_spec {
	const char *git;    /* NULL: `folder`, as it is */
	const char *ref;    /* branch, tag or commit; NULL = the remote's HEAD */
	const char *folder; /* absolute; without git */
	const char *command;
	const char *artifact; /* pattern, relative to the tree */
	const char *host;     /* "local" or NULL = this machine */
};

/* E_CONFIG: an address, ref or pattern that is not taken, and why. */
int build_check(const struct build_spec *spec, struct err *err);
/* The folder of the project: "jobs-1f0c…", safe as a path. */
void build_key(const struct build_spec *spec, char out[BUILD_KEY_LEN]);
/* Of what a person agrees to: git address (or folder), ref, command, host. */
void build_digest(const struct build_spec *spec, char out[HASH_HEX_LEN + 1]);
/* The address for people: without user and password; malloc'd. */
char *build_address(const char *git);
void build_script(const struct build_spec *spec, struct buf *out);

enum build_step { BUILD_CHECKOUT, BUILD_COMMAND_RUN, BUILD_ARTIFACT, BUILD_OVER };

struct build_progress {
	struct buf line;
	enum build_step step; /* reached: those before it went well */
	bool is_waiting;      /* for another build of the project */
	bool has_begun;       /* it has the project */
	char commit[65];      /* "" without git */
	int status;           /* of the command; -1 = not ended */
	int64_t size;
	char sha256[HASH_HEX_LEN + 1];
	char *artifact; /* absolute, on the host */
	char *error;    /* what the script itself says it failed on; or NULL */
	bool is_broken; /* it said what it never says */
};
void build_progress_init(struct build_progress *progress);
void build_progress_release(struct build_progress *progress);
void build_said(struct build_progress *progress, const char *bytes, size_t len);

#endif
