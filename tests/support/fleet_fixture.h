/*
 * A fleet made by hand for tests of what shows it: every state once, three teams, a cluster that is
 * down, names in two scripts, far too long, and with escape sequences. Made by fleet_apply() of
 * snapshots as sources make them, never by writing into the fleet.
 */
#ifndef WEIR_TESTS_SUPPORT_FLEET_FIXTURE_H
#define WEIR_TESTS_SUPPORT_FLEET_FIXTURE_H

#include "core/fleet/fleet.h"

/* 2025-11-21T10:00:00Z: clock_fix() it, and TZ=UTC. */
#define FIXTURE_NOW_MS INT64_C(1763719200000)
#define FIXTURE_CONTEXT "prod"
#define FIXTURE_LONG_NAME_LEN 10000

/* The 32 hexadecimal digits of the fixture's n-th job; static, overwritten by the 8th next call. */
const char *fixture_job_id(int n);

/* A snapshot of a cluster's poll with room for jobs; one reference, the caller's. */
struct snapshot *fixture_cluster(const char *cluster, const char *version, int64_t observed_ms);
struct job_summary *fixture_job(struct snapshot *snapshot, int id, const char *name,
	enum job_status status, int running, int total);
struct snapshot *fixture_failure(
	const char *cluster, enum err_code code, const char *text, int64_t asked_ms);
/* All parts of one job: vertices, checkpoints, exceptions, configuration. */
struct snapshot *fixture_detail(const char *cluster, int id, int64_t observed_ms, int64_t restarts);
/* Hands it to the fleet and drops the reference. */
void fixture_apply(struct fleet *fleet, struct snapshot *snapshot, int64_t now_ms);

/* The clusters as configured; nothing was asked. */
struct fleet *fixture_fleet_empty(void);
/* All of it, as of FIXTURE_NOW_MS. */
struct fleet *fixture_fleet(void);
/*
 * What weir remembers of 20 minutes ago, as the store gives it; then (after_polls) two polls of each
 * cluster that nobody answered.
 */
struct fleet *fixture_fleet_offline(bool after_polls);
/* The next answer of the cluster "sessions": `failed` of its healthy jobs are FAILED now. */
void fixture_next_poll(struct fleet *fleet, int64_t now_ms, bool is_failed);
/* The next answer of "sessions", with a second running job of the name "user-sync". */
void fixture_twin(struct fleet *fleet, int64_t now_ms);
/* `count` running jobs on one cluster, named "sync-0" and so on. */
struct fleet *fixture_fleet_large(size_t count);

#endif
