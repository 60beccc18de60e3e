/*
 * weir doctor and weir get flink-envs on real parts: real sshd (two hops, one that forwards nothing,
 * one for files only, one with codes), a real JobManager, SQL Gateway and Flink home, hosts that are
 * down, homes that are none. Text, JSON and exit codes are what is compared.
 */
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/action/command.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

#define VERSION "1.20.5"

static struct {
	struct sshd *servers;
	struct bench *bench;
	struct flink *flink;
} live;

static const char config[] =
	"contexts:\n- name: live\n  workspace: {home}/ws\n  known-hosts: {known}\n  hosts:\n"
	"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: {key}, auth: "
	"[key]}\n"
	"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, auth: [key], "
	"jump: bastion}\n"
	"  - {name: rsa, address: 127.0.0.1, port: {gw}, user: root, key: {rsa}, auth: [key]}\n"
	"  - {name: program, address: 127.0.0.1, port: {gw}, user: root, key: {rsa}, auth: [key], "
	"transport: openssh}\n"
	"  - {name: closed, address: 127.0.0.1, port: {noforward}, user: root, key: {key}, "
	"auth: [key]}\n"
	"  - {name: files, address: 127.0.0.1, port: {sftponly}, user: root, key: {key}, auth: "
	"[key]}\n"
	"  - {name: coded, address: 127.0.0.1, port: {otp}, user: root, key: {key}, auth: [key, "
	"otp]}\n"
	"  - {name: theirs, address: alias}\n"
	"  - {name: down, address: 127.0.0.1, port: 1, user: root, auth: [key]}\n"
	"  flink-envs:\n"
	"  - {name: right, home: {flink}, host: gw, sql-gateway: \"{gateway}\"}\n"
	"  - {name: here, home: {flink}}\n"
	"  - {name: silent, home: {flink}, sql-gateway: \"http://127.0.0.1:1\"}\n"
	"  - {name: wrong, home: {flink}, host: gw, sql-gateway: \"{jm}\"}\n"
	"  - {name: missing, home: /nowhere/flink, host: gw}\n"
	"  - {name: none, home: /etc, host: gw}\n"
	"  - {name: file, home: /etc/passwd, host: program}\n"
	"  - {name: lost, home: {flink}, host: down}\n"
	"  clusters:\n"
	"  - {name: near, rest: \"{jm}\"}\n"
	"  - {name: behind, rest: \"{jm}\", via: gw, archive: \"gw:/etc\"}\n"
	"  - {name: standby, rest: [\"{jm}\", \"http://127.0.0.1:1\"]}\n"
	"  - {name: other, rest: \"{gateway}\", history-server: \"{jm}\"}\n"
	"  - {name: refused, rest: \"{jm}\", via: closed}\n"
	"  - {name: cut-off, rest: \"{jm}\", via: down}\n";

static int enter(void **state)
{
	char *home, *gateway;

	(void)state;
	unsetenv("SSH_AUTH_SOCK");
	live.servers = sshd_up();
	if (!live.servers)
		return -1;
	live.bench = bench_new();
	live.flink = flink_start(VERSION, "doctor");
	bench_set(live.bench, "jm", live.flink->url);
	gateway = flink_script("tests/testbed/flink",
		(const char *const[]){"gateway", live.flink->name, "auto", NULL}, FLINK_START_MS);
	gateway[strcspn(gateway, "\n")] = 0;
	bench_set(live.bench, "gateway", gateway);
	free(gateway);
	bench_set_int(live.bench, "bastion", sshd_port(live.servers, "bastion"));
	bench_set_int(live.bench, "gw", sshd_port(live.servers, "gw"));
	bench_set_int(live.bench, "otp", sshd_port(live.servers, "otp"));
	bench_set_int(live.bench, "noforward", sshd_port(live.servers, "noforward"));
	bench_set_int(live.bench, "sftponly", sshd_port(live.servers, "sftponly"));
	bench_set(live.bench, "key", sshd_file(live.servers, "id_ed25519"));
	bench_set(live.bench, "rsa", sshd_file(live.servers, "id_rsa"));
	bench_set(live.bench, "known", sshd_file(live.servers, "known_hosts"));
	home = flink_script(
		"tests/testbed/flink", (const char *[]){"home", VERSION, NULL}, FLINK_START_MS);
	home[strcspn(home, "\n")] = 0;
	bench_set(live.bench, "flink", home);
	free(home);
	bench_file(live.bench, "config.yaml", config);
	bench_file(live.bench, ".ssh/config",
		"Host alias\n  HostName 127.0.0.1\n  Port {gw}\n  User root\n  IdentityFile {key}\n"
		"  ProxyJump bastion\n");
	bench_file(live.bench, "ws/teams/ods/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ntype: jar\n"
		"flink-env: right\ncluster: near\nartifact: build\n"
		"build: {git: \"https://example.org/orders.git\", host: gw, "
		"command: no-such-builder -q package, artifact: target/*.jar}\n");
	return 0;
}

