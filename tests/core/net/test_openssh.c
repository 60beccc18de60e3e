/* Hosts that the ssh program reaches, on real sshd: the contract of the others, and what only it
 * can do. */
#include "core/net/http.h"
#include "core/net/tunnel.h"
#include "tests/core/net/ssh_copies.h"
#include "tests/core/net/ssh_rows.h"
#include "tests/support/httpd.h"

static struct host_config *openssh_host(
	struct kit *k, const char *server, const char *key, const char *auth, const char *jump)
{
	struct host_config *host = &k->hosts[k->host_count];

	kit_host(k, server, key, auth, jump);
	host->transport = TRANSPORT_OPENSSH;
	return host;
}

static void chain(struct kit *k)
{
	openssh_host(k, "bastion", "id_ed25519", "key", NULL);
	openssh_host(k, "gw", "id_ed25519", "key", "bastion");
}

static void commands_on_a_host_and_behind_it(void **state)
{
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	exec_rows_check(k, "gw");
	exec_rows_check(k, "bastion");
	check_bool("up", ssh_is_up(k->ssh, "gw"), true);
}

static void a_status_of_255_is_the_commands_own(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	chain(k);
	kit_open(k, false);
	kit_exec(k, "bastion", "printf 'said: weir-'  >&2; exit 255", &e);
	check_ok("255", e.err.code, &e.err);
	check_int("255", e.exit_status, 255);
	check_str("its stderr", e.err_out, "said: weir-");
	ending_release(&e);
}

static void cancel_and_timeout_end_the_group(void **state)
{
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	exec_ends_check(k, "gw");
}

static void close_kills_what_runs(void **state)
{
	struct kit *k = *state;
	struct live live = {0};
	pid_t pid;

	chain(k);
	kit_open(k, false);
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "gw",
			.command = "sleep 1000 & echo $!; wait",
			.on_output = on_live},
		on_end, &live);
	pid = live_pid(k, &live);
	ssh_close(k->ssh);
	k->ssh = NULL;
	until_gone(k, pid);
	check_int("nobody is told", live.end.done, 0);
	buf_release(&live.out);
}

static void many_at_once_are_all_done(void **state)
{
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	exec_many_check(k, "bastion", "gw");
}

static void copies(void **state)
{
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	copy_rows_check(k, "gw");
	copy_resume_check(k, "bastion");
	copy_full_disk_check(k, "bastion");
	copy_cancel_check(k, "bastion");
}

static void a_cut_link_is_unknown_for_a_command_and_may_be_repeated_for_a_copy(void **state)
{
	struct kit *k = *state;
	struct live live = {0};
	struct ending e = {0};

	chain(k);
	kit_open(k, false);
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "bastion",
			.command = "echo $$; exec sleep 1000",
			.on_output = on_live},
		on_end, &live);
	pid_t pid = live_pid(k, &live);
	sshd_do(k->servers, "cut", "bastion");
	assert_true(kit_until(k, &live.end.done));
	check_err("cut", live.end.err.code, &live.end.err, E_UNKNOWN,
		"host bastion: the link broke while the command ran");
	kill(pid, SIGKILL);
	kit_exec(k, "bastion", "echo again", &e);
	check_ok("again", e.err.code, &e.err);
	check_str("again", e.out, "again\n");
	ending_release(&e);
	ending_release(&live.end);
	buf_release(&live.out);
}

/* How many connections the server took so far. Of their ends it may write later. */
static int logins(struct kit *k, const char *host)
{
	char *log = sshd_log(k->servers, host);
	int count = 0;

	for (const char *at = log; (at = strstr(at, "Connection from ")); at++)
		count++;
	free(log);
	return count;
}

static void refused(struct kit *k, const char *name, const char *host, int code, const char *text)
{
	struct ending e = {0};

	kit_open(k, false);
	kit_exec(k, host, "true", &e);
	check_err(name, e.err.code, &e.err, code, text);
	check_has(name, e.err.text, "host ");
	ending_release(&e);
	/* Who was refused is not asked again: no second login. */
	if (code == E_AUTH) {
		int before = logins(k, host);
		kit_exec(k, host, "true", &e);
		check_err(name, e.err.code, &e.err, code, text);
		check_int(name, logins(k, host), before);
		ending_release(&e);
	}
	kit_close(k);
}

