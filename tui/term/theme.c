/*
 * Where themes come from, and how their colours meet a terminal's. The built-in two are a table of
 * the same words that a file holds; a test compares it with themes/ so that the two stay one.
 */
#include "tui/term/theme.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/term/theme_private.h"

struct builtin_row {
	enum style style;
	const char *words[2]; /* dark, light */
};

static const char *const builtin_names[] = {"dark", "light"};

static const struct builtin_row builtin_rows[] = {
	{STYLE_NONE, {"default", "default"}},
	{STYLE_TEXT, {"default", "default"}},
	{STYLE_DIM, {"#9aa5b1", "#5f6675"}},
	{STYLE_STRONG, {"bold default", "bold default"}},
	{STYLE_TITLE, {"bold #8cc4ff", "bold #0b4f9e"}},
	{STYLE_HEADER, {"bold #b8c4d0", "bold #3f4a55"}},
	{STYLE_BORDER, {"#94a3b3", "#6b7682"}},
	{STYLE_KEY, {"bold #8cc4ff", "bold #0b4f9e"}},
	{STYLE_HINT, {"#9aa5b1", "#5f6675"}},
	{STYLE_DISABLED, {"italic #94a3b3", "italic #6b7682"}},
	{STYLE_PROMPT, {"bold #f2d479", "bold #8a5200"}},
	{STYLE_MATCH, {"underline #f2d479", "underline #8a5200"}},
	{STYLE_OK, {"#5fd7b8", "#00664d"}},
	{STYLE_INFO, {"#8cc4ff", "#0b4f9e"}},
	{STYLE_WARN, {"#f2d479", "#8a5200"}},
	{STYLE_ERROR, {"bold #ff9a85", "bold #b80f3a"}},
	{STYLE_STATE_RUNNING, {"#5fd7b8", "#00664d"}},
	{STYLE_STATE_MOVING, {"#8cc4ff", "#0b4f9e"}},
	{STYLE_STATE_WARNING, {"bold #f2d479", "bold #8a5200"}},
	{STYLE_STATE_FAILED, {"bold #ff9a85", "bold #b80f3a"}},
	{STYLE_STATE_ENDED, {"#9aa5b1", "#5f6675"}},
	{STYLE_STATE_UNKNOWN, {"italic #dfe5ec", "italic #1f242b"}},
	{STYLE_STALE, {"dim italic", "dim italic"}},
	{STYLE_MARKED, {"bold on #4a3d14", "bold on #f5e6b8"}},
	{STYLE_SELECTED, {"on #1f3d66", "on #cfe3ff"}},
};

static const struct {
	const char *word;
	unsigned attr;
} attr_words[] = {
	{"bold", ATTR_BOLD},
	{"dim", ATTR_DIM},
	{"italic", ATTR_ITALIC},
	{"underline", ATTR_UNDERLINE},
	{"reverse", ATTR_REVERSE},
};

unsigned theme_attr(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(attr_words); i++)
		if (str_eq(word, attr_words[i].word))
			return attr_words[i].attr;
	return 0;
}

bool theme_rgb(const char *word, int32_t *out)
{
	char *end;

	if (word[0] != '#' || strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	*out = (int32_t)strtol(word + 1, &end, 16);
	return true;
}

bool theme_words(const char *text, theme_color_fn color, const void *data, struct style_def *out,
	char *wrong, size_t size)
{
	struct style_def def = {COLOR_UNSET, COLOR_UNSET, 0};
	bool on = false, fg_set = false, bg_set = false;

	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t len = strcspn(text, " \t");
		bool *set = on ? &bg_set : &fg_set;
		unsigned attr;

		snprintf(wrong, size, "%.*s", (int)(len < size ? len : size - 1), text);
		text += len;
		attr = theme_attr(wrong);
		if (attr && !on) {
			def.attrs |= attr;
		} else if (str_eq(wrong, "on") && !on && !bg_set) {
			on = true;
		} else if (!*set &&
			(str_eq(wrong, "default") || color(data, wrong, on ? &def.bg : &def.fg))) {
			*set = true;
			on = false;
		} else {
			return false;
		}
	}
	if (on) /* a background was promised */
		return false;
	*out = def;
	return true;
}

static bool builtin_color(const void *data, const char *word, int32_t *out)
{
	(void)data;
	return theme_rgb(word, out);
}

struct theme *theme_builtin(const char *name)
{
	size_t which = str_eq(name, builtin_names[1]);
	struct theme *theme = xcalloc(1, sizeof(*theme));
	char wrong[16];

	theme->name = xstrdup(builtin_names[which]);
	for (size_t i = 0; i < ARRAY_SIZE(builtin_rows); i++)
		theme_words(builtin_rows[i].words[which], builtin_color, NULL,
			&theme->styles[builtin_rows[i].style], wrong, sizeof(wrong));
	return theme;
}

void theme_free(struct theme *theme)
{
	if (!theme)
		return;
	free(theme->name);
	free(theme);
}

