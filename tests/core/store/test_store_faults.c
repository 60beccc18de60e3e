/*
 * What goes wrong around the files: no place, a full disk, a lock that is held, damage, a newer
 * program, two programs at once, and kill -9. Nothing that was acknowledged is lost, and all of it
 * is said.
 *
 * The other programs are this one, started again with --child: a fork of a program with threads may
 * not start any.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/query/query.h"
#include "tests/core/store/kit.h"

#define CACHE "cache.db"
#define REGISTRY "registry.db"

static struct snapshot *one_app(int64_t observed_ms, int number)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);
	struct app_decl *decls = arena_calloc(snapshot->arena, (size_t)number + 1, sizeof(*decls));

	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	for (int i = 0; i <= number; i++) {
		char *name = arena_printf(snapshot->arena, "app-%d", i);
		decls[i] = (struct app_decl){.team = "t",
			.name = name,
			.job_name = name,
			.parallelism = -1,
			.text = name};
	}
	snapshot->apps = decls;
	snapshot->app_count = (size_t)number + 1;
	return snapshot;
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

static void overwrite(const char *dir, const char *file, off_t at, size_t len)
{
	char *path = temp_path(dir, file), *junk = xmalloc(len);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	memset(junk, 0xa5, len);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, junk, len, at), len);
	close(fd);
	free(junk);
	free(path);
}

/* ---- other programs ---- */

