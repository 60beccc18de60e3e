/* Do two readers of /jobs/overview tell the same? For the test of both, and for the fuzzer. */
#ifndef WEIR_TESTS_SAME_JOBS_H
#define WEIR_TESTS_SAME_JOBS_H

#include <string.h>

#include "core/base/doc.h"
#include "core/base/str.h"
#include "core/source/flink/parse.h"

static inline bool same_job(const struct job_summary *a, const struct job_summary *b)
{
	return str_eq(a->id, b->id) && str_eq(a->name, b->name) && a->status == b->status &&
		a->start_ms == b->start_ms && a->end_ms == b->end_ms &&
		a->duration_ms == b->duration_ms && a->modified_ms == b->modified_ms &&
		memcmp(&a->tasks, &b->tasks, sizeof(a->tasks)) == 0 && a->seen_ms == b->seen_ms &&
		a->missing_ms == b->missing_ms && a->settled_without == b->settled_without &&
		a->said_by == b->said_by;
}

/* *scanned: was it plain? What is not is left to the tree, so both tell the same. */
static inline bool same_jobs(const char *text, size_t len, bool *scanned)
{
	struct flink_parse parse = {.what = "test", .arena = arena_new()};
	const struct job_summary *one = NULL, *two = NULL;
	size_t count = 0, of_tree = 0;
	bool same = true;
	json_t *root;

	*scanned = flink_scan_jobs(parse.arena, text, len, &one, &count);
	if (*scanned) {
		root = doc_parse_json(text, len, "test", NULL);
		same = root && flink_parse_jobs(&parse, root, &two, &of_tree, NULL) == 0 &&
			count == of_tree;
		for (size_t i = 0; same && i < count; i++)
			same = same_job(&one[i], &two[i]);
		json_decref(root);
	} else {
		same = !one && !count;
	}
	arena_free(parse.arena);
	return same;
}

#endif
