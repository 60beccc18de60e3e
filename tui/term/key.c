/*
 * A state machine that eats one byte at a time, so that where a read ends cannot matter. The
 * grammar is the one of ECMA-48 as terminals use it; what a finished sequence means is in tables.
 * What is finished but unknown is swallowed, never passed on in pieces: a capital letter acts.
 *
 * A sequence that stands still is ended by key_flush(). ESC flushed as a key may still have been
 * the start of something cut by the network: the next byte is then held back if it could go on
 * ("late").
 *
 * It does not read, does not know the time, and does not ask the terminal anything.
 */
#include "tui/term/key.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "tui/term/curses.h"
#include "tui/term/key_seq.h"

#define SEQ_MAX 64         /* bytes of a CSI sequence that are kept; a longer one means nothing */
#define PATIENCE 20        /* calls of key_flush() that a certain start of a sequence is kept */
#define PATIENCE_PASTE 100 /* the same for a paste without its end */

enum state {
	GROUND,
	UTF8,     /* in a character of several bytes */
	ESC,      /* after ESC */
	CSI,      /* after ESC [: parameters until a final byte */
	SS3,      /* after ESC O: perhaps digits, then a letter */
	LINUX_FN, /* after ESC [ [: a letter */
	MOUSE,    /* after ESC [ M: three bytes */
	STRING,   /* OSC, DCS, APC, PM, SOS until ST (or, for OSC, BEL) */
	STRING_ESC,
	PASTE, /* until ESC [ 2 0 1 ~ */
};

struct learned {
	char *seq; /* without its ESC */
	enum key_sym sym;
};

struct key_decoder {
	enum state state;
	bool alt;          /* a second ESC came before the introducer */
	bool late;         /* the ESC in front was already given out as a key */
	char intro;        /* of CSI, SS3 and STRING: the byte after ESC */
	char seq[SEQ_MAX]; /* the bytes after ESC, introducer included */
	size_t seq_len;
	bool overlong;
	size_t eaten; /* content bytes of a STRING; bytes left of MOUSE */
	uint32_t ch, ch_min;
	int ch_need;
	unsigned ch_mods;
	struct buf paste;
	size_t paste_match; /* bytes of the end mark seen */
	int flushes;        /* in a row */
	VEC(struct key) queue;
	size_t queue_head;
	char *paste_given;
	VEC(struct learned) learned;
};

static const char paste_end[] = "\x1B[201~";

static void emit(struct key_decoder *d, enum key_sym sym, uint32_t ch, unsigned mods)
{
	vec_push(&d->queue, ((struct key){.sym = sym, .ch = ch, .mods = mods}));
}

static void emit_ascii(struct key_decoder *d, unsigned char c, unsigned mods)
{
	struct key key = {.mods = mods};

	key_ascii(c, &key);
	vec_push(&d->queue, key);
}

/* What was pasted, made fit for a text field. */
static void emit_paste(struct key_decoder *d)
{
	struct buf valid, clean;
	struct key key = {.sym = KEY_SYM_PASTE};
	const char *p;

	buf_init(&valid, 0);
	buf_init(&clean, 0);
	utf8_repair(&valid, buf_str(&d->paste), d->paste.len);
	p = buf_str(&valid);
	for (size_t i = 0; i < valid.len && clean.len < KEY_PASTE_MAX; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\r' && p[i + 1] == '\n')
			continue;
		if (c == 0xC2 && (unsigned char)p[i + 1] < 0xA0)
			i++; /* C1 */
		else if (c == '\r' || c == '\n')
			buf_addc(&clean, '\n');
		else if ((c >= 0x20 || c == '\t') && c != 0x7F)
			buf_addc(&clean, (char)c);
	}
	while (clean.len && !utf8_valid(buf_str(&clean), clean.len)) /* cut inside a character */
		clean.data[--clean.len] = '\0';
	if (clean.len) {
		key.paste = buf_detach(&clean);
		vec_push(&d->queue, key);
	}
	/* A password may have been pasted. */
	buf_wipe(&valid);
	buf_release(&clean);
	buf_wipe(&d->paste);
}

static void to_ground(struct key_decoder *d)
{
	d->state = GROUND;
	d->alt = d->late = d->overlong = false;
	d->seq_len = d->eaten = 0;
}

static unsigned alt_mod(const struct key_decoder *d)
{
	return d->alt ? KEY_ALT : 0;
}

