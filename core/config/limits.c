/* The numbers of a context: what it may ask, what it remembers, what it calls a loop. */
#include "core/config/parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

void limits_default(struct context_config *context)
{
	context->budget_per_second = CONFIG_BUDGET_DEFAULT;
	context->budget_per_cluster = CONFIG_BUDGET_DEFAULT;
	context->history.kept_ms = CONFIG_HISTORY_DAYS_DEFAULT * CONFIG_DAY_MS;
	context->history.bytes = CONFIG_HISTORY_BYTES_DEFAULT;
	context->loop.restarts = CONFIG_LOOP_RESTARTS_DEFAULT;
	context->loop.minutes = CONFIG_LOOP_MINUTES_DEFAULT;
}

/* "512MiB", "2GiB", or bytes; 0 = it is none. */
static int64_t parse_size(const char *text)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
	size_t digits = strspn(text, "0123456789");
	char *number = xstrndup(text, digits);
	int64_t value = 0;
	int shift = text[digits] ? -1 : 0;

	for (int i = 0; i < (int)ARRAY_SIZE(units); i++)
		if (str_eq(text + digits + strspn(text + digits, " "), units[i]))
			shift = i * 10;
	if (shift < 0 || !str_to_int64(number, &value) || value > (INT64_MAX >> 31))
		value = 0;
	free(number);
	return value << (shift > 0 ? shift : 0);
}

#define PER_SECOND_MAX 100000
#define HISTORY_BYTES_MIN ((int64_t)16 << 20)

static int read_history(
	const struct doc *doc, const json_t *node, struct context_config *context, struct err *err)
{
	struct history_nodes {
		int64_t days;
		char *size;
	} nodes = {CONFIG_HISTORY_DAYS_DEFAULT, NULL};
	static const struct doc_field fields[] = {
		{"days", DOC_INT, offsetof(struct history_nodes, days), false, 1, 3650, NULL},
		{"size", DOC_STRING, offsetof(struct history_nodes, size), false, 0, 0, NULL},
	};
	int rc = node ? doc_read_fields(doc, node, fields, ARRAY_SIZE(fields), &nodes, err) : 0;

	context->history.kept_ms = nodes.days * CONFIG_DAY_MS;
	context->history.bytes = nodes.size ? parse_size(nodes.size) : CONFIG_HISTORY_BYTES_DEFAULT;
	if (!rc && context->history.bytes < HISTORY_BYTES_MIN)
		rc = doc_error(doc, json_object_get(node, "size"), err,
			_("\"size\" is a size of at least 16MiB, like 512MiB or 2GiB"));
	free(nodes.size);
	return rc;
}

/* One restart is none; what is counted in an hour at most is what Flink and weir remember. */
static int read_loop(
	const struct doc *doc, const json_t *node, struct context_config *context, struct err *err)
{
#define AT(member) offsetof(struct context_config, loop.member)
	static const struct doc_field fields[] = {
		{"restarts", DOC_INT, AT(restarts), false, 2, 16, NULL},
		{"minutes", DOC_INT, AT(minutes), false, 1, 60, NULL},
	};
#undef AT

	return doc_read_fields(doc, node, fields, ARRAY_SIZE(fields), context, err);
}

static int read_budget(
	const struct doc *doc, const json_t *node, struct context_config *context, struct err *err)
{
#define AT(member) offsetof(struct context_config, member)
	static const struct doc_field fields[] = {
		{"requests-per-second", DOC_INT, AT(budget_per_second), false, 1, PER_SECOND_MAX,
			NULL},
		{"per-cluster", DOC_INT, AT(budget_per_cluster), false, 1, PER_SECOND_MAX, NULL},
	};
#undef AT
	int rc;

	if (!node)
		return 0;
	context->budget_per_cluster = 0;
	rc = doc_read_fields(doc, node, fields, ARRAY_SIZE(fields), context, err);
	if (!context->budget_per_cluster)
		context->budget_per_cluster = context->budget_per_second;
	return rc;
}

int limits_read_cluster(struct cluster_config *cluster, const struct doc *doc, const json_t *budget,
	struct err *err)
{
	static const struct doc_field fields[] = {{"requests-per-second", DOC_INT,
		offsetof(struct cluster_config, budget_per_second), true, 1, PER_SECOND_MAX, NULL}};

	return budget ? doc_read_fields(doc, budget, fields, 1, cluster, err) : 0;
}

int limits_read(struct context_config *context, const struct doc *doc,
	const struct limit_nodes *nodes, struct err *err)
{
	int rc = read_budget(doc, nodes->budget, context, err);

	if (!rc)
		rc = read_history(doc, nodes->history, context, err);
	if (!rc && nodes->loop)
		rc = read_loop(doc, nodes->loop, context, err);
	return rc;
}
