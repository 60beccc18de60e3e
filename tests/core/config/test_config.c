/* config.yaml: what is understood, and every mistake with its exact file:line:column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/config.h"

static int parse(struct config **out, const char *text, struct err *err)
{
	return config_parse(out, "/etc/weir/c.yaml", text, strlen(text), err);
}

static void config_example_is_understood(void **state)
{
	struct config *config = NULL;
	const struct context_config *context;
	struct err err = {0};

	(void)state;
	setenv("HOME", "/home/li", 1);
	if (config_read(&config, "packaging/examples/config.yaml", &err))
		fail_msg("%s", err.text);
	assert_string_equal(config->path, "packaging/examples/config.yaml");
	assert_string_equal(config->current, "dev");
	assert_null(config->theme);
	assert_false(config->mouse);
	assert_int_equal(config->bell, BELL_OFF);
	assert_int_equal(config->clipboard, CLIPBOARD_TERMINAL);
	assert_int_equal(config->context_count, 2);
	assert_int_equal(config_context(config, NULL, &context, &err), 0);
	assert_string_equal(context->name, "dev");
	assert_string_equal(context->workspace, "/home/li/flink-apps");
	assert_int_equal(context->confirm, CONFIRM_NONE);
	assert_int_equal(context->budget_per_second, CONFIG_BUDGET_DEFAULT);
	assert_int_equal(context->history.kept_ms, 14 * CONFIG_DAY_MS);
	assert_int_equal(context->history.bytes, (int64_t)512 << 20);
	assert_int_equal(context->loop.restarts, 3);
	assert_int_equal(context->loop.minutes, 10);
	assert_int_equal(context->host_count, 0);

	assert_int_equal(config_context(config, "prod", &context, &err), 0);
	assert_int_equal(context->confirm, CONFIRM_NAME);
	assert_null(context->proxy);
	assert_false(context->readonly);
	assert_string_equal(doc_str(context->variables, "data-center"), "dc1");
	assert_int_equal(context->host_count, 3);
	assert_string_equal(context->hosts[1].jump, "bastion");
	assert_int_equal(context->hosts[1].port, 22);
	assert_int_equal(context->hosts[0].port, 0);
	assert_int_equal(json_array_size(context->hosts[0].auth), 2);
	assert_string_equal(context->hosts[2].key, "/home/li/.ssh/flink_ed25519");
	assert_int_equal(context->hosts[2].transport, TRANSPORT_OPENSSH);
	assert_int_equal(context->flink_env_count, 2);
	assert_string_equal(context->flink_envs[0].name, "1.20");
	assert_string_equal(context->flink_envs[0].host, "gw1");
	assert_int_equal(context->cluster_count, 3);
	assert_true(str_ends(context->clusters[2].tls.ca, "/packaging/examples/ca.pem"));
	assert_true(str_ends(context->clusters[2].tls.key_place, "config.yaml:64:12"));
	assert_false(context->clusters[2].tls.insecure);
	assert_string_equal(context->clusters[2].auth.user, "ops");
	assert_int_equal(context->budget_per_second, 200);
	assert_int_equal(context->budget_per_cluster, 100);
	assert_int_equal(context->clusters[2].budget_per_second, 20);
	assert_int_equal(context->clusters[0].budget_per_second, 0);
	assert_int_equal(json_array_size(context->clusters[2].auth.secret.command), 3);
	assert_string_equal(context->clusters[0].via, "gw1");
	assert_string_equal(context->clusters[0].flink_env, "1.20");
	assert_int_equal(json_array_size(context->clusters[1].rest), 2);
	assert_string_equal(context->clusters[1].archive_host, "gw2");
	assert_string_equal(context->clusters[1].archive_dir, "/data/flink/archive");
	assert_null(context->clusters[0].archive_dir);
	config_free(config);
	config_free(NULL);
}

#define CLUSTER "contexts:\n- name: a\n  clusters:\n  - {name: c, rest: 'http://h:1'}\n"

static void config_defaults_and_forms(void **state)
{
	struct config *config = NULL;
	struct err err = {0};

	(void)state;
	/* One context needs no current-context; a host without an address has its name for one. */
	if (parse(&config,
		    "theme: themes/x.yaml\n"
		    "mouse: on\n"
		    "bell: flash\n"
		    "clipboard: file\n"
		    "contexts:\n"
		    "- name: a\n"
		    "  workspace: apps\n"
		    "  known-hosts: ssh/known_hosts\n"
		    "  readonly: yes\n"
		    "  proxy: env\n"
		    "  budget: {requests-per-second: 5}\n"
		    "  history: {days: 3, size: 2GiB}\n"
		    "  loop: {restarts: 5}\n"
		    "  clusters:\n"
		    "  - {name: c, rest: ['http://h:1//', 'https://[::1]:8081/base/'], via: gw}\n"
		    "  - {name: d, type: yarn, rest: http://rm, archive: past}\n"
		    "  - {name: e, rest: http://e, archive: 'file:///data/past'}\n"
		    "  - {name: f, rest: http://f, history-server: 'http://hs:8082//'}\n"
		    "  flink-envs:\n"
		    "  - {name: 1.20, home: ~/flink, host: local}\n"
		    "  - {name: 1.16, home: /opt/flink, host: gw}\n"
		    "  hosts:\n"
		    "  - {name: gw}\n",
		    &err))
		fail_msg("%s", err.text);
	const struct context_config *a = &config->contexts[0];
	assert_string_equal(config->current, "a");
	assert_string_equal(config->theme, "/themes/x.yaml");
	assert_true(config->mouse);
	assert_int_equal(config->bell, BELL_FLASH);
	assert_int_equal(config->clipboard, CLIPBOARD_FILE);
	assert_string_equal(a->workspace, "/apps");
	assert_string_equal(a->known_hosts, "/ssh/known_hosts");
	assert_true(a->readonly);
	assert_string_equal(a->proxy, "env");
	assert_int_equal(a->budget_per_second, 5);
	assert_int_equal(a->budget_per_cluster, 5); /* where nothing is said */
	assert_int_equal(a->history.kept_ms, 3 * CONFIG_DAY_MS);
	assert_int_equal(a->loop.restarts, 5);
	assert_int_equal(a->loop.minutes, 10);
	assert_int_equal(a->history.bytes, (int64_t)2 << 30);
	assert_string_equal(
		json_string_value(json_array_get(a->clusters[0].rest, 0)), "http://h:1");
	assert_string_equal(json_string_value(json_array_get(a->clusters[0].rest, 1)),
		"https://[::1]:8081/base");
	assert_int_equal(a->clusters[1].type, CLUSTER_YARN);
	assert_string_equal(a->clusters[1].archive_dir, "/past");
	assert_null(a->clusters[1].archive_host);
	assert_string_equal(a->clusters[2].archive_dir, "/data/past");
	assert_string_equal(a->clusters[3].history_server, "http://hs:8082");
	assert_string_equal(a->hosts[0].address, "gw");
	assert_null(a->flink_envs[0].host);
	assert_string_equal(a->flink_envs[0].home, "/home/li/flink");
	assert_string_equal(a->flink_envs[1].home, "/opt/flink"); /* over there */
	config_free(config);
}

