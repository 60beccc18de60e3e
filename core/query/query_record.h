/*
 * The registry as a witness, for as long as a session lasts: what our own runs, and those of other
 * processes, say of every application is brought to the fleet, at once and then whenever the file
 * changed (looked at every two seconds; a look without change is two small statements).
 *
 *	feed = record_feed_new(loop, store, fleet, "prod");
 *	record_feed_ask(feed, done, data);    now: before the first print, after a run of ours
 *	record_feed_free(feed);               before the store
 */
#ifndef WEIR_QUERY_QUERY_RECORD_H
#define WEIR_QUERY_QUERY_RECORD_H

#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/store/store.h"

#define RECORD_EVERY_MS 2000

struct record_feed;
struct record_feed *record_feed_new(
	struct loop *loop, struct store *store, struct fleet *fleet, const char *context);
void record_feed_free(struct record_feed *feed); /* NULL-safe */
/* done: once, on the loop, never from inside, when the fleet has it; NULL = not wanted. A file that
 * cannot be read says nothing: the store tells why. Not after record_feed_free(). */
void record_feed_ask(struct record_feed *feed, void (*done)(void *data), void *data);
/* before: with each look that brings something, before the fleet has it. */
void record_feed_watch(struct record_feed *feed,
	void (*before)(void *data, const struct snapshot *snapshot), void *data);
/* Looks by itself from now on. */
void record_feed_start(struct record_feed *feed);

#endif
