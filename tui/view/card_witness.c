/* The witnesses side by side on the card: who says what, how old that is, and who was believed. */
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/present/witness.h"
#include "tui/view/card_parts.h"
#include "tui/widget/table.h"

#define WHO_COLS 16

static void add_age(struct pager *pager, const struct said_at *said, const struct present_env *env)
{
	int64_t age = said_age_ms(said, env);
	struct buf text;

	if (age < 0)
		return;
	buf_init(&text, 0);
	format_age(env->now_ms - age, env->now_ms, &text);
	pager_addf(pager, STYLE_DIM, _("  %s ago"), buf_str(&text));
	buf_release(&text);
}

static void write_statement(
	struct pager *pager, const struct statement *said, const struct present_env *env)
{
	enum style quiet = said->is_believed ? STYLE_TEXT : STYLE_DIM;

	pager_wrap(pager, WHO_COLS);
	pager_add(pager, said->is_believed ? STYLE_STRONG : STYLE_DIM, witness_title(said->who));
	if (said->is_believed)
		pager_add(pager, STYLE_OK, utf8_locale() ? " ✓" : " *");
	pager_tab(pager, WHO_COLS);
	if (said->word)
		pager_add(pager,
			said->is_believed && !said->misses ? table_state_style(said->word) : quiet,
			said->word);
	if (said->text)
		pager_addf(pager, quiet, said->word ? "  %s" : "%s", said->text);
	add_age(pager, &said->said, env);
	if (said->where)
		pager_addf(pager, STYLE_DIM, "  %s", said->where);
	pager_end_line(pager);
	if (!said->misses)
		return;
	pager_tab(pager, WHO_COLS);
	if (said->misses == 1)
		pager_add(pager, STYLE_WARN, _("no answer to the last poll"));
	else
		pager_addf(pager, STYLE_WARN, _("no answer to the last %d polls"), said->misses);
	add_age(pager, &said->troubled, env);
	pager_end_line(pager);
}

void card_write_witnesses(struct pager *pager, const struct card_content *content)
{
	struct arena *arena = arena_new();
	struct statement all[STATEMENTS_MAX];
	size_t count = app_statements(content->app, arena, all);

	for (size_t i = 0; i < count; i++)
		write_statement(pager, &all[i], content->env);
	arena_free(arena);
}
