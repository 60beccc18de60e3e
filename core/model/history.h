/*
 * What the flight recorder remembers: of an application (by its ref, whatever job it runs as) and of
 * the cluster it runs on. Rows of cache.db and items of the lists at once; texts NULL where nothing is
 * known, kinds and states as words. Every item begins with its ref.
 */
#ifndef WEIR_MODEL_HISTORY_H
#define WEIR_MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EVENT_FIRST_SEEN,   /* to: its state then */
	EVENT_STATE,        /* from, to: states; text: why */
	EVENT_RESTART,      /* from, to: Flink's counter; text: the exception */
	EVENT_FAILOVER,     /* the same job began anew, under a JobManager that took it over */
	EVENT_JOB,          /* from, to: job ids */
	EVENT_DUPLICATE,    /* to: live jobs (or applications) of its name */
	EVENT_ADDRESS,      /* of a cluster. from, to: URLs */
	EVENT_TASKMANAGERS, /* of a cluster. from, to: how many are registered; text: who */
	EVENT_KIND_MAX
};
extern const char *const event_kind_words[]; /* NULL-ended */

struct event {
	const char *ref; /* of the application or cluster */
	int64_t time_ms;
	const char *kind; /* one of event_kind_words */
	const char *job_id, *from, *to, *text;
};
bool event_is(const struct event *event, enum event_kind kind);

/* One that was completed or has failed; unknown sizes and durations are -1. */
struct seen_checkpoint {
	const char *ref, *job_id;
	int64_t id, trigger_ms;
	int64_t time_ms;           /* of its end; of its beginning where that is not told */
	const char *status, *kind; /* Flink's word; "checkpoint" or "savepoint" */
	int is_discarded;
	int64_t duration_ms, state_bytes, checkpointed_bytes, processed_bytes, persisted_bytes;
	int subtasks, acknowledged;
	const char *path, *failure;
};

/* All that have this fingerprint (fingerprint.h), whichever job they stopped. */
struct seen_exception {
	const char *ref, *fingerprint;
	int64_t first_ms, last_ms, count;
	/* of the last one; secrets masked, at most SEEN_TEXT_MAX bytes of the stack trace */
	const char *job_id, *name, *cause, *text, *task, *location;
};
#define SEEN_TEXT_MAX 16384

/*
 * What a job did in a span of time: sums that become rates when they are divided, and the worst of
 * what no sum says. A figure that Flink did not tell has no time (…_of_ms 0), or is -1.
 */
struct sample {
	const char *ref;
	int64_t time_ms, span_ms; /* when it begins, how long it is */
	/* What sources sent on, what the last vertices took in. */
	int64_t records_in, in_of_ms, records_out, out_of_ms;
	/* Of the busiest vertex, of the one that is held up most: milliseconds of so many. */
	int64_t busy_ms, busy_of_ms, backpressured_ms, backpressured_of_ms;
	int64_t lag_records, lag_ms; /* what waits at the sources; how old what they emit is */
	int64_t state_bytes, checkpoint_ms; /* of checkpoints: the largest, the slowest */
};
/*
 * Finer ones are kept shorter: SAMPLE_RAW_MS each for SAMPLE_RAW_KEPT_MS, then by the minute, then by
 * ten minutes for as long as all else is remembered.
 */
#define SAMPLE_RAW_MS 10000
#define SAMPLE_MINUTE_MS 60000
#define SAMPLE_TEN_MS 600000
#define SAMPLE_RAW_KEPT_MS ((int64_t)2 * 3600 * 1000)
#define SAMPLE_MINUTE_KEPT_MS ((int64_t)48 * 3600 * 1000)
/* The finest that reaches back so far. */
int64_t sample_span_ms(int64_t back_ms);

#define HISTORY_REFS_MAX 3
/* What is asked for: the newest first. */
struct history_ask {
	/* The application, and what else belongs to its history; ref_count 0 = of all. */
	const char *refs[HISTORY_REFS_MAX];
	size_t ref_count;
	int64_t since_ms, until_ms; /* 0 = open; until is not included: the next page */
	int64_t span_ms;            /* of samples: only these */
	size_t max;
};

#endif
