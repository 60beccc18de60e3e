/*
 * What ssh's own configuration says of a host, where weir's file is silent: user, port, HostName,
 * key files, ProxyJump; UserKnownHostsFile, HostKeyAlias, IdentityAgent, IdentitiesOnly. ssh reads it (`ssh -G`, which connects to nobody), before the host's thread
 * starts; messages wait in its mailbox meanwhile. Without the ssh program weir's own defaults hold.
 *
 * Hosts that only a ProxyJump names become hosts of their own, looked up in the same way.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/loop/proc.h"
#include "core/net/ssh_facts.h"
#include "core/net/ssh_loop.h"

#define LOOKUP_MS 10000

struct answer {
	const char *user, *port, *hostname, *proxyjump, *proxycommand; /* NULL = not said */
	char *known_hosts;
	const char *alias, *agent;
	bool only_identities;
	VEC(const char *) keys;
};

/* "key value" lines, as `ssh -G` prints them. `text` is cut into pieces. */
static void answer_read(struct answer *answer, char *text)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		char *value = strchr(line, ' ');

		if (!value)
			continue;
		*value++ = 0;
		if (str_eq(line, "user"))
			answer->user = value;
		else if (str_eq(line, "port"))
			answer->port = value;
		else if (str_eq(line, "hostname"))
			answer->hostname = value;
		else if (str_eq(line, "proxyjump") && !str_eq(value, "none"))
			answer->proxyjump = value;
		else if (str_eq(line, "proxycommand") && !str_eq(value, "none"))
			answer->proxycommand = value;
		else if (str_eq(line, "userknownhostsfile"))
			answer->known_hosts = value;
		else if (str_eq(line, "hostkeyalias"))
			answer->alias = value;
		else if (str_eq(line, "identityagent"))
			answer->agent = value;
		else if (str_eq(line, "identitiesonly"))
			answer->only_identities = str_eq(value, "yes");
		else if (str_eq(line, "identityfile"))
			vec_push(&answer->keys, value);
	}
}

static void replace(char **text, const char *by)
{
	free(*text);
	*text = xstrdup(by);
}

/* ssh lists its defaults too, RSA first, which libssh2 cannot use: then ours hold. */
static void take_keys(struct ssh_worker *w, const struct answer *answer)
{
	if (w->key ||
		(answer->keys.len > 1 && str_eq(answer->keys.data[0], "~/.ssh/id_rsa") &&
			str_eq(answer->keys.data[1], "~/.ssh/id_ecdsa")))
		return;
	w->from_ssh |= SSH_FACT_KEYS;
	w->keys = xcalloc(answer->keys.len + 1, sizeof(*w->keys));
	for (size_t i = 0; i < answer->keys.len; i++)
		if (!strchr(answer->keys.data[i], '%'))
			w->keys[w->key_count++] = file_expand(answer->keys.data[i], NULL);
}

/* Is it the default, of the user's entry, which $HOME may not be? */
static bool is_default_file(const char *path)
{
	const struct passwd *me = getpwuid(geteuid());
	size_t len = me ? strlen(me->pw_dir) : 0;

	return me && !strncmp(path, me->pw_dir, len) && str_eq(path + len, "/.ssh/known_hosts");
}

/* The first is the one that is written to. `list` is cut into pieces. */
static void take_known_hosts(struct ssh_worker *w, char *list)
{
	char *first = list ? strsep(&list, " ") : NULL;

	if (w->known_hosts_is_set || str_empty(first) || is_default_file(first))
		return;
	free(w->known_hosts);
	w->known_hosts = str_eq(first, "none") ? xstrdup("/dev/null") : file_expand(first, NULL);
	w->more_known_hosts = xstrdup_null(list);
}

/* IdentityAgent: "none", a socket, "$VARIABLE" or SSH_AUTH_SOCK, which is the usual. */
static void take_agent(struct ssh_worker *w, const char *word)
{
	const char *value = word && *word == '$' ? getenv(word + 1) : word;

	if (word && !str_eq(word, "SSH_AUTH_SOCK"))
		w->agent = str_empty(value) ? xstrdup("none") : file_expand(value, NULL);
}

static void take_only(struct ssh_worker *w, const struct answer *answer)
{
	if (!answer->only_identities)
		return;
	w->only_keys = xcalloc(answer->keys.len + 2, sizeof(*w->only_keys));
	if (w->key)
		w->only_keys[w->only_key_count++] = xstrdup(w->key);
	for (size_t i = 0; i < answer->keys.len; i++)
		w->only_keys[w->only_key_count++] = file_expand(answer->keys.data[i], NULL);
}

