/*
 * stop: a savepoint, then the end of the job. When the savepoint fails the job goes on. The path is
 * only half of the proof: the job has to be FINISHED.
 */
#include "core/action/action.h"
#include "core/base/i18n.h"

const struct act act_stop = {
	.command = CMD_STOP,
	.name = "stop",
	.verb = SOURCE_STOP,
	.has_trigger = true,
	.ends_as = JOB_FINISHED,
	.question = N_("Stop %s with a savepoint?"),
	.effect = N_("the job ends as FINISHED; when the savepoint fails, it goes on"),
	.done = N_("stopped, savepoint at"),
};
