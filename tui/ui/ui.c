/*
 * When a frame is drawn.
 *
 * The first frame waits for what the store remembers, at most LOADING_MS; the network is asked only
 * after it. Of a large fleet the first rows come before (cli/session_head.h); what is typed at them waits for the others. From then on a frame is drawn in the before-sleep hook, so that many changes of one
 * turn make one frame: at once when a key caused it, else at most 30 a second, and less often than
 * that when frames are dear, so that drawing takes at most a tenth of the time. Changes of the fleet
 * that nobody can see (lines off the screen, ages) make none; ages are drawn each second. While the
 * terminal has not taken the last frame none is begun; what happens meanwhile is in the next one.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/limits.h"
#include "core/cli/open_ui.h"
#include "core/watch/file_watch.h"
#include "tui/ui/keymap.h"
#include "tui/ui/palette_file.h"
#include "tui/ui/ui_private.h"

#define LOADING_MS 100
#define FRAME_MS 33
#define START_MS 50    /* at most: then what is remembered is old enough, also on a slow line */
#define NUMBERS_MS 200 /* between frames that only the header's numbers ask for */
#define FRAME_SHARE 10 /* a frame's cost is at most one of so many parts */
#define RETRY_MS 100   /* while the terminal is busy; that it is free again is seen sooner */
#define ESC_MS 50
#define CONFIG_LOOK_MS 3000
#define TRIM_EVERY_MS 60000
#define TRIM_QUIET_MS 5000

void ui_stop(struct ui *ui, int code)
{
	ui->code = code;
	loop_stop(ui->session->loop);
}

void ui_wake(void *data)
{
	struct ui *ui = data;

	ui->is_dirty = true;
}

/* -- frames -- */

static void on_started(void *data)
{
	struct ui *ui = data;

	ui_actions_settle(ui->actions);
	if (ui->config_path && ui->screen)
		screen_first_begin(ui->screen);
}

static void on_start(void *data)
{
	struct ui *ui = data;

	if (ui->is_started)
		return;
	ui->is_started = true;
	session_start(ui->session, on_started, ui);
}

void ui_pump(struct ui *ui)
{
	bool is_left = term_pump(ui->term);

	loop_watch_set(ui->out, is_left ? LOOP_WRITE : 0);
	/* A terminal takes a frame in several pieces: nothing comes between those of the first. */
	if (!is_left && ui->start)
		on_start(ui);
}

void ui_write(struct ui *ui, const char *bytes, size_t len)
{
	term_write(ui->term, bytes, len);
	ui_pump(ui); /* no frame comes before it is out */
}

static void on_writable(void *data, int fd, unsigned mask)
{
	(void)fd;
	(void)mask;
	ui_pump(data);
}

static void draw(struct ui *ui, int64_t now)
{
	bool is_whole;

	screen_draw(ui->screen, ui->canvas);
	is_whole = term_paint(ui->term, ui->canvas);
	if (ui->canvas->link)
		ui_link(ui, ui->canvas);
	if (ui->is_loaded && !ui->start)
		ui->start = loop_timer(ui->session->loop, START_MS, 0, on_start, ui);
	ui_pump(ui);
	ui->is_urgent = ui->is_told = false;
	ui->is_dirty = !is_whole;
	ui->drawn_mono_ms = ui->painted_mono_ms = now;
	ui->cost_ms = clock_mono_ms() - now;
	loop_timer_set(ui->tick, screen_tick_ms(ui->screen), 0);
}

/* Is it worth a frame? Else it is looked at as if it were drawn. */
static bool is_other(struct ui *ui, int64_t now)
{
	enum screen_other other = screen_other(ui->screen);

	ui->drawn_mono_ms = now;
	/* While a large fleet is seen for the first time, its numbers are others all the time. */
	if (other == SCREEN_NUMBERS && now - ui->painted_mono_ms < NUMBERS_MS) {
		loop_timer_set(ui->frame, NUMBERS_MS - (now - ui->painted_mono_ms), 0);
		return false;
	}
	ui->is_told = other != SCREEN_SAME;
	return ui->is_told;
}

