/* Tables by name, cells and items by column. The rows themselves: columns_app.c and its sisters. */
#include "core/present/column.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/base/str.h"

static const struct column_table *const tables[] = {
	&app_table, &cluster_table, &team_table, &job_table};

const struct column_table *column_table_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		size_t len = strlen(tables[i]->name);
		if (str_eq(name, tables[i]->name) ||
			(strlen(name) == len - 1 && strncmp(name, tables[i]->name, len - 1) == 0))
			return tables[i];
	}
	return NULL;
}

const struct column *column_find(const struct column_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (str_eq(table->columns[i].key, key))
			return &table->columns[i];
	return NULL;
}

void column_text(const struct column *column, const void *item, const struct present_env *env,
	struct buf *out)
{
	if (column->text) {
		column->text(item, env, out);
		return;
	}
	struct value value = column->get(item, env);
	value_text(&value, env, out);
}

void column_json(const struct column *column, const void *item, const struct present_env *env,
	struct json_out *out)
{
	if (column->json) {
		column->json(item, env, out);
		return;
	}
	struct value value = column->get(item, env);
	value_json(&value, out);
}

void column_item_write(const struct column_table *table, const void *item,
	const struct present_env *env, struct json_out *out)
{
	json_out_open(out, '{');
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		if (column->is_json_hidden)
			continue;
		json_out_key(out, column->key);
		column_json(column, item, env, out);
	}
	json_out_close(out, '}');
}

json_t *column_item_json(
	const struct column_table *table, const void *item, const struct present_env *env)
{
	struct buf text;
	struct json_out out = {.out = &text};
	json_t *tree;

	buf_init(&text, 0);
	column_item_write(table, item, env, &out);
	tree = json_loadb(buf_str(&text), text.len, 0, NULL);
	buf_release(&text);
	return tree;
}

const char *state_glyph(enum app_state state, bool ascii)
{
	static const char *const glyphs[STATE_MAX][2] = {
		[STATE_UNKNOWN] = {"?", "?"},
		[STATE_ADDED] = {"○", "o"},
		[STATE_STARTING] = {"▷", ">"},
		[STATE_RUNNING] = {"●", "*"},
		[STATE_RESTARTING] = {"↻", "~"},
		[STATE_STOPPING] = {"▽", "v"},
		[STATE_SUSPENDED] = {"‖", "="},
		[STATE_CANCELED] = {"⊘", "/"},
		[STATE_FAILED] = {"✗", "X"},
		[STATE_FINISHED] = {"✓", "+"},
		[STATE_LOST] = {"!", "!"},
		[STATE_UNREACHABLE] = {"…", "."},
	};
	return state < STATE_MAX ? glyphs[state][ascii] : "?";
}
