/*
 * A configuration: what is accepted holds the promises of config.h, and is accepted again as
 * `config view` shows it. An input that starts with a comma is a clusters.csv (behind the comma)
 * instead.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/config/config.h"
#include "core/config/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

static void check_clusters(const struct context_config *context)
{
	for (size_t i = 0; i < context->cluster_count; i++) {
		const struct cluster_config *cluster = &context->clusters[i];
		const json_t *url;
		size_t n;
		check(str_is_name(cluster->name) && json_array_size(cluster->rest) > 0);
		json_array_foreach (cluster->rest, n, url)
			check(!config_rest_problem(json_string_value(url)));
	}
}

static void fuzz_csv(const char *text, size_t size)
{
	struct host_config host = {.name = (char *)(uintptr_t) "gw"};
	struct context_config context = {.hosts = &host, .host_count = 1};
	struct cluster_reader reader = {.context = &context, .names = map_new()};
	struct err err = {0};
	int rc = csv_parse(&reader, "x.csv", text, size, &err);

	check(rc == 0 || (rc == E_CONFIG && str_starts(err.text, "x.csv:")));
	check_clusters(&context);
	for (size_t i = 0; i < context.cluster_count; i++)
		cluster_release(&context.clusters[i]);
	free(context.clusters);
	map_free(reader.names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct config *config = NULL, *again = NULL;
	struct err err = {0};

	if (size && *text == ',') {
		fuzz_csv(text + 1, size - 1);
		return 0;
	}
	int rc = config_parse(&config, "x.yaml", text, size, &err);
	check(rc == 0 || (rc == E_CONFIG && !config && str_starts(err.text, "x.yaml:")));
	if (rc)
		return 0;
	for (size_t i = 0; i < config->context_count; i++)
		check_clusters(&config->contexts[i]);
	struct buf yaml;
	json_t *tree = config_to_json(config);
	buf_init(&yaml, 0);
	doc_dump_yaml(&yaml, tree);
	/* A masked text may be no valid value any more; anything else is. */
	if (!memmem(buf_str(&yaml), yaml.len, "******", 6))
		check(config_parse(&again, "y", buf_str(&yaml), yaml.len, &err) == 0);
	config_free(again);
	config_free(config);
	json_decref(tree);
	buf_release(&yaml);
	return 0;
}