static void before_sleep(void *data)
{
	struct ui *ui = data;
	int64_t now = clock_mono_ms(), pause = FRAME_MS, wait;

	if (!ui->may_draw || ui->child || (!ui->is_urgent && !ui->is_dirty && !ui->is_told))
		return;
	ui_pump(ui); /* what was queued beside a frame would hold up the next one */
	if (!term_can_paint(ui->term, now, ui->is_urgent)) {
		loop_timer_set(ui->frame, RETRY_MS, 0);
		return;
	}
	if (ui->cost_ms * FRAME_SHARE > pause)
		pause = ui->cost_ms * FRAME_SHARE;
	wait = ui->drawn_mono_ms + pause - now;
	if (!ui->is_urgent && wait > 0)
		loop_timer_set(ui->frame, wait, 0);
	else if (ui->is_urgent || ui->is_dirty || is_other(ui, now))
		draw(ui, now);
}

/* The hook runs right after this. */
static void on_frame(void *data)
{
	(void)data;
}

static void on_tick(void *data)
{
	struct ui *ui = data;

	ui->is_dirty = true;
}

/* What was free anyway is asked for again soon by an answer: rarely, and never between two keys. */
static void on_trim(void *data)
{
	struct ui *ui = data;
	bool is_quiet = clock_mono_ms() - ui->key_mono_ms >= TRIM_QUIET_MS;

	if (is_quiet)
		mem_trim();
	loop_timer_set(ui->trim, is_quiet ? TRIM_EVERY_MS : TRIM_QUIET_MS, 0);
}

/* -- keys and signals -- */

void ui_key(struct ui *ui, const struct key *key)
{
	screen_key(ui->screen, key);
	ui->key_mono_ms = clock_mono_ms();
	ui_session_touch(ui);
	ui->is_urgent = true;
}

static void take_keys(struct ui *ui)
{
	struct key_decoder *keys = term_keys(ui->term);
	struct key key;

	while (key_next(keys, &key)) {
		if (key.sym == KEY_SYM_REPORT) {
			term_ready(ui->term, clock_mono_ms());
			continue;
		}
		if (key.sym == KEY_SYM_BACKGROUND) {
			ui_theme_background(ui, key.ch);
			continue;
		}
		if (!ui_head_takes(ui, &key))
			ui_key(ui, &key);
	}
	if (key_pending(keys))
		loop_timer_set(ui->esc, ESC_MS, 0);
	else
		loop_timer_stop(ui->esc);
}

static void on_input(void *data, int fd, unsigned mask)
{
	struct ui *ui = data;

	(void)fd;
	(void)mask;
	/* The terminal is gone: as if it had said so by a signal. */
	if (!term_read(ui->term)) {
		ui_stop(ui, 128 + SIGHUP);
		return;
	}
	take_keys(ui);
}

static void on_esc(void *data)
{
	struct ui *ui = data;

	key_flush(term_keys(ui->term));
	take_keys(ui);
}

void ui_resized(void *data)
{
	struct ui *ui = data;
	int rows, cols;

	if (ui->child)
		return;
	term_resized(ui->term);
	term_size(ui->term, &rows, &cols);
	canvas_resize(ui->canvas, rows, cols);
	ui->is_urgent = true;
}

static void on_interrupt(void *data)
{
	struct ui *ui = data;

	/* The keyboard's signals go to the program that has the terminal too. */
	if (!ui->child)
		ui_stop(ui, 130);
}

static void on_terminate(void *data)
{
	ui_stop(data, 128 + SIGTERM);
}

static void on_hangup(void *data)
{
	ui_stop(data, 128 + SIGHUP);
}

/* Continued in the background (`bg`): the terminal is the shell's, so stop again until `fg`. */
static void wait_for_foreground(struct ui *ui)
{
	while (!term_is_ours(ui->term))
		kill(getpid(), SIGSTOP);
}

/*
 * The whole foreground job stops, as with any program (a `make demo` above us too); then the shell
 * continues it. The loop's own handler must be out of the way for that.
 */
void ui_suspend(void *data)
{
	struct ui *ui = data;
	struct sigaction stop_now = {.sa_handler = SIG_DFL}, ours;
	struct err err;

	if (ui->child) {
		kill(getpid(), SIGSTOP);
		return;
	}
	term_suspend(ui->term);
	sigaction(SIGTSTP, &stop_now, &ours);
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
	wait_for_foreground(ui);
	if (term_resume(ui->term, &err)) {
		ui_stop(ui, cli_fail(&err));
		return;
	}
	ui_resized(ui);
}

/* Somebody else stopped us, and the shell has used the terminal since. */
static void on_continue(void *data)
{
	struct ui *ui = data;

	if (ui->child)
		return;
	wait_for_foreground(ui);
	term_repaint(ui->term);
	ui_resized(ui);
}

void ui_take_back(struct ui *ui)
{
	struct err err;

	if (term_resume(ui->term, &err)) {
		ui_stop(ui, cli_fail(&err));
		return;
	}
	loop_watch_set(ui->in, LOOP_READ);
	ui_resized(ui);
}

