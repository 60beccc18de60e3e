/* What became of ended jobs, told by a folder of archives or by a HistoryServer. */
#include "tests/core/source/flink/jobmanager.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/doc.h"
#include "core/base/str.h"
#include "core/source/flink/archive.h"
#include "core/source/flink/history.h"
#include "tests/support/sshd.h"

#define JOB "1cc3465ab1d83a41f58b403c4c7dc4a6"
#define ASK(id) (&(struct poll){.what = SNAPSHOT_ENDED, .job_id = (id), .timeout_ms = 20000})

static struct ssh *hosts;

static void use_folder(struct bench *b, const char *dir)
{
	struct err err = {0};

	if (!hosts)
		check_ok("ssh", ssh_open(&hosts, &(struct ssh_options){.loop = b->loop}, &err),
			&err);
	source_close(b->source);
	b->source = flink_history_new(&(struct flink_history_options){.loop = b->loop,
		.http = b->http,
		.ssh = hosts,
		.context = "prod",
		.cluster = "sessions",
		.dir = dir});
}

static void use_server(struct bench *b, const char *url)
{
	source_close(b->source);
	b->source = flink_history_new(&(struct flink_history_options){.loop = b->loop,
		.http = b->http,
		.context = "prod",
		.cluster = "sessions",
		.server = url});
}

static void check_history(const struct snapshot *snap, const char *place)
{
	check_str("error", snap->err.text, "");
	check_str("who told", snap->cluster.address, place);
	check_str("source", snap->source, "sessions");
	assert_int_equal(snap->job_count, 1);
	check_str("id", snap->jobs[0].id, JOB);
	check_str("name", snap->jobs[0].name, "arc-cancel");
	check_str("status", job_status_name(snap->jobs[0].status), "CANCELED");
	check_int("start", snap->jobs[0].start_ms, 1795252645677);
	check_int("end", snap->jobs[0].end_ms, 1795252651680);
	check_int("duration", snap->jobs[0].duration_ms, 6003);
	check_int("tasks", snap->jobs[0].tasks.canceled, 2);
	check_int("parts", snap->detail.parts, JOB_PARTS_ALL & ~JOB_PART_RESTARTS);
	check_int("vertices", (int64_t)snap->detail.vertex_count, 2);
	check_int("checkpoint", snap->detail.checkpoints.last_completed->id, 4);
	check_has("path", snap->detail.checkpoints.last_completed->path, "/chk-4");
	check_int("interval", snap->detail.checkpoint_config.interval_ms, 2000);
	check_bool("retained", snap->detail.checkpoint_config.is_retained, true);
	check_int("exceptions", (int64_t)snap->detail.exception_count, 0);
}

/* ---- a HistoryServer ---- */

static const struct {
	const char *path, *file;
} served[] = {
	{"/jobs/" JOB, "job"},
	{"/jobs/" JOB "/checkpoints", "checkpoints"},
	{"/jobs/" JOB "/exceptions", "exceptions"},
	{"/jobs/" JOB "/config", "job-config"},
	{"/jobs/" JOB "/checkpoints/config", "checkpoints-config"},
};

static char *recorded(const char *file)
{
	char *path = xasprintf("tests/fixtures/history-server-1.20.5/%s.json", file);
	struct err err = {0};
	struct buf text;

	buf_init(&text, 0);
	if (file_read(path, &text, &err))
		fail_msg("%s", err.text);
	free(path);
	return buf_detach(&text);
}

static void serve_history(struct bench *b)
{
	char *config = recorded("config"), *missing = recorded("not-found");

	bench_forget(b);
	bench_serve(b, "/config", 200, config);
	for (size_t i = 0; i < ARRAY_SIZE(served); i++) {
		char *body = recorded(served[i].file);
		bench_serve(b, served[i].path, 200, body);
		free(body);
	}
	bench_serve(b, "/jobs/*", 404, missing);
	free(config);
	free(missing);
}

static void a_history_server_is_recognised_and_asked(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	serve_history(b);
	use_server(b, b->url);
	check_bool("nothing can be sent to it", source_can_send(b->source), false);
	check_bool("it has no logs", source_has_logs(b->source), false);
	snap = bench_poll(b, ASK(JOB));
	check_history(snap, b->url);
	snapshot_unref(snap);
	check_int("what it is, and five parts", bench_requests(b), 6);
	snap = bench_poll(b, ASK(JOB));
	check_history(snap, b->url);
	snapshot_unref(snap);
	check_int("it is known now", bench_requests(b), 5);
	check_int("cost", source_cost(b->source, ASK(JOB)), 5);

	snap = bench_poll(b, ASK("ffffffffffffffffffffffffffffffff"));
	check_kept_err("unknown", &snap->err, E_NOTFOUND, "HTTP 404");
	check_int("nothing in it", (int64_t)snap->job_count, 0);
	snapshot_unref(snap);
	check_int("one question", bench_requests(b), 1);
}

