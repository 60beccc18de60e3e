/*
 * How far behind a job is, with a real Kafka: what waits in the topic, and how old what is read is, as
 * weir shows and remembers it. The reader works on each record longer than the writer does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define KAFKA_SCRIPT "tests/testbed/kafka"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define TOPIC                                                                                      \
	"'connector'='kafka','topic'='orders','properties.bootstrap.servers'='{kafka}',"           \
	"'format'='csv',"

#define READER                                                                                     \
	"CREATE TABLE orders (id BIGINT) WITH (" TOPIC                                             \
	"'scan.startup.mode'='earliest-offset','properties.group.id'='weir',"                      \
	"'properties.max.poll.records'='10','properties.max.partition.fetch.bytes'='1000');\n"     \
	"CREATE TABLE nowhere (id BIGINT) WITH ('connector'='blackhole');\n"                       \
	"INSERT INTO nowhere SELECT id FROM orders"                                                \
	" WHERE SHA256(REPEAT('x', 1000000) || CAST(id AS STRING)) <> '';\n"
#define WRITER(IDS)                                                                                \
	"CREATE TABLE orders (id BIGINT) WITH (" TOPIC                                             \
	"'properties.buffer.memory'='4194304','properties.batch.size'='256');\n"                   \
	"CREATE TABLE ids (id BIGINT) WITH ('connector'='datagen'," IDS ");\n"                     \
	"INSERT INTO orders SELECT id FROM ids;\n"
#define FEW "'number-of-rows'='20'"
#define MANY "'rows-per-second'='20000'"

struct lag {
	struct flink *flink;
	struct bench *bench;
	struct screen *screen;
	char *jar, *reader;
};

static char *submit_sql(struct lag *lag, const char *name, const char *sql)
{
	char *text = bench_expand(lag->bench, sql);
	char *id = flink_submit(lag->flink,
		WORDS("--jar", lag->jar, "--class", "weir.demo.DemoSql", "--", "--name", name,
			"--sql", text));

	free(text);
	return id;
}

/* What Flink itself says waits; -1 = it does not say. */
static double pending(const struct lag *lag)
{
	char *path = xasprintf("/jobs/%s", lag->reader), *metrics;
	json_t *root = flink_get(lag->flink, path), *list;
	const char *vertex = json_string_value(
		json_object_get(json_array_get(json_object_get(root, "vertices"), 0), "id"));
	const json_t *row;
	double found = -1;
	size_t i;

	metrics = xasprintf("/jobs/%s/vertices/%s/subtasks/metrics", lag->reader, vertex);
	list = flink_get(lag->flink, metrics);
	json_array_foreach (list, i, row) {
		const char *id = json_string_value(json_object_get(row, "id"));
		char *one;
		json_t *values;

		if (!id || !strstr(id, ".pendingRecords"))
			continue;
		/* A name of SQL has a number in brackets: Source__orders[1]. */
		char *open = strchr(id, '['), *shut = strchr(id, ']');
		one = open && shut
			? xasprintf("%s?get=%.*s%%5B%.*s%%5D%s", metrics, (int)(open - id), id,
				  (int)(shut - open - 1), open + 1, shut + 1)
			: xasprintf("%s?get=%s", metrics, id);
		values = flink_get(lag->flink, one);
		found = json_number_value(json_object_get(json_array_get(values, 0), "sum"));
		json_decref(values);
		free(one);
	}
	json_decref(list);
	json_decref(root);
	free(metrics);
	free(path);
	return found;
}

static bool has_fallen_behind(struct flink *flink, void *data)
{
	(void)flink;
	return pending(data) > 1000;
}

static bool has_caught_up(struct flink *flink, void *data)
{
	(void)flink;
	return pending(data) == 0;
}

/* The newest sample's figure; -1 = none. */
static json_int_t newest(const struct lag *lag, const char *key)
{
	struct program *program = bench_run(lag->bench,
		"--config {home}/config.yaml get samples orders --since 1h --cached -o json");
	json_t *list = bench_json(key, program);
	const json_t *value =
		json_object_get(json_array_get(json_object_get(list, "items"), 0), key);
	json_int_t figure = json_is_integer(value) ? json_integer_value(value) : -1;

	json_decref(list);
	program_free(program);
	return figure;
}

static bool is_said_behind(struct screen *screen, void *data)
{
	(void)screen;
	return newest(data, "lagRecords") > 1000 && newest(data, "lagMs") > 0;
}

static bool is_said_caught_up(struct screen *screen, void *data)
{
	(void)screen;
	return newest(data, "lagRecords") == 0 && newest(data, "lagMs") == 0;
}

static int enter(void **state)
{
	struct lag *lag = *state = xcalloc(1, sizeof(*lag));
	char *kafka;

	lag->bench = bench_new();
	lag->flink = flink_start("1.20.5", "lag");
	kafka = flink_script(KAFKA_SCRIPT, WORDS("start", "lag-kafka"), FLINK_START_MS);
	lag->jar = flink_script(KAFKA_SCRIPT, WORDS("jar"), FLINK_START_MS);
	bench_set(lag->bench, "url", lag->flink->url);
	bench_set(lag->bench, "kafka", kafka);
	free(kafka);
	bench_file(lag->bench, "config.yaml",
		"contexts:\n- name: live\n  workspace: ws\n"
		"  clusters: [{name: s, type: standalone, rest: \"{url}\"}]\n");
	bench_file(lag->bench, "ws/teams/t/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ncluster: s\n");
	return 0;
}

static int leave(void **state)
{
	struct lag *lag = *state;

	screen_free(lag->screen);
	free(flink_script(KAFKA_SCRIPT, WORDS("stop", "lag-kafka"), FLINK_START_MS));
	flink_stop(lag->flink);
	bench_free(lag->bench);
	free(lag->jar);
	free(lag->reader);
	free(lag);
	return 0;
}

static void a_reader_of_kafka_is_as_far_behind_as_flink_says(void **state)
{
	struct lag *lag = *state;
	char *config = bench_expand(lag->bench, "{home}/config.yaml");

	free(submit_sql(lag, "few", WRITER(FEW)));
	lag->reader = submit_sql(lag, "orders", READER);
	flink_until(lag->flink, "all has been read", has_caught_up, lag);
	lag->screen = screen_start(&(struct screen_setup){.home = lag->bench->home,
		.words = WORDS("--config", config),
		.rows = 40,
		.cols = 120});
	screen_wait_line(lag->screen, "orders", "RUNNING");
	/* Only where somebody looks. */
	screen_type(lag->screen, "/orders\r\r");
	/* Where nothing waits it is not behind, however old the last record was. */
	check_bool("caught up",
		screen_until(lag->screen, is_said_caught_up, lag, FLINK_DEADLINE_MS), true);
	free(submit_sql(lag, "many", WRITER(MANY)));
	flink_until(lag->flink, "records wait", has_fallen_behind, lag);
	check_bool(
		"behind", screen_until(lag->screen, is_said_behind, lag, FLINK_DEADLINE_MS), true);
	screen_wait_long(lag->screen, "Lag, records", NULL, FLINK_DEADLINE_MS);
	free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_reader_of_kafka_is_as_far_behind_as_flink_says, enter, leave),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
