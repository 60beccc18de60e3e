#include "tests/e2e/starting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/flink/flink.h"
#include "tests/support/check.h"

#define STEP_MS 90000

static void open_hosts(struct starting *s)
{
	struct err err = {0};

	s->host = (struct host_config){.name = (char *)"gw",
		.address = (char *)"127.0.0.1",
		.user = (char *)"root",
		.key = (char *)sshd_file(s->servers, "id_ed25519"),
		.port = sshd_port(s->servers, "gw")};
	s->host.key = xstrdup(s->host.key);
	s->host.auth = json_pack("[s]", "key");
	s->known_hosts = xstrdup(sshd_file(s->servers, "known_hosts"));
	check_ok("ssh_open",
		ssh_open(&s->hosts,
			&(struct ssh_options){.loop = s->loop,
				.hosts = &s->host,
				.host_count = 1,
				.known_hosts = s->known_hosts},
			&err),
		&err);
}

struct starting *starting_open(const char *version, const char *name)
{
	struct starting *s = xcalloc(1, sizeof(*s));
	struct err err = {0};
	const char *url;

	s->flink = flink_start(version, name);
	s->servers = sshd_up();
	assert_non_null(s->servers);
	s->dir = temp_dir();
	buf_init(&s->output, 0);
	check_ok("loop", loop_open(&s->loop, &err), &err);
	check_ok("http", http_open(&s->http, s->loop, NULL, &err), &err);
	open_hosts(s);
	url = s->flink->url;
	s->source = flink_source_new(&(struct flink_source_options){.loop = s->loop,
		.http = s->http,
		.context = "live",
		.cluster = "sessions",
		.addresses = &url,
		.address_count = 1,
		.ssh = s->hosts});
	s->jar = flink_script(
		"tests/testbed/jobs/build", (const char *const[]){NULL}, FLINK_START_MS);
	s->home = flink_script(
		"tests/testbed/flink", (const char *const[]){"sql", version, NULL}, FLINK_START_MS);
	return s;
}

void starting_close(struct starting *s)
{
	source_close(s->source);
	http_close(s->http);
	ssh_close(s->hosts);
	loop_close(s->loop);
	sshd_down(s->servers);
	flink_stop(s->flink);
	temp_dir_remove(s->dir);
	buf_release(&s->output);
	json_decref(s->host.auth);
	free(s->host.key);
	free(s->known_hosts);
	free(s->jar);
	free(s->home);
	free(s->location);
	free(s->failure);
	free(s);
}

struct deployment starting_jar(const struct starting *s, const char *name)
{
	static const char *args[] = {"--mode", "count", "--name", NULL};

	args[3] = name;
	return (struct deployment){.context = "live",
		.team = "ods",
		.name = "orders",
		.job_name = name,
		.type = APP_JAR,
		.target = TARGET_REMOTE,
		.cluster = "sessions",
		.env = {.name = "here", .home = s->home},
		.artifact = s->jar,
		.artifact_size = -1,
		.main_class = "weir.demo.DemoJob",
		.args = args,
		.arg_count = 4,
		.parallelism = 2,
		.digest = ""};
}

static void on_output(void *data, const char *bytes, size_t len)
{
	buf_add(&((struct starting *)data)->output, bytes, len);
}

static void on_done(void *data, const struct source_answer *answer, const struct err *err)
{
	struct starting *s = data;

	check_bool("once", s->is_done, false);
	s->is_done = true;
	s->err = err ? *err : (struct err){0};
	s->answer = *answer;
	free(s->location);
	free(s->failure);
	s->location = xstrdup_null(answer->location);
	s->failure = xstrdup_null(answer->failure);
}

void starting_ask(struct starting *s, struct source_request *request)
{
	int64_t deadline_ms = clock_mono_ms() + STEP_MS;

	s->is_done = false;
	request->job_id = s->job_id;
	source_send(s->source, request, on_done, s);
	while (!s->is_done) {
		assert_true(clock_mono_ms() < deadline_ms);
		loop_turn(s->loop, 100);
	}
}

void starting_go(struct starting *s, const struct deployment *deployment, const char *restore_path,
	const char *restore_mode)
{
	static int count;

	snprintf(s->job_id, sizeof(s->job_id), "%024x%08x", 0xabc, ++count);
	buf_reset(&s->output);
	starting_ask(s,
		&(struct source_request){.verb = SOURCE_START,
			.deployment = deployment,
			.restore_path = restore_path,
			.restore_mode = restore_mode,
			.on_output = on_output});
}

enum job_status starting_settled(struct starting *s)
{
	int64_t deadline_ms = clock_mono_ms() + STEP_MS;

	for (;;) {
		starting_ask(s, &(struct source_request){.verb = SOURCE_TASKS});
		check_ok("tasks", s->err.code, &s->err);
		if (job_status_is_terminal(s->answer.job_status))
			break;
		if (s->answer.job_status == JOB_RUNNING && s->answer.tasks_total > 0 &&
			s->answer.tasks_running == s->answer.tasks_total)
			break;
		assert_true(clock_mono_ms() < deadline_ms);
		loop_turn(s->loop, 50);
	}
	return s->answer.job_status;
}

char *starting_stop(struct starting *s)
{
	static const char trigger[] = "00000000000000000000000000000def";
	int64_t deadline_ms = clock_mono_ms() + STEP_MS;

	starting_ask(s, &(struct source_request){.verb = SOURCE_STOP, .trigger_id = trigger});
	check_ok("stop", s->err.code, &s->err);
	do {
		assert_true(clock_mono_ms() < deadline_ms);
		loop_turn(s->loop, 50);
		starting_ask(s,
			&(struct source_request){
				.verb = SOURCE_TRIGGER, .of = SOURCE_STOP, .trigger_id = trigger});
		check_ok("trigger", s->err.code, &s->err);
	} while (!s->answer.is_over);
	assert_non_null(s->location);
	return xstrdup(s->location);
}

void starting_cancel(struct starting *s)
{
	starting_ask(s, &(struct source_request){.verb = SOURCE_CANCEL});
	check_ok("cancel", s->err.code, &s->err);
	check_int("canceled", starting_settled(s), JOB_CANCELED);
}
