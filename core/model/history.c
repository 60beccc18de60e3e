/* The words of the recorder. */
#include "core/model/history.h"

#include "core/base/str.h"

const char *const event_kind_words[] = {
	[EVENT_FIRST_SEEN] = "first-seen",
	[EVENT_STATE] = "state",
	[EVENT_RESTART] = "restart",
	[EVENT_FAILOVER] = "failover",
	[EVENT_JOB] = "job",
	[EVENT_DUPLICATE] = "duplicate",
	[EVENT_ADDRESS] = "address",
	[EVENT_TASKMANAGERS] = "taskmanagers",
	[EVENT_KIND_MAX] = NULL,
};

bool event_is(const struct event *event, enum event_kind kind)
{
	return str_eq(event->kind, event_kind_words[kind]);
}

int64_t sample_span_ms(int64_t back_ms)
{
	if (back_ms <= SAMPLE_RAW_KEPT_MS)
		return SAMPLE_RAW_MS;
	return back_ms <= SAMPLE_MINUTE_KEPT_MS ? SAMPLE_MINUTE_MS : SAMPLE_TEN_MS;
}
