/* What ssh's own configuration says, on real sshd: it fills what weir's file leaves open, on both
 * ways. */
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/program.h"

static char *dir, *path;

static int up(void **state)
{
	dir = temp_dir();
	path = temp_path(dir, "config");
	return kit_up(state);
}

static int down(void **state)
{
	temp_dir_remove(dir);
	free(path);
	return kit_down(state);
}

/* A host of weir's file of which only the name is said. */
static struct host_config *bare(struct kit *k, const char *name)
{
	struct host_config *host = &k->hosts[k->host_count++];

	*host = (struct host_config){.name = xstrdup(name), .address = xstrdup(name)};
	return host;
}

static char *sh_text(const char *file)
{
	struct buf text;
	struct err err = {0};

	buf_init(&text, 0);
	check_ok(file, file_read(file, &text, &err), &err);
	return buf_detach(&text);
}

static char *log_of(struct kit *k, const char *server)
{
	return sshd_log(k->servers, server);
}

static void write_config(struct kit *k)
{
	char *text = xasprintf("Host box near far\n  HostName 127.0.0.1\n  User root\n"
			       "  IdentityFile %s/no-such-key\n  IdentityFile %s\n"
			       "Host box near\n  Port %d\n"
			       "Host far\n  Port %d\n  ProxyJump near\n"
			       "Host *\n  UserKnownHostsFile %s\n"
			       "Host odd\n  ProxyCommand nc %%h %%p\n"
			       "Host round\n  ProxyJump round2\nHost round2\n  ProxyJump round\n",
		dir, sshd_file(k->servers, "id_ed25519"), sshd_port(k->servers, "bastion"),
		sshd_port(k->servers, "gw"), k->known_hosts);

	temp_file(path, text);
	free(text);
	k->ssh_config = path;
}

static void user_port_key_address_and_jump_are_filled(void **state)
{
	struct kit *k = *state;

	write_config(k);
	for (int transport = 0; transport < TRANSPORT_MAX; transport++) {
		char *before = log_of(k, "bastion"), *after;
		struct ending e = {0};

		bare(k, "box")->transport = transport;
		bare(k, "far")->transport = transport;
		kit_open(k, false);
		kit_exec(k, "far", "echo $SSH_CONNECTION", &e);
		check_ok("far", e.err.code, &e.err);
		char *port = xasprintf(" %d\n", sshd_port(k->servers, "gw"));
		check_has("the server", e.out, port);
		free(port);
		ending_release(&e);
		after = log_of(k, "bastion");
		check_has("through the jump host", after + strlen(before),
			"Accepted publickey for root");
		free(before);
		free(after);
		kit_exec(k, "box", "echo in", &e);
		check_ok("box", e.err.code, &e.err);
		check_str("box", e.out, "in\n");
		ending_release(&e);
		kit_close(k);
	}
}

static void what_weir_says_holds(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	write_config(k);
	/* Another server than the file's, directly. */
	struct host_config *host = bare(k, "box");
	host->port = sshd_port(k->servers, "gw");
	kit_open(k, false);
	kit_exec(k, "box", "echo $SSH_CONNECTION", &e);
	check_ok("port", e.err.code, &e.err);
	char *port = xasprintf(" %d\n", sshd_port(k->servers, "gw"));
	check_has("port", e.out, port);
	free(port);
	ending_release(&e);
	kit_close(k);
	host = bare(k, "box");
	host->key = xstrdup(sshd_file(k->servers, "id_stranger"));
	kit_open(k, false);
	kit_exec(k, "box", "true", &e);
	check_err("key", e.err.code, &e.err, E_AUTH, "id_stranger");
	ending_release(&e);
}

/* Only "box", with these lines of ssh's configuration; weir's file names no known_hosts. */
static void try_box(struct kit *k, const char *row, const char *auth, const char *lines, int code,
	const char *want)
{
	char *text = xasprintf("Host box\n  HostName 127.0.0.1\n  User root\n  Port %d\n%s",
		sshd_port(k->servers, "bastion"), lines);
	struct ending e = {0};

	temp_file(path, text);
	k->ssh_config = path;
	free(k->known_hosts);
	k->known_hosts = NULL;
	bare(k, "box")->auth = json_pack("[s]", auth);
	kit_open(k, false);
	kit_exec(k, "box", "echo in", &e);
	if (code)
		check_err(row, e.err.code, &e.err, code, want);
	else
		check_ok(row, e.err.code, &e.err);
	ending_release(&e);
	kit_close(k);
	free(text);
}

