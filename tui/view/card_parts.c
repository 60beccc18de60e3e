/*
 * What the card says, section by section. Unknown is said as unknown, never as zero; each part that
 * the JobManager has not told (yet) says so in its own words. Secrets were masked before they came
 * here.
 */
#include <inttypes.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/view/card.h"
#include "tui/view/card_parts.h"
#include "tui/view/grid.h"
#include "tui/widget/table.h"

#define LABEL_COLS 16

/* -- facts -- */

static void label(struct pager *pager, const char *text)
{
	pager_wrap(pager, LABEL_COLS);
	pager_add(pager, STYLE_DIM, text);
	pager_tab(pager, LABEL_COLS);
}

static void fact(struct pager *pager, const char *name, enum style style, const char *value)
{
	struct buf clean;

	if (str_empty(value))
		return;
	/* A fact is one line: a line end in a job's name must not make a second one up. */
	buf_init(&clean, 0);
	utf8_neutralise(&clean, value, strlen(value));
	label(pager, name);
	pager_add(pager, style, buf_str(&clean));
	pager_end_line(pager);
	buf_release(&clean);
}

static void fact_column(
	struct pager *pager, const struct card_content *content, const char *name, const char *key)
{
	const struct column *column = column_find(&app_table, key);
	struct value value = column->get(content->app, content->env);
	struct buf text;

	if (value.type == VALUE_NULL || (value.type == VALUE_TEXTS && !value.texts.count))
		return;
	buf_init(&text, 0);
	column_text(column, content->app, content->env, &text);
	fact(pager, name, STYLE_TEXT, buf_str(&text));
	buf_release(&text);
}

/* "2026-11-21 09:57:12 (3m12s ago)" */
static void fact_time(
	struct pager *pager, const struct card_content *content, const char *name, int64_t time_ms)
{
	char date[32];
	struct buf age;

	if (time_ms <= 0)
		return;
	buf_init(&age, 0);
	clock_format(time_ms, date, sizeof(date));
	format_age(time_ms, content->env->now_ms, &age);
	label(pager, name);
	pager_add(pager, STYLE_TEXT, date);
	pager_addf(pager, STYLE_DIM, _("  %s ago"), buf_str(&age));
	pager_end_line(pager);
	buf_release(&age);
}

static void fact_cluster(struct pager *pager, const struct app *app)
{
	const struct cluster *cluster = app->cluster;

	if (!cluster) {
		fact(pager, _("Cluster"), STYLE_WARN, app->decl ? app->decl->cluster : NULL);
		return;
	}
	label(pager, _("Cluster"));
	pager_add(pager, STYLE_TEXT, cluster->name);
	if (cluster->address_count > 1)
		pager_addf(pager, STYLE_DIM, _(", one of %zu"), cluster->address_count);
	if (cluster->flink_version)
		pager_addf(pager, STYLE_DIM, _("  Flink %s"), cluster->flink_version);
	if (str_eq(cluster->tls, "insecure"))
		pager_add(pager, STYLE_WARN, _("  insecure: its certificate is not checked"));
	pager_end_line(pager);
}

static void fact_restarts(struct pager *pager, const struct job *job)
{
	if (job->restarts < 0)
		return;
	label(pager, _("Restarts"));
	pager_addf(pager, STYLE_TEXT, "%" PRId64, job->restarts);
	if (job->restarts_before > 0)
		pager_addf(pager, STYLE_DIM, _("  and %" PRId64 " under former JobManagers"),
			job->restarts_before);
	if (job->restarts_per_hour >= 0)
		pager_addf(pager, job->restarts_per_hour >= 1 ? STYLE_WARN : STYLE_DIM,
			_("  %.0f in the last hour"), job->restarts_per_hour);
	pager_end_line(pager);
}

