#include "tests/support/lang.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "tests/support/check.h"

/* This program is BUILD/tests/…; they are in BUILD/locale. */
char *lang_folder(void)
{
	char program[PATH_MAX] = "", *tests = NULL;

	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		fail_msg("readlink /proc/self/exe");
	/* The last one: a tree may lie anywhere. */
	for (char *c = program; (c = strstr(c, "/tests/")); c++)
		tests = c;
	if (tests)
		*tests = 0;
	return xasprintf("%s/locale", program);
}

void lang_use(const char *language)
{
	char *folder = lang_folder();
	struct err err = {.code = E_OK};

	setenv("WEIR_LOCALE", folder, 1);
	i18n_open(language, &err);
	unsetenv("WEIR_LOCALE");
	free(folder);
	check_str("language", err.code ? err.text : i18n_language(), language);
}
