/*
 * Operations as HTTP calls, and their answers as values. Pure: no network here. SOURCE_START is not
 * among them: start.h.
 */
#ifndef WEIR_SOURCE_FLINK_OPERATION_H
#define WEIR_SOURCE_FLINK_OPERATION_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/source/source.h"

/* Does it change anything, or only ask? */
bool flink_verb_acts(enum source_verb verb);
const char *flink_operation_method(const struct source_request *request);
/* "/jobs/5fa0…/savepoints"; malloc'd. */
char *flink_operation_path(const struct source_request *request);
/* JSON in one line, or NULL where nothing is sent along; malloc'd. */
char *flink_operation_body(const struct source_request *request);
/* E_ARG when ids are no ids. */
int flink_operation_check(const struct source_request *request, struct err *err);

/*
 * What has to be asked behind the first answer ("/overview" of BEFORE, the exceptions of a job that
 * FAILED), or NULL; malloc'd.
 */
char *flink_operation_more(const struct source_request *request, const struct source_answer *first);

/*
 * Reads a body that came with a status below 300, of the first call or of the second one (more).
 * Texts of *out are in the arena. E_PROTO when it makes no sense, E_NOTFOUND when the job is not
 * there; `what` names the call. Any thread.
 */
struct flink_operation_body {
	const char *what, *body;
	size_t len;
	bool is_more;
};
int flink_operation_read(const struct source_request *request,
	const struct flink_operation_body *in, struct arena *arena, struct source_answer *out,
	struct err *err);
/* The answer of /config: 0 = a JobManager, E_UNSUPPORTED a HistoryServer, E_PROTO neither. */
int flink_operation_probe(const char *what, const char *body, size_t len, struct err *err);

#endif
