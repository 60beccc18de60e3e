/*
 * The hosts of one context, and this machine ("local", or NULL), behind one header: run a command
 * there, copy a file there and back. A host is reached by libssh2, or by the ssh program where its
 * configuration says `transport: openssh`. Each host has at most one connection, made when it is
 * first needed, used by all; libssh2's is owned by one thread for life; jump hosts included. The ssh
 * program is asked nothing back (BatchMode): what needs an answer is E_AUTH with the cure.
 * Everything here is called on the loop's thread and returns at once. Why: the design's section 9.
 *
 *	struct ssh *ssh;
 *	ssh_open(&ssh, &(struct ssh_options){.loop = loop, .hosts = config->hosts,
 *		.host_count = config->host_count, .on_prompt = ask, .data = ui}, &err);
 *	op = ssh_exec(ssh, &(struct ssh_exec_options){.host = "gw1", .command = "uptime"},
 *		on_done, data);
 *	... ask(ui, prompt)  →  later ssh_answer(ssh, prompt->id, "123456");
 *	... on_done(data, result, NULL): result->out, result->exit_status
 *	ssh_cancel(op);        on_done is then never called; the command over there is killed
 *	ssh_close(ssh);
 *
 * done: exactly once, on the loop, never from inside the call that started it. Inside a callback
 * everything may be called but ssh_close(). Errors, their text starting with "host NAME: ":
 * E_NOTFOUND no such host · E_NET refused, unknown name, link lost before anything was sent ·
 * E_TIMEOUT · E_AUTH no way in was accepted, a prompt was not answered, the host key is unknown,
 * changed or revoked · E_DENIED the far side forbids a channel · E_UNKNOWN the link broke while the
 * command ran: ask, do not repeat · E_UNSUPPORTED · E_PROTO · E_INTERNAL.
 *
 * After E_AUTH a host is not tried again for five minutes (each try counts against the account, and
 * would ask again); until then the same error is the answer. ssh_retry() forgets it.
 */
#ifndef WEIR_NET_SSH_H
#define WEIR_NET_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/config/config.h"
#include "core/loop/loop.h"

struct command_log;
struct ssh;
struct ssh_op;

enum ssh_prompt_kind {
	SSH_PROMPT_PASSPHRASE,  /* of a key file */
	SSH_PROMPT_PASSWORD,    /* of the account */
	SSH_PROMPT_INTERACTIVE, /* the server's own question: a one-time password */
	SSH_PROMPT_HOST_KEY,    /* yes or no: is the fingerprint in `text` the right one? */
};

struct ssh_prompt {
	uint64_t id;
	enum ssh_prompt_kind kind;
	const char *host; /* its name in the configuration */
	const char *text; /* harmless for a terminal; may have several lines */
	bool is_echoed;   /* may the answer be seen while it is typed? */
};

/*
 * One prompt at a time; the next comes after ssh_answer(). prompt is borrowed for the call. A
 * thread waits meanwhile, the loop does not.
 */
typedef void (*ssh_prompt_fn)(void *data, const struct ssh_prompt *prompt);

struct ssh_options {
	struct loop *loop;
	const struct host_config *hosts; /* copied */
	size_t host_count;
	const char *known_hosts; /* copied; NULL = ~/.ssh/known_hosts */
	const char *ssh_config;  /* of the ssh program; copied; NULL = its own */
	ssh_prompt_fn on_prompt; /* NULL: nobody can be asked; then what needs it is E_AUTH */
	/* The far side gave up while that one was asked, or it took too long; or NULL. */
	void (*on_prompt_gone)(void *data, uint64_t prompt_id);
	void *data;                 /* for both */
	struct command_log *log;    /* hears of each operation; NULL = none */
	int64_t connect_timeout_ms; /* a hop's connection and handshake, prompts not counted; 0 =
				       15,000 */
	int64_t keepalive_ms;       /* 0 = 15,000; a link silent for three of them is dead */
	int64_t idle_ms;            /* unused connections are closed after it; 0 = 10 min */
};

