/*
 * A transfer is in exactly one list, by its state:
 *
 *	ASKING     waits for what its access has to fetch (http_access.c)  -> OPENING, RESOLVING, QUEUED, FINISHED
 *	OPENING    the file that it sends is opened (http_upload.c) -> RESOLVING, QUEUED, FINISHED
 *	RESOLVING  its name is asked for (dns.c)                    -> QUEUED, FINISHED
 *	QUEUED     waits for one of max_in_flight places, in order  -> FLYING
 *	FLYING     holds a place, an easy handle and a shard        -> FINISHED, ASKING (redirect, 401)
 *	FINISHED   its delivery is deferred                         -> DONE
 *	DONE       inside `done`; in no list
 *
 * A place is held until delivery, so that slow callees slow the wire and not fill the memory.
 * No callback of libcurl runs a caller's code: what ended is delivered by a deferred call of its
 * own. So `done` may cancel, start or close anything, and a heavy one does not hold up a key.
 * No retries but after a redirect within the host and, with another login, after a 401; no budget.
 * libcurl itself is in http_wire.c.
 */
#include "core/net/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/command_log.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/dns.h"
#include "core/net/http_hosts.h"
#include "core/net/http_plain.h"
#include "core/net/http_room.h"
#include "core/net/http_text.h"
#include "core/net/http_wire.h"

#define CAP_BYTES ((size_t)32 << 20)
#define CONNECT_TIMEOUT_MS 2000
#define TIMEOUT_MS 10000
#define REDIRECTS 3
#define PROXY_PORT 1080 /* libcurl's for one that names none */

static void http_pump(struct http *http);

static void transfer_move(struct http_transfer *transfer, enum state state, struct link *head)
{
	link_del(&transfer->link);
	transfer->state = state;
	link_add(head, &transfer->link);
}

/* -- the end of a transfer -- */

static void transfer_free(struct http_transfer *t)
{
	if (t->body)
		mem_wipe(t->body, t->body_len);
	buf_release(&t->answer);
	curl_slist_free_all(t->resolve);
	curl_slist_free_all(t->upload_headers);
	http_access_leave(&t->wait);
	upload_free(t->upload);
	free(t->content_type);
	free(t->method);
	free(t->url);
	free(t->at);
	free(t->redirect);
	free(t->host);
	free(t->dns_host);
	free(t->body);
	free(t->proxy);
	free(t->via);
	free(t->where);
	free(t);
}

static void place_free(struct http_transfer *t)
{
	if (t->placed) {
		t->placed = false;
		t->http->in_flight--;
	}
}

static void transfer_note(const struct http_transfer *t)
{
	struct command_end end = {.status = t->status ? t->status : -1,
		.bytes = t->status ? (int64_t)t->answer.len : -1};
	char *what;

	if (!t->http->log)
		return;
	what = http_subject(t->method, t->url);
	command_log_add(t->http->log, COMMAND_REST, t->where ? t->where : t->host, what,
		t->elapsed_ms > 0 ? t->elapsed_ms : clock_mono_ms() - t->mono_start_ms, &end,
		&t->err);
	free(what);
}

static void transfer_deliver(void *data)
{
	struct http_transfer *t = data;

	if (t->state != CANCELED) {
		wire_keep(t);
		struct http_response res = {
			.method = t->method,
			.status = t->status,
			.was_sent = t->was_sent,
			.content_type = t->content_type ? t->content_type : "",
			.body = &t->answer,
			.dropped_bytes = t->dropped_bytes,
			.elapsed_ms = t->elapsed_ms,
			.url = t->url,
			.redirect = t->redirect,
			.login = t->has_login ? http_access_login(t->access) : NULL,
		};

		link_del(&t->link);
		t->state = DONE;
		place_free(t);
		loop_unhold(t->http->loop);
		transfer_note(t);
		http_pump(t->http); /* before `done`, which may close the client */
		t->done(t->data, &res, t->err.code ? &t->err : NULL);
	}
	transfer_free(t);
}

static void transfer_ask(struct http_transfer *t);
static void transfer_fail(struct http_transfer *t, const struct err *err);

