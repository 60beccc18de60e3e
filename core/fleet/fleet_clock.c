/*
 * What people read is wall time, and ages are its difference to now. When the wall clock is set,
 * times that this process noted by it move along; what a JobManager said, what the store
 * remembers from before and what runs wrote stays.
 */
#include "core/fleet/fleet_internal.h"

static void move(const struct fleet *fleet, int64_t *time_ms, int64_t by_ms)
{
	if (*time_ms >= fleet->began_ms)
		*time_ms += by_ms;
}

static void move_job(const struct fleet *fleet, struct job_entry *entry, int64_t by_ms)
{
	move(fleet, &entry->pub.seen_ms, by_ms);
	move(fleet, &entry->pub.missing_ms, by_ms);
	move(fleet, &entry->pub.detail_ms, by_ms);
	fleet_move_lag(fleet, &entry->pub, by_ms);
	for (size_t i = 0; i < entry->samples.len; i++)
		move(fleet, &entry->samples.data[i].until_ms, by_ms);
}

void fleet_clock_set(struct fleet *fleet, int64_t by_ms)
{
	const struct item_list *lists = fleet->lists;

	for (size_t i = 0; i < lists[KIND_CLUSTER].items.len; i++) {
		struct cluster *cluster = lists[KIND_CLUSTER].items.data[i];
		move(fleet, &cluster->asked_ms, by_ms);
		move(fleet, &cluster->observed_ms, by_ms);
		move(fleet, &cluster->leaderless_ms, by_ms);
		move(fleet, &cluster->led_ms, by_ms);
	}
	for (size_t i = 0; i < lists[KIND_JOB].items.len; i++)
		move_job(fleet, lists[KIND_JOB].items.data[i], by_ms);
	for (size_t i = 0; i < lists[KIND_APP].items.len; i++)
		move(fleet, &((struct app *)lists[KIND_APP].items.data[i])->state_since_ms, by_ms);
	fleet->began_ms += by_ms;
	fleet_count_polls(fleet);
}
