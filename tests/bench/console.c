#include "tests/bench/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/net/ssh.h"
#include "tests/bench/figures.h"

/* Ten thousand clusters that connect, on a machine that has more to do. */
#define DEADLINE_MS 120000

static _Noreturn void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

static void back(struct console *console)
{
	console->is_back = true;
	loop_stop(console->session->loop);
}

static void wait(struct console *console)
{
	while (!console->is_back)
		loop_run(console->session->loop);
	console->is_back = false;
}

static void on_loaded(void *data)
{
	back(data);
}

static void on_round(void *data, int asked, int answered)
{
	struct console *console = data;

	if (answered < asked)
		err_set(&console->err, E_NET, "%d of %d clusters answered", answered, asked);
	back(console);
}

static bool all(void *data, const struct app *app)
{
	(void)data;
	(void)app;
	return true;
}

static void ask(struct console *console, unsigned parts)
{
	console->err.code = E_OK;
	poller_round(console->session->poller,
		&(struct poller_round){.wanted = all,
			.details = parts != 0,
			.parts = parts,
			.done = on_round,
			.data = console,
			.deadline_ms = DEADLINE_MS});
	wait(console);
	if (console->err.code)
		fail("the clusters", &console->err);
}

void console_ask(struct console *console)
{
	ask(console, 0);
}

void console_ask_all(struct console *console)
{
	ask(console, JOB_PARTS_ROW);
}

void console_open(struct console *console, const char *config_path, const char *store_dir)
{
	struct session_options options = {.config_path = config_path, .store_dir = store_dir};

	memset(console, 0, sizeof(*console));
	if (session_open(&console->session, &options, &console->err))
		fail(config_path, &console->err);
	session_load(console->session, on_loaded, console);
	wait(console);
	console_ask(console);
}

void console_close(struct console *console)
{
	free(console->run);
	session_close(console->session);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct console *console = data;

	(void)result;
	console->err = err ? *err : (struct err){0};
	back(console);
}

void console_connect(struct console *console, const char *host)
{
	ssh_connect(console->session->contexts[0].ssh, host, on_connected, console);
	wait(console);
	if (console->err.code)
		fail(host, &console->err);
}

static void on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct console *console = data;

	(void)plan;
	console->action = action;
	console->err = err ? *err : (struct err){0};
	back(console);
}

static void on_done(void *data, const struct run *run, const struct err *err)
{
	struct console *console = data;

	free(console->run);
	console->run = run ? run_dup(run) : NULL;
	console->err = err ? *err : (struct err){0};
	back(console);
}

void console_act(struct console *console, const char *name, enum command_id command,
	const char *from, void (*armed)(void *data), void *data)
{
	struct action_options options;
	struct app *app[2];

	if (fleet_find_apps(console->session->fleet, name, app, 2) != 1) {
		err_set(&console->err, E_NOTFOUND, "no such application, or several");
		fail(name, &console->err);
	}
	session_action_options(console->session, app[0], &options);
	options.act = act_find(command);
	options.args.from = from;
	options.args.agrees_to_command = true;
	options.args.agrees_to_stateless = true;
	options.prepared = on_prepared;
	options.done = on_done;
	options.data = console;
	console->action = action_new(&options);
	wait(console);
	if (console->err.code)
		fail(name, &console->err);
	if (armed)
		armed(data);
	console->key_ns = now_ns();
	action_go(console->action);
	wait(console);
	if (console->err.code)
		fail(name, &console->err);
}
