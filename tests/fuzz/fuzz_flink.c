/*
 * All parsers of a JobManager's answers: the first byte picks the one ('a' is the first), the rest
 * is the body. Beyond not crashing, what comes out must keep the promises of the model's headers, and
 * two readers of one answer tell the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/doc.h"
#include "core/base/utf8.h"
#include "core/source/flink/archive.h"
#include "core/source/flink/parse.h"
#include "tests/support/same_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void must_be_text(const char *text)
{
	must(!text || utf8_valid(text, strlen(text)));
}

static void must_be_tasks(const struct task_counts *tasks)
{
	must(tasks->total >= -1 && tasks->running >= -1 && tasks->failed >= -1 &&
		tasks->scheduled >= -1 && tasks->reconciling >= -1);
}

static void check_detail(const struct job_detail *job)
{
	must(job->parallelism >= -1 && job->restarts >= -1);
	for (size_t i = 0; i < job->vertex_count; i++) {
		must_be_text(job->vertices[i].name);
		must_be_tasks(&job->vertices[i].tasks);
		must(job->vertices[i].busy_ms >= -1 && job->vertices[i].read_bytes >= -1);
		must(job->vertices[i].parallelism <= job->parallelism);
	}
	must(job->exception_count <= FLINK_EXCEPTIONS_MAX);
	for (size_t i = 0; i < job->exception_count; i++) {
		const struct exception *e = &job->exceptions[i];

		must(e->name && e->text && e->cause && !strchr(e->cause, '\n'));
		must(e->time_ms == -1 || e->time_ms > 0);
		must(i == 0 || e->time_ms <= e[-1].time_ms);
		must_be_text(e->cause);
		must_be_text(e->task);
	}
	for (size_t i = 0; i < job->checkpoints.history_count; i++) {
		const struct checkpoint *c = &job->checkpoints.history[i];

		must(checkpoint_status_name(c->status) != NULL);
		must(i == 0 || c->id <= c[-1].id);
		must(c->state_bytes >= -1 && c->duration_ms >= -1 && c->trigger_ms != 0);
	}
	for (size_t i = 0; i < job->setting_count; i++) {
		must(job->settings[i].key && job->settings[i].value);
		must_be_text(job->settings[i].value);
		must(i == 0 || strcmp(job->settings[i - 1].key, job->settings[i].key) < 0);
	}
}

static void check_lists(char pick, const struct flink_parse *parse, const json_t *root)
{
	const struct job_summary *jobs = NULL;
	const struct taskmanager *tms = NULL;
	struct cluster_status status = {0};
	struct taskmanager_load load;
	size_t count = 0;

	switch (pick) {
	case 0:
		flink_parse_jobs(parse, root, &jobs, &count, NULL);
		for (size_t i = 0; i < count; i++) {
			must(strlen(jobs[i].id) == JOB_ID_LEN);
			must(strspn(jobs[i].id, "0123456789abcdef") == JOB_ID_LEN);
			must(jobs[i].duration_ms >= -1 && jobs[i].start_ms != 0);
			must((unsigned)jobs[i].status < JOB_STATUS_MAX);
			must_be_text(jobs[i].name);
			must_be_tasks(&jobs[i].tasks);
		}
		break;
	case 1:
		if (flink_parse_overview(parse, root, &status, NULL) == 0)
			must(status.taskmanagers >= 0 && status.slots_total >= -1);
		break;
	default:
		if (flink_parse_taskmanager(parse, root, &load, NULL) == 0)
			must(load.gc_ms >= -1 && load.gc_count >= -1 && load.heap_used_bytes >= -1);
		flink_parse_taskmanagers(parse, root, &tms, &count, NULL);
		for (size_t i = 0; i < count; i++) {
			must(tms[i].heap_bytes >= -1 && tms[i].network_bytes >= -1);
			must(tms[i].cpu_cores >= 0 || tms[i].cpu_cores == -1);
			must_be_text(tms[i].host);
		}
	}
}

static int (*const detail_parsers[])(
	const struct flink_parse *, const json_t *, struct job_detail *, struct err *) = {
	flink_parse_job,
	flink_parse_checkpoints,
	flink_parse_exceptions,
	flink_parse_restarts,
	flink_parse_config,
	flink_parse_checkpoint_config,
};

#define LISTS 3
#define DETAILS (sizeof(detail_parsers) / sizeof(detail_parsers[0]))

static void check_error(const char *body, size_t len)
{
	char *text = flink_error_text(body, len);

	must_be_text(text);
	must(!text || !strpbrk(text, "\r\n"));
	free(text);
	flink_error_is_unknown_job(body, len);
	flink_error_is_leaderless(500, body, len);
}

/* A file of an archive: what is read of it is read whole, or not at all. */
static void check_archive(const char *body, size_t len)
{
	static const char id[] = "1cc3465ab1d83a41f58b403c4c7dc4a6";
	char what[] = "archive";
	struct snapshot *snap = snapshot_new(SNAPSHOT_ENDED, "c", "s", id);
	struct flink_answer answers[FLINK_QUESTION_MAX] = {0};
	enum flink_question list[FLINK_QUESTION_MAX];
	size_t count = flink_history_questions(list);

	for (size_t i = 0; i < count; i++)
		answers[i] = (struct flink_answer){.question = list[i], .what = what};
	if (flink_archive_read(body, len, what, id, answers, count, NULL) == 0 &&
		flink_fill(snap, answers, count, NULL) == 0) {
		must(snap->job_count == 1 && strcmp(snap->jobs[0].id, id) == 0);
		must_be_text(snap->jobs[0].name);
		must_be_tasks(&snap->jobs[0].tasks);
		check_detail(&snap->detail);
	}
	for (size_t i = 0; i < count; i++)
		free(answers[i].body);
	snapshot_unref(snap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flink_parse parse = {.what = "GET http://jm/x"};
	struct job_detail job = {.parallelism = -1, .restarts = -1};
	size_t pick;
	json_t *root;
	char *body;

	if (size == 0)
		return 0;
	pick = (size_t)(uint8_t)(data[0] - 'a') % (LISTS + DETAILS + 2);
	/* A copy of exactly this size, so that a read behind it is seen. */
	body = malloc(size > 1 ? size - 1 : 1);
	memcpy(body, data + 1, size - 1);
	if (pick >= LISTS + DETAILS) {
		if (pick == LISTS + DETAILS)
			check_error(body, size - 1);
		else
			check_archive(body, size - 1);
		free(body);
		return 0;
	}
	bool scanned;
	if (pick == 0)
		must(same_jobs(body, size - 1, &scanned));
	if (pick == 1)
		must(same_overview(body, size - 1, &scanned));
	if (pick == LISTS)
		must(same_job_detail(body, size - 1, &scanned));
	if (pick == LISTS + 1)
		must(same_checkpoints(body, size - 1, &scanned));
	if (pick == LISTS + 2)
		must(same_exceptions(body, size - 1, &scanned));
	if (pick == LISTS + 3)
		must(same_restarts(body, size - 1, &scanned));
	root = doc_parse_json(body, size - 1, parse.what, NULL);
	free(body);
	if (!root)
		return 0;
	parse.arena = arena_new();
	if (pick < LISTS)
		check_lists((char)pick, &parse, root);
	else if (detail_parsers[pick - LISTS](&parse, root, &job, NULL) == 0)
		check_detail(&job);
	arena_free(parse.arena);
	json_decref(root);
	return 0;
}
