/*
 * Where an artifact comes from, and how it gets to the host of its Flink env: beside it by cp, from
 * this machine by ssh_put(), from another host by ssh_get(), between two others through this one. A
 * link that breaks is no reason to give up: the copy goes on where it was.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/action/release.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define COPY_TRIES 3
#define TELL_MS 1000

/* ---- what is meant ---- */

static bool is_file_name(const char *name)
{
	if (!*name || str_eq(name, ".") || str_eq(name, "..") || str_eq(name, "manifest.json"))
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			return false;
	return true;
}

static int check_name(const char *artifact, struct err *err)
{
	const char *slash = strrchr(artifact, '/');

	if (is_file_name(slash ? slash + 1 : artifact))
		return 0;
	return err_set(err, E_CONFIG, _("artifact: '%s' is no name of a file"), artifact);
}

/* "host:path"; 0 = it is not one. */
static int host_and_path(struct arena *arena, const char *text, const struct context_config *config,
	struct artifact_source *out, struct err *err)
{
	const char *colon = strchr(text, ':'), *slash = strchr(text, '/');
	struct action_options options = {.config = config, .hosts = (struct ssh *)&options};
	char *host;

	if (!colon || colon == text || (slash && slash < colon))
		return 0;
	host = arena_strndup(arena, text, (size_t)(colon - text));
	if (host_check(&options, "artifact", host, err))
		return E_CONFIG;
	out->host = host_or_local(host);
	out->path = arena_strdup(arena, colon + 1);
	return 1;
}

int artifact_source(struct arena *arena, const struct deployment *wish,
	const struct context_config *config, struct artifact_source *out, struct err *err)
{
	const char *text = wish->artifact, *workspace = config ? config->workspace : NULL;
	int rc;

	*out = (struct artifact_source){0};
	if (str_empty(text)) {
		if (wish->type == APP_SQL)
			return 0;
		return err_set(
			err, E_CONFIG, _("artifact is missing: build, a path, or host:path"));
	}
	if (str_eq(text, "build")) {
		out->kind = ARTIFACT_BUILD;
		return 0;
	}
	if (strstr(text, "://")) {
		out->kind = ARTIFACT_URI;
		return 0;
	}
	if (check_name(text, err))
		return E_CONFIG;
	out->kind = ARTIFACT_FILE;
	rc = host_and_path(arena, text, config, out, err);
	if (rc < 0)
		return rc;
	if (!out->path)
		out->path = arena_strdup(arena, text);
	if (!out->host && *out->path != '/') {
		char *full = file_expand(out->path, workspace);

		out->path = arena_strdup(arena, full);
		free(full);
		if (*out->path != '/')
			return err_set(err, E_CONFIG,
				_("artifact: '%s' is relative, and there is no workspace"), text);
	}
	return 0;
}

/* ---- the copy ---- */

struct copy {
	struct action *action;
	void (*then)(struct action *action, const char *sha256, int64_t size);
};

static void start_copy(struct copy *copy);

static void copy_free(void *thing)
{
	free(thing);
}

static void copied(struct copy *copy, const char *sha256, int64_t size)
{
	struct action *action = copy->action;
	const struct artifact_source *source = &action->release->source;
	struct err err;

	if (source->sha256 && !str_eq(source->sha256, sha256)) {
		err_set(&err, E_PROTO,
			_("%s is not what was built any more: its checksum is %.12s, not %.12s. "
			  "Build again"),
			source->path, sha256, source->sha256);
		release_fail(action, source->host, &err);
		return;
	}
	copy->then(action, sha256, size);
}

static struct copy *copy_of(struct action *action)
{
	struct owned *owned = action->owned.data;

	for (size_t i = 0; i < action->owned.len; i++)
		if (owned[i].release == copy_free)
			return owned[i].thing;
	return NULL;
}

static void on_same_host(struct action *action, char *out)
{
	struct copy *copy = copy_of(action);
	char *rest = strchr(out, '\n');
	char *sum = release_line(out, "sha256"),
	     *number = rest ? release_line(rest + 1, "size") : NULL;
	struct err err;
	int64_t size;

	if (sum && strlen(sum) == 64 && number && str_to_int64(number, &size)) {
		copied(copy, sum, size);
		return;
	}
	err_set(&err, E_PROTO, _("the copy said what cannot be understood"));
	release_fail(action, action->release->host, &err);
}

static void on_progress(void *data, int64_t done_bytes, int64_t total_bytes)
{
	struct copy *copy = data;
	struct action *action = copy->action;

	if (clock_mono_ms() - action->release->told_mono_ms < TELL_MS || action->save)
		return;
	action->release->told_mono_ms = clock_mono_ms();
	action_step_text(
		action, _("%lld of %lld bytes"), (long long)done_bytes, (long long)total_bytes);
	action_save(action, NULL);
}

/* The copy between two hosts is here: on to the other one. */
static void on_copied(void *data, const struct ssh_result *result, const struct err *err)
{
	struct copy *copy = data;
	struct action *action = copy->action;
	struct release_work *work = action->release;

	work->op = NULL;
	if (err && err->code == E_NET && ++work->tries < COPY_TRIES) {
		char *line = xasprintf(_("%s; the copy goes on\n"), err->text);

		action_output(action, line, strlen(line));
		free(line);
		start_copy(copy);
		return;
	}
	if (err) {
		release_fail(action, result->host, err);
		return;
	}
	if (work->transfer && !work->is_here) {
		/* The first half: what came here is what has to be sent on. */
		if (!work->source.sha256)
			work->source.sha256 = action_keep(action, result->sha256);
		work->is_here = true;
		work->tries = 0;
		start_copy(copy);
		return;
	}
	copied(copy, result->sha256, result->bytes);
}

static void start_copy(struct copy *copy)
{
	struct action *action = copy->action;
	struct release_work *work = action->release;
	struct ssh_copy_options options = {
		.local_path = work->transfer ? work->transfer : work->source.path,
		.remote_path = work->target,
		.host = work->host,
		.mode = 0600,
		.resume = true,
		.on_progress = on_progress};
	bool is_get = work->source.host && !work->is_here;

	if (is_get) {
		options.host = work->source.host;
		options.remote_path = work->source.path;
		options.local_path = work->transfer ? work->transfer : work->target;
	}
	work->op = is_get ? ssh_get(action->options.hosts, &options, on_copied, copy)
			  : ssh_put(action->options.hosts, &options, on_copied, copy);
}

void release_copy(struct action *action,
	void (*then)(struct action *action, const char *sha256, int64_t size))
{
	struct release_work *work = action->release;
	struct copy *copy = xcalloc(1, sizeof(*copy));

	copy->action = action;
	copy->then = then;
	action_own(action, copy, copy_free);
	work->tries = 0;
	if (str_eq(work->source.host, work->host)) {
		release_exec(action, work->host, release_script_copy,
			(const char *const[]){work->source.path, work->target}, 2, NULL,
			on_same_host);
		return;
	}
	if (work->source.host && work->host)
		work->transfer = xasprintf("%s/transfer-%lld", store_dir(action->options.store),
			(long long)action->run.id);
	start_copy(copy);
}
