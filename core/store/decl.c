/*
 * The parts that lists show and sort by are columns; everything else of an application is one JSON
 * object
 * (`spec`), so that a new key of the file needs no migration. Keys unknown to this program are
 * passed over.
 */
#include "core/store/decl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/store/spec.h"

#define MASK "******"

/* ---- masking ---- */

static char *mask(struct arena *arena, const char *text)
{
	char *masked, *copy;

	if (!text)
		return NULL;
	masked = redact_dup(text);
	copy = arena_strdup(arena, masked);
	free(masked);
	return copy;
}

/* What is wrong with a file is said by us. */
static char *mask_english(struct arena *arena, const char *text)
{
	char *english = i18n_english(text), *masked = mask(arena, english);

	free(english);
	return masked;
}

static void set_masked(json_t *object, const char *key, const char *text)
{
	if (!text)
		return;
	char *masked = redact_dup(text);
	json_object_set_new(object, key, json_string(masked));
	free(masked);
}

static void set_int(json_t *object, const char *key, int64_t value, int64_t absent)
{
	if (value != absent)
		json_object_set_new(object, key, json_integer(value));
}

static json_t *args_json(const char *const *args, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		char *masked = redact_dup(args[i]);
		bool is_value = i && redact_flag(args[i - 1]) && args[i][0] != '-';

		json_array_append_new(array, json_string(is_value ? MASK : masked));
		free(masked);
	}
	return array;
}

static json_t *words_json(const char *const *words, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(words[i]));
	return array;
}

static json_t *properties_json(const struct setting *settings, size_t count)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++) {
		if (redact_key(settings[i].key))
			json_object_set_new(object, settings[i].key, json_string(MASK));
		else
			set_masked(object, settings[i].key,
				settings[i].value ? settings[i].value : "");
	}
	return object;
}

static json_t *build_json(const struct build_decl *build)
{
	json_t *object = json_object();

	set_masked(object, "git", build->git);
	set_masked(object, "ref", build->ref);
	set_masked(object, "host", build->host);
	set_masked(object, "command", build->command);
	set_masked(object, "artifact", build->artifact);
	return object;
}

/* ---- writing ---- */

static char *dump(struct arena *arena, json_t *node)
{
	char *text = json_dumps(node, JSON_COMPACT);
	char *copy = arena_strdup(arena, text ? text : "{}");

	free(text);
	json_decref(node);
	return copy;
}

void decl_app_to_row(
	struct arena *arena, const char *ref, const struct app_decl *decl, struct app_row *row)
{
	json_t *spec = json_object();

	*row = (struct app_row){
		.ref = ref,
		.team = decl->team,
		.name = decl->name,
		.job_name = decl->job_name,
		.type = app_type_name(decl->type),
		.cluster = decl->cluster,
		.flink_env = decl->flink_env,
		.owner = decl->owner,
		.path = decl->path,
		.error = mask_english(arena, decl->error),
		.text = mask(arena, decl->text),
	};
	set_masked(spec, "target", deployment_target_name(decl->target));
	set_masked(spec, "artifact", decl->artifact);
	set_masked(spec, "mainClass", decl->main_class);
	set_masked(spec, "sql", decl->sql);
	set_masked(spec, "sqlFile", decl->sql_file);
	set_int(spec, "parallelism", decl->parallelism, -1);
	set_int(spec, "priority", decl->priority, 0);
	set_int(spec, "allowSecretArgv", decl->allow_secret_argv, 0);
	if (decl->arg_count)
		json_object_set_new(spec, "args", args_json(decl->args, decl->arg_count));
	if (decl->tag_count)
		json_object_set_new(spec, "tags", words_json(decl->tags, decl->tag_count));
	if (decl->property_count)
		json_object_set_new(spec, "properties",
			properties_json(decl->properties, decl->property_count));
	if (decl->has_build)
		json_object_set_new(spec, "build", build_json(&decl->build));
	row->spec = dump(arena, spec);
}

void decl_team_to_row(
	struct arena *arena, const char *ref, const struct team_decl *decl, struct team_row *row)
{
	*row = (struct team_row){
		.ref = ref,
		.name = decl->name,
		.title = decl->title,
		.owner = decl->owner,
		.members = dump(arena, words_json(decl->members, decl->member_count)),
		.variables = decl->variable_count
			? dump(arena, properties_json(decl->variables, decl->variable_count))
			: NULL,
		.path = decl->path,
		.error = mask_english(arena, decl->error),
	};
}

/* ---- reading ---- */

static const struct setting *settings_read(struct arena *arena, const json_t *object, size_t *count)
{
	size_t len = json_object_size(object);
	struct setting *settings = len ? arena_calloc(arena, len, sizeof(*settings)) : NULL;
	const char *key;
	json_t *value;

	*count = 0;
	json_object_foreach ((json_t *)object, key, value) {
		if (json_is_string(value))
			settings[(*count)++] = (struct setting){arena_strdup(arena, key),
				arena_strdup(arena, json_string_value(value))};
	}
	return settings;
}

static const char *const *words_read(struct arena *arena, const json_t *array, size_t *count)
{
	size_t len = json_array_size(array);
	const char **words = len ? arena_calloc(arena, len, sizeof(*words)) : NULL;

	*count = 0;
	for (size_t i = 0; i < len; i++) {
		const char *word = json_string_value(json_array_get(array, i));

		if (word)
			words[(*count)++] = arena_strdup(arena, word);
	}
	return words;
}

static int word_index(const char *word, const char *const *words, int none)
{
	for (int i = 0; word && words[i]; i++)
		if (str_eq(word, words[i]))
			return i;
	return none;
}

bool decl_app_from_row(struct arena *arena, const struct app_row *row, struct app_decl *out)
{
	if (!row->team || !row->name || !row->spec)
		return false;
	*out = (struct app_decl){
		.team = arena_strdup(arena, row->team),
		.name = arena_strdup(arena, row->name),
		.job_name = arena_strdup(arena, row->job_name ? row->job_name : row->name),
		.type = (enum app_type)word_index(row->type, app_type_words, APP_TYPE_NONE),
		.cluster = arena_strdup(arena, row->cluster),
		.flink_env = arena_strdup(arena, row->flink_env),
		.owner = arena_strdup(arena, row->owner),
		.path = arena_strdup(arena, row->path),
		.error = arena_strdup(arena, row->error),
		.text = arena_strdup(arena, row->text),
		.is_remembered = true,
	};
	return spec_read(arena, row->spec, out);
}

bool decl_team_from_row(struct arena *arena, const struct team_row *row, struct team_decl *out)
{
	json_t *members = row->members ? json_loads(row->members, 0, NULL) : NULL;
	json_t *variables = row->variables ? json_loads(row->variables, 0, NULL) : NULL;

	if (!row->name) {
		json_decref(members);
		json_decref(variables);
		return false;
	}
	*out = (struct team_decl){
		.name = arena_strdup(arena, row->name),
		.title = arena_strdup(arena, row->title),
		.owner = arena_strdup(arena, row->owner),
		.path = arena_strdup(arena, row->path),
		.error = arena_strdup(arena, row->error),
	};
	out->members = words_read(arena, members, &out->member_count);
	out->variables = settings_read(arena, variables, &out->variable_count);
	json_decref(members);
	json_decref(variables);
	return true;
}
