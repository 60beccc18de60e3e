/*
 * The file is read twice: first all of it is looked at, so that a file that was cut off or is none
 * changes nothing; then it is merged. What one transaction holds back from consoles is kept short: the
 * registry is small, the history goes in by some hundred rows.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/portable/import_row.h"

#define LINE_BYTES_MAX ((size_t)32 << 20)
#define BATCH_ROWS 500
#define STEP_ROWS 2000
#define LOCKED_TRIES 40

struct reading {
	struct importer *importer;
	FILE *in;
	struct buf line;
	int64_t number, rows; /* number: of the line, from 1 */
	bool is_ended;        /* the last line was read */
	bool is_merging;
	enum store_file file; /* whose rows come, while merging */
	int64_t in_batch;
};

static int bad(const struct reading *reading, struct err *err, const char *what)
{
	return err_set(err, E_CONFIG, "%s:%lld: %s", reading->importer->options->name,
		(long long)reading->number, what);
}

/* The next line without its end; 1 = there is one, 0 = the end of the file. */
static int read_line(struct reading *reading, struct err *err)
{
	struct buf *line = &reading->line;
	char piece[16384];

	buf_reset(line);
	while (fgets(piece, sizeof(piece), reading->in)) {
		size_t len = strlen(piece);

		buf_add(line, piece, len);
		if (line->overflow)
			return bad(reading, err, _("a line of more than 32 MiB"));
		if (len && piece[len - 1] == '\n')
			break;
		/* Neither its end nor a full piece: a NUL, behind which nothing is seen. */
		if (len + 1 < sizeof(piece) && !feof(reading->in))
			return bad(reading, err, _("it is no JSON object: no export, or cut off"));
	}
	if (ferror(reading->in))
		return err_errno(err, E_INTERNAL, _("read %s"), reading->importer->options->name);
	return line->len > 0;
}

/* 1 = a line, owned by `*out`; 0 = the end of the file. */
static int next_line(struct reading *reading, json_t **out, struct err *err)
{
	json_error_t why;
	int rc;

	reading->number++;
	if ((rc = read_line(reading, err)) != 1)
		return rc;
	*out = json_loadb(buf_str(&reading->line), reading->line.len, 0, &why);
	if (!json_is_object(*out)) {
		json_decref(*out);
		return bad(reading, err, _("it is no JSON object: no export, or cut off"));
	}
	return 1;
}

static int check_head(const struct reading *reading, const json_t *head, struct err *err)
{
	const json_t *schemas = json_object_get(head, "schemas");
	const char *context = doc_str(head, "context");
	char *why = NULL;

	if (!str_eq(doc_str(head, "kind"), PORTABLE_KIND) ||
		!str_eq(doc_str(head, "apiVersion"), "weir/v1"))
		return bad(reading, err, _("it is no export of weir"));
	if (doc_int(schemas, "registry", 0) > (int64_t)registry_schema.step_count ||
		doc_int(schemas, "cache", 0) > (int64_t)cache_schema.step_count)
		return bad(reading, err, _("it was written by a newer weir: update this one"));
	if (str_eq(context, reading->importer->context))
		return 0;
	why = xasprintf(_("it is of context %s, not of %s"), context ? context : "?",
		reading->importer->context);
	bad(reading, err, why);
	free(why);
	return E_CONFIG;
}

static int commit(struct reading *reading, struct err *err)
{
	const struct importer *importer = reading->importer;
	struct db *db = importer->disk->files[reading->file];

	reading->in_batch = 0;
	if (!importer->options->dry_run && !importer->out->conflicts)
		return db_commit(db, err);
	db_rollback(db);
	return 0;
}

static int begin(struct reading *reading, enum store_file file, struct err *err)
{
	struct db *db = reading->importer->disk->files[file];
	int rc = db_begin(db, err);

	for (int i = 0; rc == E_CONFLICT && i < LOCKED_TRIES; i++)
		rc = db_begin(db, err);
	reading->file = file;
	return rc == E_CONFLICT && err ? (err->code = E_TIMEOUT) : rc;
}

static int merge(struct reading *reading, const struct portable_table *table, const json_t *row,
	struct err *err)
{
	int rc = 0;

	if (table->file != reading->file ||
		(table->file == FILE_CACHE && reading->in_batch >= BATCH_ROWS)) {
		rc = commit(reading, err);
		if (rc == 0 && !reading->importer->out->conflicts)
			rc = begin(reading, table->file, err);
	}
	/* With a conflict the registry is looked through to its end, and no more. */
	if (rc == 0 && (table->file == FILE_REGISTRY || !reading->importer->out->conflicts))
		rc = import_row(reading->importer, table, row, err);
	reading->in_batch++;
	return rc;
}

