/*
 * Time: int64_t milliseconds. wall = since the epoch; mono = CLOCK_BOOTTIME, counts sleep too;
 * awake = CLOCK_MONOTONIC, does not, as the loop's timers and libcurl's.
 */
#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_awake_ms(void);
/* Tests only: a clock that stands still at these values; (0, 0) = the real one again. */
void clock_fix(int64_t wall_ms, int64_t mono_ms);
/* Tests only, of a fixed clock: so much of its mono time was sleep. */
void clock_fix_slept(int64_t slept_ms);
/* "2026-11-21 09:57:12" in local time; out holds at least 20 bytes. */
void clock_format(int64_t wall_ms, char *out, size_t size);
/* "2026-11-21T09:57:12.345Z". */
void clock_format_iso(int64_t wall_ms, char *out, size_t size);

#endif
