/* Compares line by line, so that a failure shows the line and not two screens. */
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

static void show_difference(const char *name, const char *got, const char *want)
{
	int line = 1;

	while (*got || *want) {
		size_t a = strcspn(got, "\n"), b = strcspn(want, "\n");
		if (a != b || memcmp(got, want, a)) {
			print_error("%s, line %d\n  got:  %.*s\n  want: %.*s\n", name, line, (int)a,
				got, (int)b, want);
			break;
		}
		got += a + (got[a] != '\0');
		want += b + (want[b] != '\0');
		line++;
	}
	print_error("%s differs; WEIR_GOLDEN=write writes it anew\n", name);
}

void check_golden(const char *name, const char *frame)
{
	char *path = xasprintf("tests/golden/%s.screen", name);

	if (str_eq(getenv("WEIR_GOLDEN"), "write")) {
		temp_file(path, frame);
		free(path);
		return;
	}
	size_t len;
	char *want = fixture_read(path, &len);
	bool same = str_eq(want, frame);
	if (!same)
		show_difference(path, frame, want);
	free(want);
	free(path);
	if (!same)
		fail();
}
