/* The diagnostic log: private, redacted, one line each, never over its cap. */
#include "tests/support/check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"

static char *dir, *path;

static int setup(void **state)
{
	(void)state;
	dir = temp_dir();
	path = temp_path(dir, "weir.log");
	clock_fix(1795254832345, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_close();
	clock_fix(0, 0);
	free(path);
	temp_dir_remove(dir);
	return 0;
}

static int64_t size_of(const char *name, int *mode)
{
	char *full = temp_path(dir, name);
	struct stat st;
	int rc = stat(full, &st);

	free(full);
	if (rc == 0 && mode)
		*mode = (int)(st.st_mode & 07777);
	return rc < 0 ? -1 : (int64_t)st.st_size;
}

static void log_writes_private_harmless_lines(void **state)
{
	struct err err = {0};
	int mode = 0;

	(void)state;
	temp_file(path, "old\n");
	assert_int_equal(chmod(path, 0644), 0);
	check_ok("open", log_open(path, LOG_INFO, &err), &err);
	log_write(LOG_INFO, "GET %s password=%s", "http://u:p@jm:8081", "hunter2");
	log_write(LOG_DEBUG, "not wanted");
	log_write(LOG_WARN, "two\nlines \x1b[31m");
	char *want = xasprintf("old\n"
			       "2026-11-21T09:53:52.345Z INFO  [%ld] GET http://u:******@jm:8081 "
			       "password=******\n"
			       "2026-11-21T09:53:52.345Z WARN  [%ld] two lines \xEF\xBF\xBD[31m\n",
		(long)getpid(), (long)getpid());
	char *got = fixture_read(path, NULL);
	check_str("lines", got, want);
	size_of("weir.log", &mode);
	assert_int_equal(mode, 0600);
	free(got);
	free(want);
}

static void log_is_dropped_when_closed(void **state)
{
	struct err err = {0};

	(void)state;
	log_write(LOG_ERROR, "before");
	check_ok("open", log_open(path, LOG_DEBUG, &err), &err);
	log_close();
	log_write(LOG_ERROR, "after");
	assert_int_equal(size_of("weir.log", NULL), 0);
}

static void log_open_says_why_not(void **state)
{
	char *below = temp_path(dir, "no/such/log");
	struct err err = {0};

	(void)state;
	check_err("no folder", log_open(below, LOG_INFO, &err), &err, E_INTERNAL, below);
	free(below);
}

static void log_rotates_once(void **state)
{
	enum { SIZE = 1 << 20, CAP = 8 << 20 };
	char *text = xmalloc(SIZE - 100);
	struct err err = {0};
	int mode = 0;

	(void)state;
	memset(text, 'x', SIZE - 101);
	text[SIZE - 101] = '\0';
	check_ok("open", log_open(path, LOG_INFO, &err), &err);
	for (int i = 0; i < 20; i++)
		log_write(LOG_INFO, "%s", text);
	int64_t now = size_of("weir.log", &mode), older = size_of("weir.log.1", NULL);
	assert_int_equal(mode, 0600);
	assert_true(older > CAP - SIZE && older <= CAP);
	assert_true(now > 0 && now <= CAP);
	assert_int_equal(size_of("weir.log.2", NULL), -1);
	free(text);
}

/* Another process rotated: follow it, or its new file would become ".1" at once. */
static void log_follows_a_foreign_rotation(void **state)
{
	char *older = temp_path(dir, "weir.log.1");
	char *text = xcalloc(1, 1 << 19);
	struct err err = {0};

	(void)state;
	memset(text, 'x', (1 << 19) - 1);
	check_ok("open", log_open(path, LOG_INFO, &err), &err);
	for (int i = 0; i < 15; i++)
		log_write(LOG_INFO, "%s", text);
	assert_int_equal(rename(path, older), 0);
	temp_file(path, "theirs\n");
	log_write(LOG_INFO, "%s", text);
	log_write(LOG_INFO, "ours");
	char *got = fixture_read(path, NULL);
	check_bool("theirs stays", !strncmp(got, "theirs\n", 7), true);
	check_has("ours is behind it", got, "ours\n");
	free(got);
	free(text);
	free(older);
}

static void *write_many(void *name)
{
	for (int i = 0; i < 500; i++)
		log_write(LOG_INFO, "%s %d end", (const char *)name, i);
	return NULL;
}

static void log_keeps_lines_of_threads_apart(void **state)
{
	static char names[][2] = {"a", "b", "c"};
	pthread_t threads[ARRAY_SIZE(names)];
	struct err err = {0};
	int lines = 0;

	(void)state;
	check_ok("open", log_open(path, LOG_INFO, &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	char *got = fixture_read(path, NULL), *rest = got, *line;
	while ((line = strsep(&rest, "\n")) && *line) {
		check_bool(line, !strncmp(line, "2026-", 5), true);
		check_bool(line, !strcmp(line + strlen(line) - 4, " end"), true);
		lines++;
	}
	assert_int_equal(lines, 1500);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(log_writes_private_harmless_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(log_is_dropped_when_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(log_open_says_why_not, setup, teardown),
		cmocka_unit_test_setup_teardown(log_rotates_once, setup, teardown),
		cmocka_unit_test_setup_teardown(log_follows_a_foreign_rotation, setup, teardown),
		cmocka_unit_test_setup_teardown(log_keeps_lines_of_threads_apart, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
