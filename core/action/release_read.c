/*
 * A release as it was made. Its row has no secrets: where it has masks, the manifest in the folder
 * over there is read, and is what was released only if its digest is that of the row. Whoever may
 * start it can read that file; whoever has the store can not.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/action/release.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"

#define MANIFEST_BYTES ((size_t)16 << 20)
#define READ_TIMEOUT_MS 60000

struct reading {
	struct action *action;
	release_read_fn then;
	struct ssh_op *op;
	struct deployment *row; /* masked */
	int64_t number;
	char *dir;
};

static void reading_free(void *thing)
{
	struct reading *reading = thing;

	ssh_cancel(reading->op);
	deployment_free(reading->row);
	free(reading->dir);
	free(reading);
}

static int parse(
	struct deployment **out, const char *text, size_t len, int64_t number, struct err *err)
{
	json_t *tree = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int rc;

	if (!tree)
		return err_set(err, E_INTERNAL, _("the manifest of release %lld is damaged"),
			(long long)number);
	rc = deployment_parse(out, tree, err);
	json_decref(tree);
	return rc;
}

/* The digest is that of everything but the artifact, which the row knows too. */
static bool is_what_was_released(const struct deployment *found, const struct deployment *row)
{
	return deployment_is_whole(found) && str_eq(found->digest, row->digest) &&
		str_eq(found->artifact_sha256, row->artifact_sha256);
}

static void on_read(void *data, const struct ssh_result *result, const struct err *err)
{
	struct reading *reading = data;
	struct deployment *found = NULL;
	struct err why = {0};

	reading->op = NULL;
	if (err)
		why = *err;
	else if (result->exit_status)
		err_set(&why, E_NOTFOUND, "%s", buf_str(result->err));
	else if (result->is_cut)
		err_set(&why, E_PROTO, _("it is larger than %zu bytes"), MANIFEST_BYTES);
	else if (parse(&found, result->out->data, result->out->len, reading->number, &why) == 0 &&
		!is_what_was_released(found, reading->row))
		err_set(&why, E_CONFLICT, _("it is not what was released: release again"));
	if (!why.code) {
		char *manifest = xstrdup(buf_str(result->out));

		if (result->out->data)
			mem_wipe(result->out->data, result->out->len);
		reading->then(reading->action, found, manifest, NULL); /* the reading is gone */
		mem_wipe(manifest, strlen(manifest));
		free(manifest);
	} else {
		deployment_free(found);
		err_prefix(&why, _("%s/manifest.json on %s, where the secrets of release %lld lie"),
			reading->dir, host_label(result->host), (long long)reading->number);
		reading->then(reading->action, NULL, NULL, &why);
	}
}

static void read_folder(struct action *action, const struct release *release,
	struct deployment *row, release_read_fn then)
{
	struct reading *reading = xcalloc(1, sizeof(*reading));
	char *path = xasprintf("%s/manifest.json", release->dir);
	struct buf command;

	reading->action = action;
	reading->then = then;
	reading->row = row;
	reading->number = release->number;
	reading->dir = xstrdup(release->dir);
	action_own(action, reading, reading_free);
	buf_init(&command, 0);
	buf_adds(&command, "cat -- ");
	sh_quote(&command, path);
	reading->op = ssh_exec(action->options.hosts,
		&(struct ssh_exec_options){.host = release->host,
			.command = buf_str(&command),
			.cap_bytes = MANIFEST_BYTES,
			.timeout_ms = READ_TIMEOUT_MS},
		on_read, reading);
	buf_release(&command);
	free(path);
}

void release_read(struct action *action, const struct release *release, release_read_fn then)
{
	struct deployment *row = NULL;
	struct err why;

	if (parse(&row, release->manifest, strlen(release->manifest), release->number, &why) == 0) {
		if (!row->is_masked) {
			then(action, row, release->manifest, NULL);
			return;
		}
		if (host_check(&action->options, "release", release->host, &why) == 0) {
			read_folder(action, release, row, then);
			return;
		}
		deployment_free(row);
	}
	then(action, NULL, NULL, &why);
}
