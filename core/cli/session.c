/* Puts the parts of one run together, in the order in which they may need one another, and apart
 * again. */
#include "core/cli/session.h"

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
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/query/query_record.h"
#include "core/source/flink/flink.h"
#include "core/source/flink/history.h"
#include "core/source/flink/launcher.h"
#include "core/source/workspace/workspace.h"

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
				rc = err_set(err, E_ARG, "--context names '%s' twice", name);
		if (!rc)
			add_context(session, found);
	}
	free(copy);
	return rc;
}

static void on_prompt(void *data, const struct ssh_prompt *prompt)
{
	struct session_context *context = data;

	const struct session *session = context->session;

	if (session->asker)
		session->asker->ask(session->asker_data, context->ssh, prompt);
	else
		prompter_ask(session->prompter, context->ssh, prompt);
}

static void on_prompt_gone(void *data, uint64_t prompt_id)
{
	struct session_context *context = data;
	const struct session *session = context->session;

	if (session->asker)
		session->asker->gone(session->asker_data, context->ssh, prompt_id);
}

static void on_store_problem(void *data, const struct err *err)
{
	struct session_context *context = data;
	struct session *session = context->session;
	context->store_problem = err ? *err : (struct err){0};
	if (err)
		vec_push(&context->store_told, *err);
	else
		context->store_told.len = 0;
	/* One store that works again does not hide another one's trouble. */
	session->store_problem = context->store_problem;
	for (size_t i = 0; !session->store_problem.code && i < session->context_count; i++)
		session->store_problem = session->contexts[i].store_problem;
	if (session->on_problem)
		session->on_problem(session->problem_data,
			session->store_problem.code ? &session->store_problem : NULL);
}

/* The hosts, and this machine: nothing is connected yet. */
static int open_ssh(struct session_context *context, struct err *err)
{
	const struct session *session = context->session;
	bool can_ask = session->prompter || session->asker;

	return ssh_open(&context->ssh,
		&(struct ssh_options){
			.loop = session->loop,
			.log = session->log,
			.hosts = context->config->hosts,
			.host_count = context->config->host_count,
			.known_hosts = context->config->known_hosts,
			.on_prompt = can_ask ? on_prompt : NULL,
			.on_prompt_gone = on_prompt_gone,
			.data = context,
		},
		err);
}

/* Who remembers what has ended on this cluster. */
static void open_history(struct session_context *context, const struct cluster_config *cluster)
{
	struct session *session = context->session;
	struct err no_way = {0};
	struct flink_history_options options = {
		.loop = session->loop,
		.http = session->http,
		.ssh = context->ssh,
		.context = context->config->name,
		.cluster = cluster->name,
		.dir = cluster->archive_dir,
		.host = cluster->archive_host,
		.server = cluster->history_server,
		.via = cluster->via,
	};
	struct source *source;

	if (!options.dir && !options.server)
		return;
	if (options.server) {
		options.access = access_made(
			context->accesses, cluster->name, options.server, cluster->via, &no_way);
		options.unsupported = options.access ? NULL : no_way.text;
	}
	source = flink_history_new(&options);
	context->histories[context->history_count++] = source;
	poller_add_history(session->poller, source);
}

static void open_cluster(struct session_context *context, const struct cluster_config *cluster)
{
	struct session *session = context->session;
	size_t count = json_array_size(cluster->rest);
	const char **addresses = xcalloc(count + 1, sizeof(*addresses));
	struct err no_way = {0};
	struct flink_source_options options = {
		.loop = session->loop,
		.http = session->http,
		.context = context->config->name,
		.cluster = cluster->name,
		.addresses = addresses,
		.address_count = count,
		.ssh = context->ssh,
		.via = cluster->via,
		.access = access_of(context->accesses, cluster, &no_way),
	};
	struct source *source;

	for (size_t k = 0; k < count; k++)
		addresses[k] = json_string_value(json_array_get(cluster->rest, k));
	options.unsupported = options.access ? NULL : no_way.text;
	source = flink_source_new(&options);
	run_clusters_add(context->made, source);
	free(addresses);
	poller_add(session->poller, source, SNAPSHOT_CLUSTER);
	if (cluster->budget_per_second)
		poller_limit(session->poller, source, cluster->budget_per_second);
	open_history(context, cluster);
}

static void open_sources(struct session_context *context)
{
	struct session *session = context->session;
	const struct context_config *config = context->config;

	if (config->workspace) {
		context->workspace =
			workspace_source_new(session->loop, config->name, config->workspace);
		poller_add(session->poller, context->workspace, SNAPSHOT_WORKSPACE);
	}
	for (size_t i = 0; i < config->cluster_count; i++)
		open_cluster(context, &config->clusters[i]);
}

void session_open_sources(struct session *session)
{
	if (session->has_sources)
		return;
	session->has_sources = true;
	for (size_t i = 0; i < session->context_count; i++) {
		struct session_context *context = &session->contexts[i];

		if (context->is_loaded)
			store_remember(context->store, session->fleet);
		open_sources(context);
	}
}

