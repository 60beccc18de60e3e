/* weir config view|check|path|contexts */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/gather.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/model/deployment.h"

static char *path_of(const struct cli *cli)
{
	return cli->session.config_path ? xstrdup(cli->session.config_path) : config_default_path();
}

static int show_path(const struct cli *cli)
{
	char *path = path_of(cli);
	printf("%s\n", path);
	free(path);
	return 0;
}

static int view(const struct cli *cli)
{
	struct config *config;
	struct err err;
	char *path = path_of(cli);
	int rc = config_read(&config, path, &err);
	free(path);
	/* A file that is not there is a matter of configuration, as for every other command. */
	if (rc == E_NOTFOUND)
		err.code = E_CONFIG;
	if (rc)
		return cli_fail(&err);
	json_t *tree = config_to_json(config);
	rc = output_tree(tree, OUT_YAML, &err);
	json_decref(tree);
	config_free(config);
	return rc ? cli_fail(&err) : 0;
}

static bool is_workspace_error(const json_t *error)
{
	return str_eq(json_string_value(json_object_get(error, "source")), "workspace");
}

/* A variable that nobody defines would be found by the next release only. */
static void check_variables(const struct fleet *fleet, json_t *errors)
{
	size_t count;
	struct app *const *apps = fleet_apps(fleet, &count);

	for (size_t i = 0; i < count; i++) {
		struct deployment_input in;
		struct deployment *deployment = NULL;
		struct err err = {0};

		if (!apps[i]->decl || apps[i]->decl->error)
			continue;
		fleet_deployment_input(fleet, apps[i], &in);
		if (deployment_render(&deployment, &in, &err) == E_CONFIG)
			output_error(errors, "workspace", &err);
		deployment_free(deployment);
	}
}

/* Two of one name on one cluster cannot be told apart by their job: neither would be shown. */
static void check_names(const struct fleet *fleet, json_t *errors)
{
	struct map *first = map_new();
	size_t count;
	struct app *const *apps = fleet_apps(fleet, &count);

	for (size_t i = 0; i < count; i++) {
		const struct app_decl *decl = apps[i]->decl;
		const struct app *other;
		struct err err = {0};
		char *key;

		if (!decl || decl->error || !apps[i]->cluster_name)
			continue;
		key = xasprintf(
			"%s\n%s\n%s", apps[i]->context, apps[i]->cluster_name, apps[i]->job_name);
		other = map_get(first, key);
		if (other) {
			err_set(&err, E_CONFIG,
				_("%s: its job on cluster %s is called %s, as that of %s/%s: give "
				  "one another jobName"),
				decl->path, apps[i]->cluster_name, apps[i]->job_name,
				other->decl->team, other->decl->name);
			output_error(errors, "workspace", &err);
		} else {
			map_put(first, key, apps[i]);
		}
		free(key);
	}
	map_free(first);
}

static size_t check_console_files(const struct cli *cli)
{
	const struct console_file *file = cli->console_files;
	size_t broken = 0;

	for (; file && file->name; file++) {
		struct err err = {0};
		char *path = NULL;
		if (file->check(&path, &err)) {
			cli_fail(&err);
			broken++;
		}
		free(path);
	}
	return broken;
}

/* Reads configuration and workspace as a run would; no JobManager is judged here. */
static int check(const struct cli *cli)
{
	struct err err;
	struct gather gather = {.cli = cli, .local_only = true};
	if (gather_run(&gather, &err))
		return cli_fail(&err);
	json_t *errors = gather_errors(&gather);
	size_t broken = check_console_files(cli), apps, i;
	const json_t *error;
	check_variables(gather.session->fleet, errors);
	check_names(gather.session->fleet, errors);
	json_array_foreach (errors, i, error)
		broken += is_workspace_error(error);
	fleet_apps(gather.session->fleet, &apps);
	if (gather.session->is_unconfigured)
		printf(_("no configuration file; http://localhost:8081 is used\n"));
	else
		printf(_("%s: contexts in use: %zu, files with errors: %zu\n"),
			gather.session->config->path ? gather.session->config->path : "--rest",
			gather.session->context_count, broken);
	json_decref(errors);
	gather_release(&gather);
	return broken ? err_exit_code(E_CONFIG) : 0;
}

/* One name a line, for scripts and for Tab. */
static int show_contexts(const struct cli *cli)
{
	struct session_options options = cli->session;
	struct session *session;
	struct err err;

	options.config_only = true;
	options.contexts = "all";
	if (session_open(&session, &options, &err))
		return cli_fail(&err);
	for (size_t i = 0; i < session->context_count; i++)
		printf("%s\n", session->contexts[i].config->name);
	session_close(session);
	return 0;
}

int verb_config(struct cli *cli)
{
	const char *what = cli->arg_count == 1 ? cli->args[0] : "";
	if (str_eq(what, "path"))
		return show_path(cli);
	if (str_eq(what, "view"))
		return view(cli);
	if (str_eq(what, "check"))
		return check(cli);
	if (str_eq(what, "contexts"))
		return show_contexts(cli);
	struct err err;
	err_set(&err, E_ARG, _("config takes one of: view, check, path, contexts"));
	return cli_fail(&err);
}
