/*
 * The line that a command of ours begins with over there: a random word and the number of its
 * process group. What a login script prints before it is not the command's, and is dropped.
 *
 *	ssh_mark_init(&mark);                          its word goes to the script as $1
 *	rest = ssh_mark_read(&mark, bytes, len, &rest_len);
 *	if (rest) ... mark.pgid is known; the command's own output begins with `rest`
 */
#ifndef WEIR_NET_SSH_MARK_H
#define WEIR_NET_SSH_MARK_H

#include "core/base/buf.h"

struct ssh_mark {
	char word[24];
	int pgid; /* 0 = the line has not come yet */
	struct buf tail;
};

void ssh_mark_init(struct ssh_mark *mark);
void ssh_mark_release(struct ssh_mark *mark);
/* NULL until the line is whole; then what follows it, borrowed until the release. Any bytes may
 * come, in any pieces. */
const char *ssh_mark_read(struct ssh_mark *mark, const char *bytes, size_t len, size_t *rest_len);

#endif
