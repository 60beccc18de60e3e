/* Copies, the same on every kind of host (which all are this machine here). */
#ifndef WEIR_TESTS_CORE_NET_SSH_COPIES_H
#define WEIR_TESTS_CORE_NET_SSH_COPIES_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/hash.h"
#include "tests/core/net/ssh_kit.h"

#define MIB ((size_t)1 << 20)

struct copied {
	struct ending end; /* first */
	int64_t bytes, first_done, last_done, total;
	char sha256[65];
	int progress;
	struct kit *kit;
	struct ssh_op *op;
	bool cancels;
};

static inline void on_copied(void *data, const struct ssh_result *result, const struct err *err)
{
	struct copied *c = data;

	c->bytes = result->bytes;
	snprintf(c->sha256, sizeof(c->sha256), "%s", result->sha256);
	on_end(data, result, err);
}

static inline void on_copying(void *data, int64_t done_bytes, int64_t total_bytes)
{
	struct copied *c = data;

	if (!c->progress++)
		c->first_done = done_bytes;
	c->last_done = done_bytes;
	c->total = total_bytes;
	if (c->cancels)
		ssh_cancel(c->op);
}

static inline void copy_start(
	struct kit *k, struct ssh_copy_options options, bool is_put, struct copied *c)
{
	c->kit = k;
	options.on_progress = on_copying;
	c->op = (is_put ? ssh_put : ssh_get)(k->ssh, &options, on_copied, c);
}

static inline void copy_run(
	struct kit *k, struct ssh_copy_options options, bool is_put, struct copied *c)
{
	memset(c, 0, sizeof(*c));
	copy_start(k, options, is_put, c);
	if (!kit_until(k, &c->end.done))
		fail_msg("the copy of %s did not end", options.local_path);
}

static inline char *file_text(const char *path, size_t *len)
{
	struct buf text;
	struct err err = {0};

	buf_init(&text, 256 * MIB);
	check_ok(path, file_read(path, &text, &err), &err);
	*len = text.len;
	return buf_detach(&text);
}

/* A file of bytes that are not alike anywhere. */
static inline char *make_file(const char *path, size_t len)
{
	char *data = xmalloc(len + 1);
	FILE *file = fopen(path, "w");
	uint32_t x = 12345;

	assert_non_null(file);
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = (char)(x >> 24);
	}
	assert_int_equal(len, fwrite(data, 1, len, file));
	fclose(file);
	return data;
}

static inline void check_same(const char *name, const char *path, const char *data, size_t len)
{
	size_t got = 0;
	char *text = file_text(path, &got);

	check_int(name, (int64_t)got, (int64_t)len);
	assert_memory_equal(text, data, len);
	free(text);
}

static inline void check_mode(const char *path, unsigned mode)
{
	struct stat info;

	assert_int_equal(0, stat(path, &info));
	check_int(path, info.st_mode & 07777, mode);
}

static inline void check_missing(const char *path)
{
	if (access(path, F_OK) == 0)
		fail_msg("%s is there", path);
}

static inline void copy_there_and_back(struct kit *k, const char *host, const char *dir, size_t len)
{
	char *from = temp_path(dir, "from"), *to = temp_path(dir, "new/folder/it's here"),
	     *back = temp_path(dir, "back"), *part = xasprintf("%s.part", to);
	char *data = make_file(from, len), sha256[65];
	struct copied c;

	hash_bytes(data, len, sha256);
	copy_run(k,
		(struct ssh_copy_options){
			.host = host, .local_path = from, .remote_path = to, .mode = 0640},
		true, &c);
	check_ok("put", c.end.err.code, &c.end.err);
	check_int("bytes", c.bytes, (int64_t)len);
	check_str("sha256", c.sha256, sha256);
	check_same("over there", to, data, len);
	check_mode(to, 0640);
	check_missing(part);
	ending_release(&c.end);
	copy_run(k, (struct ssh_copy_options){.host = host, .local_path = back, .remote_path = to},
		false, &c);
	check_ok("get", c.end.err.code, &c.end.err);
	check_str("sha256", c.sha256, sha256);
	check_same("back", back, data, len);
	check_mode(back, 0600);
	ending_release(&c.end);
	/* Over what is there. */
	copy_run(k,
		(struct ssh_copy_options){.host = host, .local_path = back, .remote_path = from},
		true, &c);
	check_ok("over it", c.end.err.code, &c.end.err);
	check_same("over it", from, data, len);
	ending_release(&c.end);
	free(data);
	free(from);
	free(to);
	free(back);
	free(part);
}

/* What cannot be: "%s" is the folder. */
static const struct {
	const char *name, *local, *remote, *text;
	bool is_put;
	int code;
} copy_refusals[] = {
	{"no file here", "%s/no-such-file", "%s/x", "no-such-file: No such file", true, E_NOTFOUND},
	{"no file there", "%s/x", "%s/no-such-file", "no-such-file", false, E_NOTFOUND},
	{"a folder here", "%s", "%s/x", "is not a file", true, E_INTERNAL},
	{"a folder there", "%s/x", "%s/sub", "", false, E_REMOTE},
	{"onto a folder", "%s/ok", "%s/sub", "", true, E_REMOTE},
	{"below a file", "%s/ok", "%s/ok/x", "", true, 0},
};

