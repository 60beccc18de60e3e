/*
 * main() of a fuzz target in the normal tests: replays each file of its corpus, so that a case once
 * found stays found. The folder is tests/fuzz/corpus/<target>/, run from the project's root;
 * <target> is the program's name behind "fuzz_". Files given as arguments are replayed instead.
 * Prints TAP; a crash ends the output before its plan, which is a failure too, and the last line
 * tells which file it was.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/file.h"
#include "core/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Also as an exact copy, so that a read past the end is seen by the sanitizer. */
static bool replay(const char *path)
{
	struct err err = {0};
	struct buf text;

	buf_init(&text, 0);
	if (file_read(path, &text, &err) != 0) {
		printf("# %s\n", err.text);
		buf_release(&text);
		return false;
	}
	uint8_t *exact = xmalloc(text.len ? text.len : 1);
	if (text.len)
		memcpy(exact, text.data, text.len);
	fprintf(stderr, "# replay %s\n", path);
	LLVMFuzzerTestOneInput(exact, text.len);
	free(exact);
	buf_release(&text);
	return true;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *target = slash ? slash + 1 : argv[0];
	struct dirent **names = NULL;
	int failed = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++) {
			bool ok = replay(argv[i]);
			printf("%sok %d - %s\n", ok ? "" : "not ", i, argv[i]);
			failed += !ok;
		}
		printf("1..%d\n", argc - 1);
		return failed ? 1 : 0;
	}
	if (!strncmp(target, "fuzz_", 5))
		target += 5;
	char *folder = xasprintf("tests/fuzz/corpus/%s", target);
	int count = scandir(folder, &names, visible, alphasort);
	for (int i = 0; i < count; i++) {
		char *path = xasprintf("%s/%s", folder, names[i]->d_name);
		bool ok = replay(path);
		printf("%sok %d - %s\n", ok ? "" : "not ", i + 1, path);
		failed += !ok;
		free(path);
		free(names[i]);
	}
	if (count <= 0) {
		printf("not ok 1 - %s holds no files\n", folder);
		failed++;
	}
	printf("1..%d\n", count > 0 ? count : 1);
	free(names);
	free(folder);
	return failed ? 1 : 0;
}
