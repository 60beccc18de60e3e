/*
 * A file up and down over a real sshd: weir beside OpenSSH's sftp, in turn, medians of five rounds; by
 * libssh2 and by the ssh program (transport: openssh); on loopback (128 MiB), and over a line whose round
 * trip takes 40 ms (64, 10 and 1 MiB; a relay keeps each byte for 20 ms, and takes as many as come). weir's
 * whole time has all of it: the data, the checksum on both sides, the rename; sftp compares nothing, so
 * the goal is for the data. The connection is not counted for weir (it is kept); for sftp the time of
 * an empty session right after it is taken off. A word (near, far, far10, far1) measures one of the four.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "tests/bench/figures.h"
#include "tests/bench/relay.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/program.h"

#define MIB ((int64_t)1 << 20)
#define ROUNDS 5
#define ONE_WAY_MS 20
#define GOAL 0.8

/* A line to the server, and the two hosts of the configuration that use it. */
struct line {
	const char *word; /* of the command line, to measure it alone */
	const char *name;
	bool is_far;
	int64_t bytes;
};

static const char *const transports[] = {"libssh2", "openssh"};
static const char *const hosts[2][2] = {{"near", "near-openssh"}, {"far", "far-openssh"}};

static const struct line lines[] = {
	{"near", "loopback, 128 MiB", false, 128 * MIB},
	{"far", "a round trip of 40 ms, 64 MiB", true, 64 * MIB},
	{"far10", "a round trip of 40 ms, 10 MiB", true, 10 * MIB},
	{"far1", "a round trip of 40 ms, 1 MiB", true, MIB},
};

static struct {
	struct kit kit;
	struct relay *relay;
	int near, far; /* ports */
	char *dir, *from, *to;
} b;

static void make_file(int64_t bytes)
{
	FILE *file = fopen(b.from, "w");
	uint64_t block[4096], state = 1;

	for (int64_t done = 0; file && done < bytes; done += (int64_t)sizeof(block)) {
		for (size_t i = 0; i < ARRAY_SIZE(block); i++)
			block[i] = state = state * 6364136223846793005U + 1442695040888963407U;
		fwrite(block, 1, sizeof(block), file);
	}
	if (!file || fclose(file))
		exit(1);
}

/* ssh_put() gives one pointer to both of its callbacks. */
struct copying {
	struct ending ending; /* first: on_end() takes it for this */
	int64_t last_ns, last_bytes, total_bytes;
};

static void on_progress(void *data, int64_t done_bytes, int64_t total_bytes)
{
	struct copying *copying = data;

	copying->total_bytes = total_bytes;
	if (done_bytes <= copying->last_bytes)
		return;
	copying->last_ns = now_ns();
	copying->last_bytes = done_bytes;
}

/* Milliseconds of all of it. data_ms: of the data alone, by what its progress told last; or NULL. */
static double by_weir(const char *host, bool is_put, double *data_ms)
{
	struct copying c = {0};
	struct ssh_copy_options options = {.host = host,
		.local_path = b.from,
		.remote_path = b.to,
		.on_progress = on_progress};
	int64_t began_ns, took_ns;

	if (!is_put) {
		options.local_path = b.to;
		options.remote_path = b.from;
	}
	unlink(b.to);
	began_ns = now_ns();
	(is_put ? ssh_put : ssh_get)(b.kit.ssh, &options, on_end, &c);
	while (!c.ending.done)
		loop_turn(b.kit.loop, 1000);
	took_ns = now_ns() - began_ns;
	if (c.ending.err.code) {
		fprintf(stderr, "weir: %s\n", c.ending.err.text);
		exit(1);
	}
	ending_release(&c.ending);
	if (data_ms)
		*data_ms = (double)took_ns / 1e6;
	/* A small file is there before its progress is told. */
	if (data_ms && c.last_bytes > c.total_bytes / 2)
		*data_ms = (double)(c.last_ns - began_ns) / 1e6 * (double)c.total_bytes /
			(double)c.last_bytes;
	return (double)took_ns / 1e6;
}

static double by_sftp(const struct line *line, const char *order)
{
	char *port = xasprintf("%d", line->is_far ? b.far : b.near);
	char *known = xasprintf("UserKnownHostsFile=%s", b.kit.known_hosts);
	char *batch = temp_path(b.dir, "batch");
	int64_t began_ns, took_ns;
	struct program *p;

	temp_file(batch, order);
	unlink(b.to);
	began_ns = now_ns();
	p = program_run(&(struct program_setup){.file = "sftp",
		.words = (const char *[]){"-q", "-b", batch, "-P", port, "-i", b.kit.hosts[0].key,
			"-F", "none", "-o", known, "-o", "IdentityAgent=none", "root@127.0.0.1",
			NULL},
		.deadline_ms = 600000});
	took_ns = now_ns() - began_ns;
	if (p->exit_code) {
		fprintf(stderr, "sftp: %s\n", buf_str(&p->err));
		exit(1);
	}
	program_free(p);
	free(port);
	free(known);
	free(batch);
	return (double)took_ns / 1e6;
}

