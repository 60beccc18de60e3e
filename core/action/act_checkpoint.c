/* checkpoint: one more, now, as the job is configured (Flink 1.17 and later). */
#include "core/action/order.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_checkpoint, NULL};

const struct act act_checkpoint = {
	.command = CMD_CHECKPOINT,
	.name = "checkpoint",
	.parts = parts,
	.question = N_("Take a checkpoint of %s?"),
	.effect = N_("the job goes on"),
	.done = N_("checkpoint taken"),
};
