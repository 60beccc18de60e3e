/*
 * config.yaml → structs. Each object is read by a table of its keys (base/doc), then what the
 * tables cannot say is checked: names that refer to something, names that are there twice,
 * addresses. Hosts and Flink envs are read before the clusters that refer to them, whatever their
 * order in the file.
 */
#include "core/config/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/parts.h"

#define LOCAL_HOST "local" /* this machine; no host may have this name */

const char *const bell_words[] = {"off", "bell", "flash", NULL};
static const char *const confirm_words[] = {"yes", "name", "none", NULL};
static const char *const clipboard_words[] = {"terminal", "file", NULL};
static const char *const transport_words[] = {"libssh2", "openssh", NULL};
static const char *const auth_words[] = {"agent", "key", "password", "otp", "gssapi"};

struct config_reader {
	const struct doc *doc;
	const char *folder; /* of the file; NULL: nothing else is read */
	struct err *err;
};

/* What a context's table fills besides the context. */
struct context_nodes {
	struct context_config context;
	struct limit_nodes limits;
	const json_t *hosts, *flink_envs, *clusters;
	char *workspace, *known_hosts;
};

struct top_nodes {
	char *current, *theme;
	bool mouse;
	int bell;
	int clipboard;
	const json_t *contexts;
};

/* ---- helpers ---- */

/* The absolute folder of a file. malloc'd. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash ? xstrndup(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");

	if (*folder != '/') {
		char *here = getcwd(NULL, 0);
		char *full = xasprintf("%s/%s", here ? here : "", folder);
		free(here);
		free(folder);
		folder = full;
	}
	return folder;
}

static char *expand(const struct config_reader *reader, const char *path)
{
	return file_expand(path, reader->folder ? reader->folder : "/");
}

/* A value of this object that must name one of `names`. */
static int check_name(const struct config_reader *reader, const json_t *object, const char *key,
	const char *what, const char *const *names, size_t count)
{
	const json_t *value = json_object_get(object, key);
	const char *word = json_string_value(value);
	const char *near;

	for (size_t i = 0; i < count; i++)
		if (str_eq(word, names[i]))
			return 0;
	near = str_suggest(word, names, count);
	if (near)
		return doc_error(reader->doc, value, reader->err,
			_("no %s \"%.60s\" (did you mean \"%s\"?)"), what, word, near);
	return doc_error(reader->doc, value, reader->err, _("no %s \"%.60s\""), what, word);
}

/* A list of objects under `key`: its length, or an error. NULL is an empty list. */
static int list_size(
	const struct config_reader *reader, const json_t *list, const char *key, size_t *count)
{
	if (list && !json_is_array(list))
		return doc_error(reader->doc, list, reader->err, _("\"%s\" must be a list"), key);
	*count = json_array_size(list);
	return 0;
}

/* Is the name of the `index`-th object one that an earlier object of the list has? */
static int check_new(
	const struct config_reader *reader, const json_t *list, size_t index, const char *what)
{
	const json_t *object = json_array_get(list, index);
	const char *name = doc_str(object, "name");

	for (size_t i = 0; i < index; i++) {
		const json_t *earlier = json_array_get(list, i);
		if (str_eq(doc_str(earlier, "name"), name))
			return doc_error(reader->doc, json_object_get(object, "name"), reader->err,
				_("%s \"%s\" is there already, in line %d"), what, name,
				doc_place(reader->doc, earlier).line);
	}
	return 0;
}

/* ---- hosts ---- */

static int check_auth(
	const struct config_reader *reader, const json_t *object, const struct host_config *host)
{
	const json_t *item;
	size_t i;

	json_array_foreach (host->auth, i, item) {
		const char *word = json_string_value(item);
		bool found = false;
		for (size_t w = 0; w < ARRAY_SIZE(auth_words); w++)
			found = found || str_eq(word, auth_words[w]);
		if (!found)
			return doc_error(reader->doc, item, reader->err,
				_("\"auth\" knows agent, key, password, otp and gssapi, found "
				  "\"%.60s\""),
				word);
	}
	if (host->auth && !json_array_size(host->auth))
		return doc_error(reader->doc, json_object_get(object, "auth"), reader->err,
			_("\"auth\" is an empty list: leave it out for the usual ways"));
	return 0;
}

static bool is_ssh_word(const char *text)
{
	return *text && *text != '-' && !strpbrk(text, " \t\r\n\"'\\");
}

