/* The real console, looking through the proxy at a server whose answers are known: what the sampler
 * sees of it, and that the judge says so. */
#include "tests/faults/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/e2e/bench.h"
#include "tests/faults/judge.h"
#include "tests/faults/proxy.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define DEADLINE_MS 60000
#define OVERVIEW                                                                                   \
	"{\"taskmanagers\":1,\"slots-total\":8,\"slots-available\":7,\"jobs-running\":1,"          \
	"\"jobs-finished\":0,\"jobs-cancelled\":0,\"jobs-failed\":0,"                              \
	"\"flink-version\":\"1.20.5\",\"flink-commit\":\"x\"}"
#define JOBS                                                                                       \
	"{\"jobs\":[{\"jid\":\"11112222333344445555666677778888\",\"name\":\"orders\","            \
	"\"start-time\":1700000000000,\"end-time\":-1,\"duration\":1000,\"state\":\"RUNNING\","    \
	"\"last-modification\":1700000001000,\"tasks\":{\"running\":1,\"canceling\":0,"            \
	"\"canceled\":0,\"total\":1,\"created\":0,\"scheduled\":0,\"deploying\":0,"                \
	"\"reconciling\":0,\"finished\":0,\"initializing\":0,\"failed\":0}}]}"

static struct httpd *server;
static struct proxy *proxy;
static struct bench *bench;
static struct screen *screen;
static struct sampler *sampler;

static int setup(void **state)
{
	char *url, *config, *store;

	(void)state;
	server = httpd_start("127.0.0.1");
	httpd_on(server, "GET /jobs/overview", &(struct httpd_answer){.body = JOBS});
	httpd_on(server, "GET /overview", &(struct httpd_answer){.body = OVERVIEW});
	proxy = proxy_start(httpd_port(server));
	bench = bench_new();
	url = xasprintf("http://127.0.0.1:%d", proxy_port(proxy));
	bench_set(bench, "url", url);
	bench_file(bench, "config.yaml",
		"contexts:\n- name: faults\n  workspace: ws\n"
		"  clusters:\n  - {name: s, type: standalone, rest: \"{url}\"}\n");
	bench_file(bench, "ws/teams/shop/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ncluster: s\n");
	config = bench_expand(bench, "{home}/config.yaml");
	store = bench_expand(bench, "{home}/store");
	screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = (const char *[]){"--config", config, "--store", store, NULL},
		.rows = 24,
		.cols = 120});
	sampler = sampler_start(screen, "orders", "shop");
	free(url);
	free(config);
	free(store);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sampler_stop(sampler);
	screen_free(screen);
	bench_free(bench);
	proxy_stop(proxy);
	httpd_stop(server);
	return 0;
}

static enum verdict judge_from(size_t *at, const char *want, const char *never, struct buf *trail)
{
	enum verdict verdict = JUDGE_NOT_YET;
	struct sample sample;
	struct judge judge;
	int64_t end_ms = 0;

	judge_begin(&judge, want, never);
	while (verdict == JUDGE_NOT_YET && sampler_get(sampler, (*at)++, &sample)) {
		end_ms = end_ms ? end_ms : sample.ms + DEADLINE_MS;
		assert_true(sample.ms < end_ms);
		judge_trail(trail, sample.cell);
		verdict = judge_take(&judge, sample.cell, sample.ms, true);
	}
	return verdict;
}

static void what_a_console_shows_is_sampled_and_judged(void **state)
{
	struct buf trail;
	size_t at = 0;

	(void)state;
	buf_init(&trail, 0);
	check_int("runs", judge_from(&at, "RUNNING", NULL, &trail), JUDGE_TRUE);
	proxy_set(proxy, &(struct proxy_fault){.way = PROXY_REFUSE});
	check_int("cut", judge_from(&at, "UNREACHABLE", "LOST|FAILED", &trail), JUDGE_TRUE);
	check_has("trail", buf_str(&trail), "RUNNING > UNREACHABLE");
	proxy_set(proxy, NULL);
	check_int("back", judge_from(&at, "RUNNING", "LOST|FAILED", &trail), JUDGE_TRUE);
	check_has("trail", buf_str(&trail), "RUNNING > UNREACHABLE > RUNNING");
	/* A state that must not be shown is found. */
	proxy_set(proxy, &(struct proxy_fault){.way = PROXY_REFUSE});
	check_int("a wrong state", judge_from(&at, "LOST", "UNREACHABLE", &trail), JUDGE_WRONG);
	buf_release(&trail);
}

static void a_console_that_ends_is_told(void **state)
{
	struct sample sample;
	struct buf trail;
	size_t at = 0;

	(void)state;
	buf_init(&trail, 0);
	check_int("runs", judge_from(&at, "RUNNING", NULL, &trail), JUDGE_TRUE);
	screen_type(screen, "\x03");
	while (sampler_get(sampler, at, &sample))
		at++;
	check_bool("it was sampled until then", at >= JUDGE_HOLD, true);
	buf_release(&trail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_a_console_shows_is_sampled_and_judged, setup, teardown),
		cmocka_unit_test_setup_teardown(a_console_that_ends_is_told, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
