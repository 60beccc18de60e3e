/* Runs of one application, newest first → what they say together. */
#include "core/model/record.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

static const struct {
	const char *word; /* of a verb with one step, or of a step */
	enum run_phase phase;
} phases[] = {
	{"stop", PHASE_STOPPING},
	{"cancel", PHASE_STOPPING},
	{"start", PHASE_STARTING},
	{"running", PHASE_STARTING},
	{"check", PHASE_STARTING},
	{"build", PHASE_BUILDING},
	{"checkout", PHASE_BUILDING},
	{"command", PHASE_BUILDING},
	{"artifact", PHASE_BUILDING},
	{"release", PHASE_RELEASING},
	{"rollback", PHASE_RELEASING},
	{"render", PHASE_RELEASING},
	{"upload", PHASE_RELEASING},
	{"verify", PHASE_RELEASING},
	{"activate", PHASE_RELEASING},
	{"tidy", PHASE_RELEASING},
};

static enum run_phase phase_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
		if (str_eq(phases[i].word, word))
			return phases[i].phase;
	return PHASE_OTHER;
}

static bool is_composed(const struct run *run)
{
	return str_eq(run->verb, "restart") || str_eq(run->verb, "ship");
}

/* Of a restart or ship: the step that is a stop with savepoint. */
static bool is_stop_step(const struct run_step *step)
{
	return str_eq(step->name, "savepoint") || str_eq(step->name, "stop");
}

enum run_phase run_phase(const struct run *run)
{
	if (!is_composed(run))
		return phase_of(run->verb);
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];
		if (step->state == RUN_DONE)
			continue;
		return is_stop_step(step) ? PHASE_STOPPING : phase_of(step->name);
	}
	return PHASE_OTHER;
}

bool run_has_stopped(const struct run *run, bool *with_savepoint)
{
	*with_savepoint = str_eq(run->verb, "stop");
	if (!run->job_id)
		return false;
	if (str_eq(run->verb, "stop") || str_eq(run->verb, "cancel"))
		return run->state == RUN_DONE;
	for (size_t i = 0; is_composed(run) && i < run->step_count; i++)
		if (is_stop_step(&run->steps[i]) && run->steps[i].state == RUN_DONE)
			return *with_savepoint = true;
	return false;
}

/* Of one that has several steps: not when all of it was over. */
static int64_t stopped_ms(const struct run *run)
{
	for (size_t i = 0; is_composed(run) && i < run->step_count; i++)
		if (is_stop_step(&run->steps[i]) && run->steps[i].ended_ms > 0)
			return run->steps[i].ended_ms;
	return run->ended_ms;
}

static void set_fact(struct run_fact *fact, struct arena *arena, const struct run *run)
{
	bool with_savepoint = false, adopts = str_eq(run->verb, "adopt");

	if (fact->id)
		return; /* a newer one is known */
	run_has_stopped(run, &with_savepoint);
	*fact = (struct run_fact){
		.id = run->id,
		.verb = arena_strdup(arena, run->verb),
		.state = run_shown_state(run),
		.phase = run_phase(run),
		.is_live = !run->is_orphan && run->state != RUN_UNKNOWN,
		.with_savepoint = with_savepoint,
		.job_id = arena_strdup(arena, run->job_id),
		.start_job_id = arena_strdup(arena, run->start_job_id),
		.savepoint = adopts
			? NULL
			: arena_strdup(arena, run->result ? run->result : run->restore_path),
		.job_name = adopts ? arena_strdup(arena, run->result) : NULL,
		.release = run->release,
		.created_ms = run->created_ms,
		.ended_ms = run->ended_ms,
		.outcome = arena_strdup(arena, run->outcome),
	};
}

static bool is_release(const struct run *run)
{
	return str_eq(run->verb, "release") || str_eq(run->verb, "rollback") ||
		str_eq(run->verb, "ship");
}

/* A ship that failed before or after its release says nothing of releases. */
static bool failed_to_release(const struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++)
		if (run->steps[i].state == RUN_FAILED)
			return phase_of(run->steps[i].name) == PHASE_RELEASING;
	return !is_composed(run);
}

bool run_cluster_is_own(const struct run_cluster *cluster)
{
	return !str_eq(cluster->target, "yarn-session") &&
		!str_eq(cluster->target, "kubernetes-session");
}

bool run_fact_adopts(const struct run_fact *fact)
{
	return str_eq(fact->verb, "adopt");
}

const char *record_started_job(const struct record *record)
{
	const struct run_fact *started = &record->started;

	return started->id && started->state == RUN_DONE && record->stopped.id <= started->id
		? started->start_job_id
		: NULL;
}

bool record_has_stopped_last(const struct record *record)
{
	const struct run_fact *stopped = &record->stopped, *started = &record->started;

	/* A restart stops one job and starts another: with none known, what it came to counts. */
	return stopped->id > started->id ||
		(stopped->id && stopped->id == started->id && started->state != RUN_DONE);
}

/* One that took place. Newest first: one without a job voids those before it. */
static void add_adoption(struct record *record, struct arena *arena, const struct run *run)
{
	if (run->state != RUN_DONE || record->has_let_go)
		return;
	if (run->start_job_id)
		set_fact(&record->started, arena, run);
	else
		record->has_let_go = true;
}

void record_add_run(struct record *record, struct arena *arena, const struct run *run)
{
	bool with_savepoint;

	if (!run_state_is_end(run->state))
		set_fact(&record->open, arena, run);
	if (str_eq(run->verb, "adopt")) {
		add_adoption(record, arena, run);
	} else if (run->start_job_id) {
		set_fact(&record->started, arena, run);
	}
	if (!record->stopped.id && run_has_stopped(run, &with_savepoint)) {
		set_fact(&record->stopped, arena, run);
		record->stopped.ended_ms = stopped_ms(run);
	}
	if (is_release(run) &&
		(run->state == RUN_DONE || (run->state == RUN_FAILED && failed_to_release(run))))
		set_fact(&record->released, arena, run);
}
