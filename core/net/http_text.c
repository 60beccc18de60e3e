/*
 * The words of the HTTP client: URLs as they may be shown, transport failures and unwelcome answers
 * as errors. Everything that comes from the other side or from a URL is redacted and made harmless
 * here, on its way into a message. Pure; no transfer is touched.
 */
#include "core/net/http_text.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/net/http.h"

#define SUBJECT_URL_BYTES 380
#define SUMMARY_BYTES 200
#define LOOK_BYTES 4096 /* how far into a body a summary looks */

/* -- URLs -- */

static int split_by_libcurl(const char *url, char **host, int *port, struct err *err)
{
	CURLU *parts = curl_url();
	char *name = NULL, *number = NULL;
	const char *reason = NULL;
	CURLUcode rc;
	int64_t value = 0;

	if (!parts)
		return err_set(err, E_INTERNAL, _("out of memory"));
	rc = curl_url_set(parts, CURLUPART_URL, url, 0);
	if (!rc)
		rc = curl_url_get(parts, CURLUPART_HOST, &name, CURLU_PUNYCODE);
	if (!rc)
		rc = curl_url_get(parts, CURLUPART_PORT, &number, CURLU_DEFAULT_PORT);
	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		reason = _("it must start with http:// or https://");
	else if (rc)
		reason = curl_url_strerror(rc);
	else if (strspn(strchr(url, ':') + 3, "/?#\\") || str_empty(name))
		reason = _("it has no host"); /* libcurl would take "http:///jobs" as host "jobs" */
	else if (!utf8_valid(url, strlen(url)))
		reason = _("it is not UTF-8");
	else if (!str_to_int64(number, &value) || value < 1 || value > 65535)
		reason = _("its port is not a number from 1 to 65535");
	if (!reason) {
		if (host)
			*host = xstrdup(name);
		if (port)
			*port = (int)value;
	}
	curl_free(name);
	curl_free(number);
	curl_url_cleanup(parts);
	if (reason) {
		char *shown = http_url_display(url);

		err_set(err, E_ARG, _("not a usable URL: '%.400s': %s"), shown, reason);
		free(shown);
		return E_ARG;
	}
	return 0;
}

int http_url_split(const char *url, char **host, int *port, struct err *err)
{
	const char *name;
	size_t len;
	int number;

	if (!http_url_is_plain(url, &name, &len, &number))
		return split_by_libcurl(url, host, port, err);
	if (host)
		*host = xstrndup(name, len);
	if (port)
		*port = number;
	return 0;
}

