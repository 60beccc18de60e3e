/*
 * A column is compared by what its value is: a time by how long ago it is, a text by its letters, whatever the literal
 * looks like. Where there is no value only ":-" is true.
 */
#include "core/present/filter.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/present/filter_internal.h"

#define PARTS_MAX 64 /* letters; a longer word is no abbreviation */

/* ---- words ---- */

static int fold(char c)
{
	return tolower((unsigned char)c);
}

/* Does a word, or a part of one, begin at text[at]? */
static bool is_start(const char *text, size_t at)
{
	unsigned char c = (unsigned char)text[at], before = at ? (unsigned char)text[at - 1] : ' ';

	if (!isalnum(c) && c < 0x80)
		return false;
	return (!isalnum(before) && before < 0x80) || (isdigit(c) != 0) != (isdigit(before) != 0) ||
		(isupper(c) && islower(before));
}

/*
 * Are the letters of `word` beginnings of parts of this line of `text`, in their order? ends[k]: where the first k letters can
 * end at the earliest; froms[k], formers[k]: where the last of these parts begins, and how many letters stand before it. The
 * beginnings go into `out` (NULL = not wanted), which has room for PARTS_MAX, as pieces; returns how many, 0 = they are none.
 */
static size_t find_parts(const char *text, const char *word, struct filter_mark *out)
{
	size_t ends[PARTS_MAX + 1], froms[PARTS_MAX + 1], formers[PARTS_MAX + 1];
	size_t count = strlen(word), pieces = 0;

	if (count < 2 || count > PARTS_MAX)
		return 0;
	for (size_t k = 0; k <= count; k++)
		ends[k] = k ? SIZE_MAX : 0;
	for (size_t at = 0; text[at] && text[at] != '\n' && ends[count] == SIZE_MAX; at++) {
		if (!is_start(text, at))
			continue;
		for (size_t k = 0; k < count; k++) {
			if (ends[k] > at)
				continue;
			for (size_t len = 0; fold(word[k + len]) == fold(text[at + len]);) {
				len++;
				if (at + len < ends[k + len]) {
					ends[k + len] = at + len;
					froms[k + len] = at;
					formers[k + len] = k;
				}
				if (k + len == count)
					break;
			}
		}
	}
	if (ends[count] == SIZE_MAX)
		return 0;
	for (size_t k = count; k; k = formers[k])
		pieces++;
	for (size_t k = count, i = pieces; out && k; k = formers[k])
		out[--i] = (struct filter_mark){froms[k], k - formers[k]};
	return pieces;
}

static bool is_fuzzy_match(const char *text, const char *word)
{
	if (str_contains_fold(text, word))
		return true;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (find_parts(line, word, NULL))
			return true;
	}
	return false;
}

/* ---- columns ---- */

static bool is_text(const char *text, const char *literal)
{
	size_t len = strlen(literal);

	if (strpbrk(literal, "*?"))
		return fnmatch(literal, text, FNM_CASEFOLD) == 0;
	/* 1.16 is 1.16.3, too. */
	return strncasecmp(text, literal, len) == 0 && (!text[len] || text[len] == '.');
}

static bool holds(enum relation relation, int order)
{
	switch (relation) {
	case IS: return order == 0;
	case LESS: return order < 0;
	case LESS_OR_IS: return order <= 0;
	case MORE: return order > 0;
	case MORE_OR_IS: return order >= 0;
	}
	return false;
}

static bool number_holds(enum relation relation, double number, double literal)
{
	return holds(relation, (number > literal) - (number < literal));
}

static bool text_holds(enum relation relation, const char *text, const char *literal)
{
	return relation == IS ? is_text(text, literal)
			      : holds(relation, str_cmp_natural(text, literal));
}

static bool texts_hold(const struct node *node, const struct value *value, const char *literal)
{
	for (size_t i = 0; i < value->texts.count; i++)
		if (text_holds(node->relation, value->texts.items[i], literal))
			return true;
	return node->relation == IS && !value->texts.count && str_eq(literal, "-");
}