static bool emit_learned(struct key_decoder *d)
{
	struct learned *it;

	vec_each (it, &d->learned)
		if (strlen(it->seq) == d->seq_len && !memcmp(it->seq, d->seq, d->seq_len)) {
			emit(d, it->sym, 0, alt_mod(d));
			return true;
		}
	return false;
}

static bool is_pressed(const struct key *key)
{
	return key->sym != KEY_SYM_REPORT && key->sym != KEY_SYM_FOCUS_IN &&
		key->sym != KEY_SYM_FOCUS_OUT && key->sym != KEY_SYM_MOUSE;
}

/* A whole CSI or SS3 sequence is in d->seq. Leaves the state to go on in. */
static void sequence(struct key_decoder *d)
{
	struct key key = {.mods = alt_mod(d)};
	enum key_seq what;

	d->state = GROUND;
	if (!d->overlong && emit_learned(d))
		return;
	what = d->overlong        ? KEY_SEQ_NONE
		: d->intro == '[' ? key_seq_csi(d->seq, d->seq_len, &key)
				  : key_seq_ss3(d->seq, d->seq_len, &key);
	/* What no finger makes has no Alt: the ESC before it was a key of its own. */
	if (d->alt && what != KEY_SEQ_LINUX_FN && !(what == KEY_SEQ_KEY && is_pressed(&key))) {
		emit(d, KEY_SYM_ESC, 0, 0);
		key.mods &= ~(unsigned)KEY_ALT;
	}
	if (what == KEY_SEQ_KEY) {
		vec_push(&d->queue, key);
	} else if (what == KEY_SEQ_PASTE) {
		d->state = PASTE;
		d->paste_match = 0;
	} else if (what == KEY_SEQ_MOUSE) {
		d->state = MOUSE;
		d->eaten = 3;
	} else if (what == KEY_SEQ_LINUX_FN) {
		d->state = LINUX_FN;
	}
}

static bool is_intro(unsigned char c)
{
	return c && strchr("[O]P_^X", c);
}

/* After ESC, an introducer. */
static void enter(struct key_decoder *d, unsigned char c)
{
	d->intro = (char)c;
	d->seq[0] = (char)c;
	d->seq_len = 1;
	d->overlong = false;
	d->eaten = 0;
	d->state = c == '[' ? CSI : c == 'O' ? SS3 : STRING;
}

static void utf8_start(struct key_decoder *d, unsigned char c, unsigned mods)
{
	if (c < 0xC2 || c > 0xF4)
		return; /* no start of a character: skipped */
	d->state = UTF8;
	d->ch_need = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
	d->ch = c & (0x3Fu >> d->ch_need);
	d->ch_min = c < 0xE0 ? 0xA0 : c < 0xF0 ? 0x800 : 0x10000;
	d->ch_mods = mods;
}

static void ground_byte(struct key_decoder *d, unsigned char c)
{
	bool late = d->late;

	d->late = false;
	if (c == 0x1B) {
		d->state = ESC;
		d->alt = false;
	} else if (late && is_intro(c)) {
		d->alt = false;
		d->late = true;
		enter(d, c);
	} else if (c < 0x80) {
		emit_ascii(d, c, 0);
	} else {
		utf8_start(d, c, 0);
	}
}

static void escape_byte(struct key_decoder *d, unsigned char c)
{
	if (c == 0x1B) {
		if (d->alt) /* ESC ESC ESC: the first one is a key for sure */
			emit(d, KEY_SYM_ESC, 0, 0);
		d->alt = true;
		return;
	}
	if (is_intro(c)) {
		if (d->alt && c != '[' && c != 'O') { /* a string: the terminal speaks */
			emit(d, KEY_SYM_ESC, 0, 0);
			d->alt = false;
		}
		enter(d, c);
		return;
	}
	d->seq[0] = (char)c;
	d->seq_len = 1;
	d->state = GROUND;
	if (emit_learned(d))
		return;
	if (d->alt)
		emit(d, KEY_SYM_ESC, 0, 0);
	if (c < 0x80)
		emit_ascii(d, c, KEY_ALT);
	else
		utf8_start(d, c, KEY_ALT);
}

/* A byte that cannot be part of the sequence ends it unheard and counts for itself. */
static void abandon(struct key_decoder *d, unsigned char c)
{
	to_ground(d);
	if (c != 0x18 && c != 0x1A) /* CAN, SUB */
		ground_byte(d, c);
}

