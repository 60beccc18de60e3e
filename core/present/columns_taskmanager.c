/* The columns of a TaskManager: what its JobManager says of it, and what it says of its own JVM. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/cluster.h"
#include "core/present/value.h"

#define ITEM(name) const struct taskmanager_item *name = item
#define UNUSED_ENV (void)env

/* Of its heap in per cent; of a minute in milliseconds. */
#define HEAP_FULL 90
#define GC_MUCH_MS 6000
#define GC_TOO_MUCH_MS 15000

#define TEXT_GETTER(name, field)                                                                   \
	static struct value get_##name(const void *item, const struct present_env *env)            \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		ITEM(one);                                                                         \
		return value_of_text(one->field);                                                  \
	}
/* -1 is not known. */
#define NUMBER_GETTER(name, type, field)                                                           \
	static struct value get_##name(const void *item, const struct present_env *env)            \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		ITEM(one);                                                                         \
		return value_of_number(type, one->field);                                          \
	}

TEXT_GETTER(id, told.id)
TEXT_GETTER(host, told.host)
TEXT_GETTER(cluster, cluster)
TEXT_GETTER(context, context)
NUMBER_GETTER(slots_free, VALUE_INT, told.slots_free)
NUMBER_GETTER(slots_total, VALUE_INT, told.slots_total)
NUMBER_GETTER(heap_used, VALUE_BYTES, load.heap_used_bytes)
NUMBER_GETTER(heap_max, VALUE_BYTES, load.heap_max_bytes)
NUMBER_GETTER(nonheap, VALUE_BYTES, load.nonheap_used_bytes)
NUMBER_GETTER(direct, VALUE_BYTES, load.direct_used_bytes)
NUMBER_GETTER(managed, VALUE_BYTES, told.managed_bytes)
NUMBER_GETTER(network, VALUE_BYTES, told.network_bytes)
NUMBER_GETTER(physical, VALUE_BYTES, told.physical_bytes)
NUMBER_GETTER(gc_count, VALUE_INT, load.gc_count)
NUMBER_GETTER(gc_ms, VALUE_DURATION_MS, load.gc_ms)

/* What is set aside for slots in use. */
static struct value get_managed_used(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	int64_t free_bytes = one->told.managed_free_bytes, bytes = one->told.managed_bytes;

	return value_of_number(
		VALUE_BYTES, free_bytes >= 0 && bytes >= free_bytes ? bytes - free_bytes : -1);
}

static struct value get_gc_a_minute(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	return value_of_number(VALUE_DURATION_MS, (int64_t)one->gc_ms_a_minute);
}

static struct value get_cpu(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	return value_of_number(VALUE_INT, (int64_t)one->told.cpu_cores);
}

static struct value get_heartbeat(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	return value_of_time(one->told.heartbeat_ms);
}

/* Flink tells nobody when one began: this is for how long weir has seen it. */
static struct value get_since(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	if (one->was_there_earlier && one->since_ms >= one->observed_ms)
		return value_null();
	return value_of_time(one->since_ms);
}

static void text_since(const void *item, const struct present_env *env, struct buf *out)
{
	ITEM(one);
	struct value since = get_since(item, env);

	buf_adds(out, since.type != VALUE_NULL && one->was_there_earlier ? ">" : "");
	value_text(&since, env, out);
}

static void add_of(
	struct value part, struct value whole, const struct present_env *env, struct buf *out)
{
	value_text(&part, env, out);
	if (part.type == VALUE_NULL && whole.type == VALUE_NULL)
		return;
	buf_addc(out, '/');
	value_text(&whole, env, out);
}

static void text_heap(const void *item, const struct present_env *env, struct buf *out)
{
	ITEM(one);
	struct value max = get_heap_max(item, env);

	/* Until it has told, what it was configured with. */
	if (max.type == VALUE_NULL)
		max = value_of_number(VALUE_BYTES, one->told.heap_bytes);
	add_of(get_heap_used(item, env), max, env, out);
}

