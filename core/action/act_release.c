/* release, rollback: what a start runs from now on. The job that runs goes on as it is. */
#include "core/action/release.h"
#include "core/base/i18n.h"

static const struct part *const release_parts[] = {&part_release, NULL};
static const struct part *const rollback_parts[] = {&part_rollback, NULL};

const struct act act_release = {
	.command = CMD_RELEASE,
	.name = "release",
	.parts = release_parts,
	.needs_no_cluster = true,
	.question = N_("Release %s?"),
	.effect = N_("the next start runs this release; the job that runs goes on as it is"),
	.done = N_("released"),
};

const struct act act_rollback = {
	.command = CMD_ROLLBACK,
	.name = "rollback",
	.parts = rollback_parts,
	.needs_no_cluster = true,
	.question = N_("Go back to an earlier release of %s?"),
	.effect = N_("the next start runs that release; the job that runs goes on as it is"),
	.done = N_("rolled back"),
};
