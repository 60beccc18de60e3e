/* What the fleet knows of an application → a line for each who vouches for something. */
#include <stdlib.h>

#include "core/present/witness.h"

#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/str.h"

const char *witness_title(enum witness witness)
{
	static const char *const titles[WITNESS_MAX] = {
		[WITNESS_JOBMANAGER] = N_("JobManager"),
		[WITNESS_WORKSPACE] = N_("Workspace"),
		[WITNESS_RUN] = N_("Last run"),
		[WITNESS_HISTORY] = N_("History"),
	};

	return witness < WITNESS_MAX && titles[witness] ? _(titles[witness]) : _("nobody");
}

int64_t said_age_ms(const struct said_at *said, const struct present_env *env)
{
	int64_t age = said->mono_ms && env->mono_ms ? env->mono_ms - said->mono_ms
		: said->ms > 0                      ? env->now_ms - said->ms
						    : -1;

	return said->ms <= 0 ? -1 : age < 0 ? 0 : age;
}

bool cluster_is_stale(const struct cluster *cluster, const struct present_env *env)
{
	const struct said_at said = {cluster->observed_ms, cluster->observed_mono_ms};

	return !cluster->has_answered || said_age_ms(&said, env) > env->stale_ms;
}

/* ---- the JobManager ---- */

static const char *tasks_text(const struct job *job, struct arena *arena)
{
	const struct task_counts *tasks = &job->summary.tasks;

	/* That all of them run is what RUNNING means. */
	if (tasks->total <= 0 || tasks->running == tasks->total ||
		job_status_is_terminal(job->summary.status))
		return NULL;
	return arena_printf(arena, _("%d of %d tasks run"), tasks->running, tasks->total);
}

static void say_job(const struct job *job, struct arena *arena, struct statement *out)
{
	const char *status = job_status_name(job->summary.status);

	/* What it said last is not kept beside the end that somebody else remembers. */
	if (job->said_by) {
		out->word = job->missing_ms ? "NOT_LISTED" : NULL;
		return;
	}
	if (job->missing_ms) {
		out->word = "NOT_LISTED";
		out->text = arena_printf(arena, _("before: %s"), status ? status : "?");
		return;
	}
	out->word = status;
	out->text = tasks_text(job, arena);
	out->said = (struct said_at){job->seen_ms, job->seen_mono_ms};
}

static bool by_jobmanager(const struct app *app, struct arena *arena, struct statement *out)
{
	const struct cluster *cluster = app->cluster;

	if (!cluster)
		return false;
	out->where = cluster->address;
	if (cluster->observed_ms > 0)
		out->said = (struct said_at){cluster->observed_ms, cluster->observed_mono_ms};
	if (app->job) {
		say_job(app->job, arena, out);
	} else if (cluster->observed_ms > 0 && app->duplicates > 1) {
		out->word = "DUPLICATE";
		out->text = arena_printf(
			arena, _("lists %zu live jobs of its name"), app_namesakes(app, NULL, 0));
	} else if (cluster->observed_ms > 0) {
		out->word = "NO_JOB";
	} else {
		out->text = _("has not answered yet");
	}
	if (cluster->misses > 0) {
		out->misses = cluster->misses;
		out->trouble = cluster->last_err.text;
		out->troubled = (struct said_at){cluster->asked_ms, cluster->asked_mono_ms};
	}
	return true;
}

/* ---- our own runs, and the file ---- */

static const char *phase_word(enum run_phase phase)
{
	switch (phase) {
	case PHASE_BUILDING: return "BUILDING";
	case PHASE_RELEASING: return "RELEASING";
	case PHASE_STOPPING: return "STOPPING";
	case PHASE_STARTING: return "STARTING";
	case PHASE_OTHER: break;
	}
	return "IN_PROGRESS";
}

static void say_started(const struct run_fact *started, struct arena *arena, struct statement *out)
{
	bool is_adopted = run_fact_adopts(started);

	out->word = is_adopted               ? "ADOPTED"
		: started->state == RUN_DONE ? "STARTED"
					     : "START_FAILED";
	char *shown = i18n_shown(started->outcome ? started->outcome : "");
	out->text = started->state == RUN_DONE || is_adopted
		? arena_printf(arena, _("job %s"), started->start_job_id)
		: started->outcome ? arena_strdup(arena, shown)
				   : NULL;
	free(shown);
}

