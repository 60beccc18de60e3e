/* A declaration and variables → what is started: every field, what is filled in, what the digest
 * notices, and nothing lost on the way to the store and back. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/model/deployment.h"
#include "core/model/variable.h"
#include "tests/support/check.h"

static const struct setting team_variables[] = {{"db", "orders"}, {"both", "team"}};
static const struct setting context_variables[] = {
	{"both", "context"}, {"stage", "prod"}, {"nested", "${db}"}, {"pass", "hunter2"}};
static const char *const args[] = {"--database", "${db}", "--password", "hunter2", "$${x}", ""};
static const struct setting properties[] = {{"s3.secret-key", "${pass}"},
	{"execution.checkpointing.interval", "60s"}, {"a", "${both}"}};
static const struct flink_env env = {
	.name = "1.20", .home = "/opt/flink", .host = "gw1", .sql_gateway = "http://gw1:8083"};

static const struct app_decl full = {.team = "ods",
	.name = "order-sync",
	.job_name = "订单 ${stage}",
	.type = APP_JAR,
	.target = TARGET_YARN_SESSION,
	.cluster = "sessions-${stage}",
	.artifact = "build/${db}.jar",
	.main_class = "com.example.${db}",
	.args = args,
	.arg_count = ARRAY_SIZE(args),
	.properties = properties,
	.property_count = ARRAY_SIZE(properties),
	.parallelism = 2,
	.allow_secret_argv = true,
	.path = "teams/ods/apps/order-sync.yaml",
	.text = "name: order-sync\nargs: [é, '${db}', '${stge}']\n"};

static struct deployment_input input_of(const struct app_decl *decl)
{
	return (struct deployment_input){
		.decl = decl,
		.context = "prod",
		.team_variables = team_variables,
		.team_variable_count = ARRAY_SIZE(team_variables),
		.context_variables = context_variables,
		.context_variable_count = ARRAY_SIZE(context_variables),
		.env = &env,
	};
}

static struct deployment *render(const struct app_decl *decl)
{
	struct deployment_input in = input_of(decl);
	struct deployment *out = NULL;
	struct err err = {0};

	check_ok("render", deployment_render(&out, &in, &err), &err);
	return out;
}

static void check_same(const struct deployment *got, const struct deployment *want)
{
	check_str("context", got->context, want->context);
	check_str("team", got->team, want->team);
	check_str("name", got->name, want->name);
	check_str("job name", got->job_name, want->job_name);
	check_int("type", got->type, want->type);
	check_int("target", got->target, want->target);
	check_str("cluster", got->cluster, want->cluster);
	check_str("env", got->env.name, want->env.name);
	check_str("home", got->env.home, want->env.home);
	check_str("host", got->env.host, want->env.host);
	check_str("gateway", got->env.sql_gateway, want->env.sql_gateway);
	check_str("artifact", got->artifact, want->artifact);
	check_str("sha256", got->artifact_sha256, want->artifact_sha256);
	check_int("size", got->artifact_size, want->artifact_size);
	check_str("main class", got->main_class, want->main_class);
	check_int("args", (int64_t)got->arg_count, (int64_t)want->arg_count);
	for (size_t i = 0; i < want->arg_count; i++)
		check_str("arg", got->args[i], want->args[i]);
	check_int("properties", (int64_t)got->property_count, (int64_t)want->property_count);
	for (size_t i = 0; i < want->property_count; i++) {
		check_str("key", got->properties[i].key, want->properties[i].key);
		check_str("value", got->properties[i].value, want->properties[i].value);
	}
	check_int("parallelism", got->parallelism, want->parallelism);
	check_str("sql", got->sql, want->sql);
	check_bool("allow", got->allow_secret_argv, want->allow_secret_argv);
	check_str("digest", got->digest, want->digest);
}

static void render_fills_every_field(void **state)
{
	static const char *const want_args[] = {
		"--database", "orders", "--password", "hunter2", "${x}", ""};
	static const struct setting want_properties[] = {{"a", "team"},
		{"execution.checkpointing.interval", "60s"}, {"s3.secret-key", "hunter2"}};
	struct deployment *got = render(&full);
	struct deployment want = {.context = "prod",
		.team = "ods",
		.name = "order-sync",
		.job_name = "订单 prod",
		.type = APP_JAR,
		.target = TARGET_YARN_SESSION,
		.cluster = "sessions-prod",
		.env = env,
		.artifact = "build/orders.jar",
		.artifact_size = -1,
		.main_class = "com.example.orders",
		.args = want_args,
		.arg_count = ARRAY_SIZE(want_args),
		.properties = want_properties,
		.property_count = ARRAY_SIZE(want_properties),
		.parallelism = 2,
		.allow_secret_argv = true,
		.digest = got->digest};

	(void)state;
	check_same(got, &want);
	check_int("digest", (int64_t)strlen(got->digest), DIGEST_LEN);
	deployment_free(got);
}

static void render_says_what_a_bare_file_means(void **state)
{
	struct app_decl decl = {.team = "t",
		.name = "n",
		.job_name = "n",
		.type = APP_TYPE_NONE,
		.target = TARGET_NONE,
		.parallelism = -1};
	struct deployment *bare = render(&decl);

	(void)state;
	check_int("type", bare->type, APP_JAR);
	check_int("target", bare->target, TARGET_REMOTE);
	check_str("cluster", bare->cluster, NULL);
	check_str("artifact", bare->artifact, NULL);
	check_int("args", (int64_t)bare->arg_count, 0);
	check_int("parallelism", bare->parallelism, -1);
	deployment_free(bare);
	decl.sql = "SELECT '${stage}'";
	bare = render(&decl);
	check_int("type of a script", bare->type, APP_SQL);
	check_str("sql", bare->sql, "SELECT 'prod'");
	deployment_free(bare);
}

static void variables_are_filled_in_once(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		{"nothing", "plain $ { } $x $", "plain $ { } $x $"},
		{"empty", "", ""},
		{"one", "${db}", "orders"},
		{"in the middle", "a-${db}-b", "a-orders-b"},
		{"side by side", "${db}${stage}", "ordersprod"},
		{"team before context", "${both}", "team"},
		{"a value is not looked at again", "${nested}", "${db}"},
		{"literal", "$${db}", "${db}"},
		{"literal, then real", "$${${db}}", "${orders}"},
		{"a dollar more", "$$${db}", "$${db}"},
		{"literal without an end", "$${", "${"},
	};
	const struct variables variables = {team_variables, context_variables,
		ARRAY_SIZE(team_variables), ARRAY_SIZE(context_variables)};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;
		struct err err = {0};
		buf_init(&out, 100);
		check_ok(rows[i].name, variables_fill(&variables, rows[i].text, &out, NULL, &err),
			&err);
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		buf_release(&out);
	}
	struct buf out;
	struct err err = {0};
	buf_init(&out, 7);
	check_err("cap", variables_fill(&variables, "${db}${db}", &out, NULL, &err), &err, E_CONFIG,
		"too long");
	buf_release(&out);
}

static void render_names_what_is_not_defined(void **state)
{
	static const char *const two[] = {"ok", "${stge}"};
	static const struct setting bad[] = {{"a.b", "x ${stagee} y"}};
	static const struct {
		const char *name;
		struct app_decl decl;
		const char *want;
	} rows[] = {
		{"nearest, with its place", {.args = two, .arg_count = 2},
			"teams/ods/apps/order-sync.yaml:2:21: \"args\": ${stge}: neither the team "
			"nor the context has this variable; did you mean ${stage}?"},
		{"property", {.properties = bad, .property_count = 1},
			"\"a.b\": ${stagee}: neither the team nor the context has this variable; "
			"did you mean ${stage}?"},
		{"nothing near", {.cluster = "${zzzzzzzz}"},
			"order-sync.yaml:1:1: \"cluster\": ${zzzzzzzz}: neither"},
		{"no name", {.artifact = "${}"}, "\"artifact\": \"${\" begins a variable"},
		{"no end", {.main_class = "${db"}, "\"main-class\": \"${\" begins a variable"},
		{"not a name", {.sql = "SELECT ${a b}"}, "\"sql\": \"${\" begins a variable"},
		{"in a sql-file",
			{.sql = "SELECT 1;\nSELECT 'é', ${stge}", .sql_file = "sql/a.sql"},
			"sql/a.sql:2:13: \"sql-file\": ${stge}: neither"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct app_decl decl = rows[i].decl;
		struct deployment *out = NULL;
		struct err err = {0};

		decl.team = "ods";
		decl.name = decl.job_name = "order-sync";
		decl.type = APP_TYPE_NONE;
		decl.path = full.path;
		decl.text = full.text;
		struct deployment_input in = input_of(&decl);
		check_err(rows[i].name, deployment_render(&out, &in, &err), &err, E_CONFIG,
			rows[i].want);
		check_bool(rows[i].name, strstr(err.text, "hunter2"), false);
		check_bool("untouched", out, false);
		check_int("without an err", deployment_render(&out, &in, NULL), E_CONFIG);
	}
}

/* What the store keeps has stars where secrets were: it renders where none were, and only there. */
static void render_refuses_a_remembered_secret(void **state)
{
	static const char *const plain[] = {"--x", "y"};
	static const struct setting masked[] = {{"s3.secret-key", "******"}};
	struct app_decl decl = full;
	struct deployment_input in = input_of(&decl);
	struct deployment *out = NULL, *fresh;
	struct err err = {0};

	(void)state;
	decl.args = plain;
	decl.arg_count = ARRAY_SIZE(plain);
	decl.property_count = 0;
	fresh = render(&decl);
	decl.is_remembered = true;
	check_ok("no secrets", deployment_render(&out, &in, &err), &err);
	check_str("the same", out->digest, fresh->digest);
	deployment_free(out);
	deployment_free(fresh);
	decl.properties = masked;
	decl.property_count = 1;
	check_err("secrets", deployment_render(&out, &in, &err), &err, E_CONFLICT, "not read yet");
	decl.is_remembered = false;
	check_ok("its own stars", deployment_render(&out, &in, &err), &err);
	deployment_free(out);
}

