/* clusters.csv: read beside the configuration, each mistake with the CSV's own file:line:column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/config/config.h"

static char folder[] = "/tmp/weir-csv-XXXXXX";

static char *in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static int group_setup(void **state)
{
	static const char yaml[] = "contexts:\n"
				   "- name: a\n"
				   "  hosts: [{name: gw1}]\n"
				   "  flink-envs: [{name: \"1.20\", home: /f}]\n"
				   "  clusters: {csv: clusters.csv}\n";
	struct err err;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	char *path = in_folder("config.yaml");
	int rc = file_write(path, yaml, strlen(yaml), &err);
	free(path);
	return rc;
}

static int group_teardown(void **state)
{
	char *yaml = in_folder("config.yaml"), *csv = in_folder("clusters.csv");

	(void)state;
	unlink(yaml);
	unlink(csv);
	free(yaml);
	free(csv);
	return rmdir(folder);
}

/* Text of the CSV → the configuration. */
static int read_with(const char *csv, size_t len, struct config **out, struct err *err)
{
	char *path = in_folder("clusters.csv");
	assert_int_equal(file_write(path, csv, len, err), 0);
	free(path);
	path = in_folder("config.yaml");
	int rc = config_read(out, path, err);
	free(path);
	return rc;
}

static void csv_reads_clusters(void **state)
{
	static const char csv[] = "\xef\xbb\xbf"
				  "rest, name,flink-env,via,type\r\n"
				  "# a comment, with commas\r\n"
				  "\r\n"
				  "http://jm1:8081/,one\r\n"
				  "\"http://jm2:1  http://jm3:1\" , two ,\"1.20\",gw1,yarn\r\n"
				  "http://jm4:1,three,,,";
	struct config *config = NULL;
	struct err err = {0};

	(void)state;
	if (read_with(csv, strlen(csv), &config, &err))
		fail_msg("%s", err.text);
	const struct context_config *context = &config->contexts[0];
	assert_int_equal(context->cluster_count, 3);
	assert_string_equal(context->clusters[0].name, "one");
	assert_string_equal(
		json_string_value(json_array_get(context->clusters[0].rest, 0)), "http://jm1:8081");
	assert_null(context->clusters[0].via);
	assert_int_equal(context->clusters[0].type, CLUSTER_STANDALONE);
	assert_string_equal(context->clusters[1].name, "two");
	assert_int_equal(json_array_size(context->clusters[1].rest), 2);
	assert_string_equal(context->clusters[1].via, "gw1");
	assert_string_equal(context->clusters[1].flink_env, "1.20");
	assert_int_equal(context->clusters[1].type, CLUSTER_YARN);
	assert_null(context->clusters[2].flink_env);
	config_free(config);
}

