/*
 * A disk that takes nothing: read-only, or full before the store is opened. What it holds is read, that
 * nothing is remembered is said, what needs the journal is refused with why, and it goes on by itself
 * once the disk can be written.
 */
#include <fcntl.h>
#include <glob.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/query/query.h"
#include "core/store/compact.h"
#include "core/store/disk.h"
#include "core/store/inspect.h"
#include "core/store/journal/run.h"
#include "tests/core/store/kit.h"

struct told {
	int count;
	struct err err; /* code 0 = it was written */
};

static void on_run(void *data, const struct run *run, const struct err *err)
{
	struct told *told = data;

	(void)run;
	told->count++;
	told->err = err ? *err : (struct err){0};
}

static struct told begin_run(struct kit *kit)
{
	struct told told = {0};
	struct run run = {.app = "prod/app/ods/orders",
		.context = KIT_CONTEXT,
		.team = "ods",
		.name = "orders",
		.verb = "stop",
		.state = RUN_PLANNED,
		.created_ms = KIT_NOW};

	run_begin(kit->store, &run, on_run, &told);
	kit_idle(kit);
	check_int("answered once", told.count, 1);
	return told;
}

/* A store with ten jobs that was closed, on a file system of its own; false: not permitted here. */
static bool make_store(char **top, char **dir, const char *size)
{
	struct kit kit;

	*top = temp_dir();
	*dir = temp_path(*top, "prod");
	if (mount("tmpfs", *top, "tmpfs", 0, size) < 0) {
		print_message("             mounting is not permitted here\n");
		temp_dir_remove(*top);
		free(*dir);
		return false;
	}
	kit_open(&kit, *dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 10, JOB_RUNNING));
	kit_flush(&kit);
	kit_close(&kit);
	return true;
}

static void end_store(char *top, char *dir)
{
	assert_int_equal(umount2(top, MNT_DETACH), 0);
	temp_dir_remove(top);
	free(dir);
}

static size_t loaded_jobs(const struct kit *kit)
{
	size_t jobs = 0;

	for (size_t i = 0; i < kit->snapshot_count; i++)
		jobs += kit->snapshots[i]->job_count;
	return jobs;
}

/* It is read, said, refused, and cured by lift(). */
static void check_degraded(
	const char *dir, const char *why, void (*lift)(const char *top), const char *top)
{
	struct kit kit;
	struct told told;

	kit_open(&kit, dir);
	check_int(why, kit.problems, 2);
	check_has("effect", kit.problem.text, "not remembered on disk: ");
	check_has("why", kit.problem.text, why);
	kit_load(&kit);
	check_int("load", kit.load_err.code, 0);
	check_int("is remembered", (int64_t)loaded_jobs(&kit), 10);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 1, 0, 12, JOB_RUNNING));
	kit_flush(&kit);
	check_int("not yet", kit.recoveries, 0);
	told = begin_run(&kit);
	check_int("refused", told.err.code, E_INTERNAL);
	check_has("why", told.err.text, "registry.db");
	check_has("why", told.err.text, why);
	lift(top);
	/* Each file in its own time: the one with nothing to write is tried as well. */
	for (int64_t end_ms = clock_mono_ms() + KIT_DEADLINE_MS;
		!kit.recoveries && clock_mono_ms() < end_ms;) {
		loop_turn(kit.loop, 50);
		kit_flush(&kit);
	}
	check_int("writes again", kit.recoveries, 1);
	check_int("jobs", kit_count(dir, "cache.db", "job"), 12);
	told = begin_run(&kit);
	check_ok("a run", told.err.code, &told.err);
	check_int("runs", kit_count(dir, "registry.db", "run"), 1);
	kit_close(&kit);
}

static void make_writable(const char *top)
{
	assert_int_equal(mount("tmpfs", top, "tmpfs", MS_REMOUNT, NULL), 0);
}

