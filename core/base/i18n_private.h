/* Of i18n.c, for i18n_phrase.c. */
#ifndef WEIR_BASE_I18N_PRIVATE_H
#define WEIR_BASE_I18N_PRIVATE_H

#include <stddef.h>

/* The catalogue in use, entry by entry; *many: the text for many where there is one, else NULL. */
size_t i18n_entries(void);
const char *i18n_entry(size_t at, const char **translation, const char **many);

/* The catalogue in use is another one; NULL-safe before there was any. Before there are threads. */
void i18n_phrases_open(void);

#endif
