/*
 * What a JobManager (or whoever answers in its place) writes on the wire: the first byte says in how
 * large pieces it comes. However it is cut, the same is understood; a body fits its cap; of an odd
 * answer nothing is believed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/http_answer.h"

#define CAP ((size_t)4096)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static enum answer_is read_in(
	const char *text, size_t size, size_t step, struct http_answer *answer, struct buf *body)
{
	enum answer_is is = ANSWER_UNDER_WAY;

	buf_init(body, CAP);
	http_answer_begin(answer);
	for (size_t at = 0, len; is == ANSWER_UNDER_WAY && at < size; at += len) {
		len = size - at < step ? size - at : step;
		is = http_answer_add(answer, text + at, len, body);
	}
	return is;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct http_answer whole, pieces;
	struct buf whole_body, pieces_body;
	enum answer_is is;

	if (!size--)
		return 0;
	is = read_in(text, size, size + 1, &whole, &whole_body);
	must(read_in(text, size, data[0] ? data[0] : 1, &pieces, &pieces_body) == is);
	must(whole_body.len <= CAP);
	if (is == ANSWER_WHOLE) {
		must(whole.status >= 200 && whole.status < 600);
		must(pieces.status == whole.status && !strcmp(pieces.type, whole.type));
		must(pieces_body.len == whole_body.len &&
			!memcmp(buf_str(&pieces_body), buf_str(&whole_body), whole_body.len));
		must(!strpbrk(whole.type, "\r\n"));
	}
	buf_release(&whole_body);
	buf_release(&pieces_body);
	return 0;
}
