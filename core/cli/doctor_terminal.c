/*
 * The terminal: what TERM promises, what the console can do there, and what stands between (tmux, screen,
 * SSH). Nothing is asked of the terminal itself: its answers would come out as keys of the shell.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/doctor.h"

/* As tui/ui/screen.h has it: what is smaller says so. */
#define ROWS_MIN 15
#define COLS_MIN 60

static bool has_terminfo(const char *term)
{
	const char *home = getenv("HOME"), *named = getenv("TERMINFO");
	char *of_home = xasprintf("%s/.terminfo", home ? home : "");
	const char *const folders[] = {named ? named : "", of_home, "/etc/terminfo",
		"/lib/terminfo", "/usr/lib/terminfo", "/usr/share/terminfo",
		"/usr/local/share/terminfo"};
	bool found = strchr(term, '/') != NULL;

	for (size_t i = 0; !found && i < ARRAY_SIZE(folders); i++) {
		char *plain = xasprintf("%s/%c/%s", folders[i], *term, term);
		char *hex = xasprintf("%s/%02x/%s", folders[i], (unsigned char)*term, term);
		found = *folders[i] && (access(plain, R_OK) == 0 || access(hex, R_OK) == 0);
		free(plain);
		free(hex);
	}
	free(of_home);
	return found;
}

static void check_term(struct subject *subject, const char *term, bool is_terminal)
{
	if (str_empty(term) || str_eq(term, "dumb"))
		subject_say(subject, "term", is_terminal ? FINDING_WARN : FINDING_OK, -1,
			is_terminal ? _("set TERM to what your terminal is, e.g. xterm-256color")
				    : NULL,
			_("TERM is %s: no console, the command line works"),
			str_empty(term) ? _("not set") : term);
	else if (!has_terminfo(term))
		subject_say(subject, "term", FINDING_WARN, -1,
			_("install its terminfo entry (package ncurses-term), or set "
			  "TERM=xterm-256color"),
			_("TERM=%s has no terminfo entry here"), term);
	else
		subject_say(subject, "term", FINDING_OK, -1, NULL, "TERM=%s", term);
}

/* As tui/term/curses.c chooses: true colour only with an entry that has it. */
static void check_colours(struct subject *subject, const char *term)
{
	const char *said = getenv("COLORTERM");
	bool is_true = str_eq(said, "truecolor") || str_eq(said, "24bit");
	char *direct = xasprintf("%s-direct", term);

	if (!str_empty(getenv("NO_COLOR")))
		subject_say(subject, "colours", FINDING_OK, -1, _("unset NO_COLOR for colours"),
			_("none (NO_COLOR): states are told by word and mark"));
	else if (strstr(term, "-direct"))
		subject_say(subject, "colours", FINDING_OK, -1, NULL, _("24 bit"));
	else if (is_true && (has_terminfo(direct) || has_terminfo("xterm-direct")))
		subject_say(subject, "colours", FINDING_OK, -1, NULL,
			_("24 bit (COLORTERM=%s, and terminfo has an entry for it)"), said);
	else if (is_true)
		subject_say(subject, "colours", FINDING_WARN, -1,
			_("install terminfo's *-direct entries (package ncurses-term)"),
			_("the nearest of 256: COLORTERM=%s, and no *-direct entry in terminfo"),
			said);
	else if (strstr(term, "256color"))
		subject_say(subject, "colours", FINDING_OK, -1,
			_("COLORTERM=truecolor where your terminal has 24 bit"),
			_("256, as TERM says"));
	else
		subject_say(subject, "colours", FINDING_OK, -1,
			_("TERM=xterm-256color, where your terminal is like one"),
			str_starts(term, "vt1") || str_starts(term, "vt2")
				? _("none: states are told by word and mark")
				: _("8 or 16, as TERM says"));
	free(direct);
}

