/*
 * One field table for each struct makes both directions: a struct is an array of its fields in their
 * order, what is not there is null. Lists of structs are arrays of those.
 */
#include "core/store/detail_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"

enum field_type {
	FIELD_TEXT,
	FIELD_FOREIGN, /* a text in which secrets are masked */
	FIELD_INT,
	FIELD_INT64,
	FIELD_BOOL,
	FIELD_ONE, /* const struct *, or NULL */
	FIELD_MANY /* const struct *, with its count */
};

struct field {
	enum field_type type;
	size_t offset;
	size_t count_offset;
	const struct fields *fields;
};

struct fields {
	const struct field *fields;
	size_t count, size;
};

#define AT(type_, struct_, field_)                                                                 \
	{                                                                                          \
		.type = (type_), .offset = offsetof(struct struct_, field_)                        \
	}
#define ONE(struct_, field_, fields_)                                                              \
	{                                                                                          \
		.type = FIELD_ONE, .offset = offsetof(struct struct_, field_),                     \
		.fields = &(fields_)                                                               \
	}
#define MANY(struct_, field_, count_, fields_)                                                     \
	{                                                                                          \
		.type = FIELD_MANY, .offset = offsetof(struct struct_, field_),                    \
		.count_offset = offsetof(struct struct_, count_), .fields = &(fields_)             \
	}
#define FIELDS(struct_, list_)                                                                     \
	{                                                                                          \
		list_, ARRAY_SIZE(list_), sizeof(struct struct_)                                   \
	}

_Static_assert(sizeof(enum checkpoint_status) == sizeof(int), "a status is read as an int");

static const struct field checkpoint_list[] = {
	AT(FIELD_INT64, checkpoint, id),
	AT(FIELD_INT, checkpoint, status),
	AT(FIELD_BOOL, checkpoint, is_savepoint),
	AT(FIELD_BOOL, checkpoint, is_discarded),
	AT(FIELD_INT64, checkpoint, trigger_ms),
	AT(FIELD_INT64, checkpoint, ack_ms),
	AT(FIELD_INT64, checkpoint, duration_ms),
	AT(FIELD_INT64, checkpoint, state_bytes),
	AT(FIELD_INT64, checkpoint, checkpointed_bytes),
	AT(FIELD_INT64, checkpoint, processed_bytes),
	AT(FIELD_INT64, checkpoint, persisted_bytes),
	AT(FIELD_INT64, checkpoint, alignment_bytes),
	AT(FIELD_INT, checkpoint, subtasks),
	AT(FIELD_INT, checkpoint, acknowledged),
	AT(FIELD_TEXT, checkpoint, path),
	AT(FIELD_FOREIGN, checkpoint, failure),
	AT(FIELD_TEXT, checkpoint, type),
};
static const struct fields checkpoint_fields = FIELDS(checkpoint, checkpoint_list);

#define TASK(field_) AT(FIELD_INT, vertex, tasks.field_)
static const struct field vertex_list[] = {
	AT(FIELD_TEXT, vertex, id),
	AT(FIELD_TEXT, vertex, name),
	AT(FIELD_TEXT, vertex, status),
	AT(FIELD_INT, vertex, parallelism),
	AT(FIELD_INT, vertex, max_parallelism),
	AT(FIELD_INT64, vertex, start_ms),
	AT(FIELD_INT64, vertex, duration_ms),
	TASK(total),
	TASK(created),
	TASK(scheduled),
	TASK(deploying),
	TASK(initializing),
	TASK(running),
	TASK(finished),
	TASK(canceling),
	TASK(canceled),
	TASK(failed),
	TASK(reconciling),
	AT(FIELD_INT64, vertex, read_bytes),
	AT(FIELD_INT64, vertex, read_records),
	AT(FIELD_INT64, vertex, write_bytes),
	AT(FIELD_INT64, vertex, write_records),
	AT(FIELD_INT64, vertex, busy_ms),
	AT(FIELD_INT64, vertex, backpressured_ms),
	AT(FIELD_INT64, vertex, idle_ms),
	AT(FIELD_BOOL, vertex, is_source),
	AT(FIELD_BOOL, vertex, is_sink),
};
static const struct fields vertex_fields = FIELDS(vertex, vertex_list);

