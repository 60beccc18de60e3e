/*
 * What is asked of a job besides its checkpoints, without a tree: /jobs/:id, its counter of restarts, and an
 * exception history that is empty, as nearly all are.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/doc_scan.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/source/flink/scan_table.h"

/* Who takes from whom is looked up in a walk over the vertices; a job with more is left to the tree. */
#define VERTICES_MAX 64

/* ---- one vertex ---- */

static bool tasks_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	(void)parse;
	scan_tasks(scan, out, true);
	return true;
}

/* An integer, a real, or "NaN" where it is not told. */
static bool accumulated_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	double value;

	(void)parse;
	if (doc_scan_is_text(scan)) {
		if (!doc_piece_is(doc_scan_text(scan), "NaN"))
			doc_scan_fail(scan);
		return true;
	}
	value = doc_scan_real(scan);
	*(int64_t *)out = value < 0 || value >= 0x1p63 ? -1 : (int64_t)value;
	return true;
}

#define AT(member) offsetof(struct vertex, member)
static const struct scan_field metric_fields[] = {
	{"read-bytes", SCAN_AMOUNT, AT(read_bytes), NULL, NULL},
	{"write-bytes", SCAN_AMOUNT, AT(write_bytes), NULL, NULL},
	{"read-records", SCAN_AMOUNT, AT(read_records), NULL, NULL},
	{"write-records", SCAN_AMOUNT, AT(write_records), NULL, NULL},
	{"accumulated-backpressured-time", SCAN_BY, AT(backpressured_ms), NULL, accumulated_read},
	{"accumulated-idle-time", SCAN_BY, AT(idle_ms), NULL, accumulated_read},
	{"accumulated-busy-time", SCAN_BY, AT(busy_ms), NULL, accumulated_read},
};
static const struct scan_table metrics_table = SCAN_TABLE(metric_fields, 0);
static const struct scan_field vertex_fields[] = {
	{"id", SCAN_TEXT, AT(id), NULL, NULL},
	{"name", SCAN_TEXT, AT(name), NULL, NULL},
	{"maxParallelism", SCAN_COUNT, AT(max_parallelism), NULL, NULL},
	{"parallelism", SCAN_COUNT, AT(parallelism), NULL, NULL},
	{"status", SCAN_TEXT, AT(status), NULL, NULL},
	{"start-time", SCAN_TIME, AT(start_ms), NULL, NULL},
	{"duration", SCAN_AMOUNT, AT(duration_ms), NULL, NULL},
	{"tasks", SCAN_BY, AT(tasks), NULL, tasks_read},
	{"metrics", SCAN_OBJECT, 0, &metrics_table, NULL},
};
static const struct scan_table vertex_table = SCAN_TABLE(vertex_fields, 0);
#undef AT

static const struct vertex vertex_unknown = {.parallelism = -1,
	.max_parallelism = -1,
	.start_ms = -1,
	.duration_ms = -1,
	.tasks = FLINK_NO_TASKS,
	.read_bytes = -1,
	.read_records = -1,
	.write_bytes = -1,
	.write_records = -1,
	.busy_ms = -1,
	.backpressured_ms = -1,
	.idle_ms = -1};

/* ---- a job ---- */

/* Of the plan: `from` empty = the node itself. */
struct link {
	struct doc_piece node, from;
};
struct found_job {
	char id[JOB_ID_LEN + 1];
	int64_t restarting_ms;
	const char *job_type;
	VEC(struct vertex) vertices;
	VEC(struct link) links;
};

static bool id_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct doc_piece piece = doc_scan_text(scan);

	(void)parse;
	return flink_job_id_of(piece.text, piece.len, out);
}

static bool vertices_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct found_job *job = out;

	doc_scan_enter(scan, '[');
	while (doc_scan_item(scan)) {
		vec_push(&job->vertices, vertex_unknown);
		scan_table(scan, parse, &vertex_table, &job->vertices.data[job->vertices.len - 1]);
		if (job->vertices.len > VERTICES_MAX)
			doc_scan_fail(scan);
	}
	return true;
}

static void inputs_scan(struct doc_scan *scan, struct found_job *job, size_t first)
{
	struct doc_piece key;

	doc_scan_enter(scan, '[');
	while (doc_scan_item(scan)) {
		struct link link = {.from = {"", 0}};
		bool has_id = false;

		doc_scan_enter(scan, '{');
		while (doc_scan_key(scan, &key)) {
			if (!doc_piece_is(key, "id")) {
				doc_scan_skip(scan);
				continue;
			}
			if (has_id)
				doc_scan_fail(scan);
			has_id = true;
			link.from = doc_scan_text(scan);
		}
		if (link.from.len == 0 || job->links.len - first > VERTICES_MAX)
			doc_scan_fail(scan);
		vec_push(&job->links, link);
	}
}

