/* A Flink cluster (one JobManager, or the members of a high-availability group) and its
 * TaskManagers. */
#ifndef WEIR_MODEL_CLUSTER_H
#define WEIR_MODEL_CLUSTER_H

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
};

#endif
