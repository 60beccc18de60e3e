/* Who remembers ended jobs is asked for what nobody vouches for any more, and for nothing else. */
#include "tests/core/watch/poller_kit.h"

/* Remembers what has ended on the cluster of that number. */
struct history {
	struct source base;
	struct loop *loop;
	enum job_status ended; /* NONE: it knows no such job */
	int asked;
};

struct telling {
	struct history *history;
	struct snapshot *snapshot;
	source_done_fn done;
	void *data;
};

static void tell(void *data)
{
	struct telling *telling = data;

	telling->done(telling->data, telling->snapshot);
	free(telling);
}

static struct source_poll *history_poll(
	struct source *source, const struct poll *poll, source_done_fn done, void *data)
{
	struct history *history = (struct history *)source;
	struct telling *telling = xcalloc(1, sizeof(*telling));
	struct snapshot *s = snapshot_new(poll->what, "c", source->name, poll->job_id);
	struct job_summary *job = arena_calloc(s->arena, 1, sizeof(*job));

	assert_int_equal(poll->what, SNAPSHOT_ENDED);
	history->asked++;
	snprintf(job->id, sizeof(job->id), "%s", poll->job_id);
	job->name = "orders";
	job->status = history->ended;
	job->end_ms = s->asked_ms = s->observed_ms = clock_wall_ms();
	s->cluster.address = "/past";
	s->jobs = job;
	s->job_count = 1;
	if (!history->ended)
		snapshot_fail(s, E_NOTFOUND, "no such job");
	*telling = (struct telling){history, s, done, data};
	loop_defer(history->loop, tell, telling);
	return (struct source_poll *)telling;
}

/* Nothing here is canceled: what was asked is told on the next turn. */
static void history_cancel(struct source_poll *poll)
{
	(void)poll;
}

static void history_close(struct source *source)
{
	free(source->name);
	free(source);
}

static int history_cost(const struct source *source, const struct poll *poll)
{
	(void)source;
	(void)poll;
	return 5;
}

static const struct source_ops history_ops = {.kind = "history",
	.poll = history_poll,
	.cancel = history_cancel,
	.close = history_close,
	.cost = history_cost};

static struct history *history_of(struct bench *b, int of)
{
	struct history *history = xcalloc(1, sizeof(*history));

	history->base.ops = &history_ops;
	history->base.context = (char *)"c";
	history->base.name = xasprintf("s%d", of);
	history->loop = b->loop;
	fleet_set_cluster_history(b->fleet, "c", history->base.name);
	poller_add_history(b->poller, &history->base);
	return history;
}

static const struct app *app_at(const struct bench *b, size_t index)
{
	size_t count;
	struct app *const *apps = fleet_apps(b->fleet, &count);

	return index < count ? apps[index] : NULL;
}

static void polls_more(struct bench *b)
{
	int polls = b->fakes[0]->asked;

	poller_refresh(b->poller);
	UNTIL(b, b->fakes[0]->asked > polls + 1);
}

static void what_is_gone_is_asked_for_until_it_is_known(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	struct history *history = history_of(b, 0);
	poller_start(b->poller);
	UNTIL(b, app_at(b, 0) != NULL);
	polls_more(b);
	check_int("what is listed", history->asked, 0);
	b->fakes[0]->is_empty = true;
	UNTIL(b, history->asked == 1);
	history->ended = JOB_FINISHED; /* it is written a little later */
	UNTIL(b, app_at(b, 0)->state == STATE_FINISHED);
	int asked = history->asked;
	polls_more(b);
	check_int("what is known", history->asked, asked);
	bench_free(b);
	source_close(&history->base);
}

static void who_went_with_its_job_is_asked_for_too(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	struct history *history = history_of(b, 0);
	history->ended = JOB_CANCELED;
	poller_start(b->poller);
	UNTIL(b, app_at(b, 0) != NULL);
	b->fakes[0]->fails = true;
	UNTIL(b, app_at(b, 0)->state == STATE_CANCELED);
	check_int("once", history->asked, 1);
	bench_free(b);
	source_close(&history->base);
}

static void on_round(void *data, int asked, int answered)
{
	struct bench *b = data;

	(void)asked;
	(void)answered;
	b->done = true;
}

static bool wanted(void *data, const struct app *app)
{
	(void)data;
	return str_eq(app->cluster->name, "s1");
}

/* Both jobs are known, then a second poller, which has not asked anybody, makes one round. */
static void a_round_asks_who_remembers(void **unused)
{
	static const enum job_status ends[] = {JOB_FAILED, JOB_STATUS_NONE};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct bench *b = bench_new(2, 0);
		poller_start(b->poller);
		UNTIL(b, app_at(b, 1) != NULL);
		poller_free(b->poller);
		b->poller =
			poller_new(&(struct poller_options){.loop = b->loop, .fleet = b->fleet});
		for (int k = 0; k < 2; k++)
			poller_add(b->poller, &b->fakes[k]->base, SNAPSHOT_CLUSTER);
		struct history *history = history_of(b, 1);
		history->ended = ends[i];
		b->fakes[0]->fails = b->fakes[1]->fails = true;
		poller_round(b->poller,
			&(struct poller_round){.details = true,
				.parts = JOB_PARTS_ROW,
				.wanted = wanted,
				.done = on_round,
				.data = b,
				.deadline_ms = DEADLINE_MS});
		UNTIL(b, b->done);
		check_int("once", history->asked, 1);
		for (size_t k = 0; k < 2; k++) {
			const struct app *app = app_at(b, k);
			bool is_told = ends[i] && str_eq(app->cluster->name, "s1");
			check_str(app->cluster->name, app_state_name(app->state),
				is_told ? "FAILED" : "UNREACHABLE");
		}
		bench_free(b);
		source_close(&history->base);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_gone_is_asked_for_until_it_is_known),
		cmocka_unit_test(who_went_with_its_job_is_asked_for_too),
		cmocka_unit_test(a_round_asks_who_remembers),
	};

	check_locale();
	return cmocka_run_group_tests_name("watch/ended", tests, NULL, NULL);
}
