/* What verb_logs.c and run_log.c share. */
#ifndef WEIR_CLI_LOGS_H
#define WEIR_CLI_LOGS_H

#include "core/cli/cli.h"

/* Where the last `lines` lines of a text begin; lines -1 = all of it. */
const char *log_last_lines(const char *text, size_t len, int64_t lines);
/* --tail; -1 when it was not given. */
int log_lines(const struct cli *cli, int64_t *lines, struct err *err);
/* weir logs APP --run; returns the exit code. */
int log_of_run(struct cli *cli, int64_t lines);

#endif
