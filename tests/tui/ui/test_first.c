/* The first run: what is found, what is typed, what does not answer, and the way out at each step. */
#include "tests/tui/ui/drive.h"

#include "tui/ui/first_find.h"

#define CONFIG_PATH "/home/li/.config/weir/config.yaml"

static const struct err refused = {E_NET, "GET http://localhost:8081/overview: connection refused"};
static const struct screen_tried found[] = {
	{"http://jm1.example:8081", "1.20.5", 3, NULL},
	{"http://localhost:8081", NULL, 0, &refused},
};

static void open_unconfigured(struct drive *drive, int rows, int cols)
{
	drive_open_as(drive, fixture_fleet_empty(), rows, cols, CONFIG_PATH);
	screen_loaded(drive->screen);
	screen_first_begin(drive->screen);
	check_int("finds", drive->finds, 1);
}

static const char *frame(struct drive *drive)
{
	screen_draw(drive->screen, drive->canvas);
	return drive_frame(drive, false);
}

static void each_step_looks_as_saved(void **state)
{
	static const struct {
		const char *name;
		int rows, cols;
	} sizes[] = {{"60x15", 15, 60}, {"80x24", 24, 80}, {"120x40", 40, 120}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct drive drive;
		char name[64];

		open_unconfigured(&drive, sizes[i].rows, sizes[i].cols);
		screen_first_found(drive.screen, found, ARRAY_SIZE(found));
		snprintf(name, sizeof(name), "first-found-%s", sizes[i].name);
		drive_golden(&drive, name);
		drive_keys(&drive, "enter");
		screen_first_tried(drive.screen, &found[1]);
		snprintf(name, sizeof(name), "first-refused-%s", sizes[i].name);
		drive_golden(&drive, name);
		drive_keys(&drive, "enter");
		screen_first_tried(drive.screen, &found[0]);
		snprintf(name, sizeof(name), "first-keep-%s", sizes[i].name);
		drive_golden(&drive, name);
		drive_close(&drive);
	}
}

static void what_answers_is_kept_by_two_keys(void **state)
{
	struct drive drive;

	(void)state;
	open_unconfigured(&drive, 24, 80);
	check_has("looking", frame(&drive), "looking for a JobManager");
	screen_first_found(drive.screen, found, ARRAY_SIZE(found));
	drive_keys(&drive, "enter");
	check_str("tried", drive.tried, "http://jm1.example:8081");
	check_has("asking", frame(&drive), "asking http://jm1.example:8081");
	screen_first_tried(drive.screen, &found[0]);
	check_has("version", frame(&drive), "Flink 1.20.5, running jobs: 3");
	check_int("not yet", drive.configs, 0);
	drive_keys(&drive, "y");
	check_int("written", drive.configs, 1);
	check_str("address", drive.config_address, "http://jm1.example:8081");
	drive_close(&drive);
}

/* The first that answers is the answer that stands there, else the likeliest. */
static void what_is_typed_becomes_an_address(void **state)
{
	static const struct {
		const char *typed, *tried, *problem;
	} rows[] = {
		{"jm1", "http://jm1:8081", NULL},
		{"jm1:80", "http://jm1:80", NULL},
		{"http://jm1", "http://jm1:8081", NULL},
		{"https://jm1.example", "https://jm1.example", NULL},
		{"http://jm1:8081/", "http://jm1:8081", NULL},
		{"ftp://jm1", NULL, "ftp://jm1"},
		{"jm1:99999", NULL, "jm1:99999"},
		{"http://u:p@jm1:1", NULL, "jm1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		open_unconfigured(&drive, 24, 80);
		screen_first_found(drive.screen, NULL, 0);
		drive_type(&drive, rows[i].typed);
		drive_keys(&drive, "enter");
		check_str(rows[i].typed, drive.tried, rows[i].tried);
		if (rows[i].problem) {
			check_has(rows[i].typed, frame(&drive), rows[i].problem);
			check_has("asked again", frame(&drive), "Where is a JobManager?");
		}
		drive_close(&drive);
	}
}

static void esc_leads_out_of_each_step_and_writes_nothing(void **state)
{
	(void)state;
	for (int step = 0; step < 4; step++) {
		struct drive drive;

		open_unconfigured(&drive, 24, 80);
		if (step > 0)
			screen_first_found(drive.screen, found, ARRAY_SIZE(found));
		if (step > 1)
			drive_keys(&drive, "enter");
		if (step > 2)
			screen_first_tried(drive.screen, &found[0]);
		drive_keys(&drive, "esc");
		check_has("out", frame(&drive), "nothing was written; :write-config asks again");
		check_int("called off", drive.cancels > 0, true);
		check_int("nothing", drive.configs, 0);
		drive_keys(&drive, ":");
		drive_type(&drive, "write-config");
		drive_keys(&drive, "enter");
		check_int("again", drive.finds, 2);
		drive_close(&drive);
	}
}

static void who_has_a_configuration_is_told_so(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, ":");
	drive_type(&drive, "write-config");
	drive_keys(&drive, "enter");
	check_has("told", frame(&drive), "there is a configuration already");
	check_int("finds", drive.finds, 0);
	drive_close(&drive);
}

static void flinks_own_files_name_the_jobmanager(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		{"empty", "", NULL},
		{"rpc alone", "jobmanager.rpc.address: jm1\n", "http://jm1:8081"},
		{"rest before rpc",
			"jobmanager.rpc.address: jm1\nrest.address: jm2\nrest.port: 8082\n",
			"http://jm2:8082"},
		{"comments", "# rest.address: no\nrest.address: jm1 # yes\r\nrest.port: 9000\r\n",
			"http://jm1:9000"},
		{"everywhere", "rest.address: 0.0.0.0\n", "http://localhost:8081"},
		{"TLS", "rest.address: jm1\nsecurity.ssl.rest.enabled: true\n", "https://jm1:8081"},
		{"nested",
			"jobmanager:\n  rpc:\n    address: jm1\n  memory:\n    process:\n"
			"      size: 1600m\nrest:\n  address: 'jm2'\n  port: 8083\n",
			"http://jm2:8083"},
		{"nested, and out again",
			"rest:\n  flamegraph:\n    enabled: true\n  address: jm1\nport: 7\n",
			"http://jm1:8081"},
		{"flat in nested", "rest:\n  # address: no\n  address: \"jm1\"\nrest.port: 1\n",
			"http://jm1:1"},
		{"a list", "env.java.opts.all: --add-exports=a\n- rest.address: jm1\n", NULL},
		{"no address", "rest.port: 8081\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *url = first_find_parse(rows[i].text, strlen(rows[i].text));

		check_str(rows[i].name, url, rows[i].want);
		free(url);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_looks_as_saved),
		cmocka_unit_test(what_answers_is_kept_by_two_keys),
		cmocka_unit_test(what_is_typed_becomes_an_address),
		cmocka_unit_test(esc_leads_out_of_each_step_and_writes_nothing),
		cmocka_unit_test(who_has_a_configuration_is_told_so),
		cmocka_unit_test(flinks_own_files_name_the_jobmanager),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
