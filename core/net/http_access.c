/*
 *	NEW ──first request──▶ FETCHING ──▶ READY ──401, or TLS failed──▶ FETCHING (what it had stays)
 *	                          └─cannot be had─▶ FAILED ──after a while──▶ FETCHING
 *
 * Requests that come while it is FETCHING wait in order. A refused login is a state of READY: the
 * requests are told no without being sent, until time is up or a person wants it tried again.
 */
#include "core/net/http_access.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_secret.h"
#include "core/net/http_text.h"

#define REFUSED_MS 300000
/* A program may ask a person, each time; a file is looked at for nothing. */
#define COMMAND_AGAIN_MS 60000
#define FILE_AGAIN_MS 2000
#define FILES_AGAIN_MS 5000

enum access_state { ACCESS_NEW, ACCESS_FETCHING, ACCESS_READY, ACCESS_FAILED };

struct http_access {
	struct loop *loop;
	struct command_log *log;
	char *name, *proxy, *via, *login;
	char **origins;
	size_t origin_count;
	const struct tls_config *tls;
	const struct auth_config *auth;
	enum access_state state;
	struct http_fetch *fetch;
	bool fetches_files_only;
	struct http_secrets secrets;
	unsigned generation;
	bool is_asked_again; /* the login, after a 401; until one was taken */
	bool is_refused;
	bool is_doubted;               /* the files */
	int64_t mono_again_ms;         /* FAILED, refused: not before */
	int64_t mono_files_ms;         /* when they were read */
	struct err err;                /* FAILED */
	struct http_access_wait waits; /* head */
};

struct http_access *http_access_new(const struct http_access_options *options)
{
	struct http_access *access = xcalloc(1, sizeof(*access));
	const struct tls_config *tls = options->tls;
	const struct auth_config *auth = options->auth;

	access->loop = options->loop;
	access->log = options->log;
	access->name = xstrdup_null(options->name);
	access->proxy = xstrdup_null(options->proxy);
	access->via = xstrdup_null(options->via);
	access->tls = tls && (tls->ca || tls->cert || tls->insecure) ? tls : NULL;
	access->auth = auth && auth->secret.place ? auth : NULL;
	if (access->auth)
		access->login =
			auth->user ? xasprintf(_("user %s"), auth->user) : xstrdup(_("the token"));
	access->origins = xcalloc(options->address_count + 1, sizeof(*access->origins));
	for (size_t i = 0; i < options->address_count; i++) {
		char *origin = http_url_origin(options->addresses[i]);
		if (origin)
			access->origins[access->origin_count++] = origin;
	}
	access->waits.prev = access->waits.next = &access->waits;
	http_secrets_init(&access->secrets);
	/* Nothing to be fetched. */
	if (!access->auth && (!access->tls || (!tls->ca && !tls->cert)))
		access->state = ACCESS_READY;
	return access;
}

void http_access_leave(struct http_access_wait *wait)
{
	if (!wait->access)
		return;
	wait->prev->next = wait->next;
	wait->next->prev = wait->prev;
	wait->access = NULL;
}

void http_access_free(struct http_access *access)
{
	if (!access)
		return;
	while (access->waits.next != &access->waits)
		http_access_leave(access->waits.next);
	http_fetch_cancel(access->fetch);
	http_secrets_release(&access->secrets);
	for (size_t i = 0; i < access->origin_count; i++)
		free(access->origins[i]);
	free(access->origins);
	free(access->name);
	free(access->proxy);
	free(access->via);
	free(access->login);
	free(access);
}

const char *http_access_login(const struct http_access *access)
{
	return access->login;
}

const char *http_access_via(const struct http_access *access)
{
	return access->via;
}

/* ---- fetching ---- */

static bool has_commands(const struct http_access *access)
{
	return (access->tls && access->tls->passphrase.command) ||
		(access->auth && access->auth->secret.command);
}

static void refuse(struct http_access *access)
{
	access->is_refused = true;
	access->mono_again_ms = clock_mono_ms() + REFUSED_MS;
}

static void take(struct buf *into, struct buf *from)
{
	struct buf was = *into;

	*into = *from;
	*from = was;
}

