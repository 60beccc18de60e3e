/* The program's first and last lines: what the process is, then the command line or the console. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "tui/term/curses.h"
#include "tui/ui/filters.h"
#include "tui/ui/keymap.h"
#include "tui/ui/ui.h"

/* Secrets are in our memory: they must not reach a core file. */
static void forbid_core_dumps(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

/*
 * Everything is closed and saved by now. A pool thread that hangs in a name lookup would still hold
 * exit() for as long as it hangs; a sanitizer reports its leaks from there.
 */
static int leave(int code)
{
	fflush(NULL);
#ifndef WEIR_SANITIZED
	_exit(code);
#endif
	return code;
}

/* A closed 0, 1 or 2 would be taken by the next file opened, which then is written to as stdout. */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

static const struct console_file console_files[] = {
	{"keymap", keymap_check}, {"filters", filters_check}, {NULL, NULL}};

int main(int argc, char **argv)
{
	struct cli cli;
	int code;

	mem_setup();
	open_standard_files();
	i18n_open_locale();
	forbid_core_dumps();
	signal(SIGPIPE, SIG_IGN);

	code = cli_parse(&cli, argc, argv);
	cli.console_files = console_files;
	cli.screen_library = curses_library;
	if (code < 0)
		code = cli.command ? cli_run(&cli) : ui_run(&cli);
	cli_release(&cli);
	return leave(code);
}
