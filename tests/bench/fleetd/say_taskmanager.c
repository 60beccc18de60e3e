/* The TaskManagers of a JobManager: as rows, one by one with what its JVM needs, and the logs of both. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/fleetd/sim.h"

#define TM_SLOTS 4
/* A session cluster of thousands has larger ones. */
#define TM_SLOTS_LARGE 32
#define LARGE 400 /* slots */
/* From one collection of the young to the next, and of the old. */
#define YOUNG_EVERY_MS 9000
#define OLD_EVERY_MS 400000
#define LOG_LINES 200

struct sim_census sim_census(const struct sim *sim, int manager)
{
	struct sim_census census = {0};
	int64_t now_ms = sim_now_ms(sim);
	int wanted = 0;

	for (int i = sim_first(sim, manager); i >= 0; i = sim_next(sim, manager, i)) {
		struct sim_job job;

		sim_job(sim, i, now_ms, &job);
		census.running += !job_status_is_terminal(job.status);
		census.finished += job.status == JOB_FINISHED;
		census.canceled += job.status == JOB_CANCELED;
		census.failed += job.status == JOB_FAILED;
		wanted += job.parallelism;
		census.slots_used += job.status == JOB_RUNNING ? job.parallelism : 0;
	}
	census.slots_each = wanted > LARGE ? TM_SLOTS_LARGE : TM_SLOTS;
	census.taskmanagers = wanted > 0 ? (wanted + census.slots_each - 1) / census.slots_each : 1;
	return census;
}

void say_taskmanager_id(const struct sim *sim, int manager, int index, char id[64])
{
	uint64_t h = sim_hash(sim, 't', (uint64_t)manager, (uint64_t)index);

	snprintf(id, 64, "10.%d.%d.%d:%d-%06llx", manager / 250 % 250, manager % 250, index % 250,
		40000 + index, (unsigned long long)(h & 0xffffff));
}

static void say_resource(const char *name, int slots, struct buf *out)
{
	buf_addf(out,
		"\"%s\":{\"cpuCores\":%d.0,\"taskHeapMemory\":%d,\"taskOffHeapMemory\":0,"
		"\"managedMemory\":%d,\"networkMemory\":%d,\"extendedResources\":{}}",
		name, slots, slots * 384, slots * 410, slots * 102);
}

/* Slots in use, of those before it taken first. */
static int busy_slots(const struct sim_census *census, int index)
{
	int left = census->slots_used - index * census->slots_each;

	return left < 0 ? 0 : left < census->slots_each ? left : census->slots_each;
}

/* All but the last brace. */
static void say_row(const struct sim *sim, int manager, const struct sim_census *census, int index,
	struct buf *out)
{
	const char *akka = sim_is_since(sim, manager, "1.18") ? "pekko" : "akka";
	int64_t beat_ms = sim->options.epoch_ms + sim_now_ms(sim) / 10000 * 10000;
	int slots = census->slots_each, busy = busy_slots(census, index);
	char id[64];

	say_taskmanager_id(sim, manager, index, id);
	buf_addf(out,
		"{\"id\":\"%s\",\"path\":\"%s.tcp://flink@10.%d.%d.%d:%d/user/rpc/"
		"taskmanager_0\",\"dataPort\":%d,\"jmxPort\":-1,"
		"\"timeSinceLastHeartbeat\":%lld,\"slotsNumber\":%d,\"freeSlots\":%d,",
		id, akka, manager / 250 % 250, manager % 250, index % 250, 40000 + index,
		41000 + index, (long long)beat_ms, slots, slots - busy);
	say_resource("totalResource", slots, out);
	buf_addc(out, ',');
	say_resource("freeResource", slots - busy, out);
	buf_addf(out,
		",\"hardware\":{\"cpuCores\":%d,\"physicalMemory\":%lld,\"freeMemory\":%lld,"
		"\"managedMemory\":%lld},\"memoryConfiguration\":{\"frameworkHeap\":"
		"134217728,\"taskHeap\":%lld,\"frameworkOffHeap\":134217728,"
		"\"taskOffHeap\":0,\"networkMemory\":%lld,\"managedMemory\":%lld,"
		"\"jvmMetaspace\":268435456,\"jvmOverhead\":201326592,"
		"\"totalFlinkMemory\":%lld,\"totalProcessMemory\":%lld}",
		slots, slots * 2048LL << 20, slots * 800LL << 20, slots * 410LL << 20,
		slots * 384LL << 20, slots * 102LL << 20, slots * 410LL << 20,
		(slots * 896LL + 256) << 20, (slots * 896LL + 704) << 20);
}

