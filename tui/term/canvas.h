/*
 * What a frame looks like, apart from any terminal: cells with a style name. Views fill it, tests
 * read it as text, curses.c paints what changed. Foreign text is neutralised here, on its way in,
 * and nowhere later: canvas_put may be handed any bytes.
 *
 *	struct canvas *canvas = canvas_new(24, 80);
 *	canvas_put(canvas, 0, 0, -1, STYLE_TITLE, "weir");
 *	canvas_put_cut(canvas, 2, 4, 20, STYLE_TEXT, job->name);
 *	canvas_overlay(canvas, (struct rect){2, 0, 1, 80}, STYLE_SELECTED);   after the text
 *
 * What lies outside of the canvas is cut, on all four sides; rows and columns may be negative.
 */
#ifndef WEIR_TUI_CANVAS_H
#define WEIR_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* The named styles of a theme; canvas_style_name() gives "state-running" for STYLE_STATE_RUNNING.
 */
enum style {
	STYLE_NONE, /* the terminal's default; as overlay: takes overlays away */
	STYLE_TEXT,
	STYLE_DIM,
	STYLE_STRONG,
	STYLE_TITLE,  /* first line: product, context */
	STYLE_HEADER, /* column titles, section titles */
	STYLE_BORDER,
	STYLE_KEY,      /* a key in footer and help */
	STYLE_HINT,     /* what that key does */
	STYLE_DISABLED, /* a command that cannot run now */
	STYLE_PROMPT,
	STYLE_MATCH, /* the part of a text that the filter found */
	STYLE_OK,
	STYLE_INFO,
	STYLE_WARN,
	STYLE_ERROR,
	STYLE_STATE_RUNNING, /* RUNNING */
	STYLE_STATE_MOVING,  /* STARTING STOPPING */
	STYLE_STATE_WARNING, /* RESTARTING UNREACHABLE */
	STYLE_STATE_FAILED,  /* FAILED LOST */
	STYLE_STATE_ENDED,   /* FINISHED CANCELED SUSPENDED */
	STYLE_STATE_UNKNOWN, /* UNKNOWN ADDED */
	STYLE_STALE,         /* overlay: older than two polls */
	STYLE_MARKED,        /* overlay */
	STYLE_SELECTED,      /* overlay: the cursor's row */
	STYLE_MAX
};

/* An overlay as a bit of cell.overlays: CELL_OVERLAY(STYLE_STALE). They add up; later ones win. */
#define CELL_OVERLAY(style) (1u << ((style)-STYLE_STALE))
#define CELL_OVERLAYS_MAX (1u << (STYLE_MAX - STYLE_STALE))

/* A cluster is a base character and at most four marks, as curses has it; further marks are lost.
 */
#define CELL_TEXT_MAX 20

struct cell {
	char text[CELL_TEXT_MAX + 1]; /* one cluster, zero-padded; "" = right half of a wide one */
	uint8_t width;                /* 1, 2, or 0 for that right half */
	uint8_t style;                /* enum style */
	uint8_t overlays;             /* bits; their colours and attributes lie over style's */
};

struct canvas {
	int rows, cols;
	struct cell *cells;         /* rows * cols; equal cells are equal bytes */
	int cursor_row, cursor_col; /* -1 = hidden */
	const char *link;           /* a URL that stands there whole, for OSC 8; NULL = none */
	int link_row, link_col;     /* where it begins */
	bool ascii;                 /* borders and glyphs in ASCII (term_ascii() knows) */
};

struct rect {
	int row, col, rows, cols;
};

/* Blank, cursor hidden. Less than 1 row or column counts as 1. */
struct canvas *canvas_new(int rows, int cols);
void canvas_free(struct canvas *canvas);
void canvas_resize(struct canvas *canvas, int rows, int cols); /* content is cleared */
void canvas_clear(struct canvas *canvas);
/* NULL outside. */
const struct cell *canvas_cell(const struct canvas *canvas, int row, int col);
/*
 * Text at (row, col), cut at max_cols (< 0: the right edge) and at the canvas' edge; a wide cluster
 * that does not fit whole ends it. Returns the cells used. The cells lose their overlays. Nothing
 * is padded. canvas_put_cut ends with "…" when it must cut. text NULL = "".
 */
int canvas_put(
	struct canvas *canvas, int row, int col, int max_cols, enum style style, const char *text);
int canvas_put_cut(
	struct canvas *canvas, int row, int col, int max_cols, enum style style, const char *text);
/* Right-aligned in exactly `cols` cells, blanks on its left; cut with "…" when too long. */
void canvas_put_right(
	struct canvas *canvas, int row, int col, int cols, enum style style, const char *text);
/* `cluster` over all of rect; NULL or "" = blanks. */
void canvas_fill(struct canvas *canvas, struct rect rect, enum style style, const char *cluster);
/* Adds an overlay of enum style (STALE, MARKED, SELECTED) to the cells; STYLE_NONE takes all away.
 */
void canvas_overlay(struct canvas *canvas, struct rect rect, enum style overlay);
/* A border line around rect, with a title in its upper edge (NULL = none); clears the inside. */
void canvas_box(struct canvas *canvas, struct rect rect, enum style style, const char *title);

const char *canvas_style_name(enum style style);
enum style canvas_style_of(const char *name); /* STYLE_MAX when unknown */
/*
 * Rows as text lines (trailing blanks cut). `styles`: below each row that has any, a line that
 * starts with a tab and names its runs: "\t0+4:title 5+12:text/selected 20+3:dim/stale+selected".
 */
void canvas_dump(const struct canvas *canvas, struct buf *out, bool styles);

#endif