static void disk_read_only_is_read_and_said(void **state)
{
	char *top, *dir;

	(void)state;
	if (!make_store(&top, &dir, "size=8m"))
		return;
	assert_int_equal(mount("tmpfs", top, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	check_degraded(dir, "read-only disk", make_writable, top);
	end_store(top, dir);
}

static void make_room(const char *top)
{
	char *path = temp_path(top, "fill");

	assert_int_equal(unlink(path), 0);
	free(path);
}

static void fill_disk(const char *top)
{
	static char block[4096];
	char *path = temp_path(top, "fill");
	FILE *fill = fopen(path, "w");

	assert_non_null(fill);
	setbuf(fill, NULL);
	while (fwrite(block, 1, sizeof(block), fill) == sizeof(block))
		;
	fclose(fill);
	free(path);
}

static void disk_full_at_the_start_is_read_and_said(void **state)
{
	char *top, *dir;

	(void)state;
	if (!make_store(&top, &dir, "size=2m"))
		return;
	fill_disk(top);
	check_degraded(dir, "the disk is full; free space there", make_room, top);
	end_store(top, dir);
}

static void overwrite(const char *path, long at, size_t len)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	while (len--)
		fputc(0xa5, file);
	assert_int_equal(fclose(file), 0);
}

static size_t count_files(const char *dir, const char *pattern)
{
	char *path = temp_path(dir, pattern);
	glob_t found = {0};
	size_t count = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;

	globfree(&found);
	free(path);
	return count;
}

/* There is no room for what a repair makes, and it may not be damage at all. */
static void damage_is_not_repaired_on_a_full_disk(void **state)
{
	char *top, *dir, *cache;
	struct kit kit;

	(void)state;
	if (!make_store(&top, &dir, "size=2m"))
		return;
	cache = temp_path(dir, "cache.db");
	fill_disk(top);
	overwrite(cache, 4096, 40000);
	kit_open(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 1, 0, 12, JOB_RUNNING));
	kit_flush(&kit);
	check_has("told", kit.problem.text, "not remembered on disk");
	check_int("not moved", (int64_t)count_files(dir, "*.corrupt-*"), 0);
	kit_close(&kit);
	make_room(top);
	kit_open(&kit, dir);
	kit_load(&kit);
	check_has("told", kit.problem.text, "cache.db was damaged");
	check_int("moved", (int64_t)count_files(dir, "cache.db.corrupt-*Z"), 1);
	kit_close(&kit);
	free(cache);
	end_store(top, dir);
}

static const struct kept_file *find(const struct kept_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (str_eq(files->items[i].name, name))
			return &files->items[i];
	fail_msg("no file %s", name);
	return NULL;
}

static void check_says(const struct kept_files *files, const char *name, enum finding_status status,
	const char *part)
{
	const struct kept_file *file = find(files, name);

	check_int(name, file->status, status);
	check_has(name, file->found, part);
}

static void inspect_read_only_disk_is_said(void **state)
{
	char *top, *dir;
	struct kept_files *files;
	struct compacted done;
	struct err err = {0};
	int rc;

	(void)state;
	if (!make_store(&top, &dir, "size=8m"))
		return;
	assert_int_equal(mount("tmpfs", top, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	files = store_inspect(dir, KIT_CONTEXT, true, NULL, NULL);
	check_says(files, ".", FINDING_FAIL, "read-only");
	check_says(files, "cache.db", FINDING_OK, "sound");
	kept_files_free(files);
	rc = store_compact(dir, KIT_CONTEXT, 1, 1, NULL, NULL, NULL, &done, &err);
	check_err("compact", rc, &err, E_INTERNAL, "read-only disk");
	end_store(top, dir);
}

static void inspect_says_what_is_so_and_changes_nothing(void **state)
{
	char *dir = temp_dir(), *cache = temp_path(dir, "cache.db");
	char *registry = temp_path(dir, "registry.db");
	char *aside = temp_path(dir, "registry.db.corrupt-20251121T000000Z");
	char *lost = temp_path(dir, "registry.db.corrupt-20251121T000000Z.lost");
	struct kept_files *files;
	struct buf before, after;
	struct err err = {0};
	struct kit kit;

	(void)state;
	buf_init(&before, 0);
	buf_init(&after, 0);
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 300, JOB_RUNNING));
	kit_flush(&kit);
	kit_load(&kit); /* behind it the backup is made */
	check_ok("run", begin_run(&kit).err.code, &err);
	files = store_inspect(dir, KIT_CONTEXT, true, NULL, NULL);
	check_says(files, "registry.db", FINDING_OK, "sound");
	check_int("runs", find(files, "registry.db")->rows, 1);
	check_int("oldest", find(files, "registry.db")->oldest_ms, KIT_NOW);
	check_says(files, "registry.db.bak", FINDING_OK, "sound");
	check_says(files, "cache.db", FINDING_OK, "sound");
	check_bool("history", find(files, "cache.db")->rows > 0, true);
	check_bool("its age", find(files, "cache.db")->oldest_ms > 0, true);
	check_str("mode", find(files, "cache.db")->mode, "0600");
	kept_files_free(files);
	kit_close(&kit);

	overwrite(cache, 4096, 40000);
	/* At a glance no page is read. */
	files = store_inspect(dir, KIT_CONTEXT, false, NULL, NULL);
	check_says(files, "cache.db", FINDING_OK, "it opens");
	check_int("schema", find(files, "cache.db")->schema, (int64_t)cache_schema.step_count);
	check_int("no backup", (int64_t)files->count, 3);
	kept_files_free(files);
	overwrite(registry, 0, 100);
	assert_int_equal(chmod(registry, 0644), 0);
	kit_sql(dir, "registry.db.bak", "PRAGMA user_version = 999");
	/* What a repair leaves beside: the list of lost rows is no damaged file. */
	temp_file(aside, "not read");
	temp_file(lost, "run 1\n");
	check_ok("read", file_read(registry, &before, &err), &err);
	files = store_inspect(dir, KIT_CONTEXT, true, NULL, NULL);
	check_says(files, "registry.db", FINDING_FAIL, "damaged: ");
	check_says(files, "registry.db.bak", FINDING_FAIL, "written by a newer weir (schema 999");
	check_bool("newer", find(files, "registry.db.bak")->is_newer, true);
	check_says(files, "cache.db", FINDING_FAIL, "damaged: ");
	check_says(files, "registry.db.corrupt-20251121T000000Z", FINDING_WARN, "kept aside");
	check_bool("no new file", files->count == 5, true);
	kept_files_free(files);
	check_ok("read", file_read(registry, &after, &err), &err);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
	buf_release(&before);
	buf_release(&after);
	free(aside);
	free(lost);
	free(cache);
	free(registry);
	temp_dir_remove(dir);
}

