/*
 * The file that a JobManager writes of a job that has ended (jobmanager.archive.fs.dir/<job id>):
 * {"archive":[{"path":"/jobs/<id>/checkpoints","json":"{…}"},…]}, each text as REST would answer. Pure.
 *
 * Source: files of Flink 1.16.3, 1.20.5 and 2.2.1.
 */
#ifndef WEIR_SOURCE_FLINK_ARCHIVE_H
#define WEIR_SOURCE_FLINK_ARCHIVE_H

#include "core/base/err.h"
#include "core/source/flink/answer.h"

/* What of a job that has ended can be asked: a HistoryServer has no metrics. Their number. */
size_t flink_history_questions(enum flink_question out[FLINK_QUESTION_MAX]);
/* Behind the base URL, and in the file: no query. malloc'd. */
char *flink_history_path(enum flink_question question, const char *job_id);
/*
 * Gives each answer its body, NULL where the file has none. E_PROTO: it is no such file. Any thread.
 */
int flink_archive_read(const char *text, size_t len, const char *what, const char *job_id,
	struct flink_answer *answers, size_t count, struct err *err);

#endif
