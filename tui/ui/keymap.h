/*
 * Keys → commands, read from the command table. A key may be a sequence ("g,g"); the same keys may
 * mean different commands in different views, but never two in one: keymap_new() refuses that.
 */
#ifndef WEIR_TUI_KEYMAP_H
#define WEIR_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/action/command.h"
#include "core/base/err.h"
#include "tui/term/key.h"

#define KEYMAP_SEQUENCE_MAX 3

struct keymap;

/* E_CONFIG that names both commands when two share keys in one view, or a key's name is not known.
 */
int keymap_new(struct keymap **out, const struct command *table, size_t count, struct err *err);
void keymap_free(struct keymap *keymap); /* NULL-safe */

/* The keys typed so far of a sequence. */
struct keymap_state {
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t count;
};

enum keymap_result {
	KEYMAP_NONE,   /* bound to nothing; the state is empty again */
	KEYMAP_PREFIX, /* more is needed */
	KEYMAP_FOUND,
};

/* A key that does not go on with a begun sequence begins anew. */
enum keymap_result keymap_feed(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const struct key *key, enum command_id *id);

#endif
