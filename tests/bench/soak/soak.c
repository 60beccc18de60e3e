/*
 * soak SECONDS [JOBS MANAGERS]: the console on a pseudo-terminal, at a fleet that is not there and of which 1 % changes each
 * second (more when there is little time: 20 % in a minute), with somebody at the keys. Each application's memory has what it
 * will ever have once it changed a few times, so from then on, and after a twelfth of the time, nothing may grow any
 * more: memory (the medians of the first and the last quarter of what is left), descriptors that are no connections,
 * threads, connections (by more than a quarter: each lives two minutes at least). In the end the console is left by a
 * key, and has to end well. Prints what it sees each tenth; ends with 1 and says why when
 * something of this is not so. With WEIR_SOAK_ONLY_RUNS set (under a checker, which has memory of its own) only the
 * end is judged.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/scale.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define NO_BUDGET 100000
#define DEADLINE_MS 300000
#define LOOK_MS 250
#define QUARTERS 4
/* An allocator's noise, and two large pages; a leak of a byte for each request is more than that within an hour. */
#define GROWTH_PART 0.02
#define GROWTH_MIB 4.0
#define CONNECTIONS_GROWTH 1.25
#define CHANGES_EACH 5 /* of an application, until it has all that it will have */
#define CHURN_MOST 20

struct look {
	int files, sockets, threads;
	double rss, cpu;
};

struct soak {
	struct scale scale;
	struct screen *screen;
	int64_t began_ns, seconds, churn;
	samples_vec rss[QUARTERS], sockets[QUARTERS];
	int files_first, files_last, threads_first, threads_most,
		sockets_most; /* from the first quarter on */
	int failures;
};

static double since_s(int64_t ns)
{
	return (double)(now_ns() - ns) / 1e9;
}

/* ---- looking ---- */

static bool is_socket(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name), to[64] = "";
	ssize_t len = readlink(path, to, sizeof(to) - 1);

	free(path);
	return len > 0 && str_starts(to, "socket:");
}

/* Entries of a folder of /proc that are numbers; of sockets only where they are asked for. */
static int count_entries(pid_t pid, const char *folder, int *sockets)
{
	char *path = xasprintf("/proc/%d/%s", (int)pid, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		if (sockets && is_socket(path, entry->d_name))
			++*sockets;
		else
			count++;
	}
	if (dir)
		closedir(dir);
	free(path);
	return count;
}

static struct look look(const struct soak *soak)
{
	pid_t pid = screen_pid(soak->screen);
	struct look now = {.rss = rss_mib(pid), .cpu = cpu_s(pid)};

	now.files = count_entries(pid, "fd", &now.sockets);
	now.threads = count_entries(pid, "task", NULL);
	return now;
}

/* ---- the console ---- */

static bool never(struct screen *screen, void *data)
{
	(void)screen;
	(void)data;
	return false;
}

static bool has_ended(struct soak *soak)
{
	return kill(screen_pid(soak->screen), 0) != 0 || screen_pid(soak->screen) == 0;
}

static bool were_asked_twice(struct screen *screen, void *data)
{
	struct soak *soak = data;

	(void)screen;
	return scale_count(&soak->scale, "/jobs/overview") >= 2 * (int64_t)soak->scale.managers;
}

/* One key at a time, each way back included: so it may go on for ever. */
static void press_next(struct soak *soak, size_t turn)
{
	static const char *const keys[] = {"j", "j", "\x1b[6~", "\x1b[6~", "k", "/", "o", "r", "d",
		"\x1b", "s", "s", "\t", "\t", "\t", "\t", "\r", "\t", "\t", "\x1b", "G", "g", "s",
		"s", ":messages\r", "\x1b", ":apps\r"};

	screen_type(soak->screen, keys[turn % ARRAY_SIZE(keys)]);
}

static void not_so(struct soak *soak, const char *what)
{
	printf("  NOT so: %s\n", what);
	soak->failures++;
}

/* ---- the time ---- */

static void tell(struct soak *soak, const struct look *now, double cpu_before, double over_s)
{
	printf("  %7.0f s: RSS %.1f MiB · %d connections, %d other descriptors, %d threads · CPU "
	       "%.1f %% "
	       "of a core · %lld requests\n",
		since_s(soak->began_ns), now->rss, now->sockets, now->files, now->threads,
		(now->cpu - cpu_before) / over_s * 100,
		(long long)scale_count(&soak->scale, "requests"));
}

/* part: of what is left after the beginning, 0 to 1. */
static void note(struct soak *soak, const struct look *now, double part)
{
	int quarter = (int)(part * QUARTERS);

	quarter = quarter < QUARTERS ? quarter : QUARTERS - 1;
	vec_push(&soak->rss[quarter], now->rss);
	vec_push(&soak->sockets[quarter], (double)now->sockets);
	/* The least: files that are only being read come and go. */
	if (quarter == 0 && now->files < soak->files_first)
		soak->files_first = now->files;
	if (quarter == QUARTERS - 1 && now->files < soak->files_last)
		soak->files_last = now->files;
	if (quarter == 0 && now->threads > soak->threads_first)
		soak->threads_first = now->threads;
	if (now->threads > soak->threads_most)
		soak->threads_most = now->threads;
}

static double most(double a, double b)
{
	return a > b ? a : b;
}