static void fact_tasks(struct pager *pager, const struct job *job)
{
	const struct task_counts *tasks = &job->summary.tasks;

	if (tasks->total < 0)
		return;
	label(pager, _("Tasks"));
	pager_addf(pager, tasks->running == tasks->total ? STYLE_TEXT : STYLE_WARN,
		_("%d of %d running"), tasks->running, tasks->total);
	if (tasks->scheduled > 0)
		pager_addf(pager, STYLE_WARN, _("  %d scheduled"), tasks->scheduled);
	if (tasks->failed > 0)
		pager_addf(pager, STYLE_ERROR, _("  %d failed"), tasks->failed);
	pager_end_line(pager);
}

static void fact_checkpoint(struct pager *pager, const struct card_content *content)
{
	const struct job *job = content->app->job;
	const struct checkpoint *last = &job->last_checkpoint;
	const struct job_detail *config = job->config ? &job->config->detail : NULL;
	struct buf text;

	if (config && job_retention(job) == RETENTION_FAILED &&
		config->checkpoint_config.interval_ms > 0)
		fact(pager, _("Retention"), STYLE_WARN,
			_("checkpoints not retained when it is canceled, only when it fails"));
	if (config && job_retention(job) == RETENTION_NONE &&
		config->checkpoint_config.interval_ms > 0)
		fact(pager, _("Retention"), STYLE_WARN,
			_("checkpoints not retained: they are deleted when the job ends"));
	label(pager, _("Last checkpoint"));
	if (last->id < 0) {
		pager_add(pager, STYLE_DIM, _("none known"));
		pager_end_line(pager);
		return;
	}
	buf_init(&text, 0);
	buf_addf(&text, "#%" PRId64 "  ", last->id);
	format_age(last->ack_ms, content->env->now_ms, &text);
	buf_adds(&text, _(" ago, took "));
	format_duration(last->duration_ms, &text);
	buf_adds(&text, ", ");
	format_bytes(last->state_bytes, &text);
	pager_add(pager, STYLE_TEXT, buf_str(&text));
	pager_end_line(pager);
	/* A path is an offer to start from it. */
	fact(pager, "", STYLE_DIM,
		job_checkpoint_is_gone(job) ? _("it was deleted when the job ended") : last->path);
	buf_release(&text);
}

static void fact_exception(struct pager *pager, const struct card_content *content)
{
	const struct job *job = content->app->job;
	struct buf text;

	if (!job->last_exception)
		return;
	buf_init(&text, 0);
	format_age(job->last_exception_ms, content->env->now_ms, &text);
	buf_addf(&text, _(" ago: %s"), job->last_exception);
	fact(pager, _("Last exception"), STYLE_ERROR, buf_str(&text));
	buf_release(&text);
}

/* Which one a start runs; of a last try that failed, why and when. */
static void write_release(struct pager *pager, const struct card_content *content)
{
	enum release_state state = content->app->release_state;
	const struct record *record = content->app->record;
	const struct run_fact *last = &record->released;
	struct buf age;

	label(pager, _("Release"));
	pager_add(pager, state == RELEASE_RELEASED ? STYLE_TEXT : STYLE_WARN,
		release_state_name(state));
	if (record->active.number)
		pager_addf(pager, STYLE_DIM, _("  #%" PRId64 " is active"), record->active.number);
	pager_end_line(pager);
	if (state != RELEASE_FAILED)
		return;
	buf_init(&age, 0);
	format_age(last->ended_ms, content->env->now_ms, &age);
	label(pager, "");
	pager_addf(pager, STYLE_WARN, _("%s failed %s ago, run %" PRId64 "%s%s"), last->verb,
		buf_str(&age), last->id, last->outcome ? ": " : "",
		last->outcome ? last->outcome : "");
	pager_end_line(pager);
	buf_release(&age);
}

