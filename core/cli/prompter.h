/*
 * What SSH wants to know, asked on the terminal: one line each, on /dev/tty (so that stdout and
 * stdin stay the caller's), without echo unless the server says that it may be seen. The loop goes
 * on meanwhile. Ctrl-C, Ctrl-D and Escape refuse.
 */
#ifndef WEIR_CLI_PROMPTER_H
#define WEIR_CLI_PROMPTER_H

#include "core/loop/loop.h"
#include "core/net/ssh.h"

struct prompter;

/* NULL when there is no terminal. */
struct prompter *prompter_new(struct loop *loop);
/* After each `ssh` that it was given. The terminal is as it was. NULL-safe. */
void prompter_free(struct prompter *prompter);
/* Ends in ssh_answer(ssh, prompt->id, …). Several at once wait in line. */
void prompter_ask(struct prompter *prompter, struct ssh *ssh, const struct ssh_prompt *prompt);

/* Is somebody being asked right now? */
bool prompter_is_asking(const struct prompter *prompter);

#endif
