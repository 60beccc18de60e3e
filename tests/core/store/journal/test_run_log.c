/* The log of a run: whole lines, masked, in order, with a cap, for this user's eyes only. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/query/query_release.h"
#include "core/store/journal/release.h"
#include "core/store/journal/run.h"
#include "tests/core/store/kit.h"

struct said {
	struct kit kit;
	int calls, code;
	char *text;
	size_t len;
	int64_t size;
};

static void on_log(void *data, const char *text, size_t len, int64_t size, const struct err *err)
{
	struct said *said = data;

	said->calls++;
	said->code = err ? (int)err->code : 0;
	free(said->text);
	said->text = xstrndup(text, len);
	said->len = len;
	said->size = size;
}

static void on_run(void *data, const struct run *run, const struct err *err)
{
	struct said *said = data;

	(void)run;
	said->calls++;
	said->code = err ? (int)err->code : 0;
}

static void read_log(struct said *said, int64_t run, int64_t from, size_t cap)
{
	int before = said->calls;

	query_run_log(said->kit.store, run, from, cap, on_log, said);
	kit_idle(&said->kit);
	check_int("once", said->calls, before + 1);
	check_int("read", said->code, 0);
}

static void append(struct said *said, int64_t run, const char *text)
{
	run_log_append(said->kit.store, run, text, strlen(text));
}

static void said_close(struct said *said)
{
	kit_close(&said->kit);
	free(said->text);
}

static void log_holds_whole_masked_lines_of_its_run(void **state)
{
	char *dir = temp_dir(), *path, *folder = temp_path(dir, "runs");
	struct said said = {0};
	struct stat st;

	(void)state;
	kit_open(&said.kit, dir);
	read_log(&said, 7, 0, 1000);
	check_int("printed nothing", said.size, 0);
	check_str("printed nothing", said.text, "");
	append(&said, 7, "one\ntoken=hun");
	append(&said, 8, "another run\n");
	append(&said, 7, "ter2 used\n\x1b[32mthr");
	read_log(&said, 7, 0, 1000);
	check_str("whole lines only", said.text, "one\ntoken=****** used\n");
	check_int("size", said.size, (int64_t)said.len);
	append(&said, 7, "ee\n");
	read_log(&said, 7, said.size, 1000);
	check_str("goes on from there", said.text, "three\n");
	read_log(&said, 8, 0, 1000);
	check_str("the other", said.text, "another run\n");

	path = run_log_path(said.kit.store, 7);
	assert_int_equal(stat(path, &st), 0);
	check_int("file", st.st_mode & 0777, 0600);
	assert_int_equal(stat(folder, &st), 0);
	check_int("folder", st.st_mode & 0777, 0700);
	said_close(&said);
	free(path);
	free(folder);
	temp_dir_remove(dir);
}

static void last_line_is_there_when_the_run_has_ended(void **state)
{
	char *dir = temp_dir();
	struct said said = {0};
	struct run run = {.app = "prod/workspace/app/a/b",
		.context = KIT_CONTEXT,
		.name = "b",
		.verb = "build",
		.created_ms = KIT_NOW};

	(void)state;
	kit_open(&said.kit, dir);
	run_begin(said.kit.store, &run, on_run, &said);
	kit_idle(&said.kit);
	run.id = run.epoch = 1;
	append(&said, 1, "first\nno end");
	run.state = RUN_DONE;
	run_end(said.kit.store, &run, on_run, &said);
	kit_idle(&said.kit);
	check_int("ended", said.code, 0);
	read_log(&said, 1, 0, 1000);
	check_str("all", said.text, "first\nno end\n");
	/* Also when weir goes in the middle of it. */
	append(&said, 2, "cut");
	said_close(&said);
	said = (struct said){0};
	kit_open(&said.kit, dir);
	read_log(&said, 2, 0, 1000);
	check_str("closed", said.text, "cut\n");
	said_close(&said);
	temp_dir_remove(dir);
}

static void parts_of_a_log_are_whole_lines(void **state)
{
	/* "line 0\n" … "line 9\n": seven bytes each */
	static const struct {
		const char *name;
		int64_t from;
		size_t cap;
		const char *want;
		int64_t size;
	} rows[] = {
		{"all", 0, 1000, NULL, 70},
		{"the last two and a half", -1, 17, "line 8\nline 9\n", 70},
		{"exactly the last two", -1, 14, "line 8\nline 9\n", 70},
		{"the last of all", -1, 1000, NULL, 70},
		{"from the start, a part", 0, 20, "line 0\nline 1\n", 70},
		{"from the middle", 56, 1000, "line 8\nline 9\n", 70},
		{"from the end", 70, 1000, "", 70},
		{"behind the end", 700, 1000, "", 70},
		{"less than a line", 0, 3, "lin", 70},
		{"nothing", 0, 0, "", 70},
	};
	char *dir = temp_dir(), line[16];
	char all[71] = "";
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		memcpy(all + (size_t)i * 7, line, 8);
		append(&said, 1, line);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		read_log(&said, 1, rows[i].from, rows[i].cap);
		check_str(rows[i].name, said.text, rows[i].want ? rows[i].want : all);
		check_int(rows[i].name, said.size, rows[i].size);
	}
	said_close(&said);
	temp_dir_remove(dir);
}

static void log_stops_at_its_cap_and_says_so(void **state)
{
	char *dir = temp_dir(), *piece = xmalloc(1 << 20), *path = temp_path(dir, "runs/1.log");
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	for (size_t i = 0; i < 1 << 20; i++)
		piece[i] = i % 1024 == 1023 ? '\n' : 'x';
	append(&said, 1, "the first\n");
	kit_idle(&said.kit);
	/* As if it had run for long: masking 64 MiB takes seconds. */
	assert_int_equal(truncate(path, (off_t)RUN_LOG_BYTES - (3 << 19)), 0);
	for (int i = 0; i < 3; i++) {
		run_log_append(said.kit.store, 1, piece, 1 << 20);
		kit_idle(&said.kit);
	}
	read_log(&said, 1, -1, 2000);
	check_has("says so", said.text, "the log is full (64 MiB)");
	assert_in_range(said.size, RUN_LOG_BYTES, RUN_LOG_BYTES + 200);
	append(&said, 1, "more\n");
	int64_t size = said.size;
	read_log(&said, 1, -1, 100);
	check_int("nothing more", said.size, size);
	said_close(&said);
	free(path);
	free(piece);
	temp_dir_remove(dir);
}

static void log_that_cannot_be_written_stops_nothing(void **state)
{
	char *dir = temp_dir(), *runs = temp_path(dir, "runs");
	struct said said = {0};

	(void)state;
	kit_open(&said.kit, dir);
	temp_file(runs, "a file where the folder should be");
	append(&said, 1, "lost\n");
	kit_idle(&said.kit);
	unlink(runs);
	append(&said, 1, "kept\n");
	read_log(&said, 1, 0, 100);
	check_str("goes on", said.text, "kept\n");
	said_close(&said);
	free(runs);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_holds_whole_masked_lines_of_its_run),
		cmocka_unit_test(last_line_is_there_when_the_run_has_ended),
		cmocka_unit_test(parts_of_a_log_are_whole_lines),
		cmocka_unit_test(log_stops_at_its_cap_and_says_so),
		cmocka_unit_test(log_that_cannot_be_written_stops_nothing),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
