/*
 * The scenarios on real Flink: what happens behind weir's back, the states that it must come to show,
 * and those that it must never show in between. Into build/faults.txt goes what was shown, and how
 * long after the truth. WEIR_TEST_ONLY='*network*' chooses,
 * and so does '@(4*|5*)'.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/faults/acts.h"
#include "tests/support/check.h"

#define TABLE "build/faults.txt"

/* How a job ends. */
#define ENDED "FAILED|CANCELED|FINISHED|SUSPENDED|STOPPING"
/* What a job that lives never is, whoever can be asked about it. */
#define LIVES ENDED "|LOST|ADDED|UNKNOWN"
/* And of a JobManager that answers all the time, or all but once. */
#define SEEN LIVES "|UNREACHABLE"
/* A job that is gone without a word: what it never was. */
#define GONE ENDED "|ADDED|UNREACHABLE|UNKNOWN ended unseen|UNKNOWN duplicate"

#define NO_JOBS "{\"jobs\":[]}"
#define OTHER_JOBS                                                                                 \
	"{\"jobs\":[{\"jid\":\"11112222333344445555666677778888\",\"name\":\"another\","           \
	"\"start-time\":1700000000000,\"end-time\":-1,\"duration\":1000,\"state\":\"RUNNING\","    \
	"\"last-modification\":1700000001000,\"tasks\":{\"running\":1,\"canceling\":0,"            \
	"\"canceled\":0,\"total\":1,\"created\":0,\"scheduled\":0,\"deploying\":0,"                \
	"\"reconciling\":0,\"finished\":0,\"initializing\":0,\"failed\":0}}]}"
#define LOGIN_PAGE "<!DOCTYPE html><html><title>Sign in</title><form>…</form></html>"
#define ELECTION                                                                                   \
	"Service temporarily unavailable due to an ongoing leader election. Please refresh."
#define SAID(text) "{\"errors\":[\"" text "\"]}"

#define LIST "/jobs/overview"
#define BROKEN_APP "apiVersion: weir/v1\nkind: Application\nname: [\n"
#define ELSEWHERE_APP                                                                              \
	"apiVersion: weir/v1\nkind: Application\nname: orders\njobName: \"{job}\"\n"               \
	"cluster: elsewhere\n"
#define RENAMED_APP                                                                                \
	"apiVersion: weir/v1\nkind: Application\nname: orders\njobName: another\ncluster: s\n"

/* It goes wrong for all requests until it does not. */
#define BAD_UNTIL_GOOD(...)                                                                        \
	{                                                                                          \
		{.act = act_fault, .fault = {__VA_ARGS__}, .want = "UNREACHABLE", .never = LIVES}, \
		{                                                                                  \
			.act = act_pass, .want = "RUNNING", .never = LIVES                         \
		}                                                                                  \
	}
/* It goes wrong, and nobody need see it. */
#define BORNE(...)                                                                                 \
	{                                                                                          \
		{                                                                                  \
			.act = act_fault, .fault = {__VA_ARGS__}, .want = "RUNNING", .never = SEEN \
		}                                                                                  \
	}

