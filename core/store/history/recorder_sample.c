/*
 * Flink refreshes these counters at most every ten seconds, at times of its own, and of each vertex
 * they begin anew when it restarts. So a vertex is measured by its own clock: busy, held up and idle
 * together are the time that its subtasks have counted. Where that is not told (sources of the old
 * kind say NaN) the time between the two answers stands for it.
 */
#include "core/store/history/recorder_sample.h"

#include <string.h>

#include "core/base/str.h"

/* An answer too soon after the mark: rates of less are noise. */
#define SAMPLE_LEAST_MS (SAMPLE_RAW_MS / 2)

void sample_mark_release(struct sample_mark *mark)
{
	vec_release(&mark->vertices);
	vec_release(&mark->lags);
}

static void note_lag(struct sample_mark *mark, int64_t time_ms, const struct job_detail *detail)
{
	const char *id = detail->lag_vertex;
	struct lag told = {.records = detail->lag_records, .ms = detail->lag_ms, .at_ms = time_ms};

	if (!(detail->parts & JOB_PART_LAG) || !id || strlen(id) >= sizeof(told.id))
		return;
	memcpy(told.id, id, strlen(id) + 1);
	for (size_t i = 0; i < mark->lags.len; i++)
		if (str_eq(mark->lags.data[i].id, id)) {
			mark->lags.data[i] = told;
			return;
		}
	vec_push(&mark->lags, told);
}

/* Records of all that tell, the longest time. */
static void add_lag(const struct sample_mark *mark, int64_t time_ms, struct sample *out)
{
	for (size_t i = 0; i < mark->lags.len; i++) {
		const struct lag *lag = &mark->lags.data[i];

		if (time_ms - lag->at_ms > LAG_KEPT_MS)
			continue;
		if (lag->records >= 0)
			out->lag_records =
				(out->lag_records > 0 ? out->lag_records : 0) + lag->records;
		if (lag->ms > out->lag_ms)
			out->lag_ms = lag->ms;
	}
}

static void mark_set(struct sample_mark *mark, int64_t time_ms, const struct job_detail *detail)
{
	mark->time_ms = time_ms;
	mark->vertices.len = 0;
	for (size_t i = 0; i < detail->vertex_count; i++) {
		const struct vertex *vertex = &detail->vertices[i];
		struct counters counters = {
			.records_in = vertex->read_records,
			.records_out = vertex->write_records,
			.busy_ms = vertex->busy_ms,
			.backpressured_ms = vertex->backpressured_ms,
			.idle_ms = vertex->idle_ms,
		};

		counters.vertex = vertex->id ? str_hash(vertex->id, 0) : 0;
		vec_push(&mark->vertices, counters);
	}
	vec_fit(&mark->vertices);
}

/* -1 = one of the two was not told; -2 = it began anew. */
#define ANEW (-2)
static int64_t grown(int64_t from, int64_t to)
{
	if (from < 0 || to < 0)
		return -1;
	return to < from ? ANEW : to - from;
}

static int64_t sum(int64_t a, int64_t b, int64_t c)
{
	return a < 0 || b < 0 || c < 0 ? -1 : a + b + c;
}

struct growth {
	int64_t records_in, records_out, busy_ms, backpressured_ms;
	int64_t counted_ms; /* by all its subtasks; -1 = not told */
};

static bool growth_of(
	const struct counters *from, const struct vertex *to, struct growth *out, bool *has_grown)
{
	int64_t idle_ms = grown(from->idle_ms, to->idle_ms);

	if (!to->id || from->vertex != str_hash(to->id, 0))
		return false;
	*out = (struct growth){
		.records_in = grown(from->records_in, to->read_records),
		.records_out = grown(from->records_out, to->write_records),
		.busy_ms = grown(from->busy_ms, to->busy_ms),
		.backpressured_ms = grown(from->backpressured_ms, to->backpressured_ms),
	};
	/* On 1.16 a vertex that is hardly busy may lose some of its busy time again. */
	if (out->busy_ms == ANEW)
		out->busy_ms = 0;
	if (out->records_in == ANEW || out->records_out == ANEW || out->backpressured_ms == ANEW ||
		idle_ms == ANEW)
		return false;
	out->counted_ms = sum(out->busy_ms, out->backpressured_ms, idle_ms);
	*has_grown = *has_grown || out->records_in > 0 || out->records_out > 0 ||
		out->busy_ms > 0 || out->backpressured_ms > 0 || idle_ms > 0;
	return true;
}

