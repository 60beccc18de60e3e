/*
 * Each file is one row: what is so with it, worst last, so that the words that stay are those that
 * matter most. Readers of SQLite leave a file with a write-ahead log as it is; only where the folder
 * cannot be written must the log be left out, and then there is none that others still write.
 */
#include "core/store/inspect.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/store/disk.h"

#define ASIDE_MAX 32

/* ---- one file ---- */

struct inspection {
	struct kept_files *files;
	VEC(struct kept_file) items;
	const char *dir, *context;
	bool is_whole;
	void (*on_file)(void *data, const char *name);
	void *data;
};

static struct kept_file file_new(struct inspection *in, const char *name)
{
	struct arena *arena = in->files->arena;
	struct kept_file file = {.context = in->context,
		.name = arena_strdup(arena, name),
		.bytes = -1,
		.log_bytes = -1,
		.free_bytes = -1,
		.schema = -1,
		.latest = -1,
		.rows = -1,
		.oldest_ms = -1,
		.changed_ms = -1,
		.owner = -1};

	file.path = strcmp(name, ".") == 0 ? in->dir : arena_printf(arena, "%s/%s", in->dir, name);
	file.ref = file.path;
	return file;
}

/* What is worse replaces what was said; cure: static, or in the arena. */
static void say(
	struct kept_file *file, enum finding_status status, const char *found, const char *cure)
{
	if (file->found && status < file->status)
		return;
	file->status = status;
	file->found = found;
	file->cure = cure;
}

static bool see_inode(struct inspection *in, struct kept_file *file)
{
	struct stat st;

	if (stat(file->path, &st) < 0)
		return false;
	file->bytes = st.st_size;
	file->mode = arena_printf(in->files->arena, "%04o", (unsigned)st.st_mode & 07777);
	file->owner = (int)st.st_uid;
	file->changed_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (st.st_uid != geteuid())
		say(file, FINDING_WARN, _("it belongs to another user"),
			_("let its owner hand it over (chown), or use --store"));
	if (st.st_mode & 077)
		say(file, FINDING_WARN, _("others can read it"),
			S_ISDIR(st.st_mode) ? _("chmod 700: it holds settings and logs of runs")
					    : _("chmod 600"));
	return true;
}

