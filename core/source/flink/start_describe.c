/* A start in words, as it would be done now: what is not asked of anybody is guessed from names. */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/flink/start_internal.h"

static void describe_words(struct buf *out, const struct start *start, const char *host)
{
	struct flink_words words = {0};
	struct err err = {0};
	char *line;

	if (flink_words(&words, &start->value, &err)) {
		buf_addf(out, _("refused: %s\n"), err.text);
		return;
	}
	line = flink_words_line(&words, true);
	buf_addf(out, "%s: " START_LOCALE "%s\n", host ? host : "local", line);
	free(line);
	flink_words_release(&words);
}

static void describe_rest(struct buf *out, const struct start *start, const char *base)
{
	const struct deployment *deployment = start->deployment;
	struct err err = {0};
	char *body = flink_start_body(&start->value, &err), *masked;
	char *name = flink_jar_name(deployment->artifact ? deployment->artifact : "",
		deployment->artifact_sha256 ? deployment->artifact_sha256 : "<sha256>");

	if (!body) {
		buf_addf(out, _("refused: %s\n"), err.text);
	} else {
		masked = redact_dup(body);
		buf_addf(out, _("POST %s/jars/upload %s as %s (unless it is there)\n"), base,
			deployment->artifact ? deployment->artifact : "", name);
		buf_addf(out, "POST %s/jars/<id>_%s/run %s\n", base, name, masked);
		free(masked);
		free(body);
	}
	free(name);
}

static void add_body(struct buf *out, json_t *body)
{
	char *text = json_dumps(body, JSON_PRESERVE_ORDER), *masked = redact_dup(text);

	buf_addf(out, " %s\n", masked);
	mem_wipe(text, strlen(text));
	free(masked);
	free(text);
	json_decref(body);
}

static void describe_gateway(struct buf *out, const struct start *start)
{
	char *base = http_url_display(start->deployment->env.sql_gateway);

	buf_addf(out, "POST %s/v1/sessions", base);
	add_body(out, gateway_session_body(start));
	for (size_t i = 0; i < start->script.len; i++) {
		buf_addf(out, "POST %s/v1/sessions/<session>/statements", base);
		add_body(out, gateway_statement_body(start, &start->script.data[i]));
		buf_addf(out, "GET %s/v1/sessions/<session>/operations/<operation>/result/0\n",
			base);
	}
	buf_addf(out, "DELETE %s/v1/sessions/<session>\n", base);
	free(base);
}

static void describe_client(struct buf *out, const struct start *start, const char *host)
{
	char *script = start_client_script(start), *masked = redact_dup(script), *rest = masked;

	buf_addf(out, _("%s: %s%s/bin/sql-client.sh -f <a file of mode 0600 with:>\n"),
		host ? host : "local", START_LOCALE, start->deployment->env.home);
	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line)
			buf_addf(out, "  %s\n", line);
	mem_wipe(script, strlen(script));
	free(masked);
	free(script);
}

/* What can be said without asking: the version is that of the last poll, else what names say. */
static int prepare(struct start *start, const struct start_options *options, struct err *err)
{
	const struct deployment *deployment = start->deployment;
	int rc = start_check_request(options, err);

	if (!rc && deployment->type == APP_SQL) {
		rc = script_split(&start->script, deployment->sql, err);
		if (!rc)
			rc = script_check(&start->script, err);
		if (rc)
			err_prefix(err, "%s", deployment->name);
	}
	if (rc)
		return rc;
	start->value.version = options->version ? xstrdup(options->version)
		: deployment->env.home          ? flink_version_in(deployment->env.home)
						: NULL;
	if (!start->value.version && deployment->env.name)
		start->value.version = flink_version_in(deployment->env.name);
	if (options->address_count)
		start->value.address = xstrdup(start_base(start));
	if (start->way == WAY_REST && deployment->property_count && deployment->env.home &&
		flink_version_number(start->value.version) == 116)
		start->way = WAY_RUN;
	return 0;
}

int start_check(const struct start_options *options, struct err *err)
{
	struct start *start = start_alloc(options);
	struct flink_words words = {0};
	struct err why = {0};
	int rc = prepare(start, options, &why);

	if (!rc && start->way == WAY_RUN) {
		rc = flink_words(&words, &start->value, &why);
		/* What the version decides is not sure before it is known. */
		if (rc == E_UNSUPPORTED && !options->version)
			rc = 0;
		flink_words_release(&words);
	}
	if (rc)
		*err = why;
	start_free(start);
	return rc;
}

char *start_describe(const struct start_options *options)
{
	struct start *start = start_alloc(options);
	struct err err = {0};
	struct buf out;
	const char *host;
	char *base;

	buf_init(&out, 0);
	if (prepare(start, options, &err)) {
		buf_addf(&out, _("refused: %s\n"), err.text);
		goto out;
	}
	host = start_host(start->deployment);
	base = options->address_count ? http_url_display(start_base(start)) : xstrdup("");
	if (!start->value.version && start->way == WAY_RUN)
		buf_addf(&out, _("# its version of Flink is looked up first; as for 1.20:\n"));
	if (start->way == WAY_REST)
		describe_rest(&out, start, base);
	else if (start->way == WAY_RUN)
		describe_words(&out, start, host);
	else if (start->way == WAY_GATEWAY)
		describe_gateway(&out, start);
	else
		describe_client(&out, start, host);
	free(base);
out:
	start_free(start);
	if (out.len && out.data[out.len - 1] == '\n')
		out.data[--out.len] = '\0';
	return buf_detach(&out);
}
