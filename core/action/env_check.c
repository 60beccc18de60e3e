/*
 * One script on the host, which says lines "key value", and then one GET to the SQL Gateway, by the
 * way that a start would go. What the script says is foreign: it is only ever shown.
 *
 * The version is in the name of the one jar that every Flink has, so no JVM is started for it; only
 * where that name is unusual `flink --version` is asked. Java is looked for where Flink's own
 * scripts look: env.java.home, JAVA_HOME, the path.
 */
#include "core/action/env_check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/net/tunnel.h"

#define LOOK_MS 20000
#define OUTPUT_BYTES ((size_t)16 << 10)
#define GATEWAY_BYTES ((size_t)64 << 10)

static const char look_script[] =
	"home=$1; LC_ALL=C; export LC_ALL\n"
	"say() { printf '%s %s\\n' \"$1\" \"$2\"; }\n"
	"why=$(ls -d -- \"$home/.\" 2>&1 >/dev/null) || {\n"
	"	case $why in\n"
	"	*'ermission denied'*) say found unreadable ;;\n"
	"	*'ot a directory'*) say found file ;;\n"
	"	*) say found missing ;;\n"
	"	esac; exit 0; }\n"
	"[ -r \"$home\" ] && [ -x \"$home\" ] || { say found unreadable; exit 0; }\n"
	"if [ -e \"$home/lib\" ] && ! [ -r \"$home/lib\" ]; then say found unreadable; exit 0; fi\n"
	"n=0\n"
	"for jar in \"$home\"/lib/flink-dist*.jar; do\n"
	"	[ -f \"$jar\" ] || continue\n"
	"	n=$((n + 1)); v=${jar##*/flink-dist}; v=${v%.jar}\n"
	"	case $v in _*-*) v=${v#_*-} ;; -*) v=${v#-} ;; *) v= ;; esac\n"
	"done\n"
	"say jars $n\n"
	"say found folder\n"
	"[ -x \"$home/bin/flink\" ] && say client yes\n"
	"java=\n"
	"for conf in \"$home/conf/config.yaml\" \"$home/conf/flink-conf.yaml\"; do\n"
	"	[ -z \"$java\" ] && [ -r \"$conf\" ] || continue\n"
	"	java=$(awk '\n"
	"		/^env\\.java\\.home[ ]*:/ { sub(/^[^:]*:[ ]*/, \"\"); print; exit }\n"
	"		/^[^ #]/ { e = /^env[ ]*:/; j = 0; next }\n"
	"		e && /^ +java[ ]*:/ { j = 1; next }\n"
	"		e && j && /^ +home[ ]*:/ { sub(/^[^:]*:[ ]*/, \"\"); print; exit }\n"
	"	' \"$conf\" 2>/dev/null)\n"
	"done\n"
	"[ -n \"$java\" ] || java=${JAVA_HOME:-}\n"
	"if [ -n \"$java\" ]; then say java-home \"$java\"; java=$java/bin/java; else java=java; "
	"fi\n"
	"v1=$(\"$java\" -version 2>&1 </dev/null | sed -n 's/.*version \"\\([^\"]*\\)\".*/\\1/p' |"
	" head -n 1)\n"
	"[ -n \"$v1\" ] && say java \"$v1\"\n"
	"if [ $n -gt 0 ] && [ -z \"$v\" ] && [ -x \"$home/bin/flink\" ]; then\n"
	"	v=$(\"$home/bin/flink\" --version 2>/dev/null </dev/null |"
	" sed -n 's/^Version: \\([^,]*\\).*/\\1/p' | head -n 1)\n"
	"fi\n"
	"[ $n -gt 0 ] && [ -n \"$v\" ] && say version \"$v\"\n"
	"exit 0\n";

struct env_check {
	struct env_check_options options;
	struct env_state *state;
	struct ssh_op *look;
	struct http_transfer *transfer;
	env_check_fn done;
	void *data;
};

