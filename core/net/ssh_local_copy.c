/*
 * A copy on this machine, with all that a copy to a host has: a part that is gone on with, progress,
 * a checksum that is read back, a name that appears when it is whole. The pool does it in shares of
 * some megabytes, so that it can be canceled between them and holds no other work up for long.
 *
 * A file system that hangs holds its pool thread, which nobody can take back: the operation ends by
 * its time-out, and the share's memory goes when the thread returns.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/net/ssh_loop.h"

#define SHARE_BYTES ((int64_t)8 << 20)
#define READ_BYTES ((size_t)256 << 10)
#define TIMEOUT_MS 30000
#define PROGRESS_MS 100

enum step {
	STEP_OPEN,
	STEP_COMPARE, /* is the part the beginning of the same file? */
	STEP_COPY,
	STEP_VERIFY, /* read back */
	STEP_END,
};

struct task {
	struct ssh_op *op; /* the loop's; NULL: canceled */
	struct loop *loop;
	struct loop_timer *timer;
	int64_t timeout_ms, mono_told_ms;
	/* the pool's while it has it */
	bool is_put, resume;
	char *from, *to, *part;
	unsigned mode;
	enum step step;
	int in, out;
	int64_t size, at; /* at: of the step in progress */
	struct hash *hash, *back;
	char sha256[HASH_HEX_LEN + 1];
	char *bytes, *others; /* READ_BYTES each */
	struct err err;
};

static void share_run(void *data);
static void share_done(void *data);

static void task_free(struct task *task)
{
	if (task->in >= 0)
		close(task->in);
	if (task->out >= 0)
		close(task->out);
	hash_free(task->hash);
	hash_free(task->back);
	free(task->from);
	free(task->to);
	free(task->part);
	free(task->bytes);
	free(task->others);
	free(task);
}

/* ---- on the pool ---- */

/* What the contract says of the file that stands for the one over there, and of ours. */
static void fail(struct task *task, bool is_source, const char *what, const char *path)
{
	enum err_code code = E_REMOTE;

	if (is_source == task->is_put)
		code = is_source && (errno == ENOENT || errno == ENOTDIR) ? E_NOTFOUND : E_INTERNAL;
	else if (errno == ENOENT || errno == ENOTDIR)
		code = E_NOTFOUND;
	else if (errno == EACCES || errno == EPERM || errno == EROFS)
		code = E_DENIED;
	err_errno(&task->err, code, _("cannot %s %s"), what, path);
}

static void make_folders(struct task *task)
{
	char *folder = xstrdup(task->to), *slash = strrchr(folder, '/');

	if (slash && slash != folder) {
		*slash = 0;
		/* What cannot be made is told by open(), with its reason. */
		file_mkdirs(folder, NULL);
	}
	free(folder);
}

