/* Files over real SSH: up and down, whole or not at all, cut and resumed, and every refusal. */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/cutter.h"
#include "tests/support/program.h"

#define MIB ((int64_t)1 << 20)

/* One copy: how it went, and what was told on the way. */
struct copied {
	struct ending end;
	int64_t bytes, told_first, told_last, total;
	char sha256[65];
	int told;
	int64_t mono_first_ms;
	const char *cut; /* whose connections are cut at the first word of progress */
	struct kit *kit;
};

static void on_copied(void *data, const struct ssh_result *result, const struct err *err)
{
	struct copied *c = data;

	c->bytes = result->bytes;
	snprintf(c->sha256, sizeof(c->sha256), "%s", result->sha256);
	on_end(&c->end, result, err);
}

static void on_progress(void *data, int64_t done_bytes, int64_t total_bytes)
{
	struct copied *c = data;

	if (!c->told) {
		c->mono_first_ms = clock_mono_ms();
		c->told_first = done_bytes;
	}
	assert_true(done_bytes >= c->told_last && done_bytes <= total_bytes);
	c->told++;
	c->told_last = done_bytes;
	c->total = total_bytes;
	if (c->cut)
		sshd_do(c->kit->servers, "cut", c->cut);
	c->cut = NULL;
}

static struct ssh_op *begin(struct kit *k, struct copied *c, bool is_put, const char *local,
	const char *remote, bool resume)
{
	struct ssh_copy_options options = {.host = "gw",
		.local_path = local,
		.remote_path = remote,
		.resume = resume,
		.mode = 0640,
		.on_progress = on_progress};

	c->kit = k;
	return (is_put ? ssh_put : ssh_get)(k->ssh, &options, on_copied, c);
}

static void copy(struct kit *k, struct copied *c, bool is_put, const char *local,
	const char *remote, bool resume)
{
	begin(k, c, is_put, local, remote, resume);
	if (!kit_until(k, &c->end.done))
		fail_msg("the copy of %s did not end", remote);
}

static void copied_release(struct copied *c)
{
	ending_release(&c->end);
	memset(c, 0, sizeof(*c));
}

static void up(struct kit *k)
{
	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "bastion");
	kit_open(k, false);
}

/* Bytes that differ everywhere, so that no part of a file stands for another. */
static void make_file(const char *path, int64_t len, unsigned seed)
{
	FILE *file = fopen(path, "w");
	uint64_t state = seed * 2654435761U + 1;

	assert_non_null(file);
	for (int64_t done = 0; done < len;) {
		uint64_t block[512];
		size_t share =
			len - done < (int64_t)sizeof(block) ? (size_t)(len - done) : sizeof(block);
		for (size_t i = 0; i < ARRAY_SIZE(block); i++)
			block[i] = state = state * 6364136223846793005U + 1442695040888963407U;
		assert_int_equal(fwrite(block, 1, share, file), share);
		done += (int64_t)share;
	}
	fclose(file);
}

/* Its checksum, by a program. */
static void sum_of(const char *path, char out[65])
{
	struct program *p = program_run(&(struct program_setup){
		.file = "sha256sum", .words = (const char *[]){"--", path, NULL}});

	check_int(path, p->exit_code, 0);
	snprintf(out, 65, "%s", buf_str(&p->out));
	program_free(p);
}

/* "{dir}" in it is the folder. malloc'd. */
static char *in_dir(const char *text, const char *dir)
{
	const char *at = strstr(text, "{dir}");

	return at ? xasprintf("%.*s%s%s", (int)(at - text), text, dir, at + 5) : xstrdup(text);
}

static int64_t size_of(const char *path)
{
	struct stat info;

	return stat(path, &info) ? -1 : info.st_size;
}

static void check_same(const char *name, const char *a, const char *b)
{
	char sum_a[65], sum_b[65];

	check_int(name, size_of(a), size_of(b));
	sum_of(a, sum_a);
	sum_of(b, sum_b);
	check_str(name, sum_a, sum_b);
}

