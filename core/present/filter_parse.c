/*
 * From text to a tree and back, by descent:
 *
 *	any  = all { "or" all }
 *	all  = not { [ "and" ] not }
 *	not  = { "!" | "not" } ( "(" any ")" | atom )
 *
 * An atom ends at a blank or a parenthesis that it did not open, but for what stands in quotes.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/present/filter_internal.h"

#define DEPTH_MAX 32
#define COLUMNS_MAX 128

struct parser {
	const char *text, *p;
	const struct column_table *table;
	bool fuzzy;
	int depth;
	size_t *at;
	struct err *err;
};

const char *filter_key(const struct column *column)
{
	return column->word ? column->word : column->key;
}

static struct node *node_new(enum node_kind kind)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->kind = kind;
	return node;
}

void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->children.len; i++)
		node_free(node->children.data[i]);
	vec_release(&node->children);
	for (size_t i = 0; i < node->literals.len; i++)
		free(node->literals.data[i].text);
	vec_release(&node->literals);
	if (node->kind == NODE_REGEX)
		regfree(&node->regex);
	free(node->text);
	free(node);
}

/* Says what is wrong there; always NULL. */
__attribute__((format(printf, 3, 4))) static struct node *wrong(
	struct parser *parser, const char *p, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (parser->at)
		*parser->at = (size_t)(p - parser->text);
	err_set(parser->err, E_ARG, _("filter, column %zu: %s"), (size_t)(p - parser->text) + 1,
		what);
	return NULL;
}

/* ---- words ---- */

static void skip_blanks(struct parser *parser)
{
	parser->p += strspn(parser->p, " \t");
}

/* Does `word` stand alone here? */
static bool is_at(const struct parser *parser, const char *word)
{
	size_t len = strlen(word);

	return strncasecmp(parser->p, word, len) == 0 && strchr(" \t()", parser->p[len]);
}

static bool take_word(struct parser *parser, const char *word)
{
	if (!is_at(parser, word))
		return false;
	parser->p += strlen(word);
	skip_blanks(parser);
	return true;
}

/* Nothing that could be meant follows. */
static bool is_missing(const struct parser *parser)
{
	return !*parser->p || *parser->p == ')' || is_at(parser, "or") || is_at(parser, "and");
}

/* Up to one of `ends`, or a parenthesis that is closed and was not opened here; what stands in quotes as it is. malloc'd,
 * NULL: a quote is open. */
static char *take_text(struct parser *parser, const char *ends)
{
	const char *from = parser->p;
	int depth = 0;
	struct buf out;

	buf_init(&out, 0);
	buf_adds(&out, "");
	while (*parser->p && !strchr(ends, *parser->p)) {
		depth += (*parser->p == '(') - (*parser->p == ')');
		if (depth < 0)
			break;
		if (*parser->p != '"') {
			buf_addc(&out, *parser->p++);
			continue;
		}
		for (parser->p++; *parser->p && *parser->p != '"'; parser->p++) {
			if (*parser->p == '\\' && parser->p[1])
				parser->p++;
			buf_addc(&out, *parser->p);
		}
		if (!*parser->p) {
			buf_release(&out);
			wrong(parser, from, _("a quote is not closed"));
			return NULL;
		}
		parser->p++;
	}
	return buf_detach(&out);
}

static struct node *word_new(struct parser *parser, enum node_kind kind, const char *ends)
{
	struct node *node = node_new(kind);

	node->text = take_text(parser, ends);
	if (node->text)
		return node;
	node_free(node);
	return NULL;
}

static struct node *take_regex(struct parser *parser)
{
	const char *from = parser->p++;
	char why[128];
	/* Its own parentheses are its own. */
	struct node *node = word_new(parser, NODE_FUZZY, " \t");
	const char *problem;
	int rc;

