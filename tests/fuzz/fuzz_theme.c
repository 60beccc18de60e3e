/* Any bytes as a theme file: a theme whose values are in range, or an error with a place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/utf8.h"
#include "tui/term/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct theme *theme = NULL;
	struct err err = {0};
	int rc = theme_parse(&theme, "t.yaml", (const char *)data, size, &err);

	check((rc == 0) == (theme != NULL));
	if (rc) {
		check(rc == E_CONFIG && err.code == E_CONFIG);
		check(!strncmp(err.text, "t.yaml:", 7) && utf8_valid(err.text, strlen(err.text)));
		return 0;
	}
	for (int i = 0; i < STYLE_MAX; i++) {
		const struct style_def *def = &theme->styles[i];

		check(def->fg >= COLOR_UNSET && def->fg <= 0xFFFFFF);
		check(def->bg >= COLOR_UNSET && def->bg <= 0xFFFFFF);
		check(def->attrs < ATTR_REVERSE * 2);
	}
	theme_free(theme);
	return 0;
}
