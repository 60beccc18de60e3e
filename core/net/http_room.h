/*
 * How many connections a limit of open files has room for. Pure: tests/core/net/test_http_room.c.
 */
#ifndef WEIR_NET_HTTP_ROOM_H
#define WEIR_NET_HTTP_ROOM_H

#include <stdint.h>

/* For what is no connection, where the limit is large. */
#define HTTP_ROOM_OTHERS 128
#define HTTP_IN_FLIGHT 64
#define HTTP_SHARDS 32

struct http_room {
	int in_flight, idle, shards;
};
/* limit: open files, negative = none; in_flight and shards: as many as are wanted, and no more. */
struct http_room http_room(int64_t limit, int in_flight, int shards);

#endif