static pid_t start_child(const char *mode, const char *dir, const char *arg, int out)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (out >= 0)
			dup2(out, STDOUT_FILENO);
		execl("/proc/self/exe", "test_store_faults", "--child", mode, dir, arg,
			(char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

/* Writes job after job, and says each once it was written. */
static void child_acknowledge(const char *dir, int first)
{
	struct kit kit;

	kit_open(&kit, dir);
	for (int i = 0; i < 100000; i++) {
		kit_apply(&kit, one_app(KIT_NOW + i, first + i));
		kit_apply(&kit, kit_answer("a", KIT_NOW + i, first, i + 1, JOB_RUNNING));
		kit_flush(&kit);
		if (kit.problems || write(STDOUT_FILENO, ".", 1) != 1)
			_exit(1);
	}
}

/* Writes `count` jobs on cluster `name`, a batch each. */
static int child_write(const char *dir, const char *name, int count)
{
	struct kit kit;

	kit_open(&kit, dir);
	for (int i = 0; i < count; i++) {
		kit_apply(&kit, kit_answer(name, KIT_NOW + i, *name * 1000, i + 1, JOB_RUNNING));
		kit_flush(&kit);
	}
	kit_close(&kit);
	return 0;
}

static int child_main(char **argv)
{
	int64_t first = 0;

	if (strcmp(argv[0], "acknowledge") == 0 && str_to_int64(argv[2], &first))
		child_acknowledge(argv[1], (int)first);
	return child_write(argv[1], argv[2], 30);
}

/* ---- cases ---- */

static void faults_no_place_is_said_once_and_cured(void **state)
{
	char *top = temp_dir(), *file = temp_path(top, "file"), *dir = temp_path(top, "file/prod");
	struct kit kit;

	(void)state;
	temp_file(file, "x");
	kit_open(&kit, dir);
	check_int("both files", kit.problems, 2);
	check_has("what", kit.problem.text, "file/prod");
	check_has("to do", kit.problem.text, "--store DIR");
	kit_load(&kit);
	assert_true(kit.load_err.code != 0);
	for (int i = 0; i < 3; i++) {
		kit_apply(&kit, one_app(KIT_NOW + i, i));
		kit_apply(&kit, kit_answer("a", KIT_NOW + i, 0, 1 + i, JOB_RUNNING));
		kit_flush(&kit);
	}
	check_int("once each", kit.problems, 2);
	check_int("not yet", kit.recoveries, 0);
	assert_int_equal(unlink(file), 0);
	kit_flush(&kit);
	check_int("writes again", kit.recoveries, 1);
	check_int("jobs", kit_count(dir, CACHE, "job"), 3);
	check_int("apps", kit_count(dir, REGISTRY, "application"), 3);
	kit_close(&kit);
	free(file);
	free(dir);
	temp_dir_remove(top);
}

/* One way to fill a disk; `lift` makes room again. */
struct full_disk {
	const char *name;
	bool is_shared; /* then the small file cannot grow either */
	bool (*set)(const char *dir);
	void (*lift)(const char *dir);
	void (*end)(const char *dir);
};

static bool limit_set(const char *dir)
{
	struct rlimit limit = {0};

	(void)dir;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 300 * 1024;
	return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static void limit_lift(const char *dir)
{
	struct rlimit limit = {0};

	(void)dir;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void limit_end(const char *dir)
{
	(void)dir;
}

static bool tmpfs_set(const char *dir)
{
	return mount("tmpfs", dir, "tmpfs", 0, "size=600k") == 0;
}

static void tmpfs_lift(const char *dir)
{
	assert_int_equal(mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=64m"), 0);
}

static void tmpfs_end(const char *dir)
{
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
}

static void fill_and_lift(const struct full_disk *disk)
{
	char *dir = temp_dir();
	struct kit kit;

	if (!disk->set(dir)) {
		/* Mounting needs rights that a container may not have; the other way always runs.
		 */
		print_message("             %s: not permitted here\n", disk->name);
		temp_dir_remove(dir);
		return;
	}
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 10, JOB_RUNNING));
	kit_flush(&kit);
	check_int(disk->name, kit.problems, 0);
	for (int i = 0; i < 3; i++) {
		kit_apply(&kit, kit_answer("a", KIT_NOW + i, 0, 3000 + i, JOB_RUNNING));
		kit_flush(&kit);
	}
	check_int(disk->name, kit.problems, 1);
	check_has(disk->name, kit.problem.text, "cache.db");
	check_int("all or nothing", kit_count(dir, CACHE, "job"), 10);
	/* A file that is well is written all the same. */
	kit_apply(&kit, one_app(KIT_NOW, 4));
	kit_flush(&kit);
	check_int("apps", kit_count(dir, REGISTRY, "application"), disk->is_shared ? 0 : 5);
	check_int(disk->name, kit.problems, disk->is_shared ? 2 : 1);
	check_int(disk->name, kit.recoveries, 0);
	disk->lift(dir);
	kit_flush(&kit);
	check_int(disk->name, kit.recoveries, 1);
	check_int("jobs", kit_count(dir, CACHE, "job"), 3002);
	check_int("apps", kit_count(dir, REGISTRY, "application"), 5);
	kit_close(&kit);
	disk->end(dir);
	temp_dir_remove(dir);
}

static void faults_full_disk_loses_nothing(void **state)
{
	static const struct full_disk disks[] = {
		{"a limit on files", false, limit_set, limit_lift, limit_end},
		{"a full tmpfs", true, tmpfs_set, tmpfs_lift, tmpfs_end},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++)
		fill_and_lift(&disks[i]);
}

static void faults_lock_is_waited_out(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, CACHE);
	sqlite3 *other = NULL;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 3, JOB_RUNNING));
	kit_flush(&kit);
	check_int("told", kit.problems, 1);
	check_has("told", kit.problem.text, "locked");
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	kit_flush(&kit);
	check_int("again", kit.recoveries, 1);
	check_int("jobs", kit_count(dir, CACHE, "job"), 3);
	/* A lock that stays must not keep the program from ending. */
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 4, JOB_RUNNING));
	int64_t start_ms = clock_mono_ms();
	store_close(kit.store);
	assert_true(clock_mono_ms() - start_ms < 3000);
	check_int("told at the end", kit.problems, 2);
	kit.store = NULL;
	sqlite3_close(other);
	kit_close(&kit);
	free(path);
	temp_dir_remove(dir);
}

static void faults_damaged_files_are_replaced(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, one_app(KIT_NOW, 40));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 300, JOB_RUNNING));
	kit_flush(&kit);
	kit_load(&kit); /* behind it the backup is made */
	kit_close(&kit);
	check_int("backup", (int64_t)count_files(dir, "registry.db.bak"), 1);
	overwrite(dir, REGISTRY, 0, 100);
	overwrite(dir, CACHE, 4096, 40000); /* found only when its rows are read */
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("told", kit.problems, 2);
	check_int("loaded", kit.load_err.code, 0);
	check_int("workspace only", (int64_t)kit.snapshot_count, 1);
	check_int("apps", (int64_t)kit.snapshots[0]->app_count, 41);
	check_int("aside", (int64_t)count_files(dir, "*.corrupt-*Z"), 2);
	/* And it goes on. */
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 3, JOB_RUNNING));
	kit_flush(&kit);
	check_int("jobs", kit_count(dir, CACHE, "job"), 3);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void faults_damage_found_while_writing(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 300, JOB_RUNNING));
	kit_close(&kit);
	kit_open(&kit, dir);
	overwrite(dir, CACHE, 4096, 40000);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 20, JOB_RUNNING));
	kit_flush(&kit);
	check_int("told", kit.problems, 1);
	check_has("told", kit.problem.text, "was damaged");
	check_int("jobs", kit_count(dir, CACHE, "job"), 20);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void faults_newer_program_is_respected(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_close(&kit);
	kit_sql(dir, CACHE, "PRAGMA user_version = 999");
	kit_sql(dir, REGISTRY, "PRAGMA user_version = 999");
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("told", kit.problems, 2);
	check_has("told", kit.problem.text, "written by a newer weir (schema 999");
	check_int("load", kit.load_err.code, E_UNSUPPORTED);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 3, JOB_RUNNING));
	kit_apply(&kit, one_app(KIT_NOW, 4));
	kit_flush(&kit);
	check_int("told once", kit.problems, 2);
	kit_close(&kit);
	check_int("untouched", kit_count(dir, CACHE, "job"), 0);
	check_int("untouched", kit_sql(dir, CACHE, "PRAGMA user_version"), 999);
	temp_dir_remove(dir);
}

