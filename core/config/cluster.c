/* One cluster, from YAML or CSV: the checks that go beyond the kind of each value. */
#include "core/config/parts.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"

const char *const cluster_type_words[] = {"standalone", "yarn", "kubernetes", NULL};
const char *const cluster_key_words[] = {"name", "type", "rest", "via", "flink-env", NULL};

int origin_error(
	const struct origin *origin, enum cluster_key key, struct err *err, const char *fmt, ...)
{
	struct buf text, clean;
	va_list ap;

	buf_init(&text, 0);
	buf_init(&clean, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	if (origin->doc) {
		const json_t *value = json_object_get(origin->object, cluster_key_words[key]);
		if (value && !json_is_null(value))
			doc_error(origin->doc, value, err, "%s", buf_str(&text));
		else
			doc_error(origin->doc, origin->object, err, "%s", buf_str(&text));
	} else {
		int column = origin->columns[key];
		utf8_neutralise(&clean, buf_str(&text), text.len);
		err_set(err, E_CONFIG, "%s:%d:%d: %s", origin->path, origin->line,
			column ? column : 1, buf_str(&clean));
	}
	buf_release(&text);
	buf_release(&clean);
	return E_CONFIG;
}

void cluster_release(struct cluster_config *cluster)
{
	free(cluster->name);
	free(cluster->via);
	free(cluster->flink_env);
	free(cluster->archive_dir);
	free(cluster->archive_host);
	free(cluster->history_server);
	access_release(cluster);
	json_decref(cluster->rest);
	memset(cluster, 0, sizeof(*cluster));
}

/* `word` is none of the names: says so, with the nearest one or all of them. */
static int unknown_name(const struct origin *origin, enum cluster_key key, const char *word,
	const char *const *names, size_t count, const char *what, struct err *err)
{
	const char *near = str_suggest(word, names, count);

	if (near)
		return origin_error(origin, key, err, _("no %s \"%.60s\" (did you mean \"%s\"?)"),
			what, word, near);
	return origin_error(origin, key, err, _("no %s \"%.60s\" in this context"), what, word);
}

static int check_via(const struct context_config *context, const struct cluster_config *cluster,
	const struct origin *origin, struct err *err)
{
	const char **names = xcalloc(context->host_count + 1, sizeof(*names));
	int rc = E_CONFIG;

	for (size_t i = 0; i < context->host_count; i++) {
		names[i] = context->hosts[i].name;
		if (str_eq(names[i], cluster->via))
			rc = 0;
	}
	if (rc)
		unknown_name(
			origin, KEY_VIA, cluster->via, names, context->host_count, _("host"), err);
	free(names);
	return rc;
}

static int check_flink_env(const struct context_config *context,
	const struct cluster_config *cluster, const struct origin *origin, struct err *err)
{
	const char **names = xcalloc(context->flink_env_count + 1, sizeof(*names));
	int rc = E_CONFIG;

	for (size_t i = 0; i < context->flink_env_count; i++) {
		names[i] = context->flink_envs[i].name;
		if (str_eq(names[i], cluster->flink_env))
			rc = 0;
	}
	if (rc)
		unknown_name(origin, KEY_FLINK_ENV, cluster->flink_env, names,
			context->flink_env_count, _("Flink env"), err);
	free(names);
	return rc;
}

static int bad_address(
	const struct origin *origin, const json_t *item, const char *problem, struct err *err)
{
	/* It may hold a password: that is one of the problems. */
	char *url = redact_dup(json_string_value(item));
	int rc;

	if (origin->doc) /* the item's place, not the list's */
		rc = doc_error(origin->doc, item, err, _("\"%.200s\" is no REST address: %s"), url,
			problem);
	else
		rc = origin_error(origin, KEY_REST, err, _("\"%.200s\" is no REST address: %s"),
			url, problem);
	free(url);
	return rc;
}

/* The addresses without their last slashes. Lists of the file's tree stay as they are there. */
static int check_rest(struct cluster_config *cluster, const struct origin *origin, struct err *err)
{
	const json_t *item;
	bool is_clean = true;
	size_t i;
	int rc = 0;

	json_array_foreach (cluster->rest, i, item) {
		const char *url = json_string_value(item);
		const char *problem = config_rest_problem(url);

		if (problem && !rc)
			rc = bad_address(origin, item, problem, err);
		is_clean = is_clean && !url[rest_trim(url)];
	}
	if (!is_clean) {
		json_t *clean = json_array();

		json_array_foreach (cluster->rest, i, item) {
			const char *url = json_string_value(item);

			json_array_append_new(clean, json_stringn(url, rest_trim(url)));
		}
		json_decref(cluster->rest);
		cluster->rest = clean;
	}
	if (!rc && !json_array_size(cluster->rest))
		rc = origin_error(origin, KEY_REST, err, _("\"rest\" needs at least one address"));
	return rc;
}

int cluster_add(struct cluster_reader *reader, struct cluster_config *cluster,
	const struct origin *origin, struct err *err)
{
	struct context_config *context = reader->context;
	uintptr_t former = (uintptr_t)map_get(reader->names, cluster->name);
	int line = origin->doc ? doc_place(origin->doc, origin->object).line : origin->line;
	int rc = 0;

	if (former)
		rc = origin_error(origin, KEY_NAME, err,
			_("cluster \"%s\" is there already, in line %d"), cluster->name,
			(int)(former - 1));
	if (!rc)
		rc = check_rest(cluster, origin, err);
	if (!rc && cluster->via)
		rc = check_via(context, cluster, origin, err);
	if (!rc && cluster->flink_env)
		rc = check_flink_env(context, cluster, origin, err);
	if (rc) {
		cluster_release(cluster);
		return rc;
	}
	map_put(reader->names, cluster->name, (void *)((uintptr_t)line + 1));
	context->clusters = vec_grow(context->clusters, &reader->alloc, context->cluster_count + 1,
		sizeof(*context->clusters));
	context->clusters[context->cluster_count++] = *cluster;
	memset(cluster, 0, sizeof(*cluster));
	return 0;
}