static void take_all(struct http_access *access, struct http_secrets *secrets)
{
	char *was;

	take(&access->secrets.ca, &secrets->ca);
	take(&access->secrets.cert, &secrets->cert);
	take(&access->secrets.key, &secrets->key);
	if (access->fetches_files_only)
		return;
	was = access->secrets.passphrase;
	access->secrets.passphrase = secrets->passphrase;
	secrets->passphrase = was;
	/* Asked again, and the same: it will not be taken now. */
	if (access->is_asked_again && str_eq(access->secrets.login, secrets->login)) {
		refuse(access);
		err_set(&access->err, E_AUTH,
			_("HTTP 401: %s was refused, and what was asked for again is the same "
			  "(%s)"),
			access->login, access->auth->secret.place);
	}
	was = access->secrets.login;
	access->secrets.login = secrets->login;
	secrets->login = was;
	access->generation++;
}

static void on_fetched(void *data, struct http_secrets *secrets, const struct err *err)
{
	struct http_access *access = data;

	access->fetch = NULL;
	access->mono_files_ms = clock_mono_ms();
	access->is_doubted = false;
	if (err && access->fetches_files_only) {
		access->state = ACCESS_READY; /* as it was: they may be being replaced */
		err = NULL;
	} else if (err) {
		access->state = ACCESS_FAILED;
		access->err = *err;
		access->mono_again_ms =
			clock_mono_ms() + (has_commands(access) ? COMMAND_AGAIN_MS : FILE_AGAIN_MS);
	} else {
		access->state = ACCESS_READY;
		take_all(access, secrets);
		err = access->is_refused ? &access->err : NULL;
	}
	while (access->waits.next != &access->waits) {
		struct http_access_wait *wait = access->waits.next;

		http_access_leave(wait);
		wait->ready(wait->data, err);
	}
}

static void fetch(struct http_access *access, bool only_files)
{
	access->state = ACCESS_FETCHING;
	access->fetches_files_only = only_files;
	access->fetch = http_fetch_start(
		&(struct http_fetch_options){
			.loop = access->loop,
			.log = access->log,
			.name = access->name,
			.tls = access->tls,
			.auth = access->auth,
			.only_files = only_files,
		},
		on_fetched, access);
}

int http_access_ask(struct http_access *access, struct http_access_wait *wait, struct err *err)
{
	int64_t now_ms = clock_mono_ms();

	if (access->state == ACCESS_READY && access->is_refused) {
		if (now_ms < access->mono_again_ms)
			return err_set(err, E_AUTH,
				_("not asked: %s was refused here (%s); tried again in %lld s"),
				access->login, access->auth->secret.place,
				(long long)(access->mono_again_ms - now_ms + 999) / 1000);
		access->is_refused = access->is_asked_again = false;
	}
	if (access->state == ACCESS_FAILED && now_ms < access->mono_again_ms) {
		*err = access->err;
		return err->code;
	}
	if (access->state == ACCESS_READY && access->is_doubted &&
		now_ms >= access->mono_files_ms + FILES_AGAIN_MS)
		fetch(access, true);
	else if (access->state == ACCESS_NEW || access->state == ACCESS_FAILED)
		fetch(access, false);
	if (access->state == ACCESS_READY)
		return 0;
	wait->access = access;
	wait->prev = access->waits.prev;
	wait->next = &access->waits;
	wait->prev->next = wait->next->prev = wait;
	return 1;
}

bool http_access_answered(struct http_access *access, unsigned generation, int status)
{
	if (status != 401) {
		if (generation == access->generation)
			access->is_asked_again = access->is_refused = false;
		return false;
	}
	if (access->state == ACCESS_FETCHING || generation != access->generation)
		return true;
	if (access->is_asked_again || access->is_refused || access->auth->secret.env) {
		if (!access->is_refused)
			refuse(access);
		return false;
	}
	access->is_asked_again = true;
	fetch(access, false);
	return true;
}

void http_access_doubt(struct http_access *access)
{
	access->is_doubted = access->tls && (access->tls->ca || access->tls->cert);
}

void http_access_retry(struct http_access *access)
{
	if (!access)
		return;
	/* The environment is as it was, a file or a program may have another one by now. */
	if (access->is_refused && access->state == ACCESS_READY)
		access->state = ACCESS_NEW;
	access->is_refused = access->is_asked_again = false;
	access->mono_again_ms = access->mono_files_ms = 0;
}

/* ---- what goes with a request ---- */

