/*
 * The master of a host: `ssh -M -N` as a child, its control socket in the 0700 folder of this
 * process. It says that it is there by its LocalCommand, whose one word on stdout is an event like
 * any other. What ssh's own configuration says holds where weir's file is silent.
 *
 * BatchMode: nobody is asked anything, for ssh would ask on the terminal that the console draws on.
 * What needs a person's answer goes by an agent (ssh-add before), or by libssh2, which can ask.
 *
 * A client of the master must not connect by itself when the master is gone: its ProxyCommand is
 * `false`, so it fails instead.
 */
#include "core/net/ssh_openssh.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"

#define UP "weir-master-is-up"
#define SAID_BYTES ((size_t)16 << 10)
#define REFUSED_MS (5 * 60 * 1000)
#define START_FACTOR 4 /* of connect_timeout_ms: the agent may ask a person */

static void serve_behind(struct openssh *host);

/* ---- its end, and what it meant ---- */

static void timer_set(struct openssh *host, int64_t delay_ms, loop_fn fn)
{
	loop_timer_cancel(host->timer);
	host->timer = fn ? loop_timer(host->w->ssh->loop, delay_ms, 0, fn, host) : NULL;
}

static void go_down(struct openssh *host, const struct err *err)
{
	struct ssh_worker *w = host->w;
	bool was_up = host->state == MASTER_UP;

	proc_cancel(host->master);
	host->master = NULL;
	timer_set(host, 0, NULL);
	host->state = MASTER_DOWN;
	w->is_up = false;
	if (host->socket)
		unlink(host->socket); /* a killed master leaves it */
	if (err->code == E_AUTH) {
		w->refusal = *err;
		w->mono_refused_until_ms = clock_mono_ms() + REFUSED_MS;
	}
	host->down = *err;
	commands_fail(host, err);
	if (!was_up)
		forwards_fail(host, err);
	else if (forwards_wait_on(host, err))
		openssh_wanted(host);
	serve_behind(host);
}

void openssh_broke(struct openssh *host, unsigned master)
{
	struct err err = {0};

	if (host->state != MASTER_UP || host->master_number != master)
		return;
	err_set(&err, E_NET, _("host %s: the link broke"), host->w->name);
	go_down(host, &err);
}

static const struct {
	const char *part;
	enum err_code code;
	const char *cure;
} meanings[] = {
	{"Permission denied (", E_AUTH,
		N_("; nothing is asked on this way: use a key without passphrase or an agent "
		   "(ssh-add), or libssh2 (no transport: openssh), which can ask")},
	{"Too many authentication failures", E_AUTH, N_("; name one with key:")},
	{"HOST IDENTIFICATION HAS CHANGED", E_AUTH,
		N_("; if that is right, remove the old key with ssh-keygen -R")},
	{"Host key verification failed", E_AUTH,
		N_("; log in once with ssh, so that its key gets into known_hosts")},
	{"host key is known", E_AUTH,
		N_("; log in once with ssh, so that its key gets into known_hosts")},
	{"timed out", E_TIMEOUT, ""},
	{"Bad configuration option", E_CONFIG, ""},
};

/* ssh's words, without empty lines and rows of '@', as one. */
static char *said_text(struct openssh *host)
{
	struct buf text;
	char *all = buf_detach(&host->said), *rest = all;

	buf_init(&text, 900);
	for (char *line; (line = strsep(&rest, "\n"));) {
		line[strcspn(line, "\r")] = 0;
		if (*line && *line != '@' && !str_starts(line, "debug"))
			buf_addf(&text, "%s%s", text.len ? "; " : "", line);
	}
	free(all);
	buf_init(&host->said, SAID_BYTES);
	return buf_detach(&text);
}

/* What a master that did not come up has said, as an error. */
static void meaning(struct openssh *host, struct err *err)
{
	char *text, *all = xstrdup(buf_str(&host->said));
	const char *cure = "";
	enum err_code code = E_NET;

	for (size_t i = 0; code == E_NET && i < ARRAY_SIZE(meanings); i++)
		if (strstr(all, meanings[i].part)) {
			code = meanings[i].code;
			cure = *meanings[i].cure ? _(meanings[i].cure) : "";
		}
	text = said_text(host);
	err_set(err, code, _("host %s: ssh: %s%s"), host->w->name,
		*text ? text : _("it ended without a word"), cure);
	free(text);
	free(all);
}

static void on_master_done(void *data, const struct proc_result *result, const struct err *why)
{
	struct openssh *host = data;
	struct err err = {0};

	(void)result;
	host->master = NULL;
	if (why && why->code == E_NOTFOUND)
		err_set(&err, E_UNSUPPORTED,
			_("host %s: transport: openssh needs the ssh program, which is not "
			  "installed"),
			host->w->name);
	else if (why)
		err = *why;
	else if (host->state == MASTER_UP)
		err_set(&err, E_NET, _("host %s: the link broke"), host->w->name);
	else
		meaning(host, &err);
	go_down(host, &err);
}

