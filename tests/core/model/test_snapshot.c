#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/snapshot.h"

static void a_new_snapshot_owns_its_texts_and_knows_nothing(void **state)
{
	char context[] = "prod", source[] = "sessions", key[] = "5fa0";
	struct snapshot *snap = snapshot_new(SNAPSHOT_JOB, context, source, key);

	(void)state;
	memset(context, 'x', 4);
	memset(source, 'x', 8);
	memset(key, 'x', 4);
	assert_string_equal(snap->context, "prod");
	assert_string_equal(snap->source, "sessions");
	assert_string_equal(snap->key, "5fa0");
	assert_int_equal(snap->kind, SNAPSHOT_JOB);
	assert_int_equal(snap->err.code, E_OK);
	assert_int_equal(snap->latency_ms, -1);
	assert_int_equal(snap->cluster.slots_total, -1);
	assert_int_equal(snap->cluster.jobs_failed, -1);
	assert_int_equal(snap->detail.parts, 0);
	assert_int_equal(snap->detail.restarts, -1);
	assert_int_equal(snap->detail.parallelism, -1);
	assert_int_equal(snap->detail.checkpoints.failed, -1);
	assert_int_equal(snap->detail.checkpoints.restored_id, -1);
	assert_int_equal(snap->detail.checkpoint_config.interval_ms, -1);
	assert_int_equal(snap->job_count, 0);
	snapshot_unref(snap);
}

static void the_last_reference_frees(void **state)
{
	struct snapshot *snap = snapshot_new(SNAPSHOT_CLUSTER, "c", "s", NULL);

	(void)state;
	assert_null(snap->key);
	assert_ptr_equal(snapshot_ref(snap), snap);
	snapshot_unref(snap);
	assert_string_equal(snap->source, "s"); /* the sanitisers watch this line */
	snapshot_unref(snap);
	snapshot_unref(NULL);
}

static void a_failure_keeps_its_text(void **state)
{
	struct snapshot *snap = snapshot_new(SNAPSHOT_CLUSTER, "c", "s", NULL);

	(void)state;
	assert_string_equal(snap->err.text, "");
	snapshot_fail(snap, E_NET, "connection %s", "refused");
	assert_int_equal(snap->err.code, E_NET);
	assert_string_equal(snap->err.text, "connection refused");
	snapshot_unref(snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_snapshot_owns_its_texts_and_knows_nothing),
		cmocka_unit_test(a_failure_keeps_its_text),
		cmocka_unit_test(the_last_reference_frees),
	};

	return cmocka_run_group_tests_name("model/snapshot", tests, NULL, NULL);
}
