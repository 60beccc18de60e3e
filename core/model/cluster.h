/* A Flink cluster (one JobManager, or the members of a high-availability group) and its
 * TaskManagers. */
#ifndef WEIR_MODEL_CLUSTER_H
#define WEIR_MODEL_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What /overview and /config say; -1 or NULL where not told. */
struct cluster_status {
	const char *address; /* the URL that answered */
	const char *flink_version;
	int taskmanagers, slots_total, slots_free;
	int jobs_running, jobs_finished, jobs_canceled, jobs_failed;
};

struct taskmanager {
	const char *id, *host; /* host: "host:port" of its data or RPC endpoint */
	int64_t heartbeat_ms;  /* wall time of its last heartbeat */
	int slots_total, slots_free;
	double cpu_cores;
	int64_t physical_bytes, heap_bytes, managed_bytes, network_bytes;
	int64_t managed_free_bytes; /* not handed to a slot in use */
};

/* What one says of its JVM; -1 where not told. */
struct taskmanager_load {
	int64_t heap_used_bytes, heap_max_bytes, nonheap_used_bytes, direct_used_bytes;
	int64_t gc_count, gc_ms; /* of all collectors, since it began */
};

/* One of a cluster, as somebody who looks at it asks for it (core/watch/taskmanagers.h). */
struct taskmanager_item {
	char *ref; /* the cluster's, and its id */
	const char *context, *cluster;
	struct taskmanager told;
	struct taskmanager_load load;
	int64_t observed_ms;    /* the list */
	int64_t load_ms;        /* its load; 0 = not asked yet */
	double gc_ms_a_minute;  /* between its last two loads; -1 = not known */
	int64_t since_ms;       /* seen since; 0 = not known */
	bool was_there_earlier; /* it was there already when weir looked first */
};

#endif
