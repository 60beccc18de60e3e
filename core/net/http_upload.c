/*
 * Two chunks: one goes out while the other is filled on the pool. The pool touches only the chunk
 * that it fills and the descriptor; an upload that is let go meanwhile is freed when it is back.
 * The length is announced before the first byte, so a file that shrinks or grows on the way is a
 * failure, never a body that is filled up.
 */
#include "core/net/http_upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"

#define CHUNK_BYTES ((size_t)256 << 10)
#define CAP_BYTES ((int64_t)4 << 30)
#define PROGRESS_MS 100

struct chunk {
	char *bytes;
	size_t len, at;
	bool is_full; /* filled, and not yet all given away */
};

struct upload {
	struct loop *loop;
	char *path, *content_type;
	int64_t cap_bytes, size_bytes, read_bytes, sent_bytes, told_ms;
	struct buf head, tail; /* what stands before and behind the file */
	size_t head_at, tail_at;
	struct chunk chunks[2];
	int giving, filling;
	int fd;
	bool is_away, is_opening, is_let_go, is_waiting;
	struct err err, found; /* found: the pool's, until it is back */
	void (*on_ready)(void *data, const struct err *err);
	void (*on_more)(void *data);
	void *data;
	void (*on_progress)(void *data, int64_t done_bytes, int64_t total_bytes);
	void *progress_data;
};

static void add_boundary(struct buf *out)
{
	unsigned char raw[16];

	if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
		abort(); /* cannot fail for so few bytes */
	buf_adds(out, "weir-");
	for (size_t i = 0; i < sizeof(raw); i++)
		buf_addf(out, "%02x", raw[i]);
}

struct upload *upload_new(struct loop *loop, const struct http_upload *spec, void *progress_data)
{
	struct upload *upload = xcalloc(1, sizeof(*upload));
	struct buf boundary;

	upload->loop = loop;
	upload->path = xstrdup(spec->path);
	upload->cap_bytes = spec->cap_bytes > 0 ? spec->cap_bytes : CAP_BYTES;
	upload->on_progress = spec->on_progress;
	upload->progress_data = progress_data;
	upload->fd = -1;
	for (int i = 0; i < 2; i++)
		upload->chunks[i].bytes = xmalloc(CHUNK_BYTES);
	buf_init(&boundary, 0);
	buf_init(&upload->head, 0);
	buf_init(&upload->tail, 0);
	add_boundary(&boundary);
	upload->content_type = xasprintf("multipart/form-data; boundary=%s", buf_str(&boundary));
	buf_addf(&upload->head,
		"--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n"
		"Content-Type: %s\r\n\r\n",
		buf_str(&boundary), spec->field, spec->name, spec->content_type);
	buf_addf(&upload->tail, "\r\n--%s--\r\n", buf_str(&boundary));
	buf_release(&boundary);
	return upload;
}

static void upload_destroy(struct upload *upload)
{
	if (upload->fd >= 0)
		close(upload->fd);
	for (int i = 0; i < 2; i++)
		free(upload->chunks[i].bytes);
	buf_release(&upload->head);
	buf_release(&upload->tail);
	free(upload->content_type);
	free(upload->path);
	free(upload);
}

void upload_free(struct upload *upload)
{
	if (!upload)
		return;
	upload->is_let_go = true;
	if (!upload->is_away)
		upload_destroy(upload);
}

/* ---- on the pool ---- */

static void chunk_fill(struct upload *upload)
{
	struct chunk *chunk = &upload->chunks[upload->filling];
	int64_t left = upload->size_bytes - upload->read_bytes;
	size_t want = left < (int64_t)CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
	size_t got = 0;

	while (got < want) {
		ssize_t n = read(upload->fd, chunk->bytes + got, want - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_errno(&upload->found, E_INTERNAL, _("cannot read %s"), upload->path);
			return;
		}
		if (n == 0) {
			err_set(&upload->found, E_INTERNAL,
				_("%s became shorter while it was sent"), upload->path);
			return;
		}
		got += (size_t)n;
	}
	chunk->len = got;
	chunk->at = 0;
}

