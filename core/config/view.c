/* What is done with a configuration once it is read: made without a file, looked up, shown, freed.
 */
#include "core/config/config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/parts.h"

static void host_release(struct host_config *host)
{
	free(host->name);
	free(host->address);
	free(host->user);
	free(host->jump);
	free(host->key);
	json_decref(host->auth);
}

static void context_release(struct context_config *context)
{
	for (size_t i = 0; i < context->cluster_count; i++)
		cluster_release(&context->clusters[i]);
	for (size_t i = 0; i < context->host_count; i++)
		host_release(&context->hosts[i]);
	for (size_t i = 0; i < context->flink_env_count; i++) {
		free(context->flink_envs[i].name);
		free(context->flink_envs[i].home);
		free(context->flink_envs[i].host);
		free(context->flink_envs[i].sql_gateway);
	}
	free(context->clusters);
	free(context->hosts);
	free(context->flink_envs);
	free(context->name);
	free(context->workspace);
	free(context->release_dir);
	free(context->proxy);
	free(context->known_hosts);
	json_decref(context->variables);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->context_count; i++)
		context_release(&config->contexts[i]);
	free(config->contexts);
	free(config->path);
	free(config->current);
	free(config->theme);
	free(config);
}

/* "host:port" of an address, "host:port-path" where it has one. malloc'd. */
static char *name_of_url(const char *url)
{
	bool tls = !strncasecmp(url, "https://", 8);
	const char *host = url + (tls ? 8 : 7);
	size_t len = strcspn(host, "/");
	size_t bracket = *host == '[' ? strcspn(host, "]") : 0;

	const char *port = memchr(host + bracket, ':', len - bracket) ? "" : tls ? ":443" : ":80";
	char *name = xasprintf("%.*s%s%s", (int)len, host, port, host + len);

	for (char *c = strchr(name, '/'); c; c = strchr(c, '/'))
		*c = '-';
	return name;
}

struct config *config_from_rest(const char *const *urls, size_t count)
{
	struct config *config = xcalloc(1, sizeof(*config));
	struct context_config *context = xcalloc(1, sizeof(*context));
	struct map *known = map_new(); /* names, and the addresses themselves */

	config->current = xstrdup("default");
	config->contexts = context;
	config->context_count = 1;
	context->name = xstrdup("default");
	limits_default(context);
	context->keep_releases = CONFIG_KEEP_RELEASES_DEFAULT;
	context->clusters = xcalloc(count + 1, sizeof(*context->clusters));
	for (size_t i = 0; i < count; i++) {
		char *url = xstrndup(urls[i], rest_trim(urls[i]));
		if (!map_get(known, url)) {
			struct cluster_config *cluster =
				&context->clusters[context->cluster_count++];
			char *base = name_of_url(url);
			cluster->name = xstrdup(base);
			for (int n = 2; map_get(known, cluster->name); n++) {
				free(cluster->name);
				cluster->name = xasprintf("%s-%d", base, n);
			}
			free(base);
			cluster->rest = json_pack("[s]", url);
			map_put(known, cluster->name, cluster);
			map_put(known, url, cluster);
		}
		free(url);
	}
	map_free(known);
	return config;
}

int config_context(const struct config *config, const char *name, const struct context_config **out,
	struct err *err)
{
	struct buf known;
	int rc;

	if (!name)
		name = config->current;
	for (size_t i = 0; name && i < config->context_count; i++) {
		if (str_eq(config->contexts[i].name, name)) {
			*out = &config->contexts[i];
			return 0;
		}
	}
	buf_init(&known, 0);
	for (size_t i = 0; i < config->context_count; i++)
		buf_addf(&known, "%s%s", i ? ", " : "", config->contexts[i].name);
	if (name)
		rc = err_set(err, E_CONFIG, _("no context \"%.60s\" (known: %s)"), name,
			buf_str(&known));
	else
		rc = err_set(err, E_CONFIG,
			_("no current-context is set: name one with --context (known: %s)"),
			buf_str(&known));
	buf_release(&known);
	return rc;
}

char *config_default_path(void)
{
	const char *path = getenv("WEIR_CONFIG");
	char *folder, *full;

	if (!str_empty(path))
		return xstrdup(path);
	folder = file_xdg("CONFIG");
	full = xasprintf("%s/config.yaml", folder);
	free(folder);
	return full;
}

/* ---- as a tree ---- */

/* Absent stays absent. */
static void put(json_t *object, const char *key, const char *text)
{
	if (text) {
		char *clean = redact_dup(text);
		json_object_set_new(object, key, json_string(clean));
		free(clean);
	}
}

static json_t *variables_to_json(const json_t *variables)
{
	json_t *object = json_object();
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)variables, key, value) {
		if (redact_key(key))
			json_object_set_new(object, key, json_string("******"));
		else
			put(object, key, json_string_value(value));
	}
	return object;
}

