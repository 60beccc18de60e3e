/*
 * Any bytes as a keymap file: a keymap that leads out of the program and can be typed at, or an error with
 * a place.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/ui/keymap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Every key that is told does what is told, and no two of a view are the same. */
static void check_view(const struct keymap *keymap, enum command_view view)
{
	struct view_key key;
	size_t at = 0, count = 0;

	while (keymap_next(keymap, view, NULL, &at, &key)) {
		check(key.id < CMD_MAX && (commands[key.id].views & (unsigned)view));
		check(key.keys[0] && utf8_valid(key.keys, strlen(key.keys)));
		count++;
	}
	check(count > 0);
}

static void type_at(const struct keymap *keymap, enum command_view view)
{
	static const char *const names[] = {
		"g", "a", "ctrl-x", "4", "2", "G", "esc", "f2", "k", "0", "left", "Z", "Z"};
	struct keymap_state typed = {0};
	struct keymap_hit hit;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct key key;
		check(key_parse(names[i], &key));
		if (keymap_feed(keymap, &typed, view, &key, &hit) != KEYMAP_PREFIX)
			check(!typed.count && !typed.number);
		check(typed.count < KEYMAP_SEQUENCE_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keymap *keymap = NULL;
	struct err err = {0};
	int rc = keymap_parse(&keymap, "k.yaml", (const char *)data, size, &err);

	check((rc == 0) == (keymap != NULL));
	if (rc) {
		check(rc == E_CONFIG && err.code == E_CONFIG);
		check(!strncmp(err.text, "k.yaml:", 7) && utf8_valid(err.text, strlen(err.text)));
		return 0;
	}
	check_view(keymap, IN_LIST);
	for (unsigned view = IN_LIST; view < IN_ALL; view <<= 1)
		type_at(keymap, (enum command_view)view);
	keymap_free(keymap);
	return 0;
}
