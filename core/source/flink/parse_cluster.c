/* What concerns a whole cluster: its counts, the list of its jobs, its TaskManagers. */
#include "core/source/flink/parse.h"

#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/str.h"

#define MIB_BYTES ((int64_t)1 << 20)

int flink_parse_overview(const struct flink_parse *parse, const json_t *root,
	struct cluster_status *out, struct err *err)
{
	struct cluster_status status = {
		.address = out->address,
		.flink_version = flink_text(parse, root, "flink-version"),
		.taskmanagers = flink_count(root, "taskmanagers"),
		.slots_total = flink_count(root, "slots-total"),
		.slots_free = flink_count(root, "slots-available"),
		.jobs_running = flink_count(root, "jobs-running"),
		.jobs_finished = flink_count(root, "jobs-finished"),
		.jobs_canceled = flink_count(root, "jobs-cancelled"),
		.jobs_failed = flink_count(root, "jobs-failed"),
	};

	/* How many TaskManagers there are decides whether a missing job is lost. */
	if (status.taskmanagers < 0)
		return flink_expected(parse, err, "taskmanagers", _("number"));
	*out = status;
	return 0;
}

static bool job_summary_parse(
	const struct flink_parse *parse, const json_t *row, struct job_summary *out)
{
	if (!flink_job_id(doc_str(row, "jid"), out->id))
		return false;
	out->name = flink_text(parse, row, "name");
	out->status = job_status_parse(doc_str(row, "state"));
	out->start_ms = flink_time(row, "start-time");
	out->end_ms = flink_time(row, "end-time");
	out->duration_ms = flink_amount(row, "duration");
	out->modified_ms = flink_time(row, "last-modification");
	out->tasks = flink_task_counts(json_object_get(row, "tasks"));
	return true;
}

int flink_parse_jobs(const struct flink_parse *parse, const json_t *root,
	const struct job_summary **jobs, size_t *count, struct err *err)
{
	const json_t *rows = json_object_get(root, "jobs"), *row;
	struct job_summary *out;
	size_t i, len = 0;

	if (!json_is_array(rows))
		return flink_expected(parse, err, "jobs", _("array"));
	out = arena_calloc(parse->arena, json_array_size(rows) + 1, sizeof(*out));
	json_array_foreach (rows, i, row) {
		if (job_summary_parse(parse, row, &out[len]))
			len++;
	}
	if (len == 0 && json_array_size(rows) > 0)
		return flink_expected(parse, err, "jid", _("in the rows of \"jobs\""));
	*jobs = out;
	*count = len;
	return 0;
}

/* "127.0.0.1:18285" from "pekko.tcp://flink@127.0.0.1:18284/user/rpc/taskmanager_0": the host, and
 * the port for data. */
static const char *taskmanager_host(const struct flink_parse *parse, const json_t *row)
{
	const char *path = doc_str(row, "path"), *start, *end, *colon;
	int port = flink_count(row, "dataPort");

	start = path ? strstr(path, "://") : NULL;
	if (!start)
		return NULL;
	start += 3;
	end = start + strcspn(start, "/");
	for (const char *at = start; at < end; at++)
		if (*at == '@')
			start = at + 1;
	/* The last colon that is not within the brackets of an IPv6 address. */
	colon = end;
	while (colon > start && *colon != ':' && *colon != ']')
		colon--;
	if (*colon != ':')
		colon = end;
	if (colon == start)
		return NULL;
	if (port > 0)
		return arena_printf(parse->arena, "%.*s:%d", (int)(colon - start), start, port);
	return arena_strndup(parse->arena, start, (size_t)(end - start));
}

/* Bytes of the JVM's own configuration, else MiB of what the ResourceManager hands out. */
static int64_t memory_bytes(const json_t *row, const char *bytes_key, const char *mib_key)
{
	int64_t bytes = flink_amount(json_object_get(row, "memoryConfiguration"), bytes_key), mib;

	if (bytes >= 0)
		return bytes;
	mib = flink_amount(json_object_get(row, "totalResource"), mib_key);
	return mib < 0 || mib > INT64_MAX / MIB_BYTES ? -1 : mib * MIB_BYTES;
}