static void file_open(struct upload *upload)
{
	struct stat st;

	upload->fd = open(upload->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (upload->fd < 0 || fstat(upload->fd, &st)) {
		enum err_code code = errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND
			: errno == EACCES                                ? E_DENIED
									 : E_INTERNAL;

		err_errno(&upload->found, code, _("cannot open %s"), upload->path);
	} else if (!S_ISREG(st.st_mode)) {
		err_set(&upload->found, E_ARG, _("%s is not a file"), upload->path);
	} else if (st.st_size > upload->cap_bytes) {
		err_set(&upload->found, E_ARG, _("%s has %lld bytes, more than %lld"), upload->path,
			(long long)st.st_size, (long long)upload->cap_bytes);
	} else {
		upload->size_bytes = st.st_size;
	}
}

static void pool_run(void *data)
{
	struct upload *upload = data;

	if (upload->is_opening)
		file_open(upload);
	if (!upload->found.code)
		chunk_fill(upload);
}

/* ---- on the loop ---- */

static void fill_next(struct upload *upload);

static void pool_back(void *data)
{
	struct upload *upload = data;
	struct chunk *chunk = &upload->chunks[upload->filling];
	bool was_opening = upload->is_opening;

	upload->is_away = upload->is_opening = false;
	if (upload->is_let_go) {
		upload_destroy(upload);
		return;
	}
	upload->err = upload->found;
	if (!upload->err.code) {
		upload->read_bytes += (int64_t)chunk->len;
		chunk->is_full = chunk->len > 0;
		upload->filling = !upload->filling;
		fill_next(upload);
	}
	if (was_opening) {
		upload->on_ready(upload->data, upload->err.code ? &upload->err : NULL);
	} else if (upload->is_waiting) {
		upload->is_waiting = false;
		upload->on_more(upload->data);
	}
}

static void fill_next(struct upload *upload)
{
	if (upload->is_away || upload->err.code || upload->chunks[upload->filling].is_full ||
		upload->read_bytes >= upload->size_bytes)
		return;
	upload->is_away = true;
	work_start(upload->loop, pool_run, pool_back, upload);
}

void upload_open(struct upload *upload, void (*on_ready)(void *data, const struct err *err),
	void (*on_more)(void *data), void *data)
{
	upload->on_ready = on_ready;
	upload->on_more = on_more;
	upload->data = data;
	upload->is_opening = upload->is_away = true;
	work_start(upload->loop, pool_run, pool_back, upload);
}

int64_t upload_total(const struct upload *upload)
{
	return (int64_t)upload->head.len + upload->size_bytes + (int64_t)upload->tail.len;
}

const char *upload_content_type(const struct upload *upload)
{
	return upload->content_type;
}

const struct err *upload_error(const struct upload *upload)
{
	return &upload->err;
}

static size_t text_read(const struct buf *text, size_t *at, char *out, size_t room)
{
	size_t len = text->len - *at < room ? text->len - *at : room;

	memcpy(out, text->data + *at, len);
	*at += len;
	return len;
}

static void tell_progress(struct upload *upload)
{
	int64_t now_ms = clock_mono_ms();

	if (!upload->on_progress ||
		(now_ms - upload->told_ms < PROGRESS_MS && upload->sent_bytes < upload->size_bytes))
		return;
	upload->told_ms = now_ms;
	upload->on_progress(upload->progress_data, upload->sent_bytes, upload->size_bytes);
}

int64_t upload_read(struct upload *upload, char *out, size_t room)
{
	struct chunk *chunk = &upload->chunks[upload->giving];
	size_t len;

	if (upload->head_at < upload->head.len)
		return (int64_t)text_read(&upload->head, &upload->head_at, out, room);
	if (upload->sent_bytes >= upload->size_bytes)
		return (int64_t)text_read(&upload->tail, &upload->tail_at, out, room);
	if (!chunk->is_full) {
		if (upload->err.code)
			return UPLOAD_FAILED;
		upload->is_waiting = true;
		return UPLOAD_WAIT;
	}
	len = chunk->len - chunk->at < room ? chunk->len - chunk->at : room;
	memcpy(out, chunk->bytes + chunk->at, len);
	chunk->at += len;
	upload->sent_bytes += (int64_t)len;
	if (chunk->at == chunk->len) {
		chunk->is_full = false;
		upload->giving = !upload->giving;
		fill_next(upload);
	}
	tell_progress(upload);
	return (int64_t)len;
}
