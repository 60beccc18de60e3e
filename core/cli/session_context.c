/*
 * One context of a run: its store, its hosts, and what its sources will need (they are opened by
 * session_start.c). What it declares is told to the fleet before anybody is asked.
 */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/cli/access.h"
#include "core/cli/prompter.h"
#include "core/cli/run_cluster.h"
#include "core/cli/session_private.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/query/query_record.h"
#include "core/source/flink/launcher.h"

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

static void declare_clusters(
	struct fleet *fleet, const struct context_config *config, const struct map *names)
{
	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct cluster_config *cluster = &config->clusters[i];

		if (names && !map_get(names, cluster->name))
			continue;
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
static void declare_variables(struct fleet *fleet, const struct context_config *config)
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
	fleet_set_context(fleet, config->name, settings, count, envs, config->flink_env_count);
	fleet_set_loop_rule(fleet, config->name,
		(struct loop_rule){(int)config->loop.restarts, config->loop.minutes * 60000});
	free(settings);
	free(envs);
}

void session_declare(
	struct fleet *fleet, const struct context_config *config, const struct map *clusters)
{
	declare_variables(fleet, config);
	declare_clusters(fleet, config, clusters);
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

int session_open_contexts(
	struct session *session, const struct session_options *options, struct err *err)
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
		if (options->reads_ahead)
			store_read_ahead(context->store);
		store_limit_history(context->store, context->config->history.kept_ms,
			context->config->history.bytes);
		free(dir);
		context->records = record_feed_new(
			session->loop, context->store, session->fleet, context->config->name);
		session_declare(session->fleet, context->config, NULL);
		poller_budget(session->poller, context->config->name,
			context->config->budget_per_second, context->config->budget_per_cluster);
		rc = open_ssh(context, err);
		if (rc)
			break;
		prepare_sources(context);
		record_feed_watch(context->records, run_clusters_read, context->made);
		fleet_subscribe(session->fleet, store_note, context->store);
	}
	return rc;
}