/* E_NOTFOUND when there is no such file. */
static int load_file(struct theme **out, const char *path, struct err *err)
{
	struct buf text;
	int rc;

	buf_init(&text, (size_t)1 << 20);
	rc = file_read(path, &text, err);
	if (rc == 0)
		rc = theme_parse(out, path, buf_str(&text), text.len, err);
	buf_release(&text);
	return rc;
}

static int load_path(struct theme **out, const char *name, struct err *err)
{
	char *path = file_expand(name, NULL);
	struct err why = {0};
	int rc = load_file(out, path, &why);

	if (rc)
		rc = err_set(err, E_CONFIG, "%s%s", rc == E_NOTFOUND ? _("theme: ") : "", why.text);
	free(path);
	return rc;
}

int theme_load(struct theme **out, const char *name, struct err *err)
{
	const char *env = getenv("WEIR_THEMES");
	char *home = file_xdg("CONFIG");
	char *folders[] = {str_empty(env) ? NULL : xstrdup(env), xasprintf("%s/themes", home),
		xstrdup(WEIR_DATADIR "/themes")};
	int rc = E_NOTFOUND;

	if (str_empty(name))
		name = theme_default_name();
	if (strchr(name, '/') || str_ends(name, ".yaml")) {
		rc = load_path(out, name, err);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(folders) && rc == E_NOTFOUND; i++) {
			char *path;

			if (!folders[i])
				continue;
			path = xasprintf("%s/%s.yaml", folders[i], name);
			struct err why = {0};
			rc = load_file(out, path, &why);
			if (rc && rc != E_NOTFOUND)
				rc = err_set(err, E_CONFIG, "%s", why.text);
			free(path);
		}
		if (rc == E_NOTFOUND &&
			(str_eq(name, builtin_names[0]) || str_eq(name, builtin_names[1]))) {
			*out = theme_builtin(name);
			rc = 0;
		} else if (rc == E_NOTFOUND) {
			rc = err_set(err, E_CONFIG,
				_("theme \"%.64s\" not found: there are dark and light, and what "
				  "lies as NAME.yaml in %s or %s"),
				name, folders[1], folders[2]);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		free(folders[i]);
	free(home);
	return rc;
}

/* "15;0" or "0;default;15": foreground first, background last, as numbers of 16 colours. */
const char *theme_default_name(void)
{
	const char *value = getenv("COLORFGBG");
	const char *last = value ? strrchr(value, ';') : NULL;

	if (last && (str_eq(last, ";7") || str_eq(last, ";15")))
		return builtin_names[1];
	return builtin_names[0];
}

struct style_def theme_merge(const struct theme *theme, unsigned style, unsigned overlays)
{
	struct style_def def = theme->styles[style < STYLE_MAX ? style : STYLE_NONE];

	for (int i = STYLE_STALE; i < STYLE_MAX; i++) {
		const struct style_def *over = &theme->styles[i];

		if (!(overlays & CELL_OVERLAY(i)))
			continue;
		if (over->fg != COLOR_UNSET)
			def.fg = over->fg;
		if (over->bg != COLOR_UNSET)
			def.bg = over->bg;
		def.attrs |= over->attrs;
	}
	return def;
}

static int distance(int32_t a, int32_t b)
{
	int red = (a >> 16 & 255) - (b >> 16 & 255), green = (a >> 8 & 255) - (b >> 8 & 255);
	int blue = (a & 255) - (b & 255);

	return red * red + green * green + blue * blue;
}

static int nearest_256(int32_t rgb)
{
	static const int32_t levels[] = {0, 95, 135, 175, 215, 255};
	int best = 16, best_distance = distance(rgb, 0);

	for (int i = 17; i < 256; i++) {
		int32_t grey = 8 + (i - 232) * 10, cube = i - 16;
		int32_t color = i < 232
			? levels[cube / 36] << 16 | levels[cube / 6 % 6] << 8 | levels[cube % 6]
			: grey << 16 | grey << 8 | grey;
		if (distance(rgb, color) < best_distance) {
			best = i;
			best_distance = distance(rgb, color);
		}
	}
	return best;
}

static int nearest_16(int32_t rgb, bool bright)
{
	static const int hues[] = {1, 3, 2, 6, 4, 5}; /* red yellow green cyan blue magenta */
	int red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
	int max = red > green ? red : green, min = red < green ? red : green, hue;
	int light = (red * 299 + green * 587 + blue * 114) / 1000;

	max = blue > max ? blue : max;
	min = blue < min ? blue : min;
	if (max == min || (max - min) * 5 < max || max < 48) { /* hardly any hue: a grey */
		if (!bright)
			return light < 80 ? 0 : 7;
		return light < 48 ? 0 : light < 144 ? 8 : light < 224 ? 7 : 15;
	}
	if (max == red)
		hue = 360 + 60 * (green - blue) / (max - min);
	else if (max == green)
		hue = 120 + 60 * (blue - red) / (max - min);
	else
		hue = 240 + 60 * (red - green) / (max - min);
	return hues[(hue + 30) / 60 % 6] + (bright && light >= 112 ? 8 : 0);
}

int theme_nearest(int32_t rgb, int colors)
{
	if (colors >= 256)
		return nearest_256(rgb);
	return nearest_16(rgb, colors >= 16);
}
