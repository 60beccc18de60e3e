/* Small files: whole or not at all. */
#include "tests/support/check.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"

static char *dir;

static int setup(void **state)
{
	(void)state;
	dir = temp_dir();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(dir);
	return 0;
}

static int mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : (int)(st.st_mode & 07777);
}

static int entries_in(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count - 2;
}

static void file_write_replaces_whole(void **state)
{
	char *path = temp_path(dir, "config.yaml");
	struct err err = {0};

	(void)state;
	check_ok("new", file_write(path, "one\0two", 7, &err), &err);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(chmod(path, 0644), 0);
	check_ok("again", file_write(path, "three", 5, &err), &err);
	assert_int_equal(mode_of(path), 0600);
	size_t len;
	char *text = fixture_read(path, &len);
	assert_int_equal(len, 5);
	assert_string_equal(text, "three");
	assert_int_equal(entries_in(dir), 1);
	free(text);
	free(path);
}

static void file_write_keeps_links(void **state)
{
	char *real = temp_path(dir, "real"), *link = temp_path(dir, "link");
	struct err err = {0};
	struct stat st;

	(void)state;
	temp_file(real, "old");
	assert_int_equal(symlink("real", link), 0);
	check_ok("through the link", file_write(link, "new", 3, &err), &err);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	char *text = fixture_read(real, NULL);
	assert_string_equal(text, "new");
	free(text);
	free(real);
	free(link);
}

static void file_write_says_why_not(void **state)
{
	char *gone = temp_path(dir, "no/such/file"), *folder = temp_path(dir, "folder");
	struct err err = {0};

	(void)state;
	check_err("no folder", file_write(gone, "x", 1, &err), &err, E_INTERNAL,
		"No such file or directory");
	check_ok("mkdirs", file_mkdirs(folder, &err), &err);
	check_err("a folder", file_write(folder, "x", 1, &err), &err, E_INTERNAL, folder);
	assert_int_equal(entries_in(dir), 1); /* no temporary file is left */
	free(gone);
	free(folder);
}

static void file_read_appends_or_says_why_not(void **state)
{
	char *path = temp_path(dir, "f"), *gone = temp_path(dir, "gone");
	char *below = temp_path(dir, "f/below");
	struct err err = {0};
	struct buf out;

	(void)state;
	temp_file(path, "0123456789");
	buf_init(&out, 15);
	buf_adds(&out, "a:");
	check_ok("read", file_read(path, &out, &err), &err);
	assert_string_equal(buf_str(&out), "a:0123456789");
	check_err("over the cap", file_read(path, &out, &err), &err, E_CONFIG, "larger than 15");
	assert_string_equal(buf_str(&out), "a:0123456789");
	buf_reset(&out);
	check_err("missing", file_read(gone, &out, &err), &err, E_NOTFOUND, gone);
	check_err("below a file", file_read(below, &out, &err), &err, E_NOTFOUND, below);
	check_err("a folder", file_read(dir, &out, &err), &err, E_CONFIG, "Is a directory");
	assert_int_equal(out.len, 0);
	buf_release(&out);
	free(path);
	free(gone);
	free(below);
}

static void file_mkdirs_makes_private_folders(void **state)
{
	char *deep = temp_path(dir, "a//b/c/"), *file = temp_path(dir, "f");
	char *below = temp_path(dir, "f/x");
	char *top = temp_path(dir, "a");
	struct err err = {0};

	(void)state;
	check_ok("deep", file_mkdirs(deep, &err), &err);
	check_ok("again", file_mkdirs(deep, &err), &err);
	assert_int_equal(mode_of(deep), 0700);
	assert_int_equal(mode_of(top), 0700);
	check_ok("root", file_mkdirs("/", &err), &err);
	temp_file(file, "x");
	check_err("a file", file_mkdirs(file, &err), &err, E_INTERNAL, "Not a directory");
	check_err("below a file", file_mkdirs(below, &err), &err, E_INTERNAL, "Not a directory");
	free(deep);
	free(file);
	free(below);
	free(top);
}

static void file_expand_resolves(void **state)
{
	static const struct {
		const char *path, *base, *want;
	} rows[] = {
		{"~/x", NULL, "/home/me/x"},
		{"~", "/base", "/home/me"},
		{"~x/y", "/base", "/base/~x/y"},
		{"x/y", "/base", "/base/x/y"},
		{"x", "/base/", "/base/x"},
		{"/x", "/base", "/x"},
		{"x", NULL, "x"},
	};

	(void)state;
	setenv("HOME", "/home/me", 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = file_expand(rows[i].path, rows[i].base);
		check_str(rows[i].path, got, rows[i].want);
		free(got);
	}
}

static void file_xdg_follows_the_specification(void **state)
{
	static const struct {
		const char *name, *kind, *variable, *value, *want;
	} rows[] = {
		{"config", "CONFIG", "XDG_CONFIG_HOME", NULL, "/home/me/.config/weir"},
		{"state", "STATE", "XDG_STATE_HOME", NULL, "/home/me/.local/state/weir"},
		{"cache", "CACHE", "XDG_CACHE_HOME", NULL, "/home/me/.cache/weir"},
		{"set", "STATE", "XDG_STATE_HOME", "/s", "/s/weir"},
		{"empty", "STATE", "XDG_STATE_HOME", "", "/home/me/.local/state/weir"},
		{"relative", "STATE", "XDG_STATE_HOME", "s", "/home/me/.local/state/weir"},
	};

	(void)state;
	setenv("HOME", "/home/me", 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].value)
			setenv(rows[i].variable, rows[i].value, 1);
		else
			unsetenv(rows[i].variable);
		char *got = file_xdg(rows[i].kind);
		check_str(rows[i].name, got, rows[i].want);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(file_write_replaces_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(file_write_keeps_links, setup, teardown),
		cmocka_unit_test_setup_teardown(file_write_says_why_not, setup, teardown),
		cmocka_unit_test_setup_teardown(file_read_appends_or_says_why_not, setup, teardown),
		cmocka_unit_test_setup_teardown(file_mkdirs_makes_private_folders, setup, teardown),
		cmocka_unit_test(file_expand_resolves),
		cmocka_unit_test(file_xdg_follows_the_specification),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
