/*
 * High availability on real Flink: two JobManagers under ZooKeeper, the leader killed with a job
 * running, and what a console and the history say meanwhile. And who remembers ended jobs: a job
 * archive and a HistoryServer speak for what ended while no weir ran.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define ASK "--config {home}/config.yaml get "
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

struct live {
	struct flink *flink;
	struct bench *bench;
	struct program *watch;
	struct screen *screen;
	json_int_t count; /* as it was seen last */
	const char *kind, *to;
};

static void declare(struct live *live, const char *name)
{
	char *path = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text =
		xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ncluster: s\n", name);

	bench_file(live->bench, path, text);
	free(text);
	free(path);
}

static int teardown(void **state)
{
	struct live *live = *state;

	screen_free(live->screen);
	program_free(live->watch);
	bench_free(live->bench);
	flink_stop(live->flink);
	free(live);
	return 0;
}

/* ---- questions ---- */

static json_t *ask(const struct live *live, const char *what)
{
	char *words = xasprintf(ASK "%s", what);
	struct program *program = bench_run(live->bench, words);
	json_t *list = bench_json(what, program);

	program_free(program);
	free(words);
	return list;
}

static const char *text_of(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

/* to, why: NULL = whatever; why: what the reason begins with. */
static json_int_t events(const struct live *live, const char *kind, const char *to, const char *why)
{
	json_t *list = ask(live, "history orders -o json --cached --since 1h");
	const json_t *item;
	json_int_t count = 0;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *text = text_of(item, "text");
		count += str_eq(text_of(item, "kind"), kind) &&
			(!to || str_eq(text_of(item, "to"), to)) &&
			(!why || (text && str_starts(text, why)));
	}
	json_decref(list);
	return count;
}

static bool has_event(struct flink *flink, void *data)
{
	struct live *live = data;

	(void)flink;
	return events(live, live->kind, live->to, NULL) > 0;
}

static void wait_event(struct live *live, const char *kind, const char *to)
{
	live->kind = kind;
	live->to = to;
	flink_until(live->flink, kind, has_event, live);
}

static json_int_t last_checkpoint(struct live *live)
{
	json_t *list = ask(live, "checkpoints orders -o json --cached --since 1h");
	const json_t *first = json_array_get(json_object_get(list, "items"), 0);
	json_int_t id = json_integer_value(json_object_get(first, "id"));

	json_decref(list);
	return id;
}

static bool has_more_checkpoints(struct flink *flink, void *data)
{
	struct live *live = data;

	(void)flink;
	return last_checkpoint(live) >= live->count;
}

/* Each once, and none is missing. */
static void check_checkpoints(struct live *live)
{
	json_t *list = ask(live, "checkpoints orders -o json --cached --since 1h");
	json_t *items = json_object_get(list, "items");
	json_int_t last = 0;
	size_t i;
	const json_t *item;

	json_array_foreach (items, i, item) {
		json_int_t id = json_integer_value(json_object_get(item, "id"));

		check_bool("newest first, each once", !last || id < last, true);
		last = id;
	}
	json_decref(list);
}

/* ---- a leader that dies ---- */

