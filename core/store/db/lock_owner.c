/*
 * The kernel's list of locks is read: asking by fcntl() would need a descriptor of our own, and
 * closing that would drop SQLite's locks on the file. The writer of a write-ahead log locks byte 120
 * of the -shm file, any other writer the reserved byte of the file (both are SQLite's file format).
 */
#include "core/store/db/lock_owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"

#define WAL_WRITE_BYTE 120
#define RESERVED_BYTE 0x40000001
#define TEXT_MAX ((size_t)4 << 20)

/* "1: POSIX  ADVISORY  WRITE 1234 08:01:131 120 120"; the last may be "EOF". */
static int64_t owner_in_line(const char *line, uint64_t inode, int64_t byte)
{
	char kind[16], access[16], last[24];
	unsigned major, minor;
	uint64_t its_inode;
	int64_t pid, first;

	if (sscanf(line, "%*d: %15s %*s %15s %" SCNd64 " %x:%x:%" SCNu64 " %" SCNd64 " %23s", kind,
		    access, &pid, &major, &minor, &its_inode, &first, last) != 8)
		return 0;
	if (strcmp(kind, "POSIX") != 0 || strcmp(access, "WRITE") != 0 || its_inode != inode ||
		first > byte)
		return 0;
	if (strcmp(last, "EOF") != 0 && strtoll(last, NULL, 10) < byte)
		return 0;
	return pid > 0 ? pid : 0;
}

static int64_t owner_of_byte(const char *locks, const char *path, int64_t byte)
{
	struct stat st;
	int64_t pid = 0;

	if (stat(path, &st) < 0)
		return 0;
	for (const char *line = locks; line && *line && !pid;) {
		pid = owner_in_line(line, (uint64_t)st.st_ino, byte);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return pid;
}

static bool is_stopped_process(int64_t pid)
{
	char *path = xasprintf("/proc/%" PRId64 "/stat", pid);
	const char *name_end;
	struct buf text;
	bool stopped;

	buf_init(&text, TEXT_MAX);
	file_read(path, &text, NULL);
	name_end = strrchr(buf_str(&text), ')');
	stopped =
		name_end && (strncmp(name_end, ") T", 3) == 0 || strncmp(name_end, ") t", 3) == 0);
	buf_release(&text);
	free(path);
	return stopped;
}

int64_t lock_owner(const char *path, bool *is_stopped)
{
	char *shm = xasprintf("%s-shm", path);
	struct buf locks;
	int64_t pid;

	buf_init(&locks, TEXT_MAX);
	file_read("/proc/locks", &locks, NULL);
	pid = owner_of_byte(buf_str(&locks), shm, WAL_WRITE_BYTE);
	if (!pid)
		pid = owner_of_byte(buf_str(&locks), path, RESERVED_BYTE);
	buf_release(&locks);
	free(shm);
	*is_stopped = pid && is_stopped_process(pid);
	return pid;
}
