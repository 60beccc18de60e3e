#include "core/cli/lines.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/cli.h"

#define LOOK_MS 500

static void end(struct lines *lines, int code)
{
	lines->code = code;
	loop_stop(lines->session->loop);
}

/* ---- printing ---- */

static bool is_news(struct lines *lines, const void *item)
{
	struct buf id, key;
	char *former;
	bool is;

	buf_init(&id, 0);
	buf_init(&key, 0);
	if (lines->id)
		lines->id(item, &id);
	else
		buf_adds(&id, column_ref(item));
	former = map_get(lines->printed, buf_str(&id));
	output_stream_key(lines->stream, item, lines->env, &key);
	is = !str_eq(former, buf_str(&key));
	if (is)
		free(map_put(lines->printed, buf_str(&id), buf_detach(&key)));
	buf_release(&key);
	buf_release(&id);
	return is;
}

void lines_print(struct lines *lines, const void *const *items, size_t count)
{
	const void **news = xcalloc(count + 1, sizeof(*news));
	size_t kept = 0;
	struct err err;

	lines->env.now_ms = clock_wall_ms();
	lines->env.mono_ms = clock_mono_ms();
	for (size_t i = 0; i < count; i++)
		if (is_news(lines, items[i]))
			news[kept++] = items[i];
	if (output_stream_write(lines->stream, news, kept, lines->env, &err))
		end(lines, cli_fail(&err));
	free(news);
}

void lines_forget(struct lines *lines, const char *id)
{
	free(map_del(lines->printed, id));
}

/* ---- the end ---- */

static void on_problem(void *data, const struct err *err)
{
	(void)data;
	fprintf(stderr, "weir: store: %s\n", err ? err->text : _("writes again"));
}

static void on_interrupt(void *data)
{
	end(data, 128 + SIGINT);
}

static void on_terminate(void *data)
{
	end(data, 128 + SIGTERM);
}

static void on_hangup(void *data)
{
	end(data, 128 + SIGHUP);
}

/* `… --watch | head -3`: nobody reads any more, also while nothing is written. */
static void on_look(void *data)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	if (poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)))
		end(data, 0);
}

void lines_open(struct lines *lines, struct session *session, const struct output *first,
	void (*id)(const void *item, struct buf *out))
{
	static const struct {
		int signum;
		loop_fn fn;
	} signals[] = {{SIGINT, on_interrupt}, {SIGTERM, on_terminate}, {SIGHUP, on_hangup}};
	struct err err;
	int rc = 0;

	*lines = (struct lines){.session = session,
		.stream = output_stream_new(first),
		.env = first->env,
		.id = id,
		.printed = map_new(),
		.code = -1};
	for (size_t i = 0; !rc && i < ARRAY_SIZE(signals); i++)
		rc = loop_signal(session->loop, signals[i].signum, signals[i].fn, lines, &err);
	if (rc)
		lines->code = cli_fail(&err);
	lines->look = loop_timer(session->loop, LOOK_MS, LOOK_MS, on_look, lines);
	session->on_problem = on_problem;
	session->problem_data = lines;
}

int lines_close(struct lines *lines)
{
	lines->session->on_problem = NULL;
	loop_timer_cancel(lines->look);
	output_stream_free(lines->stream);
	map_each (entry, lines->printed)
		free(map_value(entry));
	map_free(lines->printed);
	return lines->code;
}
