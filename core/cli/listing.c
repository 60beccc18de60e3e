#include "core/cli/listing.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/present/filter.h"

struct listing {
	struct filter *filter;         /* NULL = all */
	const struct column **columns; /* NULL = those of the format */
	size_t column_count;
	const struct column *sort; /* NULL = the order of the kind */
	bool is_descending;
	bool watches;
};

int listing_read_format(
	const struct cli *cli, bool has_names, enum output_format *format, struct err *err)
{
	const char *word = cli_option(cli, "output");

	*format = word ? output_parse(word) : OUT_TABLE;
	if (*format == OUT_MAX || *format == OUT_TEXT || (*format == OUT_NAME && !has_names))
		return err_set(err, E_ARG,
			has_names ? _("unknown format '%s': table, wide, json, yaml, name or csv")
				  : _("unknown format '%s': table, wide, json, yaml or csv"),
			word);
	return 0;
}

/* By its key, in either case, or by its title or the word of filters where that is one word. */
static const struct column *find_column(
	const struct column_table *table, const char *option, const char *word, struct err *err)
{
	const char **keys = xcalloc(table->count + 1, sizeof(*keys)), *near;
	const struct column *found = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		keys[i] = column->key;
		if (!found &&
			(!strcasecmp(column->key, word) ||
				(column->word && !strcasecmp(column->word, word)) ||
				(column->title && !strcasecmp(column->title, word))))
			found = column;
	}
	near = found ? NULL : str_suggest(word, keys, table->count);
	if (!found && near)
		err_set(err, E_ARG, _("--%s: %s have no column '%s'; did you mean '%s'?"), option,
			table->name, word, near);
	else if (!found)
		err_set(err, E_ARG,
			_("--%s: %s have no column '%s'; columns are called as the keys in -o "
			  "json"),
			option, table->name, word);
	free(keys);
	return found;
}

static int read_columns(struct listing *listing, const struct column_table *table,
	const char *words, struct err *err)
{
	char *copy = xstrdup(words), *rest = copy;
	int rc = 0;

	for (char *word; !rc && (word = strsep(&rest, ","));) {
		const struct column *column = find_column(table, "columns", word, err);

		rc = column ? 0 : E_ARG;
		for (size_t i = 0; !rc && i < listing->column_count; i++)
			if (listing->columns[i] == column)
				rc = err_set(err, E_ARG, _("--columns names '%s' twice"), word);
		if (rc)
			break;
		listing->columns = xrealloc(
			listing->columns, (listing->column_count + 1) * sizeof(*listing->columns));
		listing->columns[listing->column_count++] = column;
	}
	free(copy);
	return rc;
}

/* "column", "column:asc", "column:desc" */
static int read_sort(struct listing *listing, const struct column_table *table, const char *word,
	struct err *err)
{
	size_t len = strcspn(word, ":");
	const char *way = word[len] ? word + len + 1 : "asc";
	char *key = xstrndup(word, len);
	int rc = 0;

	listing->is_descending = str_eq(way, "desc");
	if (!listing->is_descending && !str_eq(way, "asc"))
		rc = err_set(
			err, E_ARG, _("--sort-by %s: after the column comes :asc or :desc"), word);
	else if (!(listing->sort = find_column(table, "sort-by", key, err)))
		rc = E_ARG;
	free(key);
	return rc;
}

static int check_watch(const struct cli *cli, const struct column_table *table, struct err *err)
{
	if (table == &env_table)
		return err_set(err, E_ARG,
			_("--watch is not for flink-envs: each look starts programs on their "
			  "hosts, and "
			  "an installed Flink changes when somebody installs one"));
	if (cli_option(cli, "cached"))
		return err_set(err, E_ARG, _("--watch asks, and --cached does not: leave one out"));
	return 0;
}

int listing_read(struct cli *cli, const struct column_table *table, bool has_names,
	enum output_format *format, struct err *err)
{
	const char *filter = cli_option(cli, "filter"), *columns = cli_option(cli, "columns");
	const char *sort = cli_option(cli, "sort-by");
	struct listing *listing = xcalloc(1, sizeof(*listing));
	int rc = listing_read_format(cli, has_names, format, err);

	cli->listing = listing;
	listing->watches = cli_option(cli, "watch") != NULL;
	/* Nobody sees what a fuzzy word finds while a script is written. */
	if (!rc && filter)
		rc = filter_parse(&listing->filter, filter, table, false, NULL, err);
	if (!rc && columns && *format == OUT_NAME)
		rc = err_set(err, E_ARG, _("-o name has no columns: leave --columns out"));
	if (!rc && columns)
		rc = read_columns(listing, table, columns, err);
	if (!rc && sort)
		rc = read_sort(listing, table, sort, err);
	if (!rc && listing->watches)
		rc = check_watch(cli, table, err);
	return rc;
}

bool listing_watches(const struct cli *cli)
{
	return cli->listing && cli->listing->watches;
}

bool listing_is_sorted(const struct cli *cli)
{
	return cli->listing && cli->listing->sort;
}

bool listing_passes(const struct cli *cli, const void *item)
{
	struct present_env env;

	if (!cli->listing || !cli->listing->filter)
		return true;
	env = (struct present_env){.now_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
	return filter_match(cli->listing->filter, item, NULL, &env);
}

bool listing_may_pass(const struct cli *cli, const void *item)
{
	struct present_env env = {.now_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};

	return !cli->listing || !cli->listing->filter ||
		filter_may_match(cli->listing->filter, item, NULL, &env);
}

bool listing_seeks(const struct cli *cli)
{
	return cli->listing && cli->listing->filter && filter_sparse(cli->listing->filter);
}

bool listing_knows(const struct cli *cli, const void *item, const char **what)
{
	struct present_env env = {.now_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
	const struct column *column = filter_sparse(cli->listing->filter);

	*what = filter_key(column);
	return column->get(item, &env).type != VALUE_NULL;
}

/* ---- order ---- */

struct keyed {
	struct value value;
	size_t at;
	const void *item;
};

/* What is unknown stands last either way; what is alike keeps its order. */
static int compare(const void *a, const void *b, void *data)
{
	const struct listing *listing = data;
	const struct keyed *x = a, *y = b;
	int order = value_compare(&x->value, &y->value);

	if (listing->is_descending && x->value.type != VALUE_NULL && y->value.type != VALUE_NULL)
		order = -order;
	return order ? order : x->at < y->at ? -1 : 1;
}

static void sort_items(
	const struct listing *listing, const void **items, size_t count, struct present_env *env)
{
	struct keyed *keyed = xcalloc(count + 1, sizeof(*keyed));

	for (size_t i = 0; i < count; i++)
		keyed[i] = (struct keyed){listing->sort->get(items[i], env), i, items[i]};
	qsort_r(keyed, count, sizeof(*keyed), compare, (void *)listing);
	for (size_t i = 0; i < count; i++)
		items[i] = keyed[i].item;
	free(keyed);
}

struct output listing_output(const struct cli *cli, enum output_format format,
	const struct column_table *table, const void **items, size_t count, json_t *errors)
{
	struct output output = output_of(format, table, items, count, errors);
	const struct listing *listing = cli->listing;

	if (!listing)
		return output;
	if (listing->sort)
		sort_items(listing, items, count, &output.env);
	output.columns = listing->columns;
	output.column_count = listing->column_count;
	return output;
}

void listing_free(struct listing *listing)
{
	if (!listing)
		return;
	filter_free(listing->filter);
	free(listing->columns);
	free(listing);
}
