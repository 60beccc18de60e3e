/* Logs as Flink gives them: whole files, read to their end, followed by their size. */
#include "tests/core/source/flink/jobmanager.h"

#include "core/source/flink/logs.h"
#include "core/source/log_tail.h"

#define LIST "GET /jobmanager/logs"
#define FILE_ "GET /jobmanager/log"

struct heard {
	struct bench *bench;
	struct log_tail *tail;
	struct buf text, notes;
	int done;
	struct err err;
	const char *want; /* until this was told */
};

static void on_text(void *data, const char *text, size_t len)
{
	buf_add(&((struct heard *)data)->text, text, len);
}

static void on_note(void *data, const char *text)
{
	buf_addf(&((struct heard *)data)->notes, "%s\n", text);
}

static void on_done(void *data, const struct err *err)
{
	struct heard *heard = data;

	heard->done++;
	heard->tail = NULL;
	heard->err = err ? *err : (struct err){0};
}

static void listen_to(
	struct heard *heard, struct bench *bench, const struct log_tail_options *options)
{
	struct log_tail_options filled = *options;

	*heard = (struct heard){.bench = bench};
	buf_init(&heard->text, 0);
	buf_init(&heard->notes, 0);
	filled.loop = bench->loop;
	filled.source = bench->source;
	filled.every_ms = 20;
	filled.on_text = on_text;
	filled.on_note = on_note;
	filled.done = on_done;
	filled.data = heard;
	heard->tail = log_tail_start(&filled);
}

static void heard_release(struct heard *heard)
{
	log_tail_cancel(heard->tail);
	loop_run_until_idle(heard->bench->loop, 10000);
	buf_release(&heard->text);
	buf_release(&heard->notes);
}

static void to_the_end(struct heard *heard)
{
	assert_true(loop_run_until_idle(heard->bench->loop, 60000));
	assert_int_equal(1, heard->done);
}

/* Turns until `want` is in the text or the notes. */
static void until(struct heard *heard, const struct buf *in, const char *want)
{
	for (int i = 0; !strstr(buf_str(in), want); i++) {
		if (i > 3000)
			fail_msg("never told: %s", want);
		loop_turn(heard->bench->loop, 20);
	}
}

static void serve_list(struct bench *b, const char *list)
{
	char *body = xasprintf("{\"logs\":[%s]}", list);

	bench_serve(b, "/jobmanager/logs", 200, body);
	free(body);
}

static void serve(struct bench *b, const char *text)
{
	char *entry = xasprintf(
		"{\"name\":\"flink-x-standalonesession-0-h.log\",\"size\":%zu,\"mtime\":5}",
		strlen(text));

	bench_serve(b, "/jobmanager/log", 200, text);
	serve_list(b, entry);
	free(entry);
}

static void the_end_comes_in_whole_lines_and_masked(void **state)
{
	static const struct {
		const char *name, *log;
		size_t keep;
		const char *want;
	} rows[] = {
		{"all of it", "one\ntwo\n", 0, "one\ntwo\n"},
		{"no line feed at its end", "one\ntwo", 0, "one\ntwo\n"},
		{"begins in the middle of a line", "one\ntwo\nthree\n", 9, "three\n"},
		{"secrets", "x s3.secret-key: hunter2\n", 0, "x s3.secret-key: ******\n"},
		{"colours", "\033[31mred\033[0m\r\n", 0, "red\n"},
		{"no UTF-8", "a\xff z\n", 0, "a\xef\xbf\xbd z\n"},
		{"empty", "", 0, ""},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct heard heard;

		serve(b, rows[i].log);
		listen_to(&heard, b, &(struct log_tail_options){.keep_bytes = rows[i].keep});
		assert_int_equal(0, heard.done); /* never from inside */
		to_the_end(&heard);
		check_int(rows[i].name, heard.err.code, E_OK);
		check_str(rows[i].name, buf_str(&heard.text), rows[i].want);
		heard_release(&heard);
	}
}

