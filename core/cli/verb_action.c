/* weir savepoint|stop|cancel|checkpoint APP: the same actions as the keys of the console. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/gather.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"

struct verb {
	struct gather gather;
	struct cli *cli;
	const struct act *act;
	enum output_format format;
	struct app *app;
	struct session_context *context;
	struct action_options options;
	char *plan;
	bool is_back, was_announced;
	struct run *run;
	struct err err; /* code 0 = well */
};

static bool option_given(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->command->option_count; i++)
		if (str_eq(cli->command->options[i].name, name))
			return cli->values[i] != NULL;
	return false;
}

static int parse_words(struct verb *verb, struct err *err)
{
	struct cli *cli = verb->cli;
	const char *word = cli_option(cli, "output");

	verb->act = act_find(cli->command->id);
	if (cli->arg_count != 1)
		return err_set(err, E_ARG, _("%s takes one application: name, team/name or job id"),
			cli->command->name);
	verb->format = word ? output_parse(word) : OUT_TEXT;
	if (verb->format != OUT_TEXT && verb->format != OUT_JSON && verb->format != OUT_YAML)
		return err_set(err, E_ARG, _("unknown format '%s': text, json or yaml"), word);
	if (option_given(cli, "target-directory"))
		verb->options.args.target_dir = cli_option(cli, "target-directory");
	if (str_eq(verb->options.args.target_dir, ""))
		return err_set(err, E_ARG, _("--target-directory is empty"));
	verb->options.args.drain = option_given(cli, "drain");
	return 0;
}

/* Which application, of which context, on which source. */
static int find_app(struct verb *verb, struct err *err)
{
	struct session *session = verb->gather.session;
	const char *word = verb->cli->args[0];
	struct app *apps[8];
	size_t found = fleet_find_apps(session->fleet, word, apps, ARRAY_SIZE(apps));
	struct buf names;
	int rc = 0;

	if (found == 0)
		return err_set(err, E_NOTFOUND, _("there is no application '%s'"), word);
	buf_init(&names, 0);
	for (size_t i = 0; found > 1 && i < found && i < ARRAY_SIZE(apps); i++) {
		char *name = apps[i]->decl
			? action_app_name(apps[i])
			: xasprintf("%s/%s", apps[i]->cluster->name, apps[i]->job->summary.id);

		buf_addf(&names, "%s%s", i ? ", " : "", name);
		free(name);
	}
	if (found > 1)
		rc = err_set(err, E_ARG, _("'%s' may be any of: %s"), word, buf_str(&names));
	buf_release(&names);
	if (rc)
		return rc;
	verb->app = apps[0];
	for (size_t i = 0; i < session->context_count; i++)
		if (str_eq(session->contexts[i].config->name, verb->app->context))
			verb->context = &session->contexts[i];
	return 0;
}

static void fill_options(struct verb *verb)
{
	struct session_context *context = verb->context;
	struct action_options *options = &verb->options;
	const char *cluster = verb->app->job ? verb->app->job->cluster->name : NULL;

	options->act = verb->act;
	options->loop = verb->gather.session->loop;
	options->store = context->store;
	options->is_readonly = context->config->readonly;
	options->app = verb->app;
	options->timeout_ms = verb->cli->session.timeout_ms;
	options->is_detached = !option_given(verb->cli, "wait");
	for (size_t i = 0; i < context->cluster_count; i++)
		if (str_eq(context->clusters[i]->name, cluster))
			options->source = context->clusters[i];
}

/* ---- asking ---- */

static void say(const char *text)
{
	struct buf clean;

	buf_init(&clean, 0);
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		buf_adds(&clean, "  ");
		utf8_neutralise(&clean, line, len);
		buf_addc(&clean, '\n');
		line += len + (line[len] == '\n');
	}
	fputs(buf_str(&clean), stderr);
	buf_release(&clean);
}

/* The name of the application, as it has to be typed. */
static const char *plain_name(const struct app *app)
{
	return app->decl ? app->decl->name : app->job->name;
}

static int confirm(struct verb *verb, struct err *err)
{
	int mode = verb->context->config->confirm;
	char *name = action_app_name(verb->app), *line = NULL;
	size_t size = 0;
	bool agreed;

	if (mode == CONFIRM_NONE || option_given(verb->cli, "yes")) {
		free(name);
		return 0;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		int rc = err_set(err, E_DENIED,
			_("%s of %s has to be confirmed, and nobody can be asked here: add --yes"),
			verb->act->name, name);
		free(name);
		return rc;
	}
	struct err question; /* one harmless line */
	err_set(&question, E_OK, "%s", name);
	say(verb->plan);
	fprintf(stderr, "%s: %s\n", question.text, _(verb->act->effect));
	if (mode == CONFIRM_NAME)
		fprintf(stderr, _("To %s it, type its name (%s): "), verb->act->name,
			plain_name(verb->app));
	else
		fprintf(stderr, _("%s %s? [y/N] "), verb->act->name, question.text);
	fflush(stderr);
	ssize_t len = getline(&line, &size, stdin);
	if (len > 0)
		line[strcspn(line, "\r\n")] = '\0';
	agreed = len > 0 &&
		(mode == CONFIRM_NAME
				? str_eq(line, plain_name(verb->app))
				: (str_eq(line, "y") || str_eq(line, "Y") || str_eq(line, "yes")));
	free(line);
	free(name);
	return agreed ? 0 : err_set(err, E_CANCELED, _("not confirmed: nothing was sent"));
}

