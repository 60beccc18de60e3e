/*
 * One CURLM gets slow with thousands of connections (each completed transfer walks them), so hosts
 * are hashed over shards, each with its own connection cache; curl_multi_socket_action() runs them
 * on the loop. A handle is a few KiB of settings: most of them never change and are set once,
 * handles are pooled, and set_request() sets every other one anew.
 *
 * libcurl calls us back for sockets, timers, header and body only; the socket that on_ready() was
 * called for may be gone when shard_act() returns.
 */
#include "core/net/http_wire.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_plain.h"
#include "core/net/http_room.h"
#include "core/net/http_text.h"

#define HEADER_CAP_BYTES ((size_t)256 << 10)

/* -- libcurl calls back -- */

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_transfer *t = arg;

	(void)data;
	t->header_bytes += size * count;
	t->over_headers = t->header_bytes > HEADER_CAP_BYTES;
	return t->over_headers ? 0 : size * count;
}

void wire_keep(struct http_transfer *t)
{
	size_t excess = t->answer.len > t->keep_bytes ? t->answer.len - t->keep_bytes : 0;

	if (!t->keep_bytes || !excess)
		return;
	t->answer.len -= excess;
	memmove(t->answer.data, t->answer.data + excess, t->answer.len + 1);
	t->dropped_bytes += (int64_t)excess;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_transfer *t = arg;

	if ((uint64_t)t->dropped_bytes + t->answer.len + size * count > t->cap_bytes ||
		buf_add(&t->answer, data, size * count)) {
		t->over_cap = true;
		return 0; /* ends the transfer now */
	}
	/* Not with each piece: that would move all of it each time. */
	if (t->keep_bytes && t->answer.len / 2 > t->keep_bytes)
		wire_keep(t);
	return size * count;
}

static size_t on_upload(char *data, size_t size, size_t count, void *arg)
{
	struct http_transfer *t = arg;
	int64_t len = upload_read(t->upload, data, size * count);

	if (len == UPLOAD_WAIT)
		return CURL_READFUNC_PAUSE;
	return len < 0 ? CURL_READFUNC_ABORT : (size_t)len;
}

/* Ours, because libcurl's leak into children and hide why a socket could not be made. */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_transfer *t = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		address->protocol);

	(void)purpose;
	if (fd < 0)
		t->socket_errno = errno;
	t->http->curl_sockets += fd >= 0;
	return fd;
}

static int on_close(void *arg, curl_socket_t fd)
{
	((struct http *)arg)->curl_sockets--;
	return close(fd);
}

static void shard_act(struct shard *shard, curl_socket_t fd, int events);

static void on_ready(void *data, int fd, unsigned mask)
{
	struct sock *sock = data;

	shard_act(sock->shard, fd,
		(mask & LOOP_READ ? CURL_CSELECT_IN : 0) |
			(mask & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void sock_free(struct sock *sock)
{
	link_del(&sock->link);
	loop_unwatch(sock->watch);
	free(sock);
}

static int on_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct shard *shard = arg;
	struct sock *sock = assigned;
	unsigned mask;

	(void)curl;
	if (what == CURL_POLL_REMOVE) {
		if (sock)
			sock_free(sock);
		return 0;
	}
	mask = (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);
	if (sock) {
		loop_watch_set(sock->watch, mask);
		return 0;
	}
	sock = xcalloc(1, sizeof(*sock));
	sock->shard = shard;
	sock->watch = loop_watch(shard->http->loop, fd, mask, LOOP_NORMAL, on_ready, sock);
	link_add(&shard->socks, &sock->link);
	curl_multi_assign(shard->multi, fd, sock);
	return 0;
}

static void on_timeout(void *data)
{
	shard_act(data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct shard *shard = arg;

	(void)multi;
	if (!shard->timer)
		shard->timer = loop_timer(shard->http->loop, 0, 0, on_timeout, shard);
	if (timeout_ms >= 0)
		loop_timer_set(shard->timer, timeout_ms, 0);
	else
		loop_timer_stop(shard->timer);
	return 0;
}

/* -- flying -- */

static int set_blob(CURL *curl, CURLoption option, struct http_bytes bytes)
{
	struct curl_blob blob = {
		.data = (void *)bytes.data, .len = bytes.len, .flags = CURL_BLOB_COPY};

	return (int)curl_easy_setopt(curl, option, bytes.len ? &blob : NULL);
}

/* What an access puts on, or takes off again: all of it each time. */
static int set_dress(struct easy *easy, const struct http_dress *dress)
{
	CURL *curl = easy->curl;
	long checks = dress->insecure ? 0L : 1L;
	int bad = 0;

	bad |= set_blob(curl, CURLOPT_CAINFO_BLOB, dress->ca);
	bad |= set_blob(curl, CURLOPT_SSLCERT_BLOB, dress->cert);
	bad |= set_blob(curl, CURLOPT_SSLKEY_BLOB, dress->key);
	/* Never NULL: OpenSSL would ask on the terminal. */
	bad |= curl_easy_setopt(
		curl, CURLOPT_KEYPASSWD, dress->passphrase ? dress->passphrase : "");
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, checks);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, checks * 2);
	bad |= curl_easy_setopt(curl, CURLOPT_USERNAME, dress->user);
	bad |= curl_easy_setopt(curl, CURLOPT_PASSWORD, dress->password);
	bad |= curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, dress->token);
	bad |= curl_easy_setopt(
		curl, CURLOPT_HTTPAUTH, (long)(dress->token ? CURLAUTH_BEARER : CURLAUTH_BASIC));
	easy->is_dressed =
		dress->ca.len || dress->cert.len || dress->insecure || dress->user || dress->token;
	return bad;
}

