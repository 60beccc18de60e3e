/*
 * weir store check|compact: what is remembered on disk, without a session: a check must not
 * open what opening would repair.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/store/compact.h"
#include "core/store/inspect.h"

struct store_verb {
	struct cli *cli;
	struct session *session; /* config_only */
	enum output_format format;
	bool shows_progress, is_first;
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

/* Of the context, as the session would open it; malloc'd. */
static char *dir_of(const struct store_verb *verb, size_t index)
{
	return xasprintf(
		"%s/%s", verb->session->store_dir, verb->session->contexts[index].config->name);
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
	struct output output = {.format = verb->format,
		.table = &kept_file_table,
		.env = {.now_ms = clock_wall_ms()},
		.errors = json_array()};
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
	output.items = items.data;
	output.count = items.len;
	rc = output_items(&output, err);
	json_decref(output.errors);
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
		rc = store_compact(dir, config->name, config->history.days * 24 * 3600 * 1000,
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

/* ---- the verb ---- */

static const struct {
	const char *word;
	size_t args_max;
	int (*run)(struct store_verb *verb, struct err *err);
} verbs[] = {
	{"check", 0, check},
	{"compact", 0, compact},
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
			cli->arg_count - 1 > verbs[i].args_max)
			continue;
		struct session_options options = cli->session;

		options.config_only = true;
		if (session_open(&verb->session, &options, err))
			return cli_fail(err);
		return verbs[i].run(verb, err);
	}
	err_set(err, E_ARG, _("store takes one of: check, compact"));
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