static void wait_and_look(struct soak *soak)
{
	double total_s = (double)soak->seconds, told_s = 0, settled_s, now_s, cpu_told = 0;
	size_t turn = 0;
	struct look now;

	if (!screen_until(soak->screen, were_asked_twice, soak, DEADLINE_MS)) {
		not_so(soak, "all were asked twice within five minutes");
		return;
	}
	settled_s = since_s(soak->began_ns);
	settled_s = most(settled_s, total_s / 12);
	settled_s = most(settled_s, 100.0 * CHANGES_EACH / (double)soak->churn);
	printf("  all were asked twice after %.0f s; looked at from %.0f s on\n",
		since_s(soak->began_ns), settled_s);
	do {
		press_next(soak, turn++);
		screen_until(soak->screen, never, NULL, LOOK_MS);
		if (has_ended(soak)) {
			not_so(soak, "the console runs to the end");
			return;
		}
		now_s = since_s(soak->began_ns);
		now = look(soak);
		if (now_s >= settled_s && total_s > settled_s)
			note(soak, &now, (now_s - settled_s) / (total_s - settled_s));
		if (now_s - told_s >= total_s / 10) {
			tell(soak, &now, cpu_told, now_s - told_s);
			told_s = now_s;
			cpu_told = now.cpu;
		}
	} while (now_s < total_s);
}

/* ---- judging ---- */

static void judge(struct soak *soak)
{
	double first = samples_median(&soak->rss[0]),
	       last = samples_median(&soak->rss[QUARTERS - 1]);
	double allowed = GROWTH_MIB + first * GROWTH_PART;

	if (!soak->rss[0].len || !soak->rss[QUARTERS - 1].len) {
		not_so(soak, "there was time to look at it (more SECONDS)");
		return;
	}
	printf("  RSS, medians of the quarters: %.1f %.1f %.1f %.1f MiB; may grow by %.1f\n", first,
		samples_median(&soak->rss[1]), samples_median(&soak->rss[2]), last, allowed);
	printf("  other descriptors %d → %d; threads at most %d → %d; connections %.0f → %.0f\n",
		soak->files_first, soak->files_last, soak->threads_first, soak->threads_most,
		samples_median(&soak->sockets[0]), samples_median(&soak->sockets[QUARTERS - 1]));
	if (last - first > allowed)
		not_so(soak, "memory does not grow");
	if (soak->files_last > soak->files_first)
		not_so(soak, "no descriptor is left behind");
	if (samples_median(&soak->sockets[QUARTERS - 1]) >
		samples_median(&soak->sockets[0]) * CONNECTIONS_GROWTH)
		not_so(soak, "connections do not become more");
	if (soak->threads_most > soak->threads_first)
		not_so(soak, "no thread is left behind");
}

static void leave(struct soak *soak)
{
	if (!soak->failures) {
		/* Out of whatever is open, and then out of the program. */
		screen_type(soak->screen, "\x1b");
		screen_until(soak->screen, never, NULL, LOOK_MS);
		screen_type(soak->screen, "\x03");
		if (screen_end(soak->screen) != 0)
			not_so(soak, "the console ends with 0");
		screen_check_sane("the terminal", soak->screen);
	}
	screen_free(soak->screen);
}

/* A connection for each takes a descriptor there too. */
static int managers_possible(int wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max >= (rlim_t)wanted + 512)
		return wanted;
	printf("soak: %lld files may be open here: 100 JobManagers instead of %d\n",
		(long long)limit.rlim_max, wanted);
	return 100;
}

int main(int argc, char **argv)
{
	struct soak soak = {.files_first = INT_MAX, .files_last = INT_MAX};
	int64_t jobs = 10000, managers = 10000;
	char *order;

	if ((argc != 2 && argc != 4) || !str_to_int64(argv[1], &soak.seconds) || soak.seconds < 1 ||
		(argc == 4 &&
			(!str_to_int64(argv[2], &jobs) || !str_to_int64(argv[3], &managers)))) {
		fprintf(stderr, "usage: soak SECONDS [JOBS MANAGERS]\n");
		return 2;
	}
	check_locale();
	setvbuf(stdout, NULL, _IOLBF, 0);
	managers = managers_possible((int)managers);
	soak.churn = soak.seconds >= 60 * CHURN_MOST ? 1 : 60 * CHURN_MOST / soak.seconds;
	soak.churn = soak.churn < CHURN_MOST ? soak.churn : CHURN_MOST;
	printf("soak: %lld applications at %lld JobManagers for %lld s, %lld %% change in a "
	       "second\n",
		(long long)jobs, (long long)managers, (long long)soak.seconds,
		(long long)soak.churn);
	scale_open(&soak.scale, (int)jobs, (int)managers, NO_BUDGET);
	order = xasprintf("churn %lld%%", (long long)soak.churn);
	scale_order(&soak.scale, order);
	free(order);
	soak.began_ns = now_ns();
	soak.screen = screen_start(&(struct screen_setup){.home = soak.scale.home,
		.words = (const char *[]){"--config", soak.scale.config, "--store",
			soak.scale.store, NULL},
		.rows = 50,
		.cols = 200});
	wait_and_look(&soak);
	if (!soak.failures && !getenv("WEIR_SOAK_ONLY_RUNS"))
		judge(&soak);
	leave(&soak);
	scale_close(&soak.scale);
	printf("soak: %s\n", soak.failures ? "FAILED" : "nothing grows");
	return soak.failures != 0;
}
