/* What a check of `weir doctor` found, and what to do about it. */
#ifndef WEIR_MODEL_FINDING_H
#define WEIR_MODEL_FINDING_H

#include <stdint.h>

enum finding_status { FINDING_OK, FINDING_WARN, FINDING_FAIL, FINDING_STATUS_MAX };
extern const char *const finding_status_words[]; /* "ok" "warn" "fail" */

struct finding {
	char *ref;
	const char *context; /* NULL = of weir itself */
	const char *area;    /* static: "host", "cluster", "flink-env", "store", … */
	const char *name;    /* which one; NULL = there is only one */
	const char *check;   /* static: "login", "host-key", … */
	enum finding_status status;
	const char *found; /* in the user's language, one line */
	const char *cure;  /* what to do; NULL when there is nothing to do */
	int64_t ms;        /* how long it took; -1 = not measured */
};

#endif
