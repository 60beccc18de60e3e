/*
 * An SFTP session on a channel, one for each file: packets out, packets in. libssh2's own SFTP is
 * not used: its version 1.10 cannot rename over a file, does not say what the server said, and
 * holds one request back for another. A file's data has COPY_FLIGHTS requests on their way, so its
 * speed does not hang on the distance.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/net/ssh_copy.h"

#define READS_MAX 16 /* in one step: others wait */
/* libssh2 widens it when a quarter is used: the rest has to hold what a long line has on its way. */
#define WINDOW_BYTES (6U << 20)

/* ---- requests ---- */

static size_t begin(struct copy *c, enum sftp_type type)
{
	if (!++c->last_id)
		c->last_id = 1;
	c->wait_id = c->last_id; /* the last of several: the others' are kept by who asks */
	return sftp_begin(&c->out, type, c->last_id);
}

void sftp_ask(struct copy *c, enum sftp_type type, const char *path)
{
	size_t at = begin(c, type);

	sftp_add_text(&c->out, path, strlen(path));
	sftp_end(&c->out, at);
}

void sftp_ask_open(struct copy *c, const char *path, uint32_t flags)
{
	size_t at = begin(c, SFTP_OPEN);

	sftp_add_text(&c->out, path, strlen(path));
	sftp_add_u32(&c->out, flags);
	sftp_add_mode(&c->out, 0600); /* until it is whole */
	sftp_end(&c->out, at);
}

void sftp_ask_mkdir(struct copy *c, const char *path, size_t len)
{
	size_t at = begin(c, SFTP_MKDIR);

	sftp_add_text(&c->out, path, len);
	sftp_add_mode(&c->out, 0755);
	sftp_end(&c->out, at);
}

void sftp_ask_close(struct copy *c)
{
	size_t at = begin(c, SFTP_CLOSE);

	sftp_add_text(&c->out, c->handle, c->handle_len);
	sftp_end(&c->out, at);
}

void sftp_ask_mode(struct copy *c)
{
	size_t at = begin(c, SFTP_FSETSTAT);

	sftp_add_text(&c->out, c->handle, c->handle_len);
	sftp_add_mode(&c->out, c->mode);
	sftp_end(&c->out, at);
}

void sftp_ask_rename(struct copy *c, const char *from, const char *to, bool is_posix)
{
	static const char name[] = "posix-rename@openssh.com";
	size_t at = begin(c, is_posix ? SFTP_EXTENDED : SFTP_RENAME);

	if (is_posix)
		sftp_add_text(&c->out, name, sizeof(name) - 1);
	sftp_add_text(&c->out, from, strlen(from));
	sftp_add_text(&c->out, to, strlen(to));
	sftp_end(&c->out, at);
}

void sftp_ask_space(struct copy *c, const char *path)
{
	static const char name[] = "statvfs@openssh.com";
	size_t at = begin(c, SFTP_EXTENDED);

	sftp_add_text(&c->out, name, sizeof(name) - 1);
	sftp_add_text(&c->out, path, strlen(path));
	sftp_end(&c->out, at);
}

static struct flight *flight_new(struct copy *c, int64_t offset, size_t len)
{
	for (int i = 0; i < COPY_FLIGHTS; i++) {
		struct flight *flight = &c->flights[i];

		if (flight->id)
			continue;
		if (!++c->last_id)
			c->last_id = 1;
		*flight = (struct flight){.id = c->last_id,
			.offset = offset,
			.len = (uint32_t)len,
			.mono_asked_ms = clock_mono_ms()};
		c->in_flight++;
		return flight;
	}
	return NULL;
}

bool sftp_ask_write(struct copy *c, int64_t offset, const void *bytes, size_t len)
{
	const struct flight *flight = flight_new(c, offset, len);
	size_t at;

	if (!flight)
		return false;
	at = sftp_begin(&c->out, SFTP_WRITE, flight->id);
	sftp_add_text(&c->out, c->handle, c->handle_len);
	sftp_add_u64(&c->out, (uint64_t)offset);
	sftp_add_text(&c->out, bytes, len);
	sftp_end(&c->out, at);
	return true;
}