void say_taskmanagers(const struct sim *sim, int manager, struct buf *out)
{
	struct sim_census census = sim_census(sim, manager);

	buf_adds(out, "{\"taskmanagers\":[");
	for (int i = 0; i < census.taskmanagers; i++) {
		buf_adds(out, i ? "," : "");
		say_row(sim, manager, &census, i, out);
		buf_addc(out, '}');
	}
	buf_adds(out, "]}");
}

/* ---- one ---- */

/* Jobs take the slots one after the other. */
static void say_allocated(const struct sim *sim, int manager, const struct sim_census *census,
	int index, struct buf *out)
{
	int from = index * census->slots_each, to = from + busy_slots(census, index), at = 0;
	int64_t now_ms = sim_now_ms(sim);
	const char *between = "";

	buf_adds(out, ",\"allocatedSlots\":[");
	for (int i = sim_first(sim, manager); i >= 0 && at < to; i = sim_next(sim, manager, i)) {
		struct sim_job job;

		sim_job(sim, i, now_ms, &job);
		for (int k = 0; job.status == JOB_RUNNING && k < job.parallelism; k++, at++) {
			if (at < from || at >= to)
				continue;
			buf_addf(out, "%s{\"jobId\":\"%s\",", between, job.id);
			say_resource("resource", 1, out);
			buf_addc(out, '}');
			between = ",";
		}
	}
	buf_addc(out, ']');
}

struct jvm {
	long long heap_max, heap_used;
	long long young, young_ms, old, old_ms; /* collections */
	bool has_all;                           /* a row that sums them up */
};

/* It fills until the next collection; one of eight has little left. */
static struct jvm jvm_of(const struct sim *sim, int manager, int index, int slots)
{
	uint64_t h = sim_hash(sim, 'h', (uint64_t)manager, (uint64_t)index);
	int64_t up_ms = sim_now_ms(sim) + (int64_t)(h % 86400000);
	int kept = h % 8 ? 20 + (int)(h / 8 % 40) : 88;
	struct jvm jvm = {.heap_max = (slots * 384LL + 128) << 20};

	jvm.heap_used = jvm.heap_max / 100 * kept +
		jvm.heap_max / 10 * (up_ms % YOUNG_EVERY_MS) / YOUNG_EVERY_MS;
	jvm.young = up_ms / YOUNG_EVERY_MS;
	jvm.young_ms = jvm.young * (h % 8 ? 30 : 700);
	jvm.old = up_ms / OLD_EVERY_MS;
	jvm.old_ms = jvm.old * 400;
	jvm.has_all = sim_is_since(sim, manager, "1.18");
	return jvm;
}

static void say_load(const struct jvm *jvm, bool is_2, struct buf *out)
{
	buf_addf(out,
		",\"metrics\":{\"heapUsed\":%lld,\"heapCommitted\":%lld,\"heapMax\":%lld,"
		"\"nonHeapUsed\":104857600,\"nonHeapCommitted\":115343360,\"nonHeapMax\":780140544,"
		"\"directCount\":3210,\"directUsed\":107374182,\"directMax\":107374181,"
		"\"mappedCount\":0,\"mappedUsed\":0,\"mappedMax\":0,",
		jvm->heap_used, jvm->heap_max, jvm->heap_max);
	if (!is_2)
		buf_adds(out, "\"memorySegmentsAvailable\":3200,\"memorySegmentsTotal\":3264,");
	buf_adds(out,
		"\"nettyShuffleMemorySegmentsAvailable\":3200,\"nettyShuffleMemorySegmentsUsed\":"
		"64,"
		"\"nettyShuffleMemorySegmentsTotal\":3264,\"nettyShuffleMemoryAvailable\":"
		"104857600,"
		"\"nettyShuffleMemoryUsed\":2097152,\"nettyShuffleMemoryTotal\":106954752,"
		"\"garbageCollectors\":[");
	if (jvm->has_all)
		buf_addf(out, "{\"name\":\"All\",\"count\":%lld,\"time\":%lld},",
			jvm->young + jvm->old, jvm->young_ms + jvm->old_ms);
	buf_addf(out,
		"{\"name\":\"G1_Young_Generation\",\"count\":%lld,\"time\":%lld},"
		"{\"name\":\"G1_Old_Generation\",\"count\":%lld,\"time\":%lld}]}",
		jvm->young, jvm->young_ms, jvm->old, jvm->old_ms);
}

static bool is_asked_for(const char *query, const char *name)
{
	const char *at = strstr(query, name);

	return at && (at[strlen(name)] == ',' || at[strlen(name)] == '&' || !at[strlen(name)]);
}

