#include "core/net/http_hosts.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_wire.h"

struct http_hosts {
	struct map *times; /* "host:port" → int64_t */
};

struct http_hosts *http_hosts_new(void)
{
	struct http_hosts *hosts = xcalloc(1, sizeof(*hosts));

	hosts->times = map_new();
	return hosts;
}

void http_hosts_free(struct http_hosts *hosts)
{
	if (!hosts)
		return;
	map_each (entry, hosts->times)
		free(map_value(entry));
	map_free(hosts->times);
	free(hosts);
}

/* The name of where it goes, as it is remembered. */
static char *key_of(const struct http_transfer *t)
{
	return xasprintf("%s:%d", t->host, t->port);
}

void http_hosts_note(struct http_hosts *hosts, const struct http_transfer *t)
{
	char *key = key_of(t);
	int64_t *at_ms = map_get(hosts->times, key);

	if (!at_ms) {
		at_ms = xmalloc(sizeof(*at_ms));
		map_put(hosts->times, key, at_ms);
	}
	*at_ms = clock_awake_ms();
	free(key);
}

int64_t http_hosts_ms(const struct http_hosts *hosts, const struct http_transfer *t)
{
	const int64_t *at_ms = NULL;

	/* Mostly there is none. */
	if (map_count(hosts->times)) {
		char *key = key_of(t);

		at_ms = map_get(hosts->times, key);
		free(key);
	}
	return at_ms ? *at_ms : 0;
}
