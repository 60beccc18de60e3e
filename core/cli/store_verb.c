/*
 * weir store check|compact|export|import: what is remembered on disk, without an open session: a check
 * must not open what opening would repair.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/store/compact.h"
#include "core/store/inspect.h"
#include "core/store/portable/portable.h"

struct store_verb {
	struct cli *cli;
	struct session *session; /* config_only */
	enum output_format format;
	bool shows_progress;
	const char *context; /* being worked on */
};

static void show_progress(const struct store_verb *verb, const char *what, const char *which)
{
	if (!verb->shows_progress)
		return;
	fprintf(stderr, "\r\033[K");
	if (what)
		fprintf(stderr, "weir: %s: %s %s", verb->context, what, which);
	fflush(stderr);
}

static char *dir_of(const struct store_verb *verb, size_t index)
{
	return session_store_dir(verb->session, verb->session->contexts[index].config);
}

/* ---- check ---- */

static void on_file(void *data, const char *name)
{
	show_progress(data, _("reading"), name);
}

/* What is worst decides: a newer schema only when nothing is damaged. */
static enum err_code code_of(const struct kept_file *file, enum err_code so_far)
{
	if (file->status == FINDING_FAIL)
		return so_far == E_INTERNAL || !file->is_newer ? E_INTERNAL : E_UNSUPPORTED;
	return so_far;
}

static int check(struct store_verb *verb, struct err *err)
{
	size_t contexts = verb->session->context_count, there = 0;
	struct kept_files **stores = xcalloc(contexts + 1, sizeof(*stores));
	VEC(const void *) items = {0};
	enum err_code code = E_OK;
	json_t *errors = json_array();
	struct output output;
	int rc;

	for (size_t i = 0; i < contexts; i++) {
		char *dir = dir_of(verb, i);

		verb->context = verb->session->contexts[i].config->name;
		stores[i] = store_inspect(dir, verb->context, true, on_file, verb);
		there += stores[i]->count > 1;
		for (size_t k = 0; k < stores[i]->count; k++) {
			vec_push(&items, &stores[i]->items[k]);
			code = code_of(&stores[i]->items[k], code);
		}
		free(dir);
	}
	show_progress(verb, NULL, NULL);
	output = output_of(verb->format, &kept_file_table, items.data, items.len, errors);
	rc = output_items(&output, err);
	json_decref(errors);
	vec_release(&items);
	for (size_t i = 0; i < contexts; i++)
		kept_files_free(stores[i]);
	free(stores);
	if (rc)
		return cli_fail(err);
	return err_exit_code(code ? code : there ? E_OK : E_NOTFOUND);
}

/* ---- compact ---- */

static void on_step(void *data, int64_t bytes)
{
	const struct store_verb *verb = data;
	struct buf size;

	buf_init(&size, 0);
	format_bytes(bytes, &size);
	show_progress(verb, _("cache.db now"), buf_str(&size));
	buf_release(&size);
}

static void on_notice(void *data, const struct err *notice)
{
	show_progress(data, NULL, NULL);
	fprintf(stderr, "weir: %s\n", notice->text);
}

static void tell_compacted(const struct store_verb *verb, const struct compacted *done)
{
	struct buf text;

	buf_init(&text, 0);
	buf_addf(&text, "%s: cache.db ", verb->context);
	format_bytes(done->before_bytes, &text);
	buf_adds(&text, " -> ");
	format_bytes(done->after_bytes, &text);
	buf_adds(&text, _("; registry.db is backed up, "));
	format_bytes(done->backup_bytes, &text);
	printf("%s\n", buf_str(&text));
	buf_release(&text);
}

static json_t *compacted_json(const struct store_verb *verb, const struct compacted *done)
{
	return json_pack("{s:s, s:I, s:I, s:I}", "context", verb->context, "cacheBytesBefore",
		(json_int_t)done->before_bytes, "cacheBytes", (json_int_t)done->after_bytes,
		"backupBytes", (json_int_t)done->backup_bytes);
}