static void seq_add(struct key_decoder *d, unsigned char c)
{
	if (d->seq_len < SEQ_MAX)
		d->seq[d->seq_len++] = (char)c;
	else
		d->overlong = true;
}

static void csi_byte(struct key_decoder *d, unsigned char c)
{
	if (c < 0x20 || c >= 0x7F) {
		abandon(d, c);
		return;
	}
	bool rxvt = c == '$' && key_seq_is_rxvt_shift(d->seq, d->seq_len);

	seq_add(d, c);
	if (c >= 0x40 || rxvt)
		sequence(d);
}

static void ss3_byte(struct key_decoder *d, unsigned char c)
{
	if (c < 0x20 || c >= 0x7F) {
		abandon(d, c);
		return;
	}
	seq_add(d, c);
	if (c >= 0x40 || c == ' ')
		sequence(d);
	else if (c != ';' && (c < '0' || c > '9'))
		to_ground(d);
}

static void utf8_byte(struct key_decoder *d, unsigned char c)
{
	if ((c & 0xC0) != 0x80) {
		abandon(d, c);
		return;
	}
	d->ch = d->ch << 6 | (c & 0x3F);
	if (--d->ch_need > 0)
		return;
	d->state = GROUND;
	if (d->ch >= d->ch_min && utf8proc_codepoint_valid((utf8proc_int32_t)d->ch))
		emit(d, KEY_SYM_CHAR, d->ch, d->ch_mods);
}

/* A whole string: only one is asked for. */
static void string_end(struct key_decoder *d)
{
	uint32_t rgb;

	if (d->intro == ']' && !d->overlong && key_seq_background(d->seq, d->seq_len, &rgb))
		emit(d, KEY_SYM_BACKGROUND, rgb, 0);
	to_ground(d);
}

static void string_byte(struct key_decoder *d, unsigned char c)
{
	if (c == 0x1B)
		d->state = STRING_ESC;
	else if (c == 0x07 && d->intro == ']')
		string_end(d);
	else if (c < 0x20 && c != '\t' && c != 0x07 &&
		!(d->intro == 'P' && (c == '\r' || c == '\n')))
		abandon(d, c); /* cut off: no answer holds such a byte, but a key may be one */
	else {
		d->eaten++;
		seq_add(d, c);
	}
}

static void paste_byte(struct key_decoder *d, unsigned char c)
{
	if (c == (unsigned char)paste_end[d->paste_match]) {
		if (paste_end[++d->paste_match] == '\0') {
			to_ground(d);
			emit_paste(d);
		}
		return;
	}
	buf_add(&d->paste, paste_end, d->paste_match);
	d->paste_match = c == 0x1B;
	if (c != 0x1B)
		buf_addc(&d->paste, (char)c);
}

static void feed_byte(struct key_decoder *d, unsigned char c)
{
	switch (d->state) {
	case GROUND: ground_byte(d, c); break;
	case UTF8: utf8_byte(d, c); break;
	case ESC: escape_byte(d, c); break;
	case CSI: csi_byte(d, c); break;
	case SS3: ss3_byte(d, c); break;
	case LINUX_FN:
		seq_add(d, c);
		d->state = GROUND;
		if (c < 0x20 || c >= 0x7F)
			abandon(d, c);
		else if (!emit_learned(d) && c >= 'A' && c <= 'E')
			emit(d, KEY_SYM_F1 + (c - 'A'), 0, alt_mod(d));
		break;
	case MOUSE:
		if (--d->eaten == 0)
			d->state = GROUND;
		break;
	case STRING: string_byte(d, c); break;
	case STRING_ESC:
		if (c == '\\') {
			string_end(d);
		} else {
			to_ground(d);
			d->state = ESC;
			escape_byte(d, c);
		}
		break;
	case PASTE: paste_byte(d, c); break;
	}
	if (d->state == GROUND)
		to_ground(d);
}

void key_feed(struct key_decoder *decoder, const char *bytes, size_t len)
{
	if (len)
		decoder->flushes = 0;
	for (size_t i = 0; i < len; i++)
		feed_byte(decoder, (unsigned char)bytes[i]);
}

bool key_pending(const struct key_decoder *decoder)
{
	return decoder->state != GROUND;
}