static bool is_ours(const struct http_access *access, const char *url)
{
	char *origin = http_url_origin(url);
	bool found = false;

	for (size_t i = 0; i < access->origin_count; i++)
		found |= str_eq(access->origins[i], origin);
	free(origin);
	return found;
}

static struct http_bytes bytes_of(const struct buf *buf)
{
	return (struct http_bytes){buf->data, buf->len};
}

void http_access_dress(const struct http_access *access, const char *url, struct http_dress *out)
{
	*out = (struct http_dress){.generation = access->generation};
	if (!is_ours(access, url))
		return;
	out->ca = bytes_of(&access->secrets.ca);
	out->cert = bytes_of(&access->secrets.cert);
	out->key = bytes_of(&access->secrets.key);
	out->passphrase = access->secrets.passphrase;
	out->insecure = access->tls && access->tls->insecure;
	if (access->auth && access->auth->user) {
		out->user = access->auth->user;
		out->password = access->secrets.login;
	} else if (access->auth) {
		out->token = access->secrets.login;
	}
}

/* ---- the proxy ---- */

/* "10.0.0.0/8" of an address of four numbers. */
static bool is_in_net(const char *host, const char *net, size_t len)
{
	const char *slash = memchr(net, '/', len);
	char text[INET_ADDRSTRLEN], digits[4] = "";
	struct in_addr address, base;
	int64_t bits;

	if (!slash || (size_t)(slash - net) >= sizeof(text) ||
		len - (size_t)(slash - net) - 1 >= sizeof(digits))
		return false;
	memcpy(text, net, (size_t)(slash - net));
	text[slash - net] = 0;
	memcpy(digits, slash + 1, len - (size_t)(slash - net) - 1);
	if (inet_pton(AF_INET, host, &address) != 1 || inet_pton(AF_INET, text, &base) != 1 ||
		!str_to_int64(digits, &bits) || bits < 0 || bits > 32)
		return false;
	return !bits || !((ntohl(address.s_addr) ^ ntohl(base.s_addr)) >> (32 - bits));
}

/* no_proxy: names (with all below them), addresses, nets, "*"; parted by commas or blanks. */
static bool is_direct(const char *host, const char *list)
{
	size_t host_len = strlen(host);

	while (list && *list) {
		size_t len = strcspn(list, ", \t"), dot = *list == '.';
		const char *name = list + dot;
		size_t name_len = len - dot;

		if (len == 1 && *list == '*')
			return true;
		if (name_len && name_len <= host_len &&
			!strncasecmp(host + host_len - name_len, name, name_len) &&
			(name_len == host_len || host[host_len - name_len - 1] == '.'))
			return true;
		if (is_in_net(host, list, len))
			return true;
		list += len;
		list += strspn(list, ", \t");
	}
	return false;
}

/* The small spelling first, as curl does; HTTP_PROXY never, since a web server may set that from a
   request. */
static const char *variable(const char *small, const char *large)
{
	const char *value = getenv(small);

	if (str_empty(value) && large)
		value = getenv(large);
	return str_empty(value) ? NULL : value;
}

static int from_environment(const char *url, char **proxy, struct err *err)
{
	const char *named, *host_at;
	char *host = NULL;
	int port, rc = http_url_split(url, &host, &port, err);
	bool direct = !rc && is_direct(host, variable("no_proxy", "NO_PROXY"));

	free(host);
	*proxy = NULL;
	if (rc || direct)
		return rc;
	named = !strncasecmp(url, "https:", 6) ? variable("https_proxy", "HTTPS_PROXY")
					       : variable("http_proxy", NULL);
	if (!named)
		named = variable("all_proxy", "ALL_PROXY");
	if (!named)
		return 0;
	host_at = strstr(named, "://");
	if (host_at && strncasecmp(named, "http://", 7) != 0 &&
		strncasecmp(named, "socks5h://", 10) != 0)
		return err_set(err, E_CONFIG,
			_("the environment names a proxy of the kind %.*s://: weir goes through "
			  "http:// and socks5h:// (proxy: of the context says which, or none)"),
			(int)(host_at - named < 20 ? host_at - named : 20), named);
	*proxy = host_at ? xstrdup(named) : xasprintf("http://%s", named);
	return 0;
}

int http_access_proxy(
	const struct http_access *access, const char *url, char **proxy, struct err *err)
{
	if (str_eq(access->proxy, "env"))
		return from_environment(url, proxy, err);
	*proxy = xstrdup_null(access->proxy);
	return 0;
}