json_t *words_to_json(const json_t *words)
{
	json_t *list = json_array();
	const json_t *word;
	bool hides = false;
	size_t i;

	json_array_foreach (words, i, word) {
		char *clean = redact_dup(hides ? "******" : json_string_value(word));

		hides = redact_flag(json_string_value(word));
		json_array_append_new(list, json_string(clean));
		free(clean);
	}
	return list;
}

static json_t *host_to_json(const struct host_config *host)
{
	json_t *object = json_object();

	put(object, "name", host->name);
	put(object, "address", host->address);
	put(object, "user", host->user);
	if (host->port)
		json_object_set_new(object, "port", json_integer(host->port));
	put(object, "jump", host->jump);
	if (host->auth)
		json_object_set_new(object, "auth", words_to_json(host->auth));
	put(object, "key", host->key);
	if (host->transport == TRANSPORT_OPENSSH)
		put(object, "transport", "openssh");
	return object;
}

static json_t *cluster_to_json(const struct cluster_config *cluster)
{
	json_t *object = json_object();

	put(object, "name", cluster->name);
	put(object, "type", cluster_type_words[cluster->type]);
	json_object_set_new(object, "rest", words_to_json(cluster->rest));
	put(object, "via", cluster->via);
	put(object, "flink-env", cluster->flink_env);
	if (cluster->budget_per_second)
		json_object_set_new(object, "budget",
			json_pack("{s:I}", "requests-per-second",
				(json_int_t)cluster->budget_per_second));
	if (cluster->archive_host) {
		char *archive = xasprintf("%s:%s", cluster->archive_host, cluster->archive_dir);
		put(object, "archive", archive);
		free(archive);
	} else {
		put(object, "archive", cluster->archive_dir);
	}
	put(object, "history-server", cluster->history_server);
	access_to_json(object, cluster);
	return object;
}

static json_t *context_to_json(const struct context_config *context)
{
	static const char *const confirm_words[] = {"yes", "name", "none"};
	json_t *object = json_object(), *list;

	put(object, "name", context->name);
	put(object, "workspace", context->workspace);
	json_object_set_new(object, "readonly", json_boolean(context->readonly));
	put(object, "confirm", confirm_words[context->confirm]);
	put(object, "proxy", context->proxy ? context->proxy : "none");
	json_object_set_new(object, "budget",
		json_pack("{s:I,s:I}", "requests-per-second",
			(json_int_t)context->budget_per_second, "per-cluster",
			(json_int_t)context->budget_per_cluster));
	json_object_set_new(object, "history",
		json_pack("{s:I,s:I}", "days",
			(json_int_t)(context->history.kept_ms / CONFIG_DAY_MS), "size",
			(json_int_t)context->history.bytes));
	json_object_set_new(object, "loop",
		json_pack("{s:I,s:I}", "restarts", (json_int_t)context->loop.restarts, "minutes",
			(json_int_t)context->loop.minutes));
	if (context->variables)
		json_object_set_new(object, "variables", variables_to_json(context->variables));
	put(object, "release-dir", context->release_dir);
	put(object, "known-hosts", context->known_hosts);
	json_object_set_new(object, "keep-releases", json_integer(context->keep_releases));
	json_object_set_new(object, "hosts", list = json_array());
	for (size_t i = 0; i < context->host_count; i++)
		json_array_append_new(list, host_to_json(&context->hosts[i]));
	json_object_set_new(object, "flink-envs", list = json_array());
	for (size_t i = 0; i < context->flink_env_count; i++) {
		const struct flink_env_config *env = &context->flink_envs[i];
		json_t *item = json_object();
		put(item, "name", env->name);
		put(item, "home", env->home);
		put(item, "host", env->host);
		put(item, "sql-gateway", env->sql_gateway);
		json_array_append_new(list, item);
	}
	json_object_set_new(object, "clusters", list = json_array());
	for (size_t i = 0; i < context->cluster_count; i++)
		json_array_append_new(list, cluster_to_json(&context->clusters[i]));
	return object;
}

json_t *config_to_json(const struct config *config)
{
	json_t *object = json_object(), *list = json_array();

	put(object, "current-context", config->current);
	put(object, "theme", config->theme);
	if (config->mouse)
		json_object_set_new(object, "mouse", json_true());
	if (config->bell != BELL_OFF)
		put(object, "bell", bell_words[config->bell]);
	put(object, "clipboard", config->clipboard == CLIPBOARD_FILE ? "file" : NULL);
	for (size_t i = 0; i < config->context_count; i++)
		json_array_append_new(list, context_to_json(&config->contexts[i]));
	json_object_set_new(object, "contexts", list);
	return object;
}
