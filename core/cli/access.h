/*
 * The ways to the clusters of a context (core/net/http_access): one for each that needs
 * anything of its own, shared by its polls, its actions, `weir open` and the doctor, so that a
 * password is asked for once; one for all others.
 */
#ifndef WEIR_CLI_ACCESS_H
#define WEIR_CLI_ACCESS_H

#include "core/cli/session.h"
#include "core/net/http_access.h"

struct accesses;
struct accesses *accesses_new(struct session_context *context);
void accesses_free(struct accesses *accesses); /* after http_close(); NULL-safe */

/* Of a configured cluster; made at the first call. NULL with err: there is no way to its host. */
struct http_access *access_of(
	struct accesses *accesses, const struct cluster_config *cluster, struct err *err);
/* Of a cluster that a start made: as nobody; via NULL = not behind a host. */
struct http_access *access_made(struct accesses *accesses, const char *name, const char *address,
	const char *via, struct err *err);
/* A person wants to know now. */
void accesses_retry(struct accesses *accesses);
/* "verified", "insecure"; NULL = no TLS. Static. */
const char *access_tls(const struct cluster_config *cluster);

#endif
