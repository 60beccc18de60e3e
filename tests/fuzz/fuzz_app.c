/*
 * Files of a workspace, as an application and as a team: each is either whole, as the model
 * promises, or an error that names the file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/source/workspace/parts.h"

#define PATH "teams/ods/apps/f.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

static void check_app(const struct app_decl *app)
{
	check(str_eq(app->team, "ods") && str_eq(app->path, PATH));
	check(app->name && app->job_name && utf8_valid(app->job_name, strlen(app->job_name)));
	if (app->error) {
		check(str_starts(app->error, PATH ":") && str_eq(app->name, "f") && !app->text);
		return;
	}
	check(str_is_name(app->name) && *app->job_name && app->text);
	check(app->parallelism == -1 || app->parallelism > 0);
	check(!app->has_build || (app->build.command && app->build.artifact));
	check(!app->build.git || app->build.git[0] != '-');
	for (size_t i = 0; i < app->arg_count; i++)
		check(app->args[i] != NULL);
	for (size_t i = 0; i < app->property_count; i++)
		check(app->properties[i].key && app->properties[i].value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parsed *app = parsed_app("ods", PATH, (const char *)data, size);
	struct parsed *team = parsed_team("ods", "teams/ods/team.yaml", (const char *)data, size);

	check_app(&app->app);
	check(str_eq(team->team.name, "ods"));
	check(!team->team.error || str_starts(team->team.error, "teams/ods/team.yaml:"));
	parsed_free(app);
	parsed_free(team);
	return 0;
}
