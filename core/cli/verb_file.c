/* weir new|copy|edit|delete: the files that declare applications. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/files.h"
#include "core/cli/gather.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/query/query.h"

struct files {
	struct gather gather;
	struct cli *cli;
	struct session_context *context;
	struct app *app;
	struct source *source;
	char *path, *digest; /* of the last change */
	bool is_same, is_back, has_open_run;
	struct err err; /* code 0 = well */
};

/* ---- what may be done ---- */

int file_may_change(const struct session_context *context, const struct app *app,
	struct source **source, struct err *err)
{
	if (context->config->readonly)
		return err_set(err, E_DENIED, _("context %s is read-only"), context->config->name);
	if (app && (!app->decl || !app->decl->path))
		return err_set(err, E_UNSUPPORTED,
			_("'%s' has no file: nobody declared it in a workspace"),
			app->decl ? app->decl->name : app->job->name);
	if (!context->workspace || !source_can_change(context->workspace) ||
		(app && !str_eq(app->source, context->workspace->name)))
		return err_set(err, E_UNSUPPORTED,
			_("context %s has no workspace with files to change"),
			context->config->name);
	*source = context->workspace;
	return 0;
}

int file_may_delete(const struct app *app, struct err *err)
{
	const char *cluster = app->job ? app->job->cluster->name : "";

	switch (app->state) {
	case STATE_STARTING:
	case STATE_RUNNING:
	case STATE_RESTARTING:
	case STATE_STOPPING:
		return err_set(err, E_CONFLICT, _("%s/%s runs on %s (%s): stop or cancel it first"),
			app->decl->team, app->decl->name, cluster, app_state_name(app->state));
	case STATE_UNREACHABLE:
	case STATE_UNKNOWN:
		if (app->job && !job_status_is_terminal(app->job->summary.status))
			return err_set(err, E_CONFLICT,
				_("%s/%s ran on %s when that was last heard of: whether it still "
				  "does is not known"),
				app->decl->team, app->decl->name, cluster);
		return 0;
	default: return 0;
	}
}

/* ---- one change ---- */

static void back(struct files *files)
{
	files->is_back = true;
	loop_stop(files->gather.session->loop);
}

static void wait_for_it(struct files *files)
{
	while (!files->is_back)
		loop_run(files->gather.session->loop);
	files->is_back = false;
}

static void on_changed(void *data, const struct source_changed *changed, const struct err *err)
{
	struct files *files = data;

	files->err = err ? *err : (struct err){0};
	if (!err) {
		free(files->path);
		files->path = xstrdup_null(changed->path);
		files->is_same = changed->is_same;
	}
	if (!err && !str_empty(changed->digest)) {
		free(files->digest);
		files->digest = xstrdup(changed->digest);
	}
	back(files);
}

static int change(struct files *files, const struct source_change *what)
{
	source_change(files->source, what, on_changed, files);
	wait_for_it(files);
	return files->err.code;
}

static void tell(const struct files *files)
{
	struct err ignored;
	char *line = xasprintf("%s\n", files->path);

	output_text(line, strlen(line), &ignored);
	free(line);
}

/* "team/name", or "name" in `team`. */
static int split(
	const char *word, const char *team, char **out_team, char **out_name, struct err *err)
{
	const char *slash = strchr(word, '/');

	if (!slash && !team)
		return err_set(err, E_ARG, _("'%s' is no team/name"), word);
	*out_team = slash ? xstrndup(word, (size_t)(slash - word)) : xstrdup(team);
	*out_name = xstrdup(slash ? slash + 1 : word);
	return 0;
}

static int find(struct files *files, const char *word)
{
	struct err *err = &files->err;

	if (gather_find_app(&files->gather, word, &files->app, &files->context, err))
		return err->code;
	return file_may_change(files->context, files->app, &files->source, err);
}

/* ---- new and copy ---- */

/* A mistyped team would be a folder that nobody wants. The first one is made without asking. */
static int check_team(struct files *files, const char *name)
{
	size_t count = 0, known = 0;
	struct team *const *teams = fleet_teams(files->gather.session->fleet, &count);
	bool is_there = cli_option(files->cli, "new-team") != NULL;
	struct buf names;
	int rc = 0;

	buf_init(&names, 0);
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(teams[i]->context, files->context->config->name))
			continue;
		is_there = is_there || str_eq(teams[i]->decl->name, name);
		buf_addf(&names, "%s%s", known++ ? ", " : "", teams[i]->decl->name);
	}
	if (known && !is_there)
		rc = err_set(&files->err, E_NOTFOUND,
			_("team %s is not there; known: %s. --new-team makes it"), name,
			buf_str(&names));
	buf_release(&names);
	return rc;
}

static int do_new(struct files *files)
{
	struct cli *cli = files->cli;
	const char *type = cli_option(cli, "type");
	struct source_change what = {.verb = SOURCE_NEW,
		.type = APP_JAR,
		.cluster = cli_option(cli, "cluster"),
		.flink_env = cli_option(cli, "flink-env"),
		.sets = cli->sets,
		.set_count = cli->set_count};
	char *team = NULL, *name = NULL;
	int rc;

	if (type) {
		what.type = APP_TYPE_NONE;
		for (int i = 0; app_type_words[i]; i++)
			if (str_eq(type, app_type_words[i]))
				what.type = (enum app_type)i;
		if (what.type == APP_TYPE_NONE)
			return err_set(&files->err, E_ARG,
				_("unknown type '%s': jar, sql or pyflink"), type);
	}
	if (files->gather.session->context_count != 1)
		return err_set(&files->err, E_ARG, _("in which context? --context names one"));
	files->context = &files->gather.session->contexts[0];
	rc = file_may_change(files->context, NULL, &files->source, &files->err);
	if (!rc)
		rc = split(cli->args[0], NULL, &team, &name, &files->err);
	if (!rc)
		rc = check_team(files, team);
	if (!rc) {
		what.team = team;
		what.name = name;
		rc = change(files, &what);
	}
	free(team);
	free(name);
	if (!rc)
		tell(files);
	return rc;
}

