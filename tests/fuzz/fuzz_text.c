/*
 * Any bytes to what guards the terminal and the log: repaired text is valid UTF-8, neutralised text
 * holds nothing that a terminal obeys, text without keys is not touched by the redactor, and the
 * cells of a padded text add up.
 */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/log.h"
#include "core/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_harmless(const char *text, size_t len)
{
	check(utf8_valid(text, len));
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		check(c >= 0x20 && c != 0x7F);
		check(c != 0xC2 || (unsigned char)text[i + 1] >= 0xA0); /* C1 */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct buf repaired, harmless, redacted, padded;

	setlocale(LC_ALL, "C.UTF-8");
	buf_init(&repaired, 0);
	utf8_repair(&repaired, text, size);
	check(utf8_valid(buf_str(&repaired), repaired.len));

	buf_init(&harmless, 0);
	utf8_neutralise(&harmless, text, size);
	check_harmless(buf_str(&harmless), harmless.len);

	buf_init(&padded, 0);
	utf8_pad(&padded, buf_str(&harmless), 40, false);
	check(utf8_width(buf_str(&padded)) == 40);

	buf_init(&redacted, 0);
	redact(&redacted, text, size);
	check(!redacted.overflow);
	/* What holds no key, URL or scheme comes out byte for byte. */
	bool plain = !memchr(text, ':', size) && !memchr(text, '=', size) &&
		!memchr(text, '-', size) && !memchr(text, '<', size) && !memchr(text, ',', size) &&
		!memchr(text, ' ', size);
	check(!plain || (redacted.len == size && !memcmp(buf_str(&redacted), text, size)));

	buf_release(&repaired);
	buf_release(&harmless);
	buf_release(&padded);
	buf_release(&redacted);
	return 0;
}