/* ---- its start ---- */

static void on_idle(void *data)
{
	struct openssh *host = data;
	struct err err = {0};

	if (host->commands || host->forwards) {
		openssh_used(host);
		return;
	}
	for (size_t i = 0; i < host->w->ssh->worker_count; i++) {
		const struct ssh_worker *other = &host->w->ssh->workers[i];
		if (other->jump == host->w && other->is_up) {
			openssh_used(host);
			return;
		}
	}
	err_set(&err, E_NET, _("host %s: closed after idle time"), host->w->name);
	go_down(host, &err);
}

void openssh_used(struct openssh *host)
{
	if (host->state == MASTER_UP)
		timer_set(host, host->w->idle_ms, on_idle);
}

static void serve(struct openssh *host)
{
	openssh_used(host);
	commands_serve(host);
	forwards_serve(host);
}

static void on_master_output(void *data, int stream, const char *bytes, size_t len)
{
	struct openssh *host = data;

	if (stream == 2) {
		buf_add(&host->said, bytes, len);
		return;
	}
	if (host->state != MASTER_STARTS)
		return;
	host->state = MASTER_UP;
	host->w->is_up = true;
	serve(host); /* what was said stays: openssh_facts() */
	serve_behind(host);
}

static void on_late(void *data)
{
	struct openssh *host = data;
	struct err err = {0};

	err_set(&err, E_TIMEOUT, _("host %s: ssh did not connect within %lld ms"), host->w->name,
		(long long)host->w->connect_timeout_ms * START_FACTOR);
	go_down(host, &err);
}

static bool has_auth(const struct ssh_worker *w, const char *word)
{
	for (size_t i = 0; i < w->auth_count; i++)
		if (str_eq(w->auth[i], word))
			return true;
	return false;
}

struct words {
	char *word[64];
	size_t count;
};

static void add(struct words *words, char *word)
{
	words->word[words->count++] = word;
}

static void add_option(struct words *words, char *option)
{
	add(words, xstrdup("-o"));
	add(words, option);
}

/* The way through the jump host's master, as a line for the shell that ssh starts. */
static char *proxy_command(const struct openssh *jump)
{
	const char *words[20];
	size_t count = openssh_words(jump, words);
	struct buf line, all;
	char *rest;

	buf_init(&line, 0);
	buf_init(&all, 0);
	sh_quote_words(&line, words, count);
	buf_adds(&all, "ProxyCommand=");
	rest = line.data;
	for (char *part; (part = strsep(&rest, "%"));) /* it stands for something to ssh */
		buf_addf(&all, "%s%s", part, rest ? "%%" : "");
	buf_adds(&all, " -W '[%h]:%p' -- weir");
	buf_release(&line);
	return buf_detach(&all);
}

static void add_who(struct words *words, const struct ssh_worker *w)
{
	if (w->user_is_named) {
		add(words, xstrdup("-l"));
		add(words, xstrdup(w->user));
	}
	if (w->port_is_named) {
		add(words, xstrdup("-p"));
		add(words, xasprintf("%d", w->port));
	}
	if (w->key) {
		add(words, xstrdup("-i"));
		add(words, xstrdup(w->key));
	}
	if (!w->auth_count)
		return;
	if (w->key && has_auth(w, "key") && !has_auth(w, "agent"))
		add_option(words, xstrdup("IdentitiesOnly=yes"));
	if (has_auth(w, "gssapi"))
		add_option(words, xstrdup("GSSAPIAuthentication=yes"));
	else
		add_option(words, xstrdup("GSSAPIAuthentication=no"));
}

static void master_words(struct openssh *host, struct words *words)
{
	const struct ssh_worker *w = host->w;

	add(words, xstrdup("ssh"));
	if (w->ssh_config) {
		add(words, xstrdup("-F"));
		add(words, xstrdup(w->ssh_config));
	}
	add(words, xstrdup("-MNT"));
	add(words, xstrdup("-S"));
	add(words, xstrdup(host->socket));
	add_option(words, xstrdup("BatchMode=yes"));
	add_option(words, xstrdup("LogLevel=VERBOSE")); /* it then says how it got in */
	add_option(words, xstrdup("ControlPersist=no"));
	add_option(words, xstrdup("ClearAllForwardings=yes"));
	add_option(words, xstrdup("PermitLocalCommand=yes"));
	add_option(words, xstrdup("LocalCommand=echo " UP));
	add_option(words,
		xasprintf("ConnectTimeout=%lld", (long long)(w->connect_timeout_ms + 999) / 1000));
	add_option(words,
		xasprintf("ServerAliveInterval=%lld", (long long)(w->keepalive_ms + 999) / 1000));
	add_option(words, xstrdup("ServerAliveCountMax=3"));
	if (w->known_hosts_is_named)
		add_option(words, xasprintf("UserKnownHostsFile=\"%s\"", w->known_hosts));
	if (w->jump)
		add_option(words, proxy_command(w->jump->openssh));
	add_who(words, w);
	add(words, xstrdup("--"));
	add(words, xstrdup(w->address));
	add(words, NULL);
}