static void what_is_added_is_told_and_read_only_then(void **state)
{
	struct bench *b = *state;
	struct heard heard;
	int lists;

	serve(b, "one\ntw");
	listen_to(&heard, b, &(struct log_tail_options){.follow = true});
	until(&heard, &heard.text, "one\n");
	check_str("half a line waits", buf_str(&heard.text), "one\n");
	lists = httpd_requests(b->server, LIST);
	while (httpd_requests(b->server, LIST) < lists + 3)
		loop_turn(b->loop, 20);
	check_int("not read again", httpd_requests(b->server, FILE_), 1);
	serve(b, "one\ntwo\nthree\n");
	until(&heard, &heard.text, "three\n");
	check_str("what was added", buf_str(&heard.text), "one\ntwo\nthree\n");
	check_str("nothing to note", buf_str(&heard.notes), "");
	heard_release(&heard);
	check_int("done", heard.done, 0);
}

static void a_log_begun_anew_is_told_from_its_beginning(void **state)
{
	struct bench *b = *state;
	struct heard heard;

	serve(b, "a long first line\nsecond\n");
	listen_to(&heard, b, &(struct log_tail_options){.follow = true});
	until(&heard, &heard.text, "second\n");
	serve(b, "new\n");
	until(&heard, &heard.text, "new\n");
	check_str("all", buf_str(&heard.text), "a long first line\nsecond\nnew\n");
	check_has("note", buf_str(&heard.notes), "begun anew");
	heard_release(&heard);
}

static void what_cannot_be_asked_while_following_is_tried_again(void **state)
{
	struct bench *b = *state;
	struct heard heard;

	serve(b, "one\n");
	listen_to(&heard, b, &(struct log_tail_options){.follow = true});
	until(&heard, &heard.text, "one\n");
	bench_serve(b, "/jobmanager/logs", 503, "busy");
	until(&heard, &heard.notes, "503");
	serve(b, "one\ntwo\n");
	until(&heard, &heard.text, "two\n");
	check_str("all", buf_str(&heard.text), "one\ntwo\n");
	check_int("goes on", heard.done, 0);
	heard_release(&heard);
}

static void refusals(void **state)
{
	struct bench *b = *state;
	struct heard heard;
	char *body = fixture_text("1.20.5", "err-unknown-tm");

	bench_serve(b, "/taskmanagers/tm-9/logs", 500, body);
	free(body);
	listen_to(&heard, b, &(struct log_tail_options){.taskmanager = "tm-9"});
	to_the_end(&heard);
	check_err("TaskManager", heard.err.code, &heard.err, E_NOTFOUND, "TaskManager 'tm-9'");
	heard_release(&heard);

	serve(b, "one\n");
	listen_to(&heard, b, &(struct log_tail_options){.file = "nope.log"});
	to_the_end(&heard);
	check_err("file", heard.err.code, &heard.err, E_NOTFOUND, "'nope.log'");
	heard_release(&heard);

	listen_to(&heard, b, &(struct log_tail_options){.file = "../conf/config.yaml"});
	to_the_end(&heard);
	check_err("no way out", heard.err.code, &heard.err, E_NOTFOUND, "no log file");
	heard_release(&heard);

	b->seen = httpd_requests(b->server, FILE_);
	serve_list(b, "{\"name\":\"jobmanager.log\",\"size\":300000000,\"mtime\":5}");
	listen_to(&heard, b, &(struct log_tail_options){0});
	to_the_end(&heard);
	check_err("too large", heard.err.code, &heard.err, E_PROTO, "300 MB");
	check_int("not read", httpd_requests(b->server, FILE_), b->seen);
	heard_release(&heard);
}

