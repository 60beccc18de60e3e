/* A list of a hundred texts, of which five are wanted. */
#include "core/source/flink/archive.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

size_t flink_history_questions(enum flink_question out[FLINK_QUESTION_MAX])
{
	return flink_questions(SNAPSHOT_JOB, JOB_PARTS_ALL & ~(unsigned)JOB_PART_RESTARTS, out);
}

char *flink_history_path(enum flink_question question, const char *job_id)
{
	char *path = flink_question_path(question, job_id, NULL);

	path[strcspn(path, "?")] = '\0';
	return path;
}

/* The text of one path, or NULL; borrowed. */
static const char *find(const json_t *list, const char *path)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (str_eq(doc_str(item, "path"), path))
			return doc_str(item, "json");
	}
	return NULL;
}

int flink_archive_read(const char *text, size_t len, const char *what, const char *job_id,
	struct flink_answer *answers, size_t count, struct err *err)
{
	json_t *root = doc_parse_json(text, len, what, err);
	const json_t *list = json_object_get(root, "archive");
	int rc = 0;

	if (!root)
		return E_PROTO;
	if (!json_is_array(list))
		rc = err_set(err, E_PROTO,
			_("%s: no \"archive\" array: is this a job archive of Flink?"), what);
	for (size_t i = 0; !rc && i < count; i++) {
		char *path = flink_history_path(answers[i].question, job_id);
		const char *body = find(list, path);

		if (body) {
			free(answers[i].body);
			answers[i].body = xstrdup(body);
			answers[i].len = strlen(body);
		} else if (!flink_question_is_optional(answers[i].question)) {
			rc = err_set(err, E_PROTO, _("%s: nothing of the job in it (no %s)"), what,
				path);
		}
		free(path);
	}
	json_decref(root);
	return rc;
}