static void easy_put(struct http *http, struct easy *easy)
{
	/* Nothing of the transfer may stay behind in the pool. */
	curl_easy_setopt(easy->curl, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(easy->curl, CURLOPT_RESOLVE, NULL);
	curl_easy_setopt(easy->curl, CURLOPT_PRIVATE, NULL);
	curl_easy_setopt(easy->curl, CURLOPT_READDATA, NULL);
	curl_easy_setopt(easy->curl, CURLOPT_HTTPHEADER, NULL);
	if (easy->is_dressed)
		set_dress(easy, &(struct http_dress){.user = NULL});
	easy->next = http->free_easies;
	http->free_easies = easy;
}

void wire_resume(struct http_transfer *t)
{
	curl_easy_pause(t->easy->curl, CURLPAUSE_CONT);
}

void wire_land(struct http_transfer *t)
{
	if (t->plain_link)
		plain_land(t);
	if (!t->easy)
		return;
	curl_multi_remove_handle(t->shard->multi, t->easy->curl);
	easy_put(t->http, t->easy);
	t->easy = NULL;
}

/* May another certificate help? */
static bool is_tls(CURLcode code)
{
	switch (code) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_RECV_ERROR: return true; /* TLS 1.3 tells of ours only then */
	default: return false;
	}
}

static void transfer_judge(struct http_transfer *t, CURLcode code)
{
	CURL *curl = t->easy->curl;
	curl_off_t total_us = 0, before_us = 0, received = 0;
	const char *type = NULL, *redirect = NULL;
	long status = 0, os_errno = 0, proxy_error = 0, connect_status = 0, verify = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &total_us);
	curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &before_us);
	curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &received);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_errno);
	curl_easy_getinfo(curl, CURLINFO_PROXY_ERROR, &proxy_error);
	curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &connect_status);
	curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &verify);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &redirect);
	t->status = (int)status;
	t->redirect = xstrdup_null(redirect);
	t->content_type = xstrdup_null(type);
	t->elapsed_ms = (int64_t)(total_us - before_us) / 1000;
	t->was_sent = before_us > 0;
	t->http->stats.bytes_received += received;
	if (code != CURLE_OK && t->upload && upload_error(t->upload)->code)
		t->err = *upload_error(t->upload);
	else if (code != CURLE_OK)
		http_failure_error(
			&(struct http_failure){
				.method = t->method,
				.url = t->url,
				.code = (int)code,
				.os_errno = os_errno ? (int)os_errno : t->socket_errno,
				.detail =
					*t->easy->error ? t->easy->error : curl_easy_strerror(code),
				.via = t->via,
				.proxy_error = (int)proxy_error,
				.over_cap = t->over_cap,
				.over_headers = t->over_headers,
				.connected = t->was_sent,
				.cap_bytes = t->cap_bytes,
				.received_bytes =
					t->header_bytes + t->answer.len + (size_t)t->dropped_bytes,
				.connect_timeout_ms = t->connect_timeout_ms,
				.timeout_ms = t->timeout_ms,
				.proxy = t->has_tunnel ? NULL : t->proxy,
				.connect_status = (int)connect_status,
				.verify_result = (int)verify,
				.has_ca = t->has_ca,
				.has_cert = t->has_cert,
			},
			&t->err);
	if (t->access && is_tls(code))
		http_access_doubt(t->access);
}

static void shard_act(struct shard *shard, curl_socket_t fd, int events)
{
	CURLMsg *msg;
	int running, left;

	curl_multi_socket_action(shard->multi, fd, events, &running);
	while ((msg = curl_multi_info_read(shard->multi, &left))) {
		struct http_transfer *t = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		transfer_judge(t, code);
		wire_land(t);
		http_transfer_land(t);
	}
}

