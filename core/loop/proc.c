/*
 * libuv starts the child and waits for it; its pipes are plain ones watched like every other
 * descriptor (libuv's own are socket pairs, and a program cannot open /dev/stdin on one). As
 * everywhere in this folder libuv's callback only notes the end, a deferred call serves it.
 *
 * A child is done when it has ended and its output too. The end of a whole group is a thing of its
 * own: TERM, and three seconds later KILL for who is left, whether somebody still waits for `done`
 * or not. So the block of a child lives until both have happened: over (nobody is told any more)
 * and ended (nothing is left to be killed).
 */
#include "core/loop/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define CAP_BYTES ((size_t)1 << 20)
#define READ_BYTES ((size_t)64 << 10)
#define LAST_READS 32       /* of what is left in the pipe when nobody waits any longer */
#define KILL_MS 3000        /* from TERM to KILL */
#define KILLED_MS 2000      /* from KILL to giving up on an end */
#define LEFT_BEHIND_MS 1000 /* from the child's end to that of its output */

struct stream {
	struct proc *proc;
	int number; /* 1, 2 */
	int fd;     /* -1 = ended */
	struct loop_watch *watch;
	struct buf kept;
};

struct proc {
	uv_process_t handle;
	struct loop *loop;
	pid_t group; /* 0: there is nobody in it any more */
	bool has_handle, has_ended, is_over, is_timed_out, is_cut, is_service;
	int exit_status, signal;
	struct stream out, err;
	int input_fd;
	struct loop_watch *input_watch;
	char *input;
	size_t input_len, input_sent;
	struct loop_timer *timer;      /* time-out, then how long an end is waited for */
	struct loop_timer *kill_timer; /* TERM was sent, KILL will be */
	int64_t timeout_ms;
	char *name;
	struct err failure; /* it could not be started */
	void (*on_output)(void *data, int stream, const char *bytes, size_t len);
	proc_done_fn done;
	void *data;
};

