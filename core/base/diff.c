/*
 * The longest common sequence of lines by the table of lengths, after what is equal at both ends was
 * set aside: deployments differ in few lines, and a table of a few thousand squared is the worst.
 */
#include "core/base/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/vec.h"

#define TABLE_MAX ((size_t)4 << 20) /* cells */

struct line {
	const char *text;
	size_t len;
};
typedef VEC(struct line) line_vec;

/* One line of the result. */
struct edit {
	char mark; /* ' ' '-' '+' */
	struct line line;
};
typedef VEC(struct edit) edit_vec;

static void split(const char *text, line_vec *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		vec_push(out, ((struct line){text, len}));
		text += len + (text[len] == '\n');
	}
}

static bool same(struct line x, struct line y)
{
	return x.len == y.len && memcmp(x.text, y.text, x.len) == 0;
}

static void add(edit_vec *edits, char mark, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vec_push(edits, ((struct edit){mark, lines[i]}));
}

static void middle(edit_vec *edits, const struct line *a, size_t n, const struct line *b, size_t m)
{
	size_t width = m + 1, i = 0, j = 0;
	uint32_t *length;

	if (!n || !m || n > TABLE_MAX / width - 1) {
		add(edits, '-', a, n);
		add(edits, '+', b, m);
		return;
	}
	length = xcalloc((n + 1) * width, sizeof(*length));
	for (i = n; i-- > 0;)
		for (j = m; j-- > 0;) {
			uint32_t down = length[(i + 1) * width + j],
				 right = length[i * width + j + 1];

			length[i * width + j] = same(a[i], b[j])
				? length[(i + 1) * width + j + 1] + 1
				: (down > right ? down : right);
		}
	for (i = j = 0; i < n || j < m;) {
		if (i < n && j < m && same(a[i], b[j])) {
			add(edits, ' ', &a[i], 1);
			i++;
			j++;
		} else if (i < n &&
			(j == m || length[(i + 1) * width + j] >= length[i * width + j + 1])) {
			add(edits, '-', &a[i++], 1);
		} else {
			add(edits, '+', &b[j++], 1);
		}
	}
	free(length);
}

/* One hunk: edits [from, to); a_line, b_line: the first lines, from 1. */
static void put_hunk(
	struct buf *out, const struct edit *edits, size_t count, size_t a_line, size_t b_line)
{
	size_t a_count = 0, b_count = 0;

	for (size_t i = 0; i < count; i++) {
		a_count += edits[i].mark != '+';
		b_count += edits[i].mark != '-';
	}
	buf_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", a_count ? a_line : a_line - 1, a_count,
		b_count ? b_line : b_line - 1, b_count);
	for (size_t i = 0; i < count; i++) {
		buf_addc(out, edits[i].mark);
		buf_add(out, edits[i].line.text, edits[i].line.len);
		buf_addc(out, '\n');
	}
}

static void put_hunks(struct buf *out, const edit_vec *edits, size_t context)
{
	size_t a_line = 1, b_line = 1, from = 0, at = 0;

	while (at < edits->len) {
		size_t end, quiet = 0, start;

		if (edits->data[at].mark == ' ') {
			at++;
			continue;
		}
		start = at > from + context ? at - context : from;
		/* On until more than twice the context is equal. */
		for (end = at; end < edits->len && quiet <= 2 * context; end++)
			quiet = edits->data[end].mark == ' ' ? quiet + 1 : 0;
		end -= quiet > context ? quiet - context : 0;
		for (; from < start; from++) {
			a_line++;
			b_line++;
		}
		put_hunk(out, edits->data + start, end - start, a_line, b_line);
		for (; from < end; from++) {
			a_line += edits->data[from].mark != '+';
			b_line += edits->data[from].mark != '-';
		}
		at = end;
	}
}

bool diff_unified(struct buf *out, const char *a, const char *a_name, const char *b,
	const char *b_name, size_t context)
{
	line_vec x = {0}, y = {0};
	edit_vec edits = {0};
	size_t head = 0, tail = 0;
	bool differs;

	split(a, &x);
	split(b, &y);
	while (head < x.len && head < y.len && same(x.data[head], y.data[head]))
		head++;
	while (tail < x.len - head && tail < y.len - head &&
		same(x.data[x.len - 1 - tail], y.data[y.len - 1 - tail]))
		tail++;
	differs = head + tail < x.len || head + tail < y.len;
	if (differs) {
		/* Of an empty text there is no array to point into. */
		const struct line *left = x.len ? x.data + head : NULL;
		const struct line *right = y.len ? y.data + head : NULL;

		add(&edits, ' ', x.data, head);
		middle(&edits, left, x.len - head - tail, right, y.len - head - tail);
		if (tail)
			add(&edits, ' ', x.data + x.len - tail, tail);
		buf_addf(out, "--- %s\n+++ %s\n", a_name, b_name);
		put_hunks(out, &edits, context);
	}
	vec_release(&edits);
	vec_release(&x);
	vec_release(&y);
	return differs;
}
