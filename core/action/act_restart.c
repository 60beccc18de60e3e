/*
 * restart: stop with a savepoint, then start from exactly that; when the savepoint fails the job
 * goes on. One that has ended is started from the newest restore point.
 */
#include "core/action/start.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_restart, NULL};

const struct act act_restart = {
	.command = CMD_RESTART,
	.name = "restart",
	.parts = parts,
	.question = N_("Restart %s?"),
	.effect = N_("a job that runs is stopped with a savepoint and started from it; when the "
		     "savepoint fails, it goes on"),
	.done = N_("restarted"),
};
