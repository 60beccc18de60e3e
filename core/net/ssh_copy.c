/*
 * The steps of one file: look at what is there already → (its checksum, on both sides) → data →
 * checksum over there → rename. What is written lies in a ".part" until its checksum is right, so
 * nobody ever sees half a file under its name; a broken link leaves the ".part" for `resume`.
 *
 * Checksums over there are made by a program there (a command on a channel of its own, the copy is
 * its asker); where there is none, what lies there is read back.
 */
#include "core/net/ssh_copy.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"

#define TELL_MS 100
void copy_moved(struct ssh_worker *w, struct chan *chan)
{
	(void)w;
	chan->mono_deadline_ms = clock_mono_ms() + chan->copy->timeout_ms + chan->copy->check_ms;
}

void copy_begin(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct err err = {0};

	copy_hash_reset(c);
	chan->timeout_ms = c->timeout_ms;
	if (copy_local_open(c, &err))
		copy_fail(w, chan, &err);
}

/* The helper of an ended copy has nobody to tell. */
void copy_left(struct ssh_worker *w, struct chan *chan)
{
	struct chan *helper = chan->copy->helper;

	if (!helper)
		return;
	chan->copy->helper = NULL;
	helper->asker = NULL;
	helper->id = 0;
	helper->is_held = false; /* only the end of its input comes: it does nothing then */
	helper->input_sent = helper->input_len;
	exec_cancel(w, helper);
}

void copy_fail(struct ssh_worker *w, struct chan *chan, const struct err *err)
{
	chan_end(w, chan, err);
}

static void tell(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct ssh_msg *msg;

	if (clock_mono_ms() - c->mono_told_ms < TELL_MS || chan->is_unwanted)
		return;
	c->mono_told_ms = clock_mono_ms();
	msg = msg_new(MSG_PROGRESS, w, chan->id);
	msg->bytes = c->done_bytes;
	msg->total_bytes = c->size;
	mailbox_put(w->out, msg);
}

static void done(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct ssh_msg *msg;

	if (!chan->is_unwanted) {
		msg = msg_new(MSG_DONE, w, chan->id);
		msg->bytes = c->size;
		memcpy(msg->sha256, c->sha256, sizeof(msg->sha256));
		mailbox_put(w->out, msg);
	}
	chan->is_unwanted = true;
	chan_end(w, chan, NULL);
}

static void read_back(struct copy *c, int64_t upto, bool is_prefix)
{
	c->check_ms = 0;
	c->back_to = upto;
	c->is_prefix_back = is_prefix;
	c->step = COPY_BACK_OPEN;
	sftp_ask_open(c, c->part, SFTP_OPEN_READ);
}

static void back_begin(struct copy *c)
{
	hash_free(c->far_hash);
	c->far_hash = hash_new();
	c->next = c->back_done = 0;
	/* Answers to what was asked before find no flight. */
	memset(c->flights, 0, sizeof(c->flights));
	c->in_flight = 0;
	c->step = COPY_BACK_READ;
}

/* ---- the steps ---- */

static void open_far(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	c->step = COPY_OPEN;
	if (!c->is_asked)
		copy_ask_early(w, chan);
	if (!c->is_put)
		sftp_ask_open(c, c->remote, SFTP_OPEN_READ);
	else
		sftp_ask_open(c, c->part,
			SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | (c->prefix ? 0 : SFTP_OPEN_TRUNCATE));
}

static void begin_prefix(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	if (c->prefix > c->size)
		c->prefix = 0;
	if (!c->prefix) {
		open_far(w, chan);
		return;
	}
	c->step = COPY_PREFIX;
	c->prefix_hash = hash_new();
	copy_ask_checksum(w, chan, c->is_put ? c->part : c->remote, c->prefix);
}

/* What is there is the beginning, or it begins anew. */
static void end_prefix(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	if (strcmp(c->far_sha256, c->prefix_sha256) != 0) {
		c->prefix = 0;
		copy_hash_reset(c);
	}
	c->check_ms = 0;
	c->next = c->done_bytes = c->prefix;
	open_far(w, chan);
}

