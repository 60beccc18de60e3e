/*
 * The workspace as it was at the last look. A file is read again when its stamp (device, inode,
 * size, both times in nanoseconds) differs, so that looking at 4,000 unchanged files is 4,000
 * fstatat() and no more.
 *
 * A stamp can lie: two writes within one tick of the file system's clock leave the same times. So
 * what was changed less than two seconds before it was read is read once more, and compared by its
 * hash (git calls such entries racy).
 *
 * Symbolic links are followed only while they stay inside the workspace: its content is foreign,
 * and an application file must not show what else the user may read. What is wrong with one file or
 * folder is that row's error; only a missing or unreadable teams/ fails the whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "core/source/workspace/parts.h"
#include "core/source/workspace/scan.h"

#define ENTRIES_MAX 100000
#define RACY_MS 2000

struct scan *scan_new(const char *path)
{
	struct scan *scan = xcalloc(1, sizeof(*scan));

	scan->path = xstrdup(path);
	scan->entries = map_new_of_borrowed();
	return scan;
}

static void entry_free(struct entry *entry)
{
	parsed_free(entry->parsed);
	sql_file_release(&entry->sql);
	free(entry->team);
	free(entry->path);
	free(entry);
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	map_each (item, scan->entries)
		entry_free(map_value(item));
	map_free(scan->entries);
	free(scan->real);
	free(scan->path);
	free(scan);
}

uint64_t scan_generation(const struct scan *scan)
{
	return scan->generation;
}

size_t scan_files_read(const struct scan *scan)
{
	return scan->files_read;
}

/* ---- entries ---- */

static struct entry *entry_get(
	struct scan *scan, enum entry_kind kind, const char *team, const char *path)
{
	struct entry *entry = map_get(scan->entries, path);

	if (entry && entry->kind != kind) {
		map_del(scan->entries, path);
		entry_free(entry);
		entry = NULL;
	}
	if (!entry) {
		entry = xcalloc(1, sizeof(*entry));
		entry->kind = kind;
		entry->team = xstrdup(team);
		entry->path = xstrdup(path);
		map_put(scan->entries, entry->path, entry);
		scan->changed = true;
	}
	entry->seen = scan->turn;
	return entry;
}

/* The file as a whole cannot be read: `text` is why. */
static void entry_break(struct scan *scan, struct entry *entry, const char *text)
{
	struct buf clean;
	char *error = xasprintf("%s:1:1: %s", entry->path, text);

	buf_init(&clean, 0);
	utf8_neutralise(&clean, error, strlen(error));
	memset(&entry->stamp, 0, sizeof(entry->stamp));
	if (!entry->parsed || !str_eq(entry->parsed->app.error, buf_str(&clean))) {
		parsed_free(entry->parsed);
		entry->parsed = parsed_broken(entry->team, entry->path, buf_str(&clean));
		scan->changed = true;
	}
	buf_release(&clean);
	free(error);
}

static void entry_break_errno(struct scan *scan, struct entry *entry)
{
	entry_break(scan, entry, strerror(errno));
}

/* ---- files ---- */

struct stamp stamp_of(const struct stat *st)
{
	struct stamp stamp;

	memset(&stamp, 0, sizeof(stamp)); /* it is compared with memcmp() */
	stamp.dev = (uint64_t)st->st_dev;
	stamp.ino = (uint64_t)st->st_ino;
	stamp.size = (int64_t)st->st_size;
	stamp.mtime_s = st->st_mtim.tv_sec;
	stamp.mtime_ns = st->st_mtim.tv_nsec;
	stamp.ctime_s = st->st_ctim.tv_sec;
	stamp.ctime_ns = st->st_ctim.tv_nsec;
	return stamp;
}

/* FNV-1a. */
static uint64_t hash_of(const char *data, size_t len)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 1099511628211u;
	return hash;
}

bool stamp_is_racy(const struct stat *st)
{
	int64_t changed_ms = (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;

	return clock_wall_ms() - changed_ms < RACY_MS;
}

char *scan_resolve(const struct scan *scan, const char *path)
{
	char *full = xasprintf("%s/%s", scan->real, path);
	char *real = realpath(full, NULL);
	int error = errno;
	size_t len = strlen(scan->real);

	free(full);
	if (real && str_starts(real, scan->real) && (real[len] == '/' || str_eq(scan->real, "/")))
		return real;
	errno = real ? EXDEV : error;
	free(real);
	return NULL;
}

/* An open descriptor, or -1 with the entry broken. Never blocks on a pipe. */
static int open_file(
	struct scan *scan, struct entry *entry, int folder, const char *name, bool is_link)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
	char *real = NULL;
	int fd;

	if (is_link && !(real = scan_resolve(scan, entry->path))) {
		entry_break(scan, entry, _("a link that leads nowhere, or out of the workspace"));
		return -1;
	}
	fd = real ? open(real, flags) : openat(folder, name, flags);
	if (fd < 0)
		entry_break_errno(scan, entry);
	free(real);
	return fd;
}

