/* The one copy of what tests share. Failures go through cmocka, so a case ends where it fails. */
#include "tests/support/check.h"

#include <errno.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

void check_str_at(const char *name, const char *got, const char *want, const char *file, int line)
{
	if (got == want || (got && want && !strcmp(got, want)))
		return;
	print_error("row: %s\n  got:  %s\n  want: %s\n", name, got ? got : "(null)",
		want ? want : "(null)");
	_fail(file, line);
}

void check_int_at(const char *name, int64_t got, int64_t want, const char *file, int line)
{
	if (got == want)
		return;
	print_error("row: %s\n  got:  %lld\n  want: %lld\n", name, (long long)got, (long long)want);
	_fail(file, line);
}

void check_has_at(const char *name, const char *text, const char *part, const char *file, int line)
{
	if (text && strstr(text, part))
		return;
	print_error("row: %s\n  text: %s\n  has no: %s\n", name, text ? text : "(null)", part);
	_fail(file, line);
}

void check_err_at(const char *name, int rc, const struct err *err, int code, const char *part,
	const char *file, int line)
{
	size_t len = strnlen(err->text, sizeof(err->text));

	if (rc != code || (int)err->code != code) {
		print_error("row: %s\n  returned %s, err holds %s, want %s\n  text: %s\n", name,
			err_code_name(rc), err_code_name(err->code), err_code_name(code),
			err->text);
		_fail(file, line);
	}
	if (len == sizeof(err->text) || !utf8_valid(err->text, len) || strpbrk(err->text, "\r\n")) {
		print_error("row: %s: the text is not one line of UTF-8\n", name);
		_fail(file, line);
	}
	check_has_at(name, err->text, part, file, line);
}

void check_kept_err_at(const char *name, const struct kept_err *kept, int code, const char *part,
	const char *file, int line)
{
	struct err err;

	kept_err_get(kept, &err);
	check_err_at(name, kept->code, &err, code, part, file, line);
}

void check_ok_at(const char *name, int rc, const struct err *err, const char *file, int line)
{
	if (rc == E_OK)
		return;
	print_error("row: %s\n  failed: %s: %s\n", name, err_code_name(rc), err ? err->text : "");
	_fail(file, line);
}

char *temp_dir(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = xasprintf("%s/weir-test-XXXXXX", base && *base ? base : "/tmp");

	if (!mkdtemp(dir))
		fail_msg("mkdtemp %s: %s", dir, strerror(errno));
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void temp_dir_remove(char *dir)
{
	if (!dir)
		return;
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

char *temp_path(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

void temp_file(const char *path, const char *text)
{
	struct err err = {0};
	char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (slash && slash != folder) {
		*slash = '\0';
		check_ok(path, file_mkdirs(folder, &err), &err);
	}
	free(folder);
	check_ok(path, file_write(path, text, strlen(text), &err), &err);
}

char *fixture_read(const char *path, size_t *len)
{
	struct err err = {0};
	struct buf text;

	buf_init(&text, 0);
	check_ok(path, file_read(path, &text, &err), &err);
	if (len)
		*len = text.len;
	return buf_detach(&text);
}

void check_locale(void)
{
	if (!setlocale(LC_ALL, "C.UTF-8"))
		print_error("the locale C.UTF-8 is missing\n");
}
