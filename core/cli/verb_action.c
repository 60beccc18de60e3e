/*
 * weir savepoint|stop|start|… APP: the same actions as the keys of the console. What commands print
 * goes to stderr as it comes, line by line, with secrets masked.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/gather.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"

/* A line without end is told in pieces. */
#define OUTPUT_LINE_BYTES ((size_t)16 << 10)

struct verb {
	struct gather gather;
	struct cli *cli;
	const struct act *act;
	enum output_format format;
	struct app *app;
	struct session_context *context;
	struct action_options options;
	struct action *action; /* NULL = none, or gone */
	const struct action_plan *plan;
	char *calls;       /* of the plan, for longer than the action */
	struct buf output; /* what is not a whole line yet */
	size_t steps_told;
	bool is_back;
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

/* The number of a release, where it is given. */
static int parse_release(struct verb *verb, const char *option, struct err *err)
{
	const char *word = option_given(verb->cli, option) ? cli_option(verb->cli, option) : NULL;

	if (!word)
		return 0;
	if (!str_to_int64(word, &verb->options.args.release) || verb->options.args.release < 1)
		return err_set(err, E_ARG, _("--%s %s: not the number of a release"), option, word);
	return 0;
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
	verb->options.args.allow_non_restored_state = option_given(cli, "allow-non-restored-state");
	if (option_given(cli, "from"))
		verb->options.args.from = cli_option(cli, "from");
	/* So many words. */
	verb->options.args.agrees_to_stateless = str_eq(verb->options.args.from, "none");
	if (option_given(cli, "restore-mode"))
		verb->options.args.restore_mode = cli_option(cli, "restore-mode");
	if (option_given(cli, "job-id"))
		verb->options.args.job_id = cli_option(cli, "job-id");
	verb->options.args.lets_go = option_given(cli, "undo");
	if (verb->options.args.job_id && verb->options.args.lets_go)
		return err_set(err, E_ARG, _("--job-id and --undo do not go together"));
	verb->options.args.agrees_to_command = option_given(cli, "agree-command");
	if (parse_release(verb, "release", err))
		return err->code;
	return parse_release(verb, "to", err);
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
	return 0;
}

static void on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct verb *verb = data;

	verb->action = action;
	verb->plan = plan;
	verb->calls = plan ? xstrdup(plan->calls) : NULL;
	verb->err = err ? *err : (struct err){0};
	verb->is_back = true;
	loop_stop(verb->gather.session->loop);
}

