/*
 * Taken are the classes of the exception and of its causes, and class and method of each frame, all
 * without digits: a lambda, an accessor, a generated class has another number in each JVM. Where no
 * frame follows (a failure that Flink itself describes in a sentence), the words of the message are
 * all there is: those with a digit in them are left out, and so are those in quotes or after a slash.
 * The hash is FNV-1a in 64 bits: it meets no enemy here, and a stack trace is hashed on the loop.
 */
#include "core/model/fingerprint.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct print {
	uint64_t hash;
};

static void add(struct print *print, unsigned char byte)
{
	print->hash = (print->hash ^ byte) * UINT64_C(1099511628211);
}

static size_t line_len(const char *text)
{
	return strcspn(text, "\r\n");
}

static const char *next_line(const char *text)
{
	text += line_len(text);
	return text + strspn(text, "\r\n");
}

static const char *frame_of(const char *line)
{
	line += strspn(line, " \t");
	return strncmp(line, "at ", 3) == 0 ? line + 3 : NULL;
}

/* Up to "(", without the name of its module or loader, and without digits. */
static void add_frame(struct print *print, const char *frame)
{
	size_t len = strcspn(frame, "(\r\n"), from = 0;

	for (size_t i = 0; i < len; i++)
		if (frame[i] == '/' && (i == 0 || !strchr("$", frame[i - 1])) &&
			!isdigit((unsigned char)frame[i - 1]))
			from = i + 1;
	for (size_t i = from; i < len; i++) {
		/* "Lambda$14/0x00007f2c": what is behind the slash is an address. */
		if (frame[i] == '/') {
			i += strcspn(frame + i, ".(\r\n") - 1;
			continue;
		}
		if (!isdigit((unsigned char)frame[i]))
			add(print, (unsigned char)frame[i]);
	}
	add(print, '\n');
}

/* "Caused by: java.io.IOException: text" → "java.io.IOException" */
static void add_class(struct print *print, const char *line)
{
	size_t len;

	line += strspn(line, " \t");
	if (strncmp(line, "Caused by: ", 11) == 0)
		line += 11;
	len = strcspn(line, ":\r\n ");
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)line[i]))
			add(print, (unsigned char)line[i]);
	add(print, '\n');
}

static bool is_constant(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isdigit((unsigned char)word[i]) || strchr("/'\"`=@", word[i]))
			return false;
	return true;
}

static void add_words(struct print *print, const char *line)
{
	size_t len = line_len(line);

	for (size_t at = 0; at < len;) {
		size_t word = strcspn(line + at, " \t\r\n");

		if (is_constant(line + at, word)) {
			for (size_t i = 0; i < word; i++)
				add(print, (unsigned char)line[at + i]);
			add(print, ' ');
		}
		at += word;
		at += strspn(line + at, " \t");
	}
	add(print, '\n');
}

/* "... 12 more" says how much of the trace above is left out. */
static bool is_rest(const char *line)
{
	line += strspn(line, " \t");
	return strncmp(line, "... ", 4) == 0;
}

/* A line that begins an exception: the first one, and each cause. What else is between them belongs
 * to a message of several lines. */
static bool is_head(const char *text, const char *line)
{
	return line == text || strncmp(line + strspn(line, " \t"), "Caused by: ", 11) == 0;
}

void fingerprint(const char *text, char out[FINGERPRINT_LEN + 1])
{
	struct print print = {UINT64_C(14695981039346656037)};
	bool has_frames = false;

	for (const char *line = text; *line && !has_frames; line = next_line(line))
		has_frames = frame_of(line) != NULL;
	for (const char *line = text; *line; line = next_line(line)) {
		if (!has_frames)
			add_words(&print, line);
		else if (frame_of(line))
			add_frame(&print, frame_of(line));
		else if (is_head(text, line) && !is_rest(line))
			add_class(&print, line);
	}
	snprintf(out, FINGERPRINT_LEN + 1, "%016" PRIx64, print.hash);
}
