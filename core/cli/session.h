/*
 * One run of weir, with or without a screen: configuration, contexts, sources, store, fleet and
 * poller on one loop.
 *
 *	session_open(&session, &options, &err);    reads the configuration; no network, no SQL
 *	session_load(session, on_loaded, data);    what is remembered; then draw, or print --cached
 *	session_start(session, NULL, NULL);        polls from now on, saves by itself
 *	loop_run(session->loop);
 *	session_close(session);
 */
#ifndef WEIR_CLI_SESSION_H
#define WEIR_CLI_SESSION_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/store/store.h"
#include "core/watch/poller.h"

struct ssh;
struct ssh_prompt;

/* Asks a person what SSH wants to know: ends in ssh_answer(ssh, prompt->id, …). */
struct session_asker {
	void (*ask)(void *data, struct ssh *ssh, const struct ssh_prompt *prompt);
	/* That one is not asked any more. */
	void (*gone)(void *data, struct ssh *ssh, uint64_t prompt_id);
};

struct session_options {
	const char *config_path; /* NULL = default place; then a missing file is not an error */
	const char *contexts;    /* "a,b", "all", NULL = current */
	const char *store_dir;   /* NULL = $XDG_STATE_HOME/weir */
	const char *const *rest; /* --rest URLs: no configuration is read */
	size_t rest_count;
	int64_t timeout_ms; /* 0 = default */
	bool asks;          /* what SSH wants to know is asked on /dev/tty, where there is one */
	const struct session_asker *asker; /* or by this one; static; NULL = none */
	void *asker_data;
	bool sources_later; /* with session_open_sources(): what is remembered is shown without them */
	bool reads_ahead; /* session_load() will be called soon: reading begins at once */
	bool wants_head;  /* session_head() will be called */
	bool config_only; /* which contexts there are, and where they are kept: nothing is opened */
};

/* One context of this run. */
struct session_context {
	const struct context_config *config; /* borrowed from session->config */
	struct store *store;
	bool is_loaded;
	bool is_remembered;       /* its recorder has the marks of what was loaded */
	size_t opened;            /* of the clusters of `config`, those that have a source */
	struct source *workspace; /* NULL = none configured */
	struct ssh *ssh;          /* never NULL; nothing is connected before it is needed */
	struct source **clusters; /* of the configuration, then those that starts made */
	size_t cluster_count;
	struct source **histories; /* of those whose ended jobs somebody remembers */
	size_t history_count;
	struct accesses *accesses; /* how they are reached (core/cli/access.h) */
	struct source *launcher; /* starts on yarn-* and kubernetes-*: no JobManager is there yet */
	struct run_clusters *made;
	struct record_feed *records; /* what our own runs say */
	struct err store_problem;    /* of its store, the last one; code 0 = none */
	/* All since it last worked; printed at the end, unless there is a screen or it was before. */
	VEC(struct err) store_told;
	struct session *session;
};

struct session {
	struct loop *loop;
	struct http *http;
	struct command_log *log;   /* of all that was asked of others (core/base/command_log.h) */
	struct prompter *prompter; /* NULL: no terminal to ask on */
	const struct session_asker *asker;
	void *asker_data;
	struct config *config;
	bool is_unconfigured; /* neither file nor --rest: localhost:8081 is tried */
	struct session_context *contexts;
	size_t context_count;
	struct forwards *forwards; /* for browsers (core/net/forward.h) */
	struct fleet *fleet;
	struct poller *poller;
	char *store_dir; /* of all contexts */
	int64_t timeout_ms;
	/* What went wrong with the store, newest first; the screen shows it as a banner. code 0 =
	 * nothing. */
	struct err store_problem;
	bool store_is_told; /* store_told was printed */
	void (*on_problem)(
		void *data, const struct err *err); /* may be NULL; err NULL = it works again */
	void *problem_data;
	void (*on_polling)(void *data); /* may be NULL; another one polls, or this one again */
	void *polling_data;
	size_t connects_left;
	void (*on_connected)(void *data);
	void *connected_data;
	/* The process ends with it: what is only memory is not taken apart (a sanitizer wants it all the same). */
	bool is_last;
	bool load_failed; /* of a context nothing could be read; store_problem says why */
	bool has_sources; /* all of them */
	struct {
		struct loop_timer *timer;
		void (*done)(void *data);
		void *data;
	} starting;
	struct head_query *head; /* is being read (session_head.h); or NULL */
	size_t loads_left;
	void (*on_loaded)(void *data);
	void *loaded_data;
};

int session_open(struct session **out, const struct session_options *options, struct err *err);
/*
 * Those of each context, and the poller knows them; before anybody is asked, or anything is done. All at once,
 * also where session_start() has begun with it.
 */
void session_open_sources(struct session *session);
/* done: once, on the loop, when every context's store was read (or could not be: see
 * store_problem). */
void session_load(struct session *session, void (*done)(void *data), void *data);
/*
 * Connects to the hosts that clusters lie behind (those that `wants` accepts; NULL = all), so that what
 * a person has to type comes before any deadline. done: once, on the loop, perhaps from inside; what
 * failed is told by the polls.
 */
void session_connect(struct session *session,
	bool (*wants)(void *data, const struct session_context *context, const char *cluster),
	void (*done)(void *data), void *data);
/* Once it was loaded; a slice a turn, so that keys are served in between. done: when it polls; or NULL. */
void session_start(struct session *session, void (*done)(void *data), void *data);
/* Of session_start() (session_share.c): one process polls for all that share a store. */
void session_share(struct session *session);
bool session_may_ask(void *session, const char *context);
/* What the screen shows now, for whoever polls: as poller_show(). */
void session_show(
	struct session *session, const char *const *refs, size_t count, const char *focus);
/* Who polls for this context, in words (none before that is known). Whether it is another process. */
bool session_polling(const struct session *session, size_t context, struct buf *out);
/* Something of ours was done, or came to its end: the fleet hears it now. */
void session_runs_changed(struct session *session);
/* Ask everybody at once, also hosts and clusters that refused a login and are left alone for a while. */
void session_refresh(struct session *session);
/* The folder of a context's store; malloc'd. */
char *session_store_dir(const struct session *session, const struct context_config *context);
/* A context by name, and its store; NULL when it is not of this run. */
struct session_context *session_context(struct session *session, const char *name);
struct store *session_store(struct session *session, const char *context);
/*
 * What an action needs of the session: loop, store, sources, hosts, configuration, fleet, and the
 * source of the application's cluster. NULL: its context is not of this run. The rest is zero.
 */
struct action_options;
struct session_context *session_action_options(
	struct session *session, const struct app *app, struct action_options *out);
void session_close(struct session *session); /* NULL-safe */

#endif
