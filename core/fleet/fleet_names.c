/*
 * How many live jobs of a context have a name, on whatever clusters: counted from the first time that somebody
 * asks, then kept up with each job that begins, ends, or is tied to another application. A number for a hash of
 * 64 bits: a map of names would hold each once more.
 */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"

#define SLOTS_MIN 64

/* What a job adds to its name. */
enum { COUNTED_NOT, COUNTED_LIVE, COUNTED_RUN };

struct name_count {
	uint64_t hash;      /* 0 = a free place */
	uint32_t live, own; /* own: of these, runs that their applications show */
};

static uint64_t hash_of(const struct job *job)
{
	uint32_t seed = str_hash(job->cluster->context, 0);
	uint64_t hash = (uint64_t)str_hash(job->name, seed) << 32 | str_hash(job->name, ~seed);

	return hash ? hash : 1;
}

static struct name_count *place_of(const struct fleet_names *names, uint64_t hash)
{
	size_t at = (size_t)hash & (names->size - 1);

	while (names->slots[at].hash && names->slots[at].hash != hash)
		at = (at + 1) & (names->size - 1);
	return &names->slots[at];
}

/* Names that nobody has any more stay behind. */
static void grow(struct fleet_names *names)
{
	struct fleet_names next = {.size = SLOTS_MIN};
	size_t live = 0;

	for (size_t i = 0; i < names->size; i++)
		live += names->slots[i].live > 0;
	while (next.size < 2 * live)
		next.size *= 2;
	next.slots = xcalloc(next.size, sizeof(*next.slots));
	for (size_t i = 0; i < names->size; i++) {
		if (!names->slots[i].live)
			continue;
		*place_of(&next, names->slots[i].hash) = names->slots[i];
		next.used++;
	}
	free(names->slots);
	*names = next;
}

static void count(struct fleet *fleet, struct job_entry *entry, uint8_t as)
{
	struct name_count *name;

	if (entry->counted_as == as)
		return;
	if (4 * fleet->names.used >= 3 * fleet->names.size)
		grow(&fleet->names);
	name = place_of(&fleet->names, hash_of(&entry->pub));
	fleet->names.used += !name->hash;
	name->hash = hash_of(&entry->pub);
	name->live += (uint32_t)((as != COUNTED_NOT) - (entry->counted_as != COUNTED_NOT));
	name->own += (uint32_t)((as == COUNTED_RUN) - (entry->counted_as == COUNTED_RUN));
	entry->counted_as = as;
}

void fleet_count_name(struct fleet *fleet, struct job *job)
{
	bool is_live = job_is_live(job) && !job_is_ending(job->summary.status);
	bool is_run = is_live && job->app && job->app->decl && job->app->job == job;

	if (fleet->names.slots)
		count(fleet, (struct job_entry *)job,
			is_run            ? COUNTED_RUN
				: is_live ? COUNTED_LIVE
					  : COUNTED_NOT);
}

void fleet_uncount_name(struct fleet *fleet, struct job *job)
{
	if (fleet->names.slots)
		count(fleet, (struct job_entry *)job, COUNTED_NOT);
}

void fleet_names_release(struct fleet *fleet)
{
	free(fleet->names.slots);
	fleet->names = (struct fleet_names){0};
}

int job_copies(const struct job *job)
{
	struct fleet *fleet = ((const struct cluster_entry *)job->cluster)->fleet;
	const struct name_count *name;

	if (!fleet->names.slots) {
		const struct item_list *jobs = &fleet->lists[KIND_JOB];

		grow(&fleet->names);
		for (size_t i = 0; i < jobs->items.len; i++)
			fleet_count_name(fleet, jobs->items.data[i]);
	}
	if (((const struct job_entry *)job)->counted_as == COUNTED_NOT)
		return 1;
	name = place_of(&fleet->names, hash_of(job));
	return name->live > name->own ? (int)name->live : 1;
}
