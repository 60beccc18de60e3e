/* Lists, and lines as they come, to stdout; what one line looks like is output_rows.c. */
#include "core/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/output_rows.h"
#include "core/loop/pieces.h"

#define STALE_MS 10000 /* older than this is told to be old */

enum output_format output_parse(const char *word)
{
	static const char *const words[OUT_MAX] = {
		"table", "wide", "json", "yaml", "name", "csv", "text"};
	for (int i = 0; i < OUT_MAX; i++)
		if (str_eq(word, words[i]))
			return (enum output_format)i;
	return OUT_MAX;
}

/* `weir get apps | head` is no failure. */
static int not_written(struct err *err)
{
	return errno == EPIPE ? 0 : err_errno(err, E_INTERNAL, _("write to the standard output"));
}

int output_text(const char *text, size_t len, struct err *err)
{
	bool is_out = fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;

	return is_out ? 0 : not_written(err);
}

/*
 * Text on its way to stdout: written in large pieces, so that a list of ten thousand is never held
 * whole. A closed pipe ends it quietly.
 */
#define PIECE_BYTES ((size_t)64 << 10)

struct sink {
	struct buf text;
	struct err *err;
	bool is_closed;
	int rc; /* then */
};

static void sink_init(struct sink *sink, struct err *err)
{
	*sink = (struct sink){.err = err};
	buf_init(&sink->text, (size_t)1 << 30);
}

static void sink_write(struct sink *sink, const struct buf *text)
{
	if (sink->is_closed || fwrite(buf_str(text), 1, text->len, stdout) == text->len)
		return;
	sink->is_closed = true;
	sink->rc = not_written(sink->err);
}

/* After each item: what is enough for a piece goes out. False: nobody takes it any more. */
static bool sink_pass(struct sink *sink)
{
	if (sink->text.len < PIECE_BYTES || sink->text.overflow)
		return true;
	sink_write(sink, &sink->text);
	buf_reset(&sink->text);
	return !sink->is_closed;
}

static int sink_end(struct sink *sink)
{
	if (!sink->is_closed && sink->text.overflow)
		sink->rc = err_set(sink->err, E_INTERNAL, _("an item is too large to be written"));
	else if (!sink->is_closed)
		sink->rc = output_text(buf_str(&sink->text), sink->text.len, sink->err);
	buf_release(&sink->text);
	return sink->rc;
}

int output_tree(const json_t *tree, enum output_format format, struct err *err)
{
	struct sink sink;
	struct json_out json = {.out = &sink.text};

	sink_init(&sink, err);
	if (format == OUT_YAML) {
		doc_dump_yaml(&sink.text, tree);
	} else {
		json_out_tree(&json, tree);
		buf_addc(&sink.text, '\n');
	}
	return sink_end(&sink);
}

static void json_head(const struct output *output, struct json_out *json)
{
	json_out_open(json, '{');
	json_out_key(json, "apiVersion"), json_out_text(json, "weir/v1");
	json_out_key(json, "kind"), json_out_text(json, output->table->kind);
	json_out_key(json, "items"), json_out_open(json, '[');
}

/* Many items at a time, so that two threads have something to do each. */
#define PIECE_ITEMS 64

struct json_items {
	const struct rows *rows;
	struct json_out json; /* as the first item finds it */
	struct sink *sink;
};

static void make_items(const void *data, size_t piece, struct buf *out)
{
	const struct json_items *items = data;
	const struct output *output = &items->rows->output;
	struct json_out json = items->json;
	size_t first = piece * PIECE_ITEMS;

	json.out = out;
	json.is_filled = piece > 0;
	for (size_t i = first; i < first + PIECE_ITEMS && i < output->count; i++)
		rows_json(items->rows, output->items[i], &json);
}

static bool take_items(void *data, const struct buf *piece)
{
	struct sink *sink = ((struct json_items *)data)->sink;

	if (piece->overflow) {
		sink->text.overflow = true;
		return false;
	}
	sink_write(sink, &sink->text);
	buf_reset(&sink->text);
	sink_write(sink, piece);
	return !sink->is_closed;
}

static int output_json(struct rows *rows, struct err *err)
{
	const struct output *output = &rows->output;
	struct sink sink;
	struct json_out json = {.out = &sink.text};

	sink_init(&sink, err);
	json_head(output, &json);
	struct json_items items = {rows, json, &sink};
	pieces_run(&(struct pieces){.count = (output->count + PIECE_ITEMS - 1) / PIECE_ITEMS,
		.make = make_items,
		.take = take_items,
		.data = &items});
	json.is_filled = output->count > 0;
	json_out_close(&json, ']');
	json_out_key(&json, "errors"), json_out_tree(&json, output->errors);
	json_out_close(&json, '}');
	buf_addc(&sink.text, '\n');
	return sink_end(&sink);
}

