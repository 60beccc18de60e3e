/* The columns of a kind tell what its name and its ids are: what there is of them is offered. */
#include "tui/view/offer.h"

#include <stdlib.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/widget/pager.h"

#define JSON_ITEMS_MAX 1000 /* a couple of megabytes, made while somebody waits */

void offers_release(struct offers *offers)
{
	struct offer *it;
	struct offer_choice *choice;

	vec_each (it, &offers->list) {
		vec_each (choice, &it->choices) {
			free(choice->name);
			free(choice->text);
		}
		vec_release(&it->choices);
		free(it->label);
		free(it->text);
	}
	vec_release(&offers->list);
	*offers = (struct offers){0};
}

void offers_add(
	struct offers *offers, char letter, const char *word, const char *label, const char *text)
{
	if (!str_empty(text))
		vec_push(&offers->list,
			((struct offer){.letter = letter,
				.word = word,
				.label = xstrdup(label),
				.text = xstrdup(text)}));
}

void offers_group(struct offers *offers, char letter, const char *word, const char *label)
{
	vec_push(&offers->list,
		((struct offer){.letter = letter, .word = word, .label = xstrdup(label)}));
}

void offers_choice(struct offers *offers, const char *name, const char *text, bool is_likely)
{
	struct offer *group = &offers->list.data[offers->list.len - 1];

	if (str_empty(text))
		return;
	if (is_likely)
		group->likely = group->choices.len;
	vec_push(&group->choices, ((struct offer_choice){xstrdup(name), xstrdup(text)}));
}

/* -- items -- */

/* The first of the columns that there is and that says something. */
static void column_first(const struct column_table *table, const void *item,
	const struct present_env *env, const char *const *keys, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct column *column = column_find(table, keys[i]);
		struct value value = column ? column->get(item, env) : (struct value){0};

		if (value.type == VALUE_NULL || value.type == VALUE_TEXTS ||
			(value.type == VALUE_TEXT && str_empty(value.text)))
			continue;
		value_text(&value, env, out);
		return;
	}
}

static void item_name(const struct column_table *table, const void *item,
	const struct present_env *env, struct buf *out)
{
	static const char *const keys[] = {"name", "application", "of", "team", "what", "check"};
	char *name = NULL;

	if (table == &app_table)
		name = action_app_name(item);
	if (name)
		buf_adds(out, name);
	else
		column_first(table, item, env, keys, ARRAY_SIZE(keys), out);
	free(name);
}

static void item_id(const struct column_table *table, const void *item,
	const struct present_env *env, struct buf *out)
{
	static const char *const keys[] = {"jobId", "run", "id", "number"};

	column_first(table, item, env, keys, ARRAY_SIZE(keys), out);
}

static void item_address(const struct column_table *table, const void *item,
	const struct present_env *env, struct buf *out)
{
	static const char *const keys[] = {
		"address", "url", "location", "path", "file", "home", "dir", "host"};
	const struct cluster *cluster = NULL;

	if (table == &app_table)
		cluster = ((const struct app *)item)->cluster;
	else if (table == &job_table)
		cluster = ((const struct job *)item)->cluster;
	if (cluster && cluster->address)
		buf_adds(out, cluster->address);
	else if (!cluster)
		column_first(table, item, env, keys, ARRAY_SIZE(keys), out);
}

typedef void (*item_fn)(const struct column_table *table, const void *item,
	const struct present_env *env, struct buf *out);

/* Of each a line; of those that have none, none. */
static void add_lines(struct offers *offers, char letter, const char *word, const char *label,
	item_fn fn, const struct column_table *table, const void *const *items, size_t count,
	const struct present_env *env)
{
	struct buf all, one;

	buf_init(&all, 0);
	buf_init(&one, 0);
	for (size_t i = 0; i < count; i++) {
		buf_reset(&one);
		fn(table, items[i], env, &one);
		if (one.len)
			buf_addf(&all, "%s%s", all.len ? "\n" : "", buf_str(&one));
	}
	buf_release(&one);
	offers_add(offers, letter, word, label, buf_str(&all));
	buf_release(&all);
}

static void add_json(struct offers *offers, const struct column_table *table,
	const void *const *items, size_t count, const struct present_env *env)
{
	struct buf text;
	struct json_out json = {.out = &text};

	buf_init(&text, 0);
	if (count != 1)
		json_out_open(&json, '[');
	for (size_t i = 0; i < count; i++)
		column_item_write(table, items[i], env, &json);
	if (count != 1)
		json_out_close(&json, ']');
	offers_add(offers, 'j', "json", count == 1 ? _("row as JSON") : _("rows as JSON"),
		buf_str(&text));
	buf_release(&text);
}

static void add_cells(struct offers *offers, const struct column_table *table, const void *item,
	const struct present_env *env)
{
	struct buf cell;

	offers_group(offers, 'c', "cell", _("one cell"));
	buf_init(&cell, 0);
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		buf_reset(&cell);
		if (column->get(item, env).type == VALUE_NULL)
			continue;
		column_text(column, item, env, &cell);
		offers_choice(offers, column->title ? _(column->title) : column->key,
			buf_str(&cell), false);
	}
	buf_release(&cell);
}

void offers_items(struct offers *offers, const struct column_table *table, const void *const *items,
	size_t count, const struct present_env *env)
{
	if (!count)
		return;
	add_lines(offers, 'n', "name", _("name"), item_name, table, items, count, env);
	add_lines(offers, 'i', "id", column_find(table, "jobId") ? _("job id") : _("id"), item_id,
		table, items, count, env);
	add_lines(offers, 'a', "address", _("address"), item_address, table, items, count, env);
	if (count <= JSON_ITEMS_MAX)
		add_json(offers, table, items, count, env);
	if (count == 1)
		add_cells(offers, table, items[0], env);
}

/* -- texts -- */

void offers_pager(struct offers *offers, struct pager *pager, const char *text)
{
	const char *line;
	struct buf all;
	bool is_hit;

	offers_group(offers, 'l', "line", _("one line"));
	for (size_t i = 0; (line = pager_shown(pager, i, &is_hit)); i++)
		offers_choice(offers, "", line, is_hit);
	buf_init(&all, 0);
	if (!text)
		pager_all(pager, &all);
	offers_add(offers, 't', "text", _("the whole text"), text ? text : buf_str(&all));
	buf_release(&all);
}