/* Once more, to t->at: nothing of the answer stays. */
static void transfer_again(struct http_transfer *t)
{
	buf_reset(&t->answer);
	free(t->content_type);
	free(t->redirect);
	t->content_type = t->redirect = NULL;
	t->status = 0;
	t->header_bytes = 0;
	t->dropped_bytes = 0;
	curl_slist_free_all(t->resolve);
	t->resolve = NULL;
	place_free(t);
	transfer_ask(t);
}

/* Within scheme, host and port; the others are for people to decide. */
static bool may_follow(const struct http_transfer *t)
{
	char *from, *to;
	bool same;

	if (!t->redirect || !str_eq(t->method, "GET") || t->redirects >= REDIRECTS)
		return false;
	from = http_url_origin(t->at);
	to = http_url_origin(t->redirect);
	same = from && str_eq(from, to);
	free(from);
	free(to);
	return same;
}

void http_transfer_land(struct http_transfer *t)
{
	bool again = false;

	if (!t->err.code && t->access && t->has_login)
		again = http_access_answered(t->access, t->login_generation, t->status) &&
			wire_is_read(t) && !t->is_repeated;
	if (again) {
		t->is_repeated = true;
		t->mono_start_ms = clock_mono_ms();
		transfer_again(t);
		http_pump(t->http);
	} else if (!t->err.code && may_follow(t)) {
		t->redirects++;
		free(t->at);
		t->at = t->redirect;
		t->redirect = NULL;
		transfer_again(t);
		http_pump(t->http);
	} else {
		http_transfer_finish(t);
	}
}

/*
 * A link that went dead without a word (a gateway in between forgot it) answers nothing. When one was
 * silent until time was up, the others to its host are most likely dead too: those from before are not
 * used again, or each would take a time-out of its own.
 */
int64_t http_silent_ms(const struct http_transfer *t)
{
	return http_hosts_ms(t->http->silences, t);
}

/* t->err says how it ended. */
void http_transfer_finish(struct http_transfer *t)
{
	if (t->err.code == E_TIMEOUT && t->was_sent && wire_is_read(t))
		http_hosts_note(t->http->silences, t);
	if (t->dns_host && (t->err.code == E_NET || t->err.code == E_TIMEOUT))
		dns_doubt(t->http->dns, t->dns_host);
	transfer_move(t, FINISHED, &t->http->finished);
	loop_defer(t->http->loop, transfer_deliver, t);
}

/* It has its place; from here it ends through http_transfer_finish(). */
static void transfer_launch(struct http_transfer *t)
{
	if (!wire_launch(t)) {
		err_set(&t->err, E_INTERNAL, _("cannot start an HTTP transfer"));
		http_transfer_finish(t);
		return;
	}
	t->http->stats.requests++;
	transfer_move(t, FLYING, &t->http->flying);
}

void http_transfer_relaunch(struct http_transfer *t)
{
	if (wire_launch_by_libcurl(t))
		return;
	err_set(&t->err, E_INTERNAL, _("cannot start an HTTP transfer"));
	http_transfer_finish(t);
}

static void http_pump(struct http *http)
{
	while (http->in_flight < http->max_in_flight && http->queue.next != &http->queue) {
		struct http_transfer *t = (struct http_transfer *)http->queue.next;

		t->placed = true;
		http->in_flight++;
		transfer_launch(t);
	}
}

/* -- before it flies -- */

static void transfer_enqueue(struct http_transfer *t, const char *addresses)
{
	if (addresses) {
		char *entry = xasprintf("%s:%d:%s", t->dns_host, t->dns_port, addresses);

		t->resolve = curl_slist_append(NULL, entry);
		free(entry);
	}
	t->lookup_ms = clock_mono_ms() - t->mono_start_ms;
	transfer_move(t, QUEUED, &t->http->queue);
	http_pump(t->http);
}

static void resolve_end(struct http_transfer *t)
{
	dns_cancel(t->query);
	t->query = NULL;
	loop_timer_cancel(t->resolve_timer);
	t->resolve_timer = NULL;
}

static void on_resolved(void *data, const char *addresses, const struct err *err)
{
	struct http_transfer *t = data;

	t->query = NULL; /* it ended by itself */
	resolve_end(t);
	if (addresses)
		transfer_enqueue(t, addresses);
	else
		transfer_fail(t, err);
}