static void check_free(struct env_check *check)
{
	ssh_cancel(check->look);
	http_cancel(check->transfer);
	loop_unhold(check->options.loop);
	env_state_free(check->state);
	free(check);
}

void env_check_cancel(struct env_check *check)
{
	if (check)
		check_free(check);
}

static void finish_when_all(struct env_check *check)
{
	struct env_state *state = check->state;

	if (check->look || check->transfer)
		return;
	check->state = NULL;
	state->checked_ms = clock_wall_ms();
	check->done(check->data, state);
	check_free(check);
}

/* ---- its home ---- */

/* The value of the first line "key value", harmless, in the state's arena; NULL: there is none. */
static const char *line_of(struct env_check *check, const char *out, const char *key)
{
	size_t len = strlen(key);

	for (; *out; out += strcspn(out, "\n"), out += *out == '\n') {
		if (strncmp(out, key, len) != 0 || out[len] != ' ')
			continue;
		struct buf clean;
		buf_init(&clean, 4096);
		utf8_neutralise(&clean, out + len + 1, strcspn(out + len + 1, "\n"));
		const char *value = arena_strdup(check->state->arena, buf_str(&clean));
		buf_release(&clean);
		return *value ? value : NULL;
	}
	return NULL;
}

static const char *place_of(const struct env_state *state)
{
	return state->host ? state->host : _("this machine");
}

static void judge_folder(struct env_state *state, const char *jars, bool has_client)
{
	struct arena *arena = state->arena;
	int64_t count = 0;

	if (!jars || !str_to_int64(jars, &count) || count == 0) {
		state->found = ENV_NO_FLINK;
		state->problem = arena_printf(arena,
			_("%s on %s holds no Flink: there is no lib/flink-dist-*.jar in it"),
			state->home, place_of(state));
		return;
	}
	state->found = ENV_INCOMPLETE;
	if (count > 1)
		state->problem = arena_printf(arena,
			_("%lld flink-dist jars in %s/lib: keep one, or none can tell what runs"),
			(long long)count, state->home);
	else if (!has_client)
		state->problem = arena_printf(
			arena, _("%s/bin/flink cannot be run by this user"), state->home);
	else if (!state->version)
		state->problem = arena_printf(arena, _("%s does not say its version"), state->home);
	else if (!state->java)
		state->problem = arena_printf(arena,
			_("no Java is found on %s as a command finds it: set env.java.home in "
			  "%s/conf"),
			place_of(state), state->home);
	else if (!env_java_fits(state->version, state->java))
		state->problem = arena_printf(arena,
			_("Flink %s does not run on Java %s: set env.java.home in %s/conf"),
			state->version, state->java, state->home);
	else
		state->found = ENV_OK;
}

static void judge_home(struct env_check *check, const char *out)
{
	struct env_state *state = check->state;
	const char *found = line_of(check, out, "found");

	state->version = line_of(check, out, "version");
	state->java = line_of(check, out, "java");
	state->java_home = line_of(check, out, "java-home");
	if (str_eq(found, "folder")) {
		judge_folder(
			state, line_of(check, out, "jars"), line_of(check, out, "client") != NULL);
	} else if (str_eq(found, "unreadable")) {
		state->found = ENV_UNREADABLE;
		state->problem = arena_printf(state->arena,
			_("%s on %s must not be read by this user"), state->home, place_of(state));
	} else if (str_eq(found, "file")) {
		state->found = ENV_NO_FLINK;
		state->problem = arena_printf(
			state->arena, _("%s on %s is no folder"), state->home, place_of(state));
	} else {
		state->found = ENV_MISSING;
		state->problem = arena_printf(state->arena, _("there is no folder %s on %s"),
			state->home, place_of(state));
	}
}

static void ask_gateway(struct env_check *check);

