/*
 * A TCP proxy in front of a real HTTP server, in a thread of the test's own process, that breaks the
 * link at one byte, or ends a process at that moment; in front of any server, a slow line.
 *
 *	struct cutter *cutter = cutter_start(8081);
 *	cutter_arm(cutter, &(struct cutter_fault){.request = "POST /jobs/", .cut_request = 100});
 *	… the client asks http://127.0.0.1:<cutter_port()> …
 *	check_int("met", cutter_met(cutter), 1);
 *	cutter_stop(cutter);
 *
 * A request is known by the first bytes of what the client writes; clients here write no two at once.
 * Failures of the proxy itself end the program.
 */
#ifndef WEIR_TESTS_SUPPORT_CUTTER_H
#define WEIR_TESTS_SUPPORT_CUTTER_H

#include <stddef.h>
#include <sys/types.h>

#define CUTTER_ALL ((size_t)-1)

struct cutter_fault {
	const char *request; /* how its first line begins; copied */
	const char *after;   /* only once a request that begins so has been seen; NULL = at once */
	size_t cut_request;  /* so many of its bytes are passed on, then both links are closed */
	size_t cut_answer; /* with cut_request CUTTER_ALL: so many bytes of the answer come back */
	pid_t kill;        /* SIGKILL before the links are closed; 0 = nobody */
};

struct cutter;

struct cutter *cutter_start(int to_port); /* of 127.0.0.1 */
void cutter_stop(struct cutter *cutter);  /* NULL-safe */
int cutter_port(const struct cutter *cutter);
/* Takes the place of the former fault. It is met once; then all passes again. NULL = none. */
void cutter_arm(struct cutter *cutter, const struct cutter_fault *fault);
int cutter_met(struct cutter *cutter); /* since cutter_arm() */
/* Before the first link: at most so many bytes a second come from the client. */
void cutter_slow(struct cutter *cutter, int bytes_per_s);
/* Requests that begin so, of which at least one byte was passed on, since cutter_arm(). */
int cutter_passed(struct cutter *cutter, const char *request);

#endif
