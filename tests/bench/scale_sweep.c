/*
 * The sweep of weir is a round of its poller, in this process, as the console's: what it costs is what
 * this process has spent, so fleetd's part is not in it. The naive client is what everybody writes
 * first: one CURLM, an easy handle for each address, all at once; each body is parsed.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/bench/console.h"
#include "tests/bench/scale.h"

#define SWEEPS 5
#define SWEEPS_NAIVE 1
#define GOAL_S 0.55
#define GOAL_ADDRESSES 10000

static double spent_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void scale_sweeps_of_weir(struct scale *scale)
{
	struct console console;
	samples_vec samples = {0};
	int64_t before;

	console_open(&console, scale->config, scale->store);
	console_ask(&console); /* connections are warm */
	before = scale_count(scale, "connections");
	for (int i = 0; i < SWEEPS; i++) {
		double began_s = spent_s();

		console_ask(&console);
		vec_push(&samples, spent_s() - began_s);
	}
	figure_samples(scale_name(scale, "CPU of one sweep"), "s", &samples);
	figure_value(scale_name(scale, "connections opened anew in a sweep"), "",
		(double)(scale_count(scale, "connections") - before) / SWEEPS);
	if (scale->managers == GOAL_ADDRESSES && !scale->kind)
		figure_goal(scale_name(scale, "CPU of one sweep, median"), "s",
			samples_median(&samples), "<=", GOAL_S);
	console_close(&console);
	vec_release(&samples);
}

/* ---- naive ---- */

static size_t on_body(char *data, size_t size, size_t count, void *to)
{
	buf_add(to, data, size * count);
	return size * count;
}

static void turn(CURLM *multi, int *left)
{
	CURLMcode rc = curl_multi_perform(multi, left);

	if (rc == CURLM_OK && *left)
		curl_multi_poll(multi, NULL, 0, 1000, NULL);
	for (int queued; curl_multi_info_read(multi, &queued);)
		;
}

static void sweep(CURLM *multi, CURL **easy, struct buf *bodies, int count)
{
	int left;

	for (int i = 0; i < count; i++) {
		buf_reset(&bodies[i]);
		curl_multi_add_handle(multi, easy[i]);
	}
	do
		turn(multi, &left);
	while (left);
	for (int i = 0; i < count; i++) {
		json_t *root = json_loadb(buf_str(&bodies[i]), bodies[i].len, 0, NULL);

		if (!root)
			fprintf(stderr, "naive: no answer of JobManager %d\n", i);
		json_decref(root);
		curl_multi_remove_handle(multi, easy[i]);
	}
}

static void raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void sweeps_naive(struct scale *scale)
{
	int count = scale->managers;
	CURL **easy = xcalloc((size_t)count, sizeof(CURL *));
	struct buf *bodies = xcalloc((size_t)count, sizeof(*bodies));
	CURLM *multi = curl_multi_init();
	samples_vec samples = {0};

	raise_limit();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)count);
	for (int i = 0; i < count; i++) {
		char *url = fleetd_url(scale->fleetd, i, "/jobs/overview");

		buf_init(&bodies[i], 0);
		easy[i] = curl_easy_init();
		curl_easy_setopt(easy[i], CURLOPT_URL, url);
		curl_easy_setopt(easy[i], CURLOPT_WRITEFUNCTION, on_body);
		curl_easy_setopt(easy[i], CURLOPT_WRITEDATA, &bodies[i]);
		free(url);
	}
	for (int i = 0; i <= SWEEPS_NAIVE; i++) {
		double began_s = spent_s();

		sweep(multi, easy, bodies, count);
		if (i) /* the first one connects */
			vec_push(&samples, spent_s() - began_s);
	}
	figure_samples(
		scale_name(scale, "the same by a naive client, one request each"), "s", &samples);
	for (int i = 0; i < count; i++) {
		curl_easy_cleanup(easy[i]);
		buf_release(&bodies[i]);
	}
	curl_multi_cleanup(multi);
	vec_release(&samples);
	free(bodies);
	free(easy);
}

void scale_sweeps(struct scale *scale)
{
	scale_sweeps_of_weir(scale);
	sweeps_naive(scale);
}
