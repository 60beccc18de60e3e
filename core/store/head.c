/*
 * See head.h. The stamp is what the system says of the files: their number, size and time of the last write.
 * That needs no part in whatever writes, of this version or an older one. A file that is restored, copied or
 * swapped is another file. A log that holds nothing is no log: who only looks makes one too.
 *
 * Within a tick of the system's clock two writes have the same time: so what was written just now has no
 * stamp before that is over.
 */
#include "core/store/head.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/disk.h"
#include "core/store/journal/record_disk.h"

#define VERSION 1
#define FILE_NAME "head.json"
#define FILE_BYTES ((size_t)256 << 10)
#define TICK_MS 20

static char *path_of(const char *dir)
{
	return xasprintf("%s/%s", dir, FILE_NAME);
}

void head_release(struct head *head)
{
	json_decref(head->refs);
	*head = (struct head){0};
}

/* ---- the stamp ---- */

static void add_stat(struct buf *out, const char *path, int64_t *changed_ms)
{
	struct stat st;
	int64_t at_ms;

	if (stat(path, &st) < 0 || st.st_size == 0) {
		buf_adds(out, " -");
		return;
	}
	at_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (at_ms > *changed_ms)
		*changed_ms = at_ms;
	buf_addf(out, " %llx:%llx:%llx:%llx.%09ld", (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino, (unsigned long long)st.st_size,
		(unsigned long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static char *stamp_of(const char *dir, uint32_t others, int64_t *changed_ms, bool *is_open)
{
	static const char *const files[] = {
		"registry.db", "registry.db-wal", "cache.db", "cache.db-wal"};
	struct stat st;
	struct buf out;

	buf_init(&out, 0);
	buf_addf(&out, "%s %x", WEIR_VERSION, others);
	*changed_ms = 0;
	*is_open = false;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = xasprintf("%s/%s", dir, files[i]);

		add_stat(&out, path, changed_ms);
		if (i % 2 && stat(path, &st) == 0 && st.st_size > 0)
			*is_open = true;
		free(path);
	}
	return buf_detach(&out);
}

char *head_stamp_now(const char *dir, uint32_t others)
{
	int64_t changed_ms;
	bool is_open;

	return stamp_of(dir, others, &changed_ms, &is_open);
}

char *head_stamp(const char *dir, uint32_t others)
{
	int64_t changed_ms, age_ms;
	struct timespec now;
	bool is_open;
	char *stamp = stamp_of(dir, others, &changed_ms, &is_open);

	/* As the files have it, whatever clock weir goes by. */
	clock_gettime(CLOCK_REALTIME, &now);
	age_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - changed_ms;
	if (!is_open && age_ms >= 0 && age_ms < TICK_MS) {
		free(stamp);
		poll(NULL, 0, (int)(TICK_MS - age_ms));
		stamp = stamp_of(dir, others, &changed_ms, &is_open);
	}
	if (!is_open)
		return stamp;
	free(stamp);
	return NULL;
}

/* ---- the file ---- */

int head_write(const char *dir, const char *stamp, const struct head *head, struct err *err)
{
	json_t *counts = json_array();
	char *path = path_of(dir), *text;
	json_t *root;
	int rc;

	for (int i = 0; i < STATE_MAX; i++)
		json_array_append_new(counts, json_integer(head->counts[i]));
	root = json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:o, s:O}", "version", VERSION, "stamp",
		stamp, "untilMs", (json_int_t)head->until_ms, "rows", (json_int_t)head->rows,
		"apps", (json_int_t)head->apps, "newestMs", (json_int_t)head->newest_ms, "counts",
		counts, "refs", head->refs);
	text = json_dumps(root, JSON_COMPACT);
	rc = file_write(path, text, strlen(text), err);
	json_decref(root);
	free(text);
	free(path);
	return rc;
}

static json_t *read_file(const char *dir)
{
	char *path = path_of(dir);
	struct buf text;
	struct err err;
	json_t *root = NULL;

	buf_init(&text, FILE_BYTES);
	if (file_read(path, &text, &err) == 0)
		root = json_loadb(buf_str(&text), text.len, 0, NULL);
	buf_release(&text);
	free(path);
	return root;
}

static bool is_of(const json_t *root, const char *stamp)
{
	return json_integer_value(json_object_get(root, "version")) == VERSION &&
		str_eq(json_string_value(json_object_get(root, "stamp")), stamp);
}

bool head_is_of(const char *dir, const char *stamp)
{
	json_t *root = read_file(dir);
	bool is = root && is_of(root, stamp);

	json_decref(root);
	return is;
}

static int64_t number(const json_t *root, const char *key)
{
	return json_integer_value(json_object_get(root, key));
}

/* Nobody else writes it, but a broken one must show nothing that is not so. */
static bool take(const json_t *root, struct head *head)
{
	const json_t *counts = json_object_get(root, "counts");
	json_t *refs = json_object_get(root, "refs");
	int64_t sum = 0;

	*head = (struct head){.until_ms = number(root, "untilMs"),
		.newest_ms = number(root, "newestMs"),
		.rows = (size_t)number(root, "rows"),
		.apps = (size_t)number(root, "apps")};
	for (size_t i = 0; i < STATE_MAX; i++) {
		head->counts[i] = (int)json_integer_value(json_array_get(counts, i));
		sum += head->counts[i];
	}
	if (!json_is_array(refs) || json_array_size(counts) != STATE_MAX ||
		(size_t)sum != head->apps || head->rows > head->apps)
		return false;
	head->refs = json_incref(refs);
	return true;
}

/* ---- the rows ---- */

static int load(struct disk *disk, const json_t *refs, snapshot_vec *out, struct err *err)
{
	struct record_version version = {0};
	struct snapshot *records;
	char *text = NULL;
	int rc = 0;

	/* Damage is told by who opens the store, at the next start: here nothing is repaired. */
	for (int file = 0; !rc && file < FILE_MAX; file++)
		rc = refs ? db_open_look(disk->files[file], err)
			  : db_open_last(disk->files[file], err);
	if (rc)
		return rc;
	records = snapshot_new(SNAPSHOT_REGISTRY, disk->context, "registry", NULL);
	vec_push(out, records);
	rc = disk_records(disk, &version, records, err);
	if (!rc && refs)
		text = json_dumps(refs, JSON_COMPACT);
	for (int file = 0; !rc && file < FILE_MAX; file++)
		rc = disk_load_some(disk, (enum store_file)file, text, out, err);
	free(text);
	return rc;
}

int head_load(const char *dir, const char *context, const json_t *refs, snapshot_vec *out,
	struct err *err)
{
	struct disk *disk = disk_new(dir, context);
	int rc = E_UNSUPPORTED;

	disk->is_folder_known = true;
	if (!db_network_folder(dir))
		rc = load(disk, refs, out, err);
	else
		err_set(err, rc, "%s", dir);
	disk_free(disk);
	return rc;
}

bool head_read(const char *dir, const char *context, uint32_t others, int64_t now_ms,
	struct head *head, snapshot_vec *out)
{
	char *stamp = head_stamp_now(dir, others), *after;
	json_t *root = read_file(dir);
	struct err err;
	bool is_read = false;

	*head = (struct head){0};
	if (root && is_of(root, stamp) && take(root, head) && now_ms < head->until_ms &&
		head_load(dir, context, head->refs, out, &err) == 0) {
		/* Who wrote meanwhile may have been read in part. */
		after = head_stamp_now(dir, others);
		is_read = str_eq(stamp, after);
		free(after);
	}
	json_decref(root);
	free(stamp);
	return is_read;
}
