/*
 * On the lane, so in the order of the calls, and never on the loop. The file is opened for each
 * piece: pieces are large when much comes, and there is nothing to close when a run is forgotten.
 * Whole lines with one write(2), so that who reads meanwhile sees whole lines too. When commands
 * print faster than the disk takes it, pieces are left out and the log says how much.
 */
#include "core/store/journal/run_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clean.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/journal/release.h"
#include "core/store/store_internal.h"

#define WAITING_BYTES ((size_t)16 << 20)

struct run_log {
	struct run_log *next;
	int64_t run;
	struct clean *clean;
	bool is_full, has_failed;
};

char *disk_log_path(const char *dir, int64_t run)
{
	return xasprintf("%s/runs/%lld.log", dir, (long long)run);
}

static struct run_log *log_of(struct disk *disk, int64_t run)
{
	struct run_log *log = disk->logs;

	while (log && log->run != run)
		log = log->next;
	if (!log) {
		log = xcalloc(1, sizeof(*log));
		log->run = run;
		log->clean = clean_new();
		log->next = disk->logs;
		disk->logs = log;
	}
	return log;
}

/* ---- writing ---- */

static int open_log(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int open_log_in(const struct disk *disk, int64_t run)
{
	char *path = disk_log_path(disk->dir, run), *folder = xasprintf("%s/runs", disk->dir);
	int fd = open_log(path);

	if (fd < 0 && errno == ENOENT && file_mkdirs(folder, NULL) == 0)
		fd = open_log(path);
	free(folder);
	free(path);
	return fd;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		len -= (size_t)put;
	}
	return 0;
}

/* What fits of whole lines. */
static size_t fitting(const char *text, size_t len, size_t room)
{
	const char *end;

	if (len <= room)
		return len;
	end = room ? memrchr(text, '\n', room) : NULL;
	return end ? (size_t)(end - text) + 1 : 0;
}

static void put_lines(struct disk *disk, struct run_log *log, const struct buf *lines)
{
	int fd = open_log_in(disk, log->run);
	struct stat st = {0};
	size_t len = lines->len, room;
	char said[160];

	if (fd < 0 || fstat(fd, &st) < 0)
		goto failed;
	room = (size_t)st.st_size < RUN_LOG_BYTES ? RUN_LOG_BYTES - (size_t)st.st_size : 0;
	len = fitting(lines->data, len, room);
	if (write_all(fd, lines->data, len) < 0)
		goto failed;
	if (len < lines->len) {
		log->is_full = true;
		snprintf(said, sizeof(said),
			_("… the log is full (%zu MiB): what follows is not kept\n"),
			RUN_LOG_BYTES >> 20);
		if (write_all(fd, said, strlen(said)) < 0)
			goto failed;
	}
	close(fd);
	return;
failed:
	if (!log->has_failed)
		log_write(LOG_WARN, "log of run %lld: not written: %s", (long long)log->run,
			strerror(errno));
	log->has_failed = true;
	if (fd >= 0)
		close(fd);
}

void disk_log_append(struct disk *disk, int64_t run, const char *bytes, size_t len)
{
	struct run_log *log = log_of(disk, run);
	struct buf lines;

	if (log->is_full)
		return;
	buf_init(&lines, 16 * len + 16 * CLEAN_LINE_BYTES);
	clean_add(log->clean, bytes, len, &lines);
	if (lines.len)
		put_lines(disk, log, &lines);
	buf_release(&lines);
}

static void log_free(struct run_log *log)
{
	clean_free(log->clean);
	free(log);
}

void disk_log_end(struct disk *disk, int64_t run)
{
	struct run_log **at = &disk->logs, *log;
	struct buf lines;

	while (*at && (*at)->run != run)
		at = &(*at)->next;
	log = *at;
	if (!log)
		return;
	buf_init(&lines, 16 * CLEAN_LINE_BYTES);
	clean_end(log->clean, &lines);
	if (lines.len && !log->is_full)
		put_lines(disk, log, &lines);
	buf_release(&lines);
	*at = log->next;
	log_free(log);
}

