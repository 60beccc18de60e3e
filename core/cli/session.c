/* Puts the parts of one run together, in the order in which they may need one another, and apart
 * again. */
#include "core/cli/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/clock.h"
#include "core/base/command_log.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/access.h"
#include "core/cli/limits.h"
#include "core/cli/open_ui.h"
#include "core/cli/prompter.h"
#include "core/cli/run_cluster.h"
#include "core/cli/session_head.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/query/query_record.h"

/* What quitting waits for a name server or a file system that does not answer. */
#define CLOSE_PATIENCE_MS 300
/* A fleet as large as weir is made for. */
#define FLEET_BYTES ((size_t)64 << 20)

static const char *const local_url = "http://localhost:8081";

static int read_config(
	struct session *session, const struct session_options *options, struct err *err)
{
	if (options->rest_count) {
		for (size_t i = 0; i < options->rest_count; i++) {
			const char *problem = config_rest_problem(options->rest[i]);
			if (problem) {
				char *shown = http_url_display(options->rest[i]);
				err_set(err, E_ARG, "--rest %s: %s", shown, problem);
				free(shown);
				return E_ARG;
			}
		}
		session->config = config_from_rest(options->rest, options->rest_count);
		return 0;
	}
	char *path = options->config_path ? xstrdup(options->config_path) : config_default_path();
	struct err why = {0};
	int rc = config_read(&session->config, path, &why);
	/* Only the default place may be empty: what was named must be there. */
	if (rc == E_NOTFOUND && !options->config_path && !getenv("WEIR_CONFIG")) {
		session->config = config_from_rest(&local_url, 1);
		session->is_unconfigured = true;
		rc = 0;
	} else if (rc == E_NOTFOUND) {
		rc = err_set(err, E_CONFIG,
			_("%s; name another file with --config, or a JobManager with --rest URL"),
			why.text);
	} else if (rc && err) {
		*err = why;
	}
	free(path);
	return rc;
}

static void add_context(struct session *session, const struct context_config *config)
{
	struct session_context *context = &session->contexts[session->context_count++];
	context->config = config;
	context->session = session;
}

/* NULL: the current one; "all"; or names separated by commas. */
static int choose_contexts(struct session *session, const char *names, struct err *err)
{
	const struct config *config = session->config;
	const struct context_config *found;
	session->contexts = xcalloc(config->context_count + 1, sizeof(*session->contexts));
	if (str_eq(names, "all")) {
		for (size_t i = 0; i < config->context_count; i++)
			add_context(session, &config->contexts[i]);
		return 0;
	}
	if (!names) {
		int rc = config_context(config, NULL, &found, err);
		if (!rc)
			add_context(session, found);
		return rc;
	}
	int rc = 0;
	char *copy = xstrdup(names), *rest = copy;
	for (char *name; !rc && (name = strsep(&rest, ","));) {
		rc = config_context(config, name, &found, err);
		for (size_t i = 0; !rc && i < session->context_count; i++)
			if (session->contexts[i].config == found)
				rc = err_set(err, E_ARG, _("--context names '%s' twice"), name);
		if (!rc)
			add_context(session, found);
	}
	free(copy);
	return rc;
}

/* --verbose: the diagnostic log says all that was asked of others. */
static void note_command(void *data, const struct command_entry *entry)
{
	char status[16] = "";

	(void)data;
	if (entry->status >= 0)
		snprintf(status, sizeof(status), " %d", entry->status);
	log_write(LOG_DEBUG, "%s: %s %s:%s %lld ms%s%s", entry->where,
		command_kind_name(entry->kind), entry->what, status, (long long)entry->duration_ms,
		entry->error ? ": " : "", entry->error ? entry->error : "");
}

int session_open(struct session **out, const struct session_options *options, struct err *err)
{
	/* Who prints all of it holds more at a time than who shows it. */
	mem_expect(options->reads_ahead ? 2 * FLEET_BYTES : FLEET_BYTES);
	struct session *session = xcalloc(1, sizeof(*session));
	open_files_raise();
	session->timeout_ms = options->timeout_ms;
	session->log = command_log_new(0);
	command_log_watch(session->log, note_command, NULL);
	session->store_dir =
		options->store_dir ? file_expand(options->store_dir, NULL) : file_xdg("STATE");
	int rc = read_config(session, options, err);
	if (!rc)
		rc = choose_contexts(session, options->contexts, err);
	if (!rc && options->config_only) {
		*out = session;
		return 0;
	}
	if (!rc)
		rc = loop_open(&session->loop, err);
	if (!rc && options->wants_head)
		session_head_begin(session);
	if (!rc)
		rc = http_open(&session->http, session->loop,
			&(struct http_options){.log = session->log}, err);
	if (rc) {
		session_close(session);
		return rc;
	}
	session->forwards = forwards_new(
		&(struct forward_options){.loop = session->loop, .is_shared = open_ui_is_remote()});
	session->fleet = fleet_new();
	session->asker = options->asker;
	session->asker_data = options->asker_data;
	if (options->asks)
		session->prompter = prompter_new(session->loop);
	rc = session_open_contexts(session, options, err);
	if (rc) {
		session_close(session);
		return rc;
	}
	if (!options->sources_later)
		session_open_sources(session);
	*out = session;
	return 0;
}