static int take_row(struct reading *reading, const json_t *line, struct err *err)
{
	const struct portable_table *table = portable_table_find(doc_str(line, "table"));
	const json_t *row = json_object_get(line, "row");
	struct err why;

	if (!table || !json_is_object(row))
		return bad(reading, err, _("it is no row of a table that is imported"));
	reading->rows++;
	if (reading->is_merging)
		return merge(reading, table, row, err);
	if (table->file < reading->file)
		return bad(reading, err, _("the rows are out of order"));
	reading->file = table->file;
	if (import_check_row(reading->importer, table, row, &why) < 0)
		return bad(reading, err, why.text);
	return 0;
}

static int take(struct reading *reading, const json_t *line, struct err *err)
{
	const struct import_options *options = reading->importer->options;

	if (reading->number == 1)
		return check_head(reading, line, err);
	if (reading->is_ended)
		return bad(reading, err, _("there is something behind its end"));
	if (str_eq(doc_str(line, "kind"), PORTABLE_END)) {
		reading->is_ended = true;
		return doc_int(line, "rows", -1) == reading->rows
			? 0
			: bad(reading, err, _("rows are missing"));
	}
	if (reading->is_merging && options->on_step && reading->rows % STEP_ROWS == 0)
		options->on_step(options->data, reading->rows);
	return take_row(reading, line, err);
}

static int read_all(struct importer *importer, FILE *in, bool is_merging, struct err *err)
{
	struct reading reading = {.importer = importer, .in = in, .is_merging = is_merging};
	json_t *line = NULL;
	int rc = is_merging ? begin(&reading, FILE_REGISTRY, err) : 0, got = 0;

	buf_init(&reading.line, LINE_BYTES_MAX);
	rewind(in);
	while (rc == 0 && (got = next_line(&reading, &line, err)) == 1) {
		rc = take(&reading, line, err);
		json_decref(line);
	}
	if (rc == 0 && got < 0)
		rc = got;
	if (rc == 0 && !reading.is_ended)
		rc = bad(&reading, err,
			reading.number > 1 ? _("it was cut off: its last line is missing")
					   : _("it is empty"));
	if (is_merging && rc == 0)
		rc = commit(&reading, err);
	else if (is_merging)
		db_rollback(importer->disk->files[reading.file]);
	buf_release(&reading.line);
	return rc;
}

/* What was here, as a backup, before anything changes. */
static int open_files(struct importer *importer, struct err *err)
{
	struct disk *disk = importer->disk;
	int rc = 0;

	for (int file = 0; rc == 0 && file < FILE_MAX; file++) {
		rc = disk_open(disk, (enum store_file)file, err);
		if (rc == 0 && db_is_frozen(disk->files[file], err))
			rc = E_INTERNAL;
	}
	if (rc == 0 && !importer->options->dry_run)
		rc = db_backup(disk->files[FILE_REGISTRY], err);
	return rc;
}

static int run(struct importer *importer, FILE *in, struct err *err)
{
	int rc = open_files(importer, err);

	importer->columns = xcalloc(portable_table_count, sizeof(*importer->columns));
	for (size_t i = 0; rc == 0 && i < portable_table_count; i++)
		rc = portable_columns_read(importer->disk->files[portable_tables[i].file],
			portable_tables[i].name, &importer->columns[i], err);
	if (rc == 0)
		rc = read_all(importer, in, false, err);
	if (rc == 0)
		rc = read_all(importer, in, true, err);
	if (rc == 0 && importer->out->conflicts)
		rc = err_set(err, E_CONFLICT,
			_("%lld rows say something else here: nothing was imported"),
			(long long)importer->out->conflicts);
	for (size_t i = 0; i < portable_table_count; i++)
		portable_columns_release(&importer->columns[i]);
	free(importer->columns);
	return rc;
}

int store_import(const char *dir, const char *context, FILE *in,
	const struct import_options *options, struct imported *out, struct err *err)
{
	struct importer importer = {
		.context = context, .options = options, .out = out, .runs = map_new()};
	int rc;

	memset(out, 0, sizeof(*out));
	importer.disk = disk_new(dir, context);
	rc = run(&importer, in, err);
	for (size_t i = 0; options->on_notice && i < importer.disk->notices.len; i++)
		options->on_notice(options->data, &importer.disk->notices.data[i]);
	disk_free(importer.disk);
	map_each (entry, importer.runs)
		free(map_value(entry));
	map_free(importer.runs);
	return rc;
}

void imported_release(struct imported *imported)
{
	for (size_t i = 0; i < imported->note_count; i++)
		free(imported->notes[i]);
	imported->note_count = 0;
}
