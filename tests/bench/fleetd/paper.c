/* Files of a fleet are foreign content to weir like any other: names are small, ASCII and plain. */
#include "tests/bench/fleetd/paper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "tests/support/fleetd.h"

static int write_file(const char *path, const struct buf *text)
{
	FILE *file = fopen(path, "we");
	size_t len = file ? fwrite(buf_str(text), 1, text->len, file) : 0;
	int rc = file ? fclose(file) : -1;

	if (rc == 0 && len == text->len)
		return 0;
	fprintf(stderr, "fleetd: %s: %s\n", path, strerror(errno));
	return -1;
}

static int make_folder(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	fprintf(stderr, "fleetd: %s: %s\n", path, strerror(errno));
	return -1;
}

static void add_address(const struct paper *paper, int manager, struct buf *out)
{
	uint32_t at = fleetd_address(manager);
	bool is_refused = paper->sim->manners[manager] == REFUSED;

	buf_addf(out, "%s://%u.%u.%u.%u:%d", paper->has_tls ? "https" : "http", at >> 24,
		at >> 16 & 255, at >> 8 & 255, at & 255,
		is_refused ? paper->refused_port : paper->port);
}

/* A table has no column for TLS: then they stand in the configuration. */
static int write_clusters(const struct paper *paper, const char *config, struct buf *out)
{
	const char *slash = strrchr(config, '/');
	int dir_len = slash ? (int)(slash - config) + 1 : 0, rc;
	char *path = xasprintf("%.*sclusters.csv", dir_len, config);
	struct buf table;

	buf_init(&table, 0);
	buf_adds(&table, "name,type,rest\n");
	buf_adds(out, paper->has_tls ? "  clusters:\n" : "  clusters: {csv: clusters.csv}\n");
	for (int i = 0; i < paper->sim->options.managers; i++) {
		struct buf *to = paper->has_tls ? out : &table;
		char name[64];

		sim_cluster_name(i, name);
		buf_addf(to, paper->has_tls ? "  - {name: %s, rest: \"" : "%s,standalone,", name);
		add_address(paper, i, to);
		buf_adds(to, paper->has_tls ? "\", tls: {insecure: true}}\n" : "\n");
	}
	rc = paper->has_tls ? 0 : write_file(path, &table);
	buf_release(&table);
	free(path);
	return rc;
}

int paper_write_config(const struct paper *paper, const char *config)
{
	struct buf out;
	int rc;

	buf_init(&out, 0);
	buf_adds(&out, "current-context: fleet\ncontexts:\n- name: fleet\n  confirm: none\n");
	if (paper->workspace)
		buf_addf(&out, "  workspace: \"%s\"\n", paper->workspace);
	if (paper->budget)
		buf_addf(&out, "  budget: {requests-per-second: %d, per-cluster: %d}\n",
			paper->budget, paper->budget);
	rc = write_clusters(paper, config, &out);
	if (rc == 0)
		rc = write_file(config, &out);
	buf_release(&out);
	return rc;
}

static int write_team(const char *dir, int team)
{
	char *folder = xasprintf("%s/teams/%s", dir, sim_team(team));
	char *apps = xasprintf("%s/apps", folder), *path = xasprintf("%s/team.yaml", folder);
	struct buf text;
	int rc;

	buf_init(&text, 0);
	buf_addf(&text, "apiVersion: weir/v1\nkind: Team\nname: %s\nowner: owner-%d\n",
		sim_team(team), team);
	rc = make_folder(folder) || make_folder(apps) || write_file(path, &text) ? -1 : 0;
	buf_release(&text);
	free(path);
	free(apps);
	free(folder);
	return rc;
}

static int write_app(const struct paper *paper, const char *dir, int index)
{
	char name[64], job_name[64], cluster[64], *path;
	struct sim_job job;
	struct buf text;
	int rc;

	sim_app_name(paper->sim, index, name);
	sim_job_name(paper->sim, index, job_name);
	sim_cluster_name(sim_manager_of(paper->sim, index), cluster);
	sim_job(paper->sim, index, sim_now_ms(paper->sim), &job);
	path = xasprintf("%s/teams/%s/apps/%s.yaml", dir, sim_team(index), name);
	buf_init(&text, 0);
	buf_addf(&text,
		"apiVersion: weir/v1\nkind: Application\nname: %s\njobName: %s\ntype: jar\n"
		"cluster: %s\ntarget: remote\nartifact: jars/%s.jar\nmain-class: "
		"com.example.jobs.Main\nargs: [--topic, %s]\nparallelism: %d\nproperties: "
		"{execution.checkpointing.interval: %llds}\ntags: [%s]\nowner: owner-%d\n"
		"priority: %d\n",
		name, job_name, cluster, name, name, job.parallelism,
		(long long)job.checkpoint_ms / 1000, index % 10 ? "tier2" : "tier1, pager",
		index % SIM_TEAMS, 1 + index % 3);
	rc = write_file(path, &text);
	buf_release(&text);
	free(path);
	return rc;
}

int paper_write_workspace(const struct paper *paper, const char *dir)
{
	char *teams = xasprintf("%s/teams", dir);
	int rc = make_folder(dir) || make_folder(teams) ? -1 : 0;

	for (int i = 0; rc == 0 && i < SIM_TEAMS; i++)
		rc = write_team(dir, i);
	for (int i = 0; rc == 0 && i < paper->sim->options.jobs; i++)
		rc = write_app(paper, dir, i);
	free(teams);
	return rc;
}
