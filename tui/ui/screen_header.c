/*
 * The first lines: what this is and of which contexts, how old the answers are and what is wrong
 * with asking; then how many applications are in which state, sick ones where they are seen first.
 */
#include <inttypes.h>

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

struct polls {
	size_t clusters, asked, failing;
	int64_t newest_ms; /* of any answer, remembered ones too */
	const struct cluster *failed;
};

static struct polls polls_of(const struct fleet *fleet)
{
	struct polls polls = {0};
	struct cluster *const *clusters = fleet_clusters(fleet, &polls.clusters);

	for (size_t i = 0; i < polls.clusters; i++) {
		polls.asked += clusters[i]->asked_ms > 0;
		if (clusters[i]->observed_ms > polls.newest_ms)
			polls.newest_ms = clusters[i]->observed_ms;
		if (!clusters[i]->last_err.code)
			continue;
		polls.failing++;
		polls.failed = polls.failed ? polls.failed : clusters[i];
	}
	return polls;
}

static enum style polls_text(
	struct screen *screen, const struct polls *polls, int64_t now_ms, struct buf *out)
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
		buf_adds(out, polls->failed->last_err.text);
	} else if (!polls->asked) {
		buf_addf(out, polls->newest_ms ? _("asking …, as of %s ago") : _("asking …"),
			buf_str(&age));
	} else if (polls->failing) {
		style = STYLE_WARN;
		buf_addf(out, _("%zu of %zu clusters do not answer, as of %s ago"), polls->failing,
			polls->clusters, buf_str(&age));
	} else {
		buf_addf(out, _("as of %s ago"), buf_str(&age));
	}
	buf_release(&age);
	return style;
}

static void add_budget(struct screen *screen, const struct canvas *canvas, struct buf *out)
{
	if (!screen->backend.stats || canvas->cols < 100 || screen->phase == PHASE_LOADING)
		return;
	struct poller_stats stats = screen->backend.stats(screen->backend.data);
	buf_addf(out, _("  %s %" PRId64 "/%" PRId64 " requests/s"), glyph(GLYPH_DOT, canvas->ascii),
		stats.spent_per_second, stats.budget_per_second);
}

static void draw_product(struct screen *screen, struct canvas *canvas)
{
	const struct screen_backend *backend = &screen->backend;
	struct polls polls = polls_of(backend->fleet);
	struct buf left, right;
	int col, room, width;

	buf_init(&left, 0);
	buf_init(&right, 0);
	for (size_t i = 0; i < backend->context_count; i++)
		buf_addf(&left, "%s%s", i ? "," : "", backend->contexts[i]);
	enum style style = polls_text(screen, &polls, clock_wall_ms(), &right);
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

/* With the states' words where there is room, else marks and numbers alone. */
static void counts_text(const int *counts, bool has_words, bool ascii, struct buf *texts,
	enum style *styles, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < STATE_MAX; i++) {
		enum app_state state = order[i];
		if (!counts[state])
			continue;
		struct buf *text = &texts[*count];
		buf_reset(text);
		buf_addf(text, "%s %d", state_glyph(state, ascii), counts[state]);
		if (has_words)
			buf_addf(text, " %s", app_state_name(state));
		styles[(*count)++] = table_state_style(app_state_name(state));
	}
}

static void draw_counts(struct screen *screen, struct canvas *canvas, int row)
{
	struct buf texts[STATE_MAX];
	enum style styles[STATE_MAX];
	int counts[STATE_MAX], width = 0, col = 0;
	size_t count;

	for (size_t i = 0; i < STATE_MAX; i++)
		buf_init(&texts[i], 0);
	fleet_count_states(screen->backend.fleet, counts);
	counts_text(counts, true, canvas->ascii, texts, styles, &count);
	for (size_t i = 0; i < count; i++)
		width += utf8_width(buf_str(&texts[i])) + 2;
	if (width > canvas->cols)
		counts_text(counts, false, canvas->ascii, texts, styles, &count);
	for (size_t i = 0; i < count; i++)
		col += 2 + canvas_put(canvas, row, col, -1, styles[i], buf_str(&texts[i]));
	for (size_t i = 0; i < STATE_MAX; i++)
		buf_release(&texts[i]);
}

int header_draw(struct screen *screen, struct canvas *canvas)
{
	int row = 0;

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
