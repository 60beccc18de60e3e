/* The table of cases is the documentation of `state`. */
#include "core/model/state.h"

#include "core/base/mem.h"
#include "tests/support/check.h"

#define NOW 1800000000000
#define HOUR (60 * 60 * 1000LL)

#define TASKS(...)                                                                                 \
	{                                                                                          \
		.total = 4, __VA_ARGS__                                                            \
	}
/* Who is believed. */
#define JM WITNESS_JOBMANAGER
#define ITS_FILE WITNESS_WORKSPACE
#define RUN WITNESS_RUN
#define NOBODY WITNESS_NONE
/* A job of an answering cluster; seen now and last modified an hour ago where a row says nothing.
 */
#define LISTED .names_cluster = true, .has_cluster = true, .cluster_answered = true, .has_job = true
/* Enough of them, at most so far apart. */
#define LOOP(gap_ms) .recent_restarts = LOOP_RESTARTS, .restart_gap_ms = (gap_ms)
#define MINUTE (60 * 1000LL)
#define DECLARED .names_cluster = true, .has_cluster = true

static const struct {
	const char *name;
	struct state_input in;
	enum app_state state;
	enum state_detail detail;
	enum witness witness;
} rows[] = {
	/* nothing runs */
	{"broken file", {.is_invalid = true, LISTED, .status = JOB_RUNNING}, STATE_UNKNOWN,
		DETAIL_INVALID, ITS_FILE},
	{"names a cluster that the context has not", {.names_cluster = true}, STATE_UNKNOWN,
		DETAIL_NO_CLUSTER, ITS_FILE},
	{"cluster never asked", {DECLARED}, STATE_UNKNOWN, DETAIL_NONE, NOBODY},
	{"cluster missed once, never answered", {DECLARED, .cluster_misses = 1}, STATE_UNKNOWN,
		DETAIL_NONE, NOBODY},
	{"cluster missed twice, never answered", {DECLARED, .cluster_misses = 2}, STATE_UNREACHABLE,
		DETAIL_NONE, JM},
	{"cluster answered, no such job", {DECLARED, .cluster_answered = true}, STATE_ADDED,
		DETAIL_NONE, JM},
	{"needs no cluster, never started", {.names_cluster = false}, STATE_ADDED, DETAIL_NONE,
		ITS_FILE},
	{"two live jobs of its name", {DECLARED, .cluster_answered = true, .live_duplicates = 2},
		STATE_UNKNOWN, DETAIL_DUPLICATE, JM},
	{"two live jobs of its name, then unreachable",
		{DECLARED, .cluster_answered = true, .live_duplicates = 2, .cluster_misses = 2},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"cluster answered before, no such job, now it is away",
		{DECLARED, .cluster_answered = true, .cluster_misses = 9}, STATE_ADDED, DETAIL_NONE,
		JM},
	/* what the JobManager says */
	{"initializing", {LISTED, .status = JOB_INITIALIZING}, STATE_STARTING, DETAIL_NONE, JM},
	{"created", {LISTED, .status = JOB_CREATED, .tasks = TASKS(.created = 4)}, STATE_STARTING,
		DETAIL_NONE, JM},
	{"created, tasks wait for slots",
		{LISTED, .status = JOB_CREATED, .tasks = TASKS(.scheduled = 4)}, STATE_STARTING,
		DETAIL_WAITING_FOR_SLOTS, JM},
	{"reconciling", {LISTED, .status = JOB_RECONCILING}, STATE_STARTING, DETAIL_NONE, JM},
	{"running", {LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4)}, STATE_RUNNING,
		DETAIL_NONE, JM},
	{"running, restarts unknown",
		{LISTED, .recent_restarts = -1, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"batch: some tasks finished, later ones not yet created",
		{LISTED, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 1, .finished = 1, .created = 2)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"all tasks but one finished",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 1, .finished = 3)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"says RUNNING, tasks deploy",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.deploying = 4)}, STATE_STARTING,
		DETAIL_NONE, JM},
	{"says RUNNING, one task initializes its state",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 3, .initializing = 1)},
		STATE_STARTING, DETAIL_NONE, JM},
	{"says RUNNING, no task yet", {LISTED, .status = JOB_RUNNING, .tasks = TASKS(.created = 4)},
		STATE_STARTING, DETAIL_NONE, JM},
	{"says RUNNING, tasks scheduled a moment ago",
		{LISTED, .modified_ms = NOW - 1000, .status = JOB_RUNNING,
			.tasks = TASKS(.scheduled = 4)},
		STATE_STARTING, DETAIL_NONE, JM},
	{"says RUNNING, tasks scheduled for long: no slots",
		{LISTED, .modified_ms = NOW - SLOT_WAIT_MS, .status = JOB_RUNNING,
			.tasks = TASKS(.scheduled = 4)},
		STATE_STARTING, DETAIL_WAITING_FOR_SLOTS, JM},
	{"says RUNNING, half the tasks have slots",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 2, .scheduled = 2)},
		STATE_STARTING, DETAIL_WAITING_FOR_SLOTS, JM},
	{"scheduled, age unknown",
		{LISTED, .modified_ms = -1, .status = JOB_RUNNING, .tasks = TASKS(.scheduled = 4)},
		STATE_STARTING, DETAIL_NONE, JM},
	{"cancelling", {LISTED, .status = JOB_CANCELLING}, STATE_STOPPING, DETAIL_NONE, JM},
	{"canceled", {LISTED, .status = JOB_CANCELED}, STATE_CANCELED, DETAIL_NONE, JM},
	{"failing", {LISTED, .status = JOB_FAILING}, STATE_FAILED, DETAIL_NONE, JM},
	{"failed", {LISTED, .status = JOB_FAILED, .recent_restarts = 9}, STATE_FAILED, DETAIL_NONE,
		JM},
	{"finished", {LISTED, .status = JOB_FINISHED}, STATE_FINISHED, DETAIL_NONE, JM},
	{"Flink's own SUSPENDED: the leader is gone, another recovers it",
		{LISTED, .status = JOB_SUSPENDED}, STATE_RESTARTING, DETAIL_NONE, JM},
	{"a status that this program does not know", {LISTED, .status = JOB_STATUS_NONE},
		STATE_UNKNOWN, DETAIL_NONE, JM},
	/* restarts */
	{"restarting once is no loop", {LISTED, .status = JOB_RESTARTING, .recent_restarts = 1},
		STATE_RESTARTING, DETAIL_NONE, JM},
	{"restarted twice, runs again",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 2, .tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"restarting again and again",
		{LISTED, .status = JOB_RESTARTING, .recent_restarts = LOOP_RESTARTS},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop that happens to run",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = LOOP_RESTARTS,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop that happens to deploy",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = LOOP_RESTARTS,
			.tasks = TASKS(.deploying = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"restarts for want of slots",
		{LISTED, .status = JOB_RESTARTING, .recent_restarts = 1, .lacks_slots = true},
		STATE_RESTARTING, DETAIL_WAITING_FOR_SLOTS, JM},
	{"for want of slots, says RUNNING between two tries",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 1, .lacks_slots = true,
			.modified_ms = NOW - 100, .tasks = TASKS(.scheduled = 4)},
		STATE_RESTARTING, DETAIL_WAITING_FOR_SLOTS, JM},
	{"a loop that waits for slots",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 12, .lacks_slots = true,
			.tasks = TASKS(.scheduled = 4)},
		STATE_RESTARTING, DETAIL_WAITING_FOR_SLOTS, JM},
	{"the slots have come",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 1, .lacks_slots = true,
			.tasks = TASKS(.scheduled = 2, .deploying = 2)},
		STATE_STARTING, DETAIL_WAITING_FOR_SLOTS, JM},
	{"the slots have come, and it runs",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 1, .lacks_slots = true,
			.modified_ms = NOW - 1000, .tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	/* when a loop is over */
	{"a loop of seconds, well for two minutes",
		{LISTED, .status = JOB_RUNNING, LOOP(1000), .modified_ms = NOW - LOOP_OVER_MS,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop of seconds, well for longer",
		{LISTED, .status = JOB_RUNNING, LOOP(1000), .modified_ms = NOW - LOOP_OVER_MS - 1,
			.tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"a slow loop, well for five minutes",
		{LISTED, .status = JOB_RUNNING, LOOP(3 * MINUTE), .modified_ms = NOW - 5 * MINUTE,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a slow loop, well for twice as long as between any two restarts",
		{LISTED, .status = JOB_RUNNING, LOOP(3 * MINUTE),
			.modified_ms = NOW - 6 * MINUTE - 1, .tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"a loop whose list of jobs is older than its last restart",
		{LISTED, .status = JOB_RUNNING, LOOP(1000), .restarted_ms = NOW - 1000,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop whose rhythm nobody knows",
		{LISTED, .status = JOB_RUNNING, LOOP(-1), .tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop, and since when its tasks run nobody knows",
		{LISTED, .status = JOB_RUNNING, LOOP(1000), .modified_ms = -1,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop whose tasks do not all run",
		{LISTED, .status = JOB_RUNNING, LOOP(1000),
			.tasks = TASKS(.running = 3, .initializing = 1)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"a loop that restarts after long", {LISTED, .status = JOB_RESTARTING, LOOP(1000)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	/* nobody answers */
	{"one missed poll changes nothing",
		{LISTED, .cluster_misses = 1, .status = JOB_RUNNING, .tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"two missed polls",
		{LISTED, .cluster_misses = 2, .status = JOB_RUNNING, .tasks = TASKS(.running = 4)},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"a loop, then two missed polls",
		{LISTED, .cluster_misses = 2, .status = JOB_RESTARTING, .recent_restarts = 9},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"missing when the cluster went away",
		{LISTED, .cluster_misses = 2, .status = JOB_RUNNING, .missing_ms = NOW,
			.settled_without = 5},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"FAILED stays FAILED when the cluster goes",
		{LISTED, .cluster_misses = 9, .status = JOB_FAILED}, STATE_FAILED, DETAIL_NONE, JM},
	{"FINISHED stays FINISHED", {LISTED, .cluster_misses = 9, .status = JOB_FINISHED},
		STATE_FINISHED, DETAIL_NONE, JM},
	{"CANCELED stays CANCELED", {LISTED, .cluster_misses = 9, .status = JOB_CANCELED},
		STATE_CANCELED, DETAIL_NONE, JM},
	/* nobody leads */
	{"a JobManager says that nobody leads",
		{LISTED, .cluster_misses = 1, .leaderless_ms = NOW, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LEADER_CHANGING, JM},
	{"nobody leads, many polls long",
		{LISTED, .cluster_misses = 40, .leaderless_ms = NOW - LEADER_CHANGE_MS + 1,
			.status = JOB_RUNNING, .tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LEADER_CHANGING, JM},
	{"nobody leads for too long",
		{LISTED, .cluster_misses = 40, .leaderless_ms = NOW - LEADER_CHANGE_MS,
			.status = JOB_RUNNING, .tasks = TASKS(.running = 4)},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"nobody leads, and the clock was set back",
		{LISTED, .cluster_misses = 3, .leaderless_ms = NOW + HOUR, .status = JOB_RUNNING},
		STATE_RESTARTING, DETAIL_LEADER_CHANGING, JM},
	{"nobody leads, a loop before",
		{LISTED, .cluster_misses = 3, .leaderless_ms = NOW - 9000, .status = JOB_RESTARTING,
			.recent_restarts = 9},
		STATE_RESTARTING, DETAIL_LEADER_CHANGING, JM},
	{"nobody leads, and the last answer did not list it",
		{LISTED, .cluster_misses = 3, .leaderless_ms = NOW - 9000, .missing_ms = NOW - 9500,
			.settled_without = 1, .status = JOB_RUNNING},
		STATE_UNKNOWN, DETAIL_LEADER_CHANGING, JM},
	{"nobody leads, it was LOST before",
		{LISTED, .cluster_misses = 3, .leaderless_ms = NOW - 9000,
			.missing_ms = NOW - 99000, .settled_without = 5, .status = JOB_RUNNING},
		STATE_UNKNOWN, DETAIL_LEADER_CHANGING, JM},
	{"nobody leads, what has ended has ended",
		{LISTED, .cluster_misses = 3, .leaderless_ms = NOW - 9000, .status = JOB_FINISHED},
		STATE_FINISHED, DETAIL_NONE, JM},
	{"nobody leads, it never ran",
		{DECLARED, .cluster_answered = true, .cluster_misses = 3,
			.leaderless_ms = NOW - 9000},
		STATE_ADDED, DETAIL_NONE, JM},
	{"nobody leads, never answered before",
		{DECLARED, .cluster_misses = 3, .leaderless_ms = NOW - 9000}, STATE_UNKNOWN,
		DETAIL_NONE, NOBODY},
	{"nobody leads, a stop of ours is under way",
		{LISTED, .cluster_misses = 3, .leaderless_ms = NOW - 9000, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 4), .is_stopping = true},
		STATE_STOPPING, DETAIL_NONE, RUN},
	{"nobody leads, a start of ours is under way",
		{DECLARED, .cluster_misses = 3, .leaderless_ms = NOW - 9000, .is_starting = true},
		STATE_STARTING, DETAIL_NONE, RUN},
	/* the JobManager answers and does not know the job */
	{"one answer without it",
		{LISTED, .missing_ms = NOW, .settled_without = 1, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 4)},
		STATE_UNKNOWN, DETAIL_MISSING, JM},
	{"two settled answers without it",
		{LISTED, .missing_ms = NOW, .settled_without = LOST_ANSWERS, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 4)},
		STATE_LOST, DETAIL_NONE, JM},
	{"many answers of a JobManager without TaskManagers",
		{LISTED, .missing_ms = NOW, .settled_without = 0, .status = JOB_RUNNING,
			.tasks = TASKS(.running = 4)},
		STATE_UNKNOWN, DETAIL_MISSING, JM},
	{"a loop that is gone",
		{LISTED, .missing_ms = NOW, .settled_without = 2, .status = JOB_RESTARTING,
			.recent_restarts = 9},
		STATE_LOST, DETAIL_NONE, JM},
	{"was being canceled, is gone",
		{LISTED, .missing_ms = NOW, .settled_without = 2, .status = JOB_CANCELLING},
		STATE_LOST, DETAIL_NONE, JM},
	{"ended while nobody watched",
		{LISTED, .seen_ms = NOW - 2 * HOUR, .missing_ms = NOW, .settled_without = 1,
			.status = JOB_RUNNING},
		STATE_UNKNOWN, DETAIL_EXPIRED, JM},
	{"the same, many answers later",
		{LISTED, .seen_ms = NOW - 3 * HOUR, .missing_ms = NOW - HOUR / 2,
			.settled_without = 900, .status = JOB_RUNNING},
		STATE_UNKNOWN, DETAIL_EXPIRED, JM},
	{"LOST does not turn into EXPIRED with time",
		{LISTED, .seen_ms = NOW - 5 * HOUR, .missing_ms = NOW - 5 * HOUR + 2000,
			.settled_without = 9000, .status = JOB_RUNNING},
		STATE_LOST, DETAIL_NONE, JM},
	{"FAILED and forgotten by Flink stays FAILED",
		{LISTED, .missing_ms = NOW, .settled_without = 9, .status = JOB_FAILED},
		STATE_FAILED, DETAIL_NONE, JM},
	{"FINISHED and forgotten stays FINISHED",
		{LISTED, .seen_ms = NOW - 9 * HOUR, .missing_ms = NOW, .settled_without = 9,
			.status = JOB_FINISHED},
		STATE_FINISHED, DETAIL_NONE, JM},
	/* somebody else remembers how it ended */
	{"ended unseen, and an archive has it",
		{LISTED, .seen_ms = NOW - 9 * HOUR, .missing_ms = NOW, .settled_without = 9,
			.status = JOB_FAILED, .is_remembered = true},
		STATE_FAILED, DETAIL_NONE, WITNESS_HISTORY},
	{"went with its JobManager, and an archive has it",
		{LISTED, .cluster_misses = 9, .status = JOB_FINISHED, .is_remembered = true},
		STATE_FINISHED, DETAIL_NONE, WITNESS_HISTORY},
	{"stopped by us, and an archive has it as FINISHED",
		{LISTED, .missing_ms = NOW, .status = JOB_FINISHED, .is_remembered = true,
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW},
		STATE_SUSPENDED, DETAIL_NONE, RUN},
	/* our own runs */
	{"a start is under way, no job yet",
		{DECLARED, .cluster_answered = true, .is_starting = true}, STATE_STARTING,
		DETAIL_NONE, RUN},
	{"a start is under way, the job before it had failed",
		{LISTED, .status = JOB_FAILED, .is_starting = true}, STATE_STARTING, DETAIL_NONE,
		RUN},
	{"a start is under way, the job before it is gone",
		{LISTED, .status = JOB_RUNNING, .missing_ms = NOW, .settled_without = 2,
			.is_starting = true},
		STATE_STARTING, DETAIL_NONE, RUN},
	{"a start is under way, its job deploys",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.deploying = 4), .is_starting = true,
			.is_its_start = true},
		STATE_STARTING, DETAIL_NONE, JM},
	{"a start is under way, its job runs: the JobManager has the last word",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4), .is_starting = true,
			.is_its_start = true},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"a start is under way, its job has failed",
		{LISTED, .status = JOB_FAILED, .is_starting = true, .is_its_start = true},
		STATE_FAILED, DETAIL_NONE, JM},
	{"a start is under way, another job of its name runs",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4), .is_starting = true},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"a restart is between its stop and its start, the JobManager was not asked since",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4), .is_starting = true,
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW, .seen_ms = NOW - 500},
		STATE_STARTING, DETAIL_NONE, RUN},
	{"a restart is between its stop and its start, and the job is seen to run on",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4), .is_starting = true,
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW - 500, .seen_ms = NOW},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"restarting, stopped already, and its cluster went silent",
		{LISTED, .status = JOB_FINISHED, .cluster_misses = 2, .is_starting = true,
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"a start is under way, nobody answers",
		{DECLARED, .cluster_misses = 2, .is_starting = true}, STATE_UNREACHABLE,
		DETAIL_NONE, JM},
	{"a start is under way in application mode: there is no cluster to ask yet",
		{.is_starting = true}, STATE_STARTING, DETAIL_NONE, RUN},
	{"a stop is under way, the job runs on",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4), .is_stopping = true},
		STATE_STOPPING, DETAIL_NONE, RUN},
	{"a stop is under way, the job has just ended",
		{LISTED, .status = JOB_FINISHED, .is_stopping = true}, STATE_STOPPING, DETAIL_NONE,
		RUN},
	{"a cancel is under way in a loop",
		{LISTED, .status = JOB_RESTARTING, .recent_restarts = 9, .is_stopping = true},
		STATE_STOPPING, DETAIL_NONE, RUN},
	{"a stop is under way, nobody answers",
		{LISTED, .cluster_misses = 2, .status = JOB_RUNNING, .is_stopping = true},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"stopped by us: Flink says FINISHED",
		{LISTED, .status = JOB_FINISHED, .ended_as = STATE_SUSPENDED, .ended_ms = NOW},
		STATE_SUSPENDED, DETAIL_NONE, RUN},
	{"stopped by us, and forgotten by the JobManager",
		{LISTED, .status = JOB_RUNNING, .missing_ms = NOW, .settled_without = 9,
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW},
		STATE_SUSPENDED, DETAIL_NONE, RUN},
	{"stopped by us, the JobManager went with it",
		{LISTED, .status = JOB_RUNNING, .cluster_misses = 9, .ended_as = STATE_SUSPENDED,
			.ended_ms = NOW},
		STATE_SUSPENDED, DETAIL_NONE, RUN},
	{"stopped by us long ago, no job known",
		{DECLARED, .cluster_answered = true, .ended_as = STATE_SUSPENDED,
			.ended_ms = NOW - 9 * HOUR},
		STATE_SUSPENDED, DETAIL_NONE, RUN},
	{"stopped by us, not asked since",
		{LISTED, .seen_ms = NOW - 2000, .status = JOB_RUNNING, .tasks = TASKS(.running = 4),
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW - 1000},
		STATE_SUSPENDED, DETAIL_NONE, RUN},
	{"stopped by us, and still listed as running afterwards",
		{LISTED, .status = JOB_RUNNING, .tasks = TASKS(.running = 4),
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW - 5000},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"stopped by us, but it failed on the way",
		{LISTED, .status = JOB_FAILED, .ended_as = STATE_SUSPENDED, .ended_ms = NOW},
		STATE_FAILED, DETAIL_NONE, JM},
	{"canceled by us", {LISTED, .status = JOB_CANCELED, .ended_as = STATE_CANCELED},
		STATE_CANCELED, DETAIL_NONE, JM},
	{"canceled by us, and forgotten",
		{LISTED, .status = JOB_CANCELLING, .missing_ms = NOW, .settled_without = 2,
			.ended_as = STATE_CANCELED, .ended_ms = NOW},
		STATE_CANCELED, DETAIL_NONE, RUN},
	{"canceled by us, but it had finished by then",
		{LISTED, .status = JOB_FINISHED, .ended_as = STATE_CANCELED, .ended_ms = NOW},
		STATE_FINISHED, DETAIL_NONE, JM},
	{"started by us, the cluster was not asked since",
		{DECLARED, .cluster_answered = true, .started_ms = NOW, .observed_ms = NOW - 1},
		STATE_UNKNOWN, DETAIL_NONE, JM},
	{"started by us, the cluster does not know it",
		{DECLARED, .cluster_answered = true, .started_ms = NOW - 60000, .observed_ms = NOW},
		STATE_UNKNOWN, DETAIL_MISSING, JM},
	{"started by us yesterday, the cluster does not know it any more",
		{DECLARED, .cluster_answered = true, .started_ms = NOW - 24 * HOUR,
			.observed_ms = NOW},
		STATE_UNKNOWN, DETAIL_EXPIRED, JM},
	{"started by us, nobody answers",
		{DECLARED, .cluster_answered = true, .cluster_misses = 2, .started_ms = NOW},
		STATE_UNREACHABLE, DETAIL_NONE, JM},
	{"two live jobs of its name, whatever our runs say",
		{DECLARED, .cluster_answered = true, .live_duplicates = 2, .is_starting = true,
			.ended_as = STATE_SUSPENDED, .ended_ms = NOW},
		STATE_UNKNOWN, DETAIL_DUPLICATE, JM},
	/* a loop is what the rule says */
	{"restarted twice, and the rule says two",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 2, .loop_restarts = 2,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"restarted nine times, and the rule says ten",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 9, .loop_restarts = 10,
			.tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	{"one restart is no loop, whatever the rule says",
		{LISTED, .status = JOB_RUNNING, .recent_restarts = 1, .loop_restarts = 1,
			.tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_NONE, JM},
	/* its job is known by its id, and another one of its name runs */
	{"its own job runs beside a second one of its name",
		{LISTED, .live_duplicates = 2, .status = JOB_RUNNING, .tasks = TASKS(.running = 4)},
		STATE_RUNNING, DETAIL_DUPLICATE, JM},
	{"its own job loops beside a second one: the loop is told",
		{LISTED, .live_duplicates = 2, .status = JOB_RUNNING, .recent_restarts = 9,
			.tasks = TASKS(.running = 4)},
		STATE_RESTARTING, DETAIL_LOOPING, JM},
	{"its own job is stopped by us beside a second one",
		{LISTED, .live_duplicates = 2, .status = JOB_RUNNING, .is_stopping = true},
		STATE_STOPPING, DETAIL_DUPLICATE, RUN},
	{"its own job, a second one, and then silence",
		{LISTED, .live_duplicates = 2, .cluster_misses = 2, .status = JOB_RUNNING},
		STATE_UNREACHABLE, DETAIL_DUPLICATE, JM},
};

static void state_follows_from_what_was_said(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct state_input in = rows[i].in;
		in.now_ms = NOW;
		if (in.has_job && !in.seen_ms)
			in.seen_ms = NOW;
		if (in.has_job && !in.modified_ms)
			in.modified_ms = NOW - HOUR;
		struct state_result got = state_derive(&in);
		check_str(rows[i].name, app_state_name(got.state), app_state_name(rows[i].state));
		check_str(rows[i].name, state_detail_name(got.detail),
			state_detail_name(rows[i].detail));
		check_str(rows[i].name, witness_name(got.witness), witness_name(rows[i].witness));
	}
}