static void known_hosts_file_and_alias_of_ssh_are_honoured(void **state)
{
	struct kit *k = *state;
	char *known = sh_text(sshd_file(k->servers, "known_hosts"));
	char *file = temp_path(dir, "known"), *lines, *aliased;
	char *host = xasprintf("[127.0.0.1]:%d ", sshd_port(k->servers, "bastion"));
	const char *line = strstr(known, host);

	assert_non_null(line);
	aliased = xasprintf(
		"prod-box %.*s\n", (int)strcspn(line + strlen(host), "\n"), line + strlen(host));
	temp_file(file, known);
	lines = xasprintf("  UserKnownHostsFile %s/none %s\n  IdentityFile %s\n", dir, file,
		sshd_file(k->servers, "id_ed25519"));
	try_box(k, "in the second file", "key", lines, 0, NULL);
	temp_file(file, aliased);
	try_box(k, "no such name in it", "key", lines, E_AUTH, "is not known");
	free(lines);
	lines = xasprintf("  UserKnownHostsFile %s\n  HostKeyAlias prod-box\n  IdentityFile %s\n",
		file, sshd_file(k->servers, "id_ed25519"));
	try_box(k, "by its alias", "key", lines, 0, NULL);
	free(lines);
	lines = xasprintf("  UserKnownHostsFile %s\n  HostKeyAlias other\n", file);
	try_box(k, "by another", "key", lines, E_AUTH, "the key of other is not known");
	free(lines);
	free(host);
	free(aliased);
	free(file);
	free(known);
}

static void agent_and_identities_only_of_ssh_are_honoured(void **state)
{
	struct kit *k = *state;
	char *sock = temp_path(dir, "agent"), *env = xasprintf("SSH_AUTH_SOCK=%s", sock), *lines;
	char *known = xasprintf("  UserKnownHostsFile %s\n", sshd_file(k->servers, "known_hosts"));
	struct program *agent = program_start(&(struct program_setup){
		.file = "ssh-agent", .words = (const char *[]){"-D", "-a", sock, NULL}});
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	while (access(sock, W_OK) && clock_mono_ms() < until)
		loop_turn(k->loop, 20);
	struct program *add = program_run(&(struct program_setup){.file = "ssh-add",
		.words = (const char *[]){"-q", sshd_file(k->servers, "id_ecdsa"), NULL},
		.home = dir,
		.env = (const char *[]){env, NULL}});
	check_int("ssh-add", add->exit_code, 0);
	try_box(k, "none is known", "agent", known, E_AUTH, "SSH_AUTH_SOCK is not set");
	lines = xasprintf("%s  IdentityAgent %s\n", known, sock);
	try_box(k, "its socket", "agent", lines, 0, NULL);
	free(lines);
	lines = xasprintf("%s  IdentityAgent none\n", known);
	try_box(k, "none", "agent", lines, E_AUTH, "IdentityAgent of ssh's configuration");
	free(lines);
	lines = xasprintf("%s  IdentityAgent %s\n  IdentitiesOnly yes\n  IdentityFile %s\n", known,
		sock, sshd_file(k->servers, "id_ed25519"));
	try_box(k, "another key only", "agent", lines, E_AUTH, "IdentitiesOnly");
	free(lines);
	lines = xasprintf("%s  IdentityAgent %s\n  IdentitiesOnly yes\n  IdentityFile %s\n", known,
		sock, sshd_file(k->servers, "id_ecdsa"));
	try_box(k, "that key only", "agent", lines, 0, NULL);
	free(lines);
	program_free(add);
	program_signal(agent, 15);
	program_free(agent);
	free(known);
	free(env);
	free(sock);
}

static void refused(struct kit *k, const char *name, int code, const char *text)
{
	struct ending e = {0};

	bare(k, name);
	kit_open(k, false);
	kit_exec(k, name, "true", &e);
	check_err(name, e.err.code, &e.err, code, text);
	check_has(name, e.err.text, name);
	ending_release(&e);
	kit_close(k);
}

static void what_libssh2_cannot_follow_is_refused_with_the_cure(void **state)
{
	struct kit *k = *state;

	write_config(k);
	refused(k, "odd", E_UNSUPPORTED, "ProxyCommand for odd: that needs transport: openssh");
	refused(k, "round", E_CONFIG, "ProxyJump");
	temp_file(path, "NoSuchOption yes\n");
	refused(k, "box", E_CONFIG, "ssh -G box: ");
}

static void without_the_ssh_program_our_own_defaults_hold(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	char *before = xstrdup(getenv("PATH"));

	k->ssh_config = NULL;
	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", NULL);
	k->hosts[1].transport = TRANSPORT_OPENSSH;
	kit_open(k, false);
	setenv("PATH", "/no/such/folder", 1);
	kit_exec(k, "bastion", "echo in", &e);
	check_ok("libssh2", e.err.code, &e.err);
	ending_release(&e);
	kit_exec(k, "gw", "echo in", &e);
	setenv("PATH", before, 1);
	check_err("openssh", e.err.code, &e.err, E_UNSUPPORTED, "which is not installed");
	ending_release(&e);
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(user_port_key_address_and_jump_are_filled, kit_clear),
		cmocka_unit_test_teardown(what_weir_says_holds, kit_clear),
		cmocka_unit_test_teardown(
			known_hosts_file_and_alias_of_ssh_are_honoured, kit_clear),
		cmocka_unit_test_teardown(agent_and_identities_only_of_ssh_are_honoured, kit_clear),
		cmocka_unit_test_teardown(
			what_libssh2_cannot_follow_is_refused_with_the_cure, kit_clear),
		cmocka_unit_test_teardown(without_the_ssh_program_our_own_defaults_hold, kit_clear),
	};

	return cmocka_run_group_tests(tests, up, down);
}
