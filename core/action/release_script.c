/*
 * What a release runs on its host: small scripts, one for each thing that has to be done at once.
 * Paths are words of the command, quoted; a manifest may hold secrets and goes by stdin. What is
 * written appears under its name only when it is whole.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/action/release.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"

#define OUTPUT_BYTES ((size_t)64 << 10)
#define EXEC_TIMEOUT_MS ((int64_t)10 * 60 * 1000)

#define SHA256                                                                                     \
	"sha256() {\n"                                                                             \
	"	if command -v sha256sum >/dev/null 2>&1; then sha256sum <\"$1\"\n"                       \
	"	elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <\"$1\"\n"                    \
	"	else openssl dgst -sha256 -r <\"$1\"; fi | cut -c1-64\n"                                 \
	"}\n"

const char release_script_place[] =
	"umask 077; root=$1\n"
	"case $root in /*) ;; *) root=${HOME:?}/$root ;; esac\n"
	"base=$root/$2/$3; mkdir -p -- \"$base\" && cd -- \"$base\" || exit 1\n"
	"last=0\n"
	"for d in *; do\n"
	"	case $d in ''|0*|*[!0-9]*|??????????*) continue ;; esac\n"
	"	[ \"$d\" -gt \"$last\" ] && last=$d\n"
	"done\n"
	"printf 'base %s\\nlast %s\\n' \"$base\" \"$last\"\n";

const char release_script_folder[] = "umask 077; mkdir -- \"$1\"\n";

const char release_script_copy[] =
	SHA256 "from=$1; to=$2; umask 077\n"
	       "case $from in /*) ;; *) from=${HOME:?}/$from ;; esac\n"
	       "[ -f \"$from\" ] || { echo \"$from: no such file\" >&2; exit 1; }\n"
	       "cp -- \"$from\" \"$to.part\" || { rm -f -- \"$to.part\"; exit 1; }\n"
	       "chmod 600 \"$to.part\" && mv -f -- \"$to.part\" \"$to\" || exit 1\n"
	       "printf 'sha256 %s\\nsize %s\\n' \"$(sha256 \"$to\")\" $(($(wc -c <\"$to\")))\n";

const char release_script_manifest[] =
	"umask 077; cat >\"$1.part\" && mv -f -- \"$1.part\" \"$1\" || {\n"
	"	rm -f -- \"$1.part\"; exit 1; }\n";

const char release_script_sums[] =
	SHA256 "for file do\n"
	       "	[ -f \"$file\" ] || { echo \"$file: no such file\" >&2; exit 1; }\n"
	       "	printf 'sha256 %s\\n' \"$(sha256 \"$file\")\"\n"
	       "done\n";

/* rename(2) replaces the link at once: there is never a moment without it. */
const char release_script_activate[] =
	"cd -- \"$1\" && [ -d \"$2\" ] || { echo \"$1/$2: no such folder\" >&2; exit 1; }\n"
	"rm -f -- .current.weir && ln -s -- \"$2\" .current.weir &&\n"
	"	mv -fT -- .current.weir current\n";

const char release_script_remove[] = "rm -rf -- \"$@\"\n";

char *release_line(char *out, const char *key)
{
	size_t len = strlen(key);

	for (char *line = out; *line;) {
		char *end = line + strcspn(line, "\n");

		if (strncmp(line, key, len) == 0 && line[len] == ' ') {
			*end = '\0';
			return line + len + 1;
		}
		line = *end ? end + 1 : end;
	}
	return NULL;
}

void release_fail(struct action *action, const char *host, const struct err *err)
{
	action->err = *err;
	err_prefix(&action->err, _("%s on %s"), action_step(action)->name, host_label(host));
	step_failed(action);
}

static void on_done(void *data, const struct ssh_result *result, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;
	void (*then)(struct action *, char *) = work->then;
	struct err why = {0};
	char *out;

	work->op = NULL;
	work->then = NULL;
	action_output(action, buf_str(result->err), result->err->len);
	if (err) {
		why = *err;
	} else if (result->exit_status) {
		char *last = action_last_lines(action, 3);

		err_set(&why, E_REMOTE, _("exit status %d%s%s"), result->exit_status,
			*last ? ": " : "", last);
		free(last);
	}
	if (why.code) {
		release_fail(action, result->host, &why);
		return;
	}
	out = xstrdup(buf_str(result->out));
	then(action, out);
	free(out);
}

void release_command(struct buf *out, const char *script, const char *const *words, size_t count)
{
	buf_adds(out, "exec sh -c ");
	sh_quote(out, script);
	buf_adds(out, " weir ");
	sh_quote_words(out, words, count);
}

void release_exec(struct action *action, const char *host, const char *script,
	const char *const *words, size_t count, const char *input,
	void (*then)(struct action *action, char *out))
{
	struct release_work *work = action->release;
	struct buf command;

	buf_init(&command, 0);
	release_command(&command, script, words, count);
	work->then = then;
	work->op = ssh_exec(action->options.hosts,
		&(struct ssh_exec_options){.host = host,
			.command = buf_str(&command),
			.input = input,
			.input_len = input ? strlen(input) : 0,
			.cap_bytes = OUTPUT_BYTES,
			.timeout_ms = EXEC_TIMEOUT_MS},
		on_done, action);
	buf_release(&command);
}
