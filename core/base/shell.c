/*
 * Single quotes, because nothing is special between them but the quote itself. Letters that no
 * shell gives a meaning to are left bare, so that commands stay readable where they are shown; '~',
 * '=' and '%' are not among them ("~root", "FOO=1" as the first word, zsh's "=ls").
 */
#include "core/base/shell.h"

#include <string.h>

#include "core/base/buf.h"

static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			   "_-./:,@+";

void sh_quote(struct buf *out, const char *word)
{
	if (*word && !word[strspn(word, safe)]) {
		buf_adds(out, word);
		return;
	}
	buf_addc(out, '\'');
	for (const char *p = word; *p; p++) {
		if (*p == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *p);
	}
	buf_addc(out, '\'');
}

void sh_quote_words(struct buf *out, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_addc(out, ' ');
		sh_quote(out, words[i]);
	}
}
