/*
 * The source: polls on the loop, scans on the pool. One scan at a time, because it owns the cache
 * while it runs; polls that come meanwhile wait and share the next one. A scan that hangs (a
 * network disk) times its polls out, and holds up later ones until it comes back, but never the
 * loop.
 *
 * A closed source leaves a running scan behind as an orphan, which frees itself when it is done.
 */
#include "core/source/workspace/workspace.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/loop/work.h"
#include "core/source/workspace/edit.h"
#include "core/source/workspace/parts.h"

#define TIMEOUT_MS 10000

struct workspace;
struct scan_job;

struct source_poll {
	struct workspace *workspace;
	struct source_poll **list; /* the one it is in; NULL: canceled */
	struct source_poll *next;
	struct loop_timer *timer;
	struct snapshot *refusal;
	source_done_fn done; /* NULL: canceled */
	void *data;
	int64_t asked_ms;
};

struct workspace {
	struct source source;
	struct loop *loop;
	char *path;
	struct scan *scan;           /* NULL while a job has it */
	struct scan_job *job;        /* running, or NULL */
	struct scan_job *answering;  /* handing out its snapshot */
	struct source_poll *waiting; /* for the next job */
	struct source_poll *refused; /* their answers are on their way */
	uint64_t delivered;          /* generation of the last good answer; 0 = none yet */
};

struct scan_job {
	struct workspace *workspace; /* NULL: closed meanwhile */
	struct source_poll *polls;
	/* The pool's part: inputs and outputs by value. */
	struct scan *scan;
	struct snapshot *snapshot;
	uint64_t known;
};

static void start_job(struct workspace *workspace);

/* ---- polls ---- */

static void poll_link(struct source_poll *poll, struct source_poll **list)
{
	struct source_poll **end = list;

	while (*end)
		end = &(*end)->next;
	*end = poll;
	poll->list = list;
}

static void poll_unlink(struct source_poll *poll)
{
	for (struct source_poll **at = poll->list; at && *at; at = &(*at)->next) {
		if (*at == poll) {
			*at = poll->next;
			break;
		}
	}
	poll->list = NULL;
	poll->next = NULL;
}

static void poll_free(struct source_poll *poll)
{
	loop_timer_cancel(poll->timer);
	snapshot_unref(poll->refusal);
	free(poll);
}

/* Ends the poll. The callee owns `snapshot`; it may cancel other polls and close the source. */
static void poll_answer(struct source_poll *poll, struct snapshot *snapshot)
{
	source_done_fn done = poll->done;
	void *data = poll->data;

	poll_unlink(poll);
	poll_free(poll);
	done(data, snapshot);
}

static struct snapshot *snapshot_for(const struct workspace *workspace, enum snapshot_kind kind)
{
	return snapshot_new(kind, workspace->source.context, workspace->source.name, NULL);
}

static void on_timeout(void *data)
{
	struct source_poll *poll = data;
	struct snapshot *snapshot = snapshot_for(poll->workspace, SNAPSHOT_WORKSPACE);

	snapshot->asked_ms = poll->asked_ms;
	snapshot->observed_ms = clock_wall_ms();
	snapshot_fail(snapshot, E_TIMEOUT, _("workspace %s: the disk does not answer"),
		poll->workspace->path);
	poll_answer(poll, snapshot);
}

static void on_refused(void *data)
{
	struct source_poll *poll = data;
	struct snapshot *snapshot = poll->refusal;
	source_done_fn done = poll->done;
	void *user = poll->data;

	poll->refusal = NULL;
	poll_unlink(poll);
	poll_free(poll);
	if (done)
		done(user, snapshot);
	else
		snapshot_unref(snapshot);
}

static struct source_poll *workspace_poll(
	struct source *source, const struct poll *request, source_done_fn done, void *data)
{
	struct workspace *workspace = (struct workspace *)source;
	struct source_poll *poll = xcalloc(1, sizeof(*poll));

	poll->workspace = workspace;
	poll->done = done;
	poll->data = data;
	poll->asked_ms = clock_wall_ms();
	if (request->what != SNAPSHOT_WORKSPACE) {
		poll->refusal =
			snapshot_new(request->what, source->context, source->name, request->job_id);
		poll->refusal->asked_ms = poll->refusal->observed_ms = poll->asked_ms;
		snapshot_fail(poll->refusal, E_UNSUPPORTED,
			_("a workspace declares teams and applications only"));
		poll_link(poll, &workspace->refused);
		loop_defer(workspace->loop, on_refused, poll);
		return poll;
	}
	poll->timer = loop_timer(workspace->loop,
		request->timeout_ms > 0 ? request->timeout_ms : TIMEOUT_MS, 0, on_timeout, poll);
	poll_link(poll, &workspace->waiting);
	if (!workspace->job)
		start_job(workspace);
	return poll;
}

