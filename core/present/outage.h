/*
 * Many clusters that cannot be asked for one reason (a name server, a network, a VPN that is down) are one
 * message, not as many.
 */
#ifndef WEIR_PRESENT_OUTAGE_H
#define WEIR_PRESENT_OUTAGE_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/fleet/fleet.h"

/* So many with one reason are told together. */
#define OUTAGE_LEAST 4

struct outage_member {
	const struct cluster *cluster; /* borrowed */
	char *text;                    /* what it said, all of it */
};
struct outage {
	char *reason; /* "host name not found" */
	VEC(struct outage_member) members;
};
/* By reason, in the order of the first of each: map_each over struct outage. */
struct map *outages_new(void);
void outages_add(struct map *outages, const struct cluster *cluster, const char *text);
void outages_free(struct map *outages);
/* Is it told as one? Then out is "1000 clusters: host name not found: jm-1, jm-2, jm-3, ..." */
bool outage_text(const struct outage *outage, struct buf *out);
/* What is a cluster's own is left out: "GET http://a:8081/jobs: host name 'a' not found" → "host name not
   found". malloc'd. */
char *outage_reason(const char *text);

#endif