static int leave(void **state)
{
	(void)state;
	flink_stop(live.flink);
	sshd_down(live.servers);
	bench_free(live.bench);
	return 0;
}

static json_t *ask(const char *row, const char *words, int exit_code)
{
	char *all = xasprintf("%s --config {home}/config.yaml --store {home}/store", words);
	struct program *p = bench_run(live.bench, all);
	json_t *list;

	if (p->exit_code != exit_code)
		fail_msg("%s: exit %d, not %d\n%s\n%s", row, p->exit_code, exit_code,
			buf_str(&p->out), buf_str(&p->err));
	list = bench_json(row, p);
	program_free(p);
	free(all);
	return list;
}

/* The text under `key` of the finding, "" for null; NULL: there is no such finding. */
static const char *finding(const json_t *list, const char *name, const char *check, const char *key)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *text = json_string_value(json_object_get(item, key));
		const char *at = json_string_value(json_object_get(item, "name"));
		if (str_eq(json_string_value(json_object_get(item, "check")), check) &&
			str_eq(at, name))
			return text ? text : "";
	}
	return NULL;
}

struct row {
	const char *name, *check, *status, *found, *cure;
};

static void check_rows(const json_t *list, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *row = xasprintf("%s %s", rows[i].name ? rows[i].name : "", rows[i].check);
		const char *status = finding(list, rows[i].name, rows[i].check, "status");
		check_str(row, status, rows[i].status);
		check_has(row, finding(list, rows[i].name, rows[i].check, "found"), rows[i].found);
		if (rows[i].cure)
			check_has(row, finding(list, rows[i].name, rows[i].check, "cure"),
				rows[i].cure);
		free(row);
	}
}

static void each_host_is_checked_from_address_to_forwarding(void **state)
{
	static const struct row rows[] = {
		{"gw", "address", "ok", "through bastion (weir's file)", NULL},
		{"gw", "transport", "ok", "libssh2", NULL},
		{"gw", "host-key", "ok", "ssh-ed25519 SHA256:", NULL},
		{"gw", "login", "ok", "let in by key /", NULL},
		{"gw", "commands", "ok", "there and back", NULL},
		{"gw", "files", "ok", "SFTP", NULL},
		{"gw", "forwarding", "ok", "connects further", NULL},
		{"bastion", "address", "ok", "directly", NULL},
		{"bastion", "host-key", "ok", "ecdsa-sha2-nistp256 SHA256:", NULL},
		{"rsa", "login", "fail", "RSA key", "by hand: ssh -v root@127.0.0.1 -p "},
		{"program", "transport", "ok", "openssh (weir's file says so)", NULL},
		{"program", "login", "ok", "let in by publickey", NULL},
		{"program", "files", "ok", "by commands", NULL},
		{"program", "forwarding", "ok", "connects further", NULL},
		{"closed", "login", "ok", "let in by key", NULL},
		{"closed", "forwarding", "fail", "forbidden", "AllowTcpForwarding yes"},
		{"files", "commands", "fail", "no command runs", "ForceCommand"},
		{"files", "files", "ok", "SFTP", NULL},
		{"coded", "login", "fail", "run it on a terminal", "by hand"},
		{"down", "login", "fail", "Connection refused", "is it up"},
		{"theirs", "address", "ok", "127.0.0.1 (ssh's configuration), port ", NULL},
		{"theirs", "address", "ok", "through bastion (ssh's configuration)", NULL},
		{"theirs", "transport", "ok", "keys of ssh's configuration: /", NULL},
		{"theirs", "login", "ok", "let in by key /", NULL},
	};
	json_t *list;

	(void)state;
	list = ask(
		"hosts", "doctor gw bastion rsa program closed files coded down theirs -o json", 5);
	check_str("kind", json_string_value(json_object_get(list, "kind")), "Doctor");
	check_rows(list, rows, ARRAY_SIZE(rows));
	assert_null(finding(list, "down", "commands", "status"));
	assert_null(finding(list, NULL, "term", "status"));
	json_decref(list);
}

