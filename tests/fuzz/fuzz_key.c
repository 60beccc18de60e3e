/*
 * Any bytes to the key decoder: whole and byte by byte give the same keys, pastes are valid UTF-8
 * within their cap, and silence always ends what is pending.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/utf8.h"
#include "tui/term/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_key(const struct key *key)
{
	char name[KEY_NAME_MAX];
	struct key again;

	check(key->sym < KEY_SYM_MAX);
	check((key->paste != NULL) == (key->sym == KEY_SYM_PASTE));
	check(!key->ch || key->sym == KEY_SYM_CHAR || key->sym == KEY_SYM_BACKGROUND);
	check(key->ch || key->sym != KEY_SYM_CHAR);
	check(key->sym != KEY_SYM_BACKGROUND || key->ch <= 0xFFFFFF);
	check(key->sym != KEY_SYM_CHAR || !(key->mods & KEY_SHIFT));
	check(key->mouse < KEY_MOUSE_MAX && key->row >= 0 && key->col >= 0);
	check(key->sym == KEY_SYM_MOUSE || (!key->mouse && !key->row && !key->col));
	if (key->paste)
		check(strlen(key->paste) <= KEY_PASTE_MAX &&
			utf8_valid(key->paste, strlen(key->paste)));
	key_name(key, name, sizeof(name));
	/* A background's colour is not in its name. */
	check(key_parse(name, &again) && (key->sym == KEY_SYM_BACKGROUND || key_eq(key, &again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_decoder *whole = key_decoder_new(NULL), *split = key_decoder_new(NULL);
	struct key a, b;
	bool more;

	key_feed(whole, (const char *)data, size);
	for (size_t i = 0; i < size; i++)
		key_feed(split, (const char *)data + i, 1);
	for (int i = 0; i < 200; i++) {
		key_flush(whole);
		key_flush(split);
	}
	check(!key_pending(whole) && !key_pending(split));
	do {
		more = key_next(whole, &a);
		check(key_next(split, &b) == more);
		if (more) {
			check(key_eq(&a, &b) && a.mouse == b.mouse && a.row == b.row &&
				a.col == b.col);
			check_key(&a);
			check(!a.paste || !strcmp(a.paste, b.paste));
		}
	} while (more);
	key_decoder_free(whole);
	key_decoder_free(split);
	return 0;
}