static int compact(struct store_verb *verb, struct err *err)
{
	json_t *items = json_array();
	enum err_code code = E_OK;
	bool as_tree = verb->format == OUT_JSON || verb->format == OUT_YAML;

	for (size_t i = 0; i < verb->session->context_count; i++) {
		const struct context_config *config = verb->session->contexts[i].config;
		struct compacted done = {0};
		char *dir = dir_of(verb, i);
		int rc;

		verb->context = config->name;
		rc = store_compact(dir, config->name, config->history.kept_ms,
			config->history.bytes, on_step, on_notice, verb, &done, err);
		show_progress(verb, NULL, NULL);
		free(dir);
		if (rc < 0) {
			fprintf(stderr, "weir: %s: %s\n", config->name, err->text);
			code = err->code;
		} else if (as_tree) {
			json_array_append_new(items, compacted_json(verb, &done));
		} else {
			tell_compacted(verb, &done);
		}
	}
	if (as_tree) {
		json_t *list = json_pack("{s:s, s:s, s:O}", "apiVersion", "weir/v1", "kind",
			"StoreCompact", "items", items);
		if (output_tree(list, verb->format, err) && !code)
			code = err->code;
		json_decref(list);
	}
	json_decref(items);
	return err_exit_code(code);
}

/* ---- export and import ---- */

static void on_rows(void *data, int64_t rows)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)rows);
	show_progress(data, _("rows"), number);
}

/* One file is of one context. */
static char *only_dir(struct store_verb *verb, struct err *err)
{
	if (verb->session->context_count != 1) {
		err_set(err, E_ARG, _("one context at a time: name it with --context"));
		return NULL;
	}
	verb->context = verb->session->contexts[0].config->name;
	return dir_of(verb, 0);
}

/* A new file of our own, or nothing: what stands there is not written over. */
static FILE *open_export(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		err_errno(err, errno == EEXIST ? E_CONFLICT : E_INTERNAL, _("write %s"), path);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* To whoever gives the file away: what it is not. */
static void tell_exported(const struct store_verb *verb, const char *path, const char *dir,
	const struct exported *done)
{
	struct buf size;

	if (path)
		fprintf(stderr, _("weir: %s: %lld rows of context %s\n"), path,
			(long long)done->rows, verb->context);
	if (!done->logs)
		return;
	buf_init(&size, 0);
	format_bytes(done->log_bytes, &size);
	fprintf(stderr, _("weir: not in it: the logs of runs, %lld in %s/runs (%s)\n"),
		(long long)done->logs, dir, buf_str(&size));
	buf_release(&size);
}

static int export_to(struct store_verb *verb, const char *dir, const char *path, struct err *err)
{
	FILE *out = path ? open_export(path, err) : stdout;
	struct exported done = {0};
	int rc;

	if (!out)
		return err->code;
	rc = store_export(dir, verb->context, out, on_rows, verb, &done, err);
	show_progress(verb, NULL, NULL);
	if (path && (fsync(fileno(out)) < 0 || fclose(out) != 0) && rc == 0)
		rc = err_errno(err, E_INTERNAL, _("write %s"), path);
	if (path && rc < 0)
		unlink(path);
	if (rc == 0)
		tell_exported(verb, path, dir, &done);
	return rc;
}

static int export(struct store_verb *verb, struct err *err)
{
	const struct cli *cli = verb->cli;
	const char *path = cli->arg_count > 1 && !str_eq(cli->args[1], "-") ? cli->args[1] : NULL;
	char *dir = only_dir(verb, err);
	int rc = dir ? export_to(verb, dir, path, err) : err->code;

	free(dir);
	return rc ? cli_fail(err) : 0;
}

/* Standard input cannot be read twice: it is kept in a file that has no name. */
static FILE *open_import(const char *path, struct err *err)
{
	char block[65536];
	size_t len;
	FILE *in;

	if (!str_eq(path, "-")) {
		in = fopen(path, "re");
		if (!in)
			err_errno(
				err, errno == ENOENT ? E_NOTFOUND : E_INTERNAL, _("open %s"), path);
		return in;
	}
	in = tmpfile();
	while (in && (len = fread(block, 1, sizeof(block), stdin)) > 0)
		if (fwrite(block, 1, len, in) != len) {
			fclose(in);
			in = NULL;
		}
	if (!in)
		err_errno(err, E_INTERNAL, _("keep the standard input"));
	return in;
}

static json_t *imported_json(const struct store_verb *verb, const struct imported *done)
{
	json_t *notes = json_array();

	for (size_t i = 0; i < done->note_count; i++)
		json_array_append_new(notes, json_string(done->notes[i]));
	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:o}", "apiVersion", "weir/v1",
		"kind", "StoreImport", "context", verb->context, "dryRun",
		cli_option(verb->cli, "dry-run") != NULL, "added", (json_int_t)done->added, "known",
		(json_int_t)done->known, "leftOut", (json_int_t)done->left_out, "conflicts",
		(json_int_t)done->conflicts, "notes", notes);
}

