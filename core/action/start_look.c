/*
 * Looks for the _metadata of the chosen restore point, on the host of the Flink env or on this
 * machine. "Not there" is only believed where the folder that held it can be seen: another machine
 * may well have another file system under that path.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/start.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/store/journal/release.h"

#define LOOK_MS 10000

/* The folder that holds `path`, when it says something that it is there: "/tmp" is everywhere. */
static char *telling_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash && slash != path ? xstrndup(path, (size_t)(slash - path)) : NULL;

	if (parent && strrchr(parent, '/') == parent) {
		free(parent);
		return NULL;
	}
	return parent;
}

static void test_folder(struct buf *out, const char *folder)
{
	buf_addf(out, "%s test -d ", out->len ? " ||" : "");
	sh_quote(out, folder);
}

/* Prints there, gone or elsewhere. NULL where it cannot be looked for. malloc'd. */
static char *look_command(const char *path)
{
	char *test = restore_test_command(path), *folder, *parent, *above = NULL;
	struct buf out, seen;

	if (!test)
		return NULL;
	restore_place_of(path, &folder);
	parent = telling_parent(folder);
	/* A job's checkpoints lie in a folder of its own, which goes with them. */
	if (parent && strstr(folder, "/chk-"))
		above = telling_parent(parent);
	buf_init(&out, 0);
	buf_init(&seen, 0);
	if (parent)
		test_folder(&seen, parent);
	if (above)
		test_folder(&seen, above);
	buf_addf(&out, "if %s; then echo there; ", test);
	if (seen.len)
		buf_addf(&out, "elif%s; then echo gone; ", buf_str(&seen));
	buf_adds(&out, "else echo elsewhere; fi");
	buf_release(&seen);
	free(above);
	free(parent);
	free(folder);
	free(test);
	return buf_detach(&out);
}

static void finish(struct action *action, enum look look, const char *why)
{
	struct start_work *start = action->start;
	look_fn looked = start->looked;

	start->looked = NULL;
	if (look != LOOK_UNKNOWN) {
		struct restore_point seen = start->point;

		seen.is_gone = look == LOOK_GONE;
		seen.verified_ms = look == LOOK_THERE ? clock_wall_ms() : 0;
		if (seen.completed_ms) /* one that is known, and not just a path that was said */
			keep_restore_point(action->options.store, &seen, NULL, NULL);
	}
	looked(action, look, why);
}

static void on_looked(void *data, const struct ssh_result *result, const struct err *err)
{
	struct action *action = data;
	const char *said = result->out ? buf_str(result->out) : "";

	action->start->ssh = NULL;
	if (err)
		finish(action, LOOK_UNKNOWN, err->text);
	else if (str_starts(said, "there"))
		finish(action, LOOK_THERE, NULL);
	else if (str_starts(said, "gone"))
		finish(action, LOOK_GONE, NULL);
	else
		finish(action, LOOK_UNKNOWN, _("it is not on this file system"));
}

static void on_not_looked(void *data)
{
	struct action *action = data;

	finish(action, LOOK_UNKNOWN, NULL);
}

void start_look(struct action *action, look_fn looked)
{
	struct start_work *start = start_of(action);
	const struct deployment *deployment = start_deployment(action);
	char *command = start->point.path ? look_command(start->point.path) : NULL;

	start->looked = looked;
	if (command && action->options.hosts) {
		start->ssh = ssh_exec(action->options.hosts,
			&(struct ssh_exec_options){.host = deployment->env.host,
				.command = command,
				.timeout_ms = LOOK_MS},
			on_looked, action);
	} else {
		loop_timer_cancel(start->timer);
		start->timer = loop_timer(action->options.loop, 0, 0, on_not_looked, action);
	}
	free(command);
}
