/*
 * libcurl's own resolver blocks when a transfer is removed while it resolves, so names are looked
 * up here, each on a thread of its own: a thousand that a name server is silent about hold up neither
 * each other nor what the pool is for. One `struct name` per host name: its answer, its time, and who waits for
 * it. A question on its way cannot be taken back; it is cut loose from its name (lookup->name =
 * NULL) and frees itself when it returns. Only numeric forms leave this file. No search through
 * several services, no TTL: getaddrinfo() does not tell it.
 */
#include "core/net/dns.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/loop/alone.h"

/* A few at once, or name servers drop what comes; those that are silent for two ticks do not count, up to as
   many as there are polls that may wait for one. */
#define LOOKUPS_QUICK 8
#define LOOKUPS_MAX 64
#define TICK_MS 250
#define GOOD_MS 60000
#define BAD_MS 5000
#define ADDRESSES_MAX 16
#define SWEEP_MIN 256
#define NAME_BYTES_MAX 255

struct lookup {
	char *host;
	int status; /* of getaddrinfo(); with its thread until that has ended, as is info */
	struct addrinfo *info;
	int64_t tick;      /* of the resolver, when it began */
	struct name *name; /* NULL: nobody wants the answer any more */
	struct dns *dns;   /* NULL: gone, or not to be told */
};

struct name {
	char *host;
	char *addresses; /* NULL: not known, or `bad` */
	struct err bad;  /* code E_OK: not known, or good */
	int64_t mono_until_ms, mono_asked_ms;
	char *former;       /* the last good answer, also when it is too old; or NULL */
	int64_t changed_ms; /* awake */
	bool asking;        /* queued or on its way */
	struct lookup *lookup;
	struct name *next;         /* in the queue */
	struct dns_query *queries; /* the newest first */
};

struct dns {
	struct loop *loop;
	struct alone *threads;
	struct map *names;
	struct name *first, **last; /* waiting for a place among the lookups */
	int lookups, young, older;  /* all; of them, begun in this tick and the one before */
	int64_t tick;
	struct loop_timer *timer; /* while somebody waits for a place; else NULL */
	size_t sweep_at;
	struct dns_query *deferred; /* answered from the cache, not yet called */
};

struct dns_query {
	struct dns *dns;
	struct name *name;             /* NULL: in dns->deferred, or canceled there */
	struct dns_query *prev, *next; /* in name->queries or dns->deferred */
	dns_done_fn done;              /* NULL: canceled */
	void *data;
	char *addresses; /* the answer of a deferred one */
	struct err err;
};

static void dns_pump(struct dns *dns);

/* -- queries and their two lists -- */

static void query_link(struct dns_query **head, struct dns_query *query)
{
	query->prev = NULL;
	query->next = *head;
	if (*head)
		(*head)->prev = query;
	*head = query;
}

static void query_unlink(struct dns_query *query)
{
	struct dns_query **head = query->name ? &query->name->queries : &query->dns->deferred;

	if (query->prev)
		query->prev->next = query->next;
	else
		*head = query->next;
	if (query->next)
		query->next->prev = query->prev;
	query->prev = query->next = NULL;
}

/*
 * Every answer is a deferred call of its own: the callee may cancel other queries or free the
 * resolver, and a heavy callee does not hold up a key.
 */
static void query_deliver(void *data)
{
	struct dns_query *query = data;

	if (query->done) {
		query_unlink(query);
		loop_unhold(query->dns->loop);
		query->done(query->data, query->addresses, query->addresses ? NULL : &query->err);
	}
	free(query->addresses);
	free(query);
}

static void query_answer(struct dns_query *query, const struct name *name)
{
	struct dns *dns = query->dns;

	query->name = NULL;
	query->addresses = xstrdup_null(name->addresses);
	query->err = name->bad;
	query_link(&dns->deferred, query);
	loop_defer(dns->loop, query_deliver, query);
}

/* -- names -- */

static bool name_fresh(const struct name *name)
{
	return (name->addresses || name->bad.code) && clock_mono_ms() < name->mono_until_ms;
}

static void name_free(struct name *name)
{
	free(name->host);
	free(name->addresses);
	free(name->former);
	free(name);
}

static void name_forget(struct name *name)
{
	free(name->addresses);
	name->addresses = NULL;
	name->bad.code = E_OK;
}

/* Old names go when twice as many are held as were left the last time. */
static void dns_sweep(struct dns *dns)
{
	if (map_count(dns->names) < dns->sweep_at)
		return;
	map_each (entry, dns->names) {
		struct name *name = map_value(entry);

		if (!name->asking && !name->queries && !name_fresh(name)) {
			map_del(dns->names, name->host);
			name_free(name);
		}
	}
	dns->sweep_at = map_count(dns->names) * 2;
	if (dns->sweep_at < SWEEP_MIN)
		dns->sweep_at = SWEEP_MIN;
}

