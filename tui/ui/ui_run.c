/* The console from outside: one session, and another one when the first run has written a configuration. */
#include <unistd.h>

#include "core/base/i18n.h"
#include "tui/ui/ui.h"
#include "tui/ui/ui_private.h"

int ui_run(const struct cli *cli)
{
	bool is_again = true;
	struct err err;
	int code = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&err, E_ARG,
			_("the console needs a terminal for its input and output; without one try "
			  "'weir get apps'"));
		return cli_fail(&err);
	}
	term_prepare();
	while (is_again)
		code = ui_once(cli, &is_again);
	return code;
}
