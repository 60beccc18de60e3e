/* The words of an application file; the reader of such files checks against the same tables. */
#include "core/model/app.h"

#include "core/base/mem.h"

const char *const app_type_words[] = {
	[APP_JAR] = "jar",
	[APP_SQL] = "sql",
	[APP_PYFLINK] = "pyflink",
	[APP_TYPE_NONE] = NULL,
};

const char *const deployment_target_words[] = {
	[TARGET_REMOTE] = "remote",
	[TARGET_YARN_SESSION] = "yarn-session",
	[TARGET_YARN_APPLICATION] = "yarn-application",
	[TARGET_YARN_PER_JOB] = "yarn-per-job",
	[TARGET_KUBERNETES_SESSION] = "kubernetes-session",
	[TARGET_KUBERNETES_APPLICATION] = "kubernetes-application",
	[TARGET_NONE] = NULL,
};

const char *app_type_name(enum app_type type)
{
	return (unsigned)type < APP_TYPE_NONE ? app_type_words[type] : NULL;
}

const char *deployment_target_name(enum deployment_target target)
{
	return (unsigned)target < TARGET_NONE ? deployment_target_words[target] : NULL;
}

static const char *const *copy_list(struct arena *arena, const char *const *list, size_t count)
{
	const char **out = count ? arena_calloc(arena, count, sizeof(*out)) : NULL;

	for (size_t i = 0; i < count; i++)
		out[i] = arena_strdup(arena, list[i]);
	return out;
}

static const struct setting *copy_settings(
	struct arena *arena, const struct setting *list, size_t count)
{
	struct setting *out = count ? arena_calloc(arena, count, sizeof(*out)) : NULL;

	for (size_t i = 0; i < count; i++) {
		out[i].key = arena_strdup(arena, list[i].key);
		out[i].value = arena_strdup(arena, list[i].value);
	}
	return out;
}

void team_decl_copy(struct arena *arena, struct team_decl *out, const struct team_decl *in)
{
	*out = *in;
	out->name = arena_strdup(arena, in->name);
	out->title = arena_strdup(arena, in->title);
	out->owner = arena_strdup(arena, in->owner);
	out->members = copy_list(arena, in->members, in->member_count);
	out->variables = copy_settings(arena, in->variables, in->variable_count);
	out->path = arena_strdup(arena, in->path);
	out->error = arena_strdup(arena, in->error);
}

void app_decl_copy(struct arena *arena, struct app_decl *out, const struct app_decl *in)
{
	*out = *in;
	const char **texts[] = {&out->team, &out->name, &out->job_name, &out->flink_env,
		&out->cluster, &out->artifact, &out->main_class, &out->owner, &out->sql,
		&out->sql_file, &out->build.git, &out->build.ref, &out->build.host,
		&out->build.command, &out->build.artifact, &out->path, &out->text, &out->error};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
	out->args = copy_list(arena, in->args, in->arg_count);
	out->tags = copy_list(arena, in->tags, in->tag_count);
	out->properties = copy_settings(arena, in->properties, in->property_count);
}
