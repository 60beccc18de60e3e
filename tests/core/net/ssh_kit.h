/* What the tests of SSH share: hosts, a person who answers, and one operation's end. */
#ifndef WEIR_TESTS_CORE_NET_SSH_KIT_H
#define WEIR_TESTS_CORE_NET_SSH_KIT_H

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh.h"
#include "tests/support/check.h"
#include "tests/support/sshd.h"

/*
 * libssh2 1.10 forgets two numbers in each signature by an ECDSA key; the call is libcrypto's.
 * Named by its library: a bare machine has no symbolizer that could name the function.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcrypto.so\n";
}

#define DEADLINE_MS 120000
#define HOSTS_MAX 4

struct kit {
	struct sshd *servers;
	struct loop *loop;
	struct ssh *ssh;
	struct host_config hosts[HOSTS_MAX];
	size_t host_count;
	char *known_hosts;
	const char *ssh_config; /* NULL = ssh's own */
	const char *answers[8]; /* in turn; NULL = refuses from here */
	size_t asked;
	char *prompts; /* all that was asked */
};

struct ending {
	int done, exit_status;
	struct err err;
	char *out, *err_out, *signal;
	bool is_cut;
};

static inline void kit_host(
	struct kit *k, const char *server, const char *key, const char *auth, const char *jump)
{
	struct host_config *host = &k->hosts[k->host_count++];
	char *words = auth ? xstrdup(auth) : NULL, *rest = words;

	*host = (struct host_config){.name = xstrdup(server),
		.address = xstrdup("127.0.0.1"),
		.user = xstrdup("root"),
		.jump = xstrdup_null(jump),
		.key = key ? xstrdup(sshd_file(k->servers, key)) : NULL,
		.port = sshd_port(k->servers, server)};
	for (char *word; words && (word = strsep(&rest, " "));) {
		if (!host->auth)
			host->auth = json_array();
		json_array_append_new(host->auth, json_string(word));
	}
	free(words);
}

static inline void kit_answer(void *data, const struct ssh_prompt *prompt)
{
	struct kit *k = data;
	char *all = xasprintf(
		"%s%d:%s\n", k->prompts ? k->prompts : "", (int)prompt->kind, prompt->text);

	free(k->prompts);
	k->prompts = all;
	ssh_answer(k->ssh, prompt->id,
		k->asked < ARRAY_SIZE(k->answers) ? k->answers[k->asked] : NULL);
	k->asked++;
}

static inline void kit_open(struct kit *k, bool can_ask)
{
	struct err err = {0};

	check_ok("ssh_open",
		ssh_open(&k->ssh,
			&(struct ssh_options){
				.loop = k->loop,
				.hosts = k->hosts,
				.host_count = k->host_count,
				.known_hosts = k->known_hosts,
				.ssh_config = k->ssh_config,
				.on_prompt = can_ask ? kit_answer : NULL,
				.data = k,
			},
			&err),
		&err);
}

static inline void kit_close(struct kit *k)
{
	ssh_close(k->ssh);
	k->ssh = NULL;
	for (size_t i = 0; i < k->host_count; i++) {
		free(k->hosts[i].name);
		free(k->hosts[i].address);
		free(k->hosts[i].user);
		free(k->hosts[i].jump);
		free(k->hosts[i].key);
		json_decref(k->hosts[i].auth);
	}
	k->host_count = k->asked = 0;
	memset(k->answers, 0, sizeof(k->answers));
	free(k->prompts);
	k->prompts = NULL;
}

static inline void kit_known(struct kit *k, const char *file)
{
	free(k->known_hosts);
	k->known_hosts = xstrdup(sshd_file(k->servers, file));
}

static inline void ending_release(struct ending *e)
{
	free(e->out);
	free(e->err_out);
	free(e->signal);
	memset(e, 0, sizeof(*e));
}

static inline void on_end(void *data, const struct ssh_result *result, const struct err *err)
{
	struct ending *e = data;

	e->done++;
	e->exit_status = result->exit_status;
	e->is_cut = result->is_cut;
	e->signal = xstrdup_null(result->signal);
	e->out = buf_detach(result->out);
	e->err_out = buf_detach(result->err);
	if (err)
		e->err = *err;
}

static inline bool kit_until(struct kit *k, const int *flag)
{
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	while (!*flag && clock_mono_ms() < until)
		loop_turn(k->loop, 100);
	return *flag != 0;
}

static inline void kit_exec(struct kit *k, const char *host, const char *command, struct ending *e)
{
	ssh_exec(k->ssh, &(struct ssh_exec_options){.host = host, .command = command}, on_end, e);
	if (!kit_until(k, &e->done))
		fail_msg("%s on %s did not end", command, host);
}

static inline int kit_up(void **state)
{
	struct kit *k = xcalloc(1, sizeof(*k));
	struct err err = {0};

	/* Neither an agent nor keys of whoever runs the tests. */
	unsetenv("SSH_AUTH_SOCK");
	k->servers = sshd_up();
	if (!k->servers)
		return -1;
	check_ok("loop_open", loop_open(&k->loop, &err), &err);
	kit_known(k, "known_hosts");
	*state = k;
	return 0;
}

static inline int kit_down(void **state)
{
	struct kit *k = *state;

	kit_close(k);
	loop_close(k->loop);
	sshd_down(k->servers);
	free(k->known_hosts);
	free(k);
	return 0;
}

/* Of each case: it may have failed halfway. */
static inline int kit_clear(void **state)
{
	struct kit *k = *state;

	kit_close(k);
	kit_known(k, "known_hosts");
	return 0;
}

#endif
