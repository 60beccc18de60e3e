/*
 * A file through the ssh program, in four steps, each a command over there or a job on the pool:
 *
 *	put   what is there already → cat >>part, our checksum meanwhile → compare, chmod, mv
 *	get   its size and checksum → of our part → tail →part → compare, chmod, rename
 *
 * Each command costs two round trips and a process: a small file goes up by one, our checksum first.
 *
 * The child of ssh has the file itself as its stdin or stdout, so no byte goes through here; how
 * far it is, says the file's offset, which both share. What a login script prints would get into a
 * file that is fetched: the checksum finds it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/net/ssh_copy.h"
#include "core/net/ssh_openssh.h"

#define TIMEOUT_MS 30000
#define TICK_MS 100
#define SMALL_BYTES ((int64_t)16 << 20)
#define HASHED_BYTES_A_MS 5000 /* the slowest disk over there that is waited for */
#define READ_BYTES ((size_t)256 << 10)

#define SUM "sum() { " HASH_SCRIPT " | cut -c1-64; }; LC_ALL=C; export LC_ALL; "
#define NO_FOLDER                                                                                  \
	"if [ -e \"$1\" ] && [ ! -f \"$1\" ]; then echo \"is not a file\" >&2; exit 71; fi; "
/* $1: the path; $2: bytes of ours. Prints: bytes of the part, checksum of the part. */
#define PUT_LOOK                                                                                   \
	SUM NO_FOLDER "if [ -f \"$1.part\" ]; then wc -c <\"$1.part\" && sum <\"$1.part\"; "       \
		      "else echo 0; fi"
/* $2: where to go on. */
#define PUT_DATA                                                                                   \
	SUM NO_FOLDER "d=$(dirname -- \"$1\") && mkdir -p -- \"$d\" || exit 71; umask 077; "       \
		      "if [ \"$2\" = 0 ]; then exec cat >\"$1.part\"; fi; exec cat >>\"$1.part\""
/* $2: the checksum; $3: the mode. */
#define PUT_CHECK                                                                                  \
	"s=$(sum <\"$1.part\") || exit 71; if [ \"$s\" != \"$2\" ]; then "                         \
	"rm -f -- \"$1.part\"; exit 72; fi; "                                                      \
	"chmod -- \"$3\" \"$1.part\" && mv -f -- \"$1.part\" \"$1\" || exit 71"
#define PUT_END SUM PUT_CHECK
/* Both in one. $4: its size: a line that was cut leaves the part for another time. */
#define PUT_SMALL                                                                                  \
	SUM NO_FOLDER "d=$(dirname -- \"$1\") && mkdir -p -- \"$d\" || exit 71; "                  \
		      "(umask 077; exec cat >\"$1.part\") || exit 71; "                            \
		      "if [ $(wc -c <\"$1.part\") -ne \"$4\" ]; then "                             \
		      "echo \"not all of it came\" >&2; exit 71; fi; " PUT_CHECK
/* $2: bytes of our part. Prints: size, checksum, checksum of its first $2 bytes. */
#define GET_LOOK                                                                                   \
	SUM NO_FOLDER "wc -c <\"$1\" || exit 71; sum <\"$1\"; "                                    \
		      "if [ \"$2\" != 0 ]; then head -c \"$2\" <\"$1\" | sum; fi"
/* $2: the first byte, from 1. */
#define GET_DATA "exec tail -c +\"$2\" <\"$1\""

enum { EXIT_CHECKSUM = 72 };
enum step { STEP_LOOK, STEP_HASH, STEP_DATA, STEP_CHECK, STEP_END };

struct transfer {
	struct ssh_op *op; /* NULL: canceled */
	struct openssh *host;
	bool is_put, resume;
	char *local, *remote, *path; /* path: the file here that is opened */
	unsigned mode;
	int64_t timeout_ms;
	enum step step;
	struct command *command;
	struct loop_timer *tick;
	bool on_pool;
	int fd;
	int64_t size, part, offset, told, mono_moved_ms, mono_told_ms;
	char sum[HASH_HEX_LEN + 1];      /* get: as it is over there */
	char part_sum[HASH_HEX_LEN + 1]; /* of the part, as it is over there */
	/* the pool's while it has it */
	int64_t hash_from, hash_part, hash_upto;
	char part_sha256[HASH_HEX_LEN + 1], sha256[HASH_HEX_LEN + 1];
	struct err err;
};

