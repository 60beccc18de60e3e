/*
 * What happens in a step, and what it may wait for. Each act returns when the thing is so: the job is
 * CANCELED when the JobManager says it. `text` is the step's.
 */
#ifndef WEIR_TESTS_FAULTS_ACTS_H
#define WEIR_TESTS_FAULTS_ACTS_H

#include "tests/faults/field.h"

/* the way there */
void act_fault(struct field *field, const struct step *step); /* the step's fault */
void act_pass(struct field *field, const struct step *step);
void act_move(struct field *field, const struct step *step); /* another address; so says the file */

/* processes of Flink; text: "jm" or "tm", or both as "jm tm" */
void act_kill(struct field *field, const struct step *step);
void act_term(struct field *field, const struct step *step);
void act_pause(struct field *field, const struct step *step);
void act_go_on(struct field *field, const struct step *step);
void act_start(struct field *field, const struct step *step);
void act_restart(struct field *field, const struct step *step);
/* Until one of weir's requests waits there, and no longer. */
void act_pause_a_moment(struct field *field, const struct step *step);
/* Of a group: until the standby leads, and the job runs there. */
void act_fail_over(struct field *field, const struct step *step);
void act_fail_over_paused(struct field *field, const struct step *step);
void act_recover(struct field *field, const struct step *step); /* started; and the job runs */

/* the job, by others than weir */
void act_cancel(struct field *field, const struct step *step);
void act_await(struct field *field, const struct step *step); /* text: its status */
void act_submit(
	struct field *field, const struct step *step); /* text: words; the job from now on */
void act_submit_again(struct field *field, const struct step *step); /* canceled before */
void act_second(struct field *field, const struct step *step);       /* of the same name */
void act_end_second(struct field *field, const struct step *step);
void act_savepoint(struct field *field, const struct step *step);
void act_stop_job(struct field *field, const struct step *step); /* with a savepoint */
void act_restore(struct field *field, const struct step *step);  /* from it */

/* weir and what it reads */
void act_console_away(struct field *field, const struct step *step); /* text: what meanwhile */
void act_console_killed(struct field *field, const struct step *step);
void act_console_paused(struct field *field, const struct step *step); /* as above */
void act_other_killed(struct field *field, const struct step *step);
void act_other_paused(struct field *field, const struct step *step);
void act_declare(struct field *field, const struct step *step); /* text: the file; NULL = plain */
void act_clock(struct field *field, const struct step *step);   /* text: "+3600" seconds off */
void act_lock(struct field *field, const struct step *step);    /* text: "cache.db" */
void act_unlock(struct field *field, const struct step *step);
void act_forget(struct field *field, const struct step *step); /* its cache is removed */

/* for `until` */
bool follows(struct field *field);       /* the job that is shown is that of the field */
bool follows_other(struct field *field); /* the one of edit_other_ids() */
bool runs_again(struct field *field);    /* so says the JobManager */
bool four_passed(struct field *field);
bool restarts_on(struct field *field); /* the job has been restarted eight times */

/* for PROXY_EDIT, of /jobs/overview */
char *edit_twice(const char *body);
char *edit_other_ids(const char *body);

#endif