static void on_looked(void *data, const struct ssh_result *result, const struct err *err)
{
	struct env_check *check = data;
	struct env_state *state = check->state;

	check->look = NULL;
	if (err) {
		state->found = ENV_UNREACHABLE;
		state->err = *err;
	} else if (result->exit_status || !line_of(check, buf_str(result->out), "found")) {
		state->found = ENV_UNREACHABLE;
		err_set(&state->err, E_PROTO, _("host %s: its shell cannot run what is asked: %s"),
			place_of(state), buf_str(result->err));
	} else {
		judge_home(check, buf_str(result->out));
	}
	if (!err)
		ask_gateway(check);
	finish_when_all(check);
}

static void look(struct env_check *check)
{
	const struct env_check_options *o = &check->options;
	struct buf line;

	buf_init(&line, 0);
	sh_quote_words(
		&line, (const char *const[]){"sh", "-c", look_script, "sh", check->state->home}, 5);
	check->look = ssh_exec(o->hosts,
		&(struct ssh_exec_options){.host = check->state->host,
			.command = buf_str(&line),
			.cap_bytes = OUTPUT_BYTES,
			.timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : LOOK_MS},
		on_looked, check);
	buf_release(&line);
}

/* ---- its SQL Gateway ---- */

char *gateway_version_of(const char *body, size_t len)
{
	json_t *root = doc_parse_json(body, len, "info", NULL);
	const char *product = json_string_value(json_object_get(root, "productName"));
	char *version = NULL;

	if (product && strstr(product, "Flink"))
		version = xstrdup_null(json_string_value(json_object_get(root, "version")));
	json_decref(root);
	return version;
}

static void on_gateway(void *data, const struct http_response *res, const struct err *err)
{
	struct env_check *check = data;
	struct env_state *state = check->state;
	struct err why = {0};
	char *version = NULL;

	check->transfer = NULL;
	if (!err && !http_status_error(res, &why))
		version = gateway_version_of(buf_str(res->body), res->body->len);
	if (err && err->code != E_PROTO) {
		state->gateway = GATEWAY_SILENT;
		state->gateway_problem = arena_strdup(state->arena, err->text);
	} else if (!version) {
		state->gateway = GATEWAY_WRONG;
		state->gateway_problem = arena_printf(state->arena,
			_("what answers at %s is no SQL Gateway (a JobManager has another "
			  "address)%s%s"),
			state->sql_gateway, why.code || err ? ": " : "",
			why.code      ? why.text
				: err ? err->text
				      : "");
	} else {
		state->gateway = GATEWAY_OK;
		state->gateway_version = arena_strdup(state->arena, version);
	}
	free(version);
	finish_when_all(check);
}

static void ask_gateway(struct env_check *check)
{
	const struct env_check_options *o = &check->options;
	struct env_state *state = check->state;
	const char *proxy = NULL;
	struct err err = {0};
	char *url;

	if (!state->sql_gateway)
		return;
	if (state->host && !(proxy = tunnel_proxy(o->hosts, state->host, &err))) {
		state->gateway = GATEWAY_SILENT;
		state->gateway_problem = arena_strdup(state->arena, err.text);
		return;
	}
	url = xasprintf("%s/v1/info", state->sql_gateway);
	check->transfer = http_start(o->http,
		&(struct http_request){.where = state->name,
			.url = url,
			.proxy = proxy,
			.via = state->host,
			.cap_bytes = GATEWAY_BYTES,
			.timeout_ms = o->timeout_ms},
		on_gateway, check);
	free(url);
}

struct env_check *env_check_start(
	const struct env_check_options *options, env_check_fn done, void *data)
{
	struct env_check *check = xcalloc(1, sizeof(*check));
	const struct flink_env_config *env = options->env;

	check->options = *options;
	check->done = done;
	check->data = data;
	check->state =
		env_state_new(options->context, env->name, env->home, env->host, env->sql_gateway);
	loop_hold(options->loop);
	look(check);
	return check;
}
