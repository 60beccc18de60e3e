/*
 * fleetd: the JobManagers of a fleet that is not there. It says "ready PORT" on stdout, then answers
 * requests, and lines on stdin, each with one line that begins with "ok" or "error". It ends with its
 * stdin, so that it never outlives whoever started it.
 *
 *	change JOB [STATUS]   from now on job number JOB is in STATUS (RUNNING: started anew; RESTARTING;
 *	                      FAILED, CANCELED, FINISHED), default: the other of RUNNING and FAILED
 *	                      ok JOB STATUS NANOSECONDS (CLOCK_MONOTONIC: when that became true)
 *	churn PERCENT         so many of the jobs change in a second from now on
 *	manager N MANNER      JobManager N is fine, slow, dead or reset from now on
 *	clock MS              with --at: the time goes on by so much
 *	jobs                  a line for each job before the ok: number, team, name, cluster, id, status,
 *	                      restarts, Flink's name
 *	counts                ok and JSON: requests by path since the start, connections, bytes
 *	gaps [anew]           a line for each JobManager before the ok: number, manner, how often it was asked for
 *	                      its jobs, the longest time that it was not, in ms; anew: from now on
 *	stop                  end
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/fleetd/net.h"
#include "tests/bench/fleetd/paper.h"
#include "tests/bench/fleetd/sim.h"

#define LINE_BYTES 4096

struct fleetd {
	struct sim sim;
	struct net *net;
	struct buf lines; /* of stdin, not yet done */
	bool is_over;
};

struct options {
	struct sim_options sim;
	struct net_options net;
	struct paper paper;
	const char *config, *workspace;
};

/* ---- orders ---- */

