/*
 * Figures and TaskManagers on real clusters of several versions: the rates that weir remembers against
 * what Flink's own counters say, and who has gone and come, by name.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/support/check.h"

#define ASK "--config {home}/config.yaml --store {home}/store get "
#define CACHED " -o json --cached --since 1h"
#define WATCH "--config {home}/config.yaml --store {home}/store watch"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SAMPLES_WANTED 4

struct live {
	struct flink *flink;
	struct bench *bench;
	struct program *watch;
	char *job, *taskmanager, *wanted;
};

static struct live *live_start(const char *version)
{
	struct live *live = xcalloc(1, sizeof(*live));

	live->flink = flink_start(version, "recorder");
	live->bench = bench_new();
	bench_set(live->bench, "url", live->flink->url);
	bench_file(live->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, type: standalone, rest: \"{url}\"}]\n");
	bench_file(live->bench, "ws/teams/t/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ncluster: s\n");
	return live;
}

static void live_stop(struct live *live)
{
	if (live->watch) {
		program_signal(live->watch, SIGTERM);
		check_int("watch", program_wait(live->watch, PROGRAM_DEADLINE_MS), 0);
	}
	program_free(live->watch);
	bench_free(live->bench);
	flink_stop(live->flink);
	free(live->job);
	free(live->taskmanager);
	free(live->wanted);
	free(live);
}

static json_t *ask(const struct live *live, const char *what)
{
	char *words = xasprintf(ASK "%s" CACHED, what);
	struct program *program = bench_run(live->bench, words);
	json_t *list;

	/* 4: the watch has not written the first answer yet. */
	if (program->exit_code != 4)
		check_int(what, program->exit_code, 0);
	list = bench_json(what, program);
	program_free(program);
	free(words);
	return list;
}

/* ---- samples ---- */

static bool has_samples(struct flink *flink, void *data)
{
	json_t *list = ask(data, "samples orders");
	size_t count = json_array_size(json_object_get(list, "items"));

	(void)flink;
	json_decref(list);
	return count >= SAMPLES_WANTED;
}

/* What the first vertex has sent on, by Flink's own word; and by the clock of its subtasks. */
static json_int_t sent_on(const struct live *live, double *counted_ms)
{
	char *path = xasprintf("/jobs/%s", live->job);
	json_t *root = flink_get(live->flink, path);
	const json_t *vertex, *metrics;
	json_int_t records = -1;
	size_t i;

	json_array_foreach (json_object_get(root, "vertices"), i, vertex) {
		const char *name = json_string_value(json_object_get(vertex, "name"));

		if (!name || strncmp(name, "Source", 6) != 0)
			continue;
		metrics = json_object_get(vertex, "metrics");
		records = json_integer_value(json_object_get(metrics, "write-records"));
		*counted_ms = json_number_value(json_object_get(metrics, "accumulated-busy-time")) +
			json_number_value(json_object_get(metrics, "accumulated-idle-time")) +
			json_number_value(
				json_object_get(metrics, "accumulated-backpressured-time"));
		*counted_ms /= json_number_value(json_object_get(vertex, "parallelism"));
	}
	json_decref(root);
	free(path);
	check_bool("Flink tells", records >= 0, true);
	return records;
}

static bool has_counted(struct flink *flink, void *data)
{
	double counted_ms = 0;

	(void)flink;
	return sent_on(data, &counted_ms) > 0 && counted_ms > 0;
}

static void check_samples(const struct live *live)
{
	json_t *list = ask(live, "samples orders");
	const json_t *item, *items = json_object_get(list, "items");
	double in = 0, out = 0, counted_ms = 0;
	json_int_t records = sent_on(live, &counted_ms);
	size_t i;

	json_array_foreach (items, i, item) {
		json_int_t busy = json_integer_value(json_object_get(item, "busyMsPerSecond"));

		in += json_number_value(json_object_get(item, "recordsInPerSecond"));
		out += json_number_value(json_object_get(item, "recordsOutPerSecond"));
		check_int("span", json_integer_value(json_object_get(item, "spanMs")), 10000);
		check_bool("busy is told",
			json_is_integer(json_object_get(item, "busyMsPerSecond")) && busy <= 1000,
			true);
		check_bool("back pressure is told",
			json_is_integer(json_object_get(item, "backPressuredMsPerSecond")), true);
	}
	double want = (double)records * 1000 / counted_ms;
	double mean = in / (double)json_array_size(items);
	print_message("             Flink counts %.0f/s, weir %.0f/s in and %.0f/s out\n", want,
		mean, out / (double)json_array_size(items));
	check_bool("as many as Flink counts", mean > want * 0.6 && mean < want * 1.4, true);
	check_bool("and as many arrive", out > in * 0.6 && out < in * 1.4, true);
	json_decref(list);
}

/* ---- TaskManagers ---- */

static bool is_listed(struct flink *flink, void *data)
{
	struct live *live = data;
	json_t *root = flink_get(flink, "/taskmanagers");
	const char *id = json_string_value(
		json_object_get(json_array_get(json_object_get(root, "taskmanagers"), 0), "id"));

	free(live->taskmanager);
	live->taskmanager = xstrdup_null(id);
	json_decref(root);
	return live->taskmanager != NULL;
}

static bool is_told(struct flink *flink, void *data)
{
	const struct live *live = data;
	json_t *list = ask(live, "history orders");
	const json_t *item;
	bool found = false;
	size_t i;

	(void)flink;
	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *text = json_string_value(json_object_get(item, "text"));

		if (str_eq(json_string_value(json_object_get(item, "kind")), "taskmanagers") &&
			text && strstr(text, live->wanted)) {
			print_message("             %s\n", text);
			found = true;
		}
	}
	json_decref(list);
	return found;
}

static void want(struct live *live, const char *word)
{
	free(live->wanted);
	live->wanted = xasprintf("%s: %s", word, live->taskmanager);
}

static void what_a_job_did_and_who_ran_it(void **state)
{
	(void)state;
	for (const char *const *version = flink_versions(); *version; version++) {
		struct live *live = live_start(*version);

		print_message("  %s\n", *version);
		live->job = flink_submit(live->flink,
			WORDS("--", "--mode", "count", "--name", "orders", "--rate", "200",
				"--interval", "1000"));
		flink_until(live->flink, "it counts", has_counted, live);
		flink_until(live->flink, "a TaskManager is listed", is_listed, live);
		live->watch = bench_start(live->bench, WATCH);
		flink_until(live->flink, "samples are recorded", has_samples, live);
		check_samples(live);
		want(live, "gone");
		flink_kill(live->flink, "tm");
		flink_until(live->flink, "who has gone is told", is_told, live);
		flink_start_again(live->flink, "tm");
		flink_until(live->flink, "one is listed again", is_listed, live);
		want(live, "come");
		flink_until(live->flink, "who has come is told", is_told, live);
		live_stop(live);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_job_did_and_who_ran_it),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
