/*
 * An HTTP proxy in front of a real JobManager, in threads of the test's own process, under the test's
 * control: all passes, until it is told what goes wrong.
 *
 *	struct proxy *proxy = proxy_start(8081);
 *	… the client asks http://127.0.0.1:<proxy_port()> …
 *	proxy_set(proxy, &(struct proxy_fault){.way = PROXY_REFUSE});
 *	proxy_set(proxy, NULL);                                        all passes again
 *	proxy_set(proxy, &(struct proxy_fault){
 *		.way = PROXY_SAY, .status = 503, .path = "/jobs", .times = 1});
 *	proxy_stop(proxy);
 *
 * What proxy_set() says holds when it returns: for requests that are read after it, and, of
 * PROXY_REFUSE and PROXY_HALF_OPEN, for the links that are open. Each request goes to the JobManager
 * over a link of its own; the client's link is kept open as long as the client likes. When nobody
 * listens behind it, the client's link is reset. Failures of the proxy itself end the program.
 */
#ifndef WEIR_TESTS_FAULTS_PROXY_H
#define WEIR_TESTS_FAULTS_PROXY_H

#include <stddef.h>

struct proxy;

enum proxy_way {
	PROXY_PASS,
	PROXY_REFUSE,    /* nobody listens; what is open is reset */
	PROXY_RESET,     /* the request is read, then the link is reset */
	PROXY_DROP,      /* the request is read, nothing ever comes back */
	PROXY_HALF_OPEN, /* so it is on the links that are open now; new ones are well */
	PROXY_CUT,       /* closed after `at` bytes of the answer, its header included */
	PROXY_STALL,     /* nothing more after `at` bytes of it */
	PROXY_DRIP,      /* `at` bytes of it at a time, `ms` apart */
	PROXY_DELAY,     /* the answer comes `ms` late */
	PROXY_CORRUPT,   /* byte `at` of the answer's body, or its last one, becomes 0xFF */
	PROXY_SAY,       /* `status` with `text` as its body; the JobManager is not asked */
	PROXY_EDIT,      /* edit() makes the body */
	PROXY_WAY_MAX
};

struct proxy_fault {
	enum proxy_way way;
	const char
		*path; /* of requests whose path begins so; NULL = of all. Borrowed, as all texts */
	int times;     /* of so many requests, then all passes; 0 = until another fault */
	size_t at;
	int ms, status;
	const char *text;    /* NULL = "" */
	const char *headers; /* more of them, each with its \r\n; NULL = none */
	/* A new body (malloc'd) from the real one; on a thread of the proxy. */
	char *(*edit)(const char *body);
};

struct proxy *proxy_start(int to_port); /* of 127.0.0.1 */
void proxy_stop(struct proxy *proxy);   /* NULL-safe */
int proxy_port(const struct proxy *proxy);
void proxy_set(struct proxy *proxy, const struct proxy_fault *fault); /* NULL = PROXY_PASS */
/* From now on the JobManager is there. */
void proxy_lead_to(struct proxy *proxy, int to_port);

struct proxy_counts {
	int met;     /* by how many requests, since proxy_set() */
	int passed;  /* answers on its path that came through unharmed, since proxy_set() */
	int waiting; /* requests that the JobManager has and has not answered */
};
struct proxy_counts proxy_counts(struct proxy *proxy);

#endif
