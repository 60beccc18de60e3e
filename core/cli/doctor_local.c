/*
 * This machine: the configuration and the workspaces, as they were read when the session opened; the
 * store's files; what the system allows; ssh and its agent. Files are
 * looked at on the pool, programs are run as children.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/doctor.h"
#include "core/cli/limits.h"
#include "core/loop/proc.h"
#include "core/loop/work.h"
#include "core/net/http.h"
#include "core/net/http_room.h"
#include "core/net/ssh_facts.h"
#include "core/net/tunnel.h"
#include "core/store/inspect.h"

#define MIB ((int64_t)1 << 20)
#define PROGRAM_MS 5000

/* ---- configuration and workspace ---- */

static void say_file(struct subject *subject, const char *path)
{
	struct stat info;

	if (stat(path, &info) == 0 && info.st_mode & (S_IWGRP | S_IWOTH))
		subject_say(subject, "mode", FINDING_WARN, -1,
			_("chmod go-w: who writes it decides which commands weir runs"),
			_("%s can be written by others (mode %03o)"), path,
			(unsigned)info.st_mode & 0777);
}

static void check_configuration(struct doctor *doctor, const struct err *config_err)
{
	struct subject *subject = subject_new(doctor, "configuration", NULL, NULL);
	const struct session *session = doctor->session;
	struct buf names;

	if (!session) {
		subject_say(subject, "file", FINDING_FAIL, -1,
			_("correct it; hosts and clusters are checked when it can be read"), "%s",
			config_err ? config_err->text : "");
		return;
	}
	if (session->is_unconfigured) {
		char *path = config_default_path();
		subject_say(subject, "file", FINDING_WARN, -1,
			_("write one (weir writes a first one with :write-config), or name a "
			  "JobManager with --rest URL"),
			_("there is no %s: http://localhost:8081 is asked"), path);
		free(path);
		return;
	}
	buf_init(&names, 0);
	for (size_t i = 0; i < session->context_count; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", session->contexts[i].config->name);
	subject_say(subject, "file", FINDING_OK, -1, NULL, _("%s: contexts: %zu, in use: %s"),
		session->config->path ? session->config->path : "--rest",
		session->config->context_count, buf_str(&names));
	buf_release(&names);
	if (session->config->path)
		say_file(subject, session->config->path);
}

/* Preferences: a wrong one is not used, and everything works. */
static void check_console_files(struct doctor *doctor)
{
	const struct console_file *file = doctor->gather.cli->console_files;

	for (; file && file->name; file++) {
		struct err err = {0};
		char *path = NULL;
		int rc = file->check(&path, &err);
		if (rc || path)
			subject_say(subject_new(doctor, file->name, NULL, NULL), "file",
				rc ? FINDING_WARN : FINDING_OK, -1,
				rc ? _("correct it: the console uses the default instead") : NULL,
				"%s", rc ? err.text : path);
		free(path);
	}
}

static void check_workspace(struct doctor *doctor, const struct session_context *context)
{
	const struct fleet *fleet = doctor->session->fleet;
	const struct err *why = fleet_workspace_error(fleet, context->config->name);
	struct subject *subject;
	size_t count, teams = 0, apps = 0, broken = 0;

	if (!context->config->workspace)
		return;
	subject = subject_new(doctor, "workspace", context, NULL);
	struct team *const *all_teams = fleet_teams(fleet, &count);
	for (size_t i = 0; i < count; i++) {
		const struct team *team = all_teams[i];
		if (!str_eq(team->context, context->config->name))
			continue;
		teams++;
		if (team->decl->error) {
			broken++;
			subject_say(
				subject, "broken", FINDING_FAIL, -1, NULL, "%s", team->decl->error);
		}
	}
	struct app *const *all_apps = fleet_apps(fleet, &count);
	for (size_t i = 0; i < count; i++) {
		const struct app *app = all_apps[i];
		if (!app->decl || !str_eq(app->context, context->config->name))
			continue;
		apps++;
		if (app->decl->error) {
			broken++;
			subject_say(
				subject, "broken", FINDING_FAIL, -1, NULL, "%s", app->decl->error);
		}
	}
	if (why)
		subject_say(subject, "folder", FINDING_FAIL, -1,
			_("workspace: is a folder with teams/<team>/apps/*.yaml in it"), "%s",
			why->text);
	else
		subject_say(subject, "folder", FINDING_OK, -1, NULL,
			_("%s: teams: %zu, applications: %zu, broken files: %zu"),
			context->config->workspace, teams, apps, broken);
}

/* ---- the store ---- */

struct store_task {
	struct subject *subject; /* NULL: called off, nobody is told any more */
	char *dir, *context;
	struct kept_files *files;
};

static void store_look(void *data)
{
	struct store_task *task = data;

	task->files = store_inspect(task->dir, task->context, false, NULL, NULL);
}

static void say_file_of_store(struct subject *subject, const struct kept_file *file)
{
	if (file->status == FINDING_OK && file->mode)
		subject_say(subject, "files", FINDING_OK, -1, NULL,
			_("%s: %lld KiB, mode %s, schema %lld"), file->name,
			(long long)(file->bytes + 1023) / 1024, file->mode,
			(long long)file->schema);
	else
		subject_say(subject, "files", file->status, -1, file->cure, "%s: %s", file->name,
			file->found);
}

static void say_store(const struct store_task *task)
{
	struct subject *subject = task->subject;
	const struct err *problem = &subject->context->store_problem;
	const struct kept_file *folder = &task->files->items[0];

	subject_say(subject, "folder", folder->status, -1, folder->cure,
		_("%s, mode %s, %lld MiB free: %s"), task->dir, folder->mode ? folder->mode : "-",
		(long long)(folder->bytes / MIB), folder->found);
	if (problem->code)
		subject_say(subject, "files", FINDING_FAIL, -1,
			_("until then nothing is remembered, and no run can be journalled"), "%s",
			problem->text);
	for (size_t i = 1; i < task->files->count; i++)
		say_file_of_store(subject, &task->files->items[i]);
}

static void store_looked(void *data)
{
	struct store_task *task = data;

	if (task->subject) {
		struct subject *subject = task->subject;
		say_store(task);
		subject->task = NULL;
		subject_end(subject);
	}
	kept_files_free(task->files);
	free(task->context);
	free(task->dir);
	free(task);
}

/* The pool cannot be called back: the task ends by itself. */
static void store_release(struct subject *subject)
{
	struct store_task *task = subject->task;

	if (task)
		task->subject = NULL;
}

static void check_store(struct doctor *doctor, const struct session_context *context)
{
	struct store_task *task = xcalloc(1, sizeof(*task));

	task->subject = subject_new(doctor, "store", context, NULL);
	task->subject->task = task;
	task->subject->release = store_release;
	task->dir = xstrdup(store_dir(context->store));
	task->context = xstrdup(context->config->name);
	subject_begin(task->subject);
	work_start(doctor->session->loop, store_look, store_looked, task);
}

/* ---- limits ---- */

static void check_limits(struct doctor *doctor)
{
	struct subject *subject = subject_new(doctor, "limits", NULL, NULL);
	struct open_files files = open_files_of(doctor->session);
	bool is_low = files.limit >= 0 && files.limit < files.need;

	subject_say(subject, "open-files", is_low ? FINDING_WARN : FINDING_OK, -1,
		is_low ? _("raise the hard limit (ulimit -Hn, limits.conf): until then idle "
			   "connections are closed sooner")
		       : NULL,
		_("%lld may be open; these contexts need at most about %lld"),
		(long long)files.limit, (long long)files.need);
	subject_say(subject, "connections", FINDING_OK, -1, NULL,
		_("HTTP: at most %d requests on their way; SSH: one connection a host, at most %d "
		  "tunnels each"),
		http_room(files.limit, HTTP_IN_FLIGHT, HTTP_SHARDS).in_flight, TUNNEL_CHANNELS_MAX);
}

/* ---- ssh and its agent ---- */

struct ssh_task {
	struct subject *subject;
	struct proc *version, *agent;
	bool needs_program;
};

static void on_version(void *data, const struct proc_result *result, const struct err *err)
{
	struct ssh_task *task = data;

	task->version = NULL;
	if (err)
		subject_say(task->subject, "program",
			task->needs_program ? FINDING_FAIL : FINDING_WARN, -1,
			_("install it (package openssh-client)"),
			_("no ssh program: ~/.ssh/config is not read, and transport: openssh is "
			  "not possible"));
	else
		subject_say(task->subject, "program", FINDING_OK, -1, NULL,
			_("%.*s: reads ~/.ssh/config for weir where weir's file is silent"),
			(int)strcspn(buf_str(result->err), "\r\n"), buf_str(result->err));
	subject_end(task->subject);
}

/* "256 SHA256:… comment (ED25519)": only how many there are of a kind. */
static void say_agent_keys(struct subject *subject, const char *out)
{
	int count = 0, rsa = 0;

	for (const char *line = out; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "\n");
		count++;
		rsa += len > 5 && strncmp(line + len - 5, "(RSA)", 5) == 0;
	}
	subject_say(subject, "agent", count > rsa ? FINDING_OK : FINDING_WARN, -1,
		count > rsa ? NULL
			    : _("RSA keys are of no use to libssh2: ssh-add an ed25519 key, or "
				"transport: openssh"),
		_("keys in it: %d, RSA among them: %d"), count, rsa);
}

