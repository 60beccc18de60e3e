/*
 * /jobs/overview without a tree. It knows only answers as Flink writes them; a key that comes twice, a
 * value of another type, a row without a job id: the first of these ends it, and the tree's reader,
 * which says what such a thing means, has the word. So there is one meaning of each answer.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/vec.h"
#include "core/source/flink/scan_table.h"

enum row_key {
	ROW_ID,
	ROW_NAME,
	ROW_STATE,
	ROW_START,
	ROW_END,
	ROW_DURATION,
	ROW_MODIFIED,
	ROW_TASKS,
	ROW_MAX
};
static const char *const row_keys[ROW_MAX] = {
	"jid", "name", "state", "start-time", "end-time", "duration", "last-modification", "tasks"};

/* Notes that it came; false when it came before. */
static bool first_time(unsigned *seen, size_t key)
{
	bool is_first = !(*seen & 1u << key);

	*seen |= 1u << key;
	return is_first;
}

static enum row_key row_key(struct doc_piece key)
{
	int i = 0;

	while (i < ROW_MAX && !doc_piece_is(key, row_keys[i]))
		i++;
	return (enum row_key)i;
}

static enum job_status status_of(struct doc_piece name)
{
	char word[32];

	if (name.len >= sizeof(word))
		return JOB_STATUS_NONE;
	memcpy(word, name.text, name.len);
	word[name.len] = '\0';
	return job_status_parse(word);
}

static int64_t amount(int64_t value)
{
	return value < 0 ? -1 : value;
}

struct found_row {
	struct job_summary job;
	struct doc_piece name; /* of the job */
};
static const struct found_row row_unknown = {.job = {.start_ms = -1,
						     .end_ms = -1,
						     .duration_ms = -1,
						     .modified_ms = -1,
						     .tasks = FLINK_NO_TASKS}};

static void row_scan(struct doc_scan *scan, struct found_row *row)
{
	struct job_summary *out = &row->job;
	struct doc_piece key, id = {"", 0};
	unsigned seen = 0;

	doc_scan_enter(scan, '{');
	while (doc_scan_key(scan, &key)) {
		enum row_key which = row_key(key);

		if (which != ROW_MAX && !first_time(&seen, which))
			doc_scan_fail(scan);
		switch (which) {
		case ROW_ID: id = doc_scan_text(scan); break;
		case ROW_NAME: row->name = doc_scan_text(scan); break;
		case ROW_STATE: out->status = status_of(doc_scan_text(scan)); break;
		case ROW_START: out->start_ms = flink_as_time(doc_scan_int(scan)); break;
		case ROW_END: out->end_ms = flink_as_time(doc_scan_int(scan)); break;
		case ROW_DURATION: out->duration_ms = amount(doc_scan_int(scan)); break;
		case ROW_MODIFIED: out->modified_ms = flink_as_time(doc_scan_int(scan)); break;
		case ROW_TASKS: scan_tasks(scan, &out->tasks, false); break;
		case ROW_MAX: doc_scan_skip(scan); break;
		}
	}
	if (!flink_job_id_of(id.text, id.len, out->id))
		doc_scan_fail(scan);
}

bool flink_scan_jobs(struct arena *arena, const char *text, size_t len,
	const struct job_summary **jobs, size_t *count)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	struct doc_piece key;
	VEC(struct found_row) rows = {0};
	bool has_jobs = false;

	doc_scan_enter(&scan, '{');
	while (doc_scan_key(&scan, &key)) {
		if (!doc_piece_is(key, "jobs")) {
			doc_scan_skip(&scan);
			continue;
		}
		if (has_jobs)
			doc_scan_fail(&scan);
		has_jobs = true;
		doc_scan_enter(&scan, '[');
		while (doc_scan_item(&scan)) {
			vec_push(&rows, row_unknown);
			row_scan(&scan, &rows.data[rows.len - 1]);
		}
	}
	bool is_plain = doc_scan_ended(&scan) && has_jobs;
	if (is_plain) {
		struct job_summary *out = arena_calloc(arena, rows.len + 1, sizeof(*out));
		for (size_t i = 0; i < rows.len; i++) {
			const struct doc_piece *name = &rows.data[i].name;
			out[i] = rows.data[i].job;
			if (name->len)
				out[i].name = arena_strndup(arena, name->text, name->len);
		}
		*jobs = out;
		*count = rows.len;
	}
	vec_release(&rows);
	return is_plain;
}