static void on_resolve_timeout(void *data)
{
	struct http_transfer *t = data;
	char *subject = http_subject(t->method, t->url);

	resolve_end(t);
	err_set(&t->err, E_TIMEOUT, _("%s: no answer from the name server within %lld ms"), subject,
		(long long)t->timeout_ms);
	free(subject);
	http_transfer_finish(t);
}

/* Whose name has to become an address: nobody's behind a tunnel, where a path stands for it. */
static void dns_target(struct http_transfer *t)
{
	const char *at = t->proxy ? strstr(t->proxy, "://") : NULL, *user;
	size_t len, bracket;
	int64_t port = PROXY_PORT;

	free(t->dns_host);
	t->dns_host = NULL;
	if (!t->proxy) {
		t->dns_host = xstrdup(t->host);
		t->dns_port = t->port;
		return;
	}
	if (!at || t->has_tunnel)
		return;
	at += 3;
	len = strcspn(at, "/");
	user = memrchr(at, '@', len);
	if (user) {
		len -= (size_t)(user + 1 - at);
		at = user + 1;
	}
	bracket = *at == '[' ? strcspn(at, "]") : 0;
	t->dns_host = xstrndup(at, bracket ? bracket + 1 : strcspn(at, ":/"));
	at += strlen(t->dns_host);
	if (*at == ':') {
		char *digits = xstrndup(at + 1, strspn(at + 1, "0123456789"));
		str_to_int64(digits, &port);
		free(digits);
	}
	t->dns_port = (int)port;
}

/* Its host is known to be one. */
static void transfer_resolve(struct http_transfer *t)
{
	struct http *http = t->http;
	const char *addresses;

	dns_target(t);
	if (!t->dns_host || dns_is_literal(t->dns_host)) {
		transfer_enqueue(t, NULL);
	} else if ((addresses = dns_cached(http->dns, t->dns_host))) {
		transfer_enqueue(t, addresses);
	} else {
		transfer_move(t, RESOLVING, &http->resolving);
		t->query = dns_start(http->dns, t->dns_host, on_resolved, t);
		t->resolve_timer = loop_timer(http->loop, t->timeout_ms, 0, on_resolve_timeout, t);
	}
}

static void on_upload_open(void *data, const struct err *err)
{
	struct http_transfer *t = data;

	if (!err) {
		t->mono_start_ms = clock_mono_ms();
		transfer_resolve(t);
		return;
	}
	t->err = *err;
	http_transfer_finish(t);
}

static void on_upload_more(void *data)
{
	struct http_transfer *t = data;

	if (t->state == FLYING)
		wire_resume(t);
}

/* What its access had to fetch is there. */
static void transfer_go(struct http_transfer *t)
{
	if (t->upload) {
		transfer_move(t, OPENING, &t->http->resolving);
		upload_open(t->upload, on_upload_open, on_upload_more, t);
	} else {
		transfer_resolve(t);
	}
}

static void transfer_fail(struct http_transfer *t, const struct err *err)
{
	char *subject = http_subject(t->method, t->url);

	t->err = *err;
	err_prefix(&t->err, "%s", subject);
	free(subject);
	http_transfer_finish(t);
}

static void on_access_ready(void *data, const struct err *err)
{
	struct http_transfer *t = data;

	if (err) {
		transfer_fail(t, err);
		return;
	}
	t->mono_start_ms = clock_mono_ms();
	transfer_go(t);
}

/* It is asked each time: it may have been told no in between. */
static void transfer_ask(struct http_transfer *t)
{
	struct err err = {0};
	int rc;

	if (!t->access) {
		transfer_go(t);
		return;
	}
	transfer_move(t, ASKING, &t->http->resolving);
	t->wait.ready = on_access_ready;
	t->wait.data = t;
	rc = http_access_ask(t->access, &t->wait, &err);
	if (rc < 0)
		transfer_fail(t, &err);
	else if (rc == 0)
		transfer_go(t);
}

static bool method_ok(const char *method)
{
	size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len > 0 && len <= 16 && !method[len];
}

static int take_proxy(struct http_transfer *t, const struct http_request *request)
{
	int rc = 0;

	if (request->access)
		rc = http_access_proxy(request->access, t->url, &t->proxy, &t->err);
	else
		t->proxy = xstrdup_null(request->proxy);
	t->via = xstrdup_null(request->access ? http_access_via(request->access) : request->via);
	t->has_tunnel = t->proxy && str_starts(t->proxy, "socks5h://localhost/");
	t->connect_timeout_ms = request->connect_timeout_ms > 0 ? request->connect_timeout_ms
		: t->proxy                                      ? t->timeout_ms
								: CONNECT_TIMEOUT_MS;
	return rc;
}

