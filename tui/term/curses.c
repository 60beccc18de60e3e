/*
 * Painting by curses, on no terminal: newterm() writes into a memory file that is read back after
 * each frame. A pipe would do for small frames, but curses writes until all is written, and a frame
 * larger than the pipe (a 500 x 150 window passes 1 MiB) would wait for a reader that is ourselves.
 *
 * A copy of the last canvas tells which rows differ; only those are given to curses, which finds
 * the cheapest bytes. Modes (alternate screen, keypad, cursor shape) are not its business: what
 * newterm() writes by itself is thrown away, endwin() is never called. Input is never read here.
 */
#include "tui/term/curses.h"

#include <curses.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>
#include <utf8proc.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/term/sgr.h"

#define TRUE_COLORS (1 << 24)
#define PAIRS_MAX 256

struct pen_color {
	bool known;
	attr_t attrs;
	int pair;
};

struct painter {
	SCREEN *screen;
	FILE *sink, *nowhere; /* curses' output, a memory file; its input, /dev/null */
	int colors;
	bool defaults, utf8, is_ansi;
	bool pushes;    /* it writes the corner at the lower right by pushing its neighbour aside */
	struct sgr sgr; /* what the terminal is in */
	const struct theme *theme;
	struct theme *mono; /* instead of any other, where there are no colours */
	struct cell *shown; /* the last frame */
	int rows, cols;
	bool whole, cursor_shown;
	cchar_t *line;
	struct pen_color pens[STYLE_MAX][CELL_OVERLAYS_MAX];
	struct {
		int fg, bg;
	} pairs[PAIRS_MAX];
	int pair_count;
};

bool terminfo_strings(const char *term, const char *const *names, char **out, size_t count)
{
	TERMINAL *before = cur_term;
	int status;

	memset(out, 0, count * sizeof(*out));
	/* setupterm() looks at the given descriptor only for its speed, and then adds padding. */
	if (setupterm(term, -1, &status) != OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *value = tigetstr(names[i]);

		/* Absent is NULL, "no string capability" is -1. */
		if (value && value != (char *)-1)
			out[i] = xstrdup(value);
	}
	del_curterm(set_curterm(before));
	return true;
}

/* "xterm-256color" → "xterm-direct" where terminfo has it and the terminal says it can. malloc'd.
 */
static char *direct_name(const char *term)
{
	static const char *const probe[] = {"cup"};
	static const char suffix[] = "-256color";
	const char *can = getenv("COLORTERM");
	size_t len = strlen(term);
	char *name, *cup;

	if (!str_eq(can, "truecolor") && !str_eq(can, "24bit"))
		return NULL;
	if (str_ends(term, "-direct"))
		return xstrdup(term);
	if (str_ends(term, suffix))
		len -= strlen(suffix);
	name = xasprintf("%.*s-direct", (int)len, term);
	if (!terminfo_strings(name, probe, &cup, 1) || !cup) {
		free(name);
		name = NULL;
	} else {
		free(cup);
	}
	return name;
}

/*
 * newterm() without the signal handlers that it brings along. It wants a size at once, which some types
 * (linux, tmux) do not tell; the first frame sets the true one.
 */
static SCREEN *screen_open(const char *term, FILE *sink, FILE *nowhere)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction before[ARRAY_SIZE(signals)];
	SCREEN *screen;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], NULL, &before[i]);
	use_env(TRUE);
	use_tioctl(FALSE);
	screen = newterm(term, sink, nowhere);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	return screen;
}

static FILE *sink_open(void)
{
	int fd = memfd_create("weir-frame", MFD_CLOEXEC);

	return fd < 0 ? tmpfile() : fdopen(fd, "w+");
}

/* What curses has written, appended to `out` (NULL = thrown away). */
static void sink_drain(struct painter *painter, struct buf *out)
{
	off_t size = 0;
	int fd = fileno(painter->sink);
	char *bytes;
	ssize_t n;

	fflush(painter->sink);
	if (out)
		size = lseek(fd, 0, SEEK_CUR); /* curses writes at the descriptor's offset */
	if (size > 0) {
		bytes = xmalloc((size_t)size);
		n = pread(fd, bytes, (size_t)size, 0);
		if (n > 0 && painter->is_ansi)
			sgr_thin(&painter->sgr, bytes, (size_t)n, out);
		else if (n > 0)
			buf_add(out, bytes, (size_t)n);
		free(bytes);
	}
	if (ftruncate(fd, 0) == 0)
		lseek(fd, 0, SEEK_SET);
}

