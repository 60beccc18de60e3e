/*
 * Fleets of 1,000, 5,000 and 10,000 applications, with a JobManager for each, and with session clusters of a
 * hundred; they are not there (fleetd): fleetd's own part runs on the other processor. No budget but where it
 * says so. "A sweep" asks each JobManager what weir's lists need; a figure is named applications/JobManagers: what.
 * Beside it: sqlite3 -json of the rows of weir's store; a naive client of libcurl; htop and tig on their own data. One
 * fleet of 1,000 over TLS too. In the end: by how much 10,000 is worse than 1,000.
 * WEIR_BENCH_SCALE="1000/10 5000/5000" takes these fleets instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/scale.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/program.h"

#define FLEETS "1000/1000 1000/10 5000/5000 5000/50 10000/10000 10000/100"
#define NO_BUDGET 100000
#define RUNS 10

static struct program *run(struct scale *scale, const char *file, const char *const *words)
{
	struct program *program = program_run(&(struct program_setup){
		.file = file, .home = scale->home, .words = words, .deadline_ms = 120000});

	if (program->exit_code) {
		fprintf(stderr, "%s: %s\n", words[0], buf_str(&program->err));
		exit(1);
	}
	return program;
}

static void time_of(struct scale *scale, const char *what, const char *file,
	const char *const *words, double goal_ms)
{
	char *goal = xasprintf("%s: median", what);
	samples_vec samples = {0};

	for (int i = 0; i < RUNS; i++) {
		struct program *program = run(scale, file, words);

		vec_push(&samples, (double)program->elapsed_ms);
		program_free(program);
	}
	figure_samples(scale_name(scale, what), "ms", &samples);
	if (goal_ms > 0 && scale->jobs == 10000)
		figure_goal(scale_name(scale, goal), "ms", samples_median(&samples), "<=", goal_ms);
	vec_release(&samples);
	free(goal);
}

static void beside_sqlite(struct scale *scale)
{
	char *db = xasprintf("%s/fleet/cache.db", scale->store);

	time_of(scale, "get apps -o json --cached", NULL,
		(const char *[]){"get", "apps", "-o", "json", "--cached", "--config", scale->config,
			"--store", scale->store, NULL},
		60);
	time_of(scale, "sqlite3 -json of its jobs", "sqlite3",
		(const char *[]){"-json", "-readonly", db, "SELECT * FROM job", NULL}, 0);
	free(db);
}

static void fleet(int jobs, int managers, bool has_keys)
{
	struct scale scale = {0};

	figures_title(scale_name(&(struct scale){.jobs = jobs, .managers = managers}, "the fleet"));
	scale_open(&scale, jobs, managers, NO_BUDGET);
	/* The store is warm from here on. */
	program_free(run(&scale, NULL,
		(const char *[]){"get", "apps", "-o", "name", "--timeout", "60", "--no-details",
			"--config", scale.config, "--store", scale.store, NULL}));
	beside_sqlite(&scale);
	scale_sweeps(&scale);
	scale_screens(&scale, has_keys);
	if (jobs == 10000 && managers == jobs)
		scale_default_budget(&scale);
	scale_close(&scale);
}

/* What a connection costs more, at as many JobManagers as jobs. */
static void fleet_over_tls(int jobs)
{
	struct front *front = front_certs();
	struct scale scale = {.kind = " over TLS"};

	if (!front)
		exit(1);
	figures_title("the same over TLS");
	scale_open_tls(&scale, jobs, jobs, NO_BUDGET, front_file(front, "server.pem"),
		front_file(front, "server.key"));
	scale_sweeps_of_weir(&scale);
	scale_steady(&scale);
	scale_close(&scale);
	front_down(front);
}

/* From 1,000 to 10,000: as many times as much. What a person waits for should not grow at all. */
static void growth(const char *small, const char *large)
{
	static const struct {
		const char *what;
		double goal;
	} rows[] = {
		{"exec to first full frame", 1.5},
		{"get apps -o json --cached", 10},
		{"CPU of one sweep", 10},
		{"steady CPU", 10},
		{"RSS, console open", 10},
		{"cursor, key to frame", 1.5},
		{"page, key to frame", 1.5},
		{"filter, key to frame", 1.5},
		{"sort, key to frame", 1.5},
		{"view, key to frame", 1.5},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *from = xasprintf("%s: %s", small, rows[i].what);
		char *to = xasprintf("%s: %s", large, rows[i].what);
		char *name = xasprintf("%s over %s: %s", large, small, rows[i].what);
		double before, after;

		if (figure_told(from, &before) && figure_told(to, &after) && before > 0)
			figure_goal(name, "times", after / before, "<=", rows[i].goal);
		free(name);
		free(to);
		free(from);
	}
}

int main(void)
{
	const char *wanted = getenv("WEIR_BENCH_SCALE");
	char *fleets = xstrdup(wanted ? wanted : FLEETS), *rest = fleets, *word;
	int jobs, managers;

	check_locale();
	figures_open("bench_scale");
	while ((word = strsep(&rest, " ")))
		if (sscanf(word, "%d/%d", &jobs, &managers) == 2)
			fleet(jobs, managers, jobs != 5000);
	if (!wanted)
		fleet_over_tls(1000);
	figures_title("beside the first frame");
	scale_others();
	figures_title("growth");
	growth("1000/1000", "10000/10000");
	growth("1000/10", "10000/100");
	figures_close();
	free(fleets);
	return 0;
}
