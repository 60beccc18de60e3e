/* Who we are and whom we talk to, on real sshd: every way in, every way to be refused. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/program.h"

static const struct {
	const char *name, *server, *auth, *key, *known;
	const char *answers[4];
	bool nobody; /* nobody can be asked */
	int asked;
	enum err_code code;
	const char *part;
} rows[] = {
	{"an ed25519 key", "gw", "key", "id_ed25519", NULL, {0}, true, 0, E_OK, NULL},
	{"an ecdsa key", "gw", "key", "id_ecdsa", NULL, {0}, true, 0, E_OK, NULL},
	{"only the second host key is known", "bastion", "key", "id_ed25519", NULL, {0}, true, 0,
		E_OK, NULL},
	{"an encrypted key", "gw", "key", "id_locked", NULL, {SSHD_PASSPHRASE}, false, 1, E_OK,
		NULL},
	{"a passphrase mistyped once", "gw", "key", "id_locked", NULL, {"wrong", SSHD_PASSPHRASE},
		false, 2, E_OK, NULL},
	{"a wrong passphrase", "gw", "key", "id_locked", NULL, {"a", "b", "c"}, false, 3, E_AUTH,
		"wrong passphrase"},
	{"no passphrase", "gw", "key", "id_locked", NULL, {NULL}, false, 1, E_AUTH,
		"its passphrase is needed"},
	{"a passphrase and nobody to ask", "gw", "key", "id_locked", NULL, {0}, true, 0, E_AUTH,
		"run it on a terminal"},
	{"a password", "pw", "password", NULL, NULL, {SSHD_SECRET}, false, 1, E_OK, NULL},
	{"a wrong password", "pw", "password", NULL, NULL, {"a", "b", "c"}, false, 3, E_AUTH,
		"password: wrong"},
	{"a password and nobody to ask", "pw", "password", NULL, NULL, {0}, true, 0, E_AUTH,
		"run it on a terminal"},
	{"a code", "code", "otp", NULL, NULL, {SSHD_SECRET}, false, 1, E_OK, NULL},
	{"a password by questions", "code", "password", NULL, NULL, {SSHD_SECRET}, false, 1, E_OK,
		NULL},
	{"a code mistyped once", "code", "otp", NULL, NULL, {"000000", SSHD_SECRET}, false, 2, E_OK,
		NULL},
	{"a wrong code", "code", "otp", NULL, NULL, {"1", "2", "3"}, false, 3, E_AUTH,
		"otp: the answers were wrong"},
	{"no code", "code", "otp", NULL, NULL, {NULL}, false, 1, E_AUTH, "nobody answered"},
	{"a key, then a code", "otp", "key otp", "id_ed25519", NULL, {SSHD_SECRET}, false, 1, E_OK,
		NULL},
	{"a key, and the code is missing", "otp", "key otp", "id_ed25519", NULL, {0}, true, 0,
		E_AUTH, "run it on a terminal"},
	{"a code before the key", "otp", "otp key", "id_ed25519", NULL, {SSHD_SECRET}, false, 0,
		E_AUTH, "the server takes"},
	{"a key that is not allowed", "gw", "key", "id_stranger", NULL, {0}, true, 0, E_AUTH,
		"id_stranger: not accepted"},
	{"a key that is not there", "gw", "key", "id_none", NULL, {0}, true, 0, E_AUTH,
		"id_none: cannot be read"},
	{"an RSA key", "gw", "key", "id_rsa", NULL, {0}, true, 0, E_AUTH, "transport: openssh"},
	{"no agent", "gw", "agent", NULL, NULL, {0}, true, 0, E_AUTH, "SSH_AUTH_SOCK is not set"},
	{"gssapi", "gw", "gssapi", NULL, NULL, {0}, true, 0, E_AUTH, "transport: openssh"},
	{"what the server does not take", "pw", "key", "id_ed25519", NULL, {0}, true, 0, E_AUTH,
		"the server takes password"},
	{"an unknown host", "gw", "key", "id_ed25519", "known_hosts.empty", {"no"}, false, 1,
		E_AUTH, "is not known (ssh-ed25519 SHA256:"},
	{"an unknown host and nobody to ask", "gw", "key", "id_ed25519", "known_hosts.empty", {0},
		true, 0, E_AUTH, "is not known (ssh-ed25519 SHA256:"},
	{"a changed host key", "gw", "key", "id_ed25519", "known_hosts.changed", {"yes"}, false, 0,
		E_AUTH, "has changed (now ssh-ed25519 SHA256:"},
	{"a revoked host key", "gw", "key", "id_ed25519", "known_hosts.revoked", {"yes"}, false, 0,
		E_AUTH, "is revoked"},
	{"a host known by its authority", "gw", "key", "id_ed25519", "known_hosts.authority", {0},
		true, 0, E_AUTH, "@cert-authority"},
};

static void every_way_in_and_every_refusal(void **state)
{
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ending e = {0};

		kit_known(k, rows[i].known ? rows[i].known : "known_hosts");
		kit_host(k, rows[i].server, rows[i].key, rows[i].auth, NULL);
		memcpy(k->answers, rows[i].answers, sizeof(rows[i].answers));
		kit_open(k, !rows[i].nobody);
		kit_exec(k, rows[i].server, "echo in", &e);
		if (rows[i].code)
			check_err(rows[i].name, e.err.code, &e.err, rows[i].code, rows[i].part);
		else
			check_ok(rows[i].name, e.err.code, &e.err);
		check_str(rows[i].name, e.out, rows[i].code ? "" : "in\n");
		check_int(rows[i].name, (int64_t)k->asked, rows[i].asked);
		check_int(rows[i].name, e.done, 1);
		check_bool(rows[i].name, ssh_is_up(k->ssh, rows[i].server), rows[i].code == E_OK);
		if (strstr(e.err.text, SSHD_SECRET) || strstr(e.err.text, SSHD_PASSPHRASE))
			fail_msg("%s: a secret in '%s'", rows[i].name, e.err.text);
		ending_release(&e);
		kit_close(k);
	}
}