static void say_error(const char *text)
{
	printf("error %s\n", text);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void do_change(struct fleetd *fleetd, char *words)
{
	const char *number = strsep(&words, " ");
	enum job_status status;
	int64_t job;

	if (!str_to_int64(number, &job) || job < 0 || job >= fleetd->sim.options.jobs) {
		say_error("no such job");
		return;
	}
	status = job_status_parse(words);
	if (!words) {
		struct sim_job now;

		sim_job(&fleetd->sim, (int)job, sim_now_ms(&fleetd->sim), &now);
		status = now.status == JOB_RUNNING ? JOB_FAILED : JOB_RUNNING;
	}
	if (status != JOB_RUNNING && status != JOB_RESTARTING && !job_status_is_terminal(status)) {
		say_error("no such status");
		return;
	}
	sim_change(&fleetd->sim, (int)job, status);
	printf("ok %lld %s %lld\n", (long long)job, job_status_name(status), (long long)now_ns());
}

static void do_churn(struct fleetd *fleetd, char *words)
{
	double percent;

	if (words && str_ends(words, "%"))
		words[strlen(words) - 1] = '\0';
	if (!words || !str_to_double(words, &percent) || percent < 0 || percent > 100) {
		say_error("not a percentage");
		return;
	}
	sim_churn(&fleetd->sim, percent);
	puts("ok");
}

static void do_manager(struct fleetd *fleetd, char *words)
{
	const char *number = words ? strsep(&words, " ") : "";
	enum manner manner = FINE;
	int64_t manager;

	while (manner < REFUSED && !str_eq(words, manner_names[manner]))
		manner++;
	if (manner == REFUSED || !str_to_int64(number, &manager) || manager < 0 ||
		manager >= fleetd->sim.options.managers) {
		say_error("no such JobManager, or no such manner");
		return;
	}
	fleetd->sim.manners[manager] = (uint8_t)manner;
	net_manner(fleetd->net, (int)manager);
	puts("ok");
}

static void do_clock(struct fleetd *fleetd, char *words)
{
	int64_t by_ms;

	if (fleetd->sim.options.frozen_ms < 0 || !words || !str_to_int64(words, &by_ms)) {
		say_error("the time runs by itself, or that is no number");
		return;
	}
	fleetd->sim.options.frozen_ms += by_ms;
	puts("ok");
}

static void do_jobs(struct fleetd *fleetd, char *words)
{
	const struct sim *sim = &fleetd->sim;
	int64_t now_ms = sim_now_ms(sim);

	(void)words;
	for (int i = 0; i < sim->options.jobs; i++) {
		char name[64], cluster[64];
		struct sim_job job;

		sim_job(sim, i, now_ms, &job);
		sim_app_name(sim, i, name);
		sim_cluster_name(job.manager, cluster);
		printf("%d %s %s %s %s %s %lld %s\n", i, sim_team(i), name, cluster, job.id,
			job.is_deploying ? "INITIALIZING" : job_status_name(job.status),
			(long long)job.restarts, job.name);
	}
	puts("ok");
}

static void do_counts(struct fleetd *fleetd, char *words)
{
	struct net_counts counts = net_counts(fleetd->net);
	uint64_t all = 0;

	(void)words;
	printf("ok {");
	for (int i = 0; i < PATH_MAX; i++) {
		printf("\"%s\": %llu, ", sim_path_names[i], (unsigned long long)counts.paths[i]);
		all += counts.paths[i];
	}
	printf("\"requests\": %llu, \"connections\": %llu, \"open\": %d, \"bytes\": %llu, "
	       "\"ns\": %lld}\n",
		(unsigned long long)all, (unsigned long long)counts.accepted, counts.open_now,
		(unsigned long long)counts.bytes_sent, (long long)now_ns());
}

static void do_gaps(struct fleetd *fleetd, char *words)
{
	for (int i = 0; i < fleetd->sim.options.managers; i++) {
		struct net_gap gap = net_gap(fleetd->net, i);

		printf("%d %s %d %lld\n", i, manner_names[fleetd->sim.manners[i]], gap.asked,
			(long long)gap.longest_ms);
	}
	if (str_eq(words, "anew"))
		net_gaps_begin(fleetd->net);
	puts("ok");
}

static void do_stop(struct fleetd *fleetd, char *words)
{
	(void)words;
	fleetd->is_over = true;
	puts("ok");
}

static void do_line(struct fleetd *fleetd, char *line)
{
	static const struct {
		const char *word;
		void (*run)(struct fleetd *fleetd, char *words);
	} orders[] = {
		{"change", do_change},
		{"churn", do_churn},
		{"manager", do_manager},
		{"clock", do_clock},
		{"jobs", do_jobs},
		{"counts", do_counts},
		{"gaps", do_gaps},
		{"stop", do_stop},
	};
	const char *word = strsep(&line, " ");

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
		if (str_eq(word, orders[i].word)) {
			orders[i].run(fleetd, line);
			return;
		}
	say_error("no such order");
}

/* What stdin has; its end is ours. */
static void read_orders(struct fleetd *fleetd)
{
	char data[LINE_BYTES], *newline;
	ssize_t len = read(STDIN_FILENO, data, sizeof(data));

	if (len <= 0 || buf_add(&fleetd->lines, data, (size_t)len)) {
		fleetd->is_over = true;
		return;
	}
	while ((newline = strchr(fleetd->lines.data, '\n'))) {
		size_t size = (size_t)(newline - fleetd->lines.data) + 1;

		*newline = '\0';
		do_line(fleetd, fleetd->lines.data);
		memmove(fleetd->lines.data, fleetd->lines.data + size,
			fleetd->lines.len - size + 1);
		fleetd->lines.len -= size;
	}
	fflush(stdout);
}

/* ---- options ---- */

enum {
	OPT_SEED = 1,
	OPT_JOBS,
	OPT_MANAGERS,
	OPT_BIG,
	OPT_CHURN,
	OPT_SICK,
	OPT_SLOW,
	OPT_SLOW_MS,
	OPT_DEAD,
	OPT_REFUSED,
	OPT_CHECKPOINTS,
	OPT_AT,
	OPT_EPOCH,
	OPT_FLINK,
	OPT_PORT,
	OPT_CERT,
	OPT_KEY,
	OPT_CONFIG,
	OPT_WORKSPACE,
	OPT_BUDGET,
	OPT_HELP
};

static const struct {
	struct option option;
	const char *help;
} known[] = {
	{{"jobs", 1, 0, OPT_JOBS}, "N      jobs (default: 1000)"},
	{{"managers", 1, 0, OPT_MANAGERS}, "M      JobManagers (default: 100)"},
	{{"big", 1, 0, OPT_BIG}, "N      so many of the jobs are at the first one"},
	{{"seed", 1, 0, OPT_SEED}, "S      (default: 1)"},
	{{"churn", 1, 0, OPT_CHURN}, "P      per cent of the jobs that change in a second (0.05)"},
	{{"sick", 1, 0, OPT_SICK}, "P      per cent of the jobs that are sick or ended (2)"},
	{{"slow", 1, 0, OPT_SLOW}, "P      per cent of the JobManagers that answer late (0)"},
	{{"slow-ms", 1, 0, OPT_SLOW_MS}, "MS     so late (3000)"},
	{{"dead", 1, 0, OPT_DEAD}, "P      per cent that take connections and never answer (0)"},
	{{"refused", 1, 0, OPT_REFUSED}, "P      per cent where nobody listens (0)"},
	{{"checkpoints", 1, 0, OPT_CHECKPOINTS},
		"MS     between two; default: each job has its own"},
	{{"flink", 1, 0, OPT_FLINK}, "V      1.16.3, 1.20.5 or 2.2.1; default: in turn"},
	{{"at", 1, 0, OPT_AT}, "MS     the time stands still so long after the start"},
	{{"epoch", 1, 0, OPT_EPOCH}, "MS     the start, since 1970; default: as it is now"},
	{{"port", 1, 0, OPT_PORT}, "PORT   default: a free one"},
	{{"cert", 1, 0, OPT_CERT}, "FILE   TLS with this certificate (PEM)"},
	{{"key", 1, 0, OPT_KEY}, "FILE   and its key"},
	{{"write-config", 1, 0, OPT_CONFIG},
		"FILE   weir's configuration, and clusters.csv beside it"},
	{{"write-workspace", 1, 0, OPT_WORKSPACE}, "DIR    an application file for each job"},
	{{"budget", 1, 0, OPT_BUDGET}, "N      of the configuration, requests in a second"},
	{{"help", 0, 0, OPT_HELP}, "       this"},
};

static void usage(FILE *out)
{
	fputs("usage: fleetd [OPTIONS]; orders come by stdin, it ends with it\n\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		fprintf(out, "  --%-16s %s\n", known[i].option.name, known[i].help);
}

static bool set_option(struct options *options, int which, const char *text)
{
	struct sim_options *sim = &options->sim;
	int64_t number = 0;
	double real = 0;
	bool is_number = str_to_int64(text, &number), is_real = str_to_double(text, &real);
	bool is_part = is_real && real >= 0 && real <= 100;
	bool is_count = is_number && number >= 0 && number <= 1000000;

	switch (which) {
	case OPT_SEED: return sim->seed = (uint64_t)number, is_number;
	case OPT_JOBS: return sim->jobs = (int)number, is_count && number > 0;
	case OPT_MANAGERS: return sim->managers = (int)number, is_count && number > 0;
	case OPT_BIG: return sim->big = (int)number, is_count;
	case OPT_CHURN: return sim->churn = real, is_part;
	case OPT_SICK: return sim->sick = real, is_part;
	case OPT_SLOW: return sim->manners[SLOW] = real, is_part;
	case OPT_DEAD: return sim->manners[DEAD] = real, is_part;
	case OPT_REFUSED: return sim->manners[REFUSED] = real, is_part;
	case OPT_SLOW_MS: return options->net.slow_ms = number, is_count;
	case OPT_CHECKPOINTS: return sim->checkpoint_ms = number, is_count && number >= 1000;
	case OPT_AT: return sim->frozen_ms = number, is_number && number >= 0;
	case OPT_EPOCH: return sim->epoch_ms = number, is_number;
	case OPT_FLINK: return sim->version = text, true;
	case OPT_PORT: return options->net.port = (int)number, is_count && number < 65536;
	case OPT_CERT: return options->net.cert = text, true;
	case OPT_KEY: return options->net.key = text, true;
	case OPT_CONFIG: return options->config = text, true;
	case OPT_WORKSPACE: return options->workspace = text, true;
	case OPT_BUDGET: return options->paper.budget = (int)number, is_count;
	default: return false;
	}
}

static bool read_options(int argc, char **argv, struct options *options)
{
	struct option list[ARRAY_SIZE(known) + 1] = {0};
	int which;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		list[i] = known[i].option;
	while ((which = getopt_long(argc, argv, "", list, NULL)) != -1) {
		if (which == OPT_HELP) {
			usage(stdout);
			exit(0);
		}
		if (which == '?' || !set_option(options, which, optarg)) {
			if (which != '?')
				fprintf(stderr, "fleetd: not for '%s'\n", optarg);
			return false;
		}
	}
	return optind == argc && options->sim.big <= options->sim.jobs &&
		!options->net.cert == !options->net.key;
}

/* ---- main ---- */

static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int write_paper(struct fleetd *fleetd, struct options *options)
{
	struct paper *paper = &options->paper;
	char *workspace = NULL;
	int rc = 0;

	paper->sim = &fleetd->sim;
	paper->port = net_port(fleetd->net);
	paper->refused_port = net_refused_port(fleetd->net);
	paper->has_tls = options->net.cert != NULL;
	if (options->workspace) {
		rc = paper_write_workspace(paper, options->workspace);
		paper->workspace = workspace = realpath(options->workspace, NULL);
	}
	if (rc == 0 && options->config)
		rc = paper_write_config(paper, options->config);
	free(workspace);
	return rc;
}

int main(int argc, char **argv)
{
	struct options options = {
		.sim = {.seed = 1,
			.jobs = 1000,
			.managers = 100,
			.churn = 0.05,
			.sick = 2,
			.epoch_ms = -1,
			.frozen_ms = -1},
		.net = {.slow_ms = 3000},
	};
	struct fleetd fleetd = {0};
	int rc = 1;

	if (!read_options(argc, argv, &options)) {
		usage(stderr);
		return 2;
	}
	if (options.sim.epoch_ms < 0)
		options.sim.epoch_ms =
			clock_wall_ms() - (options.sim.frozen_ms > 0 ? options.sim.frozen_ms : 0);
	raise_limit();
	buf_init(&fleetd.lines, 0);
	sim_init(&fleetd.sim, &options.sim);
	options.net.sim = &fleetd.sim;
	fleetd.net = net_open(&options.net);
	if (fleetd.net && write_paper(&fleetd, &options) == 0) {
		printf("ready %d\n", net_port(fleetd.net));
		fflush(stdout);
		while (!fleetd.is_over)
			if (net_turn(fleetd.net, STDIN_FILENO, -1))
				read_orders(&fleetd);
		rc = 0;
	}
	if (fleetd.net)
		net_close(fleetd.net);
	sim_release(&fleetd.sim);
	buf_release(&fleetd.lines);
	return rc;
}
