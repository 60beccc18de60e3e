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
};

int http_failure_error(const struct http_failure *failure, struct err *err);

/* "GET http://host/path" for the start of a message; at most about 400 bytes. malloc'd. */
char *http_subject(const char *method, const char *url);

/*
 * What a URL means, in the reading of libcurl: the host as ASCII (punycode), an IPv6 address in
 * brackets. host is malloc'd. Errors as http_url_check().
 */
int http_url_split(const char *url, char **host, int *port, struct err *err);

#endif
