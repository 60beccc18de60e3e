/* One job: its vertices, its number of restarts, its configuration. */
#include "core/source/flink/parse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/str.h"

/* Accumulated milliseconds: an integer, a float, or "NaN". */
static int64_t accumulated_ms(const json_t *metrics, const char *key)
{
	double value = doc_real(metrics, key, -1);

	return value < 0 || value >= 0x1p63 ? -1 : (int64_t)value;
}

static void vertex_parse(const struct flink_parse *parse, const json_t *row, struct vertex *out)
{
	const json_t *metrics = json_object_get(row, "metrics");

	out->id = flink_text(parse, row, "id");
	out->name = flink_text(parse, row, "name");
	out->status = flink_text(parse, row, "status");
	out->parallelism = flink_count(row, "parallelism");
	out->max_parallelism = flink_count(row, "maxParallelism");
	out->start_ms = flink_time(row, "start-time");
	out->duration_ms = flink_amount(row, "duration");
	out->tasks = flink_task_counts(json_object_get(row, "tasks"));
	out->read_bytes = flink_amount(metrics, "read-bytes");
	out->read_records = flink_amount(metrics, "read-records");
	out->write_bytes = flink_amount(metrics, "write-bytes");
	out->write_records = flink_amount(metrics, "write-records");
	out->busy_ms = accumulated_ms(metrics, "accumulated-busy-time");
	out->backpressured_ms = accumulated_ms(metrics, "accumulated-backpressured-time");
	out->idle_ms = accumulated_ms(metrics, "accumulated-idle-time");
}

static const char *id_of(const json_t *node)
{
	const char *id = doc_str(node, "id");

	return id ? id : "";
}

/* Of the plan's nodes: who takes from whom. Without a plan neither is known. */
static void ends_parse(const json_t *plan, struct vertex *vertices, size_t count)
{
	const json_t *nodes = json_object_get(plan, "nodes"), *node, *input;
	struct map *by_id = map_new();
	size_t i, k;

	for (i = 0; i < count; i++)
		if (vertices[i].id)
			map_put(by_id, vertices[i].id, &vertices[i]);
	json_array_foreach (nodes, i, node) {
		struct vertex *vertex = map_get(by_id, id_of(node));

		if (vertex)
			vertex->is_source = vertex->is_sink = true;
	}
	json_array_foreach (nodes, i, node) {
		struct vertex *vertex = map_get(by_id, id_of(node));

		json_array_foreach (json_object_get(node, "inputs"), k, input) {
			struct vertex *from = map_get(by_id, id_of(input));

			if (vertex)
				vertex->is_source = false;
			if (from)
				from->is_sink = false;
		}
	}
	map_free(by_id);
}

int flink_parse_job(const struct flink_parse *parse, const json_t *root, struct job_detail *out,
	struct err *err)
{
	const json_t *rows = json_object_get(root, "vertices"), *row;
	char id[JOB_ID_LEN + 1];
	struct vertex *vertices;
	size_t i, len = 0;
	int parallelism = -1;

	if (!flink_job_id(doc_str(root, "jid"), id))
		return flink_expected(parse, err, "jid", _("job id"));
	if (!json_is_array(rows))
		return flink_expected(parse, err, "vertices", _("array"));
	vertices = arena_calloc(parse->arena, json_array_size(rows) + 1, sizeof(*vertices));
	json_array_foreach (rows, i, row) {
		if (!json_is_object(row))
			continue;
		vertex_parse(parse, row, &vertices[len]);
		if (vertices[len].parallelism > parallelism)
			parallelism = vertices[len].parallelism;
		len++;
	}
	ends_parse(json_object_get(root, "plan"), vertices, len);
	memcpy(out->id, id, sizeof(id));
	out->parallelism = parallelism;
	out->job_type = flink_text(parse, root, "job-type");
	out->restarting_ms = flink_time(json_object_get(root, "timestamps"), "RESTARTING");
	if (out->restarting_ms < 0)
		out->restarting_ms = 0;
	out->vertices = vertices;
	out->vertex_count = len;
	out->parts |= JOB_PART_VERTICES;
	return 0;
}

