/* Words and variables, so that a row of a table reads like a line at a shell. */
#include "tests/e2e/bench.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "tests/support/check.h"

#define SHOWN_BYTES 4000

struct bench *bench_new(void)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->home = temp_dir();
	bench_set(bench, "home", bench->home);
	return bench;
}

void bench_free(struct bench *bench)
{
	if (!bench)
		return;
	for (size_t i = 0; i < bench->variable_count; i++)
		free(bench->variables[i].value);
	temp_dir_remove(bench->home);
	free(bench);
}

void bench_set(struct bench *bench, const char *name, const char *value)
{
	size_t i = 0;

	while (i < bench->variable_count && !str_eq(bench->variables[i].name, name))
		i++;
	assert_true(i < BENCH_VARIABLES);
	free(bench->variables[i].value);
	bench->variables[i].name = name;
	bench->variables[i].value = xstrdup(value);
	if (i == bench->variable_count)
		bench->variable_count++;
}

void bench_set_int(struct bench *bench, const char *name, int value)
{
	char *text = xasprintf("%d", value);

	bench_set(bench, name, text);
	free(text);
}

static const char *value_of(const struct bench *bench, const char *name, size_t len)
{
	for (size_t i = 0; i < bench->variable_count; i++)
		if (strlen(bench->variables[i].name) == len &&
			strncmp(bench->variables[i].name, name, len) == 0)
			return bench->variables[i].value;
	return NULL;
}

char *bench_expand(const struct bench *bench, const char *text)
{
	struct buf out;

	buf_init(&out, 0);
	while (*text) {
		size_t name_len = *text == '{'
			? strspn(text + 1, "abcdefghijklmnopqrstuvwxyz-0123456789")
			: 0;
		const char *value = NULL;

		if (name_len && text[1 + name_len] == '}')
			value = value_of(bench, text + 1, name_len);
		if (value) {
			buf_adds(&out, value);
			text += name_len + 2;
		} else {
			buf_addc(&out, *text++);
		}
	}
	return buf_detach(&out);
}

void bench_file(const struct bench *bench, const char *name, const char *text)
{
	char *where = bench_expand(bench, name), *what = bench_expand(bench, text);
	char *path = temp_path(bench->home, where);

	temp_file(path, what);
	free(path);
	free(what);
	free(where);
}

void bench_copy(const struct bench *bench, const char *name, const char *path)
{
	char *to = temp_path(bench->home, name);
	struct buf text;

	buf_init(&text, 0);
	check_int(path, file_read(path, &text, NULL), 0);
	temp_file(to, buf_str(&text));
	buf_release(&text);
	free(to);
}

void bench_declare(const struct bench *bench, const char *name)
{
	char *path = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text =
		xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ncluster: s\n", name);

	bench_file(bench, path, text);
	free(text);
	free(path);
}

/* ---- running ---- */

typedef VEC(char *) words_vec;

static void split(words_vec *words, const struct bench *bench, const char *line)
{
	while (*line) {
		bool is_quoted = *line == '\'';
		size_t len = is_quoted ? strcspn(++line, "'") : strcspn(line, " ");
		char *raw = xstrndup(line, len);

		vec_push(words, bench_expand(bench, raw));
		free(raw);
		line += len + (is_quoted && line[len] ? 1 : 0);
		if (*line == ' ')
			line++;
	}
	vec_push(words, NULL);
}

static void words_release(words_vec *words)
{
	for (size_t i = 0; i < words->len; i++)
		free(words->data[i]);
	vec_release(words);
}

static struct program *start(
	const struct bench *bench, const char *line, const struct program_setup *more)
{
	struct program_setup setup = more ? *more : (struct program_setup){0};
	struct program *program;
	words_vec words = {0};

	split(&words, bench, line);
	setup.home = bench->home;
	setup.words = (const char *const *)words.data;
	program = program_start(&setup);
	words_release(&words);
	return program;
}

struct program *bench_start(const struct bench *bench, const char *words)
{
	return start(bench, words, NULL);
}

struct program *bench_run_as(
	const struct bench *bench, const char *words, const struct program_setup *setup)
{
	struct program *program = start(bench, words, setup);

	program_wait(
		program, setup && setup->deadline_ms ? setup->deadline_ms : PROGRAM_DEADLINE_MS);
	return program;
}

struct program *bench_run(const struct bench *bench, const char *words)
{
	return bench_run_as(bench, words, NULL);
}

/* ---- what it said ---- */

static void show(const char *row, const struct program *program)
{
	print_error("row: %s\n--- exit code %d\n--- stderr\n%.*s\n--- stdout\n%.*s\n", row,
		program->exit_code, SHOWN_BYTES, buf_str(&program->err), SHOWN_BYTES,
		buf_str(&program->out));
}

json_t *bench_json(const char *row, const struct program *program)
{
	json_error_t error;
	json_t *root = json_loadb(
		buf_str(&program->out), program->out.len, JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(root)) {
		show(row, program);
		fail_msg("stdout is no JSON object: line %d: %s", error.line, error.text);
	}
	return root;
}

json_t *bench_ask(const struct bench *bench, const char *words)
{
	struct program *program = bench_run(bench, words);
	json_t *list;

	if (program->exit_code != 0 && program->exit_code != 4) {
		show(words, program);
		fail_msg("exit code %d", program->exit_code);
	}
	list = bench_json(words, program);
	program_free(program);
	return list;
}

const char *bench_text(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

const json_t *bench_error(const json_t *list, const char *source)
{
	const json_t *error;
	size_t i;

	json_array_foreach (json_object_get(list, "errors"), i, error)
		if (!source || str_eq(json_string_value(json_object_get(error, "source")), source))
			return error;
	return NULL;
}

const json_t *bench_item(const char *row, const json_t *list, const char *key, const char *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, item)
		if (str_eq(json_string_value(json_object_get(item, key)), value))
			return item;
	char *text = json_dumps(list, JSON_INDENT(1));
	print_error("row: %s\n%.*s\n", row, SHOWN_BYTES, text ? text : "");
	free(text);
	fail_msg("no item with %s \"%s\"", key, value);
	return NULL;
}

void bench_check(const char *row, const struct program *program, int exit_code, const char *part)
{
	const char *said = buf_str(&program->err);

	if (program->exit_code == exit_code && (part ? strstr(said, part) != NULL : !*said))
		return;
	show(row, program);
	fail_msg("want exit code %d and on stderr %s", exit_code, part ? part : "nothing");
}

void bench_check_harmless(const char *row, const char *text, size_t len)
{
	if (!utf8_valid(text, len)) {
		print_error("row: %s: not UTF-8\n", row);
		fail();
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool is_c1 = c == 0xC2 && i + 1 < len && (unsigned char)text[i + 1] < 0xA0;

		if ((c >= ' ' || c == '\n') && c != 0x7F && !is_c1)
			continue;
		print_error("row: %s: byte 0x%02x at %zu\n", row, c, i);
		fail();
	}
}

bool bench_is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
#endif
#endif
	return false;
}
