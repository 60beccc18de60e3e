/* A fleet on paper: weir's configuration of its clusters, and a workspace that declares its jobs. */
#ifndef WEIR_TESTS_BENCH_FLEETD_PAPER_H
#define WEIR_TESTS_BENCH_FLEETD_PAPER_H

#include <stdbool.h>

#include "tests/bench/fleetd/sim.h"

struct paper {
	const struct sim *sim;
	int port, refused_port;
	bool has_tls;
	const char *workspace; /* folder; NULL = none is declared */
	int budget;            /* requests in a second; 0 = weir's default */
};

/* The file `config`, and clusters.csv beside it. 0 = fine; else it said why on stderr. */
int paper_write_config(const struct paper *paper, const char *config);
/* One application file for each job, in teams; the folder is made. */
int paper_write_workspace(const struct paper *paper, const char *dir);

#endif
