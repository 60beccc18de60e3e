/*
 * What is started: one application with every ${variable} filled in, as a value. A release keeps it
 * as JSON (its manifest), whole in its folder and masked in the store; a start runs exactly that,
 * whatever the file says meanwhile.
 *
 *	rc = deployment_render(&deployment, &(struct deployment_input){.decl = app->decl, …}, &err);
 *	json = deployment_json(deployment);                 for the store
 *	rc = deployment_parse(&deployment, json, &err);     and back
 *	deployment_free(deployment);
 *
 * Pure: no file is read, no host asked.
 */
#ifndef WEIR_MODEL_DEPLOYMENT_H
#define WEIR_MODEL_DEPLOYMENT_H

#include <jansson.h>

#include "core/base/err.h"
#include "core/model/app.h"

#define DIGEST_LEN 64 /* SHA-256 as hex */

/* One installed Flink version. */
struct flink_env {
	const char *name, *home; /* home: FLINK_HOME on `host` */
	const char *host;        /* NULL = this machine */
	const char *sql_gateway; /* base URL without a trailing slash, or NULL */
};

struct deployment {
	const char *context, *team, *name;
	const char *job_name;          /* never NULL */
	enum app_type type;            /* never APP_TYPE_NONE: "jar" when the file does not say */
	enum deployment_target target; /* never TARGET_NONE: "remote" */
	const char *cluster;           /* NULL: an application target makes its own */
	struct flink_env env;          /* name NULL: the application names none */
	/*
	 * Rendered: as the file says ("build", a path, "host:path"). Released: the absolute path of
	 * the file on env.host. NULL for SQL without one.
	 */
	const char *artifact;
	const char *artifact_sha256; /* of a release; else NULL */
	int64_t artifact_size;       /* -1 */
	const char *main_class;
	const char *const *args;
	size_t arg_count;
	const struct setting *properties;
	size_t property_count;
	int parallelism; /* -1 = not said */
	const char *sql; /* the script, or NULL */
	bool allow_secret_argv;
	/* Secrets of it are stars: it can be shown, compared and kept, and never be started. */
	bool is_masked;
	/* SHA-256 of everything above but artifact, artifact_sha256 and artifact_size: it changes
	 * when the file, or a variable that it uses, does. Of what was masked: of the whole. Hex. */
	const char *digest;
	struct arena *arena; /* holds all of it, itself too */
};

struct deployment_input {
	const struct app_decl *decl; /* valid; its `sql` holds the text of sql-file too */
	const char *context;
	/* Of the team before those of the context. */
	const struct setting *team_variables, *context_variables;
	size_t team_variable_count, context_variable_count;
	const struct flink_env *env; /* the one that decl names; NULL = none */
};

/*
 * "${name}" is filled in, in jobName, cluster, artifact, main-class, args, property values and SQL;
 * "$${" is a literal "${"; a value is not looked at again. E_CONFIG: a variable that nobody
 * defines, named with the file and with the nearest one there is.
 */
int deployment_render(struct deployment **out, const struct deployment_input *in, struct err *err);
/* Another artifact in the same deployment: what a release does. All copied. */
struct deployment *deployment_with_artifact(
	const struct deployment *deployment, const char *path, const char *sha256, int64_t size);
struct deployment *deployment_dup(const struct deployment *deployment);
void deployment_free(struct deployment *deployment); /* NULL-safe */
/*
 * A copy for the store and for everybody else: what the redactor knows as a secret, in properties,
 * arguments, SQL and addresses, is masked; is_masked says whether anything was.
 */
struct deployment *deployment_mask(const struct deployment *deployment);
/* Nothing of it was changed since its digest was taken, and nothing is masked. */
bool deployment_is_whole(const struct deployment *deployment);
/* Owned. With its secrets, unless it is masked: for a file of mode 0600 where it is started. */
json_t *deployment_json(const struct deployment *deployment);
int deployment_parse(struct deployment **out, const json_t *json, struct err *err);
/* For people and `weir diff`: lines "key: value", sorted, secrets masked. malloc'd. */
char *deployment_text(const struct deployment *deployment);

#endif