char *http_url_origin(const char *url)
{
	struct err err = {0};
	char *host = NULL, *origin;
	int port;

	if (http_url_split(url, &host, &port, &err))
		return NULL;
	for (char *c = host; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
	origin = xasprintf(
		"%s://%s:%d", strncasecmp(url, "https:", 6) ? "http" : "https", host, port);
	free(host);
	return origin;
}

int http_url_check(const char *url, struct err *err)
{
	return http_url_split(url, NULL, NULL, err);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%74oken" is "token" to whoever reads the query, so also to the redactor. */
static bool query_key_is_secret(const char *key, size_t len)
{
	char *plain = xmalloc(len + 1);
	size_t out = 0;
	bool secret;

	for (size_t i = 0; i < len; i++) {
		int hi = -1, lo = -1;

		if (key[i] == '%' && i + 2 < len) {
			hi = hex_digit(key[i + 1]);
			lo = hex_digit(key[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			plain[out++] = (char)(hi << 4 | lo);
			i += 2;
		} else {
			plain[out++] = key[i];
		}
	}
	plain[out] = 0;
	secret = redact_key(plain);
	free(plain);
	return secret;
}

/* `text` is what follows '?' or '#': an OAuth token may stand behind either. */
static void add_query(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "&;#?");
		size_t key = strcspn(text, "=");

		if (key < len && query_key_is_secret(text, key)) {
			buf_add(out, text, key + 1);
			buf_adds(out, "******");
		} else {
			buf_add(out, text, len);
		}
		text += len;
		if (*text)
			buf_addc(out, *text++);
	}
}

char *http_url_display(const char *url)
{
	const char *scheme_end = strstr(url, "://");
	const char *authority = scheme_end ? scheme_end + 3 : url;
	const char *end = authority + strcspn(authority, "/?#\\");
	const char *host = authority, *query;
	struct buf raw, safe;

	/* The last '@' counts: a password may hold one. */
	for (const char *p = authority; p < end; p++) {
		if (*p == '@')
			host = p + 1;
	}
	/* A password with a raw '/' in it is no valid URL, but somebody may have typed it. */
	if (host == authority && memchr(authority, ':', (size_t)(end - authority))) {
		size_t path = strcspn(end, "?#");
		const char *at = memchr(end, '@', path);
		const char *colon = memchr(authority, ':', (size_t)(end - authority));
		size_t digits = strspn(colon + 1, "0123456789");

		if (at && colon + 1 + digits != end && *authority != '[')
			host = at + 1;
	}
	query = host + strcspn(host, "?#");
	buf_init(&raw, 0);
	buf_init(&safe, 0);
	buf_add(&raw, url, (size_t)(authority - url));
	buf_add(&raw, host, (size_t)(query - host));
	if (*query) {
		buf_addc(&raw, *query);
		add_query(&raw, query + 1);
	}
	utf8_neutralise(&safe, buf_str(&raw), raw.len);
	mem_wipe(raw.data, raw.len);
	buf_release(&raw);
	return buf_detach(&safe);
}

/* The most bytes <= max that end at a character boundary of valid UTF-8. */
static size_t cut_len(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

char *http_subject(const char *method, const char *url)
{
	char *shown = http_url_display(url), *subject;
	size_t len = strlen(shown), keep = cut_len(shown, len, SUBJECT_URL_BYTES);

	subject = xasprintf("%.16s %.*s%s", method, (int)keep, shown, keep < len ? "…" : "");
	free(shown);
	return subject;
}

/* -- failures of the transport -- */

/* In our own words where people meet them often; strerror() has other capitals than our texts. */
static const char *errno_text(int os_errno)
{
	switch (os_errno) {
	case ECONNREFUSED: return _("connection refused");
	case ECONNRESET:
	case EPIPE: return _("connection reset by the far side");
	case EHOSTUNREACH: return _("no route to the host");
	case ENETUNREACH: return _("network unreachable");
	case ETIMEDOUT: return _("connection timed out");
	default: return strerror(os_errno);
	}
}

static int timed_out(const struct http_failure *f, const char *subject, struct err *err)
{
	int64_t connect_ms =
		f->connect_timeout_ms < f->timeout_ms ? f->connect_timeout_ms : f->timeout_ms;

	if (!f->connected)
		return err_set(err, E_TIMEOUT, _("%s: no connection within %lld ms"), subject,
			(long long)connect_ms);
	if (!f->received_bytes)
		return err_set(err, E_TIMEOUT, _("%s: no answer within %lld ms"), subject,
			(long long)f->timeout_ms);
	return err_set(err, E_TIMEOUT, _("%s: answer not complete within %lld ms (%zu bytes came)"),
		subject, (long long)f->timeout_ms, f->received_bytes);
}

/* The proxy that the configuration names did not do it. */
static int not_proxied(const struct http_failure *f, const char *subject, struct err *err)
{
	char *proxy = http_url_display(f->proxy);

	if (f->connect_status == 407)
		err_set(err, E_AUTH,
			_("%s: the proxy %s wants a login (HTTP 407): weir takes one only from "
			  "the environment (proxy: env)"),
			subject, proxy);
	else if (f->connect_status == 403)
		err_set(err, E_DENIED, _("%s: the proxy %s does not let it through (HTTP 403)"),
			subject, proxy);
	else if (f->connect_status)
		err_set(err, E_NET, _("%s: the proxy %s does not get there (HTTP %d)"), subject,
			proxy, f->connect_status);
	else if (f->proxy_error)
		err_set(err, E_NET, _("%s: the proxy %s does not get there: %s"), subject, proxy,
			f->detail);
	else if (f->code == CURLE_COULDNT_RESOLVE_PROXY)
		err_set(err, E_NET, _("%s: the proxy %s: host name not found"), subject, proxy);
	else
		err_set(err, E_NET, _("%s: the proxy %s: %s"), subject, proxy,
			f->os_errno ? errno_text(f->os_errno) : f->detail);
	free(proxy);
	return err->code;
}

static bool is_proxys(const struct http_failure *f)
{
	return f->proxy &&
		(f->connect_status >= 300 || f->code == CURLE_PROXY ||
			f->code == CURLE_COULDNT_RESOLVE_PROXY || f->code == CURLE_COULDNT_CONNECT);
}

static int not_connected(const struct http_failure *f, const char *subject, struct err *err)
{
	if (f->os_errno == EMFILE || f->os_errno == ENFILE)
		return err_set(
			err, E_INTERNAL, _("%s: too many open files here (ulimit -n)"), subject);
	if (f->os_errno)
		return err_set(err, E_NET, "%s: %s", subject, errno_text(f->os_errno));
	return err_set(err, E_NET, _("%s: no connection: %s"), subject, f->detail);
}

/* Our own tunnel's answers (net/tunnel.c); what libcurl says of them names only our own end. */
static int not_tunneled(const struct http_failure *f, const char *subject, struct err *err)
{
	char *host = f->via ? xasprintf(_("host %s"), f->via)
			    : xstrdup(_("the host that it lies behind"));
	int rc;

	switch (f->proxy_error) {
	case CURLPX_REPLY_CONNECTION_REFUSED:
		rc = err_set(err, E_NET,
			_("%s: %s cannot connect to it (refused, or a name that is not known "
			  "there)"),
			subject, host);
		break;
	case CURLPX_REPLY_NOT_ALLOWED:
		rc = err_set(err, E_DENIED, _("%s: %s forbids forwarding (AllowTcpForwarding)"),
			subject, host);
		break;
	default:
		rc = err_set(err, E_NET,
			_("%s: no way through %s: its SSH connection is gone, or cannot be made"),
			subject, host);
	}
	free(host);
	return rc;
}

static int failure_set(const struct http_failure *f, const char *subject, struct err *err)
{
	if (f->over_cap || f->code == CURLE_FILESIZE_EXCEEDED)
		return err_set(err, E_PROTO, _("%s: answer is larger than the cap of %zu bytes"),
			subject, f->cap_bytes);
	if (f->over_headers)
		return err_set(err, E_PROTO, _("%s: answer has too large a header"), subject);
	if (f->os_errno != EMFILE && f->os_errno != ENFILE && is_proxys(f))
		return not_proxied(f, subject, err);
	switch (f->code) {
	case CURLE_OPERATION_TIMEDOUT: return timed_out(f, subject, err);
	case CURLE_COULDNT_CONNECT: return not_connected(f, subject, err);
	case CURLE_PROXY: return not_tunneled(f, subject, err);
	case CURLE_URL_MALFORMAT: return err_set(err, E_ARG, "%s: %s", subject, f->detail);
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(err, E_NET, _("%s: host name not found"), subject);
	case CURLE_GOT_NOTHING:
		return err_set(err, E_NET, _("%s: connection closed without an answer"), subject);
	case CURLE_PARTIAL_FILE:
		return err_set(err, E_NET,
			_("%s: connection closed in the middle of the answer (%zu bytes came)"),
			subject, f->received_bytes);
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		/* TLS 1.3: a refused certificate of ours is told with the first answer. */
		if (strstr(f->detail, "alert"))
			return http_tls_error(f, subject, err);
		return err_set(err, E_NET, "%s: %s", subject,
			f->os_errno ? errno_text(f->os_errno) : f->detail);
	/* HTTP/0.9 is off, so what does not start with a status line ends as the first of these. */
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return err_set(err, E_PROTO, _("%s: the answer is not HTTP"), subject);
	case CURLE_BAD_CONTENT_ENCODING:
		return err_set(err, E_PROTO, _("%s: the answer cannot be decompressed"), subject);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR: return http_tls_error(f, subject, err);
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM: return err_set(err, E_NET, "%s: HTTP/2: %s", subject, f->detail);
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
	case CURLE_BAD_FUNCTION_ARGUMENT:
		return err_set(err, E_INTERNAL, "%s: %s", subject, f->detail);
	default: return err_set(err, E_PROTO, "%s: %s", subject, f->detail);
	}
}

int http_failure_error(const struct http_failure *failure, struct err *err)
{
	char *subject = http_subject(failure->method, failure->url);
	int rc = failure_set(failure, subject, err);

	free(subject);
	return rc;
}

/* -- answers nobody wanted -- */

/* Appends [text, text+len) as one harmless line of at most SUMMARY_BYTES, white space folded. */
static void add_line(struct buf *out, const char *text, size_t len)
{
	struct buf folded, redacted, safe;
	size_t keep;
	bool space = false;

	buf_init(&folded, 0);
	buf_init(&redacted, 0);
	buf_init(&safe, 0);
	for (size_t i = 0; i < len; i++) {
		if (strchr(" \t\r\n", text[i]) && text[i]) {
			space = folded.len > 0;
			continue;
		}
		if (space)
			buf_addc(&folded, ' ');
		space = false;
		buf_addc(&folded, text[i]);
	}
	redact(&redacted, buf_str(&folded), folded.len);
	utf8_neutralise(&safe, buf_str(&redacted), redacted.len);
	keep = cut_len(buf_str(&safe), safe.len, SUMMARY_BYTES - strlen("…"));
	buf_add(out, buf_str(&safe), keep);
	if (keep < safe.len)
		buf_adds(out, "…");
	buf_release(&folded);
	buf_release(&redacted);
	buf_release(&safe);
}

static const char *find_fold(const char *text, size_t len, const char *part)
{
	size_t part_len = strlen(part);

	for (size_t i = 0; i + part_len <= len; i++) {
		if (strncasecmp(text + i, part, part_len) == 0)
			return text + i;
	}
	return NULL;
}

static bool body_is_html(const struct http_response *res, const char *text, size_t len)
{
	if (strncasecmp(res->content_type, "text/html", 9) == 0)
		return true;
	return (len >= 14 && strncasecmp(text, "<!doctype html", 14) == 0) ||
		(len >= 5 && strncasecmp(text, "<html", 5) == 0);
}

static void add_html(struct buf *out, const char *text, size_t len)
{
	const char *title = find_fold(text, len, "<title");
	const char *start = title ? memchr(title, '>', len - (size_t)(title - text)) : NULL;
	const char *end = start ? find_fold(start, len - (size_t)(start - text), "</title") : NULL;
	struct buf line;

	buf_adds(out, _("an HTML page, not JSON"));
	if (!end)
		return;
	buf_init(&line, 0);
	add_line(&line, start + 1, (size_t)(end - start - 1));
	if (line.len)
		buf_addf(out, " (\"%s\")", line.data);
	buf_release(&line);
}

void http_body_summary(const struct http_response *res, struct buf *out)
{
	const char *text = buf_str(res->body);
	size_t len = res->body->len < LOOK_BYTES ? res->body->len : LOOK_BYTES;

	while (len && strchr(" \t\r\n", *text) && *text) {
		text++;
		len--;
	}
	if (body_is_html(res, text, len)) {
		add_html(out, text, len);
	} else if (len) {
		const char *newline = memchr(text, '\n', len);

		add_line(out, text, newline ? (size_t)(newline - text) : len);
	}
}

static enum err_code status_code(int status)
{
	switch (status) {
	case 401: return E_AUTH;
	case 403: return E_DENIED;
	case 404: return E_NOTFOUND;
	case 409: return E_CONFLICT;
	default: return E_REMOTE;
	}
}

static bool says(const struct http_response *res, const char *part)
{
	return res->body->len && memmem(res->body->data, res->body->len, part, strlen(part));
}

/* What is to be done, where an answer is really about the way that was taken. NULL = nothing known. */
static const char *cure_of(const struct http_response *res, enum err_code *code)
{
	if (res->status == 401 && !res->login)
		return _("it wants a login: auth: of this cluster");
	if (res->status == 407)
		return _("the proxy wants a login: weir takes one only from the environment "
			 "(proxy: env)");
	if (res->status != 400)
		return NULL;
	/* nginx's words; others refuse by TLS itself. */
	if (says(res, "No required SSL certificate was sent")) {
		*code = E_AUTH;
		return _("it wants a client certificate: tls: {cert: FILE, key: FILE} of this "
			 "cluster");
	}
	if (says(res, "The SSL certificate error")) {
		*code = E_AUTH;
		return _("it does not take our client certificate: is tls.cert signed by a CA "
			 "that it knows, and not expired?");
	}
	if (says(res, "plain HTTP request was sent to HTTPS port"))
		return _("it speaks TLS: rest: is to begin with https://");
	return NULL;
}

/* It was not followed: to where? */
static void add_redirect(const struct http_response *res, struct buf *out)
{
	char *shown = http_url_display(res->redirect);
	char *from = http_url_origin(res->url), *to = http_url_origin(res->redirect);

	if (!str_eq(from, to))
		buf_addf(out,
			_("it leads to %.300s: weir does not follow to another host, port or "
			  "scheme (if it has moved, change rest:; if that is a login page, see "
			  "auth:)"),
			shown);
	else
		buf_addf(out, _("it leads on to %.300s: not followed"), shown);
	free(shown);
	free(from);
	free(to);
}

int http_status_error(const struct http_response *res, struct err *err)
{
	enum err_code code = res->status ? status_code(res->status) : E_NET;
	const char *cure;
	struct buf said;
	char *subject;

	if (res->status && res->status < 300)
		return 0;
	subject = http_subject(res->method, res->url);
	cure = cure_of(res, &code);
	buf_init(&said, 0);
	if (res->redirect)
		add_redirect(res, &said);
	else
		http_body_summary(res, &said);
	if (res->status == 401 && res->login)
		buf_addf(&said, _("%s%s was refused"), said.len ? "; " : "", res->login);
	if (cure)
		buf_addf(&said, "%s%s", said.len ? "; " : "", cure);
	if (!res->status)
		err_set(err, code, _("%s: nobody answered"), subject);
	else if (said.len)
		err_set(err, code, "%s: HTTP %d: %s", subject, res->status, buf_str(&said));
	else
		err_set(err, code, "%s: HTTP %d", subject, res->status);
	buf_release(&said);
	free(subject);
	return code;
}

const char *http_library(void)
{
	return curl_version();
}
