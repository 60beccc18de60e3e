/*
 * A fleet of N applications at M JobManagers, for benches: fleetd, weir's configuration and workspace,
 * a store. What weir spends is read from /proc and from fleetd's counts.
 */
#ifndef WEIR_TESTS_BENCH_SCALE_H
#define WEIR_TESTS_BENCH_SCALE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/figures.h"
#include "tests/support/fleetd.h"

struct scale {
	int jobs, managers;
	char *home, *config, *store;
	struct fleetd *fleetd;
	const char *kind; /* of its figures' names, " over TLS"; NULL = none */
};

/* budget: requests in a second; 0 = weir's default. Nothing changes yet: `churn`. */
void scale_open(struct scale *scale, int jobs, int managers, int budget);
/* The same with a certificate and its key, PEM files: over TLS. */
void scale_open_tls(
	struct scale *scale, int jobs, int managers, int budget, const char *cert, const char *key);
void scale_close(struct scale *scale);
/* One order to fleetd; dies when it is refused. */
void scale_order(struct scale *scale, const char *order);
/* Of fleetd, so far: requests of a path as in sim_path_names, or "requests". */
int64_t scale_count(struct scale *scale, const char *path);
/* A name of a figure, "10000/100: what"; static. */
const char *scale_name(const struct scale *scale, const char *what);

/* The whole process so far. */
double cpu_s(pid_t pid);
double rss_mib(pid_t pid);

/* scale_sweep.c: all addresses once, connections warm; CPU of weir's core, and of a naive client. */
void scale_sweeps(struct scale *scale);
void scale_sweeps_of_weir(struct scale *scale);
/* scale_screen.c: the console on a pseudo-terminal; with keys: also what changes cost, key → frame and, at
   10,000, change → screen. */
void scale_screens(struct scale *scale, bool has_keys);
/* The same console, but only what it costs while nothing changes. */
void scale_steady(struct scale *scale);
/* With weir's own budget instead of none. */
void scale_default_budget(struct scale *scale);
/* htop, tig: from exec to their first frame, where they are installed. */
void scale_others(void);

#endif
