/* See owner_row.h. */
#include "core/store/lease/owner_row.h"

#include <stdio.h>

#include "core/store/db/db.h"

void owner_bind(sqlite3_stmt *stmt, int at, const struct owner *owner)
{
	db_bind_text(stmt, at, owner->host);
	db_bind_text(stmt, at + 1, owner->boot);
	db_bind_text(stmt, at + 2, owner->pid_space);
	sqlite3_bind_int64(stmt, at + 3, owner->pid);
	db_bind_text(stmt, at + 4, owner->pid_start);
}

static void copy_text(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, size, "%s", text ? text : "");
}

void owner_read(sqlite3_stmt *stmt, int column, struct owner *out)
{
	copy_text(stmt, column, out->host, sizeof(out->host));
	copy_text(stmt, column + 1, out->boot, sizeof(out->boot));
	copy_text(stmt, column + 2, out->pid_space, sizeof(out->pid_space));
	out->pid = sqlite3_column_int64(stmt, column + 3);
	copy_text(stmt, column + 4, out->pid_start, sizeof(out->pid_start));
}
