/* An owner in a row of a table: one place for its columns. */
#ifndef WEIR_STORE_LEASE_OWNER_ROW_H
#define WEIR_STORE_LEASE_OWNER_ROW_H

#include <sqlite3.h>

#include "core/store/lease/owner.h"

/* In this order, by owner_bind() and owner_read(); when it was last heard of is kept elsewhere. */
#define OWNER_COLUMNS "host, boot, pid_space, pid, pid_start"
#define OWNER_COLUMNS_COUNT 5

void owner_bind(sqlite3_stmt *stmt, int at, const struct owner *owner);
void owner_read(sqlite3_stmt *stmt, int column, struct owner *out);

#endif