static void open_both(struct task *task)
{
	struct stat info;

	/* Without O_NONBLOCK a pipe in its place would hold the thread for ever. */
	task->in = open(task->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (task->in < 0 || fstat(task->in, &info)) {
		fail(task, true, _("read"), task->from);
		return;
	}
	if (!S_ISREG(info.st_mode)) {
		err_set(&task->err, task->is_put ? E_INTERNAL : E_REMOTE, _("%s is not a file"),
			task->from);
		return;
	}
	task->size = info.st_size;
	if (task->is_put)
		make_folders(task);
	if (stat(task->to, &info) == 0 && !S_ISREG(info.st_mode)) {
		err_set(&task->err, task->is_put ? E_REMOTE : E_INTERNAL, _("%s is not a file"),
			task->to);
		return;
	}
	task->out = open(task->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (task->out < 0 || fstat(task->out, &info)) {
		fail(task, false, _("write"), task->part);
		return;
	}
	task->bytes = xmalloc(READ_BYTES);
	task->others = xmalloc(READ_BYTES);
	task->hash = hash_new();
	task->back = hash_new();
	task->step = STEP_COMPARE;
	if ((!task->resume || info.st_size > task->size) && ftruncate(task->out, 0))
		fail(task, false, _("write"), task->part);
}

/* Reads at most READ_BYTES at `at`. 0 = the end of the file. */
static ssize_t read_at(const struct task *task, int fd, char *bytes, int64_t most)
{
	ssize_t n;

	do
		n = pread(fd, bytes, most < (int64_t)READ_BYTES ? (size_t)most : READ_BYTES,
			task->at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* True = go on in this share. */
static bool compare_step(struct task *task)
{
	ssize_t theirs = read_at(task, task->out, task->others, task->size - task->at), ours;

	if (theirs < 0) {
		fail(task, false, _("read"), task->part);
		return false;
	}
	ours = theirs ? read_at(task, task->in, task->bytes, theirs) : 0;
	if (ours < 0) {
		fail(task, true, _("read"), task->from);
		return false;
	}
	if (theirs && (ours != theirs || memcmp(task->bytes, task->others, (size_t)ours))) {
		hash_free(task->hash);
		task->hash = hash_new();
		task->at = 0;
		if (ftruncate(task->out, 0)) {
			fail(task, false, _("write"), task->part);
			return false;
		}
		theirs = 0;
	}
	if (theirs) {
		hash_add(task->hash, task->bytes, (size_t)ours);
		task->at += ours;
	} else {
		task->step = STEP_COPY;
	}
	return true;
}

static bool write_step(struct task *task)
{
	ssize_t n = read_at(task, task->in, task->bytes, task->size - task->at);

	if (n < 0) {
		fail(task, true, _("read"), task->from);
		return false;
	}
	if (n == 0 && task->at < task->size) {
		err_set(&task->err, task->is_put ? E_INTERNAL : E_REMOTE,
			_("%s became shorter while it was read"), task->from);
		return false;
	}
	if (n == 0) {
		hash_finish(task->hash, task->sha256);
		task->hash = NULL;
		task->step = STEP_VERIFY;
		task->at = 0;
		return true;
	}
	hash_add(task->hash, task->bytes, (size_t)n);
	for (ssize_t done = 0, m; done < n; done += m) {
		m = pwrite(task->out, task->bytes + done, (size_t)(n - done), task->at + done);
		if (m < 0 && errno == EINTR)
			m = 0;
		if (m < 0) {
			fail(task, false, _("write"), task->part);
			return false;
		}
	}
	task->at += n;
	return true;
}

static void take_name(struct task *task)
{
	if (fchmod(task->out, task->mode) || fsync(task->out) || rename(task->part, task->to))
		fail(task, false, _("write"), task->to);
	else
		task->step = STEP_END;
}

static bool verify_step(struct task *task)
{
	ssize_t n = read_at(task, task->out, task->bytes, task->size - task->at);
	char sha256[HASH_HEX_LEN + 1];

	if (n > 0) {
		hash_add(task->back, task->bytes, (size_t)n);
		task->at += n;
		return true;
	}
	if (n < 0) {
		fail(task, false, _("read"), task->part);
		return false;
	}
	hash_finish(task->back, sha256);
	task->back = NULL;
	if (strcmp(sha256, task->sha256) == 0) {
		take_name(task);
	} else {
		err_set(&task->err, E_PROTO, _("the checksum of %s differs from that of %s"),
			task->part, task->from);
		unlink(task->part);
	}
	return false;
}

static void share_run(void *data)
{
	struct task *task = data;
	bool goes_on = true;

	if (task->step == STEP_OPEN)
		open_both(task);
	for (int64_t left = SHARE_BYTES; goes_on && left > 0 && !task->err.code;
		left -= READ_BYTES) {
		switch (task->step) {
		case STEP_COMPARE: goes_on = compare_step(task); break;
		case STEP_COPY: goes_on = write_step(task); break;
		case STEP_VERIFY: goes_on = verify_step(task); break;
		default: return;
		}
	}
}

/* ---- on the loop ---- */

static void end(struct task *task, const struct err *err)
{
	struct ssh_op *op = task->op;
	struct ssh_result result = {.bytes = err ? 0 : task->size, .exit_status = -1};
	struct err why = {0};

	if (err) {
		why = *err;
		err_prefix(&why, _("host %s"), op->host);
	} else {
		memcpy(result.sha256, task->sha256, sizeof(result.sha256));
	}
	loop_timer_cancel(task->timer);
	task->timer = NULL;
	task->op = op->task = NULL;
	op_end(op, &result, &why);
}

static void tell_progress(struct task *task)
{
	const struct ssh_op *op = task->op;
	int64_t now = clock_mono_ms();
	int64_t done = task->step == STEP_VERIFY ? task->size : task->at;

	if (!op->on_progress || now - task->mono_told_ms < PROGRESS_MS)
		return;
	task->mono_told_ms = now;
	op->on_progress(op->data, done, task->size);
}

static void share_done(void *data)
{
	struct task *task = data;

	if (task->op && task->err.code)
		end(task, &task->err);
	else if (task->op && task->step == STEP_END)
		end(task, NULL);
	else if (task->op)
		tell_progress(task); /* which may cancel it */
	if (!task->op) {
		task_free(task);
		return;
	}
	loop_timer_set(task->timer, task->timeout_ms, 0);
	work_start(task->loop, share_run, share_done, task);
}

static void on_timeout(void *data)
{
	struct task *task = data;
	struct err err = {0};

	err_set(&err, E_TIMEOUT, _("copying %s: not a byte within %lld ms"), task->from,
		(long long)task->timeout_ms);
	end(task, &err); /* freed when its thread comes back */
}

/* Relative to the home folder. */
static char *far_path(const char *path)
{
	const char *home = getenv("HOME");

	return *path == '/' ? xstrdup(path) : xasprintf("%s/%s", home ? home : "", path);
}

void local_copy(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put)
{
	struct task *task = xcalloc(1, sizeof(*task));
	char *here = xstrdup(options->local_path), *there = far_path(options->remote_path);

	task->op = op;
	task->loop = op->ssh->loop;
	task->is_put = is_put;
	task->resume = options->resume;
	task->from = is_put ? here : there;
	task->to = is_put ? there : here;
	task->part = xasprintf("%s.part", task->to);
	task->mode = options->mode ? options->mode : 0600;
	task->in = task->out = -1;
	task->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
	task->mono_told_ms = clock_mono_ms();
	task->timer = loop_timer(task->loop, task->timeout_ms, 0, on_timeout, task);
	op->task = task;
	work_start(task->loop, share_run, share_done, task);
}

void local_copy_cancel(void *data)
{
	struct task *task = data;

	if (!task)
		return;
	loop_timer_cancel(task->timer);
	task->timer = NULL;
	task->op = NULL;
}