/* NULL = sound; else the first thing that is wrong, in the arena. */
static const char *damage_of(struct arena *arena, sqlite3 *handle)
{
	sqlite3_stmt *stmt = NULL;
	const char *damage = NULL, *text;
	int rc = sqlite3_prepare_v2(handle, "PRAGMA integrity_check(1)", -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(stmt, 0);
		damage = text && strcmp(text, "ok") == 0 ? NULL : arena_strdup(arena, text);
	} else {
		damage = arena_strdup(arena, sqlite3_errmsg(handle));
	}
	sqlite3_finalize(stmt);
	if (damage)
		return damage;
	if (sqlite3_prepare_v2(handle, "PRAGMA foreign_key_check", -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW)
		damage = arena_printf(arena, _("row %lld of %s refers to nothing"),
			(long long)sqlite3_column_int64(stmt, 1), sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return damage;
}

static void see_history(struct kept_file *file, sqlite3 *handle)
{
	file->rows = 0;
	for (size_t i = 0; i < history_table_count; i++) {
		const struct table *table = history_tables[i];
		char *rows = xasprintf("SELECT count(*) FROM %s", table->name);
		char *oldest = xasprintf("SELECT min(%s) FROM %s", table->time, table->name);
		int64_t at_ms = db_look_number(handle, oldest, NULL, -1);

		file->rows += db_look_number(handle, rows, NULL, 0);
		if (at_ms >= 0 && (file->oldest_ms < 0 || at_ms < file->oldest_ms))
			file->oldest_ms = at_ms;
		free(rows);
		free(oldest);
	}
}

static void see_runs(struct kept_file *file, sqlite3 *handle)
{
	file->rows = db_look_number(handle, "SELECT count(*) FROM run", NULL, -1);
	file->oldest_ms = db_look_number(handle, "SELECT min(created_ms) FROM run", NULL, -1);
}

static void see_schema(struct inspection *in, struct kept_file *file)
{
	if (file->schema > file->latest) {
		file->is_newer = true;
		say(file, FINDING_FAIL,
			arena_printf(in->files->arena,
				_("written by a newer weir (schema %lld, this program knows "
				  "%lld)"),
				(long long)file->schema, (long long)file->latest),
			_("update weir; until then it is left as it is"));
	} else if (file->schema < file->latest) {
		say(file, FINDING_OK,
			arena_printf(in->files->arena,
				_("sound; of schema %lld: the next weir that opens it makes it "
				  "%lld"),
				(long long)file->schema, (long long)file->latest),
			NULL);
	}
}

static void see_inside(
	struct inspection *in, struct kept_file *file, const struct db_schema *schema)
{
	struct arena *arena = in->files->arena;
	struct err err = {0};
	sqlite3 *handle = db_look(file->path, &err);
	const char *damage = handle && in->is_whole ? damage_of(arena, handle) : NULL;

	file->latest = (int64_t)schema->step_count;
	if (!handle && err.code == E_CONFLICT) {
		say(file, FINDING_WARN, arena_strdup(arena, err.text), _("try again"));
	} else if (!handle && err.code != E_PROTO) {
		say(file, FINDING_FAIL, arena_strdup(arena, err.text),
			_("see to it that it can be read"));
	} else if (!handle || damage) {
		say(file, FINDING_FAIL,
			arena_printf(arena, _("damaged: %s"), damage ? damage : err.text),
			schema->is_precious
				? _("the next weir moves it aside and restores its backup")
				: _("the next weir moves it aside and fills a new one"));
	} else {
		file->schema = db_look_number(handle, "PRAGMA user_version", NULL, -1);
		file->free_bytes = db_look_number(handle, "PRAGMA freelist_count", NULL, 0) *
			db_look_number(handle, "PRAGMA page_size", NULL, 0);
		say(file, FINDING_OK, in->is_whole ? _("sound") : _("it opens"), NULL);
		see_schema(in, file);
		/* Counting reads all pages, which is what a short look leaves out. */
		if (in->is_whole && schema->is_precious)
			see_runs(file, handle);
		else if (in->is_whole)
			see_history(file, handle);
	}
	sqlite3_close(handle);
}

static bool has_backup(const struct kept_file *file)
{
	char *path = xasprintf("%s.bak", file->path);
	bool has = access(path, R_OK) == 0;

	free(path);
	return has;
}

static void see_file(struct inspection *in, const struct db_schema *schema, const char *suffix)
{
	char *name = xasprintf("%s%s", schema->name, suffix), *log;
	struct kept_file file = file_new(in, name);
	struct stat st;

	free(name);
	if (in->on_file)
		in->on_file(in->data, file.name);
	log = xasprintf("%s-wal", file.path);
	if (stat(log, &st) == 0)
		file.log_bytes = st.st_size;
	free(log);
	if (see_inode(in, &file) && file.bytes > 0)
		see_inside(in, &file, schema);
	else if (file.bytes == 0)
		say(&file, FINDING_WARN, _("it is empty"),
			schema->is_precious ? _("the next weir restores it from its backup")
					    : _("the next weir fills it"));
	else if (schema->is_precious && !*suffix && has_backup(&file))
		say(&file, FINDING_WARN, _("it is gone"),
			_("the next weir restores it from its backup"));
	else if (*suffix)
		say(&file, FINDING_WARN, _("there is none yet"),
			_("a weir that runs makes one each day; weir store compact does now"));
	else
		say(&file, FINDING_OK, _("it is not there yet"), NULL);
	vec_push(&in->items, file);
}

/* ---- the folder ---- */

static bool see_folder(struct inspection *in)
{
	struct kept_file file = file_new(in, ".");
	const char *network = db_network_folder(in->dir);
	struct statvfs disk;
	bool is_there = see_inode(in, &file);

	file.bytes = -1;
	if (statvfs(in->dir, &disk) == 0)
		file.bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	if (!is_there)
		say(&file, FINDING_OK, _("nothing is remembered here yet"), NULL);
	else
		say(&file, FINDING_OK, _("it can be written"), NULL);
	if (network)
		say(&file, FINDING_WARN,
			arena_printf(in->files->arena, _("on a network file system (%s)"), network),
			_("a local folder is faster and safer: --store"));
	if (is_there && file.bytes >= 0 && file.bytes < STORE_FREE_LOW_BYTES)
		say(&file, FINDING_WARN, _("its disk is nearly full"),
			_("make room: without it nothing is remembered and no run is journalled"));
	if (is_there && access(in->dir, W_OK | X_OK) < 0)
		say(&file, FINDING_FAIL,
			errno == EROFS ? _("its disk is read-only") : _("it cannot be written"),
			_("let this user write it, or use --store"));
	vec_push(&in->items, file);
	return is_there;
}

/* What was damaged and moved aside, the newest ones first. */
static void see_aside(struct inspection *in)
{
	char *pattern = xasprintf("%s/*.db.corrupt-*", in->dir);
	glob_t found = {0};
	size_t taken = 0;

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = found.gl_pathc; i > 0 && taken < ASIDE_MAX; i--) {
			const char *path = found.gl_pathv[i - 1];
			struct kept_file file;

			if (db_is_companion(path))
				continue;
			file = file_new(in, strrchr(path, '/') + 1);
			see_inode(in, &file);
			say(&file, FINDING_WARN, _("it was damaged and is kept aside"),
				_("delete it when nothing of it is missed"));
			vec_push(&in->items, file);
			taken++;
		}
	globfree(&found);
	free(pattern);
}

struct kept_files *store_inspect(const char *dir, const char *context, bool is_whole,
	void (*on_file)(void *data, const char *name), void *data)
{
	struct kept_files *files = xcalloc(1, sizeof(*files));
	struct inspection in = {
		.files = files, .is_whole = is_whole, .on_file = on_file, .data = data};

	files->arena = arena_new();
	in.dir = arena_strdup(files->arena, dir);
	in.context = arena_strdup(files->arena, context);
	if (see_folder(&in)) {
		see_file(&in, &registry_schema, "");
		if (is_whole)
			see_file(&in, &registry_schema, ".bak");
		see_file(&in, &cache_schema, "");
		see_aside(&in);
	}
	files->items = in.items.data;
	files->count = in.items.len;
	return files;
}

void kept_files_free(struct kept_files *files)
{
	if (!files)
		return;
	free(files->items);
	arena_free(files->arena);
	free(files);
}