/* False: there is no further folder. */
static bool mkdir_next(struct copy *c)
{
	const char *at = strchr(c->remote + c->mkdir_at + 1, '/');

	if (!at || !c->remote[c->mkdir_at])
		return false;
	c->mkdir_at = (size_t)(at - c->remote);
	sftp_ask_mkdir(c, c->remote, c->mkdir_at);
	return true;
}

static void tidy(struct copy *c)
{
	c->step = COPY_TIDY;
	sftp_ask(c, SFTP_REMOVE, c->part);
}

static void compare(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	const char *name = c->is_put ? c->part : c->remote;

	if (!strcmp(c->sha256, c->far_sha256)) {
		c->step = COPY_RENAME;
		if (!c->is_put)
			return; /* copy_work() */
		if (!c->has_posix_rename)
			c->step = COPY_RENAME_PLAIN;
		sftp_ask_rename(c, c->part, c->remote, c->has_posix_rename);
		return;
	}
	err_set(&c->err, E_PROTO, _("host %s: %s has another checksum (%.16s…) than here (%.16s…)"),
		w->name, name, c->far_sha256, c->sha256);
	if (c->is_put) {
		tidy(c);
		return;
	}
	unlink(c->part);
	copy_fail(w, chan, &c->err);
}

static void write_failed(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;

	sftp_err(w, &c->err, reply, _("write"), c->part);
	if (reply->type != SFTP_STATUS || reply->status != SFTP_FAILURE || !c->has_statvfs) {
		copy_fail(w, chan, &c->err);
		return;
	}
	c->step = COPY_SPACE; /* version 3 has no word for it */
	sftp_ask_space(c, c->part);
}

static void space_known(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;
	int64_t wanted = c->size - c->done_bytes;

	if (reply->type != SFTP_EXTENDED_REPLY || reply->free_bytes < 0 ||
		reply->free_bytes >= wanted) {
		copy_fail(w, chan, &c->err);
		return;
	}
	err_set(&c->err, E_REMOTE,
		_("host %s: cannot write %s: no space left over there (%lld bytes free, %lld more "
		  "needed)"),
		w->name, c->part, (long long)reply->free_bytes, (long long)wanted);
	tidy(c); /* a full disk harms others */
}

static void fail_by(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply,
	const char *what, const char *path)
{
	struct err err = {0};

	sftp_err(w, &err, reply, what, path);
	copy_fail(w, chan, &err);
}

static void on_data(struct ssh_worker *w, struct chan *chan, const struct flight *flight,
	const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;
	struct err err = {0};
	int rc;

	if (c->is_put && c->step == COPY_DATA) {
		if (reply->type != SFTP_STATUS || reply->status != SFTP_OK)
			write_failed(w, chan, reply);
		else
			c->done_bytes += flight->len;
	} else if (reply->type == SFTP_STATUS && reply->status == SFTP_EOF) {
		err_set(&err, E_REMOTE, _("host %s: %s became shorter while it was read"), w->name,
			c->is_put ? c->part : c->remote);
		copy_fail(w, chan, &err);
	} else if (reply->type != SFTP_DATA) {
		fail_by(w, chan, reply, _("read"), c->is_put ? c->part : c->remote);
	} else {
		rc = copy_take(w, c, flight, reply, &err);
		if (rc && !err.code) {
			c->is_careful = true;
			back_begin(c);
		} else if (rc) {
			copy_fail(w, chan, &err);
		}
	}
	if (chan->state == CHAN_FLOWING && c->step == COPY_DATA)
		tell(w, chan);
}

static void on_opened(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;

	if (reply->type == SFTP_HANDLE && reply->len <= sizeof(c->handle)) {
		memcpy(c->handle, reply->bytes, reply->len);
		c->handle_len = reply->len;
		if (c->step == COPY_BACK_OPEN) {
			back_begin(c);
			return;
		}
		c->step = c->is_put || c->is_looked ? COPY_DATA : COPY_STAT;
		if (!c->is_put && ftruncate(c->fd, c->prefix)) {
			struct err err = {0};
			err_errno(&err, E_INTERNAL, _("cannot write %s"), c->part);
			copy_fail(w, chan, &err);
		}
		return;
	}
	if (c->is_put && c->step == COPY_OPEN && !c->made_folders && reply->type == SFTP_STATUS &&
		reply->status == SFTP_NO_SUCH_FILE) {
		c->made_folders = true;
		if (mkdir_next(c)) {
			c->step = COPY_MKDIR;
			return;
		}
	}
	/* Of a folder that could not be made, "no such folder" would be half of the truth. */
	if (c->is_put && c->mkdir_status == SFTP_DENIED) {
		struct sftp_reply denied = {.type = SFTP_STATUS, .status = SFTP_DENIED};
		fail_by(w, chan, &denied, _("make the folder of"), c->remote);
		return;
	}
	fail_by(w, chan, reply, c->is_put ? _("write") : _("read"),
		c->is_put ? c->part : c->remote);
}

