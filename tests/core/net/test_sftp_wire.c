/* SFTP's packets: requests byte by byte, replies, and what is none. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/net/sftp_wire.h"
#include "tests/support/check.h"

#define BYTES(text) text, sizeof(text) - 1

static void a_request_is_as_the_draft_says(void **state)
{
	static const char want[] = "\0\0\0\x1b"
				   "\x03\0\0\0\x07"
				   "\0\0\0\x06/a/b.c"
				   "\0\0\0\x1a"
				   "\0\0\0\x04\0\0\x01\x80"
				   "\0\0\0";
	struct buf out;
	size_t at;

	(void)state;
	buf_init(&out, 0);
	buf_adds(&out, "before");
	at = sftp_begin(&out, SFTP_OPEN, 7);
	sftp_add_text(&out, "/a/b.c", 6);
	sftp_add_u32(&out, SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_TRUNCATE);
	sftp_add_mode(&out, 0600);
	sftp_end(&out, at);
	check_int("length", (int64_t)(out.len - at), 4 + 0x1b);
	assert_memory_equal(out.data + at, want, 4 + 0x1b);
	buf_release(&out);
}

static void replies_are_read(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
		struct sftp_reply want;
	} rows[] = {
		{"status", BYTES("\0\0\0\x11\x65\0\0\0\x01\0\0\0\x04\0\0\0\x03Oh!\0"),
			{.type = SFTP_STATUS,
				.id = 1,
				.status = 4,
				.bytes = "Oh!",
				.len = 3,
				.size = -1,
				.free_bytes = -1}},
		{"status of old", BYTES("\0\0\0\x09\x65\0\0\0\x01\0\0\0\x02"),
			{.type = SFTP_STATUS,
				.id = 1,
				.status = 2,
				.bytes = "",
				.size = -1,
				.free_bytes = -1}},
		{"data", BYTES("\0\0\0\x0b\x67\0\0\0\x09\0\0\0\x02hi"),
			{.type = SFTP_DATA,
				.id = 9,
				.bytes = "hi",
				.len = 2,
				.size = -1,
				.free_bytes = -1}},
		{"size", BYTES("\0\0\0\x11\x69\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\0\0\x02"),
			{.type = SFTP_ATTRS,
				.id = 2,
				.bytes = "",
				.size = 0x100000002,
				.free_bytes = -1}},
		{"no size", BYTES("\0\0\0\x09\x69\0\0\0\x02\0\0\0\0"),
			{.type = SFTP_ATTRS, .id = 2, .bytes = "", .size = -1, .free_bytes = -1}},
		{"unknown", BYTES("\0\0\0\x07\xee\0\0\0\x02xx"),
			{.type = 0xee, .id = 2, .bytes = "", .size = -1, .free_bytes = -1}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sftp_reply reply;

		check_int(rows[i].name, sftp_packet(rows[i].bytes, rows[i].len),
			(int64_t)rows[i].len);
		check_int(rows[i].name, sftp_packet(rows[i].bytes, rows[i].len - 1), 0);
		check_int(rows[i].name, sftp_parse(rows[i].bytes, rows[i].len, &reply), 0);
		check_int(rows[i].name, reply.type, rows[i].want.type);
		check_int(rows[i].name, reply.id, rows[i].want.id);
		check_int(rows[i].name, reply.status, rows[i].want.status);
		check_int(rows[i].name, (int64_t)reply.len, (int64_t)rows[i].want.len);
		assert_memory_equal(reply.bytes, rows[i].want.bytes, reply.len);
		check_int(rows[i].name, reply.size, rows[i].want.size);
		check_int(rows[i].name, reply.free_bytes, rows[i].want.free_bytes);
	}
}

static void what_is_no_packet_is_refused(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} whole[] =
		{
			{"text", BYTES("Welcome!\n")},
			{"too large", BYTES("\0\x10\0\0\x67")},
			{"too small",
				BYTES("\0\0\0\x04"
				      "abcd")},
		},
	  inside[] = {
		  {"text past the end", BYTES("\0\0\0\x0b\x67\0\0\0\x09\0\0\0\x03hi")},
		  {"size past what is counted",
			  BYTES("\0\0\0\x11\x69\0\0\0\x02\0\0\0\x01\x80\0\0\0\0\0\0\0")},
		  {"attributes cut", BYTES("\0\0\0\x0b\x69\0\0\0\x02\0\0\0\x01\0\0")},
	  };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
		check_int(whole[i].name, sftp_packet(whole[i].bytes, whole[i].len), E_PROTO);
	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		struct sftp_reply reply;
		check_int(inside[i].name, sftp_parse(inside[i].bytes, inside[i].len, &reply),
			E_PROTO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_as_the_draft_says),
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(what_is_no_packet_is_refused),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