static int read_host(
	const struct config_reader *reader, const json_t *object, struct host_config *host)
{
	static const struct doc_field fields[] = {
		{"name", DOC_NAME, offsetof(struct host_config, name), true, 0, 0, NULL},
		{"address", DOC_STRING, offsetof(struct host_config, address), false, 0, 0, NULL},
		{"user", DOC_STRING, offsetof(struct host_config, user), false, 0, 0, NULL},
		{"port", DOC_INT, offsetof(struct host_config, port), false, 1, 65535, NULL},
		{"jump", DOC_STRING, offsetof(struct host_config, jump), false, 0, 0, NULL},
		{"auth", DOC_STRINGS, offsetof(struct host_config, auth), false, 0, 0, NULL},
		{"key", DOC_STRING, offsetof(struct host_config, key), false, 0, 0, NULL},
		{"transport", DOC_ENUM, offsetof(struct host_config, transport), false, 0, 0,
			transport_words},
	};
	int rc =
		doc_read_fields(reader->doc, object, fields, ARRAY_SIZE(fields), host, reader->err);

	if (!rc && str_eq(host->name, LOCAL_HOST))
		return doc_error(reader->doc, json_object_get(object, "name"), reader->err,
			_("\"local\" means this machine: take another name"));
	/* They become words of a command line. */
	if (!rc && host->address && !is_ssh_word(host->address))
		return doc_error(reader->doc, json_object_get(object, "address"), reader->err,
			_("\"%.60s\" is no host name or address"), host->address);
	if (!rc && host->user && !is_ssh_word(host->user))
		return doc_error(reader->doc, json_object_get(object, "user"), reader->err,
			_("\"%.60s\" is no user name"), host->user);
	if (!rc)
		rc = check_auth(reader, object, host);
	if (!rc && !host->address)
		host->address = xstrdup(host->name);
	if (!rc && host->key) {
		char *full = expand(reader, host->key);
		free(host->key);
		host->key = full;
	}
	return rc;
}

const struct host_config *host_named(const struct context_config *context, const char *name)
{
	for (size_t i = 0; i < context->host_count; i++)
		if (str_eq(context->hosts[i].name, name))
			return &context->hosts[i];
	return NULL;
}

/* Every jump names a host, and following them ends. */
static int check_jumps(const struct config_reader *reader, const json_t *list,
	const struct context_config *context, const char *const *names)
{
	for (size_t i = 0; i < context->host_count; i++) {
		const json_t *object = json_array_get(list, i);
		if (!context->hosts[i].jump)
			continue;
		int rc = check_name(reader, object, "jump", _("host"), names, context->host_count);
		if (rc)
			return rc;
	}
	for (size_t i = 0; i < context->host_count; i++) {
		const struct host_config *host = &context->hosts[i];
		for (size_t steps = 0; host && host->jump; steps++) {
			if (steps > context->host_count)
				return doc_error(reader->doc,
					json_object_get(json_array_get(list, i), "jump"),
					reader->err, _("host \"%s\" jumps in a circle"),
					context->hosts[i].name);
			host = host_named(context, host->jump);
		}
	}
	return 0;
}

static int read_hosts(const struct config_reader *reader, const json_t *list,
	struct context_config *context, const char ***names)
{
	size_t count = 0;
	int rc = list_size(reader, list, "hosts", &count);

	context->hosts = xcalloc(count + 1, sizeof(*context->hosts));
	*names = xcalloc(count + 2, sizeof(**names));
	for (size_t i = 0; !rc && i < count; i++) {
		struct host_config *host = &context->hosts[context->host_count++];
		rc = read_host(reader, json_array_get(list, i), host);
		if (!rc)
			rc = check_new(reader, list, i, _("host"));
		(*names)[i] = host->name;
	}
	return rc ? rc : check_jumps(reader, list, context, *names);
}

/* ---- Flink envs ---- */

static int read_gateway(
	const struct config_reader *reader, const json_t *object, struct flink_env_config *env)
{
	const char *problem = config_rest_problem(env->sql_gateway);

	if (problem)
		return doc_error(reader->doc, json_object_get(object, "sql-gateway"), reader->err,
			_("\"sql-gateway\" is no REST address: %s"), problem);
	env->sql_gateway[rest_trim(env->sql_gateway)] = '\0';
	return 0;
}

