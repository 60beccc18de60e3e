/*
 * What commands print on other machines, to those who read it: the first byte picks the reader, the
 * second the size of the pieces in which it comes. Ids are ids, reasons are one line, what is kept
 * is harmless, and however it is cut into pieces, the same is understood.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/build_script.h"
#include "core/base/buf.h"
#include "core/base/clean.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/source/flink/said.h"
#include "core/source/flink/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

#define PIECES(text, size, step, at, len)                                                          \
	for (size_t at = 0, len; (len = size - at < step ? size - at : step) > 0; at += len)

static void must_be_id(const char *text, size_t len)
{
	must(!*text ||
		(strlen(text) == len && strspn(text, "0123456789abcdefABCDEF") == strlen(text)));
}

static char *said(const char *text, size_t size, size_t step)
{
	struct flink_said said;
	char *reason, *all;

	flink_said_init(&said);
	PIECES(text, size, step, at, len)
	flink_said_add(&said, text + at, len);
	flink_said_end(&said);
	must_be_id(said.job_id, JOB_ID_LEN);
	must(!said.application_id || str_starts(said.application_id, "application_"));
	must(!said.job_manager || str_starts(said.job_manager, "http"));
	must(!said.job_manager || !said.job_manager[strcspn(said.job_manager, " \n\t'\"")]);
	must(said.prompts >= 0);
	reason = flink_said_reason(&said);
	must(!reason || !strchr(reason, '\n'));
	all = xasprintf(
		"%s|%s|%d|%d", said.job_id, reason ? reason : "-", said.prompts, said.has_failed);
	free(reason);
	flink_said_release(&said);
	return all;
}

static void read_said(const char *text, size_t size, size_t step)
{
	char *pieces = said(text, size, step), *whole = said(text, size, size + 1);

	must(str_eq(pieces, whole));
	free(pieces);
	free(whole);
}

/* A reason, and the statement it is about: the rest behind the first NUL. */
static void read_sql(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);
	char *reason, *placed, *sql;
	struct script script = {0};
	struct err err;

	if (!end)
		return;
	reason = xstrdup(text);
	sql = xstrndup(end + 1, size - (size_t)(end + 1 - text));
	if (script_split(&script, sql, &err) == 0)
		for (size_t i = 0; i < script.len; i++) {
			must(script.data[i].line > 0 && script.data[i].column > 0);
			placed = flink_sql_reason(reason, &script.data[i]);
			must(str_starts(placed, "SQL line "));
			free(placed);
		}
	script_release(&script);
	free(sql);
	free(reason);
}

static void read_build(const char *text, size_t size, size_t step)
{
	struct build_progress progress;

	build_progress_init(&progress);
	PIECES(text, size, step, at, len)
	build_said(&progress, text + at, len);
	must(progress.step >= BUILD_CHECKOUT && progress.step <= BUILD_OVER);
	must_be_id(progress.commit, strlen(progress.commit) == 64 ? 64 : 40);
	if (progress.step == BUILD_OVER && progress.artifact) {
		must(*progress.artifact == '/' && progress.size >= 0);
		must_be_id(progress.sha256, HASH_HEX_LEN);
	}
	build_progress_release(&progress);
}

static void read_output(const char *text, size_t size, size_t step)
{
	struct clean *clean = clean_new();
	struct buf out;

	buf_init(&out, 0);
	PIECES(text, size, step, at, len)
	clean_add(clean, text + at, len, &out);
	clean_end(clean, &out);
	clean_free(clean);
	must(utf8_valid(buf_str(&out), out.len));
	must(!out.len || out.data[out.len - 1] == '\n');
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];

		must((c >= 0x20 || c == '\n' || c == '\t') && c != 0x7f);
		must(c != 0xc2 || (unsigned char)out.data[i + 1] >= 0xa0);
	}
	buf_release(&out);
}

/* As sh reads it: one word, and that one. */
static void read_word(const char *text, size_t size)
{
	char *word = xstrndup(text, size);
	struct buf quoted, read;
	bool is_quoted = false;

	buf_init(&quoted, 0);
	buf_init(&read, 0);
	sh_quote(&quoted, word);
	must(quoted.len > 0);
	for (const char *at = buf_str(&quoted); *at; at++) {
		if (*at == '\'')
			is_quoted = !is_quoted;
		else if (!is_quoted && *at == '\\')
			buf_addc(&read, *++at);
		else {
			must(is_quoted || !strchr(" \t\n;&|<>()$`\"*?[#~!{}", *at));
			buf_addc(&read, *at);
		}
	}
	must(!is_quoted && str_eq(buf_str(&read), word));
	buf_release(&read);
	buf_release(&quoted);
	free(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 2;
	size_t step;

	if (size < 2)
		return 0;
	size -= 2;
	step = data[1] ? data[1] : 1;
	switch (data[0]) {
	case 'a': read_said(text, size, step); break;
	case 'b': read_sql(text, size); break;
	case 'c': read_build(text, size, step); break;
	case 'd': read_output(text, size, step); break;
	case 'e': read_word(text, size); break;
	default: break;
	}
	return 0;
}
