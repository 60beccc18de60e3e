/*
 * A start as words: the command line of `flink run …` for each deployment target and version, the
 * settings that go with a start, and what of it must not be in a command line. Pure.
 *
 *	rc = flink_words(&words, &(struct flink_start){.deployment = d, .job_id = id, …}, &err);
 *	sh_quote_words(&command, (const char *const *)words.data, words.len);
 *	flink_words_release(&words);
 *
 * Source: `flink run --help`, `flink run-application --help` and runs of 1.16.3, 1.20.5 and 2.2.1.
 */
#ifndef WEIR_SOURCE_FLINK_WORDS_H
#define WEIR_SOURCE_FLINK_WORDS_H

#include <jansson.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/deployment.h"

struct flink_start {
	const struct deployment *deployment;
	const char *job_id;
	const char *version;      /* of Flink: "1.20.5"; NULL = not known: taken for 1.20 */
	const char *address;      /* base URL of the JobManager; for TARGET_REMOTE */
	const char *restore_path; /* or NULL */
	bool allow_non_restored_state;
	const char *restore_mode; /* "NO_CLAIM", "CLAIM", "LEGACY", or NULL */
};

struct flink_words {
	VEC(char *);
};

/* "1.20.5" → 120, "2.2.1" → 202; 0 = not known. */
int flink_version_number(const char *version);
/*
 * The version in "flink-dist-1.20.5.jar" or "/opt/flink-1.20" anywhere in `text`, as "1.20.5" or
 * "1.20"; NULL when there is none. malloc'd.
 */
char *flink_version_in(const char *text);

/* E_UNSUPPORTED, E_ARG, E_DENIED (a secret, see flink_start_secret()): *out is untouched. */
int flink_words(struct flink_words *out, const struct flink_start *start, struct err *err);
void flink_words_release(struct flink_words *words);
/* The words for sh, masked for people when `masked`. malloc'd. */
char *flink_words_line(const struct flink_words *words, bool masked);

/*
 * A secret among arguments and properties, which everybody on the host could read in a command line:
 * E_DENIED with its name and the cure, unless the application allows it.
 */
int flink_start_secret(const struct deployment *deployment, struct err *err);
/* E_UNSUPPORTED: the version has no such restore mode. */
int flink_start_check(const struct flink_start *start, struct err *err);

/*
 * What Flink's configuration holds of a start, ours before the application's own properties:
 * pipeline.name, and with `all` the job id, the restore point, the parallelism and, for a session of
 * SQL, where the JobManager is. Owned: an object of strings.
 */
json_t *flink_start_settings(const struct flink_start *start, bool all);
/* POST /jars/:id/run. malloc'd. E_UNSUPPORTED: this version takes no properties by REST. */
char *flink_start_body(const struct flink_start *start, struct err *err);
/* Host and port of a base URL; false when a `flink` cannot be told it (it has a path). */
bool flink_address_split(const char *address, char **host, int *port, bool *is_https);
/* "0123456789abcdef-orders.jar": how an artifact is called at the JobManager. malloc'd. */
char *flink_jar_name(const char *path, const char *sha256);

#endif
