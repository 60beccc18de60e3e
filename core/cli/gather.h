/*
 * A session for one answer: open, remember, ask everybody once (unless cached), and hand over.
 *
 *	struct gather gather = {
 *		.cli = cli, .details = true, .parts = JOB_PARTS_ROW, .wanted = wanted};
 *	int rc = gather_run(&gather, &err);
 *	... gather.session->fleet ...
 *	gather_release(&gather);
 */
#ifndef WEIR_CLI_GATHER_H
#define WEIR_CLI_GATHER_H

#include "core/cli/cli.h"

struct gather {
	const struct cli *cli;
	bool cached;     /* the network is not asked, nor the workspace */
	bool local_only; /* the network is not asked, and no host connected to */
	/*
	 * The application (fleet_find_apps()) that this is about: when it is declared, only its cluster
	 * is asked, and none when `needs_no_cluster`. NULL: everybody is asked.
	 */
	const char *app;
	bool needs_no_cluster;
	bool details; /* ask for the parts of the applications that `wanted` accepts */
	unsigned parts;
	bool lag; /* and how far behind their sources are */
	bool (*wanted)(void *gather, const struct app *app); /* NULL = all */
	/* out */
	struct session *session;
	int asked, answered; /* sources; 0, 0 when cached */
	bool is_done;
	/* Who alone is asked: the cluster of its declaration, and that of its job. NULL = everybody. */
	char *only_context, *only_clusters[2];
	int local_asked, local_answered; /* what was counted before them */
};

/* Failures of the configuration are errors; sources that did not answer are in the fleet. */
int gather_run(struct gather *gather, struct err *err);
void gather_release(struct gather *gather);
/* Once more, everybody: after a run that asked less. */
void gather_again(struct gather *gather);
/*
 * The application that a word means (fleet_find_apps()), and its context; either may be NULL.
 * E_NOTFOUND · E_ARG it may be any of several, which are named.
 */
int gather_find_app(const struct gather *gather, const char *word, struct app **out,
	struct session_context **context, struct err *err);
/* One error for each source, file and store that failed; each is also told on stderr. Owned. */
json_t *gather_errors(const struct gather *gather);
/* 0, E_NET (no source answered), E_PARTIAL, or why nothing could be read: as an exit code. */
int gather_exit_code(const struct gather *gather);

#endif
