/*
 * Checked reading of one YAML object by a table of its keys. Every message names the key and says
 * what is expected and what was found there; a found value is cut, and hidden where the key speaks
 * of a secret.
 */
#include "core/base/doc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"

#define QUOTE_COLS 60

struct field_reader {
	const struct doc *doc;
	const json_t *object;
	const struct doc_field *field;
	const json_t *value; /* never NULL or null */
	void *out;           /* the field's place in the struct */
	struct err *err;
};

/* What was found: "a list", "a mapping", or the text in quotes. Free it. */
static char *describe(const char *key, const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_array(value))
		return xstrdup(_("a list"));
	if (json_is_object(value))
		return xstrdup(_("a mapping"));
	if (!text)
		return xstrdup(_("nothing"));
	if (redact_key(key))
		return xstrdup("\"******\"");
	size_t fit = utf8_fit(text, QUOTE_COLS, NULL);
	return xasprintf("\"%.*s%s\"", (int)fit, text, text[fit] ? "…" : "");
}

/* "key" must be <want>, found <value>; at `node`. */
static int mismatch(const struct field_reader *reader, const json_t *node, const char *want)
{
	char *found = describe(reader->field->key, node);
	int rc;

	if (json_is_null(node))
		rc = doc_key_error(reader->doc, reader->object, reader->field->key, reader->err,
			_("\"%s\" must be %s, found %s"), reader->field->key, want, found);
	else
		rc = doc_error(reader->doc, node, reader->err, _("\"%s\" must be %s, found %s"),
			reader->field->key, want, found);
	free(found);
	return rc;
}

static void set_string(void *out, const char *text)
{
	char **slot = out;

	free(*slot);
	*slot = xstrdup(text);
}

static void set_tree(void *out, json_t *tree)
{
	json_t **slot = out;

	json_decref(*slot);
	*slot = tree;
}

static int read_text(const struct field_reader *reader)
{
	const char *text = json_string_value(reader->value);

	if (!text)
		return mismatch(reader, reader->value, _("a text"));
	if (reader->field->type == DOC_NAME && !str_is_name(text))
		return mismatch(reader, reader->value,
			_("a name (small letters, digits, '.', '_', '-'; at most 63, a letter or "
			  "digit first)"));
	set_string(reader->out, text);
	return 0;
}

static int read_bool(const struct field_reader *reader)
{
	static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};
	const char *text = json_string_value(reader->value);

	for (size_t i = 0; text && i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(text, words[i])) {
			*(bool *)reader->out = i < 3;
			return 0;
		}
	}
	return mismatch(reader, reader->value, _("true or false"));
}

static int read_int(const struct field_reader *reader)
{
	const struct doc_field *field = reader->field;
	const char *text = json_string_value(reader->value);
	bool ranged = field->max > field->min;
	int64_t number;

	if (text && str_to_int64(text, &number) &&
		(!ranged || (number >= field->min && number <= field->max))) {
		*(int64_t *)reader->out = number;
		return 0;
	}
	if (!ranged)
		return mismatch(reader, reader->value, _("a whole number"));
	char *want = xasprintf(_("a whole number from %lld to %lld"), (long long)field->min,
		(long long)field->max);
	int rc = mismatch(reader, reader->value, want);
	free(want);
	return rc;
}

static int read_enum(const struct field_reader *reader)
{
	const char *const *words = reader->field->words;
	const char *text = json_string_value(reader->value);
	struct buf want;
	size_t count = 0;

	for (; words[count]; count++) {
		if (text && str_eq(text, words[count])) {
			*(int *)reader->out = (int)count;
			return 0;
		}
	}
	buf_init(&want, 0);
	for (size_t i = 0; i < count; i++)
		buf_addf(&want, "%s%s", !i ? "" : i + 1 < count ? ", " : _(" or "), words[i]);
	int rc = mismatch(reader, reader->value, buf_str(&want));
	buf_release(&want);
	return rc;
}

