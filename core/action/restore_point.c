/*
 * Points are ordered by the time they completed: checkpoint numbers begin anew with each job, and a
 * savepoint of yesterday's job may have a higher one than today's checkpoint.
 */
#include "core/action/restore_point.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"

static bool is_newer(const struct restore_point *a, const struct restore_point *b)
{
	if (!b || a->completed_ms != b->completed_ms)
		return !b || a->completed_ms > b->completed_ms;
	/* At the same time: a savepoint is the operator's own. */
	return a->kind == RESTORE_SAVEPOINT && b->kind != RESTORE_SAVEPOINT;
}

static void describe(struct buf *out, const struct restore_point *point)
{
	char time[32];

	clock_format(point->completed_ms, time, sizeof(time));
	buf_addf(out, _("%s of %s (%s): %s"), _(restore_kind_words[point->kind]), time,
		point->is_gone               ? _("gone")
			: point->verified_ms ? _("verified")
					     : _("not verified"),
		point->path);
}

static bool is_path(const char *from)
{
	const char *colon = strchr(from, ':');

	if (*from == '/')
		return true;
	if (!colon || colon == from)
		return false;
	return strspn(from, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == (size_t)(colon - from) &&
		colon[1] == '/';
}

static int choose_path(struct restore_choice *out, const char *from,
	const struct restore_point *const *points, size_t count, struct buf *why, struct err *err)
{
	if (!is_path(from))
		return err_set(err, E_ARG,
			_("--from %s: neither \"latest\", \"none\", nor a path (an absolute one, "
			  "or "
			  "a URI as file:///… or s3://…)"),
			from);
	out->path = from;
	for (size_t i = 0; i < count; i++)
		if (str_eq(points[i]->path, from))
			out->point = points[i];
	if (out->point)
		describe(why, out->point);
	else
		buf_addf(why, _("asked for: %s (not known to weir)"), from);
	return 0;
}

static int choose_latest(struct restore_choice *out, const struct restore_point *const *points,
	size_t count, struct buf *why, struct err *err)
{
	const struct restore_point *newest = NULL, *gone = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!points[i]->is_gone && is_newer(points[i], newest))
			newest = points[i];
		if (points[i]->is_gone && is_newer(points[i], gone))
			gone = points[i];
	}
	if (!newest && gone)
		return err_set(err, E_CONFLICT,
			_("none of the %zu restore points that are known is there any more; the "
			  "newest was %s. Name one with --from PATH, or start from nothing with "
			  "--from none"),
			count, gone->path);
	if (!newest) {
		buf_adds(why, _("no restore point is known: it starts from nothing"));
		return 0;
	}
	out->point = newest;
	out->path = newest->path;
	buf_adds(why, _("the newest: "));
	describe(why, newest);
	if (gone && is_newer(gone, newest)) {
		buf_adds(why, _("\npassed over: "));
		describe(why, gone);
	}
	return 0;
}

int restore_choose(struct restore_choice *out, const char *from,
	const struct restore_point *const *points, size_t count, struct err *err)
{
	struct restore_choice choice = {.had_state = count > 0};
	struct buf why;
	int rc = 0;

	buf_init(&why, 0);
	if (str_eq(from, "none"))
		buf_adds(&why,
			count ? _("from nothing, as asked for: its state is left behind")
			      : _("from nothing, as asked for"));
	else if (!from || str_eq(from, "latest"))
		rc = choose_latest(&choice, points, count, &why, err);
	else
		rc = choose_path(&choice, from, points, count, &why, err);
	if (rc) {
		buf_release(&why);
		return rc;
	}
	choice.reason = buf_detach(&why);
	*out = choice;
	return 0;
}

void restore_choice_release(struct restore_choice *choice)
{
	free(choice->reason);
	memset(choice, 0, sizeof(*choice));
}

/* ---- looking for it ---- */

enum restore_place restore_place_of(const char *path, char **folder)
{
	*folder = NULL;
	if (str_starts(path, "file:")) {
		path += strlen("file:");
		/* file:///x, file://host/x (Flink writes none), file:/x */
		if (str_starts(path, "//"))
			path += 2;
	}
	if (*path != '/')
		return RESTORE_ELSEWHERE;
	*folder = xstrdup(path);
	size_t len = strlen(*folder);
	while (len > 1 && (*folder)[len - 1] == '/')
		(*folder)[--len] = '\0';
	return RESTORE_ON_FILES;
}

char *restore_test_command(const char *path)
{
	char *folder, *file;
	struct buf command;

	if (restore_place_of(path, &folder) != RESTORE_ON_FILES)
		return NULL;
	/* A savepoint may be named by its folder or by the file in it. */
	file = str_ends(folder, "/_metadata") ? xstrdup(folder) : xasprintf("%s/_metadata", folder);
	buf_init(&command, 0);
	buf_adds(&command, "test -f ");
	sh_quote(&command, file);
	free(file);
	free(folder);
	return buf_detach(&command);
}