static void config_context_by_name(void **state)
{
	struct config *config = NULL;
	const struct context_config *context;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(&config, "contexts:\n- name: a\n- name: b\n", &err), 0);
	assert_null(config->current);
	assert_int_equal(config_context(config, NULL, &context, &err), E_CONFIG);
	assert_string_equal(
		err.text, "no current-context is set: name one with --context (known: a, b)");
	assert_int_equal(config_context(config, "b", &context, &err), 0);
	assert_string_equal(context->name, "b");
	assert_int_equal(config_context(config, "c", &context, &err), E_CONFIG);
	assert_string_equal(err.text, "no context \"c\" (known: a, b)");
	config_free(config);
}

#define HEAD "contexts:\n- name: a\n"
#define REST HEAD "  clusters:\n  - name: c\n    rest: "

static const struct {
	const char *name, *in, *want;
} errors[] = {
	{"empty", "", "1:1: the file is empty: it needs \"contexts\""},
	{"a bell that is none", "bell: loud\n" CLUSTER,
		"1:7: \"bell\" must be off, bell or flash, found \"loud\""},
	{"no contexts", "theme: dark\n", "1:1: \"contexts\" is missing"},
	{"clipboard", "clipboard: fiel\n" CLUSTER,
		"1:12: \"clipboard\" must be terminal or file, found \"fiel\""},
	{"contexts empty", "contexts: []\n", "1:11: \"contexts\" needs at least one context"},
	{"contexts no list", "contexts: {a: b}\n", "1:11: \"contexts\" must be a list"},
	{"top key", "current_context: a\n" CLUSTER,
		"1:1: unknown key \"current_context\" (did you mean \"current-context\"?)"},
	{"context key", HEAD "  clustres: []\n",
		"3:3: unknown key \"clustres\" (did you mean \"clusters\"?)"},
	{"context no mapping", "contexts:\n- a\n", "2:3: expected \"key: value\", found \"a\""},
	{"context name", "contexts:\n- name: A b\n",
		"2:9: \"name\" must be a name (small letters, digits, '.', '_', '-'; at most 63, a "
		"letter or digit first), found \"A b\""},
	{"context twice", HEAD "- name: b\n- name: a\n",
		"4:9: context \"a\" is there already, in line 2"},
	{"current-context", "current-context: prdo\ncontexts:\n- name: prod\n",
		"1:18: no context \"prdo\" (did you mean \"prod\"?)"},
	{"current-context, nothing near", "current-context: zzzz\ncontexts:\n- name: prod\n",
		"1:18: no context \"zzzz\""},
	{"readonly", HEAD "  readonly: perhaps\n",
		"3:13: \"readonly\" must be true or false, found \"perhaps\""},
	{"confirm", HEAD "  confirm: always\n",
		"3:12: \"confirm\" must be yes, name or none, found \"always\""},
	{"proxy", HEAD "  proxy: ftp://p:1\n",
		"3:10: \"proxy\" must be none, env, http://host:port or socks5h://host:port: it is "
		"none of them"},
	{"proxy without a port", HEAD "  proxy: http://p\n",
		"3:10: \"proxy\" must be none, env, http://host:port or socks5h://host:port: it "
		"has "
		"no port"},
	{"proxy with a password", HEAD "  proxy: http://li:x@p:1\n",
		"3:10: \"proxy\" must be none, env, http://host:port or socks5h://host:port: a "
		"user "
		"or password in an address would end up in logs"},
	{"archive on another system", REST "http://h\n    archive: hdfs://nn/past\n",
		"6:14: \"archive\" is a folder of this machine or of a host (host:/folder): of "
		"\"hdfs://nn/past\" a history-server can tell"},
	{"archive on a host that is not there", REST "http://h\n    archive: gw:/past\n",
		"6:14: no host \"gw\" in this context"},
	{"archive of a host, not whole",
		HEAD "  hosts:\n  - name: gw\n  clusters:\n  - name: c\n    rest: http://h\n"
		     "    archive: gw:past\n",
		"8:14: \"past\" is a folder on host gw: name it whole, from /"},
	{"archive and history server",
		REST "http://h\n    archive: /past\n    history-server: http://hs:8082\n",
		"6:5: \"archive\" and \"history-server\" tell the same: name one of them"},
	{"history server", REST "http://h\n    history-server: hs:8082\n",
		"6:21: \"history-server\" is no REST address: it does not start with http:// or "
		"https://"},
	{"tls of http", REST "http://h\n    tls: {insecure: true}\n",
		"6:10: \"tls\" is for addresses that begin with https://"},
	{"tls key", REST "https://h\n    tls: {cacert: x}\n",
		"6:11: unknown key \"cacert\" (did you mean \"cert\"?)"},
	{"tls key without cert", REST "https://h\n    tls: {key: x}\n",
		"6:11: \"key\" is the key of a certificate: name that by \"cert\""},
	{"tls insecure and ca", REST "https://h\n    tls: {ca: x, insecure: true}\n",
		"6:18: with \"insecure\" nothing is checked against \"ca\": one of them"},
	{"tls insecure", REST "https://h\n    tls: {insecure: maybe}\n",
		"6:21: \"insecure\" must be true or false, found \"maybe\""},
	{"tls passphrase", REST "https://h\n    tls: {passphrase-env: A}\n",
		"6:10: a passphrase is for a key: name it by \"cert\" and \"key\""},
	{"auth of nobody", REST "https://h\n    auth: {}\n",
		"6:11: \"auth\" needs \"user\" and a password (password-command, password-env, "
		"password-file), or a token (token-command, token-env, token-file)"},
	{"auth without a password", REST "https://h\n    auth: {user: ops}\n",
		"6:11: \"auth\" of a user needs password-command, password-env or password-file"},
	{"auth as plain text", REST "https://h\n    auth: {user: ops, password: x}\n",
		"6:23: unknown key \"password\" (did you mean \"password-env\"?)"},
	{"auth twice", REST "https://h\n    auth: {user: o, password-env: A, token-env: B}\n",
		"6:11: \"auth\" is a user with a password, or a token: not both"},
	{"auth, two origins", REST "https://h\n    auth: {token-env: A, token-file: B}\n",
		"6:26: one secret has one origin: \"token-env\" or \"token-file\""},
	{"auth, no program", REST "https://h\n    auth: {token-command: []}\n",
		"6:12: \"token-command\" must be the words of a program"},
	{"auth, a user with a colon", REST "https://h\n    auth: {user: 'a:b', password-env: P}\n",
		"6:12: a user's name has no ':': the password has keys of its own"},
	{"budget", HEAD "  budget: {requests-per-second: 0}\n",
		"3:33: \"requests-per-second\" must be a whole number from 1 to 100000, found "
		"\"0\""},
	{"budget key", HEAD "  budget: {requests-per-minute: 9}\n",
		"3:12: unknown key \"requests-per-minute\" (did you mean "
		"\"requests-per-second\"?)"},
	{"loop of one", HEAD "  loop: {restarts: 1}\n",
		"3:20: \"restarts\" must be a whole number from 2 to 16, found \"1\""},
	{"budget of each cluster", HEAD "  budget: {per-cluster: much}\n",
		"3:25: \"per-cluster\" must be a whole number from 1 to 100000, found \"much\""},
	{"budget of one cluster", REST "https://h\n    budget: {requests-per-second: -1}\n",
		"6:35: \"requests-per-second\" must be a whole number from 1 to 100000, found "
		"\"-1\""},
	{"budget of one cluster, without", REST "https://h\n    budget: {per-cluster: 3}\n",
		"6:14: unknown key \"per-cluster\" (known: requests-per-second)"},
	{"history size", HEAD "  history: {size: 1MiB}\n",
		"3:19: \"size\" is a size of at least 16MiB, like 512MiB or 2GiB"},
	{"budget number", HEAD "  budget: 200\n", "3:11: expected \"key: value\", found \"200\""},
	{"variables", HEAD "  variables: {a: [b]}\n",
		"3:18: \"variables\" must be a mapping of names to texts, found a list"},
	{"hosts no list", HEAD "  hosts: gw1\n", "3:10: \"hosts\" must be a list"},
	{"host key", HEAD "  hosts:\n  - {name: h, adress: x}\n",
		"4:15: unknown key \"adress\" (did you mean \"address\"?)"},
	{"host name", HEAD "  hosts:\n  - {address: x}\n", "4:5: \"name\" is missing"},
	{"host local", HEAD "  hosts:\n  - {name: local}\n",
		"4:12: \"local\" means this machine: take another name"},
	{"host twice", HEAD "  hosts:\n  - {name: h}\n  - {name: h}\n",
		"5:12: host \"h\" is there already, in line 4"},
	{"host address", HEAD "  hosts:\n  - {name: h, address: -oProxyCommand=x}\n",
		"4:24: \"-oProxyCommand=x\" is no host name or address"},
	{"host user", HEAD "  hosts:\n  - {name: h, user: 'a b'}\n",
		"4:21: \"a b\" is no user name"},
	{"host port", HEAD "  hosts:\n  - {name: h, port: 70000}\n",
		"4:21: \"port\" must be a whole number from 1 to 65535, found \"70000\""},
	{"host auth", HEAD "  hosts:\n  - {name: h, auth: [agent, opt]}\n",
		"4:29: \"auth\" knows agent, key, password, otp and gssapi, found \"opt\""},
	{"host auth empty", HEAD "  hosts:\n  - {name: h, auth: []}\n",
		"4:21: \"auth\" is an empty list: leave it out for the usual ways"},
	{"host transport", HEAD "  hosts:\n  - {name: h, transport: ssh}\n",
		"4:26: \"transport\" must be libssh2 or openssh, found \"ssh\""},
	{"jump", HEAD "  hosts:\n  - {name: bastion}\n  - {name: h, jump: bastoin}\n",
		"5:21: no host \"bastoin\" (did you mean \"bastion\"?)"},
	{"jump to itself", HEAD "  hosts:\n  - {name: h, jump: h}\n",
		"4:21: host \"h\" jumps in a circle"},
	{"jump in a circle", HEAD "  hosts:\n  - {name: g, jump: h}\n  - {name: h, jump: g}\n",
		"4:21: host \"g\" jumps in a circle"},
	{"flink-env home", HEAD "  flink-envs:\n  - {name: \"1.20\"}\n",
		"4:5: \"home\" is missing"},
	{"flink-env host", HEAD "  flink-envs:\n  - {name: \"1.20\", home: /f, host: gw9}\n",
		"4:36: no host \"gw9\""},
	{"flink-env home over there",
		HEAD "  hosts:\n  - {name: gw, address: h}\n"
		     "  flink-envs:\n  - {name: \"1.20\", home: ~/f, host: gw}\n",
		"6:26: \"~/f\" is a folder on host gw: name it whole, from /"},
	{"flink-env twice",
		HEAD "  flink-envs:\n  - {name: a, home: /f}\n  - {name: a, home: /g}\n",
		"5:12: Flink env \"a\" is there already, in line 4"},
	{"clusters a text", HEAD "  clusters: c\n", "3:13: \"clusters\" must be a list"},
	{"cluster key", HEAD "  clusters:\n  - {name: c, url: 'http://h:1'}\n",
		"4:15: unknown key \"url\" (known: name, type, rest, via, flink-env, tls, auth, "
		"budget, archive, history-server)"},
	{"cluster rest", HEAD "  clusters:\n  - {name: c}\n", "4:5: \"rest\" is missing"},
	{"cluster rest empty", REST "[]\n", "5:11: \"rest\" needs at least one address"},
	{"cluster type", HEAD "  clusters:\n  - {name: c, type: k8s, rest: 'http://h:1'}\n",
		"4:21: \"type\" must be standalone, yarn or kubernetes, found \"k8s\""},
	{"cluster twice", CLUSTER "  - {name: c, rest: 'http://h:2'}\n",
		"5:12: cluster \"c\" is there already, in line 4"},
	{"cluster via",
		HEAD "  hosts: [{name: gw1}]\n  clusters:\n"
		     "  - {name: c, rest: 'http://h:1', via: gw2}\n",
		"5:40: no host \"gw2\" (did you mean \"gw1\"?)"},
	{"cluster via, no hosts", HEAD "  clusters:\n  - {name: c, rest: 'http://h:1', via: gw2}\n",
		"4:40: no host \"gw2\" in this context"},
	{"cluster flink-env",
		HEAD "  clusters:\n  - {name: c, rest: 'http://h:1', flink-env: 1.2}\n",
		"4:46: no Flink env \"1.2\" in this context"},
	{"scheme missing", REST "jm1:8081\n",
		"5:11: \"jm1:8081\" is no REST address: it does not start with http:// or "
		"https://"},
	{"scheme", REST "ftp://h:1\n",
		"5:11: \"ftp://h:1\" is no REST address: it does not start with http:// or "
		"https://"},
	{"no host", REST "http://:8081\n", "5:11: \"http://:8081\" is no REST address: no host"},
	{"no host, no port", REST "http:///x\n", "5:11: \"http:///x\" is no REST address: no host"},
	{"port 0", REST "http://h:0\n",
		"5:11: \"http://h:0\" is no REST address: the port is not from 1 to 65535"},
	{"port large", REST "http://h:99999999999999999999\n",
		"5:11: \"http://h:99999999999999999999\" is no REST address: the port is not from "
		"1 "
		"to 65535"},
	{"port no number", REST "http://h:80a\n",
		"5:11: \"http://h:80a\" is no REST address: the port is not a number"},
	{"port empty", REST "http://h:/x\n",
		"5:11: \"http://h:/x\" is no REST address: no port after the ':'"},
	{"blank", REST "'http://h h:1'\n",
		"5:11: \"http://h h:1\" is no REST address: a blank, or a character that no "
		"address "
		"has"},
	{"host character", REST "http://h_*:1\n",
		"5:11: \"http://h_*:1\" is no REST address: a character that no host name has"},
	{"ipv6", REST "http://[::1:1\n",
		"5:11: \"http://[::1:1\" is no REST address: not an IPv6 address in []"},
	{"credentials", REST "http://u:hunter2@h:1\n",
		"5:11: \"http://u:******@h:1\" is no REST address: a user or password in an "
		"address "
		"would end up in logs"},
	{"query", REST "http://h:1/?a=b\n",
		"5:11: \"http://h:1/?a=b\" is no REST address: '?' and '#' have no place in a base "
		"address"},
	{"the second address", REST "\n    - http://h:1\n    - h:2\n",
		"7:7: \"h:2\" is no REST address: it does not start with http:// or https://"},
	{"csv without a file", HEAD "  clusters: {csv: x.csv}\n",
		"3:14: a CSV file is read beside a file only"},
	{"csv key", HEAD "  clusters: {cvs: x.csv}\n",
		"3:14: unknown key \"cvs\" (did you mean \"csv\"?)"},
	{"tab", "contexts:\n\t- name: a\n", "2:1: a tab cannot indent: use spaces"},
};