static struct name *name_for(struct dns *dns, const char *host)
{
	struct name *name = map_get(dns->names, host);

	if (name)
		return name;
	dns_sweep(dns);
	name = xcalloc(1, sizeof(*name));
	name->host = xstrdup(host);
	map_put(dns->names, host, name);
	return name;
}

/* -- lookups -- */

/* "127.0.0.1,[::1]", or NULL when there is no address that we can use. */
static char *addresses_text(const struct addrinfo *info)
{
	struct buf out;
	int count = 0;

	buf_init(&out, 0);
	for (; info && count < ADDRESSES_MAX; info = info->ai_next) {
		char text[INET6_ADDRSTRLEN] = "";
		const void *raw;

		if (info->ai_family == AF_INET)
			raw = &((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr;
		else if (info->ai_family == AF_INET6)
			raw = &((const struct sockaddr_in6 *)(const void *)info->ai_addr)
				       ->sin6_addr;
		else
			continue;
		if (!inet_ntop(info->ai_family, raw, text, sizeof(text)))
			continue;
		buf_addf(&out, info->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", count ? "," : "",
			text);
		count++;
	}
	if (count)
		return buf_detach(&out);
	buf_release(&out);
	return NULL;
}

static void name_failed(struct name *name, int status)
{
	switch (status) {
	case 0: /* answered, but with nothing for us */
	case EAI_NONAME:
	case EAI_NODATA:
	case EAI_FAIL: err_set(&name->bad, E_NET, _("host name '%s' not found"), name->host); break;
	case EAI_AGAIN:
		err_set(&name->bad, E_NET,
			_("host name '%s' not found (no answer from the name server)"), name->host);
		break;
	default:
		err_set(&name->bad, E_NET, _("host name '%s' not found (%s)"), name->host,
			gai_strerror(status));
	}
	name->mono_until_ms = clock_mono_ms() + BAD_MS;
}

static bool has_address(const char *list, const char *address, size_t len)
{
	for (; list; list = strchr(list, ','), list = list ? list + 1 : NULL)
		if (strcspn(list, ",") == len && memcmp(list, address, len) == 0)
			return true;
	return false;
}

/* Name servers like to turn the order round: that is no change. */
static bool same_addresses(const char *a, const char *b)
{
	if (strlen(a) != strlen(b))
		return false;
	for (size_t len; *b; b += len + (b[len] == ',')) {
		len = strcspn(b, ",");
		if (!has_address(a, b, len))
			return false;
	}
	return true;
}

static void name_found(struct name *name)
{
	name->mono_until_ms = clock_mono_ms() + GOOD_MS;
	if (name->former && !same_addresses(name->former, name->addresses))
		name->changed_ms = clock_awake_ms();
	free(name->former);
	name->former = xstrdup(name->addresses);
}

static void lookup_free(void *data)
{
	struct lookup *lookup = data;

	if (lookup->info)
		freeaddrinfo(lookup->info);
	free(lookup->host);
	free(lookup);
}

/* On its thread. */
static void lookup_run(void *data)
{
	struct lookup *lookup = data;
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

#ifdef AI_IDN
	hints.ai_flags = AI_IDN;
#endif
	lookup->status = getaddrinfo(lookup->host, NULL, &hints, &lookup->info);
}

static void on_lookup(void *data)
{
	struct lookup *lookup = data;
	struct name *name = lookup->name;
	struct dns *dns = lookup->dns;

	if (name) {
		struct dns_query *query, *next, *oldest_first = NULL;

		name_forget(name);
		name->lookup = NULL;
		name->asking = false;
		name->addresses = lookup->status ? NULL : addresses_text(lookup->info);
		name->mono_asked_ms = clock_mono_ms();
		if (name->addresses)
			name_found(name);
		else
			name_failed(name, lookup->status);
		for (query = name->queries; query; query = next) {
			next = query->next;
			query->next = oldest_first;
			oldest_first = query;
		}
		name->queries = NULL;
		for (query = oldest_first; query; query = next) {
			next = query->next;
			query_answer(query, name);
		}
	}
	if (dns) {
		dns->lookups--;
		dns->young -= lookup->tick == dns->tick;
		dns->older -= lookup->tick == dns->tick - 1;
		dns_pump(dns);
	}
	lookup_free(lookup);
}

/* Else it is nobody's, and no server has to say so. */
static bool may_be_name(const char *host)
{
	size_t len = strlen(host);

	return len > 0 && len <= NAME_BYTES_MAX;
}

static void on_tick(void *data)
{
	struct dns *dns = data;

	dns->tick++;
	dns->older = dns->young;
	dns->young = 0;
	dns_pump(dns);
}

static bool has_place(const struct dns *dns)
{
	return dns->lookups < LOOKUPS_MAX && dns->young + dns->older < LOOKUPS_QUICK;
}

static void dns_pump(struct dns *dns)
{
	while (dns->first && has_place(dns)) {
		struct name *name = dns->first;
		struct lookup *lookup;

		dns->first = name->next;
		if (!dns->first)
			dns->last = &dns->first;
		name->next = NULL;
		if (!name->queries) { /* all canceled meanwhile */
			name->asking = false;
			continue;
		}
		lookup = xcalloc(1, sizeof(*lookup));
		lookup->name = name;
		lookup->dns = dns;
		lookup->host = xstrdup(name->host);
		lookup->tick = dns->tick;
		name->lookup = lookup;
		if (!may_be_name(name->host) ||
			!alone_start(dns->threads, lookup_run, on_lookup, lookup_free, lookup)) {
			lookup->status = may_be_name(name->host) ? EAI_MEMORY : EAI_NONAME;
			lookup->dns = NULL; /* this loop goes on by itself */
			on_lookup(lookup);
			continue;
		}
		dns->lookups++;
		dns->young++;
	}
	if (!dns->first)
		loop_timer_cancel(dns->timer), dns->timer = NULL;
	else if (!dns->timer)
		dns->timer = loop_timer(dns->loop, TICK_MS, TICK_MS, on_tick, dns);
}

/* -- the contract -- */

struct dns *dns_new(struct loop *loop)
{
	struct dns *dns = xcalloc(1, sizeof(*dns));

	dns->loop = loop;
	dns->threads = alone_new(loop);
	dns->names = map_new();
	dns->last = &dns->first;
	dns->sweep_at = SWEEP_MIN;
	return dns;
}

static void cancel_all(struct dns_query *query)
{
	struct dns_query *next;

	for (; query; query = next) {
		next = query->next;
		dns_cancel(query);
	}
}

void dns_free(struct dns *dns)
{
	if (!dns)
		return;
	cancel_all(dns->deferred);
	map_each (entry, dns->names) {
		struct name *name = map_value(entry);

		cancel_all(name->queries);
		if (name->lookup) {
			name->lookup->name = NULL;
			name->lookup->dns = NULL;
		}
		name_free(name);
	}
	map_free(dns->names);
	loop_timer_cancel(dns->timer);
	alone_free(dns->threads);
	free(dns);
}

struct dns_query *dns_start(struct dns *dns, const char *host, dns_done_fn done, void *data)
{
	struct name *name = name_for(dns, host);
	struct dns_query *query = xcalloc(1, sizeof(*query));

	query->dns = dns;
	query->done = done;
	query->data = data;
	loop_hold(dns->loop);
	if (name_fresh(name)) {
		query_answer(query, name);
		return query;
	}
	query->name = name;
	query_link(&name->queries, query);
	if (!name->asking) {
		name->asking = true;
		*dns->last = name;
		dns->last = &name->next;
		dns_pump(dns);
	}
	return query;
}

void dns_cancel(struct dns_query *query)
{
	if (!query)
		return;
	query_unlink(query);
	loop_unhold(query->dns->loop);
	query->done = NULL;
	if (query->name)
		free(query);
	/* else the deferred call frees it */
}

const char *dns_cached(struct dns *dns, const char *host)
{
	struct name *name = map_get(dns->names, host);

	return name && name_fresh(name) ? name->addresses : NULL;
}

void dns_doubt(struct dns *dns, const char *host)
{
	struct name *name = map_get(dns->names, host);
	int64_t until_ms = name ? name->mono_asked_ms + BAD_MS : 0;

	if (name && until_ms < name->mono_until_ms)
		name->mono_until_ms = until_ms;
}

void dns_forget(struct dns *dns)
{
	map_each (entry, dns->names)
		((struct name *)map_value(entry))->mono_until_ms = 0;
}

int64_t dns_changed_ms(const struct dns *dns, const char *host)
{
	const struct name *name = map_get(dns->names, host);

	return name ? name->changed_ms : 0;
}

bool dns_is_literal(const char *host)
{
	unsigned char raw[sizeof(struct in6_addr)];
	char bare[INET6_ADDRSTRLEN + 2];
	size_t len = strlen(host);

	if (inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1)
		return true;
	if (len < 2 || len >= sizeof(bare) || host[0] != '[' || host[len - 1] != ']')
		return false;
	memcpy(bare, host + 1, len - 2);
	bare[len - 2] = 0;
	return inet_pton(AF_INET6, bare, raw) == 1;
}
