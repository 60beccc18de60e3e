/* How many files may be open: a fleet needs one for each JobManager that it keeps a connection to. */
#ifndef WEIR_CLI_LIMITS_H
#define WEIR_CLI_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct session;

struct open_files {
	int64_t limit; /* negative = none */
	int64_t need;  /* of these contexts, about: then each connection is kept */
};

/* As many as the system allows. */
void open_files_raise(void);
/* session NULL: of a weir without any. */
struct open_files open_files_of(const struct session *session);
/* Are there too few? Then out says what follows, in one line. */
bool open_files_tell(const struct session *session, struct buf *out);

#endif