	if (!node)
		return NULL;
	problem = filter_regex_problem(node->text);
	if (problem) {
		node_free(node);
		return wrong(parser, from, _("the regular expression is not right: %s"), problem);
	}
	rc = regcomp(&node->regex, node->text, REG_EXTENDED | REG_ICASE | REG_NEWLINE);
	if (rc == 0) {
		node->kind = NODE_REGEX;
		return node;
	}
	regerror(rc, &node->regex, why, sizeof(why));
	node_free(node);
	return wrong(parser, from, _("the regular expression is not right: %s"), why);
}

/* ---- columns ---- */

/* Digits and a point; *p goes behind them. False: there are none. */
static bool take_digits(const char **p, double *out)
{
	size_t len = strspn(*p, "0123456789.");
	char number[32];

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, *p, len);
	number[len] = '\0';
	*p += len;
	return str_to_double(number, out);
}

static bool read_duration(const char *p, double *ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}, {"w", 6048e5}};
	double number;

	for (*ms = 0; *p;) {
		size_t i = 0, len;

		if (!take_digits(&p, &number))
			return false;
		len = strspn(p, "abcdefghijklmnopqrstuvwxyz");
		while (i < ARRAY_SIZE(units) &&
			(strlen(units[i].unit) != len || strncmp(p, units[i].unit, len) != 0))
			i++;
		if (i == ARRAY_SIZE(units))
			return false;
		*ms += number * units[i].ms;
		p += len;
	}
	return true;
}

static bool read_count(const char *p, double *count)
{
	static const char steps[] = "kMGTP";
	const char *step;
	double by;

	if (!take_digits(&p, count))
		return false;
	step = *p ? strchr(steps, *p == 'K' ? 'k' : *p) : NULL;
	if (step) {
		by = p[1] == 'i' ? 1024 : 1000;
		p += p[1] == 'i' ? 2 : 1;
		for (const char *s = steps; s <= step; s++)
			*count *= by;
	}
	return !*p || str_eq(p, "B");
}

static struct literal literal_of(char *text)
{
	struct literal literal = {.text = text};

	literal.has_count = read_count(text, &literal.count);
	literal.has_ms = read_duration(text, &literal.ms);
	if (!*text)
		literal.has_ms = false;
	else if (literal.has_count && !literal.has_ms) {
		literal.ms = literal.count * 1000;
		literal.has_ms = true;
	}
	return literal;
}

const struct column *filter_column_at(const struct column_table *table, const char *key, size_t len)
{
	for (size_t i = 0; table && i < table->count; i++) {
		const struct column *column = &table->columns[i];
		const char *names[] = {column->word, column->key};

		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (names[k] && strlen(names[k]) == len &&
				strncasecmp(names[k], key, len) == 0)
				return column;
	}
	return NULL;
}

static struct node *no_column(struct parser *parser, const char *from, size_t len)
{
	const char *keys[COLUMNS_MAX], *near;
	char *word = xstrndup(from, len);
	size_t count = 0;

	for (size_t i = 0; i < parser->table->count && count < COLUMNS_MAX; i++)
		keys[count++] = filter_key(&parser->table->columns[i]);
	near = str_suggest(word, keys, count);
	if (near)
		wrong(parser, from, _("there is no column '%s': did you mean '%s'?"), word, near);
	else
		wrong(parser, from, _("there is no column '%s'; in quotes it is a word"), word);
	free(word);
	return NULL;
}

static enum relation take_relation(struct parser *parser)
{
	char c = *parser->p++;
	bool or_is = (c == '<' || c == '>') && *parser->p == '=';

	parser->p += or_is;
	if (c == '<')
		return or_is ? LESS_OR_IS : LESS;
	if (c == '>')
		return or_is ? MORE_OR_IS : MORE;
	return IS;
}

size_t filter_key_length(const char *p)
{
	size_t len = 0;

	while (isalnum((unsigned char)p[len]) || p[len] == '/' || p[len] == '_' || p[len] == '-')
		len++;
	return len && isalpha((unsigned char)p[0]) && p[len] && strchr(":<>=", p[len]) ? len : 0;
}

