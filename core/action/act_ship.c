/*
 * ship: build, release, restart (or first start), in one. It stops at the first failure; the job
 * that runs is not touched before the new release is there, whole and verified.
 */
#include "core/action/build.h"
#include "core/action/release.h"
#include "core/action/start.h"
#include "core/base/i18n.h"
#include "core/base/str.h"

static const struct part *const parts[] = {&part_build, &part_release, &part_restart, NULL};

/* What is no build of ours (a file that is there, SQL alone) needs none. */
static bool needs(const struct part *part, const struct app_decl *decl)
{
	return part != &part_build || !decl || str_eq(decl->artifact, "build");
}

const struct act act_ship = {
	.command = CMD_SHIP,
	.name = "ship",
	.parts = parts,
	.needs = needs,
	.question = N_("Ship %s?"),
	.effect =
		N_("it is built and released; then a job that runs is stopped with a savepoint and "
		   "started from it"),
	.done = N_("shipped"),
};
