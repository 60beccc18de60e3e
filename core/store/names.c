/*
 * One SELECT of each of the two files, of short columns alone. Whose a job is, is told by what the
 * model goes by first: the name that its application's file says, or a start of ours. What that gets
 * wrong (a name with variables) is one name too many for Tab, which the verb then refuses.
 */
#include "core/store/names.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/disk.h"

struct names {
	const char *dir, *typed;
	struct map *taken; /* "cluster/jobName" and ids of jobs that are an application's */
	store_name_fn fn;
	void *data;
};

static void tell(struct names *names, const char *name)
{
	size_t len = strlen(names->typed);

	for (const char *part = name; part; part = strchr(part, '/'), part += part != NULL)
		if (strncmp(part, names->typed, len) == 0) {
			names->fn(names->data, name);
			return;
		}
}

static void take(struct names *names, const char *word)
{
	if (word)
		map_put(names->taken, word, names);
}

/* ---- rows; a column may be NULL ---- */

static void on_name(struct names *names, const char *name, const char *other)
{
	(void)other;
	if (name)
		tell(names, name);
}

static void on_app(struct names *names, const char *name, const char *job)
{
	tell(names, name);
	take(names, job);
}

static void on_started(struct names *names, const char *id, const char *other)
{
	(void)other;
	take(names, id);
}

static void on_job_of_nobody(struct names *names, const char *name, const char *id)
{
	if (name && id && !map_get(names->taken, name) && !map_get(names->taken, id))
		tell(names, name);
}

static void on_job(struct names *names, const char *name, const char *id)
{
	if (name)
		tell(names, name);
	if (id && *names->typed)
		tell(names, id);
}

#define JOBS "SELECT cluster || '/' || name, id FROM job ORDER BY rowid"

static const struct reading {
	const char *kind;
	const struct db_schema *schema;
	const char *sql;
	void (*on_row)(struct names *names, const char *first, const char *second);
} readings[] = {
	{"apps", &registry_schema,
		"SELECT team || '/' || name, cluster || '/' || coalesce(job_name, name)"
		" FROM application ORDER BY id",
		on_app},
	{"apps", &registry_schema,
		"SELECT start_job_id, NULL FROM run WHERE start_job_id IS NOT NULL", on_started},
	{"apps", &cache_schema, JOBS, on_job_of_nobody},
	{"jobs", &cache_schema, JOBS, on_job},
	{"teams", &registry_schema, "SELECT name, NULL FROM team ORDER BY id", on_name},
	{"clusters", &cache_schema, "SELECT name, NULL FROM cluster ORDER BY id", on_name},
	{"clusters", &registry_schema, "SELECT name, NULL FROM run_cluster", on_name},
};

static int read_rows(struct names *names, const struct reading *reading, struct err *err)
{
	char *path = xasprintf("%s/%s", names->dir, reading->schema->name);
	struct err why = {0};
	sqlite3 *handle = db_look(path, &why);
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (!handle) {
		free(path);
		if (why.code != E_NOTFOUND && err)
			*err = why;
		return why.code == E_NOTFOUND ? 0 : why.code;
	}
	rc = sqlite3_prepare_v2(handle, reading->sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			reading->on_row(names, (const char *)sqlite3_column_text(stmt, 0),
				(const char *)sqlite3_column_text(stmt, 1));
	}
	rc = rc == SQLITE_DONE ? 0
			       : err_set(err, E_INTERNAL, "%s: %s", path, sqlite3_errmsg(handle));
	sqlite3_finalize(stmt);
	sqlite3_close(handle);
	free(path);
	return rc;
}

int store_names(const char *dir, const char *kind, const char *typed, store_name_fn fn, void *data,
	struct err *err)
{
	struct names names = {
		.dir = dir, .typed = typed, .taken = map_new(), .fn = fn, .data = data};
	bool is_known = false;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(readings) && rc == 0; i++) {
		if (!str_eq(readings[i].kind, kind))
			continue;
		is_known = true;
		rc = read_rows(&names, &readings[i], err);
	}
	map_free(names.taken);
	return is_known ? rc : err_set(err, E_ARG, _("no names of '%s' are remembered"), kind);
}