static struct shard *shard_for(struct http *http, const char *host, int port)
{
	uint32_t hash = str_hash(host, (uint32_t)port);
	struct shard *shard;

	shard = &http->shards[(hash ^ hash >> 16) % (uint32_t)http->shard_count];
	if (shard->multi)
		return shard;
	shard->multi = curl_multi_init();
	if (!shard->multi)
		return NULL;
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, http->connections_a_shard);
	curl_multi_setopt(shard->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	return shard;
}

static struct easy *easy_get(struct http *http)
{
	struct easy *easy = http->free_easies;
	CURL *curl;
	int bad = 0;

	if (easy) {
		http->free_easies = easy->next;
		easy->next = NULL;
		return easy;
	}
	curl = curl_easy_init();
	if (!curl)
		return NULL;
	easy = xcalloc(1, sizeof(*easy));
	easy->curl = curl;
	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/* Only what is read from one file does libcurl keep; else it is read for each connection. */
	if (curl_version_info(CURLVERSION_NOW)->cainfo)
		bad |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	/* Answers are ours to time out (dns.c); pruning them costs a walk a transfer. */
	bad |= curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	bad |= curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
	bad |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, easy->error);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
	bad |= curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	bad |= curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, http);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	if (bad) {
		curl_easy_cleanup(curl);
		free(easy);
		return NULL;
	}
	return easy;
}

bool wire_is_read(const struct http_transfer *t)
{
	return str_eq(t->method, "GET") || str_eq(t->method, "HEAD");
}

static int set_access(struct http_transfer *t)
{
	struct http_dress dress = {.user = NULL};

	if (t->access)
		http_access_dress(t->access, t->at, &dress);
	t->has_ca = dress.ca.len > 0;
	t->has_cert = dress.cert.len > 0;
	t->has_login = dress.user || dress.token;
	t->login_generation = dress.generation;
	return t->access ? set_dress(t->easy, &dress) : 0;
}

static int set_upload(struct http_transfer *t)
{
	CURL *curl = t->easy->curl;
	int bad = 0;

	bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
	bad |= curl_easy_setopt(
		curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)upload_total(t->upload));
	bad |= curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_upload);
	bad |= curl_easy_setopt(curl, CURLOPT_READDATA, t);
	return bad;
}

/*
 * No connection from before the name came to mean other addresses, from before a sleep, or from before
 * another to that host was found dead: libcurl tells its connections apart by name only. It counts their age in whole seconds, so those of the
 * first second after it are not used again either.
 */
static int set_age(struct http_transfer *t)
{
	int64_t since_ms = t->http->renewed_ms;
	int64_t moved_ms = t->dns_host ? dns_changed_ms(t->http->dns, t->dns_host) : 0;
	int64_t silent_ms = http_silent_ms(t), age_s = 0;
	bool fresh = !wire_is_read(t);
	int bad = 0;

	if (moved_ms > since_ms)
		since_ms = moved_ms;
	if (silent_ms > since_ms)
		since_ms = silent_ms;
	if (since_ms > 0)
		age_s = (clock_awake_ms() - since_ms) / 1000 - 1;
	fresh = fresh || (since_ms > 0 && age_s < 1);
	bad |= curl_easy_setopt(t->easy->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	bad |= curl_easy_setopt(
		t->easy->curl, CURLOPT_MAXLIFETIME_CONN, age_s > 0 ? (long)age_s : 0L);
	return bad;
}

/* Everything that may differ from one transfer to the next: a pooled handle remembers. */
static int set_request(struct http_transfer *t)
{
	CURL *curl = t->easy->curl;
	bool post = !t->upload &&
		(t->body || str_eq(t->method, "POST") || str_eq(t->method, "PUT") ||
			str_eq(t->method, "PATCH"));
	int64_t left_ms = t->timeout_ms - t->lookup_ms;
	/* An order has a connection of its own, which HTTP/2 has nothing to give to. */
	bool is_plain = strncasecmp(t->at, "https:", 6) != 0;
	bool shares = wire_is_read(t) && !is_plain;
	bool is_kept = wire_is_read(t) && !(t->is_rare && is_plain && !t->proxy);
	int bad = set_access(t);

	t->easy->error[0] = 0;
	bad |= curl_easy_setopt(curl, CURLOPT_URL, t->at);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
		(long)(shares ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	bad |= curl_easy_setopt(curl, CURLOPT_PIPEWAIT, shares ? 1L : 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_PRIVATE, t);
	bad |= curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, t);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	/* "" = none: the environment's are ignored too. */
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, t->proxy ? t->proxy : "");
	bad |= curl_easy_setopt(curl, CURLOPT_RESOLVE, t->resolve);
	bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)t->connect_timeout_ms);
	/* An upload may last: only one that stands still has failed. */
	bad |= curl_easy_setopt(
		curl, CURLOPT_TIMEOUT_MS, t->upload ? 0L : (long)(left_ms > 1 ? left_ms : 1));
	bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, t->upload ? 1L : 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
		t->upload ? (long)((t->timeout_ms + 999) / 1000) : 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->cap_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER,
		t->upload         ? t->upload_headers
			: t->body ? t->http->headers_json
				  : t->http->headers);
	bad |= set_age(t);
	/* Else each order leaves one more that is idle; behind a host they are few. */
	bad |= curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, is_kept ? 0L : 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L); /* undoes POST and NOBODY */
	bad |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
	if (str_eq(t->method, "HEAD")) {
		bad |= curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	} else if (!str_eq(t->method, "GET")) {
		bad |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, t->method);
		if (t->upload) {
			bad |= set_upload(t);
		} else if (post) {
			bad |= curl_easy_setopt(
				curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
			bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, t->body ? t->body : "");
		}
	}
	return bad;
}

