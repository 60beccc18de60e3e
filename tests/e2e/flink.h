/*
 * A real Flink cluster for one test program, and what its JobManager says, asked without weir's own
 * client: what is compared must not come out of the same code.
 *
 *	struct flink *flink = flink_start("1.20.5", "cli");
 *	char *id = flink_submit(flink, "--mode count --name orders");
 *	json_t *overview = flink_get(flink, "/jobs/overview");
 *	flink_stop(flink);
 *
 * A cluster that cannot be had (no download, no Java) fails the case: a live test is never skipped.
 */
#ifndef WEIR_TESTS_E2E_FLINK_H
#define WEIR_TESTS_E2E_FLINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FLINK_START_MS 300000
/* For what must happen; never what a test measures by. */
#define FLINK_DEADLINE_MS 90000

struct flink {
	char *version, *name, *testbed, *url;
	int port;
	bool owns_testbed;
};

/* The versions this run is for, NULL-ended: two, and one more with WEIR_TEST_FULL. */
const char *const *flink_versions(void);

struct flink *flink_start(const char *version, const char *name);
/* With more words of the script, NULL-ended. With TLS it cannot be asked by flink_get(). */
struct flink *flink_start_as(const char *version, const char *name, const char *const *words);
void flink_stop(struct flink *flink); /* and frees; NULL-safe */
/* Words of tests/testbed/submit after the port, NULL-ended. The job id, malloc'd. */
char *flink_submit(struct flink *flink, const char *const *words);
/* Runs a script of the testbed; the case fails when it does. What it printed, malloc'd. */
char *flink_script(const char *file, const char *const *words, int64_t deadline_ms);
/* false: that version runs already. One that did not come up fails the case, and is not tried again. */
bool flink_must_start(const struct flink *flink, const char **failed, const char *version);
/* "jm", "tm" and so on; 0 = it does not run. */
pid_t flink_find(const struct flink *flink, const char *role);
/* The same; the case fails when it does not run. */
pid_t flink_pid(const struct flink *flink, const char *role);
/* Kills the process as a fault does, and waits until it is gone. */
void flink_kill(struct flink *flink, const char *role);
void flink_wait_gone(struct flink *flink, const char *role);
/* Starts it again: same ports, same configuration. */
void flink_start_again(struct flink *flink, const char *role);

/* The answer of a GET as JSON, or NULL: nobody there, not 200, not JSON. Owned. */
json_t *flink_get(const struct flink *flink, const char *path);
/* The HTTP status of a request without a body, 0 = nobody answered. */
int flink_order(const struct flink *flink, const char *method, const char *path);
/* PATCH /jobs/<id>?mode=cancel; the case fails unless it is accepted. */
void flink_cancel(const struct flink *flink, const char *job_id);
/* CANCELED, FINISHED or FAILED: an item of /jobs/overview. */
bool flink_job_is_over(const json_t *job);
/* Cancels what lives and waits until nothing does. */
void flink_end_jobs(struct flink *flink);

/* Asks until is_so(flink, data); the case fails with `what` when time is up. */
void flink_until(struct flink *flink, const char *what,
	bool (*is_so)(struct flink *flink, void *data), void *data);

#endif
