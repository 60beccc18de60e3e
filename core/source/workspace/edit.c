/*
 * Files are reached through their folder's descriptor, opened step by step without following links,
 * as the scan does: what cannot be read by it cannot be written here either. A file appears, and is
 * replaced, whole or not at all; its mode stays. A draft is a hidden file beside it, 0600, with the
 * same ending, so that editors know what it is and the scan does not see it.
 */
#include "core/source/workspace/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/source/workspace/parts.h"
#include "core/source/workspace/rewrite.h"

/* One application's file: teams/<team>/apps/<name>.yaml. */
struct place {
	int folder; /* of apps/; -1 = not open */
	char *team, *name, *file;
	char *path, *full; /* relative to the workspace, absolute */
};

static void place_release(struct place *place)
{
	if (place->folder >= 0)
		close(place->folder);
	free(place->team);
	free(place->name);
	free(place->file);
	free(place->path);
	free(place->full);
}

/* ---- folders ---- */

static int step_in(int parent, const char *name, bool make, int *out)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

	*out = openat(parent, name, flags);
	if (*out < 0 && errno == ENOENT && make && mkdirat(parent, name, 0777) == 0)
		*out = openat(parent, name, flags);
	return *out < 0 ? -1 : 0;
}

static int place_open(struct place *place, const char *workspace, const char *team,
	const char *name, bool make, struct err *err)
{
	const char *steps[] = {"teams", team, "apps"};
	int at;

	*place = (struct place){.folder = -1};
	if (!str_is_name(team) || !str_is_name(name))
		return err_set(err, E_ARG,
			_("'%s/%s' is no name: small letters, digits, '.', '_', '-'; at most 63"),
			team ? team : "", name ? name : "");
	place->team = xstrdup(team);
	place->name = xstrdup(name);
	place->file = xasprintf("%s.yaml", name);
	place->path = xasprintf("teams/%s/apps/%s", team, place->file);
	place->full = xasprintf("%s/%s", workspace, place->path);
	at = open(workspace, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return err_errno(
			err, errno == ENOENT ? E_NOTFOUND : E_DENIED, _("workspace %s"), workspace);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int next;
		bool failed = step_in(at, steps[i], make, &next) != 0;

		close(at);
		if (failed)
			return err_errno(
				err, errno == ENOENT ? E_NOTFOUND : E_DENIED, "%s", place->full);
		at = next;
	}
	place->folder = at;
	return 0;
}

/* decl->path: never anything else than such a file. */
static int place_of(struct place *place, const char *workspace, const char *path, struct err *err)
{
	char *copy = xstrdup(path ? path : ""), *team = NULL, *name = NULL, *slash;
	size_t len = strlen(copy);
	int rc;

	if (str_starts(copy, "teams/") && str_ends(copy, ".yaml")) {
		copy[len - strlen(".yaml")] = '\0';
		team = copy + strlen("teams/");
		slash = strchr(team, '/');
		if (slash && str_starts(slash, "/apps/")) {
			*slash = '\0';
			name = slash + strlen("/apps/");
		}
	}
	*place = (struct place){.folder = -1};
	rc = name ? place_open(place, workspace, team, name, false, err)
		  : err_set(err, E_ARG, _("'%s' is no application's file"), path ? path : "");
	free(copy);
	return rc;
}

/* ---- files ---- */

static int file_err(struct err *err, const struct place *place, const char *name)
{
	int code = errno == ENOENT                                    ? E_NOTFOUND
		: errno == EACCES || errno == EPERM || errno == EROFS ? E_DENIED
		: errno == ELOOP                                      ? E_CONFIG
								      : E_INTERNAL;

	return err_errno(err, (enum err_code)code, "%.*s%s",
		(int)(strlen(place->full) - strlen(place->file)), place->full, name);
}

