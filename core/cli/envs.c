/*
 * weir get flink-envs [NAME…]: the installed Flink versions of the configuration, looked at on their
 * hosts at once. Only the workspace is read beside it: who uses which is declared there.
 */
#include "core/cli/envs.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/action/env_check.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/gather.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/prompter.h"
#include "core/cli/verbs.h"

#define DEADLINE_DEFAULT_MS 20000

struct env_item {
	struct envs *envs;
	struct env_check *check; /* NULL = it is back, or is not asked */
	struct env_state *state;
	const struct flink_env_config *config;
	const struct session_context *context;
};

struct envs {
	struct gather gather;
	struct env_item *items;
	size_t count, left;
	int64_t left_ms;
	struct err late;
};

void env_state_apps(struct env_state *state, const struct fleet *fleet)
{
	size_t count;
	struct app *const *apps = fleet_apps(fleet, &count);
	VEC(const char *) names = {0};

	for (size_t i = 0; i < count; i++)
		if (apps[i]->decl && str_eq(apps[i]->context, state->context) &&
			str_eq(apps[i]->decl->flink_env, state->name))
			vec_push(&names,
				arena_printf(state->arena, "%s/%s", apps[i]->decl->team,
					apps[i]->decl->name));
	const char **kept = arena_calloc(state->arena, names.len + 1, sizeof(*kept));
	for (size_t i = 0; i < names.len; i++)
		kept[i] = names.data[i];
	state->apps = kept;
	state->app_count = names.len;
	vec_release(&names);
}

static bool is_named(const struct envs *envs, const struct flink_env_config *env)
{
	const struct cli *cli = envs->gather.cli;

	for (size_t i = 1; i < cli->arg_count; i++)
		if (str_eq(cli->args[i], env->name))
			return true;
	return cli->arg_count <= 1;
}

static int check_names(const struct envs *envs, struct err *err)
{
	const struct cli *cli = envs->gather.cli;

	for (size_t i = 1; i < cli->arg_count; i++) {
		bool found = false;
		for (size_t k = 0; k < envs->count; k++)
			found |= str_eq(envs->items[k].config->name, cli->args[i]);
		if (!found)
			return err_set(
				err, E_NOTFOUND, _("there is no Flink env '%s'"), cli->args[i]);
	}
	return 0;
}

static void collect(struct envs *envs)
{
	const struct session *session = envs->gather.session;
	size_t max = 0;

	for (size_t i = 0; i < session->context_count; i++)
		max += session->contexts[i].config->flink_env_count;
	envs->items = xcalloc(max + 1, sizeof(*envs->items));
	for (size_t i = 0; i < session->context_count; i++) {
		const struct context_config *config = session->contexts[i].config;
		for (size_t k = 0; k < config->flink_env_count; k++)
			if (is_named(envs, &config->flink_envs[k]))
				envs->items[envs->count++] = (struct env_item){.envs = envs,
					.config = &config->flink_envs[k],
					.context = &session->contexts[i]};
	}
}

static void on_checked(void *data, struct env_state *state)
{
	struct env_item *item = data;

	item->check = NULL;
	item->state = state;
	if (--item->envs->left == 0)
		loop_stop(item->envs->gather.session->loop);
}

/* Who types is not hurried: only the time of those who answer by themselves counts. */
static void on_tick(void *data)
{
	struct envs *envs = data;
	const struct session *session = envs->gather.session;

	if (session->prompter && prompter_is_asking(session->prompter))
		return;
	envs->left_ms -= 100;
	if (envs->left_ms <= 0)
		loop_stop(session->loop);
}

static struct env_state *unasked(const struct env_item *item)
{
	return env_state_new(item->context->config->name, item->config->name, item->config->home,
		item->config->host, item->config->sql_gateway);
}

