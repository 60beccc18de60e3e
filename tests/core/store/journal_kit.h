/* Runs and releases of a store, written to their end: what the registry must not lose. */
#ifndef WEIR_TESTS_STORE_JOURNAL_KIT_H
#define WEIR_TESTS_STORE_JOURNAL_KIT_H

#include "core/query/query.h"
#include "core/store/journal/release.h"
#include "core/store/journal/run.h"
#include "tests/core/store/kit.h"

struct journal_said {
	int calls;
	int64_t number; /* of the run, or of the release */
	int64_t epoch;
	struct err err; /* code 0 = it was written */
};

static inline void journal_on_run(void *data, const struct run *run, const struct err *err)
{
	struct journal_said *said = data;

	said->calls++;
	said->err = err ? *err : (struct err){0};
	said->number = run ? run->id : 0;
	said->epoch = run ? run->epoch : 0;
}

static inline void journal_on_kept(void *data, int64_t number, const struct err *err)
{
	struct journal_said *said = data;

	said->calls++;
	said->err = err ? *err : (struct err){0};
	said->number = number;
}

/* ods/<name> */
static inline struct run journal_run(char app[64], const char *name, const char *verb)
{
	snprintf(app, 64, KIT_CONTEXT "/workspace/app/ods/%s", name);
	return (struct run){.app = app,
		.context = KIT_CONTEXT,
		.team = "ods",
		.name = name,
		.verb = verb,
		.arguments = "{}",
		.state = RUN_PLANNED,
		.created_ms = KIT_NOW,
		.plan = "POST …\n"};
}

/* Begun, sent, and ended in `state` (RUN_SENT: left so); its number, 0 when it was refused. */
static inline int64_t journal_add(
	struct kit *kit, const char *name, const char *verb, enum run_state state)
{
	struct journal_said said = {0};
	char app[64];
	struct run run = journal_run(app, name, verb);

	run_begin(kit->store, &run, journal_on_run, &said);
	kit_idle(kit);
	if (said.err.code)
		return 0;
	run.id = said.number;
	run.epoch = said.epoch;
	run.state = RUN_SENT;
	run.sent_ms = KIT_NOW + 1;
	run_update(kit->store, &run, journal_on_run, &said);
	kit_idle(kit);
	run.state = state;
	run.ended_ms = KIT_NOW + 2;
	if (!said.err.code && state != RUN_SENT) {
		run_end(kit->store, &run, journal_on_run, &said);
		kit_idle(kit);
	}
	return said.err.code ? 0 : run.id;
}

/* The next one of ods/<name>, made active; its number. */
static inline int64_t journal_release(struct kit *kit, const char *name)
{
	struct journal_said said = {0};
	char app[64];
	struct release release = {.dir = "/srv/releases/1",
		.digest = "d1",
		.manifest = "{}",
		.created_ms = KIT_NOW,
		.activated_ms = KIT_NOW};

	snprintf(app, sizeof(app), KIT_CONTEXT "/workspace/app/ods/%s", name);
	release.app = app;
	keep_release(kit->store, &release, journal_on_kept, &said);
	kit_idle(kit);
	check_ok("release", said.err.code, &said.err);
	release.number = said.number;
	release.is_active = true;
	keep_release_active(kit->store, &release, journal_on_kept, &said);
	kit_idle(kit);
	check_ok("active", said.err.code, &said.err);
	return release.number;
}

#endif
