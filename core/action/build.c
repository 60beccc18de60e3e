/*
 * One command makes all three steps (build_script.c says why); a step here begins when its row is
 * written, and ends when the script has come past it, or has ended. The script may be ahead of the
 * rows: what it said is kept until the step is begun.
 *
 * A build changes nothing but its own folder, so there is nothing to settle: when the link breaks
 * it has FAILED, and another build waits for the lock that it may still hold.
 */
#include "core/action/build.h"

#include <stdlib.h>
#include <string.h>

#include "core/action/build_script.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query_release.h"
#include "core/store/journal/release.h"

#define BUILD_TIMEOUT_MS ((int64_t)2 * 3600 * 1000)

struct build_work {
	struct action *action;
	struct build_spec spec;
	char *address; /* the repository for people, or the folder */
	char digest[HASH_HEX_LEN + 1];
	struct query *query;
	struct keep_op *keep;
	struct ssh_op *op;
	struct build_progress progress;
	enum build_step at; /* the step that is begun */
	bool is_begun;      /* false between two steps */
	bool was_told_to_wait;
	bool has_ended; /* the script */
	int exit_status;
	struct err why; /* it has ended without a status; code 0 = it has one */
	int64_t began_mono_ms;
};

/* ---- hosts by their names ---- */

const char *host_or_local(const char *name)
{
	return str_eq(name, "local") ? NULL : name;
}

const char *host_label(const char *name)
{
	return name ? name : "local";
}

int host_check(
	const struct action_options *options, const char *what, const char *name, struct err *err)
{
	const struct context_config *config = options->config;
	const char *names[64], *near;
	size_t count = 0;

	if (!options->hosts)
		return err_set(err, E_UNSUPPORTED, _("no host can be reached from here"));
	if (!host_or_local(name))
		return 0;
	for (size_t i = 0; config && i < config->host_count; i++) {
		if (str_eq(config->hosts[i].name, name))
			return 0;
		if (count < ARRAY_SIZE(names))
			names[count++] = config->hosts[i].name;
	}
	near = str_suggest(name, names, count);
	return err_set(err, E_CONFIG, _("%s: host '%s' is not in the configuration%s%s%s"), what,
		name, near ? _("; did you mean '") : "", near ? near : "", near ? "'?" : "");
}

/* ---- before ---- */

static struct build_spec spec_of(const struct app_decl *decl, const struct context_config *config)
{
	const struct build_decl *build = &decl->build;

	return (struct build_spec){
		.git = build->git,
		.ref = build->ref,
		.folder = build->git || !config ? NULL : config->workspace,
		.command = build->command,
		.artifact = build->artifact,
		.host = host_or_local(build->host),
	};
}

static int check(const struct part *part, const struct action_options *options, struct err *err)
{
	const struct app_decl *decl = options->app->decl;
	char *name = action_app_name(options->app);
	struct build_spec spec;
	int rc = 0;

	(void)part;
	if (!decl)
		rc = err_set(err, E_CONFLICT, _("%s is a job that nobody declared"), name);
	else if (decl->error)
		rc = err_set(err, E_CONFIG, "%s", decl->error);
	else if (decl->is_remembered)
		rc = err_set(
			err, E_CONFLICT, _("%s: its file has not been read yet; try again"), name);
	else if (!decl->has_build)
		rc = err_set(err, E_CONFIG, _("%s: it has no build: (git, command, artifact)"),
			decl->path ? decl->path : name);
	if (rc)
		goto out;
	spec = spec_of(decl, options->config);
	if (!spec.git && !spec.folder)
		rc = err_set(err, E_CONFIG, _("build.git is missing, and there is no workspace"));
	if (rc == 0)
		rc = build_check(&spec, err);
	if (rc == 0)
		rc = host_check(options, "build.host", spec.host, err);
	if (rc)
		err_prefix(err, "%s", decl->path ? decl->path : name);
out:
	free(name);
	return rc;
}

static void work_free(void *thing)
{
	struct build_work *work = thing;

	query_cancel(work->query);
	keep_op_cancel(work->keep);
	ssh_cancel(work->op);
	build_progress_release(&work->progress);
	free(work->address);
	free(work);
}

static void plan(struct action *action)
{
	const struct build_work *work = action->build;
	const struct build_spec *spec = &work->spec;
	char key[BUILD_KEY_LEN];

	build_key(spec, key);
	if (spec->git) {
		plan_call(action, _("on %s, in ~/.cache/weir/projects/%s:"), host_label(spec->host),
			key);
		plan_call(action, "  git fetch -- %s %s", work->address,
			spec->ref ? spec->ref : "HEAD");
		plan_call(action, "  git checkout --force --detach; git clean -ffdx");
	} else {
		plan_call(action, _("on local, in %s:"), spec->folder);
	}
	plan_call(action, "  %s", spec->command);
	plan_call(action, _("  keep the one file %s, and its SHA-256"), spec->artifact);
}