/* ---- its end ---- */

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void stream_close(struct stream *stream)
{
	loop_unwatch(stream->watch);
	stream->watch = NULL;
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void input_close(struct proc *proc)
{
	loop_unwatch(proc->input_watch);
	proc->input_watch = NULL;
	if (proc->input_fd >= 0)
		close(proc->input_fd);
	proc->input_fd = -1;
	if (proc->input)
		mem_wipe(proc->input, proc->input_len);
	free(proc->input);
	proc->input = NULL;
}

static void timer_end(struct loop_timer **timer)
{
	loop_timer_cancel(*timer);
	*timer = NULL;
}

/* Nobody is told of anything from here; what was held for them goes. */
static void end_interest(struct proc *proc)
{
	proc->is_over = true;
	timer_end(&proc->timer);
	stream_close(&proc->out);
	stream_close(&proc->err);
	input_close(proc);
	if (!proc->is_service)
		loop_unhold(proc->loop);
}

static void free_kept(struct proc *proc)
{
	buf_release(&proc->out.kept);
	buf_release(&proc->err.kept);
	free(proc->name);
	proc->name = NULL;
}

static void dispose_when_ended(struct proc *proc)
{
	if (!proc->is_over || !proc->has_ended || proc->kill_timer)
		return;
	if (!proc->has_handle)
		free(proc);
	else if (!uv_is_closing((uv_handle_t *)&proc->handle))
		uv_close((uv_handle_t *)&proc->handle, on_closed);
}

static void tell(struct proc *proc, const struct err *err)
{
	struct proc_result result = {
		.out = &proc->out.kept,
		.err = &proc->err.kept,
		.is_cut = proc->is_cut,
		.exit_status = proc->has_ended && !proc->signal ? proc->exit_status : -1,
		.signal = proc->signal ? sigabbrev_np(proc->signal) : NULL,
	};

	end_interest(proc);
	proc->done(proc->data, &result, err);
	free_kept(proc);
	dispose_when_ended(proc);
}

static void finish(struct proc *proc)
{
	struct err err = {0};

	if (proc->is_timed_out)
		err_set(&err, E_TIMEOUT, _("%s did not end within %lld ms and was ended"),
			proc->name, (long long)proc->timeout_ms);
	tell(proc, err.code ? &err : NULL);
}

static void finish_when_done(struct proc *proc)
{
	if (!proc->is_over && proc->has_ended && proc->out.fd < 0 && proc->err.fd < 0)
		finish(proc);
}

static void on_kill_timer(void *data)
{
	struct proc *proc = data;

	timer_end(&proc->kill_timer);
	if (proc->group)
		kill(-proc->group, SIGKILL);
	dispose_when_ended(proc);
}

static void end_group(struct proc *proc)
{
	if (!proc->group || proc->kill_timer)
		return;
	kill(-proc->group, SIGTERM);
	kill(-proc->group, SIGCONT); /* a stopped one hears only this */
	proc->kill_timer = loop_timer(proc->loop, KILL_MS, 0, on_kill_timer, proc);
}

/* ---- its output and input ---- */

static void stream_take(struct stream *stream, const char *bytes, size_t len)
{
	struct proc *proc = stream->proc;
	size_t room = stream->kept.cap_bytes - stream->kept.len;

	if (proc->on_output) {
		proc->on_output(proc->data, stream->number, bytes, len);
		return;
	}
	if (len > room)
		proc->is_cut = true;
	if (room)
		buf_add(&stream->kept, bytes, len < room ? len : room);
}

/* True = there may be more. */
static bool stream_read(struct stream *stream)
{
	char bytes[READ_BYTES];
	ssize_t n = read(stream->fd, bytes, sizeof(bytes));

	if (n > 0) {
		stream_take(stream, bytes, (size_t)n);
		return stream->fd >= 0;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	stream_close(stream);
	return false;
}

static void on_readable(void *data, int fd, unsigned mask)
{
	struct stream *stream = data;

	(void)fd;
	(void)mask;
	stream_read(stream);
	finish_when_done(stream->proc);
}

static void on_writable(void *data, int fd, unsigned mask)
{
	struct proc *proc = data;
	ssize_t n = write(fd, proc->input + proc->input_sent, proc->input_len - proc->input_sent);

	(void)mask;
	if (n > 0)
		proc->input_sent += (size_t)n;
	if (proc->input_sent == proc->input_len || (n < 0 && errno != EAGAIN && errno != EINTR))
		input_close(proc); /* all is said, or nobody listens: its end will tell */
}

/* ---- time ---- */

/* It has ended, its output has not: somebody else holds it. What is there now is taken. */
static void on_left_behind(void *data)
{
	struct proc *proc = data;

	for (int i = 0; i < LAST_READS && proc->out.fd >= 0 && stream_read(&proc->out); i++)
		;
	for (int i = 0; i < LAST_READS && proc->err.fd >= 0 && stream_read(&proc->err); i++)
		;
	if (!proc->is_over)
		finish(proc);
}

static void on_unkillable(void *data)
{
	finish(data);
}

static void on_timeout(void *data)
{
	struct proc *proc = data;

	proc->is_timed_out = true;
	end_group(proc);
	timer_end(&proc->timer);
	proc->timer = loop_timer(proc->loop, KILL_MS + KILLED_MS, 0, on_unkillable, proc);
}

static void on_ended(void *data)
{
	struct proc *proc = data;

	proc->has_ended = true;
	/* From here the number may be given to somebody else, unless the group has members. */
	if (kill(-proc->group, 0) && errno == ESRCH)
		proc->group = 0;
	if (!proc->group)
		timer_end(&proc->kill_timer);
	if (proc->is_over) {
		dispose_when_ended(proc);
		return;
	}
	timer_end(&proc->timer);
	input_close(proc);
	if (proc->out.fd >= 0 || proc->err.fd >= 0)
		proc->timer = loop_timer(proc->loop, LEFT_BEHIND_MS, 0, on_left_behind, proc);
	else
		finish(proc);
}

static void on_exit_noted(uv_process_t *handle, int64_t status, int signal)
{
	struct proc *proc = handle->data;

	proc->exit_status = (int)status;
	proc->signal = signal;
	loop_defer(proc->loop, on_ended, proc);
}

/* ---- its start ---- */

/* Ours, with those of `more` over it. The texts are borrowed. */
static char **environment(const char *const *more)
{
	VEC(char *) all = {0};

	for (char **at = environ; *at; at++) {
		size_t len = strcspn(*at, "=") + 1;
		bool is_replaced = false;

		for (size_t i = 0; more[i]; i++)
			is_replaced |= strncmp(more[i], *at, len) == 0;
		if (!is_replaced)
			vec_push(&all, *at);
	}
	for (size_t i = 0; more[i]; i++)
		vec_push(&all, (char *)more[i]);
	vec_push(&all, NULL);
	return all.data;
}

/* A pipe with our end (0 = the one to read) not blocking. */
static int open_pipe(int ends[2], int ours, struct err *err)
{
	if (pipe2(ends, O_CLOEXEC)) {
		ends[0] = ends[1] = -1;
		return err_errno(err, E_INTERNAL, _("cannot make a pipe"));
	}
	fcntl(ends[ours], F_SETFL, O_NONBLOCK);
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int spawn(
	struct proc *proc, const struct proc_options *o, const int theirs[3], struct err *err)
{
	char **env = o->env ? environment(o->env) : NULL;
	uv_stdio_container_t stdio[3];
	uv_process_options_t options = {
		.exit_cb = on_exit_noted,
		.file = o->argv[0],
		.args = (char **)o->argv,
		.env = env,
		.cwd = o->cwd,
		.flags = UV_PROCESS_DETACHED, /* setsid */
		.stdio = stdio,
		.stdio_count = 3,
	};
	int rc;

	for (int i = 0; i < 3; i++) {
		stdio[i].flags = theirs[i] >= 0 ? UV_INHERIT_FD : UV_IGNORE;
		stdio[i].data.fd = theirs[i];
	}
	/* Libraries open descriptors that a child would inherit. An old kernel says no: so be it. */
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	proc->has_handle = true; /* whatever becomes of it */
	rc = uv_spawn(loop_uv(proc->loop), &proc->handle, &options);
	free(env);
	if (!rc) {
		proc->group = proc->handle.pid;
		return 0;
	}
	if (o->cwd && access(o->cwd, X_OK))
		return err_errno(err, E_NOTFOUND, _("cannot run %s in %s"), o->argv[0], o->cwd);
	if (rc == UV_ENOENT)
		return err_set(err, E_NOTFOUND, _("there is no program %s"), o->argv[0]);
	return err_set(err, rc == UV_EACCES ? E_NOTFOUND : E_INTERNAL, _("cannot run %s: %s"),
		o->argv[0], uv_strerror(rc));
}

static void on_failed(void *data)
{
	struct proc *proc = data;

	proc->exit_status = -1;
	proc->has_ended = true;
	if (!proc->is_over) {
		tell(proc, &proc->failure);
	} else {
		dispose_when_ended(proc);
	}
}

static void stream_watch(struct stream *stream)
{
	if (stream->fd >= 0)
		stream->watch = loop_watch(stream->proc->loop, stream->fd, LOOP_READ, LOOP_NORMAL,
			on_readable, stream);
}

static void take_options(struct proc *proc, const struct proc_options *o)
{
	size_t cap = o->cap_bytes ? o->cap_bytes : CAP_BYTES;

	proc->out = (struct stream){.proc = proc, .number = 1, .fd = -1};
	proc->err = (struct stream){.proc = proc, .number = 2, .fd = -1};
	buf_init(&proc->out.kept, cap);
	buf_init(&proc->err.kept, cap);
	proc->input_fd = -1;
	if (o->input && o->input_len && o->input_fd <= 0) {
		proc->input = xmalloc(o->input_len);
		memcpy(proc->input, o->input, o->input_len);
		proc->input_len = o->input_len;
	}
	proc->on_output = o->on_output;
	proc->timeout_ms = o->timeout_ms;
	proc->name = xstrdup(o->argv[0]);
}

/* Pipes, then the child between their other ends. */
static int start(struct proc *proc, const struct proc_options *o, struct err *err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, errs[2] = {-1, -1}, rc = 0;

	if (proc->input)
		rc = open_pipe(in, 1, err);
	if (!rc && o->output_fd <= 0)
		rc = open_pipe(out, 0, err);
	if (!rc)
		rc = open_pipe(errs, 0, err);
	if (!rc) {
		const int theirs[3] = {o->input_fd > 0 ? o->input_fd : in[0],
			o->output_fd > 0 ? o->output_fd : out[1], errs[1]};
		rc = spawn(proc, o, theirs, err);
	}
	proc->input_fd = in[1];
	proc->out.fd = out[0];
	proc->err.fd = errs[0];
	close_fd(in[0]);
	close_fd(out[1]);
	close_fd(errs[1]);
	return rc;
}

/* Whoever reads our input may go away at any time. */
static void ignore_sigpipe(void)
{
	struct sigaction action;

	if (!sigaction(SIGPIPE, NULL, &action) && action.sa_handler == SIG_DFL) {
		action.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &action, NULL);
	}
}

struct proc *proc_start(
	struct loop *loop, const struct proc_options *options, proc_done_fn done, void *data)
{
	struct proc *proc = xcalloc(1, sizeof(*proc));

	proc->loop = loop;
	proc->done = done;
	proc->data = data;
	take_options(proc, options);
	ignore_sigpipe();
	proc->is_service = options->is_service;
	if (!proc->is_service)
		loop_hold(loop);
	if (start(proc, options, &proc->failure)) {
		proc->handle.data = proc;
		loop_defer(loop, on_failed, proc);
		return proc;
	}
	proc->handle.data = proc;
	stream_watch(&proc->out);
	stream_watch(&proc->err);
	if (proc->input)
		proc->input_watch = loop_watch(
			loop, proc->input_fd, LOOP_WRITE, LOOP_NORMAL, on_writable, proc);
	if (proc->timeout_ms > 0)
		proc->timer = loop_timer(loop, proc->timeout_ms, 0, on_timeout, proc);
	return proc;
}

void proc_cancel(struct proc *proc)
{
	if (!proc || proc->is_over)
		return;
	end_interest(proc);
	free_kept(proc);
	end_group(proc);
	dispose_when_ended(proc);
}

static pid_t spawn_quiet(const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, pipe;
	pid_t pid;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	rc = posix_spawnp(&pid, argv[0], &actions, &attr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc ? -1 : pid;
}

void proc_run_now(const char *const *argv, int64_t patience_ms)
{
	pid_t pid = spawn_quiet(argv);
	struct pollfd ended = {.events = POLLIN};

	if (pid < 0)
		return;
	ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (ended.fd < 0 || poll(&ended, 1, (int)patience_ms) != 1)
		kill(-pid, SIGKILL);
	if (ended.fd >= 0)
		close(ended.fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