bool sftp_ask_read(struct copy *c, int64_t offset, size_t len)
{
	const struct flight *flight = flight_new(c, offset, len);
	size_t at;

	if (!flight)
		return false;
	at = sftp_begin(&c->out, SFTP_READ, flight->id);
	sftp_add_text(&c->out, c->handle, c->handle_len);
	sftp_add_u64(&c->out, (uint64_t)offset);
	sftp_add_u32(&c->out, (uint32_t)len);
	sftp_end(&c->out, at);
	return true;
}

bool sftp_land(struct copy *c, uint32_t id, struct flight *out)
{
	for (int i = 0; i < COPY_FLIGHTS; i++) {
		if (c->flights[i].id != id || !id)
			continue;
		*out = c->flights[i];
		c->flights[i].id = 0;
		c->in_flight--;
		return true;
	}
	return false;
}

int sftp_err(struct ssh_worker *w, struct err *err, const struct sftp_reply *reply,
	const char *what, const char *path)
{
	enum err_code code = E_REMOTE;
	const char *why = NULL;

	if (reply->type != SFTP_STATUS) {
		code = E_PROTO;
		why = _("an answer that makes no sense");
	} else if (reply->status == SFTP_NO_SUCH_FILE) {
		code = E_NOTFOUND;
		why = _("no such file or folder");
	} else if (reply->status == SFTP_DENIED) {
		code = E_DENIED;
		why = _("permission denied");
	} else if (reply->status == SFTP_UNSUPPORTED) {
		code = E_UNSUPPORTED;
		why = _("its SFTP server cannot do this");
	}
	if (why)
		return err_set(err, code, _("host %s: cannot %s %s: %s"), w->name, what, path, why);
	return err_set(err, code, _("host %s: cannot %s %s: %.*s (SFTP status %u)"), w->name, what,
		path, (int)(reply->len < 200 ? reply->len : 200), reply->bytes, reply->status);
}

/* ---- the channel ---- */

static void fail(struct ssh_worker *w, struct chan *chan, enum err_code code, const char *what)
{
	struct err err = {0};

	link_err(w, &err, code, what);
	err_prefix(&err, _("host %s"), w->name);
	copy_fail(w, chan, &err);
}

static bool packets_out(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	bool moved = false;

	while (c->out_sent < c->out.len && !worker_congested(w)) {
		ssize_t n = libssh2_channel_write(
			chan->channel, c->out.data + c->out_sent, c->out.len - c->out_sent);

		if (n == 0 || n == LIBSSH2_ERROR_EAGAIN)
			break;
		if (n == LIBSSH2_ERROR_CHANNEL_CLOSED || n == LIBSSH2_ERROR_CHANNEL_EOF_SENT)
			break; /* packets_in() sees its end */
		if (n < 0) {
			w->is_dead = true;
			return true;
		}
		c->out_sent += (size_t)n;
		moved = true;
	}
	if (moved)
		copy_moved(w, chan);
	if (c->out_sent == c->out.len) {
		buf_reset(&c->out);
		c->out_sent = 0;
	}
	return moved;
}

static bool open_step(struct ssh_worker *w, struct chan *chan)
{
	if (chan->state == CHAN_WAITING) {
		copy_begin(w, chan);
		if (chan->state != CHAN_WAITING)
			return true;
		w->opening = chan;
		chan->state = CHAN_OPENING;
	}
	chan->channel = libssh2_channel_open_ex(w->session, "session", sizeof("session") - 1,
		WINDOW_BYTES, LIBSSH2_CHANNEL_PACKET_DEFAULT, NULL, 0);
	if (!chan->channel) {
		if (libssh2_session_last_errno(w->session) == LIBSSH2_ERROR_EAGAIN)
			return false;
		w->opening = NULL;
		fail(w, chan, w->is_dead ? E_NET : E_DENIED, _("cannot open a channel"));
		return true;
	}
	w->opening = NULL;
	chan->state = chan->is_unwanted ? CHAN_CLOSING : CHAN_REQUESTING;
	copy_moved(w, chan);
	if (!chan->is_unwanted) {
		sftp_end(&chan->copy->out, sftp_begin(&chan->copy->out, SFTP_INIT, 3));
		copy_hello(w, chan);
	}
	return true;
}