static void a_refused_host_is_not_tried_again_until_told(void **state)
{
	struct kit *k = *state;
	struct ending first = {0}, second = {0}, third = {0};

	kit_host(k, "code", NULL, "otp", NULL);
	for (int i = 0; i < 3; i++)
		k->answers[i] = "wrong";
	k->answers[3] = SSHD_SECRET;
	kit_open(k, true);
	kit_exec(k, "code", "true", &first);
	check_err("first", first.err.code, &first.err, E_AUTH, "host code: ");
	kit_exec(k, "code", "true", &second);
	check_str("the same", second.err.text, first.err.text);
	check_int("nobody was asked again", (int64_t)k->asked, 3);
	ssh_retry(k->ssh, "code");
	kit_exec(k, "code", "true", &third);
	check_ok("after the retry", third.err.code, &third.err);
	ending_release(&first);
	ending_release(&second);
	ending_release(&third);
}

static void an_accepted_host_key_is_remembered(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	char *dir = temp_dir();

	free(k->known_hosts);
	k->known_hosts = xasprintf("%s/new/known_hosts", dir);
	for (int i = 0; i < 2; i++) {
		kit_host(k, "gw", "id_ed25519", "key", NULL);
		k->answers[0] = i == 0 ? "yes" : NULL;
		kit_open(k, true);
		kit_exec(k, "gw", "true", &e);
		check_ok("in", e.err.code, &e.err);
		check_int("asked", (int64_t)k->asked, i == 0 ? 1 : 0);
		if (i == 0)
			check_has("the fingerprint", k->prompts, "ssh-ed25519 SHA256:");
		ending_release(&e);
		kit_close(k);
	}
	temp_dir_remove(dir);
}

/* ssh-keygen's fingerprint is the judge of ours. */
static void the_fingerprint_is_the_one_that_ssh_shows(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	struct program *p = program_run(&(struct program_setup){.file = "ssh-keygen",
		.words = (const char *[]){
			"-l", "-f", sshd_file(k->servers, "host_ed25519.pub"), NULL}});
	char *print = strstr(buf_str(&p->out), "SHA256:");

	assert_non_null(print);
	print[strcspn(print, " ")] = 0;
	kit_known(k, "known_hosts.empty");
	kit_host(k, "gw", "id_ed25519", "key", NULL);
	kit_open(k, false);
	kit_exec(k, "gw", "true", &e);
	check_has("fingerprint", e.err.text, print);
	ending_release(&e);
	program_free(p);
}

static void an_agent_signs(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	char *dir = temp_dir(), *sock = temp_path(dir, "agent"), *env;
	struct program *agent = program_start(&(struct program_setup){
		.file = "ssh-agent", .words = (const char *[]){"-D", "-a", sock, NULL}});
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	while (access(sock, W_OK) && clock_mono_ms() < until)
		loop_turn(k->loop, 20);
	env = xasprintf("SSH_AUTH_SOCK=%s", sock);
	struct program *add = program_run(&(struct program_setup){.file = "ssh-add",
		.words = (const char *[]){"-q", sshd_file(k->servers, "id_ecdsa"), NULL},
		.home = dir,
		.env = (const char *[]){env, NULL}});
	check_int("ssh-add", add->exit_code, 0);
	setenv("SSH_AUTH_SOCK", sock, 1);
	kit_host(k, "otp", NULL, "agent otp", NULL);
	k->answers[0] = SSHD_SECRET;
	kit_open(k, true);
	kit_exec(k, "otp", "echo $0 in", &e);
	unsetenv("SSH_AUTH_SOCK");
	check_ok("agent, then a code", e.err.code, &e.err);
	check_str("out", e.out, "sh in\n");
	ending_release(&e);
	program_free(add);
	program_signal(agent, 15);
	program_free(agent);
	free(env);
	free(sock);
	temp_dir_remove(dir);
}

static void what_cannot_be_reached_says_why(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	kit_host(k, "gw", "id_ed25519", "key", NULL);
	k->hosts[0].port = 1; /* nobody listens there */
	kit_host(k, "pw", NULL, NULL, NULL);
	free(k->hosts[1].address);
	k->hosts[1].address = xstrdup("no-such-host.invalid");
	kit_open(k, false);
	kit_exec(k, "gw", "true", &e);
	check_err("refused", e.err.code, &e.err, E_NET,
		"host gw: 127.0.0.1 port 1: Connection refused");
	ending_release(&e);
	kit_exec(k, "pw", "true", &e);
	check_err("no name", e.err.code, &e.err, E_NET, "'no-such-host.invalid' not found");
	ending_release(&e);
	kit_exec(k, "nowhere", "true", &e);
	check_err("no host", e.err.code, &e.err, E_NOTFOUND, "nowhere");
	ending_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_way_in_and_every_refusal, kit_clear),
		cmocka_unit_test_teardown(a_refused_host_is_not_tried_again_until_told, kit_clear),
		cmocka_unit_test_teardown(an_accepted_host_key_is_remembered, kit_clear),
		cmocka_unit_test_teardown(the_fingerprint_is_the_one_that_ssh_shows, kit_clear),
		cmocka_unit_test_teardown(an_agent_signs, kit_clear),
		cmocka_unit_test_teardown(what_cannot_be_reached_says_why, kit_clear),
	};

	check_locale();
	return cmocka_run_group_tests(tests, kit_up, kit_down);
}
