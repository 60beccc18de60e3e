/*
 * Are two stack traces the same failure? What varies from one time to the next (line numbers, numbers
 * in generated names, ids, addresses, messages) is no part of it.
 */
#ifndef WEIR_MODEL_FINGERPRINT_H
#define WEIR_MODEL_FINGERPRINT_H

#define FINGERPRINT_LEN 16

/* Of a Java stack trace, as hex digits. Pure; a text without frames is known by its words. */
void fingerprint(const char *text, char out[FINGERPRINT_LEN + 1]);

#endif
