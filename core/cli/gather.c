/* Shared by get, describe and config check. */
#include "core/cli/gather.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/output.h"

#define DEADLINE_DEFAULT_MS 10000

static void on_round(void *data, int asked, int answered)
{
	struct gather *gather = data;
	gather->asked = asked;
	gather->answered = answered;
	gather->is_done = true;
	loop_stop(gather->session->loop);
}

static bool accept_all(void *data, const struct app *app)
{
	(void)data;
	(void)app;
	return true;
}

static void on_connected(void *data)
{
	struct gather *gather = data;
	int64_t limit = gather->cli->session.timeout_ms;
	struct poller_round round = {
		.local_only = gather->local_only,
		.details = gather->details,
		.parts = gather->parts,
		.wanted = gather->wanted ? gather->wanted : accept_all,
		.done = on_round,
		.data = gather,
		.deadline_ms = limit > 0 ? limit : DEADLINE_DEFAULT_MS,
	};
	poller_round(gather->session->poller, &round);
}

static void on_loaded(void *data)
{
	struct gather *gather = data;
	if (gather->cached) {
		gather->is_done = true;
		loop_stop(gather->session->loop);
		return;
	}
	if (gather->local_only)
		on_connected(gather);
	else
		session_connect(gather->session, on_connected, gather);
}

int gather_run(struct gather *gather, struct err *err)
{
	struct session_options options = gather->cli->session;
	options.asks = !gather->cached;
	int rc = session_open(&gather->session, &options, err);
	if (rc)
		return rc;
	session_load(gather->session, on_loaded, gather);
	while (!gather->is_done)
		loop_run(gather->session->loop);
	return 0;
}

void gather_again(struct gather *gather)
{
	gather->cached = gather->local_only = gather->is_done = false;
	session_connect(gather->session, on_connected, gather);
	while (!gather->is_done)
		loop_run(gather->session->loop);
}

int gather_find_app(const struct gather *gather, const char *word, struct app **out,
	struct session_context **context, struct err *err)
{
	struct session *session = gather->session;
	struct app *apps[8];
	size_t found = fleet_find_apps(session->fleet, word, apps, ARRAY_SIZE(apps));
	struct buf names;

	if (found == 0)
		return err_set(err, E_NOTFOUND, _("there is no application '%s'"), word);
	buf_init(&names, 0);
	for (size_t i = 0; found > 1 && i < found && i < ARRAY_SIZE(apps); i++) {
		const struct app *app = apps[i];

		buf_adds(&names, i ? ", " : "");
		if (app->decl)
			buf_addf(&names, "%s/%s", app->decl->team, app->decl->name);
		else
			buf_addf(&names, "%s/%s", app->cluster->name, app->job->summary.id);
	}
	if (found > 1)
		err_set(err, E_ARG, _("'%s' may be any of: %s"), word, buf_str(&names));
	buf_release(&names);
	if (found > 1)
		return err->code;
	*out = apps[0];
	for (size_t i = 0; context && i < session->context_count; i++)
		if (str_eq(session->contexts[i].config->name, apps[0]->context))
			*context = &session->contexts[i];
	return 0;
}

void gather_release(struct gather *gather)
{
	session_close(gather->session);
	gather->session = NULL;
}

static void add_decl_errors(const struct fleet *fleet, json_t *errors)
{
	size_t count;
	struct team *const *teams = fleet_teams(fleet, &count);
	for (size_t i = 0; i < count; i++)
		if (teams[i]->decl->error) {
			struct err why;
			err_set(&why, E_CONFIG, "%s", teams[i]->decl->error);
			output_error(errors, "workspace", &why);
		}
	struct app *const *apps = fleet_apps(fleet, &count);
	for (size_t i = 0; i < count; i++)
		if (apps[i]->decl && apps[i]->decl->error) {
			struct err why;
			err_set(&why, E_CONFIG, "%s", apps[i]->decl->error);
			output_error(errors, "workspace", &why);
		}
}

json_t *gather_errors(const struct gather *gather)
{
	const struct session *session = gather->session;
	json_t *errors = json_array();
	size_t count;
	struct cluster *const *clusters = fleet_clusters(session->fleet, &count);
	for (size_t i = 0; i < count; i++) {
		const struct cluster *cluster = clusters[i];
		if (cluster->last_err.code) {
			output_error(errors, cluster->name, &cluster->last_err);
		} else if (!cluster->has_answered && !gather->cached && !gather->local_only) {
			struct err why;
			err_set(&why, E_TIMEOUT, "%s did not answer in time", cluster->address);
			output_error(errors, cluster->name, &why);
		}
	}
	for (size_t i = 0; i < session->context_count; i++) {
		const struct err *why =
			fleet_workspace_error(session->fleet, session->contexts[i].config->name);
		if (why)
			output_error(errors, "workspace", why);
	}
	add_decl_errors(session->fleet, errors);
	if (session->store_problem.code)
		output_error(errors, "store", &session->store_problem);
	return errors;
}

int gather_exit_code(const struct gather *gather)
{
	/* Then the store was all that was asked. */
	if (gather->cached && gather->session->load_failed)
		return err_exit_code(gather->session->store_problem.code
				? gather->session->store_problem.code
				: E_INTERNAL);
	if (gather->asked > 0 && gather->answered == 0)
		return err_exit_code(E_NET);
	return gather->answered < gather->asked ? err_exit_code(E_PARTIAL) : 0;
}