static int check_type(const char *term, bool *is_ansi, struct err *err)
{
	static const char *const names[] = {"cup"};
	char *cup;

	if (str_empty(term))
		return err_set(err, E_ARG,
			_("the terminal type is not known: set TERM, e.g. TERM=xterm-256color"));
	if (!terminfo_strings(term, names, &cup, 1))
		return err_set(err, E_ARG,
			_("terminal type \"%.64s\" is unknown here: set TERM, e.g. "
			  "TERM=xterm-256color"),
			term);
	if (!cup)
		return err_set(err, E_ARG,
			_("terminal type \"%.64s\" cannot place its cursor, so there is no screen "
			  "to draw on: set TERM, or use \"weir get apps\""),
			term);
	*is_ansi = str_starts(cup, "\x1B[");
	free(cup);
	return 0;
}

static int color_depth(bool direct, bool no_color)
{
	int colors = tigetnum("colors");

	if (no_color || colors < 8 || start_color() != OK)
		return 0;
	if (direct && colors >= TRUE_COLORS)
		return TRUE_COLORS;
	return colors >= 256 ? 256 : colors >= 16 ? 16 : 8;
}

int painter_open(struct painter **out, const char *term, bool no_color, const struct theme *theme,
	struct err *err)
{
	struct painter *painter;
	char *direct;
	bool is_ansi = false;
	int rc = check_type(term, &is_ansi, err);

	if (rc)
		return rc;
	painter = xcalloc(1, sizeof(*painter));
	painter->is_ansi = is_ansi;
	painter->sink = sink_open();
	painter->nowhere = fopen("/dev/null", "re");
	direct = no_color ? NULL : direct_name(term);
	if (painter->sink && painter->nowhere)
		painter->screen =
			screen_open(direct ? direct : term, painter->sink, painter->nowhere);
	if (!painter->screen) {
		rc = err_set(
			err, E_INTERNAL, _("cannot prepare the screen for terminal type %s"), term);
		free(direct);
		painter_close(painter);
		return rc;
	}
	typeahead(-1); /* else doupdate() looks for input, and stops painting */
	nonl();
	idlok(stdscr, FALSE);
	painter->colors = color_depth(direct != NULL, no_color);
	painter->defaults = painter->colors && use_default_colors() == OK;
	painter->mono = painter->colors ? NULL : theme_builtin("mono");
	painter->utf8 = utf8_locale();
	painter->pushes = auto_right_margin && !(enter_am_mode && exit_am_mode);
	painter->cursor_shown = true;
	painter_set_theme(painter, theme);
	/* newterm() keeps its first bytes for the first frame: have that now, and lose it. */
	wnoutrefresh(stdscr);
	doupdate();
	sink_drain(painter, NULL);
	free(direct);
	*out = painter;
	return 0;
}

void painter_close(struct painter *painter)
{
	if (!painter)
		return;
	if (painter->screen) {
		set_term(painter->screen);
		delscreen(painter->screen);
	}
	if (painter->sink)
		fclose(painter->sink);
	if (painter->nowhere)
		fclose(painter->nowhere);
	theme_free(painter->mono);
	free(painter->shown);
	free(painter->line);
	free(painter);
}

int painter_colors(const struct painter *painter)
{
	return painter->colors;
}

void painter_set_theme(struct painter *painter, const struct theme *theme)
{
	set_term(painter->screen);
	painter->theme = theme;
	memset(painter->pens, 0, sizeof(painter->pens));
	painter->pair_count = 0;
	if (painter->colors)
		reset_color_pairs();
	painter->whole = true;
}

void painter_forget(struct painter *painter)
{
	painter->whole = true;
}

/* The terminal's number for a colour; `dflt` for its default. */
static int color_number(const struct painter *painter, int32_t rgb, int dflt)
{
	if (rgb == COLOR_UNSET)
		return painter->defaults ? -1 : dflt;
	if (painter->colors < TRUE_COLORS)
		return theme_nearest(rgb, painter->colors);
	return rgb < 8 ? 8 : rgb; /* the direct entries keep 0 to 7 for the old colours */
}