/* ---- digest ---- */

static void digest_changes_exactly_with_what_is_run(void **state)
{
	static const char *const other_args[] = {"--database${db}"};
	static const char *const joined[] = {"a", "b"}, *const split[] = {"ab"};
	static const struct setting sorted[] = {{"a", "${both}"},
		{"execution.checkpointing.interval", "60s"}, {"s3.secret-key", "${pass}"}};
	struct app_decl rows[16];
	const char *names[16];
	size_t changed = 0, count = 0;
	struct deployment *base = render(&full);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		rows[i] = full;
#define ROW(what, field, value) (names[count] = (what), rows[count++].field = (value))
	ROW("job name", job_name, "x");
	ROW("name", name, "x");
	ROW("type", type, APP_PYFLINK);
	ROW("target", target, TARGET_REMOTE);
	ROW("cluster", cluster, NULL);
	ROW("main class", main_class, "x");
	ROW("args", args, other_args);
	rows[count - 1].arg_count = 1;
	ROW("fewer properties", property_count, 2);
	ROW("parallelism", parallelism, 3);
	ROW("sql", sql, "SELECT 1");
	ROW("secret argv", allow_secret_argv, false);
	changed = count;
	ROW("artifact", artifact, "other.jar");
	ROW("order of properties", properties, sorted);
	ROW("owner", owner, "wang");
	ROW("text", text, "");
	ROW("priority", priority, 9);
#undef ROW
	for (size_t i = 0; i < count; i++) {
		struct deployment *other = render(&rows[i]);
		check_bool(names[i], !str_eq(other->digest, base->digest), i < changed);
		deployment_free(other);
	}
	deployment_free(base);

	/* "a", "b" is not "ab". */
	rows[0].args = joined;
	rows[0].arg_count = 2;
	rows[1] = rows[0];
	rows[1].args = split;
	rows[1].arg_count = 1;
	struct deployment *one = render(&rows[0]), *two = render(&rows[1]);
	assert_false(str_eq(one->digest, two->digest));
	deployment_free(one);
	deployment_free(two);
}

