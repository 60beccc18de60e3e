/*
 * A declaration with its variables filled in. The digest is taken over what is set, key by key with
 * its length before it, so that a key which a later version adds changes no digest of an
 * application that does not use it. Properties are sorted: their order in the file means nothing.
 */
#include "core/model/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/model/deployment_internal.h"
#include "core/model/variable.h"

#define MASK "******"

/* ---- rendering ---- */

struct render {
	const struct deployment_input *in;
	struct variables variables;
	struct arena *arena;
	struct err *err;
	int rc;
};

/* Line and column (in characters, from 1) of an offset. */
static void place_of(const char *text, size_t at, int *line, int *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

/*
 * E_CONFIG with the place: found in the text itself, for a declaration keeps no places. A value
 * stands in the file as it is written, or (folded, escaped) does not: then it is the file's start.
 */
static void name_place(struct render *render, const char *key, const char *text, size_t at)
{
	const struct app_decl *decl = render->in->decl;
	bool is_sql_file = decl->sql_file && text == decl->sql;
	const char *file = is_sql_file ? text : decl->text;
	int line = 1, column = 1;

	if (is_sql_file) {
		place_of(file, at, &line, &column);
	} else if (file) {
		size_t len = strcspn(text + at, "}\n") + 1;
		char *word = xstrndup(text + at, len);
		const char *found = strstr(file, word);
		if (found)
			place_of(file, (size_t)(found - file), &line, &column);
		free(word);
	}
	err_prefix(render->err, "%s:%d:%d: \"%s\"",
		is_sql_file ? decl->sql_file : (decl->path ? decl->path : decl->name), line, column,
		key);
}

/* NULL stays NULL; after a failure nothing more is done. */
static const char *fill(struct render *render, const char *key, const char *text)
{
	struct buf out;
	size_t at = 0;
	const char *copy;

	if (render->rc || !text)
		return NULL;
	if (!strstr(text, "${"))
		return arena_strdup(render->arena, text);
	buf_init(&out, VARIABLE_TEXT_BYTES_MAX);
	render->rc = variables_fill(&render->variables, text, &out, &at, render->err);
	if (render->rc && render->err)
		name_place(render, key, text, at);
	copy = render->rc ? NULL : arena_strdup(render->arena, buf_str(&out));
	if (out.data)
		mem_wipe(out.data, out.len);
	buf_release(&out);
	return copy;
}

static int compare_settings(const void *a, const void *b)
{
	return strcmp(((const struct setting *)a)->key, ((const struct setting *)b)->key);
}

static void render_lists(struct render *render, struct deployment *out)
{
	const struct app_decl *decl = render->in->decl;
	const char **args = arena_calloc(render->arena, decl->arg_count + 1, sizeof(*args));
	struct setting *settings =
		arena_calloc(render->arena, decl->property_count + 1, sizeof(*settings));

	for (size_t i = 0; i < decl->arg_count; i++)
		args[i] = fill(render, "args", decl->args[i]);
	for (size_t i = 0; i < decl->property_count; i++) {
		const struct setting *property = &decl->properties[i];
		settings[i].key = arena_strdup(render->arena, property->key);
		settings[i].value =
			fill(render, property->key, property->value ? property->value : "");
	}
	if (render->rc)
		return;
	if (decl->property_count)
		qsort(settings, decl->property_count, sizeof(*settings), compare_settings);
	out->args = args;
	out->arg_count = decl->arg_count;
	out->properties = settings;
	out->property_count = decl->property_count;
}

/* What is remembered has no secrets: it must not be started with stars in their place. */
static bool lacks_secrets(const struct app_decl *decl)
{
	bool lacks = decl->sql && strstr(decl->sql, MASK);

	for (size_t i = 0; i < decl->arg_count; i++)
		lacks = lacks || strstr(decl->args[i], MASK);
	for (size_t i = 0; i < decl->property_count; i++)
		lacks = lacks || strstr(decl->properties[i].value, MASK);
	return decl->is_remembered && lacks;
}

int deployment_render(struct deployment **out, const struct deployment_input *in, struct err *err)
{
	const struct app_decl *decl = in->decl;
	struct err ignored;

	if (lacks_secrets(decl))
		return err_set(err, E_CONFLICT,
			_("%s/%s: the workspace was not read yet, and what is remembered of it has "
			  "no secrets"),
			decl->team, decl->name);
	struct arena *arena = arena_new();
	struct render render = {.in = in, .arena = arena, .err = err ? err : &ignored};
	struct deployment *made = arena_alloc(arena, sizeof(*made));

	render.variables = (struct variables){in->team_variables, in->context_variables,
		in->team_variable_count, in->context_variable_count};
	*made = (struct deployment){
		.context = arena_strdup(arena, in->context),
		.team = arena_strdup(arena, decl->team),
		.name = arena_strdup(arena, decl->name),
		.job_name = fill(&render, "jobName", decl->job_name),
		.type = decl->type,
		.target = decl->target == TARGET_NONE ? TARGET_REMOTE : decl->target,
		.cluster = fill(&render, "cluster", decl->cluster),
		.artifact = fill(&render, "artifact", decl->artifact),
		.artifact_size = -1,
		.main_class = fill(&render, "main-class", decl->main_class),
		.parallelism = decl->parallelism,
		.sql = fill(&render, decl->sql_file ? "sql-file" : "sql", decl->sql),
		.allow_secret_argv = decl->allow_secret_argv,
		.arena = arena,
	};
	if (made->type == APP_TYPE_NONE)
		made->type = decl->sql ? APP_SQL : APP_JAR;
	if (in->env)
		made->env = (struct flink_env){
			.name = arena_strdup(arena, in->env->name),
			.home = arena_strdup(arena, in->env->home),
			.host = arena_strdup(arena, in->env->host),
			.sql_gateway = arena_strdup(arena, in->env->sql_gateway),
		};
	render_lists(&render, made);
	if (render.rc) {
		arena_free(arena);
		return render.rc;
	}
	made->digest = deployment_digest(made);
	*out = made;
	return 0;
}

/* ---- the digest ---- */

static void digest_text(struct hash *hash, const char *key, const char *text)
{
	char head[64];

	if (!text)
		return;
	int len = snprintf(head, sizeof(head), "%s %zu ", key, strlen(text));
	hash_add(hash, head, (size_t)len);
	hash_add(hash, text, strlen(text));
}

const char *deployment_digest(const struct deployment *deployment)
{
	struct hash *hash = hash_new();
	char hex[HASH_HEX_LEN + 1], number[16];
	struct deployment_text_field fields[DEPLOYMENT_TEXTS];

	deployment_text_fields((struct deployment *)deployment, fields);
	for (size_t i = 0; i < DEPLOYMENT_TEXTS; i++)
		if (fields[i].is_digested)
			digest_text(hash, fields[i].key, *fields[i].text);
	digest_text(hash, "type", app_type_name(deployment->type));
	digest_text(hash, "target", deployment_target_name(deployment->target));
	for (size_t i = 0; i < deployment->arg_count; i++)
		digest_text(hash, "arg", deployment->args[i]);
	for (size_t i = 0; i < deployment->property_count; i++) {
		digest_text(hash, "property", deployment->properties[i].key);
		digest_text(hash, "value", deployment->properties[i].value);
	}
	if (deployment->parallelism > 0) {
		snprintf(number, sizeof(number), "%d", deployment->parallelism);
		digest_text(hash, "parallelism", number);
	}
	if (deployment->allow_secret_argv)
		digest_text(hash, "allowSecretArgv", "true");
	hash_finish(hash, hex);
	return arena_strdup(deployment->arena, hex);
}

/* ---- copies ---- */

void deployment_text_fields(
	struct deployment *d, struct deployment_text_field out[DEPLOYMENT_TEXTS])
{
	const struct deployment_text_field fields[DEPLOYMENT_TEXTS] = {
		{"context", &d->context, true},
		{"team", &d->team, true},
		{"name", &d->name, true},
		{"jobName", &d->job_name, true},
		{"cluster", &d->cluster, true},
		{"flinkEnv", &d->env.name, true},
		{"flinkHome", &d->env.home, true},
		{"host", &d->env.host, true},
		{"sqlGateway", &d->env.sql_gateway, true},
		{"mainClass", &d->main_class, true},
		{"sql", &d->sql, true},
		{"artifact", &d->artifact, false},
		{"artifactSha256", &d->artifact_sha256, false},
		{"digest", &d->digest, false},
	};

	memcpy(out, fields, sizeof(fields));
}

struct deployment *deployment_dup(const struct deployment *deployment)
{
	struct arena *arena = arena_new();
	struct deployment *copy = arena_alloc(arena, sizeof(*copy));
	struct deployment_text_field fields[DEPLOYMENT_TEXTS];
	const char **args = arena_calloc(arena, deployment->arg_count + 1, sizeof(*args));
	struct setting *settings =
		arena_calloc(arena, deployment->property_count + 1, sizeof(*settings));

	*copy = *deployment;
	copy->arena = arena;
	deployment_text_fields(copy, fields);
	for (size_t i = 0; i < DEPLOYMENT_TEXTS; i++)
		*fields[i].text = arena_strdup(arena, *fields[i].text);
	for (size_t i = 0; i < deployment->arg_count; i++)
		args[i] = arena_strdup(arena, deployment->args[i]);
	for (size_t i = 0; i < deployment->property_count; i++) {
		settings[i].key = arena_strdup(arena, deployment->properties[i].key);
		settings[i].value = arena_strdup(arena, deployment->properties[i].value);
	}
	copy->args = args;
	copy->properties = settings;
	return copy;
}

struct deployment *deployment_with_artifact(
	const struct deployment *deployment, const char *path, const char *sha256, int64_t size)
{
	struct deployment *copy = deployment_dup(deployment);

	copy->artifact = arena_strdup(copy->arena, path);
	copy->artifact_sha256 = arena_strdup(copy->arena, sha256);
	copy->artifact_size = size;
	return copy;
}

void deployment_free(struct deployment *deployment)
{
	if (deployment)
		arena_free(deployment->arena);
}
