/*
 * Who remembers ended jobs, on real Flink: a job archive and a HistoryServer, as each version writes
 * and reads them, speak for what ended while no weir ran.
 */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/live.h"

#define ASK "--config {home}/config.yaml get apps -o json"

struct scene {
	struct flink *flink;
	struct bench *bench;
};

static int setup(void **state)
{
	struct scene *scene = xcalloc(1, sizeof(*scene));
	const char *version = *state;
	char *dir;

	/* A JobManager that forgets ended jobs at once. */
	scene->flink = flink_start_as(version, "past",
		WORDS("--archive", "--conf", "jobstore.expiration-time: 1", "--conf",
			"jobstore.max-capacity: 1"));
	dir = flink_script("tests/testbed/flink", WORDS("dir", scene->flink->name), FLINK_START_MS);
	scene->bench = bench_new();
	bench_set(scene->bench, "url", scene->flink->url);
	bench_set(scene->bench, "dir", dir);
	free(dir);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	bench_free(scene->bench);
	flink_stop(scene->flink);
	free(scene);
	return 0;
}

static void use(struct scene *scene, const char *history)
{
	char *text = xasprintf("contexts:\n- name: live\n  workspace: ws\n"
			       "  clusters: [{name: s, rest: \"{url}\"%s}]\n",
		history);

	bench_file(scene->bench, "config.yaml", text);
	free(text);
}

static bool has_forgotten(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview");
	const json_t *item;
	bool found = false;
	size_t i;

	json_array_foreach (json_object_get(overview, "jobs"), i, item)
		found = found || str_eq(bench_text(item, "jid"), data);
	found = found || !overview;
	json_decref(overview);
	return !found;
}

static bool has_checkpoint(struct flink *flink, void *data)
{
	char *path = xasprintf("/jobs/%s/checkpoints", (const char *)data);
	json_t *answer = flink_get(flink, path);
	bool found = json_integer_value(
			     json_object_get(json_object_get(answer, "counts"), "completed")) > 0;

	json_decref(answer);
	free(path);
	return found;
}

/* Runs under weir's eyes, then ends and is forgotten while no weir runs. */
static void let_end(struct scene *scene, const char *name)
{
	json_t *list;
	char *id;

	bench_declare(scene->bench, name);
	id = flink_submit(
		scene->flink, WORDS("--", "--mode", "count", "--name", name, "--interval", "300"));
	flink_until(scene->flink, "it has a checkpoint", has_checkpoint, id);
	list = bench_ask(scene->bench, ASK);
	check_str(name, bench_text(bench_item(name, list, "jobId", id), "name"), name);
	json_decref(list);
	flink_cancel(scene->flink, id);
	flink_until(scene->flink, "the JobManager forgets it", has_forgotten, id);
	free(id);
}

/* It looks for new archives once a second. */
static bool is_told(struct flink *flink, void *data)
{
	const struct scene *scene = data;
	json_t *list = bench_ask(scene->bench, ASK);
	bool found = str_eq(
		bench_text(bench_item("second", list, "name", "second"), "witness"), "history");

	(void)flink;
	json_decref(list);
	return found;
}

static void check_told(struct scene *scene, const char *name, const char *place)
{
	json_t *list = bench_ask(scene->bench, ASK);
	const json_t *item = bench_item(name, list, "name", name);

	check_str(name, bench_text(item, "state"), "CANCELED");
	check_str(name, bench_text(item, "witness"), "history");
	check_has(name, bench_text(item, "reason"), place);
	check_bool("its last checkpoint",
		json_integer_value(json_object_get(item, "lastCheckpointId")) > 0, true);
	json_decref(list);
}

static void what_ended_unseen_is_told(void **state)
{
	struct scene *scene = *state;
	char *url;

	use(scene, "");
	let_end(scene, "first");
	use(scene, ", archive: \"{dir}/archive\"");
	check_told(scene, "first", "the job archive ");
	/* It was told once and for all: nobody is asked for it any more. */
	use(scene, "");
	check_told(scene, "first", "the job archive ");
	let_end(scene, "second");
	url = flink_script("tests/testbed/flink", WORDS("history", scene->flink->name, "auto"),
		FLINK_START_MS);
	bench_set(scene->bench, "history", url);
	use(scene, ", history-server: \"{history}\"");
	flink_until(scene->flink, "the HistoryServer has read it", is_told, scene);
	check_told(scene, "second", "the HistoryServer at http://127.0.0.1:");
	free(url);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"what ended unseen is told", what_ended_unseen_is_told, "1.20.5"},
	};

	return live_run("archive", cases, ARRAY_SIZE(cases), setup, teardown, NULL);
}
