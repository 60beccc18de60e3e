/* Themes: the files are the built-in ones, mistakes are named, colours can be read and told apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/term/theme.h"

static const char *const names[] = {"colour-blind", "dark", "high-contrast", "light", "mono"};

static void theme_files_are_the_builtin_ones(void **state)
{
	size_t count;
	char **list = theme_list(&count);

	(void)state;
	assert_int_equal(count, ARRAY_SIZE(names));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(list[2 * i], names[i]);
		assert_null(list[2 * i + 1]);
	}
	theme_list_free(list, count);
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		struct theme *file, *builtin = theme_builtin(names[n]);
		struct err err = {0};
		char path[64];

		snprintf(path, sizeof(path), "themes/%s.yaml", names[n]);
		if (theme_load(&file, path, &err))
			fail_msg("%s", err.text);
		assert_string_equal(file->name, names[n]);
		assert_string_equal(builtin->name, names[n]);
		for (int i = 0; i < STYLE_MAX; i++) {
			const struct style_def *a = &file->styles[i], *b = &builtin->styles[i];

			if (a->fg != b->fg || a->bg != b->bg || a->attrs != b->attrs)
				fail_msg("%s: style %s of the file is not the built-in one", path,
					canvas_style_name((enum style)i));
		}
		theme_free(file);
		theme_free(builtin);
	}
}

static void theme_parse_reads_words(void **state)
{
	static const char text[] = "name: mine\nbase: light\n"
				   "palette: {sea: \"#00665A\"}\n"
				   "styles:\n"
				   "  title: bold underline sea on #ffffff\n"
				   "  dim: \"  #010203 \"\n"
				   "  error: default on default\n"
				   "  stale:\n"
				   "  marked: \"\"\n"
				   "  selected: reverse\n";
	struct theme *theme, *light = theme_builtin("light");
	struct err err = {0};

	(void)state;
	/* unquoted, YAML takes " #ffffff" for a comment: said, not guessed */
	assert_int_equal(theme_parse(&theme, "t.yaml", text, strlen(text), &err), E_CONFIG);
	assert_non_null(strstr(err.text, "t.yaml:5:10"));
	static const char good[] = "name: mine\nbase: light\n"
				   "palette: {sea: \"#00665A\", sky: \"#FFFFFF\"}\n"
				   "styles:\n"
				   "  title: bold underline sea on sky\n"
				   "  dim: \"  #010203 \"\n"
				   "  error: default on default\n"
				   "  stale:\n"
				   "  marked: \"\"\n"
				   "  selected: reverse\n";
	if (theme_parse(&theme, "t.yaml", good, strlen(good), &err))
		fail_msg("%s", err.text);
	assert_string_equal(theme->name, "mine");
	assert_int_equal(theme->styles[STYLE_TITLE].fg, 0x00665A);
	assert_int_equal(theme->styles[STYLE_TITLE].bg, 0xFFFFFF);
	assert_int_equal(theme->styles[STYLE_TITLE].attrs, ATTR_BOLD | ATTR_UNDERLINE);
	assert_int_equal(theme->styles[STYLE_DIM].fg, 0x010203);
	assert_int_equal(theme->styles[STYLE_ERROR].fg, COLOR_UNSET);
	assert_int_equal(theme->styles[STYLE_STALE].attrs, light->styles[STYLE_STALE].attrs);
	assert_int_equal(theme->styles[STYLE_MARKED].attrs, 0);
	assert_int_equal(theme->styles[STYLE_SELECTED].bg, COLOR_UNSET);
	assert_int_equal(theme->styles[STYLE_SELECTED].attrs, ATTR_REVERSE);
	assert_int_equal(theme->styles[STYLE_WARN].fg, light->styles[STYLE_WARN].fg);
	theme_free(theme);
	theme_free(light);
}

