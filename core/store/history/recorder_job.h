/* Shared by recorder.c and recorder_job.c: what is remembered of one job. */
#ifndef WEIR_STORE_HISTORY_RECORDER_JOB_H
#define WEIR_STORE_HISTORY_RECORDER_JOB_H

#include "core/fleet/fleet.h"
#include "core/model/history.h"
#include "core/store/batch.h"

struct job_mark;
struct job_mark *job_mark_new(void);
void job_mark_free(struct job_mark *mark); /* NULL-safe */
/* cache NULL: only remembered. */
void job_mark_note(struct job_mark *mark, struct batch *cache, const struct snapshot *cause,
	const struct job *job);

/* event->kind is set here; its text is masked and made one harmless line. cache NULL: nothing. */
void recorder_event(struct batch *cache, const struct event *event, enum event_kind kind);

#endif
