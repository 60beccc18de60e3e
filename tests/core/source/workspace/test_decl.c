/* One file → one declaration: what is understood, and every mistake with its exact
 * file:line:column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/source/workspace/parts.h"

#define PATH "teams/ods/apps/f.yaml"
#define HEAD "apiVersion: weir/v1\nkind: Application\nname: a\n"

static struct parsed *app(const char *text)
{
	return parsed_app("ods", PATH, text, strlen(text));
}

static void parsed_app_reads_all(void **state)
{
	struct parsed *parsed =
		app("apiVersion: weir/v1\n"
		    "kind: Application\n"
		    "name: order-sync\n"
		    "jobName: 订单同步\n"
		    "type: jar\n"
		    "flink-env: 1.20\n"
		    "cluster: sessions\n"
		    "target: yarn-application\n"
		    "artifact: build\n"
		    "main-class: com.example.OrderSync\n"
		    "args: [--database, orders, --password, hunter2]\n"
		    "parallelism: 2\n"
		    "properties: {execution.checkpointing.interval: 60s, s3.secret-key: hunter2}\n"
		    "tags: [cdc, tier1]\n"
		    "owner: li\n"
		    "priority: 10\n"
		    "allow-secret-argv: yes\n"
		    "build:\n"
		    "  git: https://git.example/rt/jobs.git\n"
		    "  ref: main\n"
		    "  host: local\n"
		    "  command: mvn -B -q package\n"
		    "  artifact: target/*.jar\n");
	const struct app_decl *decl = &parsed->app;

	(void)state;
	assert_null(decl->error);
	assert_string_equal(decl->team, "ods");
	assert_string_equal(decl->name, "order-sync");
	assert_string_equal(decl->job_name, "订单同步");
	assert_int_equal(decl->type, APP_JAR);
	assert_string_equal(decl->flink_env, "1.20");
	assert_string_equal(decl->cluster, "sessions");
	assert_int_equal(decl->target, TARGET_YARN_APPLICATION);
	assert_string_equal(decl->artifact, "build");
	assert_string_equal(decl->main_class, "com.example.OrderSync");
	assert_int_equal(decl->arg_count, 4);
	assert_string_equal(decl->args[1], "orders");
	assert_int_equal(decl->parallelism, 2);
	assert_int_equal(decl->property_count, 2);
	assert_string_equal(decl->properties[0].key, "execution.checkpointing.interval");
	assert_string_equal(decl->properties[0].value, "60s");
	assert_int_equal(decl->tag_count, 2);
	assert_string_equal(decl->tags[1], "tier1");
	assert_string_equal(decl->owner, "li");
	assert_int_equal(decl->priority, 10);
	assert_true(decl->allow_secret_argv);
	assert_true(decl->has_build);
	assert_string_equal(decl->build.ref, "main");
	assert_string_equal(decl->build.command, "mvn -B -q package");
	assert_string_equal(decl->path, PATH);
	assert_non_null(strstr(decl->text, "jobName: 订单同步"));
	assert_null(strstr(decl->text, "hunter2"));
	parsed_free(parsed);
}

static void parsed_app_defaults(void **state)
{
	struct parsed *parsed = app(HEAD);

	(void)state;
	assert_null(parsed->app.error);
	assert_string_equal(parsed->app.job_name, "a");
	assert_int_equal(parsed->app.type, APP_TYPE_NONE);
	assert_int_equal(parsed->app.target, TARGET_NONE);
	assert_int_equal(parsed->app.parallelism, -1);
	assert_int_equal(parsed->app.priority, 0);
	assert_null(parsed->app.cluster);
	assert_false(parsed->app.has_build);
	assert_int_equal(parsed->name_line, 3);
	assert_int_equal(parsed->name_column, 7);
	parsed_free(parsed);
	parsed = app(HEAD "type: sql\nsql: |\n  INSERT INTO x\n  SELECT 1\n");
	assert_null(parsed->app.error);
	assert_string_equal(parsed->app.sql, "INSERT INTO x\nSELECT 1\n");
	parsed_free(parsed);
	parsed_free(NULL);
}

static void parsed_app_errors(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"empty", "",
			":1:1: the file is empty: it needs \"apiVersion\", \"kind\" and \"name\""},
		{"a list", "- a\n", ":1:1: expected \"key: value\", found a list"},
		{"version", "apiVersion: weir/v2\nkind: Application\nname: a\n",
			":1:13: \"apiVersion\" must be weir/v1, found \"weir/v2\""},
		{"kind", "apiVersion: weir/v1\nkind: Team\nname: a\n",
			":2:7: \"kind\" must be Application, found \"Team\""},
		{"no kind", "apiVersion: weir/v1\nname: a\n", ":1:1: \"kind\" is missing"},
		{"no name", "apiVersion: weir/v1\nkind: Application\n",
			":1:1: \"name\" is missing"},
		{"name", "apiVersion: weir/v1\nkind: Application\nname: Order Sync\n",
			":3:7: \"name\" must be a name (small letters, digits, '.', '_', '-'; at "
			"most "
			"63, a letter or digit first), found \"Order Sync\""},
		{"unknown key", HEAD "flinkenv: x\n",
			":4:1: unknown key \"flinkenv\" (did you mean \"flink-env\"?)"},
		{"jobName empty", HEAD "jobName: \"\"\n", ":4:10: \"jobName\" is empty"},
		{"type", HEAD "type: scala\n",
			":4:7: \"type\" must be jar, sql or pyflink, found \"scala\""},
		{"target", HEAD "target: yarn\n",
			":4:9: \"target\" must be remote, yarn-session, yarn-application, "
			"yarn-per-job, "
			"kubernetes-session or kubernetes-application, found \"yarn\""},
		{"parallelism", HEAD "parallelism: 0\n",
			":4:14: \"parallelism\" must be a whole number from 1 to 32768, found "
			"\"0\""},
		{"priority", HEAD "priority: high\n",
			":4:11: \"priority\" must be a whole number from 0 to 1000, found "
			"\"high\""},
		{"properties", HEAD "properties:\n  a: {b: c}\n",
			":5:6: \"properties\" must be a mapping of names to texts, found a "
			"mapping"},
		{"args", HEAD "args: {a: b}\n",
			":4:7: \"args\" must be a list of texts, found a mapping"},
		{"two sqls", HEAD "type: sql\nsql: x\nsql-file: y\n",
			":6:1: \"sql\" and \"sql-file\": only one of them"},
		{"sql-file outside", HEAD "type: sql\nsql-file: ../x.sql\n",
			":5:11: \"sql-file\" is a path inside the workspace, as sql/orders.sql, "
			"with "
			"no name that starts with '.'"},
		{"sql in a jar", HEAD "sql: x\ntype: jar\n",
			":4:1: SQL needs \"type: sql\", the type is jar"},
		{"build wanted", HEAD "artifact: build\n",
			":4:11: \"artifact: build\" needs \"build\" with a command and its "
			"artifact"},
		{"build key", HEAD "build: {cmd: x}\n",
			":4:9: unknown key \"cmd\" (known: git, ref, host, command, artifact)"},
		{"build command", HEAD "build: {artifact: x}\n", ":4:8: \"command\" is missing"},
		{"option as git", HEAD "build: {git: --upload-pack=x, command: c, artifact: a}\n",
			":4:14: \"git\" must not start with '-'"},
		{"option as ref", HEAD "build: {ref: -x, command: c, artifact: a}\n",
			":4:14: \"ref\" must not start with '-'"},
		{"tab", HEAD "args:\n\t- x\n", ":5:1: a tab cannot indent: use spaces"},
		{"not UTF-8", HEAD "owner: \xff\n", ":4:8: not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct parsed *parsed = app(rows[i].in);
		char *want = xasprintf(PATH "%s", rows[i].want);
		if (!parsed->app.error || strcmp(parsed->app.error, want) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", rows[i].name,
				parsed->app.error ? parsed->app.error : "(none)", want);
		assert_string_equal(parsed->app.name, "f");
		assert_string_equal(parsed->app.team, "ods");
		assert_string_equal(parsed->app.path, PATH);
		assert_null(parsed->app.text);
		parsed_free(parsed);
		free(want);
	}
}

static void parsed_team_reads(void **state)
{
	static const char good[] =
		"apiVersion: weir/v1\nkind: Team\nname: ods\ntitle: 数仓\n"
		"owner: li\nmembers: [li, wu]\nvariables: {db: orders, 1.20: ~}\n";
	static const char other[] = "apiVersion: weir/v1\nkind: Team\nname: dwd\n";
	static const char wrong[] = "apiVersion: weir/v1\nkind: Team\nmember: [li]\n";
	struct parsed *parsed = parsed_team("ods", "teams/ods/team.yaml", good, strlen(good));

	(void)state;
	assert_null(parsed->team.error);
	assert_string_equal(parsed->team.name, "ods");
	assert_string_equal(parsed->team.title, "数仓");
	assert_int_equal(parsed->team.member_count, 2);
	assert_string_equal(parsed->team.members[1], "wu");
	assert_int_equal(parsed->team.variable_count, 2);
	assert_string_equal(parsed->team.variables[0].key, "db");
	assert_string_equal(parsed->team.variables[0].value, "orders");
	assert_string_equal(parsed->team.variables[1].value, "");
	parsed_free(parsed);
	parsed = parsed_team("ods", "teams/ods/team.yaml", other, strlen(other));
	assert_string_equal(parsed->team.error,
		"teams/ods/team.yaml:3:7: the team is \"ods\", as its "
		"folder: leave \"name\" out or make it the same");
	assert_string_equal(parsed->team.name, "ods");
	parsed_free(parsed);
	parsed = parsed_team("ods", "teams/ods/team.yaml", wrong, strlen(wrong));
	assert_string_equal(parsed->team.error,
		"teams/ods/team.yaml:3:1: unknown key \"member\" (did you mean \"members\"?)");
	parsed_free(parsed);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsed_app_reads_all),
		cmocka_unit_test(parsed_app_defaults),
		cmocka_unit_test(parsed_app_errors),
		cmocka_unit_test(parsed_team_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
