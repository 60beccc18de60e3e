/*
 * A stage for builds and releases: a real store, this machine as the host, a real git repository,
 * one declared application in a workspace, and what was told of its runs.
 */
#ifndef WEIR_TESTS_ACTION_SHIP_KIT_H
#define WEIR_TESTS_ACTION_SHIP_KIT_H

#include "core/action/action.h"
#include "core/base/clock.h"
#include "core/query/query_release.h"
#include "tests/core/action/build_kit.h"

struct ship {
	struct loop *loop;
	struct ssh *hosts;
	struct store *store;
	char *dir, *workspace, *git;
	struct app_decl decl;
	struct app app;
	struct context_config config;
	struct flink_env_config env;
	struct action_options options;
	struct action *action;
	char *calls, *command, *warnings; /* of the plan; or NULL */
	bool is_back, waits;
	struct run *run;
	struct err err;
	struct buf output;
	size_t builds, releases; /* read() */
	char *artifact, *sha256, *commit;
	struct release rows[16]; /* numbers and flags only, newest first */
	char *dirs[16];
};

static inline void ship_on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct ship *s = data;

	free(s->calls);
	free(s->command);
	free(s->warnings);
	s->calls = xstrdup_null(plan ? plan->calls : NULL);
	s->command = xstrdup_null(plan ? plan->command : NULL);
	s->warnings = xstrdup_null(plan ? plan->warnings : NULL);
	s->action = action;
	s->err = err ? *err : (struct err){0};
	free(s->run);
	s->run = NULL;
	if (err || s->waits)
		s->is_back = true;
	else
		action_go(action);
}

static inline void ship_on_output(void *data, const char *bytes, size_t len)
{
	buf_add(&((struct ship *)data)->output, bytes, len);
}

static inline void ship_on_done(void *data, const struct run *run, const struct err *err)
{
	struct ship *s = data;

	s->is_back = true;
	s->action = NULL;
	free(s->run);
	s->run = run ? run_dup(run) : NULL;
	s->err = err ? *err : (struct err){0};
}

static inline void ship_problem(void *data, const struct err *err)
{
	(void)data;
	(void)err;
}

static inline void ship_wait(struct ship *s, const char *row)
{
	int64_t end_ms = clock_mono_ms() + BUILD_DEADLINE_MS;

	while (!s->is_back && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 100);
	check_bool(row, s->is_back, true);
	s->is_back = false;
}

static inline void ship_open(struct ship *s)
{
	struct err err;

	*s = (struct ship){0};
	s->dir = temp_dir();
	s->workspace = temp_path(s->dir, "workspace");
	s->git = xasprintf("file://%s/repo", s->dir);
	setenv("XDG_CACHE_HOME", s->dir, 1);
	check_ok("loop", loop_open(&s->loop, &err), &err);
	buf_init(&s->output, 0);
	s->decl = (struct app_decl){.team = "ods",
		.name = "orders",
		.job_name = "orders",
		.type = APP_JAR,
		.target = TARGET_REMOTE,
		.artifact = "build",
		.main_class = "a.B",
		.path = "teams/ods/apps/orders.yaml",
		.parallelism = -1,
		.has_build = true,
		.build = {.git = s->git,
			.ref = "main",
			.command = "mkdir -p target && cp source target/a.jar",
			.artifact = "target/*.jar"}};
	s->app = (struct app){
		.ref = (char *)"prod/workspace/app/ods/orders", .context = (char *)"prod"};
	s->app.decl = &s->decl;
	s->config.workspace = s->workspace;
	s->config.keep_releases = 3;
	s->options = (struct action_options){.loop = s->loop,
		.app = &s->app,
		.config = &s->config,
		.prepared = ship_on_prepared,
		.on_output = ship_on_output,
		.done = ship_on_done,
		.data = s};
	char *store = temp_path(s->dir, "store");
	store_open(&s->store, s->loop, store, "prod", ship_problem, s);
	s->options.store = s->store;
	free(store);
}

/* This machine, and what else the configuration names. */
static inline void ship_hosts(struct ship *s, const char *known_hosts)
{
	struct err err;

	check_ok("hosts",
		ssh_open(&s->hosts,
			&(struct ssh_options){.loop = s->loop,
				.hosts = s->config.hosts,
				.host_count = s->config.host_count,
				.known_hosts = known_hosts},
			&err),
		&err);
	s->options.hosts = s->hosts;
}

static inline void ship_close(struct ship *s)
{
	action_drop(s->action);
	store_close(s->store);
	ssh_close(s->hosts);
	loop_close(s->loop);
	for (size_t i = 0; i < 16; i++)
		free(s->dirs[i]);
	free(s->calls);
	free(s->command);
	free(s->warnings);
	free(s->run);
	free(s->artifact);
	free(s->sha256);
	free(s->commit);
	buf_release(&s->output);
	free(s->git);
	free(s->workspace);
	temp_dir_remove(s->dir);
}

static inline void ship_act(struct ship *s, const char *row, const struct act *act)
{
	buf_reset(&s->output);
	s->options.act = act;
	s->action = action_new(&s->options);
	ship_wait(s, row);
}

static inline void ship_on_builds(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct ship *s = data;

	assert_null(err);
	s->builds = count;
	free(s->artifact);
	free(s->sha256);
	free(s->commit);
	s->artifact = xstrdup_null(count ? builds[0]->artifact : NULL);
	s->sha256 = xstrdup_null(count ? builds[0]->sha256 : NULL);
	s->commit = xstrdup_null(count ? builds[0]->commit : NULL);
	s->is_back = true;
}

static inline void ship_on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct ship *s = data;

	assert_null(err);
	s->releases = count;
	for (size_t i = 0; i < 16; i++) {
		free(s->dirs[i]);
		s->dirs[i] = i < count ? xstrdup(releases[i]->dir) : NULL;
		s->rows[i] = i < count ? *releases[i] : (struct release){0};
	}
	s->is_back = true;
}

/* What the registry holds now. */
static inline void ship_read(struct ship *s)
{
	query_builds(s->store, s->app.ref, 16, ship_on_builds, s);
	ship_wait(s, "builds");
	query_releases(s->store, s->app.ref, 16, ship_on_releases, s);
	ship_wait(s, "releases");
}

/* "checkout DONE, command FAILED, …", malloc'd. */
static inline char *ship_steps(const struct ship *s)
{
	struct buf out;

	buf_init(&out, 0);
	buf_adds(&out, "");
	for (size_t i = 0; s->run && i < s->run->step_count; i++)
		buf_addf(&out, "%s%s %s", i ? ", " : "", s->run->steps[i].name,
			run_state_name(s->run->steps[i].state));
	return buf_detach(&out);
}

static inline void check_steps(const char *row, const struct ship *s, const char *want)
{
	char *steps = ship_steps(s);

	if (!str_eq(steps, want))
		print_error("%s\n%s\n", s->err.text, buf_str(&s->output));
	check_str(row, steps, want);
	free(steps);
}

#endif
