/*
 * A file up and down over a real sshd on loopback: weir beside OpenSSH's sftp, in turn, the best of
 * ROUNDS each. weir's time has all of it: the data, the checksum on both sides, the rename. sftp
 * compares nothing. The connection is not counted for weir (it is kept); for sftp the time of an
 * empty session is taken off. One line a figure: "name: value".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/program.h"

#define FILE_BYTES ((int64_t)256 << 20)
#define ROUNDS 5

static struct {
	struct kit kit;
	char *dir, *from, *to;
} b;

static void make_file(void)
{
	FILE *file = fopen(b.from, "w");
	uint64_t block[4096], state = 1;

	for (int64_t done = 0; file && done < FILE_BYTES; done += (int64_t)sizeof(block)) {
		for (size_t i = 0; i < ARRAY_SIZE(block); i++)
			block[i] = state = state * 6364136223846793005U + 1442695040888963407U;
		fwrite(block, 1, sizeof(block), file);
	}
	if (!file || fclose(file))
		exit(1);
}

static int64_t by_weir(bool is_put)
{
	struct ending e = {0};
	struct ssh_copy_options options = {.host = "gw", .local_path = b.from, .remote_path = b.to};
	int64_t start_ms;

	if (!is_put) {
		options.local_path = b.to;
		options.remote_path = b.from;
	}
	unlink(b.to);
	start_ms = clock_mono_ms();
	(is_put ? ssh_put : ssh_get)(b.kit.ssh, &options, on_end, &e);
	if (!kit_until(&b.kit, &e.done) || e.err.code) {
		fprintf(stderr, "weir: %s\n", e.err.text);
		exit(1);
	}
	ending_release(&e);
	return clock_mono_ms() - start_ms;
}

static int64_t by_sftp(const char *order)
{
	char *port = xasprintf("%d", sshd_port(b.kit.servers, "gw"));
	char *known = xasprintf("UserKnownHostsFile=%s", b.kit.known_hosts);
	char *batch = temp_path(b.dir, "batch");
	struct program *p;
	int64_t elapsed_ms;

	temp_file(batch, order);
	unlink(b.to);
	p = program_run(&(struct program_setup){.file = "sftp",
		.words = (const char *[]){"-q", "-b", batch, "-P", port, "-i", b.kit.hosts[0].key,
			"-F", "none", "-o", known, "-o", "IdentityAgent=none", "root@127.0.0.1",
			NULL}});
	if (p->exit_code) {
		fprintf(stderr, "sftp: %s\n", buf_str(&p->err));
		exit(1);
	}
	elapsed_ms = p->elapsed_ms;
	program_free(p);
	free(port);
	free(known);
	free(batch);
	return elapsed_ms;
}

static double rate(int64_t ms)
{
	return (double)FILE_BYTES / 1e6 / ((double)(ms > 0 ? ms : 1) / 1000);
}

static int64_t least(int64_t a, int64_t ms)
{
	return ms < a ? ms : a;
}

static void compare(const char *name, bool is_put)
{
	int64_t weir = INT64_MAX, sftp = INT64_MAX, empty = INT64_MAX;
	char *order = is_put ? xasprintf("put %s %s\n", b.from, b.to)
			     : xasprintf("get %s %s\n", b.from, b.to);

	for (int i = 0; i < ROUNDS; i++) {
		sftp = least(sftp, by_sftp(order));
		empty = least(empty, by_sftp("pwd\n"));
		weir = least(weir, by_weir(is_put));
	}
	sftp -= empty;
	printf("%s, 256 MiB, weir with both checksums: %.0f MB/s (%lld ms)\n", name, rate(weir),
		(long long)weir);
	printf("%s, 256 MiB, sftp: %.0f MB/s (%lld ms, an empty session of %lld ms taken off)\n",
		name, rate(sftp), (long long)sftp, (long long)empty);
	printf("%s, weir over sftp: %.2f\n", name, (double)sftp / (double)weir);
}

int main(void)
{
	struct kit *k = &b.kit;
	struct err err = {0};

	check_locale();
	unsetenv("SSH_AUTH_SOCK");
	k->servers = sshd_up();
	if (!k->servers || loop_open(&k->loop, &err))
		return 1;
	kit_known(k, "known_hosts");
	kit_host(k, "gw", "id_ed25519", "key", NULL);
	kit_open(k, false);
	b.dir = temp_dir();
	b.from = temp_path(b.dir, "from");
	b.to = temp_path(b.dir, "to");
	make_file();
	by_weir(true); /* connects, and warms the disk's cache */
	compare("upload", true);
	compare("download", false);
	kit_close(k);
	loop_close(k->loop);
	sshd_down(k->servers);
	free(k->known_hosts);
	temp_dir_remove(b.dir);
	free(b.from);
	free(b.to);
	return 0;
}
