/*
 * Other words for commands: what people type who come from k9s, vim or lazygit, and a name of its own
 * for each command that shares its word on the command line with another. They work where a command
 * is named on the screen (the palette, a keymap), not in a shell.
 */
#include "core/action/command.h"
#include "core/base/mem.h"
#include "core/base/str.h"

static const struct alias {
	const char *word;
	enum command_id id;
	const char *arg; /* what it says of itself; or NULL */
} aliases[] = {
	{"a", CMD_APPS, NULL},
	{"app", CMD_APPS, NULL},
	{"applications", CMD_APPS, NULL},
	{"application", CMD_APPS, NULL},
	{"cl", CMD_CLUSTERS, NULL},
	{"cluster", CMD_CLUSTERS, NULL},
	{"team", CMD_TEAMS, NULL},
	{"ns", CMD_TEAMS, NULL},
	{"job", CMD_JOBS, NULL},
	{"run", CMD_RUNS, NULL},
	{"msg", CMD_MESSAGES, NULL},
	{"events", CMD_HISTORY, NULL},
	{"ev", CMD_HISTORY, NULL},
	{"rp", CMD_RESTORE_POINTS, NULL},
	{"savepoints", CMD_RESTORE_POINTS, NULL},
	{"envs", CMD_FLINK_ENVS, NULL},
	{"tm", CMD_TASKMANAGERS, NULL},
	{"rel", CMD_RELEASES, NULL},
	{"ctx", CMD_CONTEXT, NULL},
	{"contexts", CMD_CONTEXT, NULL},
	{"log", CMD_LOGS, NULL},
	{"skin", CMD_THEME, NULL},
	{"h", CMD_HELP, NULL},
	{"?", CMD_HELP, NULL},
	{"q", CMD_QUIT, NULL},
	{"qa", CMD_QUIT, NULL},
	{"exit", CMD_QUIT, NULL},
	{"q!", CMD_QUIT, "!"},
	{"qa!", CMD_QUIT, "!"},
	{"quit!", CMD_QUIT, "!"},
	{"e", CMD_EDIT, NULL},
	{"web-ui", CMD_OPEN_UI, NULL},
	{"ui", CMD_OPEN_UI, NULL},
	{"copy-app", CMD_COPY, NULL},
};

const struct command *command_named(const char *word, const char **arg)
{
	const struct command *command = command_find(word, ON_PALETTE);

	*arg = NULL;
	for (size_t i = 0; !command && i < ARRAY_SIZE(aliases); i++) {
		if (!str_eq(aliases[i].word, word))
			continue;
		*arg = aliases[i].arg;
		return &commands[aliases[i].id];
	}
	return command ? command : command_find(word, ON_KEY);
}

const char *command_suggest_named(const char *word)
{
	const char *names[CMD_MAX + ARRAY_SIZE(aliases)];
	size_t count = 0;

	for (size_t i = 0; i < CMD_MAX; i++)
		if (commands[i].where & (ON_PALETTE | ON_KEY))
			names[count++] = commands[i].name;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		names[count++] = aliases[i].word;
	return str_suggest(word, names, count);
}

const char *command_own_name(enum command_id id)
{
	const char *arg;

	if (command_named(commands[id].name, &arg) == &commands[id])
		return commands[id].name;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (aliases[i].id == id && !aliases[i].arg)
			return aliases[i].word;
	return commands[id].name;
}
