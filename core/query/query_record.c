/* One look at a time; who asks meanwhile gets the next one, for the one under way may have been too
 * early for what he knows. */
#include "core/query/query_record.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/query/query_internal.h"
#include "core/store/journal/record_disk.h"

struct waiter {
	void (*done)(void *data);
	void *data;
};

struct record_feed {
	struct loop *loop;
	struct store *store;
	struct fleet *fleet;
	char *context;
	struct record_version version; /* the query's while one is under way */
	struct query *query;
	struct loop_timer *timer;
	void (*before)(void *data, const struct snapshot *snapshot);
	void *before_data;
	VEC(struct waiter) asking, waiting; /* of this look; of the next one */
};

struct record_query {
	struct query base;
	struct record_feed *feed;
	struct record_version version;
	struct snapshot *snapshot;
};

static void look(struct record_feed *feed);

static int records_read(struct query *base, struct err *err)
{
	struct record_query *query = (struct record_query *)base;

	return disk_records(base->disk, &query->version, query->snapshot, err);
}

static void records_tell(struct query *base, const struct err *err)
{
	struct record_query *query = (struct record_query *)base;
	struct record_feed *feed = query->feed;
	struct waiter *waiters = feed->asking.data;
	size_t count = feed->asking.len;

	feed->query = NULL;
	if (err) {
		log_write(LOG_WARN, "registry: %s", err->text);
	} else {
		feed->version = query->version;
		query->snapshot->observed_ms = clock_wall_ms();
		query->snapshot->mono_ms = clock_mono_ms();
		if (feed->before && !query->snapshot->is_unchanged)
			feed->before(feed->before_data, query->snapshot);
		fleet_apply(feed->fleet, query->snapshot, clock_wall_ms());
	}
	feed->asking.data = NULL;
	feed->asking.len = feed->asking.alloc = 0;
	if (feed->waiting.len)
		look(feed);
	/* Last: the feed may be gone after one of them. */
	for (size_t i = 0; i < count; i++)
		waiters[i].done(waiters[i].data);
	free(waiters);
}

static void records_release(struct query *base)
{
	snapshot_unref(((struct record_query *)base)->snapshot);
}

static void look(struct record_feed *feed)
{
	struct record_query *query = query_new(sizeof(*query), feed->store);

	query->base.read = records_read;
	query->base.tell = records_tell;
	query->base.release = records_release;
	query->feed = feed;
	query->version = feed->version;
	query->snapshot = snapshot_new(SNAPSHOT_REGISTRY, feed->context, "registry", NULL);
	query->snapshot->asked_ms = clock_wall_ms();
	for (size_t i = 0; i < feed->waiting.len; i++)
		vec_push(&feed->asking, feed->waiting.data[i]);
	feed->waiting.len = 0;
	feed->query = query_start(&query->base);
}

static void on_timer(void *data)
{
	struct record_feed *feed = data;

	if (!feed->query)
		look(feed);
}

struct record_feed *record_feed_new(
	struct loop *loop, struct store *store, struct fleet *fleet, const char *context)
{
	struct record_feed *feed = xcalloc(1, sizeof(*feed));

	feed->loop = loop;
	feed->store = store;
	feed->fleet = fleet;
	feed->context = xstrdup(context);
	return feed;
}

void record_feed_watch(struct record_feed *feed,
	void (*before)(void *data, const struct snapshot *snapshot), void *data)
{
	feed->before = before;
	feed->before_data = data;
}

void record_feed_start(struct record_feed *feed)
{
	if (!feed->timer)
		feed->timer = loop_timer(feed->loop, 0, RECORD_EVERY_MS, on_timer, feed);
}

void record_feed_ask(struct record_feed *feed, void (*done)(void *data), void *data)
{
	struct waiter waiter = {done, data};

	if (done)
		vec_push(&feed->waiting, waiter);
	if (!feed->query)
		look(feed);
}

void record_feed_free(struct record_feed *feed)
{
	if (!feed)
		return;
	query_cancel(feed->query);
	loop_timer_cancel(feed->timer);
	vec_release(&feed->asking);
	vec_release(&feed->waiting);
	free(feed->context);
	free(feed);
}
