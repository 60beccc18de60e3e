/*
 * Words for a POSIX shell, quoted in one place. What is quoted is one word to sh, whatever bytes it
 * holds (NUL cannot be in it): nothing in it is expanded, split or run.
 *
 *	buf_adds(&command, "ls -l -- ");
 *	sh_quote(&command, path);
 */
#ifndef WEIR_BASE_SHELL_H
#define WEIR_BASE_SHELL_H

#include <stddef.h>

struct buf;

/* Appends `word` quoted; a word of safe letters only stays as it is, "" becomes ''. */
void sh_quote(struct buf *out, const char *word);
/* Appends the words with one blank between them. */
void sh_quote_words(struct buf *out, const char *const *words, size_t count);

#endif