static bool read_all(int fd, struct buf *out)
{
	char chunk[16384];

	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			return true;
		if (buf_add(out, chunk, (size_t)got) < 0) {
			errno = EFBIG;
			return false;
		}
	}
}

static void read_file(struct scan *scan, struct entry *entry, int fd)
{
	struct stat st;
	struct buf text;

	if (fstat(fd, &st) < 0) {
		entry_break_errno(scan, entry);
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		entry_break(scan, entry, _("not a regular file"));
		return;
	}
	if ((size_t)st.st_size > WORKSPACE_FILE_BYTES_MAX) {
		entry_break(scan, entry, _("larger than 1 MiB"));
		return;
	}
	buf_init(&text, WORKSPACE_FILE_BYTES_MAX);
	bool racy = stamp_is_racy(&st);
	if (!read_all(fd, &text)) {
		entry_break_errno(scan, entry);
		buf_release(&text);
		return;
	}
	scan->files_read++;
	uint64_t hash = hash_of(buf_str(&text), text.len);
	bool was_read = entry->stamp.ino || entry->stamp.dev;
	if (!was_read || hash != entry->hash) {
		parsed_free(entry->parsed);
		entry->parsed = entry->kind == ENTRY_APP
			? parsed_app(entry->team, entry->path, buf_str(&text), text.len)
			: parsed_team(entry->team, entry->path, buf_str(&text), text.len);
		scan->changed = true;
	}
	entry->hash = hash;
	entry->stamp = stamp_of(&st);
	entry->is_racy = racy;
	buf_release(&text);
}

static void look_at_file(struct scan *scan, enum entry_kind kind, const char *team,
	const char *path, int folder, const char *name)
{
	struct entry *entry = entry_get(scan, kind, team, path);
	struct stat st;
	struct stamp stamp;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		entry_break_errno(scan, entry);
		return;
	}
	bool is_link = S_ISLNK(st.st_mode);
	/* A link's own times say nothing about the file; and where it leads may change. */
	stamp = stamp_of(&st);
	if (!is_link && !entry->is_racy && !memcmp(&stamp, &entry->stamp, sizeof(stamp)))
		return;
	int fd = open_file(scan, entry, folder, name, is_link);
	if (fd >= 0) {
		read_file(scan, entry, fd);
		close(fd);
	}
}

static void look_at_app(
	struct scan *scan, const char *team, const char *path, int folder, const char *name)
{
	look_at_file(scan, ENTRY_APP, team, path, folder, name);
	sql_file_look(scan, map_get(scan->entries, path));
}

/* ---- folders ---- */

/* A folder inside `parent` that is no link out of the workspace; -1 with errno, EXDEV for such a
 * link. */
static int open_folder(const struct scan *scan, int parent, const char *name, const char *path)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = openat(parent, name, flags | O_NOFOLLOW);
	char *real;

	/* Linux says ENOTDIR for a link to a folder, POSIX ELOOP. */
	if (fd >= 0 || (errno != ELOOP && errno != ENOTDIR && errno != EMLINK))
		return fd;
	struct stat st;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	if (!(real = scan_resolve(scan, path))) {
		errno = EXDEV;
		return -1;
	}
	fd = open(real, flags | O_NOFOLLOW);
	free(real);
	return fd;
}

static const char *folder_problem(int error)
{
	if (error == EXDEV)
		return _("a link that leads nowhere, or out of the workspace");
	return error == EOVERFLOW ? _("more files than can be shown") : strerror(error);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **data;
	size_t len, alloc;
};

/* The visible names in a folder, sorted, so that of two files with one name always the same one
 * wins. */
static int list_names(int fd, struct names *names)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *item;

	if (!dir) {
		int error = errno;
		if (copy >= 0)
			close(copy);
		errno = error;
		return -1;
	}
	while ((item = readdir(dir)) && names->len <= ENTRIES_MAX)
		if (item->d_name[0] != '.')
			vec_push(names, xstrdup(item->d_name));
	closedir(dir);
	if (names->len > ENTRIES_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	if (names->len)
		qsort(names->data, names->len, sizeof(*names->data), compare_names);
	return 0;
}

