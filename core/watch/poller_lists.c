/*
 * Lists of clusters, and folders: when each is asked. A feed that is not under way waits in a line
 * (due.h) of its context: of its pace, of those that answer or of those that do not. A budget that
 * stretches slows the lines of those that answer; who does not is due when its backoff says.
 *
 * Of all that is due, what is latest in terms of its own interval is asked first, as far as budgets
 * allow. What is looked at or moves goes before, but no further ahead than half a second's share:
 * from then on it waits for its turn among the others, however many are live.
 */
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"

#define FIRST_TIMEOUT_MS 3000
#define REFRESH_AHEAD_MS 30000
/* One that is idle for longer may be forgotten by what stands between. */
#define CONNECTION_WORTH_MS 90000
/* A look at a folder takes at most one of so many parts of the time, as long as that is not later. */
#define FOLDER_SHARE 200
#define FOLDER_MS_MAX 15000
/* How far what is live may be ahead of the rest, in seconds of the budget. */
#define LEAD_PART 0.25

/* ---- its own budget and that of its context ---- */

void feed_spend(struct feed *feed, enum share share, int cost)
{
	budget_spend(&feed->own, share, cost);
	budget_spend(&feed->purse->budget, share, cost);
}

bool feed_allows(struct feed *feed, enum share share, int64_t now)
{
	budget_fill(&feed->own, now);
	budget_fill(&feed->purse->budget, now);
	return budget_allows(&feed->own, share) && budget_allows(&feed->purse->budget, share);
}

static double stretch_of(const struct budget *budget, enum share share, enum pace pace)
{
	return share == SHARE_LISTS && pace == PACE_LIVE ? budget_stretch_live(budget)
							 : budget_stretch(budget, share);
}

double feed_stretch(const struct feed *feed, enum share share)
{
	double whole = stretch_of(&feed->purse->budget, share, feed->pace);
	double own = stretch_of(&feed->own, share, feed->pace);

	return whole > own ? whole : own;
}

static void purse_stretch(struct purse *purse, int64_t now)
{
	for (int pace = 0; pace < PACE_MAX; pace++)
		due_line_stretch(&purse->lines[false][pace],
			stretch_of(&purse->budget, SHARE_LISTS, (enum pace)pace), now);
}

void purse_init(struct purse *purse, int64_t per_second, int64_t now)
{
	budget_init(&purse->budget, per_second, now);
	for (int pace = 0; pace < PACE_MAX; pace++)
		for (int failing = 0; failing < 2; failing++)
			due_line_init(&purse->lines[failing][pace], pace_ms((enum pace)pace), now);
}

void purse_free(struct purse *purse)
{
	for (int pace = 0; pace < PACE_MAX; pace++) {
		due_line_release(&purse->lines[false][pace]);
		due_line_release(&purse->lines[true][pace]);
	}
	free(purse->context);
	free(purse);
}

void feed_add_demand(struct feed *feed, enum share share, double per_second, int64_t now)
{
	feed->own.demand[share] += per_second;
	feed->purse->budget.demand[share] += per_second;
	purse_stretch(feed->purse, now);
}

/* ---- how long it waits ---- */

/* A folder costs no requests, but thousands of files are asked for their times. */
static int64_t folder_wait_ms(const struct feed *feed)
{
	int64_t took_ms = feed->ended_ms - feed->began_ms;
	int64_t wait_ms = pace_ms(feed->pace);

	if (took_ms * FOLDER_SHARE > wait_ms)
		wait_ms = took_ms * FOLDER_SHARE;
	return wait_ms < FOLDER_MS_MAX ? wait_ms : FOLDER_MS_MAX;
}

static int64_t wait_ms_at(const struct feed *feed, double stretch)
{
	return schedule_wait_ms(&(struct wait_facts){
		.pace = feed->pace,
		.stretch = stretch,
		.failures = feed->failures,
		.few_fail = feed->poller->failing <= POLLER_FAILING_SLOTS,
		.hash = feed->due.hash,
	});
}

