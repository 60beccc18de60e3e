/*
 * Lines, selection, folds and marks of a table against a model that is written down plainly: all is
 * sorted anew after each step, and nothing is told row by row.
 */
#include <stdint.h>
#include <time.h>

#include "tests/tui/widget/items.h"
#include "tui/widget/table_private.h"

#define MODEL_ITEMS 60
#define MODEL_ROWS 9 /* of the window */

static const char *const teams[] = {"ods", "dwd", "ads-2", "ads-10", "湖仓", ""};
static const char *const states[] = {"RUNNING", "FAILED", "LOST", ""};

static struct value text_value(const char *text)
{
	return (struct value){.type = *text ? VALUE_TEXT : VALUE_NULL, .text = text};
}

static struct value get_team(const void *item, const struct present_env *when)
{
	(void)when;
	return text_value(((const struct item *)item)->team);
}

static struct value get_state(const void *item, const struct present_env *when)
{
	(void)when;
	return text_value(((const struct item *)item)->state);
}

static void hay(const struct item *item, struct buf *out)
{
	buf_adds(out, item->name);
}

static void model_text(const void *item, struct buf *out)
{
	hay(item, out);
}

static const struct column model_columns[] = {
	{.key = "state",
		.title = "STATE",
		.get = get_state,
		.min_cols = 8,
		.max_cols = 12,
		.priority = 2},
	{.key = "name", .title = "NAME", .get = get_name, .min_cols = 6, .priority = 1},
	{.key = "team",
		.title = "TEAM",
		.get = get_team,
		.min_cols = 6,
		.max_cols = 9,
		.priority = 3},
	{.key = "size",
		.title = "SIZE",
		.get = get_size,
		.min_cols = 6,
		.max_cols = 8,
		.priority = 4},
};

static const struct column_table model_table = {
	.name = "models",
	.columns = model_columns,
	.count = ARRAY_SIZE(model_columns),
	.items = list,
	.filter_text = model_text,
};

static uint32_t seed;

