/* The filter language: what passes, what is not right and where, and that a printed filter is the same one. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/present/filter.h"
#include "tests/support/check.h"
#include "tests/support/fleet_fixture.h"

static const struct present_env env = {.now_ms = FIXTURE_NOW_MS};

static struct filter *parsed(const char *name, const char *text, bool fuzzy)
{
	struct filter *filter;
	struct err err;

	if (filter_parse(&filter, text, &app_table, fuzzy, NULL, &err) < 0)
		fail_msg("%s: %s: %s", name, text, err.text);
	return filter;
}

#define NAME_MAX_SHOWN 24

/* Names of applications that pass, in the fleet's order, with a comma between; malloc'd. */
static char *passing(const struct fleet *fleet, const struct filter *filter, int *count)
{
	const struct column *name = column_find(&app_table, "name");
	size_t app_count;
	struct app *const *apps = fleet_apps(fleet, &app_count);
	struct buf out;

	buf_init(&out, 0);
	*count = 0;
	for (size_t i = 0; i < app_count; i++)
		if (filter_match(filter, apps[i], NULL, &env))
			buf_addf(&out, "%s%.*s", (*count)++ ? "," : "", NAME_MAX_SHOWN,
				name->get(apps[i], &env).text);
	return buf_detach(&out);
}

static const struct pass_case {
	const char *name, *text;
	const char *same; /* another way to say it */
	const char *who;  /* NULL: `count` of 15 */
	int count;
} pass_cases[] = {
	{"nothing lets all pass", "", "  ", NULL, 15},
	{"a word", "daily-agg", "DAILY-AGG", "daily-agg", 1},
	{"a word is looked for in more than the name", "dwd", "'DWD", "daily-agg,lost-one,waiting",
		3},
	{"a team", "team:dwd", "TEAM=dwd", "daily-agg,lost-one,waiting", 3},
	{"a pattern of any letters, and of one", "team:ods", "team:o?s team:o*",
		"order-sync,user-sync,payment-loop", 3},
	{"a regular expression", "~^backfill.*9$", "~BACKFILL-(2024|2025)-0", "backfill-2025-09",
		1},
	{"one of two", "state:failed,restarting", "state:failed or state:restarting",
		"payment-loop,daily-agg", 2},
	{"not", "!team:ods", "not team:ods", NULL, 12},
	{"not a group", "!(team:ods or team:dwd)", "!team:ods and !team:dwd", NULL, 9},
	{"not not", "!!team:ods", "not (not team:ods)", "order-sync,user-sync,payment-loop", 3},
	{"all of them", "team:ods state:running", "(team:ods) and (state:running)",
		"order-sync,user-sync", 2},
	{"'and' binds more than 'or'", "team:ods state:running or daily-agg",
		"daily-agg or (state:running team:ods)", "order-sync,user-sync,daily-agg", 3},
	{"nobody's", "team:unmanaged", "team:-", NULL, 5},
	{"an exact word", "'backfill-2025", "\"backfill-2025\"",
		"backfill-2025-10,backfill-2025-09", 2},
	{"what is in quotes", "name:\"Kafka*\"", "'\"湖仓入湖 (paimon)\"", NULL, 1},
	{"the beginning of a version, up to a dot", "version:1.16", "version:1.16.*", NULL, 1},
	{"longer than", "age>1h", "age>=3601", NULL, 6},
	{"shorter than", "age<=1h", "age<3601s", NULL, 6},
	{"a count", "restarts>0", "restarts>=1 !restarts<1", "payment-loop,daily-agg", 2},
	{"a size", "size>1MiB", "size>1048576B", "order-sync,payment-loop,daily-agg", 3},
	{"no value is neither more nor less", "size<0 or size>=0", "!size:-",
		"order-sync,payment-loop,daily-agg", 3},
	{"a number is no text", "restarts>many", "restarts:many", "", 0},
};

static void filter_passes_what_it_says(void **state)
{
	struct fleet *fleet = fixture_fleet();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pass_cases); i++) {
		const struct pass_case *c = &pass_cases[i];
		struct filter *filter = parsed(c->name, c->text, false);
		struct filter *other = parsed(c->name, c->same, false);
		int count, same_count;
		char *got = passing(fleet, filter, &count),
		     *same = passing(fleet, other, &same_count);

		check_int(c->name, count, c->count);
		if (c->who)
			check_str(c->name, got, c->who);
		check_str(c->name, same, got);
		free(got);
		free(same);
		filter_free(filter);
		filter_free(other);
	}
	fleet_free(fleet);
}