static int read_flink_envs(const struct config_reader *reader, const json_t *list,
	struct context_config *context, const char **hosts)
{
	static const struct doc_field fields[] = {
		{"name", DOC_NAME, offsetof(struct flink_env_config, name), true, 0, 0, NULL},
		{"home", DOC_STRING, offsetof(struct flink_env_config, home), true, 0, 0, NULL},
		{"host", DOC_STRING, offsetof(struct flink_env_config, host), false, 0, 0, NULL},
		{"sql-gateway", DOC_STRING, offsetof(struct flink_env_config, sql_gateway), false,
			0, 0, NULL},
	};
	size_t count = 0;
	int rc = list_size(reader, list, "flink-envs", &count);

	context->flink_envs = xcalloc(count + 1, sizeof(*context->flink_envs));
	hosts[context->host_count] = LOCAL_HOST;
	for (size_t i = 0; !rc && i < count; i++) {
		struct flink_env_config *env = &context->flink_envs[context->flink_env_count++];
		const json_t *object = json_array_get(list, i);

		rc = doc_read_fields(
			reader->doc, object, fields, ARRAY_SIZE(fields), env, reader->err);
		if (!rc)
			rc = check_new(reader, list, i, _("Flink env"));
		if (!rc && env->host)
			rc = check_name(
				reader, object, "host", _("host"), hosts, context->host_count + 1);
		if (!rc && env->sql_gateway)
			rc = read_gateway(reader, object, env);
		if (!rc && str_eq(env->host, LOCAL_HOST)) {
			free(env->host);
			env->host = NULL;
		}
		if (!rc && !env->host) {
			char *full = expand(reader, env->home);
			free(env->home);
			env->home = full;
		} else if (!rc && *env->home == '~') {
			/* Words of a command line are quoted: nobody over there would expand it. */
			rc = doc_error(reader->doc, json_object_get(object, "home"), reader->err,
				_("\"%s\" is a folder on host %s: name it whole, from /"),
				env->home, env->host);
		}
	}
	return rc;
}

/* ---- contexts ---- */

static int check_proxy(
	const struct config_reader *reader, const json_t *object, struct context_config *context)
{
	const char *problem = context->proxy ? proxy_problem(context->proxy) : NULL;

	if (problem)
		return doc_error(reader->doc, json_object_get(object, "proxy"), reader->err,
			_("\"proxy\" must be none, env, http://host:port or socks5h://host:port: "
			  "%s"),
			problem);
	if (str_eq(context->proxy, "none")) {
		free(context->proxy);
		context->proxy = NULL;
	}
	return 0;
}

static int read_context(
	const struct config_reader *reader, const json_t *object, struct context_config *context)
{
#define AT(member) offsetof(struct context_nodes, member)
	static const struct doc_field fields[] = {
		{"name", DOC_NAME, AT(context.name), true, 0, 0, NULL},
		{"workspace", DOC_STRING, AT(workspace), false, 0, 0, NULL},
		{"readonly", DOC_BOOL, AT(context.readonly), false, 0, 0, NULL},
		{"confirm", DOC_ENUM, AT(context.confirm), false, 0, 0, confirm_words},
		{"proxy", DOC_STRING, AT(context.proxy), false, 0, 0, NULL},
		{"budget", DOC_NODE, AT(limits.budget), false, 0, 0, NULL},
		{"history", DOC_NODE, AT(limits.history), false, 0, 0, NULL},
		{"loop", DOC_NODE, AT(limits.loop), false, 0, 0, NULL},
		{"variables", DOC_MAP, AT(context.variables), false, 0, 0, NULL},
		{"release-dir", DOC_STRING, AT(context.release_dir), false, 0, 0, NULL},
		{"known-hosts", DOC_STRING, AT(known_hosts), false, 0, 0, NULL},
		{"keep-releases", DOC_INT, AT(context.keep_releases), false, 1, 1000, NULL},
		{"hosts", DOC_NODE, AT(hosts), false, 0, 0, NULL},
		{"flink-envs", DOC_NODE, AT(flink_envs), false, 0, 0, NULL},
		{"clusters", DOC_NODE, AT(clusters), false, 0, 0, NULL},
	};
#undef AT
	struct context_nodes nodes = {.context.keep_releases = CONFIG_KEEP_RELEASES_DEFAULT};
	const char **names = NULL;
	int rc = doc_read_fields(
		reader->doc, object, fields, ARRAY_SIZE(fields), &nodes, reader->err);

	if (!rc && nodes.workspace)
		nodes.context.workspace = expand(reader, nodes.workspace);
	if (!rc && nodes.known_hosts)
		nodes.context.known_hosts = expand(reader, nodes.known_hosts);
	if (!rc)
		rc = check_proxy(reader, object, &nodes.context);
	limits_default(&nodes.context);
	if (!rc)
		rc = limits_read(&nodes.context, reader->doc, &nodes.limits, reader->err);
	if (!rc)
		rc = read_hosts(reader, nodes.hosts, &nodes.context, &names);
	if (!rc)
		rc = read_flink_envs(reader, nodes.flink_envs, &nodes.context, names);
	if (!rc)
		rc = clusters_read(
			reader->doc, nodes.clusters, reader->folder, &nodes.context, reader->err);
	free(names);
	free(nodes.workspace);
	free(nodes.known_hosts);
	*context = nodes.context; /* on failure too: config_free() releases it */
	return rc;
}