int64_t feed_wait_ms(const struct feed *feed)
{
	int64_t wait_ms;

	/* The next leader takes over any moment, and then much moves. */
	if (feed->is_leaderless && feed->failures < LEADER_RETRIES)
		return LEADER_RETRY_MS;
	wait_ms = wait_ms_at(feed, feed->ref ? feed_stretch(feed, SHARE_LISTS) : 1);
	return feed->ref || wait_ms > folder_wait_ms(feed) ? wait_ms : folder_wait_ms(feed);
}

bool feed_is_rare(const struct feed *feed)
{
	return feed_wait_ms(feed) > CONNECTION_WORTH_MS;
}

/* ---- its place ---- */

/* Nothing moves there and nothing is sick: whoever looks, its jobs alone are asked for most times. */
static bool is_calm(const struct feed *feed)
{
	return !feed->failures && !feed->is_doubtful && feed->paces[WANTED_URGENT] == PACE_CALM;
}

/* Requests a second for its list, were it asked at its pace. */
static double demand_of(const struct feed *feed)
{
	int64_t every_ms = feed->failures > 1 ? wait_ms_at(feed, 1) : pace_ms(feed->pace);
	double cost = source_cost(feed->source, &(struct poll){.what = feed->what});

	if (!feed->ref)
		return 0;
	if (is_calm(feed))
		cost = (cost +
			       LISTS_ALONE *
				       source_cost(feed->source,
					       &(struct poll){
						       .what = feed->what, .jobs_only = true})) /
			(LISTS_ALONE + 1);
	return cost * 1000.0 / (double)every_ms;
}

static struct due_line *line_of(const struct feed *feed)
{
	if (!feed->ref)
		return &feed->poller->folders;
	return &feed->purse->lines[feed->failures > 0][feed->pace];
}

void feed_tell(struct feed *feed, int64_t now)
{
	if (!feed->ref || !feed->poller->has_surveyed)
		return;
	budget_fill(&feed->own, now);
	fleet_set_polling(feed->poller->fleet, feed->ref,
		&(struct polling){.interval_ms = feed_wait_ms(feed),
			.per_second = budget_spent(&feed->own),
			.allowed_per_second = feed->own.per_second});
}

static void put(struct feed *feed, int64_t due_at_ms, int64_t now)
{
	due_put(line_of(feed), &feed->due, due_at_ms, now);
}

static void be_live(struct feed *feed, double more)
{
	feed->own.live_demand += more;
	feed->purse->budget.live_demand += more;
}

static enum pace pace_of(const struct feed *feed)
{
	enum pace urgent = feed->paces[WANTED_URGENT], seen = feed->paces[WANTED_SEEN];

	if (!feed->ref)
		return PACE_SICK;
	return feed->is_doubtful ? PACE_LIVE : urgent < seen ? urgent : seen;
}

void feed_settle(struct feed *feed, int64_t now)
{
	enum pace was = feed->pace;
	double demand, former = feed->demand;
	int64_t due_at_ms = feed->due.line ? due_ms(&feed->due, now) : now;

	feed->pace = pace_of(feed);
	demand = demand_of(feed);
	if (feed->pace == was && demand == former)
		return;
	feed->demand = demand;
	be_live(feed, (feed->pace == PACE_LIVE ? demand : 0) - (was == PACE_LIVE ? former : 0));
	feed_add_demand(feed, SHARE_LISTS, demand - former, now);
	if (feed->pace == was || !feed->due.line)
		return;
	if (feed->ended_ms)
		due_at_ms = feed->ended_ms + feed_wait_ms(feed);
	else if (feed->pace == PACE_LIVE)
		due_at_ms = now;
	put(feed, due_at_ms, now);
	feed_tell(feed, now);
}

/* Who failed with many others waits no longer than who fails with a few. */
static void hurry_failing(struct poller *poller, int64_t now)
{
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		int64_t due_at_ms;

		if (!feed->failures || !feed->due.line)
			continue;
		due_at_ms = feed->ended_ms + feed_wait_ms(feed);
		feed_settle(feed, now);
		if (due_at_ms < due_ms(&feed->due, now))
			put(feed, due_at_ms, now);
	}
}

static void count_failing(struct poller *poller, int by)
{
	poller->failing += by;
	if (by < 0 && poller->failing == POLLER_FAILING_SLOTS)
		hurry_failing(poller, clock_mono_ms());
}

