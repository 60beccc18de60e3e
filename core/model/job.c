/* The words of Flink's job and checkpoint states. Foreign words map to NONE: nothing is guessed. */
#include "core/model/job.h"

#include "core/base/mem.h"
#include "core/base/str.h"

static const char *const status_names[JOB_STATUS_MAX] = {
	[JOB_INITIALIZING] = "INITIALIZING",
	[JOB_CREATED] = "CREATED",
	[JOB_RUNNING] = "RUNNING",
	[JOB_FAILING] = "FAILING",
	[JOB_FAILED] = "FAILED",
	[JOB_CANCELLING] = "CANCELLING",
	[JOB_CANCELED] = "CANCELED",
	[JOB_FINISHED] = "FINISHED",
	[JOB_RESTARTING] = "RESTARTING",
	[JOB_SUSPENDED] = "SUSPENDED",
	[JOB_RECONCILING] = "RECONCILING",
};

static const char *const checkpoint_names[] = {
	[CHECKPOINT_IN_PROGRESS] = "IN_PROGRESS",
	[CHECKPOINT_COMPLETED] = "COMPLETED",
	[CHECKPOINT_FAILED] = "FAILED",
};

const char *job_status_name(enum job_status status)
{
	return (unsigned)status < JOB_STATUS_MAX ? status_names[status] : NULL;
}

enum job_status job_status_parse(const char *name)
{
	for (int i = JOB_STATUS_NONE + 1; name && i < JOB_STATUS_MAX; i++)
		if (str_eq(status_names[i], name))
			return (enum job_status)i;
	return JOB_STATUS_NONE;
}

bool job_status_is_terminal(enum job_status status)
{
	return status == JOB_FAILED || status == JOB_CANCELED || status == JOB_FINISHED;
}

const char *checkpoint_status_name(enum checkpoint_status status)
{
	return (unsigned)status < ARRAY_SIZE(checkpoint_names) ? checkpoint_names[status] : NULL;
}