static void csv_reads_ten_thousand(void **state)
{
	struct config *config = NULL;
	struct err err = {0};
	struct buf csv;

	(void)state;
	buf_init(&csv, 0);
	buf_adds(&csv, "name,rest\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&csv, "c%d,http://127.0.0.1:%d\n", i, 1 + i);
	assert_int_equal(read_with(buf_str(&csv), csv.len, &config, &err), 0);
	assert_int_equal(config->contexts[0].cluster_count, 10000);
	assert_string_equal(config->contexts[0].clusters[9999].name, "c9999");
	config_free(config);
	buf_release(&csv);
}

static void csv_errors_point_at_the_place(void **state)
{
	static const struct {
		const char *name, *in;
		size_t len;
		const char *want;
	} rows[] = {
		{"empty", "", 0,
			"1:1: the first line must name the columns, \"name\" and \"rest\" among "
			"them"},
		{"no header", "one,http://jm1:1\n", 0,
			"1:1: unknown column \"one\" (known: name, type, rest, via, flink-env)"},
		{"no rest column", "name,type\n", 0,
			"1:1: the first line must name the columns, \"name\" and \"rest\" among "
			"them"},
		{"unknown column", "name,rest,flinkenv\n", 0,
			"1:11: unknown column \"flinkenv\" (did you mean \"flink-env\"?)"},
		{"column far off", "name,rest,zzzzzzzz\n", 0,
			"1:11: unknown column \"zzzzzzzz\" (known: name, type, rest, via, "
			"flink-env)"},
		{"column twice", "name,rest,name\n", 0, "1:11: column \"name\" is there twice"},
		{"name", "name,rest\nOne,http://h:1\n", 0,
			"2:1: \"name\" must be a name (small letters, digits, '.', '_', '-'; at "
			"most "
			"63, a letter or digit first), found \"One\""},
		{"name empty", "rest,name\nhttp://h:1,\n", 0,
			"2:12: \"name\" must be a name (small letters, digits, '.', '_', '-'; at "
			"most "
			"63, a letter or digit first), found \"\""},
		{"type", "name,type,rest\none,k8s,http://h:1\n", 0,
			"2:5: \"type\" must be standalone, yarn or kubernetes, found \"k8s\""},
		{"rest empty", "name,rest\none,\n", 0, "2:5: \"rest\" needs at least one address"},
		{"rest missing", "name,rest\none\n", 0, "2:1: \"rest\" needs at least one address"},
		{"rest", "name,rest\none,h:1\n", 0,
			"2:5: \"h:1\" is no REST address: it does not start with http:// or "
			"https://"},
		{"via", "name,rest,via\none,http://h:1,gw2\n", 0,
			"2:16: no host \"gw2\" (did you mean \"gw1\"?)"},
		{"flink-env", "name,rest,flink-env\none,http://h:1,9\n", 0,
			"2:16: no Flink env \"9\" in this context"},
		{"twice", "name,rest\none,http://h:1\n\none,http://h:2\n", 0,
			"4:1: cluster \"one\" is there already, in line 2"},
		{"too wide", "name,rest\none,http://h:1,x\n", 0, "2:16: more fields than columns"},
		{"open quote", "name,rest\none,\"http://h:1\ntwo,http://h:2\n", 0,
			"2:5: the '\"' is not closed in this line"},
		{"text after a quote", "name,rest\none,\"http://h:1\"x\n", 0,
			"2:17: expected ',' after the closing '\"'"},
		{"many fields", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n", 0, "1:33: too many fields"},
		{"not UTF-8", "name,rest\none,\xff\n", 0, "2:1: this line is not UTF-8 text"},
		{"NUL", "name,rest\no\0e,x\n", 16, "2:1: this line is not UTF-8 text"},
		{"columns count characters", "name,rest,via\n\"\xe8\xae\xa2\" ,x\n", 0,
			"2:1: \"name\" must be a name (small letters, digits, '.', '_', '-'; at "
			"most "
			"63, a letter or digit first), found \"\xe8\xae\xa2\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct config *config = NULL;
		struct err err = {0};
		char *want = xasprintf("%s/clusters.csv:%s", folder, rows[i].want);
		int rc = read_with(
			rows[i].in, rows[i].len ? rows[i].len : strlen(rows[i].in), &config, &err);
		if (rc != E_CONFIG || err.code != E_CONFIG || strcmp(err.text, want) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", rows[i].name, err.text, want);
		assert_null(config);
		free(want);
	}
}

static void csv_missing_is_said_where_it_is_named(void **state)
{
	char *csv = in_folder("clusters.csv"), *yaml = in_folder("config.yaml");
	char *want = xasprintf("%s:5:19: open %s: No such file or directory", yaml, csv);
	struct config *config = NULL;
	struct err err = {0};

	(void)state;
	unlink(csv);
	assert_int_equal(config_read(&config, yaml, &err), E_CONFIG);
	assert_string_equal(err.text, want);
	free(want);
	free(csv);
	free(yaml);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_reads_clusters),
		cmocka_unit_test(csv_reads_ten_thousand),
		cmocka_unit_test(csv_errors_point_at_the_place),
		cmocka_unit_test(csv_missing_is_said_where_it_is_named),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
