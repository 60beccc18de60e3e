/*
 * A deployment as JSON and back, and as lines for people. What is read back comes from a store that
 * a damaged disk or another version may have written: it is whole, or an error.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "core/model/deployment_internal.h"

#define MASK "******"
#define LIST_MAX 100000

/* ---- JSON ---- */

static json_t *text_json(const char *text)
{
	return json_stringn_nocheck(text, strlen(text));
}

json_t *deployment_json(const struct deployment *deployment)
{
	struct deployment_text_field fields[DEPLOYMENT_TEXTS];
	json_t *object = json_object(), *args = json_array(), *properties = json_object();

	deployment_text_fields((struct deployment *)deployment, fields);
	for (size_t i = 0; i < DEPLOYMENT_TEXTS; i++)
		if (*fields[i].text)
			json_object_set_new(object, fields[i].key, text_json(*fields[i].text));
	json_object_set_new(object, "type", json_string(app_type_name(deployment->type)));
	json_object_set_new(
		object, "target", json_string(deployment_target_name(deployment->target)));
	if (deployment->artifact_size >= 0)
		json_object_set_new(
			object, "artifactSize", json_integer(deployment->artifact_size));
	for (size_t i = 0; i < deployment->arg_count; i++)
		json_array_append_new(args, text_json(deployment->args[i]));
	json_object_set_new(object, "args", args);
	for (size_t i = 0; i < deployment->property_count; i++)
		json_object_set_new_nocheck(properties, deployment->properties[i].key,
			text_json(deployment->properties[i].value));
	json_object_set_new(object, "properties", properties);
	if (deployment->parallelism > 0)
		json_object_set_new(object, "parallelism", json_integer(deployment->parallelism));
	if (deployment->allow_secret_argv)
		json_object_set_new(object, "allowSecretArgv", json_true());
	if (deployment->is_masked)
		json_object_set_new(object, "isMasked", json_true());
	return object;
}

static int word_index(const json_t *object, const char *key, const char *const *words)
{
	const char *word = json_string_value(json_object_get(object, key));

	for (int i = 0; word && words[i]; i++)
		if (str_eq(word, words[i]))
			return i;
	return -1;
}

/* The lists; false when something in them is no text. */
static bool parse_lists(const json_t *json, struct deployment *out)
{
	const json_t *list = json_object_get(json, "args");
	const json_t *map = json_object_get(json, "properties");
	size_t args = json_array_size(list), count = json_object_size(map), at = 0;

	if ((list && !json_is_array(list)) || (map && !json_is_object(map)) || args > LIST_MAX ||
		count > LIST_MAX)
		return false;
	const char **words = arena_calloc(out->arena, args + 1, sizeof(*words));
	for (size_t i = 0; i < args; i++) {
		words[i] = arena_strdup(out->arena, json_string_value(json_array_get(list, i)));
		if (!words[i])
			return false;
	}
	struct setting *settings = arena_calloc(out->arena, count + 1, sizeof(*settings));
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)map, key, value) {
		if (!json_is_string(value))
			return false;
		settings[at].key = arena_strdup(out->arena, key);
		settings[at++].value = arena_strdup(out->arena, json_string_value(value));
	}
	out->args = words;
	out->arg_count = args;
	out->properties = settings;
	out->property_count = at;
	return true;
}

static bool parse_into(const json_t *json, struct deployment *out)
{
	struct deployment_text_field fields[DEPLOYMENT_TEXTS];
	const json_t *size = json_object_get(json, "artifactSize");
	const json_t *parallelism = json_object_get(json, "parallelism");
	int type = word_index(json, "type", app_type_words);
	int target = word_index(json, "target", deployment_target_words);

	deployment_text_fields(out, fields);
	for (size_t i = 0; i < DEPLOYMENT_TEXTS; i++) {
		const json_t *value = json_object_get(json, fields[i].key);
		if (value && !json_is_string(value))
			return false;
		*fields[i].text = arena_strdup(out->arena, json_string_value(value));
	}
	if (type < 0 || target < 0 || !out->context || !out->team || !out->name || !out->job_name ||
		!out->digest || strlen(out->digest) != DIGEST_LEN)
		return false;
	out->type = (enum app_type)type;
	out->target = (enum deployment_target)target;
	out->artifact_size = size ? json_integer_value(size) : -1;
	out->parallelism = -1;
	if (parallelism) {
		json_int_t value = json_integer_value(parallelism);
		if (value < 1 || value > INT32_MAX)
			return false;
		out->parallelism = (int)value;
	}
	out->allow_secret_argv = json_is_true(json_object_get(json, "allowSecretArgv"));
	out->is_masked = json_is_true(json_object_get(json, "isMasked"));
	return (!size || json_is_integer(size)) && parse_lists(json, out);
}