static int read_strings(const struct field_reader *reader)
{
	const json_t *item;
	json_t *list;
	size_t i;

	if (json_is_object(reader->value))
		return mismatch(reader, reader->value, _("a list of texts"));
	list = json_array();
	if (json_is_string(reader->value))
		json_array_append(list, (json_t *)reader->value);
	json_array_foreach (reader->value, i, item) {
		if (!json_is_string(item)) {
			json_decref(list);
			return mismatch(reader, item, _("a list of texts"));
		}
		json_array_append(list, (json_t *)item);
	}
	set_tree(reader->out, list);
	return 0;
}

static int read_map(const struct field_reader *reader)
{
	const char *key;
	json_t *item, *map;

	if (!json_is_object(reader->value))
		return mismatch(reader, reader->value, _("a mapping of names to texts"));
	map = json_object();
	json_object_foreach ((json_t *)reader->value, key, item) {
		if (!json_is_string(item) && !json_is_null(item)) {
			json_decref(map);
			return mismatch(reader, item, _("a mapping of names to texts"));
		}
		if (json_is_string(item))
			json_object_set(map, key, item);
		else
			json_object_set_new(map, key, json_string(""));
	}
	set_tree(reader->out, map);
	return 0;
}

static int read_field(const struct field_reader *reader)
{
	switch (reader->field->type) {
	case DOC_STRING:
	case DOC_NAME: return read_text(reader);
	case DOC_BOOL: return read_bool(reader);
	case DOC_INT: return read_int(reader);
	case DOC_ENUM: return read_enum(reader);
	case DOC_STRINGS: return read_strings(reader);
	case DOC_MAP: return read_map(reader);
	case DOC_NODE: *(const json_t **)reader->out = reader->value; return 0;
	}
	return 0;
}

static int unknown_key(const struct doc *doc, const json_t *object, const char *key,
	const struct doc_field *fields, size_t count, struct err *err)
{
	const char **known = xcalloc(count + 1, sizeof(*known));
	const char *near;
	struct buf list;
	int rc;

	buf_init(&list, 0);
	for (size_t i = 0; i < count; i++) {
		known[i] = fields[i].key;
		buf_addf(&list, "%s%s", i ? ", " : "", fields[i].key);
	}
	near = str_suggest(key, known, count);
	if (near)
		rc = doc_key_error(doc, object, key, err,
			_("unknown key \"%.60s\" (did you mean \"%s\"?)"), key, near);
	else
		rc = doc_key_error(doc, object, key, err, _("unknown key \"%.60s\" (known: %s)"),
			key, buf_str(&list));
	buf_release(&list);
	free(known);
	return rc;
}

int doc_read_fields(const struct doc *doc, const json_t *object, const struct doc_field *fields,
	size_t count, void *out, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object)) {
		char *found = describe("", object);
		int rc = doc_error(doc, object, err, _("expected \"key: value\", found %s"), found);
		free(found);
		return rc;
	}
	json_object_foreach ((json_t *)object, key, value) {
		const struct doc_field *field = NULL;
		for (size_t i = 0; i < count && !field; i++)
			if (str_eq(key, fields[i].key))
				field = &fields[i];
		if (!field)
			return unknown_key(doc, object, key, fields, count, err);
		if (json_is_null(value))
			continue;
		struct field_reader reader = {.doc = doc,
			.object = object,
			.field = field,
			.value = value,
			.out = (char *)out + field->offset,
			.err = err};
		int rc = read_field(&reader);
		if (rc)
			return rc;
	}
	for (size_t i = 0; i < count; i++) {
		value = json_object_get(object, fields[i].key);
		if (fields[i].required && (!value || json_is_null(value)))
			return doc_key_error(doc, object, fields[i].key, err,
				_("\"%s\" is missing"), fields[i].key);
	}
	return 0;
}