/* "[ssh://][user@]host[:port]": a host of the file by that name, or a new one. */
static struct ssh_worker *jump_of(struct ssh_worker *w, char *word)
{
	struct ssh_worker *known;
	char *at, *user = NULL, *port = NULL;
	int64_t number = 0;

	if (str_starts(word, "ssh://"))
		word += strlen("ssh://");
	if ((at = strrchr(word, '@'))) {
		user = word;
		*at = 0;
		word = at + 1;
	}
	if (*word == '[') {
		word++;
		port = strchr(word, ']');
		if (port)
			*port++ = 0;
		port = port && *port == ':' ? port : NULL;
	} else {
		port = strchr(word, ':');
		if (port && strchr(port + 1, ':'))
			port = NULL; /* an address of IPv6 */
	}
	if (port)
		*port++ = 0;
	if (port && (!str_to_int64(port, &number) || number < 1 || number > 65535))
		return NULL;
	known = user || port ? NULL : ssh_worker_of(w->ssh, word);
	return known && known != w ? known : host_add(w, word, user, (int)number);
}

static int take_jumps(struct ssh_worker *w, const char *list, struct err *err)
{
	char *copy = xstrdup(list), *rest = copy;
	struct ssh_worker *jump = NULL;

	for (char *word; (word = strsep(&rest, ","));) {
		struct ssh_worker *hop = jump_of(w, word);

		if (!hop) {
			free(copy);
			return err_set(err, E_CONFIG,
				_("the ProxyJump \"%s\" of ssh's configuration cannot be followed"),
				list);
		}
		if (jump && !hop->jump)
			hop->jump = jump;
		jump = hop;
	}
	free(copy);
	/* Two that name one another: ssh would start itself for ever. */
	for (const struct ssh_worker *at = jump; at; at = at->jump)
		if (at == w)
			return err_set(
				err, E_CONFIG, _("the ProxyJump \"%s\" leads in a circle"), list);
	w->jump = jump;
	w->from_ssh |= SSH_FACT_JUMP;
	return 0;
}

static int take_answer(struct ssh_worker *w, struct answer *answer, struct err *err)
{
	int64_t port = 0;
	int rc = 0;

	if (!w->jump && answer->proxycommand)
		return err_set(err, E_UNSUPPORTED,
			_("ssh's configuration names a ProxyCommand for %s: that needs transport: "
			  "openssh"),
			w->address);
	if (!w->jump && answer->proxyjump)
		rc = take_jumps(w, answer->proxyjump, err);
	/* ssh says its defaults too: only what differs from ours is its own. */
	if (!w->user_is_named && answer->user && !str_eq(w->user, answer->user)) {
		replace(&w->user, answer->user);
		w->from_ssh |= SSH_FACT_USER;
	}
	if (!w->port_is_named && answer->port && str_to_int64(answer->port, &port) && port > 0 &&
		port < 65536 && port != w->port) {
		w->port = (int)port;
		w->from_ssh |= SSH_FACT_PORT;
	}
	if (answer->hostname && strcasecmp(w->address, answer->hostname) != 0) {
		replace(&w->address, answer->hostname);
		w->from_ssh |= SSH_FACT_ADDRESS;
	}
	take_keys(w, answer);
	take_known_hosts(w, answer->known_hosts);
	if (answer->alias && !str_eq(answer->alias, "none"))
		w->host_key_alias = xstrdup(answer->alias);
	take_agent(w, answer->agent);
	take_only(w, answer);
	return rc;
}

static void on_answer(void *data, const struct proc_result *result, const struct err *why)
{
	struct ssh_worker *w = data;
	struct answer answer = {0};
	char *text = buf_detach(result->out);

	w->lookup = NULL;
	if (!why && result->exit_status == 0 && !result->is_cut) {
		answer_read(&answer, text);
		take_answer(w, &answer, &w->config_err);
		vec_release(&answer.keys);
	} else if (!why || why->code != E_NOTFOUND) {
		char *said = buf_detach(result->err);

		said[strcspn(said, "\r\n")] = 0;
		err_set(&w->config_err, E_CONFIG, _("ssh -G %s: %s"), w->address,
			why ? why->text : said);
		free(said);
	}
	free(text);
	host_run(w);
}

void lookup_start(struct ssh_worker *w)
{
	const char *words[8];
	size_t count = 0;

	words[count++] = "ssh";
	if (w->ssh_config) {
		words[count++] = "-F";
		words[count++] = w->ssh_config;
	}
	words[count++] = "-G";
	words[count++] = "--";
	words[count++] = w->address;
	words[count] = NULL;
	w->lookup = proc_start(w->ssh->loop,
		&(struct proc_options){
			.argv = words, .timeout_ms = LOOKUP_MS, .cap_bytes = 64 << 10},
		on_answer, w);
}
