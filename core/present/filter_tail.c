/* Where the last word of a filter begins, by the rules of filter_parse.c, but with nothing refused: it is being typed. */
#include <string.h>

#include "core/present/filter_internal.h"

/* Up to one of `ends` that does not stand in quotes. */
static const char *end_of(const char *p, const char *ends)
{
	bool is_quoted = false;

	for (; *p && (is_quoted || !strchr(ends, *p)); p++) {
		if (*p == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && *p == '\\' && p[1])
			p++;
	}
	return p;
}

/* The last of the values behind a column's name, of which *p is the first; *p: their end. */
static const char *last_value(const char **p)
{
	const char *value = *p, *end = end_of(value, FILTER_VALUE_ENDS);

	while (*end == ',') {
		value = end + 1;
		end = end_of(value, FILTER_VALUE_ENDS);
	}
	*p = end;
	return value;
}

bool filter_tail(const char *text, const struct column_table *table, struct filter_tail *out)
{
	const char *p = text;

	for (;;) {
		const char *from = p + strspn(p, " \t()!");
		size_t key_len = filter_key_length(from);

		p = from;
		*out = (struct filter_tail){.from = (size_t)(from - text)};
		if (*from == '~') {
			p = end_of(from, " \t");
			if (!*p)
				return false;
		} else if (key_len) {
			bool is_list = strchr(":=", from[key_len]) != NULL;

			p += key_len + 1;
			out->column = filter_column_at(table, from, key_len);
			out->from = (size_t)(last_value(&p) - text);
			if (!*p)
				return out->column && is_list;
		} else {
			p = end_of(from, " \t()");
			if (!*p)
				return !strchr(from, '"') && *from != '\'';
		}
	}
}

void filter_print_value(const char *text, struct buf *out)
{
	filter_print_text(text, FILTER_VALUE_ENDS, out);
}
