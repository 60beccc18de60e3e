/* A source that only starts: its operations are starts, or a refusal on the next turn. */
#include "core/source/flink/launcher.h"

#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/source/flink/poll_life.h"
#include "core/source/flink/start.h"

struct source_op {
	struct launcher *launcher; /* NULL once canceled */
	struct source_op *prev, *next;
	struct start *start; /* NULL: it is refused, deferred */
	source_op_fn done;
	void *data;
	struct err err;
};

struct source_poll {
	struct poll_life life;
};

struct launcher {
	struct source base;
	struct flink_launcher_options options;
	struct source_op *ops;
	struct poll_life *polls;
};

/* ---- operations ---- */

static void op_unlink(struct source_op *op)
{
	if (!op->launcher)
		return;
	if (op->prev)
		op->prev->next = op->next;
	else
		op->launcher->ops = op->next;
	if (op->next)
		op->next->prev = op->prev;
	op->launcher = NULL;
}

static void on_started(void *data, const struct source_answer *answer, const struct err *err)
{
	struct source_op *op = data;

	op_unlink(op);
	op->done(op->data, answer, err);
	free(op);
}

/* Lines come with the caller's data, not with ours. */
static void refuse(void *data)
{
	static const struct source_answer none = {
		.checkpoint_id = -1, .tasks_running = -1, .tasks_total = -1, .slots_free = -1};
	struct source_op *op = data;

	if (op->launcher) {
		op_unlink(op);
		op->done(op->data, &none, &op->err);
	}
	free(op);
}

static struct start_options start_options(
	const struct launcher *launcher, const struct source_request *request)
{
	return (struct start_options){
		.loop = launcher->options.loop,
		.http = launcher->options.http,
		.hosts = launcher->options.hosts,
		.request = request,
	};
}

static struct source_op *launcher_send(
	struct source *base, const struct source_request *request, source_op_fn done, void *data)
{
	struct launcher *launcher = (struct launcher *)base;
	struct source_op *op = xcalloc(1, sizeof(*op));
	struct start_options options = start_options(launcher, request);

	op->launcher = launcher;
	op->done = done;
	op->data = data;
	op->next = launcher->ops;
	if (op->next)
		op->next->prev = op;
	launcher->ops = op;
	if (request->verb != SOURCE_START) {
		err_set(&op->err, E_UNSUPPORTED,
			_("there is no JobManager to ask: it is made by the start"));
		loop_defer(launcher->options.loop, refuse, op);
		return op;
	}
	options.done = on_started;
	options.data = op;
	options.output_data = data;
	op->start = start_new(&options);
	return op;
}

static void launcher_send_cancel(struct source_op *op)
{
	op_unlink(op);
	if (!op->start)
		return; /* refuse() frees it */
	start_cancel(op->start);
	free(op);
}

static char *launcher_describe(const struct source *base, const struct source_request *request)
{
	const struct launcher *launcher = (const struct launcher *)base;
	struct start_options options = start_options(launcher, request);

	if (request->verb != SOURCE_START)
		return xstrdup("");
	return start_describe(&options);
}

static int launcher_check(
	const struct source *base, const struct source_request *request, struct err *err)
{
	const struct launcher *launcher = (const struct launcher *)base;
	struct start_options options = start_options(launcher, request);

	return request->verb == SOURCE_START ? start_check(&options, err) : 0;
}

/* ---- polls ---- */

static void poll_release(struct poll_life *life)
{
	free(life);
}

static struct source_poll *launcher_poll(
	struct source *base, const struct poll *ask, source_done_fn done, void *data)
{
	struct launcher *launcher = (struct launcher *)base;
	struct source_poll *poll = xcalloc(1, sizeof(*poll));

	poll_begin(&poll->life,
		&(struct poll_start){
			.list = &launcher->polls,
			.loop = launcher->options.loop,
			.source = base,
			.ask = ask,
			.key = ask->what == SNAPSHOT_JOB ? ask->job_id : NULL,
			.done = done,
			.data = data,
			.release = poll_release,
		});
	err_set(&poll->life.err, E_UNSUPPORTED,
		_("there is no JobManager to ask: it is made by the start"));
	poll_end_soon(&poll->life);
	return poll;
}

static void launcher_cancel(struct source_poll *poll)
{
	poll_drop(&poll->life);
}

static int launcher_cost(const struct source *base, const struct poll *ask)
{
	(void)base;
	(void)ask;
	return 0;
}

static void launcher_close(struct source *base)
{
	struct launcher *launcher = (struct launcher *)base;

	while (launcher->ops)
		launcher_send_cancel(launcher->ops);
	polls_drop(&launcher->polls);
	free(base->context);
	free(base->name);
	free(launcher);
}

static const struct source_ops launcher_ops = {
	.kind = "launcher",
	.poll = launcher_poll,
	.cancel = launcher_cancel,
	.close = launcher_close,
	.cost = launcher_cost,
	.send = launcher_send,
	.send_cancel = launcher_send_cancel,
	.describe = launcher_describe,
	.check = launcher_check,
};

struct source *flink_launcher_new(const struct flink_launcher_options *options)
{
	struct launcher *launcher = xcalloc(1, sizeof(*launcher));

	launcher->base.ops = &launcher_ops;
	launcher->base.context = xstrdup(options->context);
	launcher->base.name = xstrdup("launcher");
	launcher->options = *options;
	launcher->options.context = launcher->base.context;
	return &launcher->base;
}
