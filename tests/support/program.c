/* fork and exec with pipes, read by poll() so that neither pipe can fill up and block the child. */
#include "tests/support/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/support/check.h"

#define OUTPUT_CAP_BYTES ((size_t)256 << 20)

int64_t program_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *program_path(void)
{
	static char path[4096];
	const char *const places[] = {getenv("WEIR"), "build/gcc/weir", "weir"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!str_empty(places[i]) && access(places[i], X_OK) == 0 &&
			realpath(places[i], path))
			return path;
	fail_msg("no weir to run: build it, or name it in WEIR");
	return NULL;
}

char *program_beside(const char *name)
{
	const char *weir = program_path(), *slash = strrchr(weir, '/');

	return xasprintf("%.*s/%s", (int)(slash - weir), weir, name);
}

/* ---- the environment ---- */

typedef VEC(char *) words_vec;

/* A later "NAME=value" replaces an earlier one. */
static void env_put(words_vec *env, char *entry)
{
	size_t name_len = strcspn(entry, "=") + 1;

	for (size_t i = 0; i < env->len; i++)
		if (strncmp(env->data[i], entry, name_len) == 0) {
			free(env->data[i]);
			env->data[i] = entry;
			return;
		}
	vec_push(env, entry);
}

/* What of the test's own environment is passed on: where programs are, and how sanitizers report.
 */
static const char *const inherited[] = {"PATH", "TMPDIR", "JAVA_HOME", "WEIR_CACHE", "WEIR_TESTBED",
	"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH"};
static const char *const folders[][2] = {{"HOME", ""}, {"XDG_CONFIG_HOME", "/.config"},
	{"XDG_STATE_HOME", "/.local/state"}, {"XDG_CACHE_HOME", "/.cache"},
	{"XDG_DATA_HOME", "/.local/share"}};

char **program_env(const char *home, const char *const *more)
{
	words_vec env = {0};

	for (size_t i = 0; i < ARRAY_SIZE(inherited); i++) {
		const char *value = getenv(inherited[i]);
		if (value)
			env_put(&env, xasprintf("%s=%s", inherited[i], value));
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		env_put(&env, xasprintf("%s=%s%s", folders[i][0], home, folders[i][1]));
	env_put(&env, xstrdup("LC_ALL=C.UTF-8"));
	env_put(&env, xstrdup("TERM=xterm-256color"));
	env_put(&env, xstrdup("TZ=UTC"));
	for (size_t i = 0; more && more[i]; i++)
		env_put(&env, xstrdup(more[i]));
	vec_push(&env, NULL);
	return env.data;
}

void program_env_free(char **env)
{
	for (size_t i = 0; env && env[i]; i++)
		free(env[i]);
	free(env);
}

/* ---- start ---- */

struct ends {
	int out[2], err[2];
};

static void open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		fail_msg("pipe: %s", strerror(errno));
}

/* Between fork and exec nothing but system calls: the test may have threads (the fault server). */
static void child(const struct program_setup *setup, const char *file, char *const *argv,
	char *const *env, const struct ends *ends)
{
	int none = open("/dev/null", O_RDONLY);
	int out = setup->stdout_path ? open(setup->stdout_path, O_WRONLY | O_CREAT | O_TRUNC, 0600)
				     : ends->out[1];
	struct sigaction plain = {.sa_handler = SIG_DFL};

	/* A test that dies takes its children along. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGPIPE, &plain, NULL);
	if (none >= 0 && out >= 0 && dup2(none, 0) == 0 && dup2(out, 1) == 1 &&
		dup2(ends->err[1], 2) == 2)
		execvpe(file, argv, env);
	_exit(127);
}

struct program *program_start(const struct program_setup *setup)
{
	struct program *program = xcalloc(1, sizeof(*program));
	const char *file = setup->file ? setup->file : program_path();
	words_vec argv = {0};
	struct ends ends;
	char **env = setup->home ? program_env(setup->home, setup->env) : NULL;

	vec_push(&argv, (char *)file);
	for (size_t i = 0; setup->words && setup->words[i]; i++)
		vec_push(&argv, (char *)setup->words[i]);
	vec_push(&argv, NULL);
	buf_init(&program->out, OUTPUT_CAP_BYTES);
	buf_init(&program->err, OUTPUT_CAP_BYTES);
	open_pipe(ends.out);
	open_pipe(ends.err);
	program->started_ms = program_now_ms();
	/* The reader is gone before the child is there: no race about who is first. */
	if (setup->has_no_reader)
		close(ends.out[0]);
	program->pid = fork();
	if (program->pid < 0)
		fail_msg("fork: %s", strerror(errno));
	if (program->pid == 0)
		child(setup, file, argv.data, env ? env : environ, &ends);
	close(ends.out[1]);
	close(ends.err[1]);
	program->out_fd = setup->has_no_reader ? -1 : ends.out[0];
	program->err_fd = ends.err[0];
	fcntl(program->err_fd, F_SETFL, O_NONBLOCK);
	if (program->out_fd >= 0)
		fcntl(program->out_fd, F_SETFL, O_NONBLOCK);
	program_env_free(env);
	vec_release(&argv);
	return program;
}