static void up_and_down_with_checksum_mode_and_folders(void **state)
{
	static const int64_t sizes[] = {0, 1, 32768, 32769, 3 * MIB + 17, 16 * MIB};
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *back = temp_path(dir, "back");
	char *to = temp_path(dir, "a new 'folder'/and one in it/to the file");

	up(k);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct copied c = {0};
		char *part = xasprintf("%s.part", to), sum[65], name[32];
		struct stat info;

		snprintf(name, sizeof(name), "%lld bytes", (long long)sizes[i]);
		make_file(from, sizes[i], (unsigned)i);
		sum_of(from, sum);
		copy(k, &c, true, from, to, i % 2);
		check_ok(name, c.end.err.code, &c.end.err);
		check_int(name, c.bytes, sizes[i]);
		check_str(name, c.sha256, sum);
		check_same(name, from, to);
		check_int(name, size_of(part), -1);
		assert_int_equal(stat(to, &info), 0);
		check_int(name, info.st_mode & 07777, 0640);
		if (sizes[i])
			check_int(name, c.total, sizes[i]);
		copied_release(&c);
		unlink(back);
		copy(k, &c, false, back, to, i % 2);
		check_ok(name, c.end.err.code, &c.end.err);
		check_int(name, c.bytes, sizes[i]);
		check_str(name, c.sha256, sum);
		check_same(name, from, back);
		assert_int_equal(stat(back, &info), 0);
		check_int(name, info.st_mode & 07777, 0640);
		copied_release(&c);
		free(part);
	}
	temp_dir_remove(dir);
	free(from);
	free(back);
	free(to);
}

static void a_link_cut_in_the_middle_is_resumed(void **state)
{
	static const char *const where[] = {"gw", "bastion"};
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to");

	up(k);
	make_file(from, 64 * MIB, 7);
	for (int put = 0; put < 2; put++) {
		struct copied c = {.cut = where[put]};
		char *part = xasprintf("%s.part", to);
		int64_t there;

		unlink(to);
		if (put)
			copy(k, &c, true, from, to, false);
		else
			copy(k, &c, false, to, from, false);
		check_err("cut", c.end.err.code, &c.end.err, E_NET, "host gw: the link broke");
		check_int("not under its name", size_of(to), -1);
		there = size_of(part);
		assert_true(there > 0 && there < 64 * MIB);
		copied_release(&c);
		if (put)
			copy(k, &c, true, from, to, true);
		else
			copy(k, &c, false, to, from, true);
		check_ok("resumed", c.end.err.code, &c.end.err);
		check_bool("goes on", c.told_first >= there, true);
		check_int("told at the end", c.total, 64 * MIB);
		check_same("whole", from, to);
		check_int("no part", size_of(part), -1);
		copied_release(&c);
		free(part);
	}
	temp_dir_remove(dir);
	free(from);
	free(to);
}

static void a_part_of_another_file_is_not_resumed(void **state)
{
	static const int64_t sizes[] = {2 * MIB, 5 * MIB, 9 * MIB};
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to");
	char *part = temp_path(dir, "to.part");

	up(k);
	make_file(from, 5 * MIB, 3);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int put = 0; put < 2; put++) {
			struct copied c = {0};

			make_file(part, sizes[i], 99);
			copy(k, &c, put, put ? from : to, put ? to : from, true);
			check_ok("another's part", c.end.err.code, &c.end.err);
			check_bool("from the beginning", c.told_first < MIB, true);
			check_same("another's part", from, to);
			copied_release(&c);
		}
	temp_dir_remove(dir);
	free(from);
	free(to);
	free(part);
}

static void what_is_not_there_or_not_allowed_is_told(void **state)
{
	static const struct {
		const char *name;
		bool is_put;
		const char *local, *remote;
		enum err_code code;
		const char *text;
	} rows[] = {
		{"get nothing", false, "{dir}/x", "{dir}/none", E_NOTFOUND, "no such file"},
		{"get a folder", false, "{dir}/x", "{dir}", E_REMOTE, "cannot read {dir}: "},
		{"put nothing", true, "{dir}/none", "{dir}/x", E_NOTFOUND,
			"cannot read {dir}/none"},
		{"put a folder", true, "{dir}", "{dir}/x", E_INTERNAL, "is not a file"},
		{"put over a folder", true, "{dir}/from", "{dir}/folder", E_REMOTE,
			"cannot rename to {dir}/folder"},
		{"put where it is forbidden", true, "{dir}/from", "/sys/weir", E_DENIED,
			"host gw: cannot write /sys/weir.part: permission denied"},
		{"put under a file", true, "{dir}/from", "{dir}/from/x", E_NOTFOUND,
			"cannot write {dir}/from/x.part"},
		{"get into nowhere", false, "{dir}/no/x", "{dir}/from", E_INTERNAL,
			"cannot write {dir}/no/x.part"},
	};
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *folder = temp_path(dir, "folder");

	up(k);
	make_file(from, 100, 1);
	mkdir(folder, 0700);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct copied c = {0};
		char *local = in_dir(rows[i].local, dir);
		char *remote = in_dir(rows[i].remote, dir);
		char *text = in_dir(rows[i].text, dir);

		copy(k, &c, rows[i].is_put, local, remote, false);
		check_err(rows[i].name, c.end.err.code, &c.end.err, rows[i].code, text);
		copied_release(&c);
		free(local);
		free(remote);
		free(text);
	}
	temp_dir_remove(dir);
	free(from);
	free(folder);
}

