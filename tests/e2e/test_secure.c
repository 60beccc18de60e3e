/*
 * A real JobManager that speaks TLS and wants a client certificate, and the same one behind a gateway
 * with a login and a URL prefix, reached directly and through two SSH hops: seen, started on and
 * opened as any other; each thing that is wrong with its cure; no secret in anything that weir
 * prints.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/sshd.h"

#define ASK "--config {home}/config.yaml --store {home}/store "
#define VERB_MS 180000

static struct {
	struct front *front;
	struct sshd *servers;
	struct flink *flink;
	struct bench *bench;
} live;

static const char *conf(const char *key, const char *value)
{
	return xasprintf("%s: %s", key, value); /* until the end */
}

static void start_flink(void)
{
	const char *keys = front_file(live.front, "keystore.p12");
	const char *trust = front_file(live.front, "truststore.p12");
	const char *words[] = {
		"--client",
		front_file(live.front, "bundle.pem"),
		"--conf",
		"security.ssl.rest.enabled: true",
		"--conf",
		"security.ssl.rest.authentication-enabled: true",
		"--conf",
		conf("security.ssl.rest.keystore", keys),
		"--conf",
		"security.ssl.rest.keystore-password: changeit",
		"--conf",
		"security.ssl.rest.key-password: changeit",
		"--conf",
		conf("security.ssl.rest.truststore", trust),
		"--conf",
		"security.ssl.rest.truststore-password: changeit",
		NULL,
	};

	live.flink = flink_start_as("1.20.5", "secure", words);
	free((char *)words[7]);
	free((char *)words[13]);
}

static void declare(const char *app, const char *cluster)
{
	char *file = xasprintf("ws/teams/t/apps/%s.yaml", app);
	char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ntype: jar\n"
			       "flink-env: f\ncluster: %s\nartifact: {jar}\n"
			       "main-class: weir.demo.DemoJob\nargs: [--mode, count, --name, %s]\n",
		app, cluster, app);

	bench_file(live.bench, file, text);
	free(text);
	free(file);
}

static void configure(void)
{
	char *jar = flink_script(
		"tests/testbed/jobs/build", (const char *const[]){NULL}, FLINK_START_MS);
	char *home = flink_script("tests/testbed/flink",
		(const char *const[]){"home", "1.20.5", NULL}, FLINK_START_MS);
	char *secret;

	bench_set(live.bench, "jar", jar);
	bench_set(live.bench, "flink", home);
	bench_set(live.bench, "ca", front_file(live.front, "ca.pem"));
	bench_set(live.bench, "other-ca", front_file(live.front, "other-ca.pem"));
	bench_set(live.bench, "cert", front_file(live.front, "client.pem"));
	bench_set(live.bench, "key", front_file(live.front, "locked.key"));
	bench_set_int(live.bench, "port", live.flink->port);
	bench_copy(live.bench, "known_hosts", sshd_file(live.servers, "known_hosts"));
	bench_set(live.bench, "ssh-key", sshd_file(live.servers, "id_ed25519"));
	bench_set_int(live.bench, "bastion", sshd_port(live.servers, "bastion"));
	bench_set_int(live.bench, "gw", sshd_port(live.servers, "gw"));
	bench_set_int(live.bench, "basic", front_port(live.front, "basic"));
	bench_set_int(live.bench, "bearer", front_port(live.front, "bearer"));
	bench_set_int(live.bench, "proxy", front_port(live.front, "proxy"));
	bench_file(live.bench, "secret", FRONT_PASSWORD "\nflink's password\n");
	secret = bench_expand(live.bench, "{home}/secret");
	chmod(secret, 0600);
	free(secret);
	bench_file(
		live.bench, "ws/teams/t/team.yaml", "apiVersion: weir/v1\nkind: Team\nname: t\n");
	declare("orders", "gateway");
	declare("far-orders", "far-gateway");
	bench_file(live.bench, "config.yaml",
		"current-context: live\n"
		"contexts:\n"
		"- name: live\n"
		"  workspace: ws\n"
		"  confirm: none\n"
		"  release-dir: {home}/releases\n"
		"  known-hosts: known_hosts\n"
		"  hosts:\n"
		"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: "
		"{ssh-key}, "
		"auth: [key]}\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {ssh-key}, "
		"auth: [key], jump: bastion}\n"
		"  flink-envs:\n"
		"  - {name: f, home: {flink}}\n"
		"  clusters:\n"
		"  - name: direct\n"
		"    rest: \"https://localhost:{port}\"\n"
		"    tls: {ca: {ca}, cert: {cert}, key: {key}, passphrase-env: FLINK_PHRASE}\n"
		"  - name: gateway\n"
		"    rest: \"https://localhost:{basic}/flink/jm1\"\n"
		"    tls: {ca: {ca}}\n"
		"    auth: {user: ops, password-command: [cat, {home}/secret]}\n"
		"  - name: far-gateway\n"
		"    via: gw\n"
		"    rest: \"https://localhost:{basic}/flink/jm1\"\n"
		"    tls: {ca: {ca}}\n"
		"    auth: {user: ops, password-command: [cat, {home}/secret]}\n"
		"- name: loose\n"
		"  proxy: http://localhost:{proxy}\n"
		"  clusters:\n"
		"  - name: token\n"
		"    rest: \"https://localhost:{bearer}/flink/jm1/\"\n"
		"    tls: {insecure: true}\n"
		"    auth: {token-env: FLINK_TOKEN}\n");
	free(jar);
	free(home);
}

