/*
 * Actions on one application. An action is a value (struct act: one file each), made of steps; a run
 * executes it, journalled in the store, and outlives this program:
 *
 *	action = action_new(&(struct action_options){.act = act_find(CMD_STOP), …});
 *	…prepared(data, action, plan, err)     once: what it will do, or why it may not
 *	   --dry-run, "no": action_drop(action)
 *	   a yes:           action_go(action)          row, steps; each is in the store when it begins
 *	…on_change(data, run)                          SENT, WATCHING, a step begins, …
 *	action_cancel(action, &err)                    while nothing was sent that cannot be called back
 *	…done(data, run, err)                          once; the action is gone after it
 *	action_drop(action)                            nobody watches from now on: settle it later
 *
 * Before a byte leaves: the row is on the disk with ids of ours, and the lease is held. After that
 * nothing is ever sent again: what is in doubt is settled by asking for exactly that id. A run in
 * the way whose process died is settled first.
 */
#ifndef WEIR_ACTION_ACTION_H
#define WEIR_ACTION_ACTION_H

#include "core/action/command.h"
#include "core/config/config.h"
#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/model/record.h"
#include "core/model/run.h"
#include "core/net/ssh.h"
#include "core/source/source.h"
#include "core/store/store.h"

struct part;

/* A verb. */
struct act {
	enum command_id command;
	const char *name;                /* as in the command table and in the run's row */
	const struct part *const *parts; /* in their order, NULL-ended: action_internal.h */
	/* Does this application need that part? NULL: each part is needed. */
	bool (*needs)(const struct part *part, const struct app_decl *decl);
	bool needs_no_cluster; /* nothing is asked of one, and the job goes on as it is */
	const char *question;  /* N_("Stop %s?") */
	const char *effect;    /* N_(): one line on what it means for the job */
	const char *done;      /* N_("stopped"): the outcome where no step says one */
};
extern const struct act act_savepoint, act_stop, act_cancel, act_checkpoint, act_build, act_release,
	act_rollback, act_start, act_restart, act_ship, act_adopt;
/* NULL when the command is none. */
const struct act *act_find(enum command_id command);
const struct act *act_find_name(const char *name);

/* Copied by action_new(). What a verb does not know it ignores. */
struct action_args {
	const char *target_dir; /* savepoint, stop, restart, ship: a URI; NULL = the cluster's */
	bool drain;             /* stop */
	const char *from;       /* start, restart, ship: "latest" (NULL), "none", or a path */
	bool allow_non_restored_state;
	const char *restore_mode; /* "no-claim" "claim" "legacy"; NULL = Flink's default */
	int64_t release;    /* start, rollback: its number; 0 = the active one, the former one */
	const char *job_id; /* adopt: which job; NULL = the one live job of its name */
	bool lets_go;       /* adopt: the one that it has adopted */
	bool agrees_to_command;   /* build, ship: a person has seen the new build command */
	bool agrees_to_stateless; /* start, …: a person has said "from nothing" in words */
};

/* What a door shows and asks before action_go(). Texts live as long as the action. */
struct action_plan {
	const char *calls;        /* lines: the exact REST calls and shell words, step by step */
	const char *warnings;     /* lines, or NULL: "the file has changed since release 3" */
	const char *typed;        /* has to be typed, whatever `confirm:` says; NULL = nothing */
	const char *command;      /* a build command that nobody has agreed to yet; or NULL */
	const char *restore_path; /* what a start will restore, as far as it is known; or NULL */
};

struct action;
/*
 * err NULL: now action_go() or action_drop(), at once or later. action_go() says that the plan was
 * shown, and what it wants asked was answered. err: refused (E_DENIED read-only · E_NOTFOUND ·
 * E_CONFLICT · E_CONFIG · E_UNSUPPORTED · …, each with what to do); plan and action are NULL, and
 * the action is gone.
 */
typedef void (*action_prepared_fn)(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err);
/* run: borrowed for the call, in which the action must not be dropped. */
typedef void (*action_change_fn)(void *data, const struct run *run);
/* What its commands print, live: whole lines, secrets masked, harmless for a terminal. Borrowed for
 * the call. */
typedef void (*action_output_fn)(void *data, const char *bytes, size_t len);
/*
 * run NULL: refused before there was a row. err NULL: DONE, or (is_detached) accepted. Codes:
 * E_CONFLICT no live job, or another run has it · E_NET, E_TIMEOUT nobody was reached (nothing was
 * sent), or the end was not seen in time (then the run is WATCHING) · E_REMOTE refused or failed ·
 * E_UNSUPPORTED · E_CANCELED by action_cancel() · E_UNKNOWN sent, and nobody says how it ended ·
 * E_INTERNAL the row could not be written, so nothing was sent.
 */
typedef void (*action_done_fn)(void *data, const struct run *run, const struct err *err);

struct action_options {
	const struct act *act;
	struct action_args args;
	struct loop *loop;
	struct store *store;
	const struct context_config *config; /* outlives the action; NULL in tests: all defaults */
	const struct fleet *fleet;           /* outlives the action; NULL = nothing known */
	const struct app *app;               /* borrowed for the call */
	struct source *source;               /* of its cluster; NULL = not known here */
	struct source *const *sources;       /* of the context; outlive the action */
	size_t source_count;
	/* Starts that make their own cluster; NULL = cannot be done here. */
	struct source *launcher;
	/* The source of a cluster that a start made; NULL: it cannot be asked. data: `clusters`. */
	struct source *(*open_cluster)(void *data, const struct run_cluster *cluster);
	void *clusters;
	struct ssh *hosts;  /* commands on hosts and on this machine; NULL = none can be reached */
	int64_t timeout_ms; /* for each end that is awaited, once it was accepted; 0 = 10 min */
	int64_t doubt_ms;   /* how long a doubt is asked about; 0 = 15 s */
	int64_t arrival_ms; /* a start may be on its way so long; 0 = 150 s */
	int64_t request_ms; /* for each answer; 0 = the source's default */
	/* Done as soon as only watching is left; nobody watches then. */
	bool is_detached;
	/* Never action_go(): what it would do may be seen in a read-only context too. */
	bool only_plans;
	action_prepared_fn prepared;
	action_change_fn on_change; /* or NULL */
	action_output_fn on_output; /* or NULL */
	action_done_fn done;
	void *data;
};

/* "ods/order-sync", or the name of a job that nobody declared; malloc'd. */
char *action_app_name(const struct app *app);

/* `prepared` comes once, never from inside. */
struct action *action_new(const struct action_options *options);
/* Once, after `prepared`; also from inside it. */
void action_go(struct action *action);
/*
 * Calls it off: what runs is ended, `done` comes with E_CANCELED, never from inside. E_CONFLICT: an
 * order was sent, which cannot be called back; it goes on. Only after action_go().
 */
int action_cancel(struct action *action, struct err *err);
/*
 * Take over a run that nobody watches and ask how it ended; of the options loop, store, sources,
 * hosts, timeouts, on_change, on_output, done and data count. run: as query_runs() gave it. Nothing
 * is done over there but asking.
 */
struct action *action_settle(const struct action_options *options, const struct run *run);
/*
 * Neither `prepared` nor `done` is called after it. Its row is let go; what can be ended is ended.
 * NULL-safe; not after `done`, nor after `prepared` with an error.
 */
void action_drop(struct action *action);

#endif