void disk_logs_free(struct disk *disk)
{
	while (disk->logs)
		disk_log_end(disk, disk->logs->run);
}

/* ---- reading ---- */

/* Bytes [from, from + len) into `out`. */
static int read_part(int fd, int64_t from, size_t len, struct buf *out)
{
	char chunk[16384];

	while (len) {
		size_t want = len < sizeof(chunk) ? len : sizeof(chunk);
		ssize_t got = pread(fd, chunk, want, (off_t)from);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		buf_add(out, chunk, (size_t)got);
		from += got;
		len -= (size_t)got;
	}
	return 0;
}

static void drop_front(struct buf *text, size_t len)
{
	memmove(text->data, text->data + len, text->len - len + 1);
	text->len -= len;
}

/* From a line's beginning to a line's end. A line longer than what was asked stays as a piece. */
static void keep_whole_lines(struct buf *text, bool from_middle, bool to_end, int64_t *size)
{
	const char *end = text->len ? memrchr(text->data, '\n', text->len) : NULL;
	size_t keep = end ? (size_t)(end - text->data) + 1 : 0;

	if (to_end)
		*size -= (int64_t)(text->len - keep);
	if (keep || to_end) {
		text->len = keep;
		if (text->data)
			text->data[keep] = '\0';
	}
	if (from_middle && text->len) {
		char *start = memchr(text->data, '\n', text->len);

		if (start)
			drop_front(text, (size_t)(start - text->data) + 1);
	}
}

int disk_log_read(struct disk *disk, int64_t run, int64_t from, size_t cap, struct buf *out,
	int64_t *size, struct err *err)
{
	char *path = disk_log_path(disk->dir, run);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;
	bool is_tail = from < 0;
	struct stat st;

	*size = 0;
	if (fd < 0 && errno != ENOENT)
		rc = err_errno(err, E_INTERNAL, _("open %s"), path);
	if (fd < 0)
		goto out;
	if (fstat(fd, &st) < 0) {
		rc = err_errno(err, E_INTERNAL, _("read %s"), path);
		goto out;
	}
	*size = st.st_size;
	if (is_tail) /* one byte more: is it a line's end? */
		from = st.st_size > (int64_t)cap ? st.st_size - (int64_t)cap - 1 : 0;
	if (from < st.st_size && cap && read_part(fd, from, is_tail ? cap + 1 : cap, out) < 0) {
		rc = err_errno(err, E_INTERNAL, _("read %s"), path);
		goto out;
	}
	keep_whole_lines(out, is_tail && from > 0, from + (int64_t)out->len >= st.st_size, size);
out:
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

/* ---- the loop's side ---- */

struct append {
	struct store *store;
	struct disk *disk;
	int64_t run;
	size_t len, left_out; /* left_out: bytes before these that were not taken */
	char bytes[];
};

static void append_run(void *data)
{
	struct append *append = data;
	char said[120];

	if (append->left_out) {
		snprintf(said, sizeof(said), _("\n… %zu bytes were left out: the disk is slow\n"),
			append->left_out);
		disk_log_append(append->disk, append->run, said, strlen(said));
	}
	disk_log_append(append->disk, append->run, append->bytes, append->len);
}

static void append_done(void *data)
{
	struct append *append = data;

	append->disk->log_waiting -= append->len;
	mem_wipe(append->bytes, append->len);
	free(append);
}

void run_log_append(struct store *store, int64_t run, const char *bytes, size_t len)
{
	struct disk *disk = store_disk(store);
	struct append *append;

	if (!len)
		return;
	if (disk->log_waiting + len > WAITING_BYTES) {
		disk->log_left_out += len;
		return;
	}
	append = xcalloc(1, sizeof(*append) + len);
	append->store = store;
	append->disk = disk;
	append->run = run;
	append->len = len;
	append->left_out = disk->log_left_out;
	memcpy(append->bytes, bytes, len);
	disk->log_waiting += len;
	disk->log_left_out = 0;
	store_read(store, append_run, append_done, append);
}

char *run_log_path(const struct store *store, int64_t run)
{
	return disk_log_path(store_dir(store), run);
}
