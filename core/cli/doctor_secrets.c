/*
 * Files that hold a secret, as the configuration names them: private keys, passwords, tokens. What is in them is
 * not read; who may read them is looked at, on the pool, for they may lie on a disk that hangs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/doctor.h"
#include "core/loop/work.h"

struct secret {
	const char *check; /* what it is: static */
	char *owner, *path;
	bool is_foreign, is_missing;
	int error; /* errno */
	unsigned mode;
};

struct secrets {
	struct subject *subject; /* NULL: called off, nobody is told any more */
	VEC(struct secret) items;
};

static void add(struct secrets *secrets, const char *check, const char *owner, const char *path)
{
	struct secret secret = {.check = check};

	if (!path)
		return;
	secret.owner = xstrdup(owner);
	secret.path = xstrdup(path);
	vec_push(&secrets->items, secret);
}

static void look(void *data)
{
	struct secrets *secrets = data;
	struct secret *secret;

	vec_each (secret, &secrets->items) {
		struct stat info;

		if (stat(secret->path, &info)) {
			secret->error = errno;
			continue;
		}
		secret->mode = (unsigned)info.st_mode & 0777;
		secret->is_foreign = info.st_uid != geteuid();
		if (access(secret->path, R_OK))
			secret->error = errno;
	}
}

static void say(struct subject *subject, const struct secret *secret)
{
	unsigned others = secret->mode & 077;

	if (secret->error)
		subject_say(subject, secret->check, FINDING_FAIL, -1,
			_("correct its path in the configuration, or put it there (chmod 600)"),
			_("%s, of %s: %s"), secret->path, secret->owner, strerror(secret->error));
	else if (others)
		subject_say(subject, secret->check, FINDING_FAIL, -1,
			_("chmod 600: what others may read is no secret, and weir does not use it"),
			_("%s, of %s: mode %03o, others may %s it"), secret->path, secret->owner,
			secret->mode, others & 044 ? _("read") : _("write or run"));
	else if (secret->is_foreign)
		subject_say(subject, secret->check, FINDING_WARN, -1,
			_("chown it: who owns it can open it to others at any time"),
			_("%s, of %s: mode %03o, and it belongs to somebody else"), secret->path,
			secret->owner, secret->mode);
	else
		subject_say(subject, secret->check, FINDING_OK, -1, NULL, _("%s, of %s: mode %03o"),
			secret->path, secret->owner, secret->mode);
}

static void looked(void *data)
{
	struct secrets *secrets = data;
	struct subject *subject = secrets->subject;
	struct secret *secret;

	vec_each (secret, &secrets->items) {
		if (subject)
			say(subject, secret);
		free(secret->owner);
		free(secret->path);
	}
	if (subject) {
		subject->task = NULL;
		subject_end(subject);
	}
	vec_release(&secrets->items);
	free(secrets);
}

/* The pool cannot be called back: the task ends by itself. */
static void release(struct subject *subject)
{
	struct secrets *secrets = subject->task;

	if (secrets)
		secrets->subject = NULL;
}

/* A variable is there or is not; a program is asked when it is needed. */
static void say_variable(
	struct subject *subject, const char *owner, const struct secret_config *config)
{
	if (!config->env)
		return;
	if (getenv(config->env))
		subject_say(subject, "variable", FINDING_OK, -1, NULL, _("$%s, of %s: set"),
			config->env, owner);
	else
		subject_say(subject, "variable", FINDING_FAIL, -1,
			_("export it before weir starts, or name a file"), _("$%s, of %s: not set"),
			config->env, owner);
}

static void add_cluster(struct secrets *secrets, const struct cluster_config *cluster)
{
	struct subject *subject = secrets->subject;

	/* The key may be in the certificate's file. */
	add(secrets, "key", cluster->name, cluster->tls.key ? cluster->tls.key : cluster->tls.cert);
	add(secrets, "passphrase", cluster->name, cluster->tls.passphrase.file);
	add(secrets, cluster->auth.user ? "password" : "token", cluster->name,
		cluster->auth.secret.file);
	say_variable(subject, cluster->name, &cluster->tls.passphrase);
	say_variable(subject, cluster->name, &cluster->auth.secret);
}

void doctor_secrets(struct doctor *doctor, const struct session_context *context)
{
	const struct context_config *config = context->config;
	struct secrets *secrets = xcalloc(1, sizeof(*secrets));
	struct subject *subject = subject_new(doctor, "secrets", context, NULL);

	secrets->subject = subject;
	subject->task = secrets;
	subject->release = release;
	for (size_t i = 0; i < config->host_count; i++)
		add(secrets, "key", config->hosts[i].name, config->hosts[i].key);
	for (size_t i = 0; i < config->cluster_count; i++)
		add_cluster(secrets, &config->clusters[i]);
	subject_begin(subject);
	work_start(doctor->session->loop, look, looked, secrets);
}
