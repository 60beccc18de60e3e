/*
 * A start that makes its own cluster. There is no YARN here: on the far host stands a `flink` that
 * takes the words of yarn-application, runs the job on a real JobManager under the id that it was
 * given, and prints what the real one prints. From then on nothing is played: weir finds that
 * JobManager by the printed address, through the host, and acts on the job there.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/live.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

#define HERE "--config {home}/config.yaml --store {home}/store "

static const char *version;
static struct {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
} live;

static char *read_file(const char *name)
{
	char *path = temp_path(live.bench->home, name);
	struct buf text;

	buf_init(&text, 0);
	check_int(name, file_read(path, &text, NULL), 0);
	free(path);
	return buf_detach(&text);
}

/* The client over there, as it stands in the home of Flink `version`. */
static void install(void)
{
	char *home = xasprintf("flink-%s", version), *path;

	bench_set(live.bench, "home-name", home);
	bench_file(live.bench, "{home-name}/lib/flink-dist-{version}.jar", "");
	bench_file(live.bench, "{home-name}/bin/flink",
		"#!/bin/sh\n"
		"printf '%s\\n' \"$@\" >{home}/words\n"
		"for word; do\n"
		"	case $word in\n"
		"	'-D$internal.pipeline.job-id='*) id=$word ;;\n"
		"	-s) restores=-s ;;\n"
		"	file:*) restores=\"-s $word\" ;;\n"
		"	esac\n"
		"done\n"
		"number=$(cat {home}/number)\n"
		"app=application_1795250000000_$number\n"
		"log='2026-11-21 09:02:11,571 INFO  org.apache'\n"
		"echo \"$log.hadoop.yarn.client.api.impl.YarnClientImpl [] - Submitted application "
		"$app\"\n"
		"{flink}/bin/flink run -d -t remote -Drest.address=127.0.0.1 -Drest.port={port} "
		"\"$id\" "
		"$restores -c weir.demo.DemoJob {jar} --mode count --name orders >/dev/null || "
		"exit\n"
		"[ \"$number\" = 0009 ] || echo \"$log.flink.yarn.YarnClusterDescriptor [] - Found "
		"Web "
		"Interface 127.0.0.1:{port} of application '$app'.\"\n");
	path = bench_expand(live.bench, "{home}/{home-name}/bin/flink");
	assert_int_equal(chmod(path, 0755), 0);
	free(path);
	free(home);
}

static int leave_group(void **state)
{
	(void)state;
	flink_stop(live.flink);
	sshd_down(live.servers);
	bench_free(live.bench);
	memset(&live, 0, sizeof(live));
	return 0;
}

static int enter(void **state)
{
	static const char *failed;
	const char *wanted = *state;
	char *text;

	if (!flink_must_start(live.flink, &failed, wanted))
		return 0;
	leave_group(NULL);
	version = wanted;
	live.servers = sshd_up();
	assert_non_null(live.servers);
	live.bench = bench_new();
	live.flink = flink_start(version, "made");
	bench_set(live.bench, "version", version);
	bench_set_int(live.bench, "port", live.flink->port);
	bench_set_int(live.bench, "gw", sshd_port(live.servers, "gw"));
	bench_set(live.bench, "key", sshd_file(live.servers, "id_ed25519"));
	text = flink_script("tests/testbed/flink", (const char *const[]){"home", version, NULL},
		FLINK_START_MS);
	bench_set(live.bench, "flink", text);
	free(text);
	text = flink_script(
		"tests/testbed/jobs/build", (const char *const[]){NULL}, FLINK_START_MS);
	bench_set(live.bench, "jar", text);
	free(text);
	bench_copy(live.bench, "known_hosts", sshd_file(live.servers, "known_hosts"));
	install();
	bench_file(live.bench, "config.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n  known-hosts: known_hosts\n"
		"  hosts:\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: "
		"[key]}\n"
		"  flink-envs:\n  - {name: f, home: {home}/{home-name}, host: gw}\n");
	bench_file(live.bench, "ws/teams/t/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ntype: jar\nflink-env: f\n"
		"target: yarn-application\nartifact: {jar}\nmain-class: weir.demo.DemoJob\n"
		"args: [--mode, count, --name, orders]\n"
		"properties: {yarn.application.queue: rt}\n");
	failed = NULL;
	return 0;
}

/* ---- what weir says ---- */

static char *run(const char *row, const char *words, int exit_code, const char *part)
{
	struct program *p =
		bench_run_as(live.bench, words, &(struct program_setup){.deadline_ms = 90000});
	char *out;

	if (exit_code || part)
		bench_check(row, p, exit_code, part);
	else if (p->exit_code)
		bench_check(row, p, 0, NULL);
	out = buf_detach(&p->out);
	program_free(p);
	return out;
}

