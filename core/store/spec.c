/*
 * Ten thousand of these stand between the start and the first frame, so they are read in one pass
 * and in place: the text is copied into the arena once, and each string ends where its quote was.
 * What decl.c writes is read, and any other JSON is passed over; damaged bytes give false, never a
 * bad pointer, because every step stops at the NUL.
 */
#include "core/store/spec.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define DEPTH_MAX 16

struct reader {
	struct arena *arena;
	char *at;
	VEC(const char *) words; /* of the array or object being read: keys and values in turn */
};

static void skip_space(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' ||
		*reader->at == '\r')
		reader->at++;
}

static bool take(struct reader *reader, char c)
{
	skip_space(reader);
	if (*reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* jansson writes control characters as \u00XX and everything else as it is. */
static bool unescape(struct reader *reader, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = *reader->at ? strchr(from, *reader->at) : NULL;
	char digits[5] = {0}, *end;

	if (known) {
		*out = to[known - from];
		reader->at++;
		return true;
	}
	if (*reader->at != 'u' || strnlen(reader->at, 5) < 5)
		return false;
	memcpy(digits, reader->at + 1, 4);
	unsigned long code = strtoul(digits, &end, 16);
	if (*end || code == 0 || code > 0x7f)
		return false;
	*out = (char)code;
	reader->at += 5;
	return true;
}

/* NULL when there is no string. */
static char *read_string(struct reader *reader)
{
	char *start, *out;

	if (!take(reader, '"'))
		return NULL;
	start = reader->at;
	reader->at += strcspn(reader->at, "\"\\");
	out = reader->at;
	while (*reader->at && *reader->at != '"') {
		if (*reader->at != '\\') {
			*out++ = *reader->at++;
			continue;
		}
		reader->at++;
		if (!unescape(reader, out++))
			return NULL;
	}
	if (!*reader->at)
		return NULL;
	reader->at++;
	*out = '\0';
	return start;
}

static bool read_int(struct reader *reader, int *out)
{
	char *end;

	skip_space(reader);
	long value = strtol(reader->at, &end, 10);
	if (end == reader->at || value < INT32_MIN || value > INT32_MAX)
		return false;
	*out = (int)value;
	reader->at = end;
	return true;
}

static bool skip_value(struct reader *reader, int depth)
{
	char open, close;

	skip_space(reader);
	open = *reader->at;
	if (open == '"')
		return read_string(reader) != NULL;
	if (open != '{' && open != '[') { /* a number or a word */
		size_t len = strspn(reader->at, "+-.0123456789eEaflnrstu");
		reader->at += len;
		return len > 0;
	}
	close = open == '{' ? '}' : ']';
	reader->at++;
	if (depth == DEPTH_MAX || take(reader, close))
		return depth < DEPTH_MAX;
	do {
		if (open == '{' && (!read_string(reader) || !take(reader, ':')))
			return false;
		if (!skip_value(reader, depth + 1))
			return false;
	} while (take(reader, ','));
	return take(reader, close);
}

/* ["a", …] or {"k": "v", …} into reader->words. */
static bool read_words(struct reader *reader, bool is_map)
{
	const char *word;

	reader->words.len = 0;
	if (!take(reader, is_map ? '{' : '['))
		return false;
	if (take(reader, is_map ? '}' : ']'))
		return true;
	do {
		if (is_map) {
			if (!(word = read_string(reader)) || !take(reader, ':'))
				return false;
			vec_push(&reader->words, word);
		}
		if (!(word = read_string(reader)))
			return false;
		vec_push(&reader->words, word);
	} while (take(reader, ','));
	return take(reader, is_map ? '}' : ']');
}

static bool read_list(struct reader *reader, const char *const **out, size_t *count)
{
	const char **list;
	size_t len;

	if (!read_words(reader, false))
		return false;
	len = reader->words.len;
	list = arena_calloc(reader->arena, len + 1, sizeof(*list));
	if (len)
		memcpy(list, reader->words.data, len * sizeof(*list));
	*out = list;
	*count = len;
	return true;
}

static bool read_properties(struct reader *reader, struct app_decl *out)
{
	struct setting *settings;
	size_t count;

	if (!read_words(reader, true))
		return false;
	count = reader->words.len / 2;
	settings = arena_calloc(reader->arena, count + 1, sizeof(*settings));
	for (size_t i = 0; i < count; i++)
		settings[i] =
			(struct setting){reader->words.data[2 * i], reader->words.data[2 * i + 1]};
	out->properties = settings;
	out->property_count = count;
	return true;
}

/* Where a text goes, by its key. */
struct text_key {
	const char *key;
	size_t offset;
};

static bool set_text(
	const struct text_key *keys, size_t count, const char *key, void *out, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].key, key) == 0) {
			*(const char **)((char *)out + keys[i].offset) = text;
			return true;
		}
	return false;
}