static void on_consent(void *data, bool is_given, const struct err *err)
{
	struct action *action = data;
	struct build_work *work = action->build;

	work->query = NULL;
	if (err) {
		part_refused(action, err);
		return;
	}
	if (!is_given) {
		char *text = xasprintf(_("%s\nof %s%s%s\non %s"), work->spec.command, work->address,
			work->spec.ref ? ", " : "", work->spec.ref ? work->spec.ref : "",
			host_label(work->spec.host));
		char *masked = redact_dup(text);

		action->plan.command = action_keep(action, masked);
		free(masked);
		free(text);
	}
	plan(action);
	for (size_t i = 0; action->part->steps[i]; i++)
		action_add_step(action, action->part->steps[i]);
	part_prepared(action);
}

static void prepare(struct action *action)
{
	struct build_work *work = xcalloc(1, sizeof(*work));

	work->action = action;
	work->spec = spec_of(action->subject.decl, action->options.config);
	work->address = work->spec.git ? build_address(work->spec.git) : xstrdup(work->spec.folder);
	build_digest(&work->spec, work->digest);
	build_progress_init(&work->progress);
	action->build = work;
	action_own(action, work, work_free);
	work->query = query_consent(
		action->options.store, action->subject.ref, work->digest, on_consent, action);
}

/* ---- the ends of the steps ---- */

static void checkout_done(struct action *action)
{
	const struct build_work *work = action->build;

	if (work->progress.commit[0])
		action_step_text(action, _("commit %s (%s)"), work->progress.commit,
			work->spec.ref ? work->spec.ref : "HEAD");
	else
		action_step_text(action, _("%s, as it is"), work->spec.folder);
}

static void on_kept(void *data, int64_t number, const struct err *err)
{
	struct action *action = data;
	struct build_work *work = action->build;

	(void)number;
	work->keep = NULL;
	work->is_begun = false;
	if (err) {
		action->err = *err;
		err_prefix(&action->err, _("built, but not written to the registry"));
		step_failed(action);
		return;
	}
	step_done(action);
}

static void keep(struct action *action)
{
	struct build_work *work = action->build;
	const struct build_progress *progress = &work->progress;
	const char *name = strrchr(progress->artifact, '/') + 1;
	int64_t duration_ms = clock_mono_ms() - work->began_mono_ms;

	action_step_text(action, _("%s, %lld bytes, sha256 %s"), name, (long long)progress->size,
		progress->sha256);
	action_set_result(action, progress->artifact);
	action_set_outcome(action, _("built %s%s%.12s on %s in %lld s"), name,
		progress->commit[0] ? _(" of commit ") : "", progress->commit,
		host_label(work->spec.host), (long long)(duration_ms / 1000));
	work->keep = keep_build(action->options.store,
		&(struct build){.app = action->subject.ref,
			.host = work->spec.host,
			.git = work->spec.git ? work->address : NULL,
			.ref = work->spec.ref,
			.commit = progress->commit[0] ? progress->commit : NULL,
			.artifact = progress->artifact,
			.sha256 = progress->sha256,
			.size = progress->size,
			.duration_ms = duration_ms,
			.built_ms = clock_wall_ms(),
			.run = action->run.id},
		on_kept, action);
}

/* What the script says, else what was printed last. */
static void fail(struct action *action)
{
	struct build_work *work = action->build;
	const struct build_progress *progress = &work->progress;
	const char *step = action_step(action)->name, *host = host_label(work->spec.host);
	char *last = action_error_lines(action, 5);

	if (work->why.code) {
		action->err = work->why;
		if (action->err.code == E_UNKNOWN)
			action->err.code = E_NET; /* a build may be repeated */
		err_prefix(&action->err, _("%s on %s"), step, host);
	} else if (progress->error) {
		err_set(&action->err, E_REMOTE, _("%s on %s: %s"), step, host, progress->error);
	} else if (progress->is_broken) {
		err_set(&action->err, E_PROTO,
			_("%s on %s: it said what cannot be understood; is its sh a POSIX shell?"),
			step, host);
	} else {
		int status = progress->status > 0 ? progress->status : work->exit_status;

		err_set(&action->err, E_REMOTE, _("%s on %s: exit status %d%s%s"), step, host,
			status, *last ? ": " : _(", and nothing was printed"), last);
	}
	free(last);
	work->is_begun = false;
	step_failed(action);
}

