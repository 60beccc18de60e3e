/*
 * A host: its settings as they are in the configuration, and its thread, which starts with the
 * first message and ends with ssh_close().
 */
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh_openssh.h"

#define CONNECT_TIMEOUT_MS 15000
#define KEEPALIVE_MS 15000
#define IDLE_MS (10 * 60 * 1000)

struct ssh_worker *ssh_worker_of(const struct ssh *ssh, const char *host)
{
	for (size_t i = 0; i < ssh->worker_count; i++)
		if (str_eq(ssh->workers[i].name, host))
			return &ssh->workers[i];
	return NULL;
}

int ssh_worker_start(struct ssh_worker *w, struct err *err)
{
	sigset_t all, before;
	int rc;

	if (w->is_started || w->openssh)
		return 0;
	if (w->jump && ssh_worker_start(w->jump, err))
		return err ? err->code : E_INTERNAL;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return err_set(err, E_INTERNAL, _("host %s: cannot start a thread"), w->name);
	w->is_started = true;
	return 0;
}

static char *user_name(void)
{
	const struct passwd *me = getpwuid(geteuid());

	return xstrdup(me ? me->pw_name : "root");
}

/* The ssh program takes the home folder from the user's entry, weir from $HOME. */
static bool has_other_home(void)
{
	const struct passwd *me = getpwuid(geteuid());
	const char *home = getenv("HOME");

	return me && home && !str_eq(me->pw_dir, home);
}

static char *other_config(void)
{
	char *path = has_other_home() ? file_expand("~/.ssh/config", NULL) : NULL;

	if (path && access(path, R_OK)) {
		free(path);
		path = xstrdup("none");
	}
	return path;
}

int host_fill(struct ssh *ssh, struct ssh_worker *w, const struct host_config *host,
	const struct ssh_options *o, struct err *err)
{
	w->fd = w->listener = -1;
	w->ssh = ssh;
	w->index = (int)(w - ssh->workers);
	w->name = xstrdup(host->name);
	w->address = xstrdup(host->address);
	w->user = host->user ? xstrdup(host->user) : user_name();
	w->key = xstrdup_null(host->key);
	w->port = host->port ? (int)host->port : 22;
	w->auth_count = json_array_size(host->auth);
	w->auth = xcalloc(w->auth_count + 1, sizeof(*w->auth));
	for (size_t i = 0; i < w->auth_count; i++)
		w->auth[i] = xstrdup(json_string_value(json_array_get(host->auth, i)));
	w->known_hosts = file_expand(o->known_hosts ? o->known_hosts : "~/.ssh/known_hosts", NULL);
	w->can_ask = o->on_prompt != NULL;
	w->connect_timeout_ms =
		o->connect_timeout_ms > 0 ? o->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	w->keepalive_ms = o->keepalive_ms > 0 ? o->keepalive_ms : KEEPALIVE_MS;
	w->idle_ms = o->idle_ms > 0 ? o->idle_ms : IDLE_MS;
	w->out = &ssh->mail;
	w->user_is_named = host->user != NULL;
	w->port_is_named = host->port != 0;
	w->known_hosts_is_named = o->known_hosts || has_other_home();
	w->ssh_config = o->ssh_config ? xstrdup(o->ssh_config) : other_config();
	buf_init(&w->outgoing, 0);
	if (mailbox_init(&w->in, err))
		return E_INTERNAL;
	if (host->transport == TRANSPORT_OPENSSH)
		openssh_fill(w);
	return 0;
}

void host_release(struct ssh_worker *w)
{
	if (w->socket_path)
		unlink(w->socket_path);
	free(w->socket_path);
	free(w->proxy);
	free(w->name);
	free(w->address);
	free(w->user);
	free(w->key);
	free(w->known_hosts);
	free(w->ssh_config);
	for (size_t i = 0; i < w->auth_count; i++)
		free(w->auth[i]);
	free(w->auth);
	buf_release(&w->outgoing);
	mailbox_release(&w->in);
}

/*
 * A host's thread may still need the one of its jump host (to kill what runs), so each ends before
 * the hosts that it goes through.
 */
void hosts_end(struct ssh *ssh)
{
	size_t left = 0;

	for (size_t i = 0; i < ssh->worker_count; i++)
		left += ssh->workers[i].is_started;
	while (left) {
		for (size_t i = 0; i < ssh->worker_count; i++) {
			struct ssh_worker *w = &ssh->workers[i];
			bool needed = false;

			for (size_t k = 0; k < ssh->worker_count; k++)
				needed |= ssh->workers[k].is_started && ssh->workers[k].jump == w;
			if (!w->is_started || needed)
				continue;
			mailbox_put(&w->in, msg_new(MSG_QUIT, w, 0));
			pthread_join(w->thread, NULL);
			w->is_started = false;
			left--;
		}
	}
}

const char *ssh_socket_dir(struct ssh *ssh, struct err *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char *dir;

	if (ssh->socket_dir)
		return ssh->socket_dir;
	/* The path of a Unix socket has room for about a hundred bytes. */
	if (str_empty(base) || strlen(base) > 60 || access(base, W_OK))
		base = "/tmp";
	dir = xasprintf("%s/weir-XXXXXX", base);
	if (!mkdtemp(dir)) { /* which makes it 0700 */
		err_errno(err, E_INTERNAL, _("cannot make the folder %s"), dir);
		free(dir);
		return NULL;
	}
	ssh->socket_dir = dir;
	return dir;
}
