/* Operations as HTTP calls, and their answers as values. Pure: no network here. */
#ifndef WEIR_SOURCE_FLINK_OPERATION_H
#define WEIR_SOURCE_FLINK_OPERATION_H

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
 * Reads a body that came with a status below 300. Texts of *out are malloc'd into *keep (free it).
 * E_PROTO when it makes no sense; `what` names the call.
 */
int flink_operation_read(const struct source_request *request, const char *what, const char *body,
	size_t len, struct source_answer *out, char **keep, struct err *err);
/* The answer of /config: 0 = a JobManager, E_UNSUPPORTED a HistoryServer, E_PROTO neither. */
int flink_operation_probe(const char *what, const char *body, size_t len, struct err *err);

#endif
