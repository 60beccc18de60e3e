/* cancel: the job ends without a savepoint. Flink has no trigger for it: its proof is the job. */
#include "core/action/action.h"
#include "core/base/i18n.h"

const struct act act_cancel = {
	.command = CMD_CANCEL,
	.name = "cancel",
	.verb = SOURCE_CANCEL,
	.has_trigger = false,
	.ends_as = JOB_CANCELED,
	.question = N_("Cancel %s without a savepoint?"),
	.effect = N_("the job ends as CANCELED; what it did since its last checkpoint is lost"),
	.done = N_("canceled"),
};
