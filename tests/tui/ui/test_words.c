/*
 * The console in Chinese: whole screens at three sizes, and columns that stay under their titles at every
 * width, whatever a character takes.
 */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/present/column.h"
#include "tests/support/lang.h"
#include "tests/tui/ui/drive.h"

static const struct {
	const char *name, *keys;
} screens[] = {
	{"apps", ""},
	{"clusters", "tab"},
	{"teams", "tab tab"},
	{"jobs", "tab tab tab"},
	{"card", "/ o r d e r - s y enter enter"},
	{"card-failed", "/ d a i l y enter enter"},
	{"card-checkpoints", "/ o r d e r - s y enter enter c"},
	{"card-configuration", "/ o r d e r - s y enter enter p"},
	{"messages", ": m e s s a g e s enter"},
	{"filter-none", "/ z z z enter"},
	{"help", "?"},
	{"confirm", "/ o r d e r - s y enter T"},
	{"many", "space space space T"},
	{"many-pace", "space space space T tab"},
};

static const struct {
	int rows, cols;
} sizes[] = {{24, 80}, {40, 120}, {15, 60}};

static void screens_look_as_saved_in_chinese(void **state)
{
	(void)state;
	lang_use("zh_CN");
	for (size_t i = 0; i < ARRAY_SIZE(screens); i++)
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			char name[64];
			struct drive drive;

			snprintf(name, sizeof(name), "zh-%s-%dx%d", screens[i].name, sizes[k].cols,
				sizes[k].rows);
			drive_open(&drive, fixture_fleet(), sizes[k].rows, sizes[k].cols);
			drive.plan = (struct screen_plan){
				.calls = "POST http://jm1:8081/jobs/0123/stop\n  {\"drain\": "
					 "false}\n"};
			drive_keys(&drive, screens[i].keys);
			drive_golden(&drive, name);
			drive_close(&drive);
		}
	lang_use("en");
}

#define COLS_MAX 220

/* A row as one character a cell: ' ' where nothing is, 'x' elsewhere. */
static void cells_of(const char *line, char cells[COLS_MAX + 1])
{
	struct utf8_cluster cluster;
	int at = 0;

	memset(cells, ' ', COLS_MAX);
	cells[COLS_MAX] = 0;
	for (; *line != '\n' && utf8_next(line, &cluster); line += cluster.advance) {
		if (*cluster.text != ' ')
			memset(cells + at, 'x', (size_t)cluster.width_cols);
		at += cluster.width_cols;
	}
}

/* The cell in which the title stands in the line, whole and alone; -1: it is not there, or was cut. */
static int cell_of(const char *line, const char *title)
{
	size_t len = strlen(title);

	for (const char *at = line; (at = strstr(at, title)) && at < strchr(line, '\n'); at++)
		if ((at == line || at[-1] == ' ') && (strchr(" \n", at[len]) || (at[len] & 0x80))) {
			char *before = xstrndup(line, (size_t)(at - line));
			int cell = utf8_width(before);

			free(before);
			return cell;
		}
	return -1;
}

/*
 * Where a title stands, there is its column: its values begin where it begins, or, set to the right, end
 * where it ends; the cell beside it is the gap between two columns. Returns how many titles there were.
 */
static int check_columns(const char *name, const char *frame, const struct column_table *table)
{
	const char *line = frame;
	int found = 0;

	for (int row = 0; row < 3; row++)
		line = strchr(line, '\n') + 1;
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		int begin = column->title ? cell_of(line, _(column->title)) : -1;
		int gap = begin < 0        ? -1
			: column->is_right ? begin + utf8_width(_(column->title))
					   : begin - 1;
		const char *below = strchr(line, '\n') + 1;

		found += begin >= 0;
		for (int row = 0; gap >= 0 && row < 3 && *below;
			row++, below = strchr(below, '\n') + 1) {
			char cells[COLS_MAX + 1];

			cells_of(below, cells);
			if (cells[gap] != ' ')
				fail_msg("%s: no column under '%s'\n%s", name, _(column->title),
					frame);
		}
	}
	return found;
}

static void columns_stand_under_their_titles_at_every_width(void **state)
{
	static const char *const languages[] = {"en", "zh_CN"};
	static const struct {
		const char *keys;
		const struct column_table *table;
	} lists[] = {
		{"", &app_table},
		{"w", &app_table},
		{"tab w", &cluster_table},
		{"tab tab w", &team_table},
		{"tab tab tab w", &job_table},
	};

	(void)state;
	for (size_t l = 0; l < ARRAY_SIZE(languages); l++) {
		lang_use(languages[l]);
		for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
			for (int cols = 60; cols <= 200; cols += 7) {
				char name[64];
				struct drive drive;

				snprintf(name, sizeof(name), "%s '%s' %d", languages[l],
					lists[k].keys, cols);
				drive_open(&drive, fixture_fleet(), 24, cols);
				drive_keys(&drive, lists[k].keys);
				screen_draw(drive.screen, drive.canvas);
				if (check_columns(
					    name, drive_frame(&drive, false), lists[k].table) < 5)
					fail_msg("%s: where are the titles?", name);
				drive_close(&drive);
			}
	}
	lang_use("en");
}

/* A title that is cut says nothing: a column is at least as wide as its own in every language. */
static void titles_fit_their_columns(void **state)
{
	static const struct column_table *const tables[] = {&app_table, &cluster_table, &team_table,
		&job_table, &run_table, &build_table, &release_table, &point_table, &env_table,
		&finding_table, &kept_file_table, &event_table, &seen_checkpoint_table,
		&seen_exception_table, &sample_table, &command_log_table, &taskmanager_table};
	static const char *const languages[] = {"en", "zh_CN"};
	int cut = 0;

	(void)state;
	for (size_t l = 0; l < ARRAY_SIZE(languages); l++) {
		lang_use(languages[l]);
		for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
			for (size_t c = 0; c < tables[t]->count; c++) {
				const struct column *column = &tables[t]->columns[c];

				if (!column->title || !column->max_cols ||
					utf8_width(_(column->title)) <= column->max_cols)
					continue;
				print_error("%s: '%s' (%s) is wider than %d\n", languages[l],
					_(column->title), column->key, column->max_cols);
				cut++;
			}
	}
	lang_use("en");
	check_int("titles that are cut", cut, 0);
}

/* Names of states, commands and keys are the same words in every language. */
static void states_and_commands_stay_as_they_are(void **state)
{
	struct drive drive;

	(void)state;
	lang_use("zh_CN");
	drive_open(&drive, fixture_fleet(), 40, 120);
	drive_keys(&drive, "");
	screen_draw(drive.screen, drive.canvas);
	check_has("state", drive_frame(&drive, false), "RUNNING");
	check_has("title", drive_frame(&drive, false), "状态");
	drive_keys(&drive, ": c l u s t e r s enter");
	check_has("list", drive_frame(&drive, false), "集群");
	drive_close(&drive);
	lang_use("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_look_as_saved_in_chinese),
		cmocka_unit_test(columns_stand_under_their_titles_at_every_width),
		cmocka_unit_test(titles_fit_their_columns),
		cmocka_unit_test(states_and_commands_stay_as_they_are),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
