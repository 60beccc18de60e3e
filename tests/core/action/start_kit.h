/*
 * A stage for starts: a source that says what a case lets it say, a real store with a release, one
 * declared application. What is counted is what the source was asked.
 */
#ifndef WEIR_TESTS_ACTION_START_KIT_H
#define WEIR_TESTS_ACTION_START_KIT_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/query/query.h"
#include "core/store/journal/release.h"
#include "tests/support/check.h"

#define APP_REF "prod/workspace/app/ods/orders"
#define OLD_JOB "0123456789abcdef0123456789abcdef"
#define DEADLINE_MS 60000
#define LINES_MOST 6

/* One answer: code 0 = it went well. */
struct line {
	enum err_code code;
	const char *text;               /* of the error */
	enum job_status status;         /* JOB, TASKS */
	int running, total;             /* TASKS */
	const char *job_id;             /* BEFORE */
	int slots;                      /* BEFORE; 0 is -1: not known; -1 is 0: none */
	const char *location, *failure; /* TRIGGER, TASKS */
	bool is_silent;                 /* never answers */
};
/* The last line of a verb is said again and again. */
struct script {
	struct line lines[SOURCE_VERB_MAX][LINES_MOST];
	size_t count[SOURCE_VERB_MAX];
};

struct scripted {
	struct source base;
	struct loop *loop;
	struct script script;
	int asked[SOURCE_VERB_MAX];
	char *started, *restored, *printed; /* of the last START; restored NULL = nothing */
	bool allows;
	char *mode, *artifact;
	enum source_verb kill_at; /* SOURCE_VERB_MAX = never: this process dies when it is asked */
};

struct source_op {
	struct scripted *source;
	struct loop_timer *timer;
	struct line line;
	enum source_verb verb;
	void (*on_output)(void *data, const char *bytes, size_t len);
	source_op_fn done;
	void *data;
};

static inline void op_free(struct source_op *op)
{
	loop_timer_cancel(op->timer);
	free(op);
}

static inline void op_answer(void *data)
{
	struct source_op *op = data;
	const struct line *line = &op->line;
	struct source_answer answer = {.is_over = true,
		.checkpoint_id = -1,
		.location = line->location,
		.failure = line->failure,
		.job_status = line->status,
		.tasks_running = line->running,
		.tasks_total = line->total,
		.job_id = line->job_id,
		.slots_free = line->slots < 0 ? 0
			: line->slots         ? line->slots
					      : -1,
		.address = "http://jm"};
	struct err err;

	if (op->on_output)
		op->on_output(op->data, "Job has been submitted\n", 23);
	if (line->code)
		err_set(&err, line->code, "%s", line->text ? line->text : "no");
	op->done(op->data, &answer, line->code ? &err : NULL);
	op_free(op);
}

static inline void remember_start(struct scripted *source, const struct source_request *request)
{
	free(source->started);
	free(source->restored);
	free(source->mode);
	free(source->artifact);
	source->artifact = xstrdup_null(request->deployment->artifact);
	source->started = xstrdup(request->job_id);
	source->restored = xstrdup_null(request->restore_path);
	source->mode = xstrdup_null(request->restore_mode);
	source->allows = request->allow_non_restored_state;
}

static inline struct source_op *scripted_send(
	struct source *base, const struct source_request *request, source_op_fn done, void *data)
{
	struct scripted *source = (struct scripted *)base;
	size_t count = source->script.count[request->verb];
	size_t at = (size_t)source->asked[request->verb]++;
	struct source_op *op = xcalloc(1, sizeof(*op));

	if (source->kill_at == request->verb)
		raise(SIGKILL);
	if (!count)
		fail_msg("verb %d was not expected", (int)request->verb);
	if (request->verb == SOURCE_START) {
		remember_start(source, request);
		op->on_output = request->on_output;
	}
	op->source = source;
	op->line = source->script.lines[request->verb][at < count ? at : count - 1];
	op->verb = request->verb;
	op->done = done;
	op->data = data;
	if (!op->line.is_silent)
		op->timer = loop_timer(source->loop, 0, 0, op_answer, op);
	return op;
}

