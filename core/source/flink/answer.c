/* One table says what is asked, whether it must be answered, and which bit of a job it fills. */
#include "core/source/flink/answer.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/flink/logs.h"
#include "core/source/flink/parse.h"

static const struct {
	enum snapshot_kind kind;
	unsigned part; /* of a job; 0 = always */
	bool is_optional;
	const char *path, *job_path; /* job_path: behind "/jobs/<id>", and a source of lag */
} questions[FLINK_QUESTION_MAX] = {
	[FLINK_JOBS] = {SNAPSHOT_CLUSTER, 0, false, "/jobs/overview", NULL},
	[FLINK_OVERVIEW] = {SNAPSHOT_CLUSTER, FLINK_PART_STATUS, false, "/overview", NULL},
	[FLINK_TASKMANAGERS] = {SNAPSHOT_TASKMANAGERS, 0, false, "/taskmanagers", NULL},
	[FLINK_TASKMANAGER] = {SNAPSHOT_TASKMANAGER, 0, false, NULL, NULL},
	[FLINK_JOB] = {SNAPSHOT_JOB, JOB_PART_VERTICES, false, NULL, ""},
	[FLINK_CHECKPOINTS] = {SNAPSHOT_JOB, JOB_PART_CHECKPOINTS, true, NULL, "/checkpoints"},
	[FLINK_EXCEPTIONS] = {SNAPSHOT_JOB, JOB_PART_EXCEPTIONS, true, NULL,
		"/exceptions?maxExceptions=16"},
	[FLINK_RESTARTS] = {SNAPSHOT_JOB, JOB_PART_RESTARTS, true, NULL,
		"/metrics?get=numRestarts"},
	[FLINK_CONFIG] = {SNAPSHOT_JOB, JOB_PART_CONFIG, true, NULL, "/config"},
	[FLINK_CHECKPOINT_CONFIG] = {SNAPSHOT_JOB, JOB_PART_CONFIG, true, NULL,
		"/checkpoints/config"},
	[FLINK_LAG_RECORDS] = {SNAPSHOT_JOB, JOB_PART_LAG, true, NULL, ".pendingRecords&agg=sum"},
	[FLINK_LAG_TIME] = {SNAPSHOT_JOB, JOB_PART_LAG, true, NULL,
		".currentEmitEventTimeLag&agg=max"},
};

size_t flink_questions(
	enum snapshot_kind kind, unsigned parts, enum flink_question out[FLINK_QUESTION_MAX])
{
	size_t count = 0;

	for (int i = 0; i < FLINK_QUESTION_MAX; i++)
		if (questions[i].kind == kind &&
			(!questions[i].part || (questions[i].part & parts)))
			out[count++] = (enum flink_question)i;
	return count;
}

char *flink_question_path(enum flink_question question, const char *key, const char *source)
{
	bool has_source = questions[question].part == JOB_PART_LAG;

	if (questions[question].path)
		return xstrdup(questions[question].path);
	if (question == FLINK_TASKMANAGER)
		return flink_taskmanager_path(key);
	return xasprintf(
		"/jobs/%s%s%s", key, has_source ? source : "", questions[question].job_path);
}

/* Flink cuts an operator's name there, and writes these as '_'. */
#define OPERATOR_NAME_MAX 80
#define NOT_IN_METRICS " .:,"

static void add_quoted(struct buf *out, const char *text, size_t len)
{
	int characters = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		characters += (c & 0xc0) != 0x80;
		if (characters > OPERATOR_NAME_MAX)
			return;
		bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || c == '-' || c == '_';

		if (c && strchr(NOT_IN_METRICS, c))
			buf_addc(out, '_');
		else
			buf_addf(out, is_plain ? "%c" : "%%%02X", c);
	}
}

char *flink_lag_source(const char *vertex_id, const char *vertex_name)
{
	const char *end = strstr(vertex_name, " -> ");
	size_t len = end ? (size_t)(end - vertex_name) : strlen(vertex_name);
	struct buf path;

	buf_init(&path, 0);
	buf_adds(&path, "/vertices/");
	add_quoted(&path, vertex_id, strlen(vertex_id));
	buf_adds(&path, "/subtasks/metrics?get=");
	add_quoted(&path, vertex_name, len);
	return buf_detach(&path);
}

