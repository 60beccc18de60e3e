/*
 * Checkpoints and exceptions: what the JobManager lists, and below it what the recorder remembers and
 * the JobManager does not (any more). When nobody answers, or the job is gone, the last of what was
 * told stays, dated.
 */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "tui/view/card.h"
#include "tui/view/card_parts.h"
#include "tui/view/grid.h"
#include "tui/widget/table.h"

void card_write_age(struct pager *pager, const struct card_content *content, int64_t told_ms)
{
	const struct app *app = content->app;
	const struct job *job = app->job;
	bool is_gone = job && job->missing_ms, is_silent = app->cluster && app->cluster->misses;
	struct buf text;

	if (!job || !told_ms) {
		card_note(pager, is_gone || !job ? STYLE_WARN : STYLE_DIM,
			!job              ? _("no run of this application is known to a JobManager")
				: is_gone ? _("the JobManager no longer knows this job")
				: is_silent ? _("the JobManager does not answer")
					    : _("not told yet"));
		return;
	}
	if (!is_gone && !is_silent)
		return;
	buf_init(&text, 0);
	buf_adds(&text,
		is_gone ? _("the JobManager no longer knows this job; it told this ")
			: _("the JobManager does not answer; it told this "));
	format_age(told_ms, content->env->now_ms, &text);
	buf_adds(&text, _(" ago"));
	card_note(pager, STYLE_WARN, buf_str(&text));
	buf_release(&text);
}

static void write_remembered(struct pager *pager, const struct card_history *history, size_t count)
{
	if (history->error)
		card_note(pager, STYLE_ERROR, history->error);
	if (count)
		pager_section(pager, 0, _("Remembered by weir, no longer listed by Flink"));
}

static enum style checkpoint_style(const char *status)
{
	if (str_eq(status, checkpoint_status_name(CHECKPOINT_COMPLETED)))
		return STYLE_OK;
	return str_eq(status, checkpoint_status_name(CHECKPOINT_FAILED)) ? STYLE_ERROR
									 : STYLE_STATE_MOVING;
}

static void grid_begin(struct grid *grid, bool has_jobs)
{
	const char *titles[] = {_(">ID"), _("STATUS"), _("KIND"), _(">AGE"), _(">DURATION"),
		_(">SIZE"), _(">NEW"), _(">ACKED"), has_jobs ? _("JOB") : _("FAILURE"),
		has_jobs ? _("FAILURE") : NULL, NULL};

	grid_init(grid, titles);
}

static void grid_point(struct grid *grid, const struct seen_checkpoint *point, int64_t now_ms)
{
	struct buf age;

	buf_init(&age, 0);
	grid_number(grid, point->id);
	grid_add(grid, checkpoint_style(point->status), point->status);
	grid_add(grid, STYLE_TEXT,
		str_eq(point->kind, "savepoint") ? _("savepoint") : _("checkpoint"));
	format_age(point->time_ms, now_ms, &age);
	grid_add(grid, STYLE_TEXT, buf_str(&age));
	grid_duration(grid, point->duration_ms);
	grid_bytes(grid, point->state_bytes);
	grid_bytes(grid, point->checkpointed_bytes);
	grid_addf(grid, STYLE_TEXT, "%d/%d", point->acknowledged, point->subtasks);
	if (point->job_id)
		grid_addf(grid, STYLE_DIM, "%.8s", point->job_id);
	grid_add(grid, STYLE_ERROR, point->failure ? point->failure : "");
	buf_release(&age);
}

