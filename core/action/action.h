/*
 * Actions on one application. An action is a value (struct act: one file each); a run executes it,
 * journalled in the store, and outlives this program:
 *
 *	struct action_options options = {.act = act_find(CMD_STOP), .store = …, .source = …, …};
 *	char *plan = action_plan(&options, NULL);          what it will do, as the exact calls
 *	action = action_start(&options);                   preflight, row, request, watching
 *	…on_change(data, run)                              SENT, WATCHING, …: each is in the store
 * by then …done(data, run, err)                              once; the action is gone after it
 *	action_drop(action);                               stop watching; the run can be settled
 * later
 *
 * Before a byte leaves: the row is on the disk with ids of ours, and the lease is held. After that
 * nothing is ever sent again: what is in doubt is settled by asking for exactly that id. A run in
 * the way whose process died is settled first.
 */
#ifndef WEIR_ACTION_ACTION_H
#define WEIR_ACTION_ACTION_H

#include "core/action/command.h"
#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/model/run.h"
#include "core/source/source.h"
#include "core/store/store.h"

/* A verb. */
struct act {
	enum command_id command;
	const char *name; /* as in the command table and in the run's row */
	enum source_verb verb;
	bool has_trigger;        /* its end is asked by its trigger id */
	enum job_status ends_as; /* how the job then ends; NONE = it goes on */
	const char *question;    /* N_("Stop %s?") */
	const char *effect;      /* N_(): one line on what it means for the job */
	const char *done;        /* N_("savepoint at"): the outcome, before the result */
};
extern const struct act act_savepoint, act_stop, act_cancel, act_checkpoint;
/* NULL when the command is none. */
const struct act *act_find(enum command_id command);
const struct act *act_find_name(const char *name);

struct action_args {
	const char *target_dir; /* savepoint, stop: a URI; NULL = the cluster's default */
	bool drain;             /* stop */
};

/* run: borrowed for the call, in which the action must not be dropped. */
typedef void (*action_change_fn)(void *data, const struct run *run);
/*
 * run NULL: refused before there was a row. err NULL: DONE, or (is_detached) accepted. Codes:
 * E_DENIED read-only · E_NOTFOUND no such job · E_CONFLICT no live job, or another run has it ·
 * E_NET, E_TIMEOUT nobody was reached (nothing was sent), or the end was not seen in time (then the
 * run is WATCHING) · E_REMOTE refused or failed · E_UNSUPPORTED · E_UNKNOWN sent, and nobody says
 * how it ended · E_INTERNAL the row could not be written, so nothing was sent.
 */
typedef void (*action_done_fn)(void *data, const struct run *run, const struct err *err);

struct action_options {
	const struct act *act;
	struct action_args args;
	struct loop *loop;
	struct store *store;
	struct source *source;      /* of the application's cluster; NULL = not known here */
	bool is_readonly;           /* the context */
	const struct app *app;      /* borrowed for the call */
	int64_t timeout_ms;         /* for its end, once it was accepted; 0 = 10 min */
	int64_t doubt_ms;           /* how long a doubt is asked about; 0 = 15 s */
	int64_t request_ms;         /* for each answer; 0 = the source's default */
	bool is_detached;           /* done as soon as it was accepted; nobody watches then */
	action_change_fn on_change; /* or NULL */
	action_done_fn done;
	void *data;
};

/*
 * The checks that need no network, the same for every door. E_DENIED, E_CONFLICT, E_UNSUPPORTED,
 * E_CONFIG, each with what to do.
 */
int action_preflight(const struct action_options *options, struct err *err);
/* trigger_id NULL = an example. Lines, each one call; malloc'd. NULL without a job or source. */
char *action_plan(const struct action_options *options, const char *trigger_id);
/* "ods/order-sync", or the name of a job that nobody declared; malloc'd. */
char *action_app_name(const struct app *app);

struct action;
struct action *action_start(const struct action_options *options);
/*
 * Take over a run that nobody watches and ask how it ended; of the options loop, store, source,
 * timeouts and callbacks count. run: as query_runs() gave it.
 */
struct action *action_settle(const struct action_options *options, const struct run *run);
/* `done` is then never called; its row is let go. NULL-safe; not after `done`. */
void action_drop(struct action *action);

#endif