static bool read_build(struct reader *reader, struct app_decl *out)
{
	static const struct text_key keys[] = {
		{"git", offsetof(struct build_decl, git)},
		{"ref", offsetof(struct build_decl, ref)},
		{"host", offsetof(struct build_decl, host)},
		{"command", offsetof(struct build_decl, command)},
		{"artifact", offsetof(struct build_decl, artifact)},
	};

	if (!read_words(reader, true))
		return false;
	out->has_build = true;
	for (size_t i = 0; i + 1 < reader->words.len; i += 2)
		set_text(keys, ARRAY_SIZE(keys), reader->words.data[i], &out->build,
			reader->words.data[i + 1]);
	return true;
}

static enum deployment_target target_parse(const char *name)
{
	for (int i = 0; deployment_target_words[i]; i++)
		if (str_eq(name, deployment_target_words[i]))
			return (enum deployment_target)i;
	return TARGET_NONE;
}

static bool read_text(struct reader *reader, const char *key, struct app_decl *out)
{
	static const struct text_key keys[] = {
		{"artifact", offsetof(struct app_decl, artifact)},
		{"mainClass", offsetof(struct app_decl, main_class)},
		{"sql", offsetof(struct app_decl, sql)},
		{"sqlFile", offsetof(struct app_decl, sql_file)},
	};
	const char *text = read_string(reader);

	if (text && !set_text(keys, ARRAY_SIZE(keys), key, out, text) && str_eq(key, "target"))
		out->target = target_parse(text);
	return text != NULL;
}

static bool read_member(struct reader *reader, struct app_decl *out)
{
	const char *key = read_string(reader);
	int flag = 0;

	if (!key || !take(reader, ':'))
		return false;
	skip_space(reader);
	if (*reader->at == '"')
		return read_text(reader, key, out);
	if (str_eq(key, "args"))
		return read_list(reader, &out->args, &out->arg_count);
	if (str_eq(key, "tags"))
		return read_list(reader, &out->tags, &out->tag_count);
	if (str_eq(key, "properties"))
		return read_properties(reader, out);
	if (str_eq(key, "build"))
		return read_build(reader, out);
	if (str_eq(key, "parallelism"))
		return read_int(reader, &out->parallelism);
	if (str_eq(key, "priority"))
		return read_int(reader, &out->priority);
	if (str_eq(key, "allowSecretArgv")) {
		bool ok = read_int(reader, &flag);
		out->allow_secret_argv = flag != 0;
		return ok;
	}
	return skip_value(reader, 0);
}

static bool read_members(struct reader *reader, struct app_decl *out)
{
	if (!take(reader, '{'))
		return false;
	if (!take(reader, '}')) {
		do {
			if (!read_member(reader, out))
				return false;
		} while (take(reader, ','));
		if (!take(reader, '}'))
			return false;
	}
	skip_space(reader);
	return *reader->at == '\0';
}

bool spec_read(struct arena *arena, const char *spec, struct app_decl *out)
{
	struct reader reader = {.arena = arena, .at = arena_strdup(arena, spec)};

	out->target = TARGET_NONE;
	out->parallelism = -1;
	bool ok = read_members(&reader, out);
	vec_release(&reader.words);
	return ok;
}
