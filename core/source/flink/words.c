/*
 * What differs between versions is said here and nowhere else: an application target is `run` from
 * 2.0 on and `run-application` before; -cm took the place of -rm in 1.20; yarn-per-job and LEGACY
 * ended with 1.x.
 *
 * Each command gets -d, our job id, and the JobManager's address as -D words: -m would bring the old
 * command line of Flink back, which does not know -t.
 */
#include "core/source/flink/words.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/source/flink/settings.h"

#define VERSION_DEFAULT 120

static void add(struct flink_words *words, const char *word)
{
	vec_push(words, xstrdup(word));
}

static void add_two(struct flink_words *words, const char *option, const char *value)
{
	add(words, option);
	add(words, value);
}

static void add_setting(struct flink_words *words, const char *key, const char *value)
{
	vec_push(words, xasprintf("-D%s=%s", key, value));
}

void flink_words_release(struct flink_words *words)
{
	for (size_t i = 0; i < words->len; i++) {
		mem_wipe(words->data[i], strlen(words->data[i]));
		free(words->data[i]);
	}
	vec_release(words);
}

char *flink_words_line(const struct flink_words *words, bool masked)
{
	struct buf line;
	char *text;

	buf_init(&line, 0);
	sh_quote_words(&line, (const char *const *)words->data, words->len);
	text = masked ? redact_dup(buf_str(&line)) : xstrdup(buf_str(&line));
	buf_release(&line);
	return text;
}

static const char *property(const struct deployment *deployment, const char *key)
{
	for (size_t i = 0; i < deployment->property_count; i++)
		if (str_eq(deployment->properties[i].key, key))
			return deployment->properties[i].value;
	return NULL;
}

static bool is_application_target(enum deployment_target target)
{
	return target == TARGET_YARN_APPLICATION || target == TARGET_KUBERNETES_APPLICATION;
}

/* ---- what cannot be said ---- */

static int check_session(const struct deployment *deployment, const char *key, struct err *err)
{
	if (!str_empty(property(deployment, key)))
		return 0;
	return err_set(err, E_ARG,
		_("%s: a start on %s needs the property %s: without it Flink would take whichever "
		  "session it finds"),
		deployment->name, deployment_target_name(deployment->target), key);
}

static int check_words(const struct flink_start *start, struct err *err)
{
	const struct deployment *deployment = start->deployment;
	const char *target = deployment_target_name(deployment->target);
	int version = flink_version_number(start->version);

	if (str_empty(deployment->env.home))
		return err_set(err, E_UNSUPPORTED,
			_("%s: a start on %s needs flink-env: with a home folder that holds "
			  "bin/flink"),
			deployment->name, target);
	if (deployment->target == TARGET_YARN_PER_JOB && version >= 200)
		return err_set(err, E_UNSUPPORTED,
			_("%s: Flink %s has no yarn-per-job any more: use yarn-application"),
			deployment->name, start->version);
	if (deployment->type == APP_SQL)
		return err_set(err, E_UNSUPPORTED, _("%s: SQL is not started by `flink run`"),
			deployment->name);
	if (str_empty(deployment->artifact))
		return err_set(err, E_ARG, _("%s: it has no artifact to start"), deployment->name);
	if (deployment->target == TARGET_YARN_SESSION)
		return check_session(deployment, "yarn.application.id", err);
	if (deployment->target == TARGET_KUBERNETES_SESSION)
		return check_session(deployment, "kubernetes.cluster-id", err);
	return 0;
}

/* ---- where to ---- */

/* "orders_v2" → "orders-v2-0123abcd": a name that Kubernetes takes, and that is ours alone. */
static char *cluster_id(const struct flink_start *start)
{
	struct buf id;
	char *text;

	buf_init(&id, 0);
	for (const char *p = start->deployment->name; *p && id.len < 36; p++)
		buf_addc(&id, strchr("._", *p) ? '-' : *p);
	if (id.len && strchr("0123456789", id.data[0])) {
		text = xasprintf("f-%.34s-%.8s", buf_str(&id), start->job_id);
	} else {
		text = xasprintf("%s-%.8s", buf_str(&id), start->job_id);
	}
	buf_release(&id);
	return text;
}

