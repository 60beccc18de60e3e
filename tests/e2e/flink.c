/* The scripts of tests/testbed start and stop; questions go over a socket of our own. */
#include "tests/e2e/flink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

#define FLINK_SCRIPT "tests/testbed/flink"
#define SUBMIT_SCRIPT "tests/testbed/submit"
#define ANSWER_BYTES_MAX ((size_t)16 << 20)
#define ANSWER_MS 5000
#define ASK_EVERY_MS 100

const char *const *flink_versions(void)
{
	static const char *const all[] = {"1.20.5", "2.2.1", "1.16.3", NULL};
	static const char *const few[] = {"1.20.5", "2.2.1", NULL};

	return str_empty(getenv("WEIR_TEST_FULL")) ? few : all;
}

/* ---- scripts ---- */

/* What the script printed, without the line end; malloc'd. */
char *flink_script(const char *file, const char *const *words, int64_t deadline_ms)
{
	struct program *p = program_run(
		&(struct program_setup){.file = file, .words = words, .deadline_ms = deadline_ms});
	char *out;

	if (p->exit_code != 0) {
		print_error("%s", buf_str(&p->err));
		fail_msg("%s %s ended with %d", file, words[0], p->exit_code);
	}
	out = buf_detach(&p->out);
	out[strcspn(out, "\n")] = '\0';
	program_free(p);
	return out;
}

static char *run_flink(const char *const *words)
{
	return flink_script(FLINK_SCRIPT, words, FLINK_START_MS);
}

/* tests/run gives a folder that it cleans up behind a test that was killed. */
static void choose_testbed(struct flink *flink)
{
	const char *given = getenv("WEIR_TESTBED");

	flink->owns_testbed = str_empty(given);
	flink->testbed = flink->owns_testbed ? temp_dir() : xstrdup(given);
	setenv("WEIR_TESTBED", flink->testbed, 1);
}

struct flink *flink_start(const char *version, const char *name)
{
	return flink_start_as(version, name, (const char *[]){NULL});
}

struct flink *flink_start_as(const char *version, const char *name, const char *const *words)
{
	struct flink *flink = xcalloc(1, sizeof(*flink));
	VEC(const char *) all = {0};

	choose_testbed(flink);
	flink->version = xstrdup(version);
	flink->name = xasprintf("%s-%s-%d", name, version, (int)getpid());
	for (const char *const *word = (const char *[]){"start", version, flink->name, "auto",
		     "--slots", "8", NULL};
		*word; word++)
		vec_push(&all, *word);
	for (size_t i = 0; words[i]; i++)
		vec_push(&all, words[i]);
	vec_push(&all, NULL);
	free(run_flink(all.data));
	vec_release(&all);
	flink->url = run_flink((const char *[]){"rest", flink->name, NULL});
	assert_int_equal(sscanf(flink->url, "http%*[s]://127.0.0.1:%d", &flink->port) == 1 ||
			sscanf(flink->url, "http://127.0.0.1:%d", &flink->port) == 1,
		1);
	return flink;
}

void flink_stop(struct flink *flink)
{
	if (!flink)
		return;
	free(run_flink((const char *[]){"stop", flink->name, NULL}));
	if (flink->owns_testbed) {
		temp_dir_remove(flink->testbed);
		unsetenv("WEIR_TESTBED");
	} else {
		free(flink->testbed);
	}
	free(flink->version);
	free(flink->name);
	free(flink->url);
	free(flink);
}

char *flink_submit(struct flink *flink, const char *const *words)
{
	VEC(const char *) all = {0};
	char *port = xasprintf("%d", flink->port);
	char *id;

	vec_push(&all, port);
	for (size_t i = 0; words[i]; i++)
		vec_push(&all, words[i]);
	vec_push(&all, NULL);
	id = flink_script(SUBMIT_SCRIPT, all.data, FLINK_START_MS);
	assert_int_equal(strlen(id), 32);
	vec_release(&all);
	free(port);
	return id;
}

bool flink_must_start(const struct flink *flink, const char **failed, const char *version)
{
	if (flink && str_eq(flink->version, version))
		return false;
	if (str_eq(*failed, version))
		fail_msg("no cluster of Flink %s", version);
	*failed = version;
	return true;
}

pid_t flink_find(const struct flink *flink, const char *role)
{
	struct program *p = program_run(&(struct program_setup){
		.file = FLINK_SCRIPT, .words = WORDS("pid", flink->name, role)});
	char *text = xstrndup(buf_str(&p->out), strcspn(buf_str(&p->out), "\n"));
	int64_t pid = 0;

	if (p->exit_code == 0)
		assert_true(str_to_int64(text, &pid) && pid > 1);
	free(text);
	program_free(p);
	return (pid_t)pid;
}