bool wire_launch(struct http_transfer *t)
{
	return plain_launch(t) || wire_launch_by_libcurl(t);
}

bool wire_launch_by_libcurl(struct http_transfer *t)
{
	if (t->upload) {
		char *type = xasprintf("Content-Type: %s", upload_content_type(t->upload));

		t->upload_headers = curl_slist_append(NULL, "Expect:");
		t->upload_headers = curl_slist_append(t->upload_headers, type);
		free(type);
	}
	t->shard = shard_for(t->http, t->host, t->port);
	t->easy = t->shard ? easy_get(t->http) : NULL;
	if (t->easy && !set_request(t) &&
		curl_multi_add_handle(t->shard->multi, t->easy->curl) == CURLM_OK)
		return true;
	if (t->easy)
		easy_put(t->http, t->easy);
	t->easy = NULL;
	return false;
}

/* -- opening and closing -- */

static int64_t open_files_max(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY
		? -1
		: (int64_t)limit.rlim_cur;
}

/* libcurl with NOSIGNAL leaves it alone, and TLS writes with write(2). */
static void ignore_sigpipe(void)
{
	struct sigaction action;

	if (!sigaction(SIGPIPE, NULL, &action) && action.sa_handler == SIG_DFL) {
		action.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &action, NULL);
	}
}

int wire_open(struct http *http, const struct http_options *options, struct err *err)
{
	struct http_room room = http_room(open_files_max(), http->max_in_flight,
		options->shards > 0 ? options->shards : HTTP_SHARDS);
	int hosts = options->max_hosts > 0 ? options->max_hosts : room.idle;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(err, E_INTERNAL, _("cannot start libcurl"));
	ignore_sigpipe();
	http->max_in_flight = room.in_flight;
	http->shard_count = room.shards;
	http->connections_a_shard = hosts > room.shards ? hosts / room.shards : 1;
	http->shards = xcalloc((size_t)http->shard_count, sizeof(*http->shards));
	for (int i = 0; i < http->shard_count; i++) {
		http->shards[i].http = http;
		link_init(&http->shards[i].socks);
	}
	/* No wait for "100 Continue", no form type with an empty POST. */
	http->headers = curl_slist_append(NULL, "Expect:");
	http->headers = curl_slist_append(http->headers, "Content-Type:");
	http->plain = plain_new(http, hosts);
	http->headers_json = curl_slist_append(NULL, "Expect:");
	http->headers_json =
		curl_slist_append(http->headers_json, "Content-Type: application/json");
	return 0;
}

static void shard_close(struct shard *shard)
{
	struct link *link, *next;

	if (shard->multi)
		curl_multi_cleanup(shard->multi);
	for (link = shard->socks.next; link != &shard->socks; link = next) {
		next = link->next;
		sock_free((struct sock *)link);
	}
	loop_timer_cancel(shard->timer);
}

void wire_close(struct http *http)
{
	struct easy *easy, *next;

	plain_free(http->plain);
	for (int i = 0; i < http->shard_count; i++)
		shard_close(&http->shards[i]);
	for (easy = http->free_easies; easy; easy = next) {
		next = easy->next;
		curl_easy_cleanup(easy->curl);
		free(easy);
	}
	curl_slist_free_all(http->headers);
	curl_slist_free_all(http->headers_json);
	free(http->shards);
	curl_global_cleanup();
}
