/* The one place that asks the system for the time, so that a test can hold it still. */
#include "core/base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* Read on worker threads too. */
static atomic_bool fixed;
static _Atomic int64_t fixed_wall_ms, fixed_mono_ms, fixed_slept_ms;

static int64_t clock_read(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return fixed ? fixed_wall_ms : clock_read(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return fixed ? fixed_mono_ms : clock_read(CLOCK_BOOTTIME);
}

int64_t clock_awake_ms(void)
{
	return fixed ? fixed_mono_ms - fixed_slept_ms : clock_read(CLOCK_MONOTONIC);
}

void clock_fix_slept(int64_t slept_ms)
{
	fixed_slept_ms = slept_ms;
}

void clock_fix(int64_t wall_ms, int64_t mono_ms)
{
	fixed_wall_ms = wall_ms;
	fixed_mono_ms = mono_ms;
	fixed = wall_ms || mono_ms;
}

/* Seconds and the milliseconds above them, right before 1970 too. */
static time_t clock_split(int64_t wall_ms, int *millis)
{
	int64_t rest = wall_ms % 1000;

	if (rest < 0)
		rest += 1000;
	*millis = (int)rest;
	return (time_t)((wall_ms - rest) / 1000);
}

void clock_format(int64_t wall_ms, char *out, size_t size)
{
	struct tm tm;
	int millis;
	time_t seconds = clock_split(wall_ms, &millis);

	if (!localtime_r(&seconds, &tm) || !strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(out, size, "?");
}

void clock_format_iso(int64_t wall_ms, char *out, size_t size)
{
	struct tm tm;
	char text[64];
	int millis;
	time_t seconds = clock_split(wall_ms, &millis);

	if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(out, size, "?");
	else
		snprintf(out, size, "%s.%03dZ", text, millis);
}
