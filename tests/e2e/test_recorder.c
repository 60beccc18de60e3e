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
#include "tests/e2e/live.h"

#define ASK "--config {home}/config.yaml --store {home}/store get "
#define CACHED " -o json --cached --since 1h"
#define WATCH "--config {home}/config.yaml --store {home}/store watch"
#define SAMPLES_WANTED 4

struct scene {
	struct flink *flink;
	struct bench *bench;
	struct program *watch;
	char *job, *taskmanager, *wanted;
};

static int setup(void **state)
{
	struct scene *scene = xcalloc(1, sizeof(*scene));

	scene->flink = flink_start(*state, "recorder");
	scene->bench = bench_new();
	bench_set(scene->bench, "url", scene->flink->url);
	bench_file(scene->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, type: standalone, rest: \"{url}\"}]\n");
	bench_declare(scene->bench, "orders");
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	program_free(scene->watch);
	bench_free(scene->bench);
	flink_stop(scene->flink);
	free(scene->job);
	free(scene->taskmanager);
	free(scene->wanted);
	free(scene);
	return 0;
}

static json_t *ask(const struct scene *scene, const char *what)
{
	char *words = xasprintf(ASK "%s" CACHED, what);
	json_t *list = bench_ask(scene->bench, words);

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
static json_int_t sent_on(const struct scene *scene, double *counted_ms)
{
	char *path = xasprintf("/jobs/%s", scene->job);
	json_t *root = flink_get(scene->flink, path);
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

static void check_samples(const struct scene *scene)
{
	json_t *list = ask(scene, "samples orders");
	const json_t *item, *items = json_object_get(list, "items");
	double in = 0, out = 0, counted_ms = 0;
	json_int_t records = sent_on(scene, &counted_ms);
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
	struct scene *scene = data;
	json_t *root = flink_get(flink, "/taskmanagers");
	const char *id = json_string_value(
		json_object_get(json_array_get(json_object_get(root, "taskmanagers"), 0), "id"));

	free(scene->taskmanager);
	scene->taskmanager = xstrdup_null(id);
	json_decref(root);
	return scene->taskmanager != NULL;
}

static bool is_told(struct flink *flink, void *data)
{
	const struct scene *scene = data;
	json_t *list = ask(scene, "history orders");
	const json_t *item;
	bool found = false;
	size_t i;

	(void)flink;
	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *text = bench_text(item, "text");

		if (str_eq(bench_text(item, "kind"), "taskmanagers") && text &&
			strstr(text, scene->wanted)) {
			print_message("             %s\n", text);
			found = true;
		}
	}
	json_decref(list);
	return found;
}

static void want(struct scene *scene, const char *word)
{
	free(scene->wanted);
	scene->wanted = xasprintf("%s: %s", word, scene->taskmanager);
}

static void what_a_job_did_and_who_ran_it(void **state)
{
	struct scene *scene = *state;

	scene->job = flink_submit(scene->flink,
		WORDS("--", "--mode", "count", "--name", "orders", "--rate", "200", "--interval",
			"1000"));
	flink_until(scene->flink, "it counts", has_counted, scene);
	flink_until(scene->flink, "a TaskManager is listed", is_listed, scene);
	scene->watch = bench_start(scene->bench, WATCH);
	flink_until(scene->flink, "samples are recorded", has_samples, scene);
	check_samples(scene);
	want(scene, "gone");
	flink_kill(scene->flink, "tm");
	flink_until(scene->flink, "who has gone is told", is_told, scene);
	flink_start_again(scene->flink, "tm");
	flink_until(scene->flink, "one is listed again", is_listed, scene);
	want(scene, "come");
	flink_until(scene->flink, "who has come is told", is_told, scene);
	program_signal(scene->watch, SIGTERM);
	check_int("watch", program_wait(scene->watch, PROGRAM_DEADLINE_MS), 0);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"what a job did and who ran it", what_a_job_did_and_who_ran_it, NULL},
	};

	return live_run("recorder", cases, ARRAY_SIZE(cases), setup, teardown, NULL);
}
