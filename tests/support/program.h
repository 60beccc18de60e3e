/*
 * The real binary as a child process: its words, a home of its own, what it said, how it ended. The
 * binary is $WEIR, else build/gcc/weir, else ./weir. The child's environment is made here: nothing
 * of the user's configuration, locale, proxy or terminal reaches it.
 *
 *	struct program *p = program_run(&(struct program_setup){
 *		.home = dir, .words = (const char *[]){"get", "apps", NULL}});
 *	check_int("exit", p->exit_code, 0);
 *	program_free(p);
 *
 * A child that outlives its deadline fails the case, after it was killed and its output was shown.
 */
#ifndef WEIR_TESTS_SUPPORT_PROGRAM_H
#define WEIR_TESTS_SUPPORT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"

/* For what must happen; never what a test measures by. */
#define PROGRAM_DEADLINE_MS 60000
/* Words, NULL-ended. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

struct program_setup {
	const char *file; /* NULL = weir; else a path, or a name in PATH */
	const char *home; /* folder of HOME, XDG_CONFIG_HOME and the like; NULL = only for `file` */
	const char *const *words; /* after the program's name, NULL-ended; NULL = none */
	const char *const *env;   /* "NAME=value" over the defaults, NULL-ended; NULL = none */
	bool has_no_reader;       /* stdout is a pipe whose reader has gone */
	const char *stdout_path;  /* stdout is this file; NULL = captured */
	int64_t deadline_ms;      /* of program_run(); 0 = PROGRAM_DEADLINE_MS */
};

struct program {
	pid_t pid; /* 0 once it was waited for */
	int out_fd, err_fd;
	struct buf out, err;
	bool is_done;
	int exit_code; /* -N: ended by signal N */
	int64_t elapsed_ms, started_ms;
	int64_t max_rss_kib;
};

struct program *program_run(const struct program_setup *setup);

struct program *program_start(const struct program_setup *setup);
/* Reads until `is_so` (asked after each piece of output) or the end; false when time is up. */
bool program_until(struct program *program, bool (*is_so)(struct program *program, void *data),
	void *data, int64_t deadline_ms);
void program_signal(struct program *program, int signal);
/* Reads to the end and waits; the case fails at the deadline. Returns exit_code. */
int program_wait(struct program *program, int64_t deadline_ms);
void program_free(struct program *program); /* kills what still runs; NULL-safe */

/* For whoever starts it in another way (a pseudo-terminal). Path is static. */
const char *program_path(void);
/* Another program of the same build: "tests/bench/fleetd/fleetd"; malloc'd. */
char *program_beside(const char *name);
/* The child's environment, NULL-ended, to be freed by program_env_free(). */
char **program_env(const char *home, const char *const *more);
void program_env_free(char **env);
/* Milliseconds of a clock that only goes forward. */
int64_t program_now_ms(void);

#endif
