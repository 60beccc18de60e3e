/*
 * Inside core/net only: what http.c (order, places, deliveries) and http_wire.c (libcurl, sockets)
 * both see of the client and its transfers.
 */
#ifndef WEIR_NET_HTTP_WIRE_H
#define WEIR_NET_HTTP_WIRE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "core/net/dns.h"
#include "core/net/http.h"
#include "core/net/http_access.h"
#include "core/net/http_upload.h"

enum state { ASKING, OPENING, RESOLVING, QUEUED, FLYING, FINISHED, DONE, CANCELED };

struct link {
	struct link *prev, *next;
};

struct easy {
	CURL *curl;
	bool is_dressed; /* with those of an access */
	struct easy *next;
	char error[CURL_ERROR_SIZE];
};

/* A socket that libcurl wants watched. */
struct sock {
	struct link link;
	struct shard *shard;
	struct loop_watch *watch;
};

struct shard {
	struct http *http;
	CURLM *multi; /* NULL until a host needs it */
	struct loop_timer *timer;
	struct link socks;
};

struct http {
	struct loop *loop;
	struct dns *dns;
	struct shard *shards;
	int shard_count, max_in_flight, in_flight;
	long connections_a_shard;
	struct link resolving, queue, flying, finished;
	struct easy *free_easies;
	struct plain *plain; /* http_plain.c */
	int curl_sockets;    /* that libcurl has open */
	struct curl_slist *headers, *headers_json;
	struct http_stats stats;
	int64_t renewed_ms; /* awake; connections from before are not used any more. 0 = all are */
	struct http_hosts *silences; /* when a link to it was silent to the end */
	struct command_log *log;
};

struct http_transfer {
	struct link link; /* first: a list's element is the transfer */
	struct http *http;
	enum state state;
	bool placed; /* counted in in_flight */
	char *method, *url, *host, *body, *proxy, *via, *where;
	char *at;                   /* the URL now: `url`, or where it led */
	char *redirect;             /* where the answer leads; or NULL */
	int redirects;              /* followed so far */
	struct http_access *access; /* or NULL */
	struct http_access_wait wait;
	unsigned login_generation;
	bool has_login;   /* it went with one */
	bool is_repeated; /* after a 401 */
	bool has_ca, has_cert, has_tunnel;
	size_t body_len;
	struct upload *upload; /* or NULL */
	struct curl_slist *upload_headers;
	int port;
	int64_t connect_timeout_ms, timeout_ms;
	int64_t mono_start_ms, lookup_ms; /* when it was asked for; what the name lookup took */
	char *dns_host; /* whose addresses are looked up here: its own, or its proxy's */
	int dns_port;
	struct dns_query *query;
	struct loop_timer *resolve_timer;
	struct curl_slist *resolve;
	struct shard *shard;
	struct easy *easy;
	struct plain_link *plain_link; /* instead of shard and easy */
	struct buf answer;
	size_t cap_bytes, keep_bytes; /* keep_bytes 0 = all */
	bool is_rare;
	int64_t dropped_bytes; /* from the front of `answer` */
	size_t header_bytes;
	int socket_errno; /* why no socket could be made; 0 = it could */
	bool over_cap, over_headers;
	int status;
	char *content_type;
	bool was_sent;
	int64_t elapsed_ms;
	struct err err;
	http_done_fn done;
	void *data;
};

static inline void link_init(struct link *head)
{
	head->prev = head->next = head;
}

static inline void link_add(struct link *head, struct link *link)
{
	link->next = head;
	link->prev = head->prev;
	head->prev->next = link;
	head->prev = link;
}

static inline void link_del(struct link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link_init(link);
}

/* Undoes itself on failure. */
int wire_open(struct http *http, const struct http_options *options, struct err *err);
void wire_close(struct http *http); /* no transfer has an easy handle any more */
/* Put on the wire: ends in http_transfer_land(). False: could not be started. */
bool wire_launch(struct http_transfer *transfer);
/* The same, by libcurl whatever it is. */
bool wire_launch_by_libcurl(struct http_transfer *transfer);
/* Taken off the wire at once, if it is on it; its handle is back in the pool. */
void wire_land(struct http_transfer *transfer);
/* An upload has more to send again. */
void wire_resume(struct http_transfer *transfer);
/* Drops what is over keep_bytes from the front of what came. */
void wire_keep(struct http_transfer *transfer);
/* GET or HEAD: may be asked again. */
bool wire_is_read(const struct http_transfer *transfer);
/* In http.c: when a link to its host was last silent until time was up (awake); 0 = never. */
int64_t http_silent_ms(const struct http_transfer *transfer);
/* In http.c: what was asked without libcurl has to be asked by it. */
void http_transfer_relaunch(struct http_transfer *transfer);
/* In http.c: the wire is done with it; ends, or goes on elsewhere. */
void http_transfer_land(struct http_transfer *transfer);
/* In http.c: answered or failed (transfer->err); delivers later. */
void http_transfer_finish(struct http_transfer *transfer);

#endif
