/*
 * A start as settings and as the body of a request. What is ours comes first and wins: the name is
 * what ties a job to its application, the job id what settles a doubt.
 */
#include "core/source/flink/settings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/flink/words.h"

#define JAR_NAME_BYTES 80

/* ---- versions ---- */

int flink_version_number(const char *version)
{
	char *end;
	long major = version ? strtol(version, &end, 10) : 0, minor;

	if (major < 1 || major > 99 || *end != '.')
		return 0;
	minor = strtol(end + 1, NULL, 10);
	return minor < 0 || minor > 99 ? 0 : (int)(major * 100 + minor);
}

char *flink_version_in(const char *text)
{
	static const char digits[] = "0123456789.";

	for (const char *p = text; *p; p++) {
		size_t len;

		if (p > text && (strchr(digits, p[-1]) || !strchr("-/_ \n", p[-1])))
			continue;
		len = strspn(p, digits);
		while (len && p[len - 1] == '.')
			len--;
		/* "_2.12-" is a Scala version, "1.20" a Flink one. */
		if (len >= 3 && memchr(p, '.', len) && (p == text || p[-1] != '_') &&
			flink_version_number(p) >= 101)
			return xstrndup(p, len);
	}
	return NULL;
}

/* ---- what must not be ---- */

int flink_start_check(const struct flink_start *start, struct err *err)
{
	if (str_eq(start->restore_mode, "LEGACY") && flink_version_number(start->version) >= 200)
		return err_set(err, E_UNSUPPORTED,
			_("Flink %s has no restore mode LEGACY any more: NO_CLAIM or CLAIM"),
			start->version);
	return 0;
}

static int secret(struct err *err, const struct deployment *deployment, const char *what,
	const char *name, size_t len)
{
	/* Its name comes last: what follows one is masked wherever this is shown. */
	return err_set(err, E_DENIED,
		_("%s: everybody on the host could read a secret in the command line: start "
		  "through REST (a Flink env on this machine), put it into a file of mode 0600 "
		  "there, or say allow-secret-argv: true. It looks like one: %s %.*s"),
		deployment->name, what, (int)len, name);
}

int flink_start_secret(const struct deployment *deployment, struct err *err)
{
	if (deployment->allow_secret_argv)
		return 0;
	for (size_t i = 0; i < deployment->property_count; i++)
		if (redact_key(deployment->properties[i].key) &&
			!str_empty(deployment->properties[i].value))
			return secret(err, deployment, _("property"), deployment->properties[i].key,
				strlen(deployment->properties[i].key));
	for (size_t i = 0; i < deployment->arg_count; i++) {
		const char *word = deployment->args[i];
		const char *next = i + 1 < deployment->arg_count ? deployment->args[i + 1] : "";
		char *both = xasprintf("%s %s", word, next), *masked = redact_dup(both);
		bool is_secret = !str_eq(both, masked) && *next;
		char *alone = redact_dup(word);

		is_secret |= !str_eq(alone, word);
		mem_wipe(both, strlen(both));
		free(both);
		free(masked);
		free(alone);
		if (is_secret)
			return secret(err, deployment, _("argument"), word, strcspn(word, "="));
	}
	return 0;
}

/* ---- settings ---- */

static void set(json_t *settings, const char *key, const char *value)
{
	json_object_set_new(settings, key, json_string(value));
}

static void set_restore(json_t *settings, const struct flink_start *start)
{
	if (!start->restore_path)
		return;
	set(settings, FLINK_KEY_RESTORE_PATH, start->restore_path);
	if (start->allow_non_restored_state)
		set(settings, FLINK_KEY_ALLOW, "true");
	if (start->restore_mode)
		set(settings, FLINK_KEY_RESTORE_MODE, start->restore_mode);
}

