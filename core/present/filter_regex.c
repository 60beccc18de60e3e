/*
 * What a regular expression would become before the C library takes it: its compiler writes a repetition out,
 * so that "a++++++++++++++++++++" is a million copies of "a", and a reference to a group may take for ever to
 * match. Both are refused.
 */
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/present/filter_internal.h"

/* What is written out, in characters; none that a person means comes near. */
#define SIZE_MAX_CHARS 2000.0

struct size {
	double group; /* all of it so far, within this parenthesis */
	double last;  /* of it what a repetition would repeat */
};

/* Behind "[…]", where "]" may stand first and classes may stand within. */
static const char *past_set(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	if (*p == ']')
		p++;
	while (*p && *p != ']') {
		const char *end = NULL;

		if (*p == '[' && p[1] && strchr(":.=", p[1])) {
			const char close[] = {p[1], ']', '\0'};

			end = strstr(p + 2, close);
		}
		p = end ? end + 2 : p + 1;
	}
	return *p ? p + 1 : p;
}

static double take_number(const char **p)
{
	double number = 0;

	while (**p >= '0' && **p <= '9')
		number = number * 10 + (*(*p)++ - '0');
	return number;
}

/* How often what stands before a repetition is written out. *p goes behind it. */
static double take_times(const char **p)
{
	char kind = *(*p)++;
	double least, most = 0;

	/* "+" is one of it, and then "*". */
	if (kind != '{')
		return kind == '+' ? 2 : 1;
	least = take_number(p);
	if (**p == ',') {
		(*p)++;
		most = take_number(p);
	}
	*p += **p == '}';
	return (most > least ? most : least) + 1;
}

const char *filter_regex_problem(const char *text)
{
	VEC(struct size) open = {0};
	struct size now = {0};
	double largest = 0;
	bool has_reference = false;

	for (const char *p = text; *p;) {
		if (strchr("*+?{", *p)) {
			double times = take_times(&p);

			now.group += now.last * (times - 1);
			now.last *= times;
		} else if (*p == '(') {
			vec_push(&open, now);
			now = (struct size){0};
			p++;
		} else if (*p == ')' && open.len) {
			double inside = now.group + 1;

			now = open.data[--open.len];
			now.last = inside;
			now.group += inside;
			p++;
		} else {
			has_reference |= *p == '\\' && p[1] >= '1' && p[1] <= '9';
			p = *p == '[' ? past_set(p) : p + (*p == '\\' && p[1] ? 2 : 1);
			now.last = 1;
			now.group++;
		}
		if (now.group > largest)
			largest = now.group;
	}
	vec_release(&open);
	return has_reference               ? _("it refers to a group")
		: largest > SIZE_MAX_CHARS ? _("it repeats too much")
					   : NULL;
}
