/* The palette: habits of others, values that complete, what was typed before, and what does not fit. */
#include "tests/tui/ui/drive.h"

#include <sys/stat.h>

#include "tui/ui/palette_file.h"
#include "tui/widget/prompt.h"

static void shows(struct drive *drive, const char *name, const char *part)
{
	screen_draw(drive->screen, drive->canvas);
	check_has(name, drive_frame(drive, false), part);
}

static void lacks(struct drive *drive, const char *name, const char *part)
{
	screen_draw(drive->screen, drive->canvas);
	check_bool(name, strstr(drive_frame(drive, false), part) == NULL, true);
}

static void habits_of_k9s_and_vim_are_served(void **state)
{
	(void)state;
	static const struct {
		const char *typed, *want;
	} rows[] = {
		{":app", "Applications  "},
		{":apps", "Applications  "},
		{":a", "Applications  "},
		{":cl", "Clusters  "},
		{":ns", "Teams  "},
		{":job", "Jobs  "},
		{":run", "Runs"},
		{":ev", "History"},
		{":rel", "Releases"},
		{":apps state:failed", "/state:failed"},
		{":app /state:failed", "/state:failed"},
		{":clusters sess", "/sess"},
		{":cl sess", "Clusters  1 of "},
		{":ctx", "in use: prod; weir --context"},
		{":ctx prod", "/context:prod"},
		{":ctx test", "context 'test' is not in use: weir --context test opens it"},
		{":help", "Help   /"},
		{":aps", "did you mean 'apps'?"},
		{":xyzzy", "no command 'xyzzy'"},
		{":q", "quit while 1 run is in progress?"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		drive_open(&drive, fixture_fleet(), 24, 80);
		drive.going = 1;
		drive.oldest = (struct screen_going){.verb = "start", .name = "ods/orders"};
		drive_keys(&drive, "g m");
		drive_type(&drive, rows[i].typed);
		drive_keys(&drive, "enter");
		shows(&drive, rows[i].typed, rows[i].want);
		check_int(rows[i].typed, drive.quits, 0);
		drive_close(&drive);
	}
}

static void quitting_by_force_asks_nothing(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.going = 1;
	drive_type(&drive, ":q!");
	drive_keys(&drive, "enter");
	check_int("left", drive.quits, 1);
	drive_close(&drive);
}

static void values_complete(void **state)
{
	(void)state;
	static const struct {
		const char *typed, *keys, *want;
	} rows[] = {
		{":theme li", "tab", ":theme light"},
		{":ctx p", "tab", ":ctx prod"},
		{":mouse o", "tab", ":mouse on"},
		{":mouse of", "tab", ":mouse off"},
		{":group clu", "tab", ":group cluster"},
		{":clusters sess", "tab", ":clusters sessions"},
		{":teams od", "tab", ":teams ods"},
		{":apps tea", "tab", ":apps team:"},
		{":apps state:fai", "tab", ":apps state:FAILED"},
		{":apps /team:od", "tab", ":apps /team:ods"},
		{":filter team:od", "tab", ":filter team:ods"},
		{":start order", "tab", ":start ods/order-sync"},
		{":sort sta", "tab", ":sort state"},
		{":clstr", "tab tab", ":clusters"},
		{":q", "", "Leave weir"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_type(&drive, rows[i].typed);
		drive_keys(&drive, rows[i].keys);
		shows(&drive, rows[i].typed, rows[i].want);
		drive_close(&drive);
	}
}

static void what_was_typed_before_comes_back(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	screen_remember(drive.screen, "sort state");
	screen_remember(drive.screen, "apps state:failed");
	drive_keys(&drive, ": up");
	shows(&drive, "the last", ":apps state:failed");
	drive_keys(&drive, "up");
	shows(&drive, "the one before", ":sort state");
	drive_keys(&drive, "down enter");
	shows(&drive, "it is run", "/state:failed");
	drive_type(&drive, ":nonsense");
	drive_keys(&drive, "enter");
	drive_type(&drive, ":2");
	drive_keys(&drive, "enter");
	check_str("only what means something is handed on", drive.typed, "apps state:failed\n2\n");
	drive_close(&drive);
}

static void paste(struct drive *drive, size_t len)
{
	char *text = xmalloc(len + 1);

	memset(text, 'x', len);
	text[len] = '\0';
	screen_key(drive->screen, &(struct key){.sym = KEY_SYM_PASTE, .paste = text});
	free(text);
}

static void too_long_a_paste_is_told_and_leaves_the_line(void **state)
{
	(void)state;
	static const char *const prompts[] = {":", "/"};

	for (size_t i = 0; i < ARRAY_SIZE(prompts); i++) {
		struct drive drive;
		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, prompts[i]);
		drive_type(&drive, "abc");
		paste(&drive, PROMPT_BYTES_MAX + 1);
		shows(&drive, "told", "not pasted: a line takes 4096 bytes, no more");
		shows(&drive, "as it was", i ? "/abc" : ":abc");
		drive_type(&drive, "d");
		lacks(&drive, "once", "not pasted");
		shows(&drive, "goes on", i ? "/abcd" : ":abcd");
		drive_close(&drive);
	}
}

/* -- the file -- */

static void collect(void *data, const char *line)
{
	buf_addf(data, "%s\n", line);
}

static void check_file(const char *name, const char *path, const char *want)
{
	struct buf all;

	buf_init(&all, 0);
	palette_read(path, collect, &all);
	check_str(name, buf_str(&all), want);
	buf_release(&all);
}

static void lines_are_kept_over_exits_but_no_secrets(void **state)
{
	(void)state;
	char *dir = temp_dir(), *path = palette_path(dir);
	const char *first[] = {
		"apps state:failed", "sort state", "apps state:failed", "filter password=hunter2"};
	const char *second[] = {"sort name"};
	char *many[PALETTE_LINES_MAX + 5];
	const char *secret[] = {"filter token=abcdef0123456789"};
	char longest[PALETTE_LINE_MAX + 2];
	struct stat info;

	check_file("none yet", path, "");
	palette_write(path, secret, 1);
	check_int("nothing to keep: no file", stat(path, &info), -1);
	palette_write(path, first, ARRAY_SIZE(first));
	check_file("each once, no secret", path, "sort state\napps state:failed\n");
	check_int("it is there", stat(path, &info), 0);
	check_int("nobody else reads it", info.st_mode & 0777, 0600);
	palette_write(path, second, 1);
	check_file("behind the others", path, "sort state\napps state:failed\nsort name\n");
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = xasprintf("line %zu", i + 1);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	free(many[50]);
	many[50] = longest;
	palette_write(path, (const char *const *)many, ARRAY_SIZE(many));
	struct buf all;
	size_t lines = 0;
	buf_init(&all, 0);
	palette_read(path, collect, &all);
	for (size_t i = 0; i < all.len; i++)
		lines += all.data[i] == '\n';
	check_int("at most", (int64_t)lines, PALETTE_LINES_MAX);
	check_has("the newest", buf_str(&all), "line 105\n");
	check_bool("too long", strstr(buf_str(&all), "xxx") == NULL, true);
	buf_release(&all);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		if (many[i] != longest)
			free(many[i]);
	free(path);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(habits_of_k9s_and_vim_are_served),
		cmocka_unit_test(quitting_by_force_asks_nothing),
		cmocka_unit_test(values_complete),
		cmocka_unit_test(what_was_typed_before_comes_back),
		cmocka_unit_test(too_long_a_paste_is_told_and_leaves_the_line),
		cmocka_unit_test(lines_are_kept_over_exits_but_no_secrets),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