static bool is_any(const char *word, const char *const *words, size_t count, bool is_prefix)
{
	for (size_t i = 0; word && i < count; i++)
		if (is_prefix ? str_starts(word, words[i]) : str_eq(word, words[i]))
			return true;
	return false;
}

/* What is known of programs by their names; a terminal cannot be asked whether it took a copy. */
static void check_clipboard(struct subject *subject, const char *term)
{
	static const char *const can_terms[] = {"xterm-kitty", "alacritty", "foot", "wezterm",
		"xterm-ghostty", "contour", "mintty", "rio"};
	static const char *const can_programs[] = {
		"iTerm.app", "WezTerm", "ghostty", "vscode", "mintty", "rio", "WarpTerminal"};
	static const char *const cannot_programs[] = {"Apple_Terminal"};
	const char *program = getenv("TERM_PROGRAM");

	if (getenv("TMUX"))
		subject_say(subject, "clipboard", FINDING_OK, -1,
			_("in ~/.tmux.conf: set -s set-clipboard on, where y copies nothing"),
			_("inside tmux: it hands a copy (OSC 52) on when set-clipboard allows it"));
	else if (getenv("STY") || str_starts(term, "screen"))
		subject_say(subject, "clipboard", FINDING_OK, -1,
			_("where y copies nothing: use tmux, or select with the mouse"),
			_("inside screen: it passes a copy (OSC 52) on in pieces, and not of every "
			  "size"));
	else if (is_any(program, cannot_programs, ARRAY_SIZE(cannot_programs), false) ||
		getenv("VTE_VERSION") || str_eq(term, "linux"))
		subject_say(subject, "clipboard", FINDING_OK, -1,
			_("select with the mouse, or save to a file"),
			_("probably none: %s takes no copies (OSC 52)"),
			program                         ? program
				: getenv("VTE_VERSION") ? _("a terminal of VTE")
							: term);
	else if (is_any(term, can_terms, ARRAY_SIZE(can_terms), true) ||
		is_any(program, can_programs, ARRAY_SIZE(can_programs), false))
		subject_say(subject, "clipboard", FINDING_OK, -1, NULL,
			_("probably: %s takes copies (OSC 52)"), program ? program : term);
	else
		subject_say(subject, "clipboard", FINDING_OK, -1,
			_("where y copies nothing: allow OSC 52 in your terminal's settings"),
			_("not known: a copy is sent by OSC 52, and the terminal may drop it"));
}

static void check_size(struct subject *subject, int fd)
{
	struct winsize size = {0};

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		subject_say(subject, "size", FINDING_OK, -1, NULL, _("no terminal here"));
	else if (size.ws_col < COLS_MIN || size.ws_row < ROWS_MIN)
		subject_say(subject, "size", FINDING_WARN, -1,
			_("make the window larger, or its letters smaller"),
			_("%dx%d: the console needs %dx%d"), size.ws_col, size.ws_row, COLS_MIN,
			ROWS_MIN);
	else
		subject_say(
			subject, "size", FINDING_OK, -1, NULL, "%dx%d", size.ws_col, size.ws_row);
}

void doctor_terminal(struct doctor *doctor)
{
	struct subject *subject = subject_new(doctor, "terminal", NULL, NULL);
	const char *term = getenv("TERM");
	int fd = isatty(STDOUT_FILENO) ? STDOUT_FILENO : isatty(STDERR_FILENO) ? STDERR_FILENO : -1;

	check_term(subject, term, fd >= 0);
	if (!str_empty(term) && !str_eq(term, "dumb")) {
		check_colours(subject, term);
		check_clipboard(subject, term);
	}
	check_size(subject, fd);
	subject_say(subject, "locale", utf8_locale() ? FINDING_OK : FINDING_WARN, -1,
		utf8_locale() ? NULL : _("set LC_ALL=C.UTF-8: names and marks are shown as ASCII"),
		_("%s, characters: %s"), setlocale(LC_CTYPE, NULL), nl_langinfo(CODESET));
}
