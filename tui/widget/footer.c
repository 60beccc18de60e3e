/* What is kept takes its room first, then the others in order until one does not fit. */
#include "tui/widget/footer.h"

#include "core/base/utf8.h"

#define GAP 2

static int item_width(const struct footer_item *item)
{
	return utf8_width(item->key) + 1 + utf8_width(item->hint) + GAP;
}

void footer_draw(struct canvas *canvas, struct rect rect, struct footer_item *items, size_t count)
{
	int room = rect.cols + GAP, col = rect.col;
	bool is_full = false;

	for (size_t i = 0; i < count; i++)
		if (items[i].is_kept)
			room -= item_width(&items[i]);
	for (size_t i = 0; i < count; i++) {
		struct footer_item *item = &items[i];
		int width = item_width(item);
		if (!item->is_kept) {
			is_full = is_full || width > room;
			if (is_full)
				continue;
			room -= width;
		}
		enum style key = item->is_disabled ? STYLE_DISABLED : STYLE_KEY;
		enum style hint = item->is_disabled ? STYLE_DISABLED : STYLE_HINT;
		item->col = col;
		item->cols = width - GAP;
		int used = canvas_put(canvas, rect.row, col, -1, key, item->key);
		canvas_put(canvas, rect.row, col + used + 1, -1, hint, item->hint);
		col += width;
	}
}
