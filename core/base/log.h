/*
 * The diagnostic log and the one redactor. The log goes to a file (0600; at 8 MiB it becomes
 * "<path>.1") or, with -v and no screen, to stderr; before log_open() it is dropped. Every line is
 * redacted and harmless for a terminal. Any thread may write.
 */
#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVEL_MAX };

int log_open(const char *path, enum log_level level, struct err *err); /* path NULL: stderr */
void log_close(void);
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* password|passwd|secret|token|access-?key|credential|jaas|sasl|api-?key, any case, '.-_' alike. */
bool redact_key(const char *key);
/* "--password" with its value in the next argument: as no line of text shows the pair, who handles
 * arguments one by one asks here. */
bool redact_flag(const char *arg);
/*
 * Appends `text` with the values of such keys as "******": key=value, key: value, "key": "value",
 * --key value, user:password@ in URLs, "Authorization: …", at any level of JSON in JSON. Keys stay
 * readable; null, true, false and empty values too. Where the end of a value is in doubt it takes
 * too much rather than too little, never past the line (a bracketed value of a JSON key excepted);
 * what is not a secret comes out byte for byte. Linear in `len`.
 */
void redact(struct buf *out, const char *text, size_t len);
/* redact() into a new string. */
char *redact_dup(const char *text);

#endif
