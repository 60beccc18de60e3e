#include "tests/e2e/live.h"

#include "core/base/str.h"
#include "tests/support/check.h"

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
	if (live->flink && str_eq(live->flink->version, version))
		return;
	if (str_eq(live->failed, version))
		fail_msg("no cluster of Flink %s", version);
	live_leave(live);
	live->failed = version;
	live->bench = bench_new();
	live->flink = flink_start(version, name);
	jobs_declare(live->bench, live->flink->url);
	jobs_start(&live->jobs, live->flink);
	live->failed = NULL;
}
