/* Help and manual page, from the command table alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"

#define EXIT_CODES_MAX 130
#define PARAGRAPH_COLS 79

static const char *line_of(const struct command *command)
{
	const char *line = command_text(command->id)->line;

	return line ? _(line) : _(command->summary);
}

static void add_options(struct buf *out, const struct command_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char left[64];
		char letter[8] = "";
		if (options[i].letter)
			snprintf(letter, sizeof(letter), "-%c, ", options[i].letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, options[i].name,
			options[i].arg ? " " : "", options[i].arg ? options[i].arg : "");
		buf_adds(out, "  ");
		utf8_fill(out, left, 28);
		buf_addf(out, " %s\n", _(options[i].help));
	}
}

/* In the order in which they are met. A test holds it against the table: none is left out. */
static const struct {
	const char *title;
	enum command_id ids[16];
} groups[] = {
	{N_("Look:"), {CMD_GET, CMD_DESCRIBE, CMD_LOGS, CMD_OPEN_UI, CMD_DIFF, CMD_WATCH, CMD_MAX}},
	{N_("Run applications:"),
		{CMD_SHIP, CMD_BUILD, CMD_RELEASE, CMD_ROLLBACK, CMD_START, CMD_RESTART, CMD_STOP,
			CMD_CANCEL, CMD_SAVEPOINT, CMD_CHECKPOINT, CMD_ADOPT, CMD_SETTLE, CMD_ABORT,
			CMD_MAX}},
	{N_("Their files:"), {CMD_NEW, CMD_EDIT, CMD_COPY, CMD_DELETE, CMD_MAX}},
	{N_("weir itself:"),
		{CMD_DOCTOR, CMD_STORE, CMD_CONFIG, CMD_COMPLETION, CMD_HELP_CLI, CMD_VERSION,
			CMD_MAX}},
};

static void help_overview(struct buf *out)
{
	buf_adds(out, _("weir: an operations console for fleets of Apache Flink applications\n\n"));
	buf_adds(out, _("usage: weir [OPTIONS]                    the console\n"));
	buf_adds(out, _("       weir [OPTIONS] COMMAND [WORDS…]\n\n"));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		buf_addf(out, "%s%s\n", i ? "\n" : "", _(groups[i].title));
		for (const enum command_id *id = groups[i].ids; *id != CMD_MAX; id++)
			buf_addf(out, "  %-12s %s\n", commands[*id].name, line_of(&commands[*id]));
	}
	buf_adds(out, _("\nOptions:\n"));
	add_options(out, global_options, global_option_count);
	buf_adds(out, _("\nStart with:  weir --rest http://jobmanager:8081\n"));
	buf_adds(out, _("More:        weir help COMMAND, weir help keys, weir help exit-codes\n"));
}

/* Broken so that it can be read on 80 columns. */
static void add_paragraph(struct buf *out, const char *text)
{
	buf_addc(out, '\n');
	while (*text) {
		size_t len = utf8_break(text, utf8_fit(text, PARAGRAPH_COLS, NULL));

		buf_add(out, text, len - (text[len - 1] == ' '));
		buf_addc(out, '\n');
		text += len + (text[len] == ' ');
	}
}

static void add_lines(struct buf *out, const char *indent, const char *lines)
{
	for (; *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n')
		buf_addf(out, "%s%.*s\n", indent, (int)strcspn(lines, "\n"), lines);
}

static void help_command(struct buf *out, const struct command *command)
{
	const struct command_text *text = command_text(command->id);

	buf_addf(out, _("usage: weir %s%s%s%s\n\n%s.\n"), command->name,
		command->option_count ? _(" [OPTIONS]") : "", command->args ? " " : "",
		command->args ? command->args : "", line_of(command));
	if (text->about)
		add_paragraph(out, _(text->about));
	if (text->examples) {
		buf_adds(out, _("\nExamples:\n"));
		add_lines(out, "  ", text->examples);
	}
	if (command->option_count) {
		buf_adds(out, _("\nOptions:\n"));
		add_options(out, command->options, command->option_count);
	}
	buf_adds(out, _("\nOptions of every command:\n"));
	add_options(out, global_options, global_option_count);
}

static void help_exit_codes(struct buf *out)
{
	for (int code = 0; code <= EXIT_CODES_MAX; code++)
		if (err_exit_meaning(code))
			buf_addf(out, "%5d  %s\n", code, err_exit_meaning(code));
}

static void help_keys(struct buf *out)
{
	const char *group = NULL;
	for (size_t i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		if (!(command->where & (ON_KEY | ON_PALETTE)))
			continue;
		if (!str_eq(group, command->group))
			buf_addf(out, "%s%s\n", group ? "\n" : "", _(command->group));
		group = command->group;
		char name[48] = "";
		if (command->where & ON_PALETTE)
			snprintf(name, sizeof(name), ":%s", command->name);
		buf_addf(out, "  %-18s %-16s %s\n", command->keys ? command->keys : "", name,
			_(command->summary));
	}
}

static int print(struct buf *out)
{
	struct err err;
	int rc = output_text(buf_str(out), out->len, &err);
	buf_release(out);
	return rc ? cli_fail(&err) : 0;
}

int verb_help(struct cli *cli)
{
	struct buf out;
	buf_init(&out, 0);
	bool is_help = cli->command && cli->command->id == CMD_HELP_CLI;
	const char *topic = is_help && cli->arg_count ? cli->args[0] : NULL;
	if (is_help && cli_option(cli, "man")) {
		cli_man(&out);
	} else if (cli->command && !is_help) {
		help_command(&out, cli->command);
	} else if (str_eq(topic, "exit-codes")) {
		help_exit_codes(&out);
	} else if (str_eq(topic, "keys")) {
		help_keys(&out);
	} else if (topic) {
		const struct command *command = command_find(topic, ON_CLI);
		if (!command) {
			struct err err;
			const char *near = command_suggest(topic, ON_CLI);
			buf_release(&out);
			err_set(&err, E_ARG,
				near ? _("no help on '%s'; did you mean '%s'?")
				     : _("no help on '%s'%s"),
				topic, near ? near : "");
			return cli_fail(&err);
		}
		help_command(&out, command);
	} else {
		help_overview(&out);
	}
	return print(&out);
}

int verb_version(void)
{
	printf("weir %s\n", WEIR_VERSION);
	return 0;
}

/* troff: a backslash, and a dot or quote at the start of a line, mean something. */
static void add_troff(struct buf *out, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '\\')
			buf_adds(out, "\\e");
		else if (*c == '-')
			buf_adds(out, "\\-");
		else if ((*c == '.' || *c == '\'') && c == text)
			buf_addf(out, "\\&%c", *c);
		else
			buf_addc(out, *c);
	}
}