bool flink_question_is_optional(enum flink_question question)
{
	return questions[question].is_optional;
}

static int fill_one(const struct flink_parse *parse, struct snapshot *snap,
	enum flink_question question, const json_t *root, struct err *err)
{
	struct job_detail *detail = &snap->detail;

	switch (question) {
	case FLINK_JOBS: return flink_parse_jobs(parse, root, &snap->jobs, &snap->job_count, err);
	case FLINK_OVERVIEW: return flink_parse_overview(parse, root, &snap->cluster, err);
	case FLINK_TASKMANAGERS:
		return flink_parse_taskmanagers(
			parse, root, &snap->taskmanagers, &snap->taskmanager_count, err);
	case FLINK_TASKMANAGER: return flink_parse_taskmanager(parse, root, &snap->load, err);
	case FLINK_JOB:
		if (snap->kind == SNAPSHOT_ENDED) {
			flink_parse_ended(parse, root, &snap->jobs);
			snap->job_count = 1;
		}
		return flink_parse_job(parse, root, detail, err);
	case FLINK_CHECKPOINTS: return flink_parse_checkpoints(parse, root, detail, err);
	case FLINK_EXCEPTIONS: return flink_parse_exceptions(parse, root, detail, err);
	case FLINK_RESTARTS: return flink_parse_restarts(parse, root, detail, err);
	case FLINK_CONFIG: return flink_parse_config(parse, root, detail, err);
	case FLINK_CHECKPOINT_CONFIG:
		return flink_parse_checkpoint_config(parse, root, detail, err);
	case FLINK_LAG_RECORDS:
	case FLINK_LAG_TIME: return flink_parse_lag(parse, root, detail, err);
	case FLINK_QUESTION_MAX: break;
	}
	return err_set(err, E_INTERNAL, _("%s: no such question"), parse->what);
}

/* What is asked most is read without a tree, where it is plain. */
static bool scan_one(
	const struct flink_parse *parse, struct snapshot *snap, const struct flink_answer *answer)
{
	switch (answer->question) {
	case FLINK_JOBS:
		return flink_scan_jobs(
			parse->arena, answer->body, answer->len, &snap->jobs, &snap->job_count);
	case FLINK_CHECKPOINTS:
		return flink_scan_checkpoints(parse, answer->body, answer->len, &snap->detail);
	case FLINK_OVERVIEW:
		return flink_scan_overview(parse, answer->body, answer->len, &snap->cluster);
	case FLINK_JOB:
		/* Of one that has ended its row is told, too. */
		return snap->kind == SNAPSHOT_JOB &&
			flink_scan_job(parse, answer->body, answer->len, &snap->detail);
	case FLINK_EXCEPTIONS:
		return flink_scan_no_exceptions(parse, answer->body, answer->len, &snap->detail);
	case FLINK_RESTARTS:
		return flink_scan_restarts(parse, answer->body, answer->len, &snap->detail);
	default: return false;
	}
}

static int read_one(const struct flink_parse *parse, struct snapshot *snap,
	const struct flink_answer *answer, struct err *err)
{
	json_t *root;
	int rc;

	if (scan_one(parse, snap, answer))
		return 0;
	root = doc_parse_json(answer->body, answer->len, answer->what, err);
	if (!root)
		return E_PROTO;
	rc = fill_one(parse, snap, answer->question, root, err);
	json_decref(root);
	return rc;
}

int flink_fill(struct snapshot *snapshot, const struct flink_answer *answers, size_t count,
	struct err *err)
{
	if (snapshot->key && snapshot->kind != SNAPSHOT_TASKMANAGER)
		flink_job_id(snapshot->key, snapshot->detail.id);
	for (size_t i = 0; i < count; i++) {
		const struct flink_answer *answer = &answers[i];
		struct flink_parse parse = {answer->what, snapshot->arena};
		int rc = answer->body ? read_one(&parse, snapshot, answer, err) : 0;

		if (rc)
			return rc;
		if (!answer->body)
			continue;
		if (answer->question == FLINK_JOB && !str_eq(snapshot->detail.id, snapshot->key))
			return err_set(err, E_PROTO, _("%s: the answer is about another job: %s"),
				answer->what, snapshot->detail.id);
	}
	return 0;
}
