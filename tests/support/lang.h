/*
 * The catalogues of this build, for tests that look at what weir says in another language.
 *
 *	lang_use("zh_CN");
 *	...
 *	lang_use("en");
 */
#ifndef WEIR_TESTS_SUPPORT_LANG_H
#define WEIR_TESTS_SUPPORT_LANG_H

/* Where they are; malloc'd. */
char *lang_folder(void);
/* The case fails where there is no such catalogue. */
void lang_use(const char *language);

#endif
