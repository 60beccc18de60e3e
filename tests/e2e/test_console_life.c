/*
 * An application's life by keys, on the far configuration: behind a bastion that wants a code, which
 * is typed into a dialog. What is done is read from the job itself, what is shown from the screen.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/life.h"
#include "tests/e2e/live.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

static struct life life;
static struct screen *shown; /* the case's console */

static int enter(void **state)
{
	life_enter(&life, *state, "keys");
	return 0;
}

static int leave_case(void **state)
{
	(void)state;
	screen_free(shown);
	shown = NULL;
	life_end_jobs(&life);
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	life_leave(&life);
	return 0;
}

/* A build and a JVM's start are in it. */
#define STEPS_MS 180000

/* As screen_wait_line(), for what takes its time; {app} is the case's application. */
static void await_line(const char *words, const char *b)
{
	char *a = bench_expand(life.bench, words);

	screen_wait_long(shown, a, b, STEPS_MS);
	free(a);
}

/* A console that has been let in. */
static struct screen *console(void)
{
	char *config = bench_expand(life.bench, "{home}/coded.yaml");
	char *store = bench_expand(life.bench, "{home}/coded");
	char *browser = bench_expand(life.bench, "BROWSER={home}/browser");

	shown = screen_start(&(struct screen_setup){.home = life.bench->home,
		.words = WORDS("--config", config, "--store", store),
		.env = WORDS(browser),
		.rows = 40,
		.cols = 160});
	screen_wait(shown, "host coded: it asks");
	screen_type(shown, SSHD_SECRET "\r");
	screen_wait_gone(shown, "host coded: it asks");
	free(browser);
	free(store);
	free(config);
	return shown;
}

/* The key, its question, a yes, and how it ends. */
static void act(const char *key, const char *question, const char *end)
{
	screen_type(shown, key);
	await_line(question, NULL);
	screen_type(shown, "y");
	await_line(end, NULL);
}

static char filter[64]; /* as the title has it; "" = none */

/* Esc, and nothing right behind it: that would be Alt. */
static void leave_filter(void)
{
	if (!*filter)
		return;
	screen_type(shown, "\x1b");
	screen_wait_gone(shown, filter);
	*filter = '\0';
}

static void end_console(void)
{
	leave_filter();
	screen_type(shown, "q");
	check_int("exit", screen_end(shown), 0);
	screen_check_sane("console", shown);
	screen_free(shown);
	shown = NULL;
}

/* What the browser was given. */
static char *opened(void)
{
	char *path = bench_expand(life.bench, "{home}/seen");
	int64_t end_ms = program_now_ms() + PROGRAM_DEADLINE_MS;
	struct buf text;

	buf_init(&text, 0);
	while (access(path, R_OK) && program_now_ms() < end_ms)
		poll(NULL, 0, 20);
	file_read(path, &text, NULL);
	unlink(path);
	free(path);
	return buf_detach(&text);
}

/* The one line that the keys are for. */
static void choose(const char *name)
{
	char *keys = xasprintf("/%s\r", name);

	snprintf(filter, sizeof(filter), " /%s", name);
	screen_type(shown, keys);
	screen_wait(shown, filter);
	free(keys);
}

/* Shipped by one key, with a savepoint, its page opened: what it had counted by then. */
static struct count ship_and_look(const char *name)
{
	char *browser = bench_expand(life.bench, "{home}/browser"), *url, *job;
	struct count first;

	bench_file(life.bench, "browser",
		"#!/bin/sh\nprintf '%s\\n' \"$*\" >{home}/seen.new && mv {home}/seen.new "
		"{home}/seen\n");
	chmod(browser, 0755);
	bench_set(life.bench, "app", name);
	life_declare(&life, &(struct life_app){.name = name, .host = "gw"});
	console();
	await_line("{app}", "ADDED");
	choose(name);

	/* Everything, after one yes: a new build command is shown in the same question. */
	screen_type(shown, "A");
	await_line("ship: t/{app}", NULL);
	screen_wait(shown, "This build command is new here");
	screen_wait(shown, "mvn -B -q package");
	screen_type(shown, "y");
	await_line("ship t/{app}: run", "command");
	await_line("ship t/{app}: job", "runs");
	await_line("{app}", "RUNNING");
	first = life_count(&life, name, 10);
	check_int("from nothing", first.restored, 0);

	act("V", "savepoint: t/{app}", "savepoint t/{app}: savepoint at");
	screen_wait_gone(shown, "1 run: savepoint");
	screen_type(shown, "o");
	url = opened();
	job = life_job(&life, name);
	check_has("the page of this job", url, job);
	free(url);
	free(job);

	free(browser);
	return first;
}