static void man_options(struct buf *out, const struct command_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_adds(out, ".TP\n.B ");
		if (options[i].letter)
			buf_addf(out, "\\-%c\\fR, \\fB", options[i].letter);
		buf_adds(out, "\\-\\-");
		add_troff(out, options[i].name);
		if (options[i].arg)
			buf_addf(out, " \\fI%s\\fR", options[i].arg);
		buf_addc(out, '\n');
		add_troff(out, _(options[i].help));
		buf_addc(out, '\n');
	}
}

static void man_lines(struct buf *out, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		char *line = xstrndup(lines, len);

		buf_adds(out, "    ");
		add_troff(out, line);
		buf_addc(out, '\n');
		free(line);
		lines += len + (lines[len] == '\n');
	}
}

static void man_commands(struct buf *out)
{
	buf_addf(out, ".SH %s\n", _("COMMANDS"));
	for (size_t i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		if (!(command->where & ON_CLI))
			continue;
		buf_addf(out, ".SS \"weir %s%s%s\"\n", command->name, command->args ? " " : "",
			command->args ? command->args : "");
		const struct command_text *text = command_text(command->id);
		add_troff(out, line_of(command));
		/* Of a sentence, as in the help of one command. */
		buf_adds(out, _(".\n"));
		if (text->about) {
			buf_adds(out, ".PP\n");
			add_troff(out, _(text->about));
			buf_addc(out, '\n');
		}
		if (text->examples) {
			buf_adds(out, ".PP\n.nf\n");
			man_lines(out, text->examples);
			buf_adds(out, ".fi\n");
		}
		man_options(out, command->options, command->option_count);
	}
}

static void man_keys(struct buf *out)
{
	buf_addf(out, ".SH %s\n%s\n", _("KEYS"),
		_("All of them can be typed as words after \\fB:\\fR where they have one."));
	for (size_t i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		if (!(command->where & (ON_KEY | ON_PALETTE)))
			continue;
		buf_adds(out, ".TP\n.B ");
		add_troff(out, command->keys ? command->keys : ":");
		if (!command->keys)
			add_troff(out, command->name);
		buf_addc(out, '\n');
		add_troff(out, _(command->summary));
		buf_addc(out, '\n');
	}
}

static void man_entry(struct buf *out, const char *font, const char *name, const char *text)
{
	buf_addf(out, ".TP\n.%s %s\n%s\n", font, name, text);
}

void cli_man(struct buf *out)
{
	buf_addf(out, ".TH WEIR 1 \"\" \"weir %s\" \"%s\"\n.ad l\n", WEIR_VERSION,
		_("User Commands"));
	buf_addf(out, ".SH NAME\nweir \\- %s\n",
		_("operations console for fleets of Apache Flink applications"));
	buf_addf(out, ".SH %s\n.B weir\n[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR [\\fIWORDS\\fR...]]\n",
		_("SYNOPSIS"));
	buf_addf(out, ".SH %s\n%s\n.SH %s\n", _("DESCRIPTION"),
		_("Without a command weir opens its console: applications, clusters and teams from "
		  "a "
		  "local file at once, then live. With a command it answers on the standard output "
		  "and ends. Diagnostics go to the standard error output only."),
		_("OPTIONS"));
	man_options(out, global_options, global_option_count);
	man_commands(out);
	man_keys(out);
	buf_addf(out, ".SH %s\n", _("EXIT STATUS"));
	for (int code = 0; code <= EXIT_CODES_MAX; code++)
		if (err_exit_meaning(code)) {
			buf_addf(out, ".TP\n.B %d\n", code);
			add_troff(out, err_exit_meaning(code));
			buf_addc(out, '\n');
		}
	buf_addf(out, ".SH %s\n", _("FILES"));
	man_entry(out, "I", "~/.config/weir/config.yaml", _("the configuration"));
	man_entry(out, "I", "~/.local/state/weir/CONTEXT/", _("what weir remembers of a context"));
	buf_addf(out, ".SH %s\n", _("ENVIRONMENT"));
	man_entry(out, "B", "WEIR_CONFIG", _("a configuration file, instead of the default one"));
	man_entry(out, "B", "NO_COLOR", _("no colours"));
	man_entry(out, "B", "LANGUAGE, LC_ALL, LC_MESSAGES, LANG", _("the language: en or zh_CN"));
}
