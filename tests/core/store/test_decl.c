/* Declarations as rows and back: nothing is lost but secrets, and damaged bytes harm nobody. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/decl.h"
#include "core/store/spec.h"
#include "tests/support/check.h"

static const char *const args[] = {
	"--database", "orders", "--quoted", "a \"b\"\\ \t\n\x01 é 订单", ""};
static const char *const tags[] = {"cdc", "tier1"};
static const struct setting properties[] = {
	{"execution.checkpointing.interval", "60s"}, {"empty", ""}, {"键", "值"}};
static const struct app_decl full = {.team = "ods",
	.name = "order-sync",
	.job_name = "订单同步",
	.type = APP_SQL,
	.target = TARGET_YARN_SESSION,
	.flink_env = "1.20",
	.cluster = "sessions",
	.artifact = "build",
	.main_class = "com.example.OrderSync",
	.owner = "li",
	.sql = "INSERT INTO \"t\"\nSELECT 'x' FROM src",
	.sql_file = "a/b.sql",
	.args = args,
	.arg_count = ARRAY_SIZE(args),
	.tags = tags,
	.tag_count = ARRAY_SIZE(tags),
	.properties = properties,
	.property_count = ARRAY_SIZE(properties),
	.parallelism = 2,
	.priority = -10,
	.allow_secret_argv = true,
	.has_build = true,
	.build = {"https://git.example/x.git", "main", "local", "mvn -B package", "target/*.jar"},
	.path = "teams/ods/apps/order-sync.yaml",
	.text = "name: order-sync\n",
	.error = NULL};

static void check_words(const char *name, const char *const *got, size_t got_count,
	const char *const *want, size_t want_count)
{
	check_int(name, (int64_t)got_count, (int64_t)want_count);
	for (size_t i = 0; i < want_count; i++)
		check_str(name, got[i], want[i]);
}

static void check_decl(const struct app_decl *got, const struct app_decl *want)
{
	check_str("team", got->team, want->team);
	check_str("name", got->name, want->name);
	check_str("job_name", got->job_name, want->job_name);
	check_int("type", got->type, want->type);
	check_int("target", got->target, want->target);
	check_str("flink_env", got->flink_env, want->flink_env);
	check_str("cluster", got->cluster, want->cluster);
	check_str("artifact", got->artifact, want->artifact);
	check_str("main_class", got->main_class, want->main_class);
	check_str("owner", got->owner, want->owner);
	check_str("sql", got->sql, want->sql);
	check_str("sql_file", got->sql_file, want->sql_file);
	check_words("args", got->args, got->arg_count, want->args, want->arg_count);
	check_words("tags", got->tags, got->tag_count, want->tags, want->tag_count);
	check_int("properties", (int64_t)got->property_count, (int64_t)want->property_count);
	for (size_t i = 0; i < want->property_count; i++) {
		check_str("key", got->properties[i].key, want->properties[i].key);
		check_str("value", got->properties[i].value, want->properties[i].value);
	}
	check_int("parallelism", got->parallelism, want->parallelism);
	check_int("priority", got->priority, want->priority);
	check_bool("allow_secret_argv", got->allow_secret_argv, want->allow_secret_argv);
	check_bool("has_build", got->has_build, want->has_build);
	check_str("git", got->build.git, want->build.git);
	check_str("ref", got->build.ref, want->build.ref);
	check_str("host", got->build.host, want->build.host);
	check_str("command", got->build.command, want->build.command);
	check_str("artifact", got->build.artifact, want->build.artifact);
	check_str("path", got->path, want->path);
	check_str("text", got->text, want->text);
	check_str("error", got->error, want->error);
}

static void decl_round_trip(void **state)
{
	static const struct app_decl none = {.team = "t",
		.name = "broken",
		.job_name = "broken",
		.type = APP_TYPE_NONE,
		.target = TARGET_NONE,
		.parallelism = -1,
		.path = "teams/t/apps/broken.yaml",
		.error = "teams/t/apps/broken.yaml:3:1: unknown key"};
	const struct app_decl *const rows[] = {&full, &none};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena *arena = arena_new();
		struct app_row row;
		struct app_decl got;

		decl_app_to_row(arena, "ref", rows[i], &row);
		assert_true(decl_app_from_row(arena, &row, &got));
		check_decl(&got, rows[i]);
		check_bool("is_remembered", got.is_remembered, true);
		arena_free(arena);
	}
}

static void decl_team_round_trip(void **state)
{
	static const char *const members[] = {"li", "wang \"x\""};
	const struct team_decl team = {.name = "ods",
		.title = "订单",
		.owner = "li",
		.members = members,
		.member_count = ARRAY_SIZE(members),
		.variables = properties,
		.variable_count = ARRAY_SIZE(properties),
		.path = "teams/ods/team.yaml"};
	struct arena *arena = arena_new();
	struct team_row row;
	struct team_decl got;

	(void)state;
	decl_team_to_row(arena, "ref", &team, &row);
	assert_true(decl_team_from_row(arena, &row, &got));
	check_str("name", got.name, team.name);
	check_str("title", got.title, team.title);
	check_str("owner", got.owner, team.owner);
	check_words("members", got.members, got.member_count, members, ARRAY_SIZE(members));
	check_int("variables", (int64_t)got.variable_count, (int64_t)team.variable_count);
	for (size_t i = 0; i < team.variable_count; i++) {
		check_str("variable", got.variables[i].key, team.variables[i].key);
		check_str("its value", got.variables[i].value, team.variables[i].value);
	}
	check_str("path", got.path, team.path);
	check_str("error", got.error, NULL);
	arena_free(arena);
}

/* A second way through the mask changes nothing: a remembered text compares equal with the masked
 * file. */
