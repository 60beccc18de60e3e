/*
 * An installed Flink version as it was found on its host: what the configuration says of it, what
 * is really there, and who uses it. One value, its texts in its arena.
 */
#ifndef WEIR_MODEL_ENV_STATE_H
#define WEIR_MODEL_ENV_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"

enum env_found {
	ENV_UNKNOWN,     /* not asked */
	ENV_OK,          /* a Flink of a version, its `flink` can be run, with a Java */
	ENV_INCOMPLETE,  /* a Flink, but something is missing: see problem */
	ENV_MISSING,     /* there is no such folder */
	ENV_UNREADABLE,  /* there may be, but we must not look */
	ENV_NO_FLINK,    /* a folder or file that is no Flink */
	ENV_UNREACHABLE, /* its host did not answer */
	ENV_FOUND_MAX
};
/* "unknown" "ok" "incomplete" "missing" "unreadable" "no Flink" "unreachable" */
extern const char *const env_found_words[];

enum gateway_found {
	GATEWAY_NONE,   /* none is configured, or it was not asked */
	GATEWAY_OK,     /* a SQL Gateway answers */
	GATEWAY_WRONG,  /* something else answers there */
	GATEWAY_SILENT, /* nobody does */
	GATEWAY_FOUND_MAX
};
/* NULL "ok" "wrong" "unreachable" */
extern const char *const gateway_found_words[];

struct env_state {
	char *ref; /* "context/env/name" */
	const char *context, *name, *home;
	const char *host; /* NULL = this machine */
	const char *sql_gateway;
	enum env_found found;
	enum gateway_found gateway;
	const char *problem;         /* one line: why it is not OK, and what to do; NULL */
	const char *gateway_problem; /* the same of the gateway */
	struct err err;              /* of an unreachable host; code 0 = it answered */
	const char *version;         /* "1.20.5"; NULL = not found out */
	const char *gateway_version;
	const char *java; /* "17.0.11"; NULL = none was found */
	const char *java_home;
	const char *const *apps; /* "team/name" that name it */
	size_t app_count;
	int64_t checked_ms; /* 0 = not asked */
	struct arena *arena;
};

struct env_state *env_state_new(const char *context, const char *name, const char *home,
	const char *host, const char *sql_gateway); /* all copied */
void env_state_free(struct env_state *state);       /* NULL-safe */
/* Flink 2 needs Java 11, older ones Java 8. False only where both versions are known. */
bool env_java_fits(const char *flink_version, const char *java_version);
/* "1.8.0_402" → 8, "17.0.11" → 17; 0 = cannot be read. */
int java_major(const char *version);

#endif
