/*
 * The steps of a release. render: what the file says today, and a number and a folder that nobody
 * has. upload: the artifact and the manifest, each whole or not there. verify: what lies there is
 * read again. activate: the link `current` over there, then the registry, which is what a start
 * believes. tidy: the oldest folders go; what is active, or runs, stays.
 *
 * Until `activate` nothing that runs or could be started has changed, so a release that was left
 * has nothing to settle.
 */
#include "core/action/release.h"

#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query_release.h"
#include "core/store/journal/release.h"

/* ---- its memory ---- */

static void work_free(void *thing)
{
	struct release_work *work = thing;

	query_cancel(work->query);
	keep_op_cancel(work->keep);
	ssh_cancel(work->op);
	for (size_t i = 0; i < work->victim_count; i++) {
		free(work->victims[i].host);
		free(work->victims[i].dir);
	}
	free(work->victims);
	free(work->kept_back);
	free(work->transfer);
	if (work->manifest)
		mem_wipe(work->manifest, strlen(work->manifest));
	free(work->manifest);
	if (work->made)
		deployment_free(work->made);
	free(work->base);
	free(work->dir);
	free(work->target);
	free(work->digest);
	free(work->commit);
	free(work);
}

struct release_work *release_work_new(struct action *action)
{
	struct release_work *work = xcalloc(1, sizeof(*work));

	work->action = action;
	action->release = work;
	action_own(action, work, work_free);
	return work;
}

void release_cancel(struct action *action)
{
	struct release_work *work = action->release;

	query_cancel(work->query);
	keep_op_cancel(work->keep);
	ssh_cancel(work->op);
	work->query = NULL;
	work->keep = NULL;
	work->op = NULL;
}

static void fail_here(struct action *action, const struct err *err)
{
	action->err = *err;
	err_prefix(&action->err, "%s", action_step(action)->name);
	step_failed(action);
}

/* ---- render: a number and a folder ---- */

static void folder_made(struct action *action, char *out)
{
	const struct release_work *work = action->release;

	(void)out;
	action_step_text(action, _("release %lld: %s"), (long long)work->number, work->dir);
	step_done(action);
}

static void on_numbered(void *data, int64_t number, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;

	work->keep = NULL;
	if (err) {
		fail_here(action, err);
		return;
	}
	work->number = action->run.release = number;
	work->dir = xasprintf("%s/%lld", work->base, (long long)number);
	release_exec(action, work->host, release_script_folder, (const char *const[]){work->dir}, 1,
		NULL, folder_made);
}

static void on_place(struct action *action, char *out)
{
	struct release_work *work = action->release;
	char *rest = strchr(out, '\n'), *base = release_line(out, "base");
	char *last = rest ? release_line(rest + 1, "last") : NULL;
	int64_t number = 0;
	struct err err;

	if (!base || *base != '/' || !last || !str_to_int64(last, &number)) {
		err_set(&err, E_PROTO, _("its shell said what cannot be understood"));
		release_fail(action, work->host, &err);
		return;
	}
	work->base = xstrdup(base);
	work->created_ms = clock_wall_ms();
	work->keep = keep_release(action->options.store,
		&(struct release){.app = action->subject.ref,
			.number = number + 1,
			.host = work->host,
			.dir = work->base,
			.digest = work->digest,
			.manifest = "{}",
			.commit = work->commit,
			.created_ms = work->created_ms,
			.run = action->run.id},
		on_numbered, action);
}

static void place(struct action *action)
{
	struct release_work *work = action->release;

	release_exec(action, work->host, release_script_place,
		(const char *const[]){work->root, action->subject.team, action->subject.name}, 3,
		NULL, on_place);
}

static void on_builds(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;
	struct err none;

	work->query = NULL;
	if (!err && !count) {
		err_set(&none, E_CONFLICT, _("%s was never built: weir build %s"),
			action->subject.label, action->subject.label);
		err = &none;
	}
	if (err) {
		fail_here(action, err);
		return;
	}
	work->source.host = action_keep(action, builds[0]->host);
	work->source.path = action_keep(action, builds[0]->artifact);
	work->source.sha256 = action_keep(action, builds[0]->sha256);
	work->commit = xstrdup_null(builds[0]->commit);
	place(action);
}

