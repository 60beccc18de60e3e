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
	buf_addf(out, "%s: %s\n", host ? host : "local", line);
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

static void describe_sql(struct buf *out, struct start *start, const char *host)
{
	const struct deployment *deployment = start->deployment;
	json_t *settings = flink_start_settings(&start->value, true);
	char *text = json_dumps(settings, JSON_PRESERVE_ORDER), *masked = redact_dup(text), *script;

	if (start->way == WAY_GATEWAY) {
		buf_addf(out, "POST %s/v1/sessions\n", deployment->env.sql_gateway);
		buf_addf(out,
			_("POST %s/v1/sessions/<id>/statements, %zu times; the job with %s\n"),
			deployment->env.sql_gateway, start->script.len, masked);
		buf_addf(out, "DELETE %s/v1/sessions/<id>\n", deployment->env.sql_gateway);
	} else {
		buf_addf(out, "%s: %s/bin/sql-client.sh -f <file>\n", host ? host : "local",
			deployment->env.home ? deployment->env.home : "");
		free(masked);
		script = start_client_script(start);
		masked = redact_dup(script);
		for (char *line = masked, *end; str_starts(line, "SET '"); line = end + 1) {
			end = line + strcspn(line, "\n");
			buf_addf(out, "  %.*s\n", (int)(end - line), line);
			if (!*end)
				break;
		}
		free(script);
	}
	free(masked);
	free(text);
	json_decref(settings);
}

char *start_describe(const struct start_options *options)
{
	struct start *start = start_alloc(options);
	const struct deployment *deployment = start->deployment;
	struct err err = {0};
	struct buf out;
	const char *host;
	char *base;
	int rc = start_check_request(options, &err);

	buf_init(&out, 0);
	if (!rc && deployment->type == APP_SQL)
		rc = script_split(&start->script, deployment->sql, &err);
	if (!rc && deployment->type == APP_SQL)
		rc = script_check(&start->script, &err);
	if (rc) {
		buf_addf(&out, _("refused: %s\n"), err.text);
		goto out;
	}
	host = start_host(deployment);
	base = options->address_count ? http_url_display(start_base(start)) : xstrdup("");
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
	if (start->way == WAY_REST)
		describe_rest(&out, start, base);
	else if (start->way == WAY_RUN)
		describe_words(&out, start, host);
	else
		describe_sql(&out, start, host);
	free(base);
out:
	start_free(start);
	if (out.len && out.data[out.len - 1] == '\n')
		out.data[--out.len] = '\0';
	return buf_detach(&out);
}