static const struct field exception_list[] = {
	AT(FIELD_TEXT, exception, name),
	AT(FIELD_FOREIGN, exception, text),
	AT(FIELD_FOREIGN, exception, cause),
	AT(FIELD_TEXT, exception, task),
	AT(FIELD_TEXT, exception, location),
	AT(FIELD_TEXT, exception, taskmanager),
	AT(FIELD_INT64, exception, time_ms),
	AT(FIELD_BOOL, exception, lacks_slots),
};
static const struct fields exception_fields = FIELDS(exception, exception_list);

static const struct field setting_list[] = {
	AT(FIELD_TEXT, setting, key),
	AT(FIELD_TEXT, setting, value),
};
static const struct fields setting_fields = FIELDS(setting, setting_list);

#define STATS(type_, field_) AT(type_, job_detail, checkpoints.field_)
#define CONFIG(type_, field_) AT(type_, job_detail, checkpoint_config.field_)
static const struct field detail_list[] = {
	AT(FIELD_INT, job_detail, parts),
	AT(FIELD_INT, job_detail, parallelism),
	AT(FIELD_TEXT, job_detail, job_type),
	MANY(job_detail, vertices, vertex_count, vertex_fields),
	STATS(FIELD_INT64, restored),
	STATS(FIELD_INT64, total),
	STATS(FIELD_INT64, in_progress),
	STATS(FIELD_INT64, completed),
	STATS(FIELD_INT64, failed),
	MANY(job_detail, checkpoints.history, checkpoints.history_count, checkpoint_fields),
	ONE(job_detail, checkpoints.last_completed, checkpoint_fields),
	ONE(job_detail, checkpoints.last_failed, checkpoint_fields),
	ONE(job_detail, checkpoints.last_savepoint, checkpoint_fields),
	STATS(FIELD_INT64, restored_id),
	STATS(FIELD_INT64, restored_ms),
	STATS(FIELD_TEXT, restored_path),
	STATS(FIELD_BOOL, restored_is_savepoint),
	MANY(job_detail, exceptions, exception_count, exception_fields),
	AT(FIELD_BOOL, job_detail, exceptions_truncated),
	AT(FIELD_INT64, job_detail, restarts),
	AT(FIELD_INT64, job_detail, restarting_ms),
	CONFIG(FIELD_TEXT, mode),
	CONFIG(FIELD_TEXT, state_backend),
	CONFIG(FIELD_TEXT, storage),
	CONFIG(FIELD_INT64, interval_ms),
	CONFIG(FIELD_INT64, timeout_ms),
	CONFIG(FIELD_INT64, min_pause_ms),
	CONFIG(FIELD_INT64, max_concurrent),
	CONFIG(FIELD_INT64, tolerable_failures),
	CONFIG(FIELD_BOOL, is_externalised),
	CONFIG(FIELD_BOOL, is_retained),
	CONFIG(FIELD_BOOL, is_unaligned),
	MANY(job_detail, settings, setting_count, setting_fields),
	AT(FIELD_TEXT, job_detail, restart_strategy),
	AT(FIELD_TEXT, job_detail, lag_vertex),
	AT(FIELD_INT64, job_detail, lag_records),
	AT(FIELD_INT64, job_detail, lag_ms),
};
static const struct fields detail_fields = FIELDS(job_detail, detail_list);

/* ---- to text ---- */

static json_t *struct_to(const struct fields *fields, const char *data);

static json_t *many_to(const struct field *field, const char *data)
{
	const char *items = *(const char *const *)(data + field->offset);
	size_t count = items ? *(const size_t *)(data + field->count_offset) : 0;
	json_t *out = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			out, struct_to(field->fields, items + i * field->fields->size));
	return out;
}

