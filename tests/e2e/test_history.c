/*
 * The flight recorder on a real cluster: more checkpoints than Flink remembers, failures counted once
 * each, and a history that outlives weir and the JobManager.
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

#define ASK "--config {home}/config.yaml --store {home}/store get "
#define CACHED " -o json --cached --since 1h"
#define WATCH "--config {home}/config.yaml --store {home}/store watch"
/* Flink's own list has ten, and what it tells is up to three seconds old: so long a list of them none escapes. */
#define CHECKPOINTS_WANTED 12
#define CHECKPOINT_MS "2000"
#define FAILURES_WANTED 4

struct live {
	struct flink *flink;
	struct bench *bench;
	struct program *watch;
	json_int_t checkpoints, failures; /* as they were seen last */
};

static int setup(void **state)
{
	struct live *live = xcalloc(1, sizeof(*live));

	live->flink = flink_start("1.20.5", "history");
	live->bench = bench_new();
	bench_set(live->bench, "url", live->flink->url);
	bench_file(live->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, type: standalone, rest: \"{url}\"}]\n");
	bench_declare(live->bench, "orders");
	bench_declare(live->bench, "fraud");
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

static json_t *ask(const struct live *live, const char *what)
{
	char *words = xasprintf(ASK "%s" CACHED, what);
	json_t *list = bench_ask(live->bench, words);

	free(words);
	return list;
}

static json_int_t number_of(const json_t *list, size_t at, const char *key)
{
	return json_integer_value(
		json_object_get(json_array_get(json_object_get(list, "items"), at), key));
}

static json_int_t count_of(const json_t *list)
{
	return (json_int_t)json_array_size(json_object_get(list, "items"));
}

static bool has_events(const struct live *live, const char *kind, const char *to)
{
	json_t *list = ask(live, "history orders");
	const json_t *item;
	bool found = false;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, item)
		found = found ||
			(str_eq(bench_text(item, "kind"), kind) &&
				str_eq(bench_text(item, "to"), to));
	json_decref(list);
	return found;
}

static bool is_recorded(struct flink *flink, void *data)
{
	struct live *live = data;
	json_t *points = ask(live, "checkpoints orders");
	json_t *failures = ask(live, "exceptions fraud");

	(void)flink;
	live->checkpoints = count_of(points);
	live->failures = number_of(failures, 0, "count");
	json_decref(points);
	json_decref(failures);
	return live->checkpoints >= CHECKPOINTS_WANTED && live->failures >= FAILURES_WANTED;
}

static void watch_stop(struct live *live)
{
	program_signal(live->watch, SIGTERM);
	check_int("watch", program_wait(live->watch, PROGRAM_DEADLINE_MS), 0);
	program_free(live->watch);
	live->watch = NULL;
}

/* Newest first, each once, and none is missing. */
static void check_checkpoints(const struct live *live)
{
	json_t *list = ask(live, "checkpoints orders");
	json_int_t newest = number_of(list, 0, "id");

	for (size_t i = 0; i < (size_t)count_of(list); i++)
		check_int("one after the other", number_of(list, i, "id"), newest - (json_int_t)i);
	check_bool("more than Flink's ten", count_of(list) > 10, true);
	json_decref(list);
}

/* What Flink's history holds of that kind is one line. */
static void check_exceptions(const struct live *live)
{
	json_t *list = ask(live, "exceptions fraud");
	const json_t *item = json_array_get(json_object_get(list, "items"), 0);

	check_int("one failure", count_of(list), 1);
	check_has("which", bench_text(item, "text"), "weir.demo");
	check_bool("first before last",
		number_of(list, 0, "firstMs") < number_of(list, 0, "lastMs"), true);
	json_decref(list);
}

static bool is_lost(struct flink *flink, void *data)
{
	(void)flink;
	return has_events(data, "state", "LOST");
}

static bool counts_on(struct flink *flink, void *data)
{
	struct live *live = data;
	json_int_t before = live->failures;
	bool more;

	is_recorded(flink, live);
	more = live->failures > before;
	live->failures = before;
	return more;
}

static void history_outlives_job_and_weir(void **state)
{
	struct live *live = *state;

	free(flink_submit(live->flink,
		WORDS("--", "--mode", "count", "--name", "orders", "--interval", CHECKPOINT_MS)));
	free(flink_submit(live->flink,
		WORDS("--", "--mode", "loop", "--name", "fraud", "--rate", "50", "--after", "20",
			"--delay", "500")));
	live->watch = bench_start(live->bench, WATCH);
	flink_until(live->flink, "checkpoints and failures are recorded", is_recorded, live);
	check_checkpoints(live);
	check_exceptions(live);
	/* Another weir has it all, and counts on. */
	watch_stop(live);
	is_recorded(live->flink, live);
	check_bool("kept", live->checkpoints >= CHECKPOINTS_WANTED, true);
	live->watch = bench_start(live->bench, WATCH);
	flink_until(live->flink, "failures are counted on", counts_on, live);
	check_exceptions(live);
	/* The JobManager forgets everything. */
	flink_kill(live->flink, "jm");
	flink_start_again(live->flink, "jm");
	flink_until(live->flink, "the loss is an event", is_lost, live);
	check_bool("first sight",
		has_events(live, "first-seen", "RUNNING") ||
			has_events(live, "first-seen", "STARTING"),
		true);
	check_checkpoints(live);
	check_exceptions(live);
	watch_stop(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(history_outlives_job_and_weir, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
