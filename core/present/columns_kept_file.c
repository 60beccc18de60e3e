/* The columns of what `weir store check` found: one row for each file. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/kept_file.h"
#include "core/present/value.h"

#define FILE_OF(name) const struct kept_file *name = item
#define UNUSED_ENV (void)env

#define GETTER(field, value_)                                                                      \
	static struct value get_##field(const void *item, const struct present_env *env)           \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		FILE_OF(file);                                                                     \
		return value_;                                                                     \
	}

GETTER(context, value_of_text(file->context))
GETTER(name, value_of_text(file->name))
GETTER(path, value_of_text(file->path))
GETTER(found, value_of_text(file->found))
GETTER(cure, value_of_text(file->cure))
GETTER(status, value_of_text(finding_status_words[file->status]))
GETTER(bytes, value_of_number(VALUE_BYTES, file->bytes))
GETTER(log_bytes, value_of_number(VALUE_BYTES, file->log_bytes))
GETTER(free_bytes, value_of_number(VALUE_BYTES, file->free_bytes))
GETTER(schema, value_of_number(VALUE_INT, file->schema))
GETTER(latest, value_of_number(VALUE_INT, file->latest))
GETTER(rows, value_of_number(VALUE_INT, file->rows))
GETTER(oldest_ms, value_of_time(file->oldest_ms))
GETTER(changed_ms, value_of_time(file->changed_ms))
GETTER(mode, value_of_text(file->mode))
GETTER(owner, value_of_number(VALUE_INT, file->owner))

static enum tone tone_status(const void *item, const struct present_env *env)
{
	static const enum tone tones[] = {TONE_OK, TONE_WARN, TONE_ERROR};

	UNUSED_ENV;
	FILE_OF(file);
	return tones[file->status];
}

#define COLUMN(key_, title_, get_, priority_)                                                      \
	.key = key_, .title = title_, .get = get_, .min_cols = 4, .max_cols = 20,                  \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("status", N_("STATUS"), get_status, 1), .tone = tone_status},
	{COLUMN("file", N_("FILE"), get_name, 1)},
	{COLUMN("bytes", N_("SIZE"), get_bytes, 2), .is_right = true},
	{COLUMN("mode", N_("MODE"), get_mode, 3)},
	{COLUMN("schema", N_("SCHEMA"), get_schema, 3), .is_right = true},
	{COLUMN("changedAt", N_("AGE"), get_changed_ms, 2), .is_right = true},
	{COLUMN("rows", N_("ROWS"), get_rows, 3), .is_right = true},
	{COLUMN("oldestAt", N_("OLDEST"), get_oldest_ms, 3), .is_right = true},
	{COLUMN("found", N_("FOUND"), get_found, 1)},
	{COLUMN("cure", N_("WHAT TO DO"), get_cure, 2)},
	{COLUMN("logBytes", N_("LOG"), get_log_bytes, 4), .is_wide = true, .is_right = true},
	{COLUMN("freeBytes", N_("FREE"), get_free_bytes, 4), .is_wide = true, .is_right = true},
	{COLUMN("owner", N_("OWNER"), get_owner, 4), .is_wide = true, .is_right = true},
	{COLUMN("latestSchema", NULL, get_latest, 5)},
	{COLUMN("context", N_("CONTEXT"), get_context, 4), .is_wide = true},
	{COLUMN("path", N_("PATH"), get_path, 5), .is_wide = true},
};

static void filter_text(const void *item, struct buf *out)
{
	FILE_OF(file);
	buf_addf(out, "%s\n%s\n", file->name, file->found);
}

const struct column_table kept_file_table = {
	.kind = "StoreCheck",
	.name = "files",
	.item_name = N_("file"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX,
	.filter_text = filter_text,
};