static void an_unknown_and_a_changed_host_key_are_named_with_their_fingerprint(void **state)
{
	static const struct {
		const char *file, *part, *cure;
	} rows[] = {{"known_hosts.empty", "is not known", "ssh-keyscan"},
		{"known_hosts.changed", "has changed", "ask its administrator"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bench_set(live.bench, "known", sshd_file(live.servers, rows[i].file));
		bench_file(live.bench, "config.yaml", config);
		json_t *list = ask(rows[i].file, "doctor closed -o json", 5);
		check_str(rows[i].file, finding(list, "closed", "host-key", "status"), "fail");
		check_has(rows[i].file, finding(list, "closed", "host-key", "found"), "SHA256:");
		check_has(rows[i].file, finding(list, "closed", "login", "found"), rows[i].part);
		check_has(rows[i].file, finding(list, "closed", "host-key", "cure"), rows[i].cure);
		json_decref(list);
	}
	bench_set(live.bench, "known", sshd_file(live.servers, "known_hosts"));
	bench_file(live.bench, "config.yaml", config);
}

static void clusters_envs_and_tools_say_what_is_there_and_why_not(void **state)
{
	static const struct row rows[] = {
		{"near", "address", "ok", "Flink " VERSION, NULL},
		{"behind", "address", "ok", "via gw: Flink " VERSION, NULL},
		{"other", "address", "fail", "404", "JobManager's REST address"},
		{"refused", "address", "fail", "AllowTcpForwarding", NULL},
		{"behind", "history", "ok", "job archive /etc", NULL},
		{"other", "history", "warn", "this is no HistoryServer", "8082 by default"},
		{"cut-off", "way", "fail", "host down: ", "weir doctor HOST"},
		{"right", "home", "ok", "Flink " VERSION ", Java ", NULL},
		{"right", "home", "ok", "applications that name it: 1", NULL},
		{"right", "sql-gateway", "ok", "Flink " VERSION, NULL},
		{"here", "home", "ok", "this machine", NULL},
		{"silent", "sql-gateway", "fail", "connection refused", "sql-gateway.sh start"},
		{"wrong", "sql-gateway", "fail", "no SQL Gateway", NULL},
		{"missing", "home", "fail", "there is no folder /nowhere/flink on gw",
			"FLINK_HOME"},
		{"none", "home", "fail", "no lib/flink-dist-*.jar", NULL},
		{"file", "home", "fail", "no folder", NULL},
		{"lost", "home", "fail", "host down: ", NULL},
		{"gw", "git", "ok", "git 2.", NULL},
		{"gw", "tool", "fail", "no program no-such-builder", "install it"},
		{"gw", "release-dir", "ok", "can be written", NULL},
		{NULL, "file", "ok", "contexts: 1, in use: live", NULL},
		{NULL, "libssh2", "ok", "1.", NULL},
		{NULL, "open-files", "ok", "may be open", NULL},
		{NULL, "program", "ok", "OpenSSH", NULL},
		{NULL, "agent", "ok", "SSH_AUTH_SOCK is not set", NULL},
		{NULL, "files", "ok", "mode 0600, schema ", NULL},
	};
	json_t *list;

	(void)state;
	list = ask("all", "doctor -o json", 5);
	check_rows(list, rows, ARRAY_SIZE(rows));
	/* One of two addresses answers: the other one is no failure. */
	const json_t *item;
	size_t i, ok = 0, warned = 0;
	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *status = json_string_value(json_object_get(item, "status"));
		if (!str_eq(json_string_value(json_object_get(item, "name")), "standby"))
			continue;
		ok += str_eq(status, "ok");
		warned += str_eq(status, "warn");
	}
	check_int("the leader", (int64_t)ok, 1);
	check_int("the standby", (int64_t)warned, 1);
	json_decref(list);
}

static void text_says_what_to_do_and_names_are_checked(void **state)
{
	static const struct {
		const char *words;
		int exit_code;
		const char *out, *err;
	} rows[] = {
		{"doctor near here", 0, "failed: 0, warnings: 0", NULL},
		{"doctor near here", 0, "cluster near\n  ok    address ", NULL},
		{"doctor missing", 5, "-> home: is FLINK_HOME", NULL},
		{"doctor missing -o table", 5, "STATUS  AREA       NAME", NULL},
		{"doctor missing -o csv", 5, "fail,flink-env,missing,home,", NULL},
		{"doctor nowhere", 4, NULL, "there is no host, cluster or Flink env 'nowhere'"},
		{"doctor -o name", 2, NULL, "unknown format 'name'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *words = xasprintf(
			"%s --config {home}/config.yaml --store {home}/store", rows[i].words);
		struct program *p = bench_run(live.bench, words);
		bench_check(rows[i].words, p, rows[i].exit_code, rows[i].err);
		if (rows[i].out)
			check_has(rows[i].words, buf_str(&p->out), rows[i].out);
		bench_check_harmless(rows[i].words, buf_str(&p->out), p->out.len);
		program_free(p);
		free(words);
	}
}

