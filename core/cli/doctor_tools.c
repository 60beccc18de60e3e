/*
 * What builds and releases need on their hosts: git and the first word of each build command; and a
 * release folder that can be written (it is only tested, nothing is made). One command a host.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/cli/doctor.h"
#include "core/net/ssh.h"

#define LOOK_MS 15000

/* $1: a release folder or "", then programs. */
static const char look_script[] =
	"dir=$1; shift\n"
	"for tool do\n"
	"	p=$(command -v -- \"$tool\" 2>/dev/null) && printf 'have %s %s\\n' \"$tool\" "
	"\"$p\" ||\n"
	"		printf 'lack %s\\n' \"$tool\"\n"
	"done\n"
	"v=$(git --version 2>/dev/null) && printf 'git %s\\n' \"${v#git version }\"\n"
	"[ -n \"$dir\" ] || exit 0\n"
	"case $dir in /*) ;; *) dir=${HOME:?}/$dir ;; esac\n"
	"at=$dir\n"
	"while ! [ -e \"$at\" ]; do up=${at%/*}; at=${up:-/}; done\n"
	"printf 'dir %s\\nat %s\\n' \"$dir\" \"$at\"\n"
	"[ -d \"$at\" ] && [ -w \"$at\" ] && [ -x \"$at\" ] && echo 'writable yes'\n"
	"free=$(df -Pk -- \"$at\" 2>/dev/null | awk 'NR == 2 { print $4 }')\n"
	"[ -n \"$free\" ] && printf 'free %s\\n' \"$free\"\n"
	"exit 0\n";

struct tools_task {
	struct subject *subject;
	const char *host;        /* NULL = this machine */
	VEC(const char *) tools; /* borrowed: static, or in the doctor's arena */
	bool builds, releases;
	struct ssh_op *op;
};

static void add_tool(struct tools_task *task, const char *tool)
{
	for (size_t i = 0; i < task->tools.len; i++)
		if (str_eq(task->tools.data[i], tool))
			return;
	vec_push(&task->tools, tool);
}

static const char *value_after(const char *line, const char *key)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) == 0 && line[len] == ' ' ? line + len + 1 : NULL;
}

static void say_folder(struct subject *subject, const char *dir, const char *at, bool writable,
	const char *free_kib)
{
	int64_t kib = -1;
	bool is_low;

	if (!dir || !at)
		return;
	if (free_kib && !str_to_int64(free_kib, &kib))
		kib = -1;
	if (!writable) {
		subject_say(subject, "release-dir", FINDING_FAIL, -1,
			_("let this user write there, or name another release-dir: in the context"),
			_("%s must not be written%s%s"), at, str_eq(dir, at) ? "" : _(", so not "),
			str_eq(dir, at) ? "" : dir);
		return;
	}
	is_low = kib >= 0 && kib < (int64_t)1024 * 1024;
	subject_say(subject, "release-dir", is_low ? FINDING_WARN : FINDING_OK, -1,
		is_low ? _("make room, or keep fewer: keep-releases: in the context") : NULL,
		_("%s can be written%s; free: %lld MiB"), dir,
		str_eq(dir, at) ? "" : _(" (not there yet)"),
		(long long)(kib < 0 ? -1 : kib / 1024));
}

static void say_tools(const struct tools_task *task, char *out)
{
	const char *dir = NULL, *at = NULL, *free_kib = NULL, *value;
	bool writable = false;

	for (char *line; (line = strsep(&out, "\n"));) {
		if ((value = value_after(line, "lack")))
			subject_say(task->subject, "tool", FINDING_FAIL, -1,
				_("install it there, or set its path in the PATH of "
				  "non-interactive logins"),
				_("no program %s, which build commands use"), value);
		else if ((value = value_after(line, "have")) && !str_starts(value, "git "))
			subject_say(task->subject, "tool", FINDING_OK, -1, NULL, "%s", value);
		else if ((value = value_after(line, "git")) && task->builds)
			subject_say(task->subject, "git", FINDING_OK, -1, NULL, "git %s", value);
		else if ((value = value_after(line, "dir")))
			dir = value;
		else if ((value = value_after(line, "at")))
			at = value;
		else if ((value = value_after(line, "free")))
			free_kib = value;
		else if (str_eq(line, "writable yes"))
			writable = true;
	}
	say_folder(task->subject, dir, at, writable, free_kib);
}

