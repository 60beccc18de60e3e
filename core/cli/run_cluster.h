/*
 * The clusters that starts made (origin "run"), of one context: those that the registry names are
 * known to the fleet and polled, as if they were configured; those that it names no more are left.
 */
#ifndef WEIR_CLI_RUN_CLUSTER_H
#define WEIR_CLI_RUN_CLUSTER_H

#include "core/cli/session.h"
#include "core/model/record.h"

struct run_clusters;
struct run_clusters *run_clusters_new(struct session_context *context);
/* After the poller; closes what it opened. NULL-safe. */
void run_clusters_free(struct run_clusters *made);
/* One of the configuration joins the context's list, which never moves. */
void run_clusters_add(struct run_clusters *made, struct source *source);
/* A record_feed_watch() function; data: the struct run_clusters. */
void run_clusters_read(void *data, const struct snapshot *snapshot);
/*
 * The source of one, opened when it is not known; NULL: it cannot be reached from here, or a cluster
 * of the configuration has its name. Lives as long as the session. data: the struct run_clusters.
 */
struct source *run_clusters_open(void *data, const struct run_cluster *cluster);

/* Of the one at `at`, borrowed; via NULL = reached from here. false: there are not so many. */
bool run_clusters_via(
	const struct run_clusters *made, size_t at, const char **name, const char **via);

#endif
