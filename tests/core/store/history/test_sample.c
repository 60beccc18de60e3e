/* What a job does, as figures: from Flink's counters to rates, and what becomes of them in the file. */
#include "core/base/buf.h"
#include "core/present/column.h"
#include "core/query/query_history.h"
#include "core/store/history/recorder_sample.h"
#include "tests/core/store/kit.h"

#define CACHE "cache.db"
#define OF_JOB "prod/flink:a/job/00000000000000000000000000000001"

/* ---- counters → rates ---- */

struct told {
	int64_t in, out, busy, held, idle;
};

/* A source of two subtasks and a sink of one; -1: not told. */
static void tell(
	struct vertex vertices[2], struct job_detail *detail, struct told source, struct told sink)
{
	vertices[0] = (struct vertex){.id = "5e695f00738be66c275f8a96a14aa10e",
		.parallelism = 2,
		.read_records = source.in,
		.write_records = source.out,
		.busy_ms = source.busy,
		.backpressured_ms = source.held,
		.idle_ms = source.idle,
		.is_source = true};
	vertices[1] = (struct vertex){.id = "b71731f1d9b2e7b1f5c7d2d3a8e2a1b0",
		.parallelism = 1,
		.read_records = sink.in,
		.write_records = sink.out,
		.busy_ms = sink.busy,
		.backpressured_ms = sink.held,
		.idle_ms = sink.idle,
		.is_sink = true};
	detail->vertices = vertices;
	detail->vertex_count = 2;
}

#define BEGIN ((int64_t)1795000001000)

static void sample_rates_go_by_flinks_clock(void **state)
{
	struct sample_mark mark = {0};
	struct vertex vertices[2];
	struct job_detail detail = {0};
	struct sample sample;

	(void)state;
	tell(vertices, &detail, (struct told){0, 1000, 4000, 0, 16000},
		(struct told){900, 0, 5000, 0, 5000});
	check_bool("nothing to compare with", sample_take(&mark, BEGIN, &detail, &sample), false);
	/* Twelve seconds by our clock, ten by Flink's: 2 x 10 s of the source, 10 s of the sink. */
	tell(vertices, &detail, (struct told){0, 2000, 6000, 12000, 22000},
		(struct told){1800, 0, 14000, 0, 6000});
	check_bool("taken", sample_take(&mark, BEGIN + 12000, &detail, &sample), true);
	check_int("its ten seconds", sample.time_ms, 1795000010000);
	check_int("as long", sample.span_ms, 10000);
	check_int("100/s in, within 12 s", sample.records_in, 1200);
	check_int("of so long", sample.in_of_ms, 12000);
	check_int("90/s out", sample.records_out, 1080);
	check_int("the sink is busiest: 90 %", sample.busy_ms, 10800);
	check_int("of so long", sample.busy_of_ms, 12000);
	check_int("the source is held up: 60 %", sample.backpressured_ms, 7200);
	sample_mark_release(&mark);
}

static void sample_waits_until_flink_has_counted(void **state)
{
	struct sample_mark mark = {0};
	struct vertex vertices[2];
	struct job_detail detail = {0};
	struct sample sample;

	(void)state;
	tell(vertices, &detail, (struct told){0, 1000, 4000, 0, 16000},
		(struct told){900, 0, 5000, 0, 5000});
	sample_take(&mark, BEGIN, &detail, &sample);
	check_bool(
		"the same ten seconds", sample_take(&mark, BEGIN + 8000, &detail, &sample), false);
	check_bool("not counted anew", sample_take(&mark, BEGIN + 13000, &detail, &sample), false);
	tell(vertices, &detail, (struct told){0, 3000, 14000, 0, 46000},
		(struct told){2900, 0, 15000, 0, 15000});
	check_bool("taken", sample_take(&mark, BEGIN + 23000, &detail, &sample), true);
	check_int("since the first", sample.in_of_ms, 23000);
	check_bool("a long gap tells of no moment",
		sample_take(&mark, BEGIN + 23000 + SAMPLE_GAP_MS + 1, &detail, &sample), false);
	/* It does stand still: that is told after a minute. */
	int64_t since = BEGIN + 23000 + SAMPLE_GAP_MS + 1;
	check_bool("not yet", sample_take(&mark, since + 59000, &detail, &sample), false);
	check_bool("nothing moves", sample_take(&mark, since + 60000, &detail, &sample), true);
	check_int("none came in", sample.records_in, 0);
	check_int("in a minute", sample.in_of_ms, 60000);
	sample_mark_release(&mark);
}