static int pair_of(struct painter *painter, int fg, int bg)
{
	int i;

	if (fg == -1 && bg == -1)
		return 0;
	for (i = 0; i < painter->pair_count; i++)
		if (painter->pairs[i].fg == fg && painter->pairs[i].bg == bg)
			return i + 1;
	if (i == PAIRS_MAX || i + 1 >= COLOR_PAIRS || init_extended_pair(i + 1, fg, bg) != OK)
		return 0;
	painter->pairs[i].fg = fg;
	painter->pairs[i].bg = bg;
	painter->pair_count++;
	return i + 1;
}

static attr_t attrs_of(unsigned attrs)
{
	return (attrs & ATTR_BOLD ? WA_BOLD : 0) | (attrs & ATTR_DIM ? WA_DIM : 0) |
		(attrs & ATTR_ITALIC ? WA_ITALIC : 0) |
		(attrs & ATTR_UNDERLINE ? WA_UNDERLINE : 0) |
		(attrs & ATTR_REVERSE ? WA_REVERSE : 0);
}

static const struct pen_color *pen_of(struct painter *painter, const struct cell *cell)
{
	unsigned style = cell->style < STYLE_MAX ? cell->style : STYLE_NONE;
	unsigned overlays = cell->overlays & (CELL_OVERLAYS_MAX - 1);
	struct pen_color *pen = &painter->pens[style][overlays];

	if (pen->known)
		return pen;
	pen->known = true;
	if (!painter->colors) {
		pen->attrs = attrs_of(theme_merge(painter->mono, style, overlays).attrs);
		return pen;
	}
	struct style_def def = theme_merge(painter->theme, style, overlays);

	if (painter->colors <= 16 && overlays) {
		/* 16 colours have no quiet background: a state's colour could vanish on it. */
		def.bg = theme_merge(painter->theme, style, 0).bg;
		if (overlays & CELL_OVERLAY(STYLE_SELECTED))
			def.attrs |= ATTR_REVERSE;
	}
	pen->attrs = attrs_of(def.attrs);
	pen->pair = pair_of(painter, color_number(painter, def.fg, COLOR_WHITE),
		color_number(painter, def.bg, COLOR_BLACK));
	return pen;
}

/* One cluster as curses wants it. */
static void put_cell(struct painter *painter, const struct cell *cell, cchar_t *out)
{
	const struct pen_color *pen = pen_of(painter, cell);
	wchar_t wide[CCHARW_MAX + 1] = {L' '};
	utf8proc_int32_t ch;
	int count = 0, pair = pen->pair;

	for (const char *p = cell->text; *p && count < CCHARW_MAX;) {
		utf8proc_ssize_t used = utf8proc_iterate(
			(const utf8proc_uint8_t *)p, (utf8proc_ssize_t)strlen(p), &ch);

		if (used <= 0)
			break;
		p += used;
		wide[count++] = (wchar_t)ch;
	}
	wide[count ? count : 1] = L'\0';
	if (setcchar(out, wide, pen->attrs, (short)0, &pair) != OK)
		setcchar(out, L"?", pen->attrs, (short)0, &pair);
}

/* What our own texts hold beyond ASCII (borders and marks are the canvas' business). */
static const char *ascii_for(const char *cluster)
{
	static const char *const likes[][2] = {{"…", "."}, {"·", "."}, {"–", "-"}, {"—", "-"},
		{"→", ">"}, {"←", "<"}, {"×", "x"}, {"›", ">"}, {"‹", "<"}};

	for (size_t i = 0; i < ARRAY_SIZE(likes); i++)
		if (str_eq(cluster, likes[i][0]))
			return likes[i][1];
	return "?";
}

