#include "tests/support/testbed.h"

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

struct testbed *testbed_new(const char *script)
{
	struct testbed *bed = xcalloc(1, sizeof(*bed));

	bed->script = script;
	bed->dir = temp_dir();
	return bed;
}

int testbed_run(const struct testbed *bed, const char *what, const char *word, const char *more)
{
	struct program *p = program_run(&(struct program_setup){
		.file = bed->script,
		.words = (const char *[]){what, bed->dir, word, more, NULL},
	});
	int code = p->exit_code;

	if (code)
		fprintf(stderr, "%s %s: %s%s\n", bed->script, what, buf_str(&p->out),
			buf_str(&p->err));
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

int testbed_up(struct testbed *bed, const char *word)
{
	char owner[16];
	int rc;

	snprintf(owner, sizeof(owner), "%d", (int)getpid());
	rc = testbed_run(bed, "up", word ? word : owner, word ? owner : NULL);
	if (!rc) {
		free(bed->env);
		bed->env = read_all(testbed_file(bed, "env"));
	}
	return rc;
}

void testbed_down(struct testbed *bed)
{
	if (!bed)
		return;
	testbed_run(bed, "down", NULL, NULL);
	temp_dir_remove(bed->dir);
	for (size_t i = 0; i < bed->paths.len; i++)
		free(bed->paths.data[i]);
	vec_release(&bed->paths);
	free(bed->env);
	free(bed);
}

int testbed_port(const struct testbed *bed, const char *name)
{
	char *key = xasprintf("%s_PORT=", name), *at;
	int64_t port = 0;

	for (char *p = key; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	at = strstr(bed->env, key);
	if (at) {
		char *digits = xstrndup(at + strlen(key), strspn(at + strlen(key), "0123456789"));
		str_to_int64(digits, &port);
		free(digits);
	}
	free(key);
	return (int)port;
}

const char *testbed_file(struct testbed *bed, const char *name)
{
	char *path = temp_path(bed->dir, name);

	vec_push(&bed->paths, path);
	return path;
}

char *testbed_log(const struct testbed *bed, const char *name)
{
	char *path = xasprintf("%s/%s.log", bed->dir, name), *text = read_all(path);

	free(path);
	return text;
}
