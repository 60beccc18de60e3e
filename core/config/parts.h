/* What the files of this folder share; nobody else includes it. */
#ifndef WEIR_CONFIG_PARTS_H
#define WEIR_CONFIG_PARTS_H

#include "core/base/doc.h"
#include "core/config/config.h"

/* Length of a REST address without the slashes at its end. */
size_t rest_trim(const char *url);

/*
 * Where a cluster was written: an object of config.yaml, or a line of a CSV file. One way to point
 * at a key of it, so that both are checked by the same code.
 */
enum cluster_key { KEY_NAME, KEY_TYPE, KEY_REST, KEY_VIA, KEY_FLINK_ENV, CLUSTER_KEY_MAX };
extern const char *const cluster_key_words[]; /* NULL-ended */

struct origin {
	const struct doc *doc; /* NULL: the CSV file `path` */
	const json_t *object;
	const char *path;
	int line, columns[CLUSTER_KEY_MAX]; /* 0 = no such field; then column 1 */
};
int origin_error(const struct origin *origin, enum cluster_key key, struct err *err,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* access.c: how a cluster is reached, and as whom. `folder`: relative paths start there. */
int access_read(struct cluster_config *cluster, const struct doc *doc, const json_t *tls,
	const json_t *auth, const char *folder, struct err *err);
void access_release(struct cluster_config *cluster);
/* Adds "tls" and "auth" where there are any; no secrets. */
void access_to_json(json_t *object, const struct cluster_config *cluster);
/* What is wrong with a context's proxy; NULL = nothing. In the user's language. */
const char *proxy_problem(const char *proxy);

/* view.c: a list of texts; someone may have put a secret among the words after all. */
json_t *words_to_json(const json_t *words);

/* config.c; NULL: the context has no such host. */
const struct host_config *host_named(const struct context_config *context, const char *name);

/* limits.c: the numbers of a context, and of one cluster; a node that is NULL leaves its default. */
struct limit_nodes {
	const json_t *budget, *history, *loop;
};
void limits_default(struct context_config *context);
int limits_read(struct context_config *context, const struct doc *doc,
	const struct limit_nodes *nodes, struct err *err);
int limits_read_cluster(struct cluster_config *cluster, const struct doc *doc, const json_t *budget,
	struct err *err);

/* A context while its clusters are read: with what finds a name among thousands. */
struct cluster_reader {
	struct context_config *context;
	struct map *names; /* cluster name → 1 + line */
	size_t alloc;
};
/*
 * Checks the cluster and what it refers to, and adds it to the context. Takes what `cluster` owns,
 * on failure too.
 */
int cluster_add(struct cluster_reader *reader, struct cluster_config *cluster,
	const struct origin *origin, struct err *err);
void cluster_release(struct cluster_config *cluster);

/* The clusters of a context whose hosts and Flink envs are read. `folder`: relative paths start there. */
int clusters_read(const struct doc *doc, const json_t *list, const char *folder,
	struct context_config *context, struct err *err);

/* Adds the clusters of a CSV text. `path` as shown in errors. */
int csv_parse(struct cluster_reader *reader, const char *path, const char *text, size_t len,
	struct err *err);

#endif
