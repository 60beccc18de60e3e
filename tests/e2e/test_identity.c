/*
 * Whose job it is, on a real cluster: two jobs of one name are an alarm and nobody's; one is adopted by
 * its id; what is canceled and started again outside is followed; and all that is in the history.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/support/check.h"

#define CONF "--config {home}/config.yaml --store {home}/store "

struct live {
	struct flink *flink;
	struct bench *bench;
	struct program *watch;
	/* What is waited for. */
	const char *job, *state, *detail;
};

static int setup(void **state)
{
	struct live *live = xcalloc(1, sizeof(*live));

	live->flink = flink_start("1.20.5", "identity");
	live->bench = bench_new();
	bench_set(live->bench, "url", live->flink->url);
	bench_file(live->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, type: standalone, rest: \"{url}\"}]\n");
	bench_file(live->bench, "ws/teams/t/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ncluster: s\n");
	*state = live;
	return 0;
}

static int teardown(void **state)
{
	struct live *live = *state;

	program_free(live->watch);
	bench_free(live->bench);
	flink_stop(live->flink);
	free(live);
	return 0;
}

static char *submit_as(const struct live *live, const char *name, const char *set)
{
	char *id = flink_submit(
		live->flink, WORDS("--", "--mode", "count", "--name", name, "--rate", "20"));

	bench_set(live->bench, set, id);
	return id;
}

static char *submit(const struct live *live, const char *set)
{
	return submit_as(live, "orders", set);
}

