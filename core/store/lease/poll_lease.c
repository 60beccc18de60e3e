/*
 * The loop's side: a look at the row every quarter of a second, as one job on the lane that reads,
 * beats, claims and brings what changed; what it found is judged here, where the clock is this
 * process's own. A look that finds PRAGMA data_version as it was reads nothing.
 *
 * A process that slept or was stopped has not seen whether the beat moved: after a gap between its
 * own looks it begins to count anew, so that a laptop that wakes takes nothing from its neighbour.
 */
#include "core/store/lease/poll_lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/store/lease/poll_lease_disk.h"
#include "core/store/lease/poll_lease_internal.h"
#include "core/store/store_internal.h"

#define GAP_MS 2000
/* Looks that fail until this process polls for itself: one may be another's take-over. */
#define FAILED_LOOKS 2
/* Timer calls without an answer of the lane until it is given up. */
#define LATE_LOOKS (POLL_SURE_MS / POLL_LOOK_MS)

enum finding { FOUND_OURS, FOUND_LOST, FOUND_OTHER };

struct look {
	struct poll_lease *lease; /* NULL: it is gone */
	struct disk *disk;
	/* in */
	char *owner;
	int64_t epoch, since, started_ms, version;
	bool is_ours, is_stale, beats, follows;
	struct poller_row row; /* as known; what was read */
	bool has_want;
	struct want want;
	/* out */
	enum finding finding;
	bool has_beaten, is_blocked, has_wants;
	want_vec wants;
	snapshot_vec snapshots;
	struct arena *arena;
	struct err err; /* code 0 = fine */
};

struct poll_lease {
	struct loop *loop;
	struct store *store;
	struct loop_timer *timer;
	struct look *look;
	struct store_share share;
	bool is_shared, is_again;
	char owner[80]; /* tells the stores of one process apart, too */
	struct poll_state state;
	struct poller_row row;
	int64_t version, seq;
	int64_t epoch;                                   /* under which it is ours; 0 = it is not */
	int64_t moved_ms, looked_ms, sure_ms, beaten_ms; /* monotonic; 0 = never */
	int failed, late;
	bool is_blocked; /* the last beat found the file locked */
	VEC(char *) refs;
	char *focus;
	int64_t asked, asked_seen; /* `r`: of this one; the sum of the others' */
	bool is_want_new;
	struct map *cards;
	bool is_followed; /* somebody else shows something */
};

/* ---- on the lane ---- */

/* A consistent picture: the row and what is written under its number. */
static int read_changes(struct look *look, struct db *db, const struct owner *self, struct err *err)
{
	int rc = db_exec(db, "BEGIN", err);

	if (rc < 0)
		return rc;
	rc = poller_read(db, &look->row, err);
	/* A number that fell is another file's; of what came before the other one nothing is told. */
	if (look->row.seq < look->since || look->since < look->row.trimmed_seq)
		look->since = 0;
	if (rc == 0 && (look->row.seq != look->since || look->since == 0))
		rc = disk_follow(look->disk, look->since, str_eq(look->row.owner.boot, self->boot),
			&look->snapshots, err);
	db_rollback(db);
	return rc;
}

static int look_as_poller(
	struct look *look, struct db *db, const struct owner *self, bool is_new, struct err *err)
{
	bool is_lost = false;
	int rc = is_new ? poller_read(db, &look->row, err) : 0;

	if (rc == 0 && look->row.epoch != look->epoch) {
		look->finding = FOUND_LOST;
		return 0;
	}
	look->finding = FOUND_OURS;
	if (rc == 0 && look->beats) {
		rc = poller_beat(db, look->epoch, &is_lost, err);
		look->has_beaten = rc == 0;
		/* Who cannot write could not have lost it either: the row was read. */
		look->is_blocked = rc == E_CONFLICT;
		if (look->is_blocked)
			return 0;
	}
	if (is_lost)
		look->finding = FOUND_LOST;
	if (rc == 0 && !is_lost && (is_new || look->beats)) {
		look->has_wants = true;
		rc = want_read(db, look->owner, self, look->arena, &look->wants, err);
	}
	return rc;
}

static int look_as_other(
	struct look *look, struct db *db, const struct owner *self, bool is_new, struct err *err)
{
	struct poller_row known = look->row;
	int64_t epoch = 0;
	int rc = is_new ? poller_read(db, &look->row, err) : 0;

