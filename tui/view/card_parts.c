/*
 * What the card says, section by section. Unknown is said as unknown, never as zero; each part that
 * the JobManager has not told (yet) says so in its own words. Secrets were masked before they came
 * here.
 */
#include <inttypes.h>
#include <stdlib.h>
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

void card_label(struct pager *pager, const char *text)
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
	card_label(pager, name);
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
	card_label(pager, name);
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
	card_label(pager, _("Cluster"));
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
	card_label(pager, _("Restarts"));
	pager_addf(pager, STYLE_TEXT, "%" PRId64, job->restarts);
	if (job->restarts_before > 0)
		pager_addf(pager, STYLE_DIM, _("  and %lld under former JobManagers"),
			(long long)job->restarts_before);
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
	card_label(pager, _("Tasks"));
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
	card_label(pager, _("Last checkpoint"));
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

	card_label(pager, _("Release"));
	pager_add(pager, state == RELEASE_RELEASED ? STYLE_TEXT : STYLE_WARN,
		release_state_name(state));
	if (record->active.number)
		pager_addf(
			pager, STYLE_DIM, _("  #%lld is active"), (long long)record->active.number);
	pager_end_line(pager);
	if (state != RELEASE_FAILED)
		return;
	char *shown = i18n_shown(last->outcome ? last->outcome : "");
	buf_init(&age, 0);
	format_age(last->ended_ms, content->env->now_ms, &age);
	card_label(pager, "");
	pager_addf(pager, STYLE_WARN, _("%s failed %s ago, run %lld%s%s"), last->verb,
		buf_str(&age), (long long)last->id, *shown ? ": " : "", shown);
	free(shown);
	pager_end_line(pager);
	buf_release(&age);
}

/* What weir did, and does. */
static void write_record(struct pager *pager, const struct card_content *content)
{
	const struct record *record = content->app->record;
	const struct run_fact *open = record && record->open.id ? &record->open : NULL;

	if (open) {
		card_label(pager, _("In progress"));
		pager_addf(pager, open->is_live ? STYLE_STRONG : STYLE_WARN, _("%s, run %lld %s"),
			open->verb, (long long)open->id, run_state_name(open->state));
		if (!open->is_live)
			pager_addf(pager, STYLE_WARN, _("  nobody watches it: weir settle %lld"),
				(long long)open->id);
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

void card_note(struct pager *pager, enum style style, const char *text)
{
	pager_wrap(pager, 2);
	pager_text(pager, style, text);
}

const struct job_detail *card_detail(const struct job *job, unsigned part)
{
	if (!job)
		return NULL;
	if (part == JOB_PART_CONFIG)
		return job->config ? &job->config->detail : NULL;
	return job->detail && (job->detail->detail.parts & part) ? &job->detail->detail : NULL;
}

static void write_vertices(struct pager *pager, const struct card_content *content)
{
	const struct job *job = content->app->job;
	const struct job_detail *detail = card_detail(job, JOB_PART_VERTICES);
	const char *titles[] = {_("STATUS"), _(">PAR"), _(">TASKS"), _(">READ"), _(">RECORDS"),
		_(">WRITTEN"), _(">RECORDS"), _("VERTEX"), NULL};
	struct grid grid;

	card_write_age(pager, content, detail ? job->detail_ms : 0);
	if (!detail)
		return;
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

/* -- events -- */

#define CHANGES_SHOWN 20

/* Of all that happened the overview tells the changes of state. */
static void write_events(struct pager *pager, const struct card_content *content)
{
	const struct card_history *history = &content->memory->kinds[HISTORY_EVENTS];
	int shown = 0;

	pager_section(pager, 0, _("Changes of state"));
	for (size_t i = 0; i < history->count && shown < CHANGES_SHOWN; i++) {
		const struct event *event = history->items[i];
		char date[32];

		if (!event_is(event, EVENT_STATE))
			continue;
		shown++;
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
	if (history->error)
		card_note(pager, STYLE_ERROR, history->error);
	else if (!shown)
		card_note(pager, STYLE_DIM,
			history->has_told ? _("none remembered") : _("not read yet"));
}

void card_write(struct pager *pager, enum card_tab tab, const struct card_content *content)
{
	const struct app *app = content->app;
	const char *nothing = card_tab_disabled(app, tab);

	pager_begin(pager);
	if (nothing)
		card_note(pager, STYLE_DIM, nothing);
	switch (nothing ? CARD_TAB_MAX : tab) {
	case CARD_OVERVIEW:
		write_facts(pager, content);
		card_write_trend(pager, content);
		write_events(pager, content);
		break;
	case CARD_VERTICES: write_vertices(pager, content); break;
	case CARD_CHECKPOINTS: card_write_checkpoints(pager, content); break;
	case CARD_EXCEPTIONS: card_write_exceptions(pager, content); break;
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
