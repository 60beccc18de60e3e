/* The options of each command of the command line: rows of command.c point at them. Included by command.c alone. */
#ifndef WEIR_ACTION_COMMAND_OPTIONS_H
#define WEIR_ACTION_COMMAND_OPTIONS_H

#include "core/action/command.h"
#include "core/base/i18n.h"

static const struct command_option get_options[] = {
	{"output", 'o', "FORMAT", N_("table, wide, json, yaml, name or csv")},
	{"team", 0, "TEAM", N_("only what belongs to this team")},
	{"cluster", 0, "CLUSTER", N_("only what runs on this cluster")},
	{"filter", 0, "FILTER",
		N_("only rows that pass: words, team:ods, state:failed,lost, restarts>3, !x, x or "
		   "y")},
	{"sort-by", 0, "COLUMN",
		N_("in the order of this column; COLUMN:desc the other way round")},
	{"columns", 0, "COLUMNS",
		N_("only these, in this order, with commas: name,state,cluster (as the keys in "
		   "-o json, which has them all without this)")},
	{"watch", 'w', NULL,
		N_("go on with a line for each change, until Ctrl-C (all but flink-envs)")},
	{"cached", 0, NULL, N_("only what is remembered; the network is not asked")},
	{"no-details", 0, NULL, N_("do not ask for checkpoints, restarts and vertices")},
	{"since", 0, "TIME",
		N_("history and its sisters: not older than this: 90s, 30m, 2h, 7d (default: "
		   "24h; samples: 2h, and by the minute or ten minutes further back)")},
	{"limit", 0, "NUMBER",
		N_("history and its sisters: at most so many, the newest (default: 1000; "
		   "samples: 10000)")},
	{"verify", 0, NULL, N_("restore-points: look for each one's file, over SSH too")},
};
static const struct command_option describe_options[] = {
	{"output", 'o', "FORMAT", N_("text, json or yaml")},
	{"cached", 0, NULL, N_("only what is remembered; the network is not asked")},
};
static const struct command_option doctor_options[] = {
	{"output", 'o', "FORMAT", N_("text, table, wide, json, yaml or csv")},
};
static const struct command_option store_options[] = {
	{"output", 'o', "FORMAT", N_("table, wide, json, yaml or csv")},
	{"dry-run", 0, NULL, N_("import: say what would be added and what conflicts")},
	{"keep", 0, NULL, N_("import: where both say something else, keep what is here")},
};
#define ACTION_OPTIONS                                                                             \
	{"wait", 0, NULL, N_("wait for its end (--timeout: at most; default 10 minutes)")},        \
		{"dry-run", 0, NULL, N_("show the exact calls; nothing is sent")},                 \
		{"yes", 'y', NULL, N_("do not ask")},                                              \
	{                                                                                          \
		"output", 'o', "FORMAT", N_("text, json or yaml")                                  \
	}
#define TARGET_OPTION                                                                              \
	{                                                                                          \
		"target-directory", 0, "URI",                                                      \
			N_("where the savepoint goes (default: as the cluster is configured)")     \
	}
static const struct command_option action_options[] = {ACTION_OPTIONS};
static const struct command_option savepoint_options[] = {ACTION_OPTIONS, TARGET_OPTION};
static const struct command_option stop_options[] = {ACTION_OPTIONS, TARGET_OPTION,
	{"drain", 0, NULL, N_("let event time run to its end first: the job is not to go on")}};
#define AGREE_OPTION                                                                               \
	{                                                                                          \
		"agree-command", 0, NULL,                                                          \
			N_("the build command, which is new or has changed, was looked at")        \
	}
static const struct command_option build_options[] = {ACTION_OPTIONS, AGREE_OPTION};
static const struct command_option rollback_options[] = {ACTION_OPTIONS,
	{"to", 0, "N", N_("this release (default: the one before the active one)")}};
#define START_OPTIONS                                                                              \
	{"from", 0, "POINT",                                                                       \
		N_("latest (default), a path, or none: from nothing, its state left behind")},     \
		{"allow-non-restored-state", 0, NULL,                                              \
			N_("state that no operator of the job takes may be left out")},            \
	{                                                                                          \
		"restore-mode", 0, "MODE", N_("no-claim, claim or legacy (default: Flink's)")      \
	}
static const struct command_option start_options[] = {ACTION_OPTIONS, START_OPTIONS,
	{"release", 0, "NUMBER", N_("this release (default: the active one)")}};
static const struct command_option restart_options[] = {
	ACTION_OPTIONS, START_OPTIONS, TARGET_OPTION};
static const struct command_option ship_options[] = {
	ACTION_OPTIONS, AGREE_OPTION, START_OPTIONS, TARGET_OPTION};
static const struct command_option adopt_options[] = {ACTION_OPTIONS,
	{"job-id", 0, "ID", N_("this job of its cluster (default: the one live job of its name)")},
	{"undo", 0, NULL, N_("let the job go that it has adopted")}};
static const struct command_option diff_options[] = {
	{"output", 'o', "FORMAT", N_("text, json or yaml")},
};
static const struct command_option settle_options[] = {
	{"output", 'o', "FORMAT", N_("table, wide, json, yaml or csv")},
};
static const struct command_option logs_options[] = {
	{"follow", 'f', NULL, N_("go on with what is added")},
	{"tm", 0, "ID", N_("of this TaskManager (default: of the JobManager)")},
	{"file", 0, "NAME", N_("this file (default: the one that is being written)")},
	{"list", 0, NULL, N_("which logs there are, of the JobManager and all TaskManagers")},
	{"run", 0, "RUN", N_("what a run of weir printed: its number, or last")},
	{"tail", 0, "LINES", N_("only the last lines (default: 256 KiB of them)")},
	{"output", 'o', "FORMAT", N_("of --list: table, json or yaml")},
};
static const struct command_option open_options[] = {
	{"print", 0, NULL, N_("only print the URL; no browser is started")},
};
#define SET_OPTION                                                                                 \
	{                                                                                          \
		"set", 0, "KEY=VALUE", N_("set a key of the file; may be repeated")                \
	}
#define NEW_TEAM_OPTION                                                                            \
	{                                                                                          \
		"new-team", 0, NULL, N_("its team is not there yet: make it")                      \
	}
static const struct command_option new_options[] = {
	{"type", 0, "TYPE", N_("jar (default), sql or pyflink")},
	{"cluster", 0, "CLUSTER", N_("where it is to run")},
	{"flink-env", 0, "NAME", N_("the Flink version it is for")},
	NEW_TEAM_OPTION,
	SET_OPTION,
};
static const struct command_option copy_options[] = {NEW_TEAM_OPTION, SET_OPTION};
static const struct command_option delete_options[] = {{"yes", 'y', NULL, N_("do not ask")}};
static const struct command_option help_options[] = {
	{"man", 0, NULL, N_("the whole manual page, as troff")},
};

#endif
