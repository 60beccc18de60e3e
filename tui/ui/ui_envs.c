/*
 * The Flink envs of the configuration, looked at on their hosts when the list of them is first
 * shown, and again when everything is asked again.
 */
#include <stdlib.h>

#include "core/action/env_check.h"
#include "core/base/mem.h"
#include "core/cli/envs.h"
#include "tui/ui/ui_private.h"

struct env_item {
	struct ui *ui;
	const struct session_context *context;
	const struct flink_env_config *config;
	struct env_check *check; /* NULL = nothing is asked */
	struct env_state *state; /* never NULL */
};

struct ui_envs {
	struct env_item *items;
	const struct env_state **states; /* those of the items */
	size_t count;
	uint64_t changes;
};

static void on_checked(void *data, struct env_state *state)
{
	struct env_item *item = data;
	struct ui_envs *envs = item->ui->envs;

	item->check = NULL;
	env_state_free(item->state);
	item->state = state;
	env_state_apps(state, item->ui->session->fleet);
	envs->states[item - envs->items] = state;
	envs->changes++;
	ui_wake(item->ui);
}

static void look(struct ui_envs *envs)
{
	for (size_t i = 0; i < envs->count; i++) {
		struct env_item *item = &envs->items[i];
		if (item->check)
			continue;
		item->check =
			env_check_start(&(struct env_check_options){.loop = item->ui->session->loop,
						.hosts = item->context->ssh,
						.http = item->ui->session->http,
						.context = item->context->config->name,
						.env = item->config},
				on_checked, item);
	}
}

static struct ui_envs *envs_new(struct ui *ui)
{
	const struct session *session = ui->session;
	struct ui_envs *envs = xcalloc(1, sizeof(*envs));
	size_t most = 0;

	for (size_t i = 0; i < session->context_count; i++)
		most += session->contexts[i].config->flink_env_count;
	envs->items = xcalloc(most + 1, sizeof(*envs->items));
	envs->states = xcalloc(most + 1, sizeof(*envs->states));
	envs->changes = 1;
	for (size_t i = 0; i < session->context_count; i++) {
		const struct session_context *context = &session->contexts[i];
		for (size_t k = 0; k < context->config->flink_env_count; k++) {
			const struct flink_env_config *config = &context->config->flink_envs[k];
			struct env_item *item = &envs->items[envs->count];
			*item = (struct env_item){.ui = ui,
				.context = context,
				.config = config,
				.state = env_state_new(context->config->name, config->name,
					config->home, config->host, config->sql_gateway)};
			env_state_apps(item->state, session->fleet);
			envs->states[envs->count++] = item->state;
		}
	}
	return envs;
}

const struct env_state *const *ui_envs(void *data, size_t *count, uint64_t *changes)
{
	struct ui *ui = data;

	if (!ui->envs) {
		ui->envs = envs_new(ui);
		look(ui->envs);
	}
	*count = ui->envs->count;
	*changes = ui->envs->changes;
	return ui->envs->states;
}

void ui_envs_again(struct ui *ui)
{
	if (ui->envs)
		look(ui->envs);
}

void ui_envs_free(struct ui *ui)
{
	struct ui_envs *envs = ui->envs;

	for (size_t i = 0; envs && i < envs->count; i++) {
		env_check_cancel(envs->items[i].check);
		env_state_free(envs->items[i].state);
	}
	if (envs) {
		free(envs->items);
		free(envs->states);
	}
	free(envs);
	ui->envs = NULL;
}
