/*
 * Refs are compared as whole strings; only the kind is ever read back. A part that holds a '/' (or
 * a '%') is escaped as in a URL, so that two different things never share a ref.
 */
#include "core/model/ref.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

static const char *const kind_names[KIND_MAX] = {
	[KIND_TEAM] = "team",
	[KIND_APP] = "app",
	[KIND_CLUSTER] = "cluster",
	[KIND_JOB] = "job",
};

const char *kind_name(enum kind kind)
{
	return (unsigned)kind < KIND_MAX ? kind_names[kind] : NULL;
}

static void add_part(struct buf *out, const char *part)
{
	for (const char *p = part ? part : ""; *p; p++) {
		if (*p == '/' || *p == '%')
			buf_addf(out, "%%%02X", (unsigned)*p);
		else
			buf_addc(out, *p);
	}
}

/* source is one of ours and ends before `source_name`, which may be foreign; key2 may be NULL. */
static char *ref_make(const char *context, const char *source, const char *source_name,
	enum kind kind, const char *key, const char *key2)
{
	struct buf out;

	buf_init(&out, 0);
	add_part(&out, context);
	buf_addc(&out, '/');
	buf_adds(&out, source);
	add_part(&out, source_name);
	buf_addf(&out, "/%s/", kind_names[kind]);
	add_part(&out, key);
	if (key2) {
		buf_addc(&out, '/');
		add_part(&out, key2);
	}
	return buf_detach(&out);
}

char *ref_app(const char *context, const char *team, const char *name)
{
	return ref_make(context, "workspace", NULL, KIND_APP, team, name ? name : "");
}

char *ref_team(const char *context, const char *name)
{
	return ref_make(context, "workspace", NULL, KIND_TEAM, name, NULL);
}

char *ref_cluster(const char *context, const char *name)
{
	return ref_make(context, "config", NULL, KIND_CLUSTER, name, NULL);
}

char *ref_job(const char *context, const char *cluster, const char *job_id)
{
	return ref_make(context, "flink:", cluster, KIND_JOB, job_id, NULL);
}

enum kind ref_kind(const char *ref)
{
	const char *part = ref;

	for (int i = 0; part && i < 2; i++) {
		part = strchr(part, '/');
		part = part ? part + 1 : NULL;
	}
	for (int kind = 0; part && kind < KIND_MAX; kind++) {
		size_t len = strlen(kind_names[kind]);

		if (strncmp(part, kind_names[kind], len) == 0 && part[len] == '/' && part[len + 1])
			return (enum kind)kind;
	}
	return KIND_MAX;
}