static void sample_skips_a_restart(void **state)
{
	struct sample_mark mark = {0};
	struct vertex vertices[2];
	struct job_detail detail = {0};
	struct sample sample;

	(void)state;
	tell(vertices, &detail, (struct told){0, 1000, 4000, 0, 16000},
		(struct told){900, 0, 5000, 0, 5000});
	sample_take(&mark, BEGIN, &detail, &sample);
	tell(vertices, &detail, (struct told){0, 2000, 400, 0, 160},
		(struct told){1900, 0, 300, 0, 260});
	check_bool("begun anew", sample_take(&mark, BEGIN + 10000, &detail, &sample), false);
	tell(vertices, &detail, (struct told){0, 2500, 10400, 0, 10160},
		(struct told){2400, 0, 5300, 0, 5260});
	check_bool("compared with that", sample_take(&mark, BEGIN + 20000, &detail, &sample), true);
	check_int("50/s", sample.records_in, 500);
	detail.vertex_count = 1;
	check_bool("another graph", sample_take(&mark, BEGIN + 30000, &detail, &sample), false);
	sample_mark_release(&mark);
}

/* As 1.16.3 told of a sink: busy 587 ms, later 0, and it never restarted. */
static void sample_of_busy_time_that_falls(void **state)
{
	struct sample_mark mark = {0};
	struct vertex vertices[2];
	struct job_detail detail = {0};
	struct sample sample;

	(void)state;
	tell(vertices, &detail, (struct told){0, 17113, 5071, 0, 79697},
		(struct told){17096, 0, 587, 0, 82680});
	sample_take(&mark, BEGIN, &detail, &sample);
	tell(vertices, &detail, (struct told){0, 19113, 5571, 0, 99197},
		(struct told){19096, 0, 0, 0, 92680});
	check_bool("taken", sample_take(&mark, BEGIN + 10000, &detail, &sample), true);
	check_int("200/s", sample.records_in, 2000);
	check_int("200/s", sample.records_out, 2000);
	check_int("the source's", sample.busy_ms, 250);
	sample_mark_release(&mark);
}

static void sample_leaves_unknown_what_flink_does_not_tell(void **state)
{
	struct sample_mark mark = {0};
	struct vertex vertices[2];
	struct job_detail detail = {0};
	struct sample sample;

	(void)state;
	/* A source of the old kind: NaN. By our clock, then. */
	tell(vertices, &detail, (struct told){0, 1000, -1, 0, 0},
		(struct told){900, 0, 100, 0, 900});
	sample_take(&mark, BEGIN, &detail, &sample);
	tell(vertices, &detail, (struct told){0, 1500, -1, 10000, 0},
		(struct told){1400, 0, 1100, 0, 9900});
	check_bool("taken", sample_take(&mark, BEGIN + 10000, &detail, &sample), true);
	check_int("by our clock", sample.records_in, 500);
	check_int("busy: the sink's", sample.busy_ms, 1000);
	check_int("held up: one of its two", sample.backpressured_ms, 5000);
	/* One vertex from end to end counts nothing between them. */
	vertices[0].is_sink = vertices[1].is_source = true;
	tell(vertices, &detail, (struct told){0, 0, 10, 0, 10}, (struct told){0, 0, 10, 0, 10});
	detail.vertex_count = 1;
	vertices[0].is_sink = true;
	sample_take(&mark, BEGIN + 20000, &detail, &sample);
	vertices[0].busy_ms += 5000;
	vertices[0].idle_ms += 15000;
	check_bool("taken", sample_take(&mark, BEGIN + 30000, &detail, &sample), true);
	check_int("in: not told", sample.in_of_ms, 0);
	check_int("out: not told", sample.out_of_ms, 0);
	check_int("busy: a quarter", sample.busy_ms, 2500);
	sample_mark_release(&mark);
}

