/* When something last happened at a host: http://host:port of a transfer → a time of the clock that is awake. */
#ifndef WEIR_CORE_HTTP_HOSTS_H
#define WEIR_CORE_HTTP_HOSTS_H

#include <stdint.h>

struct http_hosts;
struct http_transfer;

struct http_hosts *http_hosts_new(void);
void http_hosts_free(struct http_hosts *hosts); /* NULL-safe */
/* Just now, where the transfer goes. */
void http_hosts_note(struct http_hosts *hosts, const struct http_transfer *transfer);
/* 0 = never. */
int64_t http_hosts_ms(const struct http_hosts *hosts, const struct http_transfer *transfer);

#endif
