/* cancel: the job ends without a savepoint. */
#include "core/action/order.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_cancel, NULL};

const struct act act_cancel = {
	.command = CMD_CANCEL,
	.name = "cancel",
	.parts = parts,
	.question = N_("Cancel %s without a savepoint?"),
	.effect = N_("the job ends as CANCELED; what it did since its last checkpoint is lost"),
	.done = N_("canceled"),
};
