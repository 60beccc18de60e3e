/*
 * Is a Flink env what the configuration says? Its host is reached, its home looked at, its version
 * and its Java found out, its SQL Gateway asked. Nothing over there is changed.
 *
 *	check = env_check_start(&(struct env_check_options){.loop = loop, .hosts = ssh, .http = http,
 *		.context = "prod", .env = &config->flink_envs[0]}, on_checked, data);
 *	... on_checked(data, state): state->found, state->version; yours now: env_state_free()
 *	env_check_cancel(check);
 *
 * Here, not in core/cli, because the console may use core/action and shall show the same; and not in
 * core/source, because an env is no witness of jobs: nothing of it goes into the fleet.
 */
#ifndef WEIR_ACTION_ENV_CHECK_H
#define WEIR_ACTION_ENV_CHECK_H

#include "core/config/config.h"
#include "core/loop/loop.h"
#include "core/model/env_state.h"

struct env_check;
struct http;
struct ssh;

struct env_check_options {
	struct loop *loop;
	struct ssh *hosts;
	struct http *http;
	const char *context;
	const struct flink_env_config *env; /* borrowed until `done` */
	int64_t timeout_ms;                 /* of each of the two questions; 0 = 20 s and 10 s */
};

/* Once, on the loop, never from inside env_check_start(). state: owned by the callee. */
typedef void (*env_check_fn)(void *data, struct env_state *state);

struct env_check *env_check_start(
	const struct env_check_options *options, env_check_fn done, void *data);
void env_check_cancel(struct env_check *check); /* NULL-safe; not after done */

/* What GET /v1/info of a SQL Gateway said → its version, malloc'd; NULL: it is none. */
char *gateway_version_of(const char *body, size_t len);

#endif