static const char *text_of(const json_t *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item, key));

	return text ? text : "";
}

/* The application as it is now; its clusters by name, blank behind each. */
static json_t *look(const char *row, const char *state, const char *cluster)
{
	struct program *p = bench_run(live.bench, HERE "get apps -o json");
	json_t *list = bench_json(row, p), *item;

	item = json_incref((json_t *)bench_item(row, list, "name", "orders"));
	if (!str_eq(text_of(item, "state"), state))
		print_error("%s\n%s\n", buf_str(&p->err), buf_str(&p->out));
	check_str(row, text_of(item, "state"), state);
	check_str(row, text_of(item, "cluster"), cluster);
	json_decref(list);
	program_free(p);
	return item;
}

static char *clusters(const char *row)
{
	struct program *p = bench_run(live.bench, HERE "get clusters -o json");
	json_t *list = bench_json(row, p), *item;
	struct buf names;
	size_t i;

	buf_init(&names, 0);
	json_array_foreach (json_object_get(list, "items"), i, item)
		buf_addf(&names, "%s %s %s;", text_of(item, "name"), text_of(item, "type"),
			text_of(item, "origin"));
	json_decref(list);
	program_free(p);
	return buf_detach(&names);
}

static void check_clusters(const char *row, const char *want)
{
	char *names = clusters(row);

	check_str(row, names, want);
	free(names);
}

/* ---- cases ---- */

static void a_start_makes_a_cluster(void **state)
{
	bool is_old = str_starts(version, "1.");
	char *text, *path;
	json_t *item;

	(void)state;
	free(run("release", HERE "release orders --yes --wait", 0, NULL));
	text = run("dry", HERE "start orders --dry-run", 0, NULL);
	check_has("dry", text,
		is_old ? "run-application -d -t yarn-application" : "run -d -t yarn-application");
	check_has("dry", text, "'-Dyarn.application.queue=rt'");
	check_has("dry", text, "gw: ");
	free(text);
	bench_file(live.bench, "number", "0007");
	free(run("start", HERE "start orders --yes --wait", 0, NULL));
	text = read_file("words");
	check_has("words", text,
		is_old ? "run-application\n-d\n-t\nyarn-application\n"
		       : "run\n-d\n-t\nyarn-application\n");
	free(text);
	/* Another process knows it, and asks that JobManager. */
	item = look("runs", "RUNNING", "application_1795250000000_0007");
	path = xasprintf("/jobs/%s", text_of(item, "jobId"));
	json_decref(item);
	item = flink_get(live.flink, path);
	check_str("the job", text_of(item, "name"), "orders");
	json_decref(item);
	free(path);
	check_clusters("made", "application_1795250000000_0007 yarn run;");
	text = run("run", HERE "get runs -o json", 0, NULL);
	check_has("run", text, "\"applicationId\": \"application_1795250000000_0007\"");
	free(text);
	/* It lives: a second one is refused. */
	free(run("twice", HERE "start orders --yes --wait", 8, "weir restart"));
}

static void an_order_reaches_its_job(void **state)
{
	char *text;
	json_t *item;

	(void)state;
	free(run("savepoint", HERE "savepoint orders --yes --wait", 0, NULL));
	bench_file(live.bench, "number", "0008");
	free(run("restart", HERE "restart orders --yes --wait", 0, NULL));
	text = read_file("words");
	check_has("words", text, "\n-s\nfile:");
	free(text);
	item = look("restarted", "RUNNING", "application_1795250000000_0008");
	json_decref(item);
	check_clusters("another", "application_1795250000000_0008 yarn run;");
}

static void it_goes_with_its_job(void **state)
{
	json_t *item;

	(void)state;
	free(run("stop", HERE "stop orders --yes --wait", 0, NULL));
	item = look("stopped", "SUSPENDED", "");
	json_decref(item);
	check_clusters("none", "");
}

static void a_client_that_names_no_address(void **state)
{
	char *text;

	(void)state;
	bench_file(live.bench, "number", "0009");
	free(run("start", HERE "start orders --yes --wait", 11,
		"was sent off as application_1795250000000_0009"));
	text = run("run", HERE "get runs -o json", 0, NULL);
	check_has("run", text, "weir-");
	free(text);
	check_clusters("none", "");
}

int main(void)
{
	static const struct live_case cases[] = {
		{"a start makes a cluster", a_start_makes_a_cluster, NULL},
		{"an order reaches its job", an_order_reaches_its_job, NULL},
		{"it goes with its job", it_goes_with_its_job, NULL},
		{"a client that names no address", a_client_that_names_no_address, NULL},
	};

	return live_run("made", cases, ARRAY_SIZE(cases), enter, NULL, leave_group);
}
