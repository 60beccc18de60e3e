/* The columns of builds and releases, as the registry keeps them. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/release.h"
#include "core/present/value.h"

#define BUILD(name) const struct build *name = item
#define RELEASE(name) const struct release *name = item
#define UNUSED_ENV (void)env

/* "ods/orders" of a ref. */
static const char *app_of(const char *ref)
{
	const char *found = strstr(ref, "/app/");

	return found ? found + 5 : ref;
}

static struct value host_of(const char *host)
{
	return value_of_text(host ? host : "local");
}

/* ---- builds ---- */

static struct value build_id(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_number(VALUE_INT, build->id);
}

static struct value build_app(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_text(app_of(build->app));
}

static struct value build_ref(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_text(build->ref);
}

static struct value build_commit(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_text(build->commit);
}

static struct value build_git(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_text(build->git);
}

static struct value build_host(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return host_of(build->host);
}

static struct value build_artifact(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_text(build->artifact);
}

static struct value build_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	const char *slash = strrchr(build->artifact, '/');
	return value_of_text(slash ? slash + 1 : build->artifact);
}

static struct value build_size(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_number(VALUE_BYTES, build->size);
}

static struct value build_sha256(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_text(build->sha256);
}

static struct value build_duration(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_number(VALUE_DURATION_MS, build->duration_ms);
}

static struct value build_time(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_time(build->built_ms);
}

static struct value build_run(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	BUILD(build);
	return value_of_number(VALUE_INT, build->run);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column build_columns[] = {
	{COLUMN("id", N_("BUILD"), build_id, 5, 8, 1), .is_right = true},
	{COLUMN("application", N_("APPLICATION"), build_app, 10, 40, 1)},
	{COLUMN("ref", N_("REF"), build_ref, 4, 20, 3)},
	{COLUMN("commit", N_("COMMIT"), build_commit, 12, 40, 2)},
	{COLUMN("host", N_("HOST"), build_host, 5, 16, 3)},
	{COLUMN("file", N_("FILE"), build_name, 8, 40, 2)},
	{COLUMN("size", N_("SIZE"), build_size, 6, 10, 4), .is_right = true},
	{COLUMN("durationMs", N_("DURATION"), build_duration, 6, 10, 4), .is_right = true},
	{COLUMN("builtMs", N_("BUILT"), build_time, 5, 10, 2), .is_right = true},
	{COLUMN("run", N_("RUN"), build_run, 4, 8, 5), .is_right = true},
	{COLUMN("sha256", N_("SHA256"), build_sha256, 12, 64, 6), .is_wide = true},
	{.key = "git", .get = build_git},
	{.key = "artifact", .get = build_artifact},
};

static void build_filter_text(const void *item, struct buf *out)
{
	BUILD(build);
	buf_addf(out, "%s\n%s\n%s\n%s\n", app_of(build->app), build->ref ? build->ref : "",
		build->commit ? build->commit : "", build->artifact);
}

const struct column_table build_table = {
	.kind = "BuildList",
	.name = "builds",
	.item_name = N_("build"),
	.columns = build_columns,
	.count = ARRAY_SIZE(build_columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = build_filter_text,
};

/* ---- releases ---- */

static struct value release_number(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_number(VALUE_INT, release->number);
}

static struct value release_app(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_text(app_of(release->app));
}

static struct value release_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	if (release->is_active)
		return value_of_text("ACTIVE");
	return value_of_text(release->activated_ms ? "KEPT" : "UNFINISHED");
}

static enum tone tone_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	if (release->is_active)
		return TONE_OK;
	return release->activated_ms ? TONE_INFO : TONE_WARN;
}

static struct value release_commit(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_text(release->commit);
}

static struct value release_host(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return host_of(release->host);
}

static struct value release_dir(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_text(release->dir);
}

static struct value release_created(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_time(release->created_ms);
}

static struct value release_activated(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_time(release->activated_ms);
}

static struct value release_digest(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_text(release->digest);
}

static struct value release_run(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RELEASE(release);
	return value_of_number(VALUE_INT, release->run);
}

static const struct column release_columns[] = {
	{COLUMN("number", N_("RELEASE"), release_number, 7, 8, 1), .is_right = true},
	{COLUMN("application", N_("APPLICATION"), release_app, 10, 40, 1)},
	{COLUMN("state", N_("STATE"), release_state, 8, 10, 1), .tone = tone_state},
	{COLUMN("host", N_("HOST"), release_host, 5, 16, 3)},
	{COLUMN("commit", N_("COMMIT"), release_commit, 12, 40, 3)},
	{COLUMN("createdMs", N_("MADE"), release_created, 5, 10, 2), .is_right = true},
	{COLUMN("activatedMs", N_("ACTIVE SINCE"), release_activated, 5, 12, 4), .is_right = true},
	{COLUMN("run", N_("RUN"), release_run, 4, 8, 5), .is_right = true},
	{COLUMN("dir", N_("FOLDER"), release_dir, 10, 0, 4)},
	{.key = "digest", .get = release_digest},
};

static void release_filter_text(const void *item, struct buf *out)
{
	RELEASE(release);
	buf_addf(out, "%s\n%s\n%s\n", app_of(release->app), release->commit ? release->commit : "",
		release->dir);
}

const struct column_table release_table = {
	.kind = "ReleaseList",
	.name = "releases",
	.item_name = N_("release"),
	.columns = release_columns,
	.count = ARRAY_SIZE(release_columns),
	.item_kind = KIND_MAX,
	.filter_text = release_filter_text,
};
