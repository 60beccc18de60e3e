/* The clock stands still when told, and writes times as people read them. */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

static void clock_runs_and_stands_still(void **state)
{
	(void)state;
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
	assert_true(wall > 1700000000000 && mono > 0);
	assert_true(clock_mono_ms() >= mono);
	assert_true(llabs(wall - (int64_t)time(NULL) * 1000) < 5000);
	clock_fix(1234, 0);
	int64_t fixed_wall = clock_wall_ms(), fixed_mono = clock_mono_ms();
	clock_fix(0, 0);
	assert_int_equal(fixed_wall, 1234);
	assert_int_equal(fixed_mono, 0);
	assert_true(clock_wall_ms() >= wall);
	assert_true(clock_mono_ms() >= mono);
}

static void clock_formats(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *local, *iso; /* local: five and a half hours ahead */
	} rows[] = {
		{0, "1970-01-01 05:30:00", "1970-01-01T00:00:00.000Z"},
		{1795254832345, "2026-11-21 15:23:52", "2026-11-21T09:53:52.345Z"},
		{-1, "1970-01-01 05:29:59", "1969-12-31T23:59:59.999Z"},
		{INT64_MAX, "?", "292278994-08-17T07:12:55.807Z"},
	};

	(void)state;
	setenv("TZ", "XYZ-5:30", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char local[20], iso[32];
		clock_format(rows[i].wall_ms, local, sizeof(local));
		clock_format_iso(rows[i].wall_ms, iso, sizeof(iso));
		check_str("local", local, rows[i].local);
		check_str("iso", iso, rows[i].iso);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_runs_and_stands_still),
		cmocka_unit_test(clock_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
