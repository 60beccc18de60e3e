/* The words of an application file; the reader of such files checks against the same tables. */
#include "core/model/app.h"

const char *const app_type_words[] = {
	[APP_JAR] = "jar",
	[APP_SQL] = "sql",
	[APP_PYFLINK] = "pyflink",
	[APP_TYPE_NONE] = NULL,
};

const char *const deployment_target_words[] = {
	[TARGET_REMOTE] = "remote",
	[TARGET_YARN_SESSION] = "yarn-session",
	[TARGET_YARN_APPLICATION] = "yarn-application",
	[TARGET_YARN_PER_JOB] = "yarn-per-job",
	[TARGET_KUBERNETES_SESSION] = "kubernetes-session",
	[TARGET_KUBERNETES_APPLICATION] = "kubernetes-application",
	[TARGET_NONE] = NULL,
};

const char *app_type_name(enum app_type type)
{
	return (unsigned)type < APP_TYPE_NONE ? app_type_words[type] : NULL;
}

const char *deployment_target_name(enum deployment_target target)
{
	return (unsigned)target < TARGET_NONE ? deployment_target_words[target] : NULL;
}