/* Records within `wall_ms`, at the rate that the vertex's own clock tells. */
static int64_t records_within(
	int64_t records, const struct growth *growth, const struct vertex *vertex, int64_t wall_ms)
{
	double own_ms = (double)wall_ms;

	if (growth->counted_ms > 0 && vertex->parallelism > 0)
		own_ms = (double)growth->counted_ms / vertex->parallelism;
	double value = (double)records * (double)wall_ms / own_ms;

	return value < 0x1p62 ? (int64_t)(value + 0.5) : 0;
}

static void keep_larger(int64_t *ms, int64_t *of_ms, double share, int64_t wall_ms)
{
	int64_t value = (int64_t)((share < 1 ? share : 1) * (double)wall_ms + 0.5);

	if (*of_ms == 0 || value > *ms)
		*ms = value;
	*of_ms = wall_ms;
}

static void add_vertex(struct sample *sample, const struct vertex *vertex,
	const struct growth *growth, int64_t wall_ms)
{
	double all_ms = growth->counted_ms > 0
		? (double)growth->counted_ms
		: (double)wall_ms * (vertex->parallelism > 0 ? vertex->parallelism : 1);

	/* Between the two ends of one chained vertex Flink counts nothing. */
	if (vertex->is_source)
		sample->records_in += records_within(growth->records_out, growth, vertex, wall_ms);
	if (vertex->is_sink)
		sample->records_out += records_within(growth->records_in, growth, vertex, wall_ms);
	if (growth->busy_ms >= 0)
		keep_larger(&sample->busy_ms, &sample->busy_of_ms, (double)growth->busy_ms / all_ms,
			wall_ms);
	if (growth->backpressured_ms >= 0)
		keep_larger(&sample->backpressured_ms, &sample->backpressured_of_ms,
			(double)growth->backpressured_ms / all_ms, wall_ms);
}

/* 1 = measured, 0 = Flink has not counted anew yet, -1 = not to be compared. */
static int measure(const struct sample_mark *mark, int64_t wall_ms, const struct job_detail *detail,
	struct sample *out)
{
	bool has_grown = false, has_in = false, has_out = false, lacks_in = false,
	     lacks_out = false;

	if (mark->vertices.len != detail->vertex_count)
		return -1;
	for (size_t i = 0; i < detail->vertex_count; i++) {
		const struct vertex *vertex = &detail->vertices[i];
		struct growth growth;

		if (!growth_of(&mark->vertices.data[i], vertex, &growth, &has_grown))
			return -1;
		bool is_both = vertex->is_source && vertex->is_sink;
		has_in = has_in || vertex->is_source;
		has_out = has_out || vertex->is_sink;
		lacks_in = lacks_in || is_both || (vertex->is_source && growth.records_out < 0);
		lacks_out = lacks_out || is_both || (vertex->is_sink && growth.records_in < 0);
		add_vertex(out, vertex, &growth, wall_ms);
	}
	/* A part of the sum would look like the whole. */
	out->in_of_ms = has_in && !lacks_in ? wall_ms : 0;
	out->out_of_ms = has_out && !lacks_out ? wall_ms : 0;
	out->records_in = out->in_of_ms ? out->records_in : 0;
	out->records_out = out->out_of_ms ? out->records_out : 0;
	return has_grown;
}

bool sample_take(struct sample_mark *mark, int64_t time_ms, const struct job_detail *detail,
	struct sample *out)
{
	int64_t wall_ms = time_ms - mark->time_ms;

	note_lag(mark, time_ms, detail);
	bool is_first = !mark->time_ms || wall_ms < 0 || wall_ms > SAMPLE_GAP_MS;

	if (!is_first &&
		(wall_ms < SAMPLE_LEAST_MS ||
			time_ms / SAMPLE_RAW_MS == mark->time_ms / SAMPLE_RAW_MS))
		return false;
	*out = (struct sample){.time_ms = time_ms / SAMPLE_RAW_MS * SAMPLE_RAW_MS,
		.span_ms = SAMPLE_RAW_MS,
		.lag_records = -1,
		.lag_ms = -1,
		.state_bytes = -1,
		.checkpoint_ms = -1};
	int rc = is_first ? -1 : measure(mark, wall_ms, detail, out);

	/* Nothing at all moved: it has not looked again. For a minute; then that is how it is. */
	if (rc == 0 && wall_ms < SAMPLE_MINUTE_MS)
		return false;
	add_lag(mark, time_ms, out);
	mark_set(mark, time_ms, detail);
	return rc >= 0 && detail->vertex_count > 0;
}