static void on_agent(void *data, const struct proc_result *result, const struct err *err)
{
	struct ssh_task *task = data;

	task->agent = NULL;
	if (err || result->exit_status > 1 || result->exit_status < 0)
		subject_say(task->subject, "agent", FINDING_WARN, -1,
			_("start one (eval \"$(ssh-agent)\") and ssh-add, or unset SSH_AUTH_SOCK"),
			_("SSH_AUTH_SOCK is set, and no agent answers there"));
	else if (result->exit_status == 1)
		subject_say(task->subject, "agent", FINDING_WARN, -1, _("ssh-add KEY"),
			_("it holds no key"));
	else
		say_agent_keys(task->subject, buf_str(result->out));
	subject_end(task->subject);
}

static void ssh_release(struct subject *subject)
{
	struct ssh_task *task = subject->task;

	proc_cancel(task->version);
	proc_cancel(task->agent);
	free(task);
}

static void check_ssh(struct doctor *doctor)
{
	struct loop *loop = doctor->session->loop;
	struct ssh_task *task = xcalloc(1, sizeof(*task));

	task->subject = subject_new(doctor, "ssh", NULL, NULL);
	task->subject->task = task;
	task->subject->release = ssh_release;
	for (size_t i = 0; i < doctor->session->context_count; i++) {
		const struct context_config *config = doctor->session->contexts[i].config;
		for (size_t k = 0; k < config->host_count; k++)
			task->needs_program |= config->hosts[k].transport == TRANSPORT_OPENSSH;
	}
	subject_begin(task->subject);
	task->version = proc_start(loop,
		&(struct proc_options){.argv = (const char *const[]){"ssh", "-V", NULL},
			.timeout_ms = PROGRAM_MS,
			.cap_bytes = 4096},
		on_version, task);
	if (str_empty(getenv("SSH_AUTH_SOCK"))) {
		subject_say(task->subject, "agent", FINDING_OK, -1, NULL,
			_("none runs (SSH_AUTH_SOCK is not set): key files and what is typed"));
		return;
	}
	subject_begin(task->subject);
	task->agent = proc_start(loop,
		&(struct proc_options){.argv = (const char *const[]){"ssh-add", "-l", NULL},
			.timeout_ms = PROGRAM_MS,
			.cap_bytes = 64 << 10},
		on_agent, task);
}

void doctor_local(struct doctor *doctor, const struct err *config_err)
{
	check_configuration(doctor, config_err);
	check_console_files(doctor);
	for (size_t i = 0; doctor->session && i < doctor->session->context_count; i++) {
		check_workspace(doctor, &doctor->session->contexts[i]);
		check_store(doctor, &doctor->session->contexts[i]);
	}
	doctor_terminal(doctor);
	doctor_libraries(doctor);
	check_limits(doctor);
	for (size_t i = 0; doctor->session && i < doctor->session->context_count; i++)
		doctor_secrets(doctor, &doctor->session->contexts[i]);
	if (doctor->session)
		check_ssh(doctor);
}
