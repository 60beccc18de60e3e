/*
 * The script that an application names instead of carrying it. Its path is resolved at each look,
 * for a link on the way may have changed; what lies outside of the workspace, or in a hidden folder
 * of it, is never opened. What is wrong with it is the application's error, at its sql-file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/source/workspace/scan.h"

void sql_file_release(struct sql_file *sql)
{
	free(sql->text);
	free(sql->error);
	memset(sql, 0, sizeof(*sql));
}

/* Takes `text`. */
static void set_text(struct scan *scan, struct entry *entry, char *text)
{
	if (str_eq(entry->sql.text, text)) {
		free(text);
		return;
	}
	sql_file_release(&entry->sql);
	entry->sql.text = text;
	scan->changed = true;
}

static void set_error(struct scan *scan, struct entry *entry, const char *problem)
{
	const struct parsed *parsed = entry->parsed;
	char *error = xasprintf("%s:%d:%d: \"sql-file\": %s: %s", entry->path, parsed->sql_line,
		parsed->sql_column, parsed->app.sql_file, problem);
	struct buf clean;

	buf_init(&clean, 0);
	utf8_neutralise(&clean, error, strlen(error));
	free(error);
	if (!str_eq(entry->sql.error, buf_str(&clean))) {
		sql_file_release(&entry->sql);
		entry->sql.error = buf_detach(&clean);
		scan->changed = true;
	}
	memset(&entry->sql.stamp, 0, sizeof(entry->sql.stamp));
	buf_release(&clean);
}

/* Its bytes into `out`; else what is wrong, static. The descriptor is the caller's. */
static const char *read_text(int fd, const struct stat *st, struct buf *out)
{
	char chunk[16384];
	ssize_t got;

	if (!S_ISREG(st->st_mode))
		return _("not a regular file");
	if ((size_t)st->st_size > WORKSPACE_FILE_BYTES_MAX)
		return _("larger than 1 MiB");
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (buf_add(out, chunk, (size_t)got) < 0)
			return _("larger than 1 MiB");
	}
	if (memchr(buf_str(out), '\0', out->len) || !utf8_valid(buf_str(out), out->len))
		return _("not a text in UTF-8");
	return NULL;
}

static void read_file(struct scan *scan, struct entry *entry, const char *real)
{
	int fd = open(real, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;
	struct buf text;

	if (fd < 0 || fstat(fd, &st) < 0) {
		set_error(scan, entry, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	buf_init(&text, WORKSPACE_FILE_BYTES_MAX);
	bool racy = stamp_is_racy(&st);
	const char *problem = read_text(fd, &st, &text);
	close(fd);
	scan->files_read++;
	if (problem) {
		set_error(scan, entry, problem);
	} else {
		set_text(scan, entry, buf_detach(&text));
		entry->sql.stamp = stamp_of(&st);
		entry->sql.is_racy = racy;
	}
	buf_release(&text);
}

void sql_file_look(struct scan *scan, struct entry *entry)
{
	const struct app_decl *app = entry && entry->parsed ? &entry->parsed->app : NULL;
	struct stat st;

	if (!app || app->error || !app->sql_file) {
		if (entry)
			sql_file_release(&entry->sql); /* the file changed: so did the scan */
		return;
	}
	char *real = scan_resolve(scan, app->sql_file);
	if (!real) {
		set_error(scan, entry,
			errno == EXDEV ? _("a link that leads out of the workspace")
				       : strerror(errno));
		return;
	}
	if (strstr(real + strlen(scan->real), "/.")) {
		set_error(scan, entry, _("a link that leads into a hidden folder"));
	} else if (lstat(real, &st) < 0) {
		set_error(scan, entry, strerror(errno));
	} else {
		struct stamp stamp = stamp_of(&st);
		if (entry->sql.is_racy || !entry->sql.text ||
			memcmp(&stamp, &entry->sql.stamp, sizeof(stamp)))
			read_file(scan, entry, real);
	}
	free(real);
}
