/*
 * A stage for actions: a JobManager's double, a real store, one job, and what was told of its runs.
 * What is counted is what was sent.
 */
#ifndef WEIR_TESTS_ACTION_STAGE_H
#define WEIR_TESTS_ACTION_STAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/net/http.h"
#include "core/query/query.h"
#include "core/source/flink/flink.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define JOB "0123456789abcdef0123456789abcdef"
#define DEADLINE_MS 60000
#define CONFIG "{\"flink-version\":\"1.20.5\",\"features\":{\"web-history\":false}}"
#define HISTORY "{\"flink-version\":\"1.20.5\",\"features\":{\"web-history\":true}}"
#define RUNNING "{\"status\":\"RUNNING\"}"
#define FINISHED "{\"status\":\"FINISHED\"}"
#define CANCELED "{\"status\":\"CANCELED\"}"
#define IN_PROGRESS "{\"status\":{\"id\":\"IN_PROGRESS\"},\"operation\":null}"
#define COMPLETED                                                                                  \
	"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"file:/sp/"               \
	"savepoint-1\"}}"
#define NO_LOCATION "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{}}"
#define FAILURE                                                                                    \
	"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"class\":\"x.Y\","  \
	"\"stack-trace\":\"java.util.concurrent.CompletionException: outer\\n\\tat a.b(C.java)\\n" \
	"Caused by: org.x.CheckpointException: middle\\n\\tat a.b(C.java)\\n"                      \
	"Caused by: java.io.IOException: Failed to create savepoint directory at file:/x\\n"       \
	"\\tat a.b(C.java)\\n\"}}}"
#define NO_TRIGGER                                                                                 \
	"{\"errors\":[\"org.apache.flink.runtime.rest.handler.RestHandlerException: There is no "  \
	"savepoint operation with triggerId=1 for job 2\\n\\tat a.b(C.java)\"]}"
#define REFUSED                                                                                    \
	"{\"errors\":[\"org.apache.flink.runtime.rest.handler.RestHandlerException: no, because\"" \
	"]}"

struct stage {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
	struct source *source;
	struct store *store;
	char *dir;
	struct cluster cluster;
	struct job job;
	struct app app;
	struct context_config config;
	struct action_options options;
	struct action *action;                    /* NULL = none, or gone */
	bool waits;                               /* for the test to call action_go() */
	char *calls, *warnings, *typed, *restore; /* of the plan; or NULL */
	int sent_before, sent_at_change, changes;
	bool is_back;
	struct run *run; /* as told; or NULL */
	struct err err;
	size_t rows; /* of the store */
	struct run *row;
};

static inline void on_problem(void *data, const struct err *err)
{
	(void)data;
	(void)err;
}

static inline int sent(struct stage *s)
{
	return s->sent_before + httpd_requests(s->server, "POST *") +
		httpd_requests(s->server, "PATCH *");
}

/* Forgets all routes, but not what was sent. */
static inline void forget(struct stage *s)
{
	s->sent_before = sent(s);
	httpd_forget(s->server);
}

static inline void on_change(void *data, const struct run *run)
{
	struct stage *s = data;

	/* Nothing has left before the row said so. */
	if (run->state == RUN_SENT)
		s->sent_at_change += sent(s);
	s->changes++;
}

static inline void stage_plan(struct stage *s, const struct action_plan *plan)
{
	free(s->calls);
	free(s->warnings);
	free(s->typed);
	free(s->restore);
	s->calls = xstrdup_null(plan ? plan->calls : NULL);
	s->warnings = xstrdup_null(plan ? plan->warnings : NULL);
	s->typed = xstrdup_null(plan ? plan->typed : NULL);
	s->restore = xstrdup_null(plan ? plan->restore_path : NULL);
}

static inline void on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct stage *s = data;

	assert_false(s->is_back);
	stage_plan(s, plan);
	s->action = action;
	s->err = err ? *err : (struct err){0};
	if (err || s->waits) {
		free(s->run);
		s->run = NULL;
		s->is_back = true;
		loop_stop(s->loop);
	} else {
		action_go(action);
	}
}

static inline void on_done(void *data, const struct run *run, const struct err *err)
{
	struct stage *s = data;

	assert_false(s->is_back);
	s->is_back = true;
	s->action = NULL;
	free(s->run);
	s->run = run ? run_dup(run) : NULL;
	s->err = err ? *err : (struct err){0};
	loop_stop(s->loop);
}

static inline void on_runs(
	void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct stage *s = data;

	assert_null(err);
	s->rows = count;
	free(s->row);
	s->row = count ? run_dup(runs[0]) : NULL;
	s->is_back = true;
	loop_stop(s->loop);
}

static inline void wait(struct stage *s, const char *row)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	while (!s->is_back && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 100);
	check_bool(row, s->is_back, true);
	s->is_back = false;
}

static inline void newest(struct stage *s, const char *row)
{
	query_runs(s->store, NULL, false, 10, on_runs, s);
	wait(s, row);
}

static inline void stage_store(struct stage *s, const char *dir)
{
	store_open(&s->store, s->loop, dir, "prod", on_problem, s);
	s->options.store = s->store;
}

static inline int setup(void **state)
{
	struct stage *s = xcalloc(1, sizeof(*s));
	struct err err = {0};
	char *url;

	s->dir = temp_dir();
	check_ok("loop", loop_open(&s->loop, &err), &err);
	check_ok("http", http_open(&s->http, s->loop, &(struct http_options){0}, &err), &err);
	s->server = httpd_start("127.0.0.1");
	url = httpd_url(s->server, "");
	s->source = flink_source_new(&(struct flink_source_options){.loop = s->loop,
		.http = s->http,
		.context = "prod",
		.cluster = "sessions",
		.addresses = (const char *const[]){url},
		.address_count = 1});
	free(url);
	s->cluster.name = (char *)"sessions";
	s->job.cluster = &s->cluster;
	s->job.name = (char *)"orders";
	s->job.summary.status = JOB_RUNNING;
	memcpy(s->job.summary.id, JOB, sizeof(JOB));
	s->app.ref = (char *)"prod/flink:sessions/job/" JOB;
	s->app.context = (char *)"prod";
	s->app.job = &s->job;
	s->options = (struct action_options){.loop = s->loop,
		.source = s->source,
		.app = &s->app,
		.timeout_ms = 8000,
		.doubt_ms = 1500,
		.request_ms = 1000,
		.config = &s->config,
		.prepared = on_prepared,
		.on_change = on_change,
		.done = on_done,
		.data = s};
	stage_store(s, s->dir);
	*state = s;
	return 0;
}

static inline int teardown(void **state)
{
	struct stage *s = *state;

	source_close(s->source);
	store_close(s->store);
	http_close(s->http);
	loop_close(s->loop);
	httpd_stop(s->server);
	temp_dir_remove(s->dir);
	stage_plan(s, NULL);
	free(s->run);
	free(s->row);
	free(s);
	return 0;
}

static inline void serve(struct stage *s, const char *route, const char *body)
{
	httpd_on(s->server, route, &(struct httpd_answer){.body = body});
}

static inline void act(struct stage *s, const char *row, const struct act *act)
{
	s->options.act = act;
	s->sent_at_change = 0;
	s->action = action_new(&s->options);
	check_bool("not from inside", s->is_back, false);
	wait(s, row);
}

#endif
