/*
 * What the help of the command line says beyond a row's summary: there a summary stands alone, with
 * no selected line that "it" could mean. Examples are words as they are typed, never translated.
 */
#include "core/action/command.h"
#include "core/base/i18n.h"

static const struct command_text texts[CMD_MAX] = {
	[CMD_GET] = {.about = N_(
			     "Asks every cluster once and prints what it was told. Exit code 0 "
			     "when all answered, 5 when some did, 6 when none did. flink-envs and "
			     "restore-points look over SSH where their files lie behind a host."),
		.examples = "weir get apps\n"
			    "weir get apps -o json --filter orders\n"
			    "weir get apps --sort-by restartsPerHour:desc --columns "
			    "name,state,restartsPerHour\n"
			    "weir get jobs --watch -o json | jq -r .name\n"
			    "weir get clusters --cached\n"
			    "weir get taskmanagers sessions --filter 'heap>1GiB'\n"
			    "weir get restore-points ods/orders --verify\n"
			    "weir get flink-envs -o wide"},
	[CMD_DESCRIBE] = {.about =
				  N_("States and who said them, vertices, checkpoints, exceptions, "
				     "configuration and file. NAME is name, team/name, a job id or "
				     "cluster/jobName."),
		.examples = "weir describe app ods/orders\nweir describe app orders -o json"},
	[CMD_WATCH] = {.examples = "weir watch --context all"},
	[CMD_CONFIG] = {.about = N_(
				"view: what was understood, secrets masked. check: every mistake "
				"with file, line and column. path: where the file is looked for."),
		.examples = "weir config check\nweir config path"},
	[CMD_DOCTOR] =
		{.about = N_(
			 "Configuration and workspace, store, terminal, libraries, limits, SSH "
			 "hosts "
			 "(address and who says so, transport and why, host key, way in, round "
			 "trip, "
			 "files, forwarding), clusters, Flink envs, build tools and release "
			 "folders, "
			 "all at once, within --timeout (default here: 20). With names only those "
			 "are checked. Exit code 0: nothing failed (there may be warnings); 3: the "
			 "configuration cannot be read; 4: no such name; 5: a check failed."),
			.examples = "weir doctor\n"
				    "weir doctor gw1 sessions\n"
				    "weir doctor -o json --timeout 5"},
	[CMD_STORE] =
		{.about = N_(
			 "check: each file with its integrity, schema, mode, size, the age of its "
			 "backup and the oldest of its history; nothing is changed, and what is "
			 "damaged is not repaired. compact: the history down to its days and "
			 "bytes, "
			 "freed pages back to the disk, a backup of the registry; consoles go on. "
			 "export: the registry and the history of one context as JSON lines, to a "
			 "new "
			 "file (mode 600) or the standard output; secrets are not in it, nor "
			 "leases, "
			 "agreements to build commands and the logs of runs (files runs/NUMBER.log "
			 "beside the registry). import: merges such a file (-: the "
			 "standard "
			 "input), behind a backup; when a run, build or release says something "
			 "else here, "
			 "all of it is named and nothing is imported, unless --keep. Exit code 1: "
			 "a file "
			 "is damaged or cannot be written; 3: no export, or not whole; 4: nothing "
			 "is "
			 "remembered there, or no such file; 8: conflicts, or the file to be "
			 "written is "
			 "there already; 9: another weir keeps a file locked; 10: written by a "
			 "newer weir."),
			.examples = "weir store check\n"
				    "weir store check --context all -o json\n"
				    "weir store compact\n"
				    "weir store export prod.jsonl\n"
				    "weir store import prod.jsonl --dry-run"},
	[CMD_HELP_CLI] = {.about = N_("Beside commands: keys (of the console), exit-codes."),
		.examples = "weir help start\nweir help --man | man -l -"},
	[CMD_COMPLETION] = {.about = N_("Commands, options, their values, and the names that weir "
					"remembers; no network is asked."),
		.examples = "source <(weir completion bash)\n"
			    "weir completion fish > ~/.config/fish/completions/weir.fish"},
	[CMD_SETTLE] =
		{.about = N_("A run whose weir was killed, or that was not waited for, is "
			     "UNKNOWN until the JobManager was asked for exactly its id. Nothing "
			     "is sent a second time."),
			.examples = "weir settle\nweir settle ods/orders"},
	[CMD_ABORT] = {.about = N_(
			       "RUN is a number of weir get runs. What has left already is asked "
			       "for, what has not is never sent."),
		.examples = "weir abort 42"},
	[CMD_DIFF] = {.examples = "weir diff ods/orders\nweir diff ods/orders 3"},
	[CMD_NEW] = {.examples = "weir new ods/orders --cluster sessions\n"
				 "weir new ods/report --type sql --set parallelism=2"},
	[CMD_OPEN_UI] = {.line = N_("Open a job's page of the Flink web UI, or show its URL"),
		.about = N_("Behind a host it goes through a port of 127.0.0.1 for as long as weir "
			    "runs; "
			    "where you came by SSH yourself, the line to type at home is shown."),
		.examples = "weir open ods/orders\nweir open ods/orders --print"},
	[CMD_EDIT] = {.examples = "weir edit ods/orders"},
	[CMD_COPY] = {.line = N_("Make another application like one; comments and order stay"),
		.examples = "weir copy ods/orders orders-eu --set cluster=eu --set parallelism=4"},
	[CMD_DELETE] = {.examples = "weir delete ods/orders"},
	[CMD_LOGS] = {.line = N_("Show the end of a log: of a JobManager, a TaskManager, or a run"),
		.examples = "weir logs ods/orders -f\n"
			    "weir logs ods/orders --list\n"
			    "weir logs ods/orders --tm tm-1 --tail 100\n"
			    "weir logs ods/orders --run last"},
	[CMD_SAVEPOINT] = {.line = N_("Take a savepoint of a running application, which goes on"),
		.examples =
			"weir savepoint ods/orders --wait\nweir savepoint ods/orders --dry-run"},
	[CMD_STOP] = {.line = N_("Stop an application with a savepoint"),
		.about = N_("When the savepoint fails the job goes on, and the run says why."),
		.examples = "weir stop ods/orders --wait\n"
			    "weir stop ods/orders --drain --target-directory hdfs:///savepoints"},
	[CMD_CANCEL] = {.line = N_("Cancel an application, without a savepoint"),
		.examples = "weir cancel ods/orders --yes --wait"},
	[CMD_CHECKPOINT] = {.examples = "weir checkpoint ods/orders --wait"},
	[CMD_BUILD] = {.line = N_(
			       "Build an application from its git repository, where build: says"),
		.about = N_("The host and the command are those of build: in its file. A command "
			    "that is "
			    "new or has changed is shown and has to be agreed to."),
		.examples = "weir build ods/orders --wait"},
	[CMD_RELEASE] = {.line = N_("Make the file and its artifact a release: what a start then "
				    "runs"),
		.about = N_(
			"Into a folder of its own number on the host of its Flink env, verified by "
			"checksum, active at once as a whole. What runs goes on as it is."),
		.examples = "weir diff ods/orders\nweir release ods/orders --wait"},
	[CMD_ROLLBACK] = {.line = N_("Make an earlier release of an application the active one"),
		.examples = "weir get releases ods/orders\nweir rollback ods/orders --to 3"},
	[CMD_ADOPT] =
		{.about = N_(
			 "A running job is the run of an application by its name, or by its id "
			 "where weir started it. Where two jobs have the name, or the name is "
			 "another one, adopt says which. Nothing is sent to the cluster; --undo "
			 "takes it back."),
			.examples =
				"weir adopt ods/orders\n"
				"weir adopt ods/orders --job-id 0123456789abcdef0123456789abcdef\n"
				"weir adopt ods/orders --undo"},
	[CMD_START] = {.line = N_("Start the active release of an application"),
		.about = N_("From its newest restore point, unless --from says otherwise. Starting "
			    "from "
			    "nothing what had state has to be asked for: --from none."),
		.examples = "weir start ods/orders --wait\n"
			    "weir start ods/orders --from s3://points/savepoint-1 --wait\n"
			    "weir start ods/orders --dry-run"},
	[CMD_RESTART] = {.examples = "weir restart ods/orders --wait"},
	[CMD_SHIP] = {.line = N_("Build, release and restart (or start) an application, in one"),
		.about = N_("It stops at the first failure, with the running job untouched."),
		.examples = "weir ship ods/orders --wait"},
};

const struct command_text *command_text(enum command_id id)
{
	return &texts[id];
}