/* What weir did, and does. */
static void write_record(struct pager *pager, const struct card_content *content)
{
	const struct record *record = content->app->record;
	const struct run_fact *open = record && record->open.id ? &record->open : NULL;

	if (open) {
		label(pager, _("In progress"));
		pager_addf(pager, open->is_live ? STYLE_STRONG : STYLE_WARN,
			_("%s, run %" PRId64 " %s"), open->verb, open->id,
			run_state_name(open->state));
		if (!open->is_live)
			pager_addf(pager, STYLE_WARN,
				_("  nobody watches it: weir settle %" PRId64), open->id);
		pager_end_line(pager);
	}
	if (content->app->release_state != RELEASE_NONE)
		write_release(pager, content);
	if (record && record->point.path) {
		fact_time(pager, content,
			record->point.kind == RESTORE_SAVEPOINT ? _("Savepoint")
								: _("Restore point"),
			record->point.completed_ms);
		fact(pager, "", STYLE_DIM, record->point.path);
	}
}

/* How it is: what is asked first when something is wrong. */
static void write_health(struct pager *pager, const struct card_content *content)
{
	const struct app *app = content->app;
	const struct job *job = app->job;

	if (app->decl && app->decl->error && app->detail != DETAIL_INVALID)
		fact(pager, _("Error"), STYLE_ERROR, app->decl->error);
	if (job)
		fact_exception(pager, content);
	if (app->state_since_ms > 0)
		fact_time(pager, content, _("In this state"), app->state_since_ms);
	write_record(pager, content);
	if (!job)
		return;
	fact_time(pager, content, _("Started"), job->summary.start_ms);
	if (job_status_is_terminal(job->summary.status))
		fact_time(pager, content, _("Ended"), job->summary.end_ms);
	fact_restarts(pager, job);
	fact_tasks(pager, job);
	fact_checkpoint(pager, content);
}

static void write_facts(struct pager *pager, const struct card_content *content)
{
	const struct app *app = content->app;

	card_write_witnesses(pager, content);
	write_health(pager, content);
	fact_cluster(pager, app);
	if (!app->job || !app->decl || !str_eq(app->job->name, app->decl->name))
		fact_column(pager, content, _("Job name"), "jobName");
	fact_column(pager, content, _("Job id"), "jobId");
	fact_column(pager, content, _("Parallelism"), "parallelism");
	fact_column(pager, content, _("Type"), "type");
	fact_column(pager, content, _("Target"), "deploymentTarget");
	fact_column(pager, content, _("Team"), "team");
	fact_column(pager, content, _("Owner"), "owner");
	fact_column(pager, content, _("Tags"), "tags");
}

/* -- what the JobManager told in detail -- */

static void note(struct pager *pager, enum style style, const char *text)
{
	pager_wrap(pager, 2);
	pager_text(pager, style, text);
}

static const struct job_detail *detail_with(const struct job *job, unsigned part)
{
	if (part == JOB_PART_CONFIG)
		return job->config ? &job->config->detail : NULL;
	return job->detail && (job->detail->detail.parts & part) ? &job->detail->detail : NULL;
}

static void write_vertices(struct pager *pager, const struct job *job)
{
	const struct job_detail *detail = detail_with(job, JOB_PART_VERTICES);
	const char *titles[] = {_("STATUS"), _(">PAR"), _(">TASKS"), _(">READ"), _(">RECORDS"),
		_(">WRITTEN"), _(">RECORDS"), _("VERTEX"), NULL};
	struct grid grid;

	if (!detail) {
		note(pager, STYLE_DIM, _("not told yet"));
		return;
	}
	grid_init(&grid, titles);
	for (size_t i = 0; i < detail->vertex_count; i++) {
		const struct vertex *vertex = &detail->vertices[i];
		grid_add(&grid, table_state_style(vertex->status), vertex->status);
		grid_number(&grid, vertex->parallelism);
		if (vertex->tasks.running < 0)
			grid_add(&grid, STYLE_DIM, NULL);
		else
			grid_addf(&grid,
				vertex->tasks.running == vertex->parallelism ? STYLE_TEXT
									     : STYLE_WARN,
				"%d/%d", vertex->tasks.running, vertex->parallelism);
		grid_bytes(&grid, vertex->read_bytes);
		grid_number(&grid, vertex->read_records);
		grid_bytes(&grid, vertex->write_bytes);
		grid_number(&grid, vertex->write_records);
		grid_add(&grid, STYLE_STRONG, vertex->name);
	}
	grid_end(&grid, pager, 0);
}