static const struct fuzzy_case {
	const char *name, *word, *text;
	bool passes;
} fuzzy_cases[] = {
	{"a part of a word", "rder", "order-sync", true},
	{"beginnings of parts", "osync", "order-sync", true},
	{"of all parts", "os", "order-sync", true},
	{"of parts with a number", "job12", "job-x-12", true},
	{"of humps", "oS", "orderSync", true},
	{"a shorter beginning where the next part needs the letter", "orders", "order-e-rs-s",
		true},
	{"letters in the middle of parts", "rsync", "order-sync", false},
	{"in another order", "so", "order-sync", false},
	{"over two lines", "os", "order\nsync", false},
	{"in the second line", "ps", "order\npay-sync", true},
	{"Chinese", "订单", "订单同步", true},
	{"many parts", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
		"a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-"
		"a",
		false},
};

static void filter_fuzzy_words_are_beginnings_of_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fuzzy_cases); i++) {
		const struct fuzzy_case *c = &fuzzy_cases[i];
		struct filter *filter = parsed(c->name, c->word, true);

		check_int(c->name, filter_match(filter, NULL, c->text, &env), c->passes);
		filter_free(filter);
	}
}

/* "[o]rder-[sync]": what is marked, in brackets. */
static void filter_marks_what_it_found(void **state)
{
	static const struct {
		const char *text, *in, *want;
	} rows[] = {
		{"osync", "order-sync", "[o]rder-[sync]"},
		{"ord", "order-sync", "[ord]er-sync"},
		{"os", "order-sync", "[o]rder-[s]ync"},
		{"os", "orders-to-sync-os", "orders-to-sync-[os]"},
		{"ors", "order-row-sync", "[or]der-row-[s]ync"},
		{"sp2", "SinkPart2", "[S]ink[P]art[2]"},
		{"sync osync", "order-sync", "[o]rder-[sync]"},
		{"'osync", "order-sync", "order-sync"},
		{"!os", "order-sync", "order-sync"},
		{"nothing", "order-sync", "order-sync"},
		{"sync order", "order-sync", "[order]-[sync]"},
		{"~s.n order", "order-sync", "[order]-[syn]c"},
		{"tj", "trade-价-job", "[t]rade-价-[j]ob"},
		{"order rde", "order-sync", "[order]-sync"},
		{"~^o|x*", "order-sync", "[o]rder-sync"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter *filter = parsed(rows[i].text, rows[i].text, true);
		struct filter_mark marks[8];
		size_t count = filter_find(filter, rows[i].in, 0, marks, 8), at = 0;
		struct buf out;

		buf_init(&out, 0);
		for (size_t k = 0; k < count; k++) {
			buf_add(&out, rows[i].in + at, marks[k].at - at);
			buf_addf(&out, "[%.*s]", (int)marks[k].len, rows[i].in + marks[k].at);
			at = marks[k].at + marks[k].len;
		}
		buf_adds(&out, rows[i].in + at);
		check_str(rows[i].text, buf_str(&out), rows[i].want);
		/* The first of them, where there is room for no more. */
		check_int(rows[i].text, (int64_t)filter_find(filter, rows[i].in, 0, marks, 1),
			count > 0);
		check_int(rows[i].text, (int64_t)filter_find(filter, rows[i].in, 0, marks, 0), 0);
		buf_release(&out);
		filter_free(filter);
	}
}

/* A text has no columns: what would be one says so, what only looks like one is a word. */
static void filter_of_a_text_has_words_only(void **state)
{
	static const struct {
		const char *text;
		bool is_right;
		size_t at;
	} rows[] = {
		{"error or warn !retry ~ab+", true, 0},
		{"10:00:01 Caused by: java.lang.Error: x", true, 0},
		{"http://jm1:8081 key=value a<b", true, 0},
		{"state: RUNNING", true, 0},
		{"\"state:RUNNING\" 'team:ods", true, 0},
		{"a state:RUNNING", false, 2},
		{"!(team:ods)", false, 2},
		{"ckpt>5m", false, 0},
		{"~[", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter *filter = NULL;
		size_t at = 0;
		struct err err;
		int rc = filter_parse(&filter, rows[i].text, NULL, false, &at, &err);

		check_int(rows[i].text, rc, rows[i].is_right ? 0 : E_ARG);
		if (rc)
			check_int(rows[i].text, (int64_t)at, (int64_t)rows[i].at);
		filter_free(filter);
	}
}

static const struct wrong_case {
	const char *name, *text;
	size_t at;
	const char *says;
} wrong_cases[] = {
	{"a column that is not there", "state:x tean:ods", 8, "did you mean 'team'?"},
	{"nothing like it", "http://gateway", 0, "no column 'http'"},
	{"no value", "team:", 5, "a value is missing behind 'team'"},
	{"no second value", "team:a,", 7, "a value is missing"},
	{"several values that are compared", "restarts>1,2", 0, "only ':' takes several"},
	{"a quote", "a \"b", 2, "a quote is not closed"},
	{"a parenthesis", "a (b", 2, "the parenthesis is not closed"},
	{"too many of them", "a b)", 3, "')' closes nothing"},
	{"or nothing", "a or", 4, "a word is missing beside 'or'"},
	{"nothing or", "or a", 0, "a word is missing beside 'or'"},
	{"and nothing", "a and", 2, "a word is missing beside 'and'"},
	{"not what", "a !", 3, "a word is missing"},
	{"a regular expression", "a ~[b", 2, "the regular expression is not right"},
	{"a million copies", "~a++++++++++++++++++++", 0, "it repeats too much"},
	{"in parentheses", "~((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+", 0,
		"it repeats too much"},
	{"by numbers", "~(a{200}){200}", 0, "it repeats too much"},
	{"without an end", "~a{200,}{200,}", 0, "it repeats too much"},
	{"behind a set", "~[]a[:digit:]+]++++++++++++++++", 0, "it repeats too much"},
	{"a group again", "~(a*)b\\1", 0, "it refers to a group"},
};

static void filter_errors_say_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_cases); i++) {
		const struct wrong_case *c = &wrong_cases[i];
		struct filter *filter = NULL;
		size_t at = 99;
		struct err err;

		check_int(c->name, filter_parse(&filter, c->text, &app_table, true, &at, &err),
			E_ARG);
		check_int(c->name, (int64_t)at, (int64_t)c->at);
		check_has(c->name, err.text, c->says);
		assert_null(filter);
	}
}

