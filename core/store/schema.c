/*
 * The steps from an empty file to today's. A step is never edited once it was released: a change is
 * a new step at the end. Columns are those of row.c; `ref` keeps rows unique, rowids keep the order
 * of first sight.
 */
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/disk.h"
#include "core/store/store.h"

static const char *const registry_steps[] = {
	"CREATE TABLE source (name TEXT PRIMARY KEY, observed_ms INTEGER NOT NULL);"
	"CREATE TABLE team (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
	" title TEXT, owner TEXT, members TEXT, path TEXT, error TEXT);"
	"CREATE TABLE application (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE,"
	" team TEXT NOT NULL, name TEXT NOT NULL, job_name TEXT, type TEXT, cluster TEXT,"
	" flink_env TEXT, owner TEXT, path TEXT, error TEXT, text TEXT, spec TEXT NOT NULL);",
	/* A lease lasts as long as its run is not over; its owner is empty when nobody watches. */
	"CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL,"
	" context TEXT NOT NULL, team TEXT, name TEXT NOT NULL, cluster TEXT, verb TEXT NOT NULL,"
	" arguments TEXT, job_id TEXT, trigger_id TEXT, state TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL, sent_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
	" plan TEXT, outcome TEXT, result TEXT, code TEXT, log TEXT);"
	"CREATE INDEX run_app ON run (app, id);"
	"CREATE TABLE lease (app TEXT PRIMARY KEY, run INTEGER NOT NULL, epoch INTEGER NOT NULL,"
	" host TEXT, boot TEXT, pid_space TEXT, pid INTEGER NOT NULL, pid_start TEXT,"
	" beat_boot_ms INTEGER NOT NULL, beat_wall_ms INTEGER NOT NULL);",
	/* From source code to a job: steps of runs, builds, releases, and where a job can start. */
	"ALTER TABLE team ADD COLUMN variables TEXT;"
	"ALTER TABLE run ADD COLUMN steps TEXT;"
	"ALTER TABLE run ADD COLUMN start_job_id TEXT;"
	"ALTER TABLE run ADD COLUMN restore_path TEXT;"
	"ALTER TABLE run ADD COLUMN release INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE run ADD COLUMN application_id TEXT;"
	"ALTER TABLE run ADD COLUMN address TEXT;"
	"CREATE TABLE build (id INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, host TEXT,"
	" git TEXT, ref TEXT, commit_id TEXT, artifact TEXT NOT NULL, sha256 TEXT NOT NULL,"
	" size INTEGER NOT NULL, duration_ms INTEGER NOT NULL, built_ms INTEGER NOT NULL,"
	" run INTEGER NOT NULL);"
	"CREATE INDEX build_app ON build (app, id);"
	/* What a person agreed to run: the digest of git address and command. */
	"CREATE TABLE consent (app TEXT NOT NULL, digest TEXT NOT NULL, given_ms INTEGER NOT NULL,"
	" PRIMARY KEY (app, digest));"
	"CREATE TABLE release (app TEXT NOT NULL, number INTEGER NOT NULL,"
	" is_active INTEGER NOT NULL, host TEXT, dir TEXT NOT NULL, digest TEXT NOT NULL,"
	" manifest TEXT NOT NULL, commit_id TEXT, created_ms INTEGER NOT NULL,"
	" activated_ms INTEGER NOT NULL, run INTEGER NOT NULL,"
	" is_gone INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (app, number));"
	"CREATE TABLE restore_point (app TEXT NOT NULL, path TEXT NOT NULL, job_id TEXT,"
	" kind TEXT NOT NULL, completed_ms INTEGER NOT NULL, size INTEGER NOT NULL,"
	" verified_ms INTEGER NOT NULL, is_gone INTEGER NOT NULL, PRIMARY KEY (app, path));"
	"CREATE INDEX restore_point_time ON restore_point (app, completed_ms);"
	/* Clusters that a start made (origin `run`). */
	"CREATE TABLE run_cluster (name TEXT PRIMARY KEY, app TEXT NOT NULL, type TEXT NOT NULL,"
	" application_id TEXT, address TEXT NOT NULL, run INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL);",
	/* Of each application the last one; a session may be that of several. */
	"DROP TABLE run_cluster;"
	"CREATE TABLE run_cluster (app TEXT PRIMARY KEY, name TEXT NOT NULL, target TEXT NOT NULL,"
	" application_id TEXT, address TEXT NOT NULL, via TEXT, run INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL);",
};