static void on_looked(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;

	if (c->is_put) {
		c->prefix = reply->type == SFTP_ATTRS && reply->size > 0 ? reply->size : 0;
	} else if (reply->type != SFTP_ATTRS || reply->size < 0) {
		fail_by(w, chan, reply, _("read"), c->remote);
		return;
	} else {
		c->size = reply->size;
		c->mtime = reply->mtime;
		c->is_looked = true;
		if (!c->resume) { /* it was opened in the same breath */
			c->step = c->handle_len ? COPY_DATA : COPY_OPEN;
			return;
		}
	}
	begin_prefix(w, chan);
}

static void on_renamed(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;
	bool ok = reply->type == SFTP_STATUS && reply->status == SFTP_OK;

	switch (c->step) {
	case COPY_RENAME:
	case COPY_RENAME_PLAIN:
		if (ok) {
			done(w, chan);
		} else if (c->step == COPY_RENAME) {
			c->step = COPY_RENAME_PLAIN;
			sftp_ask_rename(c, c->part, c->remote, false);
		} else {
			c->step = COPY_REMOVE;
			sftp_ask(c, SFTP_REMOVE, c->remote);
		}
		break;
	case COPY_REMOVE:
		c->step = COPY_RENAME_LAST;
		sftp_ask_rename(c, c->part, c->remote, false);
		break;
	default:
		if (ok)
			done(w, chan);
		else
			fail_by(w, chan, reply, _("rename to"), c->remote);
	}
}

/* Parts that came out of order are read once more. */
static void rehash(struct copy *c)
{
	if (c->hashed != c->size)
		copy_hash_reset(c);
	c->step = COPY_REHASH;
}

static void on_closed(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;

	if (c->step == COPY_BACK_CLOSE) {
		hash_finish(c->far_hash, c->far_sha256);
		c->far_hash = NULL;
		if (c->is_prefix_back)
			end_prefix(w, chan);
		else
			compare(w, chan);
		return;
	}
	if (reply->type != SFTP_STATUS || reply->status != SFTP_OK) {
		write_failed(w, chan, reply); /* some disks are full only now */
		return;
	}
	rehash(c);
}

/* Without a program for checksums: what was read is what is there, if it has not changed. */
static void on_seen_again(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;

	if (reply->type == SFTP_ATTRS && reply->size == c->size && reply->mtime == c->mtime)
		memcpy(c->far_sha256, c->sha256, sizeof(c->far_sha256));
	compare(w, chan);
}

/*
 * Requests go out one behind the other where none needs the answer of another: servers work them off
 * in order, and on a long line each answer that is waited for is what a small file costs.
 */
void copy_hello(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	c->step = COPY_STAT;
	if (c->is_put && !c->resume) {
		begin_prefix(w, chan);
		return;
	}
	sftp_ask(c, SFTP_STAT, c->is_put ? c->part : c->remote);
	c->stat_id = c->wait_id;
	if (!c->resume)
		open_far(w, chan);
}

