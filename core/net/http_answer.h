/*
 * An HTTP/1.1 answer as Flink writes it, read as it comes: a status line, headers, a body by
 * Content-Length or in chunks. Whatever could be read in two ways, or needs more than reading (a
 * redirect, a login, an encoding, an end that is the connection's), is odd: libcurl asks again, and says
 * what it means. So there is one meaning of each answer (tests/fuzz/fuzz_answer.c).
 */
#ifndef WEIR_NET_HTTP_ANSWER_H
#define WEIR_NET_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

#define HTTP_LINE_BYTES 512

enum answer_is { ANSWER_UNDER_WAY, ANSWER_WHOLE, ANSWER_ODD };

struct http_answer {
	int state; /* of http_answer.c */
	int status;
	int64_t left;             /* of the body, or of its chunk; -1 = not told */
	bool is_chunked, is_kept; /* kept: another answer may follow on this connection */
	size_t head_bytes, line_len;
	char line[HTTP_LINE_BYTES];
	char type[128]; /* Content-Type, "" = none */
};

void http_answer_begin(struct http_answer *answer);
/*
 * More of it; of the body into `body`, whose cap counts. What comes behind the end of an answer makes
 * it one that is not kept.
 */
enum answer_is http_answer_add(
	struct http_answer *answer, const char *data, size_t len, struct buf *body);

#endif
