/*
 * TLS failures in words, each with its cure. libcurl says which part failed, OpenSSL's verify result
 * why a certificate was not taken; both texts are for programmers, so they only close the message.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/net/http_text.h"

/* <openssl/x509_vfy.h> is not for this folder; these never change. */
enum {
	VERIFY_NO_ISSUER = 2,
	VERIFY_NOT_YET = 9,
	VERIFY_EXPIRED = 10,
	VERIFY_SELF_SIGNED = 18,
	VERIFY_SELF_SIGNED_CHAIN = 19,
	VERIFY_NO_ISSUER_HERE = 20,
	VERIFY_NO_FIRST = 21,
};

/* libcurl puts this in front. */
static const char *plain(const char *detail)
{
	static const char prefix[] = "SSL certificate problem: ";

	return strncmp(detail, prefix, sizeof(prefix) - 1) ? detail : detail + sizeof(prefix) - 1;
}

static int untrusted(const struct http_failure *f, const char *subject, struct err *err)
{
	const char *detail = plain(f->detail);
	char *host = NULL;
	int port;

	/* libcurl compares names by itself, in two wordings. */
	if (strstr(detail, "subject name") || strstr(detail, "common name")) {
		http_url_split(f->url, &host, &port, NULL);
		err_set(err, E_NET,
			_("%s: TLS: its certificate is not for the name %s: use a name of it in "
			  "rest:, or have it made for this one"),
			subject, host ? host : "?");
		free(host);
		return E_NET;
	}
	switch (f->verify_result) {
	case VERIFY_EXPIRED:
		return err_set(err, E_NET,
			_("%s: TLS: its certificate has expired: renew it over there (or is this "
			  "machine's clock wrong?)"),
			subject);
	case VERIFY_NOT_YET:
		return err_set(err, E_NET,
			_("%s: TLS: its certificate is not valid yet: is this machine's clock "
			  "right?"),
			subject);
	case VERIFY_NO_ISSUER:
	case VERIFY_SELF_SIGNED:
	case VERIFY_SELF_SIGNED_CHAIN:
	case VERIFY_NO_ISSUER_HERE:
	case VERIFY_NO_FIRST:
		if (f->has_ca)
			return err_set(err, E_NET,
				_("%s: TLS: its certificate is not signed by the CA in tls.ca "
				  "(%s): "
				  "put the CA that signed it there"),
				subject, detail);
		return err_set(err, E_NET,
			_("%s: TLS: its certificate is signed by nobody known here (%s): name the "
			  "CA that signed it by tls: {ca: FILE}"),
			subject, detail);
	default:
		return err_set(err, E_NET, _("%s: TLS: its certificate is not taken: %s"), subject,
			detail);
	}
}

static int our_certificate(const struct http_failure *f, const char *subject, struct err *err)
{
	if (strstr(f->detail, "private key does not match") || strstr(f->detail, "does not match"))
		return err_set(
			err, E_AUTH, _("%s: TLS: tls.key is not the key of tls.cert"), subject);
	if (strstr(f->detail, "private key"))
		return err_set(err, E_AUTH,
			_("%s: TLS: tls.key cannot be opened: is its passphrase right, and is it "
			  "the key of tls.cert?"),
			subject);
	return err_set(err, E_AUTH, _("%s: TLS: tls.cert cannot be used: %s"), subject, f->detail);
}

/* The far side said no. */
static int alert(const struct http_failure *f, const char *subject, struct err *err)
{
	const char *detail = f->detail, *last = strstr(detail, "alert ");

	last = last ? last + strlen("alert ") : detail;
	if (f->has_cert)
		return err_set(err, E_AUTH,
			_("%s: TLS: the far side does not take tls.cert (%.80s): is it signed by a "
			  "CA that it knows, and not expired?"),
			subject, last);
	if (strstr(detail, "certificate") || strstr(detail, "handshake failure"))
		return err_set(err, E_AUTH,
			_("%s: TLS: the far side wants a client certificate (%.80s): tls: {cert: "
			  "FILE, key: FILE}"),
			subject, last);
	return err_set(err, E_NET, _("%s: TLS: the far side broke it off: %.80s"), subject, last);
}

int http_tls_error(const struct http_failure *f, const char *subject, struct err *err)
{
	if (f->code == CURLE_SSL_CERTPROBLEM)
		return our_certificate(f, subject, err);
	if (f->code == CURLE_PEER_FAILED_VERIFICATION)
		return untrusted(f, subject, err);
	if (f->code == CURLE_SSL_CACERT_BADFILE)
		return err_set(err, E_NET, _("%s: TLS: tls.ca cannot be read as certificates: %s"),
			subject, f->detail);
	if (strstr(f->detail, "alert"))
		return alert(f, subject, err);
	if (strstr(f->detail, "wrong version number") || strstr(f->detail, "http request"))
		return err_set(err, E_NET,
			_("%s: TLS: what answers there does not speak TLS: is it http://?"),
			subject);
	return err_set(err, E_NET, "%s: TLS: %s", subject, f->detail);
}
