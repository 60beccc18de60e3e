/* Where themes come from, and how their colours meet a terminal's. */
#include "tui/term/theme.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tui/term/theme_private.h"

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

enum { FOLDERS = 3 };

static void folders_find(char *folders[FOLDERS])
{
	const char *env = getenv("WEIR_THEMES");
	char *home = file_xdg("CONFIG");

	folders[0] = str_empty(env) ? NULL : xstrdup(env);
	folders[1] = xasprintf("%s/themes", home);
	folders[2] = xstrdup(WEIR_DATADIR "/themes");
	free(home);
}

static void folders_free(char *folders[FOLDERS])
{
	for (size_t i = 0; i < FOLDERS; i++)
		free(folders[i]);
}

static const struct theme_source *builtin_find(const char *name)
{
	const struct theme_source *it = theme_sources;

	while (it->name && !str_eq(it->name, name))
		it++;
	return it->name ? it : NULL;
}

static int not_found(const char *name, char *folders[FOLDERS], struct err *err)
{
	struct buf known;
	int rc;

	buf_init(&known, 0);
	for (const struct theme_source *it = theme_sources; it->name; it++)
		buf_addf(&known, "%s%s", known.len ? ", " : "", it->name);
	rc = err_set(err, E_CONFIG,
		_("theme \"%.64s\" not found: there are %s, and what lies as NAME.yaml in %s or "
		  "%s"),
		name, buf_str(&known), folders[1], folders[2]);
	buf_release(&known);
	return rc;
}

static int load_name(struct theme **out, const char *name, char *folders[FOLDERS], struct err *err)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		struct err why = {0};
		char *path;
		int rc;

		if (!folders[i])
			continue;
		path = xasprintf("%s/%s.yaml", folders[i], name);
		rc = load_file(out, path, &why);
		free(path);
		if (rc != E_NOTFOUND)
			return rc ? err_set(err, E_CONFIG, "%s", why.text) : 0;
	}
	if (!builtin_find(name))
		return not_found(name, folders, err);
	*out = theme_builtin(name);
	return 0;
}

int theme_load(struct theme **out, const char *name, struct err *err)
{
	char *folders[FOLDERS];
	int rc;

	if (str_empty(name))
		name = theme_default_name();
	if (strchr(name, '/') || str_ends(name, ".yaml"))
		return load_path(out, name, err);
	folders_find(folders);
	rc = load_name(out, name, folders, err);
	folders_free(folders);
	return rc;
}

/* -- which there are -- */

struct names {
	VEC(char *) pairs;
};

/* The first of a name counts, as in load_name(). */
static void names_add(struct names *names, const char *name, const char *origin)
{
	for (size_t i = 0; i < names->pairs.len; i += 2)
		if (str_eq(names->pairs.data[i], name))
			return;
	vec_push(&names->pairs, xstrdup(name));
	vec_push(&names->pairs, xstrdup_null(origin));
}

static void names_read(struct names *names, const char *folder)
{
	static const char suffix[] = ".yaml";
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		char *name, *path;

		if (!str_ends(entry->d_name, suffix))
			continue;
		name = xstrndup(entry->d_name, len - strlen(suffix));
		path = xasprintf("%s/%s", folder, entry->d_name);
		if (str_is_name(name))
			names_add(names, name, path);
		free(path);
		free(name);
	}
	if (dir)
		closedir(dir);
}

static int pair_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **theme_list(size_t *count)
{
	struct names names = {0};
	char *folders[FOLDERS];

	folders_find(folders);
	for (size_t i = 0; i < FOLDERS; i++)
		names_read(&names, folders[i]);
	for (const struct theme_source *it = theme_sources; it->name; it++)
		names_add(&names, it->name, NULL);
	folders_free(folders);
	*count = names.pairs.len / 2;
	qsort(names.pairs.data, *count, 2 * sizeof(char *), pair_cmp);
	return names.pairs.data;
}

void theme_list_free(char **list, size_t count)
{
	for (size_t i = 0; list && i < 2 * count; i++)
		free(list[i]);
	free(list);
}

/* "15;0" or "0;default;15": foreground first, background last, as numbers of 16 colours. */
const char *theme_default_name(void)
{
	const char *value = getenv("COLORFGBG");
	const char *last = value ? strrchr(value, ';') : NULL;

	if (last && (str_eq(last, ";7") || str_eq(last, ";15")))
		return "light";
	return "dark";
}

/* Black and white letters are read equally well on a grey of 18 % of the light. */
const char *theme_for_background(int32_t rgb)
{
	static const int weights[] = {2126, 7152, 722};
	int64_t light = 0;

	for (int i = 0; i < 3; i++) {
		int part = rgb >> (16 - 8 * i) & 255;
		light += (int64_t)weights[i] * part * part;
	}
	return light > (int64_t)10000 * 255 * 255 * 18 / 100 ? "light" : "dark";
}

struct style_def theme_merge(const struct theme *theme, unsigned style, unsigned overlays)
{
	struct style_def def = theme->styles[style < STYLE_MAX ? style : STYLE_NONE];
	const struct style_def *none = &theme->styles[STYLE_NONE];

	def.fg = def.fg == COLOR_UNSET ? none->fg : def.fg;
	def.bg = def.bg == COLOR_UNSET ? none->bg : def.bg;

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