/* Sources are asked in turn: records of all, the longest time; what is old is no lag. */
static void sample_knows_how_far_behind_sources_are(void **state)
{
	struct sample_mark mark = {0};
	struct vertex vertices[2];
	struct job_detail detail = {0};
	struct sample sample = {0};

	(void)state;
	for (int i = 0; i <= 3; i++) {
		int64_t ms = i * 10000;

		tell(vertices, &detail, (struct told){0, ms, ms, 0, ms},
			(struct told){ms, 0, ms, 0, 0});
		detail.parts = JOB_PART_VERTICES | (i < 2 ? JOB_PART_LAG : 0);
		detail.lag_vertex = i == 0 ? "first" : "second";
		detail.lag_records = i == 0 ? 40 : 2;
		detail.lag_ms = i == 0 ? 900 : -1;
		check_bool("taken", sample_take(&mark, BEGIN + ms, &detail, &sample), i > 0);
	}
	check_int("both", sample.lag_records, 42);
	check_int("the longest", sample.lag_ms, 900);
	tell(vertices, &detail, (struct told){0, 150000, 150000, 0, 150000},
		(struct told){150000, 0, 150000, 0, 0});
	check_bool("taken", sample_take(&mark, BEGIN + 150000, &detail, &sample), true);
	check_int("not known any more", sample.lag_records, -1);
	check_int("not known any more", sample.lag_ms, -1);
	sample_mark_release(&mark);
}

/* ---- into the file ---- */

/* `at_s` seconds after KIT_NOW; 200 records a second, busy a quarter of it, the checkpoint grows. */
static struct snapshot *counted(int64_t at_s)
{
	struct snapshot *snapshot = kit_detail("a", KIT_NOW + at_s * 1000, 1, 0, NULL);
	struct vertex *vertices = arena_calloc(snapshot->arena, 2, sizeof(*vertices));
	int64_t ms = at_s * 1000;

	tell(vertices, &snapshot->detail, (struct told){0, at_s * 200, ms / 2, 0, ms * 3 / 2},
		(struct told){at_s * 200, 0, ms / 10, 0, ms * 9 / 10});
	((struct checkpoint *)(uintptr_t)snapshot->detail.checkpoints.last_completed)->state_bytes =
		at_s;
	return snapshot;
}

static int64_t row(const char *dir, const char *what, int64_t span_ms, int64_t at_s)
{
	char *sql = xasprintf("SELECT %s FROM sample WHERE ref = '%s' AND span_ms = %lld"
			      " AND time_ms = %lld",
		what, OF_JOB, (long long)span_ms, (long long)(KIT_NOW + at_s * 1000));
	int64_t value = kit_sql(dir, CACHE, sql);

	free(sql);
	return value;
}

static void live(struct kit *kit, int64_t from_s, int64_t to_s)
{
	kit_apply(kit, kit_answer("a", KIT_NOW + from_s * 1000, 1, 1, JOB_RUNNING));
	for (int64_t at_s = from_s; at_s <= to_s; at_s += 5)
		kit_apply(kit, counted(at_s));
	kit_flush(kit);
}

static void samples_are_counted_into_coarser_ones(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	/* The trimmer goes by the wall clock. */
	clock_fix(KIT_NOW, 100000);
	kit_open(&kit, dir);
	/* KIT_NOW is a whole ten seconds, 20 s before a minute. */
	live(&kit, 0, 600);
	check_int("each ten seconds", kit_count(dir, CACHE, "sample WHERE span_ms = 10000"), 60);
	check_int("minutes", kit_count(dir, CACHE, "sample WHERE span_ms = 60000"), 11);
	check_int("ten minutes", kit_count(dir, CACHE, "sample WHERE span_ms = 600000"), 2);
	check_int("raw", row(dir, "records_in", 10000, 300), 2000);
	check_int("a minute", row(dir, "records_in", 60000, 260), 12000);
	check_int("of", row(dir, "in_of_ms", 60000, 260), 60000);
	check_int("a quarter", row(dir, "busy_ms * 100 / busy_of_ms", 60000, 260), 25);
	check_int("the largest", row(dir, "state_bytes", 60000, 260), 310);
	check_int("all that came in",
		kit_sql(dir, CACHE, "SELECT sum(records_in) FROM sample WHERE span_ms = 600000"),
		120000);
	/* Two programs, the same answers: counted once. */
	check_int("the same", kit_count(dir, CACHE, "sample_row"), 73);
	kit_close(&kit);
	kit_open(&kit, dir);
	kit_load(&kit);
	live(&kit, 0, 600);
	check_int("no more rows", kit_count(dir, CACHE, "sample_row"), 73);
	check_int("nor counted twice",
		kit_sql(dir, CACHE, "SELECT sum(records_in) FROM sample WHERE span_ms = 600000"),
		120000);
	kit_close(&kit);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

static void samples_pause_while_the_job_does_not_run(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	live(&kit, 0, 60);
	int64_t before = kit_count(dir, CACHE, "sample WHERE span_ms = 10000");
	check_int("it runs", before, 6);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 70000, 1, 1, JOB_RESTARTING));
	for (int64_t at_s = 70; at_s < 120; at_s += 5)
		kit_apply(&kit, counted(at_s));
	kit_flush(&kit);
	check_int("none of a job that restarts",
		kit_count(dir, CACHE, "sample WHERE span_ms = 10000"), before);
	live(&kit, 120, 140);
	check_int("and on", kit_count(dir, CACHE, "sample WHERE span_ms = 10000"), before + 2);
	kit_close(&kit);
	temp_dir_remove(dir);
}