static void node_scan(struct doc_scan *scan, struct found_job *job)
{
	struct doc_piece key, id = {"", 0};
	size_t first = job->links.len;
	bool has_inputs = false;

	vec_push(&job->links, ((struct link){.from = {"", 0}}));
	doc_scan_enter(scan, '{');
	while (doc_scan_key(scan, &key)) {
		if (doc_piece_is(key, "id")) {
			if (id.len)
				doc_scan_fail(scan);
			id = doc_scan_text(scan);
		} else if (doc_piece_is(key, "inputs")) {
			if (has_inputs)
				doc_scan_fail(scan);
			has_inputs = true;
			inputs_scan(scan, job, first);
		} else {
			doc_scan_skip(scan);
		}
	}
	if (id.len == 0)
		doc_scan_fail(scan);
	for (size_t i = first; i < job->links.len; i++)
		job->links.data[i].node = id;
}

static bool nodes_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct found_job *job = out;
	size_t nodes = 0;

	(void)parse;
	doc_scan_enter(scan, '[');
	while (doc_scan_item(scan)) {
		node_scan(scan, job);
		if (++nodes > VERTICES_MAX)
			doc_scan_fail(scan);
	}
	return true;
}

#define AT(member) offsetof(struct found_job, member)
static const struct scan_field plan_fields[] = {
	{"nodes", SCAN_BY, 0, NULL, nodes_read},
};
static const struct scan_table plan_table = SCAN_TABLE(plan_fields, 0);
static const struct scan_field timestamp_fields[] = {
	{"RESTARTING", SCAN_TIME, AT(restarting_ms), NULL, NULL},
};
static const struct scan_table timestamps_table = SCAN_TABLE(timestamp_fields, 0);
static const struct scan_field job_fields[] = {
	{"jid", SCAN_BY, AT(id), NULL, id_read},
	{"vertices", SCAN_BY, 0, NULL, vertices_read},
	{"job-type", SCAN_TEXT, AT(job_type), NULL, NULL},
	{"timestamps", SCAN_OBJECT, 0, &timestamps_table, NULL},
	{"plan", SCAN_OBJECT, 0, &plan_table, NULL},
};
static const struct scan_table job_table = SCAN_TABLE(job_fields, 2);
#undef AT

/* Of two with one id the last. */
static struct vertex *vertex_of(const struct found_job *job, struct doc_piece id)
{
	for (size_t i = job->vertices.len; i > 0; i--) {
		struct vertex *vertex = &job->vertices.data[i - 1];

		if (vertex->id && doc_piece_is(id, vertex->id))
			return vertex;
	}
	return NULL;
}

static void find_ends(const struct found_job *job)
{
	struct link *link;
	struct vertex *vertex;

	vec_each (link, &job->links)
		if (!link->from.len && (vertex = vertex_of(job, link->node)))
			vertex->is_source = vertex->is_sink = true;
	vec_each (link, &job->links) {
		if (!link->from.len)
			continue;
		if ((vertex = vertex_of(job, link->node)))
			vertex->is_source = false;
		if ((vertex = vertex_of(job, link->from)))
			vertex->is_sink = false;
	}
}

static void job_take(
	const struct flink_parse *parse, const struct found_job *job, struct job_detail *out)
{
	size_t count = job->vertices.len;
	struct vertex *vertices = arena_calloc(parse->arena, count + 1, sizeof(*vertices));

	if (count)
		memcpy(vertices, job->vertices.data, count * sizeof(*vertices));
	memcpy(out->id, job->id, sizeof(out->id));
	out->parallelism = -1;
	for (size_t i = 0; i < count; i++)
		if (vertices[i].parallelism > out->parallelism)
			out->parallelism = vertices[i].parallelism;
	out->job_type = job->job_type;
	out->restarting_ms = job->restarting_ms > 0 ? job->restarting_ms : 0;
	out->vertices = vertices;
	out->vertex_count = count;
	out->parts |= JOB_PART_VERTICES;
}

bool flink_scan_job(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	struct found_job job = {.restarting_ms = -1};

	scan_table(&scan, parse, &job_table, &job);
	bool is_plain = doc_scan_ended(&scan);
	if (is_plain) {
		find_ends(&job);
		job_take(parse, &job, out);
	}
	vec_release(&job.vertices);
	vec_release(&job.links);
	return is_plain;
}

/* ---- restarts ---- */