/* Nothing more is coming: what was it? */
static void give_up(struct key_decoder *d)
{
	bool bare = d->seq_len == 1 && d->eaten == 0;
	unsigned mods = alt_mod(d);

	switch (d->state) {
	case PASTE:
		to_ground(d);
		emit_paste(d);
		break;
	case CSI:
	case SS3:
	case STRING:
		if (bare)
			emit(d, KEY_SYM_CHAR, (unsigned char)d->intro,
				d->late ? mods : mods | KEY_ALT);
		break;
	case STRING_ESC: emit(d, KEY_SYM_ESC, 0, 0); break;
	default: break;
	}
	to_ground(d);
}

void key_flush(struct key_decoder *decoder)
{
	struct key_decoder *d = decoder;
	bool late_intro = d->late && d->seq_len == 1 && d->eaten == 0;

	if (d->state == ESC) {
		emit(d, KEY_SYM_ESC, 0, 0);
		if (d->alt)
			emit(d, KEY_SYM_ESC, 0, 0);
		to_ground(d);
		d->late = true;
	} else if (d->state == UTF8 || late_intro) {
		give_up(d);
	} else if (d->state != GROUND) {
		if (++d->flushes >= (d->state == PASTE ? PATIENCE_PASTE : PATIENCE))
			give_up(d);
	}
}

bool key_next(struct key_decoder *decoder, struct key *out)
{
	if (decoder->paste_given)
		mem_wipe(decoder->paste_given, strlen(decoder->paste_given));
	free(decoder->paste_given);
	decoder->paste_given = NULL;
	if (decoder->queue_head == decoder->queue.len) {
		decoder->queue_head = decoder->queue.len = 0;
		return false;
	}
	*out = decoder->queue.data[decoder->queue_head++];
	decoder->paste_given = (char *)out->paste;
	return true;
}

/* Only what the grammar above can deliver whole: ESC and one character, CSI, SS3. */
static void learn(struct key_decoder *d, const char *term)
{
	static const struct {
		const char *name;
		enum key_sym sym;
	} caps[] = {
		{"kcuu1", KEY_SYM_UP},
		{"kcud1", KEY_SYM_DOWN},
		{"kcub1", KEY_SYM_LEFT},
		{"kcuf1", KEY_SYM_RIGHT},
		{"khome", KEY_SYM_HOME},
		{"kend", KEY_SYM_END},
		{"kpp", KEY_SYM_PGUP},
		{"knp", KEY_SYM_PGDN},
		{"kich1", KEY_SYM_INSERT},
		{"kdch1", KEY_SYM_DELETE},
		{"kcbt", KEY_SYM_BACKTAB},
		{"kf1", KEY_SYM_F1},
		{"kf2", KEY_SYM_F2},
		{"kf3", KEY_SYM_F3},
		{"kf4", KEY_SYM_F4},
		{"kf5", KEY_SYM_F5},
		{"kf6", KEY_SYM_F6},
		{"kf7", KEY_SYM_F7},
		{"kf8", KEY_SYM_F8},
		{"kf9", KEY_SYM_F9},
		{"kf10", KEY_SYM_F10},
		{"kf11", KEY_SYM_F11},
		{"kf12", KEY_SYM_F12},
	};
	const char *names[ARRAY_SIZE(caps)];
	char *values[ARRAY_SIZE(caps)];

	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		names[i] = caps[i].name;
	terminfo_strings(term, names, values, ARRAY_SIZE(caps));
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++) {
		if (values[i] && values[i][0] == '\x1B' && values[i][1])
			vec_push(&d->learned,
				((struct learned){xstrdup(values[i] + 1), caps[i].sym}));
		free(values[i]);
	}
}

struct key_decoder *key_decoder_new(const char *term)
{
	struct key_decoder *d = xcalloc(1, sizeof(*d));

	buf_init(&d->paste, KEY_PASTE_MAX);
	if (!str_empty(term))
		learn(d, term);
	return d;
}

void key_decoder_free(struct key_decoder *decoder)
{
	struct learned *it;

	if (!decoder)
		return;
	for (size_t i = decoder->queue_head; i < decoder->queue.len; i++)
		free((char *)decoder->queue.data[i].paste);
	free(decoder->paste_given);
	vec_each (it, &decoder->learned)
		free(it->seq);
	vec_release(&decoder->learned);
	vec_release(&decoder->queue);
	buf_release(&decoder->paste);
	free(decoder);
}
