/*
 * A start that is in doubt, and that its JobManager does not know: a client that is stuck (its
 * program asks for something, its JobManager does not answer it) may still send it. It is looked for
 * where it was started, by the job's id in its words, which nobody else's has.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/action/start.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"

#define SEEK_MS 10000
#define ID_LEN 32
#define SEEN "seen"

struct seeking {
	struct action *action;
	client_fn then;
	char *host; /* NULL = this machine */
};

static void seeking_free(void *thing)
{
	struct seeking *seeking = thing;

	free(seeking->host);
	free(seeking);
}

/*
 * Prints the process ids, then SEEN. The id as a pattern that does not match itself: neither this
 * line's shell nor grep is who is looked for.
 */
static char *seek_command(const char *job_id)
{
	char *pattern = xasprintf("[%c]%s", job_id[0], job_id + 1);
	struct buf out;

	buf_init(&out, 0);
	buf_adds(&out, "p=");
	sh_quote(&out, pattern);
	buf_adds(&out,
		"; if [ -r /proc/self/cmdline ]; then\n"
		"	grep -las -e \"$p\" /proc/[0-9]*/cmdline | cut -d/ -f3\n"
		"else ps -A -ww -o pid= -o args= | grep -e \"$p\" | awk '{ print $1 }'; fi |\n"
		"tr '\\n' ' '; echo " SEEN);
	free(pattern);
	return buf_detach(&out);
}

static void on_sought(void *data, const struct ssh_result *result, const struct err *err)
{
	struct seeking *seeking = data;
	struct action *action = seeking->action;
	char *pids, *end;

	action->start->ssh = NULL;
	if (err) {
		seeking->then(action, NULL, seeking->host, err->text);
		return;
	}
	pids = xstrdup(buf_str(result->out));
	end = strstr(pids, SEEN);
	if (!end) {
		seeking->then(action, NULL, seeking->host, _("its shell did not say"));
	} else {
		while (end > pids && isspace((unsigned char)end[-1]))
			end--;
		*end = '\0';
		seeking->then(action, *pids ? pids : NULL, seeking->host, NULL);
	}
	free(pids);
}

static void seek(struct seeking *seeking, const char *host)
{
	struct action *action = seeking->action;
	char *command = seek_command(action->run.start_job_id);

	seeking->host = xstrdup_null(host_or_local(host));
	action->start->ssh = ssh_exec(action->options.hosts,
		&(struct ssh_exec_options){
			.host = seeking->host, .command = command, .timeout_ms = SEEK_MS},
		on_sought, seeking);
	free(command);
}

/* Of a run that was left: where its release lies is where it was started. */
static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct seeking *seeking = data;
	struct action *action = seeking->action;

	action->start->query = NULL;
	for (size_t i = 0; !err && i < count; i++) {
		if (releases[i]->number != action->run.release)
			continue;
		seek(seeking, releases[i]->host);
		return;
	}
	seeking->then(action, NULL, NULL, err ? err->text : _("its release is not known"));
}

static void on_nowhere(void *data)
{
	struct seeking *seeking = data;

	seeking->action->start->timer = NULL;
	seeking->then(seeking->action, NULL, NULL, _("no host can be reached from here"));
}

void start_seek_client(struct action *action, client_fn then)
{
	struct start_work *start = start_of(action);
	const struct deployment *deployment = start_deployment(action);
	const char *id = action->run.start_job_id;
	struct seeking *seeking = xcalloc(1, sizeof(*seeking));

	seeking->action = action;
	seeking->then = then;
	action_own(action, seeking, seeking_free);
	if (!action->options.hosts || strlen(id) != ID_LEN ||
		strspn(id, "0123456789abcdef") != ID_LEN) {
		loop_timer_cancel(start->timer);
		start->timer = loop_timer(action->options.loop, 0, 0, on_nowhere, seeking);
	} else if (deployment) {
		seek(seeking, deployment->env.host);
	} else {
		start->query = query_releases(action->options.store, action->run.app, RELEASES_MOST,
			on_releases, seeking);
	}
}
