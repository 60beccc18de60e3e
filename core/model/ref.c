/*
 * Refs are compared as whole strings; only the kind is ever read back. A part that holds a '/' (or
 * a '%') is escaped as in a URL, so that two different things never share a ref.
 */
#include "core/model/ref.h"

#include <string.h>

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

/* Before the first byte that is escaped, if there is one: there hardly ever is. */
static size_t plain_bytes(const char *part)
{
	return strcspn(part, "/%");
}

static size_t part_bytes(const char *part)
{
	size_t bytes = plain_bytes(part);

	for (part += bytes; *part; part++)
		bytes += *part == '/' || *part == '%' ? 3 : 1;
	return bytes;
}

/* Returns the end. */
static char *add_part(char *to, const char *part)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t plain = plain_bytes(part);

	memcpy(to, part, plain);
	to += plain;
	for (part += plain; *part; part++) {
		if (*part != '/' && *part != '%') {
			*to++ = *part;
			continue;
		}
		*to++ = '%';
		*to++ = digits[*part >> 4];
		*to++ = digits[*part & 15];
	}
	return to;
}

static char *add(char *to, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len);
	return to + len;
}

/* source is one of ours and ends before `source_name`, which may be foreign; key2 may be NULL. */
static char *ref_make(const char *context, const char *source, const char *source_name,
	enum kind kind, const char *key, const char *key2)
{
	const char *parts[] = {context, source_name, key, key2};
	size_t size = strlen(source) + strlen(kind_names[kind]) + 5;
	char *ref, *to;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		size += parts[i] ? part_bytes(parts[i]) : 0;
	ref = to = xmalloc(size);
	to = add_part(to, context ? context : "");
	*to++ = '/';
	to = add(to, source);
	to = add_part(to, source_name ? source_name : "");
	*to++ = '/';
	to = add(to, kind_names[kind]);
	*to++ = '/';
	to = add_part(to, key ? key : "");
	if (key2) {
		*to++ = '/';
		to = add_part(to, key2);
	}
	*to = '\0';
	return ref;
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
