/* Keeps what `done` was given, because that is borrowed for the call. */
#include "tests/support/asking.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"

static void on_done(void *data, const struct http_response *res, const struct err *err)
{
	struct asking *ask = data;

	ask->transfer = NULL;
	ask->done++;
	ask->status = res->status;
	ask->body_len = res->body->len;
	free(ask->body);
	free(ask->content_type);
	ask->content_type = xstrdup(res->content_type);
	if (err)
		ask->err = *err;
	http_status_error(res, &ask->verdict);
	ask->body = buf_detach(res->body);
	if (ask->then)
		ask->then(ask->data);
}

void asking_start(struct asking *ask, struct http *http, const struct http_request *request)
{
	ask->transfer = http_start(http, request, on_done, ask);
}

void asking_release(struct asking *ask)
{
	http_cancel(ask->transfer);
	free(ask->body);
	free(ask->content_type);
	*ask = (struct asking){0};
}

bool asking_until(struct loop *loop, bool (*is_so)(void *data), void *data)
{
	time_t end = time(NULL) + ASKING_DEADLINE_MS / 1000;

	/* What is waited for may happen in another thread, which does not wake the loop. */
	while (!is_so(data)) {
		if (time(NULL) > end)
			return false;
		loop_turn(loop, 5);
	}
	return true;
}
