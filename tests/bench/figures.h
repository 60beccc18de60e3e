/*
 * Figures of a bench: lines for a person on stdout, and one line of JSON for a machine, appended to
 * the file that WEIR_BENCH_JSON names. A figure beside its goal says whether it is met, and never
 * fails: how fast a machine is proves nothing about the program.
 *
 *	figures_open("bench_start");
 *	figure_samples("flink run", "ms", &samples);
 *	figure_goal("overhead", "%", 3.1, "<=", 5);
 *	figures_close();
 */
#ifndef WEIR_TESTS_BENCH_FIGURES_H
#define WEIR_TESTS_BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/vec.h"

/* One number a run; zero is empty. */
typedef VEC(double) samples_vec;

void figures_open(const char *program);
/* `usual`, or what WEIR_BENCH_ROUNDS says; ends the program where that is no number. */
int figures_rounds(int usual);
/* Prints what is not a figure: a headline. */
void figures_title(const char *text);
/* Median, spread and, from 50 samples on, the 99th percentile. Sorts them. */
void figure_samples(const char *name, const char *unit, samples_vec *samples);
void figure_value(const char *name, const char *unit, double value);
/* is: "<=" or ">=". */
void figure_goal(const char *name, const char *unit, double value, const char *is, double goal);
/* Of one that was told: its value, or its median. False: there was none. */
bool figure_told(const char *name, double *value);
void figures_close(void);

/* 0 ≤ part ≤ 1; 0.5 is the median. Sorts them. 0 when there are none. */
double samples_at(samples_vec *samples, double part);
double samples_median(samples_vec *samples);
/* A clock that only goes forward, the same in all processes. */
int64_t now_ns(void);

#endif
