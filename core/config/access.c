/*
 * tls: and auth: of a cluster. Only their shape is checked here: what a file or a program gives is
 * found out when it is needed (core/net/http_link), since it may change while weir runs, and since
 * one cluster's missing file shall not keep the others from being seen. So each path and each
 * secret keeps its place in the file, for the error of that moment.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/parts.h"

struct auth_nodes {
	char *user;
	struct secret_config password, token;
};

struct reader {
	const struct doc *doc;
	const char *folder;
	struct err *err;
};

static char *place_of(const struct reader *reader, const json_t *object, const char *key)
{
	struct doc_place place = doc_place(reader->doc, json_object_get(object, key));

	return xasprintf("%s:%d:%d", reader->doc->path, place.line, place.column);
}

/* *path becomes absolute; where it stands. */
static char *expand(const struct reader *reader, const json_t *object, const char *key, char **path)
{
	char *full;

	if (!*path)
		return NULL;
	full = file_expand(*path, reader->folder ? reader->folder : "/");
	free(*path);
	*path = full;
	return place_of(reader, object, key);
}

/* ---- secrets ---- */

static bool is_variable_name(const char *name)
{
	return *name && !strpbrk(name, "= \t");
}

/*
 * What `object` says by "<what>-command", "<what>-env" and "<what>-file", which its table has read
 * into `secret`: one of them, or none.
 */
static int check_secret(const struct reader *reader, const json_t *object, const char *what,
	struct secret_config *secret)
{
	char *keys[] = {xasprintf("%s-command", what), xasprintf("%s-env", what),
		xasprintf("%s-file", what)};
	const bool given[] = {secret->command != NULL, secret->env != NULL, secret->file != NULL};
	const char *chosen = NULL;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !rc; i++) {
		if (given[i] && chosen)
			rc = doc_key_error(reader->doc, object, keys[i], reader->err,
				_("one secret has one origin: \"%s\" or \"%s\""), chosen, keys[i]);
		else if (given[i])
			chosen = keys[i];
	}
	if (!rc && secret->command &&
		str_empty(json_string_value(json_array_get(secret->command, 0))))
		rc = doc_key_error(reader->doc, object, keys[0], reader->err,
			_("\"%s\" must be the words of a program"), keys[0]);
	if (!rc && secret->env && !is_variable_name(secret->env))
		rc = doc_key_error(reader->doc, object, keys[1], reader->err,
			_("\"%s\" must be the name of an environment variable"), keys[1]);
	if (!rc && chosen) {
		char *place = expand(reader, object, keys[2], &secret->file);
		secret->place = place ? place : place_of(reader, object, chosen);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		free(keys[i]);
	return rc;
}

static void secret_release(struct secret_config *secret)
{
	json_decref(secret->command);
	free(secret->env);
	free(secret->file);
	free(secret->place);
	memset(secret, 0, sizeof(*secret));
}

/* The three keys that check_secret() knows, for a table with its own AT(). */
#define SECRET(what, member)                                                                       \
	{what "-command", DOC_STRINGS, AT(member.command), false, 0, 0, NULL},                     \
		{what "-env", DOC_STRING, AT(member.env), false, 0, 0, NULL},                      \
	{                                                                                          \
		what "-file", DOC_STRING, AT(member.file), false, 0, 0, NULL                       \
	}

/* ---- tls ---- */

static int read_tls(const struct reader *reader, const json_t *object, struct tls_config *tls)
{
#define AT(member) offsetof(struct tls_config, member)
	static const struct doc_field fields[] = {
		{"ca", DOC_STRING, AT(ca), false, 0, 0, NULL},
		{"cert", DOC_STRING, AT(cert), false, 0, 0, NULL},
		{"key", DOC_STRING, AT(key), false, 0, 0, NULL},
		SECRET("passphrase", passphrase),
		{"insecure", DOC_BOOL, AT(insecure), false, 0, 0, NULL},
	};
#undef AT
	int rc = doc_read_fields(reader->doc, object, fields, ARRAY_SIZE(fields), tls, reader->err);

	if (!rc && tls->key && !tls->cert)
		rc = doc_key_error(reader->doc, object, "key", reader->err,
			_("\"key\" is the key of a certificate: name that by \"cert\""));
	if (!rc && tls->insecure && tls->ca)
		rc = doc_key_error(reader->doc, object, "insecure", reader->err,
			_("with \"insecure\" nothing is checked against \"ca\": one of them"));
	if (!rc)
		rc = check_secret(reader, object, "passphrase", &tls->passphrase);
	if (!rc && tls->passphrase.place && !tls->cert)
		rc = doc_error(reader->doc, object, reader->err,
			_("a passphrase is for a key: name it by \"cert\" and \"key\""));
	if (rc)
		return rc;
	tls->ca_place = expand(reader, object, "ca", &tls->ca);
	tls->cert_place = expand(reader, object, "cert", &tls->cert);
	tls->key_place = expand(reader, object, "key", &tls->key);
	if (tls->cert && !tls->key) {
		tls->key = xstrdup(tls->cert);
		tls->key_place = xstrdup(tls->cert_place);
	}
	return 0;
}

