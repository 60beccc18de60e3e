/*
 * The row of the poller in cache.db (table `poller`, always there), and what consoles want of it
 * (table `want`). Blocking: on the store's lane. What the epoch is for: poll_lease.h.
 */
#ifndef WEIR_STORE_LEASE_POLL_LEASE_DISK_H
#define WEIR_STORE_LEASE_POLL_LEASE_DISK_H

#include "core/store/disk.h"
#include "core/store/lease/owner.h"

struct poller_row {
	int64_t epoch;       /* raised by each take-over */
	int64_t beat;        /* moves while its owner lives */
	int64_t seq;         /* of the last write of rows (table `change`) */
	int64_t trimmed_seq; /* what changed up to this one is no longer told there */
	struct owner owner;  /* host "" = nobody; its own beats are not kept */
};

int poller_read(struct db *cache, struct poller_row *out, struct err *err);
/* Nobody holds it, or the process that did is gone. */
bool poller_is_free(const struct poller_row *row, const struct owner *self);
/*
 * Takes the row over when it is free, or (is_stale) still is what `seen` says. *epoch: ours from now
 * on, 0 = somebody else has it.
 */
int poller_claim(struct db *cache, const struct poller_row *seen, bool is_stale,
	const struct owner *self, int64_t *epoch, struct err *err);
/* *is_lost: another one has it now. */
int poller_beat(struct db *cache, int64_t epoch, bool *is_lost, struct err *err);
int poller_release(struct db *cache, int64_t epoch, struct err *err);

/*
 * Who may write: asked inside the transaction of each batch, and of each step that trims. The poller
 * passes while the epoch is its own, one that only looks in (a command) while nobody polls. E_CANCELED:
 * the batch must not be written any more. has_cache: cache.db is open, from before the transaction;
 * without it there is nobody to poll for others. *has_events (may be NULL): its events too; not those
 * of one that looks in when another one has written since it read, for they may have been told by that
 * one.
 */
int fence_pass(struct disk *disk, bool has_cache, bool *has_events, struct err *err);
/* Before the commit of cache.db: those who follow are to see it. */
int fence_wrote(struct disk *disk, struct err *err);
void fence_committed(struct disk *disk); /* after it */

/*
 * What changed is told for this many writes (at most two a second), and who follows looks four times a
 * second. One that slept longer finds its last number at or before trimmed_seq, and reads everything
 * anew: the same road as its first look, on which what is not listed is gone.
 */
#define CHANGES_KEPT 1000
/* In a transaction on cache.db: forgets what changed before. */
int changes_trim(struct db *cache, struct err *err);

/* What one process wants to see in detail, and how often it asked for everything (`r`). */
struct want {
	int64_t asked;
	const char *focus; /* ref of the card in front, or NULL */
	const char **refs; /* of the lines on the screen */
	size_t ref_count;
};
/* owner: one of our process, by this name. */
int want_write(struct db *cache, const char *owner, const struct owner *self,
	const struct want *want, struct err *err);
int want_remove(struct db *cache, const char *owner, struct err *err);
typedef VEC(struct want) want_vec;
/* Those of others than `owner`; of processes that are gone they are removed. In the arena. */
int want_read(struct db *cache, const char *owner, const struct owner *self, struct arena *arena,
	want_vec *out, struct err *err);

#endif