static void on_looked(void *data, const struct ssh_result *result, const struct err *err)
{
	struct tools_task *task = data;

	task->op = NULL;
	if (err) {
		subject_say(task->subject, "reach", FINDING_FAIL, -1,
			_("see the checks of that host"), "%s", err->text);
	} else if (result->exit_status) {
		subject_say(task->subject, "reach", FINDING_FAIL, -1, NULL,
			_("its shell cannot run what is asked: %s"), buf_str(result->err));
	} else {
		char *out = buf_detach(result->out);
		say_tools(task, out);
		free(out);
	}
	subject_end(task->subject);
}

static void release(struct subject *subject)
{
	struct tools_task *task = subject->task;

	ssh_cancel(task->op);
	vec_release(&task->tools);
	free(task);
}

/* Where releases of Flink envs on this host lie: as core/action/release.c has it. */
static char *release_dir(const struct tools_task *task)
{
	const struct session_context *context = task->subject->context;
	const char *said = context->config->release_dir;

	if (!task->releases)
		return xstrdup("");
	if (said)
		return xstrdup(str_starts(said, "~/") ? said + 2 : said);
	return task->host ? xstrdup(".local/share/weir/releases")
			  : xasprintf("%s/releases", store_dir(context->store));
}

static void start(struct tools_task *task)
{
	struct buf line;
	char *dir = release_dir(task);

	buf_init(&line, 0);
	sh_quote_words(&line, (const char *const[]){"sh", "-c", look_script, "sh", dir}, 5);
	for (size_t i = 0; i < task->tools.len; i++) {
		buf_addc(&line, ' ');
		sh_quote(&line, task->tools.data[i]);
	}
	task->subject->area = task->builds ? "build" : "release";
	subject_begin(task->subject);
	task->op = ssh_exec(task->subject->context->ssh,
		&(struct ssh_exec_options){
			.host = task->host, .command = buf_str(&line), .timeout_ms = LOOK_MS},
		on_looked, task);
	buf_release(&line);
	free(dir);
}

/* "mvn" of "mvn -q package"; NULL where the first word is more than a plain name. */
static const char *program_of(struct arena *arena, const char *command)
{
	size_t len;

	if (!command)
		return NULL;
	command += strspn(command, " \t\n");
	len = strspn(command, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-");
	if (!len || *command == '-' || *command == '.' ||
		(command[len] && !strchr(" \t\n;", command[len])))
		return NULL;
	return arena_strndup(arena, command, len);
}

typedef VEC(struct tools_task *) task_vec;

static struct tools_task *task_of(struct doctor *doctor, const struct session_context *context,
	task_vec *tasks, const char *host)
{
	struct tools_task *task;

	if (str_eq(host, "local"))
		host = NULL;
	for (size_t i = 0; i < tasks->len; i++)
		if (str_eq(tasks->data[i]->host, host))
			return tasks->data[i];
	task = xcalloc(1, sizeof(*task));
	task->host = host;
	task->subject = subject_new(doctor, "build", context, host ? host : "local");
	task->subject->task = task;
	task->subject->release = release;
	vec_push(tasks, task);
	return task;
}

void doctor_tools(struct doctor *doctor, const struct session_context *context)
{
	struct app *const *apps;
	size_t count;
	task_vec tasks = {0};

	apps = fleet_apps(doctor->session->fleet, &count);
	for (size_t i = 0; i < count; i++) {
		const struct app_decl *decl = apps[i]->decl;
		struct tools_task *task;
		const char *program;

		if (!decl || decl->error || !decl->has_build ||
			!str_eq(apps[i]->context, context->config->name))
			continue;
		task = task_of(doctor, context, &tasks, decl->build.host);
		task->builds = true;
		if (decl->build.git)
			add_tool(task, "git");
		program = program_of(doctor->arena, decl->build.command);
		if (program)
			add_tool(task, program);
	}
	for (size_t i = 0; i < context->config->flink_env_count; i++)
		task_of(doctor, context, &tasks, context->config->flink_envs[i].host)->releases =
			true;
	for (size_t i = 0; i < tasks.len; i++)
		start(tasks.data[i]);
	vec_release(&tasks);
}
