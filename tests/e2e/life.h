/*
 * Where real applications live and fail: a real cluster, real SSH servers, a real git repository
 * that Maven builds, and a home for weir with configurations that lead there. The job counts events
 * in its state and writes down what it found there and what it came to: that the state went on is
 * read in that file, not in weir.
 *
 *	life_enter(&life, version, "life");
 *	life_declare(&life, &(struct life_app){.name = "counter"});
 *	life_go(&life, LIFE_DIRECT, "counter", WORDS("build", "release", "start"));
 *	struct count count = life_count(&life, "counter", 10);
 *
 * {home}/direct.yaml  build, release and Flink on this machine, the JobManager by REST
 * {home}/far.yaml     the same on `gw`, behind `bastion`
 * {home}/coded.yaml   the same behind `coded`, which wants a code from a person
 */
#ifndef WEIR_TESTS_E2E_LIFE_H
#define WEIR_TESTS_E2E_LIFE_H

#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/support/sshd.h"

#define LIFE_PROJECT "tests/testbed/project"
#define LIFE_DIRECT "--config {home}/direct.yaml --store {home}/store "
#define LIFE_FAR "--config {home}/far.yaml --store {home}/far "

struct life {
	struct flink *flink;
	struct sshd *servers;
	struct bench *bench;
	const char *failed; /* a version that did not come up: not tried again */
};

void life_enter(struct life *life, const char *version, const char *name);
void life_leave(struct life *life); /* also the servers */
/* {home}/known_hosts is that file of the servers from now on. */
void life_known_hosts(struct life *life, const char *file);
/* One more commit on the project's main; its release, malloc'd. */
char *life_next_release(struct life *life);
/* The one job of that name that lives, as the JobManager says; malloc'd, NULL = none. */
char *life_job(struct life *life, const char *name);
/* Cancels what lives and waits until it has ended: what a case left is not in the next one's way. */
void life_end_jobs(struct life *life);

/* A jar, built from a branch or tag of the project. */
struct life_app {
	const char *name;
	const char *ref;  /* NULL = main */
	const char *host; /* of the build; NULL = local */
	const char *args; /* more of them: ", --retain, 'true'"; or NULL */
	const char *more; /* lines of the file; or NULL */
};
void life_declare(struct life *life, const struct life_app *app);

/* What the job of that name wrote last. */
struct count {
	const char *name;
	char release[16];
	long long restored, count, event;
	/* what was waited for */
	long long above;
	const struct count *before;
};
bool life_read(struct life *life, struct count *count);
/* Waits until it has counted above that; nothing was lost and nothing was counted twice. */
struct count life_count(struct life *life, const char *name, long long above);
/*
 * The same of the start after the one that `before` was read from: waits until it has restored that
 * state, or a later one, and has counted on. A start from less fails the case.
 */
struct count life_goes_on(struct life *life, const struct count *before);

/*
 * Words after "weir". part: of stdout when exit_code is 0, else of stderr; or NULL. Returns stdout,
 * malloc'd.
 */
char *life_verb(
	struct life *life, const char *row, const char *words, int exit_code, const char *part);
void life_ok(struct life *life, const char *row, const char *words);
void life_refused(
	struct life *life, const char *row, const char *words, int exit_code, const char *part);
/* Each to its end, with --yes, on the way LIFE_DIRECT or LIFE_FAR. */
void life_go(struct life *life, const char *way, const char *name, const char *const *verbs);
#define LIFE_GO " --yes --wait"
#define LIFE_AGREED " --agree-command" LIFE_GO

#endif
