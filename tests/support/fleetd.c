/* Orders go down its stdin, which is also what keeps it alive. */
#include "tests/support/fleetd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/support/program.h"

struct fleetd {
	pid_t pid;
	int port;
	FILE *to, *from;
};

static void die(const char *what)
{
	fprintf(stderr, "fleetd: %s: %s\n", what, strerror(errno));
	abort();
}

static void child(char *const *argv, const int to[2], const int from[2])
{
	struct sigaction plain = {.sa_handler = SIG_DFL};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGPIPE, &plain, NULL);
	if (dup2(to[0], 0) == 0 && dup2(from[1], 1) == 1)
		execv(argv[0], argv);
	_exit(127);
}

struct fleetd *fleetd_start(const char *const *words)
{
	struct fleetd *fleetd = xcalloc(1, sizeof(*fleetd));
	VEC(char *) argv = {0};
	int to[2], from[2];
	char *path = program_beside("tests/bench/fleetd/fleetd"), *ready = NULL;
	size_t size = 0;

	vec_push(&argv, path);
	for (size_t i = 0; words[i]; i++)
		vec_push(&argv, (char *)words[i]);
	vec_push(&argv, NULL);
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe");
	fleetd->pid = fork();
	if (fleetd->pid == 0)
		child(argv.data, to, from);
	close(to[0]);
	close(from[1]);
	fleetd->to = fdopen(to[1], "w");
	fleetd->from = fdopen(from[0], "r");
	if (fleetd->pid < 0 || getline(&ready, &size, fleetd->from) < 0 ||
		sscanf(ready, "ready %d", &fleetd->port) != 1)
		die(path);
	free(ready);
	free(path);
	vec_release(&argv);
	return fleetd;
}

struct fleetd *fleetd_start_at(const char *home, const char *const *words)
{
	char *config = xasprintf("%s/config.yaml", home), *apps = xasprintf("%s/apps", home);
	const char *own[] = {"--write-config", config, "--write-workspace", apps, NULL};
	VEC(const char *) all = {0};
	struct fleetd *fleetd;

	for (size_t i = 0; words[i]; i++)
		vec_push(&all, words[i]);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		vec_push(&all, own[i]);
	fleetd = fleetd_start(all.data);
	vec_release(&all);
	free(config);
	free(apps);
	return fleetd;
}

void fleetd_stop(struct fleetd *fleetd)
{
	if (!fleetd)
		return;
	fclose(fleetd->to);
	fclose(fleetd->from);
	waitpid(fleetd->pid, NULL, 0);
	free(fleetd);
}

int fleetd_port(const struct fleetd *fleetd)
{
	return fleetd->port;
}

pid_t fleetd_pid(const struct fleetd *fleetd)
{
	return fleetd->pid;
}

char *fleetd_say(struct fleetd *fleetd, const char *order)
{
	struct buf said;
	char *line = NULL;
	size_t size = 0;

	buf_init(&said, 0);
	fprintf(fleetd->to, "%s\n", order);
	fflush(fleetd->to);
	do {
		if (getline(&line, &size, fleetd->from) < 0)
			die(order);
		buf_adds(&said, line);
	} while (!str_starts(line, "ok") && !str_starts(line, "error"));
	free(line);
	return buf_detach(&said);
}

char *fleetd_url(const struct fleetd *fleetd, int manager, const char *path)
{
	uint32_t at = fleetd_address(manager);

	return xasprintf("http://%u.%u.%u.%u:%d%s", at >> 24, at >> 16 & 255, at >> 8 & 255,
		at & 255, fleetd->port, path);
}