/* For the writer's number, which is raised when the rows are written. */
#define NOTE_CHANGE(row_, cluster_)                                                                \
	"BEGIN INSERT INTO change (ref, cluster, seq) VALUES (" row_ ".ref, " row_ "." cluster_    \
	", (SELECT seq + 1 FROM poller))"                                                          \
	" ON CONFLICT (ref) DO UPDATE SET seq = excluded.seq; END;"

static const char *const cache_steps[] = {
	"CREATE TABLE cluster (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE,"
	" name TEXT NOT NULL, type TEXT, address TEXT, flink_version TEXT,"
	" taskmanagers INTEGER, slots_total INTEGER, slots_free INTEGER, jobs_running INTEGER,"
	" jobs_finished INTEGER, jobs_canceled INTEGER, jobs_failed INTEGER,"
	" observed_ms INTEGER NOT NULL, latency_ms INTEGER);"
	/* id is the JobID here: the rowid stays hidden. */
	"CREATE TABLE job (ref TEXT NOT NULL UNIQUE, cluster TEXT NOT NULL, id TEXT NOT NULL,"
	" name TEXT, status TEXT, start_ms INTEGER, end_ms INTEGER, duration_ms INTEGER,"
	" modified_ms INTEGER, tasks TEXT, missing_ms INTEGER NOT NULL,"
	" settled_without INTEGER NOT NULL, seen_ms INTEGER NOT NULL,"
	" detail_ms INTEGER, parallelism INTEGER, restarts INTEGER, checkpoint_id INTEGER,"
	" is_savepoint INTEGER, is_discarded INTEGER, trigger_ms INTEGER, ack_ms INTEGER,"
	" checkpoint_duration_ms INTEGER, state_bytes INTEGER, checkpointed_bytes INTEGER,"
	" processed_bytes INTEGER, persisted_bytes INTEGER, alignment_bytes INTEGER,"
	" subtasks INTEGER, acknowledged INTEGER, checkpoint_path TEXT,"
	" checkpoints_failed INTEGER, exception TEXT, exception_ms INTEGER);"
	"CREATE INDEX job_cluster ON job (cluster);"
	"CREATE TABLE event (id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, ref TEXT NOT NULL,"
	" from_state TEXT NOT NULL, to_state TEXT NOT NULL, text TEXT);"
	"CREATE INDEX event_ref ON event (ref, id);",
	/* Events of all kinds: a first sight comes from no state, an address is none. */
	"ALTER TABLE event RENAME TO state_event;"
	"CREATE TABLE event (id INTEGER PRIMARY KEY, ref TEXT NOT NULL, time_ms INTEGER NOT NULL,"
	" kind TEXT NOT NULL, job_id TEXT, from_state TEXT, to_state TEXT, text TEXT);"
	"INSERT INTO event SELECT id, ref, time_ms, 'state', NULL, from_state, to_state, text"
	" FROM state_event;"
	"DROP TABLE state_event;"
	"CREATE INDEX event_ref ON event (ref, time_ms);"
	"CREATE INDEX event_time ON event (time_ms);",
	/* A job that runs under the id of an earlier one numbers its checkpoints anew. */
	"CREATE TABLE checkpoint (ref TEXT NOT NULL, job_id TEXT NOT NULL, id INTEGER NOT NULL,"
	" trigger_ms INTEGER NOT NULL, time_ms INTEGER NOT NULL, status TEXT NOT NULL,"
	" kind TEXT NOT NULL, is_discarded INTEGER NOT NULL, duration_ms INTEGER,"
	" state_bytes INTEGER, checkpointed_bytes INTEGER, processed_bytes INTEGER,"
	" persisted_bytes INTEGER, subtasks INTEGER, acknowledged INTEGER, path TEXT,"
	" failure TEXT, UNIQUE (ref, job_id, id, trigger_ms));"
	"CREATE INDEX checkpoint_ref ON checkpoint (ref, time_ms);"
	"CREATE INDEX checkpoint_time ON checkpoint (time_ms);"
	"CREATE TABLE exception (ref TEXT NOT NULL, fingerprint TEXT NOT NULL,"
	" first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, count INTEGER NOT NULL,"
	" job_id TEXT, name TEXT, cause TEXT, text TEXT, task TEXT, location TEXT,"
	" UNIQUE (ref, fingerprint));"
	"CREATE INDEX exception_ref ON exception (ref, last_ms);"
	"CREATE INDEX exception_time ON exception (last_ms);",
	/* A counter of restarts begins anew with each JobManager. */
	"ALTER TABLE job ADD COLUMN restarts_before INTEGER NOT NULL DEFAULT 0;",
	/*
	 * Samples: a raw one is taken once, and counted into its minute and its ten minutes as it
	 * comes; coarser ones need no work later, only finer ones are dropped sooner (trimmer.c).
	 * Short rows, for these are most of the file: the ref is in a table of its own.
	 */
	"CREATE TABLE sample_of (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE);"
	"CREATE TABLE sample_row (sample_of INTEGER NOT NULL, span_ms INTEGER NOT NULL,"
	" time_ms INTEGER NOT NULL, records_in INTEGER NOT NULL, in_of_ms INTEGER NOT NULL,"
	" records_out INTEGER NOT NULL, out_of_ms INTEGER NOT NULL, busy_ms INTEGER NOT NULL,"
	" busy_of_ms INTEGER NOT NULL, backpressured_ms INTEGER NOT NULL,"
	" backpressured_of_ms INTEGER NOT NULL, lag_records INTEGER NOT NULL,"
	" lag_ms INTEGER NOT NULL, state_bytes INTEGER NOT NULL, checkpoint_ms INTEGER NOT NULL,"
	" PRIMARY KEY (sample_of, span_ms, time_ms)) WITHOUT ROWID;"
	"CREATE INDEX sample_time ON sample_row (span_ms, time_ms);"
	"CREATE VIEW sample AS SELECT sample_of.ref, sample_row.* FROM sample_of"
	" JOIN sample_row ON sample_row.sample_of = sample_of.id;"
	"CREATE TRIGGER sample_taken INSTEAD OF INSERT ON sample BEGIN"
	" INSERT INTO sample_of (ref) SELECT NEW.ref"
	"  WHERE NOT EXISTS (SELECT 1 FROM sample_of WHERE ref = NEW.ref);"
	" INSERT INTO sample_row SELECT id, NEW.span_ms, NEW.time_ms, NEW.records_in,"
	"  NEW.in_of_ms, NEW.records_out, NEW.out_of_ms, NEW.busy_ms, NEW.busy_of_ms,"
	"  NEW.backpressured_ms, NEW.backpressured_of_ms, NEW.lag_records, NEW.lag_ms,"
	"  NEW.state_bytes, NEW.checkpoint_ms FROM sample_of WHERE ref = NEW.ref"
	"  ON CONFLICT (sample_of, span_ms, time_ms) DO NOTHING;"
	"END;"
	"CREATE TRIGGER sample_counted AFTER INSERT ON sample_row WHEN NEW.span_ms = 10000 BEGIN"
	" INSERT INTO sample_row SELECT NEW.sample_of, span.ms, NEW.time_ms / span.ms * span.ms,"
	"  NEW.records_in, NEW.in_of_ms, NEW.records_out, NEW.out_of_ms, NEW.busy_ms,"
	"  NEW.busy_of_ms, NEW.backpressured_ms, NEW.backpressured_of_ms, NEW.lag_records,"
	"  NEW.lag_ms, NEW.state_bytes, NEW.checkpoint_ms"
	"  FROM (SELECT 60000 AS ms UNION ALL SELECT 600000) AS span WHERE true"
	"  ON CONFLICT (sample_of, span_ms, time_ms) DO UPDATE SET"
	"  records_in = records_in + excluded.records_in,"
	"  in_of_ms = in_of_ms + excluded.in_of_ms,"
	"  records_out = records_out + excluded.records_out,"
	"  out_of_ms = out_of_ms + excluded.out_of_ms,"
	"  busy_ms = busy_ms + excluded.busy_ms,"
	"  busy_of_ms = busy_of_ms + excluded.busy_of_ms,"
	"  backpressured_ms = backpressured_ms + excluded.backpressured_ms,"
	"  backpressured_of_ms = backpressured_of_ms + excluded.backpressured_of_ms,"
	"  lag_records = max(lag_records, excluded.lag_records),"
	"  lag_ms = max(lag_ms, excluded.lag_ms),"
	"  state_bytes = max(state_bytes, excluded.state_bytes),"
	"  checkpoint_ms = max(checkpoint_ms, excluded.checkpoint_ms);"
	"END;",
	/* Who said how it ended, when that was not the JobManager. */
	"ALTER TABLE job ADD COLUMN said_by TEXT;",
	/*
	 * Several processes: who polls (poll_lease.h), what changed since which of its writes, what the
	 * others want in detail. A change is noted wherever a row is written.
	 */
	"ALTER TABLE cluster ADD COLUMN asked_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE cluster ADD COLUMN asked_mono_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE cluster ADD COLUMN observed_mono_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE cluster ADD COLUMN leaderless_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE cluster ADD COLUMN led_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE cluster ADD COLUMN misses INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE cluster ADD COLUMN error_code TEXT;"
	"ALTER TABLE cluster ADD COLUMN error TEXT;"
	"ALTER TABLE job ADD COLUMN recent_restarts INTEGER NOT NULL DEFAULT -1;"
	"ALTER TABLE job ADD COLUMN restarts_per_1000_hours INTEGER NOT NULL DEFAULT -1;"
	"ALTER TABLE job ADD COLUMN lacks_slots INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE job ADD COLUMN detail TEXT;"
	"CREATE TABLE poller (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL,"
	" beat INTEGER NOT NULL, seq INTEGER NOT NULL, host TEXT, boot TEXT, pid_space TEXT,"
	" pid INTEGER, pid_start TEXT);"
	"INSERT INTO poller (id, epoch, beat, seq) VALUES (1, 0, 0, 0);"
	"CREATE TABLE want (owner TEXT PRIMARY KEY, host TEXT, boot TEXT, pid_space TEXT,"
	" pid INTEGER, pid_start TEXT, asked INTEGER NOT NULL, focus TEXT, refs TEXT);"
	"CREATE TABLE change (ref TEXT PRIMARY KEY, cluster TEXT NOT NULL, seq INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE INDEX change_seq ON change (seq);"
	"CREATE TRIGGER cluster_added AFTER INSERT ON cluster " NOTE_CHANGE("new",
		"name") "CREATE TRIGGER cluster_changed AFTER UPDATE ON cluster " NOTE_CHANGE("new",
		"name") "CREATE TRIGGER job_added AFTER INSERT ON job " NOTE_CHANGE("new",
		"cluster") "CREATE TRIGGER job_changed AFTER UPDATE ON job " NOTE_CHANGE("new",
		"cluster") "CREATE TRIGGER job_removed AFTER DELETE ON job " NOTE_CHANGE("old",
		"cluster"),
	/* Up to which write the table `change` was trimmed. */
	"ALTER TABLE poller ADD COLUMN trimmed_seq INTEGER NOT NULL DEFAULT 0;",
	/* The rhythm of a loop, for who follows. */
	("ALTER TABLE job ADD COLUMN restart_gap_ms INTEGER NOT NULL DEFAULT -1;"
	 "ALTER TABLE job ADD COLUMN restarted_ms INTEGER NOT NULL DEFAULT 0;"),
};