static int tell_imported(const struct store_verb *verb, const struct imported *done,
	bool is_refused, struct err *err)
{
	int64_t named = done->conflicts + done->left_out;
	json_t *tree;
	int rc;

	if (verb->format == OUT_JSON || verb->format == OUT_YAML) {
		tree = imported_json(verb, done);
		rc = output_tree(tree, verb->format, err);
		json_decref(tree);
		return rc;
	}
	for (size_t i = 0; i < done->note_count; i++)
		fprintf(stderr, "weir: %s\n", done->notes[i]);
	if (named > (int64_t)done->note_count)
		fprintf(stderr, _("weir: and %lld more\n"),
			(long long)(named - (int64_t)done->note_count));
	if (!is_refused)
		printf(_("%s: %lld rows %s, %lld were here, %lld left out\n"), verb->context,
			(long long)done->added,
			cli_option(verb->cli, "dry-run") ? _("would be added") : _("added"),
			(long long)done->known, (long long)done->left_out);
	return 0;
}

static int import_from(struct store_verb *verb, const char *dir, FILE *in, struct err *err)
{
	const struct cli *cli = verb->cli;
	const struct import_options options = {.name = cli->args[1],
		.dry_run = cli_option(cli, "dry-run") != NULL,
		.keeps_ours = cli_option(cli, "keep") != NULL,
		.on_step = on_rows,
		.on_notice = on_notice,
		.data = verb};
	struct imported done;
	struct err why;
	int rc = store_import(dir, verb->context, in, &options, &done, err);

	show_progress(verb, NULL, NULL);
	if ((rc == 0 || rc == E_CONFLICT) && tell_imported(verb, &done, rc < 0, &why) && rc == 0)
		*err = why, rc = why.code;
	imported_release(&done);
	return rc;
}

static int import(struct store_verb *verb, struct err *err)
{
	char *dir = only_dir(verb, err);
	FILE *in = dir ? open_import(verb->cli->args[1], err) : NULL;
	int rc = in ? import_from(verb, dir, in, err) : err->code;

	if (in)
		fclose(in);
	free(dir);
	return rc ? cli_fail(err) : 0;
}

/* ---- the verb ---- */

static const struct {
	const char *word;
	size_t args_min, args_max;
	int (*run)(struct store_verb *verb, struct err *err);
} verbs[] = {
	{"check", 0, 0, check},
	{"compact", 0, 0, compact},
	{"export", 0, 1, export},
	{"import", 1, 1, import},
};

static int run(struct store_verb *verb, struct err *err)
{
	const struct cli *cli = verb->cli;
	const char *format = cli_option(cli, "output");

	verb->format = format ? output_parse(format) : OUT_TABLE;
	if (verb->format == OUT_MAX || verb->format == OUT_TEXT || verb->format == OUT_NAME) {
		err_set(err, E_ARG, _("unknown format '%s': table, wide, json, yaml or csv"),
			format);
		return cli_fail(err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!cli->arg_count || !str_eq(cli->args[0], verbs[i].word) ||
			cli->arg_count - 1 < verbs[i].args_min ||
			cli->arg_count - 1 > verbs[i].args_max)
			continue;
		struct session_options options = cli->session;

		options.config_only = true;
		if (session_open(&verb->session, &options, err))
			return cli_fail(err);
		return verbs[i].run(verb, err);
	}
	err_set(err, E_ARG, _("store takes one of: check, compact, export [FILE], import FILE"));
	return cli_fail(err);
}

int verb_store(struct cli *cli)
{
	struct store_verb verb = {.cli = cli, .shows_progress = isatty(STDERR_FILENO)};
	struct err err = {0};
	int code = run(&verb, &err);

	session_close(verb.session);
	return code;
}