static void workspace_cancel(struct source_poll *poll)
{
	poll_unlink(poll);
	if (poll->refusal)
		poll->done = NULL; /* the deferred call frees it */
	else
		poll_free(poll);
}

/* ---- scans ---- */

/* On the pool. */
static void job_run(void *data)
{
	struct scan_job *job = data;
	struct snapshot *snapshot = job->snapshot;
	struct err err;
	int rc = scan_run(job->scan, &err);

	snapshot->observed_ms = clock_wall_ms();
	if (rc) {
		snapshot_fail(snapshot, err.code, "%s", err.text);
		return;
	}
	snapshot->is_unchanged = scan_generation(job->scan) == job->known;
	if (!snapshot->is_unchanged)
		scan_fill(job->scan, snapshot);
}

static void job_done(void *data)
{
	struct scan_job *job = data;
	struct workspace *workspace = job->workspace;

	if (workspace) {
		workspace->job = NULL;
		workspace->scan = job->scan;
		if (job->polls && !job->snapshot->err.code)
			workspace->delivered = scan_generation(job->scan);
		job->scan = NULL;
		/* Before the answers: one of them may close the source. */
		if (workspace->waiting)
			start_job(workspace);
		workspace->answering = job;
	}
	while (job->polls) {
		struct source_poll *poll = job->polls;
		poll_answer(poll, snapshot_ref(job->snapshot));
	}
	if (job->workspace)
		job->workspace->answering = NULL;
	scan_free(job->scan);
	snapshot_unref(job->snapshot);
	free(job);
}

static void start_job(struct workspace *workspace)
{
	struct scan_job *job = xcalloc(1, sizeof(*job));

	job->workspace = workspace;
	job->scan = workspace->scan;
	job->known = workspace->delivered;
	job->snapshot = snapshot_for(workspace, SNAPSHOT_WORKSPACE);
	job->snapshot->asked_ms = clock_wall_ms();
	while (workspace->waiting) {
		struct source_poll *poll = workspace->waiting;
		poll_unlink(poll);
		poll_link(poll, &job->polls);
	}
	workspace->scan = NULL;
	workspace->job = job;
	work_start(workspace->loop, job_run, job_done, job);
}

/* ---- the source ---- */

static void cancel_all(struct source_poll **list)
{
	while (*list)
		workspace_cancel(*list);
}

static void workspace_close(struct source *source)
{
	struct workspace *workspace = (struct workspace *)source;

	cancel_all(&workspace->waiting);
	cancel_all(&workspace->refused);
	struct scan_job *jobs[] = {workspace->job, workspace->answering};
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		if (jobs[i]) {
			cancel_all(&jobs[i]->polls);
			jobs[i]->workspace = NULL;
		}
	}
	scan_free(workspace->scan);
	free(workspace->source.context);
	free(workspace->source.name);
	free(workspace->path);
	free(workspace);
}

static struct source_change_op *workspace_start_change(struct source *source,
	const struct source_change *change, source_change_fn done, void *data)
{
	struct workspace *workspace = (struct workspace *)source;

	return workspace_change_start(workspace->loop, workspace->path, change, done, data);
}

static int workspace_cost(const struct source *source, const struct poll *poll)
{
	(void)source;
	(void)poll;
	return 0;
}

struct source *workspace_source_new(struct loop *loop, const char *context, const char *path)
{
	static const struct source_ops ops = {
		.kind = "workspace",
		.poll = workspace_poll,
		.cancel = workspace_cancel,
		.close = workspace_close,
		.cost = workspace_cost,
		.change = workspace_start_change,
		.change_cancel = workspace_change_cancel,
	};
	struct workspace *workspace = xcalloc(1, sizeof(*workspace));

	workspace->source.ops = &ops;
	workspace->source.context = xstrdup(context);
	workspace->source.name = xstrdup("workspace");
	workspace->loop = loop;
	workspace->path = xstrdup(path);
	workspace->scan = scan_new(path);
	return &workspace->source;
}