static void config_errors_point_at_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct config *config = NULL;
		struct err err = {0};
		char *want = xasprintf("/etc/weir/c.yaml:%s", errors[i].want);
		int rc = parse(&config, errors[i].in, &err);
		if (rc != E_CONFIG || err.code != E_CONFIG || strcmp(err.text, want) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", errors[i].name, err.text, want);
		assert_null(config); /* untouched on failure */
		free(want);
	}
}

static void config_read_names_what_it_cannot_read(void **state)
{
	struct config *config = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(config_read(&config, "/nonexistent/weir/config.yaml", &err), E_NOTFOUND);
	assert_non_null(strstr(err.text, "/nonexistent/weir/config.yaml"));
	assert_int_equal(config_read(&config, "/", &err), E_CONFIG);
	assert_null(config);
}

static void config_from_rest_names_by_address(void **state)
{
	static const char *const urls[] = {"http://jm1:8081", "http://jm1:8081/", "https://jm2",
		"http://jm1:8081/other", "http://[::1]:8081", "http://jm3/x"};
	static const char *const want[] = {
		"jm1:8081", "jm2:443", "jm1:8081-other", "[::1]:8081", "jm3:80-x"};
	struct config *config = config_from_rest(urls, ARRAY_SIZE(urls));
	const struct context_config *context;
	struct err err = {0};

	(void)state;
	assert_null(config->path);
	assert_int_equal(config_context(config, NULL, &context, &err), 0);
	assert_string_equal(context->name, "default");
	assert_int_equal(context->budget_per_second, CONFIG_BUDGET_DEFAULT);
	assert_null(context->workspace);
	assert_int_equal(context->cluster_count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(context->clusters[i].name, want[i]);
	assert_string_equal(
		json_string_value(json_array_get(context->clusters[0].rest, 0)), "http://jm1:8081");
	config_free(config);
}

static void config_rest_problem_of_good_ones(void **state)
{
	static const char *const good[] = {"http://h", "https://h:1", "http://10.0.0.1:8081/",
		"http://[fe80::1%25eth0]:8081", "HTTP://h/proxy/application_1_0001/",
		"http://a-b_c.d:65535"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (config_rest_problem(good[i]))
			fail_msg("%s: %s", good[i], config_rest_problem(good[i]));
	assert_non_null(config_rest_problem(""));
	assert_non_null(config_rest_problem("http://"));
	assert_non_null(config_rest_problem("http://h\n:1"));
}

/* What `config view` prints is a configuration again, and holds no secret. */
static void config_to_json_masks_and_comes_back(void **state)
{
	struct config *config = NULL, *again = NULL;
	struct err err = {0};
	struct buf yaml;

	(void)state;
	if (parse(&config,
		    HEAD "  workspace: /w\n"
			 "  confirm: name\n"
			 "  variables: {region: eu, s3.secret-key: hunter2, url: "
			 "'http://u:hunter2@h/'}\n"
			 "  hosts: [{name: gw, user: u, port: 22, auth: [otp], key: /k, transport: "
			 "openssh}]\n"
			 "  flink-envs: [{name: 1.20, home: /f, host: gw}]\n"
			 "  proxy: socks5h://p:1080\n"
			 "  clusters: [{name: c, rest: 'http://h:1', via: gw, flink-env: 1.20},\n"
			 "    {name: d, rest: 'https://h', tls: {ca: /ca, cert: /c, "
			 "passphrase-env: X},\n"
			 "      auth: {user: u, password-command: [vault, --token, hunter2, x]}},\n"
			 "    {name: e, rest: 'https://h', tls: {insecure: yes}, auth: "
			 "{token-file: /t}}]\n",
		    &err))
		fail_msg("%s", err.text);
	json_t *tree = config_to_json(config);
	buf_init(&yaml, 0);
	doc_dump_yaml(&yaml, tree);
	assert_null(strstr(buf_str(&yaml), "hunter2"));
	assert_non_null(strstr(buf_str(&yaml), "s3.secret-key: \"******\""));
	assert_non_null(strstr(buf_str(&yaml), "region: eu"));
	if (parse(&again, buf_str(&yaml), &err))
		fail_msg("%s in\n%s", err.text, buf_str(&yaml));
	json_t *second = config_to_json(again);
	assert_true(json_equal(tree, second));
	json_decref(tree);
	json_decref(second);
	buf_release(&yaml);
	config_free(config);
	config_free(again);
}

static void config_default_path_by_environment(void **state)
{
	(void)state;
	setenv("WEIR_CONFIG", "/x/y.yaml", 1);
	char *path = config_default_path();
	assert_string_equal(path, "/x/y.yaml");
	free(path);
	unsetenv("WEIR_CONFIG");
	setenv("XDG_CONFIG_HOME", "/conf", 1);
	path = config_default_path();
	assert_string_equal(path, "/conf/weir/config.yaml");
	free(path);
	unsetenv("XDG_CONFIG_HOME");
	path = config_default_path();
	assert_string_equal(path, "/home/li/.config/weir/config.yaml");
	free(path);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	setenv("HOME", "/home/li", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_example_is_understood),
		cmocka_unit_test(config_defaults_and_forms),
		cmocka_unit_test(config_context_by_name),
		cmocka_unit_test(config_errors_point_at_the_place),
		cmocka_unit_test(config_read_names_what_it_cannot_read),
		cmocka_unit_test(config_from_rest_names_by_address),
		cmocka_unit_test(config_rest_problem_of_good_ones),
		cmocka_unit_test(config_to_json_masks_and_comes_back),
		cmocka_unit_test(config_default_path_by_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