/* -- what the session tells -- */

static void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct ui *ui = data;

	if (ui->screen)
		screen_changed(ui->screen, cause, changes, count);
	ui->is_told = true;
}

static void on_problem(void *data, const struct err *err)
{
	struct ui *ui = data;

	screen_problem(ui->screen, err);
	ui->is_dirty = true;
}

static void on_polling(void *data)
{
	struct ui *ui = data;

	ui->is_dirty = true;
}

void ui_loaded(void *data)
{
	struct ui *ui = data;

	/* Also from inside session_close(), when it was left before. */
	if (!ui->screen)
		return;
	screen_loaded(ui->screen);
	ui->is_loaded = ui->may_draw = ui->is_dirty = true;
	ui_head_end(ui);
}

static void on_loading(void *data)
{
	struct ui *ui = data;

	if (ui->is_loaded)
		return;
	ui->may_draw = ui->is_dirty = true;
	ui_head_end(ui);
}

/* -- start and end -- */

static int open_terminal(struct ui *ui, struct err *err)
{
	const char *no_color = getenv("NO_COLOR");
	int rows, cols, rc;

	ui_session_open(ui);
	ui_theme_open(ui);
	struct term_options options = {
		.in_fd = STDIN_FILENO,
		.out_fd = STDOUT_FILENO,
		.name = getenv("TERM"),
		.theme = ui->theme,
		.no_color = ui->cli->no_color || !str_empty(no_color),
		.asks_background = ui_theme_is_open(ui),
	};
	rc = term_open(&ui->term, &options, err);
	if (rc)
		return rc;
	if (ui->session->config->mouse)
		term_mouse(ui->term, true);
	term_size(ui->term, &rows, &cols);
	ui->canvas = canvas_new(rows, cols);
	ui->canvas->ascii = term_ascii(ui->term);
	return 0;
}

/* The program's own keys hold; what is wrong stays in the messages. */
static void tell_keymap(struct ui *ui, const struct err *wrong)
{
	char *text = xasprintf(_("the keymap is not used: %s"), wrong->text);

	screen_toast(ui->screen, STYLE_ERROR, text);
	free(text);
}

static void on_typed_once(void *data, const char *line)
{
	screen_remember(((struct ui *)data)->screen, line);
}

static void palette_open(struct ui *ui)
{
	char *path = palette_path(ui->session->store_dir);

	palette_read(path, on_typed_once, ui);
	free(path);
}

static void palette_close(struct ui *ui)
{
	char *path = ui->typed.len ? palette_path(ui->session->store_dir) : NULL;

	if (path)
		palette_write(path, (const char *const *)ui->typed.data, ui->typed.len);
	for (size_t i = 0; i < ui->typed.len; i++)
		free(ui->typed.data[i]);
	vec_release(&ui->typed);
	free(path);
}

static int open_screen(struct ui *ui, struct err *err)
{
	struct session *session = ui->session;

	ui->contexts = xcalloc(session->context_count + 1, sizeof(*ui->contexts));
	for (size_t i = 0; i < session->context_count; i++)
		ui->contexts[i] = session->contexts[i].config->name;
	if (session->is_unconfigured)
		ui->config_path = config_default_path();
	struct screen_backend backend = ui_backend(ui);
	struct err wrong;
	int wrong_keys = keymap_load(&backend.keymap, &wrong);

	if (wrong_keys && wrong.code != E_CONFIG)
		return err_set(err, wrong.code, "%s", wrong.text);
	ui->actions = ui_actions_new(session);
	ui->logs = ui_logs_new(session);
	int rc = screen_new(&ui->screen, &backend, err);
	if (!rc)
		palette_open(ui);
	if (!rc && wrong_keys)
		tell_keymap(ui, &wrong);
	if (!rc) {
		ui_actions_join(ui->actions, ui->screen, ui_wake, ui);
		ui_prompts_join(ui->prompts, ui->screen);
		ui_logs_join(ui->logs, ui->screen);
		ui_filters_load(ui);
	}
	return rc;
}

static int watch_signals(struct ui *ui, struct err *err)
{
	static const struct {
		int signum;
		loop_fn fn;
	} signals[] = {
		{SIGWINCH, ui_resized},
		{SIGINT, on_interrupt},
		{SIGTERM, on_terminate},
		{SIGHUP, on_hangup},
		{SIGTSTP, ui_suspend},
		{SIGCONT, on_continue},
		{SIGCHLD, ui_on_child},
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(signals); i++)
		rc = loop_signal(ui->session->loop, signals[i].signum, signals[i].fn, ui, err);
	return rc;
}

