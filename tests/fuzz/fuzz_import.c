/*
 * A file to be imported. Beyond not crashing: what is refused changes nothing, and what was taken once
 * is known the second time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/store/portable/portable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int import(const char *dir, const uint8_t *data, size_t size, struct imported *done)
{
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
	const struct import_options options = {.name = "x", .keeps_ours = true};
	struct err err = {0};
	int rc;

	if (!in)
		abort();
	rc = store_import(dir, "prod", in, &options, done, &err);
	fclose(in);
	return rc;
}

static void remove_store(const char *dir)
{
	static const char *const names[] = {"registry.db", "registry.db-wal", "registry.db-shm",
		"registry.db.bak", "cache.db", "cache.db-wal", "cache.db-shm"};
	char path[300];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *tmp = getenv("TMPDIR");
	char dir[256];
	struct imported first, second;

	snprintf(dir, sizeof(dir), "%s/weir-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	if (size == 0 || !mkdtemp(dir))
		return 0;
	int rc = import(dir, data, size, &first);
	if (rc == 0 && import(dir, data, size, &second) != 0)
		abort();
	if (rc == 0 && second.added != 0)
		abort();
	if (rc == 0)
		imported_release(&second);
	imported_release(&first);
	remove_store(dir);
	return 0;
}