/* What the fleet is told of the configuration, before anybody is asked. */
static void declare_clusters(struct session_context *context)
{
	const struct context_config *config = context->config;
	struct fleet *fleet = context->session->fleet;

	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct cluster_config *cluster = &config->clusters[i];

		fleet_add_cluster(fleet, config->name, cluster->name,
			cluster_type_words[cluster->type],
			json_string_value(json_array_get(cluster->rest, 0)));
		if (access_tls(cluster))
			fleet_set_cluster_tls(
				fleet, config->name, cluster->name, access_tls(cluster));
		if (json_array_size(cluster->rest) > 1)
			fleet_set_cluster_addresses(
				fleet, config->name, cluster->name, json_array_size(cluster->rest));
		if (cluster->archive_dir || cluster->history_server)
			fleet_set_cluster_history(fleet, config->name, cluster->name);
	}
}

/* What its sources will need; nothing is asked yet. */
static void prepare_sources(struct session_context *context)
{
	const struct context_config *config = context->config;

	context->launcher = flink_launcher_new(&(struct flink_launcher_options){
		.loop = context->session->loop,
		.http = context->session->http,
		.hosts = context->ssh,
		.context = config->name,
	});
	context->accesses = accesses_new(context);
	context->clusters = xcalloc(config->cluster_count + 1, sizeof(*context->clusters));
	context->histories = xcalloc(config->cluster_count + 1, sizeof(*context->histories));
	context->made = run_clusters_new(context);
}

/* What applications of this context refer to. */
static void open_variables(struct session *session, const struct context_config *config)
{
	size_t count = json_object_size(config->variables), i = 0;
	struct setting *settings = xcalloc(count + 1, sizeof(*settings));
	struct flink_env *envs = xcalloc(config->flink_env_count + 1, sizeof(*envs));
	const char *key;
	json_t *value;

	json_object_foreach (config->variables, key, value)
		settings[i++] = (struct setting){key, json_string_value(value)};
	for (size_t k = 0; k < config->flink_env_count; k++) {
		const struct flink_env_config *env = &config->flink_envs[k];
		envs[k] = (struct flink_env){env->name, env->home, env->host, env->sql_gateway};
	}
	fleet_set_context(
		session->fleet, config->name, settings, count, envs, config->flink_env_count);
	fleet_set_loop_rule(session->fleet, config->name,
		(struct loop_rule){(int)config->loop.restarts, config->loop.minutes * 60000});
	free(settings);
	free(envs);
}

/* What was connected is dead by now, or leads elsewhere. */
static void on_sleep(void *data)
{
	http_renew(((struct session *)data)->http);
}

char *session_store_dir(const struct session *session, const struct context_config *context)
{
	return xasprintf("%s/%s", session->store_dir, context->name);
}

static int open_contexts(struct session *session, struct err *err)
{
	int rc = 0;

	session->poller = poller_new(&(struct poller_options){.loop = session->loop,
		.fleet = session->fleet,
		.timeout_ms = session->timeout_ms,
		.on_sleep = on_sleep,
		.may_ask = session_may_ask,
		.data = session});
	for (size_t i = 0; !rc && i < session->context_count; i++) {
		struct session_context *context = &session->contexts[i];
		char *dir = session_store_dir(session, context->config);
		store_open(&context->store, session->loop, dir, context->config->name,
			on_store_problem, context);
		store_limit_history(context->store, context->config->history.kept_ms,
			context->config->history.bytes);
		free(dir);
		context->records = record_feed_new(
			session->loop, context->store, session->fleet, context->config->name);
		open_variables(session, context->config);
		poller_budget(session->poller, context->config->name,
			context->config->budget_per_second, context->config->budget_per_cluster);
		rc = open_ssh(context, err);
		if (rc)
			break;
		prepare_sources(context);
		declare_clusters(context);
		record_feed_watch(context->records, run_clusters_read, context->made);
		fleet_subscribe(session->fleet, store_note, context->store);
	}
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
	mem_expect(FLEET_BYTES);
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
	rc = open_contexts(session, err);
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
	if (session->has_sources)
		store_remember(context->store, session->fleet);
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

void session_start(struct session *session)
{
	session_open_sources(session);
	session_share(session);
	poller_start(session->poller);
	for (size_t i = 0; i < session->context_count; i++)
		record_feed_start(session->contexts[i].records);
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

void session_close(struct session *session)
{
	if (!session)
		return;
	session->store_is_told |= session->on_problem != NULL;
	session->on_problem = NULL;
	session->on_polling = NULL;
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
	fleet_free(session->fleet);
	loop_close_within(session->loop, CLOSE_PATIENCE_MS);
	command_log_free(session->log);
	config_free(session->config);
	free(session->contexts);
	free(session->store_dir);
	free(session);
}
