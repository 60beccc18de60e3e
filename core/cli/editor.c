/* $EDITOR may hold words of its own ("code -w"), so the shell starts it; the path is an argument. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/files.h"

extern char **environ;

int editor_run(const char *path, struct err *err)
{
	const char *editor = getenv("VISUAL");
	char *script;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old_int, old_quit;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	pid_t pid;
	int status = 0, rc;

	if (str_empty(editor))
		editor = getenv("EDITOR");
	if (str_empty(editor))
		editor = "vi";
	script = xasprintf("%s \"$1\"", editor);
	char *words[] = {(char *)"sh", (char *)"-c", script, (char *)"sh", (char *)path, NULL};

	/* ^C in the editor is the editor's. */
	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGQUIT);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGTSTP);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(&pid, "/bin/sh", NULL, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	if (!rc)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGQUIT, &old_quit, NULL);
	free(script);
	if (rc) {
		errno = rc;
		return err_errno(err, E_INTERNAL, _("start the editor '%s'"), editor);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(
			err, E_NOTFOUND, _("the editor '%s' is not there: set EDITOR"), editor);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, E_REMOTE,
			_("the editor '%s' ended with an error: nothing was "
			  "changed"),
			editor);
	return 0;
}