/* The first packets go behind the request, as sftp's do: each answer waited for is a round trip. */
static bool request_step(struct ssh_worker *w, struct chan *chan)
{
	struct err err = {0};
	int rc;

	if (!chan_may_request(w, chan))
		return false;
	rc = libssh2_channel_subsystem(chan->channel, "sftp");
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return packets_out(w, chan);
	w->requesting = NULL;
	if (rc && w->is_dead) {
		fail(w, chan, E_NET, _("SFTP"));
		return true;
	}
	if (rc) {
		err_set(&err, E_UNSUPPORTED,
			_("host %s: its SSH server offers no SFTP (\"Subsystem sftp\" in its "
			  "sshd_config)"),
			w->name);
		copy_fail(w, chan, &err);
		return true;
	}
	chan->state = CHAN_FLOWING;
	return true;
}

/* Whole packets of what has come; the rest of one stays. */
static void packets_read(struct ssh_worker *w, struct chan *chan)
{
	struct copy *c = chan->copy;
	struct sftp_reply reply;
	struct err err = {0};
	size_t at = 0;
	ssize_t len = 0;

	while (chan->state == CHAN_FLOWING &&
		(len = sftp_packet(c->in.data + at, c->in.len - at)) > 0) {
		if (sftp_parse(c->in.data + at, (size_t)len, &reply)) {
			len = E_PROTO;
			break;
		}
		copy_reply(w, chan, &reply);
		at += (size_t)len;
	}
	if (len < 0 && chan->state == CHAN_FLOWING) {
		/* Often a login script that prints. */
		err_set(&err, E_PROTO, _("host %s: this is not SFTP: %.*s"), w->name,
			(int)(c->in.len - at < 60 ? c->in.len - at : 60), c->in.data + at);
		copy_fail(w, chan, &err);
	}
	memmove(c->in.data, c->in.data + at, c->in.len - at);
	c->in.len -= at;
}

static bool packets_in(struct ssh_worker *w, struct chan *chan)
{
	char bytes[COPY_CHUNK];
	bool moved = false;
	struct err err = {0};

	for (int i = 0; i < READS_MAX && chan->state == CHAN_FLOWING; i++) {
		ssize_t n = libssh2_channel_read(chan->channel, bytes, sizeof(bytes));

		if (n <= 0)
			break;
		moved = true;
		buf_add(&chan->copy->in, bytes, (size_t)n);
		packets_read(w, chan);
	}
	/* What it has to say of its end, nobody reads: a full window would hold it up. */
	while (chan->state == CHAN_FLOWING &&
		libssh2_channel_read_stderr(chan->channel, bytes, sizeof(bytes)) > 0)
		moved = true;
	if (moved)
		copy_moved(w, chan);
	else if (chan->state == CHAN_FLOWING && !w->is_dead && libssh2_channel_eof(chan->channel)) {
		err_set(&err, E_REMOTE, _("host %s: its SFTP server ended"), w->name);
		copy_fail(w, chan, &err);
		return true;
	}
	return moved;
}

bool copy_step(struct ssh_worker *w, struct chan *chan)
{
	bool moved;

	if (chan->state <= CHAN_OPENING)
		return open_step(w, chan);
	if (chan->state == CHAN_REQUESTING)
		return request_step(w, chan);
	moved = packets_in(w, chan);
	if (chan->state == CHAN_FLOWING)
		moved |= copy_work(w, chan);
	if (chan->state == CHAN_FLOWING)
		moved |= packets_out(w, chan);
	return moved;
}