void copy_reply(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply)
{
	struct copy *c = chan->copy;
	struct flight flight;

	if (!c->has_hello) {
		c->has_hello = reply->type == SFTP_VERSION;
		c->has_posix_rename = reply->has_posix_rename;
		c->has_statvfs = reply->has_statvfs;
		return;
	}
	if (sftp_land(c, reply->id, &flight)) {
		if (c->step == COPY_DATA || c->step == COPY_BACK_READ)
			on_data(w, chan, &flight, reply);
		return;
	}
	if (c->stat_id && reply->id == c->stat_id) {
		c->stat_id = 0;
		on_looked(w, chan, reply);
		return;
	}
	if (c->mode_id && reply->id == c->mode_id) {
		c->mode_id = 0;
		if (reply->type != SFTP_STATUS ||
			(reply->status != SFTP_OK && reply->status != SFTP_UNSUPPORTED))
			fail_by(w, chan, reply, _("set the mode of"), c->part);
		return;
	}
	if (reply->id != c->wait_id)
		return;
	switch (c->step) {
	case COPY_STAT: /* get: the file is open before its size is known */
	case COPY_OPEN:
	case COPY_BACK_OPEN: on_opened(w, chan, reply); break;
	case COPY_MKDIR:
		c->mkdir_status = reply->status;
		if (!mkdir_next(c))
			open_far(w, chan);
		break;
	case COPY_CLOSE:
	case COPY_BACK_CLOSE: on_closed(w, chan, reply); break;
	case COPY_AGAIN: on_seen_again(w, chan, reply); break;
	case COPY_RENAME:
	case COPY_RENAME_PLAIN:
	case COPY_REMOVE:
	case COPY_RENAME_LAST: on_renamed(w, chan, reply); break;
	case COPY_SPACE: space_known(w, chan, reply); break;
	case COPY_TIDY: copy_fail(w, chan, &c->err); break;
	default: break;
	}
}

/* ---- what is to be done though nothing came ---- */

static bool work_prefix(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct err err = {0};
	bool reached;

	if (!c->prefix_sha256[0]) {
		if (copy_hash_local(c, c->prefix, &reached, &err)) {
			copy_fail(w, chan, &err);
		} else if (reached) {
			hash_finish(c->prefix_hash, c->prefix_sha256);
			c->prefix_hash = NULL;
		}
		return true;
	}
	if (!c->is_told)
		return false;
	if (c->no_program && c->is_put)
		read_back(c, c->prefix, true);
	else
		end_prefix(w, chan);
	return true;
}

static bool work_data(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	bool moved = c->is_put ? copy_push(w, chan) : copy_pull(w, chan, c->size);

	if (chan->state != CHAN_FLOWING || c->done_bytes < c->size || c->in_flight)
		return moved;
	if (!c->is_put) {
		sftp_ask_close(c);
		rehash(c);
		return true;
	}
	c->step = COPY_CLOSE;
	sftp_ask_mode(c);
	c->mode_id = c->wait_id;
	sftp_ask_close(c);
	copy_check_now(w, chan);
	return true;
}

static bool work_rehash(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct err err = {0};
	bool reached;

	if (copy_hash_local(c, c->size, &reached, &err)) {
		copy_fail(w, chan, &err);
	} else if (reached) {
		hash_finish(c->hash, c->sha256);
		c->hash = NULL;
		c->step = COPY_CHECK;
		if (!c->is_put)
			copy_check_now(w, chan);
	}
	return true;
}

static bool work_check(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	if (!c->is_told || c->mode_id)
		return false;
	if (!c->no_program) {
		compare(w, chan);
	} else if (c->is_put) {
		read_back(c, c->size, false);
	} else {
		c->step = COPY_AGAIN;
		sftp_ask(c, SFTP_STAT, c->remote);
	}
	return true;
}

static bool work_rename_local(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct err err = {0};

	if (fchmod(c->fd, c->mode) || rename(c->part, c->local)) {
		err_errno(&err, E_INTERNAL, _("cannot rename %s to %s"), c->part, c->local);
		copy_fail(w, chan, &err);
	} else {
		done(w, chan);
	}
	return true;
}

bool copy_work(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;

	switch (c->step) {
	case COPY_PREFIX: return work_prefix(w, chan);
	case COPY_DATA: return work_data(w, chan);
	case COPY_REHASH: return work_rehash(w, chan);
	case COPY_CHECK: return work_check(w, chan);
	case COPY_RENAME: return !c->is_put && work_rename_local(w, chan);
	case COPY_BACK_READ:
		if (c->back_done < c->back_to)
			return copy_pull(w, chan, c->back_to);
		c->step = COPY_BACK_CLOSE;
		sftp_ask_close(c);
		return true;
	default: return false;
	}
}