static inline char *scripted_describe(
	const struct source *base, const struct source_request *request)
{
	static const char *const words[SOURCE_VERB_MAX] = {[SOURCE_STOP] = "STOP",
		[SOURCE_START] = "START",
		[SOURCE_TRIGGER] = "TRIGGER",
		[SOURCE_JOB] = "JOB",
		[SOURCE_TASKS] = "TASKS",
		[SOURCE_BEFORE] = "BEFORE"};

	(void)base;
	return xasprintf("%s %s from %s%s%s", words[request->verb],
		request->job_id ? request->job_id : "-",
		request->restore_path ? request->restore_path : "-",
		request->verb == SOURCE_START ? " of " : "",
		request->verb == SOURCE_START ? request->deployment->artifact : "");
}

static inline void script_add(struct scripted *source, enum source_verb verb, struct line line)
{
	size_t *count = &source->script.count[verb];

	assert_true(*count < LINES_MOST);
	source->script.lines[verb][(*count)++] = line;
}

static const struct source_ops scripted_ops = {.kind = "flink",
	.send = scripted_send,
	.send_cancel = op_free,
	.describe = scripted_describe};

struct stage {
	struct loop *loop;
	struct scripted source;
	struct source *sources[1];
	struct store *store;
	char *dir;
	struct cluster cluster;
	struct job job;
	struct app_decl decl;
	struct app app;
	struct context_config config;
	struct action_options options;
	struct action *action;
	bool waits, is_back;
	char *calls, *warnings, *typed, *restore;
	struct buf output;
	struct run *run, *row;
	size_t rows;
	struct err err;
	int64_t number;
};

static inline void on_problem(void *data, const struct err *err)
{
	(void)data;
	(void)err;
}

static inline void back(struct stage *s)
{
	s->is_back = true;
	loop_stop(s->loop);
}

static inline void stage_wait(struct stage *s, const char *row)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	while (!s->is_back && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 100);
	check_bool(row, s->is_back, true);
	s->is_back = false;
}

static inline void stage_plan(struct stage *s, const struct action_plan *plan)
{
	free(s->calls);
	free(s->warnings);
	free(s->typed);
	free(s->restore);
	s->calls = xstrdup_null(plan ? plan->calls : NULL);
	s->warnings = xstrdup_null(plan ? plan->warnings : NULL);
	s->typed = xstrdup_null(plan ? plan->typed : NULL);
	s->restore = xstrdup_null(plan ? plan->restore_path : NULL);
}

static inline void on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct stage *s = data;

	stage_plan(s, plan);
	s->action = action;
	s->err = err ? *err : (struct err){0};
	if (err) {
		free(s->run);
		s->run = NULL;
	}
	if (err || s->waits)
		back(s);
	else
		action_go(action);
}

static inline void on_output(void *data, const char *bytes, size_t len)
{
	struct stage *s = data;

	buf_add(&s->output, bytes, len);
}

static inline void on_done(void *data, const struct run *run, const struct err *err)
{
	struct stage *s = data;

	s->action = NULL;
	free(s->run);
	s->run = run ? run_dup(run) : NULL;
	s->err = err ? *err : (struct err){0};
	back(s);
}

static inline void on_runs(
	void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct stage *s = data;

	assert_null(err);
	s->rows = count;
	free(s->row);
	s->row = count ? run_dup(runs[0]) : NULL;
	back(s);
}

static inline void newest(struct stage *s, const char *row)
{
	query_runs(s->store, NULL, false, 10, on_runs, s);
	stage_wait(s, row);
}

static inline void on_kept(void *data, int64_t number, const struct err *err)
{
	struct stage *s = data;

	if (err)
		fail_msg("%s", err->text);
	s->number = number ? number : s->number;
	back(s);
}

/* The application as it is declared now becomes the active release. */
static inline void stage_release(struct stage *s)
{
	struct deployment *deployment;
	struct err err;

	check_ok("render",
		deployment_render(&deployment,
			&(struct deployment_input){.decl = &s->decl, .context = "prod"}, &err),
		&err);
	json_t *root = deployment_json(deployment);
	char *manifest = json_dumps(root, JSON_COMPACT);
	struct release release = {
		.app = APP_REF, .dir = "/r/1", .digest = deployment->digest, .manifest = manifest};

	keep_release(s->store, &release, on_kept, s);
	stage_wait(s, "release");
	release.number = s->number;
	release.is_active = true;
	keep_release_active(s->store, &release, on_kept, s);
	stage_wait(s, "active");
	free(manifest);
	json_decref(root);
	deployment_free(deployment);
}