struct ssh_exec_options {
	const char *host;    /* its name; NULL, "local" = this machine; copied */
	const char *command; /* a line for sh, quoted by sh_quote(); copied */
	const void *input;   /* stdin, then its end; copied, wiped after; NULL = empty */
	size_t input_len;
	size_t cap_bytes; /* kept of each of stdout and stderr, the rest is read and dropped; 0 = 1
			     MiB */
	int64_t timeout_ms; /* from its start over there; 0 = none */
	/* Streams instead of keeping: stream 1 or 2, bytes borrowed for the call. NULL = keep. */
	void (*on_output)(void *data, int stream, const char *bytes, size_t len);
};

/*
 * A file to `host` or from it. What is written appears under its name only when it is whole: until
 * then it is "<path>.part" beside it, which `resume` goes on with when it is the beginning of the
 * same file. Verified: what lies over there has the checksum of what was sent. Missing folders of
 * remote_path are made (ssh_put).
 */
struct ssh_copy_options {
	const char *host;        /* NULL, "local" = this machine; copied */
	const char *local_path;  /* absolute; copied */
	const char *remote_path; /* absolute, or relative to the home folder there; copied */
	unsigned mode;           /* of a new file; 0 = 0600 */
	bool resume;
	int64_t timeout_ms; /* without a byte going through; 0 = 30,000 */
	/* At most ten times a second. */
	void (*on_progress)(void *data, int64_t done_bytes, int64_t total_bytes);
};

struct ssh_result {
	const char *host;
	int64_t bytes;         /* of a copy: the size of the file; those not sent again count too */
	char sha256[65];       /* of a copy: of the whole file; "" otherwise */
	struct buf *out, *err; /* may be taken with buf_detach() */
	bool is_cut;           /* more came than was kept */
	int exit_status;       /* -1 when it was ended by a signal, or is not known */
	const char *signal;    /* "TERM", "KILL", …; NULL = none */
};

/* result is never NULL, borrowed for the call. err NULL: the command ended, whatever its status. */
typedef void (*ssh_done_fn)(void *data, const struct ssh_result *result, const struct err *err);

int ssh_open(struct ssh **out, const struct ssh_options *options, struct err *err);
/* Kills what runs over there (waits for it 2 s at most), closes all; nothing is called any more.
 * NULL-safe. */
void ssh_close(struct ssh *ssh);

/* Is the connection to `host` there, as far as is known here? */
bool ssh_is_up(const struct ssh *ssh, const char *host);
/* Only connects; result is empty. Never NULL. */
struct ssh_op *ssh_connect(struct ssh *ssh, const char *host, ssh_done_fn done, void *data);
/*
 * Runs a command in a process group of its own. Never NULL. stdout before the command (the noise of
 * a login script) is dropped. ssh does not tell the signal that ended a command: on that way a
 * status above 128 is read as one, as shells write it.
 */
struct ssh_op *ssh_exec(
	struct ssh *ssh, const struct ssh_exec_options *options, ssh_done_fn done, void *data);
/* The command's process group gets SIGTERM, and SIGKILL after 3 s. NULL-safe; not after done. */
void ssh_cancel(struct ssh_op *op);
/*
 * Errors beside those above: E_NOTFOUND no such file or folder, here or there · E_DENIED no
 * permission · E_REMOTE no space left, and what else the far side says · E_PROTO the checksum differs
 * (nothing is left under the name) · E_INTERNAL the local file. A link that breaks is E_NET: a copy
 * may be repeated.
 * Never NULL; ended by ssh_cancel(), which leaves the ".part".
 */
struct ssh_op *ssh_put(
	struct ssh *ssh, const struct ssh_copy_options *options, ssh_done_fn done, void *data);
struct ssh_op *ssh_get(
	struct ssh *ssh, const struct ssh_copy_options *options, ssh_done_fn done, void *data);
/*
 * answer: copied and wiped; for a host key "yes"; NULL = not answered. An id that is not asked any
 * more (the far side gave up) is ignored.
 */
void ssh_answer(struct ssh *ssh, uint64_t prompt_id, const char *answer);
/* Forget what kept `host` from being tried again. */
void ssh_retry(struct ssh *ssh, const char *host);

#endif
