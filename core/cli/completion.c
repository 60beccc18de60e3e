/*
 * weir completion SHELL: a script for the shell, written from the command table alone. What a word
 * may be comes from the table's own texts: "view|check|path" and "APP" from the usage, "table, json
 * or yaml" from an option's help; columns are those of the kinds' own tables. Names are what weir
 * remembers (--cached), so that Tab asks no network. zsh takes the script of bash.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/verbs.h"
#include "core/present/column.h"

/* ---- what the table says ---- */

/* "jar (default), sql or pyflink" → "jar sql pyflink"; "of --list: table" → "table". malloc'd. */
static char *words_of(const char *help)
{
	char *text = xstrdup(help), *out = text, *colon, *rest;
	struct buf words;

	for (const char *p = text; *p; p++)
		if (*p == '(')
			p += strcspn(p, ")") - (strchr(p, ')') == NULL);
		else
			*out++ = *p;
	*out = '\0';
	colon = strstr(text, ": ");
	rest = colon ? colon + 2 : text;
	buf_init(&words, 0);
	for (char *word; (word = strsep(&rest, " ,"));)
		if (*word && !str_eq(word, "or"))
			buf_addf(&words, "%s%s", words.len ? " " : "", word);
	free(text);
	return buf_detach(&words);
}

/* What an option's argument may be: words, "@files", "@teams", …, "@any". malloc'd. */
static char *value_of(const struct command_option *option)
{
	static const char *const kinds[][2] = {{"FILE", "@files"}, {"DIR", "@dirs"},
		{"TEAM", "@teams"}, {"CLUSTER", "@clusters"}, {"COLUMN", "@column"},
		{"COLUMNS", "@columns"}, {"NAME[,NAME…]", "@contexts"}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(option->arg, kinds[i][0]))
			return xstrdup(kinds[i][1]);
	if (str_eq(option->arg, "FORMAT") || str_eq(option->arg, "MODE") ||
		str_eq(option->arg, "TYPE") || str_eq(option->arg, "LANGUAGE"))
		return words_of(option->help);
	return xstrdup("@any");
}

static void add_commands(struct buf *out)
{
	size_t begin = out->len;

	for (size_t i = 0; i < CMD_MAX; i++)
		if (commands[i].where & ON_CLI)
			buf_addf(out, "%s%s", out->len > begin ? " " : "", commands[i].name);
}

/* The first word behind a command: "apps clusters …", "app", "@apps", "@commands"; or "". */
static void add_first(struct buf *out, const struct command *command)
{
	const char *args = command->args ? command->args : "";
	size_t len = strcspn(args, " ");

	if (str_starts(args, "[COMMAND]")) {
		add_commands(out);
		buf_adds(out, " keys exit-codes");
	} else if (str_starts(args, "APP") || str_starts(args, "[APP]")) {
		buf_adds(out, "@apps");
	} else if (str_starts(args, "[HOST|CLUSTER")) {
		buf_adds(out, "@clusters");
	} else if (*args >= 'a' && *args <= 'z') {
		for (size_t i = 0; i < len; i++)
			buf_addc(out, args[i] == '|' ? ' ' : args[i]);
	}
}

/* Of `weir get`; a kind's word in the plural is the table's name. Behind it stand names of what? */
static const struct {
	const struct column_table *table;
	const char *names;
} kinds[] = {{&app_table, "apps"}, {&cluster_table, "clusters"}, {&team_table, "teams"},
	{&job_table, "jobs"}, {&run_table, "apps"}, {&build_table, "apps"},
	{&release_table, "apps"}, {&point_table, "apps"}, {&env_table, NULL},
	{&taskmanager_table, "clusters"}, {&event_table, "apps"}, {&seen_checkpoint_table, "apps"},
	{&seen_exception_table, "apps"}, {&sample_table, "apps"}};

static void add_columns(struct buf *out, const struct column_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		buf_addf(out, "%s%s", i ? " " : "", table->columns[i].key);
}

static bool is_on_cli(const struct command *command)
{
	return command->where & ON_CLI;
}

/* ---- bash, zsh ---- */