struct http_transfer *http_start(
	struct http *http, const struct http_request *request, http_done_fn done, void *data)
{
	struct http_transfer *t = xcalloc(1, sizeof(*t));

	t->http = http;
	t->done = done;
	t->data = data;
	t->method = xstrdup(request->method ? request->method : "GET");
	t->url = xstrdup(request->url ? request->url : "");
	t->at = xstrdup(t->url);
	t->access = request->access;
	if (request->body) {
		t->body = xmalloc(request->body_len + 1);
		memcpy(t->body, request->body, request->body_len);
		t->body_len = request->body_len;
	}
	t->where = xstrdup_null(request->where);
	t->cap_bytes = request->cap_bytes ? request->cap_bytes : CAP_BYTES;
	t->keep_bytes = request->keep_bytes;
	t->is_rare = request->is_rare;
	buf_init(&t->answer, t->cap_bytes);
	t->timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : TIMEOUT_MS;
	t->mono_start_ms = clock_mono_ms();
	link_init(&t->link);
	loop_hold(http->loop);

	if (!method_ok(t->method)) {
		err_set(&t->err, E_ARG, _("not an HTTP method: '%.40s'"), t->method);
		http_transfer_finish(t);
	} else if (http_url_split(t->url, &t->host, &t->port, &t->err)) {
		http_transfer_finish(t);
	} else if (take_proxy(t, request)) {
		transfer_fail(t, &t->err);
	} else {
		if (request->upload)
			t->upload = upload_new(http->loop, request->upload, data);
		transfer_ask(t);
	}
	return t;
}

/* All of a cancel but the pump: closing must not start what it is about to cancel. */
static void transfer_drop(struct http_transfer *t)
{
	enum state was = t->state;

	resolve_end(t);
	if (was == FLYING) {
		err_set(&t->err, E_CANCELED, _("canceled"));
		transfer_note(t);
	}
	wire_land(t);
	link_del(&t->link);
	t->state = CANCELED;
	place_free(t);
	loop_unhold(t->http->loop);
	if (was != FINISHED)
		transfer_free(t); /* else its delivery is under way and frees it */
}

void http_cancel(struct http_transfer *transfer)
{
	struct http *http;

	if (!transfer || transfer->state == DONE)
		return;
	http = transfer->http;
	transfer_drop(transfer);
	http_pump(http);
}

/* -- opening and closing -- */

int http_open(
	struct http **out, struct loop *loop, const struct http_options *options, struct err *err)
{
	struct http_options o = options ? *options : (struct http_options){0};
	struct http *http = xcalloc(1, sizeof(*http));
	int rc;

	http->loop = loop;
	http->log = o.log;
	http->max_in_flight = o.max_in_flight > 0 ? o.max_in_flight : HTTP_IN_FLIGHT;
	link_init(&http->resolving);
	link_init(&http->queue);
	link_init(&http->flying);
	link_init(&http->finished);
	rc = wire_open(http, &o, err);
	if (rc) {
		free(http);
		return rc;
	}
	http->dns = dns_new(loop);
	http->silences = http_hosts_new();
	*out = http;
	return 0;
}

void http_renew(struct http *http)
{
	http->renewed_ms = clock_awake_ms();
	plain_renew(http->plain);
	dns_forget(http->dns);
}

static void drop_all(struct link *head)
{
	struct link *link, *next;

	for (link = head->next; link != head; link = next) {
		next = link->next;
		transfer_drop((struct http_transfer *)link);
	}
}

void http_close(struct http *http)
{
	if (!http)
		return;
	drop_all(&http->resolving);
	drop_all(&http->queue);
	drop_all(&http->flying);
	drop_all(&http->finished);
	assert(http->in_flight == 0);
	wire_close(http);
	dns_free(http->dns);
	http_hosts_free(http->silences);
	free(http);
}

struct http_stats http_stats(const struct http *http)
{
	struct http_stats stats = http->stats;

	stats.in_flight = http->in_flight;
	for (const struct link *l = http->queue.next; l != &http->queue; l = l->next)
		stats.queued++;
	return stats;
}