/* What the screen says of it: "unmanaged" is no team. */
static bool shown_holds(const struct node *node, const void *item, const struct present_env *env,
	const char *literal)
{
	struct buf text;
	bool is_so;

	if (node->relation != IS)
		return false;
	if (str_eq(literal, "-"))
		return true;
	if (!node->column->text)
		return false;
	buf_init(&text, 0);
	node->column->text(item, env, &text);
	is_so = is_text(buf_str(&text), literal);
	buf_release(&text);
	return is_so;
}

static bool literal_holds(const struct node *node, const void *item, const struct present_env *env,
	const struct literal *literal)
{
	struct value value = node->column->get(item, env);

	switch (value.type) {
	case VALUE_NULL: return shown_holds(node, item, env, literal->text);
	case VALUE_TEXT: return text_holds(node->relation, value.text, literal->text);
	case VALUE_TEXTS: return texts_hold(node, &value, literal->text);
	case VALUE_BOOL:
		return node->relation == IS &&
			strcasecmp(literal->text, value.number ? "yes" : "no") == 0;
	case VALUE_TIME_MS:
		return literal->has_ms &&
			number_holds(
				node->relation, (double)(env->now_ms - value.number), literal->ms);
	case VALUE_DURATION_MS:
		return literal->has_ms &&
			number_holds(node->relation, (double)value.number, literal->ms);
	case VALUE_INT:
	case VALUE_BYTES:
		return literal->has_count &&
			number_holds(node->relation, (double)value.number, literal->count);
	case VALUE_REAL:
		return literal->has_count &&
			number_holds(node->relation, value.real, literal->count);
	}
	return false;
}

static bool column_holds(const struct node *node, const void *item, const struct present_env *env)
{
	for (size_t i = 0; i < node->literals.len; i++)
		if (literal_holds(node, item, env, &node->literals.data[i]))
			return true;
	return false;
}

/* ---- the tree ---- */

struct subject {
	const void *item;
	const char *hay;
	const struct present_env *env;
	bool may; /* what compares something sparse passes, negated or not */
};

static const struct column *sparse(const struct node *node)
{
	const struct column *found = NULL;

	if (node->kind == NODE_COLUMN)
		return node->column->sparse ? node->column : NULL;
	for (size_t i = 0; !found && i < node->children.len; i++)
		found = sparse(node->children.data[i]);
	return found;
}

static bool node_holds(const struct node *node, const struct subject *subject)
{
	switch (node->kind) {
	case NODE_ALL:
		for (size_t i = 0; i < node->children.len; i++)
			if (!node_holds(node->children.data[i], subject))
				return false;
		return true;
	case NODE_ANY:
		for (size_t i = 0; i < node->children.len; i++)
			if (node_holds(node->children.data[i], subject))
				return true;
		return false;
	case NODE_NOT:
		return (subject->may && sparse(node->children.data[0])) ||
			!node_holds(node->children.data[0], subject);
	case NODE_FUZZY: return is_fuzzy_match(subject->hay, node->text);
	case NODE_EXACT: return str_contains_fold(subject->hay, node->text);
	case NODE_REGEX: return regexec(&node->regex, subject->hay, 0, NULL, 0) == 0;
	case NODE_COLUMN:
		return (subject->may && node->column->sparse) ||
			column_holds(node, subject->item, subject->env);
	}
	return false;
}

/* hay: or NULL. */
static bool ask(const struct filter *filter, struct subject subject)
{
	struct buf own;
	bool is_so;

	buf_init(&own, 0);
	if (!subject.hay) {
		filter->table->filter_text(subject.item, &own);
		subject.hay = buf_str(&own);
	}
	is_so = node_holds(filter->root, &subject);
	buf_release(&own);
	return is_so;
}

bool filter_match(const struct filter *filter, const void *item, const char *hay,
	const struct present_env *env)
{
	return ask(filter, (struct subject){item, hay, env, false});
}

bool filter_may_match(const struct filter *filter, const void *item, const char *hay,
	const struct present_env *env)
{
	return ask(filter, (struct subject){item, hay, env, true});
}

bool filter_is_empty(const struct filter *filter)
{
	return filter->root->kind == NODE_ALL && !filter->root->children.len;
}

