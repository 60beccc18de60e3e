/*
 * This machine as a host: the same contract without a link. Nothing can be UNKNOWN here, and there
 * is nothing to connect.
 */
#include "core/base/i18n.h"
#include "core/loop/proc.h"
#include "core/net/ssh_loop.h"

static void here_connect(struct ssh_op *op)
{
	op_end_soon(op, &(struct err){0});
}

static void on_output(void *data, int stream, const char *bytes, size_t len)
{
	struct ssh_op *op = data;

	op->on_output(op->data, stream, bytes, len);
}

static void on_done(void *data, const struct proc_result *result, const struct err *err)
{
	struct ssh_op *op = data;
	struct err why = {0};

	if (err) {
		why = *err;
		err_prefix(&why, _("host %s"), op->host);
	}
	op->task = NULL;
	op_end(op,
		&(struct ssh_result){
			.out = result->out,
			.err = result->err,
			.is_cut = result->is_cut,
			.exit_status = result->exit_status,
			.signal = result->signal,
		},
		&why);
}

static void here_exec(struct ssh_op *op, const struct ssh_exec_options *options)
{
	const char *const argv[] = {"sh", "-c", options->command, NULL};

	op->task = proc_start(op->ssh->loop,
		&(struct proc_options){
			.argv = argv,
			.input = options->input,
			.input_len = options->input_len,
			.cap_bytes = options->cap_bytes,
			.timeout_ms = options->timeout_ms,
			.on_output = options->on_output ? on_output : NULL,
		},
		on_done, op);
}

static void here_cancel(struct ssh_op *op)
{
	if (op->is_copy)
		local_copy_cancel(op->task);
	else
		proc_cancel(op->task);
}

const struct ssh_way way_local = {
	.connect = here_connect, .exec = here_exec, .copy = local_copy, .cancel = here_cancel};
