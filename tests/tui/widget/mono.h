/* A canvas as a terminal without colours shows it: text, and below each row what of it is bold, underlined, … */
#ifndef WEIR_TESTS_TUI_MONO_H
#define WEIR_TESTS_TUI_MONO_H

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/term/canvas.h"
#include "tui/term/theme.h"

static inline unsigned mono_attrs(
	const struct theme *theme, const struct canvas *canvas, int row, int col)
{
	const struct cell *cell = canvas_cell(canvas, row, col);

	return theme_merge(theme, cell->style, cell->overlays).attrs;
}

static inline void mono_dump_row(
	const struct theme *theme, const struct canvas *canvas, int row, struct buf *out)
{
	static const struct {
		unsigned attr;
		const char *name;
	} names[] = {{ATTR_BOLD, "bold"}, {ATTR_DIM, "dim"}, {ATTR_ITALIC, "italic"},
		{ATTR_UNDERLINE, "underline"}, {ATTR_REVERSE, "reverse"}};
	const char *gap = "\t";
	int next;

	for (int col = 0; col < canvas->cols; col = next) {
		unsigned attrs = mono_attrs(theme, canvas, row, col);
		for (next = col + 1; next < canvas->cols; next++)
			if (mono_attrs(theme, canvas, row, next) != attrs)
				break;
		if (!attrs)
			continue;
		buf_addf(out, "%s%d+%d", gap, col, next - col);
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (attrs & names[i].attr)
				buf_addf(out, ":%s", names[i].name);
		gap = " ";
	}
	if (*gap == ' ')
		buf_addc(out, '\n');
}

static inline void mono_dump(const struct canvas *canvas, struct buf *out)
{
	struct theme *theme = theme_builtin("mono");
	struct buf text;

	buf_init(&text, 0);
	canvas_dump(canvas, &text, false);
	const char *line = buf_str(&text);
	for (int row = 0; row < canvas->rows; row++) {
		size_t len = strcspn(line, "\n");
		buf_add(out, line, len);
		buf_addc(out, '\n');
		mono_dump_row(theme, canvas, row, out);
		line += len + (line[len] != '\0');
	}
	buf_release(&text);
	theme_free(theme);
}

#endif