static enum tone tone_heap(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	const struct taskmanager_load *load = &one->load;

	return load->heap_max_bytes > 0 &&
			load->heap_used_bytes / (load->heap_max_bytes / 100 + 1) >= HEAP_FULL
		? TONE_WARN
		: TONE_NORMAL;
}

static void text_managed(const void *item, const struct present_env *env, struct buf *out)
{
	add_of(get_managed_used(item, env), get_managed(item, env), env, out);
}

static enum tone tone_slots(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	return one->told.slots_free == 0 ? TONE_WARN : TONE_NORMAL;
}

static enum tone tone_gc(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ITEM(one);
	return one->gc_ms_a_minute >= GC_TOO_MUCH_MS ? TONE_ERROR
		: one->gc_ms_a_minute >= GC_MUCH_MS  ? TONE_WARN
						     : TONE_NORMAL;
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("id", N_("TASKMANAGER"), get_id, 14, 40, 1)},
	{COLUMN("host", N_("HOST"), get_host, 10, 30, 4)},
	{COLUMN("slotsFree", N_("FREE"), get_slots_free, 4, 5, 2), .is_right = true,
		.tone = tone_slots},
	{COLUMN("slotsTotal", N_("SLOTS"), get_slots_total, 5, 5, 2), .is_right = true},
	{COLUMN("heapUsedBytes", N_("HEAP"), get_heap_used, 13, 19, 1), .word = "heap",
		.is_right = true, .text = text_heap, .tone = tone_heap, .is_restless = true},
	{COLUMN("managedUsedBytes", N_("MANAGED"), get_managed_used, 13, 19, 3), .word = "managed",
		.is_right = true, .text = text_managed},
	{COLUMN("gcMsPerMinute", N_("GC/MIN"), get_gc_a_minute, 6, 7, 2), .word = "gc/min",
		.is_right = true, .tone = tone_gc, .is_restless = true},
	{COLUMN("gcMs", N_("GC"), get_gc_ms, 5, 7, 4), .word = "gc", .is_right = true,
		.is_restless = true},
	{COLUMN("seenSinceMs", N_("UPTIME"), get_since, 6, 8, 3), .word = "uptime",
		.is_right = true, .text = text_since, .is_restless = true},
	{COLUMN("heartbeatAtMs", N_("BEAT"), get_heartbeat, 4, 6, 6), .word = "beat",
		.is_right = true, .is_restless = true},
	{COLUMN("cpuCores", N_("CPUS"), get_cpu, 4, 4, 7), .is_right = true, .is_wide = true},
	{COLUMN("physicalBytes", N_("MACHINE"), get_physical, 7, 9, 7), .is_right = true,
		.is_wide = true},
	{COLUMN("networkBytes", N_("NETWORK"), get_network, 7, 9, 7), .is_right = true,
		.is_wide = true},
	{COLUMN("nonHeapUsedBytes", N_("NON-HEAP"), get_nonheap, 8, 9, 7), .is_right = true,
		.is_wide = true},
	{COLUMN("directUsedBytes", N_("DIRECT"), get_direct, 7, 9, 7), .is_right = true,
		.is_wide = true},
	{COLUMN("gcCount", N_("GCS"), get_gc_count, 4, 7, 7), .is_right = true, .is_wide = true},
	{COLUMN("cluster", N_("CLUSTER"), get_cluster, 8, 24, 8), .is_wide = true},
	{COLUMN("context", N_("CONTEXT"), get_context, 7, 16, 9), .is_wide = true},
	{.key = "heapMaxBytes", .get = get_heap_max},
	{.key = "managedBytes", .get = get_managed},
};

static void filter_text(const void *item, struct buf *out)
{
	ITEM(one);

	buf_addf(out, "%s\n%s\n", one->told.id, one->told.host ? one->told.host : "");
}

static bool is_stale(const void *item, const struct present_env *env)
{
	ITEM(one);

	return env->now_ms - one->observed_ms > 3 * env->stale_ms;
}

const struct column_table taskmanager_table = {
	.kind = "TaskManagerList",
	.name = "taskmanagers",
	.item_name = N_("TaskManager"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX,
	.filter_text = filter_text,
	.is_stale = is_stale,
};