static void faults_two_programs_share_the_files(void **state)
{
	char *dir = temp_dir();
	pid_t pids[2];

	(void)state;
	pids[0] = start_child("write", dir, "a", -1);
	pids[1] = start_child("write", dir, "b", -1);
	for (int i = 0; i < 2; i++) {
		int status = -1;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		check_int("child", status, 0);
	}
	check_int("a", kit_count(dir, CACHE, "job WHERE cluster = 'a'"), 30);
	check_int("b", kit_count(dir, CACHE, "job WHERE cluster = 'b'"), 30);
	check_int("aside", (int64_t)count_files(dir, "*.corrupt-*"), 0);
	temp_dir_remove(dir);
}

/* Reads what the child says until `until_ms`, then kills it where it stands; returns how often it
 * spoke. */
static int kill_at(pid_t pid, int fd, int64_t until_ms)
{
	int said = 0, status;
	char bytes[256];
	ssize_t len = 1;

	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left_ms = said ? until_ms - clock_mono_ms() : KIT_DEADLINE_MS;

		if (left_ms <= 0 || len <= 0)
			break;
		if (poll(&ready, 1, (int)left_ms) > 0 && (len = read(fd, bytes, sizeof(bytes))) > 0)
			said += (int)len;
	}
	kill(pid, SIGKILL);
	/* What it had said before it died counts too. */
	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		said += (int)len;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return said;
}

static void faults_kill_loses_nothing_acknowledged(void **state)
{
	const char *full = getenv("WEIR_TEST_FULL");
	int rounds = full && *full ? 200 : 20, first = 0;
	char *dir = temp_dir();

	(void)state;
	for (int round = 0; round < rounds; round++) {
		int fds[2];
		char arg[16];

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		snprintf(arg, sizeof(arg), "%d", first);
		pid_t pid = start_child("acknowledge", dir, arg, fds[1]);
		close(fds[1]);
		int said = kill_at(pid, fds[0], clock_mono_ms() + 20 + (round * 37) % 60);
		close(fds[0]);
		assert_true(said > 0);
		/* The files open, are whole, and hold each job and application that was said. */
		struct kit kit;
		kit_open(&kit, dir);
		kit_load(&kit);
		check_int("problems", kit.problems, 0);
		check_int("load", kit.load_err.code, 0);
		kit_close(&kit);
		char *jobs = xasprintf("job WHERE id BETWEEN '%032x' AND '%032x'", (unsigned)first,
			(unsigned)(first + said - 1));
		check_int("jobs", kit_count(dir, CACHE, jobs), said);
		check_bool("apps", kit_count(dir, REGISTRY, "application") >= first + said, true);
		free(jobs);
		first += said + 1; /* one more may have been written, and not said */
	}
	check_int("aside", (int64_t)count_files(dir, "*.corrupt-*"), 0);
	temp_dir_remove(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_no_place_is_said_once_and_cured),
		cmocka_unit_test(faults_full_disk_loses_nothing),
		cmocka_unit_test(faults_lock_is_waited_out),
		cmocka_unit_test(faults_damaged_files_are_replaced),
		cmocka_unit_test(faults_damage_found_while_writing),
		cmocka_unit_test(faults_newer_program_is_respected),
		cmocka_unit_test(faults_two_programs_share_the_files),
		cmocka_unit_test(faults_kill_loses_nothing_acknowledged),
	};

	check_locale();
	if (argc == 5 && strcmp(argv[1], "--child") == 0)
		return child_main(argv + 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