static void who_is_no_history_server(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;
	char *jobmanager = fixture_text("1.20.5", "op-config");

	serve_history(b);
	bench_serve(b, "/config", 200, jobmanager);
	use_server(b, b->url);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("a JobManager", &snap->err, E_PROTO, "this is no HistoryServer");
	snapshot_unref(snap);
	check_int("not asked any further", bench_requests(b), 1);
	bench_serve(b, "/config", 200, "<html>");
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("a page", &snap->err, E_PROTO, "/config");
	snapshot_unref(snap);
	use_server(b, b->dead_url);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("nobody", &snap->err, E_NET, "connection refused");
	snapshot_unref(snap);
	free(jobmanager);
}

static void a_part_that_was_not_archived_is_left_out(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	serve_history(b);
	bench_serve(b, "/jobs/" JOB "/checkpoints", 404, "{\"errors\":[\"File not found.\"]}");
	use_server(b, b->url);
	snap = bench_poll(b, ASK(JOB));
	check_str("error", snap->err.text, "");
	check_int("parts", snap->detail.parts,
		JOB_PART_VERTICES | JOB_PART_EXCEPTIONS | JOB_PART_CONFIG);
	snapshot_unref(snap);
	bench_serve(b, "/jobs/" JOB "/exceptions", 500, "{\"errors\":[\"disk\"]}");
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("a failure is one", &snap->err, E_REMOTE, "HTTP 500");
	snapshot_unref(snap);
}

/* ---- a folder ---- */

static void put_file(const char *dir, const char *name, const char *text, size_t len)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct err err = {0};

	check_ok(name, file_write(path, text, len, &err), &err);
	free(path);
}

/* As a JobManager writes it: each answer as a text. */
static char *archive_of(const char *version, const char *id)
{
	static const struct {
		const char *path, *file;
	} rows[] = {
		{"", "job-failed"},
		{"/checkpoints", "checkpoints"},
		{"/exceptions", "job-exceptions-failed"},
		{"/config", "job-config"},
		{"/checkpoints/config", "checkpoints-config"},
		{"/plan", "job"},
	};
	json_t *list = json_array(), *root = json_object();
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *path = xasprintf("/jobs/%s%s", id, rows[i].path);
		char *body = fixture_text(version, rows[i].file);

		json_array_append_new(list, json_pack("{s:s,s:s}", "path", path, "json", body));
		free(body);
		free(path);
	}
	json_object_set_new(root, "archive", list);
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return text;
}

static void an_archive_of_each_version(void **state)
{
	static const struct {
		const char *version, *id;
		int64_t end_ms;
	} rows[] = {
		{"1.16.3", "561b45a9023e7c4426b8529c36f41d14", 1795248408272},
		{"1.20.5", "0d8eb91aca00a267b06439be63307126", 1795249172265},
		{"2.2.1", "13734ee32fa9e45582db26789d134935", 1795248613476},
	};
	struct bench *b = *state;
	char *dir = temp_dir();

	use_folder(b, dir);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = archive_of(rows[i].version, rows[i].id);
		struct snapshot *snap;

		put_file(dir, rows[i].id, text, strlen(text));
		free(text);
		snap = bench_poll(b, ASK(rows[i].id));
		check_str(rows[i].version, snap->err.text, "");
		check_str(rows[i].version, snap->cluster.address, dir);
		check_str(rows[i].version, job_status_name(snap->jobs[0].status), "FAILED");
		check_str(rows[i].version, snap->jobs[0].name, "fails-no-restart");
		check_int(rows[i].version, snap->jobs[0].end_ms, rows[i].end_ms);
		check_int(rows[i].version, snap->detail.parts, JOB_PARTS_ALL & ~JOB_PART_RESTARTS);
		check_bool(rows[i].version, snap->detail.exception_count > 0, true);
		check_bool(rows[i].version, snap->detail.checkpoints.last_completed != NULL, true);
		snapshot_unref(snap);
	}
	check_int("no network", bench_requests(b), 0);
	temp_dir_remove(dir);
}

