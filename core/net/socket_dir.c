#include "core/net/socket_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"

#define PREFIX "weir-"
#define PATTERN PREFIX "XXXXXX"
#define YOUNG_S 60

/* A folder of ours that nobody holds: its process was killed. A young one may yet be locked. */
static bool is_left(int base, const char *name, int *fd)
{
	struct stat st;

	if (!str_starts(name, PREFIX) || strlen(name) != strlen(PATTERN))
		return false;
	*fd = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return false;
	if (fstat(*fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 07777) == 0700 &&
		st.st_mtime + YOUNG_S < time(NULL) && flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	close(*fd);
	return false;
}

/* Sockets only: a folder with anything else in it is none of ours, and rmdir() leaves it. */
static void remove_sockets(int fd)
{
	DIR *dir = fdopendir(dup(fd));
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISSOCK(st.st_mode))
			unlinkat(fd, entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static void sweep(void *data)
{
	int base = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	DIR *dir = base < 0 ? NULL : fdopendir(base);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_left(base, entry->d_name, &fd)) {
			remove_sockets(fd);
			unlinkat(base, entry->d_name, AT_REMOVEDIR);
			close(fd);
		}
	if (dir)
		closedir(dir);
	else if (base >= 0)
		close(base);
}

int socket_dir_make(struct socket_dir *dir, struct loop *loop, struct err *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char *path;

	if (dir->path)
		return 0;
	/* The path of a Unix socket has room for about a hundred bytes. */
	if (str_empty(base) || strlen(base) > 60 || access(base, W_OK))
		base = "/tmp";
	path = xasprintf("%s/" PATTERN, base);
	if (!mkdtemp(path)) { /* which makes it 0700 */
		err_errno(err, E_INTERNAL, _("cannot make the folder %s"), path);
		free(path);
		return -1;
	}
	dir->path = path;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd >= 0)
		flock(dir->fd, LOCK_SH | LOCK_NB);
	work_start(loop, sweep, free, xstrdup(base));
	return 0;
}

void socket_dir_remove(struct socket_dir *dir)
{
	if (!dir->path)
		return;
	rmdir(dir->path);
	if (dir->fd >= 0)
		close(dir->fd);
	free(dir->path);
	dir->path = NULL;
}
