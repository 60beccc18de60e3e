/* What is declared: teams and applications, as files of a workspace (later also by a StreamPark
 * server). */
#ifndef WEIR_MODEL_APP_H
#define WEIR_MODEL_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/model/job.h"

enum app_type { APP_JAR, APP_SQL, APP_PYFLINK, APP_TYPE_NONE };
const char *app_type_name(enum app_type type); /* "jar" "sql" "pyflink", NULL */

/* Flink's deployment targets. */
enum deployment_target {
	TARGET_REMOTE,
	TARGET_YARN_SESSION,
	TARGET_YARN_APPLICATION,
	TARGET_YARN_PER_JOB,
	TARGET_KUBERNETES_SESSION,
	TARGET_KUBERNETES_APPLICATION,
	TARGET_NONE
};
const char *deployment_target_name(enum deployment_target target);
extern const char *const deployment_target_words[]; /* NULL-ended */
extern const char *const app_type_words[];

struct team_decl {
	const char *name, *title, *owner;
	const char *const *members;
	size_t member_count;
	const struct setting *variables; /* before those of the context */
	size_t variable_count;
	const char *path;  /* of its team.yaml, relative to the workspace; NULL when there is only
			      the folder */
	const char *error; /* "file:line:column: text" when broken, else NULL */
};

struct build_decl {
	const char *git, *ref, *host, *command, *artifact;
};

struct app_decl {
	const char *team, *name;
	const char *job_name; /* never NULL: default is the name */
	enum app_type type;
	enum deployment_target target;
	const char *flink_env, *cluster, *artifact, *main_class, *owner;
	const char *sql, *sql_file; /* sql: also the text of sql_file (relative to the workspace) */
	const char *const *args;
	size_t arg_count;
	const char *const *tags;
	size_t tag_count;
	const struct setting *properties;
	size_t property_count;
	int parallelism; /* -1 = not said */
	int priority;    /* 0 = not said */
	bool allow_secret_argv;
	bool has_build;
	bool is_remembered; /* from the store: the values of secrets are masked */
	struct build_decl build;
	const char *path;  /* of the file, relative to the workspace */
	const char *text;  /* the file as it is, secrets masked; for the card */
	const char *error; /* "file:line:column: text": then only team, name (from the file's name)
			      and path hold */
};

/* With all their texts in `arena`. */
void team_decl_copy(struct arena *arena, struct team_decl *out, const struct team_decl *in);
void app_decl_copy(struct arena *arena, struct app_decl *out, const struct app_decl *in);

#endif