	look->finding = FOUND_OTHER;
	if (rc < 0)
		return rc;
	/* It was the row that is known that stood still. */
	if (look->row.epoch != known.epoch || look->row.beat != known.beat)
		look->is_stale = false;
	/* It was ours, and could not be seen for a while. */
	if (look->epoch && look->row.epoch == look->epoch) {
		look->finding = FOUND_OURS;
		return 0;
	}
	if (look->is_stale || poller_is_free(&look->row, self)) {
		rc = poller_claim(db, &look->row, look->is_stale, self, &epoch, err);
		if (rc < 0)
			return rc;
	}
	if (epoch) {
		look->finding = FOUND_OURS;
		look->epoch = epoch;
		look->row.owner = *self;
		look->row.epoch = epoch;
		return 0;
	}
	if (look->follows && (is_new || look->since == 0))
		rc = read_changes(look, db, self, err);
	/* Last: who cannot write can still read. */
	if (rc == 0 && look->has_want)
		rc = want_write(db, look->owner, self, &look->want, err);
	return rc;
}

static void look_run(void *data)
{
	struct look *look = data;
	struct disk *disk = look->disk;
	struct db *db = disk->files[FILE_CACHE];
	int64_t version = 0;
	int rc = disk_open(disk, FILE_CACHE, &look->err);

	if (rc == 0)
		rc = db_version(db, &version, &look->err);
	if (rc == 0) {
		bool is_new = version != look->version;

		rc = look->is_ours ? look_as_poller(look, db, &disk->self, is_new, &look->err)
				   : look_as_other(look, db, &disk->self, is_new, &look->err);
	}
	if (rc == 0) {
		look->version = version;
		look->err.code = E_OK;
		disk->epoch = look->finding == FOUND_OURS ? look->epoch : -1;
	} else {
		db_repair(db);
	}
}

/* ---- what was found, on the loop ---- */

static void set_role(struct poll_lease *lease, enum poll_role role)
{
	struct poll_state *state = &lease->state;
	const struct owner *owner = &lease->row.owner;
	enum poll_role from = state->role;
	bool is_same = from == role && state->epoch == lease->row.epoch;

	state->role = role;
	state->epoch = lease->row.epoch;
	state->pid = owner->pid;
	snprintf(state->host, sizeof(state->host), "%s", owner->host);
	if (is_same)
		return;
	state->is_here = str_eq(owner->host, store_disk(lease->store)->self.host);
	/* What others write is all read anew: it may be older than what was seen here. */
	if (role == POLL_FOLLOWED && from != POLL_FOLLOWED)
		lease->seq = 0;
	if (role == POLL_FOLLOWED)
		lease->is_want_new = true;
	if (from != role && (role == POLL_FOLLOWED || from == POLL_FOLLOWED))
		store_drop_notes(lease->store);
	if (role == POLL_OURS)
		store_flush(lease->store);
	log_write(LOG_INFO, "store: polled by process %lld on %s (epoch %lld), role %d",
		(long long)state->pid, state->host, (long long)state->epoch, role);
	if (lease->share.on_role)
		lease->share.on_role(lease->share.data, state);
}

static void watch_beat(struct poll_lease *lease, const struct look *look)
{
	bool has_moved = look->row.epoch != lease->row.epoch || look->row.beat != lease->row.beat;
	bool was_away = look->started_ms - lease->looked_ms > GAP_MS;

	if (has_moved || was_away || !lease->moved_ms)
		lease->moved_ms = look->started_ms;
}

static void tell_wants(struct poll_lease *lease, const struct look *look)
{
	VEC(const char *) refs = {0};
	VEC(const char *) focus = {0};
	int64_t asked = 0;

	map_free(lease->cards);
	lease->cards = map_new();
	lease->is_followed = look->wants.len > 0;
	for (size_t i = 0; i < look->wants.len; i++) {
		const struct want *want = &look->wants.data[i];

		asked += want->asked;
		for (size_t k = 0; k < want->ref_count; k++)
			vec_push(&refs, want->refs[k]);
		if (!want->focus)
			continue;
		vec_push(&focus, want->focus);
		map_put(lease->cards, want->focus, lease);
	}
	if (lease->share.on_wants)
		lease->share.on_wants(lease->share.data,
			&(struct poll_wants){refs.data, refs.len, focus.data, focus.len});
	/* A sum that fell is of consoles that are gone. */
	if (asked > lease->asked_seen && lease->share.on_refresh)
		lease->share.on_refresh(lease->share.data);
	lease->asked_seen = asked;
	vec_release(&refs);
	vec_release(&focus);
}

