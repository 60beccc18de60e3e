/*
 * Languages at the command line: what programs read is the same, byte by byte, whatever a person there
 * reads; what a person reads is Chinese, fits the terminal and stands in its columns.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"
#include "tests/support/program.h"

#define NOBODY "--rest", "http://127.0.0.1:1"

static char *home, *config; /* the second as WEIR_CONFIG=… */
static struct fleetd *fleetd;

static struct program *say(const char *language, const char *const *words)
{
	const char *all[24] = {"--timeout", "20"};
	const char *env[] = {language, config, NULL};
	size_t count = 2;

	while (*words)
		all[count++] = *words++;
	return program_run(&(struct program_setup){.home = home, .words = all, .env = env});
}

#define ENGLISH "LANGUAGE=en"
#define CHINESE "LANGUAGE=zh_CN"

/* Each number as "#": ages move between two commands. */
static const char *without_numbers(struct buf *text)
{
	char *to = text->data;

	for (const char *from = text->data; text->len && *from; from++) {
		bool is_digit = *from >= '0' && *from <= '9';

		if (!is_digit || to == text->data || to[-1] != '#')
			*to++ = is_digit ? '#' : *from;
	}
	if (text->len)
		buf_end(text, to);
	return buf_str(text);
}

static void programs_read_the_same_in_every_language(void **state)
{
	const struct {
		const char *name;
		const char *const *words;
		int exit_code;
		bool is_text; /* its messages are for a person: they may differ */
	} rows[] = {
		{"apps", WORDS("get", "apps", "-o", "json", "--cached"), 0, false},
		{"apps in YAML", WORDS("get", "apps", "-o", "yaml", "--cached"), 0, false},
		{"apps in CSV", WORDS("get", "apps", "-o", "csv", "--cached"), 0, false},
		{"apps by name", WORDS("get", "apps", "-o", "name", "--cached"), 0, false},
		{"clusters", WORDS("get", "clusters", "-o", "json", "--cached"), 0, false},
		{"teams", WORDS("get", "teams", "-o", "json", "--cached"), 0, false},
		{"jobs", WORDS("get", "jobs", "-o", "json", "--cached"), 0, false},
		{"history", WORDS("get", "history", "-o", "json"), 0, false},
		{"runs", WORDS("get", "runs", "-o", "json"), 0, false},
		{"nobody answers", WORDS(NOBODY, "get", "apps", "-o", "json"), 6, false},
		{"no such app", WORDS("describe", "app", "nope", "-o", "json", "--cached"), 4,
			false},
		{"no such kind", WORDS("get", "foo", "-o", "json"), 2, false},
		{"a word of --lang",
			WORDS("--lang", "zh_CN", "get", "jobs", "-o", "json", "--cached"), 0,
			false},
		{"words of a shell", WORDS("completion", "bash"), 0, false},
		{"unknown command", WORDS("gett"), 2, true},
		{"unknown option", WORDS("get", "apps", "--no-such"), 2, true},
		{"unknown language", WORDS("--lang", "xx", "get", "apps"), 2, true},
		{"nobody, as a table", WORDS(NOBODY, "get", "apps"), 6, true},
		{"version", WORDS("--version"), 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *english = say(ENGLISH, rows[i].words);
		struct program *chinese = say(CHINESE, rows[i].words);

		check_int(rows[i].name, english->exit_code, rows[i].exit_code);
		check_int(rows[i].name, chinese->exit_code, rows[i].exit_code);
		if (!rows[i].is_text) {
			check_str(rows[i].name, without_numbers(&chinese->out),
				without_numbers(&english->out));
			check_str(rows[i].name, without_numbers(&chinese->err),
				without_numbers(&english->err));
		} else {
			check_bool(rows[i].name,
				str_eq(buf_str(&chinese->err), buf_str(&english->err)), false);
		}
		program_free(english);
		program_free(chinese);
	}
}

/* Digits and what an id may be made of. */
static const char *without_ids(struct buf *text)
{
	char *to = text->data;

	for (const char *from = text->data; text->len && *from; from++)
		if (!strchr("0123456789abcdef", *from))
			*to++ = *from;
	if (text->len)
		buf_end(text, to);
	return buf_str(text);
}

static void order(const char *text)
{
	char *said = fleetd_say(fleetd, text);

	check_has(text, said, "ok");
	free(said);
}

/* A run, and a JobManager that goes: told by who speaks `language` into a store of its own. */
static void live_in(const char *language, const char *store)
{
	struct program *p = say(language, WORDS("--store", store, "get", "apps", "-o", "table"));

	check_int("before", p->exit_code, 0);
	program_free(p);
	p = say(language,
		WORDS("--store", store, "savepoint", "checkout/payments-export-00003", "--yes",
			"--wait"));
	check_int("savepoint", p->exit_code, 0);
	program_free(p);
	order("manager 0 reset");
	p = say(language, WORDS("--store", store, "get", "clusters"));
	check_int("a part", p->exit_code, 5);
	program_free(p);
	order("manager 0 fine");
}

/* Whoever wrote it: what is kept is English, and each reads it in his language. */
static void what_is_kept_is_the_same_in_every_language(void **state)
{
	/* The sick ones live on meanwhile: only what was done to them all. */
	static const char *const kinds[][3] = {
		{"runs", "verb,state,outcome,steps,plan,code", "verb:savepoint"},
		{"history", "of,kind,to,text", "to:UNREACHABLE"},
	};
	char *stores[] = {temp_path(home, "english"), temp_path(home, "chinese")};
	struct program *shown;

	(void)state;
	live_in(ENGLISH, stores[0]);
	live_in(CHINESE, stores[1]);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct program *kept[2];

		for (int k = 0; k < 2; k++) {
			kept[k] = say(ENGLISH,
				WORDS("--store", stores[k], "get", kinds[i][0], "-o", "json",
					"--cached", "--columns", kinds[i][1], "--filter",
					kinds[i][2]));
			check_int(kinds[i][0], kept[k]->exit_code, 0);
		}
		check_has(kinds[i][0], buf_str(&kept[0]->out),
			i ? "reset by the far side" : "savepoint at");
		check_str(kinds[i][0], without_ids(&kept[1]->out), without_ids(&kept[0]->out));
		for (int k = 0; k < 2; k++)
			program_free(kept[k]);
	}
	shown = say(CHINESE, WORDS("--store", stores[0], "get", "runs"));
	check_has("his own", buf_str(&shown->out), "保存点");
	program_free(shown);
	shown = say(ENGLISH, WORDS("--store", stores[1], "get", "runs"));
	check_has("as it is", buf_str(&shown->out), "savepoint");
	program_free(shown);
	for (int k = 0; k < 2; k++)
		free(stores[k]);
}