static const struct scenario scenarios[] = {
	/* ---- the JobManager ---- */
	{"JobManager killed, started again, job started again", FIELD_SHORT,
		.steps = {{.act = act_kill, .text = "jm", .want = "UNREACHABLE", .never = LIVES},
			{.act = act_start, .text = "jm", .want = "LOST", .never = ENDED "|RUNNING"},
			{.act = act_submit,
				.want = "RUNNING",
				.never = ENDED "|UNREACHABLE|UNKNOWN",
				.until = follows}}},
	{"JobManager restarted at once",
		.steps = {{.act = act_restart, .text = "jm", .want = "LOST", .never = ENDED}}},
	{"JobManager ended by SIGTERM",
		.steps = {{.act = act_term, .text = "jm", .want = "UNREACHABLE", .never = LIVES}}},
	{"JobManager paused until it is given up, goes on",
		.steps = {{.act = act_pause, .text = "jm", .want = "UNREACHABLE", .never = LIVES},
			{.act = act_go_on, .text = "jm", .want = "RUNNING", .never = LIVES}}},
	{"JobManager paused for a moment", FIELD_SHORT,
		.steps = {{.act = act_pause_a_moment,
			.text = "jm",
			.want = "RUNNING",
			.never = SEEN}}},
	{"JobManager moved to another address",
		.steps = {{.act = act_fault,
				  .fault = {.way = PROXY_REFUSE},
				  .want = "UNREACHABLE",
				  .never = LIVES},
			{.act = act_move, .want = "RUNNING", .never = LIVES}}},
	{"JobManager and TaskManager killed, started again",
		.steps = {{.act = act_kill, .text = "tm jm", .want = "UNREACHABLE", .never = LIVES},
			{.act = act_start,
				.text = "jm tm",
				.want = "LOST",
				.never = ENDED "|RUNNING"}}},
	{"JobManager back without its TaskManager, which comes later",
		.steps = {{.act = act_kill, .text = "tm jm", .want = "UNREACHABLE", .never = LIVES},
			{.act = act_start,
				.text = "jm",
				.want = "UNKNOWN missing?",
				.never = ENDED "|LOST|RUNNING",
				.until = four_passed},
			{.act = act_start,
				.text = "tm",
				.want = "LOST",
				.never = ENDED "|RUNNING|UNREACHABLE"}}},

	/* ---- the TaskManager ---- */
	{"TaskManager killed, started again after many attempts", FIELD_SHORT,
		.job = "--mode count --rate 20 --delay 1000",
		.steps = {{.act = act_kill,
				  .text = "tm",
				  .want = "RESTARTING no slots",
				  .never = SEEN "|RESTARTING loop",
				  .until = restarts_on},
			{.act = act_start,
				.text = "tm",
				.want = "RUNNING",
				.never = SEEN "|RESTARTING loop",
				.until = runs_again}}},
	{"TaskManager killed, started again", .job = "--mode count --rate 20 --delay 12000",
		.steps = {{.act = act_kill,
				  .text = "tm",
				  .want = "RESTARTING|STARTING",
				  .never = SEEN},
			{.act = act_start,
				.text = "tm",
				.want = "RUNNING",
				.never = SEEN,
				.until = runs_again}}},
	{"TaskManager paused until it is given up, goes on",
		.job = "--mode count --rate 20 --delay 12000",
		.steps = {{.act = act_pause,
				  .text = "tm",
				  .want = "RESTARTING|STARTING",
				  .never = SEEN},
			{.act = act_go_on,
				.text = "tm",
				.want = "RUNNING",
				.never = SEEN,
				.until = runs_again}}},
	{"TaskManager ended by SIGTERM", .job = "--mode count --rate 20 --delay 12000",
		.steps = {{.act = act_term,
			.text = "tm",
			.want = "RESTARTING|STARTING",
			.never = SEEN}}},
	{"TaskManager killed under a job that is not restarted",
		.job = "--mode fail --rate 20 --after 1000000",
		.steps = {{.act = act_kill,
			.text = "tm",
			.want = "FAILED",
			.never = "CANCELED|FINISHED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},

	/* ---- the job, by others ---- */
	{"job canceled outside", FIELD_SHORT,
		.steps = {{.act = act_cancel,
			.want = "CANCELED",
			.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},
	{"job fails", FIELD_SHORT, .job = "--mode fail --rate 20 --after 100",
		.start = "RUNNING|FAILED",
		.steps = {{.act = act_await,
			.text = "FAILED",
			.want = "FAILED",
			.never = "CANCELED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},
	{"job finishes", FIELD_SHORT, .job = "--mode finish --rate 20 --records 100",
		.start = "RUNNING|FINISHED",
		.steps = {{.act = act_await,
			.text = "FINISHED",
			.want = "FINISHED",
			.never = "CANCELED|FAILED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},
	{"job canceled and started again outside", FIELD_SHORT,
		.steps = {{.act = act_submit_again,
			.want = "RUNNING",
			.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN",
			.until = follows}}},
	{"savepoint taken outside",
		.steps = {{.act = act_savepoint, .want = "RUNNING", .never = SEEN}}},
	{"job stopped with a savepoint outside, and restored",
		.steps = {{.act = act_stop_job,
				  .want = "FINISHED",
				  .never = "CANCELED|FAILED|SUSPENDED|LOST|ADDED|UNREACHABLE|"
					   "UNKNOWN"},
			{.act = act_restore,
				.want = "RUNNING",
				.never = "CANCELED|FAILED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN",
				.until = follows}}},
	{"job started outside for the first time", .job = "", .start = "ADDED",
		.steps = {{.act = act_submit,
			.want = "RUNNING",
			.never = ENDED "|LOST|UNREACHABLE|UNKNOWN",
			.until = follows}}},
	{"job that fails again and again", .job = "--mode loop --rate 50 --after 20 --delay 700",
		.start = "RESTARTING loop",
		.steps = {{.want = "RESTARTING", .never = SEEN "|RUNNING", .until = restarts_on}}},
	{"job for which there are no slots", .job = "--parallelism 20 --mode count",
		.start = "RESTARTING|STARTING",
		.steps = {{.want = "RESTARTING no slots|STARTING no slots",
			.never = SEEN "|RUNNING|RESTARTING loop",
			.until = restarts_on}}},
	{"two jobs of one name, then one", FIELD_SHORT,
		.steps = {{.act = act_second,
				  .want = "UNKNOWN duplicate",
				  .never = ENDED "|LOST|ADDED|UNREACHABLE"},
			{.act = act_end_second,
				.want = "RUNNING",
				.never = ENDED "|LOST|ADDED|UNREACHABLE",
				.until = follows}}},

	/* ---- the network ---- */
	{"network cut and back", FIELD_SHORT, .steps = BAD_UNTIL_GOOD(.way = PROXY_REFUSE)},
	{"network swallows all, and is back", .steps = BAD_UNTIL_GOOD(.way = PROXY_DROP)},
	{"links are reset, then not", .steps = BAD_UNTIL_GOOD(.way = PROXY_RESET)},
	{"answers cut in the header", .steps = BAD_UNTIL_GOOD(.way = PROXY_CUT, .at = 20)},
	{"answers cut in the body", .steps = BAD_UNTIL_GOOD(.way = PROXY_CUT, .at = 160)},
	{"answers stall in the middle", .steps = BAD_UNTIL_GOOD(.way = PROXY_STALL, .at = 160)},
	{"answers corrupt", .steps = BAD_UNTIL_GOOD(.way = PROXY_CORRUPT, .at = 0)},
	{"one answer cut", FIELD_SHORT,
		.steps = BORNE(.way = PROXY_CUT, .path = LIST, .at = 100, .times = 1)},
	{"one link reset", .steps = BORNE(.way = PROXY_RESET, .path = LIST, .times = 1)},
	{"links half open", .steps = BORNE(.way = PROXY_HALF_OPEN, .path = LIST)},
	{"answers late by a second", .steps = BORNE(.way = PROXY_DELAY, .ms = 1000)},
	{"answers in drops", .steps = BORNE(.way = PROXY_DRIP, .path = LIST, .at = 40, .ms = 100)},
	{"job canceled while the network is cut",
		.steps = {{.act = act_fault,
				  .fault = {.way = PROXY_REFUSE},
				  .want = "UNREACHABLE",
				  .never = LIVES},
			{.act = act_cancel, .want = "UNREACHABLE", .never = LIVES "|RUNNING"},
			{.act = act_pass,
				.want = "CANCELED",
				.never = "RUNNING|FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNKNOWN"}}},
	{"job started again while the network is cut",
		.steps = {{.act = act_fault,
				  .fault = {.way = PROXY_REFUSE},
				  .want = "UNREACHABLE",
				  .never = LIVES},
			{.act = act_submit_again, .want = "UNREACHABLE", .never = LIVES "|RUNNING"},
			{.act = act_pass, .want = "RUNNING", .never = LIVES, .until = follows}}},

	/* ---- other answers ---- */
	{"401 to all", .steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 401)},
	{"403 to all", .steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 403)},
	{"404 to all",
		.steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 404,
			.text = SAID("Not found."))},
	{"429 to all", .steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 429)},
	{"500 to all", FIELD_SHORT,
		.steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 500,
			.text = SAID("Internal server error."))},
	{"503 to all", .steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 503)},
	{"503 to all, for nobody leads",
		.steps =
			{{.act = act_fault,
				 .fault = {.way = PROXY_SAY, .status = 503, .text = SAID(ELECTION)},
				 .want = "RESTARTING no leader",
				 .never = LIVES},
				{.act = act_pass, .want = "RUNNING", .never = LIVES}}},
	{"500 once", .steps = BORNE(.way = PROXY_SAY, .status = 500, .path = LIST, .times = 1)},
	{"a login page in place of all",
		.steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 200, .text = LOGIN_PAGE)},
	{"a redirection of all to another host",
		.steps = BAD_UNTIL_GOOD(.way = PROXY_SAY, .status = 302,
			.headers = "Location: http://127.0.0.2:9/\r\n")},
	{"an empty list of jobs once", FIELD_SHORT,
		.steps = {{.act = act_fault,
			.fault = {.way = PROXY_SAY,
				.status = 200,
				.text = NO_JOBS,
				.path = LIST,
				.times = 1},
			.want = "RUNNING",
			.never = GONE "|LOST"}}},
	{"an empty list of jobs again and again",
		.steps = {{.act = act_fault,
				  .fault = {.way = PROXY_SAY,
					  .status = 200,
					  .text = NO_JOBS,
					  .path = LIST},
				  .want = "LOST",
				  .never = GONE},
			{.act = act_pass, .want = "RUNNING", .never = GONE, .until = follows}}},
	{"another cluster's list of jobs",
		.steps = {{.act = act_fault,
				  .fault = {.way = PROXY_SAY,
					  .status = 200,
					  .text = OTHER_JOBS,
					  .path = LIST},
				  .want = "LOST",
				  .never = GONE},
			{.act = act_pass, .want = "RUNNING", .never = GONE, .until = follows}}},
	{"the same name under another id",
		.steps =
			{{.act = act_fault,
				 .fault = {.way = PROXY_EDIT, .edit = edit_other_ids, .path = LIST},
				 .want = "RUNNING",
				 .never = SEEN,
				 .until = follows_other},
				{.act = act_pass,
					.want = "RUNNING",
					.never = SEEN,
					.until = follows}}},
	{"each job listed twice", FIELD_SHORT,
		.steps = BORNE(.way = PROXY_EDIT, .edit = edit_twice, .path = LIST)},

	/* ---- weir itself ---- */
	{"weir away while the job is canceled",
		.steps = {{.act = act_console_away,
			.text = "cancel",
			.want = "CANCELED",
			.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE"}}},
	{"weir away while the JobManager is killed",
		.steps = {{.act = act_console_away,
			.text = "jm",
			.want = "UNREACHABLE",
			.never = LIVES}}},
	{"weir killed, and the job started again meanwhile",
		.steps = {{.act = act_console_killed,
			.text = "again",
			.want = "RUNNING",
			.never = ENDED "|LOST|ADDED|UNREACHABLE|UNKNOWN duplicate",
			.until = follows}}},
	{"weir asleep while the job is canceled",
		.steps = {{.act = act_console_paused,
			.text = "cancel",
			.want = "CANCELED",
			.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},
	{"the console that began first is killed, the job canceled", FIELD_TWO,
		.steps = {{.act = act_other_killed,
			.text = "cancel",
			.want = "CANCELED",
			.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},
	{"the console that began first is paused, the JobManager killed", FIELD_TWO,
		.steps = {{.act = act_other_paused,
			.text = "jm",
			.want = "UNREACHABLE",
			.never = LIVES}}},
	{"the store locked, the job canceled",
		.steps = {{.act = act_lock,
				  .text = "cache.db",
				  .want = "CANCELED",
				  .never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|"
					   "UNKNOWN"},
			{.act = act_unlock,
				.want = "CANCELED",
				.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|"
					 "UNKNOWN|RUNNING"}}},
	{"the store's cache removed, the job canceled", FIELD_NO_HISTORY,
		.steps = {{.act = act_forget,
			.text = "cancel",
			.want = "CANCELED",
			.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|UNKNOWN"}}},
	{"the wall clock jumps ahead by a day, and back", FIELD_CLOCK,
		.steps = {{.act = act_clock, .text = "+86400\n", .want = "RUNNING", .never = SEEN},
			{.act = act_clock, .text = "+0\n", .want = "RUNNING", .never = SEEN}}},
	{"the wall clock jumps ahead by a day, and the network is cut", FIELD_CLOCK,
		.steps = {{.act = act_clock, .text = "+86400\n", .want = "RUNNING", .never = SEEN},
			{.act = act_fault,
				.fault = {.way = PROXY_REFUSE},
				.want = "UNREACHABLE",
				.never = LIVES},
			{.act = act_pass, .want = "RUNNING", .never = LIVES}}},
	{"the wall clock jumps back by a day, the job canceled", FIELD_CLOCK,
		.steps = {{.act = act_clock, .text = "-86400\n", .want = "RUNNING", .never = SEEN},
			{.act = act_cancel,
				.want = "CANCELED",
				.never = "FAILED|FINISHED|SUSPENDED|LOST|ADDED|UNREACHABLE|"
					 "UNKNOWN"}}},
	{"the application's file broken, and mended",
		.steps = {{.act = act_declare,
				  .text = BROKEN_APP,
				  .want = "UNKNOWN broken file",
				  .never = ENDED "|LOST|UNREACHABLE|ADDED"},
			{.act = act_declare,
				.want = "RUNNING",
				.never = ENDED "|LOST|UNREACHABLE|ADDED",
				.until = follows}}},
	{"the application said to be elsewhere, and back",
		.steps = {{.act = act_declare,
				  .text = ELSEWHERE_APP,
				  .want = "UNKNOWN no cluster",
				  .never = ENDED "|LOST|UNREACHABLE|ADDED"},
			{.act = act_declare,
				.want = "RUNNING",
				.never = ENDED "|LOST|UNREACHABLE|ADDED",
				.until = follows}}},
	{"the application's job renamed in its file, and back",
		.steps = {{.act = act_declare,
				  .text = RENAMED_APP,
				  .want = "ADDED",
				  .never = ENDED "|LOST|UNREACHABLE|UNKNOWN duplicate"},
			{.act = act_declare,
				.want = "RUNNING",
				.never = ENDED "|LOST|UNREACHABLE|UNKNOWN duplicate",
				.until = follows}}},

	/* ---- two JobManagers under ZooKeeper ---- */
	{"the leader killed, its standby takes over, it comes back as standby", FIELD_GROUP,
		.steps = {{.act = act_fail_over, .text = "jm", .want = "RUNNING", .never = LIVES},
			{.act = act_start, .text = "jm", .want = "RUNNING", .never = SEEN}}},
	{"the leader paused, its standby takes over, it goes on", FIELD_GROUP,
		.steps = {{.act = act_fail_over_paused,
				  .text = "jm",
				  .want = "RUNNING",
				  .never = LIVES},
			{.act = act_go_on, .text = "jm", .want = "RUNNING", .never = LIVES}}},
	{"the standby killed", FIELD_GROUP,
		.steps = {{.act = act_kill, .text = "jm2", .want = "RUNNING", .never = SEEN}}},
	{"both JobManagers killed, one comes back with the job", FIELD_GROUP,
		.steps =
			{{.act = act_kill, .text = "jm2 jm", .want = "UNREACHABLE", .never = LIVES},
				{.act = act_recover,
					.text = "jm",
					.want = "RUNNING",
					.never = LIVES}}},
};

/* ---- running them ---- */

static struct field field;
static struct buf table;
static int played, right;

static int enter(void **state)
{
	played++;
	field_enter(&field, *state);
	return 0;
}

/* After each: a run that is broken off has told what it saw. */
static void write_table(void)
{
	struct buf text;
	struct err err;

	buf_init(&text, 0);
	buf_adds(&text, buf_str(&table));
	buf_addf(&text, "%d of %d scenarios without a wrong state\n", right, played);
	if (file_write(TABLE, buf_str(&text), text.len, &err) != 0)
		print_error("%s\n", err.text);
	buf_release(&text);
}

static int leave(void **state)
{
	const struct scenario *scenario = *state;

	right += field.is_right;
	buf_addf(&table, "%-5s  %-68s  %-52s  %s\n", field.is_right ? "right" : "WRONG",
		scenario->name, buf_str(&field.shown), buf_str(&field.times));
	write_table();
	field_leave(&field);
	return 0;
}

static void play(void **state)
{
	(void)state;
	field_play(&field);
}

static int leave_group(void **state)
{
	(void)state;
	printf("%s%d of %d scenarios without a wrong state\n", buf_str(&table), right, played);
	buf_release(&table);
	field_free(&field);
	return 0;
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(scenarios)];
	bool is_full = !str_empty(getenv("WEIR_TEST_FULL"));
	const char *only = getenv("WEIR_TEST_ONLY");
	size_t count = 0;

	check_locale();
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		if (!str_empty(only) ? fnmatch(only, scenarios[i].name, FNM_EXTMATCH) == 0
				     : is_full || (scenarios[i].flags & FIELD_SHORT))
			tests[count++] = (struct CMUnitTest){.name = scenarios[i].name,
				.test_func = play,
				.setup_func = enter,
				.teardown_func = leave,
				.initial_state = (void *)&scenarios[i]};
	buf_init(&table, 0);
	buf_addf(&table, "%-5s  %-68s  %-52s  %s\n", "", "scenario", "shown",
		"seconds until true, step by step");
	return _cmocka_run_group_tests("scenarios", tests, count, NULL, leave_group);
}