/* ---- read and wait ---- */

static void take(int *fd, struct buf *into)
{
	char piece[65536];
	ssize_t got;

	while ((got = read(*fd, piece, sizeof(piece))) > 0)
		buf_add(into, piece, (size_t)got);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close(*fd);
	*fd = -1;
}

static void reap(struct program *program, bool may_block)
{
	struct rusage usage;
	int status;
	pid_t pid;

	do
		pid = wait4(program->pid, &status, may_block ? 0 : WNOHANG, &usage);
	while (pid < 0 && errno == EINTR);
	if (pid != program->pid)
		return;
	program->pid = 0;
	program->is_done = true;
	program->elapsed_ms = program_now_ms() - program->started_ms;
	program->max_rss_kib = usage.ru_maxrss;
	program->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* One turn: what there is to read, within `wait_ms`. */
static void turn(struct program *program, int wait_ms)
{
	struct pollfd fds[] = {{.fd = program->out_fd, .events = POLLIN},
		{.fd = program->err_fd, .events = POLLIN}};

	/* Without pipes there is nothing to be woken by: its end is looked for in small steps. */
	poll(fds, ARRAY_SIZE(fds), wait_ms);
	if (fds[0].revents)
		take(&program->out_fd, &program->out);
	if (fds[1].revents)
		take(&program->err_fd, &program->err);
	if (program->out_fd < 0 && program->err_fd < 0 && program->pid)
		reap(program, false);
}

bool program_until(struct program *program, bool (*is_so)(struct program *program, void *data),
	void *data, int64_t deadline_ms)
{
	int64_t end_ms = program_now_ms() + deadline_ms;

	while (!is_so(program, data)) {
		int64_t left_ms = end_ms - program_now_ms();

		if (left_ms <= 0 || program->is_done)
			return false;
		turn(program, left_ms < 20 ? (int)left_ms : 20);
	}
	return true;
}

static bool has_ended(struct program *program, void *data)
{
	(void)data;
	return program->is_done;
}

void program_signal(struct program *program, int signal)
{
	if (program->pid > 0)
		kill(program->pid, signal);
}

int program_wait(struct program *program, int64_t deadline_ms)
{
	if (program_until(program, has_ended, NULL, deadline_ms))
		return program->exit_code;
	program_signal(program, SIGKILL);
	reap(program, true);
	print_error("still running after %lld ms\n--- stdout\n%.4000s\n--- stderr\n%.4000s\n",
		(long long)deadline_ms, buf_str(&program->out), buf_str(&program->err));
	fail_msg("the program did not end");
	return 0;
}

struct program *program_run(const struct program_setup *setup)
{
	struct program *program = program_start(setup);

	program_wait(program, setup->deadline_ms ? setup->deadline_ms : PROGRAM_DEADLINE_MS);
	return program;
}

void program_free(struct program *program)
{
	if (!program)
		return;
	if (program->pid) {
		program_signal(program, SIGKILL);
		reap(program, true);
	}
	if (program->out_fd >= 0)
		close(program->out_fd);
	if (program->err_fd >= 0)
		close(program->err_fd);
	buf_release(&program->out);
	buf_release(&program->err);
	free(program);
}
