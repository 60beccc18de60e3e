/* The tabs of the card: their names, why one is empty, and the row that shows them. */
#include <stdio.h>

#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/view/card.h"

static const char *const names[CARD_TAB_MAX] = {
	[CARD_OVERVIEW] = N_("overview"),
	[CARD_VERTICES] = N_("vertices"),
	[CARD_CHECKPOINTS] = N_("checkpoints"),
	[CARD_EXCEPTIONS] = N_("exceptions"),
	[CARD_CONFIGURATION] = N_("conf"),
	[CARD_FILE] = N_("file"),
	[CARD_RUNS] = N_("runs"),
	[CARD_RELEASES] = N_("releases"),
	[CARD_POINTS] = N_("points"),
	[CARD_HISTORY] = N_("history"),
};

const char *card_tab_disabled(const struct app *app, enum card_tab tab)
{
	if (tab == CARD_FILE && !app->decl)
		return _("nobody declared this job: it has no file");
	if (tab == CARD_VERTICES && !app->job)
		return _("no run of this application is known");
	return NULL;
}

/* How much of the names goes into a row: digit and name of all, names of all (with less room
 * between them), name of one. */
enum detail { DIGITS_NAMES, NAMES, NAMES_NEAR, ONE_NAME };

static int draw(const struct app *app, enum card_tab selected, struct canvas *canvas,
	struct rect line, enum detail detail, struct card_tab_place *places)
{
	int col = line.col;

	for (int i = 0; i < CARD_TAB_MAX; i++) {
		bool has_digit =
			detail == DIGITS_NAMES || (detail == ONE_NAME && i != (int)selected);
		bool has_name = detail != ONE_NAME || i == (int)selected;
		enum style style = i == (int)selected              ? STYLE_TITLE
			: card_tab_disabled(app, (enum card_tab)i) ? STYLE_DISABLED
								   : STYLE_HINT;
		char digit[2] = {(char)('0' + (i + 1) % 10), 0};
		int from = col;
		if (has_digit && canvas)
			canvas_put(canvas, line.row, col, 1, STYLE_KEY, digit);
		col += has_digit;
		col += has_digit && has_name;
		if (has_name && canvas)
			canvas_put(canvas, line.row, col, -1, style, _(names[i]));
		col += has_name ? utf8_width(_(names[i])) : 0;
		if (canvas && i == (int)selected)
			canvas_overlay(canvas, (struct rect){line.row, from, 1, col - from},
				STYLE_SELECTED);
		places[i] = (struct card_tab_place){from, col - from};
		if (i + 1 < CARD_TAB_MAX)
			col += detail == NAMES_NEAR ? 1 : 2;
	}
	return col - line.col;
}

void card_draw_tabs(const struct app *app, enum card_tab selected, struct canvas *canvas,
	struct rect line, struct card_tab_place places[CARD_TAB_MAX])
{
	enum detail detail = DIGITS_NAMES;

	while (detail < ONE_NAME && draw(app, selected, NULL, line, detail, places) > line.cols)
		detail++;
	draw(app, selected, canvas, line, detail, places);
}
