/*
 * From what is remembered to asking: the recorder's marks, then the sources. With ten thousand of each that is
 * 30 ms, so once a person may type it is done a slice at a time, and keys are served in between. Whoever needs a
 * source before that waits for all of it, and nothing changes in the fleet until it is done: marks come first.
 */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/cli/access.h"
#include "core/cli/run_cluster.h"
#include "core/cli/session.h"
#include "core/query/query_record.h"
#include "core/source/flink/flink.h"
#include "core/source/flink/history.h"
#include "core/source/workspace/workspace.h"

#define SLICE_MS 3
#define SOURCES_A_LOOK 32

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

/* Those of the configuration from the next one on; false: the time is over. */
static bool open_sources(struct session_context *context, int64_t until_mono_ms)
{
	struct session *session = context->session;
	const struct context_config *config = context->config;

	if (config->workspace && !context->workspace) {
		context->workspace =
			workspace_source_new(session->loop, config->name, config->workspace);
		poller_add(session->poller, context->workspace, SNAPSHOT_WORKSPACE);
	}
	while (context->opened < config->cluster_count) {
		open_cluster(context, &config->clusters[context->opened++]);
		if (context->opened % SOURCES_A_LOOK == 0 && clock_mono_ms() >= until_mono_ms)
			return false;
	}
	return true;
}

static bool open_until(struct session *session, int64_t until_mono_ms)
{
	for (size_t i = 0; i < session->context_count && !session->has_sources; i++) {
		struct session_context *context = &session->contexts[i];

		if (context->is_loaded && !context->is_remembered)
			context->is_remembered =
				store_remember(context->store, session->fleet, until_mono_ms);
		if ((context->is_loaded && !context->is_remembered) ||
			!open_sources(context, until_mono_ms))
			return false;
	}
	session->has_sources = true;
	return true;
}

void session_open_sources(struct session *session)
{
	open_until(session, INT64_MAX);
}

static void started(struct session *session)
{
	session_share(session);
	poller_start(session->poller);
	for (size_t i = 0; i < session->context_count; i++)
		record_feed_start(session->contexts[i].records);
	if (session->starting.done)
		session->starting.done(session->starting.data);
}

static void on_slice(void *data)
{
	struct session *session = data;

	if (open_until(session, clock_mono_ms() + SLICE_MS))
		started(session);
	else
		loop_timer_set(session->starting.timer, 0, 0);
}

void session_start(struct session *session, void (*done)(void *data), void *data)
{
	session->starting.done = done;
	session->starting.data = data;
	session->starting.timer = loop_timer(session->loop, 0, 0, on_slice, session);
}