static void one_key_ships_one_takes_a_savepoint_one_opens_the_page(void **state)
{
	(void)state;
	ship_and_look("keys");
	end_console();
}

static void one_key_each_and_one_for_all(void **state)
{
	struct count first = ship_and_look("more"), second;
	char *text;

	(void)state;
	screen_type(shown, "R");
	await_line("restart: t/{app}", NULL);
	screen_type(shown, "y");
	await_line("restart t/{app}: job", "runs");
	second = life_goes_on(&life, &first);
	screen_wait_gone(shown, "1 run: restart");
	/* The job that was stopped takes no key any more, the next one has to be seen first. */
	await_line("{app}", "RUNNING");

	act("T", "stop: t/{app}", "stopped, savepoint at");
	assert_true(life_read(&life, &second));
	await_line("{app}", "SUSPENDED");
	screen_wait_gone(shown, "1 run: stop");

	screen_type(shown, "S");
	screen_wait(shown, "from which restore point?");
	screen_type(shown, "\r");
	await_line("start: t/{app}", NULL);
	screen_type(shown, "y");
	await_line("start t/{app}: job", "runs");
	first = life_goes_on(&life, &second);
	check_int("exactly what it had counted", first.restored, second.count);
	await_line("{app}", "RUNNING");
	screen_wait_gone(shown, "1 run: start");

	text = life_next_release(&life);
	screen_type(shown, "A");
	await_line("ship: t/{app}", NULL);
	assert_false(screen_shows(shown, "This build command is new here"));
	screen_type(shown, "y");
	second = life_goes_on(&life, &first);
	check_str("the next release", second.release, text);
	await_line("ship t/{app}: job", "runs");
	free(text);
	text = screen_text(shown);
	assert_null(strstr(text, SSHD_SECRET));
	free(text);
	end_console();
}

/* Quits, with a yes to the question whether it may. */
static void quit_in_the_middle(void)
{
	leave_filter();
	screen_type(shown, "q");
	screen_wait(shown, "quit while 1 run is in progress?");
	screen_type(shown, "y");
	check_int("quit", screen_end(shown), 0);
	screen_free(shown);
	shown = NULL;
}

static void a_ship_that_was_left_in_its_build_is_over(void **state)
{
	char *pipe = bench_expand(life.bench, "{home}/pipe"), *job;

	(void)state;
	check_int("pipe", mkfifo(pipe, 0600), 0);
	bench_file(life.bench, "ws/teams/t/apps/left.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: left\ntype: jar\nflink-env: f\n"
		"cluster: sessions\nartifact: build\n"
		"build:\n  git: {home}/project\n  ref: main\n  host: gw\n"
		"  command: cat {home}/pipe\n  artifact: it.jar\n");
	console();
	choose("left");
	screen_type(shown, "A");
	screen_wait(shown, "ship: t/left");
	screen_type(shown, "y");
	await_line("ship t/left: run", "command");
	quit_in_the_middle();

	console();
	screen_type(shown, ":runs\r");
	screen_wait_line(shown, "weir ended while this was under way: command", "CANCELED");
	job = life_job(&life, "left");
	assert_null(job);
	screen_type(shown, "q");
	end_console();
	free(pipe);
}

static void a_ship_that_was_left_while_it_waits_goes_on_and_is_settled(void **state)
{
	char *job = NULL;

	(void)state;
	life_declare(&life,
		&(struct life_app){.name = "wide", .host = "gw", .more = "parallelism: 100\n"});
	console();
	choose("wide");
	screen_type(shown, "A");
	screen_wait(shown, "ship: t/wide");
	screen_type(shown, "y");
	await_line("ship t/wide: run", "it waits for slots");
	quit_in_the_middle();

	job = life_job(&life, "wide");
	assert_non_null(job);
	console();
	screen_wait_line(shown, "wide", "STARTING");
	flink_cancel(life.flink, job);
	screen_wait_line(shown, "settled: t/wide", "is CANCELED");
	screen_wait_line(shown, "wide", "CANCELED");
	end_console();
	free(job);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"one key ships, one takes a savepoint, one opens the page",
			one_key_ships_one_takes_a_savepoint_one_opens_the_page, "2.2.1"},
		{"one key each, and one for all of it", one_key_each_and_one_for_all, ""},
		{"a ship that was left in its build is over",
			a_ship_that_was_left_in_its_build_is_over, ""},
		{"a ship that was left while it waits goes on, and is settled",
			a_ship_that_was_left_while_it_waits_goes_on_and_is_settled, ""},
	};

	return live_run("a life by keys", cases, ARRAY_SIZE(cases), enter, leave_case, leave_group);
}