static int enter(void **state)
{
	(void)state;
	live.bench = bench_new();
	live.front = front_certs();
	assert_non_null(live.front);
	live.servers = sshd_up();
	assert_non_null(live.servers);
	start_flink();
	assert_int_equal(front_before(live.front, live.flink->port), 0);
	configure();
	return 0;
}

static int leave(void **state)
{
	(void)state;
	flink_stop(live.flink);
	sshd_down(live.servers);
	front_down(live.front);
	bench_free(live.bench);
	return 0;
}

/* With the secrets where the configuration looks for them; none comes out again. */
static struct program *run(const char *words)
{
	static const char *const env[] = {
		"FLINK_PHRASE=" FRONT_PASSPHRASE, "FLINK_TOKEN=" FRONT_TOKEN, NULL};
	static const char *const secrets[] = {
		FRONT_PASSWORD, FRONT_PASSPHRASE, FRONT_TOKEN, "b3BzOm", "PRIVATE KEY"};
	struct program *p = bench_run_as(
		live.bench, words, &(struct program_setup){.env = env, .deadline_ms = VERB_MS});

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		assert_null(strstr(buf_str(&p->out), secrets[i]));
		assert_null(strstr(buf_str(&p->err), secrets[i]));
	}
	return p;
}

static void check_cluster(const json_t *list, const char *name, const char *tls)
{
	const json_t *item = bench_item(name, list, "name", name);

	check_str(name, json_string_value(json_object_get(item, "state")), "RUNNING");
	check_str(name, json_string_value(json_object_get(item, "flinkVersion")), "1.20.5");
	check_str(name, json_string_value(json_object_get(item, "tls")), tls);
}

static void it_is_seen_by_each_way(void **state)
{
	struct program *p = run("get clusters -o json --context all " ASK);
	json_t *list;

	(void)state;
	bench_check("clusters", p, 0, NULL);
	list = bench_json("clusters", p);
	check_cluster(list, "direct", "verified");
	check_cluster(list, "gateway", "verified");
	check_cluster(list, "far-gateway", "verified");
	check_cluster(list, "token", "insecure");
	json_decref(list);
	program_free(p);
	/* All words of a run: what was asked is told, never with what. */
	p = run("get clusters --verbose --context all " ASK);
	check_int("verbose", p->exit_code, 0);
	check_has("verbose", buf_str(&p->err), "/flink/jm1/overview");
	check_has("verbose", buf_str(&p->err), "cat ");
	program_free(p);
}

static void weir(const char *verb, const char *app, const char *more)
{
	char *words = xasprintf("%s %s --yes --wait%s " ASK, verb, app, more);
	struct program *p = run(words);

	check_int(buf_str(&p->err), p->exit_code, 0);
	program_free(p);
	free(words);
}