static void begin_render(struct action *action)
{
	struct release_work *work = action->release;

	if (work->source.kind == ARTIFACT_BUILD)
		work->query = query_builds(
			action->options.store, action->subject.ref, 1, on_builds, action);
	else
		place(action);
}

/* ---- upload ---- */

static void manifest_written(struct action *action, char *out)
{
	const struct release_work *work = action->release;

	(void)out;
	if (work->target)
		action_step_text(action, _("%s, %lld bytes, sha256 %s"),
			strrchr(work->target, '/') + 1, (long long)work->made->artifact_size,
			work->made->artifact_sha256);
	else
		action_step_text(action, _("no file: the manifest only"));
	step_done(action);
}

static void write_manifest(struct action *action)
{
	struct release_work *work = action->release;
	json_t *tree = deployment_json(work->made);
	char *path = xasprintf("%s/manifest.json", work->dir);

	work->manifest = json_dumps(tree, JSON_COMPACT);
	json_decref(tree);
	release_exec(action, work->host, release_script_manifest, (const char *const[]){path}, 1,
		work->manifest, manifest_written);
	free(path);
}

static void transfer_removed(struct action *action, char *out)
{
	(void)out;
	write_manifest(action);
}

static void on_artifact(struct action *action, const char *sha256, int64_t size)
{
	struct release_work *work = action->release;

	work->made = deployment_with_artifact(action->wish, work->target, sha256, size);
	if (work->transfer)
		release_exec(action, NULL, release_script_remove,
			(const char *const[]){work->transfer}, 1, NULL, transfer_removed);
	else
		write_manifest(action);
}

static void begin_upload(struct action *action)
{
	struct release_work *work = action->release;
	const char *slash;

	if (work->source.kind == ARTIFACT_NONE || work->source.kind == ARTIFACT_URI) {
		work->made = deployment_dup(action->wish);
		write_manifest(action);
		return;
	}
	slash = strrchr(work->source.path, '/');
	work->target = xasprintf("%s/%s", work->dir, slash ? slash + 1 : work->source.path);
	release_copy(action, on_artifact);
}

/* ---- verify ---- */

static void on_sums(struct action *action, char *out)
{
	struct release_work *work = action->release;
	const char *want[2], *names[2];
	char manifest[HASH_HEX_LEN + 1], *at = out;
	size_t count = 0;
	struct err err;

	hash_bytes(work->manifest, strlen(work->manifest), manifest);
	names[count] = "manifest.json";
	want[count++] = manifest;
	if (work->target) {
		names[count] = work->target;
		want[count++] = work->made->artifact_sha256;
	}
	for (size_t i = 0; i < count; i++) {
		char *next = strchr(at, '\n'), *sum = release_line(at, "sha256");

		if (!sum || !str_eq(sum, want[i])) {
			err_set(&err, E_PROTO, _("%s in %s is not what was released: sha256 %s"),
				names[i], work->dir, sum ? sum : "-");
			release_fail(action, work->host, &err);
			return;
		}
		at = next ? next + 1 : at + strlen(at);
	}
	action_step_text(action, _("as it was released"));
	step_done(action);
}

static void begin_verify(struct action *action)
{
	const struct release_work *work = action->release;
	char *manifest = xasprintf("%s/manifest.json", work->dir);

	release_exec(action, work->host, release_script_sums,
		(const char *const[]){manifest, work->target}, work->target ? 2 : 1, NULL, on_sums);
	free(manifest);
}

/* ---- activate ---- */

static void on_active(void *data, int64_t number, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;

	work->keep = NULL;
	if (err) {
		fail_here(action, err);
		return;
	}
	if (action->released)
		deployment_free(action->released);
	action->released = deployment_dup(work->made);
	action->run.release = number;
	action_set_result(action, work->dir);
	if (work->is_rollback)
		action_set_outcome(action,
			_("release %lld is active again on %s; nothing was restarted"),
			(long long)number, host_label(work->host));
	step_done(action);
}