static json_t *foreign_to(const char *text)
{
	char *masked = redact_dup(text);
	json_t *out = json_string(masked);

	free(masked);
	return out;
}

/* NULL: nothing is known, or the text is no UTF-8. */
static json_t *field_to(const struct field *field, const char *data)
{
	const char *at = data + field->offset, *text;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_FOREIGN:
		text = *(const char *const *)at;
		if (!text)
			return NULL;
		return field->type == FIELD_TEXT ? json_string(text) : foreign_to(text);
	case FIELD_INT: return json_integer(*(const int *)at);
	case FIELD_INT64: return json_integer(*(const int64_t *)at);
	case FIELD_BOOL: return json_boolean(*(const bool *)at);
	case FIELD_ONE:
		text = *(const char *const *)at;
		return text ? struct_to(field->fields, text) : NULL;
	case FIELD_MANY: return many_to(field, data);
	}
	return NULL;
}

static json_t *struct_to(const struct fields *fields, const char *data)
{
	json_t *out = json_array();

	for (size_t i = 0; i < fields->count; i++) {
		json_t *value = field_to(&fields->fields[i], data);

		json_array_append_new(out, value ? value : json_null());
	}
	return out;
}

char *detail_to_text(const struct job_detail *detail)
{
	json_t *tree = struct_to(&detail_fields, (const char *)detail);
	char *text = json_dumps(tree, JSON_COMPACT);

	json_decref(tree);
	return text;
}

/* ---- from text ---- */

static bool struct_from(
	struct arena *arena, const struct fields *fields, const json_t *json, char *out);

static bool many_from(struct arena *arena, const struct field *field, const json_t *json, char *out)
{
	size_t count = json_array_size(json), size = field->fields->size;
	char *items = count ? arena_calloc(arena, count, size) : NULL;

	for (size_t i = 0; i < count; i++)
		if (!struct_from(arena, field->fields, json_array_get(json, i), items + i * size))
			return false;
	memcpy(out + field->offset, &items, sizeof(char *));
	memcpy(out + field->count_offset, &count, sizeof(count));
	return json_is_array(json);
}

static bool field_from(
	struct arena *arena, const struct field *field, const json_t *json, char *out)
{
	char *at = out + field->offset, *text = NULL;
	int64_t number = json_integer_value(json);
	int small = (int)number;
	bool flag = json_is_true(json);

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_FOREIGN:
		if (json_is_string(json))
			text = arena_strdup(arena, json_string_value(json));
		memcpy(at, &text, sizeof(text));
		return json_is_string(json) || json_is_null(json);
	case FIELD_INT: memcpy(at, &small, sizeof(small)); return json_is_integer(json);
	case FIELD_INT64: memcpy(at, &number, sizeof(number)); return json_is_integer(json);
	case FIELD_BOOL: memcpy(at, &flag, sizeof(flag)); return json_is_boolean(json);
	case FIELD_ONE:
		if (json_is_null(json))
			return true;
		text = arena_calloc(arena, 1, field->fields->size);
		memcpy(at, &text, sizeof(text));
		return struct_from(arena, field->fields, json, text);
	case FIELD_MANY: return many_from(arena, field, json, out);
	}
	return false;
}

static bool struct_from(
	struct arena *arena, const struct fields *fields, const json_t *json, char *out)
{
	if (json_array_size(json) != fields->count)
		return false;
	for (size_t i = 0; i < fields->count; i++)
		if (!field_from(arena, &fields->fields[i], json_array_get(json, i), out))
			return false;
	return true;
}

bool detail_from_text(struct arena *arena, const char *text, struct job_detail *out)
{
	struct job_detail detail = *out;
	json_t *tree = json_loads(text, 0, NULL);
	bool is_good = tree && struct_from(arena, &detail_fields, tree, (char *)&detail);

	json_decref(tree);
	if (is_good)
		*out = detail;
	return is_good;
}
