/*
 * Bytes of a file between here and there, and their checksums on both sides. A file's hash is fed as it is read or as it comes; only
 * when parts come out of order it is made once more at the end.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/net/ssh_copy.h"

#define TIMEOUT_MS 30000
#define HASHED_BYTES_A_MS 5000 /* the slowest disk over there that is waited for */

#define WAIT_MS 150
#define SHARE_BYTES ((int64_t)512 << 10) /* hashed in one step: others wait */

/* ---- a copy's life ---- */

struct copy *copy_new(const struct ssh_copy_options *options, bool is_put)
{
	struct copy *c = xcalloc(1, sizeof(*c));

	c->is_put = is_put;
	c->resume = options->resume;
	c->local = xstrdup(options->local_path);
	c->remote = xstrdup(options->remote_path);
	c->part = xasprintf("%s.part", is_put ? c->remote : c->local);
	c->mode = options->mode ? options->mode & 07777 : 0600;
	c->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
	c->fd = -1;
	c->reads_most = COPY_WRITES;
	c->least_ms = -1;
	buf_init(&c->out, 0);
	buf_init(&c->in, 2 * SFTP_PACKET_MAX);
	buf_init(&c->said, 4096);
	return c;
}

void copy_free(struct copy *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	hash_free(c->hash);
	hash_free(c->prefix_hash);
	hash_free(c->far_hash);
	buf_release(&c->out);
	buf_release(&c->in);
	buf_release(&c->said);
	free(c->local);
	free(c->remote);
	free(c->part);
	free(c);
}

/* ---- the file here ---- */

static int local_err(const struct copy *c, struct err *err, const char *what, const char *path)
{
	bool is_missing = c->is_put && (errno == ENOENT || errno == ENOTDIR);

	return err_errno(err, is_missing ? E_NOTFOUND : E_INTERNAL, _("cannot %s %s"), what, path);
}

int copy_local_open(struct copy *c, struct err *err)
{
	const char *path = c->is_put ? c->local : c->part;
	struct stat info;

	/* Without O_NONBLOCK a pipe in its place would hold up the whole host. */
	c->fd = c->is_put
		? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
		: open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (c->fd < 0)
		return local_err(c, err, c->is_put ? _("read") : _("write"), path);
	if (fstat(c->fd, &info))
		return local_err(c, err, _("read"), path);
	if (!S_ISREG(info.st_mode))
		return err_set(err, E_INTERNAL, _("%s is not a file"), path);
	if (c->is_put)
		c->size = info.st_size;
	else
		c->prefix = c->resume ? info.st_size : 0;
	return 0;
}

void copy_hash_reset(struct copy *c)
{
	hash_free(c->hash);
	c->hash = hash_new();
	c->hashed = 0;
}

