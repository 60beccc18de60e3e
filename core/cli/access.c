/* A host's tunnel goes before the context's proxy: what is behind a host is reached from there. */
#include "core/cli/access.h"

#include <stdlib.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/net/tunnel.h"

struct entry {
	const struct cluster_config *cluster; /* NULL: made by a start, or of several */
	struct http_access *access;
};

struct accesses {
	struct session_context *context;
	VEC(struct entry) entries;
	/* Of all clusters that need nothing of their own, which are nearly all; among `entries`. */
	struct http_access *plain;
};

struct accesses *accesses_new(struct session_context *context)
{
	struct accesses *accesses = xcalloc(1, sizeof(*accesses));

	accesses->context = context;
	return accesses;
}

void accesses_free(struct accesses *accesses)
{
	if (!accesses)
		return;
	for (size_t i = 0; i < accesses->entries.len; i++)
		http_access_free(accesses->entries.data[i].access);
	vec_release(&accesses->entries);
	free(accesses);
}

static struct http_access *add(struct accesses *accesses, const struct cluster_config *cluster,
	const char *via, struct http_access_options *options, struct err *err)
{
	const struct session_context *context = accesses->context;
	struct entry entry = {.cluster = cluster};

	options->loop = context->session->loop;
	options->log = context->session->log;
	options->via = via;
	options->proxy = via ? tunnel_proxy(context->ssh, via, err) : context->config->proxy;
	if (via && !options->proxy)
		return NULL;
	entry.access = http_access_new(options);
	vec_push(&accesses->entries, entry);
	return entry.access;
}

/* What goes with its requests is nothing, or what the context says. */
static bool is_plain(const struct cluster_config *cluster)
{
	const struct tls_config *tls = &cluster->tls;

	return !cluster->via && !tls->ca && !tls->cert && !tls->insecure &&
		!cluster->auth.secret.place;
}

static struct http_access *plain(struct accesses *accesses, struct err *err)
{
	if (!accesses->plain)
		accesses->plain = add(accesses, NULL, NULL, &(struct http_access_options){0}, err);
	return accesses->plain;
}

struct http_access *access_of(
	struct accesses *accesses, const struct cluster_config *cluster, struct err *err)
{
	size_t count = json_array_size(cluster->rest);
	const char **addresses;
	struct http_access *access;

	if (is_plain(cluster))
		return plain(accesses, err);
	for (size_t i = 0; i < accesses->entries.len; i++)
		if (accesses->entries.data[i].cluster == cluster)
			return accesses->entries.data[i].access;
	addresses = xcalloc(count + 1, sizeof(*addresses));
	for (size_t i = 0; i < count; i++)
		addresses[i] = json_string_value(json_array_get(cluster->rest, i));
	access = add(accesses, cluster, cluster->via,
		&(struct http_access_options){.name = cluster->name,
			.addresses = addresses,
			.address_count = count,
			.tls = &cluster->tls,
			.auth = &cluster->auth},
		err);
	free(addresses);
	return access;
}

struct http_access *access_made(struct accesses *accesses, const char *name, const char *address,
	const char *via, struct err *err)
{
	if (!via)
		return plain(accesses, err);
	return add(accesses, NULL, via,
		&(struct http_access_options){
			.name = name, .addresses = &address, .address_count = 1},
		err);
}

void accesses_retry(struct accesses *accesses)
{
	for (size_t i = 0; i < accesses->entries.len; i++)
		http_access_retry(accesses->entries.data[i].access);
}

const char *access_tls(const struct cluster_config *cluster)
{
	const char *url = json_string_value(json_array_get(cluster->rest, 0));

	if (!url || strncasecmp(url, "https://", 8) != 0)
		return NULL;
	return cluster->tls.insecure ? "insecure" : "verified";
}