void lists_place(struct poller *poller, int64_t now)
{
	bool is_large = poller->feeds.len > POLLER_SLOTS;

	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		double stretch = budget_stretch(&feed->purse->budget, SHARE_LISTS);
		int64_t interval_ms = (int64_t)((double)pace_ms(PACE_CALM) * stretch);
		int64_t due_at_ms = now;

		if (is_large && feed->pace == PACE_CALM)
			due_at_ms += schedule_phase_ms(feed->due.hash, interval_ms);
		feed->ended_ms = 0;
		feed->lists_alone = LISTS_ALONE;
		if (feed->under_way)
			continue;
		put(feed, due_at_ms, now);
		feed_tell(feed, now);
	}
}

void lists_hurry(struct poller *poller, int64_t now)
{
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		/* What is looked at as if it were long overdue. */
		int64_t due_at_ms = feed->pace == PACE_LIVE ? now - REFRESH_AHEAD_MS : now;

		feed->lists_alone = LISTS_ALONE;
		if (feed->due.line && due_at_ms < due_ms(&feed->due, now))
			put(feed, due_at_ms, now);
	}
}

void lists_add(struct feed *feed, int64_t now)
{
	feed->paces[WANTED_URGENT] = feed->paces[WANTED_SEEN] = PACE_CALM;
	feed->pace = pace_of(feed);
	feed->lists_alone = LISTS_ALONE;
	feed->due = (struct due_item){
		.owner = feed, .hash = str_hash(feed->source->name, feed->poller->seed)};
	feed_settle(feed, now);
	/* Long since. */
	put(feed, 0, now);
}

/* ---- asking ---- */

static bool is_doubtful(const struct feed *feed)
{
	const struct cluster *cluster =
		feed->ref ? fleet_cluster(feed->poller->fleet, feed->ref) : NULL;

	return cluster && cluster->doubtful_jobs > 0;
}

static void feed_ended(struct feed *feed, struct snapshot *snapshot)
{
	struct poller *poller = feed->poller;
	bool failed = snapshot->err.code != 0, had_failed = feed->failures > 0;

	feed->failures = failed ? feed->failures + 1 : 0;
	feed->has_answered |= !failed;
	feed->is_leaderless = snapshot->is_leaderless;
	if (failed != had_failed)
		count_failing(poller, failed ? 1 : -1);
	if (feed->failures == 1)
		log_write(LOG_WARN, "%s: %s", feed->source->name, snapshot->err.text);
	snapshot->mono_ms = clock_mono_ms();
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
	/* A job that one answer did not list: the next one decides. */
	feed->is_doubtful = is_doubtful(feed);
}

/* What was under way is no more. */
static void feed_idle(struct feed *feed)
{
	feed->under_way = NULL;
	feed->poller->in_flight--;
	if (feed->is_failing_slot)
		feed->poller->failing_in_flight--;
	feed->is_failing_slot = feed->spans_gap = false;
}

static void on_feed(void *data, struct snapshot *snapshot)
{
	struct feed *feed = data;
	struct poller *poller = feed->poller;
	bool answered = snapshot->err.code == 0;
	/* Begun before the gap: that nobody answered meanwhile is not known. */
	bool tells_nothing = feed->spans_gap && !answered && !feed->in_round;
	int64_t now = clock_mono_ms();

	feed_idle(feed);
	if (!tells_nothing)
		feed_ended(feed, snapshot);
	feed->ended_ms = now;
	feed_settle(feed, now);
	put(feed, tells_nothing ? now : now + feed_wait_ms(feed), now);
	feed_tell(feed, now);
	snapshot_unref(snapshot);
	/* Fast answers do not wait for a tick to make room for the next. */
	if (poller->is_full && poller->in_flight <= POLLER_SLOTS / 2)
		lists_ask(poller, PACE_CALM, now);
	round_feed_done(poller, feed, answered);
}

/*
 * Of many that were never heard some may swallow what they are asked, and would keep all slots from the others
 * for as long as a poll may take. So the first one is short; who missed it has all the time with those that fail.
 */
