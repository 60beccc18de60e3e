/*
 * Real servers before an HTTP server, one set for a test program (tests/testbed/front): TLS, HTTP/2,
 * logins, client certificates, a URL prefix, proxies.
 *
 *	struct front *front = front_up(httpd_port(server));
 *	front_url(front, "main", "/overview")     "https://localhost:40123/flink/jm1/overview"
 *	front_down(front);
 */
#ifndef WEIR_TESTS_SUPPORT_FRONT_H
#define WEIR_TESTS_SUPPORT_FRONT_H

#define FRONT_PASSWORD "let-me-in"
#define FRONT_PASSPHRASE "open sesame"
#define FRONT_TOKEN "tok-1"

struct front;

struct front *front_up(int upstream_port); /* NULL, and why on stderr, when it cannot */
/* Only the files, for a server with TLS; later the rest, before that server. */
struct front *front_certs(void);
int front_before(struct front *front, int tls_port); /* 0 = fine */
void front_down(struct front *front);                /* NULL-safe */
int front_port(const struct front *front, const char *name);
/* Of a server; malloc'd. Its base is path "". */
char *front_url(const struct front *front, const char *name, const char *path);
/* "http://localhost:40124" of "proxy" or "toll"; malloc'd. */
char *front_proxy(const struct front *front, const char *name);
/* Borrowed until the end. */
const char *front_file(struct front *front, const char *name);
/* All of a server's log so far, a line for each request. malloc'd. */
char *front_log(const struct front *front, const char *name);

#endif