/* Whatever is said, an error alone never makes LOST, and silence never makes RUNNING. */
static void an_error_is_never_an_absence(void **unused)
{
	(void)unused;
	for (int status = 0; status < JOB_STATUS_MAX; status++)
		for (int misses = 0; misses < 5; misses++)
			for (int without = 0; without < 4; without++) {
				struct state_input in = {LISTED, .status = (enum job_status)status,
					.seen_ms = NOW, .cluster_misses = misses, .now_ms = NOW,
					.missing_ms = without ? NOW : 0,
					.settled_without = without};
				enum app_state got = state_derive(&in).state;
				if (misses >= MISSED_POLLS) {
					assert_int_not_equal(got, STATE_LOST);
					assert_int_not_equal(got, STATE_RUNNING);
				}
				in.leaderless_ms = misses ? NOW - 1000 : 0;
				if (misses) {
					assert_int_not_equal(state_derive(&in).state, STATE_LOST);
					assert_int_not_equal(
						state_derive(&in).state, STATE_RUNNING);
				}
				if (without < LOST_ANSWERS)
					assert_int_not_equal(got, STATE_LOST);
			}
}

/* Whatever our runs say, RUNNING and LOST are the JobManager's words alone. */
static void a_run_alone_is_no_witness_of_running(void **unused)
{
	(void)unused;
	for (int bits = 0; bits < 64; bits++) {
		struct state_input in = {
			.names_cluster = bits & 1,
			.has_cluster = bits & 1,
			.cluster_answered = bits & 2,
			.is_starting = bits & 4,
			.is_stopping = bits & 8,
			.ended_as = bits & 16 ? STATE_SUSPENDED : STATE_UNKNOWN,
			.started_ms = bits & 32 ? NOW : 0,
			.observed_ms = NOW + 1,
			.now_ms = NOW,
		};
		enum app_state got = state_derive(&in).state;
		assert_int_not_equal(got, STATE_RUNNING);
		assert_int_not_equal(got, STATE_LOST);
	}
}

static void names_parse_back(void **unused)
{
	(void)unused;
	for (int i = 0; i < STATE_MAX; i++)
		assert_int_equal(app_state_parse(app_state_name((enum app_state)i)), i);
	assert_int_equal(app_state_parse("HAPPY"), STATE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_follows_from_what_was_said),
		cmocka_unit_test(an_error_is_never_an_absence),
		cmocka_unit_test(a_run_alone_is_no_witness_of_running),
		cmocka_unit_test(names_parse_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