/* A server that runs no commands: checksums are made by reading back. */
static void without_commands_over_there_it_is_read_back(void **state)
{
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to");
	char *part = temp_path(dir, "to.part"), *whole = temp_path(dir, "whole");

	kit_host(k, "sftponly", "id_ed25519", "key", NULL);
	free(k->hosts[0].name);
	k->hosts[0].name = xstrdup("gw");
	kit_open(k, false);
	make_file(from, 9 * MIB, 5);
	for (int other = 0; other < 2; other++) {
		struct copied c = {0};

		/* Its first four MiB, or as many of another. */
		make_file(part, 4 * MIB, other ? 6 : 5);
		copy(k, &c, true, from, to, true);
		check_ok("put", c.end.err.code, &c.end.err);
		check_bool("resumed", c.told_first >= 4 * MIB, !other);
		check_same("put", from, to);
		copied_release(&c);
		unlink(whole);
		copy(k, &c, false, whole, to, true);
		check_ok("get", c.end.err.code, &c.end.err);
		check_same("get", from, whole);
		copied_release(&c);
	}
	temp_dir_remove(dir);
	free(from);
	free(to);
	free(part);
	free(whole);
}

/* A file system of one MiB, where it may be mounted; else a device that is always full. */
static void a_full_disk_over_there_is_told_and_left_clean(void **state)
{
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *full = temp_path(dir, "full");
	char *to = temp_path(dir, "full/to"), *part = temp_path(dir, "full/to.part");
	struct copied c = {0};
	bool is_mounted;
	int64_t left;

	up(k);
	make_file(from, 5 * MIB, 1);
	mkdir(full, 0755);
	is_mounted = mount("weir-test", full, "tmpfs", 0, "size=1m") == 0;
	if (!is_mounted)
		assert_int_equal(symlink("/dev/full", part), 0);
	copy(k, &c, true, from, to, false);
	left = size_of(part);
	if (is_mounted)
		assert_int_equal(umount2(full, MNT_DETACH), 0); /* before anything can fail */
	check_err("full", c.end.err.code, &c.end.err, E_REMOTE,
		is_mounted ? "no space left over there" : "cannot write");
	check_int("not under its name", size_of(to), -1);
	if (is_mounted)
		check_int("nothing is left of it", left, -1);
	copied_release(&c);
	temp_dir_remove(dir);
	free(from);
	free(full);
	free(to);
	free(part);
}

static void cancel_leaves_the_part_and_the_next_goes_on(void **state)
{
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to");
	char *part = temp_path(dir, "to.part");
	struct copied c = {0}, next = {0};
	struct ssh_op *op;

	up(k);
	make_file(from, 64 * MIB, 2);
	op = begin(k, &c, true, from, to, false);
	assert_true(kit_until(k, &c.told));
	ssh_cancel(op);
	check_int("not told", c.end.done, 0);
	copy(k, &next, true, from, to, true);
	check_int("still not told", c.end.done, 0);
	check_ok("next", next.end.err.code, &next.end.err);
	check_bool("goes on", next.told_first > 0, true);
	check_same("next", from, to);
	check_int("no part", size_of(part), -1);
	copied_release(&next);
	temp_dir_remove(dir);
	free(from);
	free(to);
	free(part);
}

static void until_told(struct kit *k, struct copied *c)
{
	while (!c->told && !c->end.done)
		loop_turn(k->loop, 100);
	check_ok("it goes on", c->end.err.code, &c->end.err);
}

/* Of files that nobody waits for the end of: a hole is quickly made, and not quickly copied. */
static void two_at_once_do_not_hold_up_a_command(void **state)
{
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to");
	char *other = temp_path(dir, "other");
	struct copied a = {0}, b = {0};
	struct ending e = {0};
	struct ssh_op *put, *get;

	up(k);
	temp_file(from, "");
	assert_int_equal(truncate(from, 4096 * MIB), 0);
	put = begin(k, &a, true, from, to, false);
	get = begin(k, &b, false, other, from, false);
	until_told(k, &a);
	until_told(k, &b);
	kit_exec(k, "gw", "echo between", &e);
	check_ok("between", e.err.code, &e.err);
	check_str("between", e.out, "between\n");
	check_int("they go on", a.end.done + b.end.done, 0);
	/* At most ten times a second, and the last word. */
	check_bool("progress", a.told <= (clock_mono_ms() - a.mono_first_ms) / 100 + 2, true);
	check_bool("progress", b.told <= (clock_mono_ms() - b.mono_first_ms) / 100 + 2, true);
	ssh_cancel(put);
	ssh_cancel(get);
	ending_release(&e);
	copied_release(&a);
	copied_release(&b);
	temp_dir_remove(dir);
	free(from);
	free(to);
	free(other);
}