/* ---- auth ---- */

static int read_auth(const struct reader *reader, const json_t *object, struct auth_config *auth)
{
#define AT(member) offsetof(struct auth_nodes, member)
	static const struct doc_field fields[] = {
		{"user", DOC_STRING, AT(user), false, 0, 0, NULL},
		SECRET("password", password),
		SECRET("token", token),
	};
#undef AT
	struct auth_nodes nodes = {.user = NULL};
	int rc = doc_read_fields(
		reader->doc, object, fields, ARRAY_SIZE(fields), &nodes, reader->err);

	if (!rc)
		rc = check_secret(reader, object, "password", &nodes.password);
	if (!rc)
		rc = check_secret(reader, object, "token", &nodes.token);
	if (!rc && nodes.token.place && (nodes.password.place || nodes.user))
		rc = doc_error(reader->doc, object, reader->err,
			_("\"auth\" is a user with a password, or a token: not both"));
	else if (!rc && !nodes.token.place && !nodes.user)
		rc = doc_error(reader->doc, object, reader->err,
			_("\"auth\" needs \"user\" and a password (password-command, "
			  "password-env, password-file), or a token (token-command, token-env, "
			  "token-file)"));
	else if (!rc && nodes.user && !nodes.password.place)
		rc = doc_error(reader->doc, object, reader->err,
			_("\"auth\" of a user needs password-command, password-env or "
			  "password-file"));
	else if (!rc && nodes.user && strchr(nodes.user, ':'))
		rc = doc_key_error(reader->doc, object, "user", reader->err,
			_("a user's name has no ':': the password has keys of its own"));
	if (!rc) {
		auth->user = nodes.user;
		auth->secret = nodes.user ? nodes.password : nodes.token;
		return 0;
	}
	free(nodes.user);
	secret_release(&nodes.password);
	secret_release(&nodes.token);
	return rc;
}

/* ---- both ---- */

int access_read(struct cluster_config *cluster, const struct doc *doc, const json_t *tls,
	const json_t *auth, const char *folder, struct err *err)
{
	const struct reader reader = {.doc = doc, .folder = folder, .err = err};
	const json_t *url;
	size_t i;
	int rc = 0;

	if (tls)
		rc = read_tls(&reader, tls, &cluster->tls);
	json_array_foreach (cluster->rest, i, url)
		if (!rc && tls && strncasecmp(json_string_value(url), "https://", 8) != 0)
			rc = doc_error(doc, tls, err,
				_("\"tls\" is for addresses that begin with https://"));
	if (!rc && auth)
		rc = read_auth(&reader, auth, &cluster->auth);
	return rc;
}

void access_release(struct cluster_config *cluster)
{
	struct tls_config *tls = &cluster->tls;

	free(tls->ca);
	free(tls->cert);
	free(tls->key);
	free(tls->ca_place);
	free(tls->cert_place);
	free(tls->key_place);
	secret_release(&tls->passphrase);
	free(cluster->auth.user);
	secret_release(&cluster->auth.secret);
}

static void put(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static void put_secret(json_t *object, const char *what, const struct secret_config *secret)
{
	char key[32];

	snprintf(key, sizeof(key), "%s-command", what);
	if (secret->command)
		json_object_set_new(object, key, words_to_json(secret->command));
	snprintf(key, sizeof(key), "%s-env", what);
	put(object, key, secret->env);
	snprintf(key, sizeof(key), "%s-file", what);
	put(object, key, secret->file);
}

void access_to_json(json_t *object, const struct cluster_config *cluster)
{
	const struct tls_config *tls = &cluster->tls;
	const struct auth_config *auth = &cluster->auth;
	json_t *node;

	if (tls->ca || tls->cert || tls->insecure) {
		node = json_object();
		put(node, "ca", tls->ca);
		put(node, "cert", tls->cert);
		put(node, "key", tls->key);
		put_secret(node, "passphrase", &tls->passphrase);
		if (tls->insecure)
			json_object_set_new(node, "insecure", json_true());
		json_object_set_new(object, "tls", node);
	}
	if (auth->secret.place) {
		node = json_object();
		put(node, "user", auth->user);
		put_secret(node, auth->user ? "password" : "token", &auth->secret);
		json_object_set_new(object, "auth", node);
	}
}