pid_t flink_pid(const struct flink *flink, const char *role)
{
	pid_t pid = flink_find(flink, role);

	if (!pid)
		fail_msg("%s of %s does not run", role, flink->name);
	return pid;
}

static bool is_gone(struct flink *flink, void *data)
{
	return !flink_find(flink, data);
}

void flink_wait_gone(struct flink *flink, const char *role)
{
	flink_until(flink, "the process has ended", is_gone, (void *)role);
}

void flink_kill(struct flink *flink, const char *role)
{
	assert_int_equal(kill(flink_pid(flink, role), SIGKILL), 0);
	flink_wait_gone(flink, role);
}

void flink_start_again(struct flink *flink, const char *role)
{
	char *word = xasprintf("start-%s", role);

	free(run_flink((const char *[]){word, flink->name, NULL}));
	free(word);
}

/* ---- questions ---- */

static int dial(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail_msg("socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The HTTP status (0 = nobody answered); the whole answer into `out`. */
static int ask(const struct flink *flink, const char *method, const char *path, struct buf *out)
{
	char *request = xasprintf("%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
				  "Content-Length: 0\r\n\r\n",
		method, path, flink->port);
	size_t len = strlen(request);
	int fd = dial(flink->port), status = 0;
	char piece[16384];
	ssize_t got;

	if (fd >= 0 && send(fd, request, len, MSG_NOSIGNAL) == (ssize_t)len)
		while ((got = recv(fd, piece, sizeof(piece), 0)) > 0)
			buf_add(out, piece, (size_t)got);
	if (fd >= 0)
		close(fd);
	free(request);
	return sscanf(buf_str(out), "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

json_t *flink_get(const struct flink *flink, const char *path)
{
	struct buf answer;
	json_t *root = NULL;
	int status;

	buf_init(&answer, ANSWER_BYTES_MAX);
	status = ask(flink, "GET", path, &answer);
	const char *body = status == 200 ? strstr(buf_str(&answer), "\r\n\r\n") : NULL;
	if (body)
		root = json_loads(body + 4, 0, NULL);
	buf_release(&answer);
	return root;
}

int flink_order(const struct flink *flink, const char *method, const char *path)
{
	struct buf answer;
	int status;

	buf_init(&answer, ANSWER_BYTES_MAX);
	status = ask(flink, method, path, &answer);
	buf_release(&answer);
	return status;
}

void flink_cancel(const struct flink *flink, const char *job_id)
{
	char *path = xasprintf("/jobs/%s?mode=cancel", job_id);

	check_int(path, flink_order(flink, "PATCH", path), 202);
	free(path);
}

bool flink_job_is_over(const json_t *job)
{
	const char *state = json_string_value(json_object_get(job, "state"));

	return str_eq(state, "CANCELED") || str_eq(state, "FINISHED") || str_eq(state, "FAILED");
}

/* Again and again: one that ends at this moment refuses, one that restarts may not have heard it. */
static bool nothing_lives(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview");
	const json_t *job;
	bool none = overview != NULL;
	size_t i;

	(void)data;
	json_array_foreach (json_object_get(overview, "jobs"), i, job) {
		char *path;

		if (flink_job_is_over(job))
			continue;
		none = false;
		if (str_eq(json_string_value(json_object_get(job, "state")), "CANCELLING"))
			continue;
		path = xasprintf(
			"/jobs/%s?mode=cancel", json_string_value(json_object_get(job, "jid")));
		flink_order(flink, "PATCH", path);
		free(path);
	}
	json_decref(overview);
	return none;
}

void flink_end_jobs(struct flink *flink)
{
	flink_until(flink, "all jobs are over", nothing_lives, NULL);
}

void flink_until(struct flink *flink, const char *what,
	bool (*is_so)(struct flink *flink, void *data), void *data)
{
	int64_t end_ms = program_now_ms() + FLINK_DEADLINE_MS;

	while (!is_so(flink, data)) {
		if (program_now_ms() >= end_ms) {
			json_t *jobs = flink_get(flink, "/jobs/overview");
			char *text = jobs ? json_dumps(jobs, JSON_INDENT(1)) : NULL;

			print_error("%s\n", text ? text : "no answer");
			free(text);
			json_decref(jobs);
			fail_msg("not within %d s: %s", FLINK_DEADLINE_MS / 1000, what);
		}
		/* Not to be asked by a busy loop: the JobManager needs the processor itself. */
		poll(NULL, 0, ASK_EVERY_MS);
	}
}
