/*
 * kill -9 in the middle of any write: the program that writes is this one, started again, with file
 * operations that count and that die at a certain one, having written half of it. What it had said to
 * be written before is there afterwards: each run as it stood, each event; the files are whole and
 * nothing had to be repaired. WEIR_TEST_FULL: 200 times, else 20.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "tests/core/store/journal_kit.h"

#define REGISTRY "registry.db"
#define CACHE "cache.db"
/* Operations of a child: it opens the files with some fifty, and each turn of its loop takes some more. */
#define OPS_MAX 600

/* ---- file operations that count ---- */

struct counted {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs counting, *real_vfs;
static long ops_left;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct counted *)file)->real;
}

static void count_op(void)
{
	if (--ops_left == 0)
		kill(getpid(), SIGKILL);
}

static int counted_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int counted_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), out, len, at);
}

static int counted_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	if (ops_left == 1)
		real_of(file)->pMethods->xWrite(real_of(file), data, len / 2, at);
	count_op();
	return real_of(file)->pMethods->xWrite(real_of(file), data, len, at);
}

static int counted_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	count_op();
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int counted_sync(sqlite3_file *file, int flags)
{
	count_op();
	return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int counted_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int counted_lock(sqlite3_file *file, int lock)
{
	return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int counted_unlock(sqlite3_file *file, int lock)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int counted_check_lock(sqlite3_file *file, int *out)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int counted_control(sqlite3_file *file, int op, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int counted_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int counted_traits(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int counted_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int counted_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void counted_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int counted_shm_unmap(sqlite3_file *file, int remove)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods counted_methods = {
	.iVersion = 2,
	.xClose = counted_close,
	.xRead = counted_read,
	.xWrite = counted_write,
	.xTruncate = counted_truncate,
	.xSync = counted_sync,
	.xFileSize = counted_size,
	.xLock = counted_lock,
	.xUnlock = counted_unlock,
	.xCheckReservedLock = counted_check_lock,
	.xFileControl = counted_control,
	.xSectorSize = counted_sector,
	.xDeviceCharacteristics = counted_traits,
	.xShmMap = counted_shm_map,
	.xShmLock = counted_shm_lock,
	.xShmBarrier = counted_shm_barrier,
	.xShmUnmap = counted_shm_unmap,
};

static int counting_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct counted *counted = (struct counted *)file;
	int rc;

	(void)vfs;
	counted->real = (sqlite3_file *)(counted + 1);
	rc = real_vfs->xOpen(real_vfs, name, counted->real, flags, out_flags);
	counted->base.pMethods = counted->real->pMethods ? &counted_methods : NULL;
	return rc;
}

static int counting_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	count_op();
	return real_vfs->xDelete(real_vfs, name, sync);
}

static void count_file_operations(long die_at)
{
	ops_left = die_at;
	sqlite3_initialize();
	real_vfs = sqlite3_vfs_find(NULL);
	counting = *real_vfs;
	counting.zName = "counting";
	counting.szOsFile = (int)sizeof(struct counted) + real_vfs->szOsFile;
	counting.xOpen = counting_open;
	counting.xDelete = counting_delete;
	assert_int_equal(sqlite3_vfs_register(&counting, 1), SQLITE_OK);
}

/* ---- the program that is killed ---- */

static void say(const char *what, int64_t number)
{
	char line[48];
	int len = snprintf(line, sizeof(line), "%s %lld\n", what, (long long)number);

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(1);
}

/* Runs that are begun, sent and ended, and events; each is said once it was written. */
static int child_main(const char *dir, const char *name, long die_at)
{
	struct kit kit;

	count_file_operations(die_at);
	kit_open(&kit, dir);
	kit_load(&kit); /* behind it the backup is made */
	for (int i = 0; i < 10000 && !kit.problems; i++) {
		int64_t run = journal_add(&kit, name, "stop", RUN_DONE);

		if (!run)
			return 3;
		say("run", run);
		kit_apply(&kit,
			kit_answer("a", KIT_NOW + i, 0, 1 + i % 40,
				i % 2 ? JOB_RUNNING : JOB_RESTARTING));
		kit_flush(&kit);
		say("events", kit_count(dir, CACHE, "event"));
	}
	return 4;
}

/* ---- the one that looks afterwards ---- */

struct heard {
	int64_t last_run, events; /* 0 = none */
	int runs;
};

static void hear(int fd, struct heard *heard)
{
	FILE *in = fdopen(fd, "r");
	char what[16];
	long long number;

	assert_non_null(in);
	while (fscanf(in, "%15s %lld", what, &number) == 2) {
		if (str_eq(what, "events")) {
			heard->events = number;
			continue;
		}
		heard->runs++;
		heard->last_run = number;
	}
	fclose(in);
}

static void kill_in_a_write(const char *dir, const char *name, long die_at, struct heard *heard)
{
	char number[24];
	int fds[2], status = 0;
	pid_t pid;

	snprintf(number, sizeof(number), "%ld", die_at);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execl("/proc/self/exe", "test_store_kill", "--child", dir, name, number,
			(char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	close(fds[1]);
	*heard = (struct heard){0};
	hear(fds[0], heard);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		fail_msg("operation %ld: not killed, but ended with %d", die_at,
			WEXITSTATUS(status));
	check_int("signal", WTERMSIG(status), SIGKILL);
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

/* All that was said is there, and the files open without a word. */
static void look(const char *dir, const char *name, const struct heard *heard, const char *row)
{
	char *ended = xasprintf("run WHERE name = '%s' AND state = 'DONE'", name);
	struct kit kit;

	kit_open(&kit, dir);
	kit_load(&kit);
	if (kit.problems)
		fail_msg("%s: %s", row, kit.problem.text);
	check_int(row, kit.load_err.code, 0);
	/* Of another application: what was cut off holds its own lease. */
	check_bool(row, journal_add(&kit, "afterwards", "stop", RUN_DONE) > heard->last_run, true);
	kit_close(&kit);
	/* The journal keeps the last hundred of an application. */
	check_bool(row, kit_count(dir, REGISTRY, ended) >= (heard->runs < 100 ? heard->runs : 100),
		true);
	check_bool(row, kit_count(dir, CACHE, "event") >= heard->events, true);
	check_int(row,
		kit_sql(dir, REGISTRY,
			"SELECT count(*) FROM pragma_integrity_check"
			" WHERE integrity_check <> 'ok'"),
		0);
	check_int(row,
		kit_sql(dir, CACHE,
			"SELECT count(*) FROM pragma_integrity_check"
			" WHERE integrity_check <> 'ok'"),
		0);
	check_int(row, (int64_t)count_files(dir, "*.corrupt-*"), 0);
	free(ended);
}

static void kill_in_the_middle_of_any_write_loses_nothing_said(void **state)
{
	const char *full = getenv("WEIR_TEST_FULL");
	int rounds = full && *full ? 200 : 20, runs = 0;
	char *dir = temp_dir();

	(void)state;
	for (int round = 0; round < rounds; round++) {
		/* Over all of a life, the first steps of new files included. */
		long die_at = 1 + (long)round * OPS_MAX / rounds;
		char *name = xasprintf("app-%d", round);
		char *row = xasprintf("round %d, operation %ld", round, die_at);
		struct heard heard;

		if (round % 4 == 0) {
			temp_dir_remove(dir);
			dir = temp_dir();
		}
		kill_in_a_write(dir, name, die_at, &heard);
		look(dir, name, &heard, row);
		runs += heard.runs;
		free(name);
		free(row);
	}
	print_message("             %d kills, %d runs said and kept\n", rounds, runs);
	check_bool("some runs", runs > rounds, true);
	temp_dir_remove(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kill_in_the_middle_of_any_write_loses_nothing_said),
	};

	check_locale();
	if (argc == 5 && strcmp(argv[1], "--child") == 0)
		return child_main(argv[2], argv[3], strtol(argv[4], NULL, 10));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
