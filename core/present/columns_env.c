/* The columns of an installed Flink version, as it was found on its host. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/env_state.h"
#include "core/present/value.h"

#define STATE(name) const struct env_state *name = item
#define UNUSED_ENV (void)env

#define TEXT_GETTER(field)                                                                         \
	static struct value get_##field(const void *item, const struct present_env *env)           \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		STATE(state);                                                                      \
		return value_of_text(state->field);                                                \
	}

TEXT_GETTER(name)
TEXT_GETTER(context)
TEXT_GETTER(home)
TEXT_GETTER(version)
TEXT_GETTER(java)
TEXT_GETTER(java_home)
TEXT_GETTER(sql_gateway)
TEXT_GETTER(gateway_version)
TEXT_GETTER(gateway_problem)

static struct value get_host(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return value_of_text(state->host ? state->host : "local");
}

static struct value get_found(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return value_of_text(env_found_words[state->found]);
}

static enum tone tone_found(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return state->found == ENV_OK            ? TONE_OK
		: !state->found                  ? TONE_DIM
		: state->found == ENV_INCOMPLETE ? TONE_WARN
						 : TONE_ERROR;
}

static struct value get_reachable(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return state->found ? value_of_bool(state->found != ENV_UNREACHABLE) : value_null();
}

static struct value get_gateway(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return value_of_text(gateway_found_words[state->gateway]);
}

static enum tone tone_gateway(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return state->gateway == GATEWAY_OK ? TONE_OK : state->gateway ? TONE_ERROR : TONE_DIM;
}

static struct value get_problem(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return value_of_text(state->err.code ? state->err.text : state->problem);
}

static struct value get_apps(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return value_of_texts(state->apps, state->app_count);
}

static void text_apps(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	STATE(state);
	buf_addf(out, "%zu", state->app_count);
}

static struct value get_checked(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return value_of_time(state->checked_ms);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("name", N_("NAME"), get_name, 6, 20, 1)},
	{COLUMN("state", N_("STATE"), get_found, 11, 11, 1), .tone = tone_found},
	{COLUMN("version", N_("VERSION"), get_version, 6, 16, 2)},
	{COLUMN("java", N_("JAVA"), get_java, 6, 10, 3)},
	{COLUMN("host", N_("HOST"), get_host, 6, 20, 2)},
	{COLUMN("home", N_("HOME"), get_home, 10, 0, 3)},
	{COLUMN("sqlGatewayState", N_("GATEWAY"), get_gateway, 7, 11, 4), .tone = tone_gateway},
	{COLUMN("applications", N_("APPS"), get_apps, 4, 5, 5), .text = text_apps,
		.is_right = true},
	{COLUMN("context", N_("CONTEXT"), get_context, 6, 16, 6), .is_wide = true},
	{COLUMN("javaHome", N_("JAVA HOME"), get_java_home, 10, 0, 6), .is_wide = true},
	{COLUMN("sqlGateway", N_("SQL GATEWAY"), get_sql_gateway, 10, 0, 6), .is_wide = true},
	{COLUMN("problem", N_("PROBLEM"), get_problem, 10, 0, 6), .is_wide = true},
	{.key = "reachable", .get = get_reachable},
	{.key = "sqlGatewayVersion", .get = get_gateway_version},
	{.key = "sqlGatewayProblem", .get = get_gateway_problem},
	{.key = "checkedMs", .get = get_checked},
};

static void filter_text(const void *item, struct buf *out)
{
	STATE(state);
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n", state->name, env_found_words[state->found],
		state->host ? state->host : "local", state->home,
		state->version ? state->version : "");
	for (size_t i = 0; i < state->app_count; i++)
		buf_addf(out, "%s\n", state->apps[i]);
}

static bool is_stale(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	STATE(state);
	return !state->found;
}

const struct column_table env_table = {
	.kind = "FlinkEnvList",
	.name = "flink-envs",
	.item_name = N_("Flink env"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX,
	.filter_text = filter_text,
	.is_stale = is_stale,
};
