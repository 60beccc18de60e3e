/* The workspace on disk: what is seen, what counts as a change, and what must not be followed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/workspace/parts.h"

#define APP "apiVersion: weir/v1\nkind: Application\nname: "

struct fixture {
	char *dir, *root;
	struct scan *scan;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = xstrdup("/tmp/weir-workspace-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->root = xasprintf("%s/ws", f->dir);
	f->scan = scan_new(f->root);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	clock_fix(0, 0);
	scan_free(f->scan);
	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f->root);
	free(f->dir);
	free(f);
	return 0;
}

static char *at(const struct fixture *f, const char *path)
{
	return xasprintf("%s/%s", f->root, path);
}

/* A new file in its place, as most editors and git do it. */
static void put(const struct fixture *f, const char *path, const char *text)
{
	char *full = at(f, path), *folder = xstrdup(full);
	struct err err;

	*strrchr(folder, '/') = '\0';
	assert_int_equal(file_mkdirs(folder, &err), 0);
	assert_int_equal(file_write(full, text, strlen(text), &err), 0);
	free(folder);
	free(full);
}

/* The same file with other bytes. */
static void overwrite(const struct fixture *f, const char *path, const char *text)
{
	char *full = at(f, path);
	int fd = open(full, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	free(full);
}

static void make_link(const struct fixture *f, const char *target, const char *path)
{
	char *full = at(f, path);

	assert_int_equal(symlink(target, full), 0);
	free(full);
}

static void drop(const struct fixture *f, const char *path)
{
	char *full = at(f, path);

	assert_int_equal(remove(full), 0);
	free(full);
}

static void run(struct fixture *f)
{
	struct err err = {0};

	if (scan_run(f->scan, &err))
		fail_msg("%s", err.text);
}

/* A scan that must, or must not, see a difference. */
static void expect_change(struct fixture *f, bool wanted, const char *what)
{
	uint64_t before = scan_generation(f->scan);

	run(f);
	if ((scan_generation(f->scan) != before) != wanted)
		fail_msg("%s: %s", what, wanted ? "not seen" : "seen as a change");
}

static struct snapshot *fill(struct fixture *f)
{
	struct snapshot *snap = snapshot_new(SNAPSHOT_WORKSPACE, "c", "workspace", NULL);

	scan_fill(f->scan, snap);
	return snap;
}

/* "team/name[!error]" of all applications, in order; teams before, in []. */
static char *summary(struct fixture *f)
{
	struct snapshot *snap = fill(f);
	char *out = xstrdup("");

	for (size_t i = 0; i < snap->team_count; i++) {
		char *more = xasprintf("%s[%s%s%s]", out, snap->teams[i].name,
			snap->teams[i].error ? "!" : "",
			snap->teams[i].error ? snap->teams[i].error : "");
		free(out);
		out = more;
	}
	for (size_t i = 0; i < snap->app_count; i++) {
		char *more = xasprintf("%s\n%s/%s%s%s", out, snap->apps[i].team, snap->apps[i].name,
			snap->apps[i].error ? "!" : "",
			snap->apps[i].error ? snap->apps[i].error : "");
		free(out);
		out = more;
	}
	snapshot_unref(snap);
	return out;
}

static void expect_summary(struct fixture *f, const char *want)
{
	char *got = summary(f);

	assert_string_equal(got, want);
	free(got);
}

/* The sanitisers watch it. */
static void what_was_told_outlives_the_next_scan(void **state)
{
	struct fixture *f = *state;

	put(f, "teams/ods/apps/a.yaml", APP "a\nowner: li\n");
	run(f);
	struct snapshot *snap = fill(f);
	put(f, "teams/ods/apps/a.yaml", APP "a\nowner: ann\n");
	run(f);
	assert_string_equal(snap->apps[0].owner, "li");
	snapshot_unref(snap);
	snap = fill(f);
	assert_string_equal(snap->apps[0].owner, "ann");
	snapshot_unref(snap);
}

static void scan_lists_teams_and_apps(void **state)
{
	struct fixture *f = *state;

	put(f, "teams/ods/team.yaml", "apiVersion: weir/v1\nkind: Team\ntitle: ODS\n");
	put(f, "teams/ods/apps/b.yaml", APP "b\n");
	put(f, "teams/ods/apps/a.yaml",
		APP "a-app\nowner: li\ntags: [x]\nargs: [y]\n"
		    "properties: {p: q}\nbuild: {command: c, artifact: d}\n");
	put(f, "teams/ods/apps/README.md", "not an application");
	put(f, "teams/ods/apps/.hidden.yaml", "not one either");
	put(f, "teams/ods-x/apps/c.yaml", APP "c\n");
	put(f, "teams/README.md", "beside the teams");
	put(f, "teams/empty/notes.txt", "a team without applications");
	run(f);
	expect_summary(f, "[empty][ods][ods-x]\nods/a-app\nods/b\nods-x/c");
	struct snapshot *snap = fill(f);
	assert_string_equal(snap->teams[1].title, "ODS");
	assert_string_equal(snap->teams[1].path, "teams/ods/team.yaml");
	assert_null(snap->teams[0].path);
	assert_string_equal(snap->apps[0].path, "teams/ods/apps/a.yaml");
	assert_string_equal(snap->apps[0].properties[0].value, "q");
	assert_string_equal(snap->apps[0].build.command, "c");
	assert_string_equal(snap->apps[0].tags[0], "x");
	/* The snapshot stands on its own. */
	scan_free(f->scan);
	f->scan = NULL;
	assert_string_equal(snap->apps[0].owner, "li");
	assert_string_equal(snap->apps[0].args[0], "y");
	snapshot_unref(snap);
}

static void scan_broken_files_are_rows(void **state)
{
	struct fixture *f = *state;
	char *large = xmalloc(((size_t)1 << 20) + 2);

	memset(large, '#', ((size_t)1 << 20) + 1);
	large[((size_t)1 << 20) + 1] = '\0';
	put(f, "teams/ods/team.yaml", "apiVersion: weir/v1\nkind: Taem\n");
	put(f, "teams/ods/apps/good.yaml", APP "good\n");
	put(f, "teams/ods/apps/bad.yaml", APP "bad\nparalelism: 2\n");
	put(f, "teams/ods/apps/folder.yaml/x", "");
	put(f, "teams/ods/apps/large.yaml", large);
	put(f, "teams/ods/apps/other.yml", APP "other\n");
	put(f, "teams/Not A Name/apps/x.yaml", APP "x\n");
	put(f, "teams/noapps/apps", "a file");
	char *pipe_path = at(f, "teams/ods/apps/pipe.yaml");
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	free(pipe_path);
	free(large);
	run(f);
	expect_summary(f,
		"[Not A Name!teams/Not A Name:1:1: a team's folder must be a name (small letters, "
		"digits, '.', '_', '-'; at most 63, a letter or digit first)]"
		"[noapps]"
		"[ods!teams/ods/team.yaml:2:7: \"kind\" must be Team, found \"Taem\"]"
		"\nnoapps/apps!teams/noapps/apps:1:1: Not a directory"
		"\nods/bad!teams/ods/apps/bad.yaml:4:1: unknown key \"paralelism\" (did you mean "
		"\"parallelism\"?)"
		"\nods/folder!teams/ods/apps/folder.yaml:1:1: not a regular file"
		"\nods/good"
		"\nods/large!teams/ods/apps/large.yaml:1:1: larger than 1 MiB"
		"\nods/other.yml!teams/ods/apps/other.yml:1:1: the name of an application file "
		"ends in "
		".yaml"
		"\nods/pipe!teams/ods/apps/pipe.yaml:1:1: not a regular file");
	expect_change(f, false, "errors that stay");
	put(f, "teams/ods/apps/bad.yaml", APP "bad\nparallelism: 2\n");
	drop(f, "teams/ods/apps/large.yaml");
	put(f, "teams/ods/apps/large.yaml", APP "large\n");
	expect_change(f, true, "repaired files");
	char *now = summary(f);
	assert_non_null(strstr(now, "\nods/bad\n"));
	assert_non_null(strstr(now, "\nods/large\n"));
	free(now);
}

static void scan_unreadable_file(void **state)
{
	struct fixture *f = *state;

	put(f, "teams/ods/apps/a.yaml", APP "a\n");
	char *full = at(f, "teams/ods/apps/a.yaml");
	assert_int_equal(chmod(full, 0), 0);
	run(f);
	/* root reads everything: then there is nothing to see here. */
	if (access(full, R_OK) == 0)
		expect_summary(f, "[ods]\nods/a");
	else
		expect_summary(f, "[ods]\nods/a!teams/ods/apps/a.yaml:1:1: Permission denied");
	free(full);
}

static void scan_same_name_twice(void **state)
{
	struct fixture *f = *state;

	put(f, "teams/ods/apps/a.yaml", APP "x\n");
	put(f, "teams/ods/apps/b.yaml", APP "x\n");
	put(f, "teams/ods/apps/c.yaml", APP "b\n"); /* has the name that b.yaml's row would get */
	put(f, "teams/dwd/apps/b.yaml", APP "x\n"); /* another team's is another name */
	run(f);
	expect_summary(f,
		"[dwd][ods]\ndwd/x\nods/x"
		"\nods/apps/b.yaml!teams/ods/apps/b.yaml:3:7: the name \"x\" is taken by "
		"teams/ods/apps/a.yaml"
		"\nods/b");
	drop(f, "teams/ods/apps/a.yaml");
	expect_change(f, true, "the first of two is deleted");
	expect_summary(f, "[dwd][ods]\ndwd/x\nods/x\nods/b");
}

/* A copy that still carries the old name must not push the original aside, whatever it is called.
 */
static void scan_same_name_the_file_called_so_wins(void **state)
{
	struct fixture *f = *state;

	put(f, "teams/ods/apps/a-copy.yaml", APP "orders\n");
	put(f, "teams/ods/apps/orders.yaml", APP "orders\n");
	run(f);
	expect_summary(f,
		"[ods]\nods/a-copy!teams/ods/apps/a-copy.yaml:3:7: the name \"orders\" is taken by "
		"teams/ods/apps/orders.yaml\nods/orders");
}

static void scan_sees_each_change(void **state)
{
	struct fixture *f = *state;
	char *from = at(f, "teams/ods/apps/a.yaml"), *to = at(f, "teams/ods/apps/z.yaml");

	put(f, "teams/ods/apps/a.yaml", APP "a\n");
	expect_change(f, true, "the first scan");
	expect_change(f, false, "nothing");
	put(f, "teams/ods/apps/a.yaml", APP "b\n");
	expect_change(f, true, "edited by replacing");
	overwrite(f, "teams/ods/apps/a.yaml", APP "c\n");
	expect_change(f, true, "edited in place, at the same size and maybe the same tick");
	expect_change(f, false, "nothing after an edit");
	put(f, "teams/ods/apps/n.yaml", APP "n\n");
	expect_change(f, true, "added");
	assert_int_equal(rename(from, to), 0);
	expect_change(f, true, "renamed");
	expect_summary(f, "[ods]\nods/n\nods/c");
	drop(f, "teams/ods/apps/n.yaml");
	expect_change(f, true, "deleted");
	put(f, "teams/ods/team.yaml", "apiVersion: weir/v1\nkind: Team\n");
	expect_change(f, true, "team.yaml added");
	drop(f, "teams/ods/team.yaml");
	expect_change(f, true, "team.yaml deleted");
	put(f, "teams/new/x", "");
	expect_change(f, true, "a team added");
	drop(f, "teams/new/x");
	drop(f, "teams/new");
	expect_change(f, true, "a team deleted");
	overwrite(f, "teams/ods/apps/z.yaml", APP "c\n");
	expect_change(f, false, "written again with the same text");
	free(from);
	free(to);
}

/* Same size, same modification time to the nanosecond, long ago: the inode and ctime tell. */
static void scan_sees_a_replacement_with_the_same_times(void **state)
{
	struct fixture *f = *state;
	char *path = at(f, "teams/ods/apps/a.yaml");
	const struct timespec times[2] = {{1000000000, 5}, {1000000000, 5}};
	struct stat before, after;

	clock_fix(clock_wall_ms() + 3600000, 1000); /* nothing on disk is young any more */
	put(f, "teams/ods/apps/a.yaml", APP "a\n");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	expect_change(f, true, "the first scan");
	size_t reads = scan_files_read(f->scan);
	expect_change(f, false, "nothing");
	assert_int_equal(scan_files_read(f->scan), reads);

	put(f, "teams/ods/apps/a.yaml", APP "b\n"); /* a new inode */
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	expect_change(f, true, "replaced");
	expect_summary(f, "[ods]\nods/b");

	assert_int_equal(stat(path, &before), 0);
	do { /* the same inode: until the file system's clock has gone on */
		overwrite(f, "teams/ods/apps/a.yaml", APP "c\n");
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
		assert_int_equal(stat(path, &after), 0);
	} while (!memcmp(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim)));
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	expect_change(f, true, "overwritten");
	expect_summary(f, "[ods]\nods/c");
	free(path);
}