static void a_broken_configuration_is_a_finding_too(void **state)
{
	struct program *p;
	json_t *list;

	(void)state;
	bench_file(live.bench, "broken.yaml", "contexts:\n- name: x\n  clusterz: []\n");
	p = bench_run(
		live.bench, "doctor --config {home}/broken.yaml --store {home}/store -o json");
	bench_check("broken", p, 3, NULL);
	list = bench_json("broken", p);
	check_str("status", finding(list, NULL, "file", "status"), "fail");
	check_has("where", finding(list, NULL, "file", "found"), "broken.yaml:3:");
	check_str("the rest is checked", finding(list, NULL, "sqlite", "status"), "ok");
	json_decref(list);
	program_free(p);
}

static void flink_envs_are_listed_as_they_were_found(void **state)
{
	static const struct {
		const char *name, *state, *version, *gateway;
	} rows[] = {
		{"right", "ok", VERSION, "ok"},
		{"here", "ok", VERSION, NULL},
		{"silent", "ok", VERSION, "unreachable"},
		{"wrong", "ok", VERSION, "wrong"},
		{"missing", "missing", NULL, NULL},
		{"none", "no Flink", NULL, NULL},
		{"file", "no Flink", NULL, NULL},
		{"lost", "unreachable", NULL, NULL},
	};
	json_t *list = ask("all", "get flink-envs -o json", 5);
	const json_t *item;

	(void)state;
	check_str("kind", json_string_value(json_object_get(list, "kind")), "FlinkEnvList");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		item = bench_item(rows[i].name, list, "name", rows[i].name);
		check_str(rows[i].name, json_string_value(json_object_get(item, "state")),
			rows[i].state);
		check_str(rows[i].name, json_string_value(json_object_get(item, "version")),
			rows[i].version);
		check_str(rows[i].name, json_string_value(json_object_get(item, "sqlGatewayState")),
			rows[i].gateway);
		check_bool(rows[i].name, json_is_true(json_object_get(item, "reachable")),
			!str_eq(rows[i].state, "unreachable"));
	}
	item = bench_item("right", list, "name", "right");
	check_str("who uses it",
		json_string_value(json_array_get(json_object_get(item, "applications"), 0)),
		"ods/orders");
	assert_non_null(json_string_value(json_object_get(item, "java")));
	json_decref(list);

	list = ask("one", "get flink-envs here -o json", 0);
	check_int("one", (int64_t)json_array_size(json_object_get(list, "items")), 1);
	json_decref(list);
	list = ask("none answers", "get flink-envs lost -o json", 6);
	check_str("why", json_string_value(json_object_get(bench_error(list, "lost"), "code")),
		"NET");
	json_decref(list);
	list = ask("cached", "get flink-envs --cached -o json", 0);
	item = bench_item("cached", list, "name", "lost");
	check_str("nobody is asked", json_string_value(json_object_get(item, "state")), "unknown");
	assert_true(json_is_null(json_object_get(item, "reachable")));
	json_decref(list);
}

/* As a user who may not look: root may everywhere. */
static void a_home_that_must_not_be_read_is_called_so(void **state)
{
	char *dir = bench_expand(live.bench, "{home}/locked"), *path, *text;
	/* Not below $TMPDIR, which may be closed to others. */
	char *other = xstrdup("/tmp/weir-test-XXXXXX");
	const struct passwd *nobody = getpwnam("nobody");
	struct program *p;

	(void)state;
	check_int("folder", mkdir(dir, 0700), 0);
	assert_non_null(mkdtemp(other));
	path = temp_path(other, "c.yaml");
	text = xasprintf(
		"contexts:\n- name: x\n  flink-envs:\n  - {name: locked, home: %s/flink}\n", dir);
	temp_file(path, text);
	if (geteuid() == 0) {
		char *uid = xasprintf("--reuid=%u", (unsigned)nobody->pw_uid);
		char *store = temp_path(other, "store"), *program = temp_path(other, "weir");
		check_int("own", chown(other, nobody->pw_uid, nobody->pw_gid), 0);
		check_int("own", chmod(path, 0644), 0);
		program_free(program_run(&(struct program_setup){.file = "install",
			.words = (const char *[]){"-m", "755", program_path(), program, NULL}}));
		p = program_run(&(struct program_setup){.file = "setpriv",
			.home = other,
			.words = (const char *[]){uid, "--clear-groups", program, "--config", path,
				"--store", store, "get", "flink-envs", "-o", "csv", NULL}});
		free(uid);
		free(store);
		free(program);
	} else {
		check_int("closed", chmod(dir, 0), 0);
		p = program_run(&(struct program_setup){.home = other,
			.words = (const char *[]){
				"--config", path, "get", "flink-envs", "-o", "csv", NULL}});
	}
	check_has("state", buf_str(&p->out), "locked,unreadable,");
	check_has("why", buf_str(&p->err), "must not be read by this user");
	check_int("exit", p->exit_code, 0);
	program_free(p);
	chmod(dir, 0700);
	temp_dir_remove(other);
	free(path);
	free(text);
	free(dir);
}

