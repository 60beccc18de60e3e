/* From what was said to what is concluded. No clock, no memory: the same input, the same state. */
#include "core/model/state.h"

#include "core/base/mem.h"
#include "core/base/str.h"

static const char *const state_names[STATE_MAX] = {
	[STATE_UNKNOWN] = "UNKNOWN",
	[STATE_ADDED] = "ADDED",
	[STATE_STARTING] = "STARTING",
	[STATE_RUNNING] = "RUNNING",
	[STATE_RESTARTING] = "RESTARTING",
	[STATE_STOPPING] = "STOPPING",
	[STATE_SUSPENDED] = "SUSPENDED",
	[STATE_CANCELED] = "CANCELED",
	[STATE_FAILED] = "FAILED",
	[STATE_FINISHED] = "FINISHED",
	[STATE_LOST] = "LOST",
	[STATE_UNREACHABLE] = "UNREACHABLE",
};

static const char *const detail_names[DETAIL_MAX] = {
	[DETAIL_WAITING_FOR_SLOTS] = "WAITING_FOR_SLOTS",
	[DETAIL_LOOPING] = "LOOPING",
	[DETAIL_EXPIRED] = "EXPIRED",
	[DETAIL_DUPLICATE] = "DUPLICATE",
	[DETAIL_INVALID] = "INVALID",
	[DETAIL_NO_CLUSTER] = "NO_CLUSTER",
	[DETAIL_MISSING] = "MISSING",
	[DETAIL_LEADER_CHANGING] = "LEADER_CHANGING",
};

static const char *const witness_names[WITNESS_MAX] = {
	[WITNESS_JOBMANAGER] = "jobmanager",
	[WITNESS_WORKSPACE] = "workspace",
	[WITNESS_RUN] = "run",
	[WITNESS_HISTORY] = "history",
};

const char *app_state_name(enum app_state state)
{
	return state < STATE_MAX ? state_names[state] : "?";
}

enum app_state app_state_parse(const char *name)
{
	for (int i = 0; i < STATE_MAX; i++)
		if (str_eq(state_names[i], name))
			return (enum app_state)i;
	return STATE_MAX;
}

const char *state_detail_name(enum state_detail detail)
{
	return detail < DETAIL_MAX ? detail_names[detail] : NULL;
}

const char *witness_name(enum witness witness)
{
	return witness < WITNESS_MAX ? witness_names[witness] : NULL;
}

bool app_state_is_sick(enum app_state state)
{
	return state == STATE_RESTARTING || state == STATE_FAILED || state == STATE_LOST ||
		state == STATE_UNREACHABLE;
}

bool app_state_is_moving(enum app_state state)
{
	return state == STATE_STARTING || state == STATE_STOPPING || state == STATE_RESTARTING;
}

/* What the JobManager said, or that it says nothing. */
static struct state_result result(enum app_state state, enum state_detail detail)
{
	return (struct state_result){state, detail, WITNESS_JOBMANAGER};
}

static struct state_result by(enum witness witness, enum app_state state, enum state_detail detail)
{
	return (struct state_result){state, detail, witness};
}

static bool is_loop(const struct state_input *in)
{
	return in->recent_restarts >= (in->loop_restarts > 1 ? in->loop_restarts : LOOP_RESTARTS);
}

/* All its tasks run. Since the last of them does it is well, if it was not told to restart later. */
static bool is_loop_over(const struct state_input *in)
{
	int64_t well_ms = in->modified_ms > in->restarted_ms ? in->modified_ms : in->restarted_ms;
	int64_t quiet_ms = in->now_ms - well_ms;

	return in->modified_ms > 0 && in->restart_gap_ms > 0 && quiet_ms > LOOP_OVER_MS &&
		quiet_ms > 2 * in->restart_gap_ms;
}

static enum state_detail loop_detail(const struct state_input *in)
{
	if (in->lacks_slots)
		return DETAIL_WAITING_FOR_SLOTS;
	return is_loop(in) ? DETAIL_LOOPING : DETAIL_NONE;
}

