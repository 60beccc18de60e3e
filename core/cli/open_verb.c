/*
 * weir open APP: its page of the Flink web UI. Where it goes through a forward, weir stays until
 * Ctrl-C, or until nobody has used it for a while.
 */
#include <signal.h>
#include <stdio.h>

#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/cli/gather.h"
#include "core/cli/open_ui.h"
#include "core/cli/verbs.h"

struct opening {
	struct gather gather;
	struct err err;
	bool is_over, has_forward;
};

static void on_opened(void *data, const struct open_ui_result *result, const struct err *err)
{
	struct opening *opening = data;

	opening->is_over = true;
	if (err) {
		opening->err = *err;
	} else {
		opening->has_forward = result->forward != NULL;
		printf("%s\n", result->url);
		if (result->command)
			fprintf(stderr,
				_("On your own machine first (the page is then on its port 8081):\n"
				  "  %s\n"),
				result->command);
		if (result->problem)
			fprintf(stderr, _("weir: no browser was started: %s\n"), result->problem);
	}
	loop_stop(opening->gather.session->loop);
}

static void on_interrupt(void *data)
{
	struct opening *opening = data;

	opening->is_over = true;
	loop_stop(opening->gather.session->loop);
}

static void on_forwards(void *data)
{
	struct opening *opening = data;

	if (forwards_count(opening->gather.session->forwards))
		return;
	fprintf(stderr, _("weir: closed: nobody used it for 15 minutes\n"));
	on_interrupt(opening);
}

static void run(struct opening *opening)
{
	while (!opening->is_over)
		loop_run(opening->gather.session->loop);
}

static void stay(struct opening *opening)
{
	struct session *session = opening->gather.session;

	opening->is_over = false;
	for (int i = 0; i < 3 && !opening->err.code; i++)
		loop_signal(session->loop, (int[]){SIGINT, SIGTERM, SIGHUP}[i], on_interrupt,
			opening, &opening->err);
	if (opening->err.code)
		return;
	forwards_on_change(session->forwards, on_forwards, opening);
	fprintf(stderr, _("Ctrl-C closes the way there.\n"));
	fflush(stdout);
	run(opening);
	forwards_on_change(session->forwards, NULL, NULL);
}

static int find(struct opening *opening, const char *word, bool only_url)
{
	struct app *app = NULL;
	struct session_context *context = NULL;
	int rc = gather_find_app(&opening->gather, word, &app, &context, &opening->err);

	if (rc)
		return rc;
	if (!app->cluster || !context)
		return err_set(&opening->err, E_NOTFOUND,
			_("%s: it is on no cluster that is known"), word);
	if (!app->job)
		fprintf(stderr, _("weir: no job of %s is known; this is the page of its cluster\n"),
			word);
	open_ui_start(opening->gather.session,
		&(struct open_ui_request){.context = context->config->name,
			.cluster = app->cluster->name,
			.job_id = app->job ? app->job->summary.id : NULL,
			.has_ended = app->job && job_status_is_terminal(app->job->summary.status),
			.only_url = only_url},
		on_opened, opening);
	return 0;
}

int verb_open(struct cli *cli)
{
	struct opening opening = {.gather = {.cli = cli}};
	bool only_url = cli_option(cli, "print") != NULL;

	if (cli->arg_count != 1) {
		err_set(&opening.err, E_ARG,
			_("open takes one application: name, team/name or job id"));
		return cli_fail(&opening.err);
	}
	opening.gather.app = cli->args[0];
	if (gather_run(&opening.gather, &opening.err))
		return cli_fail(&opening.err);
	json_decref(gather_errors(&opening.gather)); /* told on stderr */
	if (!find(&opening, cli->args[0], only_url))
		run(&opening);
	if (!opening.err.code && opening.has_forward)
		stay(&opening);
	gather_release(&opening.gather);
	return opening.err.code ? cli_fail(&opening.err) : 0;
}
