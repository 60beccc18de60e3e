/*
 * TaskManagers that come and go: their number from each answer of a cluster, their names from the list
 * that is asked for when the number changes (watch/members.c), and why from the exceptions of jobs.
 * One event for what changed together, which names the first few.
 */
#ifndef WEIR_STORE_HISTORY_RECORDER_MEMBERS_H
#define WEIR_STORE_HISTORY_RECORDER_MEMBERS_H

#include "core/base/vec.h"
#include "core/fleet/fleet.h"
#include "core/store/batch.h"

/* So long a change waits for its names, and for what Flink says of those that are gone. */
#define MEMBERS_NAMES_MS 10000
#define MEMBERS_WHY_MS 6000
#define MEMBERS_NAMED 3
#define REASONS_KEPT 32

struct member {
	char *id, *host; /* host: or NULL */
};
typedef VEC(struct member) member_vec;

struct members {
	int count;             /* as told last; -1 = not yet */
	int slots, slots_free; /* by the newest word; -1 = not told */
	bool has_list;         /* the list was read, in this process */
	member_vec list, gone, come;
	/* A change that is not told yet. */
	bool is_waiting;
	int from;
	int64_t since_ms;
};

/* What Flink said of TaskManagers that it lost, the last few. */
struct reasons {
	struct reason {
		char *id, *why;
	} last[REASONS_KEPT];
	size_t next;
};

void members_init(struct members *members);
void members_release(struct members *members);
/* An answer of the cluster, or of its list of TaskManagers. cache NULL: only remembered. */
void members_note(struct members *members, const struct reasons *reasons, struct batch *cache,
	const struct snapshot *cause, const struct cluster *cluster);

/* What waits is told as it is known. */
void members_settle(struct members *members, const struct reasons *reasons, struct batch *cache,
	const char *ref);

void reasons_note(struct reasons *reasons, const struct job_detail *detail);
void reasons_release(struct reasons *reasons);

#endif