static void next(struct transfer *t);

/* ---- its end ---- */

static void transfer_free(struct transfer *t)
{
	if (t->fd >= 0)
		close(t->fd);
	loop_timer_cancel(t->tick);
	free(t->local);
	free(t->remote);
	free(t->path);
	free(t);
}

static void end(struct transfer *t, const struct err *err)
{
	struct ssh_op *op = t->op;
	struct ssh_result result = {.bytes = err ? 0 : t->size, .exit_status = -1};
	struct err why = err ? *err : (struct err){0};

	if (!err)
		memcpy(result.sha256, t->sha256, sizeof(result.sha256));
	op->task = NULL;
	openssh_copy_cancel(t);
	op_end(op, &result, &why);
}

static void end_here(struct transfer *t, const struct err *err)
{
	struct err why = *err;

	err_prefix(&why, _("host %s"), t->host->w->name);
	end(t, &why);
}

/* errno, of the file here. */
static void fail_here(struct transfer *t, const char *what, const char *path)
{
	err_errno(&t->err, errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : E_INTERNAL,
		_("cannot %s %s"), what, path);
}

/* What a command over there said before it gave up. */
static void fail_there(struct transfer *t, const struct ssh_result *result, struct err *err)
{
	char *said = buf_detach(result->err), *last = said, *at;
	enum err_code code = E_REMOTE;

	for (size_t len = strlen(said); len && said[len - 1] == '\n'; len--)
		said[len - 1] = 0;
	if ((at = strrchr(said, '\n')))
		last = at + 1;
	if (strstr(last, "No such file"))
		code = E_NOTFOUND;
	else if (strstr(last, "ermission denied") || strstr(last, "Read-only"))
		code = E_DENIED;
	if (result->exit_status == EXIT_CHECKSUM)
		err_set(err, E_PROTO, _("the checksum of %s over there differs from that of %s"),
			t->remote, t->local);
	else
		err_set(err, code, _("cannot %s %s: %s"), t->is_put ? _("write") : _("read"),
			t->remote, *last ? last : _("the command there failed"));
	free(said);
}

/* ---- commands ---- */

/* The lines that a look prints. */
static bool take_look(struct transfer *t, const char *out)
{
	char *copy = xstrdup(out), *rest = copy, *number = strsep(&rest, "\n"),
	     *sum = rest ? strsep(&rest, "\n") : NULL, *part = rest ? strsep(&rest, "\n") : NULL;
	int64_t size = 0;
	bool ok;

	number += strspn(number, " ");
	ok = str_to_int64(number, &size) && size >= 0;
	if (t->is_put) {
		ok = ok && (!size || (sum && strlen(sum) == HASH_HEX_LEN));
		t->part = size;
		snprintf(t->part_sum, sizeof(t->part_sum), "%s", sum ? sum : "");
	} else {
		ok = ok && sum && strlen(sum) == HASH_HEX_LEN;
		t->size = size;
		snprintf(t->sum, sizeof(t->sum), "%s", sum ? sum : "");
		snprintf(t->part_sum, sizeof(t->part_sum), "%s", part ? part : "");
	}
	free(copy);
	return ok;
}

/* Small, and none of it is there. */
static bool is_small(const struct transfer *t)
{
	return t->is_put && !t->resume && t->size <= SMALL_BYTES;
}

static void on_command(void *data, const struct ssh_result *result, const struct err *why)
{
	struct transfer *t = data;
	struct err err = {0};

	t->command = NULL;
	if (why) {
		err = *why;
		if (err.code == E_UNKNOWN)
			err.code = E_NET; /* it may be repeated */
		end(t, &err);
		return;
	}
	if (result->exit_status)
		fail_there(t, result, &err);
	else if (t->step == STEP_LOOK && !take_look(t, buf_str(result->out)))
		err_set(&err, E_UNSUPPORTED,
			_("there is no program for checksums over there (sha256sum, shasum or "
			  "openssl)"));
	if (err.code) {
		end_here(t, &err);
		return;
	}
	if (t->step == STEP_DATA && t->on_pool)
		return; /* hash_done() goes on */
	t->step = is_small(t) ? STEP_END : t->step + 1;
	next(t);
}

