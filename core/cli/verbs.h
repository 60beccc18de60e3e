/* The commands of the command line: each takes its words and returns its exit code. */
#ifndef WEIR_CLI_VERBS_H
#define WEIR_CLI_VERBS_H

#include "core/cli/cli.h"

int verb_get(struct cli *cli);
int verb_get_runs(struct cli *cli);
int verb_action(struct cli *cli); /* those of core/action */
int verb_get_points(struct cli *cli);
/* history and its sisters: what the recorder remembers */
bool verb_is_history(const char *word);
int verb_get_history(struct cli *cli);
int verb_get_envs(struct cli *cli);
int verb_get_taskmanagers(struct cli *cli);
int verb_doctor(struct cli *cli);
struct column_table;
int verb_get_kept(struct cli *cli, const struct column_table *table); /* builds, releases */
int verb_diff(struct cli *cli);
int verb_settle(struct cli *cli);
int verb_abort(struct cli *cli);
int verb_logs(struct cli *cli);
int verb_open(struct cli *cli);
int verb_file(struct cli *cli); /* new, copy, edit, delete */
int verb_describe(struct cli *cli);
int verb_watch(struct cli *cli);
int verb_config(struct cli *cli);
int verb_store(struct cli *cli); /* check, compact, export, import */
int verb_completion(struct cli *cli);
int completion_names(const struct cli *cli); /* what its scripts call */
int verb_version(void);
int verb_help(struct cli *cli);

#endif
