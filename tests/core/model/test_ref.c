#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/model/ref.h"

static void check(char *ref, const char *want, enum kind kind)
{
	assert_string_equal(ref, want);
	assert_int_equal(ref_kind(ref), kind);
	free(ref);
}

static void refs_name_context_source_kind_and_key(void **state)
{
	(void)state;
	check(ref_app("prod", "ods", "order-sync"), "prod/workspace/app/ods/order-sync", KIND_APP);
	check(ref_team("prod", "ods"), "prod/workspace/team/ods", KIND_TEAM);
	check(ref_cluster("prod", "sessions"), "prod/config/cluster/sessions", KIND_CLUSTER);
	check(ref_job("prod", "sessions", "5fa0"), "prod/flink:sessions/job/5fa0", KIND_JOB);
}

static void separators_in_a_part_never_make_two_things_one(void **state)
{
	char *a, *b;

	(void)state;
	check(ref_job("p", "http://h:1", "x"), "p/flink:http:%2F%2Fh:1/job/x", KIND_JOB);
	a = ref_app("p", "a/b", "c");
	b = ref_app("p", "a", "b/c");
	assert_string_not_equal(a, b);
	free(a);
	free(b);
	a = ref_app("p", "a%2Fb", "c");
	b = ref_app("p", "a/b", "c");
	assert_string_not_equal(a, b);
	free(a);
	free(b);
	/* A team may be called "job" and an application "cluster". */
	check(ref_app("job", "job", "cluster"), "job/workspace/app/job/cluster", KIND_APP);
}

static void what_is_no_ref_has_no_kind(void **state)
{
	static const char *const words[] = {NULL, "", "/", "prod", "prod/workspace",
		"prod/workspace/app", "prod/workspace/app/", "prod/workspace/apps/x",
		"prod/workspace/ap/x", "app/x/y", "prod//x/app/y/z"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_int_equal(ref_kind(words[i]), KIND_MAX);
	assert_string_equal(kind_name(KIND_JOB), "job");
	assert_null(kind_name(KIND_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refs_name_context_source_kind_and_key),
		cmocka_unit_test(separators_in_a_part_never_make_two_things_one),
		cmocka_unit_test(what_is_no_ref_has_no_kind),
	};

	return cmocka_run_group_tests_name("model/ref", tests, NULL, NULL);
}
