/*
 * A program that gets the terminal: $EDITOR, $PAGER. It is in our process group, so that it is the
 * shell's foreground job as we are; the loop goes on meanwhile (runs are watched, heartbeats
 * written), only frames and keys wait. Signals of the keyboard are then meant for the program.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "tui/ui/ui_private.h"

extern char **environ;

static int spawn(pid_t *pid, const char *const *argv, struct err *err)
{
	posix_spawnattr_t attr;
	sigset_t all, none;
	int rc;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawnp(pid, argv[0], NULL, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
	if (rc)
		return err_set(err, E_NOTFOUND, _("cannot start %s: %s"), argv[0], strerror(rc));
	return 0;
}

void ui_foreground(struct ui *ui, const char *const *argv, ui_child_fn done, void *data)
{
	struct err err;

	if (ui->child) {
		err_set(&err, E_CONFLICT, _("another program has the terminal"));
		done(data, -1, &err);
		return;
	}
	loop_watch_set(ui->in, 0);
	loop_watch_set(ui->out, 0);
	term_suspend(ui->term);
	if (spawn(&ui->child, argv, &err)) {
		ui->child = 0;
		ui_take_back(ui);
		done(data, -1, &err);
		return;
	}
	ui->child_done = done;
	ui->child_data = data;
}

void ui_on_child(void *data)
{
	struct ui *ui = data;
	int status = 0;
	pid_t pid;

	if (!ui->child)
		return;
	while ((pid = waitpid(ui->child, &status, WNOHANG)) < 0 && errno == EINTR)
		;
	if (!pid)
		return;
	ui->child = 0;
	ui_take_back(ui);
	ui->child_done(
		ui->child_data, pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1, NULL);
}

/* -- files -- */

struct file_job {
	struct ui *ui;
	char *path;
	struct buf text;
	int rc;
	struct err err;
	bool is_paged;
};

static void file_job_free(struct file_job *job)
{
	if (job->is_paged && job->path)
		unlink(job->path);
	buf_release(&job->text);
	free(job->path);
	free(job);
}

static void save_run(void *data)
{
	struct file_job *job = data;

	if (!access(job->path, F_OK))
		job->rc = err_set(&job->err, E_CONFLICT, _("%s is there already"), job->path);
	else
		job->rc = file_write(job->path, job->text.data, job->text.len, &job->err);
}

static void save_done(void *data)
{
	struct file_job *job = data;
	char *text = job->rc ? xstrdup(job->err.text) : xasprintf(_("saved: %s"), job->path);

	if (job->ui->screen) {
		screen_toast(job->ui->screen, job->rc ? STYLE_ERROR : STYLE_OK, text);
		job->ui->is_dirty = true;
	}
	free(text);
	file_job_free(job);
}

static struct file_job *file_job_new(struct ui *ui, const char *text, size_t len)
{
	struct file_job *job = xcalloc(1, sizeof(*job));

	job->ui = ui;
	buf_init(&job->text, 0);
	buf_add(&job->text, text, len);
	return job;
}

void ui_save(void *data, const char *path, const char *text, size_t len)
{
	struct ui *ui = data;
	struct file_job *job = file_job_new(ui, text, len);

	job->path = file_expand(path, NULL);
	work_start(ui->session->loop, save_run, save_done, job);
}

/* -- $PAGER -- */

static void page_run(void *data)
{
	struct file_job *job = data;
	const char *dir = getenv("TMPDIR");
	int fd;

	job->path = xasprintf("%s/weir-XXXXXX", str_empty(dir) ? "/tmp" : dir);
	fd = mkstemp(job->path);
	if (fd < 0) {
		job->rc = err_errno(&job->err, E_INTERNAL, _("cannot make %s"), job->path);
		return;
	}
	for (size_t at = 0; !job->rc && at < job->text.len;) {
		ssize_t n = write(fd, job->text.data + at, job->text.len - at);
		if (n < 0 && errno != EINTR)
			job->rc = err_errno(&job->err, E_INTERNAL, _("cannot write %s"), job->path);
		at += n > 0 ? (size_t)n : 0;
	}
	close(fd);
}

static void on_paged(void *data, int status, const struct err *err)
{
	struct file_job *job = data;

	if (err)
		screen_toast(job->ui->screen, STYLE_ERROR, err->text);
	else if (status)
		screen_toast(job->ui->screen, STYLE_WARN,
			_("the pager ended with an error: is $PAGER right?"));
	file_job_free(job);
}

static void page_done(void *data)
{
	struct file_job *job = data;

	job->is_paged = true;
	if (job->rc && job->ui->screen)
		screen_toast(job->ui->screen, STYLE_ERROR, job->err.text);
	if (job->rc || !job->ui->screen) {
		file_job_free(job);
		return;
	}
	ui_foreground(job->ui,
		(const char *[]){"sh", "-c", "exec ${PAGER:-less} \"$1\"", "sh", job->path, NULL},
		on_paged, job);
}

void ui_page(void *data, const char *name, const char *text, size_t len)
{
	struct ui *ui = data;

	(void)name;
	work_start(ui->session->loop, page_run, page_done, file_job_new(ui, text, len));
}
