/* Any bytes as a filter: a filter that is the same when printed and read again, or an error that says where. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/present/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_print(const struct filter *filter, bool fuzzy)
{
	struct buf once, twice;
	struct filter *again;
	struct err err;

	buf_init(&once, 0);
	buf_init(&twice, 0);
	filter_print(filter, &once);
	check(filter_parse(&again, buf_str(&once), &app_table, fuzzy, NULL, &err) == 0);
	filter_print(again, &twice);
	check(!strcmp(buf_str(&once), buf_str(&twice)));
	filter_free(again);
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct filter *filter = NULL;
	struct filter_tail tail;
	struct err err = {0};
	size_t at = 0;

	for (int fuzzy = 0; fuzzy < 2; fuzzy++) {
		int rc = filter_parse(&filter, text, &app_table, fuzzy, &at, &err);

		check(rc == 0 ||
			(rc == E_ARG && at <= strlen(text) &&
				utf8_valid(err.text, strlen(err.text))));
		if (rc == 0) {
			check_print(filter, fuzzy);
			filter_free(filter);
		}
	}
	if (filter_tail(text, &app_table, &tail))
		check(tail.from <= strlen(text));
	free(text);
	return 0;
}