static int64_t timeout_of(const struct poller *poller, const struct feed *feed)
{
	bool is_first = feed->ref && !feed->has_answered && !feed->failures && !feed->in_round;

	return is_first && !poller->timeout_ms && poller->feeds.len > POLLER_SLOTS
		? FIRST_TIMEOUT_MS
		: poller->timeout_ms;
}

void poller_ask_feed(struct poller *poller, struct feed *feed)
{
	bool jobs_only = feed->ref && is_calm(feed) && feed->lists_alone < LISTS_ALONE;
	struct poll poll = {.what = feed->what,
		.jobs_only = jobs_only,
		.is_rare = feed_is_rare(feed),
		.timeout_ms = timeout_of(poller, feed)};
	int cost = source_cost(feed->source, &poll);
	double *lead = &feed->purse->lead;

	due_take(&feed->due);
	feed->lists_alone = jobs_only ? feed->lists_alone + 1 : 0;
	feed_spend(feed, SHARE_LISTS, cost);
	*lead = feed->pace == PACE_LIVE ? *lead + cost : *lead > cost ? *lead - cost : 0;
	poller->in_flight++;
	feed->is_failing_slot = feed->failures > 0;
	if (feed->is_failing_slot)
		poller->failing_in_flight++;
	feed->began_ms = clock_mono_ms();
	feed->under_way = source_poll(feed->source, &poll, on_feed, feed);
}

void feed_cancel(struct feed *feed)
{
	if (!feed->under_way)
		return;
	source_poll_cancel(feed->source, feed->under_way);
	feed_idle(feed);
}

void lists_drop(struct feed *feed)
{
	feed_cancel(feed);
	due_take(&feed->due);
	if (feed->pace == PACE_LIVE)
		be_live(feed, -feed->demand);
	feed_add_demand(feed, SHARE_LISTS, -feed->demand, clock_mono_ms());
	if (feed->failures > 0)
		count_failing(feed->poller, -1);
}

static bool may_lead(const struct purse *purse)
{
	return purse->lead < (double)purse->budget.per_second * LEAD_PART;
}

/* The latest of those up to this pace whose context may be asked; NULL: nobody is due. */
static struct feed *latest(const struct poller *poller, enum pace last, int64_t now)
{
	const struct due_line *best = NULL;
	double most = 0;

	for (size_t i = 0; i < poller->purses.len; i++)
		for (int k = 0; poller->purses.data[i]->is_open && k < 2 * (int)(last + 1); k++) {
			const struct due_line *line = &poller->purses.data[i]->lines[k % 2][k / 2];
			double lateness = due_lateness(line, now);

			if (k % 2 && poller->failing_in_flight >= POLLER_FAILING_SLOTS)
				continue;
			if (lateness > most) {
				most = lateness;
				best = line;
			}
		}
	return best ? due_first(best, now)->owner : NULL;
}

static void ask_folders(struct poller *poller, int64_t now)
{
	const struct due_item *first;

	while (poller->in_flight < POLLER_SLOTS && (first = due_first(&poller->folders, now)))
		poller_ask_feed(poller, first->owner);
}

void lists_ask(struct poller *poller, enum pace last, int64_t now)
{
	struct feed *feed;

	/* A folder is everybody's own. */
	ask_folders(poller, now);
	for (size_t i = 0; i < poller->purses.len; i++)
		poller->purses.data[i]->is_open =
			poller_may_ask(poller, poller->purses.data[i]->context);
	while (poller->in_flight < POLLER_SLOTS && (feed = latest(poller, last, now))) {
		struct purse *purse = feed->purse;

		if (!budget_allows(&purse->budget, SHARE_LISTS) ||
			(last == PACE_LIVE && !may_lead(purse))) {
			purse->is_open = false;
		} else if (feed_allows(feed, SHARE_LISTS, now)) {
			poller_ask_feed(poller, feed);
		} else {
			/* The budget of its cluster is spent: with the next tick. */
			put(feed, now + TICK_MS, now);
		}
	}
	/* Nobody waits: nobody is ahead. */
	for (size_t i = 0; last > PACE_LIVE && i < poller->purses.len; i++)
		if (poller->purses.data[i]->is_open && poller->in_flight < POLLER_SLOTS)
			poller->purses.data[i]->lead = 0;
	poller->is_full = poller->in_flight >= POLLER_SLOTS;
}