static enum style checkpoint_style(enum checkpoint_status status)
{
	switch (status) {
	case CHECKPOINT_COMPLETED: return STYLE_OK;
	case CHECKPOINT_FAILED: return STYLE_ERROR;
	case CHECKPOINT_IN_PROGRESS: break;
	}
	return STYLE_STATE_MOVING;
}

static void write_history(struct pager *pager, const struct card_content *content,
	const struct checkpoint_stats *stats)
{
	const char *titles[] = {_(">ID"), _("STATUS"), _("KIND"), _(">AGE"), _(">DURATION"),
		_(">SIZE"), _(">NEW"), _(">ACKED"), _("FAILURE"), NULL};
	struct grid grid;
	struct buf age;

	buf_init(&age, 0);
	grid_init(&grid, titles);
	for (size_t i = 0; i < stats->history_count; i++) {
		const struct checkpoint *point = &stats->history[i];
		grid_number(&grid, point->id);
		grid_add(&grid, checkpoint_style(point->status),
			checkpoint_status_name(point->status));
		grid_add(&grid, STYLE_TEXT, point->is_savepoint ? _("savepoint") : _("checkpoint"));
		buf_reset(&age);
		format_age(point->ack_ms > 0 ? point->ack_ms : point->trigger_ms,
			content->env->now_ms, &age);
		grid_add(&grid, STYLE_TEXT, buf_str(&age));
		grid_duration(&grid, point->duration_ms);
		grid_bytes(&grid, point->state_bytes);
		grid_bytes(&grid, point->checkpointed_bytes);
		grid_addf(&grid, STYLE_TEXT, "%d/%d", point->acknowledged, point->subtasks);
		grid_add(&grid, STYLE_ERROR, point->failure ? point->failure : "");
	}
	grid_end(&grid, pager, 0);
	buf_release(&age);
}

static void write_checkpoints(struct pager *pager, const struct card_content *content)
{
	const struct job_detail *detail = detail_with(content->app->job, JOB_PART_CHECKPOINTS);
	const struct checkpoint_stats *stats = detail ? &detail->checkpoints : NULL;
	struct buf text;

	if (!stats) {
		note(pager, STYLE_DIM, _("not told yet"));
		return;
	}
	buf_init(&text, 0);
	buf_addf(&text,
		_("%" PRId64 " completed, %" PRId64 " failed, %" PRId64 " in progress, %" PRId64
		  " restored"),
		stats->completed, stats->failed, stats->in_progress, stats->restored);
	note(pager, stats->failed > 0 ? STYLE_WARN : STYLE_TEXT, buf_str(&text));
	if (stats->restored_id >= 0) {
		buf_reset(&text);
		buf_addf(&text, _("restored from %s #%" PRId64 ", "),
			stats->restored_is_savepoint ? _("savepoint") : _("checkpoint"),
			stats->restored_id);
		format_age(stats->restored_ms, content->env->now_ms, &text);
		buf_addf(&text, _(" ago  %s"), stats->restored_path ? stats->restored_path : "");
		note(pager, STYLE_DIM, buf_str(&text));
	}
	if (stats->history_count)
		write_history(pager, content, stats);
	else
		note(pager, STYLE_DIM, _("no checkpoint in the JobManager's memory"));
	buf_release(&text);
}

/* -- exceptions -- */

static bool is_frame(const char *line)
{
	return str_starts(line, "\tat ") || str_starts(line, "    at ");
}

/* Of each run of frames the first three; the causes stay. */
static void write_trace(struct pager *pager, const char *text, bool is_unfolded)
{
	int frames = 0;
	struct buf line;

	buf_init(&line, 0);
	pager_wrap(pager, 8);
	while (*text) {
		size_t len = strcspn(text, "\n");
		buf_reset(&line);
		buf_add(&line, text, len);
		text += len + (text[len] == '\n');
		bool frame = is_frame(buf_str(&line));
		frames = frame ? frames + 1 : 0;
		if (is_unfolded || frames <= 3)
			pager_text(pager, frame ? STYLE_DIM : STYLE_TEXT, buf_str(&line));
		bool ends = !*text || !is_frame(text);
		if (!is_unfolded && frames > 3 && ends)
			pager_addf(pager, STYLE_DIM, _("\t… %d more\n"), frames - 3);
	}
	buf_release(&line);
}