/* Through the gateway, and through two SSH hops to it: upload and run. */
static void a_job_is_started_behind_the_prefix(void **state)
{
	static const char *const apps[] = {"orders", "far-orders"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(apps); i++) {
		struct program *p;
		json_t *list;

		weir("release", apps[i], "");
		weir("start", apps[i], " --from none");
		p = run("get apps -o json " ASK);
		list = bench_json("apps", p);
		check_str(apps[i],
			json_string_value(json_object_get(
				bench_item("apps", list, "name", apps[i]), "state")),
			"RUNNING");
		json_decref(list);
		program_free(p);
	}
}

static void its_page_is_found_and_it_is_stopped_there(void **state)
{
	struct program *p = run("open orders --print " ASK);
	char *url = bench_expand(live.bench, "https://localhost:{basic}/flink/jm1/#/job/running/");

	(void)state;
	check_int("open", p->exit_code, 0);
	check_has("open", buf_str(&p->out), url);
	free(url);
	program_free(p);
	weir("stop", "orders", "");
	weir("stop", "far-orders", "");
}

static void what_is_wrong_is_said_with_its_cure(void **state)
{
	static const struct {
		const char *name, *cluster;
		int exit_code;
		const char *part;
	} rows[] = {
		{"no CA", "rest: \"https://localhost:{port}\"", 6, "tls: {ca: FILE}"},
		{"another CA", "rest: \"https://localhost:{port}\"\n    tls: {ca: {other-ca}}", 6,
			"is not signed by the CA in tls.ca"},
		{"no certificate", "rest: \"https://localhost:{port}\"\n    tls: {ca: {ca}}", 6,
			"wants a client certificate"},
		{"locked key",
			"rest: \"https://localhost:{port}\"\n"
			"    tls: {ca: {ca}, cert: {cert}, key: {key}}",
			6, "bad.yaml:6:"},
		{"http", "rest: \"http://localhost:{port}\"", 6, "GET http://localhost:"},
		{"no login", "rest: \"https://localhost:{basic}/flink/jm1\"\n    tls: {ca: {ca}}",
			6, "it wants a login: auth: of this cluster"},
		{"wrong password",
			"rest: \"https://localhost:{basic}/flink/jm1\"\n    tls: {ca: {ca}}\n"
			"    auth: {user: ops, password-command: [echo, wrong]}",
			6, "user ops was refused"},
		{"for all to read",
			"rest: \"https://localhost:{basic}/flink/jm1\"\n    tls: {ca: {ca}}\n"
			"    auth: {user: ops, password-file: {home}/open}",
			6, "so that others may read a secret: chmod 600 "},
		{"not a base address", "rest: \"https://localhost:{basic}/flink/jm1/elsewhere#\"",
			3, "have no place in a base address"},
	};

	char *open = bench_expand(live.bench, "{home}/open");

	(void)state;
	bench_file(live.bench, "open", FRONT_PASSWORD);
	assert_int_equal(chmod(open, 0644), 0);
	free(open);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xasprintf("contexts:\n- name: bad\n  clusters:\n  - name: c\n    %s\n",
			rows[i].cluster);
		struct program *p;

		bench_file(live.bench, "bad.yaml", text);
		p = run("get clusters --config {home}/bad.yaml --store {home}/bad");
		check_has(rows[i].name, buf_str(&p->err), rows[i].part);
		check_int(rows[i].name, p->exit_code, rows[i].exit_code);
		program_free(p);
		free(text);
	}
}

static void what_is_insecure_is_told_and_the_configuration_hides_nothing_else(void **state)
{
	struct program *p = run("doctor token --context loose " ASK);

	(void)state;
	check_has("doctor", buf_str(&p->out), "anybody's certificate is taken");
	check_has("doctor", buf_str(&p->out), "Flink 1.20.5");
	program_free(p);
	p = run("config view " ASK);
	check_int("view", p->exit_code, 0);
	check_has("view", buf_str(&p->out), "insecure: true");
	check_has("view", buf_str(&p->out), "FLINK_TOKEN");
	check_has("view", buf_str(&p->out), "/secret");
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_seen_by_each_way),
		cmocka_unit_test(a_job_is_started_behind_the_prefix),
		cmocka_unit_test(its_page_is_found_and_it_is_stopped_there),
		cmocka_unit_test(what_is_wrong_is_said_with_its_cure),
		cmocka_unit_test(what_is_insecure_is_told_and_the_configuration_hides_nothing_else),
	};

	check_locale();
	return cmocka_run_group_tests(tests, enter, leave);
}
