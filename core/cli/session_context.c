/*
 * One context of a run: its store, its hosts, and the sources of its clusters, their histories and its
 * workspace. What it declares is told to the fleet before anybody is asked.
 */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/access.h"
#include "core/cli/prompter.h"
#include "core/cli/run_cluster.h"
#include "core/cli/session_private.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/query/query_record.h"
#include "core/source/flink/flink.h"
#include "core/source/flink/history.h"
#include "core/source/flink/launcher.h"
#include "core/source/workspace/workspace.h"

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

int session_open_contexts(struct session *session, struct err *err)
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
