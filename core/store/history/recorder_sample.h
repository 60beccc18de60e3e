/*
 * From Flink's counters to rates: what a job's vertices counted between two answers about it. Costs no
 * request: /jobs/:id, which is asked for anyway, carries them.
 *
 *	struct sample_mark mark = {0};
 *	if (sample_take(&mark, time_ms, &detail, &sample))    at most one for each SAMPLE_RAW_MS
 *	sample_mark_release(&mark);
 */
#ifndef WEIR_STORE_HISTORY_RECORDER_SAMPLE_H
#define WEIR_STORE_HISTORY_RECORDER_SAMPLE_H

#include <stdbool.h>

#include "core/base/vec.h"
#include "core/model/history.h"
#include "core/model/job.h"

/* Two answers that lie further apart tell of no moment. */
#define SAMPLE_GAP_MS SAMPLE_TEN_MS

/* There are some for each job: the vertex is known by a hash of its id. */
struct counters {
	uint32_t vertex;
	int64_t records_in, records_out, busy_ms, backpressured_ms, idle_ms;
};

/* What a source said last of how far behind it is. */
struct lag {
	char id[JOB_ID_LEN + 1];
	int64_t records, ms, at_ms;
};
/* So long that is true: sources are asked in turn. */
#define LAG_KEPT_MS (2 * SAMPLE_MINUTE_MS)

struct sample_mark {
	int64_t time_ms; /* of the answer that is compared with; 0 = none yet */
	VEC(struct counters) vertices;
	VEC(struct lag) lags;
};

void sample_mark_release(struct sample_mark *mark);
/* The answer that came at time_ms. True: a sample of the time since the mark; ref and checkpoints
 * are the caller's part. The mark is moved when it is time. */
bool sample_take(struct sample_mark *mark, int64_t time_ms, const struct job_detail *detail,
	struct sample *out);

#endif
