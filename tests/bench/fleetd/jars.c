/*
 * Jars, and jobs started from them. Such a job is called as its program would call it: as pipeline.name says, else
 * as the job of the application that its arguments name (paper.c), else as its class; it runs until somebody ends it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/fleetd/sim.h"
#include "tests/support/fleetd.h"

#define JARS_MAX 1000
#define UPLOADS "/tmp/fleetd/flink-web-upload/"

static int refuse(struct buf *out, int status, const char *text)
{
	json_t *body = json_pack("{s:[s]}", "errors", text);
	char *dump = json_dumps(body, JSON_COMPACT);

	buf_adds(out, dump);
	free(dump);
	json_decref(body);
	return status;
}

static void say(struct buf *out, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);

	buf_adds(out, text);
	free(text);
	json_decref(body);
}

/* ---- jars ---- */

/* filename="…" of the first part. */
static char *file_name(const char *body)
{
	const char *at = strstr(body, "filename=\"");

	at = at ? at + strlen("filename=\"") : "";
	return xstrndup(at, strcspn(at, "\"\r\n"));
}

static int upload(struct sim *sim, const struct sim_request *request, struct buf *out)
{
	char *name = file_name(request->body), *path;
	uint64_t h = sim_hash(sim, 'J', sim->jars.len, (uint64_t)request->manager);
	struct jar jar = {.manager = request->manager,
		.uploaded_wall_ms = sim->options.epoch_ms + sim_now_ms(sim)};

	if (!str_ends(name, ".jar") || sim->jars.len >= JARS_MAX) {
		free(name);
		return refuse(out, 400,
			"org.apache.flink.runtime.rest.handler.RestHandlerException: Only Jar "
			"files are allowed.");
	}
	jar.id = xasprintf("%08x-%04x-4%03x-8%03x-%012llx_%s", (unsigned)h,
		(unsigned)(h >> 32) & 0xffff, (unsigned)(h >> 48) & 0xfff,
		(unsigned)(h >> 20) & 0xfff, (unsigned long long)(h * 31) & 0xffffffffffff, name);
	vec_push(&sim->jars, jar);
	path = xasprintf(UPLOADS "%s", jar.id);
	say(out, json_pack("{s:s, s:s}", "filename", path, "status", "success"));
	free(path);
	free(name);
	return 200;
}

static struct jar *find_jar(const struct sim *sim, int manager, const char *id, size_t len)
{
	struct jar *it;

	vec_each (it, &sim->jars)
		if (it->manager == manager && strlen(it->id) == len && !strncmp(it->id, id, len))
			return it;
	return NULL;
}

static int say_jars(const struct sim *sim, int manager, struct buf *out)
{
	uint32_t at = fleetd_address(manager);
	char address[64];
	json_t *files = json_array();
	const struct jar *it;

	snprintf(address, sizeof(address), "http://%u.%u.%u.%u:8081", at >> 24, at >> 16 & 255,
		at >> 8 & 255, at & 255);
	vec_each (it, &sim->jars)
		if (it->manager == manager)
			json_array_insert_new(files, 0,
				json_pack("{s:s, s:s, s:I, s:[{s:s, s:n}]}", "id", it->id, "name",
					strchr(it->id, '_') + 1, "uploaded",
					(json_int_t)it->uploaded_wall_ms, "entry", "name",
					"com.example.jobs.Main", "description"));
	say(out, json_pack("{s:s, s:o}", "address", address, "files", files));
	return 200;
}

static int drop(struct sim *sim, struct jar *jar, struct buf *out)
{
	free(jar->id);
	*jar = sim->jars.data[--sim->jars.len];
	buf_adds(out, "{}");
	return 200;
}

/* ---- jobs ---- */

/* "orders-sync-00017" among the arguments: that one's job. */
static bool name_of_args(const struct sim *sim, const json_t *args, char name[64])
{
	const json_t *arg;
	size_t i;

	json_array_foreach (args, i, arg) {
		const char *text = json_string_value(arg), *dash = text ? strrchr(text, '-') : NULL;
		char app[64];
		int64_t job;

		if (!dash || !str_to_int64(dash + 1, &job) || job < 0 || job >= sim->options.jobs)
			continue;
		sim_app_name(sim, (int)job, app);
		if (!str_eq(app, text))
			continue;
		sim_job_name(sim, (int)job, name);
		return true;
	}
	return false;
}

static int run(struct sim *sim, const struct sim_request *request, struct buf *out)
{
	json_t *body = json_loads(*request->body ? request->body : "{}", 0, NULL);
	const json_t *settings = json_object_get(body, "flinkConfiguration");
	const char *name = json_string_value(json_object_get(settings, "pipeline.name"));
	const char *id = json_string_value(json_object_get(body, "jobId"));
	const char *class = json_string_value(json_object_get(body, "entryClass"));
	json_int_t parallelism = json_integer_value(json_object_get(body, "parallelism"));
	uint64_t h = sim_hash(sim, 'S', sim->started.len, 0);
	struct started started = {.manager = request->manager,
		.at_ms = sim_now_ms(sim),
		.parallelism = parallelism > 0 && parallelism < 1000 ? (int)parallelism : 1};
	struct sim_job other;

	snprintf(started.name, sizeof(started.name), "%s",
		name            ? name
			: class ? class
				: "Flink Streaming Job");
	if (!name)
		name_of_args(sim, json_object_get(body, "programArgsList"), started.name);
	if (id && strlen(id) == JOB_ID_LEN && strspn(id, "0123456789abcdef") == JOB_ID_LEN)
		snprintf(started.id, sizeof(started.id), "%s", id);
	else
		snprintf(started.id, sizeof(started.id), "%016llx%016llx", (unsigned long long)h,
			(unsigned long long)~h);
	json_decref(body);
	if (sim_find(sim, request->manager, started.id, &other))
		return refuse(out, 500,
			"org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has "
			"already been submitted.");
	sim_start(sim, &started);
	buf_addf(out, "{\"jobid\":\"%s\"}", started.id);
	return 200;
}

int sim_answer_jars(struct sim *sim, const struct sim_request *request, struct buf *out)
{
	const char *rest = request->path + strlen("/jars"), *end;
	bool is_post = str_eq(request->method, "POST");
	struct jar *jar;

	if (!*rest && str_eq(request->method, "GET"))
		return say_jars(sim, request->manager, out);
	if (is_post && str_eq(rest, "/upload"))
		return upload(sim, request, out);
	rest += *rest == '/';
	end = rest + strcspn(rest, "/");
	jar = find_jar(sim, request->manager, rest, (size_t)(end - rest));
	if (is_post && str_eq(end, "/run") && jar)
		return run(sim, request, out);
	if (str_eq(request->method, "DELETE") && !*end && jar)
		return drop(sim, jar, out);
	if (!jar && str_eq(end, "/run")) {
		say(out,
			json_pack("{s:[s,s]}", "errors", "Internal server error.",
				"<Exception on server side:\norg.apache.flink.runtime.rest.handler."
				"RestHandlerException: Jar file does not exist"));
		return 500;
	}
	return refuse(out, 404, "Not found.");
}
