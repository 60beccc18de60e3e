/*
 * keymap.yaml → bindings over the program's table. A preset is the same text, kept in the program
 * (keymap_presets.c), so that there is one form and one reader.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/keymap_private.h"
#include "tui/ui/own_file.h"

#define FILE_MAX ((size_t)256 << 10)
#define BINDINGS_MAX 2000 /* of a whole keymap: a list that is walked at each key */

/* Layers: the table is 0; each text has one for all views, and one for single views. */
enum { LAYER_PRESET = 1, LAYER_FILE = 3 };

static const struct {
	const char *name;
	unsigned views;
} sections[] = {
	{"all", IN_ALL},
	{"list", IN_LIST},
	{"card", IN_CARD},
	{"rows", IN_ROWS},
	{"runs", IN_RUNS},
	{"run", IN_RUN},
	{"log", IN_LOG},
	{"text", IN_TEXT},
	{"help", IN_HELP},
};

struct reader {
	struct keymap *keymap;
	const struct doc *doc;
	struct err *err;
	int layer;
	unsigned views; /* of the section */
	const char *section;
};

/* What a terminal sends for these is another key. */
static const char *sent_as(const struct key *key)
{
	if (key->sym != KEY_SYM_CHAR || key->mods != KEY_CTRL)
		return NULL;
	switch (key->ch) {
	case 'i': return "tab";
	case 'j':
	case 'm': return "enter";
	case 'h': return "backspace";
	case '[': return "esc";
	}
	return NULL;
}

static int read_keys(const struct reader *reader, const json_t *object, const char *text,
	struct binding *binding)
{
	char name[KEY_NAME_MAX];

	for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : 0), p);
		p += len;
		if (binding->count == KEYMAP_SEQUENCE_MAX)
			return doc_key_error(reader->doc, object, text, reader->err,
				_("\"%.60s\": at most %d keys, one after the other"), text,
				KEYMAP_SEQUENCE_MAX);
		struct key *key = &binding->keys[binding->count++];
		if (!key_parse(name, key) || key->sym >= KEY_SYM_PASTE)
			return doc_key_error(reader->doc, object, text, reader->err,
				_("\"%.60s\": no key is called \"%.*s\" (keys are a, A, f5, "
				  "enter, ctrl-d, alt-x; several with blanks between)"),
				text, (int)len, p - len);
		if (sent_as(key))
			return doc_key_error(reader->doc, object, text, reader->err,
				_("\"%.60s\": terminals send %s as %s: say that"), text, name,
				sent_as(key));
	}
	if (!binding->count)
		return doc_key_error(
			reader->doc, object, text, reader->err, _("a key is missing here"));
	return 0;
}

/* "list, card": where a command works. */
static void views_text(unsigned views, struct buf *out)
{
	for (size_t i = 1; i < ARRAY_SIZE(sections); i++)
		if (sections[i].views & views)
			buf_addf(out, "%s%s", out->len ? ", " : "", sections[i].name);
}

/* "apps state:failed" → which command, and what is said to it. */
static int read_command(
	const struct reader *reader, const json_t *value, const char *text, struct binding *binding)
{
	size_t len = strcspn(text, " ");
	char *word = xstrndup(text, len);
	const char *rest = text + len + strspn(text + len, " "), *arg;
	const struct command *command = command_named(word, &arg);
	const char *near = command ? NULL : command_suggest_named(word);
	int rc = 0;

	if (!command && near)
		rc = doc_error(reader->doc, value, reader->err,
			_("no command \"%.40s\" (did you mean \"%s\"?)"), word, near);
	else if (!command)
		rc = doc_error(reader->doc, value, reader->err,
			_("no command \"%.40s\": : and Tab list them, \"none\" is no command"),
			word);
	else if (*rest && !command->args)
		rc = doc_error(reader->doc, value, reader->err, _("\"%s\" takes nothing behind it"),
			command->name);
	free(word);
	if (rc)
		return rc;
	binding->id = command->id;
	binding->name = command_own_name(command->id);
	binding->views = reader->views & command->views;
	binding->arg = xstrdup_null(*rest ? rest : arg);
	if (!binding->views) {
		struct buf where;
		buf_init(&where, 0);
		views_text(command->views, &where);
		rc = doc_error(reader->doc, value, reader->err,
			_("\"%s\" does not work in \"%s\", only in: %s"), command->name,
			reader->section, buf_str(&where));
		buf_release(&where);
	}
	return rc;
}

static int read_binding(
	const struct reader *reader, const json_t *object, const char *keys, const json_t *value)
{
	struct binding binding = {.layer = reader->layer, .id = CMD_MAX, .views = reader->views};
	const struct binding *other = NULL;
	const char *text = json_string_value(value);
	int rc = read_keys(reader, object, keys, &binding);

	if (!rc && str_empty(text))
		rc = doc_key_error(reader->doc, object, keys, reader->err,
			_("\"%.60s\" needs a command, with what is said to it, or \"none\""), keys);
	if (!rc && reader->keymap->bindings.len >= BINDINGS_MAX)
		rc = doc_key_error(reader->doc, object, keys, reader->err,
			_("more than %d keys are more than anybody can know"), BINDINGS_MAX);
	if (!rc && !str_eq(text, "none"))
		rc = read_command(reader, value, text, &binding);
	if (!rc)
		other = keymap_put(reader->keymap, &binding);
	if (other)
		rc = doc_key_error(reader->doc, object, keys, reader->err,
			_("\"%.60s\" (%s) and keys before it (%s) begin alike: one could not be "
			  "typed"),
			keys, binding.name, other->name);
	if (rc)
		free(binding.arg);
	return rc;
}

