/* The list of clusters, in config.yaml or in a CSV file beside it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/parts.h"

#define CSV_BYTES_MAX ((size_t)16 << 20)

struct cluster_nodes {
	struct cluster_config cluster;
	const json_t *tls, *auth, *budget;
	char *archive;
};

static int read_csv(const struct doc *doc, const json_t *node, const char *folder,
	struct cluster_reader *clusters, struct err *err)
{
	static const struct doc_field fields[] = {{"csv", DOC_STRING, 0, true, 0, 0, NULL}};
	char *csv = NULL;
	struct err why = {0};
	struct buf text;
	int rc = doc_read_fields(doc, node, fields, 1, &csv, err);

	buf_init(&text, CSV_BYTES_MAX);
	if (!rc && !folder)
		rc = doc_key_error(
			doc, node, "csv", err, _("a CSV file is read beside a file only"));
	if (!rc) {
		char *path = file_expand(csv, folder);
		rc = file_read(path, &text, &why);
		if (rc)
			rc = doc_error(doc, json_object_get(node, "csv"), err, "%s", why.text);
		else
			rc = csv_parse(clusters, path, buf_str(&text), text.len, err);
		free(path);
	}
	buf_release(&text);
	free(csv);
	return rc;
}

/* ---- where its ended jobs are known ---- */

/* A folder here, "host:/folder", or what jobmanager.archive.fs.dir says of a folder here. */
static int read_archive(const struct context_config *context, const struct doc *doc,
	const json_t *object, const char *folder, struct cluster_nodes *nodes, struct err *err)
{
	struct cluster_config *cluster = &nodes->cluster;
	const json_t *value = json_object_get(object, "archive");
	const char *path = nodes->archive;
	size_t host_len;

	if (str_starts(path, "file:")) {
		path += strlen("file:");
		path += strspn(path, "/") > 1 ? strspn(path, "/") - 1 : 0;
	} else if (strstr(path, "://")) {
		return doc_error(doc, value, err,
			_("\"archive\" is a folder of this machine or of a host (host:/folder): of "
			  "\"%.200s\" a history-server can tell"),
			path);
	}
	host_len = strcspn(path, ":/");
	if (path[host_len] == ':') {
		cluster->archive_host = xstrndup(path, host_len);
		path += host_len + 1;
		if (!host_named(context, cluster->archive_host))
			return doc_error(doc, value, err, _("no host \"%.60s\" in this context"),
				cluster->archive_host);
		if (*path != '/')
			return doc_error(doc, value, err,
				_("\"%s\" is a folder on host %s: name it whole, from /"), path,
				cluster->archive_host);
	}
	cluster->archive_dir =
		cluster->archive_host ? xstrdup(path) : file_expand(path, folder ? folder : "/");
	return 0;
}

static int read_history_server(const struct doc *doc, const json_t *object,
	struct cluster_config *cluster, struct err *err)
{
	const char *problem = config_rest_problem(cluster->history_server);

	if (problem)
		return doc_error(doc, json_object_get(object, "history-server"), err,
			_("\"history-server\" is no REST address: %s"), problem);
	cluster->history_server[rest_trim(cluster->history_server)] = '\0';
	return 0;
}

static int read_past(const struct context_config *context, const struct doc *doc,
	const json_t *object, const char *folder, struct cluster_nodes *nodes, struct err *err)
{
	int rc = 0;

	if (nodes->archive && nodes->cluster.history_server)
		return doc_key_error(doc, object, "archive", err,
			_("\"archive\" and \"history-server\" tell the same: name one of them"));
	if (nodes->archive)
		rc = read_archive(context, doc, object, folder, nodes, err);
	if (nodes->cluster.history_server)
		rc = read_history_server(doc, object, &nodes->cluster, err);
	return rc;
}

int clusters_read(const struct doc *doc, const json_t *list, const char *folder,
	struct context_config *context, struct err *err)
{
#define AT(member) offsetof(struct cluster_nodes, member)
	static const struct doc_field fields[] = {
		{"name", DOC_NAME, AT(cluster.name), true, 0, 0, NULL},
		{"type", DOC_ENUM, AT(cluster.type), false, 0, 0, cluster_type_words},
		{"rest", DOC_STRINGS, AT(cluster.rest), true, 0, 0, NULL},
		{"via", DOC_STRING, AT(cluster.via), false, 0, 0, NULL},
		{"flink-env", DOC_STRING, AT(cluster.flink_env), false, 0, 0, NULL},
		{"tls", DOC_NODE, AT(tls), false, 0, 0, NULL},
		{"auth", DOC_NODE, AT(auth), false, 0, 0, NULL},
		{"budget", DOC_NODE, AT(budget), false, 0, 0, NULL},
		{"archive", DOC_STRING, AT(archive), false, 0, 0, NULL},
		{"history-server", DOC_STRING, AT(cluster.history_server), false, 0, 0, NULL},
	};
#undef AT
	struct cluster_reader clusters = {.context = context, .names = map_new()};
	size_t count = 0;
	int rc = 0;

	if (json_is_object(list))
		rc = read_csv(doc, list, folder, &clusters, err);
	else if (list && !json_is_array(list))
		rc = doc_error(doc, list, err, _("\"%s\" must be a list"), "clusters");
	else
		count = json_array_size(list);
	for (size_t i = 0; !rc && i < count; i++) {
		struct cluster_nodes nodes = {.tls = NULL};
		struct origin origin = {.doc = doc, .object = json_array_get(list, i)};

		rc = doc_read_fields(doc, origin.object, fields, ARRAY_SIZE(fields), &nodes, err);
		if (!rc)
			rc = access_read(&nodes.cluster, doc, nodes.tls, nodes.auth, folder, err);
		if (!rc)
			rc = limits_read_cluster(&nodes.cluster, doc, nodes.budget, err);
		if (!rc)
			rc = read_past(context, doc, origin.object, folder, &nodes, err);
		if (!rc)
			rc = cluster_add(&clusters, &nodes.cluster, &origin, err);
		else
			cluster_release(&nodes.cluster);
		free(nodes.archive);
	}
	map_free(clusters.names);
	if (context->cluster_count)
		context->clusters = xrealloc(
			context->clusters, context->cluster_count * sizeof(*context->clusters));
	return rc;
}