static struct node *take_column(struct parser *parser, size_t key_len)
{
	const char *from = parser->p;
	const struct column *column = filter_column_at(parser->table, from, key_len);
	struct node *node;

	if (!column)
		return no_column(parser, from, key_len);
	node = node_new(NODE_COLUMN);
	node->column = column;
	node->key = filter_key(column);
	parser->p += key_len;
	node->relation = take_relation(parser);
	do {
		const char *value = parser->p;
		char *text = take_text(parser, FILTER_VALUE_ENDS);

		if (text && *text) {
			vec_push(&node->literals, literal_of(text));
			continue;
		}
		if (text)
			wrong(parser, value, _("a value is missing behind '%s'"), node->key);
		free(text);
		node_free(node);
		return NULL;
	} while (*parser->p == ',' && parser->p++);
	if (node->literals.len > 1 && node->relation != IS) {
		node_free(node);
		return wrong(parser, from, _("only ':' takes several values"));
	}
	return node;
}

/* ---- what joins them ---- */

static struct node *take_any(struct parser *parser);

static struct node *take_group(struct parser *parser)
{
	const char *from = parser->p++;
	struct node *node;

	if (++parser->depth > DEPTH_MAX)
		return wrong(parser, from, _("too many parentheses"));
	node = take_any(parser);
	parser->depth--;
	if (!node)
		return NULL;
	if (*parser->p != ')') {
		node_free(node);
		return wrong(parser, from, _("the parenthesis is not closed"));
	}
	parser->p++;
	return node;
}

static struct node *take_atom(struct parser *parser)
{
	size_t key_len = parser->table ? filter_key_length(parser->p) : 0;
	const char *from = parser->p;
	struct node *node;

	if (*parser->p == '(')
		return take_group(parser);
	if (*parser->p == '~')
		return take_regex(parser);
	if (key_len)
		return take_column(parser, key_len);
	key_len = parser->table ? 0 : filter_key_length(from);
	if (key_len && !strchr(" \t", from[key_len + 1]) &&
		filter_column_at(&app_table, from, key_len))
		return wrong(parser, from,
			_("'%.*s' is a column of a list, and this is a text: in quotes it is a "
			  "word"),
			(int)key_len, from);
	if (*parser->p == '\'') {
		parser->p++;
		return word_new(parser, NODE_EXACT, " \t()");
	}
	node = word_new(parser, NODE_EXACT, " \t()");
	/* What stands in quotes is meant as it is. */
	if (node && parser->fuzzy && !memchr(from, '"', (size_t)(parser->p - from)))
		node->kind = NODE_FUZZY;
	return node;
}

static struct node *take_not(struct parser *parser)
{
	struct node *node;

	if (*parser->p == '!') {
		parser->p++;
		skip_blanks(parser);
	} else if (!take_word(parser, "not")) {
		return take_atom(parser);
	}
	if (is_missing(parser))
		return wrong(parser, parser->p, _("a word is missing"));
	if (++parser->depth > DEPTH_MAX)
		return wrong(parser, parser->p, _("too many negations"));
	node = take_not(parser);
	parser->depth--;
	if (!node)
		return NULL;
	struct node *not = node_new(NODE_NOT);
	vec_push(&not ->children, node);
	return not ;
}

/* The only child instead of the list of it. */
static struct node *plain(struct node *node)
{
	struct node *only;

	if (node->children.len != 1)
		return node;
	only = node->children.data[0];
	node->children.len = 0;
	node_free(node);
	return only;
}

/* x, or its children where it is of that kind itself: (a b) c is a b c. */
static void join(struct node *list, struct node *node)
{
	if (node->kind != list->kind) {
		vec_push(&list->children, node);
		return;
	}
	for (size_t i = 0; i < node->children.len; i++)
		vec_push(&list->children, node->children.data[i]);
	node->children.len = 0;
	node_free(node);
}

