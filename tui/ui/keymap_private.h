/* Shared by keymap.c and keymap_read.c. */
#ifndef WEIR_TUI_KEYMAP_PRIVATE_H
#define WEIR_TUI_KEYMAP_PRIVATE_H

#include "core/base/vec.h"
#include "tui/ui/keymap.h"

struct binding {
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t count;
	unsigned views; /* none is left: hidden */
	int layer;
	enum command_id id; /* CMD_MAX: these keys mean nothing */
	char *arg;          /* owned, or NULL */
	const char *name;   /* of the command */
};

struct keymap {
	VEC(struct binding) bindings;
	unsigned counting; /* views in which digits are a number */
};

/* Takes binding->arg. The other one of the same layer that it cannot be told apart from, or NULL:
 * then it is added. */
const struct binding *keymap_put(struct keymap *keymap, struct binding *binding);
/* When all is in it. */
void keymap_settle(struct keymap *keymap);

#endif