int deployment_parse(struct deployment **out, const json_t *json, struct err *err)
{
	struct arena *arena = arena_new();
	struct deployment *made = arena_alloc(arena, sizeof(*made));

	made->arena = arena;
	if (!json_is_object(json) || !parse_into(json, made)) {
		arena_free(arena);
		return err_set(err, E_PROTO,
			_("the manifest of a release is damaged, or of another version of weir"));
	}
	*out = made;
	return 0;
}

/* ---- without secrets ---- */

/* Some values are secret by their key or by the argument before them, some by what they say. */
static void mask_text(struct deployment *out, const char **text, bool is_secret)
{
	char *masked;

	if (str_empty(*text))
		return;
	masked = is_secret ? xstrdup(MASK) : redact_dup(*text);
	if (!str_eq(masked, *text)) {
		out->is_masked = true;
		*text = arena_strdup(out->arena, masked);
	}
	free(masked);
}

static bool is_flags_value(const char *const *args, size_t at)
{
	return at && redact_flag(args[at - 1]) && args[at][0] != '-';
}

struct deployment *deployment_mask(const struct deployment *deployment)
{
	struct deployment *out = deployment_dup(deployment);
	struct deployment_text_field fields[DEPLOYMENT_TEXTS];

	deployment_text_fields(out, fields);
	for (size_t i = 0; i < DEPLOYMENT_TEXTS; i++)
		mask_text(out, fields[i].text, false);
	for (size_t i = 0; i < out->arg_count; i++)
		mask_text(out, (const char **)&out->args[i], is_flags_value(deployment->args, i));
	for (size_t i = 0; i < out->property_count; i++) {
		struct setting *property = (struct setting *)&out->properties[i];

		mask_text(out, (const char **)&property->value, redact_key(property->key));
	}
	return out;
}

bool deployment_is_whole(const struct deployment *deployment)
{
	return !deployment->is_masked && str_eq(deployment_digest(deployment), deployment->digest);
}

/* ---- lines ---- */

struct line {
	const char *key; /* borrowed, or of `keys` */
	char *text;
	size_t order; /* lines of one key keep theirs */
};

struct lines {
	VEC(struct line) lines;
	VEC(char *) keys;
};

static void add_line(struct lines *lines, const char *key, const char *text)
{
	struct buf clean;

	buf_init(&clean, 0);
	utf8_neutralise(&clean, text, strlen(text));
	struct line line = {key, buf_detach(&clean), lines->lines.len};
	vec_push(&lines->lines, line);
}

/* One line for each of its lines. */
static void add_text(struct lines *lines, const char *key, const char *text)
{
	char *masked = redact_dup(text), *line = masked, *end;

	for (; (end = strchr(line, '\n')) && end[1]; line = end + 1) {
		*end = '\0';
		add_line(lines, key, line);
	}
	if (end)
		*end = '\0';
	add_line(lines, key, line);
	free(masked);
}

static void add_lists(struct lines *lines, const struct deployment *deployment)
{
	for (size_t i = 0; i < deployment->arg_count; i++)
		add_text(lines, "args",
			is_flags_value(deployment->args, i) ? MASK : deployment->args[i]);
	for (size_t i = 0; i < deployment->property_count; i++) {
		const struct setting *property = &deployment->properties[i];
		struct buf clean;
		buf_init(&clean, 0);
		buf_adds(&clean, "properties.");
		utf8_neutralise(&clean, property->key, strlen(property->key));
		char *key = buf_detach(&clean);
		vec_push(&lines->keys, key);
		/* Some values are secret by their key, some by what they say. */
		add_text(lines, key, redact_key(property->key) ? MASK : property->value);
	}
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

char *deployment_text(const struct deployment *deployment)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{"artifact", deployment->artifact},
		{"artifact-sha256", deployment->artifact_sha256},
		{"cluster", deployment->cluster},
		{"flink-env", deployment->env.name},
		{"flink-home", deployment->env.home},
		{"host", deployment->env.host},
		{"jobName", deployment->job_name},
		{"main-class", deployment->main_class},
		{"sql", deployment->sql},
		{"sql-gateway", deployment->env.sql_gateway},
		{"target", deployment_target_name(deployment->target)},
		{"type", app_type_name(deployment->type)},
		{"allow-secret-argv", deployment->allow_secret_argv ? "true" : NULL},
	};
	struct lines lines = {0};
	struct buf out;
	struct line *line;
	char number[16];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].text)
			add_text(&lines, texts[i].key, texts[i].text);
	snprintf(number, sizeof(number), "%d", deployment->parallelism);
	if (deployment->parallelism > 0)
		add_line(&lines, "parallelism", number);
	add_lists(&lines, deployment);
	qsort(lines.lines.data, lines.lines.len, sizeof(*lines.lines.data), compare_lines);
	buf_init(&out, 0);
	vec_each (line, &lines.lines) {
		buf_addf(&out, "%s: %s\n", line->key, line->text);
		free(line->text);
	}
	for (size_t i = 0; i < lines.keys.len; i++)
		free(lines.keys.data[i]);
	vec_release(&lines.keys);
	vec_release(&lines.lines);
	return buf_detach(&out);
}