/* mode may be NULL. */
static int read_file(
	const struct place *place, const char *name, struct buf *out, mode_t *mode, struct err *err)
{
	int fd = openat(place->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	char piece[16384];
	ssize_t got;
	int rc = 0;

	if (fd < 0)
		return file_err(err, place, name);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		rc = err_set(err, E_CONFIG, _("%s is no regular file"), place->full);
	while (!rc && (got = read(fd, piece, sizeof(piece))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			rc = file_err(err, place, name);
		else if (buf_add(out, piece, (size_t)got))
			rc = err_set(err, E_CONFIG, _("%s: larger than 1 MiB"), place->full);
	}
	if (mode)
		*mode = st.st_mode & 07777;
	close(fd);
	return rc;
}

/* A hidden file that was not there. malloc'd name. */
static int write_hidden(const struct place *place, const char *text, size_t len, mode_t mode,
	char **out, struct err *err)
{
	unsigned random = 0;
	char *name;
	size_t done = 0;
	int fd, rc = 0;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (unsigned)getpid();
	name = xasprintf(".%s.%08x.yaml", place->name, random);
	fd = openat(
		place->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0) {
		rc = file_err(err, place, name);
		free(name);
		return rc;
	}
	while (!rc && done < len) {
		ssize_t put = write(fd, text + done, len - done);
		if (put > 0)
			done += (size_t)put;
		else if (errno != EINTR)
			rc = file_err(err, place, name);
	}
	if (!rc && fsync(fd))
		rc = file_err(err, place, name);
	if (close(fd) && !rc)
		rc = file_err(err, place, name);
	if (rc) {
		unlinkat(place->folder, name, 0);
		free(name);
		return rc;
	}
	*out = name;
	return 0;
}

static int check(const struct place *place, const char *text, size_t len, struct err *err)
{
	struct parsed *parsed = parsed_app(place->team, place->path, text, len);
	int rc = parsed->app.error ? err_set(err, E_CONFIG, "%s", parsed->app.error) : 0;

	parsed_free(parsed);
	return rc;
}

/* ---- new and copy ---- */

static int apply_sets(
	const struct place *place, const struct source_change *change, char **text, struct err *err)
{
	for (size_t i = 0; i < change->set_count; i++) {
		const char *set = change->sets[i], *equals = strchr(set, '=');
		char *key;
		int rc;

		if (!equals || equals == set)
			return err_set(err, E_ARG, _("'%s' is not key=value"), set);
		key = xstrndup(set, (size_t)(equals - set));
		rc = str_eq(key, "name")
			? err_set(err, E_ARG, _("the name is %s already: leave name= out"),
				  place->name)
			: rewrite_set(place->path, text, key, equals + 1, err);
		free(key);
		if (rc)
			return rc;
	}
	return 0;
}

/* There it is, or it is not: what is there already stays. */
static int put_new(const struct place *place, const char *text, mode_t mode, struct err *err)
{
	char *hidden;
	int rc = write_hidden(place, text, strlen(text), mode, &hidden, err);

	if (rc)
		return rc;
	if (linkat(place->folder, hidden, place->folder, place->file, 0))
		rc = errno == EEXIST
			? err_set(err, E_CONFLICT, _("%s is there already"), place->full)
			: file_err(err, place, place->file);
	unlinkat(place->folder, hidden, 0);
	free(hidden);
	return rc;
}

static int make_new(const struct place *to, const struct source_change *change, struct err *err)
{
	char *text = rewrite_template(change->type, to->name, change->cluster, change->flink_env);
	int rc = apply_sets(to, change, &text, err);

	if (!rc)
		rc = check(to, text, strlen(text), err);
	if (!rc)
		rc = put_new(to, text, 0666, err);
	free(text);
	return rc;
}

static int make_copy(const struct place *from, const struct place *to,
	const struct source_change *change, struct err *err)
{
	struct buf original;
	mode_t mode = 0;
	char *text = NULL;
	int rc;

	buf_init(&original, WORKSPACE_FILE_BYTES_MAX);
	rc = read_file(from, from->file, &original, &mode, err);
	if (!rc) {
		text = xstrdup(buf_str(&original));
		rc = rewrite_set(to->path, &text, "name", to->name, err);
	}
	/* Two applications with one job name would claim the same job. */
	if (!rc && rewrite_has(to->path, text, "jobName"))
		rc = rewrite_set(to->path, &text, "jobName", to->name, err);
	if (!rc)
		rc = apply_sets(to, change, &text, err);
	if (!rc)
		rc = check(to, text, strlen(text), err);
	if (!rc)
		rc = put_new(to, text, mode, err);
	free(text);
	buf_release(&original);
	return rc;
}

/* ---- drafts ---- */

static int make_draft(const struct place *place, struct changed_file *out, struct err *err)
{
	struct buf text;
	char *name = NULL;
	int rc;

	buf_init(&text, WORKSPACE_FILE_BYTES_MAX);
	rc = read_file(place, place->file, &text, NULL, err);
	if (!rc)
		rc = write_hidden(place, buf_str(&text), text.len, 0600, &name, err);
	if (!rc) {
		hash_bytes(buf_str(&text), text.len, out->digest);
		out->path = xasprintf("%.*s%s", (int)(strlen(place->full) - strlen(place->file)),
			place->full, name);
	}
	free(name);
	buf_release(&text);
	return rc;
}

/* The draft's name in its folder; NULL when it is none of ours. */
static const char *draft_name(const struct place *place, const char *draft)
{
	const char *slash = draft ? strrchr(draft, '/') : NULL;
	char *prefix = xasprintf(".%s.", place->name);
	bool is_ours = slash && str_starts(slash + 1, prefix) && str_ends(slash, ".yaml");

	free(prefix);
	return is_ours ? slash + 1 : NULL;
}

static int save_draft(const struct place *place, const char *draft, const char *digest,
	struct changed_file *out, struct err *err)
{
	struct buf text, now;
	char drafted[HASH_HEX_LEN + 1], current[HASH_HEX_LEN + 1], *hidden = NULL;
	mode_t mode = 0;
	int rc;

	buf_init(&text, WORKSPACE_FILE_BYTES_MAX);
	buf_init(&now, WORKSPACE_FILE_BYTES_MAX);
	rc = read_file(place, draft, &text, NULL, err);
	if (!rc) {
		hash_bytes(buf_str(&text), text.len, drafted);
		out->is_same = str_eq(drafted, digest);
	}
	if (!rc && !out->is_same) {
		rc = check(place, buf_str(&text), text.len, err);
		if (!rc && read_file(place, place->file, &now, &mode, err))
			rc = err_set(err, E_CONFLICT,
				_("%s is gone meanwhile; what you wrote is in %s"), place->full,
				draft);
		if (!rc)
			hash_bytes(buf_str(&now), now.len, current);
		if (!rc && !str_eq(current, digest))
			rc = err_set(err, E_CONFLICT,
				_("%s was changed by somebody else meanwhile; what you wrote is in "
				  "%s beside it"),
				place->full, draft);
		if (!rc)
			rc = write_hidden(place, buf_str(&text), text.len, 0600, &hidden, err);
		if (!rc &&
			(fchmodat(place->folder, hidden, mode, 0) ||
				renameat(place->folder, hidden, place->folder, place->file)))
			rc = file_err(err, place, place->file);
		if (rc && hidden)
			unlinkat(place->folder, hidden, 0);
	}
	if (!rc) {
		unlinkat(place->folder, draft, 0);
		out->path = xstrdup(place->full);
	}
	free(hidden);
	buf_release(&text);
	buf_release(&now);
	return rc;
}

/* ---- all of them ---- */

static int change_file(const struct place *place, const struct source_change *change,
	struct changed_file *out, struct err *err)
{
	const char *draft;

	if (change->verb == SOURCE_DRAFT)
		return make_draft(place, out, err);
	if (change->verb == SOURCE_DELETE) {
		if (unlinkat(place->folder, place->file, 0))
			return file_err(err, place, place->file);
		out->path = xstrdup(place->full);
		return 0;
	}
	draft = draft_name(place, change->draft);
	if (!draft)
		return err_set(err, E_ARG, _("'%s' is no draft of %s"),
			change->draft ? change->draft : "", place->path);
	if (change->verb == SOURCE_SAVE)
		return save_draft(place, draft, change->digest, out, err);
	unlinkat(place->folder, draft, 0);
	return 0;
}

int workspace_change(const char *workspace, const struct source_change *change,
	struct changed_file *out, struct err *err)
{
	bool makes = change->verb == SOURCE_NEW || change->verb == SOURCE_COPY;
	struct place from = {.folder = -1}, to = {.folder = -1};
	int rc = 0;

	*out = (struct changed_file){0};
	if (change->verb != SOURCE_NEW)
		rc = place_of(&from, workspace, change->path, err);
	if (!rc && makes)
		rc = place_open(&to, workspace, change->team, change->name, true, err);
	if (!rc && change->verb == SOURCE_NEW)
		rc = make_new(&to, change, err);
	else if (!rc && change->verb == SOURCE_COPY)
		rc = make_copy(&from, &to, change, err);
	else if (!rc)
		rc = change_file(&from, change, out, err);
	if (!rc && makes)
		out->path = xstrdup(to.full);
	place_release(&from);
	place_release(&to);
	return rc;
}
