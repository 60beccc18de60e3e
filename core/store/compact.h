/*
 * What a console does bit by bit, at once and while consoles go on: the history is brought down to its
 * days and bytes, freed pages are given back to the disk, the registry is backed up. Blocking.
 */
#ifndef WEIR_STORE_COMPACT_H
#define WEIR_STORE_COMPACT_H

#include <stdint.h>

#include "core/base/err.h"

struct compacted {
	int64_t before_bytes, after_bytes; /* of cache.db with its log */
	int64_t backup_bytes;
};

/*
 * kept_ms, bytes: of the history, as store_limit_history(). on_step (may be NULL): told the bytes of cache.db now and then. on_notice: what was repaired on the
 * way. E_NOTFOUND: nothing is remembered there · E_TIMEOUT: another weir keeps a file locked ·
 * E_UNSUPPORTED: written by a newer weir · E_INTERNAL.
 */
int store_compact(const char *dir, const char *context, int64_t kept_ms, int64_t bytes,
	void (*on_step)(void *data, int64_t bytes),
	void (*on_notice)(void *data, const struct err *notice), void *data, struct compacted *out,
	struct err *err);

#endif
