/*
 * A quarter of the limit, at most 128, is for the terminal, the store, the log, children and SSH (a console
 * has about 25 open); two for each request on its way, since one that is replaced may linger; two for each
 * shard, which libcurl wakes itself by; the rest is for connections that wait for their next poll.
 */
#include "core/net/http_room.h"

#define OTHERS_MIN 48
#define IN_FLIGHT_MIN 4
#define ROOM_MIN 8
#define A_SHARD 8 /* so many for one at least, its own two included */
#define IDLE_MAX 65536

static int64_t within(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

struct http_room http_room(int64_t limit, int in_flight, int shards)
{
	struct http_room room = {in_flight, IDLE_MAX, shards};
	int64_t others = within(limit / 4, OTHERS_MIN, HTTP_ROOM_OTHERS), left;

	if (limit < 0 || limit > IDLE_MAX)
		return room;
	if ((limit - others) / 4 < in_flight)
		room.in_flight = (int)within((limit - others) / 4, IN_FLIGHT_MIN, in_flight);
	left = within(limit - others - 2L * room.in_flight, ROOM_MIN, IDLE_MAX);
	if (left / A_SHARD < shards)
		room.shards = (int)(left / A_SHARD);
	room.idle = (int)left - 2 * room.shards;
	return room;
}
