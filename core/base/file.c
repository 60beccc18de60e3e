/* Whole small files. A write either replaces the file or leaves the old one as it was. */
#include "core/base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

int file_read(const char *path, struct buf *out, struct err *err)
{
	char chunk[16384];
	ssize_t got;
	int rc = E_OK;
	size_t start = out->len;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_errno(err, errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : E_CONFIG,
			_("open %s"), path);
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			rc = err_errno(err, E_CONFIG, _("read %s"), path);
			break;
		}
		if (buf_add(out, chunk, (size_t)got) < 0) {
			rc = err_set(err, E_CONFIG, _("read %s: larger than %zu bytes"), path,
				out->cap_bytes ? out->cap_bytes : BUF_CAP_DEFAULT);
			break;
		}
	}
	close(fd);
	if (rc < 0 && out->data) {
		out->len = start;
		out->data[start] = '\0';
	}
	return rc;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

/* So that the rename itself survives a power cut; not every file system can, so no error. */
static void sync_folder_of(const char *path)
{
	char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (slash)
		slash[slash == folder] = '\0';
	int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

int file_write(const char *path, const char *data, size_t len, struct err *err)
{
	/* A configuration file is often a link into a checkout: the link stays. */
	char *real = realpath(path, NULL);
	const char *target = real ? real : path;
	char *temp = xasprintf("%s.XXXXXX", target);
	int fd = mkostemp(temp, O_CLOEXEC);
	int rc = E_OK;

	if (fd < 0) {
		rc = err_errno(err, E_INTERNAL, _("write %s"), path);
		goto out;
	}
	if (fchmod(fd, 0600) < 0 || write_all(fd, data, len) < 0 || fsync(fd) < 0)
		rc = err_errno(err, E_INTERNAL, _("write %s"), path);
	if (close(fd) < 0 && rc == E_OK)
		rc = err_errno(err, E_INTERNAL, _("write %s"), path);
	if (rc == E_OK && rename(temp, target) < 0)
		rc = err_errno(err, E_INTERNAL, _("replace %s"), path);
	if (rc < 0)
		unlink(temp);
	else
		sync_folder_of(target);
out:
	free(temp);
	free(real);
	return rc;
}

int file_mkdirs(const char *path, struct err *err)
{
	char *part = xstrdup(path);
	struct stat st;
	int rc = E_OK;

	for (char *end = part; *end && rc == E_OK;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		char keep = *end;
		*end = '\0';
		/* Above what is ours we may not be allowed to make, but it is there. */
		if (mkdir(part, 0700) < 0 && errno != EEXIST) {
			int saved = errno;
			bool there = stat(part, &st) == 0;
			errno = saved;
			if (!there)
				rc = err_errno(err, E_INTERNAL, _("make folder %s"), part);
		}
		*end = keep;
	}
	if (rc == E_OK && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))) {
		errno = ENOTDIR;
		rc = err_errno(err, E_INTERNAL, _("make folder %s"), path);
	}
	free(part);
	return rc;
}

/* malloc'd; "/" when nobody knows, so that what is built from it fails loudly. */
static char *home_folder(void)
{
	const char *home = getenv("HOME");
	struct passwd entry, *found = NULL;
	char space[4096];

	if (!str_empty(home))
		return xstrdup(home);
	if (!getpwuid_r(getuid(), &entry, space, sizeof(space), &found) && found)
		return xstrdup(found->pw_dir);
	return xstrdup("/");
}

char *file_expand(const char *path, const char *base)
{
	if (str_eq(path, "~") || str_starts(path, "~/")) {
		char *home = home_folder();
		char *full = xasprintf("%s%s", home, path + 1);
		free(home);
		return full;
	}
	if (*path == '/' || !base)
		return xstrdup(path);
	return xasprintf("%s%s%s", base, str_ends(base, "/") ? "" : "/", path);
}

char *file_xdg(const char *kind)
{
	static const struct {
		const char *kind, *variable, *under_home;
	} table[] = {
		{"CONFIG", "XDG_CONFIG_HOME", ".config"},
		{"STATE", "XDG_STATE_HOME", ".local/state"},
		{"CACHE", "XDG_CACHE_HOME", ".cache"},
	};
	size_t i = 0;

	while (i < ARRAY_SIZE(table) && strcmp(table[i].kind, kind) != 0)
		i++;
	assert(i < ARRAY_SIZE(table));
	const char *folder = getenv(table[i].variable);
	/* The XDG specification: a relative path is to be ignored. */
	if (folder && *folder == '/')
		return xasprintf("%s/weir", folder);
	char *home = home_folder();
	char *full = xasprintf("%s/%s/weir", home, table[i].under_home);
	free(home);
	return full;
}
