/*
 * A jar by REST. It is called by its checksum over there, so that each is uploaded once to each
 * JobManager; the checksum is taken from the bytes right before they go, not from what a release
 * says: a name that lies would be believed for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/doc.h"
#include "core/base/hash.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/source/flink/start_internal.h"

#define READ_BYTES ((size_t)256 << 10)
#define UPLOAD_STALL_MS 30000

/* ---- run ---- */

static void on_run(struct start *start, const struct http_response *res, const struct err *err)
{
	char *why;

	if (err) {
		start_lost(start, err->text);
		return;
	}
	if (res->status < 300) {
		json_t *root = doc_parse_json(buf_str(res->body), res->body->len, "", NULL);
		bool is_ours = str_eq(doc_str(root, "jobid"), start->value.job_id);

		json_decref(root);
		if (is_ours) {
			start_say(start, _("started as job %s"), start->value.job_id);
			start_done(start);
		} else {
			start_fail(start, E_UNKNOWN, _("%s: the answer is not about job %s"),
				start->what, start->value.job_id);
		}
		return;
	}
	why = start_refusal(res);
	if (start_is_flinks(res)) {
		start_say(start, _("the JobManager refused: %s"), why);
		start_verify(start, why);
	} else {
		start_fail(start, res->status >= 500 ? E_UNKNOWN : E_REMOTE, "%s", why);
	}
	free(why);
}

static void run(struct start *start)
{
	struct err err = {0};
	char *body, *url;

	if (!start_may_leave(start))
		return;
	body = flink_start_body(&start->value, &err);
	if (!body) {
		start_fail_err(start, &err);
		return;
	}
	url = xasprintf("%s/jars/%s/run", start_base(start), start->jar_id);
	start_ask(start,
		&(struct http_request){.method = "POST",
			.url = url,
			.body = body,
			.body_len = strlen(body),
			.timeout_ms = START_RUN_TIMEOUT_MS,
			.access = start->access},
		on_run);
	mem_wipe(body, strlen(body));
	free(body);
	free(url);
}

/* ---- upload ---- */

static void on_upload(struct start *start, const struct http_response *res, const struct err *err)
{
	const char *path, *name;
	json_t *root;

	if (err) { /* nothing was started */
		start_fail_err(start, err);
		return;
	}
	if (res->status >= 300) {
		char *why = start_refusal(res);

		start_fail(start, E_REMOTE, _("%s: HTTP %d: %s"), start->what, res->status, why);
		free(why);
		return;
	}
	root = doc_parse_json(buf_str(res->body), res->body->len, "", NULL);
	path = doc_str(root, "filename");
	name = path ? strrchr(path, '/') : NULL;
	if (name && name[1] && !strpbrk(name + 1, "?#%\\ "))
		start->jar_id = xstrdup(name + 1);
	json_decref(root);
	if (start->jar_id)
		run(start);
	else
		start_fail(start, E_PROTO, _("%s: the JobManager does not name what was uploaded"),
			start->what);
}

static void upload(struct start *start)
{
	char *url = xasprintf("%s/jars/upload", start_base(start));

	start_say(start, _("uploading %s as %s"), start->deployment->artifact, start->jar_name);
	start_ask(start,
		&(struct http_request){.method = "POST",
			.url = url,
			.upload = &(struct http_upload){.path = start->deployment->artifact,
				.field = "jarfile",
				.name = start->jar_name,
				.content_type = "application/x-java-archive"},
			.timeout_ms = UPLOAD_STALL_MS,
			.access = start->access},
		on_upload);
	free(url);
}

/* ---- is it there? ---- */

static void on_jars(struct start *start, const struct http_response *res, const struct err *err)
{
	const json_t *files, *file;
	json_t *root;
	size_t i;

	if (err || res->status >= 300) {
		struct err why = {0};

		if (err)
			why = *err;
		else
			http_status_error(res, &why);
		start_fail_err(start, &why);
		return;
	}
	root = doc_parse_json(buf_str(res->body), res->body->len, start->what, &start->err);
	files = json_object_get(root, "files");
	json_array_foreach (files, i, file) {
		const char *id = doc_str(file, "id");

		if (!start->jar_id && str_eq(doc_str(file, "name"), start->jar_name) && id &&
			!strpbrk(id, "/?#%\\ "))
			start->jar_id = xstrdup(id);
	}
	json_decref(root);
	if (start->jar_id) {
		start_say(start, _("%s is there already"), start->jar_name);
		run(start);
	} else {
		upload(start);
	}
}

static void ask_jars(struct start *start)
{
	char *url = xasprintf("%s/jars", start_base(start));

	start->jar_name = flink_jar_name(start->deployment->artifact, start->sha256);
	start_ask(start, &(struct http_request){.url = url, .access = start->access}, on_jars);
	free(url);
}

/* ---- its checksum ---- */

static void hash_run(void *data)
{
	struct start *start = data;
	const char *path = start->deployment->artifact;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hash *hash;
	char *bytes;
	ssize_t n;

	if (fd < 0) {
		err_errno(&start->err, errno == ENOENT ? E_NOTFOUND : E_INTERNAL,
			_("cannot open %s"), path);
		return;
	}
	hash = hash_new();
	bytes = xmalloc(READ_BYTES);
	while ((n = read(fd, bytes, READ_BYTES)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			hash_add(hash, bytes, (size_t)n);
	if (n < 0)
		err_errno(&start->err, E_INTERNAL, _("cannot read %s"), path);
	hash_finish(hash, start->sha256);
	free(bytes);
	close(fd);
}

static void hash_back(void *data)
{
	struct start *start = data;
	const struct deployment *deployment = start->deployment;

	start->is_away = false;
	if (start->is_canceled)
		start_cancel(start);
	else if (start->err.code)
		start_fail_err(start, &start->err);
	else if (deployment->artifact_sha256 && !str_eq(deployment->artifact_sha256, start->sha256))
		start_fail(start, E_CONFLICT,
			_("%s is not what was released (its SHA-256 is %.16s…, the release's "
			  "%.16s…): "
			  "release again"),
			deployment->artifact, start->sha256, deployment->artifact_sha256);
	else
		ask_jars(start);
}

void start_by_rest(struct start *start)
{
	start->is_away = true;
	work_start(start->loop, hash_run, hash_back, start);
}