static void write_listed(struct pager *pager, const struct card_content *content,
	const struct checkpoint_stats *stats)
{
	struct grid grid;

	grid_begin(&grid, false);
	for (size_t i = 0; i < stats->history_count; i++) {
		const struct checkpoint *point = &stats->history[i];
		struct seen_checkpoint row = {
			.id = point->id,
			.time_ms = point->ack_ms > 0 ? point->ack_ms : point->trigger_ms,
			.status = checkpoint_status_name(point->status),
			.kind = point->is_savepoint ? "savepoint" : "checkpoint",
			.duration_ms = point->duration_ms,
			.state_bytes = point->state_bytes,
			.checkpointed_bytes = point->checkpointed_bytes,
			.subtasks = point->subtasks,
			.acknowledged = point->acknowledged,
			.failure = point->failure,
		};
		grid_point(&grid, &row, content->env->now_ms);
	}
	grid_end(&grid, pager, 0);
}

static bool is_listed(const struct card_content *content, const struct checkpoint_stats *stats,
	const struct seen_checkpoint *seen)
{
	if (!stats || !str_eq(seen->job_id, content->app->job->summary.id))
		return false;
	for (size_t i = 0; i < stats->history_count; i++)
		if (stats->history[i].id == seen->id &&
			stats->history[i].trigger_ms == seen->trigger_ms)
			return true;
	return false;
}

static void write_past_checkpoints(struct pager *pager, const struct card_content *content,
	const struct checkpoint_stats *stats)
{
	const struct card_history *history = &content->memory->kinds[HISTORY_CHECKPOINTS];
	struct grid grid;
	size_t count = 0;

	for (size_t i = 0; i < history->count; i++)
		count += !is_listed(content, stats, history->items[i]);
	write_remembered(pager, history, count);
	if (!count)
		return;
	grid_begin(&grid, true);
	for (size_t i = 0; i < history->count; i++)
		if (!is_listed(content, stats, history->items[i]))
			grid_point(&grid, history->items[i], content->env->now_ms);
	grid_end(&grid, pager, 0);
}

static void write_counts(struct pager *pager, const struct card_content *content,
	const struct checkpoint_stats *stats)
{
	struct buf text;

	buf_init(&text, 0);
	buf_addf(&text, _("%lld completed, %lld failed, %lld in progress, %lld restored"),
		(long long)stats->completed, (long long)stats->failed,
		(long long)stats->in_progress, (long long)stats->restored);
	card_note(pager, stats->failed > 0 ? STYLE_WARN : STYLE_TEXT, buf_str(&text));
	if (stats->restored_id >= 0) {
		buf_reset(&text);
		buf_addf(&text, _("restored from %s #%lld, "),
			stats->restored_is_savepoint ? _("savepoint") : _("checkpoint"),
			(long long)stats->restored_id);
		format_age(stats->restored_ms, content->env->now_ms, &text);
		buf_addf(&text, _(" ago  %s"), stats->restored_path ? stats->restored_path : "");
		card_note(pager, STYLE_DIM, buf_str(&text));
	}
	buf_release(&text);
}

