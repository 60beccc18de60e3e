/* The context keeps its name, so that what is remembered of it stays. */
#include "tui/ui/first_config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"

struct job {
	char *path;
	struct buf text;
	int rc;
	struct err err;
	first_config_fn done;
	void *data;
};

/* "localhost:8081" is no name that a file may hold; "localhost-8081" is. */
static void add_name(struct buf *out, const char *text)
{
	for (size_t i = 0; text[i] && i < 63; i++) {
		char one[2] = {text[i], '\0'};
		bool is_inner = i && strchr("._-", text[i]);
		buf_addc(out, str_is_name(one) || is_inner ? text[i] : i ? '-' : 'x');
	}
}

static void add_cluster(struct buf *out, const struct cluster_config *cluster)
{
	buf_adds(out, "  - name: ");
	add_name(out, cluster->name);
	buf_adds(out, "\n    type: standalone\n    rest: [");
	for (size_t i = 0; i < json_array_size(cluster->rest); i++) {
		buf_adds(out, i ? ", " : "");
		buf_add_quoted(out, json_string_value(json_array_get(cluster->rest, i)));
	}
	buf_adds(out, "]\n");
}

void first_config_text(const struct config *config, struct buf *out)
{
	buf_addf(out, "current-context: %s\n", config->current);
	buf_adds(out, "contexts:\n");
	for (size_t i = 0; i < config->context_count; i++) {
		const struct context_config *context = &config->contexts[i];
		buf_addf(out, "- name: %s\n", context->name);
		buf_adds(out,
			"  # workspace: ~/flink-apps   # teams/<team>/team.yaml, "
			"teams/<team>/apps/*.yaml\n"
			"  # readonly: true\n"
			"  clusters:\n");
		for (size_t k = 0; k < context->cluster_count; k++)
			add_cluster(out, &context->clusters[k]);
	}
}

static void job_run(void *data)
{
	struct job *job = data;
	char *slash = strrchr(job->path, '/');

	if (!access(job->path, F_OK)) {
		job->rc = err_set(&job->err, E_CONFLICT, _("%s is there already"), job->path);
		return;
	}
	if (slash && slash != job->path) {
		char *dir = xstrndup(job->path, (size_t)(slash - job->path));
		job->rc = file_mkdirs(dir, &job->err);
		free(dir);
	}
	if (!job->rc)
		job->rc = file_write(job->path, buf_str(&job->text), job->text.len, &job->err);
}

static void job_done(void *data)
{
	struct job *job = data;

	job->done(job->data, job->path, job->rc ? &job->err : NULL);
	buf_release(&job->text);
	free(job->path);
	free(job);
}

void first_config_write(struct loop *loop, const char *path, const struct config *config,
	first_config_fn done, void *data)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->path = xstrdup(path);
	job->done = done;
	job->data = data;
	buf_init(&job->text, 0);
	first_config_text(config, &job->text);
	work_start(loop, job_run, job_done, job);
}
