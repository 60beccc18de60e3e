/* savepoint: a restore point of one's own; the job goes on. */
#include "core/action/order.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_savepoint, NULL};

const struct act act_savepoint = {
	.command = CMD_SAVEPOINT,
	.name = "savepoint",
	.parts = parts,
	.question = N_("Take a savepoint of %s?"),
	.effect = N_("the job goes on"),
	.done = N_("savepoint taken"),
};