static void look_failed(struct poll_lease *lease, const struct look *look)
{
	int64_t now_ms = clock_mono_ms();

	lease->failed++;
	lease->version = 0;
	/* Who polls goes on while nobody can have taken it over. */
	if (lease->failed < FAILED_LOOKS ||
		(lease->state.role == POLL_OURS && now_ms - lease->sure_ms < POLL_SURE_MS) ||
		(lease->state.role == POLL_FOLLOWED && !look->is_stale &&
			look->started_ms - lease->moved_ms < POLL_STALE_MS))
		return;
	store_told(lease->store, FILE_CACHE, &look->err);
	set_role(lease, POLL_ALONE);
}

static void look_found(struct poll_lease *lease, struct look *look)
{
	enum poll_role from = lease->state.role;

	lease->failed = 0;
	lease->version = look->version;
	watch_beat(lease, look);
	lease->row = look->row;
	/* Who polled and lost it leaves what it could not write to the next one. */
	if (from == POLL_ALONE || (from == POLL_OURS && look->finding != FOUND_OURS))
		store_told(lease->store, FILE_CACHE, NULL);
	lease->epoch = look->finding == FOUND_OURS ? look->epoch : 0;
	if (look->finding == FOUND_OURS) {
		lease->row.epoch = look->epoch;
		lease->sure_ms = look->started_ms;
		if (look->has_beaten)
			lease->beaten_ms = look->started_ms;
		/* The others follow now: what waited must be there before they read. */
		if (look->has_beaten && lease->is_blocked)
			store_flush(lease->store);
		lease->is_blocked = look->is_blocked || (lease->is_blocked && !look->has_beaten);
		set_role(lease, POLL_OURS);
		if (look->has_wants)
			tell_wants(lease, look);
		return;
	}
	if (look->finding == FOUND_LOST)
		lease->version = 0;
	if (look->has_want)
		lease->is_want_new = false;
	set_role(lease, POLL_FOLLOWED);
	if (look->follows)
		lease->seq = look->row.seq;
	if (look->snapshots.len && lease->share.on_follow)
		lease->share.on_follow(
			lease->share.data, look->snapshots.data, look->snapshots.len);
}

static void look_free(struct look *look)
{
	for (size_t i = 0; i < look->snapshots.len; i++)
		snapshot_unref(look->snapshots.data[i]);
	vec_release(&look->snapshots);
	vec_release(&look->wants);
	arena_free(look->arena);
	free(look->owner);
	free(look);
}

static void look_start(struct poll_lease *lease);

static void look_done(void *data)
{
	struct look *look = data;
	struct poll_lease *lease = look->lease;

	if (lease) {
		bool is_first = lease->state.role == POLL_UNDECIDED;

		lease->look = NULL;
		lease->late = 0;
		if (look->err.code)
			look_failed(lease, look);
		else
			look_found(lease, look);
		lease->looked_ms = look->started_ms;
		/* Its rows, or its wants, at once. */
		if (lease->is_again || (is_first && lease->state.role == POLL_FOLLOWED))
			look_start(lease);
	}
	look_free(look);
}

static void copy_want(const struct poll_lease *lease, struct look *look)
{
	struct want *want = &look->want;

	look->has_want = true;
	want->asked = lease->asked;
	want->focus = arena_strdup(look->arena, lease->focus);
	want->refs = arena_calloc(look->arena, lease->refs.len + 1, sizeof(*want->refs));
	for (size_t i = 0; i < lease->refs.len; i++)
		want->refs[want->ref_count++] = arena_strdup(look->arena, lease->refs.data[i]);
}

static void look_start(struct poll_lease *lease)
{
	struct look *look = xcalloc(1, sizeof(*look));
	int64_t now_ms = clock_mono_ms();
	enum poll_role role = lease->state.role;

	lease->is_again = false;
	look->lease = lease;
	look->disk = store_disk(lease->store);
	look->arena = arena_new();
	look->owner = xstrdup(lease->owner);
	look->started_ms = now_ms;
	look->is_ours = role == POLL_OURS;
	look->epoch = lease->epoch;
	look->row = lease->row;
	look->version = lease->version;
	look->since = lease->seq;
	look->follows = role == POLL_FOLLOWED;
	look->beats = look->is_ours && now_ms - lease->beaten_ms >= POLL_BEAT_MS;
	look->is_stale = !look->is_ours && lease->moved_ms &&
		now_ms - lease->moved_ms > POLL_STALE_MS && now_ms - lease->looked_ms <= GAP_MS;
	if (role == POLL_FOLLOWED && lease->is_want_new)
		copy_want(lease, look);
	lease->look = look;
	store_read(lease->store, look_run, look_done, look);
}

