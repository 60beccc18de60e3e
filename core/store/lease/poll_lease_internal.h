/* Between store.c and poll_lease.c. */
#ifndef WEIR_STORE_LEASE_POLL_LEASE_INTERNAL_H
#define WEIR_STORE_LEASE_POLL_LEASE_INTERNAL_H

#include "core/store/disk.h"
#include "core/store/lease/poll_lease.h"

struct poll_lease;
struct poll_lease *poll_lease_new(struct loop *loop, struct store *store);
/* The lane is gone: gives the row back. */
void poll_lease_end(struct poll_lease *lease, struct disk *disk);
void poll_lease_stop(struct poll_lease *lease); /* no further look */
void poll_lease_free(struct poll_lease *lease);
/* Are batches handed to the lane (whose fence has the last word)? */
bool poll_lease_may_write(const struct poll_lease *lease);
/* Is what changes kept for a batch: by who polls, or may have to. */
bool poll_lease_notes(const struct poll_lease *lease);
/* The lane refused a batch: look now. */
void poll_lease_doubt(struct poll_lease *lease);
/* Refs of the applications whose cards others show; NULL = none. */
const struct map *poll_lease_cards(const struct poll_lease *lease);
/* Another process shows something of what this one polls. */
bool poll_lease_is_followed(const struct poll_lease *lease);

/* store.c, for poll_lease.c */
struct poll_lease *store_lease(const struct store *store);
/* What was noted is another one's to write, or ours again. */
void store_drop_notes(struct store *store);
/* As after a batch: err NULL = that file works. */
void store_told(struct store *store, enum store_file file, const struct err *err);

#endif