json_t *flink_start_settings(const struct flink_start *start, bool all)
{
	const struct deployment *deployment = start->deployment;
	json_t *settings = json_object();
	char *text, *host;
	bool is_https;
	int port;

	set(settings, FLINK_KEY_NAME, deployment->job_name);
	if (all) {
		set(settings, FLINK_KEY_JOB_ID, start->job_id);
		set(settings, "execution.target", deployment_target_name(deployment->target));
		if (start->address &&
			flink_address_split(start->address, &host, &port, &is_https)) {
			text = xasprintf("%d", port);
			set(settings, "rest.address", host);
			set(settings, "rest.port", text);
			free(text);
			free(host);
		}
		set_restore(settings, start);
	}
	if (all && deployment->parallelism > 0) {
		text = xasprintf("%d", deployment->parallelism);
		set(settings, FLINK_KEY_PARALLELISM, text);
		free(text);
	}
	for (size_t i = 0; i < deployment->property_count; i++)
		if (!json_object_get(settings, deployment->properties[i].key))
			set(settings, deployment->properties[i].key,
				deployment->properties[i].value);
	return settings;
}

char *flink_start_body(const struct flink_start *start, struct err *err)
{
	const struct deployment *deployment = start->deployment;
	int version = flink_version_number(start->version);
	bool takes_settings = version == 0 || version >= 117;
	json_t *body, *args = json_array();
	char *text;

	if (!takes_settings && deployment->property_count) {
		json_decref(args);
		err_set(err, E_UNSUPPORTED,
			_("%s: the REST API of Flink %s takes no properties (1.17 and later do): "
			  "name "
			  "a flink-env with a home folder, or set them in the program"),
			deployment->name, start->version);
		return NULL;
	}
	for (size_t i = 0; i < deployment->arg_count; i++)
		json_array_append_new(args, json_string(deployment->args[i]));
	body = json_pack("{s:s*, s:o, s:s}", "entryClass", deployment->main_class,
		"programArgsList", args, "jobId", start->job_id);
	if (deployment->parallelism > 0)
		json_object_set_new(body, "parallelism", json_integer(deployment->parallelism));
	if (start->restore_path) {
		json_object_set_new(body, "savepointPath", json_string(start->restore_path));
		json_object_set_new(body, "allowNonRestoredState",
			json_boolean(start->allow_non_restored_state));
	}
	if (start->restore_path && start->restore_mode)
		json_object_set_new(body, version >= 120 ? "claimMode" : "restoreMode",
			json_string(start->restore_mode));
	if (takes_settings)
		json_object_set_new(body, "flinkConfiguration", flink_start_settings(start, false));
	text = json_dumps(body, JSON_PRESERVE_ORDER);
	json_decref(body);
	return text;
}

/* ---- addresses and names ---- */

bool flink_address_split(const char *address, char **host, int *port, bool *is_https)
{
	const char *at = address, *end, *colon = NULL;
	int64_t number;

	*is_https = str_starts(address, "https://");
	if (!*is_https && !str_starts(address, "http://"))
		return false;
	at = strstr(address, "://") + 3;
	end = at + strlen(at);
	if (strpbrk(at, "/?#@"))
		return false;
	for (const char *p = end; p > at && *p != ']'; p--)
		if (*p == ':')
			colon = p;
	number = *is_https ? 443 : 80;
	if (colon && (!str_to_int64(colon + 1, &number) || number < 1 || number > 65535))
		return false;
	if (*at == '[') /* IPv6: Flink takes it without brackets */
		*host = xstrndup(at + 1, strcspn(at + 1, "]"));
	else
		*host = xstrndup(at, (size_t)((colon ? colon : end) - at));
	*port = (int)number;
	return true;
}

char *flink_jar_name(const char *path, const char *sha256)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);
	struct buf out;

	if (str_ends(name, ".jar"))
		len -= strlen(".jar");
	buf_init(&out, 0);
	buf_addf(&out, "%.16s-", sha256);
	for (size_t i = 0; i < len && i < JAR_NAME_BYTES; i++) {
		bool plain = (name[i] >= 'a' && name[i] <= 'z') ||
			(name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= '0' && name[i] <= '9') ||
			strchr("._-", name[i]);

		buf_addc(&out, plain ? name[i] : '_');
	}
	buf_adds(&out, ".jar");
	return buf_detach(&out);
}
