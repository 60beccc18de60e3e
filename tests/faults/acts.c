#include "tests/faults/acts.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/jobs.h"
#include "tests/support/check.h"

#define OTHER_ID "0badc0de"
#define RESTARTS 8

/* ---- the way there ---- */

static void set(struct field *field, const struct proxy_fault *fault)
{
	proxy_set(field->proxy, fault);
	if (field->second_proxy)
		proxy_set(field->second_proxy, fault);
	field->has_moved = true;
}

void act_fault(struct field *field, const struct step *step)
{
	set(field, &step->fault);
}

void act_pass(struct field *field, const struct step *step)
{
	(void)step;
	set(field, NULL);
}

void act_move(struct field *field, const struct step *step)
{
	char *rest;

	(void)step;
	field_console_ends(field);
	proxy_stop(field->proxy);
	field->proxy = proxy_start(field->flink->port);
	rest = xasprintf("\"http://127.0.0.1:%d\"", proxy_port(field->proxy));
	bench_set(field->bench, "rest", rest);
	bench_file(field->bench, "config.yaml", FIELD_CONFIG);
	free(rest);
	set(field, NULL);
	field_console(field);
}

/* ---- processes of Flink ---- */

static void each_role(struct field *field, const struct step *step,
	void (*act)(struct field *field, const char *role))
{
	char *text = xstrdup(step->text), *rest = text, *role;

	while ((role = strsep(&rest, " ")))
		act(field, role);
	free(text);
}

static void kill_role(struct field *field, const char *role)
{
	flink_kill(field->flink, role);
}

static void signal_role(struct field *field, const char *role, int signal)
{
	assert_int_equal(kill(flink_pid(field->flink, role), signal), 0);
}

static void term_role(struct field *field, const char *role)
{
	signal_role(field, role, SIGTERM);
	flink_wait_gone(field->flink, role);
}

static void pause_role(struct field *field, const char *role)
{
	signal_role(field, role, SIGSTOP);
}

static void go_on_role(struct field *field, const char *role)
{
	signal_role(field, role, SIGCONT);
}

static void start_role(struct field *field, const char *role)
{
	flink_start_again(field->flink, role);
}

void act_kill(struct field *field, const struct step *step)
{
	each_role(field, step, kill_role);
}

void act_term(struct field *field, const struct step *step)
{
	each_role(field, step, term_role);
}

void act_pause(struct field *field, const struct step *step)
{
	each_role(field, step, pause_role);
}

void act_go_on(struct field *field, const struct step *step)
{
	set(field, NULL);
	each_role(field, step, go_on_role);
}

void act_start(struct field *field, const struct step *step)
{
	each_role(field, step, start_role);
	set(field, NULL);
}

static void standby_leads(struct field *field)
{
	field->flink->port = field_standby_port(field);
	field_job_is(field, "RUNNING");
}

void act_fail_over(struct field *field, const struct step *step)
{
	act_kill(field, step);
	standby_leads(field);
}

void act_fail_over_paused(struct field *field, const struct step *step)
{
	act_pause(field, step);
	standby_leads(field);
}

void act_recover(struct field *field, const struct step *step)
{
	act_start(field, step);
	field_job_is(field, "RUNNING");
}

void act_restart(struct field *field, const struct step *step)
{
	each_role(field, step, kill_role);
	each_role(field, step, start_role);
}

static bool has_one_waiting(struct flink *flink, void *data)
{
	(void)flink;
	return proxy_counts(data).waiting > 0;
}

void act_pause_a_moment(struct field *field, const struct step *step)
{
	each_role(field, step, pause_role);
	flink_until(field->flink, "a request waits", has_one_waiting, field->proxy);
	each_role(field, step, go_on_role);
	set(field, NULL);
}

/* ---- the job ---- */

void act_cancel(struct field *field, const struct step *step)
{
	(void)step;
	flink_cancel(field->flink, field->job);
	field_job_is(field, "CANCELED");
}

void act_await(struct field *field, const struct step *step)
{
	field_job_is(field, step->text);
}

void act_submit(struct field *field, const struct step *step)
{
	free(field->job);
	field->job = field_submit(field, step->text, NULL);
	field_job_is(field, "RUNNING");
}

void act_submit_again(struct field *field, const struct step *step)
{
	act_cancel(field, step);
	act_submit(field, step);
}

void act_second(struct field *field, const struct step *step)
{
	char *first = field->job;

	free(field->second);
	field->second = field->job = field_submit(field, step->text, NULL);
	field_job_is(field, "RUNNING");
	field->job = first;
}

void act_end_second(struct field *field, const struct step *step)
{
	char *first = field->job;

	field->job = field->second;
	act_cancel(field, step);
	field->job = first;
}

static bool has_savepoint(struct flink *flink, void *data)
{
	struct field *field = data;
	json_t *answer = jobs_get(flink, field->job, "/checkpoints");
	const char *path = json_string_value(json_object_get(
		json_object_get(json_object_get(answer, "latest"), "savepoint"), "external_path"));

	free(field->savepoint);
	field->savepoint = xstrdup_null(path);
	json_decref(answer);
	return field->savepoint != NULL;
}

