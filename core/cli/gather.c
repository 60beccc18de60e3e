/* Shared by get, describe and config check. */
#include "core/cli/gather.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/output.h"
#include "core/present/outage.h"

#define DEADLINE_DEFAULT_MS 10000

static void on_round(void *data, int asked, int answered)
{
	struct gather *gather = data;
	gather->asked = gather->local_asked + asked;
	gather->answered = gather->local_answered + answered;
	gather->is_done = true;
	loop_stop(gather->session->loop);
}

static bool accept_all(void *data, const struct app *app)
{
	(void)data;
	(void)app;
	return true;
}

/* Is that cluster asked? */
static bool is_wanted(const struct gather *gather, const char *context, const char *cluster)
{
	return !gather->only_context ||
		(str_eq(gather->only_context, context) &&
			(str_eq(gather->only_clusters[0], cluster) ||
				str_eq(gather->only_clusters[1], cluster)));
}

static void ask_everybody(struct gather *gather)
{
	free(gather->only_context);
	free(gather->only_clusters[0]);
	free(gather->only_clusters[1]);
	gather->only_context = gather->only_clusters[0] = gather->only_clusters[1] = NULL;
}

/* The workspace was read by then. */
static bool asks_only(void *data, const struct source *source)
{
	const struct gather *gather = data;
	const struct session *session = gather->session;

	for (size_t i = 0; i < session->context_count; i++)
		if (session->contexts[i].workspace == source)
			return false;
	return is_wanted(gather, source->context, source->name);
}

static void on_connected(void *data)
{
	struct gather *gather = data;
	int64_t limit = gather->cli->session.timeout_ms;
	struct poller_round round = {
		.local_only = gather->local_only,
		.asks = gather->only_context ? asks_only : NULL,
		.details = gather->details,
		.parts = gather->parts,
		.lag = gather->lag,
		.wanted = gather->wanted ? gather->wanted : accept_all,
		.done = on_round,
		.data = gather,
		.deadline_ms = limit > 0 ? limit : DEADLINE_DEFAULT_MS,
	};
	poller_round(gather->session->poller, &round);
}

static bool via_only(void *data, const struct session_context *context, const char *cluster)
{
	return is_wanted(data, context->config->name, cluster);
}

static void connect_hosts(struct gather *gather)
{
	session_connect(gather->session, via_only, on_connected, gather);
}

/* What is declared is known: who else has to be asked? */
static void on_local(void *data, int asked, int answered)
{
	struct gather *gather = data;
	struct app *found[2], *app;
	size_t count = fleet_find_apps(gather->session->fleet, gather->app, found, 2);

	app = found[0];
	/* Of a job that nobody declared the clusters know; an ambiguity is theirs to add to. */
	if (count == 1 && app->decl && (app->cluster_name || app->job)) {
		gather->local_asked = asked;
		gather->local_answered = answered;
		gather->only_context = xstrdup(app->context);
		gather->only_clusters[0] = xstrdup_null(app->cluster_name);
		gather->only_clusters[1] = app->job ? xstrdup(app->job->cluster->name) : NULL;
	}
	if (gather->only_context && gather->needs_no_cluster)
		on_round(gather, 0, 0);
	else
		connect_hosts(gather);
}

static void ask_local(struct gather *gather)
{
	struct poller_round round = {.local_only = true,
		.done = on_local,
		.data = gather,
		.deadline_ms = DEADLINE_DEFAULT_MS};

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
	else if (gather->app)
		ask_local(gather);
	else
		connect_hosts(gather);
}

int gather_run(struct gather *gather, struct err *err)
{
	struct session_options options = gather->cli->session;
	options.asks = !gather->cached;
	options.sources_later = options.reads_ahead = gather->cached;
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
	ask_everybody(gather);
	session_open_sources(gather->session);
	connect_hosts(gather);
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
	if (gather->session)
		gather->session->is_last = gather->cached;
	session_close(gather->session);
	gather->session = NULL;
	ask_everybody(gather);
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

/* One line for each, or one for many that fail alike. */
static void tell_outages(struct map *outages)
{
	struct buf text;

	buf_init(&text, 0);
	map_each (entry, outages) {
		const struct outage *outage = map_value(entry);
		const struct outage_member *member;

		buf_reset(&text);
		if (outage_text(outage, &text))
			output_complain(NULL, buf_str(&text));
		else
			vec_each (member, &outage->members)
				output_complain(member->cluster->name, member->text);
	}
	buf_release(&text);
	outages_free(outages);
}

json_t *gather_errors(const struct gather *gather)
{
	const struct session *session = gather->session;
	struct map *outages = outages_new();
	json_t *errors = json_array();
	size_t count;
	struct cluster *const *clusters = fleet_clusters(session->fleet, &count);
	for (size_t i = 0; i < count; i++) {
		const struct cluster *cluster = clusters[i];
		struct err why;
		if (!is_wanted(gather, cluster->context, cluster->name))
			continue;
		if (cluster->history_err.code) {
			kept_err_get(&cluster->history_err, &why);
			output_error(errors, cluster->name, &why);
		}
		if (cluster->last_err.code) {
			kept_err_get(&cluster->last_err, &why);
			output_error_quiet(errors, cluster->name, &why);
			outages_add(outages, cluster, why.text);
		} else if (!cluster->has_answered && !gather->cached && !gather->local_only) {
			err_set(&why, E_TIMEOUT, _("%s did not answer in time"), cluster->address);
			output_error_quiet(errors, cluster->name, &why);
			outages_add(outages, cluster, why.text);
		}
	}
	tell_outages(outages);
	for (size_t i = 0; i < session->context_count; i++) {
		const struct err *why =
			fleet_workspace_error(session->fleet, session->contexts[i].config->name);
		if (why)
			output_error(errors, "workspace", why);
	}
	add_decl_errors(session->fleet, errors);
	gather->session->store_is_told = true;
	for (size_t i = 0; i < session->context_count; i++)
		for (size_t k = 0; k < session->contexts[i].store_told.len; k++)
			output_error(errors, "store", &session->contexts[i].store_told.data[k]);
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
