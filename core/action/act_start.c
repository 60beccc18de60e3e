/* start: the active release becomes a job, from the newest restore point. */
#include "core/action/start.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_start, NULL};

const struct act act_start = {
	.command = CMD_START,
	.name = "start",
	.parts = parts,
	.question = N_("Start %s?"),
	.effect = N_("its active release is started"),
	.done = N_("started"),
};