/* The bastion's key is also that of another port. */
static void know_at(struct kit *k, const char *dir, int port)
{
	char *known = temp_path(dir, "known_hosts");
	char *old = xasprintf("]:%d ", sshd_port(k->servers, "bastion"));
	struct buf text, at;
	const char *found;

	buf_init(&text, 0);
	buf_init(&at, 0);
	check_int("known_hosts", file_read(k->known_hosts, &text, NULL), 0);
	found = strstr(buf_str(&text), old);
	assert_non_null(found);
	buf_addf(&at, "[127.0.0.1]:%d %.*s\n", port, (int)strcspn(found + strlen(old), "\n"),
		found + strlen(old));
	temp_file(known, buf_str(&at));
	free(k->known_hosts);
	k->known_hosts = known;
	buf_release(&text);
	buf_release(&at);
	free(old);
}

/* What fills a slow line does not keep it: a small file comes down while a large one goes up. */
static void a_large_file_leaves_the_line_to_others(void **state)
{
	struct kit *k = *state;
	struct cutter *line = cutter_start(sshd_port(k->servers, "bastion"));
	char *dir = temp_dir(), *large = temp_path(dir, "large"), *to = temp_path(dir, "to");
	char *small = temp_path(dir, "small"), *here = temp_path(dir, "here");
	struct copied a = {0}, b = {0};
	struct ssh_op *put;

	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	free(k->hosts[0].name);
	k->hosts[0].name = xstrdup("gw");
	k->hosts[0].port = cutter_port(line);
	know_at(k, dir, cutter_port(line));
	kit_open(k, false);
	temp_file(large, "");
	assert_int_equal(truncate(large, 4096 * MIB), 0);
	make_file(small, MIB, 7);
	cutter_slow(line, (int)(4 * MIB));
	put = begin(k, &a, true, large, to, false);
	until_told(k, &a);
	copy(k, &b, false, here, small, false);
	check_ok("the small one", b.end.err.code, &b.end.err);
	check_int("the large one goes on", a.end.done, 0);
	ssh_cancel(put);
	kit_close(k);
	cutter_stop(line);
	copied_release(&a);
	copied_release(&b);
	temp_dir_remove(dir);
	free(large);
	free(to);
	free(small);
	free(here);
}

static void many_are_all_done(void **state)
{
	struct kit *k = *state;
	char *dir = temp_dir(), *from = temp_path(dir, "from");
	struct copied all[20] = {0};

	up(k);
	make_file(from, MIB, 8);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char *to = xasprintf("%s/%zu", dir, i);
		begin(k, &all[i], true, from, to, false);
		free(to);
	}
	assert_true(loop_run_until_idle(k->loop, DEADLINE_MS));
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char *to = xasprintf("%s/%zu", dir, i);
		check_int(to, all[i].end.done, 1);
		check_ok(to, all[i].end.err.code, &all[i].end.err);
		check_same(to, from, to);
		copied_release(&all[i]);
		free(to);
	}
	temp_dir_remove(dir);
	free(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(up_and_down_with_checksum_mode_and_folders, kit_clear),
		cmocka_unit_test_teardown(a_link_cut_in_the_middle_is_resumed, kit_clear),
		cmocka_unit_test_teardown(a_part_of_another_file_is_not_resumed, kit_clear),
		cmocka_unit_test_teardown(what_is_not_there_or_not_allowed_is_told, kit_clear),
		cmocka_unit_test_teardown(without_commands_over_there_it_is_read_back, kit_clear),
		cmocka_unit_test_teardown(a_full_disk_over_there_is_told_and_left_clean, kit_clear),
		cmocka_unit_test_teardown(cancel_leaves_the_part_and_the_next_goes_on, kit_clear),
		cmocka_unit_test_teardown(two_at_once_do_not_hold_up_a_command, kit_clear),
		cmocka_unit_test_teardown(a_large_file_leaves_the_line_to_others, kit_clear),
		cmocka_unit_test_teardown(many_are_all_done, kit_clear),
	};

	check_locale();
	return cmocka_run_group_tests(tests, kit_up, kit_down);
}