static const char bash_head[] =
	"# Written by weir completion; for this shell alone: source <(weir completion bash)\n"
	"# Each sets REPLY: words, @apps and the like, @files, @dirs, @any, or nothing.\n";

static const char bash_tail[] =
	"_weir_offer() {\n"
	"\tlocal line tail\n"
	"\tcase $1 in\n"
	"\t@any | '') ;;\n"
	"\t@files) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
	"\t@dirs) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
	"\t@column)\n"
	"\t\t_weir_columns \"$kind\"\n"
	"\t\tCOMPREPLY=($(compgen -W \"$REPLY\" -- \"$cur\"))\n"
	"\t\t;;\n"
	"\t@columns)\n"
	"\t\t_weir_columns \"$kind\"\n"
	"\t\t[[ $cur == *,* ]] && tail=${cur%,*},\n"
	"\t\tCOMPREPLY=($(compgen -P \"${tail-}\" -W \"$REPLY\" -- \"${cur##*,}\"))\n"
	"\t\t;;\n"
	"\t@contexts)\n"
	"\t\tline=$(\"${COMP_WORDS[0]}\" \"${pass[@]}\" config contexts 2>/dev/null)\n"
	"\t\tCOMPREPLY=($(compgen -W \"$line\" -- \"$cur\"))\n"
	"\t\t;;\n"
	"\t@*)\n"
	"\t\twhile IFS= read -r line; do\n"
	"\t\t\tprintf -v line %q \"$line\"\n"
	"\t\t\tCOMPREPLY+=(\"$line\")\n"
	"\t\tdone < <(\"${COMP_WORDS[0]}\" \"${pass[@]}\" completion names \"${1#@}\" \\\n"
	"\t\t\t-- \"${cur//\\\\/}\" 2>/dev/null)\n"
	"\t\t;;\n"
	"\t*) COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")) ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_weir() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} cmd='' kind='' word i REPLY='' IFS=$' "
	"\\t\\n'\n"
	"\tlocal -a pass args\n"
	"\tpass=() args=()\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tcase $word in\n"
	"\t\t-*)\n"
	"\t\t\t_weir_value \"$cmd\" \"$word\"\n"
	"\t\t\t[[ $REPLY ]] || continue\n"
	"\t\t\ti=$((i + 1))\n"
	"\t\t\tif [[ ${COMP_WORDS[i]} == '=' ]]; then\n"
	"\t\t\t\t[[ $i == \"$COMP_CWORD\" ]] && cur=''\n"
	"\t\t\t\t[[ $i == \"$COMP_CWORD\" ]] || i=$((i + 1))\n"
	"\t\t\tfi\n"
	"\t\t\tif ((i >= COMP_CWORD)); then\n"
	"\t\t\t\t_weir_offer \"$REPLY\"\n"
	"\t\t\t\treturn\n"
	"\t\t\tfi\n"
	"\t\t\tcase $word in --config | --context | --store | --rest)\n"
	"\t\t\t\tpass+=(\"$word\" \"${COMP_WORDS[i]}\") ;;\n"
	"\t\t\tesac\n"
	"\t\t\t;;\n"
	"\t\t'=') ;;\n"
	"\t\t*)\n"
	"\t\t\tif [[ ! $cmd ]]; then\n"
	"\t\t\t\tcmd=$word\n"
	"\t\t\telse\n"
	"\t\t\t\targs+=(\"$word\")\n"
	"\t\t\t\tkind=${args[0]}\n"
	"\t\t\tfi\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\t_weir_options \"$cmd\"\n"
	"\telif [[ ! $cmd ]]; then\n"
	"\t\t_weir_commands\n"
	"\telif [[ ${#args[@]} == 0 ]]; then\n"
	"\t\t_weir_first \"$cmd\"\n"
	"\telse\n"
	"\t\t_weir_names \"$cmd\" \"${args[0]}\"\n"
	"\tfi\n"
	"\t_weir_offer \"$REPLY\"\n"
	"}\n"
	"complete -F _weir weir\n";