static void put_row(struct painter *painter, const struct canvas *canvas, int row)
{
	const struct cell *cells = canvas_cell(canvas, row, 0);
	int count = 0;

	for (int col = 0; col < canvas->cols; col++) {
		struct cell cell = cells[col];

		if (cell.width != 0 && !painter->utf8 && (unsigned char)cell.text[0] >= 0x80) {
			/* a terminal of another character set: "?" for each cell */
			cell = (struct cell){
				.width = 1, .style = cell.style, .overlays = cell.overlays};
			memcpy(cell.text, ascii_for(cells[col].text), 1);
			if (cells[col].width == 2)
				put_cell(painter, &cell, &painter->line[count++]);
		}
		/* Half of a wide one would be lost in that (screen, tmux): blanks instead. */
		if (cell.width == 2 && painter->pushes && row == canvas->rows - 1 &&
			col + 3 == canvas->cols) {
			cell = (struct cell){.text = " ", .width = 1, .style = cell.style};
			put_cell(painter, &cell, &painter->line[count++]);
		}
		if (cell.width != 0)
			put_cell(painter, &cell, &painter->line[count++]);
	}
	mvadd_wchnstr(row, 0, painter->line, count);
}

static void resize(struct painter *painter, int rows, int cols)
{
	size_t count = (size_t)rows * (size_t)cols;

	resize_term(rows, cols);
	painter->rows = rows;
	painter->cols = cols;
	painter->shown = xrealloc(painter->shown, count * sizeof(*painter->shown));
	painter->line = xrealloc(painter->line, (size_t)cols * sizeof(*painter->line));
	painter->whole = true;
}

static void show_cursor(struct painter *painter, bool shown)
{
	if (painter->cursor_shown != shown)
		curs_set(shown);
	painter->cursor_shown = shown;
}

/* False: what is shown there is right. */
static bool put_changed(struct painter *painter, const struct canvas *canvas, int row)
{
	struct cell *shown = painter->shown + (size_t)row * (size_t)canvas->cols;
	const struct cell *cells = canvas_cell(canvas, row, 0);
	size_t row_bytes = (size_t)canvas->cols * sizeof(*cells);

	if (!memcmp(shown, cells, row_bytes))
		return false;
	memcpy(shown, cells, row_bytes);
	put_row(painter, canvas, row);
	return true;
}

static bool is_changed(const struct painter *painter, const struct canvas *canvas)
{
	return memcmp(painter->shown, canvas->cells,
		       (size_t)canvas->rows * (size_t)canvas->cols * sizeof(*canvas->cells)) != 0;
}

static void put_all(
	struct painter *painter, const struct canvas *canvas, size_t most, struct buf *out)
{
	int first = canvas->cursor_row > 0 && canvas->cursor_row < canvas->rows ? canvas->cursor_row
										: 0;

	for (int i = 0; i < canvas->rows; i++) {
		int row = i == 0 ? first : i <= first ? i - 1 : i;

		if (most == 0 && (i > 0 || canvas->cursor_row < 0))
			return;
		if (!put_changed(painter, canvas, row) || most == SIZE_MAX)
			continue;
		wnoutrefresh(stdscr);
		doupdate();
		sink_drain(painter, out);
		if (out->len >= most)
			return;
	}
}

bool painter_frame(
	struct painter *painter, const struct canvas *canvas, size_t most, struct buf *out)
{
	bool cursor = canvas->cursor_row >= 0 && canvas->cursor_col >= 0 &&
		canvas->cursor_row < canvas->rows && canvas->cursor_col < canvas->cols;
	bool is_whole;

	set_term(painter->screen);
	if (canvas->rows != painter->rows || canvas->cols != painter->cols)
		resize(painter, canvas->rows, canvas->cols);
	if (painter->whole) {
		painter->sgr = (struct sgr){0};
		erase();
		clearok(curscr, TRUE);
		/* No cell looks like this: all are put. */
		memset(painter->shown, 0xFF,
			(size_t)painter->rows * (size_t)painter->cols * sizeof(*painter->shown));
		painter->cursor_shown = true;
		show_cursor(painter, false);
	}
	painter->whole = false;
	put_all(painter, canvas, most, out);
	is_whole = !is_changed(painter, canvas);
	if (!cursor)
		show_cursor(painter, false);
	leaveok(stdscr, !cursor);
	if (cursor)
		move(canvas->cursor_row, canvas->cursor_col);
	wnoutrefresh(stdscr);
	doupdate();
	if (cursor)
		show_cursor(painter, true);
	sink_drain(painter, out);
	return is_whole;
}

const char *curses_library(void)
{
	return curses_version();
}