/* Reads what is wanted, all of it. */
static int read_at(const struct copy *c, int64_t offset, char *bytes, size_t len, struct err *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(c->fd, bytes + got, len - got, offset + (int64_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return local_err(c, err, _("read"), c->is_put ? c->local : c->part);
		if (n == 0)
			return err_set(err, E_INTERNAL, _("%s became shorter while it was read"),
				c->is_put ? c->local : c->part);
		got += (size_t)n;
	}
	return 0;
}

int copy_hash_local(struct copy *c, int64_t upto, bool *reached, struct err *err)
{
	char bytes[COPY_CHUNK];
	int64_t stop = c->hashed + SHARE_BYTES < upto ? c->hashed + SHARE_BYTES : upto;
	int rc;

	while (c->hashed < stop) {
		size_t len = sizeof(bytes);

		if ((int64_t)len > stop - c->hashed)
			len = (size_t)(stop - c->hashed);
		rc = read_at(c, c->hashed, bytes, len, err);
		if (rc)
			return rc;
		hash_add(c->hash, bytes, len);
		if (c->prefix_hash)
			hash_add(c->prefix_hash, bytes, len);
		c->hashed += (int64_t)len;
	}
	*reached = c->hashed >= upto;
	return 0;
}

bool copy_push(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	char bytes[COPY_CHUNK];
	struct err err = {0};
	bool moved = false;

	while (c->next < c->size && c->in_flight < COPY_WRITES && !worker_congested(w) &&
		c->out.len - c->out_sent < 8 * COPY_CHUNK) {
		size_t len = sizeof(bytes);

		if ((int64_t)len > c->size - c->next)
			len = (size_t)(c->size - c->next);
		if (read_at(c, c->next, bytes, len, &err)) {
			copy_fail(w, chan, &err);
			return true;
		}
		hash_add(c->hash, bytes, len);
		sftp_ask_write(c, c->next, bytes, len);
		c->next += (int64_t)len;
		c->hashed = c->next;
		moved = true;
	}
	return moved;
}

bool copy_pull(struct ssh_worker *w, struct chan *chan, int64_t upto)
{
	struct copy *c = chan->copy;
	int most = c->is_careful ? 1 : c->reads_most;
	bool moved = false;

	(void)w;
	while (c->next < upto && c->in_flight < most) {
		size_t len = COPY_CHUNK;

		if ((int64_t)len > upto - c->next)
			len = (size_t)(upto - c->next);
		sftp_ask_read(c, c->next, len);
		c->next += (int64_t)len;
		moved = true;
	}
	return moved;
}

static int write_at(
	const struct copy *c, int64_t offset, const char *bytes, size_t len, struct err *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(c->fd, bytes + done, len - done, offset + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return local_err(c, err, _("write"), c->part);
		done += (size_t)n;
	}
	return 0;
}

/*
 * What is on its way to us cannot be overtaken by a command's output: more is asked for while the
 * line takes it, and less when answers begin to wait in line.
 */
static void pace(struct copy *c, int64_t took_ms)
{
	if (c->least_ms < 0 || took_ms < c->least_ms)
		c->least_ms = took_ms;
	if (took_ms > 2 * c->least_ms + WAIT_MS)
		c->reads_most -= c->reads_most > COPY_READS_LEAST;
	else
		c->reads_most += c->reads_most < COPY_FLIGHTS;
}

int copy_take(struct ssh_worker *w, struct copy *c, const struct flight *flight,
	const struct sftp_reply *reply, struct err *err)
{
	int rc;

	pace(c, clock_mono_ms() - flight->mono_asked_ms);
	if (!reply->len || reply->len > flight->len)
		return err_set(err, E_PROTO, _("host %s: SFTP: not what was asked for"), w->name);
	if (c->step == COPY_BACK_READ) {
		if (flight->offset != c->back_done)
			return E_CONFLICT; /* out of order: the caller begins again, one by one */
		hash_add(c->far_hash, reply->bytes, reply->len);
		c->back_done += (int64_t)reply->len;
	} else {
		rc = write_at(c, flight->offset, reply->bytes, reply->len, err);
		if (rc)
			return rc;
		if (flight->offset == c->hashed) {
			hash_add(c->hash, reply->bytes, reply->len);
			c->hashed += (int64_t)reply->len;
		}
		c->done_bytes += (int64_t)reply->len;
	}
	if (reply->len < flight->len)
		sftp_ask_read(c, flight->offset + (int64_t)reply->len, flight->len - reply->len);
	return 0;
}

/* ---- checksums over there ---- */

void copy_ask_checksum(struct ssh_worker *w, struct chan *chan, const char *path, int64_t bytes)
{
	struct copy *c = chan->copy;
	struct buf line;

	buf_init(&line, 0);
	c->is_asked = bytes < 0;
	if (bytes >= 0)
		buf_addf(&line, "head -c %lld <", (long long)bytes);
	else
		buf_adds(&line, HASH_SCRIPT " <");
	sh_quote(&line, path);
	if (bytes >= 0)
		buf_adds(&line, " | " HASH_SCRIPT);
	c->is_told = c->no_program = false;
	c->far_sha256[0] = 0;
	buf_reset(&c->said);
	c->helper = chan_new(w, CHAN_EXEC, 0);
	c->helper->asker = chan;
	c->helper->command = buf_detach(&line);
	c->check_ms = bytes >= 0 ? bytes / HASHED_BYTES_A_MS : 0;
	copy_moved(w, chan);
}

void copy_ask_early(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	char *sum;

	copy_ask_checksum(w, chan, c->is_put ? c->part : c->remote, -1);
	c->helper->is_early = true;
	if (!c->is_put)
		return;
	sum = c->helper->command;
	c->helper->command = xasprintf("read -r go && %s", sum);
	c->helper->input = xstrdup("go\n");
	c->helper->input_len = strlen(c->helper->input);
	c->helper->is_held = true;
	free(sum);
}

void copy_check_now(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	if (!c->is_asked)
		copy_ask_checksum(w, chan, c->is_put ? c->part : c->remote, -1);
	c->check_ms = c->size / HASHED_BYTES_A_MS;
	copy_moved(w, chan);
	if (!c->helper)
		return;
	c->helper->is_held = false;
	if (c->helper->state == CHAN_WAITING)
		c->helper->is_early = false; /* it is its time now */
}

void copy_heard(struct chan *chan, int stream, const char *bytes, size_t len)
{
	if (stream == 1)
		buf_add(&chan->copy->said, bytes, len);
}

void copy_told(struct chan *chan, int status)
{
	struct copy *c = chan->copy;
	const char *said = buf_str(&c->said);
	size_t len = strspn(said, "0123456789abcdefABCDEF");

	c->helper = NULL;
	c->is_told = true;
	c->no_program = status != 0 || len != HASH_HEX_LEN;
	if (c->no_program)
		return;
	for (size_t i = 0; i < HASH_HEX_LEN; i++)
		c->far_sha256[i] = (char)tolower((unsigned char)said[i]);
	c->far_sha256[HASH_HEX_LEN] = 0;
}