static void on_config(void *data, bool is_other)
{
	struct ui *ui = data;

	screen_config_changed(ui->screen, is_other);
	ui_wake(ui);
}

/* What holds for all of this run. */
static void tell_limits(struct ui *ui)
{
	struct buf text;

	buf_init(&text, 0);
	if (open_files_tell(ui->session, &text))
		screen_warn(ui->screen, buf_str(&text));
	buf_release(&text);
}

static void join(struct ui *ui)
{
	struct session *session = ui->session;
	struct loop *loop = session->loop;

	ui->esc = loop_timer(loop, ESC_MS, 0, on_esc, ui);
	loop_timer_stop(ui->esc);
	ui->frame = loop_timer(loop, FRAME_MS, 0, on_frame, ui);
	ui->tick = loop_timer(loop, LOADING_MS, 0, on_tick, ui);
	ui->loading = loop_timer(loop, LOADING_MS, 0, on_loading, ui);
	/* The first when what was remembered is read, and the workspace. */
	ui->trim = loop_timer(loop, TRIM_QUIET_MS, 0, on_trim, ui);
	ui->in = loop_watch(loop, term_in_fd(ui->term), LOOP_READ, LOOP_URGENT, on_input, ui);
	ui->out = loop_watch(loop, term_out_fd(ui->term), LOOP_WRITE, LOOP_URGENT, on_writable, ui);
	loop_before_sleep(loop, before_sleep, ui);
	fleet_subscribe(session->fleet, on_changes, ui);
	session->on_problem = on_problem;
	session->problem_data = ui;
	session->on_polling = on_polling;
	session->polling_data = ui;
	if (session->store_problem.code)
		screen_problem(ui->screen, &session->store_problem);
	tell_limits(ui);
	ui_theme_tell(ui);
	ui_theme_list(ui);
	if (session->config->path)
		ui->config =
			file_watch_new(loop, session->config->path, CONFIG_LOOK_MS, on_config, ui);
	ui_head_open(ui);
}

static void ui_release(struct ui *ui)
{
	struct loop_timer *timers[] = {
		ui->esc, ui->frame, ui->tick, ui->loading, ui->start, ui->trim, ui->flash};

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		loop_timer_cancel(timers[i]);
	loop_unwatch(ui->in);
	loop_unwatch(ui->out);
	if (ui->session && ui->session->loop)
		loop_before_sleep(ui->session->loop, NULL, NULL);
	if (ui->child)
		kill(ui->child, SIGHUP);
	ui_actions_free(ui->actions);
	open_ui_cancel(ui->opening);
	ui_diff_cancel(ui);
	ui_first_cancel(ui);
	ui_envs_free(ui);
	ui_taskmanagers_free(ui);
	file_watch_free(ui->config);
	ui_session_leave(ui);
	struct screen *screen = ui->screen;
	ui->screen = NULL; /* what is still asked is refused, and nothing is begun by that */
	screen_free(screen);
	ui_file_free(ui->file);
	ui_prompts_join(ui->prompts, NULL);
	ui_logs_free(ui->logs);
	/* The shell is back at once; what is left to write to the store takes its time after that.
	 */
	term_close(ui->term);
	palette_close(ui);
	ui_session_free(ui);
	session_close(ui->session);
	ui_prompts_free(ui->prompts);
	vec_release(&ui->early);
	canvas_free(ui->canvas);
	ui_theme_free(ui);
	free(ui->contexts);
	free(ui->config_path);
}

int ui_once(const struct cli *cli, bool *is_again)
{
	struct ui ui = {.cli = cli};
	struct session_options session = cli->session;
	struct err err;
	int rc;

	ui.prompts = ui_prompts_new();
	session.asks = false;
	session.sources_later = true; /* the first frame needs none */
	session.wants_head = true;
	session.asker = &ui_prompts_asker;
	session.asker_data = ui.prompts;
	rc = session_open(&ui.session, &session, &err);
	if (!rc)
		rc = open_screen(&ui, &err);
	if (!rc)
		rc = watch_signals(&ui, &err);
	if (!rc)
		rc = open_terminal(&ui, &err);
	if (!rc) {
		join(&ui);
		loop_run(ui.session->loop);
	}
	*is_again = ui.is_again;
	ui_release(&ui);
	return rc ? cli_fail(&err) : ui.code;
}