static void refusals_say_what_to_do(void **state)
{
	struct kit *k = *state;

	openssh_host(k, "bastion", "id_stranger", "key", NULL);
	refused(k, "a key that is not known", "bastion", E_AUTH, "ssh-add");
	openssh_host(k, "pw", "id_ed25519", NULL, NULL);
	refused(k, "only a password", "pw", E_AUTH, "Permission denied (");
	kit_known(k, "known_hosts.empty");
	openssh_host(k, "bastion", "id_ed25519", "key", NULL);
	refused(k, "an unknown host key", "bastion", E_AUTH, "log in once with ssh");
	kit_known(k, "known_hosts.changed");
	openssh_host(k, "bastion", "id_ed25519", "key", NULL);
	refused(k, "a changed host key", "bastion", E_AUTH, "ssh-keygen -R");
	kit_known(k, "known_hosts");
	openssh_host(k, "bastion", "id_ed25519", "key", NULL)->port = 1;
	refused(k, "nobody there", "bastion", E_NET, "Connection refused");
	free(openssh_host(k, "bastion", "id_ed25519", "key", NULL)->address);
	k->hosts[0].address = xstrdup("no-such-host.invalid");
	refused(k, "no such name", "bastion", E_NET, "no-such-host.invalid");
	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	openssh_host(k, "gw", "id_ed25519", "key", "bastion");
	refused(k, "a mix", "gw", E_UNSUPPORTED, "bastion must say transport: openssh");
}

static void a_jump_host_that_refuses_is_named(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	openssh_host(k, "bastion", "id_stranger", "key", NULL);
	openssh_host(k, "gw", "id_ed25519", "key", "bastion");
	kit_open(k, false);
	kit_exec(k, "gw", "true", &e);
	check_err("who", e.err.code, &e.err, E_AUTH, "host bastion");
	ending_release(&e);
}

/* The reason for this way: libssh2 1.10 signs with SHA-1, which OpenSSH refuses since 8.8. */
static void an_rsa_key_works_and_libssh2_names_the_cure(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	openssh_host(k, "bastion", "id_rsa", "key", NULL);
	kit_open(k, false);
	kit_exec(k, "bastion", "echo in", &e);
	check_ok("openssh", e.err.code, &e.err);
	check_str("openssh", e.out, "in\n");
	ending_release(&e);
	kit_close(k);
	kit_host(k, "bastion", "id_rsa", "key", NULL);
	kit_open(k, false);
	kit_exec(k, "bastion", "echo in", &e);
	check_err("libssh2", e.err.code, &e.err, E_AUTH, "transport: openssh");
	ending_release(&e);
}

/* A host of libssh2 may lie behind one of openssh. */
static void a_hop_below_libssh2(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	openssh_host(k, "bastion", "id_rsa", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "bastion");
	kit_open(k, false);
	kit_exec(k, "gw", "echo through", &e);
	check_ok("hop", e.err.code, &e.err);
	check_str("hop", e.out, "through\n");
	ending_release(&e);
	kit_close(k);
	openssh_host(k, "noforward", "id_rsa", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "noforward");
	kit_open(k, false);
	kit_exec(k, "gw", "echo through", &e);
	check_bool("a host that forwards nothing", e.err.code == E_NET || e.err.code == E_DENIED,
		true);
	check_has("is named", e.err.text, "host noforward cannot connect to 127.0.0.1");
	ending_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(commands_on_a_host_and_behind_it, kit_clear),
		cmocka_unit_test_teardown(a_status_of_255_is_the_commands_own, kit_clear),
		cmocka_unit_test_teardown(cancel_and_timeout_end_the_group, kit_clear),
		cmocka_unit_test_teardown(close_kills_what_runs, kit_clear),
		cmocka_unit_test_teardown(many_at_once_are_all_done, kit_clear),
		cmocka_unit_test_teardown(copies, kit_clear),
		cmocka_unit_test_teardown(
			a_cut_link_is_unknown_for_a_command_and_may_be_repeated_for_a_copy,
			kit_clear),
		cmocka_unit_test_teardown(refusals_say_what_to_do, kit_clear),
		cmocka_unit_test_teardown(a_jump_host_that_refuses_is_named, kit_clear),
		cmocka_unit_test_teardown(an_rsa_key_works_and_libssh2_names_the_cure, kit_clear),
		cmocka_unit_test_teardown(a_hop_below_libssh2, kit_clear),
	};

	return cmocka_run_group_tests(tests, kit_up, kit_down);
}
