#include "core/net/ssh_mark.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/str.h"

#define NUMBER_MAX 11 /* digits of a number, and one more */

void ssh_mark_init(struct ssh_mark *mark)
{
	unsigned char raw[8] = {0};
	size_t len = 0;

	if (getrandom(raw, sizeof(raw), 0) < 0)
		raw[0] = 1; /* it only has to differ from a login script's words */
	len += (size_t)snprintf(mark->word, sizeof(mark->word), "weir-");
	for (size_t i = 0; i < sizeof(raw); i++)
		len += (size_t)snprintf(mark->word + len, sizeof(mark->word) - len, "%02x", raw[i]);
	mark->pgid = 0;
	buf_init(&mark->tail, SIZE_MAX);
}

void ssh_mark_release(struct ssh_mark *mark)
{
	buf_release(&mark->tail);
}

static void drop(struct buf *buf, size_t len)
{
	memmove(buf->data, buf->data + len, buf->len - len + 1);
	buf->len -= len;
}

/* "4711" → 4711; 0 when it is no process group. */
static int group(const char *digits, size_t len)
{
	char text[NUMBER_MAX + 1] = "";
	int64_t pgid;

	if (len <= NUMBER_MAX)
		memcpy(text, digits, len);
	return str_to_int64(text, &pgid) && pgid > 1 && pgid < INT32_MAX ? (int)pgid : 0;
}

const char *ssh_mark_read(struct ssh_mark *mark, const char *bytes, size_t len, size_t *rest_len)
{
	struct buf *tail = &mark->tail;
	size_t word_len = strlen(mark->word);

	buf_add(tail, bytes, len);
	for (;;) {
		char *at = tail->len ? memmem(tail->data, tail->len, mark->word, word_len) : NULL;
		char *number, *eol;
		size_t left;

		if (!at) {
			if (tail->len >= word_len) /* it may have begun */
				drop(tail, tail->len - word_len + 1);
			return NULL;
		}
		drop(tail, (size_t)(at - tail->data));
		number = tail->data + word_len;
		left = tail->len - word_len;
		eol = memchr(number, '\n', left);
		if (!eol && left <= NUMBER_MAX + 1)
			return NULL;
		if (eol && *number == ' ')
			mark->pgid = group(number + 1, (size_t)(eol - number - 1));
		if (mark->pgid) {
			*rest_len = (size_t)(tail->data + tail->len - (eol + 1));
			return eol + 1;
		}
		drop(tail, word_len); /* the word, but not the line: a script that shows itself */
	}
}