/* A number as a text, as metrics come. */
static bool value_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	struct doc_piece piece = doc_scan_text(scan);
	int64_t value = 0;

	(void)parse;
	if (piece.len == 0 || piece.len > 18)
		doc_scan_fail(scan);
	for (size_t i = 0; i < piece.len; i++) {
		if (piece.text[i] < '0' || piece.text[i] > '9')
			doc_scan_fail(scan);
		value = value * 10 + (piece.text[i] - '0');
	}
	*(int64_t *)out = value;
	return true;
}

static bool name_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	(void)parse;
	*(bool *)out = doc_piece_is(doc_scan_text(scan), "numRestarts");
	return true;
}

struct metric {
	bool is_restarts;
	int64_t value;
};
static const struct scan_field metric_row_fields[] = {
	{"id", SCAN_BY, offsetof(struct metric, is_restarts), NULL, name_read},
	{"value", SCAN_BY, offsetof(struct metric, value), NULL, value_read},
};
static const struct scan_table metric_row_table = SCAN_TABLE(metric_row_fields, 2);

bool flink_scan_restarts(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	int64_t restarts = -1;

	doc_scan_enter(&scan, '[');
	while (doc_scan_item(&scan)) {
		struct metric metric = {.value = -1};

		scan_table(&scan, parse, &metric_row_table, &metric);
		restarts = metric.is_restarts ? metric.value : restarts;
	}
	if (!doc_scan_ended(&scan))
		return false;
	out->restarts = restarts;
	out->parts |= JOB_PART_RESTARTS;
	return true;
}

/* ---- exceptions ---- */

static bool none_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	(void)parse;
	(void)out;
	if (!doc_scan_null(scan))
		doc_scan_fail(scan);
	return true;
}

static bool empty_read(struct doc_scan *scan, const struct flink_parse *parse, void *out)
{
	(void)parse;
	(void)out;
	doc_scan_enter(scan, '[');
	if (doc_scan_item(scan))
		doc_scan_fail(scan);
	return true;
}

static const struct scan_field history_fields[] = {
	{"entries", SCAN_BY, 0, NULL, empty_read},
	{"truncated", SCAN_FLAG, offsetof(struct job_detail, exceptions_truncated), NULL, NULL},
};
static const struct scan_table history_table = SCAN_TABLE(history_fields, 1);
static const struct scan_field exceptions_fields[] = {
	{"exceptionHistory", SCAN_OBJECT, 0, &history_table, NULL},
	{"root-exception", SCAN_BY, 0, NULL, none_read},
};
static const struct scan_table exceptions_table = SCAN_TABLE(exceptions_fields, 1);

bool flink_scan_no_exceptions(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	struct job_detail found = {.parts = 0};

	scan_table(&scan, parse, &exceptions_table, &found);
	if (!doc_scan_ended(&scan))
		return false;
	out->exceptions = NULL;
	out->exception_count = 0;
	out->exceptions_truncated = found.exceptions_truncated;
	out->parts |= JOB_PART_EXCEPTIONS;
	return true;
}

/* ---- of a cluster ---- */

#define AT(member) offsetof(struct cluster_status, member)
static const struct scan_field overview_fields[] = {
	{"taskmanagers", SCAN_COUNT, AT(taskmanagers), NULL, NULL},
	{"slots-total", SCAN_COUNT, AT(slots_total), NULL, NULL},
	{"slots-available", SCAN_COUNT, AT(slots_free), NULL, NULL},
	{"jobs-running", SCAN_COUNT, AT(jobs_running), NULL, NULL},
	{"jobs-finished", SCAN_COUNT, AT(jobs_finished), NULL, NULL},
	{"jobs-cancelled", SCAN_COUNT, AT(jobs_canceled), NULL, NULL},
	{"jobs-failed", SCAN_COUNT, AT(jobs_failed), NULL, NULL},
	{"flink-version", SCAN_TEXT, AT(flink_version), NULL, NULL},
};
#undef AT
static const struct scan_table overview_table = SCAN_TABLE(overview_fields, 1);

bool flink_scan_overview(
	const struct flink_parse *parse, const char *text, size_t len, struct cluster_status *out)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	struct cluster_status status = {.taskmanagers = -1,
		.slots_total = -1,
		.slots_free = -1,
		.jobs_running = -1,
		.jobs_finished = -1,
		.jobs_canceled = -1,
		.jobs_failed = -1};

	scan_table(&scan, parse, &overview_table, &status);
	if (!doc_scan_ended(&scan) || status.taskmanagers < 0)
		return false;
	status.address = out->address;
	*out = status;
	return true;
}
