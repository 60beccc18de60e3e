/*
 * Servers that a script under tests/testbed starts and stops: in a folder of their own, with their
 * ports in its file `env` (NAME_PORT=…) and their logs beside it.
 */
#ifndef WEIR_TESTS_SUPPORT_TESTBED_H
#define WEIR_TESTS_SUPPORT_TESTBED_H

#include "core/base/vec.h"

struct testbed {
	const char *script; /* "tests/testbed/sshd", static */
	char *dir, *env;
	VEC(char *) paths;
};

struct testbed *testbed_new(const char *script);
/* `script WHAT DIR WORD…` → its exit code; what it said on stderr when that is not 0. A NULL ends
 * the words. */
int testbed_run(const struct testbed *bed, const char *what, const char *word, const char *more);
/* The same with "up" and the process that owns the servers as the last word; then reads `env`. */
int testbed_up(struct testbed *bed, const char *word);
/* Runs "down", frees, removes the folder. NULL-safe. */
void testbed_down(struct testbed *bed);
int testbed_port(const struct testbed *bed, const char *name); /* 0 = there is none */
/* "<folder>/<name>"; borrowed until the end. */
const char *testbed_file(struct testbed *bed, const char *name);
/* All of <name>.log so far. malloc'd. */
char *testbed_log(const struct testbed *bed, const char *name);

#endif