void flink_parse_ended(
	const struct flink_parse *parse, const json_t *root, const struct job_summary **out)
{
	struct job_summary *job = arena_calloc(parse->arena, 1, sizeof(*job));

	flink_job_id(doc_str(root, "jid"), job->id);
	job->name = flink_text(parse, root, "name");
	job->status = job_status_parse(doc_str(root, "state"));
	job->start_ms = flink_time(root, "start-time");
	job->end_ms = job->modified_ms = flink_time(root, "end-time");
	job->duration_ms = flink_amount(root, "duration");
	job->tasks = flink_task_counts(json_object_get(root, "status-counts"));
	*out = job;
}

int flink_parse_restarts(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err)
{
	const json_t *row;
	size_t i;

	if (!json_is_array(root))
		return err_set(err, E_PROTO,
			_("%s: not an array of metrics: is this a Flink JobManager?"), parse->what);
	out->restarts = -1;
	json_array_foreach (root, i, row) {
		if (str_eq(doc_str(row, "id"), "numRestarts"))
			out->restarts = flink_amount(row, "value");
	}
	out->parts |= JOB_PART_RESTARTS;
	return 0;
}

/* A subtask that has nothing to say of it says -1; no lag is as long as a century. */
#define LAG_MAX_MS ((double)100 * 365 * 24 * 3600 * 1000)

static int64_t lag_value(const json_t *row, const char *key, double most)
{
	double value = doc_real(row, key, -1);

	return value >= 0 && value < most ? (int64_t)value : -1;
}

int flink_parse_lag(const struct flink_parse *parse, const json_t *root, struct job_detail *out,
	struct err *err)
{
	const json_t *row;
	size_t i;

	if (!json_is_array(root))
		return err_set(err, E_PROTO,
			_("%s: not an array of metrics: is this a Flink JobManager?"), parse->what);
	if (!(out->parts & JOB_PART_LAG))
		out->lag_records = out->lag_ms = -1;
	json_array_foreach (root, i, row) {
		const char *id = doc_str(row, "id");
		const char *name = id ? strrchr(id, '.') : NULL;

		if (str_eq(name, ".pendingRecords"))
			out->lag_records = lag_value(row, "sum", 0x1p62);
		else if (str_eq(name, ".currentEmitEventTimeLag"))
			out->lag_ms = lag_value(row, "max", LAG_MAX_MS);
	}
	/* Where nothing waits, the time is that of the last record, however long ago. */
	if (out->lag_records == 0)
		out->lag_ms = 0;
	out->parts |= JOB_PART_LAG;
	return 0;
}

static const char *setting_value(
	const struct flink_parse *parse, const char *key, const json_t *value)
{
	const char *text;
	char *dumped = NULL;

	if (redact_key(key))
		return "******";
	if (!json_is_string(value))
		dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	text = flink_masked(parse,
		dumped                          ? dumped
			: json_is_string(value) ? json_string_value(value)
						: "");
	free(dumped);
	return text;
}

static int setting_cmp(const void *a, const void *b)
{
	return strcmp(((const struct setting *)a)->key, ((const struct setting *)b)->key);
}

int flink_parse_config(const struct flink_parse *parse, const json_t *root, struct job_detail *out,
	struct err *err)
{
	const json_t *execution = json_object_get(root, "execution-config"), *value;
	json_t *user = json_object_get(execution, "user-config");
	struct setting *settings;
	const char *key;
	size_t len = 0;

	if (!doc_str(root, "jid"))
		return flink_expected(parse, err, "jid", _("job id"));
	settings = arena_calloc(parse->arena, json_object_size(user) + 1, sizeof(*settings));
	json_object_foreach (user, key, value) {
		settings[len].key = arena_strdup(parse->arena, key);
		settings[len++].value = setting_value(parse, key, value);
	}
	qsort(settings, len, sizeof(*settings), setting_cmp);
	out->settings = settings;
	out->setting_count = len;
	out->restart_strategy = flink_text_masked(parse, execution, "restart-strategy");
	if (!(out->parts & JOB_PART_VERTICES) && flink_count(execution, "job-parallelism") > 0)
		out->parallelism = flink_count(execution, "job-parallelism");
	out->parts |= JOB_PART_CONFIG;
	return 0;
}
