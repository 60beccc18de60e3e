/*
 * One HTTP question of a test and what came of it, and the loop turned until something is so.
 *
 *	struct asking ask = {0};
 *	asking_start(&ask, http, &(struct http_request){.url = url});
 *	assert_true(loop_run_until_idle(loop, ASKING_DEADLINE_MS));
 *	assert_int_equal(200, ask.status);
 *	asking_release(&ask);
 */
#ifndef WEIR_TESTS_ASKING_H
#define WEIR_TESTS_ASKING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/net/http.h"

/* An upper bound for what must happen; never what a test measures by. */
#define ASKING_DEADLINE_MS 30000

struct asking {
	struct http_transfer *transfer; /* NULL once done */
	int done;                       /* how often: must end as 1 */
	int status;
	char *body, *content_type;
	size_t body_len;
	struct err err;           /* code E_OK: none */
	struct err verdict;       /* of http_status_error() */
	void (*then)(void *data); /* called in `done`, last; may be NULL */
	void *data;
};

void asking_start(struct asking *ask, struct http *http, const struct http_request *request);
void asking_release(struct asking *ask); /* also cancels; may be started again */
/* Turns the loop until is_so(data); false when the deadline passes first. */
bool asking_until(struct loop *loop, bool (*is_so)(void *data), void *data);

#endif