static void wait(struct verb *verb)
{
	while (!verb->is_back)
		loop_run(verb->gather.session->loop);
	verb->is_back = false;
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

/* A line typed at the terminal, without its end; malloc'd, NULL at the end of the input. */
static char *typed_line(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	fflush(stderr);
	len = getline(&line, &size, stdin);
	if (len <= 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static bool ask_yes(void)
{
	char *line = typed_line();
	bool agreed = str_eq(line, "y") || str_eq(line, "Y") || str_eq(line, "yes");

	free(line);
	return agreed;
}

static bool ask_name(const char *name)
{
	char *line = typed_line();
	bool agreed = line && str_eq(line, name);

	free(line);
	return agreed;
}

/* A build command that nobody has agreed to yet is shown and asked about, whatever --yes says. */
static int confirm_command(struct verb *verb, const char *name, bool can_ask, struct err *err)
{
	if (!verb->plan->command || option_given(verb->cli, "agree-command"))
		return 0;
	if (!can_ask)
		return err_set(err, E_DENIED,
			_("%s: its build (command, repository, ref or host) is new or has changed, "
			  "and nobody has agreed to it: look at it with --dry-run, then add "
			  "--agree-command"),
			name);
	fprintf(stderr, _("%s: its build is new or has changed:\n"), name);
	say(verb->plan->command);
	fputs(_("Run it? [y/N] "), stderr);
	return ask_yes() ? 0 : err_set(err, E_CANCELED, _("not confirmed: nothing was done"));
}

static int confirm(struct verb *verb, struct err *err)
{
	int mode = verb->context->config->confirm;
	bool can_ask = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	bool is_agreed = option_given(verb->cli, "yes");
	const char *word = plain_name(verb->app);
	struct err question; /* one harmless line */
	char *name = action_app_name(verb->app);
	int rc;

	err_set(&question, E_OK, "%s", name);
	free(name);
	rc = confirm_command(verb, question.text, can_ask, err);
	if (rc)
		return rc;
	/* A general yes is none to what nobody had in mind. */
	if (verb->plan->typed && (is_agreed || !can_ask))
		return err_set(err, E_DENIED,
			_("%s had state, and no restore point of it is known: name one with --from "
			  "PATH, or start from nothing with --from none"),
			question.text);
	if (verb->plan->typed) {
		mode = CONFIRM_NAME;
		word = verb->plan->typed;
	}
	if (mode == CONFIRM_NONE || is_agreed)
		return 0;
	if (!can_ask)
		return err_set(err, E_DENIED,
			_("%s of %s has to be confirmed, and nobody can be asked here: add --yes"),
			verb->act->name, question.text);
	say(verb->plan->calls);
	if (verb->plan->warnings)
		say(verb->plan->warnings);
	fprintf(stderr, "%s: %s\n", question.text, _(verb->act->effect));
	if (mode == CONFIRM_NAME)
		fprintf(stderr, _("To %s it, type its name (%s): "), verb->act->name, word);
	else
		fprintf(stderr, _("%s %s? [y/N] "), verb->act->name, question.text);
	if (mode == CONFIRM_NAME ? ask_name(word) : ask_yes())
		return 0;
	return err_set(err, E_CANCELED, _("not confirmed: nothing was sent"));
}

/* ---- running ---- */

static void on_change(void *data, const struct run *run)
{
	struct verb *verb = data;

	if (verb->format != OUT_TEXT)
		return;
	if (!verb->steps_told)
		fprintf(stderr, _("weir: run %lld: %s\n"), (long long)run->id, run->verb);
	for (size_t i = verb->steps_told; i < run->step_count && run->steps[i].started_ms; i++) {
		if (run->step_count > 1)
			fprintf(stderr, _("weir: run %lld: step %s\n"), (long long)run->id,
				run->steps[i].name);
		verb->steps_told = i + 1;
	}
}

/* "\tat a.b.C.run(C.java:1)", "\t... 14 more": Java's stacks are for the run's log, which has all. */
static bool is_stack(const char *line)
{
	const char *text = line + strspn(line, " \t");

	return text > line && (str_starts(text, "at ") || str_starts(text, "... "));
}

static void drop_stacks(struct buf *lines)
{
	struct buf kept;

	buf_init(&kept, 0);
	for (const char *line = buf_str(lines); *line;) {
		size_t len = strcspn(line, "\n");

		len += line[len] == '\n';
		if (!is_stack(line))
			buf_add(&kept, line, len);
		line += len;
	}
	buf_reset(lines);
	buf_add(lines, kept.data, kept.len);
	buf_release(&kept);
}

static void tell_lines(struct verb *verb, bool all)
{
	const char *text = buf_str(&verb->output), *end;
	struct buf clean;
	char *masked;

	end = all ? text + verb->output.len : strrchr(text, '\n');
	if (!end || end == text)
		return;
	masked = xstrndup(text, (size_t)(end - text));
	buf_init(&clean, 0);
	redact(&clean, masked, strlen(masked));
	drop_stacks(&clean);
	say(buf_str(&clean));
	buf_release(&clean);
	free(masked);
	masked = xstrdup(*end ? end + 1 : end);
	buf_reset(&verb->output);
	buf_adds(&verb->output, masked);
	free(masked);
}

static void on_output(void *data, const char *bytes, size_t len)
{
	struct verb *verb = data;

	if (verb->format != OUT_TEXT)
		return;
	for (size_t i = 0; i < len; i++)
		buf_addc(&verb->output, bytes[i] ? bytes[i] : '?');
	tell_lines(verb, verb->output.len > OUTPUT_LINE_BYTES);
}

static void on_done(void *data, const struct run *run, const struct err *err)
{
	struct verb *verb = data;

	verb->action = NULL;
	verb->run = run ? run_dup(run) : NULL;
	verb->err = err ? *err : (struct err){0};
	verb->is_back = true;
	loop_stop(verb->gather.session->loop);
}

/* Ctrl-C, or asked to end: what can be called off is; of an order that was sent nothing more is awaited. */
static void on_interrupt(void *data)
{
	struct verb *verb = data;
	struct err err;

	if (!verb->action || action_cancel(verb->action, &err) == 0)
		return;
	action_drop(verb->action);
	verb->action = NULL;
	err_set(&verb->err, E_CANCELED, _("%s. To see its end: weir settle"), err.text);
	verb->is_back = true;
	loop_stop(verb->gather.session->loop);
}

static void prepare(struct verb *verb)
{
	verb->options.prepared = on_prepared;
	verb->options.on_change = on_change;
	verb->options.on_output = on_output;
	verb->options.done = on_done;
	verb->options.data = verb;
	verb->action = action_new(&verb->options);
	wait(verb);
}

static void execute(struct verb *verb)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct err err;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (loop_signal(verb->gather.session->loop, signals[i], on_interrupt, verb, &err))
			log_write(LOG_WARN, "%s", err.text);
	action_go(verb->action);
	wait(verb);
	tell_lines(verb, true);
}

/* ---- telling ---- */

static int print_text(const struct verb *verb, struct err *err)
{
	struct buf out;
	int rc;

	buf_init(&out, 0);
	if (option_given(verb->cli, "dry-run")) {
		buf_adds(&out, verb->calls ? verb->calls : "");
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
	struct run planned = {.app = "", .verb = verb->act->name, .plan = verb->calls};
	const struct run *run = verb->run;
	json_t *tree;
	int rc;

	if (!run && verb->calls && option_given(verb->cli, "dry-run")) {
		planned.context = verb->app->context;
		planned.team = verb->app->decl ? verb->app->decl->team : NULL;
		planned.name = plain_name(verb->app);
		planned.cluster = verb->options.source ? verb->options.source->name : NULL;
		planned.job_id = verb->app->job ? verb->app->job->summary.id : NULL;
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

	buf_init(&verb.output, 0);
	if (parse_words(&verb, err))
		return cli_fail(err);
	verb.gather.app = cli->args[0];
	verb.gather.needs_no_cluster = verb.act->needs_no_cluster;
	if (gather_run(&verb.gather, err))
		return report(&verb);
	if (find_app(&verb, err) == 0) {
		struct action_args args = verb.options.args;

		verb.context = session_action_options(verb.gather.session, verb.app, &verb.options);
		verb.options.act = verb.act;
		verb.options.args = args;
		verb.options.timeout_ms = cli->session.timeout_ms;
		verb.options.is_detached = !option_given(cli, "wait");
		verb.options.only_plans = option_given(cli, "dry-run");
		prepare(&verb);
		if (!err->code && !option_given(cli, "dry-run") && confirm(&verb, err) == 0)
			execute(&verb);
		action_drop(verb.action);
	} else if (err->code == E_NOTFOUND && verb.gather.answered < verb.gather.asked) {
		err->code = verb.gather.answered ? E_PARTIAL : E_NET;
		json_t *why = gather_errors(&verb.gather);
		json_decref(why);
	}
	code = report(&verb);
	free(verb.run);
	free(verb.calls);
	buf_release(&verb.output);
	gather_release(&verb.gather);
	return code;
}
