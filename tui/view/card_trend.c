/*
 * Bars of the last two hours, from the recorder's minutes: each cell is some of them together. A cell
 * without a sample is a blank: nobody measured then, which is not nought.
 */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "tui/view/card_parts.h"
#include "tui/widget/spark.h"

#define CELLS 24
#define CELL_MS (TREND_BACK_MS / CELLS)

static double value_of(const struct value *value)
{
	if (value->type == VALUE_NULL)
		return -1;
	return value->type == VALUE_REAL ? value->real : (double)value->number;
}

struct trend {
	double cells[CELLS], last, most;
	size_t known;
};

/* Of each cell the highest: a peak of a minute is not smoothed away. */
static struct trend trend_of(const struct column *column, const struct card_content *content)
{
	const struct card_history *history = &content->memory->kinds[HISTORY_SAMPLES];
	int64_t begin_ms = content->env->now_ms - TREND_BACK_MS;
	struct trend trend = {.last = -1, .most = -1};

	for (size_t i = 0; i < CELLS; i++)
		trend.cells[i] = -1;
	for (size_t i = 0; i < history->count; i++) {
		const struct sample *sample = history->items[i];
		struct value told = column->get(sample, content->env);
		double value = value_of(&told);
		int64_t cell = (sample->time_ms - begin_ms) / CELL_MS;

		if (value < 0 || sample->time_ms < begin_ms || cell >= CELLS)
			continue;
		trend.known++;
		trend.last = trend.last < 0 ? value : trend.last; /* the newest is the first */
		trend.most = value > trend.most ? value : trend.most;
		if (value > trend.cells[cell])
			trend.cells[cell] = value;
	}
	return trend;
}

static void add_value(double value, const char *unit, struct buf *out)
{
	if (*unit == 'B')
		format_bytes((int64_t)value, out);
	else if (*unit == 'm')
		format_duration((int64_t)value, out);
	else if (*unit == '%')
		buf_addf(out, "%.0f%%", value / 10);
	else
		format_rate(value, out);
	if (*unit == '/')
		buf_adds(out, unit);
}

static void write_one(struct pager *pager, const struct card_content *content, const char *name,
	const char *key, const char *unit)
{
	const struct column *column = column_find(&sample_table, key);
	struct trend trend = trend_of(column, content);
	struct buf text;

	if (trend.known < 2)
		return;
	buf_init(&text, 0);
	card_label(pager, name);
	spark_text(trend.cells, CELLS, *unit == '%' ? 1000 : 0, content->is_ascii, &text);
	pager_add(pager, STYLE_INFO, buf_str(&text));
	buf_reset(&text);
	buf_adds(&text, "  ");
	add_value(trend.last, unit, &text);
	pager_add(pager, STYLE_TEXT, buf_str(&text));
	buf_reset(&text);
	add_value(trend.most, unit, &text);
	pager_addf(pager, STYLE_DIM, _(", most %s"), buf_str(&text));
	pager_end_line(pager);
	buf_release(&text);
}

void card_write_trend(struct pager *pager, const struct card_content *content)
{
	static const struct {
		const char *name, *key, *unit;
	} rows[] = {
		{N_("Records in"), "recordsInPerSecond", "/s"},
		{N_("Records out"), "recordsOutPerSecond", "/s"},
		{N_("Busy"), "busyMsPerSecond", "%"},
		{N_("Back pressure"), "backPressuredMsPerSecond", "%"},
		{N_("Lag, records"), "lagRecords", ""},
		{N_("Lag, time"), "lagMs", "ms"},
		{N_("State"), "stateBytes", "B"},
		{N_("Checkpoint took"), "checkpointDurationMs", "ms"},
	};

	if (content->memory->kinds[HISTORY_SAMPLES].count < 2)
		return;
	pager_section(pager, 1, _("The last two hours"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		write_one(pager, content, _(rows[i].name), rows[i].key, rows[i].unit);
}