static uint32_t some(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* -- the model -- */

static struct {
	const char *sort, *group;
	bool is_descending, only_small;
	const char *filter;             /* a part of the name */
	bool folded[ARRAY_SIZE(teams)]; /* by place in its list */
	bool marked[MODEL_ITEMS];
	size_t from;                        /* of the last mark, or MODEL_ITEMS */
	const char *lines[MODEL_ITEMS + 8]; /* refs; of a group: its name behind GROUP_REF */
	size_t count, passed;
} model;

static const char *group_word(const struct item *item)
{
	return str_eq(model.group, "team") ? item->team : item->state;
}

static bool *fold_of(const char *name)
{
	const char *const *names = str_eq(model.group, "team") ? teams : states;
	size_t i = 0;

	while (!str_eq(names[i], name))
		i++;
	return &model.folded[i];
}

static int model_compare(const void *a, const void *b)
{
	const struct item *one = *(const struct item *const *)a,
			  *other = *(const struct item *const *)b;
	const struct column *column = column_find(&model_table, model.sort);
	struct value x = column->get(one, &env), y = column->get(other, &env);
	const char *group = model.group ? group_word(one) : "";
	const char *other_group = model.group ? group_word(other) : "";
	/* Those without a name last. */
	int order = !*group || !*other_group ? !*group - !*other_group
					     : str_cmp_natural(group, other_group);
	bool has_unknown = x.type == VALUE_NULL || y.type == VALUE_NULL;

	if (order)
		return order;
	order = value_compare(&x, &y);
	if (order)
		return model.is_descending && !has_unknown ? -order : order;
	return strcmp(one->ref, other->ref);
}

static const char *group_ref(const char *name)
{
	static char refs[ARRAY_SIZE(teams) + ARRAY_SIZE(states)][32];
	size_t i = 0;

	while (refs[i][0] && !str_eq(refs[i] + 1, name))
		i++;
	refs[i][0] = GROUP_REF;
	memcpy(refs[i] + 1, name, strlen(name) + 1);
	return refs[i];
}

static void model_make(void)
{
	const struct item *passed[MODEL_ITEMS];

	model.passed = model.count = 0;
	for (size_t i = 0; i < item_count; i++)
		if (!items[i].is_gone && strstr(items[i].name, model.filter) &&
			(!model.only_small || items[i].size < 9))
			passed[model.passed++] = &items[i];
	qsort(passed, model.passed, sizeof(*passed), model_compare);
	for (size_t i = 0; i < model.passed; i++) {
		if (model.group &&
			(!i || !str_eq(group_word(passed[i]), group_word(passed[i - 1]))))
			model.lines[model.count++] = group_ref(group_word(passed[i]));
		if (!model.group || !*fold_of(group_word(passed[i])))
			model.lines[model.count++] = passed[i]->ref;
	}
}

static size_t model_line(const char *ref)
{
	size_t line = 0;

	while (line < model.count && !(ref && str_eq(model.lines[line], ref)))
		line++;
	return line;
}

/* Of an item, by its ref. */
static size_t number_of(const char *ref)
{
	size_t i = 0;

	while (!str_eq(items[i].ref_text, ref))
		i++;
	return i;
}

static bool *mark_of(size_t line)
{
	return *model.lines[line] == GROUP_REF ? NULL : &model.marked[number_of(model.lines[line])];
}

/* -- steps, in both -- */

static void item_change(struct item *item)
{
	static const char *const forms[] = {"job-", "a", "job-0"};

	if (!some(3))
		snprintf(item->name, sizeof(item->name), "%s%u", forms[some(3)], some(30));
	if (some(2))
		item->size = (int64_t)some(20) - 2;
	if (!some(3))
		item->team = teams[some(ARRAY_SIZE(teams))];
	if (!some(2))
		item->state = states[some(ARRAY_SIZE(states))];
}

static void step_items(struct table *table)
{
	/* Now and then nothing is told but that something has changed. */
	bool is_told = some(20);

	for (uint32_t n = some(some(8) ? 4 : 40); n > 0; n--) {
		struct item *item = &items[some((uint32_t)item_count)];
		bool goes = !item->is_gone && !some(4);

		if (!goes)
			item_change(item);
		item->is_gone = goes;
		if (goes && is_told)
			model.marked[item - items] = false;
		if (is_told)
			table_item_changed(table, item->ref, goes ? NULL : item);
	}
	if (is_told)
		return;
	for (size_t i = 0; i < item_count; i++)
		model.marked[i] = model.marked[i] && !items[i].is_gone;
	table_changed(table);
}

static bool is_small(const void *item)
{
	return ((const struct item *)item)->size < 9;
}

static void step_shown(struct table *table)
{
	static const char *const filters[] = {"", "", "job", "1", "job-1", "nobody"};
	static const char *const groups[] = {NULL, "team", "state"};
	static const char *const sorts[] = {"name", "size", "state"};
	const char *group = model.group;
	char *text;

	switch (some(5)) {
	case 0:
		model.filter = filters[some(ARRAY_SIZE(filters))];
		text = xasprintf("%s%s", *model.filter ? "'" : "", model.filter);
		table_filter(table, text);
		free(text);
		break;
	case 1:
		model.sort = sorts[some(3)];
		table_sort(table, model.sort);
		table_sorted_by(table, &model.is_descending);
		break;
	case 2:
		model.is_descending = !model.is_descending;
		table_sort_invert(table);
		break;
	case 3:
		model.only_small = some(2);
		table_accept(table, model.only_small ? is_small : NULL);
		break;
	default:
		model.group = groups[some(3)];
		check_bool("there is such a column", table_group(table, model.group), true);
		if (group != model.group)
			memset(model.folded, 0, sizeof(model.folded));
	}
}

static void step_marks(struct table *table)
{
	enum table_marking how = (enum table_marking)some(TABLE_MARK_NONE + 1);
	size_t line = table->line, from = line, to;

	if (!model.count && how != TABLE_MARK_NONE)
		return;
	if (how == TABLE_MARK && mark_of(line)) {
		*mark_of(line) = !*mark_of(line);
		model.from = (size_t)(mark_of(line) - model.marked);
	}
	if (how == TABLE_MARK_RANGE) {
		if (model.from < MODEL_ITEMS && model_line(items[model.from].ref) < model.count)
			from = model_line(items[model.from].ref);
		else
			model.from = mark_of(line) ? (size_t)(mark_of(line) - model.marked)
						   : MODEL_ITEMS;
		to = from > line ? from : line;
		for (size_t i = from < line ? from : line; i <= to; i++)
			if (mark_of(i))
				*mark_of(i) = true;
	}
	for (size_t i = 0; i < model.count; i++)
		if (mark_of(i) && how == TABLE_MARK_ALL)
			*mark_of(i) = true;
		else if (mark_of(i) && how == TABLE_MARK_INVERT)
			*mark_of(i) = !*mark_of(i);
	if (how == TABLE_MARK_NONE) {
		memset(model.marked, 0, sizeof(model.marked));
		model.from = MODEL_ITEMS;
	}
	table_mark(table, how);
}

static void step_fold(struct table *table)
{
	enum table_fold how = (enum table_fold)some(TABLE_UNFOLD_ALL + 1);
	size_t line = table->line;

	table_fold(table, how);
	if (!model.group || !model.count)
		return;
	while (*model.lines[line] != GROUP_REF)
		line--;
	bool *folded = fold_of(model.lines[line] + 1);
	*folded = how == TABLE_FOLD || (how == TABLE_FOLD_TOGGLE && !*folded);
	if (how == TABLE_FOLD_ALL || how == TABLE_UNFOLD_ALL)
		memset(model.folded, how == TABLE_FOLD_ALL, sizeof(model.folded));
}

/* -- are they the same? -- */

static void check_lines(struct table *table, long round)
{
	size_t marked = 0, count;
	const char *const *refs;

	if (table_line_count(table) != model.count || table_count(table) != model.passed)
		fail_msg("round %ld: %zu lines, %zu rows; wanted %zu, %zu", round,
			table_line_count(table), table_count(table), model.count, model.passed);
	for (size_t i = 0; i < model.count; i++)
		if (!str_eq(table_line_ref(table, i), model.lines[i]))
			fail_msg("round %ld: line %zu is %s, wanted %s", round, i,
				table_line_ref(table, i), model.lines[i]);
	refs = table_marked(table, &count);
	for (size_t i = 0; i < MODEL_ITEMS; i++)
		marked += model.marked[i];
	if (count != marked || table_marked_count(table) != marked)
		fail_msg("round %ld: %zu marked, wanted %zu", round, count, marked);
	for (size_t i = 0; i < count; i++)
		if (!model.marked[number_of(refs[i])])
			fail_msg("round %ld: %s is marked", round, refs[i]);
}

/* What was selected before a step that was no move, and where. */
struct before {
	char *refs[3]; /* itself, and who was below and above */
	size_t on_screen;
	bool is_touched;
	const char *group;
};

static void before_take(struct table *table, struct before *before)
{
	size_t line = table->line;

	table_sync(table);
	before->refs[0] = xstrdup_null(table->selected);
	before->refs[1] = xstrdup_null(line + 1 < model.count ? model.lines[line + 1] : NULL);
	before->refs[2] = xstrdup_null(line && model.count ? model.lines[line - 1] : NULL);
	before->on_screen = table->line - table->top;
	before->is_touched = table->is_touched;
	before->group = model.group;
}

static void check_selection(struct table *table, const struct before *before, long round)
{
	size_t line = model.count, most;

	if (!model.count) {
		check_str("nobody is there", table_selected(table), NULL);
		return;
	}
	/* The line of a group goes with it. */
	if (before->group != model.group && before->refs[0] && *before->refs[0] == GROUP_REF)
		return;
	for (size_t i = 0; i < 3 && line == model.count; i++)
		line = model_line(before->refs[i]);
	if (!before->is_touched || line == model.count)
		return; /* the first line is followed; or the next best is taken */
	if (table->line != line)
		fail_msg("round %ld: line %zu is selected, wanted %zu: %s", round, table->line,
			line, model.lines[line]);
	most = model.count > MODEL_ROWS ? model.count - MODEL_ROWS : 0;
	/* Below the line of its group, where it was the first. */
	if (before->group != model.group && !before->on_screen)
		return;
	if (line >= before->on_screen && line - before->on_screen <= most &&
		table->line - table->top != before->on_screen)
		fail_msg("round %ld: it was on line %zu of the screen, and is on %zu", round,
			before->on_screen, table->line - table->top);
}

static void before_release(struct before *before)
{
	for (size_t i = 0; i < 3; i++)
		free(before->refs[i]);
}

static void it_is_as_the_model_says_whatever_happens(void **state)
{
	(void)state;

	for (uint32_t run = 1; run <= 60; run++) {
		struct table *table;
		fill(MODEL_ITEMS);
		memset(&model, 0, sizeof(model));
		model.sort = "name";
		model.filter = "";
		model.from = MODEL_ITEMS;
		seed = run;
		for (size_t i = 0; i < item_count; i++) {
			items[i].team = teams[0];
			items[i].state = states[0];
			item_change(&items[i]);
			items[i].is_gone = !some(5);
		}
		table = table_new(&model_table, NULL);
		table_sort(table, "name");
		model_make();
		for (long round = 0; round < 400; round++) {
			struct before before;
			bool is_move = false;
			draw(table, MODEL_ROWS + 1, 60, NULL);
			before_take(table, &before);
			switch (some(6)) {
			case 0: step_shown(table); break;
			case 1:
				step_marks(table);
				is_move = true;
				break;
			case 2:
				step_fold(table);
				is_move = true;
				break;
			case 3:
				table_move(table, (enum table_move)some(TABLE_BOTTOM + 1));
				is_move = true;
				break;
			default: step_items(table);
			}
			model_make();
			check_lines(table, round);
			if (!is_move)
				check_selection(table, &before, round);
			before_release(&before);
		}
		table_free(table);
	}
}

/* -- what follows from groups, by hand -- */

static struct table *grouped_of(size_t count)
{
	struct table *table;

	fill(count);
	for (size_t i = 0; i < count; i++) {
		items[i].team = teams[i % 4];
		items[i].state = states[i % 3];
	}
	table = table_new(&model_table, NULL);
	table_sort(table, "name");
	table_group(table, "team");
	return table;
}

static void folding_takes_the_selection_to_the_line_of_the_group(void **state)
{
	(void)state;
	struct table *table = grouped_of(40);

	draw(table, 11, 60, NULL);
	check_int("a line for each group", (int64_t)table_line_count(table), 44);
	check_bool("select", table_select(table, "r00006"), true);
	table_fold(table, TABLE_FOLD_TOGGLE);
	check_bool("on its group", table_on_group(table), true);
	check_str("which is nobody", table_selected(table), NULL);
	check_int("its rows are no lines", (int64_t)table_line_count(table), 34);
	check_int("but they pass", (int64_t)table_count(table), 40);
	check_bool("nothing is selected in there", table_select(table, "r00006"), false);
	table_fold(table, TABLE_UNFOLD);
	check_bool("there again", table_select(table, "r00006"), true);
	check_str("the next of the same group", table_step(table, "r00006", 1), "r00010");
	check_str("over the line of a group", table_step(table, "r00038", 1), "r00003");
	table_fold(table, TABLE_FOLD_ALL);
	check_int("groups alone", (int64_t)table_line_count(table), 4);
	table_free(table);
}

static void what_is_folded_costs_nothing(void **state)
{
	(void)state;
	struct table *table = grouped_of(ITEMS_MAX);

	draw(table, 41, 120, NULL);
	table_fold(table, TABLE_FOLD_ALL);
	draw(table, 41, 120, NULL);
	values_asked = texts_asked = lists_asked = 0;
	items[77].state = "FAILED";
	table_item_changed(table, items[77].ref, &items[77]);
	check_bool("its group says otherwise", table_is_other(table), true);
	draw(table, 41, 120, NULL);
	items[78].size++;
	table_item_changed(table, items[78].ref, &items[78]);
	check_bool("of that its group says nothing", table_is_other(table), false);
	draw(table, 41, 120, NULL);
	check_int("each is asked for its key, and no other", values_asked, 2);
	check_int("the list is not asked", lists_asked, 0);
	table_free(table);
}

/* A cluster for each application is the most groups that there can be. */
static void ten_thousand_groups_are_no_more_work_than_rows(void **state)
{
	(void)state;
	struct table *table;
	static char names[ITEMS_MAX][16];
	clock_t start;

	fill(ITEMS_MAX);
	for (size_t i = 0; i < ITEMS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "jm-%zu", (i * 7919) % ITEMS_MAX);
		items[i].team = names[i];
		items[i].state = states[i % 3];
	}
	table = table_new(&model_table, NULL);
	table_sort(table, "name");
	draw(table, 41, 120, NULL);
	start = clock();
	table_group(table, "team");
	draw(table, 41, 120, NULL);
	print_message("grouped: %.1f ms\n", (double)(clock() - start) * 1000 / CLOCKS_PER_SEC);
	check_int("lines", (int64_t)table_line_count(table), 2 * ITEMS_MAX);
	start = clock();
	table_sort(table, "size");
	draw(table, 41, 120, NULL);
	print_message("sorted: %.1f ms\n", (double)(clock() - start) * 1000 / CLOCKS_PER_SEC);
	start = clock();
	for (size_t i = 0; i < 100; i++) {
		items[i * 90].size++;
		table_item_changed(table, items[i * 90].ref, &items[i * 90]);
		table_move(table, TABLE_DOWN);
		draw(table, 41, 120, NULL);
	}
	print_message(
		"a key and a change: %.2f ms\n", (double)(clock() - start) * 10 / CLOCKS_PER_SEC);
	start = clock();
	table_mark(table, TABLE_MARK_ALL);
	table_fold(table, TABLE_FOLD_ALL);
	draw(table, 41, 120, NULL);
	print_message("all marked and folded: %.1f ms\n",
		(double)(clock() - start) * 1000 / CLOCKS_PER_SEC);
	check_int("marked", (int64_t)table_marked_count(table), ITEMS_MAX);
	check_int("lines", (int64_t)table_line_count(table), ITEMS_MAX);
	table_free(table);
}

static void a_group_says_its_name_number_and_states(void **state)
{
	(void)state;
	struct table *table = grouped_of(9);
	struct buf frame;

	buf_init(&frame, 0);
	table_select(table, "r00001");
	table_fold(table, TABLE_FOLD);
	draw(table, 16, 60, &frame);
	check_has("unfolded", buf_str(&frame), "▾ ods  3   ✗ 1 FAILED  ! 1 LOST  ● 1 RUNNING");
	check_has("folded", buf_str(&frame), "▸ dwd  2   ");
	buf_release(&frame);
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_as_the_model_says_whatever_happens),
		cmocka_unit_test(folding_takes_the_selection_to_the_line_of_the_group),
		cmocka_unit_test(what_is_folded_costs_nothing),
		cmocka_unit_test(ten_thousand_groups_are_no_more_work_than_rows),
		cmocka_unit_test(a_group_says_its_name_number_and_states),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
