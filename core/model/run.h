/*
 * A run: one execution of an action on one application. Its row is in the store before a byte
 * leaves, and says how it ended, or that this is not known.
 *
 *	PLANNED ──row and lease are stored──▶ SENT ──the far side took it──▶ WATCHING ──▶ an end
 *	   └─ refused before anything was sent ──▶ FAILED
 *	                                       └─ no answer ──▶ UNKNOWN ──asked──▶ an end
 *
 * Times are epoch milliseconds, 0 = not yet. Texts may be NULL where said; no secret is in any.
 */
#ifndef WEIR_MODEL_RUN_H
#define WEIR_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_state {
	RUN_PLANNED, /* the row and the lease are there; nothing was sent */
	RUN_SENT, /* its request may have left: whether it arrived is to be asked, never repeated */
	RUN_WATCHING, /* under way, or the far side has taken it; its end is awaited */
	RUN_DONE,
	RUN_FAILED,   /* refused, or failed over there; `outcome` says why and what goes on */
	RUN_CANCELED, /* called off; what its steps had done by then, they say */
	RUN_UNKNOWN,  /* sent, and nobody could say how it ended; holds its lease until that is
			 settled */
	RUN_STATE_MAX
};
const char *run_state_name(enum run_state state);
enum run_state run_state_parse(const char *name); /* UNKNOWN for a word of a later version */
bool run_state_is_end(enum run_state state);      /* DONE FAILED CANCELED */

/* One step of a run, in the order in which they are taken. */
struct run_step {
	const char *name; /* "checkout" "command" "upload" "activate" "stop" "start" … */
	/*
	 * PLANNED: nothing of it was done (begun, once started_ms is set) · SENT: its order may
	 * have left · WATCHING: under way, or its order was taken · DONE, FAILED, CANCELED, UNKNOWN
	 */
	enum run_state state;
	int64_t started_ms, ended_ms;
	const char *text; /* what came of it, one line; or NULL */
};

struct run {
	int64_t id;      /* 0 = not in the store yet */
	int64_t epoch;   /* of its lease: who took it over has a higher one */
	const char *app; /* ref: what the lease is on */
	const char *context, *team, *name, *cluster; /* team NULL: a job that nobody declared */
	const char *verb;
	const char *arguments; /* JSON object */
	const char *job_id,
		*trigger_id;      /* trigger_id: ours, 32 hex digits; NULL where there is none */
	const char *start_job_id; /* the id of ours that the job to be started has; or NULL */
	const char *restore_path; /* what it is started from; NULL = from nothing, or no start */
	int64_t release;          /* its number, of a start or release; 0 */
	const char *application_id, *address; /* of a start on YARN or Kubernetes; or NULL */
	const struct run_step *steps;
	size_t step_count;
	enum run_state state;
	int64_t created_ms, sent_ms, ended_ms;
	const char *plan;    /* what was to be done, as the exact calls */
	const char *outcome; /* one line, or NULL */
	const char *result; /* savepoint path, checkpoint number, name of an adopted job; or NULL */
	const char *code;   /* err_code_name() of a run that failed; or NULL */
	const char *log;    /* lines "time text"; or NULL */
	/* Not over, and whoever ran it is gone: it can be taken over and settled. */
	bool is_orphan;
};

/* What people and JSON see: an orphan that was sent is UNKNOWN. */
enum run_state run_shown_state(const struct run *run);
/* A copy with its texts and steps in one block: free(). */
struct run *run_dup(const struct run *run);
/* The last one that was begun; NULL = none. */
const struct run_step *run_current_step(const struct run *run);

#endif
