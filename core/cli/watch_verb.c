/* weir watch: the same polling and remembering as the console, with a line for each change of
 * state. */
#include <signal.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/cli/verbs.h"

struct watch {
	struct session *session;
};

static void print_change(const struct app *app, enum app_state from)
{
	char when[20];
	struct buf name;
	const char *text = app->decl ? app->decl->name : app->job->name;
	buf_init(&name, 0);
	buf_addf(&name, "%s/%s", app->decl ? app->decl->team : app->cluster->name, text);
	clock_format(clock_wall_ms(), when, sizeof(when));
	struct buf clean;
	buf_init(&clean, 0);
	utf8_neutralise(&clean, buf_str(&name), name.len);
	printf("%s  %s -> %s  %s\n", when, app_state_name(from), app_state_name(app->state),
		buf_str(&clean));
	buf_release(&clean);
	buf_release(&name);
}

static void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	(void)data;
	for (size_t i = 0; i < count && !cause->from_store; i++)
		if (changes[i].kind == KIND_APP && (changes[i].what & CHANGE_STATE))
			print_change(changes[i].item, changes[i].from);
	fflush(stdout);
}

static void on_problem(void *data, const struct err *err)
{
	(void)data;
	fprintf(stderr, "weir: store: %s\n", err ? err->text : _("writes again"));
}

static void on_loaded(void *data)
{
	struct watch *watch = data;
	fleet_subscribe(watch->session->fleet, on_changes, watch);
	session_start(watch->session, NULL, NULL);
}

static void on_signal(void *data)
{
	struct watch *watch = data;
	loop_stop(watch->session->loop);
}

int verb_watch(struct cli *cli)
{
	struct watch watch = {0};
	struct err err;
	if (cli->arg_count) {
		err_set(&err, E_ARG, _("watch takes no words"));
		return cli_fail(&err);
	}
	struct session_options options = cli->session;
	options.asks = true;
	int rc = session_open(&watch.session, &options, &err);
	for (size_t i = 0; !rc && i < 3; i++)
		rc = loop_signal(watch.session->loop, (int[]){SIGTERM, SIGINT, SIGHUP}[i],
			on_signal, &watch, &err);
	if (rc) {
		session_close(watch.session);
		return cli_fail(&err);
	}
	watch.session->on_problem = on_problem;
	watch.session->problem_data = &watch;
	session_load(watch.session, on_loaded, &watch);
	loop_run(watch.session->loop);
	session_close(watch.session);
	return 0;
}
