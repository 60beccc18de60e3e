/* build: from a git repository to an artifact, on the build host. The job goes on as it is. */
#include "core/action/build.h"
#include "core/base/i18n.h"

static const struct part *const parts[] = {&part_build, NULL};

const struct act act_build = {
	.command = CMD_BUILD,
	.name = "build",
	.parts = parts,
	.needs_no_cluster = true,
	.question = N_("Build %s?"),
	.effect = N_("its command runs on the build host; what runs and what is released stay"),
	.done = N_("built"),
};