static void figure(
	const char *verb, const char *who, const char *what, const char *unit, double value)
{
	char *text = xasprintf("%s: %s, %s", verb, who, what);

	if (*unit)
		figure_value(text, unit, value);
	else
		figure_goal(text, unit, value, ">=", GOAL);
	free(text);
}

static void compare(const struct line *line, bool is_put)
{
	const char *verb = is_put ? "put" : "get";
	char *order = is_put ? xasprintf("put %s %s\n", b.from, b.to)
			     : xasprintf("get %s %s\n", b.from, b.to);
	samples_vec weir[2] = {0}, data[2] = {0}, sftp = {0};
	double sftp_ms, kb = (double)line->bytes / 1e3;

	for (int i = 0; i < ROUNDS; i++) {
		double all_ms = by_sftp(line, order);

		vec_push(&sftp, all_ms - by_sftp(line, "pwd\n"));
		for (int t = 0; t < 2; t++) {
			double ms = 0;

			vec_push(&weir[t], by_weir(hosts[line->is_far][t], is_put, &ms));
			vec_push(&data[t], ms);
		}
	}
	sftp_ms = samples_median(&sftp);
	figure(verb, "sftp", "whole", "ms", sftp_ms);
	figure(verb, "sftp", "rate", "MB/s", kb / sftp_ms);
	for (int t = 0; t < 2; t++) {
		double data_ms = samples_median(&data[t]), all_ms = samples_median(&weir[t]);

		figure(verb, transports[t], "whole, with both checksums", "ms", all_ms);
		figure(verb, transports[t], "rate of the data", "MB/s", kb / data_ms);
		figure(verb, transports[t], "the data over sftp", "", sftp_ms / data_ms);
		figure(verb, transports[t], "with both checksums over sftp", "", sftp_ms / all_ms);
		vec_release(&weir[t]);
		vec_release(&data[t]);
	}
	vec_release(&sftp);
	free(order);
}

static void add_host(const char *name, int port, int transport)
{
	struct kit *k = &b.kit;
	struct host_config *host = &k->hosts[k->host_count];

	kit_host(k, "gw", "id_ed25519", "key", NULL);
	free(host->name);
	host->name = xstrdup(name);
	host->port = port;
	host->transport = transport;
}

/* The server's key, under both of its ports. */
static void know(int near, int far)
{
	char *path = temp_path(b.dir, "known_hosts"), *line;
	struct program *p;

	line = xasprintf(
		"(ssh-keyscan -p %d 127.0.0.1; ssh-keyscan -p %d 127.0.0.1) >%s 2>/dev/null", near,
		far, path);
	p = program_run(&(struct program_setup){
		.file = "/bin/sh", .words = (const char *[]){"-c", line, NULL}});
	check_int("ssh-keyscan", p->exit_code, 0);
	program_free(p);
	free(line);
	b.kit.known_hosts = path;
}

static void measure(const struct line *line)
{
	make_file(line->bytes);
	for (int t = 0; t < 2; t++)
		by_weir(hosts[line->is_far][t], true,
			NULL); /* connects, and warms the disk's cache */
	figures_title(line->name);
	compare(line, true);
	compare(line, false);
}

int main(int argc, char **argv)
{
	struct kit *k = &b.kit;
	struct err err = {0};

	check_locale();
	unsetenv("SSH_AUTH_SOCK");
	figures_open("bench_sftp");
	k->servers = sshd_up();
	if (!k->servers)
		return 1;
	b.near = sshd_port(k->servers, "gw");
	b.relay = relay_start(b.near, ONE_WAY_MS);
	b.far = relay_port(b.relay);
	if (loop_open(&k->loop, &err))
		return 1;
	b.dir = temp_dir();
	b.from = temp_path(b.dir, "from");
	b.to = temp_path(b.dir, "to");
	know(b.near, b.far);
	add_host("near", b.near, TRANSPORT_LIBSSH2);
	add_host("near-openssh", b.near, TRANSPORT_OPENSSH);
	add_host("far", b.far, TRANSPORT_LIBSSH2);
	add_host("far-openssh", b.far, TRANSPORT_OPENSSH);
	kit_open(k, false);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (argc < 2 || !strcmp(argv[1], lines[i].word))
			measure(&lines[i]);
	figures_close();
	kit_close(k);
	loop_close(k->loop);
	relay_stop(b.relay);
	sshd_down(k->servers);
	free(k->known_hosts);
	temp_dir_remove(b.dir);
	free(b.from);
	free(b.to);
	return 0;
}
