/*
 * The jobs that the live tests look at, one for each state that matters, and the workspace that
 * declares some of them:
 *
 *	count    订单同步           ods/order-sync       healthy, two subtasks, checkpoints
 *	plain    user-profile       ods/user-profile     healthy
 *	sql      page-views-by-sql  growth/page-views    healthy, SQL
 *	slow     clickstream        growth/clickstream   back pressure, slow checkpoints
 *	loop     fraud-score        risk/fraud-score     fails and is restarted for ever
 *	finish   backfill           -                    has FINISHED
 *	fail     daily-report       -                    has FAILED
 *	         -                  risk/limit-check     declared, never started
 */
#ifndef WEIR_TESTS_E2E_JOBS_H
#define WEIR_TESTS_E2E_JOBS_H

#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"

#define JOBS_LOOP_RESTARTS 4 /* as many failures at least, once they are settled */

struct jobs {
	char *count, *plain, *sql, *slow, *loop, *finish, *fail; /* job ids */
};

/* Submits all and waits until each is in its state. */
void jobs_start(struct jobs *jobs, struct flink *flink);
void jobs_release(struct jobs *jobs);
/* {home}/config.yaml and {home}/ws: one context "live" with the cluster "sessions" at `url`. */
void jobs_declare(struct bench *bench, const char *url);

/* The entry of /jobs/overview; the case fails without it. Borrowed. */
const json_t *jobs_entry(const json_t *overview, const char *job_id);
/* "/jobs/<id><rest>", asked; the case fails when it is not answered. Owned. */
json_t *jobs_get(const struct flink *flink, const char *job_id, const char *rest);
/* The metric numRestarts; -1 while the JobManager has not heard of it (it asks every 10 s). */
int64_t jobs_restarts(const struct flink *flink, const char *job_id);

#endif