static void command(struct transfer *t, const char *script, const char *a, const char *b)
{
	struct buf line;
	struct command_options options = {.cap_bytes = 4096};

	buf_init(&line, 0);
	buf_adds(&line, "exec sh -c ");
	sh_quote(&line, script);
	buf_adds(&line, " sh ");
	sh_quote(&line, t->remote);
	buf_addf(&line, " %s %s", a, b);
	options.line = buf_str(&line);
	if (t->step != STEP_DATA)
		options.timeout_ms = t->timeout_ms + t->size / HASHED_BYTES_A_MS;
	else if (t->is_put)
		options.input_fd = t->fd;
	else
		options.output_fd = t->fd;
	t->command = command_start(t->host, &options, on_command, t);
	buf_release(&line);
}

/* ---- the file here ---- */

static bool open_here(struct transfer *t)
{
	struct stat info;

	t->fd = t->is_put
		? open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
		: open(t->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (t->fd < 0 || fstat(t->fd, &info)) {
		fail_here(t, t->is_put ? _("read") : _("write"), t->path);
		return false;
	}
	if (!S_ISREG(info.st_mode)) {
		err_set(&t->err, E_INTERNAL, _("%s is not a file"), t->path);
		return false;
	}
	if (t->is_put)
		t->size = info.st_size;
	else
		t->part = t->resume ? info.st_size : 0;
	return true;
}

/* On the pool: of the first hash_part bytes, and of all up to hash_upto. */
static void hash_run(void *data)
{
	struct transfer *t = data;
	struct hash *part = hash_new(), *all = hash_new();
	char *bytes = xmalloc(READ_BYTES);

	for (int64_t at = 0; at < t->hash_upto && !t->err.code;) {
		int64_t most = at < t->hash_part ? t->hash_part - at : t->hash_upto - at;
		ssize_t n = pread(
			t->fd, bytes, most < (int64_t)READ_BYTES ? (size_t)most : READ_BYTES, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail_here(t, _("read"), t->path);
		else if (n == 0)
			err_set(&t->err, E_INTERNAL, _("%s became shorter while it was read"),
				t->path);
		if (n <= 0)
			break;
		hash_add(all, bytes, (size_t)n);
		if (at < t->hash_part)
			hash_add(part, bytes, (size_t)n);
		at += n;
	}
	hash_finish(part, t->part_sha256);
	hash_finish(all, t->sha256);
	free(bytes);
	if (t->step == STEP_CHECK && !t->err.code) {
		if (strcmp(t->sha256, t->sum) != 0) {
			unlink(t->path);
			err_set(&t->err, E_PROTO, _("the checksum of %s differs from that of %s"),
				t->local, t->remote);
		} else if (fchmod(t->fd, t->mode) || fsync(t->fd) || rename(t->path, t->local)) {
			fail_here(t, _("write"), t->local);
		}
	}
}

static void hash_done(void *data)
{
	struct transfer *t = data;

	t->on_pool = false;
	if (!t->op) {
		transfer_free(t);
		return;
	}
	if (t->err.code) {
		end_here(t, &t->err);
		return;
	}
	if (t->step == STEP_DATA && t->command)
		return; /* on_command() goes on */
	if (t->step == STEP_HASH) {
		bool is_beginning =
			t->part > 0 && t->part <= t->size && str_eq(t->part_sha256, t->part_sum);

		t->offset = is_beginning ? t->part : 0;
	}
	t->step++;
	next(t);
}

static void hash_start(struct transfer *t, int64_t part, int64_t upto)
{
	t->hash_part = part < upto ? part : upto;
	t->hash_upto = upto;
	t->on_pool = true;
	work_start(t->host->w->ssh->loop, hash_run, hash_done, t);
}

/* ---- the data ---- */

static void on_tick(void *data)
{
	struct transfer *t = data;
	int64_t now = clock_mono_ms(), at = lseek(t->fd, 0, SEEK_CUR);
	struct err err = {0};

	if (t->step != STEP_DATA || !t->command)
		return;
	if (at != t->told) {
		t->told = at;
		t->mono_moved_ms = now;
		openssh_used(t->host);
		if (t->op->on_progress)
			t->op->on_progress(t->op->data, at < t->size ? at : t->size, t->size);
		return;
	}
	if (now - t->mono_moved_ms < t->timeout_ms)
		return;
	err_set(&err, E_TIMEOUT, _("copying %s: not a byte within %lld ms"), t->local,
		(long long)t->timeout_ms);
	end_here(t, &err);
}

static void data_start(struct transfer *t)
{
	char number[32], rest[64];

	if (lseek(t->fd, t->offset, SEEK_SET) < 0 || (!t->is_put && ftruncate(t->fd, t->offset))) {
		fail_here(t, t->is_put ? _("read") : _("write"), t->path);
		end_here(t, &t->err);
		return;
	}
	t->told = t->offset;
	t->mono_moved_ms = clock_mono_ms();
	t->tick = loop_timer(t->host->w->ssh->loop, TICK_MS, TICK_MS, on_tick, t);
	if (is_small(t)) {
		snprintf(rest, sizeof(rest), "%o %lld", t->mode, (long long)t->size);
		command(t, PUT_SMALL, t->sha256, rest);
		return;
	}
	snprintf(number, sizeof(number), "%lld", (long long)t->offset + (t->is_put ? 0 : 1));
	command(t, t->is_put ? PUT_DATA : GET_DATA, number, "");
	if (t->is_put && !t->resume)
		hash_start(t, 0, t->size);
}

/* ---- the steps ---- */

static void next(struct transfer *t)
{
	char number[32];

	switch (t->step) {
	case STEP_LOOK:
		if (t->is_put && !t->resume) {
			t->step = is_small(t) ? STEP_HASH : STEP_DATA;
			next(t);
			break;
		}
		snprintf(number, sizeof(number), "%lld", (long long)t->part);
		command(t, t->is_put ? PUT_LOOK : GET_LOOK, number, "");
		break;
	case STEP_HASH:
		if (t->is_put)
			hash_start(t, t->part <= t->size ? t->part : 0, t->size);
		else
			hash_start(t, t->part, t->part <= t->size ? t->part : 0);
		break;
	case STEP_DATA: data_start(t); break;
	case STEP_CHECK:
		loop_timer_cancel(t->tick);
		t->tick = NULL;
		if (t->is_put) {
			snprintf(number, sizeof(number), "%o", t->mode);
			command(t, PUT_END, t->sha256, number);
		} else {
			hash_start(t, 0, lseek(t->fd, 0, SEEK_END));
		}
		break;
	case STEP_END: end(t, NULL); break;
	}
}

static void on_not_opened(void *data)
{
	struct transfer *t = data;

	t->on_pool = false;
	if (t->op)
		end_here(t, &t->err);
	else
		transfer_free(t);
}

void openssh_copy(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put)
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->op = op;
	t->host = op->worker->openssh;
	t->is_put = is_put;
	t->resume = options->resume;
	t->local = xstrdup(options->local_path);
	t->remote = xstrdup(options->remote_path);
	t->path = is_put ? xstrdup(t->local) : xasprintf("%s.part", t->local);
	t->mode = options->mode ? options->mode : 0600;
	t->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
	op->task = t;
	if (open_here(t)) {
		next(t);
	} else {
		t->on_pool = true; /* freed by what is deferred */
		loop_defer(op->ssh->loop, on_not_opened, t);
	}
}

void openssh_copy_cancel(void *data)
{
	struct transfer *t = data;

	if (!t)
		return;
	t->op = NULL;
	command_cancel(t->command);
	t->command = NULL;
	loop_timer_cancel(t->tick);
	t->tick = NULL;
	if (!t->on_pool)
		transfer_free(t);
}
