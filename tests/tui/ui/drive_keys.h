/* The second half of drive.h, which includes it: keys go in, frames come out. */
#ifndef WEIR_TESTS_TUI_DRIVE_KEYS_H
#define WEIR_TESTS_TUI_DRIVE_KEYS_H

#include "tests/tui/ui/drive.h"

/* A frame after each key, as in the console. */
static inline void drive_keys(struct drive *drive, const char *names)
{
	char *copy = xstrdup(names), *rest = copy, *name;

	while ((name = strsep(&rest, " "))) {
		struct key key;
		if (!*name)
			continue;
		check_bool(name, key_parse(name, &key), true);
		screen_key(drive->screen, &key);
		screen_draw(drive->screen, drive->canvas);
	}
	free(copy);
}

/* Each character of the text as a key; code points, so that CJK can be typed. */
static inline void drive_type(struct drive *drive, const char *text)
{
	for (const char *p = text; *p;) {
		char one[8] = {0};
		size_t len = 1;
		while (((unsigned char)p[len] & 0xC0) == 0x80)
			len++;
		memcpy(one, p, len);
		p += len;
		drive_keys(drive, *one == ' ' ? "space" : one);
	}
}

/* The frame as text; borrowed until the next call. */
static inline const char *drive_frame(struct drive *drive, bool has_styles)
{
	buf_reset(&drive->frame);
	canvas_dump(drive->canvas, &drive->frame, has_styles);
	return buf_str(&drive->frame);
}

static inline void drive_golden(struct drive *drive, const char *name)
{
	screen_draw(drive->screen, drive->canvas);
	check_golden(name, drive_frame(drive, true));
}

#endif
