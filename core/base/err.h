/*
 * Errors are values: a code few enough to become exit codes and JSON, and a text that says what
 * failed, on what, and what the far side said. Never a secret in the text.
 *
 *	int thing_open(struct thing **out, const char *path, struct err *err)
 *	{
 *		int fd = open(path, O_RDONLY | O_CLOEXEC);
 *		if (fd < 0)
 *			return err_errno(err, E_CONFIG, "open %s", path);
 *		...
 *	}
 *
 * `err` comes last, may be NULL, and is untouched on success.
 */
#ifndef WEIR_BASE_ERR_H
#define WEIR_BASE_ERR_H

enum err_code {
	E_OK = 0,
	E_ARG = -1,       /* the caller's words are wrong (usage) */
	E_CONFIG = -2,    /* configuration or workspace file; text starts with file:line:column */
	E_AUTH = -3,      /* not authenticated (401) */
	E_DENIED = -4,    /* authenticated, not allowed (403), or read-only */
	E_NOTFOUND = -5,  /* 404, no such file, no such item */
	E_CONFLICT = -6,  /* 409, lease held by another */
	E_TIMEOUT = -7,   /* a deadline passed */
	E_NET = -8,       /* nobody answered: refused, reset, name not found */
	E_PROTO = -9,     /* an answer that cannot be understood, or is over its size cap */
	E_REMOTE = -10,   /* the far side said no, or failed (4xx, 5xx) */
	E_CANCELED = -11, /* by the user, or by shutdown */
	E_UNSUPPORTED = -12, /* this version or source has no such operation */
	E_INTERNAL = -13,    /* our own fault, or the local system's (disk, memory) */
	E_PARTIAL = -14,     /* some answered, some did not */
	E_UNKNOWN = -15,     /* sent, but the outcome is not known: ask, do not repeat */
	E_CODE_LAST = E_UNKNOWN
};

struct err {
	enum err_code code;
	char text[1024]; /* valid UTF-8, no line end; cut at a character boundary */
};

/*
 * One that thousands keep (each cluster, each snapshot has a place for one): as large as its text, and
 * read as an err is. `text` is never NULL; it is owned where `code` is set (but in a snapshot, where it
 * lies in the arena).
 */
struct kept_err {
	enum err_code code;
	const char *text;
};
void kept_err_init(struct kept_err *kept);    /* none */
void kept_err_release(struct kept_err *kept); /* as after init */
/* Instead of what it held; E_OK: none. `text` is copied, and may be its own. */
void kept_err_set(struct kept_err *kept, enum err_code code, const char *text);
void kept_err_get(const struct kept_err *kept, struct err *out);

/* Fill *err (if not NULL) and return `code`, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with ": <strerror(errno)>" behind. */
int err_errno(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Put "<what>: " before the text; returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "NOTFOUND" for E_NOTFOUND: the `code` of a JSON error. */
const char *err_code_name(enum err_code code);
enum err_code err_code_parse(const char *name); /* E_INTERNAL when unknown */
/* The one table of exit codes (documented in `weir help exit-codes`). */
int err_exit_code(enum err_code code);
/* One line on the exit code, for the help and the man page; NULL where the code does not exist. */
const char *err_exit_meaning(int exit_code);

#endif
