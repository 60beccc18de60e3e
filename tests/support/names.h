/*
 * Name lookups of this process, as a test wants them: what looks like a name server that says nothing, and names for
 * which nothing has to be configured. Who uses one of these has all lookups go through here.
 *
 *	names_hold("silent");          lookups of names with that in them wait, "" = all
 *	names_waiting()                so many of them do
 *	names_release();
 *
 * "<anything>.here.test" is 127.0.0.1, "<anything>.gone.test" is not found; all others are looked up.
 */
#ifndef WEIR_TESTS_SUPPORT_NAMES_H
#define WEIR_TESTS_SUPPORT_NAMES_H

void names_hold(const char *part);
void names_release(void);
int names_waiting(void);

#endif