static void compact_shrinks_while_a_console_is_open(void **state)
{
	char *dir = temp_dir();
	struct kept_files *files;
	struct compacted done = {0};
	struct err err = {0};
	struct kit kit;
	int rc;

	(void)state;
	rc = store_compact(
		"/nonexistent/weir", KIT_CONTEXT, KIT_NOW, 1, NULL, NULL, NULL, &done, &err);
	check_err("no store", rc, &err, E_NOTFOUND, "nothing is remembered in");
	kit_open(&kit, dir);
	/* Events of 3000 jobs, again and again: megabytes of history. */
	for (int i = 0; i < 8; i++) {
		kit_apply(&kit,
			kit_answer(
				"a", KIT_NOW + i, 0, 3000, i % 2 ? JOB_RUNNING : JOB_RESTARTING));
		kit_flush(&kit);
	}
	check_bool("history", kit_count(dir, "cache.db", "event") > 10000, true);
	err.code = E_OK;
	rc = store_compact(
		dir, KIT_CONTEXT, (int64_t)1 << 50, 600 * 1024, NULL, NULL, NULL, &done, &err);
	check_ok("compact", rc, &err);
	check_bool("smaller", done.after_bytes < done.before_bytes / 2, true);
	check_bool("a backup", done.backup_bytes > 0, true);
	files = store_inspect(dir, KIT_CONTEXT, true, NULL, NULL);
	check_says(files, "cache.db", FINDING_OK, "sound");
	check_int("nothing to give back", find(files, "cache.db")->free_bytes, 0);
	kept_files_free(files);
	/* The console goes on. */
	kit_apply(&kit, kit_answer("a", KIT_NOW + 100, 0, 3001, JOB_RUNNING));
	kit_flush(&kit);
	check_int("problems", kit.problems, 0);
	check_int("jobs", kit_count(dir, "cache.db", "job"), 3001);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* A console may run for weeks: its backup is not that of its start. */
static void backup_is_made_each_day(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "registry.db.bak");
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct disk *disk = disk_new(dir, KIT_CONTEXT);
	int64_t now_ms = clock_wall_ms();
	struct err err = {0};

	(void)state;
	check_ok("open", disk_open(disk, FILE_REGISTRY, &err), &err);
	disk_tidy(disk, now_ms);
	check_bool("at once", db_backup_ms(disk->files[FILE_REGISTRY]) > 1000000, true);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	disk_tidy(disk, now_ms + 60000);
	check_int("not each minute", db_backup_ms(disk->files[FILE_REGISTRY]), 1000000);
	disk_tidy(disk, now_ms + TIDY_EVERY_MS);
	check_bool("when it is old", db_backup_ms(disk->files[FILE_REGISTRY]) > 1000000, true);
	disk_free(disk);
	free(path);
	temp_dir_remove(dir);
}

/* Two copies into one file would be none; what a killed one left is written over. */
static void backup_is_made_by_one_at_a_time(void **state)
{
	char *dir = temp_dir(), *part = temp_path(dir, "registry.db.bak.part");
	struct disk *disk = disk_new(dir, KIT_CONTEXT);
	struct db *db = disk->files[FILE_REGISTRY];
	struct err err = {0};
	int other;

	(void)state;
	check_ok("open", disk_open(disk, FILE_REGISTRY, &err), &err);
	temp_file(part, "half of something");
	other = open(part, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	check_err("another one", db_backup(db, &err), &err, E_CONFLICT, "another weir");
	close(other);
	check_ok("alone", db_backup(db, &err), &err);
	assert_int_equal(access(part, F_OK), -1);
	check_int("whole", kit_count(dir, "registry.db.bak", "run"), 0);
	disk_free(disk);
	free(part);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_read_only_is_read_and_said),
		cmocka_unit_test(disk_full_at_the_start_is_read_and_said),
		cmocka_unit_test(damage_is_not_repaired_on_a_full_disk),
		cmocka_unit_test(inspect_read_only_disk_is_said),
		cmocka_unit_test(inspect_says_what_is_so_and_changes_nothing),
		cmocka_unit_test(compact_shrinks_while_a_console_is_open),
		cmocka_unit_test(backup_is_made_each_day),
		cmocka_unit_test(backup_is_made_by_one_at_a_time),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
