/*
 * How far behind the sources of a job are: what each told last, where somebody looked. A job that nobody
 * looked at costs nothing, and what is older than LAG_KEPT_MS counts as not told.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"

#define LAG_KEPT_MS 600000
/* A job has a few sources; this many tell enough. */
#define LAG_SOURCES_MAX 64

struct source_lag {
	char *vertex;
	int64_t records, ms; /* -1 = it does not say */
	int64_t told_ms;
};

struct job_lag {
	VEC(struct source_lag) sources;
};

static struct source_lag *lag_of(struct job *job, const char *vertex)
{
	struct source_lag *source;

	if (!job->lag)
		job->lag = xcalloc(1, sizeof(*job->lag));
	vec_each (source, &job->lag->sources)
		if (str_eq(source->vertex, vertex))
			return source;
	if (job->lag->sources.len == LAG_SOURCES_MAX)
		return NULL;
	vec_push(&job->lag->sources, (struct source_lag){.vertex = xstrdup(vertex)});
	return &job->lag->sources.data[job->lag->sources.len - 1];
}

void fleet_note_lag(struct job *job, const struct snapshot *snapshot)
{
	const struct job_detail *detail = &snapshot->detail;
	struct source_lag *source;

	if (!(detail->parts & JOB_PART_LAG) || !detail->lag_vertex)
		return;
	source = lag_of(job, detail->lag_vertex);
	if (!source)
		return;
	source->records = detail->lag_records;
	source->ms = detail->lag_ms;
	source->told_ms = snapshot->observed_ms;
}

void fleet_free_lag(struct job *job)
{
	struct source_lag *source;

	if (!job->lag)
		return;
	vec_each (source, &job->lag->sources)
		free(source->vertex);
	vec_release(&job->lag->sources);
	free(job->lag);
}

void fleet_move_lag(const struct fleet *fleet, struct job *job, int64_t by_ms)
{
	struct source_lag *source;

	if (!job->lag)
		return;
	vec_each (source, &job->lag->sources)
		if (source->told_ms >= fleet->began_ms)
			source->told_ms += by_ms;
}

bool job_lag(const struct job *job, int64_t now_ms, int64_t *records, int64_t *ms)
{
	const struct source_lag *source;

	*records = *ms = -1;
	if (!job->lag || job->summary.status != JOB_RUNNING || job_is_unlisted(job))
		return false;
	vec_each (source, &job->lag->sources) {
		if (now_ms - source->told_ms > LAG_KEPT_MS)
			continue;
		if (source->records >= 0)
			*records = (*records > 0 ? *records : 0) + source->records;
		if (source->ms > *ms)
			*ms = source->ms;
	}
	return *records >= 0 || *ms >= 0;
}