static void people_read_their_own(void **state)
{
	const struct {
		const char *name;
		const char *const *words;
		const char *part;
	} rows[] = {
		{"a table", WORDS("get", "clusters", "--cached"), "状态"},
		{"help", WORDS("help"), "用法"},
		{"help of a command", WORDS("help", "get"), "选项："},
		{"exit codes", WORDS("help", "exit-codes"), "超时"},
		{"the manual page", WORDS("help", "--man"), ".SH 选项"},
		{"--lang", WORDS("--lang", "zh", "help"), "用法"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *chinese =
			say(str_eq(rows[i].name, "--lang") ? "LANG=" : CHINESE, rows[i].words);

		check_int(rows[i].name, chinese->exit_code, 0);
		check_has(rows[i].name, buf_str(&chinese->out), rows[i].part);
		program_free(chinese);
	}
}

/* A locale of ASCII gets English, --lang gets what it asked for all the same. */
static void ascii_is_english_unless_asked(void **state)
{
	const char *env[] = {"LC_ALL=C", CHINESE, NULL};
	struct program *ascii = program_run(
		&(struct program_setup){.home = home, .words = WORDS("help"), .env = env});
	struct program *asked = program_run(&(struct program_setup){
		.home = home, .words = WORDS("--lang", "zh_CN", "help"), .env = env});

	(void)state;
	check_has("ASCII", buf_str(&ascii->out), "usage:");
	check_has("asked for", buf_str(&asked->out), "用法");
	program_free(ascii);
	program_free(asked);
}

/* Left of its help an option takes 2 + 28 + 1 cells, whatever the help is written in. */
static void help_stands_in_columns(void **state)
{
	static const char *const languages[] = {ENGLISH, CHINESE};

	(void)state;
	for (size_t l = 0; l < ARRAY_SIZE(languages); l++) {
		struct program *help = say(languages[l], WORDS("help", "start"));
		int options = 0;

		for (char *rest = help->out.data, *line; (line = strsep(&rest, "\n"));) {
			if (!str_starts(line, "  -"))
				continue;
			options++;
			size_t at = utf8_fit(line, 30, NULL);

			check_bool(line, line[at] == ' ' && line[at + 1] != ' ', true);
		}
		check_bool(languages[l], options > 10, true);
		program_free(help);
	}
}

/* What is written as a paragraph fits 80 columns, and no line of it begins with a mark that ends something. */
static void paragraphs_fit_the_terminal(void **state)
{
	static const char *const commands[] = {
		"get", "doctor", "store", "adopt", "release", "open"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct program *help = say(CHINESE, WORDS("help", commands[i]));
		char *end = strstr(help->out.data, "\n示例：");
		char *text = strstr(help->out.data, "\n\n"); /* behind the usage */

		assert_non_null(end);
		assert_non_null(text);
		*end = 0;
		text = strstr(text + 2, "\n\n"); /* behind the line that says what it is */
		for (char *line; text && (line = strsep(&text, "\n"));) {
			check_bool(line, utf8_width(line) <= 80, true);
			check_bool(line,
				str_starts(line, "，") || str_starts(line, "。") ||
					str_starts(line, "）"),
				false);
		}
		program_free(help);
	}
}

static int setup(void **state)
{
	struct program *asked;
	char *path;

	(void)state;
	home = temp_dir();
	path = temp_path(home, "config.yaml");
	config = xasprintf("WEIR_CONFIG=%s", path);
	fleetd = fleetd_start_at(home,
		WORDS("--jobs", "40", "--managers", "4", "--sick", "5", "--churn", "0", "--at",
			"600000"));
	free(path);
	/* What is remembered does not move from one command to the next. */
	asked = say(ENGLISH, WORDS("get", "apps", "-o", "name"));
	check_int("asked", asked->exit_code, 0);
	program_free(asked);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	free(config);
	temp_dir_remove(home);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_read_the_same_in_every_language),
		cmocka_unit_test(what_is_kept_is_the_same_in_every_language),
		cmocka_unit_test(people_read_their_own),
		cmocka_unit_test(ascii_is_english_unless_asked),
		cmocka_unit_test(help_stands_in_columns),
		cmocka_unit_test(paragraphs_fit_the_terminal),
	};

	check_locale();
	return cmocka_run_group_tests(tests, setup, teardown);
}