static void order(struct field *field, const char *what)
{
	char *path = xasprintf("/jobs/%s/%s", field->job, what);

	check_int(path, flink_order(field->flink, "POST", path), 202);
	free(path);
}

void act_savepoint(struct field *field, const struct step *step)
{
	(void)step;
	order(field, "savepoints");
	flink_until(field->flink, "the savepoint is complete", has_savepoint, field);
	set(field, NULL);
}

void act_stop_job(struct field *field, const struct step *step)
{
	(void)step;
	order(field, "stop");
	field_job_is(field, "FINISHED");
	flink_until(field->flink, "the savepoint is complete", has_savepoint, field);
}

void act_restore(struct field *field, const struct step *step)
{
	free(field->job);
	field->job = field_submit(field, step->text, field->savepoint);
	field_job_is(field, "RUNNING");
}

/* ---- weir ---- */

static void meanwhile(struct field *field, const struct step *step)
{
	if (str_eq(step->text, "cancel"))
		act_cancel(field, step);
	else if (str_eq(step->text, "again"))
		act_submit_again(field, &(struct step){0});
	else if (step->text)
		act_kill(field, step);
}

void act_console_away(struct field *field, const struct step *step)
{
	field_console_ends(field);
	meanwhile(field, step);
	field_console(field);
	field->true_ms = program_now_ms();
}

void act_console_killed(struct field *field, const struct step *step)
{
	sampler_stop(field->sampler);
	field->sampler = NULL;
	screen_free(field->screen); /* kills it */
	meanwhile(field, step);
	set(field, NULL);
	field_console(field);
	field->true_ms = program_now_ms();
}

void act_console_paused(struct field *field, const struct step *step)
{
	screen_signal(field->screen, SIGSTOP);
	meanwhile(field, step);
	set(field, NULL);
	screen_signal(field->screen, SIGCONT);
	field->true_ms = program_now_ms();
}

void act_other_killed(struct field *field, const struct step *step)
{
	screen_signal(field->other, SIGKILL);
	meanwhile(field, step);
}

void act_other_paused(struct field *field, const struct step *step)
{
	screen_signal(field->other, SIGSTOP);
	meanwhile(field, step);
}

void act_declare(struct field *field, const struct step *step)
{
	field_declare(field, step->text);
}

void act_clock(struct field *field, const struct step *step)
{
	bench_file(field->bench, "clock", step->text);
	set(field, NULL);
}

static char *store_file(const struct field *field, const char *name)
{
	char *pattern = xasprintf("{home}/{store}/faults/%s", name);
	char *path = bench_expand(field->bench, pattern);

	free(pattern);
	return path;
}

void act_lock(struct field *field, const struct step *step)
{
	char *path = store_file(field, step->text);
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, FLINK_DEADLINE_MS);
	check_int(path, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	field->lock = db;
	free(path);
	act_cancel(field, step);
}

void act_unlock(struct field *field, const struct step *step)
{
	(void)step;
	check_int("unlocked", sqlite3_exec(field->lock, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(field->lock);
	field->lock = NULL;
	set(field, NULL);
}

void act_forget(struct field *field, const struct step *step)
{
	static const char *const names[] = {"cache.db", "cache.db-wal", "cache.db-shm"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = store_file(field, names[i]);

		unlink(path);
		free(path);
	}
	meanwhile(field, step);
}

/* ---- until ---- */

bool follows(struct field *field)
{
	char *id = field_shown_job(field);
	bool is_it = str_eq(id, field->job);

	free(id);
	return is_it;
}

bool follows_other(struct field *field)
{
	char *id = field_shown_job(field);
	bool is_it = str_starts(id, OTHER_ID);

	free(id);
	return is_it;
}

bool runs_again(struct field *field)
{
	return field_job_has(field, "RUNNING");
}

bool four_passed(struct field *field)
{
	return proxy_counts(field->proxy).passed >= 4;
}

bool restarts_on(struct field *field)
{
	return jobs_restarts(field->flink, field->job) >= RESTARTS;
}

/* ---- job lists ---- */

static char *edit_jobs(const char *body, void (*edit)(json_t *jobs))
{
	json_t *root = json_loads(body, 0, NULL);
	char *text;

	if (root)
		edit(json_object_get(root, "jobs"));
	text = root ? json_dumps(root, JSON_COMPACT) : xstrdup(body);
	json_decref(root);
	return text;
}

static void twice(json_t *jobs)
{
	json_t *copy = json_copy(jobs);

	json_array_extend(jobs, copy);
	json_decref(copy);
}

static void other_ids(json_t *jobs)
{
	json_t *job;
	size_t i;

	json_array_foreach (jobs, i, job) {
		const char *id = json_string_value(json_object_get(job, "jid"));
		char *other = xasprintf(OTHER_ID "%s", id + strlen(OTHER_ID));

		json_object_set_new(job, "jid", json_string(other));
		free(other);
	}
}

char *edit_twice(const char *body)
{
	return edit_jobs(body, twice);
}

char *edit_other_ids(const char *body)
{
	return edit_jobs(body, other_ids);
}
