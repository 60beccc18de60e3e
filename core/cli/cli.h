/*
 * The command line: words → a command of the one table, its options, its execution, its exit code.
 *
 *	struct cli cli;
 *	int code = cli_parse(&cli, argc, argv);    usage errors are printed; code ≥ 0: exit with it
 *	if (code < 0 && !cli.command)
 *		code = ui_run(&cli);               no command: the console
 *	else if (code < 0)
 *		code = cli_run(&cli);
 */
#ifndef WEIR_CLI_CLI_H
#define WEIR_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "core/action/command.h"
#include "core/cli/session.h"

/* A file of the console's, which nothing in core reads: main() hands over who can. */
struct console_file {
	const char *name; /* "keymap": static */
	/* Is it right? *path: where it is, malloc'd; NULL when there is none. E_CONFIG. */
	int (*check)(char **path, struct err *err);
};

struct cli {
	struct session_options session;
	const struct console_file *console_files; /* ended by a name NULL; or NULL */
	const char *(*screen_library)(void);      /* of the console: its version; or NULL */
	const struct command *command;            /* NULL = the console */
	const char *const *args;                  /* after the command's name */
	size_t arg_count;
	bool no_color, no_session, verbose;
	/* options of the command, by name: cli_option() */
	const char *values[16];
	/* every --set, in order */
	const char *sets[64];
	size_t set_count;
	struct listing *listing; /* what get read of its words (listing.h); NULL = nothing yet */
};

/* -1 = go on; else the exit code (help was printed, or the words are wrong). */
int cli_parse(struct cli *cli, int argc, char **argv);
int cli_run(struct cli *cli);
void cli_release(struct cli *cli);
/* Value of an option of cli->command ("" for a given flag), or NULL. */
const char *cli_option(const struct cli *cli, const char *name);
/* Print err as "weir: text" on stderr; returns its exit code. */
int cli_fail(const struct err *err);
/* The manual page (troff), for `weir help --man`. */
struct buf;
void cli_man(struct buf *out);

#endif