static inline void stage_point(struct stage *s, const char *path, int64_t completed_ms)
{
	struct restore_point point = {.app = APP_REF,
		.path = path,
		.job_id = OLD_JOB,
		.kind = RESTORE_SAVEPOINT,
		.completed_ms = completed_ms,
		.size = -1};

	keep_restore_point(s->store, &point, on_kept, s);
	stage_wait(s, "point");
}

/* Its job, in that status; NONE = it has none. */
static inline void stage_job(struct stage *s, enum job_status status)
{
	s->job.summary.status = status;
	s->app.job = status == JOB_STATUS_NONE ? NULL : &s->job;
}

static inline struct stage *stage_new(const char *dir)
{
	struct stage *s = xcalloc(1, sizeof(*s));
	struct err err = {0};

	s->dir = xstrdup(dir);
	check_ok("loop", loop_open(&s->loop, &err), &err);
	buf_init(&s->output, 0);
	s->source.base = (struct source){
		.ops = &scripted_ops, .context = (char *)"prod", .name = (char *)"sessions"};
	s->source.loop = s->loop;
	s->source.kill_at = SOURCE_VERB_MAX;
	s->sources[0] = &s->source.base;
	s->cluster.name = (char *)"sessions";
	s->cluster.status.slots_free = 4;
	s->job.cluster = &s->cluster;
	s->job.name = (char *)"orders";
	s->job.last_checkpoint.id = -1;
	memcpy(s->job.summary.id, OLD_JOB, sizeof(OLD_JOB));
	s->decl = (struct app_decl){.team = "ods",
		.name = "orders",
		.job_name = "orders",
		.type = APP_JAR,
		.target = TARGET_REMOTE,
		.cluster = "sessions",
		.artifact = "/jobs/orders.jar",
		.parallelism = 2,
		.path = "teams/ods/apps/orders.yaml"};
	s->app = (struct app){.ref = (char *)APP_REF,
		.context = (char *)"prod",
		.decl = &s->decl,
		.cluster = &s->cluster};
	store_open(&s->store, s->loop, s->dir, "prod", on_problem, s);
	s->options = (struct action_options){.loop = s->loop,
		.store = s->store,
		.config = &s->config,
		.app = &s->app,
		.sources = s->sources,
		.source_count = 1,
		.source = s->sources[0],
		.timeout_ms = 8000,
		.doubt_ms = 500,
		.arrival_ms = 500,
		.prepared = on_prepared,
		.on_output = on_output,
		.done = on_done,
		.data = s};
	return s;
}

static inline void stage_free(struct stage *s)
{
	stage_plan(s, NULL);
	store_close(s->store);
	loop_close(s->loop);
	buf_release(&s->output);
	free(s->source.started);
	free(s->source.restored);
	free(s->source.mode);
	free(s->source.artifact);
	free(s->run);
	free(s->row);
	free(s->dir);
	free(s);
}

static inline int setup(void **state)
{
	char *dir = temp_dir();

	*state = stage_new(dir);
	free(dir);
	return 0;
}

static inline int teardown(void **state)
{
	struct stage *s = *state;
	char *dir = xstrdup(s->dir);

	stage_free(s);
	temp_dir_remove(dir);
	return 0;
}

static inline void act(struct stage *s, const char *row, const struct act *act)
{
	s->options.act = act;
	s->action = action_new(&s->options);
	check_bool("not from inside", s->is_back, false);
	stage_wait(s, row);
}

/* "check DONE, start FAILED": as they stand in the row; malloc'd. */
static inline char *steps_of(const struct run *run)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; run && i < run->step_count; i++)
		buf_addf(&out, "%s%s %s", i ? ", " : "", run->steps[i].name,
			run_state_name(run->steps[i].state));
	return buf_detach(&out);
}

static inline void check_steps(const char *row, const struct run *run, const char *want)
{
	char *steps = steps_of(run);

	check_str(row, steps, want);
	free(steps);
}

#endif