/* The lane does not answer: whoever polls for others cannot say so, and nobody can hear it. */
static void give_up(struct poll_lease *lease)
{
	struct err err;

	err_set(&err, E_TIMEOUT, _("%s does not answer"), store_dir(lease->store));
	store_told(lease->store, FILE_CACHE, &err);
	set_role(lease, POLL_ALONE);
}

static void on_timer(void *data)
{
	struct poll_lease *lease = data;

	if (!lease->look)
		look_start(lease);
	else if (++lease->late == LATE_LOOKS && lease->state.role != POLL_ALONE)
		give_up(lease);
}

/* ---- for everybody ---- */

struct poll_lease *poll_lease_new(struct loop *loop, struct store *store)
{
	struct poll_lease *lease = xcalloc(1, sizeof(*lease));
	const struct owner *self = &store_disk(store)->self;

	lease->loop = loop;
	lease->store = store;
	snprintf(lease->owner, sizeof(lease->owner), "%lld-%s-%p", (long long)self->pid,
		self->pid_start, (void *)lease);
	return lease;
}

void store_share(struct store *store, const struct store_share *share)
{
	struct poll_lease *lease = store_lease(store);

	lease->share = *share;
	lease->is_shared = true;
	lease->timer = loop_timer(lease->loop, POLL_LOOK_MS, POLL_LOOK_MS, on_timer, lease);
	look_start(lease);
}

static void clear_want(struct poll_lease *lease)
{
	for (size_t i = 0; i < lease->refs.len; i++)
		free(lease->refs.data[i]);
	lease->refs.len = 0;
	free(lease->focus);
	lease->focus = NULL;
}

static bool is_wanted(
	const struct poll_lease *lease, const char *const *refs, size_t count, const char *focus)
{
	if (lease->refs.len != count || !str_eq(lease->focus, focus))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!str_eq(lease->refs.data[i], refs[i]))
			return false;
	return true;
}

/* Told with the next look: who scrolls says a few times a second what he sees, not at each line. */
void store_want(struct store *store, const char *const *refs, size_t count, const char *focus)
{
	struct poll_lease *lease = store_lease(store);

	if (is_wanted(lease, refs, count, focus))
		return;
	clear_want(lease);
	for (size_t i = 0; i < count; i++)
		vec_push(&lease->refs, xstrdup(refs[i]));
	lease->focus = xstrdup_null(focus);
	lease->is_want_new = true;
}

void store_want_refresh(struct store *store)
{
	struct poll_lease *lease = store_lease(store);

	lease->asked++;
	lease->is_want_new = true;
}

bool store_may_poll(const struct store *store)
{
	const struct poll_lease *lease = store_lease(store);

	return lease->state.role == POLL_ALONE ||
		(lease->state.role == POLL_OURS && clock_mono_ms() - lease->sure_ms < POLL_SURE_MS);
}

const struct poll_state *store_poll_state(const struct store *store)
{
	return &store_lease(store)->state;
}

bool poll_lease_may_write(const struct poll_lease *lease)
{
	return !lease->is_shared || lease->state.role == POLL_OURS;
}

bool poll_lease_notes(const struct poll_lease *lease)
{
	return lease->state.role != POLL_FOLLOWED;
}

void poll_lease_doubt(struct poll_lease *lease)
{
	if (!lease->is_shared)
		return;
	lease->version = 0;
	lease->is_again = lease->look != NULL;
	if (!lease->look)
		look_start(lease);
}

const struct map *poll_lease_cards(const struct poll_lease *lease)
{
	return lease->cards;
}

bool poll_lease_is_followed(const struct poll_lease *lease)
{
	return lease->is_followed;
}

void poll_lease_stop(struct poll_lease *lease)
{
	loop_timer_cancel(lease->timer);
	lease->timer = NULL;
	if (lease->look)
		lease->look->lease = NULL;
	lease->look = NULL;
}

/* Nobody waits for the next beat of who has left. */
void poll_lease_end(struct poll_lease *lease, struct disk *disk)
{
	struct db *cache = disk->files[FILE_CACHE];
	struct err err;

	if (!lease->is_shared || disk_open(disk, FILE_CACHE, &err) < 0)
		return;
	if (disk->epoch > 0)
		poller_release(cache, disk->epoch, &err);
	want_remove(cache, lease->owner, &err);
}

void poll_lease_free(struct poll_lease *lease)
{
	clear_want(lease);
	vec_release(&lease->refs);
	map_free(lease->cards);
	free(lease);
}
