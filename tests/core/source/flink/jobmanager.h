/* A bench for the source: a loop, two JobManager doubles, an address where nobody is, and a source
 * on them. */
#ifndef WEIR_TESTS_FLINK_JOBMANAGER_H
#define WEIR_TESTS_FLINK_JOBMANAGER_H

#include "tests/core/source/flink/fixture.h"

#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/source/flink/flink.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define BENCH_ROUTES 16

struct bench {
	struct loop *loop;
	struct http *http;
	struct source *source;
	struct httpd *server, *other;
	char *url, *other_url, *dead_url;
	struct {
		char *route, *body;
		struct httpd_answer answer;
	} routes[BENCH_ROUTES];
	size_t route_count;
	int seen; /* requests to the first already counted */
	int done_count;
	struct snapshot *got;
};

/* ---- what the first double answers ---- */

static inline void bench_forget(struct bench *b)
{
	for (size_t i = 0; i < b->route_count; i++) {
		free(b->routes[i].route);
		free(b->routes[i].body);
	}
	b->route_count = 0;
	httpd_forget(b->server);
}

/* Sets or replaces the answer of one path. */
static inline void bench_answer(
	struct bench *b, const char *path, const struct httpd_answer *answer)
{
	char *route = xasprintf("GET %s", path);
	size_t at = 0;

	while (at < b->route_count && strcmp(b->routes[at].route, route) != 0)
		at++;
	assert_true(at < BENCH_ROUTES);
	if (at == b->route_count) {
		b->route_count++;
	} else {
		free(b->routes[at].route);
		free(b->routes[at].body);
	}
	b->routes[at].route = route;
	b->routes[at].answer = *answer;
	b->routes[at].answer.body = b->routes[at].body = xstrdup_null(answer->body);
	httpd_forget(b->server);
	for (size_t i = 0; i < b->route_count; i++)
		httpd_on(b->server, b->routes[i].route, &b->routes[i].answer);
}

static inline void bench_serve(struct bench *b, const char *path, int status, const char *body)
{
	bench_answer(b, path, &(struct httpd_answer){.status = status, .body = body});
}

static inline void bench_serve_silence(struct bench *b, const char *path)
{
	bench_answer(b, path, &(struct httpd_answer){.fault = HTTPD_SILENT});
}

static inline void bench_serve_huge(struct bench *b, const char *path, size_t bytes)
{
	bench_answer(b, path, &(struct httpd_answer){.stream_bytes = bytes});
}

/* All that the source asks, from the recordings of one version, and nothing else. */
static inline void bench_serve_recordings(struct bench *b, const char *version, const char *job_id)
{
	static const struct {
		const char *path, *file;
		bool of_job;
	} rows[] = {
		{"/jobs/overview", "jobs-overview", false},
		{"/overview", "overview", false},
		{"/taskmanagers", "taskmanagers", false},
		{"", "job", true},
		{"/checkpoints", "checkpoints", true},
		{"/exceptions?maxExceptions=16", "job-exceptions-failed", true},
		{"/metrics?get=numRestarts", "job-metrics-get", true},
		{"/config", "job-config", true},
		{"/checkpoints/config", "checkpoints-config", true},
	};

	bench_forget(b);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *path = rows[i].of_job ? xasprintf("/jobs/%s%s", job_id, rows[i].path)
					    : xstrdup(rows[i].path);
		char *body = fixture_text(version, rows[i].file);

		bench_serve(b, path, 200, body);
		free(body);
		free(path);
	}
}

/* Requests that reached the first double since the last call. */
static inline int bench_requests(struct bench *b)
{
	int all = httpd_counts(b->server).requests, fresh = all - b->seen;

	b->seen = all;
	return fresh;
}

/* ---- the second double has one answer to everything ---- */

static inline void bench_other(struct bench *b, const struct httpd_answer *answer)
{
	httpd_forget(b->other);
	httpd_on(b->other, "*", answer);
}

/* ---- the source ---- */

/* A new source on these `count` addresses (const char *), instead of the one there is. */
static inline void bench_addresses(struct bench *b, size_t count, ...)
{
	const char *addresses[4] = {0};
	va_list ap;

	va_start(ap, count);
	for (size_t i = 0; i < count; i++)
		addresses[i] = va_arg(ap, const char *);
	va_end(ap);
	source_close(b->source);
	b->source = flink_source_new(&(struct flink_source_options){
		.loop = b->loop,
		.http = b->http,
		.context = "prod",
		.cluster = "sessions",
		.addresses = addresses,
		.address_count = count,
	});
}

static inline void bench_keep(void *data, struct snapshot *snap)
{
	struct bench *b = data;

	assert_null(b->got);
	b->got = snap;
}

static inline void bench_count(void *data, struct snapshot *snap)
{
	((struct bench *)data)->done_count++;
	snapshot_unref(snap);
}

static inline void bench_never(void *data, struct snapshot *snap)
{
	(void)data;
	fail_msg("a canceled poll answered: %s", snap->err.text);
}

/* One poll from start to end; the snapshot is the caller's. */
static inline struct snapshot *bench_poll(struct bench *b, const struct poll *ask)
{
	struct snapshot *snap;

	bench_requests(b);
	source_poll(b->source, ask, bench_keep, b);
	assert_null(b->got); /* never from inside the call */
	assert_true(loop_run_until_idle(b->loop, 60000));
	assert_non_null(b->got);
	snap = b->got;
	b->got = NULL;
	return snap;
}

static inline int bench_setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct httpd *dead = httpd_start("127.0.0.1");
	struct err err = {0};

	check_ok("loop", loop_open(&b->loop, &err), &err);
	check_ok("http", http_open(&b->http, b->loop, &(struct http_options){0}, &err), &err);
	b->server = httpd_start("127.0.0.1");
	b->other = httpd_start("127.0.0.1");
	b->url = httpd_url(b->server, "");
	b->other_url = httpd_url(b->other, "");
	b->dead_url = httpd_url(dead, "");
	httpd_stop(dead);
	bench_addresses(b, 1, b->url);
	*state = b;
	return 0;
}

static inline int bench_teardown(void **state)
{
	struct bench *b = *state;

	source_close(b->source);
	http_close(b->http);
	loop_close(b->loop);
	bench_forget(b);
	httpd_stop(b->server);
	httpd_stop(b->other);
	free(b->url);
	free(b->other_url);
	free(b->dead_url);
	free(b);
	return 0;
}

#endif
