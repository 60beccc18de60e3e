/*
 * A file up and down over a real sshd: weir beside OpenSSH's sftp, in turn, the best of the rounds each;
 * by libssh2 and by the ssh program (transport: openssh); on loopback (256 MiB), and over a line whose
 * round trip takes 40 ms (64 MiB; a relay keeps each byte for 20 ms, and takes as many as come). weir's
 * whole time has all of it: the data, the checksum on both sides, the rename; sftp compares nothing, so
 * the goal is for the data alone. The connection is not counted for weir (it is kept); for sftp the time of
 * an empty session is taken off.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "tests/bench/figures.h"
#include "tests/bench/relay.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/program.h"

#define NEAR_BYTES ((int64_t)256 << 20)
#define FAR_BYTES ((int64_t)64 << 20)
#define NEAR_ROUNDS 5
#define FAR_ROUNDS 3
#define ONE_WAY_MS 20
#define GOAL 0.8

/* A line to the server, and the two hosts of the configuration that use it. */
struct line {
	const char *name;
	int port, rounds;
	int64_t bytes;
	const char *hosts[2];
};

static const char *const transports[] = {"libssh2", "openssh"};

static struct {
	struct kit kit;
	struct relay *relay;
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
	int64_t last_ns, last_bytes;
};

static void on_progress(void *data, int64_t done_bytes, int64_t total_bytes)
{
	struct copying *copying = data;

	(void)total_bytes;
	if (done_bytes <= copying->last_bytes)
		return;
	copying->last_ns = now_ns();
	copying->last_bytes = done_bytes;
}

/* Milliseconds of all of it. data_rate: MB/s until the data's progress was told last; or NULL. */
static double by_weir(const char *host, bool is_put, double *data_rate)
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
	if (data_rate && c.last_bytes)
		*data_rate = (double)c.last_bytes * 1e3 / (double)(c.last_ns - began_ns);
	return (double)took_ns / 1e6;
}

static double by_sftp(const struct line *line, const char *order)
{
	char *port = xasprintf("%d", line->port);
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

static void tell(const char *what, int64_t bytes, double ms)
{
	figure_value(what, "MB/s", (double)bytes / 1e3 / ms);
}

static void compare(const struct line *line, bool is_put)
{
	const char *verb = is_put ? "put" : "get";
	char *order = is_put ? xasprintf("put %s %s\n", b.from, b.to)
			     : xasprintf("get %s %s\n", b.from, b.to);
	samples_vec weir[2] = {0}, data[2] = {0}, sftp = {0}, empty = {0};
	double bare_ms, sftp_rate;
	char *text;

	for (int i = 0; i < line->rounds; i++) {
		vec_push(&sftp, by_sftp(line, order));
		vec_push(&empty, by_sftp(line, "pwd\n"));
		for (int t = 0; t < 2; t++) {
			double rate = 0;

			vec_push(&weir[t], by_weir(line->hosts[t], is_put, &rate));
			vec_push(&data[t], rate);
		}
	}
	bare_ms = samples_at(&sftp, 0) - samples_at(&empty, 0);
	text = xasprintf("%s: sftp", verb);
	tell(text, line->bytes, bare_ms);
	free(text);
	sftp_rate = (double)line->bytes / 1e3 / bare_ms;
	for (int t = 0; t < 2; t++) {
		double data_rate = samples_at(&data[t], 1), all_ms = samples_at(&weir[t], 0);

		text = xasprintf("%s: weir by %s, the data", verb, transports[t]);
		figure_value(text, "MB/s", data_rate);
		free(text);
		text = xasprintf("%s: weir by %s, with both checksums", verb, transports[t]);
		tell(text, line->bytes, all_ms);
		free(text);
		text = xasprintf("%s: weir by %s over sftp, the data", verb, transports[t]);
		figure_goal(text, "", data_rate / sftp_rate, ">=", GOAL);
		free(text);
		text = xasprintf(
			"%s: weir by %s over sftp, with both checksums", verb, transports[t]);
		figure_value(text, "", bare_ms / all_ms);
		free(text);
		vec_release(&weir[t]);
		vec_release(&data[t]);
	}
	vec_release(&sftp);
	vec_release(&empty);
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
		by_weir(line->hosts[t], true, NULL); /* connects, and warms the disk's cache */
	figures_title(line->name);
	compare(line, true);
	compare(line, false);
}

int main(void)
{
	struct kit *k = &b.kit;
	struct err err = {0};
	int near, far;

	check_locale();
	unsetenv("SSH_AUTH_SOCK");
	figures_open("bench_sftp");
	k->servers = sshd_up();
	if (!k->servers)
		return 1;
	near = sshd_port(k->servers, "gw");
	b.relay = relay_start(near, ONE_WAY_MS);
	far = relay_port(b.relay);
	if (loop_open(&k->loop, &err))
		return 1;
	b.dir = temp_dir();
	b.from = temp_path(b.dir, "from");
	b.to = temp_path(b.dir, "to");
	know(near, far);
	add_host("near", near, TRANSPORT_LIBSSH2);
	add_host("near-openssh", near, TRANSPORT_OPENSSH);
	add_host("far", far, TRANSPORT_LIBSSH2);
	add_host("far-openssh", far, TRANSPORT_OPENSSH);
	kit_open(k, false);
	measure(&(struct line){
		"loopback, 256 MiB", near, NEAR_ROUNDS, NEAR_BYTES, {"near", "near-openssh"}});
	measure(&(struct line){"a round trip of 40 ms, 64 MiB", far, FAR_ROUNDS, FAR_BYTES,
		{"far", "far-openssh"}});
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
