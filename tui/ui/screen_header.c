/*
 * The first lines: what this is and of which contexts, how old the answers are and what is wrong
 * with asking; then how many applications are in which state, sick ones where they are seen first.
 */
#include <inttypes.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/glyph.h"
#include "tui/widget/table.h"

static const enum app_state order[] = {STATE_FAILED, STATE_LOST, STATE_RESTARTING,
	STATE_UNREACHABLE, STATE_STARTING, STATE_STOPPING, STATE_RUNNING, STATE_SUSPENDED,
	STATE_CANCELED, STATE_FINISHED, STATE_ADDED, STATE_UNKNOWN};

/* The one whose reason is told where none answers. */
static const struct cluster *first_failed(const struct fleet *fleet)
{
	size_t count;
	struct cluster *const *clusters = fleet_clusters(fleet, &count);

	for (size_t i = 0; i < count; i++)
		if (clusters[i]->last_err.code)
			return clusters[i];
	return NULL;
}

static enum style polls_text(
	struct screen *screen, const struct fleet_polls *polls, int64_t now_ms, struct buf *out)
{
	struct buf age;
	enum style style = STYLE_DIM;

	buf_init(&age, 0);
	format_age(polls->newest_ms, now_ms, &age);
	if (screen->phase == PHASE_LOADING) {
		buf_adds(out, _("reading what is remembered …"));
	} else if (!polls->clusters) {
		buf_adds(out, _("no clusters"));
	} else if (polls->failing && polls->failing == polls->clusters) {
		style = STYLE_ERROR;
		if (polls->newest_ms)
			buf_addf(out, _("offline, as of %s ago: "), buf_str(&age));
		else
			buf_adds(out, _("offline: "));
		buf_adds(out, first_failed(screen->backend.fleet)->last_err.text);
	} else if (!polls->asked) {
		buf_addf(out, polls->newest_ms ? _("asking …, as of %s ago") : _("asking …"),
			buf_str(&age));
	} else if (polls->failing) {
		style = STYLE_WARN;
		buf_addf(out, _("%zu of %zu clusters do not answer"), polls->failing,
			polls->clusters);
		if (polls->newest_ms)
			buf_addf(out, _(", as of %s ago"), buf_str(&age));
	} else {
		buf_addf(out, _("as of %s ago"), buf_str(&age));
	}
	buf_release(&age);
	return style;
}

bool screen_polling(void *data, size_t context, struct buf *out)
{
	const struct screen *screen = data;

	return screen->backend.polling &&
		screen->backend.polling(screen->backend.data, context, out);
}

/* Another process asks: its number, instead of what is spent here. */
static bool add_poller(
	struct screen *screen, const struct canvas *canvas, size_t context, struct buf *out)
{
	struct buf words;

	buf_init(&words, 0);
	bool is_other = screen_polling(screen, context, &words);
	if (is_other)
		buf_addf(out, "  %s %s", glyph(GLYPH_DOT, canvas->ascii), buf_str(&words));
	buf_release(&words);
	return is_other;
}

/* What is asked of what may be asked; where that is not enough, how long things wait for it. */
static void add_budget(struct screen *screen, const struct canvas *canvas, struct buf *out)
{
	bool is_wide = canvas->cols >= 100;

	if (!screen->backend.stats || screen->phase == PHASE_LOADING)
		return;
	for (size_t i = 0; i < screen->backend.context_count; i++)
		if (add_poller(screen, canvas, i, out))
			return;
	struct poller_stats stats = screen->backend.stats(screen->backend.data);
	if (!is_wide && !stats.is_stretched)
		return;
	buf_addf(out, "  %s ", glyph(GLYPH_DOT, canvas->ascii));
	if (is_wide)
		buf_addf(out, _("%lld/%lld requests/s"), (long long)stats.spent_per_second,
			(long long)stats.budget_per_second);
	if (!stats.is_stretched)
		return;
	buf_adds(out, is_wide ? _(", so every ") : _("budget: every "));
	format_duration(stats.interval_ms, out);
	if (!is_wide)
		return;
	buf_adds(out, _(", what is shown every "));
	format_duration(stats.live_ms, out);
}

static bool config_text(const struct screen *screen, struct buf *out)
{
	if (!screen->config_is_other)
		return false;
	buf_reset(out);
	buf_adds(out, _("configuration changed on disk: restart weir"));
	return true;
}

/* What is declared can no longer be read: said where the clusters have nothing to complain of. */
static bool workspace_text(const struct screen_backend *backend, struct buf *out)
{
	for (size_t i = 0; i < backend->context_count; i++) {
		const struct err *err = fleet_workspace_error(backend->fleet, backend->contexts[i]);
		if (!err)
			continue;
		buf_reset(out);
		buf_adds(out, err->text);
		return true;
	}
	return false;
}