static bool is_restless(const struct node *node)
{
	if (node->kind == NODE_COLUMN)
		return node->column->is_restless || node->relation != IS;
	for (size_t i = 0; i < node->children.len; i++)
		if (is_restless(node->children.data[i]))
			return true;
	return false;
}

bool filter_is_restless(const struct filter *filter)
{
	return is_restless(filter->root);
}

const struct column *filter_sparse(const struct filter *filter)
{
	return sparse(filter->root);
}

/* ---- one filter and the one before it ---- */

static bool is_word(const struct node *node)
{
	return node->kind == NODE_FUZZY || node->kind == NODE_EXACT;
}

/* Is what has `node` known to have `former`? */
static bool implies(const struct node *node, const struct node *former)
{
	struct buf a, b;
	bool is_so;

	if (is_word(node) && is_word(former)) {
		/* A fuzzy word is found by its letters from the first on; what is exact holds all parts of it. */
		if (node->kind == NODE_EXACT)
			return str_contains_fold(node->text, former->text);
		return former->kind == NODE_FUZZY &&
			strncasecmp(node->text, former->text, strlen(former->text)) == 0;
	}
	if (node->kind != former->kind)
		return false;
	buf_init(&a, 0);
	buf_init(&b, 0);
	node_print(node, &a);
	node_print(former, &b);
	is_so = str_eq(buf_str(&a), buf_str(&b));
	buf_release(&a);
	buf_release(&b);
	return is_so;
}

/* The i-th of what must all be so; NULL behind the last. */
static const struct node *part(const struct node *root, size_t i)
{
	if (root->kind == NODE_ALL)
		return i < root->children.len ? root->children.data[i] : NULL;
	return i == 0 ? root : NULL;
}

bool filter_narrows(const struct filter *filter, const struct filter *former)
{
	const struct node *old, *node;

	if (filter_is_restless(former))
		return false;
	for (size_t i = 0; (old = part(former->root, i)); i++) {
		size_t k = 0;

		while ((node = part(filter->root, k)) && !implies(node, old))
			k++;
		if (!node)
			return false;
	}
	return true;
}

/* ---- marks ---- */

struct marks {
	struct filter_mark *list;
	size_t count, max;
};

/* At its place; one that lies over another is left out. */
static void mark(struct marks *marks, size_t at, size_t len)
{
	size_t i = marks->count;

	while (i && marks->list[i - 1].at > at)
		i--;
	if (!len || (i && marks->list[i - 1].at + marks->list[i - 1].len > at) ||
		(i < marks->count && at + len > marks->list[i].at) || i == marks->max)
		return;
	/* The last gives way. */
	if (marks->count == marks->max)
		marks->count--;
	memmove(&marks->list[i + 1], &marks->list[i], (marks->count - i) * sizeof(*marks->list));
	marks->list[i] = (struct filter_mark){at, len};
	marks->count++;
}

static void mark_word(const struct node *node, const char *text, size_t from, struct marks *marks)
{
	const char *place = *node->text ? strcasestr(text + from, node->text) : NULL;
	struct filter_mark parts[PARTS_MAX];
	size_t count;

	if (place)
		mark(marks, (size_t)(place - text), strlen(node->text));
	if (place || node->kind != NODE_FUZZY)
		return;
	count = find_parts(text, node->text, parts);
	for (size_t i = 0; i < count; i++)
		if (parts[i].at >= from)
			mark(marks, parts[i].at, parts[i].len);
}

static void mark_node(const struct node *node, const char *text, size_t from, struct marks *marks)
{
	regmatch_t match;

	if (node->kind == NODE_NOT)
		return;
	for (size_t i = 0; i < node->children.len; i++)
		mark_node(node->children.data[i], text, from, marks);
	if (is_word(node))
		mark_word(node, text, from, marks);
	else if (node->kind == NODE_REGEX &&
		regexec(&node->regex, text + from, 1, &match, from ? REG_NOTBOL : 0) == 0)
		mark(marks, from + (size_t)match.rm_so, (size_t)(match.rm_eo - match.rm_so));
}

size_t filter_find(const struct filter *filter, const char *text, size_t from,
	struct filter_mark *out, size_t max)
{
	struct marks marks = {.list = out, .max = max};

	mark_node(filter->root, text, from, &marks);
	return marks.count;
}
