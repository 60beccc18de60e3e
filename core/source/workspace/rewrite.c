/*
 * A value is found by its place in the parsed text (doc_span()) and put in anew; what comes out is
 * parsed again, so that a mistake here never reaches a file.
 */
#include "core/source/workspace/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* ---- values ---- */

/* Can it stand without quotes, in a line of its own and in {…}? */
static bool is_plain(const char *value)
{
	static const char *const words[] = {
		"~", "null", "Null", "NULL", "true", "false", "yes", "no"};
	size_t len = strlen(value);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(value, words[i]))
			return i >= 4; /* the same as a text and as a truth */
	for (size_t i = 0; i < len; i++) {
		char c = value[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '/' || (c & 0x80);

		if (!is_word && (i == 0 || i + 1 == len || !strchr(" ._:@%+=$-", c)))
			return false;
		if (c == ':' && value[i + 1] == ' ')
			return false;
	}
	return len > 0;
}

/* malloc'd. */
static char *render(const char *value)
{
	json_t *text;
	char *out;

	if (strchr("[{\"'", *value) || is_plain(value))
		return xstrdup(value);
	text = json_string(value);
	out = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL; /* JSON's quotes are YAML's */
	json_decref(text);
	return out ? out : xstrdup("\"\"");
}

/* ---- places ---- */

struct place {
	const json_t *object; /* that has the key, or is to have it; NULL = no such mapping yet */
	char *parent;         /* "build", "properties"; NULL = the root */
	const char *key;
	size_t from, to; /* bytes of its value */
	size_t line;     /* of the key: where its line starts */
	size_t colon;    /* behind the colon */
	bool is_there;
};

static size_t byte_of(const char *text, size_t characters)
{
	size_t at = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	for (; text[at] && characters; characters--)
		do
			at++;
		while (((unsigned char)text[at] & 0xc0) == 0x80);
	return at;
}

static size_t line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const char *text, size_t at)
{
	return at + strcspn(text + at, "\n");
}

/* What a value's span is in bytes, without the blanks and line ends behind it. */
static void measure(
	struct place *place, const struct doc *doc, const char *text, const json_t *object)
{
	struct doc_span span;

	place->is_there = doc_span(doc, object, place->key, &span);
	if (!place->is_there)
		return;
	place->from = byte_of(text, span.from);
	place->to = byte_of(text, span.to);
	while (place->to > place->from && strchr(" \t\r\n", text[place->to - 1]))
		place->to--;
	place->colon = byte_of(text, span.key_end);
	place->line = line_start(text, byte_of(text, span.key));
	while (text[place->colon] && text[place->colon++] != ':')
		;
	if (memchr(text + place->colon, '\n', place->from - place->colon))
		place->from = place->colon; /* it begins in a later line */
}

static int find(struct place *place, const struct doc *doc, const char *text, const char *key,
	struct err *err)
{
	static const char *const parents[] = {"build", "properties"};

	*place = (struct place){.object = doc->root, .key = key};
	if (!json_is_object(doc->root))
		return doc_error(doc, NULL, err, _("the file is no mapping of keys"));
	for (size_t i = 0; i < ARRAY_SIZE(parents); i++) {
		size_t len = strlen(parents[i]);

		if (strncmp(key, parents[i], len) == 0 && key[len] == '.' && key[len + 1]) {
			place->parent = xstrdup(parents[i]);
			place->key = key + len + 1;
			place->object = json_object_get(doc->root, parents[i]);
			if (place->object && !json_is_object(place->object))
				place->object = NULL;
		}
	}
	if (place->object)
		measure(place, doc, text, place->object);
	return 0;
}

/* ---- changes ---- */

static char *splice(const char *text, size_t from, size_t to, const char *middle)
{
	struct buf out;

	buf_init(&out, 0);
	buf_add(&out, text, from);
	buf_adds(&out, middle);
	buf_adds(&out, text + to);
	return buf_detach(&out);
}

static char *replace(const struct place *place, const char *text, const char *value)
{
	bool glued = place->from == place->colon;
	char *middle = xasprintf("%s%s", glued ? " " : "", value);
	char *out = splice(
		text, place->from, place->to > place->from ? place->to : place->from, middle);

	free(middle);
	return out;
}

/* With its line, where the line is its own; else it becomes nothing. */
static char *take_out(const struct place *place, const char *text)
{
	size_t end = line_end(text, place->to), at = place->line;

	while (strchr(" ", text[at]) && text[at])
		at++;
	if (!str_starts(text + at, place->key))
		return replace(place, text, "~");
	return splice(text, place->line, end + (text[end] == '\n'), "");
}

