/* stop: a savepoint, then the end of the job. When the savepoint fails the job goes on. */
#include "core/action/order.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_stop, NULL};

const struct act act_stop = {
	.command = CMD_STOP,
	.name = "stop",
	.parts = parts,
	.question = N_("Stop %s with a savepoint?"),
	.effect = N_("the job ends as FINISHED; when the savepoint fails, it goes on"),
	.done = N_("stopped"),
};