static const char *field(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

/* The declared application, as JSON. Owned. */
static json_t *orders(const struct live *live)
{
	struct program *p = bench_run(live->bench, CONF "describe app t/orders -o json");
	json_t *tree = bench_json("describe", p);

	program_free(p);
	return tree;
}

static bool is_so(struct flink *flink, void *data)
{
	const struct live *live = data;
	json_t *app = orders(live);
	bool so = str_eq(field(app, "jobId"), live->job) &&
		str_eq(field(app, "state"), live->state) &&
		str_eq(field(app, "stateDetail"), live->detail);

	(void)flink;
	json_decref(app);
	return so;
}

static void until(
	struct live *live, const char *what, const char *job, const char *state, const char *detail)
{
	live->job = job;
	live->state = state;
	live->detail = detail;
	flink_until(live->flink, what, is_so, live);
}

static void run(const struct live *live, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(live->bench, words);

	if (p->exit_code != exit_code ||
		!(strstr(buf_str(&p->out), part) || strstr(buf_str(&p->err), part)))
		fail_msg("%s: exit code %d instead of %d, or no \"%s\" in:\n%s%s", words,
			p->exit_code, exit_code, part, buf_str(&p->out), buf_str(&p->err));
	program_free(p);
}

static void check_two(const struct live *live, const char *a, const char *b)
{
	json_t *app = orders(live);
	json_t *ids = json_object_get(app, "duplicates");

	check_int("both are named", (int64_t)json_array_size(ids), 2);
	check_has("one", field(app, "reason"), a);
	check_has("the other", field(app, "reason"), b);
	check_int("JobManager and file",
		(int64_t)json_array_size(json_object_get(app, "witnesses")), 2);
	json_decref(app);
}

static void check_witnesses(const struct live *live)
{
	json_t *app = orders(live), *list = json_object_get(app, "witnesses"), *item;
	size_t i;

	check_str("believed", field(app, "witness"), "jobmanager");
	check_int("JobManager, run, file", (int64_t)json_array_size(list), 3);
	json_array_foreach (list, i, item) {
		const char *who = field(item, "witness");
		const char *says = str_eq(who, "jobmanager") ? "RUNNING"
			: str_eq(who, "run")                 ? "ADOPTED"
							     : "DECLARED";

		check_str(who, field(item, "says"), says);
		check_bool("it has an age",
			json_integer_value(json_object_get(item, "ageMs")) >= 0 &&
				json_is_integer(json_object_get(item, "ageMs")),
			true);
	}
	check_str("where", field(json_array_get(list, 0), "at"), live->flink->url);
	json_decref(app);
}

struct event_wish {
	const struct live *live;
	const char *kind, *from, *to; /* from NULL: whatever it was */
};

static bool has_event(struct flink *flink, void *data)
{
	const struct event_wish *wish = data;
	struct program *p = bench_run(wish->live->bench,
		CONF "get history t/orders -o json --cached --since 1h --limit 500");
	json_t *list = bench_json("history", p), *item;
	bool found = false;
	size_t i;

	(void)flink;
	json_array_foreach (json_object_get(list, "items"), i, item)
		found = found ||
			(str_eq(field(item, "kind"), wish->kind) &&
				(!wish->from || str_eq(field(item, "from"), wish->from)) &&
				str_eq(field(item, "to"), wish->to));
	json_decref(list);
	program_free(p);
	return found;
}

static void until_event(const struct live *live, const char *kind, const char *from, const char *to)
{
	struct event_wish wish = {live, kind, from, to};

	flink_until(live->flink, kind, has_event, &wish);
}

static void one_of_two_jobs_is_adopted_and_its_successor_followed(void **state)
{
	struct live *live = *state;
	char *a, *b, *c, *d, *e;

	live->watch = bench_start(live->bench, CONF "watch");
	a = submit(live, "a");
	until(live, "the first runs", a, "RUNNING", NULL);
	until_event(live, "state", NULL, "RUNNING");
	b = submit(live, "b");
	until(live, "two of a name", NULL, "UNKNOWN", "DUPLICATE");
	check_two(live, a, b);
	/* Who records looks at what is well each five seconds: he has to have seen it. */
	until_event(live, "duplicate", "1", "2");
	run(live, CONF "describe app t/orders", 0, "WITNESSES");
	run(live, CONF "get apps orders", 0, "UNKNOWN duplicate");

	/* Nothing is done to either until it is said which. */
	run(live, CONF "stop t/orders --yes", 8, "weir adopt t/orders --job-id");
	run(live, CONF "adopt t/orders --yes", 8, "2 live jobs have its name");
	run(live, CONF "adopt t/orders --job-id {b} --dry-run", 0,
		"nothing is sent to the cluster");
	until(live, "a dry run decides nothing", NULL, "UNKNOWN", "DUPLICATE");
	run(live, CONF "adopt t/orders --job-id {b}", 7, "has to be confirmed");
	run(live, CONF "adopt t/orders --job-id {b} --yes", 0, "is its run");
	until(live, "adopted", b, "RUNNING", "DUPLICATE");
	check_witnesses(live);
	until_event(live, "job", a, b);
	run(live, CONF "describe app t/orders", 0, "ADOPTED");

	/* The other one is ended outside: the alarm is over. */
	flink_cancel(live->flink, a);
	until(live, "alone", b, "RUNNING", NULL);
	until_event(live, "duplicate", "2", "1");
	flink_cancel(live->flink, b);
	until(live, "canceled outside", b, "CANCELED", NULL);
	c = submit(live, "c");
	until(live, "started again outside: followed", c, "RUNNING", NULL);

	until_event(live, "job", b, c);
	run(live, CONF "adopt t/orders --undo --yes", 0, "let go");
	until(live, "by its name", c, "RUNNING", NULL);
	flink_cancel(live->flink, c);
	until(live, "canceled outside", c, "CANCELED", NULL);

	/* One of another name: what is started again outside has that name, too. */
	d = submit_as(live, "by hand", "d");
	run(live, CONF "adopt t/orders --job-id {d} --yes", 0, "is its run");
	until(live, "adopted", d, "RUNNING", NULL);
	until_event(live, "job", c, d);
	flink_cancel(live->flink, d);
	until(live, "canceled outside", d, "CANCELED", NULL);
	e = submit_as(live, "by hand", "e");
	until(live, "followed by the name that was adopted", e, "RUNNING", NULL);
	until_event(live, "job", d, e);
	program_signal(live->watch, SIGTERM);
	check_int("watch", program_wait(live->watch, PROGRAM_DEADLINE_MS), 0);
	flink_cancel(live->flink, e);
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_of_two_jobs_is_adopted_and_its_successor_followed, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
