/* Read, added to and written whole: it is small. */
#include "tui/ui/palette_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define FILE_MAX ((size_t)256 << 10)

struct lines {
	VEC(char *) all;
};

char *palette_path(const char *store_dir)
{
	return xasprintf("%s/.palette", store_dir);
}

void palette_read(const char *path, void (*fn)(void *data, const char *line), void *data)
{
	struct err err = {0};
	struct buf text;

	buf_init(&text, FILE_MAX);
	if (!file_read(path, &text, &err)) {
		char *copy = xstrndup(buf_str(&text), text.len), *rest = copy, *line;
		while ((line = strsep(&rest, "\n")))
			if (*line && strlen(line) <= PALETTE_LINE_MAX)
				fn(data, line);
		free(copy);
	}
	buf_release(&text);
}

/* The newest of two that are alike stays. */
static void add(void *data, const char *line)
{
	struct lines *lines = data;

	for (size_t i = 0; i < lines->all.len; i++) {
		if (!str_eq(lines->all.data[i], line))
			continue;
		free(lines->all.data[i]);
		memmove(&lines->all.data[i], &lines->all.data[i + 1],
			(--lines->all.len - i) * sizeof(char *));
		break;
	}
	vec_push(&lines->all, xstrdup(line));
}

static bool may_be_kept(const char *line)
{
	char *redacted = redact_dup(line);
	bool is_harmless = str_eq(redacted, line);

	free(redacted);
	return is_harmless && *line && strlen(line) <= PALETTE_LINE_MAX && !strchr(line, '\n');
}

static void write_lines(const char *path, const struct lines *lines)
{
	size_t len = lines->all.len, from = len > PALETTE_LINES_MAX ? len - PALETTE_LINES_MAX : 0;
	struct err err = {0};
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = from; i < len; i++)
		buf_addf(&text, "%s\n", lines->all.data[i]);
	file_write(path, text.data, text.len, &err);
	buf_release(&text);
}

void palette_write(const char *path, const char *const *typed, size_t count)
{
	struct lines lines = {0};
	size_t kept = 0;

	palette_read(path, add, &lines);
	for (size_t i = 0; i < count; i++) {
		if (!may_be_kept(typed[i]))
			continue;
		add(&lines, typed[i]);
		kept++;
	}
	if (kept)
		write_lines(path, &lines);
	for (size_t i = 0; i < lines.all.len; i++)
		free(lines.all.data[i]);
	vec_release(&lines.all);
}