static void a_code_is_asked_on_the_terminal(void **state)
{
	char *path = bench_expand(live.bench, "{home}/config.yaml"), *text;
	char *store = bench_expand(live.bench, "{home}/store-coded");
	struct screen *screen;

	(void)state;
	/* Typing takes as long as it takes: the deadline of a second is not for people. */
	screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words = (const char *[]){"doctor", "coded", "--timeout", "20", "--config", path,
			"--store", store, NULL},
		.rows = 40,
		.cols = 200});
	screen_wait(screen, "host coded:");
	screen_type(screen, SSHD_SECRET "\r");
	screen_wait(screen, "let in by key");
	screen_wait(screen, "failed: 0");
	text = screen_text(screen);
	check_has("both factors", text, ", otp");
	assert_null(strstr(text, SSHD_SECRET));
	check_int("exit", screen_end(screen), 0);
	free(text);
	screen_free(screen);
	free(path);
	free(store);
}

/* A host that takes connections and says nothing, as behind a firewall that swallows packets. */
static void a_silent_host_is_late_and_holds_nobody_up(void **state)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct program *p;
	json_t *list;

	(void)state;
	check_int("bind", bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	check_int("listen", listen(fd, 4), 0);
	check_int("name", getsockname(fd, (struct sockaddr *)&address, &len), 0);
	bench_set_int(live.bench, "silent", ntohs(address.sin_port));
	bench_file(live.bench, "silent.yaml",
		"contexts:\n- name: x\n  hosts:\n"
		"  - {name: mute, address: 127.0.0.1, port: {silent}, user: root, key: {key}}\n"
		"  clusters:\n  - {name: near, rest: \"{jm}\"}\n");
	p = bench_run(live.bench,
		"doctor --timeout 2 -o json --config {home}/silent.yaml --store "
		"{home}/store-silent");
	check_int("exit", p->exit_code, 5);
	list = bench_json("silent", p);
	check_str("late", finding(list, "mute", "deadline", "status"), "fail");
	check_has("late", finding(list, "mute", "deadline", "cure"), "--timeout");
	check_str("the others", finding(list, "near", "address", "status"), "ok");
	json_decref(list);
	program_free(p);
	close(fd);
}

static void help_and_manual_name_every_command(void **state)
{
	struct program *help = bench_run(live.bench, "help");
	struct program *manual = bench_run(live.bench, "help --man");

	(void)state;
	for (size_t i = 0; i < CMD_MAX; i++) {
		if (!(commands[i].where & ON_CLI))
			continue;
		char *line = xasprintf("\n  %s ", commands[i].name);
		char *section = xasprintf(".SS \"weir %s", commands[i].name);
		check_has("help", buf_str(&help->out), line);
		check_has("manual", buf_str(&manual->out), section);
		free(line);
		free(section);
	}
	check_has("examples", buf_str(&manual->out), "weir doctor gw1 sessions");
	program_free(help);
	program_free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_host_is_checked_from_address_to_forwarding),
		cmocka_unit_test(
			an_unknown_and_a_changed_host_key_are_named_with_their_fingerprint),
		cmocka_unit_test(clusters_envs_and_tools_say_what_is_there_and_why_not),
		cmocka_unit_test(text_says_what_to_do_and_names_are_checked),
		cmocka_unit_test(a_broken_configuration_is_a_finding_too),
		cmocka_unit_test(flink_envs_are_listed_as_they_were_found),
		cmocka_unit_test(a_home_that_must_not_be_read_is_called_so),
		cmocka_unit_test(a_code_is_asked_on_the_terminal),
		cmocka_unit_test(a_silent_host_is_late_and_holds_nobody_up),
		cmocka_unit_test(help_and_manual_name_every_command),
	};

	check_locale();
	return cmocka_run_group_tests(tests, enter, leave);
}
