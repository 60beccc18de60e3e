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

/* No thread for it: who waits in its mailbox is told. */
static void cannot_run(struct ssh_worker *w, const struct err *err)
{
	struct ssh_msg *msg = mailbox_take(&w->in), *next;

	w->is_started = false;
	for (; msg; msg = next) {
		struct ssh_msg *reply = msg_new(MSG_DONE, w, msg->id);

		next = msg->next;
		reply->err = *err;
		reply->number = -1;
		mailbox_put(w->out, reply);
		msg_free(msg);
	}
}

void host_run(struct ssh_worker *w)
{
	struct err err = {0};
	sigset_t all, before;
	int rc;

	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->has_thread = rc == 0;
	if (rc) {
		err_set(&err, E_INTERNAL, _("host %s: cannot start a thread"), w->name);
		cannot_run(w, &err);
	} else if (w->jump) {
		ssh_worker_start(w->jump);
	}
}

void ssh_worker_start(struct ssh_worker *w)
{
	if (w->is_started || w->openssh)
		return;
	w->is_started = true;
	lookup_start(w);
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
	w->known_hosts_is_set = o->known_hosts != NULL;
	w->known_hosts_is_named = o->known_hosts || has_other_home();
	w->ssh_config = o->ssh_config ? xstrdup(o->ssh_config) : other_config();
	buf_init(&w->outgoing, 0);
	if (mailbox_init(&w->in, err))
		return E_INTERNAL;
	if (host->transport == TRANSPORT_OPENSSH)
		openssh_fill(w);
	return 0;
}

/* One that only ssh's configuration knows, found on the way to `behind`. */
struct ssh_worker *host_add(
	const struct ssh_worker *behind, const char *address, const char *user, int port)
{
	struct ssh *ssh = behind->ssh;
	struct ssh_worker *w = &ssh->workers[ssh->worker_count];
	struct host_config host = {.name = (char *)address,
		.address = (char *)address,
		.user = (char *)user,
		.port = port};
	struct ssh_options options = {
		.known_hosts = behind->known_hosts_is_set ? behind->known_hosts : NULL,
		.ssh_config = behind->ssh_config,
		.on_prompt = ssh->on_prompt,
		.connect_timeout_ms = behind->connect_timeout_ms,
		.keepalive_ms = behind->keepalive_ms,
		.idle_ms = behind->idle_ms};

	if (str_empty(address) || *address == '-' || ssh->worker_count == ssh->worker_max)
		return NULL;
	ssh->worker_count++;
	if (host_fill(ssh, w, &host, &options, NULL))
		return NULL;
	return w;
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
	for (size_t i = 0; i < w->key_count; i++)
		free(w->keys[i]);
	free(w->keys);
	free(w->known_hosts);
	free(w->ssh_config);
	free(w->more_known_hosts);
	free(w->host_key_alias);
	free(w->agent);
	for (size_t i = 0; i < w->only_key_count; i++)
		free(w->only_keys[i]);
	free(w->only_keys);
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

	for (size_t i = 0; i < ssh->worker_count; i++) {
		proc_cancel(ssh->workers[i].lookup);
		ssh->workers[i].lookup = NULL;
	}
	for (size_t i = 0; i < ssh->worker_count; i++)
		left += ssh->workers[i].has_thread;
	while (left) {
		for (size_t i = 0; i < ssh->worker_count; i++) {
			struct ssh_worker *w = &ssh->workers[i];
			bool needed = false;

			for (size_t k = 0; k < ssh->worker_count; k++)
				needed |= ssh->workers[k].has_thread && ssh->workers[k].jump == w;
			if (!w->has_thread || needed)
				continue;
			mailbox_put(&w->in, msg_new(MSG_QUIT, w, 0));
			pthread_join(w->thread, NULL);
			w->has_thread = w->is_started = false;
			left--;
		}
	}
}

const char *ssh_socket_dir(struct ssh *ssh, struct err *err)
{
	return socket_dir_make(&ssh->socket_dir, ssh->loop, err) ? NULL : ssh->socket_dir.path;
}
