/*
 * What the console is without its screen: a session that stays open, its store on the disk, its
 * connections warm; and a verb, from the key that confirms it to its end.
 */
#ifndef WEIR_TESTS_BENCH_CONSOLE_H
#define WEIR_TESTS_BENCH_CONSOLE_H

#include "core/action/command.h"
#include "core/cli/session.h"
#include "core/model/run.h"

struct console {
	struct session *session;
	int64_t key_ns;  /* the key that confirmed the last verb */
	struct run *run; /* of the last verb; NULL = it was refused */
	struct err err;
	struct action *action;
	bool is_back;
};

/* Reads the workspace, asks the clusters once. Ends the program when that fails. */
void console_open(struct console *console, const char *config_path, const char *store_dir);
void console_close(struct console *console);
void console_ask(struct console *console);     /* the clusters, once more */
void console_ask_all(struct console *console); /* and what rows tell of each application */
/* Is connected to that host when it returns. */
void console_connect(struct console *console, const char *host);
/*
 * Prepares the verb, confirms it and runs it to its end. from: "none", or NULL. armed: called right
 * before the key; may be NULL. Ends the program unless it is DONE.
 */
void console_act(struct console *console, const char *app, enum command_id command,
	const char *from, void (*armed)(void *data), void *data);

#endif