static void digest_follows_variables_that_are_used(void **state)
{
	struct setting changed[ARRAY_SIZE(context_variables)];
	struct deployment_input in = input_of(&full);
	struct deployment *base = render(&full), *out = NULL;
	struct flink_env moved = env;
	struct err err;

	(void)state;
	in.context_variables = changed;
	memcpy(changed, context_variables, sizeof(changed));
	changed[0].value = "shadowed by the team's";
	changed[2].value = "not used";
	assert_int_equal(deployment_render(&out, &in, &err), 0);
	check_str("unused", out->digest, base->digest);
	deployment_free(out);
	changed[3].value = "hunter3";
	assert_int_equal(deployment_render(&out, &in, &err), 0);
	assert_false(str_eq(out->digest, base->digest));
	deployment_free(out);
	in = input_of(&full);
	moved.home = "/opt/flink-1.20.5";
	in.env = &moved;
	assert_int_equal(deployment_render(&out, &in, &err), 0);
	assert_false(str_eq(out->digest, base->digest));
	deployment_free(out);
	deployment_free(base);
}

/* ---- copies, JSON, text ---- */

static void json_brings_back_everything(void **state)
{
	struct app_decl bare = {.team = "t",
		.name = "n",
		.job_name = "n",
		.type = APP_TYPE_NONE,
		.target = TARGET_NONE,
		.parallelism = -1};
	struct deployment *rows[] = {render(&full), render(&bare), NULL};

	(void)state;
	rows[2] = deployment_with_artifact(rows[0], "/srv/r/3/a.jar", "abc", 12345678901);
	check_str("artifact", rows[2]->artifact, "/srv/r/3/a.jar");
	check_str("the digest is not the artifact's", rows[2]->digest, rows[0]->digest);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *json = deployment_json(rows[i]);
		char *text = json_dumps(json, JSON_COMPACT);
		json_t *again = json_loads(text, 0, NULL);
		struct deployment *back = NULL, *copy = deployment_dup(rows[i]);
		struct err err = {0};

		check_ok("parse", deployment_parse(&back, again, &err), &err);
		check_same(back, rows[i]);
		check_same(copy, rows[i]);
		deployment_free(back);
		deployment_free(copy);
		json_decref(json);
		json_decref(again);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		deployment_free(rows[i]);
	deployment_free(NULL);
}

