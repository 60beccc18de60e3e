#include "tests/bench/figures.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/str.h"

#define P99_LEAST 50

static struct {
	const char *program;
	json_t *figures;
} all;

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void figures_open(const char *program)
{
	all.program = program;
	all.figures = json_array();
	setvbuf(stdout, NULL, _IOLBF, 0);
}

int figures_rounds(int usual)
{
	const char *text = getenv("WEIR_BENCH_ROUNDS");
	int64_t rounds = usual;

	if (text && (!str_to_int64(text, &rounds) || rounds < 1 || rounds > INT_MAX)) {
		fprintf(stderr, "WEIR_BENCH_ROUNDS: %s\n", text);
		exit(2);
	}
	return (int)rounds;
}

void figures_title(const char *text)
{
	printf("\n%s\n", text);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double samples_at(samples_vec *samples, double part)
{
	double at;
	size_t low;

	if (!samples->len)
		return 0;
	qsort(samples->data, samples->len, sizeof(*samples->data), compare);
	at = part * (double)(samples->len - 1);
	low = (size_t)at;
	if (low + 1 >= samples->len)
		return samples->data[samples->len - 1];
	return samples->data[low] +
		(at - (double)low) * (samples->data[low + 1] - samples->data[low]);
}

double samples_median(samples_vec *samples)
{
	return samples_at(samples, 0.5);
}

/* Three decimals below one, none above a thousand. */
static const char *shown(char text[static 32], double value)
{
	double size = value < 0 ? -value : value;

	snprintf(text, 32, "%.*f", size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3, value);
	return text;
}

static double rounded(double value)
{
	char text[32];

	return strtod(shown(text, value), NULL);
}

static void keep(json_t *figure, const char *name, const char *unit)
{
	json_object_set_new(figure, "name", json_string(name));
	json_object_set_new(figure, "unit", json_string(unit));
	json_array_append_new(all.figures, figure);
}

void figure_samples(const char *name, const char *unit, samples_vec *samples)
{
	double median = samples_median(samples), least = samples_at(samples, 0),
	       most = samples_at(samples, 1), p99 = samples_at(samples, 0.99);
	json_t *figure = json_pack("{s:f, s:f, s:f, s:i}", "median", rounded(median), "least",
		rounded(least), "most", rounded(most), "runs", (int)samples->len);

	char a[32], z[32], m[32];

	printf("  %-58s %8s %s  (%s to %s", name, shown(m, median), unit, shown(a, least),
		shown(z, most));
	if (samples->len >= P99_LEAST) {
		printf(", p99 %s", shown(m, p99));
		json_object_set_new(figure, "p99", json_real(rounded(p99)));
	}
	printf("; %zu runs)\n", samples->len);
	keep(figure, name, unit);
}

void figure_value(const char *name, const char *unit, double value)
{
	char text[32];

	printf("  %-58s %8s %s\n", name, shown(text, value), unit);
	keep(json_pack("{s:f}", "value", rounded(value)), name, unit);
}

void figure_goal(const char *name, const char *unit, double value, const char *is, double goal)
{
	int met = str_eq(is, "<=") ? value <= goal : value >= goal;
	char text[32];

	printf("  %-58s %8s %s  (goal %s %g: %s)\n", name, shown(text, value), unit, is, goal,
		met ? "met" : "NOT met");
	keep(json_pack("{s:f, s:s, s:f, s:b}", "value", rounded(value), "is", is, "goal", goal,
		     "met", met),
		name, unit);
}

bool figure_told(const char *name, double *value)
{
	json_t *figure;
	size_t i;

	json_array_foreach (all.figures, i, figure) {
		json_t *of = json_object_get(figure, "value");

		if (!str_eq(json_string_value(json_object_get(figure, "name")), name))
			continue;
		*value = json_number_value(of ? of : json_object_get(figure, "median"));
		return true;
	}
	return false;
}

void figures_close(void)
{
	const char *path = getenv("WEIR_BENCH_JSON");
	json_t *root = json_pack("{s:s, s:o}", "program", all.program, "figures", all.figures);
	FILE *file = str_empty(path) ? NULL : fopen(path, "ae");

	if (file) {
		json_dumpf(root, file, JSON_COMPACT);
		fputc('\n', file);
		fclose(file);
	}
	json_decref(root);
	all.figures = NULL;
}
