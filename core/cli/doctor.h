/*
 * Inside `weir doctor` only: what its files share. A subject is one thing that is checked (a host, a
 * cluster, the store); its checks go on by themselves, say what they find, and end it. All subjects
 * are checked at once; what is not ended when time is up is called off and said to be late.
 *
 *	doctor.c        the verb: subjects, deadline, progress, output
 *	doctor_local.c  this machine: configuration, store, limits, agent
 *	doctor_terminal.c, doctor_libraries.c, doctor_secrets.c
 *	doctor_host.c   SSH hosts
 *	doctor_far.c    clusters, Flink envs
 *	doctor_tools.c  build hosts and their tools, release folders
 */
#ifndef WEIR_CLI_DOCTOR_H
#define WEIR_CLI_DOCTOR_H

#include "core/base/vec.h"
#include "core/cli/gather.h"
#include "core/model/finding.h"

struct subject;

struct doctor {
	struct gather gather;
	struct session *session; /* NULL: the configuration cannot be read */
	struct arena *arena;     /* of the findings */
	VEC(struct subject *) subjects;
	size_t left; /* that are being checked */
	int64_t left_ms;
	bool shows_progress;
};

struct subject {
	struct doctor *doctor;
	const struct session_context *context; /* NULL: of weir itself */
	const char *area;                      /* static */
	const char *name;                      /* in the doctor's arena; NULL = there is only one */
	VEC(struct finding *) findings;
	int open;   /* checks under way */
	void *task; /* what its file keeps */
	/* Calls off what is under way and frees the task; for each subject that was begun. */
	void (*release)(struct subject *subject);
};

/* The words after the verb, when there are any, say what is checked. */
bool doctor_wants(const struct doctor *doctor, const char *name);

struct subject *subject_new(struct doctor *doctor, const char *area,
	const struct session_context *context, const char *name);
/* One more check is under way, or has ended. */
void subject_begin(struct subject *subject);
void subject_end(struct subject *subject);
/* check: static. ms: -1 = not measured. cure: copied; NULL = nothing is to be done. */
void subject_say(struct subject *subject, const char *check, enum finding_status status, int64_t ms,
	const char *cure, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Each makes its subjects and starts their checks. */
void doctor_local(struct doctor *doctor, const struct err *config_err);
void doctor_terminal(struct doctor *doctor);
void doctor_libraries(struct doctor *doctor);
void doctor_secrets(struct doctor *doctor, const struct session_context *context);
void doctor_hosts(struct doctor *doctor, const struct session_context *context);
void doctor_clusters(struct doctor *doctor, const struct session_context *context);
void doctor_envs(struct doctor *doctor, const struct session_context *context);
void doctor_tools(struct doctor *doctor, const struct session_context *context);

#endif