static void look_at_all(struct envs *envs)
{
	const struct session *session = envs->gather.session;
	int64_t limit = envs->gather.cli->session.timeout_ms;

	envs->left_ms = limit > 0 ? limit : DEADLINE_DEFAULT_MS;
	envs->left = envs->count;
	for (size_t i = 0; i < envs->count; i++) {
		struct env_item *item = &envs->items[i];
		item->check = env_check_start(&(struct env_check_options){.loop = session->loop,
						      .hosts = item->context->ssh,
						      .http = session->http,
						      .context = item->context->config->name,
						      .env = item->config,
						      .timeout_ms = limit},
			on_checked, item);
	}
	struct loop_timer *timer = loop_timer(session->loop, 100, 100, on_tick, envs);
	while (envs->left && envs->left_ms > 0)
		loop_run(session->loop);
	loop_timer_cancel(timer);
	for (size_t i = 0; i < envs->count; i++) {
		struct env_item *item = &envs->items[i];
		if (!item->check)
			continue;
		env_check_cancel(item->check);
		item->check = NULL;
		item->state = unasked(item);
		item->state->found = ENV_UNREACHABLE;
		err_set(&item->state->err, E_TIMEOUT, _("no answer in time (--timeout)"));
	}
}

static int print_envs(struct envs *envs, enum output_format format, json_t *errors)
{
	const void **items = xcalloc(envs->count + 1, sizeof(*items));
	size_t kept = 0;
	struct err err;

	for (size_t i = 0; i < envs->count; i++)
		if (listing_passes(envs->gather.cli, envs->items[i].state))
			items[kept++] = envs->items[i].state;
	struct output output =
		listing_output(envs->gather.cli, format, &env_table, items, kept, errors);
	output.empty = _("no Flink env to show: they are flink-envs: of a context");
	int rc = output_items(&output, &err);
	free(items);
	return rc ? cli_fail(&err) : 0;
}

/* What is wrong goes to the errors; the exit code says how many hosts answered. */
static int told(struct envs *envs, json_t *errors)
{
	size_t silent = 0;

	for (size_t i = 0; i < envs->count; i++) {
		const struct env_state *state = envs->items[i].state;
		struct err why;
		silent += state->found == ENV_UNREACHABLE;
		if (state->err.code)
			output_error(errors, state->name, &state->err);
		if (state->problem) {
			err_set(&why, E_CONFIG, "%s", state->problem);
			output_error(errors, state->name, &why);
		}
		if (state->gateway_problem) {
			err_set(&why, state->gateway == GATEWAY_SILENT ? E_NET : E_CONFIG, "%s",
				state->gateway_problem);
			output_error(errors, state->name, &why);
		}
	}
	return silent && silent == envs->count ? err_exit_code(E_NET)
		: silent                       ? err_exit_code(E_PARTIAL)
					       : 0;
}

static int run(struct envs *envs, enum output_format format)
{
	struct err err;
	bool cached = envs->gather.cached;

	if (gather_run(&envs->gather, &err))
		return cli_fail(&err);
	collect(envs);
	if (check_names(envs, &err))
		return cli_fail(&err);
	if (!cached)
		look_at_all(envs);
	for (size_t i = 0; i < envs->count; i++) {
		struct env_item *item = &envs->items[i];
		if (!item->state)
			item->state = unasked(item);
		env_state_apps(item->state, envs->gather.session->fleet);
	}
	json_t *errors = gather_errors(&envs->gather);
	int code = told(envs, errors);
	int rc = print_envs(envs, format, errors);
	json_decref(errors);
	return rc ? rc : code;
}

int verb_get_envs(struct cli *cli)
{
	enum output_format format;
	struct envs envs = {.count = 0};
	struct err err;

	if (listing_read(cli, &env_table, true, &format, &err))
		return cli_fail(&err);
	envs.gather = (struct gather){
		.cli = cli, .cached = cli_option(cli, "cached") != NULL, .local_only = true};
	int rc = run(&envs, format);
	for (size_t i = 0; i < envs.count; i++)
		env_state_free(envs.items[i].state);
	free(envs.items);
	gather_release(&envs.gather);
	return rc;
}
