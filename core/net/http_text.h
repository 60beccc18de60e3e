/* Inside core/net only: what went wrong with a transfer, put into words. */
#ifndef WEIR_NET_HTTP_TEXT_H
#define WEIR_NET_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct http_failure {
	const char *method, *url;
	int code;           /* CURLcode, not CURLE_OK */
	int os_errno;       /* 0 = unknown */
	const char *via;    /* the host that it lies behind; or NULL */
	int proxy_error;    /* CURLproxycode; 0 = none */
	const char *detail; /* what libcurl said; "" */
	bool over_cap, over_headers;
	bool connected; /* the request could be sent */
	size_t cap_bytes, received_bytes;
	int64_t connect_timeout_ms, timeout_ms;
	const char *proxy;  /* that the configuration names, or NULL: as it is given to libcurl */
	int connect_status; /* of the proxy's answer to CONNECT; 0 = none */
	int verify_result;  /* X509_V_ERR_…; 0 = none */
	bool has_ca, has_cert; /* of the cluster's own */
};

int http_failure_error(const struct http_failure *failure, struct err *err);

/* "GET http://host/path" for the start of a message; at most about 400 bytes. malloc'd. */
char *http_subject(const char *method, const char *url);

/*
 * What a URL means, in the reading of libcurl: the host as ASCII (punycode), an IPv6 address in
 * brackets. host is malloc'd. Errors as http_url_check().
 */
int http_url_split(const char *url, char **host, int *port, struct err *err);
/* http_plain_url.c: the same of one that leaves no doubt; else false, and libcurl tells. Host borrowed. */
bool http_url_is_plain(const char *url, const char **host, size_t *host_len, int *port);
/* "https://jm:8443": lower case, with its port; NULL when it is no usable URL. malloc'd. */
char *http_url_origin(const char *url);
/* http_tls_text.c: what TLS failed on, and what to do. The code is returned too. */
int http_tls_error(const struct http_failure *failure, const char *subject, struct err *err);

#endif