static void master_start(struct openssh *host)
{
	struct words words = {0};
	struct ssh_worker *w = host->w;

	master_words(host, &words);
	buf_reset(&host->said);
	host->state = MASTER_STARTS;
	host->master_number++;
	host->master = proc_start(w->ssh->loop,
		&(struct proc_options){.argv = (const char *const *)words.word,
			.on_output = on_master_output,
			.is_service = true},
		on_master_done, host);
	for (size_t i = 0; i < words.count; i++)
		free(words.word[i]);
	timer_set(host, w->connect_timeout_ms * START_FACTOR, on_late);
}

size_t openssh_words(const struct openssh *host, const char **words)
{
	static const char *const fixed[] = {
		"-T", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ProxyCommand=false"};
	size_t count = 0;

	words[count++] = "ssh";
	words[count++] = "-F";
	words[count++] = "none";
	words[count++] = "-S";
	words[count++] = host->socket;
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		words[count++] = fixed[i];
	return count;
}

/* ---- hosts behind hosts ---- */

/* Those that wait for this one: it is there now, or it is not to be. */
static void serve_behind(struct openssh *host)
{
	struct ssh *ssh = host->w->ssh;

	for (size_t i = 0; i < ssh->worker_count; i++) {
		struct openssh *other = ssh->workers[i].openssh;
		struct err err;

		if (!other || ssh->workers[i].jump != host->w || other->state != MASTER_WAITING)
			continue;
		if (host->state == MASTER_UP) {
			master_start(other);
		} else if (host->state == MASTER_DOWN) {
			err = host->down;
			go_down(other, &err);
		}
	}
}

/* From a deferred call, so that nobody is told from inside of his own call. */
static void on_wanted(void *data)
{
	struct openssh *host = data;
	struct ssh_worker *w = host->w;
	struct err err = {0};

	host->is_called = false;
	if (host->is_gone) {
		free(host);
		return;
	}
	if (host->state == MASTER_UP)
		serve(host);
	if (host->state != MASTER_DOWN)
		return;
	if (w->refusal.code && clock_mono_ms() < w->mono_refused_until_ms) {
		err = w->refusal;
		commands_fail(host, &err);
		forwards_fail(host, &err);
		return;
	}
	w->refusal.code = E_OK;
	if (!host->socket) {
		const char *dir = ssh_socket_dir(w->ssh, &err);

		if (dir)
			host->socket = xasprintf("%s/m%d", dir, w->index);
	}
	if (!err.code && w->jump && !w->jump->openssh)
		err_set(&err, E_UNSUPPORTED,
			_("host %s: its jump host %s must say transport: openssh too"), w->name,
			w->jump->name);
	if (err.code) {
		go_down(host, &err);
	} else if (w->jump && w->jump->openssh->state != MASTER_UP) {
		host->state = MASTER_WAITING;
		openssh_wanted(w->jump->openssh);
	} else {
		master_start(host);
	}
}

void openssh_wanted(struct openssh *host)
{
	if (!host->is_called)
		loop_defer(host->w->ssh->loop, on_wanted, host);
	host->is_called = true;
}

static void on_mail(void *data, int fd, unsigned mask)
{
	struct openssh *host = data;
	struct ssh_msg *msg = mailbox_take(&host->w->in), *next;

	(void)fd;
	(void)mask;
	for (; msg; msg = next) {
		next = msg->next;
		if (msg->kind == MSG_HOP)
			forward_hop(host, msg);
		else if (msg->kind == MSG_LISTEN)
			forward_listen(host, msg);
		else if (msg->kind == MSG_RETRY)
			host->w->refusal.code = E_OK;
		msg_free(msg);
	}
}

/* ---- opening and closing ---- */

void openssh_fill(struct ssh_worker *w)
{
	struct openssh *host = xcalloc(1, sizeof(*host));

	host->w = w;
	buf_init(&host->said, SAID_BYTES);
	w->openssh = host;
	host->mail = loop_watch(w->ssh->loop, w->in.wake[0], LOOP_READ, LOOP_NORMAL, on_mail, host);
}

void openssh_free(struct openssh *host)
{
	if (!host)
		return;
	forwards_end(host);
	proc_cancel(host->master);
	loop_timer_cancel(host->timer);
	loop_unwatch(host->mail);
	if (host->socket)
		unlink(host->socket);
	free(host->socket);
	buf_release(&host->said);
	host->w->openssh = NULL;
	host->is_gone = true;
	if (!host->is_called)
		free(host);
}