/* ---- properties ---- */

static uint32_t seed = 5;

static unsigned pick(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

static char *made_up(void)
{
	static const char *const parts[] = {"order", "o", "os", "sync", "'sync", "\"a b\"",
		"team:ods", "team:o*,dwd", "state:running", "restarts>0", "size<10MiB", "age>1h",
		"ckpt:-", "~s.*c", "(", "(", ")", ")", "!", "not", "and", "or", "name:\"a,b\"",
		"x\\\"", "-", "1"};
	struct buf out;

	buf_init(&out, 0);
	for (unsigned i = pick(8) + 1; i > 0; i--)
		buf_addf(&out, "%s%s", parts[pick(ARRAY_SIZE(parts))], pick(4) ? " " : "");
	return buf_detach(&out);
}

/* Whatever is typed and wherever: marks are in order, apart, and within the text; a word that passes marks something. */
static void filter_marks_are_places_of_the_text(void **state)
{
	static const char letters[] = "oos-yncB2 _";

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[13] = "", word[7] = "";
		struct filter_mark marks[4];
		struct filter *filter;
		size_t count, at = 0;

		for (size_t k = 0; k < 12; k++)
			text[k] = letters[pick(sizeof(letters) - 1)];
		for (size_t k = 0, len = 1 + pick(5); k < len; k++)
			word[k] = letters[pick(3)];
		if (*word == '-')
			*word = 'o';
		filter = parsed(word, word, true);
		count = filter_find(filter, text, 0, marks, 4);
		check_bool(word, filter_match(filter, NULL, text, &env), count > 0);
		for (size_t k = 0; k < count; k++) {
			check_bool(word, marks[k].at >= at && marks[k].len > 0, true);
			at = marks[k].at + marks[k].len;
			check_bool(word, at <= strlen(text), true);
		}
		filter_free(filter);
	}
}

static void filter_printed_is_the_same_filter(void **state)
{
	struct fleet *fleet = fixture_fleet();
	int right = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char *text = made_up();
		struct filter *filter, *again;
		struct err err;

		if (filter_parse(&filter, text, &app_table, i % 2, NULL, &err) == 0) {
			struct buf printed, twice;
			int count, same_count;

			buf_init(&printed, 0);
			buf_init(&twice, 0);
			filter_print(filter, &printed);
			again = parsed(text, buf_str(&printed), i % 2);
			filter_print(again, &twice);
			check_str(text, buf_str(&twice), buf_str(&printed));
			char *got = passing(fleet, filter, &count);
			char *same = passing(fleet, again, &same_count);
			check_str(text, same, got);
			free(got);
			free(same);
			buf_release(&printed);
			buf_release(&twice);
			filter_free(filter);
			filter_free(again);
			right++;
		}
		free(text);
	}
	assert_true(right > 5000);
	fleet_free(fleet);
}

