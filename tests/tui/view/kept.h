/*
 * What a store keeps of ods/order-sync (drive_store.h): builds, releases, restore points, history.
 */
#ifndef WEIR_TESTS_TUI_KEPT_H
#define WEIR_TESTS_TUI_KEPT_H

#include <sqlite3.h>

#include "core/store/journal/release.h"
#include "tests/tui/ui/drive_store.h"

#define KEPT_MINUTE_MS INT64_C(60000)
#define KEPT_NEWEST "hdfs:///flink/savepoints/savepoint-5fa000-3"
#define KEPT_OLDER "hdfs:///flink/checkpoints/0000000000000000000000000000000a/chk-17"
#define KEPT_GONE "file:/mnt/数据/savepoints/savepoint-5fa000-9"

static inline void kept_done(void *data, int64_t number, const struct err *err)
{
	check_ok("kept", err ? -1 : 0, err);
	if (data)
		*(int64_t *)data = number;
}

static inline void kept_point(
	struct kept *kept, enum restore_kind kind, const char *path, int minutes, bool is_gone)
{
	struct restore_point point = {.app = kept->app,
		.path = path,
		.job_id = fixture_job_id(1),
		.kind = kind,
		.completed_ms = FIXTURE_NOW_MS - minutes * KEPT_MINUTE_MS,
		.size = kind == RESTORE_SAVEPOINT ? 5632 : -1,
		.verified_ms = kind == RESTORE_SAVEPOINT && !is_gone ? FIXTURE_NOW_MS : 0,
		.is_gone = is_gone};

	keep_restore_point(kept->drive.store, &point, kept_done, NULL);
	kept_idle(kept);
}

static inline void kept_points(struct kept *kept)
{
	kept_point(kept, RESTORE_SAVEPOINT, KEPT_GONE, 1, true);
	kept_point(kept, RESTORE_SAVEPOINT, KEPT_NEWEST, 5, false);
	kept_point(kept, RESTORE_CHECKPOINT, KEPT_OLDER, 90, false);
}

static inline void kept_build(struct kept *kept)
{
	struct build build = {.app = kept->app,
		.host = "gw1",
		.git = "https://git.example/rt/jobs.git",
		.ref = "main",
		.commit = "4f2a91c0d3e8b7a6f5c4d3e2b1a0987654321fed",
		.artifact = "/home/flink/.cache/weir/projects/jobs-1/target/order-sync-1.4.jar",
		.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		.size = 10776,
		.duration_ms = 12300,
		.built_ms = FIXTURE_NOW_MS - 10 * KEPT_MINUTE_MS};

	keep_build(kept->drive.store, &build, kept_done, NULL);
	kept_idle(kept);
}

/* Numbers 1 … count; the last but `back` is the active one. */
static inline void kept_releases(struct kept *kept, int count, int active)
{
	for (int i = 1; i <= count; i++) {
		char dir[64];
		struct release release = {.app = kept->app,
			.host = "gw1",
			.dir = dir,
			.digest = "d1",
			.manifest = "{\"password\": \"hunter2\"}",
			.commit = "4f2a91c0d3e8b7a6f5c4d3e2b1a0987654321fed",
			.created_ms = FIXTURE_NOW_MS - (10 - i) * 60 * KEPT_MINUTE_MS,
			.activated_ms = FIXTURE_NOW_MS - (10 - i) * 60 * KEPT_MINUTE_MS + 3000};

		snprintf(dir, sizeof(dir), "/srv/weir/ods/order-sync/%d", i);
		keep_release(kept->drive.store, &release, kept_done, &release.number);
		kept_idle(kept);
		keep_release_active(kept->drive.store, &release, kept_done, NULL);
		kept_idle(kept);
		if (i == count && active != count) {
			release.number = active;
			snprintf(dir, sizeof(dir), "/srv/weir/ods/order-sync/%d", active);
			keep_release_active(kept->drive.store, &release, kept_done, NULL);
			kept_idle(kept);
		}
	}
}

/* What the flight recorder has written of it and of its cluster. */
static inline void kept_history(struct kept *kept)
{
	static const struct {
		int minutes;
		const char *kind, *from, *to, *text;
		bool is_of_cluster;
	} events[] = {
		{2000, "first-seen", NULL, "RUNNING", NULL, false},
		{1500, "restart", "3", "5", "IOException: 坏了", false},
		{95, "state", "RUNNING", "UNREACHABLE", "http://sessions.example:8081: refused",
			false},
		{94, "taskmanagers", "2", "0", "0 slots, 0 free", true},
		{93, "taskmanagers", "0", "2", "8 slots, 4 free", true},
		{93, "failover", "2026-11-19T08:00:00Z", "2026-11-21T08:24:00Z", NULL, false},
		{92, "state", "UNREACHABLE", "RUNNING", NULL, false},
		{1, "job", "0000000000000000000000000000000a", "0000000000000000000000000000000b",
			"订单同步", false},
	};
	const struct app *app = fleet_app(kept->drive.fleet, kept->app);
	char *path = temp_path(kept->dir, "cache.db");
	sqlite3 *handle = NULL;

	check_int(path, sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		char *sql = sqlite3_mprintf(
			"INSERT INTO event (ref, time_ms, kind, job_id, from_state, to_state, text)"
			" VALUES (%Q, %lld, %Q, %Q, %Q, %Q, %Q)",
			events[i].is_of_cluster ? app->cluster->ref : app->ref,
			(long long)(FIXTURE_NOW_MS - events[i].minutes * KEPT_MINUTE_MS),
			events[i].kind, fixture_job_id(1), events[i].from, events[i].to,
			events[i].text);

		check_int(sql, sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_free(sql);
	}
	sqlite3_close(handle);
	free(path);
}

#endif