void card_write_checkpoints(struct pager *pager, const struct card_content *content)
{
	const struct job_detail *detail = card_detail(content->app->job, JOB_PART_CHECKPOINTS);
	const struct checkpoint_stats *stats = detail ? &detail->checkpoints : NULL;

	card_write_age(pager, content, stats ? content->app->job->detail_ms : 0);
	if (stats)
		write_counts(pager, content, stats);
	if (stats && stats->history_count)
		write_listed(pager, content, stats);
	else if (stats)
		card_note(pager, STYLE_DIM, _("no checkpoint in the JobManager's memory"));
	write_past_checkpoints(pager, content, stats);
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

/* cause, text: or NULL. */
static void write_cause(struct pager *pager, const struct card_content *content, const char *cause,
	const char *text)
{
	if (cause)
		pager_text(pager, STYLE_ERROR, cause);
	/* The trace begins with it, often: once is enough. */
	size_t len = cause ? strlen(cause) : 0;
	if (len && text && strncmp(text, cause, len) == 0 && (!text[len] || text[len] == '\n'))
		text += len + (text[len] == '\n');
	if (text)
		write_trace(pager, text, content->is_unfolded);
}

/* "2026-11-21 09:57:12  3m12s ago  Sink: Print (1/2)  host:6122" */
static void write_when(struct pager *pager, const struct card_content *content, int64_t time_ms,
	const char *task, const char *location)
{
	char date[32];
	struct buf age;

	buf_init(&age, 0);
	clock_format(time_ms, date, sizeof(date));
	format_age(time_ms, content->env->now_ms, &age);
	pager_wrap(pager, 2);
	pager_addf(pager, STYLE_STRONG, _("%s  %s ago"), date, buf_str(&age));
	if (task)
		pager_addf(pager, STYLE_TEXT, "  %s", task);
	if (location)
		pager_addf(pager, STYLE_DIM, "  %s", location);
	buf_release(&age);
}

static void write_times(struct pager *pager, const struct seen_exception *seen)
{
	char date[32];

	clock_format(seen->first_ms, date, sizeof(date));
	if (seen->count > 1)
		pager_addf(pager, STYLE_WARN, _("  %lld times since %s"), (long long)seen->count,
			date);
}

/* The one whose newest occurrence this is. */
static const struct seen_exception *seen_at(const struct card_history *history, int64_t time_ms)
{
	for (size_t i = 0; i < history->count; i++) {
		const struct seen_exception *seen = history->items[i];

		if (seen->last_ms == time_ms)
			return seen;
	}
	return NULL;
}

static void write_told(
	struct pager *pager, const struct card_content *content, const struct job_detail *detail)
{
	const struct card_history *history = &content->memory->kinds[HISTORY_EXCEPTIONS];

	for (size_t i = 0; i < detail->exception_count; i++) {
		const struct exception *exception = &detail->exceptions[i];
		const struct seen_exception *seen = seen_at(history, exception->time_ms);

		write_when(
			pager, content, exception->time_ms, exception->task, exception->location);
		if (seen)
			write_times(pager, seen);
		pager_end_line(pager);
		write_cause(pager, content, exception->cause, exception->text);
	}
	if (detail->exceptions_truncated)
		card_note(
			pager, STYLE_DIM, _("older ones are no longer in the JobManager's memory"));
}

static bool is_told(const struct job_detail *detail, const struct seen_exception *seen)
{
	for (size_t i = 0; detail && i < detail->exception_count; i++)
		if (detail->exceptions[i].time_ms == seen->last_ms)
			return true;
	return false;
}

static void write_past_exceptions(
	struct pager *pager, const struct card_content *content, const struct job_detail *detail)
{
	const struct card_history *history = &content->memory->kinds[HISTORY_EXCEPTIONS];
	size_t count = 0;

	for (size_t i = 0; i < history->count; i++)
		count += !is_told(detail, history->items[i]);
	write_remembered(pager, history, count);
	for (size_t i = 0; i < history->count; i++) {
		const struct seen_exception *seen = history->items[i];

		if (is_told(detail, seen))
			continue;
		write_when(pager, content, seen->last_ms, seen->task, seen->location);
		write_times(pager, seen);
		pager_end_line(pager);
		write_cause(pager, content, seen->cause ? seen->cause : seen->name, seen->text);
	}
}

void card_write_exceptions(struct pager *pager, const struct card_content *content)
{
	const struct job_detail *detail = card_detail(content->app->job, JOB_PART_EXCEPTIONS);
	const struct card_history *history = &content->memory->kinds[HISTORY_EXCEPTIONS];

	card_write_age(pager, content, detail ? content->app->job->detail_ms : 0);
	if (detail && !detail->exception_count)
		card_note(pager, STYLE_DIM, _("none"));
	if ((detail && detail->exception_count) || history->count)
		pager_text(pager, STYLE_DIM,
			content->is_unfolded ? _("newest first; x folds the stack traces")
					     : _("newest first; x unfolds the stack traces"));
	if (detail)
		write_told(pager, content, detail);
	write_past_exceptions(pager, content, detail);
}