static bool by_run(const struct app *app, struct arena *arena, struct statement *out)
{
	const struct record *record = app->record;
	const struct run_fact *run;

	if (!record || !(record->open.id || record->started.id || record->stopped.id))
		return false;
	run = record->open.id                     ? &record->open
		: record_has_stopped_last(record) ? &record->stopped
						  : &record->started;
	out->where = arena_printf(arena, _("run %lld, %s"), (long long)run->id, run->verb);
	out->said.ms = run->ended_ms ? run->ended_ms : run->created_ms;
	if (run == &record->open) {
		out->said.ms = run->created_ms;
		out->word = phase_word(run->phase);
		out->text = run->is_live ? run_state_name(run->state) : _("nobody watches it");
	} else if (run == &record->stopped) {
		out->word = run->with_savepoint ? "SUSPENDED" : "CANCELED";
		out->text = run->with_savepoint ? _("its job was stopped with a savepoint")
						: _("its job was canceled");
	} else {
		say_started(run, arena, out);
	}
	return true;
}

static bool by_workspace(const struct app *app, struct arena *arena, struct statement *out)
{
	(void)arena;
	if (!app->decl)
		return false;
	out->where = app->decl->path;
	out->word = app->decl->error ? "INVALID" : "DECLARED";
	if (!app->decl->is_remembered && app->files_read)
		out->said = *app->files_read;
	if (app->detail == DETAIL_NO_CLUSTER)
		out->text = _("names a cluster that is not in the configuration");
	return true;
}

/* ---- who remembers ended jobs ---- */

static bool by_history(const struct app *app, struct arena *arena, struct statement *out)
{
	(void)arena;
	if (!app->job || !app->job->said_by)
		return false;
	out->where = app->job->said_by;
	out->word = job_status_name(app->job->summary.status);
	out->text = _("ended while nobody watched");
	out->said.ms = app->job->summary.end_ms;
	return true;
}

size_t app_statements(const struct app *app, struct arena *arena, struct statement *out)
{
	static const struct {
		enum witness who;
		bool (*say)(const struct app *app, struct arena *arena, struct statement *out);
	} witnesses[] = {
		{WITNESS_JOBMANAGER, by_jobmanager},
		{WITNESS_HISTORY, by_history},
		{WITNESS_RUN, by_run},
		{WITNESS_WORKSPACE, by_workspace},
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(witnesses) / sizeof(witnesses[0]); i++) {
		out[count] = (struct statement){.who = witnesses[i].who};
		if (!witnesses[i].say(app, arena, &out[count]))
			continue;
		out[count].is_believed = app->witness == witnesses[i].who;
		count++;
	}
	return count;
}

static void add_number(struct json_out *out, const char *key, int64_t value, int64_t least)
{
	json_out_key(out, key);
	if (value >= least)
		json_out_number(out, value);
	else
		json_out_word(out, "null");
}

static void add_text(struct json_out *out, const char *key, const char *text)
{
	json_out_key(out, key);
	json_out_text(out, text);
}

void app_witnesses_json(const struct app *app, const struct present_env *env, struct json_out *out)
{
	struct arena *arena = arena_new();
	struct statement all[STATEMENTS_MAX];
	size_t count = app_statements(app, arena, all);

	json_out_open(out, '[');
	for (size_t i = 0; i < count; i++) {
		json_out_open(out, '{');
		add_text(out, "witness", witness_name(all[i].who));
		add_text(out, "at", all[i].where);
		add_text(out, "says", all[i].word);
		add_text(out, "text", all[i].text);
		add_number(out, "observedAtMs", all[i].said.ms, 1);
		add_number(out, "ageMs", said_age_ms(&all[i].said, env), 0);
		add_number(out, "missedPolls", all[i].misses, 0);
		add_text(out, "trouble", all[i].trouble);
		json_out_key(out, "believed");
		json_out_word(out, all[i].is_believed ? "true" : "false");
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
	arena_free(arena);
}
