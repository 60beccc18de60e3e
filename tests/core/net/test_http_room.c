/* Connections, by the limit of open files. */
#include "core/net/http_room.h"
#include "tests/support/check.h"

#define OTHERS 40 /* what a console has open besides */

static void a_limit_is_never_used_up(void **state)
{
	(void)state;
	for (int64_t limit = 64; limit < 3000; limit++) {
		struct http_room room = http_room(limit, 64, 32);
		/* Each shard keeps as many as any other, and two for itself. */
		int64_t most =
			room.idle / room.shards * room.shards + 2L * room.shards + room.in_flight;

		if (room.in_flight < 1 || room.in_flight > 64 || room.shards < 1 ||
			room.shards > 32 || room.idle / room.shards < 1)
			fail_msg("%d: nothing can be asked", (int)limit);
		if (most + OTHERS > limit)
			fail_msg("%d: %d connections", (int)limit, (int)most);
	}
}

static void limits_and_what_they_have_room_for(void **state)
{
	static const struct {
		const char *name;
		int64_t limit;
		struct http_room want;
	} rows[] = {
		{"none", -1, {64, 65536, 32}},
		{"more than anybody needs", 1 << 20, {64, 65536, 32}},
		{"of a server", 20000, {64, 19680, 32}},
		{"the usual one", 1024, {64, 704, 32}},
		{"low", 256, {48, 72, 12}},
		{"very low", 128, {20, 30, 5}},
		{"hardly any", 64, {4, 6, 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct http_room got = http_room(rows[i].limit, 64, 32);

		check_int(rows[i].name, got.in_flight, rows[i].want.in_flight);
		check_int(rows[i].name, got.idle, rows[i].want.idle);
		check_int(rows[i].name, got.shards, rows[i].want.shards);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_never_used_up),
		cmocka_unit_test(limits_and_what_they_have_room_for),
	};

	return cmocka_run_group_tests_name("http_room", tests, NULL, NULL);
}
