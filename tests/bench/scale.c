#include "tests/bench/scale.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

void scale_open(struct scale *scale, int jobs, int managers, int budget)
{
	scale_open_tls(scale, jobs, managers, budget, NULL, NULL);
}

void scale_open_tls(
	struct scale *scale, int jobs, int managers, int budget, const char *cert, const char *key)
{
	char *words[4];

	scale->jobs = jobs;
	scale->managers = managers;
	scale->home = temp_dir();
	scale->config = temp_path(scale->home, "config.yaml");
	scale->store = temp_path(scale->home, "store");
	words[0] = xasprintf("%d", jobs);
	words[1] = xasprintf("%d", managers);
	words[2] = xasprintf("%d", budget);
	scale->fleetd = fleetd_start_at(scale->home,
		(const char *[]){"--jobs", words[0], "--managers", words[1], "--budget", words[2],
			"--churn", "0", cert ? "--cert" : NULL, cert, "--key", key, NULL});
	for (size_t i = 0; i < 3; i++)
		free(words[i]);
}

void scale_close(struct scale *scale)
{
	fleetd_stop(scale->fleetd);
	free(scale->config);
	free(scale->store);
	temp_dir_remove(scale->home);
	memset(scale, 0, sizeof(*scale));
}

void scale_order(struct scale *scale, const char *order)
{
	char *said = fleetd_say(scale->fleetd, order);

	if (!str_starts(said, "ok")) {
		fprintf(stderr, "fleetd: %s: %s", order, said);
		exit(1);
	}
	free(said);
}

int64_t scale_count(struct scale *scale, const char *path)
{
	char *said = fleetd_say(scale->fleetd, "counts");
	json_t *counts = json_loads(said + strlen("ok "), 0, NULL);
	int64_t count = json_integer_value(json_object_get(counts, path));

	json_decref(counts);
	free(said);
	return count;
}

const char *scale_name(const struct scale *scale, const char *what)
{
	static char name[128];

	snprintf(name, sizeof(name), "%d/%d%s: %s", scale->jobs, scale->managers,
		scale->kind ? scale->kind : "", what);
	return name;
}

static char *proc_file(pid_t pid, const char *name)
{
	char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	struct buf text;

	buf_init(&text, 0);
	file_read(path, &text, NULL);
	free(path);
	return buf_detach(&text);
}

double cpu_s(pid_t pid)
{
	char *stat = proc_file(pid, "stat"), *at = strrchr(stat, ')');
	long user = 0, system = 0;

	if (at)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
	free(stat);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double rss_mib(pid_t pid)
{
	char *status = proc_file(pid, "status"), *at = strstr(status, "VmRSS:");
	long kib = 0;

	if (at)
		sscanf(at, "VmRSS: %ld", &kib);
	free(status);
	return (double)kib / 1024;
}