static void names_release(struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->data[i]);
	vec_release(names);
}

static void look_at_apps(struct scan *scan, const char *team, int team_fd)
{
	struct names names = {0};
	char *folder = xasprintf("teams/%s/apps", team);
	int fd = open_folder(scan, team_fd, "apps", folder);

	if ((fd < 0 && errno != ENOENT) || (fd >= 0 && list_names(fd, &names) < 0)) {
		const char *problem = folder_problem(errno);
		names_release(&names);
		entry_break(scan, entry_get(scan, ENTRY_APP, team, folder), problem);
	}
	for (size_t i = 0; i < names.len; i++) {
		const char *name = names.data[i];
		char *path = xasprintf("%s/%s", folder, name);
		if (str_ends(name, ".yaml"))
			look_at_app(scan, team, path, fd, name);
		else if (str_ends(name, ".yml"))
			entry_break(scan, entry_get(scan, ENTRY_APP, team, path),
				_("the name of an application file ends in .yaml"));
		free(path);
	}
	names_release(&names);
	if (fd >= 0)
		close(fd);
	free(folder);
}

static void look_at_team(struct scan *scan, const char *team, int teams_fd)
{
	char *folder = xasprintf("teams/%s", team);
	char *file = xasprintf("%s/team.yaml", folder);
	struct stat st;
	int fd = open_folder(scan, teams_fd, team, folder);

	if (fd < 0 && errno == ENOTDIR) {
		/* a file beside the team folders, such as a README */
	} else if (fd < 0) {
		const char *problem = folder_problem(errno);
		entry_break(scan, entry_get(scan, ENTRY_FOLDER, team, folder), problem);
	} else if (!str_is_name(team)) {
		entry_break(scan, entry_get(scan, ENTRY_FOLDER, team, folder),
			_("a team's folder must be a name (small letters, digits, '.', '_', '-'; "
			  "at "
			  "most 63, a letter or digit first)"));
	} else {
		struct entry *entry = entry_get(scan, ENTRY_FOLDER, team, folder);
		if (entry->parsed) {
			parsed_free(entry->parsed); /* it was broken, and is no more */
			entry->parsed = NULL;
			scan->changed = true;
		}
		if (fstatat(fd, "team.yaml", &st, AT_SYMLINK_NOFOLLOW) == 0)
			look_at_file(scan, ENTRY_TEAM, team, file, fd, "team.yaml");
		look_at_apps(scan, team, fd);
	}
	if (fd >= 0)
		close(fd);
	free(file);
	free(folder);
}

/* ---- the whole ---- */

static int open_teams(struct scan *scan, struct err *err)
{
	struct stat st;
	int fd, root;

	free(scan->real);
	scan->real = realpath(scan->path, NULL);
	if (!scan->real)
		return err_errno(err, errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : E_CONFIG,
			_("workspace %s"), scan->path);
	if (stat(scan->real, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(err, E_CONFIG, _("workspace %s: not a folder"), scan->path);
	root = open(scan->real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_errno(err, E_CONFIG, _("workspace %s"), scan->path);
	fd = open_folder(scan, root, "teams", "teams");
	int error = errno;
	close(root);
	if (fd >= 0)
		return fd;
	if (error == ENOENT)
		return err_set(err, E_NOTFOUND,
			_("workspace %s: no folder teams in it (applications are "
			  "teams/TEAM/apps/NAME.yaml)"),
			scan->path);
	return err_set(
		err, E_CONFIG, _("workspace %s: teams: %s"), scan->path, folder_problem(error));
}

int scan_run(struct scan *scan, struct err *err)
{
	struct names names = {0};
	int fd = open_teams(scan, err);

	if (fd < 0)
		return fd;
	if (list_names(fd, &names) < 0) {
		int rc = err_set(err, E_CONFIG, _("workspace %s: teams: %s"), scan->path,
			folder_problem(errno));
		names_release(&names);
		close(fd);
		return rc;
	}
	scan->turn++;
	scan->changed = false;
	for (size_t i = 0; i < names.len; i++)
		look_at_team(scan, names.data[i], fd);
	names_release(&names);
	close(fd);
	map_each (item, scan->entries) {
		struct entry *entry = map_value(item);
		if (entry->seen == scan->turn)
			continue;
		map_del(scan->entries, entry->path);
		entry_free(entry);
		scan->changed = true;
	}
	/* The first scan is a change even when there is nothing. */
	if (scan->changed || !scan->generation)
		scan->generation++;
	return 0;
}
