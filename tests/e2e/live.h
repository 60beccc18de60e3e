/*
 * One real cluster after the other, with the seven jobs on it and a home for weir that declares
 * them: the first case of a version starts it, the cases after it share it.
 */
#ifndef WEIR_TESTS_E2E_LIVE_H
#define WEIR_TESTS_E2E_LIVE_H

#include "tests/e2e/jobs.h"
#include "tests/support/check.h"

struct live {
	struct flink *flink;
	struct jobs jobs;
	struct bench *bench;
	const char *failed; /* a version whose cluster did not come up: not tried again */
};

/* A case's set-up: `version` is up, or the case fails. name: of the cluster, one a program. */
void live_enter(struct live *live, const char *name, const char *version);
void live_leave(struct live *live);

struct live_case {
	const char *name;
	CMUnitTestFunction run;
	/* In the short run with this version only, "" = with none; NULL = with each. */
	const char *short_version;
};
/*
 * For main(): every case on every version of this run, as "1.20.5: name"; a fixture gets its version
 * as its state. teardown may be NULL. Returns what main() returns.
 */
int live_run(const char *group, const struct live_case *cases, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown, CMFixtureFunction leave_group);
/* On these versions, NULL-ended: for what is long, and the same in all. */
int live_run_on(const char *const *versions, const char *group, const struct live_case *cases,
	size_t count, CMFixtureFunction setup, CMFixtureFunction teardown,
	CMFixtureFunction leave_group);

#endif
