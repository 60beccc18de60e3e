/*
 * A text for the clipboard of the terminal (OSC 52), which works through SSH too. tmux and screen
 * stand in between: tmux takes it where set-clipboard is on, and hands it through where
 * allow-passthrough is; screen hands it through in pieces. Nobody answers whether it was taken.
 */
#ifndef WEIR_TUI_CLIP_H
#define WEIR_TUI_CLIP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum clip_way {
	CLIP_NONE, /* a terminal without one */
	CLIP_PLAIN,
	CLIP_TMUX,
	CLIP_SCREEN,
};

/* term: its type; tmux, sty: $TMUX and $STY, or NULL. */
enum clip_way clip_way(const char *term, const char *tmux, const char *sty);
/* Terminals drop what is longer (xterm: 100,000 bytes with its frame); on a slow line a frame would wait for it. */
size_t clip_most(bool is_slow);
/* Appends the bytes. */
void clip_write(struct buf *out, enum clip_way way, const char *text, size_t len);

#endif
