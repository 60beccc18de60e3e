/* The script does it; this remembers where. */
#include "tests/support/front.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

struct front {
	char *dir, *env;
	VEC(char *) paths;
};

static int run(const char *what, const char *dir, const char *upstream, const char *owner)
{
	struct program *p = program_run(&(struct program_setup){
		.file = "tests/testbed/front",
		.words = (const char *[]){what, dir, upstream, owner, NULL},
	});
	int code = p->exit_code;

	if (code)
		fprintf(stderr, "front %s: %s%s\n", what, buf_str(&p->out), buf_str(&p->err));
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

static void read_env(struct front *front)
{
	char *path = temp_path(front->dir, "env");

	free(front->env);
	front->env = read_all(path);
	free(path);
}

static int up(struct front *front, const char *upstream)
{
	char owner[16];
	int rc;

	snprintf(owner, sizeof(owner), "%d", (int)getpid());
	rc = run("up", front->dir, upstream, owner);
	if (!rc)
		read_env(front);
	return rc;
}

static struct front *front_new(void)
{
	struct front *front = xcalloc(1, sizeof(*front));

	front->dir = temp_dir();
	return front;
}

struct front *front_up(int upstream_port)
{
	struct front *front = front_new();
	char port[16];

	snprintf(port, sizeof(port), "%d", upstream_port);
	if (!up(front, port))
		return front;
	front_down(front);
	return NULL;
}

struct front *front_certs(void)
{
	struct front *front = front_new();

	if (!run("certs", front->dir, NULL, NULL))
		return front;
	front_down(front);
	return NULL;
}

int front_before(struct front *front, int tls_port)
{
	char upstream[32];

	snprintf(upstream, sizeof(upstream), "https:%d", tls_port);
	return up(front, upstream);
}

void front_down(struct front *front)
{
	if (!front)
		return;
	run("down", front->dir, NULL, NULL);
	temp_dir_remove(front->dir);
	for (size_t i = 0; i < front->paths.len; i++)
		free(front->paths.data[i]);
	vec_release(&front->paths);
	free(front->env);
	free(front);
}

int front_port(const struct front *front, const char *name)
{
	char *key = xasprintf("%s_PORT=", name), *at;
	int64_t port = 0;

	for (char *p = key; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	at = strstr(front->env, key);
	if (at) {
		char *digits = xstrndup(at + strlen(key), strspn(at + strlen(key), "0123456789"));
		str_to_int64(digits, &port);
		free(digits);
	}
	free(key);
	return (int)port;
}

char *front_url(const struct front *front, const char *name, const char *path)
{
	return xasprintf("http%s://localhost:%d/flink/jm1%s", str_eq(name, "plain") ? "" : "s",
		front_port(front, name), path);
}

char *front_proxy(const struct front *front, const char *name)
{
	return xasprintf("http://localhost:%d", front_port(front, name));
}

const char *front_file(struct front *front, const char *name)
{
	char *path = temp_path(front->dir, name);

	vec_push(&front->paths, path);
	return path;
}

char *front_log(const struct front *front, const char *name)
{
	char *path = xasprintf("%s/%s.log", front->dir, name), *text = read_all(path);

	free(path);
	return text;
}