static int add_target(struct flink_words *words, const struct flink_start *start, struct err *err)
{
	const struct deployment *deployment = start->deployment;
	char *host, *text;
	bool is_https;
	int port;

	switch (deployment->target) {
	case TARGET_REMOTE:
		if (!start->address ||
			!flink_address_split(start->address, &host, &port, &is_https))
			return err_set(err, E_UNSUPPORTED,
				_("%s: `flink run` cannot be told the address %s: it takes a host "
				  "and a "
				  "port"),
				deployment->name, start->address ? start->address : "");
		add_setting(words, "rest.address", host);
		text = xasprintf("%d", port);
		add_setting(words, "rest.port", text);
		if (is_https)
			add_setting(words, "security.ssl.rest.enabled", "true");
		free(text);
		free(host);
		break;
	case TARGET_YARN_APPLICATION:
	case TARGET_YARN_PER_JOB:
		if (!property(deployment, "yarn.application.name"))
			add_setting(words, "yarn.application.name", deployment->job_name);
		/* By which it is found when the link breaks before it is named. */
		if (!property(deployment, "yarn.tags")) {
			text = xasprintf("weir-%s", start->job_id);
			add_setting(words, "yarn.tags", text);
			free(text);
		}
		break;
	case TARGET_KUBERNETES_APPLICATION:
		if (!property(deployment, "kubernetes.cluster-id")) {
			text = cluster_id(start);
			add_setting(words, "kubernetes.cluster-id", text);
			free(text);
		}
		break;
	default: break;
	}
	return 0;
}

/* ---- what ---- */

static void add_restore(struct flink_words *words, const struct flink_start *start, int version)
{
	if (!start->restore_path)
		return;
	add_two(words, "-s", start->restore_path);
	if (start->allow_non_restored_state)
		add(words, "-n");
	if (start->restore_mode)
		add_two(words, version >= 120 ? "-cm" : "-rm", start->restore_mode);
}

static void add_program(struct flink_words *words, const struct deployment *deployment)
{
	const char *artifact = deployment->artifact;

	if (deployment->type != APP_PYFLINK) {
		if (deployment->main_class)
			add_two(words, "-c", deployment->main_class);
		/* A path within the image, unless it is a URI. */
		if (deployment->target == TARGET_KUBERNETES_APPLICATION && !strstr(artifact, "://"))
			vec_push(words, xasprintf("local://%s", artifact));
		else
			add(words, artifact);
	} else if (deployment->main_class) {
		add_two(words, "-pyfs", artifact);
		add_two(words, "-pym", deployment->main_class);
	} else {
		add_two(words, "-py", artifact);
	}
	for (size_t i = 0; i < deployment->arg_count; i++)
		add(words, deployment->args[i]);
}

int flink_words(struct flink_words *out, const struct flink_start *start, struct err *err)
{
	const struct deployment *deployment = start->deployment;
	struct flink_words words = {0};
	int version = flink_version_number(start->version);
	json_t *settings, *value;
	const char *key;
	int rc = check_words(start, err);

	if (!rc)
		rc = flink_start_check(start, err);
	if (!rc)
		rc = flink_start_secret(deployment, err);
	if (rc)
		return rc;
	if (!version)
		version = VERSION_DEFAULT;
	vec_push(&words, xasprintf("%s/bin/flink", deployment->env.home));
	add(&words,
		is_application_target(deployment->target) && version < 200 ? "run-application"
									   : "run");
	add(&words, "-d");
	add_two(&words, "-t", deployment_target_name(deployment->target));
	rc = add_target(&words, start, err);
	if (rc) {
		flink_words_release(&words);
		return rc;
	}
	add_setting(&words, FLINK_KEY_JOB_ID, start->job_id);
	settings = flink_start_settings(start, false);
	json_object_foreach (settings, key, value)
		add_setting(&words, key, json_string_value(value));
	json_decref(settings);
	if (deployment->parallelism > 0) {
		char *number = xasprintf("%d", deployment->parallelism);

		add_two(&words, "-p", number);
		free(number);
	}
	add_restore(&words, start, version);
	add_program(&words, deployment);
	*out = words;
	return 0;
}
