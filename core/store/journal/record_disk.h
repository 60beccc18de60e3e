/* What the registry says of every application. Blocking: only on the store's lane. */
#ifndef WEIR_STORE_JOURNAL_RECORD_DISK_H
#define WEIR_STORE_JOURNAL_RECORD_DISK_H

#include "core/model/snapshot.h"
#include "core/store/disk.h"

/* What the file was when it was read; all 0 = never. */
struct record_version {
	int64_t others, ours; /* changes by other processes, and by this one */
	bool has_open;        /* runs: whether somebody is still at them is no change of the file */
};

/*
 * Fills the snapshot (SNAPSHOT_REGISTRY), or sets is_unchanged in it when nothing can have changed
 * since *version, which is then today's.
 */
int disk_records(
	struct disk *disk, struct record_version *version, struct snapshot *out, struct err *err);

#endif