static void on_loaded(void *data, struct snapshot *const *snapshots, size_t count, bool is_last,
	const struct err *err)
{
	struct session_context *context = data;
	struct session *session = context->session;
	/* What could not be read was told by on_store_problem; what was read still counts. */
	session->load_failed |= err != NULL;
	fleet_load(session->fleet, snapshots, count, clock_wall_ms());
	if (!is_last)
		return;
	fleet_load_end(session->fleet, context->config->name, clock_wall_ms());
	context->is_loaded = true;
	/* Else with the sources (session_start.c). */
	if (session->has_sources)
		store_remember(context->store, session->fleet, INT64_MAX);
	if (--session->loads_left == 0)
		session->on_loaded(session->loaded_data);
}

/* First they say which clusters there are, beside those of the configuration. */
static void on_records(void *data)
{
	struct session_context *context = data;

	fleet_load_begin(context->session->fleet);
	store_load(context->store, on_loaded, context);
}

void session_load(struct session *session, void (*done)(void *data), void *data)
{
	session->on_loaded = done;
	session->loaded_data = data;
	session->loads_left = session->context_count;
	for (size_t i = 0; i < session->context_count; i++)
		record_feed_ask(session->contexts[i].records, on_records, &session->contexts[i]);
}

static void connected(struct session *session)
{
	if (--session->connects_left == 0)
		session->on_connected(session->connected_data);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	(void)result;
	(void)err;
	connected(data);
}

void session_connect(struct session *session,
	bool (*wants)(void *data, const struct session_context *context, const char *cluster),
	void (*done)(void *data), void *data)
{
	session->on_connected = done;
	session->connected_data = data;
	session->connects_left = 1;
	for (size_t i = 0; i < session->context_count; i++) {
		const struct session_context *context = &session->contexts[i];
		const struct context_config *config = context->config;
		const char *name, *via;

		/* Once more for a host that several clusters share: it costs a message. */
		for (size_t k = 0; k < config->cluster_count; k++) {
			if (!config->clusters[k].via ||
				(wants && !wants(data, context, config->clusters[k].name)))
				continue;
			session->connects_left++;
			ssh_connect(context->ssh, config->clusters[k].via, on_connected, session);
		}
		for (size_t k = 0; run_clusters_via(context->made, k, &name, &via); k++) {
			if (!via || (wants && !wants(data, context, name)))
				continue;
			session->connects_left++;
			ssh_connect(context->ssh, via, on_connected, session);
		}
	}
	connected(session);
}

void session_runs_changed(struct session *session)
{
	for (size_t i = 0; i < session->context_count; i++)
		record_feed_ask(session->contexts[i].records, NULL, NULL);
}

struct session_context *session_context(struct session *session, const char *name)
{
	for (size_t i = 0; i < session->context_count; i++)
		if (str_eq(session->contexts[i].config->name, name))
			return &session->contexts[i];
	return NULL;
}

struct store *session_store(struct session *session, const char *context)
{
	struct session_context *found = session_context(session, context);

	return found ? found->store : NULL;
}

struct session_context *session_action_options(
	struct session *session, const struct app *app, struct action_options *out)
{
	struct session_context *context = session_context(session, app->context);
	const char *cluster = app->job ? app->job->cluster->name
		: app->decl            ? app->decl->cluster
				       : NULL;

	session_open_sources(session);
	*out = (struct action_options){.loop = session->loop, .fleet = session->fleet, .app = app};
	if (!context)
		return NULL;
	out->store = context->store;
	out->config = context->config;
	out->hosts = context->ssh;
	out->sources = context->clusters;
	out->source_count = context->cluster_count;
	out->launcher = context->launcher;
	out->open_cluster = run_clusters_open;
	out->clusters = context->made;
	for (size_t i = 0; i < context->cluster_count; i++)
		if (str_eq(context->clusters[i]->name, cluster))
			out->source = context->clusters[i];
	return context;
}

static bool is_left(const struct session *session)
{
#ifdef WEIR_SANITIZED
	(void)session;
	return false;
#else
	return session->is_last;
#endif
}

void session_close(struct session *session)
{
	if (!session)
		return;
	session->store_is_told |= session->on_problem != NULL;
	session->on_problem = NULL;
	session->on_polling = NULL;
	loop_timer_cancel(session->starting.timer);
	session_head_cancel(session);
	char *head_dir = session->fleet ? session_head_dir(session) : NULL;
	poller_free(session->poller);
	for (size_t i = 0; i < session->context_count; i++) {
		struct session_context *context = &session->contexts[i];
		for (size_t k = 0; k < context->cluster_count; k++)
			source_close(context->clusters[k]);
		free(context->clusters);
		for (size_t k = 0; k < context->history_count; k++)
			source_close(context->histories[k]);
		free(context->histories);
		run_clusters_free(context->made);
		source_close(context->launcher);
		source_close(context->workspace);
		record_feed_free(context->records);
		store_close(context->store);
		for (size_t k = 0; k < context->store_told.len && !session->store_is_told; k++)
			fprintf(stderr, "weir: store: %s\n", context->store_told.data[k].text);
		vec_release(&context->store_told);
	}
	http_close(session->http);
	for (size_t i = 0; i < session->context_count; i++)
		accesses_free(session->contexts[i].accesses);
	forwards_free(session->forwards);
	for (size_t i = 0; i < session->context_count; i++)
		ssh_close(session->contexts[i].ssh);
	prompter_free(session->prompter);
	if (!is_left(session))
		fleet_free(session->fleet);
	loop_close_within(session->loop, CLOSE_PATIENCE_MS);
	/* Who waits for a shell has it by now. */
	if (head_dir)
		session_head_keep(session->contexts[0].config, head_dir);
	free(head_dir);
	command_log_free(session->log);
	if (!is_left(session))
		config_free(session->config);
	free(session->contexts);
	free(session->store_dir);
	free(session);
}
