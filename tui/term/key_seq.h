/* What a whole escape sequence means. Pure, private to tui/term: key.c finds where one ends. */
#ifndef WEIR_TUI_KEY_SEQ_H
#define WEIR_TUI_KEY_SEQ_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term/key.h"

enum key_seq {
	KEY_SEQ_NONE,     /* nothing of ours: swallow it */
	KEY_SEQ_KEY,      /* *out is the key */
	KEY_SEQ_PASTE,    /* a bracketed paste begins */
	KEY_SEQ_MOUSE,    /* three bytes follow */
	KEY_SEQ_LINUX_FN, /* a letter follows */
};

/*
 * seq: the bytes after ESC with introducer ('[' or 'O') and final byte. out->mods holds what is
 * known already (Alt of a doubled ESC), and is added to.
 */
enum key_seq key_seq_csi(const char *seq, size_t len, struct key *out);
enum key_seq key_seq_ss3(const char *seq, size_t len, struct key *out);
/* An OSC string, from ']' on: the answer to the question for the background? */
bool key_seq_background(const char *seq, size_t len, uint32_t *rgb);
/* rxvt ends a shifted key with '$', which everywhere else goes on. seq without that '$'. */
bool key_seq_is_rxvt_shift(const char *seq, size_t len);
/* A control character, DEL or printable ASCII. */
void key_ascii(unsigned char c, struct key *out);

#endif