/* Without ?get= the names alone. */
static void say_metrics_of(const struct jvm *jvm, const char *query, struct buf *out)
{
	const struct {
		const char *name;
		double value;
	} all[] = {
		{"Status.JVM.Memory.Heap.Used", (double)jvm->heap_used},
		{"Status.JVM.Memory.Heap.Max", (double)jvm->heap_max},
		{"Status.JVM.CPU.Load", 0.25},
		{"Status.JVM.GarbageCollector.G1_Young_Generation.Count", (double)jvm->young},
		{"Status.JVM.GarbageCollector.G1_Young_Generation.Time", (double)jvm->young_ms},
		{"Status.JVM.GarbageCollector.G1_Old_Generation.Count", (double)jvm->old},
		{"Status.JVM.GarbageCollector.G1_Old_Generation.Time", (double)jvm->old_ms},
	};
	const char *between = "";

	buf_addc(out, '[');
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (*query && !is_asked_for(query, all[i].name))
			continue;
		buf_addf(out, "%s{\"id\":\"%s\"", between, all[i].name);
		if (*query)
			buf_addf(out, ",\"value\":\"%.15g\"", all[i].value);
		buf_addc(out, '}');
		between = ",";
	}
	buf_addc(out, ']');
}

/* ---- logs ---- */

/* The same lines at each asking, as far as the time has come. */
static void say_log(const struct sim *sim, const char *class, struct buf *out)
{
	int64_t now_s = sim_now_ms(sim) / 1000;

	for (int64_t s = now_s > LOG_LINES ? now_s - LOG_LINES : 0; s <= now_s; s++)
		buf_addf(out, "2026-01-01 %02d:%02d:%02d,000 INFO  %s [] - tick %lld\n",
			(int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60), class,
			(long long)s);
}

/* rest: "logs", "logs/:name" or "log". */
static int say_logs(const struct sim *sim, const char *rest, const char *process, const char *class,
	struct buf *out)
{
	int64_t wall_ms = sim->options.epoch_ms + sim_now_ms(sim);
	struct buf log;
	char file[64];

	buf_init(&log, 0);
	say_log(sim, class, &log);
	snprintf(file, sizeof(file), "logs/%s.log", process);
	if (str_eq(rest, "logs"))
		buf_addf(out,
			"{\"logs\":[{\"name\":\"%s.out\",\"size\":0,\"mtime\":%lld},"
			"{\"name\":\"%s.log\",\"size\":%zu,\"mtime\":%lld}]}",
			process, (long long)sim->options.epoch_ms, process, log.len,
			(long long)wall_ms);
	else if (str_eq(rest, "log") || str_eq(rest, file))
		buf_adds(out, buf_str(&log));
	else
		buf_adds(out, "{\"errors\":[\"This file does not exist in JobManager log dir.\"]}");
	buf_release(&log);
	return out->len && str_starts(buf_str(out), "{\"errors\"") ? 404 : 200;
}

int say_of_jobmanager(
	const struct sim *sim, int manager, const char *rest, struct buf *out, enum sim_path *path)
{
	(void)manager;
	*path = PATH_LOGS;
	return say_logs(sim, rest, "jobmanager",
		"org.apache.flink.runtime.checkpoint.CheckpointCoordinator", out);
}

static int find(const struct sim *sim, int manager, const struct sim_census *census, const char *id)
{
	char own[64];

	for (int i = 0; i < census->taskmanagers; i++) {
		say_taskmanager_id(sim, manager, i, own);
		if (str_eq(own, id))
			return i;
	}
	return -1;
}

int say_of_taskmanager(const struct sim *sim, int manager, const char *rest, const char *query,
	struct buf *out, enum sim_path *path)
{
	struct sim_census census = sim_census(sim, manager);
	size_t len = strcspn(rest, "/");
	const char *deeper = rest[len] ? rest + len + 1 : "";
	char id[64];
	int index;

	snprintf(id, sizeof(id), "%.*s", (int)len, rest);
	*path = str_starts(deeper, "log") ? PATH_LOGS : PATH_TASKMANAGER;
	index = find(sim, manager, &census, id);
	if (index < 0) {
		buf_addf(out,
			"{\"errors\":[\"Internal server error.\",\"<Exception on server "
			"side:\\norg."
			"apache.flink.runtime.resourcemanager.exceptions."
			"UnknownTaskExecutorException:"
			" No TaskExecutor registered under %s.\"]}",
			id);
		return 500;
	}
	if (*path == PATH_LOGS)
		return say_logs(sim, deeper, "taskmanager",
			"org.apache.flink.runtime.taskexecutor.TaskExecutor", out);
	struct jvm jvm = jvm_of(sim, manager, index, census.slots_each);
	if (str_eq(deeper, "metrics")) {
		say_metrics_of(&jvm, query, out);
		return 200;
	}
	say_row(sim, manager, &census, index, out);
	say_allocated(sim, manager, &census, index, out);
	say_load(&jvm, sim_is_since(sim, manager, "2"), out);
	buf_addc(out, '}');
	return 200;
}