static void theme_parse_names_the_mistake(void **state)
{
	static const struct {
		const char *name, *text;
		const char *want[3]; /* parts of the message */
	} cases[] = {
		{"empty", "", {"t.yaml:1:1"}},
		{"a list", "- a\n", {"t.yaml:1:1"}},
		{"not YAML", "a: [\n", {"t.yaml:"}},
		{"unknown key", "style: {}\n", {"t.yaml:1:1", "\"style\"", "\"styles\""}},
		{"unknown base", "base: grey\n", {"t.yaml:1:7", "dark", "light or mono"}},
		{"unknown style", "styles:\n  state-runing: bold\n",
			{"t.yaml:2:3", "state-running"}},
		{"unknown colour", "palette: {blue: \"#0000ff\"}\nstyles:\n  title: bold blu\n",
			{"t.yaml:3:10", "\"blu\"", "\"blue\""}},
		{"unknown attribute", "styles:\n  title: blod\n",
			{"t.yaml:2:10", "\"blod\"", "\"bold\""}},
		{"two colours", "styles:\n  title: \"#000000 #111111\"\n",
			{"t.yaml:2:10", "\"#111111\""}},
		{"on nothing", "styles:\n  title: bold on\n", {"t.yaml:2:10", "\"on\""}},
		{"on an attribute", "styles:\n  title: on bold\n", {"t.yaml:2:10", "\"bold\""}},
		{"a bad number", "styles:\n  title: \"#12345g\"\n", {"t.yaml:2:10", "#12345g"}},
		{"a style as list", "styles:\n  title: [bold]\n", {"t.yaml:2:10", "a text"}},
		{"styles as text", "styles: bold\n", {"t.yaml:1:9"}},
		{"palette as text", "palette: red\n", {"t.yaml:1:10"}},
		{"palette without quotes", "palette:\n  red: #ff0000\n",
			{"t.yaml:2:3", "\"#rrggbb\", in quotes"}},
		{"palette, short", "palette:\n  red: \"#f00\"\n", {"t.yaml:2:3", "#rrggbb"}},
		{"palette, taken", "palette:\n  bold: \"#ff0000\"\n", {"t.yaml:2:3", "\"bold\""}},
		{"palette, a number", "palette:\n  \"a b\": \"#ff0000\"\n", {"t.yaml:2:3"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct theme *theme = NULL;
		struct err err = {0};

		if (theme_parse(&theme, "t.yaml", cases[i].text, strlen(cases[i].text), &err) !=
			E_CONFIG)
			fail_msg("%s: accepted", cases[i].name);
		assert_null(theme);
		for (size_t j = 0; j < 3 && cases[i].want[j]; j++)
			if (!strstr(err.text, cases[i].want[j]))
				fail_msg("%s: '%s' lacks '%s'", cases[i].name, err.text,
					cases[i].want[j]);
	}
}

static void theme_load_finds_files_and_falls_back(void **state)
{
	char folder[] = "/tmp/weir-theme-XXXXXX";
	struct theme *theme = NULL;
	struct err err = {0};
	char *path, *user;
	size_t count;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("WEIR_THEMES", folder, 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(theme_load(&theme, names[i], &err), 0);
		assert_string_equal(theme->name, names[i]);
		theme_free(theme);
	}
	theme = theme_builtin("neon"); /* of a name that there is none of */
	assert_string_equal(theme->name, "dark");
	theme_free(theme);
	assert_int_equal(theme_load(&theme, "neon", &err), E_CONFIG);
	assert_non_null(strstr(err.text, "neon"));
	assert_non_null(strstr(err.text, "dark, high-contrast, light, mono"));
	assert_int_equal(theme_load(&theme, "/nonexistent/x.yaml", &err), E_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent/x.yaml"));

	path = xasprintf("%s/neon.yaml", folder);
	assert_int_equal(file_write(path, "name: neon\n", 11, &err), 0);
	assert_int_equal(theme_load(&theme, "neon", &err), 0);
	assert_string_equal(theme->name, "neon");
	theme_free(theme);
	char **list = theme_list(&count);
	assert_int_equal(count, ARRAY_SIZE(names) + 1);
	assert_string_equal(list[2 * 5], "neon");
	assert_string_equal(list[2 * 5 + 1], path);
	theme_list_free(list, count);
	assert_int_equal(theme_load(&theme, path, &err), 0);
	theme_free(theme);
	/* A broken file is an error, not a silent fall-back. */
	user = xasprintf("%s/dark.yaml", folder);
	assert_int_equal(file_write(user, "styls: {}\n", 10, &err), 0);
	assert_int_equal(theme_load(&theme, "dark", &err), E_CONFIG);
	assert_non_null(strstr(err.text, "dark.yaml:1:1"));
	unlink(user);
	unlink(path);
	rmdir(folder);
	free(path);
	free(user);
	unsetenv("WEIR_THEMES");
	unsetenv("XDG_CONFIG_HOME");
}

static void theme_default_follows_the_background(void **state)
{
	(void)state;
	unsetenv("COLORFGBG");
	assert_string_equal(theme_default_name(), "dark");
	setenv("COLORFGBG", "0;15", 1);
	assert_string_equal(theme_default_name(), "light");
	setenv("COLORFGBG", "0;default;7", 1);
	assert_string_equal(theme_default_name(), "light");
	setenv("COLORFGBG", "15;0", 1);
	assert_string_equal(theme_default_name(), "dark");
	unsetenv("COLORFGBG");
	static const struct {
		int32_t rgb;
		const char *want;
	} cases[] = {{0x000000, "dark"}, {0x282c34, "dark"}, {0x002b36, "dark"}, {0x0000ff, "dark"},
		{0x606060, "dark"}, {0x909090, "light"}, {0xfdf6e3, "light"}, {0x00ff00, "light"},
		{0xffffff, "light"}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (strcmp(theme_for_background(cases[i].rgb), cases[i].want))
			fail_msg("%06x: not %s", (unsigned)cases[i].rgb, cases[i].want);
}

static void theme_bases_can_be_any_of_ours(void **state)
{
	struct theme *theme, *mono = theme_builtin("mono");
	struct err err = {0};
	static const char text[] = "base: mono\nstyles: {title: \"#ff0000\"}\n";

	(void)state;
	assert_int_equal(theme_parse(&theme, "t.yaml", text, strlen(text), &err), 0);
	assert_int_equal(theme->styles[STYLE_TITLE].fg, 0xff0000);
	assert_int_equal(theme->styles[STYLE_SELECTED].attrs, mono->styles[STYLE_SELECTED].attrs);
	theme_free(theme);
	theme_free(mono);
}

/* The 16 colours of xterm, and the cube of 256, as RGB. */
static int32_t rgb_of(int color)
{
	static const int32_t base[] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
		0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff,
		0x00ffff, 0xffffff};
	static const int32_t levels[] = {0, 95, 135, 175, 215, 255};
	int cube = color - 16, grey = 8 + (color - 232) * 10;

	if (color < 16)
		return base[color];
	if (color < 232)
		return levels[cube / 36] << 16 | levels[cube / 6 % 6] << 8 | levels[cube % 6];
	return grey << 16 | grey << 8 | grey;
}

static double luminance(int32_t rgb)
{
	static const double weight[] = {0.2126, 0.7152, 0.0722};
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double c = (rgb >> (16 - 8 * i) & 255) / 255.0;

		sum += weight[i] * (c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

/* WCAG 2: 1 … 21. */
static double contrast(int32_t a, int32_t b)
{
	double la = luminance(a), lb = luminance(b);

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

/* On the backgrounds people have, on the cursor's row and a marked one, in full colour and in 256.
 */
static void theme_colours_can_be_read(void **state)
{
	static const int32_t backgrounds[2][3] = {
		{0x000000, 0x1e1e1e, 0x282c34}, {0xffffff, 0xfafafa, 0xfdf6e3}};
	int looked_at = 0;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		struct theme *theme = theme_builtin(names[n]);
		int32_t own = theme->styles[STYLE_NONE].bg;
		double want = str_eq(names[n], "high-contrast") ? 7.0 : 4.5;

		for (int i = STYLE_NONE; i < STYLE_STALE; i++)
			for (int b = 0; b < 5; b++) {
				int32_t fg = theme_merge(theme, (unsigned)i, 0).fg;
				int32_t bg = b >= 3
					? theme->styles[b == 3 ? STYLE_SELECTED : STYLE_MARKED].bg
					: own != COLOR_UNSET
					? own
					: backgrounds[str_eq(names[n], "light")][b];
				int32_t fg256, bg256 = bg;
				bool quiet = i == STYLE_BORDER || i == STYLE_DISABLED;

				if (own != COLOR_UNSET)
					assert_true(fg != COLOR_UNSET && bg != COLOR_UNSET);
				if (fg == COLOR_UNSET)
					continue;
				looked_at++;
				fg256 = rgb_of(theme_nearest(fg, 256));
				if (b >= 3 || own != COLOR_UNSET)
					bg256 = rgb_of(theme_nearest(bg, 256));
				if (contrast(fg, bg) < (quiet || b >= 3 ? 3.0 : want) ||
					contrast(fg256, bg256) < (quiet || b >= 3 ? 2.5 : 4.0))
					fail_msg("%s: %s on %06x: contrast %.2f, in 256 colours "
						 "%.2f",
						names[n], canvas_style_name((enum style)i),
						(unsigned)bg, contrast(fg, bg),
						contrast(fg256, bg256));
			}
		theme_free(theme);
	}
	assert_true(looked_at > 4 * 20 * 5);
}

/* Or it would be another theme's word for it. */
static void theme_files_say_every_style(void **state)
{
	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		struct buf text;
		char *path = xasprintf("themes/%s.yaml", names[n]);

		buf_init(&text, 0);
		assert_int_equal(file_read(path, &text, NULL), 0);
		for (int i = 0; i < STYLE_MAX; i++) {
			char *line = xasprintf("\n  %s: ", canvas_style_name((enum style)i));

			if (!strstr(buf_str(&text), line))
				fail_msg("%s says nothing of %s", path, line);
			free(line);
		}
		buf_release(&text);
		free(path);
	}
}

/* CIE L*: 0 black … 100 white. */
static double lightness(int32_t rgb)
{
	double y = luminance(rgb);

	return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
}

/* Whatever an eye makes of the hue. The cursor's row and marks stand out of the background too. */
static void theme_for_colour_blind_tells_states_by_brightness(void **state)
{
	static const enum style states[] = {STYLE_STATE_RUNNING, STYLE_STATE_MOVING,
		STYLE_STATE_WARNING, STYLE_STATE_FAILED, STYLE_STATE_ENDED, STYLE_STATE_UNKNOWN};
	struct theme *theme = theme_builtin("colour-blind");
	int32_t none = theme->styles[STYLE_NONE].bg;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		for (size_t j = 0; j < i; j++)
			if (fabs(lightness(theme->styles[states[i]].fg) -
				    lightness(theme->styles[states[j]].fg)) < 5)
				fail_msg("%s and %s are as bright as each other",
					canvas_style_name(states[i]), canvas_style_name(states[j]));
	assert_true(fabs(lightness(theme->styles[STYLE_SELECTED].bg) - lightness(none)) > 8);
	assert_true(fabs(lightness(theme->styles[STYLE_MARKED].bg) - lightness(none)) > 8);
	theme_free(theme);
}

/* What a person would have to be told by a colour is told by an attribute there. */
static void theme_mono_has_no_colour(void **state)
{
	struct theme *theme = theme_builtin("mono");

	(void)state;
	for (int i = 0; i < STYLE_MAX; i++) {
		assert_int_equal(theme->styles[i].fg, COLOR_UNSET);
		assert_int_equal(theme->styles[i].bg, COLOR_UNSET);
	}
	assert_int_equal(theme->styles[STYLE_SELECTED].attrs, ATTR_REVERSE);
	assert_int_not_equal(
		theme->styles[STYLE_STATE_FAILED].attrs, theme->styles[STYLE_STATE_RUNNING].attrs);
	assert_int_not_equal(
		theme->styles[STYLE_STATE_WARNING].attrs, theme->styles[STYLE_STATE_RUNNING].attrs);
	assert_int_not_equal(theme->styles[STYLE_DISABLED].attrs, theme->styles[STYLE_KEY].attrs);
	theme_free(theme);
}

/* What someone without green or without red receptors sees (Viénot, Brettel, Mollon 1999). */
static int32_t simulate(int32_t rgb, bool protan)
{
	double r = pow((rgb >> 16 & 255) / 255.0, 2.2), g = pow((rgb >> 8 & 255) / 255.0, 2.2);
	double b = pow((rgb & 255) / 255.0, 2.2), rg, bb;

	if (protan) {
		rg = 0.11238 * r + 0.88762 * g;
		bb = 0.00401 * r - 0.00401 * g + b;
	} else {
		rg = 0.29275 * r + 0.70725 * g;
		bb = -0.02234 * r + 0.02234 * g + b;
	}
	rg = pow(fmin(fmax(rg, 0), 1), 1 / 2.2) * 255;
	bb = pow(fmin(fmax(bb, 0), 1), 1 / 2.2) * 255;
	return (int32_t)rg << 16 | (int32_t)rg << 8 | (int32_t)bb;
}

static double rgb_distance(int32_t a, int32_t b)
{
	double sum = 0;

	for (int shift = 0; shift <= 16; shift += 8)
		sum += pow((a >> shift & 255) - (b >> shift & 255), 2);
	return sqrt(sum);
}

static void theme_states_differ_for_every_eye(void **state)
{
	static const enum style states[] = {STYLE_STATE_RUNNING, STYLE_STATE_MOVING,
		STYLE_STATE_WARNING, STYLE_STATE_FAILED, STYLE_STATE_ENDED, STYLE_STATE_UNKNOWN};

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		struct theme *theme = theme_builtin(names[n]);

		for (size_t i = 0; !str_eq(names[n], "mono") && i < ARRAY_SIZE(states); i++)
			for (size_t j = 0; j < i; j++)
				for (int eye = 0; eye < 3; eye++) {
					const struct style_def *a = &theme->styles[states[i]];
					const struct style_def *b = &theme->styles[states[j]];
					int32_t x = a->fg, y = b->fg;
					double far;

					if (eye) {
						x = simulate(x, eye == 1);
						y = simulate(y, eye == 1);
					}
					far = rgb_distance(x, y);
					if (far < (a->attrs == b->attrs ? 30 : 18))
						fail_msg("%s: %s and %s look alike (%.0f, eye %d)",
							names[n], canvas_style_name(states[i]),
							canvas_style_name(states[j]), far, eye);
				}
		theme_free(theme);
	}
}

static void theme_nearest_keeps_the_hue(void **state)
{
	static const struct {
		int32_t rgb;
		int c256, c16, c8;
	} cases[] = {
		{0x000000, 16, 0, 0},
		{0xffffff, 231, 15, 7},
		{0x808080, 244, 8, 7},
		{0xc0c0c0, 250, 7, 7},
		{0xff0000, 196, 1, 1},
		{0x00ff00, 46, 10, 2},
		{0x0000ff, 21, 4, 4},
		{0xff9a85, 210, 9, 1},
		{0x5fd7b8, 79, 14, 6},
		{0x8cc4ff, 117, 12, 4},
		{0xf2d479, 222, 11, 3},
		{0xcdb4ff, 183, 12, 4},
		{0x00664d, 23, 6, 6},
		{0xb80f3a, 125, 1, 1},
		{0x9aa5b1, 248, 7, 7},
		{0xff00ff, 201, 5, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int32_t rgb = cases[i].rgb;

		if (theme_nearest(rgb, 256) != cases[i].c256 ||
			theme_nearest(rgb, 16) != cases[i].c16 ||
			theme_nearest(rgb, 8) != cases[i].c8)
			fail_msg("%06x: %d %d %d", (unsigned)rgb, theme_nearest(rgb, 256),
				theme_nearest(rgb, 16), theme_nearest(rgb, 8));
		assert_int_equal(theme_nearest(rgb, 88), theme_nearest(rgb, 16));
	}
}

static void theme_merge_lays_overlays_over(void **state)
{
	struct theme *theme = theme_builtin("dark");
	struct style_def failed = theme->styles[STYLE_STATE_FAILED];
	struct style_def got = theme_merge(theme, STYLE_STATE_FAILED, 0);

	(void)state;
	assert_int_equal(got.fg, failed.fg);
	assert_int_equal(got.bg, COLOR_UNSET);
	got = theme_merge(theme, STYLE_STATE_FAILED,
		CELL_OVERLAY(STYLE_STALE) | CELL_OVERLAY(STYLE_MARKED) |
			CELL_OVERLAY(STYLE_SELECTED));
	assert_int_equal(got.fg, failed.fg);
	assert_int_equal(got.bg, theme->styles[STYLE_SELECTED].bg);
	assert_int_equal(got.attrs, ATTR_BOLD | ATTR_DIM | ATTR_ITALIC);
	theme->styles[STYLE_STALE].fg = 0x123456;
	got = theme_merge(theme, STYLE_STATE_FAILED, CELL_OVERLAY(STYLE_STALE));
	assert_int_equal(got.fg, 0x123456);
	/* What stands behind everything shows where nothing is said. */
	theme->styles[STYLE_NONE].bg = 0x010101;
	theme->styles[STYLE_NONE].fg = 0x020202;
	got = theme_merge(theme, STYLE_STRONG, 0);
	assert_int_equal(got.fg, 0x020202);
	assert_int_equal(got.bg, 0x010101);
	got = theme_merge(theme, STYLE_STRONG, CELL_OVERLAY(STYLE_SELECTED));
	assert_int_equal(got.bg, theme->styles[STYLE_SELECTED].bg);
	theme_free(theme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(theme_files_are_the_builtin_ones),
		cmocka_unit_test(theme_parse_reads_words),
		cmocka_unit_test(theme_parse_names_the_mistake),
		cmocka_unit_test(theme_load_finds_files_and_falls_back),
		cmocka_unit_test(theme_default_follows_the_background),
		cmocka_unit_test(theme_bases_can_be_any_of_ours),
		cmocka_unit_test(theme_colours_can_be_read),
		cmocka_unit_test(theme_files_say_every_style),
		cmocka_unit_test(theme_for_colour_blind_tells_states_by_brightness),
		cmocka_unit_test(theme_mono_has_no_colour),
		cmocka_unit_test(theme_states_differ_for_every_eye),
		cmocka_unit_test(theme_nearest_keeps_the_hue),
		cmocka_unit_test(theme_merge_lays_overlays_over),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