static void write_exceptions(struct pager *pager, const struct card_content *content)
{
	const struct job_detail *detail = detail_with(content->app->job, JOB_PART_EXCEPTIONS);
	struct buf age;

	if (!detail || !detail->exception_count)
		note(pager, STYLE_DIM, detail ? _("none") : _("not told yet"));
	if (!detail || !detail->exception_count)
		return;
	pager_text(pager, STYLE_DIM,
		content->is_unfolded ? _("newest first; x folds the stack traces")
				     : _("newest first; x unfolds the stack traces"));
	buf_init(&age, 0);
	for (size_t i = 0; i < detail->exception_count; i++) {
		const struct exception *exception = &detail->exceptions[i];
		char date[32];
		clock_format(exception->time_ms, date, sizeof(date));
		buf_reset(&age);
		format_age(exception->time_ms, content->env->now_ms, &age);
		pager_wrap(pager, 2);
		pager_addf(pager, STYLE_STRONG, _("%s  %s ago"), date, buf_str(&age));
		if (exception->task)
			pager_addf(pager, STYLE_TEXT, "  %s", exception->task);
		if (exception->location)
			pager_addf(pager, STYLE_DIM, "  %s", exception->location);
		pager_end_line(pager);
		if (exception->cause)
			pager_text(pager, STYLE_ERROR, exception->cause);
		if (exception->text)
			write_trace(pager, exception->text, content->is_unfolded);
	}
	if (detail->exceptions_truncated)
		note(pager, STYLE_DIM, _("older ones are no longer in the JobManager's memory"));
	buf_release(&age);
}

/* -- events -- */

static void write_events(struct pager *pager, const struct card_content *content)
{
	pager_section(pager, 0, _("Changes of state"));
	if (content->events_error)
		note(pager, STYLE_ERROR, content->events_error);
	else if (!content->event_count)
		note(pager, STYLE_DIM,
			content->has_events ? _("none remembered") : _("not read yet"));
	for (size_t i = 0; i < content->event_count; i++) {
		const struct event *event = &content->events[i];
		char date[32];
		clock_format(event->time_ms, date, sizeof(date));
		pager_wrap(pager, 21);
		pager_addf(pager, STYLE_DIM, "%s  ", date);
		pager_add(pager, table_state_style(event->from), event->from);
		pager_add(pager, STYLE_DIM, utf8_locale() ? " → " : " -> ");
		pager_add(pager, table_state_style(event->to), event->to);
		if (event->text)
			pager_addf(pager, STYLE_TEXT, "  %s", event->text);
		pager_end_line(pager);
	}
}

void card_write(struct pager *pager, enum card_tab tab, const struct card_content *content)
{
	const struct app *app = content->app;
	const char *nothing = card_tab_disabled(app, tab);

	pager_begin(pager);
	if (nothing)
		note(pager, STYLE_DIM, nothing);
	switch (nothing ? CARD_TAB_MAX : tab) {
	case CARD_OVERVIEW:
		write_facts(pager, content);
		write_events(pager, content);
		break;
	case CARD_VERTICES: write_vertices(pager, app->job); break;
	case CARD_CHECKPOINTS: write_checkpoints(pager, content); break;
	case CARD_EXCEPTIONS: write_exceptions(pager, content); break;
	case CARD_CONFIGURATION: card_write_config(pager, content); break;
	case CARD_FILE: card_write_file(pager, app->decl); break;
	case CARD_RUNS:
	case CARD_RELEASES:
	case CARD_POINTS:
	case CARD_HISTORY:
	case CARD_TAB_MAX: break;
	}
	pager_end(pager);
}
