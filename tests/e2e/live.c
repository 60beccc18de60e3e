#include "tests/e2e/live.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"

void live_leave(struct live *live)
{
	flink_stop(live->flink);
	live->flink = NULL;
	jobs_release(&live->jobs);
	bench_free(live->bench);
	live->bench = NULL;
}

void live_enter(struct live *live, const char *name, const char *version)
{
	if (!flink_must_start(live->flink, &live->failed, version))
		return;
	live_leave(live);
	live->bench = bench_new();
	live->flink = flink_start(version, name);
	jobs_declare(live->bench, live->flink->url);
	jobs_start(&live->jobs, live->flink);
	live->failed = NULL;
}

int live_run(const char *group, const struct live_case *cases, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown, CMFixtureFunction leave_group)
{
	return live_run_on(flink_versions(), group, cases, count, setup, teardown, leave_group);
}

int live_run_on(const char *const *versions, const char *group, const struct live_case *cases,
	size_t count, CMFixtureFunction setup, CMFixtureFunction teardown,
	CMFixtureFunction leave_group)
{
	bool is_full = !str_empty(getenv("WEIR_TEST_FULL"));
	size_t version_count = 0, used = 0;

	check_locale();
	while (versions[version_count])
		version_count++;
	struct CMUnitTest *tests = xcalloc(version_count * count + 1, sizeof(*tests));
	for (size_t v = 0; v < version_count; v++)
		for (size_t i = 0; i < count; i++) {
			const char *only = cases[i].short_version;

			if (!is_full && only && !str_eq(only, versions[v]))
				continue;
			tests[used++] = (struct CMUnitTest){
				.name = xasprintf("%s: %s", versions[v], cases[i].name),
				.test_func = cases[i].run,
				.setup_func = setup,
				.teardown_func = teardown,
				.initial_state = (void *)versions[v]};
		}
	if (!str_empty(getenv("WEIR_TEST_ONLY")))
		cmocka_set_test_filter(getenv("WEIR_TEST_ONLY"));
	int failed = _cmocka_run_group_tests(group, tests, used, NULL, leave_group);
	for (size_t i = 0; i < used; i++)
		free((char *)tests[i].name);
	free(tests);
	return failed;
}