static void scan_links_stay_inside(void **state)
{
	struct fixture *f = *state;
	char *secret = xasprintf("%s/secret.yaml", f->dir);
	char *beside = xasprintf("%s/ws-other", f->dir); /* begins like the workspace's own path */
	struct err err;

	assert_int_equal(file_write(secret, APP "leaked\n", strlen(APP "leaked\n"), &err), 0);
	put(f, "teams/ods/apps/a.yaml", APP "a\n");
	put(f, "shared/tmpl.yaml", APP "tmpl\n");
	put(f, "shared/teamdir/apps/t.yaml", APP "t\n");
	make_link(f, "../../../shared/tmpl.yaml", "teams/ods/apps/in.yaml");
	make_link(f, secret, "teams/ods/apps/out.yaml");
	make_link(f, "../../../../secret.yaml", "teams/ods/apps/up.yaml");
	make_link(f, "nowhere", "teams/ods/apps/gone.yaml");
	make_link(f, "../shared/teamdir", "teams/linked");
	make_link(f, f->dir, "teams/escaped");
	assert_int_equal(mkdir(beside, 0700), 0);
	make_link(f, beside, "teams/prefix");
	run(f);
#define OUT ":1:1: a link that leads nowhere, or out of the workspace"
	expect_summary(f,
		"[escaped!teams/escaped" OUT "][linked][ods][prefix!teams/prefix" OUT "]"
		"\nlinked/t\nods/a"
		"\nods/gone!teams/ods/apps/gone.yaml" OUT "\nods/tmpl"
		"\nods/out!teams/ods/apps/out.yaml" OUT "\nods/up!teams/ods/apps/up.yaml" OUT);
#undef OUT
	expect_change(f, false, "links that stay");
	put(f, "shared/tmpl.yaml", APP "tmpl2\n");
	expect_change(f, true, "what a link leads to");
	free(beside);
	free(secret);
}