static void a_large_one_is_announced_and_only_its_end_kept(void **state)
{
	struct bench *b = *state;
	struct heard heard;

	serve_list(b, "{\"name\":\"jobmanager.log\",\"size\":40000000,\"mtime\":5}");
	bench_serve_huge(b, "/jobmanager/log", 40000000);
	listen_to(&heard, b, &(struct log_tail_options){.keep_bytes = 5000});
	to_the_end(&heard);
	check_int("code", heard.err.code, E_OK);
	check_has("note", buf_str(&heard.notes), "read as a whole, 40 MB");
	/* Of one line of 40 MB. */
	assert_true(heard.text.len <= 5001);
	heard_release(&heard);
}

static void nothing_comes_after_a_cancel(void **state)
{
	struct bench *b = *state;
	struct heard heard;

	serve(b, "one\n");
	for (int turns = 0; turns < 8; turns++) {
		listen_to(&heard, b, &(struct log_tail_options){.follow = true});
		for (int i = 0; i < turns; i++)
			loop_turn(b->loop, 5);
		log_tail_cancel(heard.tail);
		heard.tail = NULL;
		buf_reset(&heard.text);
		assert_true(loop_run_until_idle(b->loop, 10000));
		check_str("text", buf_str(&heard.text), "");
		check_int("done", heard.done, 0);
		heard_release(&heard);
	}
}

static void the_current_log_by_its_name(void **state)
{
	static const struct log_file files[] = {
		{"flink-u-standalonesession-0-h.log.1", 10, 9},
		{"flink-u-standalonesession-0-h.log", 10, 5},
		{"flink-u-standalonesession-1-h.log", 10, 7},
		{"flink-u-standalonesession-1-h.out", 10, 8},
		{"flink-u-taskexecutor-0-h.log", 10, 6},
		{"gc.log", 10, 10},
	};

	(void)state;
	check_str("JobManager", log_current(files, ARRAY_SIZE(files), false)->name, files[2].name);
	check_str("TaskManager", log_current(files, ARRAY_SIZE(files), true)->name, files[4].name);
	assert_null(log_current(files + 5, 1, false));
}

static void paths_and_lists(void **state)
{
	static const struct {
		const char *name;
		struct source_log_request request;
		const char *want;
	} rows[] = {
		{"current", {0}, "/jobmanager/log"},
		{"list", {.is_list = true}, "/jobmanager/logs"},
		{"file", {.file = "a b.log"}, "/jobmanager/logs/a%20b.log"},
		{"TaskManager", {.taskmanager = "10.0.0.1:6122-5f/a"},
			"/taskmanagers/10.0.0.1:6122-5f%2Fa/log"},
		{"its list", {.taskmanager = "tm", .is_list = true, .file = "x"},
			"/taskmanagers/tm/logs"},
	};
	static const char list[] = "{\"logs\":[{\"name\":\"../x\",\"size\":1},{\"name\":\"a.log\","
				   "\"size\":7,\"mtime\":3},{\"name\":\"..\"},{\"size\":1}]}";
	struct arena *arena = arena_new();
	const struct log_file *files;
	struct err err;
	size_t count;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *path = flink_log_path(&rows[i].request);

		check_str(rows[i].name, path, rows[i].want);
		free(path);
	}
	check_ok("list", flink_log_list(arena, "GET x", list, strlen(list), &files, &count, &err),
		&err);
	check_int("names that are paths are left out", (int64_t)count, 1);
	check_str("name", files[0].name, "a.log");
	check_int("size", files[0].size, 7);
	check_err("no list", flink_log_list(arena, "GET x", "{}", 2, &files, &count, &err), &err,
		E_PROTO, "GET x: no list");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_end_comes_in_whole_lines_and_masked, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_added_is_told_and_read_only_then, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			a_log_begun_anew_is_told_from_its_beginning, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked_while_following_is_tried_again,
			bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(refusals, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(a_large_one_is_announced_and_only_its_end_kept,
			bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			nothing_comes_after_a_cancel, bench_setup, bench_teardown),
		cmocka_unit_test(the_current_log_by_its_name),
		cmocka_unit_test(paths_and_lists),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