static void json_that_is_damaged_is_refused(void **state)
{
	static const char *const keys[] = {
		"context", "team", "name", "jobName", "type", "target", "digest"};
	static const char *const wrong[] = {"args", "properties", "parallelism", "type", "target",
		"artifactSize", "digest", "name", "sql"};
	struct deployment *good = render(&full), *out = NULL;
	json_t *list = json_array();
	struct err err;

	(void)state;
	check_err("a list", deployment_parse(&out, list, &err), &err, E_PROTO, "manifest");
	check_err("nothing", deployment_parse(&out, NULL, &err), &err, E_PROTO, "manifest");
	json_decref(list);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_t *json = deployment_json(good);
		json_object_del(json, keys[i]);
		check_err(keys[i], deployment_parse(&out, json, &err), &err, E_PROTO, "manifest");
		json_decref(json);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		json_t *json = deployment_json(good);
		json_object_set_new(json, wrong[i], json_pack("[i]", 1));
		check_err(wrong[i], deployment_parse(&out, json, &err), &err, E_PROTO, "manifest");
		json_decref(json);
	}
	assert_null(out);
	deployment_free(good);
}

static void text_is_sorted_and_masked(void **state)
{
	static const char *const words[] = {"--password", "hunter2", "--token=hunter2", "a\nb"};
	struct app_decl decl = full;
	struct deployment *deployment;

	(void)state;
	decl.args = words;
	decl.arg_count = ARRAY_SIZE(words);
	decl.sql = "CREATE TABLE t (x INT) WITH (\n  'password' = 'hunter2'\n);\n";
	deployment = render(&decl);
	char *text = deployment_text(deployment);
	check_str("text", text,
		"allow-secret-argv: true\n"
		"args: --password\n"
		"args: ******\n"
		"args: --token=******\n"
		"args: a\n"
		"args: b\n"
		"artifact: build/orders.jar\n"
		"cluster: sessions-prod\n"
		"flink-env: 1.20\n"
		"flink-home: /opt/flink\n"
		"host: gw1\n"
		"jobName: 订单 prod\n"
		"main-class: com.example.orders\n"
		"parallelism: 2\n"
		"properties.a: team\n"
		"properties.execution.checkpointing.interval: 60s\n"
		"properties.s3.secret-key: ******\n"
		"sql: CREATE TABLE t (x INT) WITH (\n"
		"sql:   'password' = '******'\n"
		"sql: );\n"
		"sql-gateway: http://gw1:8083\n"
		"target: yarn-session\n"
		"type: jar\n");
	free(text);
	deployment_free(deployment);
}