static int do_copy(struct files *files)
{
	struct cli *cli = files->cli;
	char *team = NULL, *name = NULL;
	int rc = find(files, cli->args[0]);

	if (!rc)
		rc = split(cli->args[1], files->app->decl->team, &team, &name, &files->err);
	if (!rc)
		rc = check_team(files, team);
	if (!rc)
		rc = change(files,
			&(struct source_change){.verb = SOURCE_COPY,
				.path = files->app->decl->path,
				.team = team,
				.name = name,
				.sets = cli->sets,
				.set_count = cli->set_count});
	free(team);
	free(name);
	if (!rc)
		tell(files);
	return rc;
}

/* ---- delete ---- */

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct files *files = data;

	(void)runs;
	if (err)
		files->err = *err;
	files->has_open_run = count > 0;
	back(files);
}

static bool is_agreed(const struct files *files)
{
	const struct app_decl *decl = files->app->decl;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool by_name = files->context->config->confirm == CONFIRM_NAME, agreed;

	fprintf(stderr, by_name ? _("To delete %s of %s, type %s: ") : _("Delete %s of %s? [y/N] "),
		decl->path, decl->team, decl->name);
	fflush(stderr);
	len = getline(&line, &size, stdin);
	if (len > 0)
		line[strcspn(line, "\r\n")] = '\0';
	agreed = len > 0 &&
		(by_name ? str_eq(line, decl->name)
			 : str_eq(line, "y") || str_eq(line, "Y") || str_eq(line, "yes"));
	free(line);
	return agreed;
}

static int do_delete(struct files *files)
{
	struct err *err = &files->err;
	int rc = find(files, files->cli->args[0]);

	if (!rc)
		rc = file_may_delete(files->app, err);
	if (rc)
		return rc;
	query_runs(files->context->store, files->app->ref, true, 1, on_runs, files);
	wait_for_it(files);
	if (err->code)
		return err->code;
	if (files->has_open_run)
		return err_set(err, E_CONFLICT,
			_("a run of %s/%s is not over: weir get runs (weir settle, when nobody "
			  "watches it)"),
			files->app->decl->team, files->app->decl->name);
	if (files->context->config->confirm != CONFIRM_NONE && !cli_option(files->cli, "yes")) {
		if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
			return err_set(err, E_DENIED,
				_("deleting %s has to be confirmed, and nobody can be asked here: "
				  "add --yes"),
				files->app->decl->path);
		if (!is_agreed(files))
			return err_set(err, E_CANCELED, _("not confirmed: nothing was deleted"));
	}
	rc = change(files,
		&(struct source_change){.verb = SOURCE_DELETE, .path = files->app->decl->path});
	if (!rc)
		tell(files);
	return rc;
}

/* ---- edit ---- */

/* What is wrong, and whether to go back; without a terminal nobody can. */
static bool goes_back(const struct err *err)
{
	char *line = NULL;
	size_t size = 0;
	bool back_to_it;

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "weir: %s\n", err->text);
	fputs(_("Enter: back to the editor · q: leave the file as it was "), stderr);
	fflush(stderr);
	back_to_it = getline(&line, &size, stdin) > 0 && line[0] != 'q' && line[0] != 'Q';
	free(line);
	return back_to_it;
}

static int do_edit(struct files *files)
{
	struct source_change what = {.verb = SOURCE_DRAFT};
	char *draft, *digest;
	int rc = find(files, files->cli->args[0]);

	if (rc)
		return rc;
	what.path = files->app->decl->path;
	if (change(files, &what))
		return files->err.code;
	draft = files->path;
	digest = files->digest;
	files->path = files->digest = NULL;
	what = (struct source_change){.verb = SOURCE_SAVE,
		.path = files->app->decl->path,
		.draft = draft,
		.digest = digest};
	do {
		rc = editor_run(draft, &files->err);
		if (!rc)
			rc = change(files, &what);
	} while (rc == E_CONFIG && goes_back(&files->err));
	if (rc && rc != E_CONFLICT) { /* then what was written stays beside the file */
		struct err why = files->err;

		what.verb = SOURCE_DROP;
		change(files, &what);
		files->err = why;
	} else if (!rc && files->is_same) {
		fputs(_("weir: nothing was changed\n"), stderr);
	} else if (!rc) {
		tell(files);
	}
	free(draft);
	free(digest);
	return rc;
}

int verb_file(struct cli *cli)
{
	static const struct {
		enum command_id id;
		size_t words;
		int (*run)(struct files *files);
		bool asks_network;
	} verbs[] = {
		{CMD_NEW, 1, do_new, false},
		{CMD_COPY, 2, do_copy, false},
		{CMD_EDIT, 1, do_edit, false},
		{CMD_DELETE, 1, do_delete, true},
	};
	struct files files = {.gather = {.cli = cli}, .cli = cli};
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (verbs[i].id != cli->command->id)
			continue;
		if (cli->arg_count != verbs[i].words) {
			err_set(&files.err, E_ARG, _("usage: weir %s %s"), cli->command->name,
				cli->command->args);
			return cli_fail(&files.err);
		}
		files.gather.local_only = !verbs[i].asks_network;
		if (gather_run(&files.gather, &files.err) || verbs[i].run(&files))
			code = cli_fail(&files.err);
	}
	free(files.path);
	free(files.digest);
	gather_release(&files.gather);
	return code;
}