/* What narrows lets nothing pass that did not pass before. */
static void filter_that_narrows_adds_nothing(void **state)
{
	struct fleet *fleet = fixture_fleet();
	size_t app_count;
	struct app *const *apps = fleet_apps(fleet, &app_count);
	int narrower = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char *text = made_up(), *more = xasprintf("%s%s", text, pick(2) ? "s" : " o");
		struct filter *former, *filter;
		struct err err;

		if (filter_parse(&former, text, &app_table, true, NULL, &err) == 0) {
			if (filter_parse(&filter, more, &app_table, true, NULL, &err) == 0) {
				bool narrows = filter_narrows(filter, former);

				narrower += narrows;
				for (size_t k = 0; narrows && k < app_count; k++)
					if (filter_match(filter, apps[k], NULL, &env) &&
						!filter_match(former, apps[k], NULL, &env))
						fail_msg("'%s' does not narrow '%s'", more, text);
				filter_free(filter);
			}
			filter_free(former);
		}
		free(text);
		free(more);
	}
	assert_true(narrower > 500);
	fleet_free(fleet);
}

/* What could be completed at the end, and from where. */
static void filter_tail_finds_the_word_being_typed(void **state)
{
	static const struct {
		const char *text;
		const char *word;   /* NULL: nothing to complete */
		const char *column; /* NULL: a word */
	} rows[] = {
		{"", "", NULL},
		{"te", "te", NULL},
		{"orders te", "te", NULL},
		{"orders ", "", NULL},
		{"!te", "te", NULL},
		{"not (te", "te", NULL},
		{"team:", "", "team"},
		{"TEAM=od", "od", "team"},
		{"a or !(team:od", "od", "team"},
		{"team:ods,dw", "dw", "team"},
		{"team:\"a, b\",dw", "dw", "team"},
		{"team:\"a b", "\"a b", "team"},
		{"tag:x version:1.", "1.", "flinkVersion"},
		{"team:(a,b) st", "st", NULL},
		{"~a(b|c te", "te", NULL},
		{"ckpt>5", NULL, NULL},
		{"teem:o", NULL, NULL},
		{"'te", NULL, NULL},
		{"~te", NULL, NULL},
		{"a \"te", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filter_tail tail;
		bool is_any = filter_tail(rows[i].text, &app_table, &tail);

		check_bool(rows[i].text, is_any, rows[i].word != NULL);
		if (!is_any)
			continue;
		check_str(rows[i].text, rows[i].text + tail.from, rows[i].word);
		check_str(rows[i].text, tail.column ? tail.column->key : NULL, rows[i].column);
	}
}

/* Whatever was typed before it: a value that is completed is that value, and a column's name that column. */
static void filter_completed_at_the_tail_is_right(void **state)
{
	static const char *const values[] = {
		"ods", "a b", "a,b", "(x", "y)", "q\"r", "订单 1", "-", "b\\c", "~z"};
	int right = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char *text = made_up();
		struct filter_tail tail;
		struct filter *filter;
		struct buf whole;

		buf_init(&whole, 0);
		if (filter_parse(&filter, text, &app_table, true, NULL, NULL) == 0) {
			const char *value = values[pick(ARRAY_SIZE(values))];

			filter_free(filter);
			buf_addf(&whole, "%s team:", text);
			check_bool(text, filter_tail(buf_str(&whole), &app_table, &tail), true);
			check_str(text, tail.column ? tail.column->key : NULL, "team");
			check_int(text, (int64_t)tail.from, (int64_t)whole.len);
			filter_print_value(value, &whole);
			filter_free(parsed(text, buf_str(&whole), true));
			check_bool(text, filter_tail(buf_str(&whole), &app_table, &tail), true);
			check_str(text, tail.column ? tail.column->key : NULL, "team");
			right++;
		}
		/* Of what is not right, too, it is a place in the text. */
		if (filter_tail(text, &app_table, &tail))
			check_bool(text, tail.from <= strlen(text), true);
		buf_release(&whole);
		free(text);
	}
	assert_true(right > 5000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_passes_what_it_says),
		cmocka_unit_test(filter_fuzzy_words_are_beginnings_of_parts),
		cmocka_unit_test(filter_marks_what_it_found),
		cmocka_unit_test(filter_marks_are_places_of_the_text),
		cmocka_unit_test(filter_of_a_text_has_words_only),
		cmocka_unit_test(filter_errors_say_where),
		cmocka_unit_test(filter_printed_is_the_same_filter),
		cmocka_unit_test(filter_that_narrows_adds_nothing),
		cmocka_unit_test(filter_tail_finds_the_word_being_typed),
		cmocka_unit_test(filter_completed_at_the_tail_is_right),
	};

	check_locale();
	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
