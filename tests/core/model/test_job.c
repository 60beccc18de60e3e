#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/model/app.h"
#include "core/model/job.h"

static void job_status_words_are_flinks(void **state)
{
	static const struct {
		const char *name;
		enum job_status want;
		bool is_terminal;
	} rows[] = {
		{"INITIALIZING", JOB_INITIALIZING, false},
		{"CREATED", JOB_CREATED, false},
		{"RUNNING", JOB_RUNNING, false},
		{"FAILING", JOB_FAILING, false},
		{"FAILED", JOB_FAILED, true},
		{"CANCELLING", JOB_CANCELLING, false},
		{"CANCELED", JOB_CANCELED, true},
		{"FINISHED", JOB_FINISHED, true},
		{"RESTARTING", JOB_RESTARTING, false},
		{"SUSPENDED", JOB_SUSPENDED, false},
		{"RECONCILING", JOB_RECONCILING, false},
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(rows) + 1, JOB_STATUS_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(job_status_parse(rows[i].name), rows[i].want);
		assert_string_equal(job_status_name(rows[i].want), rows[i].name);
		assert_int_equal(job_status_is_terminal(rows[i].want), rows[i].is_terminal);
	}
}

static void job_status_of_foreign_words_is_none(void **state)
{
	static const char *const words[] = {
		NULL, "", "running", "CANCELLED", "RUNNING ", "UNKNOWN"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_int_equal(job_status_parse(words[i]), JOB_STATUS_NONE);
	assert_null(job_status_name(JOB_STATUS_NONE));
	assert_null(job_status_name(JOB_STATUS_MAX));
	assert_null(job_status_name((enum job_status) - 1));
	assert_false(job_status_is_terminal(JOB_STATUS_NONE));
}

static void checkpoint_status_names(void **state)
{
	(void)state;
	assert_string_equal(checkpoint_status_name(CHECKPOINT_IN_PROGRESS), "IN_PROGRESS");
	assert_string_equal(checkpoint_status_name(CHECKPOINT_COMPLETED), "COMPLETED");
	assert_string_equal(checkpoint_status_name(CHECKPOINT_FAILED), "FAILED");
	assert_null(checkpoint_status_name((enum checkpoint_status)7));
}

static void words_of_application_files_match_their_enums(void **state)
{
	(void)state;
	for (int i = 0; i < APP_TYPE_NONE; i++)
		assert_ptr_equal(app_type_name((enum app_type)i), app_type_words[i]);
	assert_null(app_type_words[APP_TYPE_NONE]);
	assert_null(app_type_name(APP_TYPE_NONE));
	assert_string_equal(app_type_name(APP_SQL), "sql");
	for (int i = 0; i < TARGET_NONE; i++)
		assert_ptr_equal(deployment_target_name((enum deployment_target)i),
			deployment_target_words[i]);
	assert_null(deployment_target_words[TARGET_NONE]);
	assert_null(deployment_target_name(TARGET_NONE));
	assert_string_equal(deployment_target_name(TARGET_YARN_PER_JOB), "yarn-per-job");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_status_words_are_flinks),
		cmocka_unit_test(job_status_of_foreign_words_is_none),
		cmocka_unit_test(checkpoint_status_names),
		cmocka_unit_test(words_of_application_files_match_their_enums),
	};

	return cmocka_run_group_tests_name("model/job", tests, NULL, NULL);
}