/* How far is the script? Comes last where it is called: the action may be gone after it. */
static void advance(struct action *action)
{
	struct build_work *work = action->build;

	if (!work->is_begun || work->keep)
		return;
	if (work->progress.step > work->at && work->at < BUILD_ARTIFACT) {
		if (work->at == BUILD_CHECKOUT)
			checkout_done(action);
		else
			action_step_text(action, _("exit status 0"));
		work->is_begun = false;
		step_done(action);
		return;
	}
	if (!work->has_ended)
		return;
	if (work->progress.step == BUILD_OVER && !work->why.code && work->exit_status == 0)
		keep(action);
	else
		fail(action);
}

/* ---- the script runs ---- */

static void tell_waiting(struct action *action)
{
	struct build_work *work = action->build;

	if (work->progress.has_begun && !work->began_mono_ms) {
		work->began_mono_ms = clock_mono_ms();
		if (work->was_told_to_wait)
			action_step_text(action, _("under way"));
	} else if (work->progress.is_waiting && !work->was_told_to_wait) {
		work->was_told_to_wait = true;
		action_step_text(action, _("waiting for another build of this project to end"));
	} else {
		return;
	}
	if (work->is_begun && !action->save)
		action_save(action, NULL);
}

static void on_output(void *data, int stream, const char *bytes, size_t len)
{
	struct action *action = data;

	if (stream != 1) {
		action_output(action, bytes, len);
		return;
	}
	build_said(&action->build->progress, bytes, len);
	if (action->build->is_begun && action->build->at == BUILD_CHECKOUT)
		tell_waiting(action);
	advance(action);
}

static void on_done(void *data, const struct ssh_result *result, const struct err *err)
{
	struct action *action = data;
	struct build_work *work = action->build;

	work->op = NULL;
	work->has_ended = true;
	work->exit_status = result->exit_status;
	if (err)
		work->why = *err;
	else if (result->signal)
		err_set(&work->why, E_REMOTE, _("it was ended by signal %s"), result->signal);
	advance(action);
}

static void start(struct action *action)
{
	struct build_work *work = action->build;
	int64_t timeout_ms = action->options.timeout_ms;
	struct buf script;

	buf_init(&script, 0);
	build_script(&work->spec, &script);
	work->op = ssh_exec(action->options.hosts,
		&(struct ssh_exec_options){
			.host = work->spec.host,
			.command = BUILD_COMMAND,
			.input = script.data,
			.input_len = script.len,
			.timeout_ms =
				timeout_ms != ACTION_TIMEOUT_MS ? timeout_ms : BUILD_TIMEOUT_MS,
			.on_output = on_output,
		},
		on_done, action);
	mem_wipe(script.data, script.len);
	buf_release(&script);
}

static void on_agreed(void *data, int64_t number, const struct err *err)
{
	struct action *action = data;

	(void)number;
	action->build->keep = NULL;
	if (err) {
		action->build->is_begun = false;
		action->err = *err;
		step_failed(action);
		return;
	}
	start(action);
}

static void begin_checkout(struct action *action)
{
	struct build_work *work = action->build;

	work->at = BUILD_CHECKOUT;
	work->is_begun = true;
	/* A door has asked: the plan said so. */
	if (action->plan.command)
		work->keep = keep_consent(action->options.store, action->subject.ref, work->digest,
			on_agreed, action);
	else
		start(action);
}

static void begin_command(struct action *action)
{
	action->build->at = BUILD_COMMAND_RUN;
	action->build->is_begun = true;
	advance(action);
}

static void begin_artifact(struct action *action)
{
	action->build->at = BUILD_ARTIFACT;
	action->build->is_begun = true;
	advance(action);
}

static void cancel(struct action *action)
{
	struct build_work *work = action->build;

	keep_op_cancel(work->keep);
	ssh_cancel(work->op);
	work->keep = NULL;
	work->op = NULL;
	work->is_begun = false;
}

static const struct step step_checkout = {
	.name = "checkout", .begin = begin_checkout, .cancel = cancel};
static const struct step step_command = {
	.name = "command", .begin = begin_command, .cancel = cancel};
static const struct step step_artifact = {
	.name = "artifact", .begin = begin_artifact, .cancel = cancel};
static const struct step *const steps[] = {&step_checkout, &step_command, &step_artifact, NULL};

const struct part part_build = {.steps = steps, .check = check, .prepare = prepare};