/* RUNNING is the JobManager's word for the job; whether it works is told by its tasks. */
static struct state_result derive_running(const struct state_input *in)
{
	const struct task_counts *t = &in->tasks;
	bool waits = t->scheduled > 0;
	bool starts = waits || t->deploying > 0 || t->initializing > 0 ||
		(t->total > 0 && t->running == 0 && t->finished <= 0);

	/* Between two attempts, too. */
	if (starts && in->lacks_slots && t->deploying <= 0 && t->initializing <= 0)
		return result(STATE_RESTARTING, DETAIL_WAITING_FOR_SLOTS);
	if (is_loop(in) && (starts || !is_loop_over(in)))
		return result(STATE_RESTARTING, DETAIL_LOOPING);
	if (!starts)
		return result(STATE_RUNNING, DETAIL_NONE);
	if (waits && in->modified_ms > 0 && in->now_ms - in->modified_ms >= SLOT_WAIT_MS)
		return result(STATE_STARTING, DETAIL_WAITING_FOR_SLOTS);
	return result(STATE_STARTING, DETAIL_NONE);
}

static struct state_result derive_live(const struct state_input *in)
{
	switch (in->status) {
	case JOB_RUNNING: return derive_running(in);
	case JOB_INITIALIZING:
	case JOB_CREATED:
	case JOB_RECONCILING:
		if (in->tasks.scheduled > 0 && in->modified_ms > 0 &&
			in->now_ms - in->modified_ms >= SLOT_WAIT_MS)
			return result(STATE_STARTING, DETAIL_WAITING_FOR_SLOTS);
		return result(STATE_STARTING, DETAIL_NONE);
	/* Flink suspends a job whose JobManager lost its leadership; the next leader recovers it.
	 */
	case JOB_SUSPENDED:
	case JOB_RESTARTING: return result(STATE_RESTARTING, loop_detail(in));
	/* The restart strategy has given up; what follows is FAILED. */
	case JOB_FAILING:
	case JOB_FAILED: return result(STATE_FAILED, DETAIL_NONE);
	case JOB_CANCELLING: return result(STATE_STOPPING, DETAIL_NONE);
	case JOB_CANCELED: return result(STATE_CANCELED, DETAIL_NONE);
	case JOB_FINISHED: return result(STATE_FINISHED, DETAIL_NONE);
	case JOB_STATUS_NONE:
	case JOB_STATUS_MAX: break;
	}
	return result(STATE_UNKNOWN, DETAIL_NONE);
}

bool leader_is_changing(int64_t since_ms, int64_t now_ms)
{
	return since_ms > 0 && now_ms - since_ms < LEADER_CHANGE_MS;
}

static bool is_leader_changing(const struct state_input *in)
{
	return in->has_cluster && leader_is_changing(in->leaderless_ms, in->now_ms);
}

static bool is_away(const struct state_input *in)
{
	return in->has_cluster && in->cluster_misses >= MISSED_POLLS && !is_leader_changing(in);
}

/* The JobManager listed it after our run had seen it end: then the JobManager is right. */
static bool is_seen_since(const struct state_input *in)
{
	return in->has_job && in->missing_ms == 0 && in->seen_ms > in->ended_ms &&
		in->cluster_misses < MISSED_POLLS;
}

/* What our own runs say where they are the better witness; STATE_MAX = nothing. */
static enum app_state derive_run(const struct state_input *in)
{
	bool has_ended = in->has_job && job_status_is_terminal(in->status);
	bool is_over = has_ended || in->missing_ms > 0 || (in->ended_as && !is_seen_since(in));

	if (in->live_duplicates >= 2 && !in->has_job)
		return STATE_MAX;
	if (in->is_stopping && in->has_job && !is_away(in) && in->missing_ms == 0)
		return STATE_STOPPING;
	if (in->is_starting && !is_away(in) && !in->is_its_start && (!in->has_job || is_over))
		return STATE_STARTING;
	/* The former job has ended, and whether the new one came nobody can say. */
	if (in->is_starting && is_away(in) && !in->is_its_start)
		return STATE_UNREACHABLE;
	if (!in->ended_as)
		return STATE_MAX;
	/* Flink calls a job that was stopped FINISHED. */
	if (has_ended)
		return in->status == JOB_FINISHED && in->ended_as == STATE_SUSPENDED
			? STATE_SUSPENDED
			: STATE_MAX;
	return is_seen_since(in) ? STATE_MAX : in->ended_as;
}