static void on_linked(struct action *action, char *out)
{
	struct release_work *work = action->release;
	struct deployment *masked = deployment_mask(work->made);
	json_t *tree = deployment_json(masked);
	/* The whole of it lies in its folder only. */
	char *manifest = json_dumps(tree, JSON_COMPACT);

	(void)out;
	work->keep = keep_release_active(action->options.store,
		&(struct release){.app = action->subject.ref,
			.number = work->number,
			.host = work->host,
			.dir = work->dir,
			.digest = work->digest,
			.manifest = manifest,
			.commit = work->commit,
			.created_ms = work->created_ms,
			.activated_ms = clock_wall_ms(),
			.run = action->run.id},
		on_active, action);
	free(manifest);
	json_decref(tree);
	deployment_free(masked);
}

static void begin_activate(struct action *action)
{
	const struct release_work *work = action->release;
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)work->number);
	release_exec(action, work->host, release_script_activate,
		(const char *const[]){work->base, number}, 2, NULL, on_linked);
}

/* ---- the part ---- */

static const struct step step_render = {
	.name = "render", .begin = begin_render, .cancel = release_cancel};
const struct step step_upload = {.name = "upload", .begin = begin_upload, .cancel = release_cancel};
const struct step step_verify = {.name = "verify", .begin = begin_verify, .cancel = release_cancel};
/* Too short to be called off: link and registry belong together. */
const struct step step_activate = {.name = "activate", .begin = begin_activate};

/* Where releases lie when the configuration does not say. */
static const char *root_of(struct action *action, const char *host)
{
	const struct context_config *config = action->options.config;
	const char *said = config ? config->release_dir : NULL;
	char *root;

	if (said)
		return str_starts(said, "~/") ? said + 2 : said;
	if (host)
		return ".local/share/weir/releases";
	root = xasprintf("%s/releases", store_dir(action->options.store));
	said = action_keep(action, root);
	free(root);
	return said;
}

static void plan(struct action *action)
{
	const struct release_work *work = action->release;
	const struct artifact_source *source = &work->source;
	const char *from = source->kind == ARTIFACT_BUILD ? _("the last build") : source->path;

	plan_call(action, _("on %s, in %s/%s/%s/<number>/:"), host_label(work->host), work->root,
		action->subject.team, action->subject.name);
	if (source->kind == ARTIFACT_FILE && !str_eq(source->host, work->host))
		plan_call(action, _("  copy %s of %s, and verify its SHA-256"), from,
			host_label(source->host));
	else if (from)
		plan_call(action, _("  copy %s, and verify its SHA-256"), from);
	plan_call(action, _("  write manifest.json (mode 0600)"));
	plan_call(action, _("  ln -s <number> current"));
	plan_call(action, _("  remove what is older than the last %lld"),
		(long long)(action->options.config ? action->options.config->keep_releases : 0));
}

static void prepared(struct action *action)
{
	plan(action);
	action->makes_release = true;
	for (size_t i = 0; action->part->steps[i]; i++)
		action_add_step(action, action->part->steps[i]);
	part_prepared(action);
}

static void on_builds_known(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct action *action = data;
	struct err none;

	(void)builds;
	action->release->query = NULL;
	if (!err && !count) {
		err_set(&none, E_CONFLICT, _("%s was never built: weir build %s"),
			action->subject.label, action->subject.label);
		err = &none;
	}
	if (err)
		part_refused(action, err);
	else
		prepared(action);
}

static void prepare(struct action *action)
{
	struct release_work *work = release_work_new(action);
	struct err err;

	if (action_render(action, &err))
		goto refused;
	work->host = host_or_local(action->wish->env.host);
	if (host_check(&action->options, "flink-env", work->host, &err) ||
		artifact_source(
			action->arena, action->wish, action->options.config, &work->source, &err)) {
		err_prefix(&err, "%s",
			action->subject.decl->path ? action->subject.decl->path
						   : action->subject.label);
		goto refused;
	}
	work->root = root_of(action, work->host);
	work->digest = xstrdup(action->wish->digest);
	/* In one with a build before it, the build is yet to come. */
	if (work->source.kind == ARTIFACT_BUILD && !action->build)
		work->query = query_builds(
			action->options.store, action->subject.ref, 1, on_builds_known, action);
	else
		prepared(action);
	return;
refused:
	part_refused(action, &err);
}

static const struct step *const steps[] = {
	&step_render, &step_upload, &step_verify, &step_activate, &step_tidy, NULL};

const struct part part_release = {.steps = steps, .prepare = prepare};
