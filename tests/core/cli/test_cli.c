/* Words → command and options: every option, before and after the command, and what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/cli.h"
#include "tests/support/check.h"

#define WORDS_MAX 16

/* What is printed on stderr goes into a file, so that it can be looked at. */
static struct {
	FILE *file;
	int kept;
} heard;

static void listen_on(int fd, FILE *stream)
{
	fflush(stream);
	heard.kept = dup(fd);
	heard.file = tmpfile();
	assert_non_null(heard.file);
	dup2(fileno(heard.file), fd);
}

static char *listen_off(int fd, FILE *stream)
{
	char text[4096];
	size_t len;

	fflush(stream);
	dup2(heard.kept, fd);
	close(heard.kept);
	rewind(heard.file);
	len = fread(text, 1, sizeof(text) - 1, heard.file);
	text[len] = '\0';
	fclose(heard.file);
	return xstrdup(text);
}

/* Splits at blanks; the words live as long as `line`, and until the next call. */
static int parse(struct cli *cli, char *line)
{
	static char program[] = "weir";
	static char *argv[WORDS_MAX + 1];
	int argc = 0;

	argv[argc++] = program;
	for (char *word; (word = strsep(&line, " "));)
		if (*word) {
			assert_true(argc < WORDS_MAX);
			argv[argc++] = word;
		}
	argv[argc] = NULL;
	return cli_parse(cli, argc, argv);
}

static void options_are_taken_on_both_sides_of_the_command(void **state)
{
	static const struct {
		const char *line;
		int command; /* -1: none */
		size_t args;
		const char *option, *value; /* of the command */
	} rows[] = {
		{"", -1, 0, NULL, NULL},
		{"--store d --rest http://a:1", -1, 0, NULL, NULL},
		{"get apps", CMD_GET, 1, "output", NULL},
		{"get apps a b", CMD_GET, 3, "output", NULL},
		{"get apps -o json", CMD_GET, 1, "output", "json"},
		{"get -o json apps", CMD_GET, 1, "output", "json"},
		{"get apps -ojson x", CMD_GET, 2, "output", "json"},
		{"get apps --output=json", CMD_GET, 1, "output", "json"},
		{"get apps --out json", CMD_GET, 1, "output", "json"},
		{"get apps --cached", CMD_GET, 1, "cached", ""},
		{"get apps --team=", CMD_GET, 1, "team", ""},
		{"--config c get apps --store d", CMD_GET, 1, "cached", NULL},
		{"get apps -- --cached", CMD_GET, 2, "cached", NULL},
		{"describe app -o yaml n", CMD_DESCRIBE, 2, "output", "yaml"},
		{"watch", CMD_WATCH, 0, NULL, NULL},
		{"config view", CMD_CONFIG, 1, NULL, NULL},
		{"help get", CMD_HELP_CLI, 1, "man", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cli cli;
		char *line = xstrdup(rows[i].line);

		check_int(rows[i].line, parse(&cli, line), -1);
		check_int(rows[i].line, cli.command ? (int)cli.command->id : -1, rows[i].command);
		check_int(rows[i].line, (int64_t)cli.arg_count, (int64_t)rows[i].args);
		if (rows[i].option)
			check_str(rows[i].line, cli_option(&cli, rows[i].option), rows[i].value);
		cli_release(&cli);
		free(line);
	}
}

static void global_options_reach_the_session(void **state)
{
	struct cli cli;
	char line[] = "--rest http://a:1 get --rest http://b:2 apps --timeout 2.5 --config c "
		      "--context x,y";

	(void)state;
	assert_int_equal(parse(&cli, line), -1);
	assert_int_equal(cli.session.rest_count, 2);
	assert_string_equal(cli.session.rest[0], "http://a:1");
	assert_string_equal(cli.session.rest[1], "http://b:2");
	assert_int_equal(cli.session.timeout_ms, 2500);
	assert_string_equal(cli.session.config_path, "c");
	assert_string_equal(cli.session.contexts, "x,y");
	assert_null(cli.session.store_dir);
	cli_release(&cli);

	char flags[] = "-v --no-color get apps --timeout 0.0001";
	assert_int_equal(parse(&cli, flags), -1);
	assert_true(cli.verbose && cli.no_color);
	assert_int_equal(cli.session.timeout_ms, 1); /* never 0: that is the default */
	cli_release(&cli);
}

static void wrong_words_end_with_2(void **state)
{
	static const struct {
		const char *line, *part;
	} rows[] = {
		{"gett apps", "did you mean 'get'?"},
		{"xyzzy", "unknown command 'xyzzy'"},
		{"--nope", "unknown option --nope"},
		{"--confg c", "did you mean --config?"},
		{"get apps --cashed", "did you mean --cached?"},
		{"get apps --team", "option --team needs a value"},
		{"get apps -Q", "unknown option -Q"},
		{"get apps -vQ", "unknown option -Q"},
		{"get apps --cached=1", "--cached=1"},
		{"--timeout 0", "above 0"},
		{"--timeout inf", "above 0"},
		{"--timeout 1s", "above 0"},
		{"describe --team x", "unknown option --team"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cli cli;
		char *line = xstrdup(rows[i].line);

		listen_on(STDERR_FILENO, stderr);
		int code = parse(&cli, line);
		char *said = listen_off(STDERR_FILENO, stderr);
		check_int(rows[i].line, code, 2);
		check_has(rows[i].line, said, rows[i].part);
		check_has(rows[i].line, said, "Try 'weir help");
		cli_release(&cli);
		free(said);
		free(line);
	}
}

static void help_and_version_end_with_0(void **state)
{
	static const struct {
		const char *line, *part;
	} rows[] = {
		{"--version", "weir "},
		{"-V", "weir "},
		{"--help", "describe"},
		{"get --help", "--no-details"},
		{"get -h apps", "--no-details"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cli cli;
		char *line = xstrdup(rows[i].line);

		listen_on(STDOUT_FILENO, stdout);
		int code = parse(&cli, line);
		char *said = listen_off(STDOUT_FILENO, stdout);
		check_int(rows[i].line, code, 0);
		check_has(rows[i].line, said, rows[i].part);
		cli_release(&cli);
		free(said);
		free(line);
	}
}

/* Every command and every option of the one table is in the manual. */
static void the_manual_page_names_everything(void **state)
{
	struct buf page;

	(void)state;
	buf_init(&page, 0);
	cli_man(&page);
	check_has("man", buf_str(&page), ".TH");
	for (size_t i = 0; i < CMD_MAX; i++) {
		if (!(commands[i].where & ON_CLI))
			continue;
		check_has("man", buf_str(&page), commands[i].name);
		for (size_t k = 0; k < commands[i].option_count; k++) {
			struct buf plain;

			/* troff writes a hyphen that is a minus as "\-" */
			buf_init(&plain, 0);
			for (const char *c = buf_str(&page); *c; c++)
				if (*c != '\\')
					buf_addc(&plain, *c);
			check_has(commands[i].name, buf_str(&plain), commands[i].options[k].name);
			buf_release(&plain);
		}
	}
	buf_release(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_taken_on_both_sides_of_the_command),
		cmocka_unit_test(global_options_reach_the_session),
		cmocka_unit_test(wrong_words_end_with_2),
		cmocka_unit_test(help_and_version_end_with_0),
		cmocka_unit_test(the_manual_page_names_everything),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
