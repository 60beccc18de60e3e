#include "tests/e2e/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

#define VERB_MS 120000

/* ---- what is declared ---- */

void life_declare(struct life *life, const struct life_app *app)
{
	const char *name = app->name;
	char *file = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\ntype: jar\n"
			       "flink-env: f\ncluster: sessions\nartifact: build\n"
			       "args: [--name, %s, --rate, '50', --interval, '1000', --out, "
			       "{home}/count-%s%s]\n"
			       "build:\n  git: {home}/project\n  ref: %s\n  host: %s\n"
			       "  command: mvn -B -q package\n  artifact: target/counter-*.jar\n%s",
		name, name, name, app->args ? app->args : "", app->ref ? app->ref : "main",
		app->host ? app->host : "local", app->more ? app->more : "");

	bench_file(life->bench, file, text);
	free(file);
	free(text);
}

void life_known_hosts(struct life *life, const char *file)
{
	bench_copy(life->bench, "known_hosts", sshd_file(life->servers, file));
}

static void far_file(struct life *life, const char *file, const char *gate)
{
	char *text = xasprintf(
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/far-releases\n  known-hosts: known_hosts\n"
		"  hosts:\n"
		"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: {key}, "
		"auth: [key]}\n"
		"  - {name: coded, address: 127.0.0.1, port: {otp}, user: root, key: {key}, "
		"auth: [key, otp]}\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, "
		"auth: [key], jump: %s}\n"
		"  flink-envs:\n  - {name: f, home: {flink}, host: gw}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\", via: gw}\n",
		gate);

	bench_file(life->bench, file, text);
	free(text);
}

static void configure(struct life *life)
{
	bench_set(life->bench, "url", life->flink->url);
	bench_set(life->bench, "key", sshd_file(life->servers, "id_ed25519"));
	bench_set_int(life->bench, "bastion", sshd_port(life->servers, "bastion"));
	bench_set_int(life->bench, "gw", sshd_port(life->servers, "gw"));
	bench_set_int(life->bench, "otp", sshd_port(life->servers, "otp"));
	life_known_hosts(life, "known_hosts");
	bench_file(
		life->bench, "ws/teams/t/team.yaml", "apiVersion: weir/v1\nkind: Team\nname: t\n");
	bench_file(life->bench, "direct.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n"
		"  flink-envs:\n  - {name: f, home: {flink}}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	far_file(life, "far.yaml", "bastion");
	far_file(life, "coded.yaml", "coded");
}

/* ---- set-up ---- */

static void end_version(struct life *life)
{
	flink_stop(life->flink);
	life->flink = NULL;
	bench_free(life->bench);
	life->bench = NULL;
}

void life_enter(struct life *life, const char *version, const char *name)
{
	char *project, *home;

	if (!flink_must_start(life->flink, &life->failed, version))
		return;
	end_version(life);
	if (!life->servers)
		life->servers = sshd_up();
	assert_non_null(life->servers);
	life->bench = bench_new();
	life->flink = flink_start(version, name);
	project = temp_path(life->bench->home, "project");
	free(flink_script(LIFE_PROJECT, WORDS("make", project), FLINK_START_MS));
	free(project);
	home = flink_script("tests/testbed/flink", WORDS("home", version), FLINK_START_MS);
	bench_set(life->bench, "flink", home);
	free(home);
	configure(life);
	life->failed = NULL;
}

void life_leave(struct life *life)
{
	end_version(life);
	sshd_down(life->servers);
	life->servers = NULL;
}

char *life_next_release(struct life *life)
{
	char *project = temp_path(life->bench->home, "project");
	char *release = flink_script(LIFE_PROJECT, WORDS("next", project), FLINK_START_MS);

	free(project);
	return release;
}

char *life_job(struct life *life, const char *name)
{
	json_t *overview = flink_get(life->flink, "/jobs/overview");
	const json_t *job;
	char *id = NULL;
	size_t i, count = 0;

	json_array_foreach (json_object_get(overview, "jobs"), i, job) {
		if (flink_job_is_over(job) ||
			!str_eq(json_string_value(json_object_get(job, "name")), name))
			continue;
		free(id);
		id = xstrdup(json_string_value(json_object_get(job, "jid")));
		count++;
	}
	json_decref(overview);
	assert_true(count <= 1);
	return id;
}

void life_end_jobs(struct life *life)
{
	if (life->flink)
		flink_end_jobs(life->flink);
}

/* ---- what the job says ---- */

static char *count_path(struct life *life, const char *name)
{
	char *file = xasprintf("count-%s", name), *path = temp_path(life->bench->home, file);

	free(file);
	return path;
}

bool life_read(struct life *life, struct count *count)
{
	char *path = count_path(life, count->name);
	FILE *file = fopen(path, "re");
	bool is_read = file &&
		fscanf(file, "release=%15s restored=%lld count=%lld event=%lld", count->release,
			&count->restored, &count->count, &count->event) == 4;

	if (file)
		fclose(file);
	free(path);
	return is_read;
}

struct reader {
	struct life *life;
	struct count *count;
};

static bool counts_above(struct flink *flink, void *data)
{
	const struct reader *reader = data;

	(void)flink;
	return life_read(reader->life, reader->count) &&
		reader->count->count > reader->count->above;
}

struct count life_count(struct life *life, const char *name, long long above)
{
	struct count count = {.name = name, .above = above};

	flink_until(life->flink, "the job counts", counts_above,
		&(struct reader){.life = life, .count = &count});
	check_int("as many as there were", count.count, count.event + 1);
	return count;
}

/* The one before writes until it ends: its line is told by what it had restored. */
static bool has_gone_on(struct flink *flink, void *data)
{
	const struct reader *reader = data;
	const struct count *before = reader->count->before;

	(void)flink;
	return life_read(reader->life, reader->count) &&
		reader->count->restored != before->restored &&
		reader->count->count > reader->count->restored;
}

struct count life_goes_on(struct life *life, const struct count *before)
{
	struct count count = {.name = before->name, .before = before};

	flink_until(life->flink, "the next start counts", has_gone_on,
		&(struct reader){.life = life, .count = &count});
	check_int("as many as there were", count.count, count.event + 1);
	if (count.restored < before->count)
		fail_msg("%s restored %lld and had counted %lld", before->name, count.restored,
			before->count);
	return count;
}

/* ---- verbs ---- */

char *life_verb(
	struct life *life, const char *row, const char *words, int exit_code, const char *part)
{
	struct program *p =
		bench_run_as(life->bench, words, &(struct program_setup){.deadline_ms = VERB_MS});
	char *out;

	if (p->exit_code != exit_code)
		print_error("%s: %s\n%s\n", row, words, buf_str(&p->err));
	check_int(row, p->exit_code, exit_code);
	if (part)
		check_has(row, exit_code ? buf_str(&p->err) : buf_str(&p->out), part);
	out = buf_detach(&p->out);
	program_free(p);
	return out;
}

void life_ok(struct life *life, const char *row, const char *words)
{
	free(life_verb(life, row, words, 0, NULL));
}

void life_refused(
	struct life *life, const char *row, const char *words, int exit_code, const char *part)
{
	free(life_verb(life, row, words, exit_code, part));
}

void life_go(struct life *life, const char *way, const char *name, const char *const *verbs)
{
	for (size_t i = 0; verbs[i]; i++) {
		bool builds = str_eq(verbs[i], "build") || str_eq(verbs[i], "ship");
		char *words =
			xasprintf("%s%s %s%s", way, verbs[i], name, builds ? LIFE_AGREED : LIFE_GO);

		life_ok(life, verbs[i], words);
		free(words);
	}
}