#define APP_NAME                                                                                   \
	"CASE instr(app, '/app/') WHEN 0 THEN app ELSE substr(app, instr(app, '/app/') + 5) END"

/* What of the registry is named when it is lost. Rows that come again by themselves are not. */
static const struct db_named registry_named[] = {
	{"run", N_("run"),
		"id || ' (' || verb || ' ' || coalesce(team || '/', '') || name || ', ' || state "
		"|| "
		"')'",
		"SELECT id || ' of ' || " APP_NAME " FROM run INDEXED BY run_app WHERE id = ?1",
		"runs/*.log"},
	{"release", N_("release"),
		APP_NAME " || ' ' || number || CASE is_active WHEN 1 THEN ' (active)' ELSE '' END",
		"SELECT " APP_NAME " || ' ' || number FROM release INDEXED BY"
		" sqlite_autoindex_release_1 WHERE rowid = ?1",
		NULL},
	{"build", N_("build"), "id || ' of ' || " APP_NAME,
		"SELECT id || ' of ' || " APP_NAME " FROM build INDEXED BY build_app WHERE id = ?1",
		NULL},
	{"restore_point", N_("restore point"), APP_NAME " || ' ' || path", NULL, NULL},
	{"consent", N_("consent to the build command of"), APP_NAME, NULL, NULL},
	{"run_cluster", N_("cluster of a run:"), "name || ' (' || " APP_NAME " || ')'", NULL, NULL},
};

const struct db_schema registry_schema = {
	.name = "registry.db",
	.steps = registry_steps,
	.step_count = ARRAY_SIZE(registry_steps),
	.synchronous = "FULL",
	.is_precious = true,
	.named = registry_named,
	.named_count = ARRAY_SIZE(registry_named),
};

const struct db_schema cache_schema = {
	.name = "cache.db",
	.steps = cache_steps,
	.step_count = ARRAY_SIZE(cache_steps),
	.synchronous = "NORMAL",
	.gives_back = true,
};

void store_schemas(int *registry, int *cache)
{
	*registry = (int)registry_schema.step_count;
	*cache = (int)cache_schema.step_count;
}

const char *store_library(void)
{
	return sqlite3_libversion();
}