static void scan_fails_as_a_whole(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char *want = xasprintf("workspace %s: No such file or directory", f->root);

	assert_int_equal(scan_run(f->scan, &err), E_NOTFOUND);
	assert_string_equal(err.text, want);
	free(want);
	assert_int_equal(mkdir(f->root, 0700), 0);
	assert_int_equal(scan_run(f->scan, &err), E_NOTFOUND);
	want = xasprintf("workspace %s: no folder teams in it (applications are "
			 "teams/TEAM/apps/NAME.yaml)",
		f->root);
	assert_string_equal(err.text, want);
	free(want);
	put(f, "teams", "a file");
	assert_int_equal(scan_run(f->scan, &err), E_CONFIG);
	want = xasprintf("workspace %s: teams: Not a directory", f->root);
	assert_string_equal(err.text, want);
	free(want);
	assert_int_equal(scan_generation(f->scan), 0);
	drop(f, "teams");
	put(f, "teams/ods/apps/a.yaml", APP "a\n");
	expect_change(f, true, "it is there at last");
	char *file = at(f, "teams/ods/apps/a.yaml");
	struct scan *other = scan_new(file);
	assert_int_equal(scan_run(other, &err), E_CONFIG);
	assert_true(str_ends(err.text, ": not a folder"));
	scan_free(other);
	free(file);
}