static inline void copy_rows_check(struct kit *k, const char *host)
{
	static const size_t sizes[] = {0, 1, 32768, 5 * MIB + 77};
	char *dir = temp_dir(), *ok = temp_path(dir, "ok"), *sub = temp_path(dir, "sub/file");

	temp_file(ok, "fine");
	temp_file(sub, "fine");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		copy_there_and_back(k, host, dir, sizes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(copy_refusals); i++) {
		struct copied c;
		char local[512], remote[512];

		assert_true((size_t)snprintf(local, sizeof(local), "%s%s", dir,
				    copy_refusals[i].local + 2) < sizeof(local));
		assert_true((size_t)snprintf(remote, sizeof(remote), "%s%s", dir,
				    copy_refusals[i].remote + 2) < sizeof(remote));
		copy_run(k,
			(struct ssh_copy_options){
				.host = host, .local_path = local, .remote_path = remote},
			copy_refusals[i].is_put, &c);
		if (copy_refusals[i].code)
			check_err(copy_refusals[i].name, c.end.err.code, &c.end.err,
				copy_refusals[i].code, copy_refusals[i].text);
		else
			check_bool(copy_refusals[i].name, c.end.err.code != 0, true);
		check_has(copy_refusals[i].name, c.end.err.text, host ? host : "host local");
		check_str(copy_refusals[i].name, c.sha256, "");
		ending_release(&c.end);
	}
	free(ok);
	free(sub);
	temp_dir_remove(dir);
}

static inline void put_part(const char *path, const char *data, size_t len)
{
	char *part = xasprintf("%s.part", path);
	FILE *file = fopen(part, "w");

	assert_non_null(file);
	assert_int_equal(len, fwrite(data, 1, len, file));
	fclose(file);
	free(part);
}

/* What lies there is gone on with when it is the beginning, and only then. */
static inline void copy_resume_check(struct kit *k, const char *host)
{
	static const struct {
		const char *name;
		size_t part;
		bool is_other, resume;
	} rows[] = {
		{"half of it", 3 * MIB + 5, false, true},
		{"all of it", 6 * MIB, false, true},
		{"half of another file", 3 * MIB, true, true},
		{"longer than the file", 7 * MIB, false, true},
		{"not asked to resume", 3 * MIB, true, false},
	};
	size_t len = 6 * MIB;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to");
	char *data = make_file(from, len), *part = xcalloc(1, 7 * MIB);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int is_put = 0; is_put < 2; is_put++) {
			struct copied c;

			memset(part, 'x', 7 * MIB);
			memcpy(part, data, rows[i].part < len ? rows[i].part : len);
			if (rows[i].is_other)
				part[rows[i].part - 1] ^= 1;
			put_part(to, part, rows[i].part);
			copy_run(k,
				(struct ssh_copy_options){
					.host = host,
					.local_path = is_put ? from : to,
					.remote_path = is_put ? to : from,
					.resume = rows[i].resume,
				},
				is_put, &c);
			check_ok(rows[i].name, c.end.err.code, &c.end.err);
			check_int(rows[i].name, c.bytes, (int64_t)len);
			check_same(rows[i].name, to, data, len);
			unlink(to);
			ending_release(&c.end);
		}
	free(data);
	free(part);
	free(from);
	free(to);
	temp_dir_remove(dir);
}

/* Canceled at its first word of progress: nothing under the name, the part stays. */
static inline void copy_cancel_check(struct kit *k, const char *host)
{
	size_t len = 200 * MIB;
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *to = temp_path(dir, "to"),
	     *part = temp_path(dir, "to.part");
	struct copied c = {.cancels = true};
	struct stat info;

	assert_int_equal(0, close(creat(from, 0600)));
	assert_int_equal(0, truncate(from, (off_t)len)); /* a hole: quickly made */
	copy_start(k,
		(struct ssh_copy_options){.host = host, .local_path = from, .remote_path = to},
		true, &c);
	assert_true(kit_until(k, &c.progress));
	assert_true(loop_run_until_idle(k->loop, DEADLINE_MS));
	check_int("not told", c.end.done, 0);
	check_int("once", c.progress, 1);
	check_int("of how much", c.total, (int64_t)len);
	check_bool("halfway", c.first_done < (int64_t)len, true);
	check_missing(to);
	/* The ssh program may have read some of it before anything was made over there. */
	if (stat(part, &info) == 0)
		check_bool("not more was copied", info.st_size < (off_t)len, true);
	else
		check_bool("a part is left here", str_eq(host, "local"), false);
	free(from);
	free(to);
	free(part);
	temp_dir_remove(dir);
}

static inline void copy_full_disk_check(struct kit *k, const char *host)
{
	char *dir = temp_dir(), *from = temp_path(dir, "from"), *disk = temp_path(dir, "disk"),
	     *to = temp_path(disk, "to");
	char *data = make_file(from, 3 * MIB);
	struct copied c;
	bool is_there;

	assert_int_equal(0, mkdir(disk, 0700));
	if (mount("none", disk, "tmpfs", 0, "size=1m"))
		fail_msg("a small disk is needed, and mount says no");
	copy_run(k, (struct ssh_copy_options){.host = host, .local_path = from, .remote_path = to},
		true, &c);
	is_there = access(to, F_OK) == 0;
	assert_int_equal(0, umount2(disk, MNT_DETACH)); /* before anything can fail */
	check_bool("not under its name", is_there, false);
	check_err("full", c.end.err.code, &c.end.err, E_REMOTE, "pace");
	ending_release(&c.end);
	free(data);
	free(from);
	free(disk);
	free(to);
	temp_dir_remove(dir);
}

#endif
