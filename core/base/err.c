/*
 * Texts of errors often quote the far side, so every text is made one harmless line here, whatever
 * went into it. The exit codes of the program are this file's table.
 */
#include "core/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

static const struct {
	const char *name;
	int exit_code;
} codes[] = {
	[-E_OK] = {"OK", 0},
	[-E_ARG] = {"ARG", 2},
	[-E_CONFIG] = {"CONFIG", 3},
	[-E_AUTH] = {"AUTH", 7},
	[-E_DENIED] = {"DENIED", 7},
	[-E_NOTFOUND] = {"NOTFOUND", 4},
	[-E_CONFLICT] = {"CONFLICT", 8},
	[-E_TIMEOUT] = {"TIMEOUT", 9},
	[-E_NET] = {"NET", 6},
	[-E_PROTO] = {"PROTO", 10},
	[-E_REMOTE] = {"REMOTE", 10},
	[-E_CANCELED] = {"CANCELED", 130},
	[-E_UNSUPPORTED] = {"UNSUPPORTED", 10},
	[-E_INTERNAL] = {"INTERNAL", 1},
	[-E_PARTIAL] = {"PARTIAL", 5},
	[-E_UNKNOWN] = {"UNKNOWN", 11},
};
_Static_assert(ARRAY_SIZE(codes) == -E_CODE_LAST + 1, "every code has a name and an exit code");

static const struct {
	int exit_code;
	const char *meaning;
} meanings[] = {
	{0, N_("done")},
	{1, N_("internal error, or the local system failed (disk, memory)")},
	{2, N_("usage: the command line is wrong")},
	{3, N_("a configuration or workspace file is wrong")},
	{4, N_("no such item")},
	{5, N_("some sources answered, some did not")},
	{6, N_("no source could be reached")},
	{7, N_("not authenticated, not allowed, or read-only")},
	{8, N_("conflict: changed or held by another")},
	{9, N_("timed out")},
	{10, N_("the far side refused, or the run failed")},
	{11, N_("the outcome is not known: ask, do not repeat blindly")},
	{130, N_("canceled")},
};

/* Formats into `raw`, with room for what neutralising shortens. */
__attribute__((format(printf, 2, 0))) static void err_format(
	struct buf *raw, const char *fmt, va_list ap)
{
	char text[4 * sizeof(((struct err *)0)->text)];

	/* A cut inside a character is repaired when the text is stored. */
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		snprintf(text, sizeof(text), "%s", fmt);
	buf_adds(raw, text);
}

/* One line of valid UTF-8, cut at the boundary of a character. */
static void err_store(struct err *err, enum err_code code, const struct buf *raw)
{
	struct buf clean;

	buf_init(&clean, 0);
	utf8_neutralise(&clean, buf_str(raw), raw->len);
	size_t len = clean.len;
	if (len >= sizeof(err->text)) {
		len = sizeof(err->text) - 1;
		while (len && ((unsigned char)clean.data[len] & 0xC0) == 0x80)
			len--;
	}
	memcpy(err->text, buf_str(&clean), len);
	err->text[len] = '\0';
	err->code = code;
	buf_release(&clean);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	struct buf raw;
	va_list ap;

	if (!err)
		return code;
	buf_init(&raw, 0);
	va_start(ap, fmt);
	err_format(&raw, fmt, ap);
	va_end(ap);
	err_store(err, code, &raw);
	buf_release(&raw);
	return code;
}

int err_errno(struct err *err, enum err_code code, const char *fmt, ...)
{
	int saved = errno;
	char reason[128];
	struct buf raw;
	va_list ap;

	if (!err)
		return code;
	buf_init(&raw, 0);
	va_start(ap, fmt);
	err_format(&raw, fmt, ap);
	va_end(ap);
	buf_addf(&raw, ": %s", strerror_r(saved, reason, sizeof(reason)));
	err_store(err, code, &raw);
	buf_release(&raw);
	errno = saved;
	return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	struct buf raw;
	va_list ap;

	if (!err)
		return E_INTERNAL;
	buf_init(&raw, 0);
	va_start(ap, fmt);
	err_format(&raw, fmt, ap);
	va_end(ap);
	buf_addf(&raw, ": %s", err->text);
	err_store(err, err->code, &raw);
	buf_release(&raw);
	return err->code;
}

void kept_err_init(struct kept_err *kept)
{
	*kept = (struct kept_err){E_OK, ""};
}

void kept_err_release(struct kept_err *kept)
{
	if (kept->code)
		free((char *)kept->text);
	kept_err_init(kept);
}

void kept_err_set(struct kept_err *kept, enum err_code code, const char *text)
{
	char *copy = code ? xstrdup(text) : NULL;

	kept_err_release(kept);
	if (code)
		*kept = (struct kept_err){code, copy};
}

void kept_err_get(const struct kept_err *kept, struct err *out)
{
	out->code = kept->code;
	snprintf(out->text, sizeof(out->text), "%s", kept->text);
}

const char *err_code_name(enum err_code code)
{
	return code <= 0 && code >= E_CODE_LAST ? codes[-code].name : "INTERNAL";
}

enum err_code err_code_parse(const char *name)
{
	for (int code = 0; code >= E_CODE_LAST; code--)
		if (strcmp(codes[-code].name, name) == 0)
			return (enum err_code)code;
	return E_INTERNAL;
}

int err_exit_code(enum err_code code)
{
	return code <= 0 && code >= E_CODE_LAST ? codes[-code].exit_code : 1;
}

const char *err_exit_meaning(int exit_code)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (meanings[i].exit_code == exit_code)
			return _(meanings[i].meaning);
	}
	return NULL;
}