static void bash_values(
	struct buf *out, const char *command, const struct command_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!options[i].arg)
			continue;
		char *value = value_of(&options[i]);
		buf_addf(out, "\t%s:--%s", command, options[i].name);
		if (options[i].letter)
			buf_addf(out, " | %s:-%c", command, options[i].letter);
		buf_addf(out, ") REPLY='%s' ;;\n", value);
		free(value);
	}
}

static void add_options(struct buf *out, const struct command_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s--%s", i ? " " : "", options[i].name);
}

/* "get:app | get:apps": either word. */
static void bash_kind(struct buf *out, const char *before, const char *name)
{
	size_t len = strlen(name);

	buf_addf(out, "%s%s", before, name);
	if (name[len - 1] == 's')
		buf_addf(out, " | %s%.*s", before, (int)len - 1, name);
}

static void bash_script(struct buf *out)
{
	struct buf first;

	buf_init(&first, 0);
	buf_adds(out, bash_head);
	buf_adds(out, "_weir_commands() {\n\tREPLY='");
	add_commands(out);
	buf_adds(out, "'\n}\n\n_weir_first() {\n\tREPLY=''\n\tcase $1 in\n");
	for (size_t i = 0; i < CMD_MAX; i++) {
		buf_reset(&first);
		if (is_on_cli(&commands[i]))
			add_first(&first, &commands[i]);
		if (first.len)
			buf_addf(out, "\t%s) REPLY='%s' ;;\n", commands[i].name, buf_str(&first));
	}
	buf_adds(out, "\tesac\n}\n\n_weir_columns() {\n\tREPLY=''\n\tcase $1 in\n");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		buf_addc(out, '\t');
		bash_kind(out, "", kinds[i].table->name);
		buf_adds(out, ") REPLY='");
		add_columns(out, kinds[i].table);
		buf_adds(out, "' ;;\n");
	}
	buf_adds(out, "\tesac\n}\n\n_weir_names() {\n\tREPLY=''\n\tcase $1:$2 in\n");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!kinds[i].names)
			continue;
		buf_addc(out, '\t');
		bash_kind(out, "get:", kinds[i].table->name);
		buf_addf(out, ") REPLY=@%s ;;\n", kinds[i].names);
	}
	buf_adds(out, "\tdescribe:app) REPLY=@apps ;;\n");
	buf_adds(out, "\tesac\n}\n\n_weir_value() {\n\tREPLY=''\n\tcase $1:$2 in\n");
	for (size_t i = 0; i < CMD_MAX; i++)
		if (is_on_cli(&commands[i]))
			bash_values(out, commands[i].name, commands[i].options,
				commands[i].option_count);
	bash_values(out, "*", global_options, global_option_count);
	buf_adds(out, "\tesac\n}\n\n_weir_options() {\n\tcase $1 in\n");
	for (size_t i = 0; i < CMD_MAX; i++) {
		if (!is_on_cli(&commands[i]) || !commands[i].option_count)
			continue;
		buf_addf(out, "\t%s) REPLY='", commands[i].name);
		add_options(out, commands[i].options, commands[i].option_count);
		buf_adds(out, "' ;;\n");
	}
	buf_adds(out, "\t*) REPLY='' ;;\n\tesac\n\tREPLY+=' ");
	add_options(out, global_options, global_option_count);
	buf_adds(out, "'\n}\n\n");
	buf_adds(out, bash_tail);
	buf_release(&first);
}

static void zsh_script(struct buf *out)
{
	buf_adds(out,
		"autoload -Uz compinit bashcompinit\n"
		"(( $+functions[compdef] )) || compinit\nbashcompinit\n");
	bash_script(out);
}

/* ---- fish ---- */

/* Within single quotes. */
static void add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}

/* Of a kind; what was typed may stand in quotes that are not closed: then all of them. */
#define FISH_NAMES "(weir completion names %s -- (commandline -ct | string unescape) 2>/dev/null)"

/* "-a WORDS" of a value or a first word; nothing for @any. */
static void fish_words(struct buf *out, const char *value)
{
	if (str_eq(value, "@files"))
		buf_adds(out, " -F");
	else if (str_eq(value, "@dirs"))
		buf_adds(out, " -a '(__fish_complete_directories)'");
	else if (str_eq(value, "@contexts"))
		buf_adds(out, " -a '(weir config contexts 2>/dev/null)'");
	else if (*value == '@' && !str_eq(value, "@any"))
		buf_addf(out, " -a '" FISH_NAMES "'", value + 1);
	else if (*value != '@')
		buf_addf(out, " -a '%s'", value);
}

