#include "tui/term/curses.h"

#include <curses.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "core/base/mem.h"

bool terminfo_strings(const char *term, const char *const *names, char **out, size_t count)
{
	TERMINAL *before = cur_term;
	int status;

	memset(out, 0, count * sizeof(*out));
	/* setupterm() looks at the given descriptor only for its speed, and then adds padding. */
	if (setupterm(term, -1, &status) != OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *value = tigetstr(names[i]);

		/* Absent is NULL, "no string capability" is -1. */
		if (value && value != (char *)-1)
			out[i] = xstrdup(value);
	}
	del_curterm(set_curterm(before));
	return true;
}