/* key: value behind the last line; or as the first one in the mapping of its parent. */
static char *add(
	const struct place *place, const struct doc *doc, const char *text, const char *value)
{
	const char *gap = str_empty(text) || str_ends(text, "\n") ? "" : "\n";
	struct place parent = {.key = place->parent};
	char *line, *out;
	size_t at;

	if (place->parent)
		measure(&parent, doc, text, doc->root);
	if (!place->parent) {
		line = xasprintf("%s%s: %s\n", gap, place->key, value);
		out = splice(text, strlen(text), strlen(text), line);
	} else if (!parent.is_there) {
		line = xasprintf("%s%s:\n  %s: %s\n", gap, place->parent, place->key, value);
		out = splice(text, strlen(text), strlen(text), line);
	} else if (!place->object) { /* "build:" and nothing */
		line = xasprintf("\n  %s: %s", place->key, value);
		out = splice(text, parent.colon,
			parent.to > parent.colon ? parent.to : parent.colon, line);
	} else if (text[parent.from] == '{') {
		line = xasprintf(
			"%s: %s%s", place->key, value, json_object_size(place->object) ? ", " : "");
		out = splice(text, parent.from + 1, parent.from + 1, line);
	} else { /* before its first key, as far in */
		const char *first = json_object_iter_key(json_object_iter((json_t *)place->object));
		struct place child = {.key = first};

		measure(&child, doc, text, place->object);
		at = child.line;
		line = xasprintf(
			"%.*s%s: %s\n", (int)strspn(text + at, " "), text + at, place->key, value);
		out = splice(text, at, at, line);
	}
	free(line);
	return out;
}

bool rewrite_has(const char *path, const char *text, const char *key)
{
	struct err err;
	struct doc *doc = doc_parse_yaml(path, text, strlen(text), &err);
	struct place place = {0};
	bool has = doc && doc->root && find(&place, doc, text, key, &err) == 0 && place.is_there;

	free(place.parent);
	doc_free(doc);
	return has;
}

int rewrite_set(const char *path, char **text, const char *key, const char *value, struct err *err)
{
	struct doc *doc = doc_parse_yaml(path, *text, strlen(*text), err), *check;
	struct place place = {0};
	char *rendered = str_empty(value) ? NULL : render(value), *out = NULL;
	int rc = E_CONFIG;

	if (doc && (str_empty(key) || strpbrk(key, " \t\r\n:#{}[]\"'")))
		rc = err_set(err, E_ARG, _("'%s' is no key of an application file"), key);
	else if (doc)
		rc = find(&place, doc, *text, key, err);
	if (!rc && rendered)
		out = place.is_there ? replace(&place, *text, rendered)
				     : add(&place, doc, *text, rendered);
	else if (!rc)
		out = place.is_there ? take_out(&place, *text) : xstrdup(*text);
	if (out) {
		check = doc_parse_yaml(path, out, strlen(out), err);
		rc = check ? 0 : err->code;
		doc_free(check);
	}
	if (!rc) {
		free(*text);
		*text = out;
		out = NULL;
	}
	free(out);
	free(rendered);
	free(place.parent);
	doc_free(doc);
	return rc;
}

/* ---- templates ---- */

static const char jar_text[] =
	"main-class: com.example.Main        # or leave it to the jar's manifest\n"
	"args: []                            # e.g. [--database, orders]\n"
	"artifact: build                     # what `build` made; or a path, or host:path\n"
	"build:\n"
	"  git: https://git.example/team/jobs.git\n"
	"  ref: main                         # branch, tag or commit\n"
	"  host: local                       # where it is built: local, or a host's name\n"
	"  command: mvn -B -q package\n"
	"  artifact: target/*.jar\n";
static const char sql_text[] =
	"sql: |                              # or sql-file: a path in the workspace\n"
	"  CREATE TABLE src (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');\n"
	"  CREATE TABLE dst (id BIGINT) WITH ('connector' = 'blackhole');\n"
	"  INSERT INTO dst SELECT id FROM src;\n";
static const char pyflink_text[] = "artifact: main.py                   # a path, or host:path\n"
				   "args: []\n";

char *rewrite_template(
	enum app_type type, const char *name, const char *cluster, const char *flink_env)
{
	static const char *const texts[] = {jar_text, sql_text, pyflink_text};
	struct buf out;
	char *word;

	buf_init(&out, 0);
	buf_addf(&out,
		"apiVersion: weir/v1\nkind: Application\nname: %s\n"
		"# jobName: %s                    # what Flink shows; default: the name\ntype: "
		"%s\n",
		name, name, app_type_name(type));
	word = flink_env ? render(flink_env) : NULL;
	buf_addf(&out, word ? "flink-env: %s\n" : "# flink-env: \"1.20\"\n", word ? word : "");
	free(word);
	word = cluster ? render(cluster) : NULL;
	buf_addf(&out, word ? "cluster: %s\n" : "# cluster: sessions\n", word ? word : "");
	free(word);
	buf_adds(&out, "target: remote\n");
	buf_adds(&out, texts[type]);
	buf_adds(&out,
		"parallelism: 1\n"
		"properties:\n"
		"  execution.checkpointing.interval: 60s\n"
		"# tags: [tier1]\n"
		"# owner: li\n");
	return buf_detach(&out);
}
