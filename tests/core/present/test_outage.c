/* Many clusters that fail alike are told in one line, others one by one. */
#include "core/present/outage.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

static void a_reason_is_what_others_may_share(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		{"a name",
			"GET http://jm-1.prod:8081/jobs/overview: host name 'jm-1.prod' not found",
			"host name not found"},
		{"a server",
			"GET https://a/x: host name 'a' not found (no answer from the name server)",
			"host name not found (no answer from the name server)"},
		{"refused", "GET http://10.0.0.1:8081/overview: connection refused",
			"connection refused"},
		{"no answer", "http://10.0.0.1:8081 did not answer in time",
			"did not answer in time"},
		{"no request", "host gw: cannot connect", "host gw: cannot connect"},
		{"one quote", "it's so", "it's so"},
		{"a URL alone", "GET http://a:8081/x", "GET http://a:8081/x"},
		{"nothing", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = outage_reason(rows[i].text);

		check_str(rows[i].name, got, rows[i].want);
		free(got);
	}
}

static void a_thousand_names_are_one_message(void **state)
{
	struct cluster *clusters = xcalloc(1005, sizeof(*clusters));
	struct map *outages = outages_new();
	struct buf text;
	size_t told = 0;

	(void)state;
	buf_init(&text, 0);
	for (int i = 0; i < 1005; i++) {
		char *why = i < 1000 ? xasprintf("GET http://jm-%d:8081/jobs/overview: host name "
						 "'jm-%d' not found",
					       i, i)
			: i < 1002
			? xasprintf("GET http://jm-%d:8081/jobs/overview: connection refused", i)
			: xasprintf("GET http://jm-%d:8081/jobs/overview: HTTP %d", i, i);

		clusters[i].name = xasprintf("jm-%d", i);
		outages_add(outages, &clusters[i], why);
		free(why);
	}
	map_each (entry, outages) {
		const struct outage *outage = map_value(entry);

		buf_reset(&text);
		if (outage_text(outage, &text))
			check_str("the text", buf_str(&text),
				"1000 clusters: host name not found: jm-0, jm-1, jm-2, ...");
		else
			told += outage->members.len;
	}
	check_int("one by one", (int64_t)told, 5);
	check_int("reasons", (int64_t)map_count(outages), 5);
	outages_free(outages);
	for (int i = 0; i < 1005; i++)
		free(clusters[i].name);
	free(clusters);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_is_what_others_may_share),
		cmocka_unit_test(a_thousand_names_are_one_message),
	};

	check_locale();
	return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}
