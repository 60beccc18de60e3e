#include "core/present/outage.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define NAMES_SHOWN 3

/* Behind "METHOD URL: " or "URL ", where it begins so. */
static const char *behind_request(const char *text)
{
	size_t method = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	const char *url = method && text[method] == ' ' ? text + method + 1 : text, *end;

	if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		return text;
	end = strchr(url, ' ');
	return end ? end + 1 : text;
}

char *outage_reason(const char *text)
{
	struct buf out;

	buf_init(&out, 0);
	for (const char *at = behind_request(text); *at; at++) {
		const char *end = *at == '\'' ? strchr(at + 1, '\'') : NULL;

		if (!end)
			buf_addc(&out, *at);
		else
			at = end[1] == ' ' ? end + 1 : end;
	}
	return buf_detach(&out);
}

struct map *outages_new(void)
{
	return map_new();
}

void outages_free(struct map *outages)
{
	map_each (entry, outages) {
		struct outage *outage = map_value(entry);

		for (size_t i = 0; i < outage->members.len; i++)
			free(outage->members.data[i].text);
		vec_release(&outage->members);
		free(outage->reason);
		free(outage);
	}
	map_free(outages);
}

void outages_add(struct map *outages, const struct cluster *cluster, const char *text)
{
	char *reason = outage_reason(text);
	struct outage *outage = map_get(outages, reason);

	if (!outage) {
		outage = xcalloc(1, sizeof(*outage));
		outage->reason = xstrdup(reason);
		map_put(outages, reason, outage);
	}
	vec_push(&outage->members, ((struct outage_member){cluster, xstrdup(text)}));
	free(reason);
}

bool outage_text(const struct outage *outage, struct buf *out)
{
	size_t count = outage->members.len;

	if (count < OUTAGE_LEAST)
		return false;
	buf_addf(out, _("%zu clusters: %s: "), count, outage->reason);
	for (size_t i = 0; i < NAMES_SHOWN; i++)
		buf_addf(out, "%s, ", outage->members.data[i].cluster->name);
	buf_adds(out, "...");
	return true;
}
