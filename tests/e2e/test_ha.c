/*
 * High availability on real Flink: two JobManagers under ZooKeeper, the leader killed with a job
 * running, and what a console and the history say meanwhile.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/live.h"
#include "tests/e2e/screen.h"

#define ASK "--config {home}/config.yaml get "

struct scene {
	struct flink *flink;
	struct bench *bench;
	struct screen *screen;
	json_int_t count; /* as it was seen last */
	const char *kind, *to;
};

static int teardown(void **state)
{
	struct scene *scene = *state;

	screen_free(scene->screen);
	bench_free(scene->bench);
	flink_stop(scene->flink);
	free(scene);
	return 0;
}

/* ---- questions ---- */

static json_t *ask(const struct scene *scene, const char *what)
{
	char *words = xasprintf(ASK "%s orders -o json --cached --since 1h", what);
	json_t *list = bench_ask(scene->bench, words);

	free(words);
	return list;
}

/* to, why: NULL = whatever; why: what the reason begins with. */
static json_int_t events(
	const struct scene *scene, const char *kind, const char *to, const char *why)
{
	json_t *list = ask(scene, "history");
	const json_t *item;
	json_int_t count = 0;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *text = bench_text(item, "text");
		count += str_eq(bench_text(item, "kind"), kind) &&
			(!to || str_eq(bench_text(item, "to"), to)) &&
			(!why || (text && str_starts(text, why)));
	}
	json_decref(list);
	return count;
}

static bool has_event(struct flink *flink, void *data)
{
	struct scene *scene = data;

	(void)flink;
	return events(scene, scene->kind, scene->to, NULL) > 0;
}

static void wait_event(struct scene *scene, const char *kind, const char *to)
{
	scene->kind = kind;
	scene->to = to;
	flink_until(scene->flink, kind, has_event, scene);
}

static json_int_t last_checkpoint(struct scene *scene)
{
	json_t *list = ask(scene, "checkpoints");
	const json_t *first = json_array_get(json_object_get(list, "items"), 0);
	json_int_t id = json_integer_value(json_object_get(first, "id"));

	json_decref(list);
	return id;
}

static bool has_more_checkpoints(struct flink *flink, void *data)
{
	struct scene *scene = data;

	(void)flink;
	return last_checkpoint(scene) >= scene->count;
}

/* Newest first, each once, and none is missing but what a leader took with it, later than `told`. */
static void check_checkpoints(struct scene *scene, json_int_t told)
{
	json_t *list = ask(scene, "checkpoints");
	json_int_t last = 0;
	int holes = 0;
	size_t i;
	const json_t *item;

	json_array_foreach (json_object_get(list, "items"), i, item) {
		json_int_t id = json_integer_value(json_object_get(item, "id"));

		check_bool("newest first, each once", !last || id < last, true);
		if (last && id < last - 1) {
			holes++;
			check_bool("what was told is kept", id >= told, true);
		}
		last = id;
	}
	check_bool("one leader died", holes <= 1, true);
	json_decref(list);
}

/* ---- a leader that dies ---- */

static int setup(void **state)
{
	struct scene *scene = xcalloc(1, sizeof(*scene));
	const char *version = *state;
	char *standby;

	scene->flink = flink_start_as(version, "ha", WORDS("--ha"));
	standby = flink_script(
		"tests/testbed/flink", WORDS("rest", scene->flink->name, "jm2"), FLINK_START_MS);
	scene->bench = bench_new();
	bench_set(scene->bench, "leader", scene->flink->url);
	bench_set(scene->bench, "standby", standby);
	bench_file(scene->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, rest: [\"{leader}\", \"{standby}\"]}]\n");
	bench_declare(scene->bench, "orders");
	free(standby);
	*state = scene;
	return 0;
}

static void never_shows(struct screen *screen, const char *word)
{
	char *line = screen_line_with(screen, "orders", word);

	check_str(word, line, NULL);
	free(line);
}

struct sight {
	const char *word;
	bool was_lost, was_away;
};

/* Until `word` stands in its line; notes whether anything wrong did meanwhile. */
static bool sees(struct screen *screen, void *data)
{
	struct sight *sight = data;
	char *lost = screen_line_with(screen, "orders", "LOST");
	char *away = screen_line_with(screen, "orders", "UNREACHABLE");
	char *line = screen_line_with(screen, "orders", sight->word);
	bool found = line != NULL;

	sight->was_lost |= lost != NULL;
	sight->was_away |= away != NULL;
	free(lost);
	free(away);
	free(line);
	return found;
}

static void wait_sight(struct scene *scene, struct sight *sight, const char *word)
{
	sight->word = word;
	if (!screen_until(scene->screen, sees, sight, FLINK_DEADLINE_MS)) {
		char *text = screen_text(scene->screen);
		fail_msg("never %s:\n%s", word, text);
	}
}

static void killed_leader_is_a_leader_changing(void **state)
{
	struct scene *scene = *state;
	struct sight sight = {NULL, false, false};
	json_int_t told;
	char *config;

	free(flink_submit(scene->flink,
		WORDS("--", "--mode", "count", "--name", "orders", "--interval", "1500")));
	config = bench_expand(scene->bench, "{home}/config.yaml");
	scene->screen = screen_start(&(struct screen_setup){.home = scene->bench->home,
		.words = WORDS("--config", config),
		.rows = 24,
		.cols = 100});
	free(config);
	screen_wait_long(scene->screen, "orders", "RUNNING", FLINK_DEADLINE_MS);
	scene->count = 5;
	flink_until(scene->flink, "checkpoints are recorded", has_more_checkpoints, scene);
	told = last_checkpoint(scene);
	flink_kill(scene->flink, "jm");
	wait_sight(scene, &sight, "no leader");
	never_shows(scene->screen, "UNREACHABLE");
	/* In words, where it is looked for. */
	screen_type(scene->screen, ":messages\r");
	screen_wait_long(scene->screen, "leader changing", NULL, FLINK_DEADLINE_MS);
	screen_type(scene->screen, "\x1b");
	wait_sight(scene, &sight, "RUNNING");
	check_bool("never LOST", sight.was_lost, false);
	check_bool("never UNREACHABLE", sight.was_away, false);
	wait_event(scene, "failover", NULL);
	wait_event(scene, "state", "RUNNING");
	check_int("one failover", events(scene, "failover", NULL, NULL), 1);
	check_int("no loss", events(scene, "state", "LOST", NULL), 0);
	check_int("no outage", events(scene, "state", "UNREACHABLE", NULL), 0);
	check_int("nobody led once", events(scene, "state", "RESTARTING", "leader changing: "), 1);
	check_int("the same job", events(scene, "job", NULL, NULL), 0);
	/* Its history goes on under the next leader. */
	scene->count = last_checkpoint(scene) + 3;
	flink_until(scene->flink, "checkpoints go on", has_more_checkpoints, scene);
	/* Who was killed comes back as a standby: that changes nothing. */
	flink_start_again(scene->flink, "jm");
	scene->count = last_checkpoint(scene) + 3;
	flink_until(scene->flink, "checkpoints go on", has_more_checkpoints, scene);
	check_int("still one failover", events(scene, "failover", NULL, NULL), 1);
	check_checkpoints(scene, told);
	screen_type(scene->screen, "q");
	check_int("exit", screen_end(scene->screen), 0);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"killed leader is a leader changing", killed_leader_is_a_leader_changing,
			"1.20.5"},
	};

	return live_run("ha", cases, ARRAY_SIZE(cases), setup, teardown, NULL);
}