static void mask_leaves_no_secret_and_the_same_text(void **state)
{
	static const char *const words[] = {"--password", "CANARY", "--token=CANARY", "--db",
		"jdbc:mysql://u:CANARY@db/x", "plain"};
	static const struct setting settings[] = {{"fs.s3a.secret.key", "CANARY"},
		{"a.url", "https://u:CANARY@h/x"}, {"plain", "value"}};
	struct app_decl decl = full, bare = full;
	struct err err = {0};

	(void)state;
	decl.args = words;
	decl.arg_count = ARRAY_SIZE(words);
	decl.properties = settings;
	decl.property_count = ARRAY_SIZE(settings);
	decl.sql = "CREATE TABLE t (x INT) WITH (\n  'password'='CANARY', 'a' = 'b'\n);\n";
	struct deployment *whole = render(&decl), *masked = deployment_mask(whole), *back = NULL;
	struct deployment *twice = deployment_mask(masked);
	json_t *json = deployment_json(masked);
	char *kept = json_dumps(json, JSON_COMPACT);
	char *text = deployment_text(whole), *masked_text = deployment_text(masked);
	char *twice_text = deployment_text(twice);

	if (strstr(kept, "CANARY"))
		fail_msg("%s", kept);
	check_has("what is no secret stays", kept, "plain");
	check_str("shown the same", masked_text, text);
	check_str("and again", twice_text, text);
	check_bool("whole", deployment_is_whole(whole), true);
	check_bool("masked", masked->is_masked && !deployment_is_whole(masked), true);
	check_ok("parse", deployment_parse(&back, json, &err), &err);
	check_bool("known when it is read", back->is_masked, true);
	check_str("the digest is of the whole", back->digest, whole->digest);
	/* One without secrets is kept as it is. */
	bare.args = NULL;
	bare.arg_count = 0;
	bare.properties = NULL;
	bare.property_count = 0;
	struct deployment *open = render(&bare), *same = deployment_mask(open);
	check_bool("nothing to mask", same->is_masked, false);
	check_same(same, open);
	deployment_free(same);
	deployment_free(open);
	free(twice_text);
	free(masked_text);
	free(text);
	free(kept);
	json_decref(json);
	deployment_free(back);
	deployment_free(twice);
	deployment_free(masked);
	deployment_free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(render_fills_every_field),
		cmocka_unit_test(render_says_what_a_bare_file_means),
		cmocka_unit_test(variables_are_filled_in_once),
		cmocka_unit_test(render_names_what_is_not_defined),
		cmocka_unit_test(render_refuses_a_remembered_secret),
		cmocka_unit_test(digest_changes_exactly_with_what_is_run),
		cmocka_unit_test(digest_follows_variables_that_are_used),
		cmocka_unit_test(json_brings_back_everything),
		cmocka_unit_test(json_that_is_damaged_is_refused),
		cmocka_unit_test(text_is_sorted_and_masked),
		cmocka_unit_test(mask_leaves_no_secret_and_the_same_text),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
