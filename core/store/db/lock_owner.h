/* Which process keeps an SQLite file locked. */
#ifndef WEIR_STORE_DB_LOCK_OWNER_H
#define WEIR_STORE_DB_LOCK_OWNER_H

#include <stdbool.h>
#include <stdint.h>

/* 0 = nobody, or it cannot be seen. is_stopped: by a signal (SIGSTOP, Ctrl-Z). Blocking (/proc). */
int64_t lock_owner(const char *path, bool *is_stopped);

#endif
