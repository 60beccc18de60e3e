/*
 * One file for the whole process, written line by line with one write(2) each, so that several
 * processes may share it. When it reaches its cap it becomes "<path>.1" and a new one is begun.
 * A line that cannot be written is lost: the log must never stop the program.
 */
#include "core/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

#define LOG_CAP_BYTES ((off_t)8 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char *path; /* NULL: stderr */
	int fd;     /* -1: closed */
	enum log_level level;
} the_log = {.fd = -1};

static int open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	struct stat st;

	/* It may be there already, made by a wider hand; a device is left alone. */
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_mode & 0177))
		(void)fchmod(fd, 0600);
	return fd;
}

static void close_locked(void)
{
	if (the_log.path && the_log.fd >= 0)
		close(the_log.fd);
	free(the_log.path);
	the_log.path = NULL;
	the_log.fd = -1;
}

int log_open(const char *path, enum log_level level, struct err *err)
{
	int fd = path ? open_file(path) : STDERR_FILENO;

	if (fd < 0)
		return err_errno(err, E_INTERNAL, _("open log %s"), path);
	pthread_mutex_lock(&lock);
	close_locked();
	the_log.path = xstrdup_null(path);
	the_log.fd = fd;
	the_log.level = level;
	pthread_mutex_unlock(&lock);
	return E_OK;
}

void log_close(void)
{
	pthread_mutex_lock(&lock);
	close_locked();
	pthread_mutex_unlock(&lock);
}

/* Makes room for `more` bytes. Another process may have rotated already: then only follow it. */
static void rotate_locked(size_t more)
{
	struct stat ours, there;

	if (!the_log.path || fstat(the_log.fd, &ours) < 0 || !S_ISREG(ours.st_mode) ||
		ours.st_size + (off_t)more <= LOG_CAP_BYTES)
		return;
	if (!stat(the_log.path, &there) && there.st_ino == ours.st_ino &&
		there.st_dev == ours.st_dev) {
		char *older = xasprintf("%s.1", the_log.path);
		(void)rename(the_log.path, older);
		free(older);
	}
	int fd = open_file(the_log.path);
	if (fd >= 0) {
		close(the_log.fd);
		the_log.fd = fd;
	}
}

static void put_locked(const struct buf *line)
{
	size_t done = 0;

	rotate_locked(line->len);
	while (done < line->len) {
		ssize_t put = write(the_log.fd, line->data + done, line->len - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			break;
		done += (size_t)put;
	}
}

void log_write(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};
	struct buf raw, safe, line;
	char when[32];
	int saved = errno;
	va_list ap;

	pthread_mutex_lock(&lock);
	bool wanted = the_log.fd >= 0 && level <= the_log.level;
	pthread_mutex_unlock(&lock);
	if (!wanted)
		return;

	buf_init(&raw, 1 << 20);
	buf_init(&safe, 4 << 20);
	buf_init(&line, 16 << 20);
	va_start(ap, fmt);
	if (buf_addv(&raw, fmt, ap) < 0) {
		buf_reset(&raw);
		buf_addf(&raw, "(a line over 1 MiB was dropped: %s)", fmt);
	}
	va_end(ap);
	redact(&safe, buf_str(&raw), raw.len);
	clock_format_iso(clock_wall_ms(), when, sizeof(when));
	buf_addf(&line, "%s %s [%ld] ", when, names[level], (long)getpid());
	utf8_neutralise(&line, buf_str(&safe), safe.len);
	buf_addc(&line, '\n');

	pthread_mutex_lock(&lock);
	if (the_log.fd >= 0)
		put_locked(&line);
	pthread_mutex_unlock(&lock);
	mem_wipe(raw.data, raw.len);
	buf_release(&raw);
	buf_release(&safe);
	buf_release(&line);
	errno = saved;
}