static struct node *take_all(struct parser *parser)
{
	struct node *all = node_new(NODE_ALL);

	for (skip_blanks(parser); *parser->p && *parser->p != ')' && !is_at(parser, "or");
		skip_blanks(parser)) {
		struct node *node;

		const char *from = parser->p;

		if (take_word(parser, "and") && (!all->children.len || is_missing(parser))) {
			node_free(all);
			return wrong(parser, from, _("a word is missing beside 'and'"));
		}
		node = take_not(parser);
		if (!node) {
			node_free(all);
			return NULL;
		}
		join(all, node);
	}
	return plain(all);
}

static bool is_void(const struct node *node)
{
	return node->kind == NODE_ALL && !node->children.len;
}

static struct node *take_any(struct parser *parser)
{
	struct node *any = node_new(NODE_ANY);

	do {
		struct node *node = take_all(parser);

		if (node && is_void(node) && (any->children.len || is_at(parser, "or"))) {
			node_free(node);
			node = wrong(parser, parser->p, _("a word is missing beside 'or'"));
		}
		if (!node) {
			node_free(any);
			return NULL;
		}
		join(any, node);
	} while (take_word(parser, "or"));
	return plain(any);
}

int filter_parse(struct filter **out, const char *text, const struct column_table *table,
	bool fuzzy, size_t *at, struct err *err)
{
	struct parser parser = {
		.text = text, .p = text, .table = table, .fuzzy = fuzzy, .at = at, .err = err};
	struct node *root = take_any(&parser);

	if (root && *parser.p) {
		node_free(root);
		root = wrong(&parser, parser.p, _("')' closes nothing"));
	}
	if (!root)
		return E_ARG;
	*out = xcalloc(1, sizeof(**out));
	(*out)->table = table;
	(*out)->root = root;
	return 0;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	node_free(filter->root);
	free(filter);
}

/* ---- back to text ---- */

void filter_print_text(const char *text, const char *ends, struct buf *out)
{
	if (*text && !strpbrk(text, ends) && !strchr(text, '"'))
		buf_adds(out, text);
	else
		buf_add_quoted(out, text);
}

static void print_child(const struct node *node, struct buf *out)
{
	bool is_group = node->kind == NODE_ALL || node->kind == NODE_ANY;

	buf_adds(out, is_group ? "(" : "");
	node_print(node, out);
	buf_adds(out, is_group ? ")" : "");
}

static void print_column(const struct node *node, struct buf *out)
{
	static const char *const relations[] = {
		[IS] = ":", [LESS] = "<", [LESS_OR_IS] = "<=", [MORE] = ">", [MORE_OR_IS] = ">="};

	buf_addf(out, "%s%s", node->key, relations[node->relation]);
	for (size_t i = 0; i < node->literals.len; i++) {
		buf_adds(out, i ? "," : "");
		filter_print_text(node->literals.data[i].text, FILTER_VALUE_ENDS, out);
	}
}

void node_print(const struct node *node, struct buf *out)
{
	switch (node->kind) {
	case NODE_ALL:
	case NODE_ANY:
		for (size_t i = 0; i < node->children.len; i++) {
			buf_adds(out, i == 0 ? "" : node->kind == NODE_ANY ? " or " : " ");
			print_child(node->children.data[i], out);
		}
		break;
	case NODE_NOT:
		buf_addc(out, '!');
		print_child(node->children.data[0], out);
		break;
	case NODE_FUZZY: buf_adds(out, node->text); break;
	case NODE_EXACT:
		buf_addc(out, '\'');
		filter_print_text(node->text, " \t()", out);
		break;
	case NODE_REGEX:
		buf_addc(out, '~');
		filter_print_text(node->text, " \t()", out);
		break;
	case NODE_COLUMN: print_column(node, out); break;
	}
}

void filter_print(const struct filter *filter, struct buf *out)
{
	node_print(filter->root, out);
}
