/*
 * Who says what of an application, and why it is in its state: the witnesses side by side, each with
 * its time, and one sentence. Nothing here concludes anything; that is model/state's part.
 */
#ifndef WEIR_PRESENT_WITNESS_H
#define WEIR_PRESENT_WITNESS_H

#include "core/base/arena.h"
#include "core/fleet/fleet.h"
#include "core/present/column.h"

struct buf;

/* One witness. Texts live in the arena, or as long as the application is borrowed; NULL = none. */
struct statement {
	enum witness who;
	const char *where; /* an address, a file, "run 12" */
	const char
		*word; /* what it says, one of a few: "RUNNING" "NOT_LISTED" "DECLARED" "STARTED" */
	const char *text; /* what else, in words */
	struct said_at said;
	/* So often in a row it did not answer since; why not, and when. */
	int misses;
	const char *trouble;
	struct said_at troubled;
	bool is_believed;
};
#define STATEMENTS_MAX 4
size_t app_statements(const struct app *app, struct arena *arena, struct statement *out);
/* "JobManager", for people. */
const char *witness_title(enum witness witness);
/* How old that is, whatever the wall clock did meanwhile; -1 = not known. */
int64_t said_age_ms(const struct said_at *said, const struct present_env *env);
/* What such a cluster says is remembered, or older than two polls. */
bool cluster_is_stale(const struct cluster *cluster, const struct present_env *env);
/* [{witness, at, says, text, observedAtMs, ageMs, missedPolls, trouble, believed}] */
void app_witnesses_json(const struct app *app, const struct present_env *env, struct json_out *out);

/* In words why the application is in its state, and who said so how long ago. One line. */
void app_reason(const struct app *app, const struct present_env *env, struct buf *out);

#endif
