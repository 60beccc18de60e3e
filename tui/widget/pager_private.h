/* Shared by pager.c (lines, rows, moving) and pager_draw.c (what is seen of them). */
#ifndef WEIR_TUI_PAGER_PRIVATE_H
#define WEIR_TUI_PAGER_PRIVATE_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "tui/widget/pager.h"
#include "tui/widget/words.h"

struct arena;

struct span {
	size_t at; /* byte in the line's text where it begins */
	enum style style;
};

struct line {
	const char *text;        /* in the arena, one line, harmless */
	size_t span, span_count; /* in pager->spans */
	int section;
	size_t in_section; /* its number there */
	int indent;        /* see pager_wrap() */
	bool is_title;
	bool passes, is_hit; /* the filter, the search */
};

/* One line of the screen. */
struct screen_row {
	size_t line, from, to; /* bytes of its text */
};

struct pager {
	struct arena *arena;
	VEC(struct line) lines;
	VEC(struct span) spans;
	VEC(struct screen_row) rows;
	struct buf text; /* the line being built */
	size_t first_span;
	int section, indent;
	size_t in_section;

	struct words filter, search;
	size_t hits, hit; /* hit: the line found last; lines.len = none */
	size_t matches;
	size_t top;
	int height, cols, pan, widest;
	bool rows_dirty,
		lines_dirty; /* lines_dirty: nothing is known of what passes and what is a hit */
	/* The place to return to once rows are made again. */
	int anchor_section;
	size_t anchor_line, anchor_row;
	bool has_anchor;
};

#endif
