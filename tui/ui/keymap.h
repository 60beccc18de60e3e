/*
 * Keys → commands. The command table's own keys lie at the bottom; over them a preset ("vim",
 * "emacs"), over that the person's keymap.yaml; in each of these what is said for all views lies
 * below what is said for one. A key of a higher layer takes the place of what it would hide below;
 * two of one layer that cannot be told apart are an error. So in the end a key, or a sequence of
 * them ("g a"), means one thing in a view, and no timer decides.
 *
 *	preset: vim               # default, vim, emacs
 *	all:                      # every view in which the command works
 *	  ctrl-t: theme light     # key, or keys with blanks between: command with its arguments
 *	  g x: none               # means nothing any more
 *	list:                     # list card rows runs run log text help
 *	  F: apps state:failed
 *
 * Where no digit is bound, digits typed before a command say how often, or which line.
 */
#ifndef WEIR_TUI_KEYMAP_H
#define WEIR_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/action/command.h"
#include "core/base/err.h"
#include "tui/term/key.h"
#include "tui/view/view.h"

#define KEYMAP_SEQUENCE_MAX 3

struct keymap;

/* E_CONFIG that names both commands when two share keys in one view, or a key's name is not known.
 */
int keymap_new(struct keymap **out, const struct command *table, size_t count, struct err *err);
void keymap_free(struct keymap *keymap); /* NULL-safe */

/*
 * keymap_read.c. The program's table and that file. E_CONFIG with file:line:column; *out is then
 * untouched.
 */
int keymap_parse(
	struct keymap **out, const char *path, const char *text, size_t len, struct err *err);
/* Where nobody wrote a file. */
int keymap_default(struct keymap **out, struct err *err);
/* $WEIR_KEYMAP, or keymap.yaml beside the person's config.yaml. malloc'd. */
char *keymap_path(void);
/*
 * What lies there; the default keymap when nothing does. E_CONFIG: *out is the default one all the
 * same.
 */
int keymap_load(struct keymap **out, struct err *err);
/* A struct console_file of core/cli. */
int keymap_check(char **path, struct err *err);
/* keymap_presets.c: the text of a preset, as a file would say it; NULL when there is none. */
const char *keymap_preset(const char *name);
extern const char *const keymap_preset_names[]; /* NULL-ended */

/* The keys typed so far of a sequence, and the number before them (0 = none). */
struct keymap_state {
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t count;
	int number;
};

enum keymap_result {
	KEYMAP_NONE,   /* bound to nothing; the state is empty again */
	KEYMAP_PREFIX, /* more is needed: of a sequence, or of a number */
	KEYMAP_FOUND,
};

struct keymap_hit {
	enum command_id id;
	const char *arg; /* borrowed; NULL = none */
	int number;      /* 0 = none */
};

/* A key that does not go on with a begun sequence ends it, and means nothing. */
enum keymap_result keymap_feed(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const struct key *key, struct keymap_hit *hit);

/*
 * The keys that mean something in that view, the highest layer first: *at is 0 at first. Behind
 * those of `typed` only (NULL = all), and without them. False: no more.
 */
bool keymap_next(const struct keymap *keymap, enum command_view view,
	const struct keymap_state *typed, size_t *at, struct view_key *out);
/* What was typed so far, as it is shown: "g", "ctrl-x", "42". */
void keymap_typed(const struct keymap_state *state, char *out, size_t size);

#endif
