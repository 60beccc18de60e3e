/* The script does it; this remembers where. */
#include "tests/support/sshd.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

struct sshd {
	char *dir, *env, *path;
};

static int run(const char *dir, const char *what, const char *name)
{
	struct program *p = program_run(&(struct program_setup){
		.file = "tests/testbed/sshd",
		.words = (const char *[]){what, dir, name, NULL},
	});
	int code = p->exit_code;

	if (code)
		fprintf(stderr, "sshd %s: %s%s\n", what, buf_str(&p->out), buf_str(&p->err));
	program_free(p);
	return code;
}

static char *read_all(const char *path)
{
	struct buf text;

	buf_init(&text, 0);
	file_read(path, &text, NULL);
	return buf_detach(&text);
}

struct sshd *sshd_up(void)
{
	struct sshd *sshd = xcalloc(1, sizeof(*sshd));
	char *path, owner[16];

	sshd->dir = temp_dir();
	snprintf(owner, sizeof(owner), "%d", (int)getpid());
	if (run(sshd->dir, "up", owner)) {
		sshd_down(sshd);
		return NULL;
	}
	path = temp_path(sshd->dir, "env");
	sshd->env = read_all(path);
	free(path);
	return sshd;
}

void sshd_down(struct sshd *sshd)
{
	if (!sshd)
		return;
	run(sshd->dir, "down", NULL);
	temp_dir_remove(sshd->dir);
	free(sshd->env);
	free(sshd->path);
	free(sshd);
}

int sshd_port(const struct sshd *sshd, const char *name)
{
	char *key = xasprintf("%s_PORT=", name), *at;
	int64_t port = 0;

	for (char *p = key; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	at = strstr(sshd->env, key);
	if (at) {
		char *digits = xstrndup(at + strlen(key), strspn(at + strlen(key), "0123456789"));
		str_to_int64(digits, &port);
		free(digits);
	}
	free(key);
	return (int)port;
}

const char *sshd_file(struct sshd *sshd, const char *name)
{
	free(sshd->path);
	sshd->path = temp_path(sshd->dir, name);
	return sshd->path;
}

void sshd_do(const struct sshd *sshd, const char *what, const char *name)
{
	check_int(what, run(sshd->dir, what, name), 0);
}

char *sshd_log(const struct sshd *sshd, const char *name)
{
	char *path = xasprintf("%s/%s.log", sshd->dir, name), *text = read_all(path);

	free(path);
	return text;
}
