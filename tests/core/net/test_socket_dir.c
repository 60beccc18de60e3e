/* The folder of sockets: what a killed process left goes, and nothing else. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/net/socket_dir.h"
#include "tests/support/check.h"

static void add_socket(const char *dir)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char *path = temp_path(dir, "m0");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	check_int("bind", bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	free(path);
}

static void what_a_killed_process_left_goes(void **state)
{
	static const struct {
		const char *name, *row;
		int mode;
		bool is_young, is_held, has_file, goes;
	} rows[] = {
		{"weir-aaaaaa", "left", 0700, false, false, false, true},
		{"weir-bbbbbb", "held", 0700, false, true, false, false},
		{"weir-cccccc", "young", 0700, true, false, false, false},
		{"weir-dddddd", "with a file", 0700, false, false, true, false},
		{"weir-eeeeee", "others may enter", 0755, false, false, false, false},
		{"weir-test-aaaaaa", "another name", 0700, false, false, false, false},
	};
	const struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
	struct socket_dir dir = {0};
	struct loop *loop;
	struct err err = {0};
	char *base = temp_dir(), *paths[ARRAY_SIZE(rows)], *file;
	int held[ARRAY_SIZE(rows)];

	(void)state;
	setenv("XDG_RUNTIME_DIR", base, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		paths[i] = temp_path(base, rows[i].name);
		check_int(rows[i].row, mkdir(paths[i], 0700), 0);
		add_socket(paths[i]);
		file = temp_path(paths[i], "file");
		if (rows[i].has_file)
			temp_file(file, "x");
		free(file);
		chmod(paths[i], (mode_t)rows[i].mode);
		held[i] = rows[i].is_held ? open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		if (rows[i].is_held)
			check_int(rows[i].row, flock(held[i], LOCK_SH), 0);
		if (!rows[i].is_young)
			check_int(rows[i].row, utimensat(AT_FDCWD, paths[i], long_ago, 0), 0);
	}
	check_ok("loop", loop_open(&loop, &err), &err);
	check_ok("made", socket_dir_make(&dir, loop, &err), &err);
	assert_true(loop_run_until_idle(loop, 60000));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_bool(rows[i].row, access(paths[i], F_OK) == 0, !rows[i].goes);
		if (held[i] >= 0)
			close(held[i]);
		free(paths[i]);
	}
	check_has("in the runtime folder", dir.path, base);
	check_int("its own", access(dir.path, W_OK), 0);
	file = xstrdup(dir.path);
	socket_dir_remove(&dir);
	check_int("gone", access(file, F_OK), -1);
	free(file);
	loop_close(loop);
	unsetenv("XDG_RUNTIME_DIR");
	temp_dir_remove(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_killed_process_left_goes),
	};

	return cmocka_run_group_tests_name("net/socket_dir", tests, NULL, NULL);
}