static void taskmanager_parse(
	const struct flink_parse *parse, const json_t *row, struct taskmanager *out)
{
	const json_t *hardware = json_object_get(row, "hardware");
	int64_t framework =
		flink_amount(json_object_get(row, "memoryConfiguration"), "frameworkHeap");

	out->id = flink_text(parse, row, "id");
	out->host = taskmanager_host(parse, row);
	/* Its name says an age; it is the epoch time of the last heartbeat. */
	out->heartbeat_ms = flink_time(row, "timeSinceLastHeartbeat");
	out->slots_total = flink_count(row, "slotsNumber");
	out->slots_free = flink_count(row, "freeSlots");
	out->cpu_cores = doc_real(hardware, "cpuCores", -1);
	if (out->cpu_cores < 0)
		out->cpu_cores = -1;
	out->physical_bytes = flink_amount(hardware, "physicalMemory");
	out->heap_bytes = memory_bytes(row, "taskHeap", "taskHeapMemory");
	if (out->heap_bytes >= 0 && framework > 0 && out->heap_bytes <= INT64_MAX - framework)
		out->heap_bytes += framework;
	out->managed_bytes = memory_bytes(row, "managedMemory", "managedMemory");
	out->managed_free_bytes =
		flink_amount(json_object_get(row, "freeResource"), "managedMemory");
	if (out->managed_free_bytes >= 0)
		out->managed_free_bytes = out->managed_free_bytes > INT64_MAX / MIB_BYTES
			? -1
			: out->managed_free_bytes * MIB_BYTES;
	out->network_bytes = memory_bytes(row, "networkMemory", "networkMemory");
}

int flink_parse_taskmanagers(const struct flink_parse *parse, const json_t *root,
	const struct taskmanager **out, size_t *count, struct err *err)
{
	const json_t *rows = json_object_get(root, "taskmanagers"), *row;
	struct taskmanager *list;
	size_t i, len = 0;

	if (!json_is_array(rows))
		return flink_expected(parse, err, "taskmanagers", _("array"));
	list = arena_calloc(parse->arena, json_array_size(rows) + 1, sizeof(*list));
	json_array_foreach (rows, i, row) {
		if (doc_str(row, "id"))
			taskmanager_parse(parse, row, &list[len++]);
	}
	if (len == 0 && json_array_size(rows) > 0)
		return flink_expected(parse, err, "id", _("in the rows of \"taskmanagers\""));
	*out = list;
	*count = len;
	return 0;
}

/* Newer versions sum up all collectors in a row of its own. */
static void collectors_parse(const json_t *rows, struct taskmanager_load *out)
{
	const json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row) {
		int64_t count = flink_amount(row, "count"), ms = flink_amount(row, "time");
		const char *name = doc_str(row, "name");

		if (str_eq(name, "All") || count < 0 || ms < 0 || count > INT32_MAX ||
			ms > INT64_MAX / 4)
			continue;
		out->gc_count = (out->gc_count > 0 ? out->gc_count : 0) + count;
		out->gc_ms = (out->gc_ms > 0 && out->gc_ms < INT64_MAX / 4 ? out->gc_ms : 0) + ms;
	}
}

int flink_parse_taskmanager(const struct flink_parse *parse, const json_t *root,
	struct taskmanager_load *out, struct err *err)
{
	const json_t *metrics = json_object_get(root, "metrics");

	if (!json_is_object(metrics))
		return flink_expected(parse, err, "metrics", _("object"));
	*out = (struct taskmanager_load){-1, -1, -1, -1, -1, -1};
	/* Until its metrics have come, which takes some ten seconds, all of them are 0. */
	if (flink_amount(metrics, "heapUsed") <= 0)
		return 0;
	out->heap_used_bytes = flink_amount(metrics, "heapUsed");
	out->heap_max_bytes = flink_amount(metrics, "heapMax");
	out->nonheap_used_bytes = flink_amount(metrics, "nonHeapUsed");
	out->direct_used_bytes = flink_amount(metrics, "directUsed");
	collectors_parse(json_object_get(metrics, "garbageCollectors"), out);
	return 0;
}