/* Of each kind its own: the line has to name it by then. */
static void fish_columns(struct buf *out, const char *option, bool is_list)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		buf_addf(out,
			"complete -c weir -n '__fish_seen_subcommand_from get; and "
			"__fish_seen_subcommand_from %s' -l %s -x -a '",
			kinds[i].table->name, option);
		if (is_list)
			buf_adds(out, "(__fish_complete_list , \"string split -- \\\" \\\" \\\"");
		add_columns(out, kinds[i].table);
		buf_adds(out, is_list ? "\\\"\")'\n" : "'\n");
	}
}

static void fish_options(
	struct buf *out, const char *command, const struct command_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *value = options[i].arg ? value_of(&options[i]) : NULL;
		if (value && str_starts(value, "@column"))
			fish_columns(out, options[i].name, str_eq(value, "@columns"));
		buf_adds(out, "complete -c weir");
		if (command)
			buf_addf(out, " -n '__fish_seen_subcommand_from %s'", command);
		buf_addf(out, " -l %s", options[i].name);
		if (options[i].letter)
			buf_addf(out, " -s %c", options[i].letter);
		if (value) {
			buf_adds(out,
				*value == '@' && (value[1] == 'f' || value[1] == 'd') ? " -r"
										      : " -x");
			if (!str_starts(value, "@column"))
				fish_words(out, value);
		}
		buf_adds(out, " -d ");
		add_quoted(out, _(options[i].help));
		buf_addc(out, '\n');
		free(value);
	}
}

static void fish_script(struct buf *out)
{
	struct buf first;

	buf_init(&first, 0);
	buf_adds(out,
		"# Written by weir completion; for this shell alone: weir completion fish | "
		"source\n"
		"complete -c weir -f\n");
	fish_options(out, NULL, global_options, global_option_count);
	for (size_t i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		const char *line = command_text(command->id)->line;
		if (!is_on_cli(command))
			continue;
		buf_addf(out, "complete -c weir -n __fish_use_subcommand -a %s -d ", command->name);
		add_quoted(out, line ? _(line) : _(command->summary));
		buf_addc(out, '\n');
		fish_options(out, command->name, command->options, command->option_count);
		buf_reset(&first);
		add_first(&first, command);
		if (!first.len)
			continue;
		bool is_words = *buf_str(&first) != '@';
		buf_addf(out, "complete -c weir -n '__fish_seen_subcommand_from %s%s%s'",
			command->name, is_words ? "; and not __fish_seen_subcommand_from " : "",
			is_words ? buf_str(&first) : "");
		fish_words(out, buf_str(&first));
		buf_addc(out, '\n');
	}
	/* Behind a kind its names, as in bash. */
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].names)
			buf_addf(out,
				"complete -c weir -n '__fish_seen_subcommand_from get; and "
				"__fish_seen_subcommand_from %s' -a '" FISH_NAMES "'\n",
				kinds[i].table->name, kinds[i].names);
	buf_addf(out,
		"complete -c weir -n '__fish_seen_subcommand_from describe; and "
		"__fish_seen_subcommand_from app' -a '" FISH_NAMES "'\n",
		"apps");
	buf_release(&first);
}

int verb_completion(struct cli *cli)
{
	static const struct {
		const char *shell;
		void (*write)(struct buf *out);
	} shells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
	struct buf out;
	struct err err;

	if (cli->arg_count >= 2 && cli->arg_count <= 3 && str_eq(cli->args[0], "names"))
		return completion_names(cli);
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (cli->arg_count != 1 || !str_eq(cli->args[0], shells[i].shell))
			continue;
		buf_init(&out, 0);
		shells[i].write(&out);
		fputs(buf_str(&out), stdout);
		buf_release(&out);
		return 0;
	}
	err_set(&err, E_ARG, _("completion takes one of: bash, zsh, fish"));
	return cli_fail(&err);
}
