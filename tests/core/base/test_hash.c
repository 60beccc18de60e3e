#include <string.h>

#include "core/base/hash.h"
#include "tests/support/check.h"

/* The examples of FIPS 180-4. */
static void the_standard_examples_come_out(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	char hex[HASH_HEX_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hash_bytes(rows[i].text, strlen(rows[i].text), hex);
		check_str(rows[i].text, hex, rows[i].want);
	}
}

static void pieces_hash_like_the_whole(void **state)
{
	struct hash *hash = hash_new();
	char pieces[HASH_HEX_LEN + 1], whole[HASH_HEX_LEN + 1];

	(void)state;
	hash_add(hash, "order", 5);
	hash_add(hash, "", 0);
	hash_add(hash, "-sync", 5);
	hash_finish(hash, pieces);
	hash_bytes("order-sync", 10, whole);
	check_str("pieces", pieces, whole);
	hash_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standard_examples_come_out),
		cmocka_unit_test(pieces_hash_like_the_whole),
	};

	return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