/* No job is tied, and a start of ours had one run: gone since, and nobody saw how. */
static struct state_result derive_unseen(const struct state_input *in)
{
	if (is_away(in))
		return result(STATE_UNREACHABLE, DETAIL_NONE);
	if (in->observed_ms <= in->started_ms)
		return result(STATE_UNKNOWN, DETAIL_NONE);
	return result(STATE_UNKNOWN,
		in->observed_ms - in->started_ms > JOB_FORGOTTEN_MS ? DETAIL_EXPIRED
								    : DETAIL_MISSING);
}

/* No job is tied to it, and no run of ours says anything of one. */
static struct state_result derive_jobless(const struct state_input *in)
{
	bool is_duplicate = in->live_duplicates >= 2;

	if (!is_duplicate && in->started_ms > 0)
		return derive_unseen(in);
	/* What never ran is not lost from sight when its cluster is. */
	if (!is_duplicate && !in->names_cluster)
		return by(WITNESS_WORKSPACE, STATE_ADDED, DETAIL_NONE);
	if (!is_duplicate && in->cluster_answered)
		return result(STATE_ADDED, DETAIL_NONE);
	if (is_away(in))
		return result(STATE_UNREACHABLE, DETAIL_NONE);
	return is_duplicate ? result(STATE_UNKNOWN, DETAIL_DUPLICATE)
			    : by(WITNESS_NONE, STATE_UNKNOWN, DETAIL_NONE);
}

/* The JobManager answers, and no longer lists its job. */
static struct state_result derive_missing(const struct state_input *in)
{
	if (in->missing_ms - in->seen_ms > JOB_FORGOTTEN_MS)
		return result(STATE_UNKNOWN, DETAIL_EXPIRED);
	if (in->settled_without >= LOST_ANSWERS)
		return result(STATE_LOST, DETAIL_NONE);
	/* What it said last no longer holds, and that it is gone is not yet certain. */
	return result(STATE_UNKNOWN, DETAIL_MISSING);
}

static struct state_result derive(const struct state_input *in)
{
	enum app_state told;

	if (in->is_invalid)
		return by(WITNESS_WORKSPACE, STATE_UNKNOWN, DETAIL_INVALID);
	if (in->names_cluster && !in->has_cluster)
		return by(WITNESS_WORKSPACE, STATE_UNKNOWN, DETAIL_NO_CLUSTER);
	told = derive_run(in);
	if (told == STATE_UNREACHABLE)
		return result(told, DETAIL_NONE);
	if (told != STATE_MAX)
		return by(WITNESS_RUN, told, DETAIL_NONE);
	if (!in->has_job)
		return derive_jobless(in);
	if (job_status_is_terminal(in->status)) {
		struct state_result found = derive_live(in);

		found.witness = in->is_remembered ? WITNESS_HISTORY : WITNESS_JOBMANAGER;
		return found;
	}
	if (is_away(in))
		return result(STATE_UNREACHABLE, DETAIL_NONE);
	/* It runs no more where its leader was; whoever leads next takes it up again. */
	if (is_leader_changing(in))
		return result(in->missing_ms > 0 ? STATE_UNKNOWN : STATE_RESTARTING,
			DETAIL_LEADER_CHANGING);
	return in->missing_ms > 0 ? derive_missing(in) : derive_live(in);
}

struct state_result state_derive(const struct state_input *in)
{
	struct state_result found = derive(in);

	/* Its own job is known; that there is another one is said where nothing worse is. */
	if (in->has_job && in->live_duplicates >= 2 && found.detail == DETAIL_NONE)
		found.detail = DETAIL_DUPLICATE;
	return found;
}