static void scan_again_reads_nothing(void **state)
{
	struct fixture *f = *state;

	for (int team = 0; team < 4; team++) {
		for (int i = 0; i < 100; i++) {
			char *path = xasprintf("teams/t%d/apps/app-%d.yaml", team, i);
			char *text = xasprintf(APP "app-%d\nargs: [--n, '%d']\n", i, i);
			char *full = at(f, path), *folder = xstrdup(full);
			struct err err;
			*strrchr(folder, '/') = '\0';
			assert_int_equal(file_mkdirs(folder, &err), 0);
			FILE *file = fopen(full, "w"); /* no fsync: these are many */
			assert_non_null(file);
			fputs(text, file);
			fclose(file);
			free(folder);
			free(full);
			free(text);
			free(path);
		}
	}
	clock_fix(clock_wall_ms() + 3600000, 1000);
	expect_change(f, true, "the first scan");
	assert_int_equal(scan_files_read(f->scan), 400);
	expect_change(f, false, "the second scan");
	assert_int_equal(scan_files_read(f->scan), 400);
	overwrite(f, "teams/t2/apps/app-50.yaml", APP "app-50\nowner: li\n");
	expect_change(f, true, "one of many");
	assert_int_equal(scan_files_read(f->scan), 401);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_was_told_outlives_the_next_scan),
		CASE(scan_lists_teams_and_apps),
		CASE(scan_broken_files_are_rows),
		CASE(scan_unreadable_file),
		CASE(scan_same_name_twice),
		CASE(scan_same_name_the_file_called_so_wins),
		CASE(scan_sees_each_change),
		CASE(scan_sees_a_replacement_with_the_same_times),
		CASE(scan_links_stay_inside),
		CASE(scan_fails_as_a_whole),
		CASE(scan_again_reads_nothing),
	};
#undef CASE
	return cmocka_run_group_tests(tests, NULL, NULL);
}
