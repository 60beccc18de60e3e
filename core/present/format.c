/* Numbers → short text, and a value → its text, its JSON, its order. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/str.h"
#include "core/present/column.h"

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define NOW_MS (5 * SECOND_MS)
#define STEP_MS (10 * SECOND_MS)

void format_duration(int64_t ms, struct buf *out)
{
	if (ms < 0)
		buf_adds(out, "-");
	else if (ms < SECOND_MS)
		buf_addf(out, "%" PRId64 "ms", ms);
	else if (ms < 10 * SECOND_MS)
		buf_addf(out, "%" PRId64 ".%" PRId64 "s", ms / SECOND_MS, ms % SECOND_MS / 100);
	else if (ms < MINUTE_MS)
		buf_addf(out, "%" PRId64 "s", ms / SECOND_MS);
	else if (ms < HOUR_MS)
		buf_addf(out, "%" PRId64 "m%02" PRId64 "s", ms / MINUTE_MS,
			ms % MINUTE_MS / SECOND_MS);
	else if (ms < DAY_MS)
		buf_addf(out, "%" PRId64 "h%02" PRId64 "m", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS);
	else
		buf_addf(out, "%" PRId64 "d%02" PRId64 "h", ms / DAY_MS, ms % DAY_MS / HOUR_MS);
}

void format_bytes(int64_t bytes, struct buf *out)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;
	if (bytes < 0) {
		buf_adds(out, "-");
		return;
	}
	while (value >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	buf_addf(out, unit == 0 || value >= 99.95 ? "%.0f%s" : "%.1f%s", value, units[unit]);
}

void format_age(int64_t then_ms, int64_t now_ms, struct buf *out)
{
	int64_t age = now_ms - then_ms;
	if (then_ms <= 0) {
		buf_adds(out, "-");
	} else if (age < 0) {
		/* The far clock is ahead of ours. */
		buf_adds(out, "0s");
	} else if (age > 99 * DAY_MS) {
		char date[20];
		clock_format(then_ms, date, sizeof(date));
		buf_add(out, date, 10);
	} else if (age < 10 * SECOND_MS) {
		buf_addf(out, "%" PRId64 "s", age / SECOND_MS);
	} else {
		format_duration(age, out);
	}
}

void format_cell_age(int64_t then_ms, const struct present_env *env, struct buf *out)
{
	int64_t age_ms = env->now_ms - then_ms;
	bool is_stepped = env->is_watched && then_ms > 0 && age_ms > STEP_MS;

	format_age(then_ms, env->now_ms - (is_stepped ? age_ms % STEP_MS : 0), out);
}

void format_seen(int64_t then_ms, int64_t now_ms, struct buf *out)
{
	if (then_ms > 0 && now_ms - then_ms < NOW_MS)
		buf_adds(out, _("now"));
	else
		format_age(then_ms, now_ms, out);
}

void value_text(const struct value *value, const struct present_env *env, struct buf *out)
{
	switch (value->type) {
	case VALUE_NULL: buf_adds(out, "-"); break;
	case VALUE_TEXT: buf_adds(out, value->text); break;
	case VALUE_INT: buf_addf(out, "%" PRId64, value->number); break;
	case VALUE_REAL:
		buf_addf(out,
			value->real < 10 && value->real != floor(value->real) ? "%.1f" : "%.0f",
			value->real);
		break;
	case VALUE_BOOL: buf_adds(out, value->number ? _("yes") : _("no")); break;
	case VALUE_TIME_MS: format_cell_age(value->number, env, out); break;
	case VALUE_DURATION_MS: format_duration(value->number, out); break;
	case VALUE_BYTES: format_bytes(value->number, out); break;
	case VALUE_TEXTS:
		for (size_t i = 0; i < value->texts.count; i++)
			buf_addf(out, "%s%s", i ? "," : "", value->texts.items[i]);
		if (!value->texts.count)
			buf_adds(out, "-");
		break;
	}
}

void value_shown(const struct value *value, const struct present_env *env, struct buf *out)
{
	char *shown = value->type == VALUE_TEXT ? i18n_shown(value->text) : NULL;

	if (shown)
		buf_adds(out, shown);
	else
		value_text(value, env, out);
	free(shown);
}

void value_json(const struct value *value, struct json_out *out)
{
	switch (value->type) {
	case VALUE_NULL: json_out_word(out, "null"); break;
	case VALUE_TEXT: json_out_text(out, value->text); break;
	case VALUE_INT:
	case VALUE_TIME_MS:
	case VALUE_DURATION_MS:
	case VALUE_BYTES: json_out_number(out, value->number); break;
	case VALUE_REAL: json_out_decimal(out, value->real); break;
	case VALUE_BOOL: json_out_word(out, value->number ? "true" : "false"); break;
	case VALUE_TEXTS:
		json_out_open(out, '[');
		for (size_t i = 0; i < value->texts.count; i++)
			json_out_text(out, value->texts.items[i]);
		json_out_close(out, ']');
		break;
	}
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int value_compare(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_NULL || b->type == VALUE_NULL)
		return (a->type == VALUE_NULL) - (b->type == VALUE_NULL);
	switch (a->type) {
	case VALUE_TEXT: return str_cmp_natural(a->text, b->text);
	case VALUE_REAL: return (a->real > b->real) - (a->real < b->real);
	case VALUE_TEXTS: {
		if (!a->texts.count || !b->texts.count)
			return (a->texts.count == 0) - (b->texts.count == 0);
		return str_cmp_natural(a->texts.items[0], b->texts.items[0]);
	}
	default: return compare_numbers(a->number, b->number);
	}
}
