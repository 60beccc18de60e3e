/* The console: a session and a terminal, joined until somebody quits. */
#ifndef WEIR_TUI_UI_H
#define WEIR_TUI_UI_H

#include "core/cli/cli.h"

/* Runs the console; returns the exit code. Errors were printed, after the terminal was put back. */
int ui_run(const struct cli *cli);

#endif
