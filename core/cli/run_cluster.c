/*
 * Sources come and go while actions hold some of them. So what is left is only closed at the end of
 * the session, and the list of a context's sources, which actions borrow, never moves: where it has
 * to grow, the old one is kept.
 */
#include "core/cli/run_cluster.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/access.h"
#include "core/source/flink/flink.h"

struct made {
	struct source *source;
	char *name, *address, *via;
	bool is_named; /* scratch of run_clusters_read() */
};

struct run_clusters {
	struct session_context *context;
	size_t alloc; /* of context->clusters */
	VEC(struct made *) open;
	VEC(struct source *) left;
	VEC(struct source **) old_lists;
};

struct run_clusters *run_clusters_new(struct session_context *context)
{
	struct run_clusters *made = xcalloc(1, sizeof(*made));

	made->context = context;
	made->alloc = context->config->cluster_count;
	return made;
}

static void made_free(struct made *one)
{
	free(one->name);
	free(one->address);
	free(one->via);
	free(one);
}

void run_clusters_free(struct run_clusters *made)
{
	if (!made)
		return;
	for (size_t i = 0; i < made->left.len; i++)
		source_close(made->left.data[i]);
	/* Those that are open are among the context's, and closed with them. */
	for (size_t i = 0; i < made->open.len; i++)
		made_free(made->open.data[i]);
	for (size_t i = 0; i < made->old_lists.len; i++)
		free(made->old_lists.data[i]);
	vec_release(&made->left);
	vec_release(&made->open);
	vec_release(&made->old_lists);
	free(made);
}

void run_clusters_add(struct run_clusters *made, struct source *source)
{
	struct session_context *context = made->context;

	if (context->cluster_count >= made->alloc) {
		size_t alloc = made->alloc ? made->alloc * 2 : 8;
		struct source **list = xcalloc(alloc + 1, sizeof(struct source *));

		if (context->cluster_count)
			memcpy(list, context->clusters,
				context->cluster_count * sizeof(struct source *));
		vec_push(&made->old_lists, context->clusters);
		context->clusters = list;
		made->alloc = alloc;
	}
	context->clusters[context->cluster_count++] = source;
}

/* The last takes its place; what is behind the end stays readable for who counted before. */
static void remove_source(struct run_clusters *made, struct source *source)
{
	struct session_context *context = made->context;

	for (size_t i = 0; i < context->cluster_count; i++)
		if (context->clusters[i] == source) {
			context->clusters[i] = context->clusters[context->cluster_count - 1];
			context->cluster_count--;
			break;
		}
	poller_remove(context->session->poller, source);
	vec_push(&made->left, source);
}

static const char *type_of(const struct run_cluster *cluster)
{
	return cluster_type_words[str_starts(cluster->target, "yarn") ? CLUSTER_YARN
								      : CLUSTER_KUBERNETES];
}

static struct source *new_source(struct run_clusters *made, const struct run_cluster *cluster)
{
	const struct session_context *context = made->context;
	struct session *session = context->session;
	struct flink_source_options options = {
		.loop = session->loop,
		.http = session->http,
		.context = context->config->name,
		.cluster = cluster->name,
		.addresses = (const char *const[]){cluster->address},
		.address_count = 1,
		.via = cluster->via,
		.ssh = context->ssh,
	};
	struct err err = {0};

	options.access =
		access_made(context->accesses, cluster->name, cluster->address, cluster->via, &err);
	if (!options.access)
		options.unsupported = err.text;
	return flink_source_new(&options);
}

static bool is_configured(const struct run_clusters *made, const char *name)
{
	const struct context_config *config = made->context->config;

	for (size_t i = 0; i < config->cluster_count; i++)
		if (str_eq(config->clusters[i].name, name))
			return true;
	return false;
}

static struct made *find(struct run_clusters *made, const char *name)
{
	for (size_t i = 0; i < made->open.len; i++)
		if (str_eq(made->open.data[i]->name, name))
			return made->open.data[i];
	return NULL;
}

static struct made *open_one(struct run_clusters *made, const struct run_cluster *cluster)
{
	struct session *session = made->context->session;
	struct made *one = find(made, cluster->name);

	if (one && str_eq(one->address, cluster->address) && str_eq(one->via, cluster->via))
		return one;
	if (!one) {
		one = xcalloc(1, sizeof(*one));
		one->name = xstrdup(cluster->name);
		vec_push(&made->open, one);
	} else {
		remove_source(made, one->source);
	}
	free(one->address);
	free(one->via);
	one->address = xstrdup(cluster->address);
	one->via = xstrdup_null(cluster->via);
	one->source = new_source(made, cluster);
	fleet_add_run_cluster(session->fleet, made->context->config->name, cluster->name,
		type_of(cluster), cluster->address);
	run_clusters_add(made, one->source);
	poller_add(session->poller, one->source, SNAPSHOT_CLUSTER);
	return one;
}

struct source *run_clusters_open(void *data, const struct run_cluster *cluster)
{
	struct run_clusters *made = data;

	if (is_configured(made, cluster->name))
		return NULL;
	return open_one(made, cluster)->source;
}

bool run_clusters_via(
	const struct run_clusters *made, size_t at, const char **name, const char **via)
{
	if (at >= made->open.len)
		return false;
	*name = made->open.data[at]->name;
	*via = made->open.data[at]->via;
	return true;
}

void run_clusters_read(void *data, const struct snapshot *snapshot)
{
	struct run_clusters *made = data;

	for (size_t i = 0; i < made->open.len; i++)
		made->open.data[i]->is_named = false;
	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct run_cluster *cluster = &snapshot->records[i].cluster;

		if (!cluster->name)
			continue;
		if (is_configured(made, cluster->name))
			log_write(
				LOG_DEBUG, "cluster %s is one of the configuration", cluster->name);
		else
			open_one(made, cluster)->is_named = true;
	}
	for (size_t i = made->open.len; i > 0; i--) {
		struct made *one = made->open.data[i - 1];

		if (one->is_named)
			continue;
		remove_source(made, one->source);
		fleet_remove_cluster(
			made->context->session->fleet, made->context->config->name, one->name);
		made_free(one);
		made->open.data[i - 1] = made->open.data[--made->open.len];
	}
}