static int read_section(struct reader *reader, const json_t *root, size_t i)
{
	const json_t *object = json_object_get(root, sections[i].name), *value;
	const char *keys;
	int rc = 0;

	reader->section = sections[i].name;
	reader->views = sections[i].views;
	if (!object || json_is_null(object))
		return 0;
	if (!json_is_object(object))
		return doc_error(reader->doc, object, reader->err,
			_("\"%s\" must be keys with commands"), sections[i].name);
	json_object_foreach ((json_t *)object, keys, value) {
		rc = read_binding(reader, object, keys, value);
		if (rc)
			break;
	}
	return rc;
}

static int read_sections(struct keymap *keymap, const struct doc *doc, int layer, struct err *err)
{
	struct reader reader = {.keymap = keymap, .doc = doc, .err = err};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(sections); i++) {
		reader.layer = layer + (i > 0);
		rc = read_section(&reader, doc->root, i);
	}
	return rc;
}

static int check_root(const struct doc *doc, const char **preset, struct err *err)
{
	const char *names[ARRAY_SIZE(sections) + 1], *key, *near;
	json_t *value;

	*preset = "default";
	if (doc->root && !json_is_object(doc->root))
		return doc_error(doc, doc->root, err,
			_("a keymap is \"preset\", \"all\", and names of views"));
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		names[i] = sections[i].name;
	names[ARRAY_SIZE(sections)] = "preset";
	json_object_foreach (doc->root, key, value) {
		size_t i = 0;
		while (i < ARRAY_SIZE(names) && !str_eq(names[i], key))
			i++;
		if (i < ARRAY_SIZE(names))
			continue;
		near = str_suggest(key, names, ARRAY_SIZE(names));
		return near ? doc_key_error(doc, doc->root, key, err,
				      _("unknown key \"%.40s\" (did you mean \"%s\"?)"), key, near)
			    : doc_key_error(doc, doc->root, key, err,
				      _("unknown key \"%.40s\": there are preset, all, list, card, "
					"rows, runs, run, log, text and help"),
				      key);
	}
	value = json_object_get(doc->root, "preset");
	if (!value || json_is_null(value))
		return 0;
	*preset = json_string_value(value);
	if (*preset && keymap_preset(*preset))
		return 0;
	return doc_error(doc, value, err, _("\"preset\" is default, vim or emacs"));
}

static int read_preset(struct keymap *keymap, const char *name, struct err *err)
{
	const char *text = keymap_preset(name);
	struct doc *doc = doc_parse_yaml(name, text, strlen(text), err);
	int rc = doc ? read_sections(keymap, doc, LAYER_PRESET, err) : E_CONFIG;

	doc_free(doc);
	return rc;
}

/* Whoever binds everything away must still get out. */
static int check_way_out(const struct keymap *keymap, const struct doc *doc, struct err *err)
{
	const struct binding *it;

	vec_each (it, &keymap->bindings)
		if ((it->views & IN_LIST) && !it->arg &&
			(it->id == CMD_QUIT || it->id == CMD_BACK || it->id == CMD_PALETTE))
			return 0;
	return doc_error(doc, NULL, err,
		_("no key would lead out of weir: leave one of quit, back and palette in "
		  "\"list\""));
}

int keymap_parse(
	struct keymap **out, const char *path, const char *text, size_t len, struct err *err)
{
	struct doc *doc = doc_parse_yaml(path, text, len, err);
	struct keymap *keymap = NULL;
	const char *preset;
	int rc = doc ? check_root(doc, &preset, err) : E_CONFIG;

	if (!rc)
		rc = keymap_new(&keymap, commands, CMD_MAX, err);
	if (!rc)
		rc = read_preset(keymap, preset, err);
	if (!rc && doc->root)
		rc = read_sections(keymap, doc, LAYER_FILE, err);
	if (!rc) {
		keymap_settle(keymap);
		rc = check_way_out(keymap, doc, err);
	}
	if (rc)
		keymap_free(keymap);
	else
		*out = keymap;
	doc_free(doc);
	return rc;
}

int keymap_default(struct keymap **out, struct err *err)
{
	return keymap_parse(out, "keymap.yaml", "", 0, err);
}

char *keymap_path(void)
{
	return own_file_path("WEIR_KEYMAP", "keymap.yaml");
}

/* *out NULL: there is no such file. */
static int read_file(struct keymap **out, const char *path, struct err *err)
{
	struct buf text;
	int rc;

	*out = NULL;
	buf_init(&text, FILE_MAX);
	rc = own_file_read(path, &text, err);
	if (!rc)
		rc = keymap_parse(out, path, buf_str(&text), text.len, err);
	else if (rc == E_NOTFOUND)
		rc = 0;
	buf_release(&text);
	return rc;
}

int keymap_load(struct keymap **out, struct err *err)
{
	char *path = keymap_path();
	struct keymap *keymap;
	struct err own;
	int rc = read_file(&keymap, path, err);

	free(path);
	if (!keymap && keymap_default(&keymap, &own))
		return err_set(err, E_INTERNAL, "%s", own.text); /* a test forbids it */
	*out = keymap;
	return rc;
}

int keymap_check(char **path, struct err *err)
{
	struct keymap *keymap;
	int rc;

	*path = keymap_path();
	rc = read_file(&keymap, *path, err);
	if (!rc && !keymap) {
		free(*path);
		*path = NULL;
	}
	keymap_free(keymap);
	return rc;
}