static int read_contexts(
	const struct config_reader *reader, const json_t *list, struct config *config)
{
	size_t count = 0;
	int rc = list_size(reader, list, "contexts", &count);

	if (!rc && !count)
		rc = doc_error(reader->doc, list, reader->err,
			_("\"contexts\" needs at least one context"));
	config->contexts = xcalloc(count + 1, sizeof(*config->contexts));
	for (size_t i = 0; !rc && i < count; i++) {
		rc = read_context(reader, json_array_get(list, i), &config->contexts[i]);
		config->context_count++;
		if (!rc)
			rc = check_new(reader, list, i, _("context"));
	}
	return rc;
}

static int check_current(const struct config_reader *reader, struct config *config)
{
	const char **names;
	int rc;

	if (!config->current) {
		if (config->context_count == 1)
			config->current = xstrdup(config->contexts[0].name);
		return 0;
	}
	names = xcalloc(config->context_count + 1, sizeof(*names));
	for (size_t i = 0; i < config->context_count; i++)
		names[i] = config->contexts[i].name;
	rc = check_name(reader, reader->doc->root, "current-context", _("context"), names,
		config->context_count);
	free(names);
	return rc;
}

static int read_top(const struct config_reader *reader, struct config *config)
{
	static const struct doc_field fields[] = {
		{"current-context", DOC_STRING, offsetof(struct top_nodes, current), false, 0, 0,
			NULL},
		{"theme", DOC_STRING, offsetof(struct top_nodes, theme), false, 0, 0, NULL},
		{"mouse", DOC_BOOL, offsetof(struct top_nodes, mouse), false, 0, 0, NULL},
		{"bell", DOC_ENUM, offsetof(struct top_nodes, bell), false, 0, 0, bell_words},
		{"clipboard", DOC_ENUM, offsetof(struct top_nodes, clipboard), false, 0, 0,
			clipboard_words},
		{"contexts", DOC_NODE, offsetof(struct top_nodes, contexts), true, 0, 0, NULL},
	};
	struct top_nodes nodes = {0};
	int rc = doc_read_fields(
		reader->doc, reader->doc->root, fields, ARRAY_SIZE(fields), &nodes, reader->err);

	config->current = nodes.current;
	config->theme = nodes.theme;
	config->mouse = nodes.mouse;
	config->bell = nodes.bell;
	config->clipboard = (enum clipboard)nodes.clipboard;
	/* A name of a theme, or a path: that is one with a slash. */
	if (!rc && config->theme && strchr(config->theme, '/')) {
		config->theme = expand(reader, nodes.theme);
		free(nodes.theme);
	}
	if (!rc)
		rc = read_contexts(reader, nodes.contexts, config);
	return rc ? rc : check_current(reader, config);
}

static int read_doc(struct config **out, const struct doc *doc, const char *folder, struct err *err)
{
	struct config_reader reader = {.doc = doc, .folder = folder, .err = err};
	struct config *config = xcalloc(1, sizeof(*config));
	int rc;

	config->path = xstrdup(doc->path);
	if (doc->root)
		rc = read_top(&reader, config);
	else
		rc = doc_error(doc, NULL, err, _("the file is empty: it needs \"contexts\""));
	if (rc)
		config_free(config);
	else
		*out = config;
	return rc;
}

int config_read(struct config **out, const char *path, struct err *err)
{
	struct err why = {0};
	struct doc *doc = doc_read_yaml(path, &why);
	char *folder;
	int rc;

	if (!doc)
		return err_set(err, why.code, "%s", why.text);
	folder = folder_of(path);
	rc = read_doc(out, doc, folder, err);
	free(folder);
	doc_free(doc);
	return rc;
}

int config_parse(
	struct config **out, const char *path, const char *text, size_t len, struct err *err)
{
	struct doc *doc = doc_parse_yaml(path, text, len, err);
	int rc;

	if (!doc)
		return E_CONFIG;
	rc = read_doc(out, doc, NULL, err);
	doc_free(doc);
	return rc;
}
