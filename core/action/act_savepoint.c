/* savepoint: a restore point of one's own; the job goes on. */
#include "core/action/action.h"
#include "core/base/i18n.h"

const struct act act_savepoint = {
	.command = CMD_SAVEPOINT,
	.name = "savepoint",
	.verb = SOURCE_SAVEPOINT,
	.has_trigger = true,
	.ends_as = JOB_STATUS_NONE,
	.question = N_("Take a savepoint of %s?"),
	.effect = N_("the job goes on"),
	.done = N_("savepoint at"),
};