static void decl_masks_once(void **state)
{
	static const char *const words[] = {"--password", "hunter2", "--token=hunter2", "--x", "y"};
	static const char *const want[] = {"--password", "******", "--token=******", "--x", "y"};
	struct app_decl decl = full, once, twice;
	struct arena *arena = arena_new();
	struct app_row row;

	(void)state;
	decl.args = words;
	decl.arg_count = ARRAY_SIZE(words);
	decl.text = "args: [--password=hunter2]\nproperties: {s3.secret-key: hunter2}\n";
	decl_app_to_row(arena, "ref", &decl, &row);
	assert_true(decl_app_from_row(arena, &row, &once));
	check_words("args", once.args, once.arg_count, want, ARRAY_SIZE(want));
	assert_null(strstr(once.text, "hunter2"));
	decl_app_to_row(arena, "ref", &once, &row);
	assert_true(decl_app_from_row(arena, &row, &twice));
	check_decl(&twice, &once);
	arena_free(arena);
}

static void spec_reads_what_json_allows(void **state)
{
	static const struct {
		const char *name, *spec;
		bool want;
		const char *artifact;
	} rows[] = {
		{"empty", "{}", true, NULL},
		{"spaces", " { \"artifact\" : \"a\" ,\n\t\"tags\" : [ ] } ", true, "a"},
		{"unknown keys",
			"{\"x\":[1,{\"y\":[true,null,\"\\\"\"]},{},[]],\"z\":-1.5e+3,\"artifact\":"
			"\"a\"}",
			true, "a"},
		{"escapes", "{\"artifact\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"}", true,
			"\"\\/\b\f\n\r\tA"},
		{"nothing", "", false, NULL},
		{"a list", "[]", false, NULL},
		{"cut string", "{\"artifact\":\"a", false, NULL},
		{"cut escape", "{\"artifact\":\"a\\", false, NULL},
		{"cut code", "{\"artifact\":\"a\\u00", false, NULL},
		{"bad code", "{\"artifact\":\"a\\u00zz\"}", false, NULL},
		{"a NUL", "{\"artifact\":\"a\\u0000b\"}", false, NULL},
		{"no value", "{\"artifact\":}", false, NULL},
		{"no key", "{:1}", false, NULL},
		{"a comma too much", "{\"artifact\":\"a\",}", false, NULL},
		{"more behind", "{} x", false, NULL},
		{"not words", "{\"args\":[1]}", false, NULL},
		{"beyond int", "{\"parallelism\":99999999999}", false, NULL},
		{"too deep", "{\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", false, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena *arena = arena_new();
		struct app_decl got = {0};

		check_bool(rows[i].name, spec_read(arena, rows[i].spec, &got), rows[i].want);
		if (rows[i].want)
			check_str(rows[i].name, got.artifact, rows[i].artifact);
		arena_free(arena);
	}
}

/* Cut anywhere it is refused, changed anywhere it is read or refused; sanitizers watch. */
static void spec_survives_damage(void **state)
{
	struct arena *arena = arena_new();
	struct app_row row;

	(void)state;
	decl_app_to_row(arena, "ref", &full, &row);
	size_t len = strlen(row.spec);
	for (size_t i = 0; i < len; i++) {
		struct arena *scratch = arena_new();
		struct app_decl got = {0};
		char *copy = xstrdup(row.spec);

		copy[i] = '\0';
		assert_false(spec_read(scratch, copy, &got));
		memcpy(copy, row.spec, len);
		for (const char *c = "\"\\{}[],:0u\x01\xff"; *c; c++) {
			copy[i] = *c;
			struct app_decl other = {0};
			spec_read(scratch, copy, &other);
		}
		free(copy);
		arena_free(scratch);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decl_round_trip),
		cmocka_unit_test(decl_team_round_trip),
		cmocka_unit_test(decl_masks_once),
		cmocka_unit_test(spec_reads_what_json_allows),
		cmocka_unit_test(spec_survives_damage),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