/* ---- running ---- */

static void on_change(void *data, const struct run *run)
{
	struct verb *verb = data;

	if (verb->was_announced || verb->format != OUT_TEXT)
		return;
	verb->was_announced = true;
	fprintf(stderr, _("weir: run %lld: %s\n"), (long long)run->id, run->verb);
}

static void on_done(void *data, const struct run *run, const struct err *err)
{
	struct verb *verb = data;

	verb->run = run ? run_dup(run) : NULL;
	verb->err = err ? *err : (struct err){0};
	verb->is_back = true;
	loop_stop(verb->gather.session->loop);
}

static void execute(struct verb *verb)
{
	verb->options.on_change = on_change;
	verb->options.done = on_done;
	verb->options.data = verb;
	action_start(&verb->options);
	while (!verb->is_back)
		loop_run(verb->gather.session->loop);
}

/* ---- telling ---- */

static int print_text(const struct verb *verb, struct err *err)
{
	struct buf out;
	int rc;

	buf_init(&out, 0);
	if (option_given(verb->cli, "dry-run")) {
		buf_adds(&out, verb->plan);
	} else if (verb->run && !verb->err.code) {
		struct err line;

		err_set(&line, E_OK, "%s",
			verb->run->outcome ? verb->run->outcome
					   : _("accepted; to see its end: weir settle"));
		buf_addf(&out, "run %lld %s: %s\n", (long long)verb->run->id,
			run_state_name(verb->run->state), line.text);
	}
	rc = output_text(buf_str(&out), out.len, err);
	buf_release(&out);
	return rc;
}

/* A dry run is a run without number, times and state. */
static int print_tree(const struct verb *verb, json_t *errors, struct err *err)
{
	struct present_env env = {.now_ms = clock_wall_ms()};
	struct run planned = {.app = "", .verb = verb->act->name, .plan = verb->plan};
	const struct run *run = verb->run;
	json_t *tree;
	int rc;

	if (!run && verb->plan && option_given(verb->cli, "dry-run")) {
		planned.context = verb->app->context;
		planned.team = verb->app->decl ? verb->app->decl->team : NULL;
		planned.name = plain_name(verb->app);
		planned.cluster = verb->app->job->cluster->name;
		planned.job_id = verb->app->job->summary.id;
		run = &planned;
	}
	tree = json_pack("{s:s, s:s, s:o, s:O}", "apiVersion", "weir/v1", "kind", "Run", "item",
		run ? column_item_json(&run_table, run, &env) : json_null(), "errors", errors);
	rc = output_tree(tree, verb->format, err);
	json_decref(tree);
	return rc;
}

static int report(const struct verb *verb)
{
	json_t *errors = json_array();
	struct err err;
	int rc;

	if (verb->err.code)
		output_error(errors, NULL, &verb->err);
	rc = verb->format == OUT_TEXT ? print_text(verb, &err) : print_tree(verb, errors, &err);
	json_decref(errors);
	if (rc)
		return cli_fail(&err);
	return verb->err.code ? err_exit_code(verb->err.code) : 0;
}

int verb_action(struct cli *cli)
{
	struct verb verb = {.gather = {.cli = cli}, .cli = cli};
	struct err *err = &verb.err;
	int code;

	if (parse_words(&verb, err))
		return cli_fail(err);
	if (gather_run(&verb.gather, err))
		return report(&verb);
	if (find_app(&verb, err) == 0) {
		fill_options(&verb);
		if (action_preflight(&verb.options, err) == 0) {
			verb.plan = action_plan(&verb.options, NULL);
			if (!option_given(cli, "dry-run") && confirm(&verb, err) == 0)
				execute(&verb);
		}
	} else if (err->code == E_NOTFOUND && verb.gather.answered < verb.gather.asked) {
		err->code = verb.gather.answered ? E_PARTIAL : E_NET;
		json_t *why = gather_errors(&verb.gather);
		json_decref(why);
	}
	code = report(&verb);
	free(verb.run);
	free(verb.plan);
	gather_release(&verb.gather);
	return code;
}