/* The same by SSH: a real server, of this machine. */
static void an_archive_on_a_host(void **state)
{
	static const char id[] = "0d8eb91aca00a267b06439be63307126";
	struct bench *b = *state;
	struct sshd *servers = sshd_up();
	char *dir = temp_dir(), *text = archive_of("1.20.5", id), *place = xasprintf("gw:%s", dir);
	char name[] = "gw", address[] = "127.0.0.1", user[] = "root";
	struct snapshot *snap;
	struct err err = {0};

	assert_non_null(servers);
	struct host_config host = {.name = name,
		.address = address,
		.user = user,
		.key = xstrdup(sshd_file(servers, "id_ed25519")),
		.port = sshd_port(servers, name)};
	check_ok("ssh",
		ssh_open(&hosts,
			&(struct ssh_options){.loop = b->loop,
				.hosts = &host,
				.host_count = 1,
				.known_hosts = sshd_file(servers, "known_hosts")},
			&err),
		&err);
	source_close(b->source);
	b->source = flink_history_new(&(struct flink_history_options){.loop = b->loop,
		.http = b->http,
		.ssh = hosts,
		.context = "prod",
		.cluster = "sessions",
		.dir = dir,
		.host = name});
	put_file(dir, id, text, strlen(text));
	snap = bench_poll(b, ASK(id));
	check_str("error", snap->err.text, "");
	check_str("who told", snap->cluster.address, place);
	check_str("status", job_status_name(snap->jobs[0].status), "FAILED");
	check_bool("exceptions", snap->detail.exception_count > 0, true);
	snapshot_unref(snap);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("not there", &snap->err, E_NOTFOUND, place);
	snapshot_unref(snap);
	source_close(b->source);
	b->source = NULL;
	ssh_close(hosts);
	hosts = NULL;
	sshd_down(servers);
	free(host.key);
	free(place);
	free(text);
	temp_dir_remove(dir);
}

static void archives_that_cannot_be_read_say_why(void **state)
{
	struct bench *b = *state;
	char *dir = temp_dir(), *path = xasprintf("%s/" JOB, dir), *gone;
	char *huge = xcalloc(1, ((size_t)33 << 20) + 1);
	struct snapshot *snap;

	use_folder(b, dir);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("not there", &snap->err, E_NOTFOUND, "no job " JOB);
	check_has("where", snap->err.text, dir);
	snapshot_unref(snap);
	put_file(dir, JOB, "", 0);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("being written", &snap->err, E_NOTFOUND, "empty yet");
	snapshot_unref(snap);
	put_file(dir, JOB, "{\"archive\":[{\"pa", 16);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("half of it", &snap->err, E_PROTO, JOB);
	snapshot_unref(snap);
	put_file(dir, JOB, "{\"a\":1}", 7);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("no archive", &snap->err, E_PROTO, "no \"archive\" array");
	snapshot_unref(snap);
	put_file(dir, JOB, "{\"archive\":[7,null,{\"path\":3}]}", 31);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("of nothing", &snap->err, E_PROTO, "nothing of the job in it");
	snapshot_unref(snap);
	memset(huge, ' ', (size_t)33 << 20);
	put_file(dir, JOB, huge, (size_t)33 << 20);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("33 MiB", &snap->err, E_PROTO, "larger than 32 MiB");
	snapshot_unref(snap);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("a folder", &snap->err, E_DENIED, "cannot read job " JOB);
	snapshot_unref(snap);
	gone = xasprintf("%s/it's gone", dir);
	use_folder(b, gone);
	snap = bench_poll(b, ASK(JOB));
	check_kept_err("no folder", &snap->err, E_CONFIG, "cannot look into it");
	snapshot_unref(snap);
	free(gone);
	free(huge);
	free(path);
	temp_dir_remove(dir);
}

static void what_is_not_asked_there(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	use_folder(b, "/");
	snap = bench_poll(b, ASK("../../etc/passwd"));
	check_kept_err("a path", &snap->err, E_ARG, "not a Flink job id");
	snapshot_unref(snap);
	snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_CLUSTER});
	check_kept_err("a cluster", &snap->err, E_UNSUPPORTED, "only jobs that have");
	snapshot_unref(snap);
}

static void polls_of_the_past_can_be_canceled(void **state)
{
	struct bench *b = *state;
	char *dir = temp_dir();
	struct source_poll *poll;

	serve_history(b);
	for (int i = 0; i < 3; i++) {
		if (i < 2)
			use_server(b, b->url);
		else
			use_folder(b, dir);
		poll = source_poll(b->source, ASK(JOB), bench_never, b);
		if (i == 0) /* else with its source */
			source_poll_cancel(b->source, poll);
		source_close(b->source);
		b->source = NULL;
		assert_true(loop_run_until_idle(b->loop, 60000));
	}
	temp_dir_remove(dir);
}

static int teardown(void **state)
{
	struct bench *b = *state;

	source_close(b->source);
	b->source = NULL;
	ssh_close(hosts);
	hosts = NULL;
	return bench_teardown(state);
}

#define test_on_bench(f) cmocka_unit_test_setup_teardown(f, bench_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_bench(a_history_server_is_recognised_and_asked),
		test_on_bench(who_is_no_history_server),
		test_on_bench(a_part_that_was_not_archived_is_left_out),
		test_on_bench(an_archive_of_each_version),
		test_on_bench(an_archive_on_a_host),
		test_on_bench(archives_that_cannot_be_read_say_why),
		test_on_bench(what_is_not_asked_there),
		test_on_bench(polls_of_the_past_can_be_canceled),
	};

	check_locale();
	return cmocka_run_group_tests_name("source/flink/history", tests, NULL, NULL);
}