static void draw_product(struct screen *screen, struct canvas *canvas)
{
	const struct screen_backend *backend = &screen->backend;
	struct fleet_polls polls = fleet_polls(backend->fleet);
	struct buf left, right;
	int col, room, width;

	buf_init(&left, 0);
	buf_init(&right, 0);
	for (size_t i = 0; i < backend->context_count; i++)
		buf_addf(&left, "%s%s", i ? "," : "", backend->contexts[i]);
	enum style style = polls_text(screen, &polls, clock_wall_ms(), &right);
	bool tells_workspace = style == STYLE_DIM &&
		(config_text(screen, &right) || workspace_text(backend, &right));
	if (tells_workspace)
		style = STYLE_WARN;
	/* A reason needs the room. */
	if (style != STYLE_ERROR && !tells_workspace)
		add_budget(screen, canvas, &right);
	col = 1 + canvas_put(canvas, 0, 0, -1, STYLE_TITLE, "weir");
	col += canvas_put_cut(canvas, 0, col, canvas->cols / 3, STYLE_STRONG, buf_str(&left));
	room = canvas->cols - col - 2;
	utf8_fit(buf_str(&right), room + 1, &width);
	width = width < room ? width : room;
	canvas_put_cut(canvas, 0, canvas->cols - width, width, style, buf_str(&right));
	buf_release(&left);
	buf_release(&right);
}

enum words { WORDS_ALL, WORDS_SICK, WORDS_NONE };

/* "1 run: build ods/orders command 0:12". Returns the cells used at the right. */
static int draw_going(struct screen *screen, struct canvas *canvas, int row, int room)
{
	const struct screen_backend *backend = &screen->backend;
	struct screen_going oldest;
	size_t count = backend->going ? backend->going(backend->data, &oldest) : 0;
	int64_t seconds;
	struct buf text, time;
	int width;

	if (!count)
		return 0;
	seconds = (clock_mono_ms() - oldest.began_mono_ms) / 1000;
	buf_init(&text, 0);
	buf_init(&time, 0);
	buf_addf(&text, _n("%zu run: ", "%zu runs: ", count), count);
	buf_addf(&text, "%s %s", oldest.verb, oldest.name);
	if (oldest.step)
		buf_addf(&text, " %s", oldest.step);
	/* What it waits for, where there is room for words. */
	if (oldest.step_text && canvas->cols >= 120)
		buf_addf(&text, ": %s", oldest.step_text);
	buf_addf(&time, " %" PRId64 ":%02d", seconds / 60, (int)(seconds % 60));
	width = utf8_width(buf_str(&text)) + utf8_width(buf_str(&time));
	width = width < room ? width : room;
	int name = width - utf8_width(buf_str(&time));
	canvas_put_cut(canvas, row, canvas->cols - width, name, STYLE_INFO, buf_str(&text));
	canvas_put(canvas, row, canvas->cols - width + name, -1, STYLE_INFO, buf_str(&time));
	buf_release(&text);
	buf_release(&time);
	return width + 2;
}

/* Marks and numbers, with the states' words where there is room. Returns the cells used. */
static int counts_write(
	struct canvas *canvas, int row, const int *counts, enum words words, bool draw)
{
	struct buf text;
	int col = 0;

	buf_init(&text, 0);
	for (size_t i = 0; i < STATE_MAX; i++) {
		enum app_state state = order[i];
		const char *name = app_state_name(state);
		if (!counts[state])
			continue;
		buf_reset(&text);
		buf_addf(&text, "%s %d", state_glyph(state, canvas->ascii), counts[state]);
		if (words == WORDS_ALL || (words == WORDS_SICK && app_state_is_sick(state)))
			buf_addf(&text, " %s", name);
		if (draw)
			canvas_put(canvas, row, col, -1, table_state_style(name), buf_str(&text));
		col += utf8_width(buf_str(&text)) + 2;
	}
	buf_release(&text);
	return col;
}

static void draw_counts(struct screen *screen, struct canvas *canvas, int row)
{
	int counts[STATE_MAX];
	enum words words = WORDS_ALL;

	fleet_count_states(screen->backend.fleet, counts);
	/* A run is seen from everywhere: words give way to it. */
	int least = counts_write(canvas, row, counts, WORDS_NONE, false);
	int most =
		canvas->cols - least > canvas->cols / 3 ? canvas->cols - least : canvas->cols / 3;
	int going = draw_going(screen, canvas, row, most);
	while (words < WORDS_NONE &&
		counts_write(canvas, row, counts, words, false) - 2 > canvas->cols - going)
		words++;
	counts_write(canvas, row, counts, words, true);
	draw_going(screen, canvas, row, most);
}

bool header_is_other(const struct screen *screen)
{
	const struct header *drawn = &screen->header;
	struct fleet_polls polls = fleet_polls(screen->backend.fleet);
	int counts[STATE_MAX];

	fleet_count_states(screen->backend.fleet, counts);
	return drawn->is_void || memcmp(drawn->counts, counts, sizeof(counts)) != 0 ||
		drawn->polls.clusters != polls.clusters || drawn->polls.failing != polls.failing ||
		!drawn->polls.asked != !polls.asked || !drawn->polls.newest_ms != !polls.newest_ms;
}

int header_draw(struct screen *screen, struct canvas *canvas)
{
	int row = 0;

	screen->header = (struct header){.polls = fleet_polls(screen->backend.fleet)};
	fleet_count_states(screen->backend.fleet, screen->header.counts);
	draw_product(screen, canvas);
	draw_counts(screen, canvas, ++row);
	if (screen->store_problem.code) {
		row++;
		canvas_fill(canvas, (struct rect){row, 0, 1, canvas->cols}, STYLE_WARN, " ");
		canvas_put_cut(
			canvas, row, 0, canvas->cols, STYLE_WARN, screen->store_problem.text);
	}
	return row + 1;
}
