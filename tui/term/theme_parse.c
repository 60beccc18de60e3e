/* A theme file → struct theme. Every mistake is named with its place and what may stand there. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tui/term/theme_private.h"

struct color {
	const char *name; /* borrowed from the doc */
	int32_t rgb;
};

struct palette {
	VEC(struct color) colors;
};

static bool palette_find(const void *data, const char *word, int32_t *out)
{
	const struct palette *palette = data;
	const struct color *it;

	if (theme_rgb(word, out))
		return true;
	vec_each (it, &palette->colors)
		if (str_eq(it->name, word)) {
			*out = it->rgb;
			return true;
		}
	return false;
}

static int read_palette(
	struct palette *palette, const struct doc *doc, const json_t *object, struct err *err)
{
	const char *name;
	json_t *value;

	if (object && !json_is_object(object))
		return doc_error(doc, object, err, _("\"palette\" must be names with colours"));
	json_object_foreach ((json_t *)object, name, value) {
		struct color color = {name, 0};
		const char *text = json_string_value(value);

		if (!str_is_name(name) || theme_attr(name) || str_eq(name, "on") ||
			str_eq(name, "default"))
			return doc_key_error(doc, object, name, err,
				_("\"%.60s\" cannot be the name of a colour"), name);
		if (!text || !theme_rgb(text, &color.rgb))
			return doc_key_error(doc, object, name, err,
				_("colour \"%s\" must be written as \"#rrggbb\", in quotes"), name);
		vec_push(&palette->colors, color);
	}
	return 0;
}

/* The word that is not understood, and the nearest that would be. */
static int word_error(const struct palette *palette, const struct doc *doc, const json_t *node,
	const char *style, const char *word, struct err *err)
{
	VEC(const char *) known = {0};
	const struct color *it;
	const char *near;
	int rc;

	vec_push(&known, "bold");
	vec_push(&known, "dim");
	vec_push(&known, "italic");
	vec_push(&known, "underline");
	vec_push(&known, "reverse");
	vec_push(&known, "default");
	vec_each (it, &palette->colors)
		vec_push(&known, it->name);
	near = str_suggest(word, known.data, known.len);
	if (near && !str_eq(near, word))
		rc = doc_error(doc, node, err, _("%s: unknown word \"%s\" (did you mean \"%s\"?)"),
			style, word, near);
	else
		rc = doc_error(doc, node, err,
			_("%s: \"%s\" does not fit here; a style is attributes (bold dim italic "
			  "underline reverse), a colour, \"on\" and a background"),
			style, word);
	vec_release(&known);
	return rc;
}

static int read_styles(struct theme *theme, const struct palette *palette, const struct doc *doc,
	const json_t *object, struct err *err)
{
	struct doc_field fields[STYLE_MAX];
	char *texts[STYLE_MAX] = {0};
	char wrong[64];
	int rc;

	for (int i = 0; i < STYLE_MAX; i++)
		fields[i] = (struct doc_field){.key = canvas_style_name((enum style)i),
			.type = DOC_STRING,
			.offset = (size_t)i * sizeof(*texts)};
	rc = doc_read_fields(doc, object, fields, STYLE_MAX, texts, err);
	for (int i = 0; i < STYLE_MAX && rc == 0; i++) {
		if (!texts[i] ||
			theme_words(texts[i], palette_find, palette, &theme->styles[i], wrong,
				sizeof(wrong)))
			continue;
		rc = word_error(palette, doc, json_object_get(object, fields[i].key), fields[i].key,
			wrong, err);
	}
	for (int i = 0; i < STYLE_MAX; i++)
		free(texts[i]);
	return rc;
}

#define BASES_MAX 16

/* Says nothing: all is the terminal's own. */
static struct theme *theme_empty(void)
{
	struct theme *theme = xcalloc(1, sizeof(*theme));

	theme->name = xstrdup("none");
	for (int i = 0; i < STYLE_MAX; i++)
		theme->styles[i] = (struct style_def){COLOR_UNSET, COLOR_UNSET, 0};
	return theme;
}

struct theme_file {
	char *name;
	int base;
	const json_t *palette, *styles;
};

static int read_file(
	struct theme *theme, const struct doc *doc, const struct theme_file *file, struct err *err)
{
	struct palette palette = {0};
	int rc = read_palette(&palette, doc, file->palette, err);

	if (rc == 0 && file->styles)
		rc = read_styles(theme, &palette, doc, file->styles, err);
	vec_release(&palette.colors);
	return rc;
}

/* own: one of ours, which says everything itself. */
static int parse(struct theme **out, const char *path, const char *text, size_t len, bool own,
	struct err *err)
{
	const char *bases[BASES_MAX + 1] = {"dark"}; /* first: what counts when none is said */
	const struct doc_field fields[] = {
		{.key = "name", .type = DOC_NAME, .offset = offsetof(struct theme_file, name)},
		{.key = "base",
			.type = DOC_ENUM,
			.offset = offsetof(struct theme_file, base),
			.words = bases},
		{.key = "palette",
			.type = DOC_NODE,
			.offset = offsetof(struct theme_file, palette)},
		{.key = "styles", .type = DOC_NODE, .offset = offsetof(struct theme_file, styles)},
	};
	struct doc *doc = doc_parse_yaml(path, text, len, err);
	struct theme_file file = {0};
	struct theme *theme;
	int rc = doc ? 0 : E_CONFIG;

	for (size_t i = 0, n = 1; theme_sources[i].name && n < BASES_MAX; i++)
		if (!str_eq(theme_sources[i].name, bases[0]))
			bases[n++] = theme_sources[i].name;
	if (rc == 0 && doc->root)
		rc = doc_read_fields(doc, doc->root, fields, ARRAY_SIZE(fields), &file, err);
	else if (rc == 0)
		rc = doc_error(doc, NULL, err, _("the theme is empty"));
	if (rc)
		goto out;
	theme = own ? theme_empty() : theme_builtin(bases[file.base]);
	rc = read_file(theme, doc, &file, err);
	if (rc) {
		theme_free(theme);
		goto out;
	}
	if (file.name) {
		free(theme->name);
		theme->name = file.name;
		file.name = NULL;
	}
	*out = theme;
out:
	free(file.name);
	doc_free(doc);
	return rc;
}

int theme_parse(struct theme **out, const char *path, const char *text, size_t len, struct err *err)
{
	return parse(out, path, text, len, false, err);
}

struct theme *theme_builtin(const char *name)
{
	const struct theme_source *it = theme_sources, *found = NULL;
	struct theme *theme = NULL;
	struct err err;

	for (; it->name; it++)
		if (str_eq(it->name, name) || (!found && str_eq(it->name, "dark")))
			found = it;
	if (!found || parse(&theme, found->name, found->text, strlen(found->text), true, &err))
		theme = theme_empty(); /* a test parses them all */
	return theme;
}
