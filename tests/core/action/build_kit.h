/*
 * What tests of builds share: a folder with a real git repository, this machine as the host, and
 * the cache of builds inside of the folder.
 */
#ifndef WEIR_TESTS_ACTION_BUILD_KIT_H
#define WEIR_TESTS_ACTION_BUILD_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh.h"
#include "tests/support/check.h"

#define BUILD_DEADLINE_MS 60000

struct ended {
	bool is_over;
	int exit_status;
	struct err err;
	char *out, *err_out;
};

static inline void on_ended(void *data, const struct ssh_result *result, const struct err *err)
{
	struct ended *ended = data;

	ended->is_over = true;
	ended->exit_status = result->exit_status;
	ended->err = err ? *err : (struct err){0};
	ended->out = xstrdup(buf_str(result->out));
	ended->err_out = xstrdup(buf_str(result->err));
}

/* Runs a line of sh here, in `dir`; the case fails when it does. Its output, malloc'd. */
static inline char *sh(struct loop *loop, struct ssh *hosts, const char *dir, const char *line)
{
	char *command = xasprintf("cd '%s' && { %s\n}", dir, line), *out;
	struct ended ended = {0};
	int64_t end_ms = clock_mono_ms() + BUILD_DEADLINE_MS;

	ssh_exec(hosts, &(struct ssh_exec_options){.command = command}, on_ended, &ended);
	while (!ended.is_over) {
		assert_true(clock_mono_ms() < end_ms);
		loop_run_until_idle(loop, 20);
	}
	if (ended.exit_status)
		fail_msg("%s: %d: %s", line, ended.exit_status, ended.err_out);
	out = ended.out;
	if (out[0] && out[strlen(out) - 1] == '\n')
		out[strlen(out) - 1] = '\0';
	free(ended.err_out);
	free(command);
	return out;
}

#define GIT_SETUP                                                                                  \
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t"               \
	" GIT_AUTHOR_EMAIL=t@example GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example; "

/* A repository "repo": two commits on main (tag v1 on the first), a branch "topic". */
static inline void make_repository(struct loop *loop, struct ssh *hosts, const char *dir)
{
	free(sh(loop, hosts, dir,
		GIT_SETUP
		"git init -q -b main repo && cd repo &&"
		" echo one >source && git add . && git commit -qm one && git tag -a v1 -m v1 &&"
		" echo two >source && git commit -qam two &&"
		" git checkout -q -b topic && echo three >source && git commit -qam three &&"
		" git checkout -q main"));
}

#endif