static int setup_ha(void **state)
{
	struct live *live = xcalloc(1, sizeof(*live));
	char *standby;

	live->flink = flink_start_as("1.20.5", "ha", WORDS("--ha"));
	standby = flink_script(
		"tests/testbed/flink", WORDS("rest", live->flink->name, "jm2"), FLINK_START_MS);
	live->bench = bench_new();
	bench_set(live->bench, "leader", live->flink->url);
	bench_set(live->bench, "standby", standby);
	bench_file(live->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, rest: [\"{leader}\", \"{standby}\"]}]\n");
	declare(live, "orders");
	free(standby);
	*state = live;
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

static void wait_sight(struct live *live, struct sight *sight, const char *word)
{
	sight->word = word;
	if (!screen_until(live->screen, sees, sight, FLINK_DEADLINE_MS)) {
		char *text = screen_text(live->screen);
		fail_msg("never %s:\n%s", word, text);
	}
}

static void killed_leader_is_a_leader_changing(void **state)
{
	struct live *live = *state;
	struct sight sight = {NULL, false, false};
	char *config;

	free(flink_submit(live->flink,
		WORDS("--", "--mode", "count", "--name", "orders", "--interval", "500")));
	config = bench_expand(live->bench, "{home}/config.yaml");
	live->screen = screen_start(&(struct screen_setup){.home = live->bench->home,
		.words = WORDS("--config", config),
		.rows = 24,
		.cols = 100});
	free(config);
	screen_wait_long(live->screen, "orders", "RUNNING", FLINK_DEADLINE_MS);
	live->count = 5;
	flink_until(live->flink, "checkpoints are recorded", has_more_checkpoints, live);
	flink_kill(live->flink, "jm");
	wait_sight(live, &sight, "no leader");
	never_shows(live->screen, "UNREACHABLE");
	/* In words, where it is looked for. */
	screen_type(live->screen, ":messages\r");
	screen_wait_long(live->screen, "leader changing", NULL, FLINK_DEADLINE_MS);
	screen_type(live->screen, "\x1b");
	wait_sight(live, &sight, "RUNNING");
	check_bool("never LOST", sight.was_lost, false);
	check_bool("never UNREACHABLE", sight.was_away, false);
	wait_event(live, "failover", NULL);
	wait_event(live, "state", "RUNNING");
	check_int("one failover", events(live, "failover", NULL, NULL), 1);
	check_int("no loss", events(live, "state", "LOST", NULL), 0);
	check_int("no outage", events(live, "state", "UNREACHABLE", NULL), 0);
	check_int("nobody led once", events(live, "state", "RESTARTING", "leader changing: "), 1);
	check_int("the same job", events(live, "job", NULL, NULL), 0);
	/* Its history goes on under the next leader. */
	live->count = last_checkpoint(live) + 3;
	flink_until(live->flink, "checkpoints go on", has_more_checkpoints, live);
	check_checkpoints(live);
	/* Who was killed comes back as a standby: that changes nothing. */
	flink_start_again(live->flink, "jm");
	live->count = last_checkpoint(live) + 3;
	flink_until(live->flink, "checkpoints go on", has_more_checkpoints, live);
	check_int("still one failover", events(live, "failover", NULL, NULL), 1);
	screen_type(live->screen, "q");
	check_int("exit", screen_end(live->screen), 0);
}

/* ---- who remembers ---- */

static int setup_past(void **state)
{
	struct live *live = xcalloc(1, sizeof(*live));
	char *dir;

	/* A JobManager that forgets ended jobs at once. */
	live->flink = flink_start_as("1.20.5", "past",
		WORDS("--archive", "--conf", "jobstore.expiration-time: 1", "--conf",
			"jobstore.max-capacity: 1"));
	dir = flink_script("tests/testbed/flink", WORDS("dir", live->flink->name), FLINK_START_MS);
	live->bench = bench_new();
	bench_set(live->bench, "url", live->flink->url);
	bench_set(live->bench, "dir", dir);
	free(dir);
	*state = live;
	return 0;
}

static void use(struct live *live, const char *history)
{
	char *text = xasprintf("contexts:\n- name: live\n  workspace: ws\n"
			       "  clusters: [{name: s, rest: \"{url}\"%s}]\n",
		history);

	bench_file(live->bench, "config.yaml", text);
	free(text);
}

static bool has_forgotten(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview");
	const json_t *item;
	bool found = false;
	size_t i;

	json_array_foreach (json_object_get(overview, "jobs"), i, item)
		found = found || str_eq(text_of(item, "jid"), data);
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
static void let_end(struct live *live, const char *name)
{
	json_t *list;
	char *id;

	declare(live, name);
	id = flink_submit(
		live->flink, WORDS("--", "--mode", "count", "--name", name, "--interval", "300"));
	flink_until(live->flink, "it has a checkpoint", has_checkpoint, id);
	list = ask(live, "apps -o json");
	check_str(name, text_of(bench_item(name, list, "jobId", id), "name"), name);
	json_decref(list);
	flink_cancel(live->flink, id);
	flink_until(live->flink, "the JobManager forgets it", has_forgotten, id);
	free(id);
}

/* It looks for new archives once a second. */
static bool is_told(struct flink *flink, void *data)
{
	json_t *list = ask(data, "apps -o json");
	bool found =
		str_eq(text_of(bench_item("second", list, "name", "second"), "witness"), "history");

	(void)flink;
	json_decref(list);
	return found;
}

static void check_told(struct live *live, const char *name, const char *place)
{
	json_t *list = ask(live, "apps -o json");
	const json_t *item = bench_item(name, list, "name", name);

	check_str(name, text_of(item, "state"), "CANCELED");
	check_str(name, text_of(item, "witness"), "history");
	check_has(name, text_of(item, "reason"), place);
	check_bool("its last checkpoint",
		json_integer_value(json_object_get(item, "lastCheckpointId")) > 0, true);
	json_decref(list);
}

static void what_ended_unseen_is_told(void **state)
{
	struct live *live = *state;
	char *url;

	use(live, "");
	let_end(live, "first");
	use(live, ", archive: \"{dir}/archive\"");
	check_told(live, "first", "the job archive ");
	/* It was told once and for all: nobody is asked for it any more. */
	use(live, "");
	check_told(live, "first", "the job archive ");
	let_end(live, "second");
	url = flink_script(
		"tests/testbed/flink", WORDS("history", live->flink->name, "auto"), FLINK_START_MS);
	bench_set(live->bench, "history", url);
	use(live, ", history-server: \"{history}\"");
	flink_until(live->flink, "the HistoryServer has read it", is_told, live);
	check_told(live, "second", "the HistoryServer at http://127.0.0.1:");
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			killed_leader_is_a_leader_changing, setup_ha, teardown),
		cmocka_unit_test_setup_teardown(what_ended_unseen_is_told, setup_past, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