struct answer {
	size_t count;
	int64_t first_ms, last_ms, span_ms;
	char text[64];
};

static void on_samples(void *data, const void *const *items, size_t count, const struct err *err)
{
	struct answer *answer = data;
	const struct present_env env = {.now_ms = KIT_NOW};
	struct buf text;

	check_ok("read", err ? -1 : 0, err);
	answer->count = count;
	if (!count)
		return;
	const struct sample *newest = items[0], *oldest = items[count - 1];
	answer->first_ms = oldest->time_ms;
	answer->last_ms = newest->time_ms;
	answer->span_ms = newest->span_ms;
	buf_init(&text, 0);
	column_text(column_find(&sample_table, "recordsInPerSecond"), newest, &env, &text);
	buf_adds(&text, " ");
	column_text(column_find(&sample_table, "busyMsPerSecond"), newest, &env, &text);
	buf_adds(&text, " ");
	column_text(column_find(&sample_table, "backPressuredMsPerSecond"), newest, &env, &text);
	buf_adds(&text, " ");
	column_text(column_find(&sample_table, "lagRecords"), newest, &env, &text);
	snprintf(answer->text, sizeof(answer->text), "%s", buf_str(&text));
	buf_release(&text);
}

static void samples_are_read_by_span(void **state)
{
	char *dir = temp_dir();
	struct answer answer = {0};
	struct kit kit;

	(void)state;
	check_int("two hours", sample_span_ms(SAMPLE_RAW_KEPT_MS), SAMPLE_RAW_MS);
	check_int("a day", sample_span_ms((int64_t)24 * 3600 * 1000), SAMPLE_MINUTE_MS);
	check_int("a week", sample_span_ms((int64_t)7 * 24 * 3600 * 1000), SAMPLE_TEN_MS);
	kit_open(&kit, dir);
	live(&kit, 0, 600);
	/* What is not written yet is read, too. */
	for (int64_t at_s = 605; at_s <= 620; at_s += 5)
		kit_apply(&kit, counted(at_s));
	struct history_ask ask = {.refs = {OF_JOB},
		.ref_count = 1,
		.since_ms = KIT_NOW + 500000,
		.span_ms = SAMPLE_RAW_MS,
		.max = 1000};
	query_history(kit.store, HISTORY_SAMPLES, &ask, on_samples, &answer);
	kit_idle(&kit);
	check_int("from there on", (int64_t)answer.count, 13);
	check_int("the newest first", answer.last_ms, KIT_NOW + 620000);
	check_int("to the oldest", answer.first_ms, KIT_NOW + 500000);
	check_int("only these", answer.span_ms, SAMPLE_RAW_MS);
	check_str("as text", answer.text, "200 25% 0% -");
	ask.ref_count = 0;
	ask.span_ms = SAMPLE_MINUTE_MS;
	query_history(kit.store, HISTORY_SAMPLES, &ask, on_samples, &answer);
	kit_idle(&kit);
	check_int("minutes", (int64_t)answer.count, 3);
	kit_close(&kit);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_rates_go_by_flinks_clock),
		cmocka_unit_test(sample_waits_until_flink_has_counted),
		cmocka_unit_test(sample_skips_a_restart),
		cmocka_unit_test(sample_of_busy_time_that_falls),
		cmocka_unit_test(sample_leaves_unknown_what_flink_does_not_tell),
		cmocka_unit_test(sample_knows_how_far_behind_sources_are),
		cmocka_unit_test(samples_are_counted_into_coarser_ones),
		cmocka_unit_test(samples_pause_while_the_job_does_not_run),
		cmocka_unit_test(samples_are_read_by_span),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