/* A list in the list of the whole: each item stands as it would alone. */
static int output_yaml(struct rows *rows, struct err *err)
{
	const struct output *output = &rows->output;
	json_t *head =
		json_pack("{s:s, s:s}", "apiVersion", "weir/v1", "kind", output->table->kind);
	json_t *tail = json_pack("{s:O}", "errors", output->errors);
	struct sink sink;

	sink_init(&sink, err);
	doc_dump_yaml(&sink.text, head);
	buf_adds(&sink.text, output->count ? "items:\n" : "items: []\n");
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++) {
		json_t *list = json_array();

		json_array_append_new(list, rows_tree(rows, output->items[i]));
		doc_dump_yaml(&sink.text, list);
		json_decref(list);
	}
	doc_dump_yaml(&sink.text, tail);
	json_decref(head);
	json_decref(tail);
	return sink_end(&sink);
}

static int output_lines(struct rows *rows, struct err *err)
{
	const struct output *output = &rows->output;
	struct sink sink;

	sink_init(&sink, err);
	rows_head(rows, &sink.text);
	for (size_t i = 0; i < output->count && sink_pass(&sink); i++)
		rows_line(rows, output->items[i], &sink.text);
	return sink_end(&sink);
}

/* What a terminal that is stdout may be told, and how wide it is. */
static void fit_terminal(struct output *output)
{
	const char *term = getenv("TERM");
	struct winsize size = {0};

	if (!isatty(STDOUT_FILENO))
		return;
	output->is_colored =
		str_empty(getenv("NO_COLOR")) && !str_empty(term) && !str_eq(term, "dumb");
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		output->cols = size.ws_col;
}

struct output output_of(enum output_format format, const struct column_table *table,
	const void *const *items, size_t count, json_t *errors)
{
	struct output output = {
		.format = format,
		.table = table,
		.items = items,
		.count = count,
		.env = {.now_ms = clock_wall_ms(),
			.mono_ms = clock_mono_ms(),
			.stale_ms = STALE_MS},
		.errors = errors,
	};

	fit_terminal(&output);
	return output;
}

static void tell_empty(const struct output *output)
{
	if (output->empty)
		fprintf(stderr, "weir: %s\n", output->empty);
	else
		fprintf(stderr, _("weir: no %s to show\n"), _(output->table->item_name));
}

int output_items(const struct output *output, struct err *err)
{
	struct rows rows;
	int rc;

	rows_init(&rows, output);
	switch (output->format) {
	case OUT_JSON: rc = output_json(&rows, err); break;
	case OUT_YAML: rc = output_yaml(&rows, err); break;
	default: rc = output_lines(&rows, err);
	}
	rows_release(&rows);
	if (!rc && output->count == 0 &&
		(output->format == OUT_TABLE || output->format == OUT_WIDE))
		tell_empty(output);
	return rc;
}

/* ---- one line after the other, as they come ---- */

struct output_stream {
	struct rows rows;
	bool has_head;
};

struct output_stream *output_stream_new(const struct output *output)
{
	struct output_stream *stream = xcalloc(1, sizeof(*stream));

	rows_init(&stream->rows, output);
	return stream;
}

int output_stream_write(struct output_stream *stream, const void *const *items, size_t count,
	struct present_env env, struct err *err)
{
	struct sink sink;

	stream->rows.output.env = env;
	sink_init(&sink, err);
	if (!stream->has_head)
		rows_head(&stream->rows, &sink.text);
	stream->has_head = true;
	for (size_t i = 0; i < count && sink_pass(&sink); i++)
		rows_line(&stream->rows, items[i], &sink.text);
	return sink_end(&sink);
}

void output_stream_key(
	struct output_stream *stream, const void *item, struct present_env env, struct buf *out)
{
	stream->rows.output.env = env;
	rows_key(&stream->rows, item, out);
}

void output_stream_free(struct output_stream *stream)
{
	if (!stream)
		return;
	rows_release(&stream->rows);
	free(stream);
}

void output_complain(const char *source, const char *text)
{
	fprintf(stderr, "weir: %s%s%s\n", source ? source : "", source ? ": " : "", text);
}

void output_error_quiet(json_t *errors, const char *source, const struct err *err)
{
	json_t *item = json_pack("{s:s, s:s?, s:s}", "code", err_code_name(err->code), "source",
		source, "message", err->text);
	if (item)
		json_array_append_new(errors, item);
}

void output_error(json_t *errors, const char *source, const struct err *err)
{
	output_complain(source, err->text);
	output_error_quiet(errors, source, err);
}
