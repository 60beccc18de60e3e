/* checkpoint: one more, now, as the job is configured (Flink 1.17 and later). */
#include "core/action/action.h"
#include "core/base/i18n.h"

const struct act act_checkpoint = {
	.command = CMD_CHECKPOINT,
	.name = "checkpoint",
	.verb = SOURCE_CHECKPOINT,
	.has_trigger = true,
	.ends_as = JOB_STATUS_NONE,
	.question = N_("Take a checkpoint of %s?"),
	.effect = N_("the job goes on"),
	.done = N_("checkpoint"),
};
